// What can be done to a task force in which state, and who may do it: one table. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_TABLE_H_
#define ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/task_force.pb.h"

namespace zhuqi::routing {

// What a department is to a task force. Bits of a set.
enum TaskForceParty : unsigned {
  kForceNobody = 0,
  kForceLead = 1U << 0U,
  kForceDepartment = 1U << 1U,  // a member, or in support
  kForceUnit = 1U << 2U,        // another department of the unit that set it up, or of one above
};
TaskForceParty TaskForcePartyOf(const v1::TaskForce& body, absl::string_view department_id,
                                const Directory& directory);

// Those that steer it.
inline constexpr unsigned kForceSteers = kForceLead | kForceUnit;

// FAILED_PRECONDITION ILLEGAL_TRANSITION, NOT_ITS_PART. `acting_department_id` may be empty: then nobody is
// asked who acts.
absl::Status CheckTaskForceAction(const v1::TaskForce& body, v1::TaskForceAction::ActionCase action,
                                  absl::string_view acting_department_id, const Directory& directory);

// FAILED_PRECONDITION NOT_ITS_PART: the department's part does not let it do that.
absl::Status NotItsPart(absl::string_view department_id);

// The action as `allowed_actions` names it: its field in TaskForceAction.
std::string TaskForceActionName(v1::TaskForceAction::ActionCase action);
std::vector<std::string> TaskForceActionsIn(v1::TaskForceState state);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_TABLE_H_
