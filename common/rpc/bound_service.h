// A service of gRPC whose methods are answered by coroutines, each named once:
//
//   class CaseServer final : public rpc::BoundService<v1::CaseService> {
//    public:
//     explicit CaseServer(CaseServiceParts parts) : BoundService(*parts.adaptor), parts_(parts) {
//       Bind(this, &CaseServer::Get, &CaseServer::Act);
//     }
//
//    private:
//     Task<absl::StatusOr<v1::GetCaseResponse>> Get(CallContext& call, const v1::GetCaseRequest& request);
//
// Which method a coroutine answers follows from its messages, which belong to one method each. A method that
// nothing is bound to is UNIMPLEMENTED.
#ifndef ZHUQI_COMMON_RPC_BOUND_SERVICE_H_
#define ZHUQI_COMMON_RPC_BOUND_SERVICE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/task.h"
#include "common/rpc/call_adaptor.h"
#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"

namespace zhuqi::rpc {

namespace call_internal {
struct BoundMethod {
  int index = 0;     // within its service
  std::string name;  // "/package.Service/Method"
};
// The method of `service` that has these messages. Ends the program when there is none: no call could ever
// be answered.
BoundMethod FindBoundMethod(const char* service, const google::protobuf::Descriptor* request,
                            const google::protobuf::Descriptor* response);
}  // namespace call_internal

// `Service`: the class that gRPC makes of a service. `Base`: what of it is derived from; another one for
// methods that are marked raw, which are overridden as gRPC has it.
template <class Service, class Base = typename Service::CallbackService>
class BoundService : public Base {
 protected:
  // `adaptor` must outlive the server.
  explicit BoundService(CallAdaptor& adaptor) : adaptor_(adaptor) {}

  // The handlers are members of `server`, which is this object as what it is.
  template <class Server, class... Handlers>
  void Bind(Server* server, Handlers... handlers) {
    (BindMember(server, handlers), ...);
  }

  // `handler`: Task<absl::StatusOr<Response>>(CallContext&, const Request&), for methods whose handlers are
  // made of something that they have in common.
  template <class Request, class Response, class Handler>
  void BindUnary(Handler handler) {
    const Method method = Find<Request, Response>();
    this->MarkMethodCallback(
        method.index, new grpc::internal::CallbackUnaryHandler<Request, Response>(
                          [this, handler, name = method.name](grpc::CallbackServerContext* context,
                                                              const Request* request, Response* response) {
                            return adaptor_.Unary(context, request, response, handler, name);
                          }));
  }

 private:
  using Method = call_internal::BoundMethod;

  template <class Request, class Response>
  static Method Find() {
    return call_internal::FindBoundMethod(Service::service_full_name(), Request::descriptor(),
                                          Response::descriptor());
  }

  template <class Server, class Request, class Response>
  void BindMember(Server* server,
                  Task<absl::StatusOr<Response>> (Server::*handler)(CallContext&, const Request&)) {
    BindUnary<Request, Response>([server, handler](CallContext& call, const Request& request) {
      return (server->*handler)(call, request);
    });
  }

  template <class Server, class Request, class Response>
  void BindMember(Server* server, Task<absl::Status> (Server::*handler)(CallContext&, const Request&,
                                                                        ServerWriter<Response>&)) {
    const Method method = Find<Request, Response>();
    const auto handle = [server, handler](CallContext& call, const Request& request,
                                          ServerWriter<Response>& writer) {
      return (server->*handler)(call, request, writer);
    };
    this->MarkMethodCallback(
        method.index,
        new grpc::internal::CallbackServerStreamingHandler<Request, Response>(
            [this, handle, name = method.name](grpc::CallbackServerContext* context, const Request* request) {
              return adaptor_.template ServerStreaming<Response>(context, request, handle, name);
            }));
  }

  template <class Server, class Request, class Response>
  void BindMember(Server* server,
                  Task<absl::Status> (Server::*handler)(CallContext&,
                                                        BidirectionalStream<Request, Response>&)) {
    const Method method = Find<Request, Response>();
    const auto handle = [server, handler](CallContext& call, BidirectionalStream<Request, Response>& stream) {
      return (server->*handler)(call, stream);
    };
    this->MarkMethodCallback(
        method.index, new grpc::internal::CallbackBidiHandler<Request, Response>(
                          [this, handle, name = method.name](grpc::CallbackServerContext* context) {
                            return adaptor_.template Bidirectional<Request, Response>(context, handle, name);
                          }));
  }

  CallAdaptor& adaptor_;
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_BOUND_SERVICE_H_
