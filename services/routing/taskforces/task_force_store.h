// All SQL on task forces.
#ifndef ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "services/routing/taskforces/task_force_rules.h"
#include "zhuqi/feed/v1/feed_service.pb.h"
#include "zhuqi/routing/v1/task_force.pb.h"

namespace zhuqi::routing {

// ---- For cases that are given to task forces ----

struct TaskForceStanding {
  Uuid task_force_id;
  v1::TaskForceState state = v1::TASK_FORCE_STATE_UNSPECIFIED;
};
using TaskForceMap = std::map<std::string, TaskForceStanding>;
// Where those of these names stand, by name; unknown ones are absent. None of them changes before the
// transaction ends.
absl::StatusOr<TaskForceMap> HoldTaskForces(db::Connection& connection, const std::set<std::string>& names);

// ---- Visits, as intake tells of them ----

// Those that are new or changed in `message`.
absl::Status StoreVisits(db::Connection& connection, const feed::v1::FollowResponse& message);
absl::StatusOr<std::optional<FollowedVisit>> ReadVisit(db::Connection& connection, const Uuid& record_id);

// ---- One task force ----

// By what callers name it.
struct TaskForceKey {
  std::optional<Uuid> id;
  std::string name;  // without an id
};
// Absent when there is none. Locked until the transaction ends, so that two actions on one task force come
// one after the other, and no case is given to it meanwhile.
absl::StatusOr<std::optional<v1::TaskForce>> LockTaskForce(db::Transaction& transaction,
                                                           const TaskForceKey& key);
absl::StatusOr<std::optional<v1::TaskForce>> ReadTaskForce(db::Connection& connection,
                                                           const TaskForceKey& key);
// The last `limit` entries, oldest first.
absl::StatusOr<std::vector<v1::TaskForceEvent>> ReadTaskForceHistory(db::Connection& connection,
                                                                     const Uuid& task_force_id, int limit);
// Its cases without those that were withdrawn, the last received first, at most `limit`.
absl::StatusOr<std::vector<v1::TaskForceCase>> ReadTaskForceCases(db::Connection& connection,
                                                                  const Uuid& task_force_id, int limit);

// How many cases it has, without those that were withdrawn, and how many of them are open.
struct CaseCounts {
  int64_t all = 0;
  int64_t open = 0;
};
absl::StatusOr<CaseCounts> CountTaskForceCases(db::Connection& connection, const Uuid& task_force_id);

// Writes what `change` made of `before` (null: of nothing). AlreadyExists when another one has its name.
absl::Status WriteTaskForce(db::Transaction& transaction, const v1::TaskForce* before,
                            const TaskForceChange& change);

// ---- Lists ----

// Which task forces to list: what is absent or empty is not asked.
struct TaskForceFilter {
  std::vector<std::string> org_unit_ids;  // any of these
  std::string department_id;
  std::string project;
  int state = 0;
  bool overdue_items = false;
};
// At most `limit`, the last set up first, that follow the one with the identity `after`; with their progress
// as of `today`.
absl::StatusOr<std::vector<v1::TaskForceSummary>> SelectTaskForces(db::Connection& connection,
                                                                   const TaskForceFilter& filter,
                                                                   const std::optional<Uuid>& after,
                                                                   absl::CivilDay today, int limit);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_STORE_H_
