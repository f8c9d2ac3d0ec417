#include "common/rpc/service_runner.h"

#include <cstdlib>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/notification.h"
#include "common/base/status_macros.h"
#include "common/config/validation.h"
#include "common/identity/developer_token.h"

namespace zhuqi::rpc {
namespace {

// Ends the process when the orderly stop does not end: a handler that hangs must not keep a broken process
// alive.
class StopWatchdog {
 public:
  StopWatchdog(absl::Duration patience, telemetry::Logger* log, const CallAdaptor* adaptor)
      : thread_([this, patience, log, adaptor] {
          if (stopped_.WaitForNotificationWithTimeout(patience)) return;
          log->Error(
              "the orderly stop hangs; ending the process",
              {{"calls_in_flight", adaptor->calls_in_flight()}, {"open_streams", adaptor->open_streams()}});
          std::_Exit(1);
        }) {}
  ~StopWatchdog() {
    stopped_.Notify();
    thread_.join();
  }

 private:
  absl::Notification stopped_;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<identity::Authenticator>> MakeAuthenticator(
    const config::v1::ServerConfig& config) {
  std::unique_ptr<identity::Authenticator> authenticator;
  if (!config.developer_token_file().empty()) {
    ZHUQI_ASSIGN_OR_RETURN(authenticator,
                           identity::DeveloperTokenAuthenticator::FromFile(config.developer_token_file()));
  }
  ZHUQI_RETURN_IF_ERROR(identity::CheckExposure(authenticator.get(), config.listen_address()));
  return authenticator;
}

CallAdaptorOptions AdaptorOptionsFrom(const config::v1::ServerConfig& config) {
  CallAdaptorOptions options;
  options.max_calls_in_flight = config.max_calls_in_flight();
  options.max_open_streams = config.max_open_streams();
  options.default_deadline = config::ToDuration(config.default_deadline());
  return options;
}

// The process without its log: what may fail is here.
absl::Status Run(const std::string& name, const config::v1::ServerConfig& config, const ServiceBuilder& build,
                 telemetry::Logger& log) {
  ZHUQI_ASSIGN_OR_RETURN(const auto authenticator, MakeAuthenticator(config));
  identity::DeveloperAuthorizer authorizer;
  telemetry::Metrics metrics(name);
  if (!config.metrics_address().empty()) ZHUQI_RETURN_IF_ERROR(metrics.Expose(config.metrics_address()));

  CallAdaptorOptions options = AdaptorOptionsFrom(config);
  options.authenticator = authenticator.get();
  options.authorizer = &authorizer;
  options.metrics = &metrics;
  options.logger = &log;
  CallAdaptor adaptor(options);
  Timer timer;
  ServiceEnvironment environment{log, metrics, timer, adaptor};
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<RunningService> service, build(environment));
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<Server> server,
                         Server::Start(ServerOptionsFrom(config), service->services()));
  server->SetServing(true);
  log.Info("serving", {{"listen_address", config.listen_address()},
                       {"port", server->port()},
                       {"metrics_port", metrics.port()},
                       {"version", config::Version()}});

  const int signal = WaitForStopSignal();
  log.Info("stopping", {{"signal", signal},
                        {"calls_in_flight", adaptor.calls_in_flight()},
                        {"open_streams", adaptor.open_streams()}});
  const absl::Duration grace = config::ToDuration(config.shutdown_grace());
  const absl::Duration drain = config::ToDuration(config.drain_wait());
  const StopWatchdog watchdog(drain + grace + absl::Seconds(20), &log, &adaptor);
  server->Drain();
  service->StopTakingWork();
  server->Shutdown(grace);
  timer.Stop();
  service->Close();
  log.Info("stopped");
  return absl::OkStatus();
}

}  // namespace

int RunService(const std::string& name, const config::v1::ServerConfig& config, const std::string& log_level,
               const ServiceBuilder& build) {
  config::v1::ServerConfig full = config;
  config::ApplyDefaults(&full);
  telemetry::Logger log(name, telemetry::ParseLogLevel(log_level.empty() ? full.log_level() : log_level));
  const absl::Status status = Run(name, full, build, log);
  if (status.ok()) return 0;
  log.Error("can not start", {{"status", status}});
  return 1;
}

}  // namespace zhuqi::rpc
