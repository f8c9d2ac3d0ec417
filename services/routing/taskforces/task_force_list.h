// From list requests to the filters that the stores ask. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_LIST_H_
#define ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_LIST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/directory/directory.h"
#include "services/routing/special/special_store.h"
#include "services/routing/taskforces/task_force_store.h"
#include "zhuqi/routing/v1/task_force_service.pb.h"

namespace zhuqi::routing {

struct TaskForceList {
  TaskForceFilter filter;
  int page_size = 0;
  std::optional<Uuid> after;
  // What page tokens of this list are bound to.
  std::string filter_text;
};
struct SpecialList {
  SpecialFilter filter;
  int page_size = 0;
  std::optional<SpecialPlace> after;
  std::string filter_text;
};

// INVALID_ARGUMENT with everything that is wrong: unknown unit or department, a project too long, impossible
// days and spans, PAGE_SIZE_NEGATIVE, PAGE_TOKEN_INVALID.
absl::StatusOr<TaskForceList> ReadTaskForceList(const v1::ListTaskForcesRequest& request,
                                                const Directory& directory);
absl::StatusOr<SpecialList> ReadSpecialList(const v1::ListSpecialItemsRequest& request,
                                            const Directory& directory);

// As many of `found` as the page holds, with the next one's token where more follow.
v1::ListTaskForcesResponse ShowTaskForces(const TaskForceList& list, std::vector<v1::TaskForceSummary> found);
v1::ListSpecialItemsResponse ShowSpecialItems(const SpecialList& list, std::vector<ListedSpecial> found,
                                              const Directory& directory, absl::CivilDay today);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_LIST_H_
