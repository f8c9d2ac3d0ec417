// What can be done to a case in which state, and where it leads: the one table. Legality, `allowed_actions`
// and the table in the README come from it.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_TRANSITIONS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_TRANSITIONS_H_

#include <array>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// What distinguishes two uses of one action that lead to different states.
enum class TransitionVariant {
  kPlain,
  kOtherLead,    // assign: the lead becomes another department
  kNotResolved,  // call_back: the enterprise was reached and said no
};

inline constexpr std::array<v1::ProcessState, 4> kStates = {
    v1::PROCESS_STATE_AWAITING_ACCEPTANCE, v1::PROCESS_STATE_IN_PROGRESS,
    v1::PROCESS_STATE_AWAITING_CALL_BACK, v1::PROCESS_STATE_CLOSED};

struct TransitionRow {
  v1::CaseAction::ActionCase action;
  TransitionVariant variant;
  // The next state from each of kStates; UNSPECIFIED: not allowed there.
  std::array<v1::ProcessState, 4> next;
};

absl::Span<const TransitionRow> Transitions();

// UNSPECIFIED when the action is not allowed in `state`.
v1::ProcessState NextState(v1::ProcessState state, v1::CaseAction::ActionCase action,
                           TransitionVariant variant);

TransitionVariant VariantOf(const v1::CaseAction& action, const v1::Case& body);

// The action as `allowed_actions` names it: its field in CaseAction, "report_progress".
std::string ActionName(v1::CaseAction::ActionCase action);

// So many call-backs that reached nobody let a case be closed as UNCONFIRMED.
inline constexpr int kUnansweredCallBacksToClose = 2;

// Whether the call-backs so far let it be closed.
bool MayClose(const CaseRecord& record);

// Names of all that can be done to it now, in the table's order: what its state allows, without "close" while
// the call-backs do not let it be closed, without "reopen" while its issue is withdrawn, and without
// "escalate" at the top of the tree.
std::vector<std::string> AllowedActions(const CaseRecord& record, const Directory& directory);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_TRANSITIONS_H_
