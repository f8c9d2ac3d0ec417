// Builds the routing service from its configuration.
#ifndef ZHUQI_SERVICES_ROUTING_ROUTING_APP_H_
#define ZHUQI_SERVICES_ROUTING_ROUTING_APP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/service_runner.h"
#include "zhuqi/config/v1/routing.pb.h"

namespace zhuqi::routing {

// Connects to the database, checks its schema, loads directory and catalogue, builds all parts and begins to
// follow intake, which may still be away. FAILED_PRECONDITION when the schema or the number of partitions
// does not fit.
absl::StatusOr<std::unique_ptr<rpc::RunningService>> BuildRouting(const config::v1::RoutingConfig& config,
                                                                  rpc::ServiceEnvironment& environment);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_ROUTING_APP_H_
