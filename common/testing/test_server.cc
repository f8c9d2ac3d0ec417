#include "common/testing/test_server.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"

namespace zhuqi::testing {

absl::StatusOr<identity::Principal> PermissiveAuthenticator::Authenticate(
    const identity::CallerCredentials& credentials) {
  const std::string id = credentials.bearer_token.empty() ? "tester" : std::string(credentials.bearer_token);
  return identity::Principal{id, id, {"developer"}};
}

TestCalls::TestCalls(rpc::CallAdaptorOptions options) : adaptor_(Filled(options)) {}

rpc::CallAdaptorOptions TestCalls::Filled(rpc::CallAdaptorOptions options) {
  if (options.authenticator == nullptr) options.authenticator = &authenticator_;
  if (options.authorizer == nullptr) options.authorizer = &authorizer_;
  if (options.metrics == nullptr) options.metrics = &metrics_;
  if (options.logger == nullptr) options.logger = &telemetry::Logger::Null();
  return options;
}

TestServer::TestServer(std::vector<grpc::Service*> services, rpc::ServerOptions options) {
  if (options.listen_address.empty()) options.listen_address = "127.0.0.1:0";
  auto server = rpc::Server::Start(options, std::move(services));
  if (!server.ok()) {
    std::fprintf(stderr, "test server: %s\n", server.status().ToString().c_str());
    std::abort();
  }
  server_ = *std::move(server);
  server_->SetServing(true);
  channel_ = channel("");
}

TestServer::~TestServer() { server_->Shutdown(absl::ZeroDuration()); }

std::string TestServer::address() const { return absl::StrCat("127.0.0.1:", port()); }

std::shared_ptr<grpc::Channel> TestServer::channel(const std::string& token) const {
  rpc::ChannelOptions options;
  options.address = address();
  options.token = token;
  options.max_attempts = 1;
  return rpc::MakeChannel(options);
}

}  // namespace zhuqi::testing
