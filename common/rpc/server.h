// The one place that builds a gRPC server.
#ifndef ZHUQI_COMMON_RPC_SERVER_H_
#define ZHUQI_COMMON_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "zhuqi/config/v1/server.pb.h"

namespace zhuqi::rpc {

class HealthService;

struct ServerOptions {
  std::string listen_address;                                    // "127.0.0.1:7401"; port 0 takes a free one
  int max_message_bytes = 4 * 1024 * 1024;                       // of one received message
  int max_concurrent_streams = 1000;                             // calls at once on one connection
  absl::Duration max_connection_age = absl::InfiniteDuration();  // infinite: connections stay
  absl::Duration max_connection_age_grace =
      absl::Minutes(5);                               // what calls get to end once the age is reached
  absl::Duration keepalive_time = absl::Seconds(30);  // silence before the server pings
  absl::Duration keepalive_timeout = absl::Seconds(10);
  // The shortest time between pings a client may send; MakeChannel's keepalive is longer.
  absl::Duration min_client_ping_interval = absl::Seconds(10);
  bool introspection = true;                         // reflection and channelz
  absl::Duration drain_wait = absl::ZeroDuration();  // NOT_SERVING to shutdown, for balancers to notice
};

ServerOptions ServerOptionsFrom(const config::v1::ServerConfig& config);

// A running server. It answers health checks NOT_SERVING until SetServing(true).
class Server {
 public:
  // UNAVAILABLE "port 7401 is taken" when it is; INVALID_ARGUMENT when the address can not be bound
  // otherwise. The services must outlive the server. One of a kind only.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       std::vector<grpc::Service*> services);
  // Shutdown with no grace.
  ~Server();

  int port() const { return port_; }
  // What health checks say of the whole server and of each of its services.
  void SetServing(bool serving);

  // Health says NOT_SERVING, then waits options.drain_wait, so that balancers stop sending. Once.
  void Drain();

  // Drain unless it was done (no wait when `grace` is zero), refuses new calls, gives running ones `grace`,
  // then cancels them and waits for their handlers: a handler that does not heed cancellation holds this up.
  // Idempotent.
  void Shutdown(absl::Duration grace);

 private:
  Server();
  ServerOptions options_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  bool drained_ = false;
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_SERVER_H_
