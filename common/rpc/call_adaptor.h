// Between gRPC's callback reactors and the handlers of this code base. One shape for every method:
//
//   Task<absl::StatusOr<GetCaseResponse>> Get(CallContext& call, const GetCaseRequest& request);
//
// bound_service.h binds it to its method; by hand, it is run so:
//
//   return adaptor_->Unary(context, request, response, [this](CallContext& call, const GetCaseRequest& r) {
//     return Get(call, r);
//   });
//
// The adaptor asks who calls (UNAUTHENTICATED) and whether they may (PERMISSION_DENIED), bounds what runs at
// once (RESOURCE_EXHAUSTED with RetryInfo), refuses a call whose deadline has passed, turns exceptions into
// INTERNAL with an incident id, maps errors with all details, counts and logs. Handlers never block; they may
// be resumed on any thread. A handler that ends while its caller has gone is still counted.
#ifndef ZHUQI_COMMON_RPC_CALL_ADAPTOR_H_
#define ZHUQI_COMMON_RPC_CALL_ADAPTOR_H_

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/task.h"
#include "common/identity/identity.h"
#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace zhuqi::rpc {

// All pointers are required and must outlive the adaptor.
struct CallAdaptorOptions {
  identity::Authenticator* authenticator = nullptr;
  identity::Authorizer* authorizer = nullptr;
  telemetry::Metrics* metrics = nullptr;
  telemetry::Logger* logger = nullptr;
  int max_calls_in_flight = 4096;  // unary
  int max_open_streams = 1024;
  absl::Duration default_deadline = absl::Seconds(60);  // of unary calls that bring none
  absl::Duration overload_retry_after = absl::Milliseconds(200);
};

namespace call_internal {
struct MethodState;
class Call;
const std::string& MethodName(const google::protobuf::Descriptor* request,
                              const google::protobuf::Descriptor* response);
template <class Request, class Response, class Handler>
class UnaryCall;
template <class Request, class Response, class Handler>
class ServerStreamingCall;
template <class Request, class Response, class Handler>
class BidirectionalCall;
}  // namespace call_internal

// Thread-safe. Must outlive the server.
class CallAdaptor {
 public:
  explicit CallAdaptor(const CallAdaptorOptions& options);
  ~CallAdaptor();
  CallAdaptor(const CallAdaptor&) = delete;
  CallAdaptor& operator=(const CallAdaptor&) = delete;

  // `handler`: Task<absl::StatusOr<Response>>(CallContext&, const Request&). `method` is the full name
  // "/package.Service/Method"; empty: found from the message types, which belong to one method each.
  template <class Request, class Response, class Handler>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response, Handler handler, absl::string_view method = {});

  // For methods that are marked raw because their answers are at hand as bytes, and making messages of them
  // would cost more than all the rest. `handler`: Task<absl::StatusOr<grpc::ByteBuffer>>(CallContext&, const
  // Request&). INVALID_ARGUMENT REQUEST_UNREADABLE for bytes that are no Request.
  template <class Request, class Handler>
  grpc::ServerUnaryReactor* UnaryBytes(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response, Handler handler, absl::string_view method);

  // `handler`: Task<absl::Status>(CallContext&, const Request&, ServerWriter<Response>&).
  template <class Response, class Request, class Handler>
  grpc::ServerWriteReactor<Response>* ServerStreaming(grpc::CallbackServerContext* context,
                                                      const Request* request, Handler handler,
                                                      absl::string_view method = {});

  // `handler`: Task<absl::Status>(CallContext&, BidirectionalStream<Request, Response>&).
  template <class Request, class Response, class Handler>
  grpc::ServerBidiReactor<Request, Response>* Bidirectional(grpc::CallbackServerContext* context,
                                                            Handler handler, absl::string_view method = {});

  // Calls and streams whose handlers run now.
  int calls_in_flight() const { return calls_in_flight_.load(std::memory_order_relaxed); }
  int open_streams() const { return open_streams_.load(std::memory_order_relaxed); }

 private:
  friend class call_internal::Call;
  call_internal::MethodState* FindMethod(absl::string_view method);

  const CallAdaptorOptions options_;
  std::atomic<int> calls_in_flight_{0};
  std::atomic<int> open_streams_{0};
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<call_internal::MethodState>> methods_
      ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<telemetry::Metrics::CallbackRegistration> calls_gauge_;
  std::shared_ptr<telemetry::Metrics::CallbackRegistration> streams_gauge_;
};

}  // namespace zhuqi::rpc

#include "common/rpc/call_adaptor_internal.h"

#endif  // ZHUQI_COMMON_RPC_CALL_ADAPTOR_H_
