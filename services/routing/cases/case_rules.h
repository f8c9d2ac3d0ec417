// What happens to a case: pure functions from a case and what is done to it to the case afterwards and the
// entry that its history gets. Time, directory and catalogue are arguments.
//
// What always holds: exactly one LEAD assignment is in force, and it is lead_department_id's. closed_at is
// set exactly when the state is CLOSED. Outcome RESOLVED comes from a call-back alone. An action that
// happened before another that moved the case is history (late) and moves nothing.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/catalogue/compiled_catalogue.h"
#include "zhuqi/feed/v1/event.pb.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// How far a caller's clock may be ahead of ours.
inline constexpr absl::Duration kClockTolerance = absl::Minutes(5);

struct CaseChange {
  CaseRecord record;
  v1::CaseEvent event;
  // True: whoever writes the change gives the case an assistant first (assistant_rules.h). Who that is
  // depends on what others have to do, which no case knows.
  bool wants_assistant = false;
};

// The next entry of the history: counts the case on and gives it a new etag. What happened is left to the
// caller.
v1::CaseEvent NextEvent(CaseRecord& record, absl::Time occurred_at, absl::Time recorded_at,
                        absl::string_view actor);

// Names of the top fields that differ.
std::vector<std::string> DifferingFields(const v1::IssueSummary& before, const v1::IssueSummary& after);

// The case that an issue becomes. `issue` has `after` and `issue`; the identity follows from the record and
// the instant at which it was raised, so applying it twice makes the same case. Errors: DecideRoute's.
absl::StatusOr<CaseChange> ReceiveCase(const feed::v1::RecordChanged& issue, absl::Time recorded_at,
                                       const Directory& directory, const CompiledCatalogue& catalogue,
                                       int32_t partition);

// The case after its issue was revised: the summary is the new one, and a corrected instant of receipt is
// where the clocks start. Nobody's part, state or outcome changes by it, unless the issue was withdrawn: then
// an open case is closed as WITHDRAWN with its clocks standing still. When it is brought back, such a case is
// open again where it stood; what a person had closed or withdrawn before, only a person opens.
CaseChange ReviseIssue(const CaseRecord& before, const feed::v1::RecordChanged& issue, absl::Time recorded_at,
                       const Directory& directory);

// The case under the calendar in force, with the entry that says which deadlines moved and why. Nullopt when
// none did: clocks that have stopped, and those of a closed case, stay as they were measured.
std::optional<CaseChange> FollowCalendar(const CaseRecord& before, absl::Time recorded_at,
                                         const Directory& directory);
// The open case after its owner, its lead or another one with a part in it ended, or its unit was moved: as
// SuccessionOf says. Absent when nothing changes.
std::optional<CaseChange> FollowSuccession(const CaseRecord& before, absl::Time recorded_at,
                                           const Directory& directory, const std::string& default_function);

struct ActionInput {
  // Checked by CheckAction.
  v1::CaseAction action;
  // Absent: now. Up to kClockTolerance after recorded_at it is taken as recorded_at: one fast clock must not
  // make what others do meanwhile late.
  std::optional<absl::Time> occurred_at;
  absl::Time recorded_at;
  std::string actor;
  std::string comment;
  // On whose behalf. Empty: not said.
  std::string acting_department_id = {};
  // The task force that a designation names. Empty: it names none.
  std::string task_force_id = {};
};

// INVALID_ARGUMENT OCCURRED_IN_FUTURE, OCCURRED_BEFORE_RECEIPT, HELD_OUT_OF_RANGE; what CheckTransition
// refuses; and what the action's comment in case.proto names. A late action is not held against the state it
// finds. `before` stands under the directory's calendar (FollowCalendar).
absl::StatusOr<CaseChange> Act(const CaseRecord& before, const ActionInput& input, const Directory& directory,
                               const CompiledCatalogue& catalogue);

// What a reader is shown: deadlines, allowed actions.
v1::Case Present(const CaseRecord& record, const Directory& directory, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_RULES_H_
