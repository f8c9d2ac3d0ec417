// Builds the reporting service from its configuration.
#ifndef ZHUQI_SERVICES_REPORTING_REPORTING_APP_H_
#define ZHUQI_SERVICES_REPORTING_REPORTING_APP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/service_runner.h"
#include "zhuqi/config/v1/reporting.pb.h"

namespace zhuqi::reporting {

// Connects to the database, checks its schema, loads the checkpoint, begins to follow intake and routing, and
// waits a while until it has what they have; an owner that is away holds it up no longer than that.
// FAILED_PRECONDITION when the schema does not fit.
absl::StatusOr<std::unique_ptr<rpc::RunningService>> BuildReporting(const config::v1::ReportingConfig& config,
                                                                    rpc::ServiceEnvironment& environment);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_REPORTING_APP_H_
