// Builds the intake service from its configuration.
#ifndef ZHUQI_SERVICES_INTAKE_INTAKE_APP_H_
#define ZHUQI_SERVICES_INTAKE_INTAKE_APP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/service_runner.h"
#include "zhuqi/config/v1/intake.pb.h"

namespace zhuqi::intake {

// Connects to the database, checks its schema, loads the directory and builds all parts; nothing is served
// yet.
absl::StatusOr<std::unique_ptr<rpc::RunningService>> BuildIntake(const config::v1::IntakeConfig& config,
                                                                 rpc::ServiceEnvironment& environment);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_INTAKE_APP_H_
