// A service whose handlers begin when what their caller wrote can be read here.
#ifndef ZHUQI_COMMON_FEED_TOKEN_SERVICE_H_
#define ZHUQI_COMMON_FEED_TOKEN_SERVICE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/task.h"
#include "common/feed/positions.h"
#include "common/rpc/bound_service.h"

namespace zhuqi::feed {

// As rpc::BoundService. A unary handler whose request has an at_least_token is called once that is reached;
// when it is not, the call ends with what Positions::WaitFor says.
template <class Service>
class TokenService : public rpc::BoundService<Service> {
 protected:
  // Both must outlive the server.
  TokenService(rpc::CallAdaptor& adaptor, Positions& positions)
      : rpc::BoundService<Service>(adaptor), positions_(positions) {}

  template <class Server, class... Handlers>
  void Bind(Server* server, Handlers... handlers) {
    (BindOne(server, handlers), ...);
  }

 private:
  template <class Server, class Request, class Response>
  using Handler = Task<absl::StatusOr<Response>> (Server::*)(rpc::CallContext&, const Request&);

  template <class Server, class Request, class Response>
  void BindOne(Server* server,
               Task<absl::StatusOr<Response>> (Server::*handler)(rpc::CallContext&, const Request&)) {
    if constexpr (requires(const Request& request) { request.at_least_token(); }) {
      this->template BindUnary<Request, Response>(
          [this, server, handler](rpc::CallContext& call, const Request& request) {
            return AfterToken<Server, Request, Response>(server, handler, call, request);
          });
    } else {
      rpc::BoundService<Service>::Bind(server, handler);
    }
  }

  // Streams, which have no token to wait for at their beginning.
  template <class Server, class Stream>
  void BindOne(Server* server, Stream handler) {
    rpc::BoundService<Service>::Bind(server, handler);
  }

  template <class Server, class Request, class Response>
  Task<absl::StatusOr<Response>> AfterToken(Server* server, Handler<Server, Request, Response> handler,
                                            rpc::CallContext& call, const Request& request) {
    auto wait = positions_.WaitFor(request.at_least_token(), call.deadline, call.cancellation);
    const absl::Status reached = co_await wait;
    if (!reached.ok()) co_return reached;
    auto handle = (server->*handler)(call, request);
    absl::StatusOr<Response> response = co_await handle;
    co_return response;
  }

  Positions& positions_;
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_TOKEN_SERVICE_H_
