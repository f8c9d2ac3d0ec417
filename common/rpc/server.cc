#include "common/rpc/server.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/config/validation.h"
#include "common/rpc/health_service.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/impl/server_builder_plugin.h"
#include "grpcpp/impl/server_initializer.h"
#include "grpcpp/server_builder.h"

namespace zhuqi::rpc {
namespace {

// Above every answer: pages are cut far below, and an event of the feed is at most what a table's row takes.
constexpr int kMaxSentBytes = 32 << 20;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(std::min(duration, absl::Hours(24 * 20))));
}

// The plugins are global to the process and apply to the servers built afterwards.
void PrepareProcess(bool introspection) {
#ifdef NDEBUG
  // Debian builds abseil with its search for lock cycles, which costs every lock of gRPC's and ours some
  // time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  static std::once_flag health;
  std::call_once(health, [] { grpc::EnableDefaultHealthCheckService(false); });
  static std::once_flag plugins;
  if (introspection) {
    std::call_once(plugins, [] {
      grpc::reflection::InitProtoReflectionServerBuilderPlugin();
      grpc::channelz::experimental::InitChannelzService();
    });
  }
}

// Tells the health service which services the server has, once gRPC has registered them.
class HealthNames final : public grpc::ServerBuilderPlugin {
 public:
  explicit HealthNames(HealthService* health) : health_(health) {}
  std::string name() override { return "zhuqi_health_names"; }
  void InitServer(grpc::ServerInitializer* /*initializer*/) override {}
  void Finish(grpc::ServerInitializer* initializer) override {
    const std::vector<std::string>& names = *initializer->GetServiceList();
    health_->SetNames(std::set<std::string>(names.begin(), names.end()));
  }
  void ChangeArguments(const std::string& /*name*/, void* /*value*/) override {}

 private:
  HealthService* const health_;
};

class HealthNamesOption final : public grpc::ServerBuilderOption {
 public:
  explicit HealthNamesOption(HealthService* health) : health_(health) {}
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->push_back(std::make_unique<HealthNames>(health_));
  }

 private:
  HealthService* const health_;
};

void SetArguments(const ServerOptions& options, grpc::ServerBuilder* builder) {
  // Without this a second server binds the same port in silence.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              Milliseconds(options.min_client_ping_interval));
  if (options.max_connection_age != absl::InfiniteDuration()) {
    builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(options.max_connection_age));
    builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                                Milliseconds(options.max_connection_age_grace));
  }
  builder->SetMaxReceiveMessageSize(options.max_message_bytes);
  // Not the limit of what is received: an answer to what was committed must reach its caller, however long it
  // is.
  builder->SetMaxSendMessageSize(kMaxSentBytes);
}

absl::Status CanNotListen(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || absl::StartsWith(address, "unix:")) {
    return absl::UnavailableError(absl::StrCat("can not listen on ", address));
  }
  return absl::UnavailableError(
      absl::StrCat("port ", address.substr(colon + 1), " is taken (or ", address, " can not be bound)"));
}

}  // namespace

ServerOptions ServerOptionsFrom(const config::v1::ServerConfig& config) {
  config::v1::ServerConfig full = config;
  config::ApplyDefaults(&full);
  ServerOptions options;
  options.listen_address = full.listen_address();
  options.max_message_bytes = full.max_message_bytes();
  options.max_concurrent_streams = full.max_concurrent_streams();
  if (full.has_max_connection_age())
    options.max_connection_age = config::ToDuration(full.max_connection_age());
  options.keepalive_time = config::ToDuration(full.keepalive_time());
  options.keepalive_timeout = config::ToDuration(full.keepalive_timeout());
  options.introspection = !full.disable_introspection();
  options.drain_wait = config::ToDuration(full.drain_wait());
  return options;
}

Server::Server() : health_(std::make_unique<HealthService>()) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      std::vector<grpc::Service*> services) {
  if (options.listen_address.empty()) return absl::InvalidArgumentError("no listen address");
  PrepareProcess(options.introspection);
  auto server = absl::WrapUnique(new Server());
  server->options_ = options;
  grpc::ServerBuilder builder;
  SetArguments(options, &builder);
  builder.SetOption(std::make_unique<HealthNamesOption>(server->health_.get()));
  builder.RegisterService(server->health_.get());
  for (grpc::Service* service : services) builder.RegisterService(service);
  int port = 0;
  builder.AddListeningPort(options.listen_address, grpc::InsecureServerCredentials(), &port);
  server->server_ = builder.BuildAndStart();
  const bool on_port = !absl::StartsWith(options.listen_address, "unix:");
  if (server->server_ == nullptr || (on_port && port == 0)) return CanNotListen(options.listen_address);
  server->port_ = on_port ? port : 0;
  return server;
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

void Server::SetServing(bool serving) { health_->SetServing(serving); }

void Server::Drain() {
  if (drained_) return;
  drained_ = true;
  health_->SetServing(false);
  absl::SleepFor(options_.drain_wait);
}

void Server::Shutdown(absl::Duration grace) {
  if (server_ == nullptr) return;
  if (grace > absl::ZeroDuration()) Drain();
  health_->Stop();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  server_->Wait();
  server_.reset();
}

}  // namespace zhuqi::rpc
