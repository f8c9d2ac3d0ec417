// A real server in the test's own process, on a free port.
//
//   testing::TestCalls calls;
//   CaseService service(&calls.adaptor(), …);
//   testing::TestServer server({&service});          // after what it serves: it stops first
//   auto stub = CaseService::NewStub(server.channel());
#ifndef ZHUQI_COMMON_TESTING_TEST_SERVER_H_
#define ZHUQI_COMMON_TESTING_TEST_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/identity/identity.h"
#include "common/rpc/call_adaptor.h"
#include "common/rpc/server.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "grpcpp/channel.h"

namespace zhuqi::testing {

// Takes everyone: the bearer token is the principal's id, "tester" when there is none; role "developer".
class PermissiveAuthenticator final : public identity::Authenticator {
 public:
  absl::StatusOr<identity::Principal> Authenticate(const identity::CallerCredentials& credentials) override;
  bool OnlyOnLoopback() const override { return true; }
};

// The adaptor a service under test is built with, and what stands behind it.
class TestCalls {
 public:
  TestCalls() : TestCalls(rpc::CallAdaptorOptions{}) {}
  // Pointers that are null are filled in.
  explicit TestCalls(rpc::CallAdaptorOptions options);

  rpc::CallAdaptor& adaptor() { return adaptor_; }
  telemetry::Metrics& metrics() { return metrics_; }

 private:
  rpc::CallAdaptorOptions Filled(rpc::CallAdaptorOptions options);

  PermissiveAuthenticator authenticator_;
  identity::DeveloperAuthorizer authorizer_;
  telemetry::Metrics metrics_{"test"};
  rpc::CallAdaptor adaptor_;
};

class TestServer {
 public:
  // Serves on 127.0.0.1 and says SERVING. Ends the test program with a message when it can not start.
  explicit TestServer(std::vector<grpc::Service*> services, rpc::ServerOptions options = {});
  // Stops with no grace: running calls are cancelled.
  ~TestServer();

  int port() const { return server_->port(); }
  std::string address() const;  // "127.0.0.1:<port>"
  // A channel without retries; each call to channel(token) makes a new one.
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }
  std::shared_ptr<grpc::Channel> channel(const std::string& token) const;
  rpc::Server& server() { return *server_; }

 private:
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace zhuqi::testing

#endif  // ZHUQI_COMMON_TESTING_TEST_SERVER_H_
