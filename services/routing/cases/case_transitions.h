// The state machine of a case, as data: what can be done in which state, where it leads, on what conditions,
// and who may do it. Legality, `allowed_actions` and the drawing in the README come from this one table.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_TRANSITIONS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_TRANSITIONS_H_

#include <array>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// What distinguishes two uses of one action that lead to different states.
enum class TransitionVariant {
  kPlain,
  kOtherLead,      // assign: the lead becomes another department
  kNotResolved,    // call_back: the enterprise was reached and said no
  kDissatisfied,   // call_back: it is to be done again, one level up
  kUpheld,         // rule_on_objection: another department leads
  kNeverAccepted,  // reopen, call_back that says no: the lead has never accepted it
  kOfChild,        // resolve: the case is a child
};

inline constexpr std::array<v1::ProcessState, 4> kStates = {
    v1::PROCESS_STATE_AWAITING_ACCEPTANCE, v1::PROCESS_STATE_IN_PROGRESS,
    v1::PROCESS_STATE_AWAITING_CALL_BACK, v1::PROCESS_STATE_CLOSED};

// A condition beside the state. What each asks, and how its refusal is said: case_guards.cc.
enum class Guard {
  kNone,
  kBelowTop,
  kEscalated,
  kCalledBack,
  kIssueStands,
  kObjectionOpen,
  kNoObjectionOpen,
  kFirstObjection,
  kObjectionInTime,
  kExtensionOpen,
  kNoExtensionOpen,
  kExtensionAllowed,
  kExtensionInTime,
  kPauseAllowed,
  kPaused,
  kNotPaused,
  kCoHandled,
  kRoomForParts,
  kRoomForStretches,
  kAppraised,
  kExcluded,
  kNoChild,
  kChild,
  kRoomForChildren,
  kNoOpenChild,
  kParentStands,
  kNotStandingStill,
  kFollowed,
  kFinalReport,
};

// What a department is to a case: its assignment in force, else where it stands to the accountable unit. Bits
// of a set.
enum Party : unsigned {
  kNobody = 0,
  kLead = 1U << 0U,
  kCoHandler = 1U << 1U,
  kSupervisor = 1U << 2U,
  kAssistant = 1U << 3U,
  kOwner = 1U << 4U,  // another department of the accountable unit
  kAbove = 1U << 5U,  // a department of a unit above it
  kBelow = 1U << 6U,  // a department of a unit below it, down to where the issue was raised
};

struct TransitionRow {
  v1::CaseAction::ActionCase action;
  TransitionVariant variant;
  // The next state from each of kStates; UNSPECIFIED: not allowed there.
  std::array<v1::ProcessState, 4> next;
  // All must hold.
  std::array<Guard, 4> guards;
  // Set of Party.
  unsigned parties;
};

absl::Span<const TransitionRow> Transitions();

// Null when the table has none.
const TransitionRow* FindTransition(v1::CaseAction::ActionCase action, TransitionVariant variant);

// UNSPECIFIED when the action is not allowed in `state`.
v1::ProcessState NextState(v1::ProcessState state, v1::CaseAction::ActionCase action,
                           TransitionVariant variant);

TransitionVariant VariantOf(const v1::CaseAction& action, const CaseRecord& record,
                            const Directory& directory);

// The action as `allowed_actions` names it: its field in CaseAction, "report_progress".
std::string ActionName(v1::CaseAction::ActionCase action);

// What the department is to the case.
Party PartyOf(const v1::Case& body, absl::string_view department_id, const Directory& directory);

// Whether the table allows `action` at `at`, by what is known without looking at what the action names.
// `acting_department_id` may be empty: then nobody is asked who acts. FAILED_PRECONDITION ILLEGAL_TRANSITION,
// NOT_ITS_PART, or the guard's reason; metadata `allowed` and `state`. The clocks of `record` are timed.
absl::Status CheckTransition(const CaseRecord& record, const v1::CaseAction& action,
                             absl::string_view acting_department_id, const Directory& directory,
                             absl::Time at);

// Names of all that can be done to it at `at`, in the table's order. The clocks of `record` are timed.
std::vector<std::string> AllowedActions(const CaseRecord& record, const Directory& directory, absl::Time at);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_TRANSITIONS_H_
