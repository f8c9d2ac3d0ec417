// Checks what a caller wants of a task force, before anything is read. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_CHECK_H_
#define ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_CHECK_H_

#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/routing/v1/task_force_service.pb.h"

namespace zhuqi::routing {

// Each brings texts and UUIDs of the request to their stored form and adds all that is wrong with it as such,
// by full field path. The identity of the call is not looked at.
void CheckSetUp(v1::SetUpTaskForceRequest& request, const Directory& directory, absl::Time now,
                rpc::Violations& violations);
void CheckTaskForceRequest(v1::ActOnTaskForceRequest& request, const Directory& directory, absl::Time now,
                           rpc::Violations& violations);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_CHECK_H_
