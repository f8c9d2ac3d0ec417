// The templates behind CallAdaptor. Included by call_adaptor.h only.
#ifndef ZHUQI_COMMON_RPC_CALL_ADAPTOR_INTERNAL_H_
#define ZHUQI_COMMON_RPC_CALL_ADAPTOR_INTERNAL_H_

#include <atomic>

#include "common/rpc/call_adaptor.h"
#include "common/rpc/errors.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace zhuqi::rpc::call_internal {

// What all kinds of calls have in common: who calls, admission, the end. Begin is called once, then, whatever
// it returned, one of End and Failed, once.
class Call {
 public:
  enum class Kind { kUnary, kStream };

  Call(CallAdaptor* adaptor, grpc::CallbackServerContext* server_context, absl::string_view method,
       Kind kind);

  // Not OK: the handler must not run. `request` is null when the client streams.
  absl::Status Begin(const google::protobuf::Message* request);
  // For each message of a client that streams.
  absl::Status CheckMessage(const google::protobuf::Message& message);

  // Counts, logs, and says what to answer.
  grpc::Status End(const absl::Status& status);
  // As End, for a handler that threw.
  grpc::Status Failed(std::exception_ptr exception);

  CallContext context;

 private:
  absl::Status Identify();
  absl::Status Admit();
  absl::Status CheckDeadline();
  void Record(const absl::Status& status);

  CallAdaptor* const adaptor_;
  grpc::CallbackServerContext* const server_context_;
  MethodState* const method_;
  const Kind kind_;
  bool admitted_ = false;
  const absl::Time started_;
};

template <class Request, class Response, class Handler>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(CallAdaptor* adaptor, grpc::CallbackServerContext* server_context, absl::string_view method,
            const Request* request, Response* response, Handler handler)
      : call_(adaptor, server_context, method, Call::Kind::kUnary),
        request_(request),
        response_(response),
        handler_(std::move(handler)) {}

  void Start() {
    if (absl::Status status = call_.Begin(request_); !status.ok()) {
      Answer(call_.End(status));
      return;
    }
    try {
      Spawn(handler_(call_.context, *request_),
            [this](std::optional<absl::StatusOr<Response>> result, std::exception_ptr exception) {
              Complete(std::move(result), exception);
            });
    } catch (...) {
      // The handler threw before it became a task.
      Answer(call_.Failed(std::current_exception()));
    }
  }

  // Once there is an answer, nothing is left to do but to delete this: gRPC may do that where it is instead
  // of handing it to a thread of its own, which costs each call two changes of thread. Until then OnCancel
  // may resume a handler, and that must not happen where gRPC holds locks.
  bool InternalInlineable() override { return answered_.load(std::memory_order_relaxed); }
  void OnCancel() override { call_.context.cancellation.Cancel(); }
  void OnDone() override { delete this; }

 private:
  // Nothing of this object may be touched after Answer.
  void Complete(std::optional<absl::StatusOr<Response>> result, std::exception_ptr exception) {
    if (exception != nullptr) {
      Answer(call_.Failed(exception));
      return;
    }
    const absl::Status status = result->status();
    if (status.ok()) *response_ = **std::move(result);
    Answer(call_.End(status));
  }

  void Answer(const grpc::Status& status) {
    answered_.store(true, std::memory_order_relaxed);
    Finish(status);
  }

  Call call_;
  const Request* const request_;
  Response* const response_;
  Handler handler_;  // kept for the call: its captures are the handler's
  std::atomic<bool> answered_{false};
};

template <class Request, class Response, class Handler>
class ServerStreamingCall final : public grpc::ServerWriteReactor<Response>, private ServerWriter<Response> {
 public:
  ServerStreamingCall(CallAdaptor* adaptor, grpc::CallbackServerContext* server_context,
                      absl::string_view method, const Request* request, Handler handler)
      : call_(adaptor, server_context, method, Call::Kind::kStream),
        request_(request),
        handler_(std::move(handler)) {}

  void Start() {
    if (absl::Status status = call_.Begin(request_); !status.ok()) {
      this->Finish(call_.End(status));
      return;
    }
    try {
      Spawn(handler_(call_.context, *request_, static_cast<ServerWriter<Response>&>(*this)),
            [this](std::optional<absl::Status> result, std::exception_ptr exception) {
              this->Finish(exception != nullptr ? call_.Failed(exception) : call_.End(*result));
            });
    } catch (...) {
      this->Finish(call_.Failed(std::current_exception()));
    }
  }

  void OnWriteDone(bool ok) override {
    // gRPC's own notice may come later; the handler is not to see the one without the other.
    if (!ok) call_.context.cancellation.Cancel();
    this->CompleteWrite(ok);
  }
  void OnCancel() override { call_.context.cancellation.Cancel(); }
  void OnDone() override { delete this; }

 private:
  void StartWriting(const Response& response) override { this->StartWrite(&response); }

  Call call_;
  const Request* const request_;
  Handler handler_;
};

template <class Request, class Response, class Handler>
class BidirectionalCall final : public grpc::ServerBidiReactor<Request, Response>,
                                private BidirectionalStream<Request, Response> {
 public:
  BidirectionalCall(CallAdaptor* adaptor, grpc::CallbackServerContext* server_context,
                    absl::string_view method, Handler handler)
      : call_(adaptor, server_context, method, Call::Kind::kStream), handler_(std::move(handler)) {}

  void Start() {
    if (absl::Status status = call_.Begin(nullptr); !status.ok()) {
      this->Finish(call_.End(status));
      return;
    }
    try {
      Spawn(handler_(call_.context, static_cast<BidirectionalStream<Request, Response>&>(*this)),
            [this](std::optional<absl::Status> result, std::exception_ptr exception) {
              Complete(std::move(result), exception);
            });
    } catch (...) {
      this->Finish(call_.Failed(std::current_exception()));
    }
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      if (absl::Status status = call_.CheckMessage(*reading_); !status.ok()) {
        refusal_ = std::move(status);
        ok = false;
      }
    }
    this->CompleteRead(ok);
  }
  void OnWriteDone(bool ok) override {
    // gRPC's own notice may come later; the handler is not to see the one without the other.
    if (!ok) call_.context.cancellation.Cancel();
    this->CompleteWrite(ok);
  }
  void OnCancel() override { call_.context.cancellation.Cancel(); }
  void OnDone() override { delete this; }

 private:
  void StartReading(Request* request) override {
    reading_ = request;
    this->StartRead(request);
  }
  void StartWriting(const Response& response) override { this->StartWrite(&response); }

  void Complete(std::optional<absl::Status> result, std::exception_ptr exception) {
    if (exception != nullptr) {
      this->Finish(call_.Failed(exception));
    } else {
      this->Finish(call_.End(refusal_.ok() ? *result : refusal_));
    }
  }

  Call call_;
  Handler handler_;
  Request* reading_ = nullptr;
  absl::Status refusal_;
};

// The request of a raw method, for as long as its handler may look at it.
template <class Request, class Handler>
class ReadingHandler {
 public:
  ReadingHandler(const grpc::ByteBuffer& bytes, Handler handler)
      : request_(std::make_unique<Request>()), handler_(std::move(handler)) {
    grpc::ByteBuffer copy(bytes);  // of the reference; reading takes it apart
    readable_ = grpc::SerializationTraits<Request>::Deserialize(&copy, request_.get()).ok();
  }

  const Request* request() const { return request_.get(); }

  Task<absl::StatusOr<grpc::ByteBuffer>> operator()(CallContext& call, const Request& request) {
    return readable_ ? handler_(call, request) : Refuse();
  }

 private:
  static Task<absl::StatusOr<grpc::ByteBuffer>> Refuse() {
    co_return Error(absl::StatusCode::kInvalidArgument, "REQUEST_UNREADABLE",
                    "the request is not the message that this method takes", "请求内容无法解析");
  }

  std::unique_ptr<Request> request_;
  Handler handler_;
  bool readable_ = false;
};

// "/package.Service/Method" of the method with these messages, found once.
template <class Request, class Response>
absl::string_view MethodOf(absl::string_view given) {
  if (!given.empty()) return given;
  static const std::string& name = MethodName(Request::descriptor(), Response::descriptor());
  return name;
}

}  // namespace zhuqi::rpc::call_internal

namespace zhuqi::rpc {

template <class Request, class Response, class Handler>
grpc::ServerUnaryReactor* CallAdaptor::Unary(grpc::CallbackServerContext* context, const Request* request,
                                             Response* response, Handler handler, absl::string_view method) {
  auto* call = new call_internal::UnaryCall<Request, Response, Handler>(
      this, context, call_internal::MethodOf<Request, Response>(method), request, response,
      std::move(handler));
  call->Start();
  return call;
}

template <class Request, class Handler>
grpc::ServerUnaryReactor* CallAdaptor::UnaryBytes(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                                  Handler handler, absl::string_view method) {
  using Reading = call_internal::ReadingHandler<Request, Handler>;
  Reading reading(*request, std::move(handler));
  const Request* const message = reading.request();
  auto* call = new call_internal::UnaryCall<Request, grpc::ByteBuffer, Reading>(
      this, context, method, message, response, std::move(reading));
  call->Start();
  return call;
}

template <class Response, class Request, class Handler>
grpc::ServerWriteReactor<Response>* CallAdaptor::ServerStreaming(grpc::CallbackServerContext* context,
                                                                 const Request* request, Handler handler,
                                                                 absl::string_view method) {
  auto* call = new call_internal::ServerStreamingCall<Request, Response, Handler>(
      this, context, call_internal::MethodOf<Request, Response>(method), request, std::move(handler));
  call->Start();
  return call;
}

template <class Request, class Response, class Handler>
grpc::ServerBidiReactor<Request, Response>* CallAdaptor::Bidirectional(grpc::CallbackServerContext* context,
                                                                       Handler handler,
                                                                       absl::string_view method) {
  auto* call = new call_internal::BidirectionalCall<Request, Response, Handler>(
      this, context, call_internal::MethodOf<Request, Response>(method), std::move(handler));
  call->Start();
  return call;
}

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_CALL_ADAPTOR_INTERNAL_H_
