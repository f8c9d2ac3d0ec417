// What happens to a task force: pure functions from a task force and what is done to it to the task force
// afterwards and the entry that its history gets. Time, directory, and what other tables know are arguments.
//
// What always holds: exactly one department leads. An open item is of a department of the task force. The due
// day of an open item is worked out from its term, its milestone and the calendar in force. What is dissolved
// has neither open items nor, when it was dissolved, open cases.
#ifndef ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/task_force.pb.h"
#include "zhuqi/routing/v1/task_force_service.pb.h"

namespace zhuqi::routing {

inline constexpr int kMostTaskForceDepartments = 50;
inline constexpr int kMostMilestones = 20;
inline constexpr int kMostChecklistItems = 200;
inline constexpr int kMostTaskForceVisits = 500;
inline constexpr size_t kMaxTaskForceBytes = size_t{1} << 20;

// A visit as routing knows it from intake's feed.
struct FollowedVisit {
  std::string org_unit_id;
  absl::CivilDay visited_on;
  bool withdrawn = false;
};

struct TaskForceInput {
  absl::Time now;
  std::string actor;
  // On whose behalf. Empty: not said, and not asked.
  std::string acting_department_id;
  const Directory& directory;
  // Of its cases, to dissolve it.
  int64_t open_cases = 0;
  // The visit that is to be linked. Absent: intake has told of none with that identity.
  std::optional<FollowedVisit> visit = std::nullopt;
};

struct TaskForceChange {
  // Without allowed actions and progress.
  v1::TaskForce body;
  v1::TaskForceEvent event;
};

// The task force that a checked request asks for. Errors: those of ChangeTaskForce for its items.
absl::StatusOr<TaskForceChange> SetUpTaskForce(const v1::SetUpTaskForceRequest& request,
                                               const std::string& task_force_id, const TaskForceInput& input);

// After a checked action. Errors: as ActOnTaskForce of the contract lists them, and INVALID_ARGUMENT for days
// that do not fit the task force.
absl::StatusOr<TaskForceChange> ChangeTaskForce(const v1::TaskForce& before,
                                                const v1::TaskForceAction& action,
                                                const TaskForceInput& input);

// What an open item's due day is worked out from. `working_days` as DueDayFrom has them; absent: `from` is
// the day.
struct ItemTerm {
  absl::CivilDay from;
  std::optional<int> working_days;
};
ItemTerm TermOf(const v1::ChecklistItem& item, const v1::TaskForce& body);
// Works out the due day of an open item; one that is settled stays as it was measured.
void TimeItem(v1::ChecklistItem& item, const v1::TaskForce& body, const calendar::WorkingCalendar& calendar);

// What a reader is shown on `today`: due days, what is overdue, allowed actions, progress without the counts
// of cases.
v1::TaskForce PresentTaskForce(const v1::TaskForce& body, const Directory& directory, absl::CivilDay today);

// In a list; without progress, which the store counts.
v1::TaskForceSummary TaskForceSummaryOf(const v1::TaskForce& body);

// The table of what can be done in which state and by whom, as the README has it.
std::string RenderTaskForceTable();

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_RULES_H_
