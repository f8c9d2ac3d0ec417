// The life of a service process, the same for all: flags, configuration, log, metrics, parts, server, signal,
// and the stop in the right order. A main.cc names its configuration and how to build its parts:
//
//   int main(int argc, char** argv) {
//     return zhuqi::rpc::RunServiceMain<zhuqi::config::v1::IntakeConfig>(argc, argv, "intake", &BuildIntake);
//   }
//   absl::StatusOr<std::unique_ptr<zhuqi::rpc::RunningService>> BuildIntake(const IntakeConfig& config,
//                                                                            zhuqi::rpc::ServiceEnvironment&
//                                                                            environment);
#ifndef ZHUQI_COMMON_RPC_SERVICE_RUNNER_H_
#define ZHUQI_COMMON_RPC_SERVICE_RUNNER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/service_flags.h"
#include "common/rpc/call_adaptor.h"
#include "common/rpc/server.h"
#include "common/rpc/signals.h"
#include "common/rpc/timer.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"

namespace zhuqi::rpc {

// What every service is built from. Outlives the service.
struct ServiceEnvironment {
  telemetry::Logger& log;
  telemetry::Metrics& metrics;
  Timer& timer;
  CallAdaptor& adaptor;
};

// The parts of one service, built and with its database and schema checked.
class RunningService {
 public:
  // Releases everything; called after Close, when no call runs any more.
  virtual ~RunningService() = default;
  // What the server serves. Valid until destruction.
  virtual std::vector<grpc::Service*> services() = 0;
  // Called when health already says NOT_SERVING and before calls are cancelled: stop followers and background
  // work, end waiting streams. Must not wait for calls.
  virtual void StopTakingWork() {}
  // Called when all calls have ended: write what is pending, close pools.
  virtual void Close() {}
};

using ServiceBuilder = std::function<absl::StatusOr<std::unique_ptr<RunningService>>(ServiceEnvironment&)>;

// Runs until SIGTERM or SIGINT. The exit code: 0 after an orderly stop, 1 when it could not start. Signals
// must be blocked already. `log_level` empty: that of `config`.
int RunService(const std::string& name, const config::v1::ServerConfig& config, const std::string& log_level,
               const ServiceBuilder& build);

// Everything from main's arguments on.
template <class Config, class Builder>
int RunServiceMain(int argc, const char* const* argv, const std::string& name, Builder build) {
  BlockStopSignals();
  Config config;
  if (std::optional<int> code = config::ConfigFromCommandLine(argc, argv, "zhuqi-" + name, &config))
    return *code;
  return RunService(name, config.server(), config.log_level(),
                    [&](ServiceEnvironment& environment) { return build(config, environment); });
}

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_SERVICE_RUNNER_H_
