// The service of the tests and of the benchmark of common/rpc.
#ifndef ZHUQI_COMMON_RPC_TESTING_ECHO_SERVICE_H_
#define ZHUQI_COMMON_RPC_TESTING_ECHO_SERVICE_H_

#include <functional>

#include "common/rpc/call_adaptor.h"
#include "common/rpc/testing/echo.grpc.pb.h"

namespace zhuqi::rpc::testing {

class EchoServiceImpl final : public v1::EchoService::CallbackService {
 public:
  using EchoHandler =
      std::function<Task<absl::StatusOr<v1::EchoResponse>>(CallContext&, const v1::EchoRequest&)>;
  using RepeatHandler = std::function<Task<absl::Status>(CallContext&, const v1::RepeatRequest&,
                                                         ServerWriter<v1::RepeatResponse>&)>;
  using Conversation = BidirectionalStream<v1::ConverseRequest, v1::ConverseResponse>;
  using ConverseHandler = std::function<Task<absl::Status>(CallContext&, Conversation&)>;

  explicit EchoServiceImpl(CallAdaptor* adaptor) : adaptor_(adaptor) {}

  EchoHandler on_echo;
  RepeatHandler on_repeat;
  ConverseHandler on_converse;

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const v1::EchoRequest* request,
                                 v1::EchoResponse* response) override {
    return adaptor_->Unary(context, request, response,
                           [this](CallContext& call, const v1::EchoRequest& r) { return on_echo(call, r); });
  }

  grpc::ServerWriteReactor<v1::RepeatResponse>* Repeat(grpc::CallbackServerContext* context,
                                                       const v1::RepeatRequest* request) override {
    return adaptor_->ServerStreaming<v1::RepeatResponse>(
        context, request,
        [this](CallContext& call, const v1::RepeatRequest& r, ServerWriter<v1::RepeatResponse>& writer) {
          return on_repeat(call, r, writer);
        });
  }

  grpc::ServerBidiReactor<v1::ConverseRequest, v1::ConverseResponse>* Converse(
      grpc::CallbackServerContext* context) override {
    return adaptor_->Bidirectional<v1::ConverseRequest, v1::ConverseResponse>(
        context, [this](CallContext& call, Conversation& stream) { return on_converse(call, stream); });
  }

 private:
  CallAdaptor* const adaptor_;
};

}  // namespace zhuqi::rpc::testing

#endif  // ZHUQI_COMMON_RPC_TESTING_ECHO_SERVICE_H_
