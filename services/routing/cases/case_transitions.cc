#include "services/routing/cases/case_transitions.h"

#include <algorithm>

namespace zhuqi::routing {
namespace {

constexpr v1::ProcessState kNo = v1::PROCESS_STATE_UNSPECIFIED;
constexpr v1::ProcessState kAwaiting = v1::PROCESS_STATE_AWAITING_ACCEPTANCE;
constexpr v1::ProcessState kProgress = v1::PROCESS_STATE_IN_PROGRESS;
constexpr v1::ProcessState kCallBack = v1::PROCESS_STATE_AWAITING_CALL_BACK;
constexpr v1::ProcessState kClosed = v1::PROCESS_STATE_CLOSED;
using Action = v1::CaseAction;
using Variant = TransitionVariant;

// clang-format off
constexpr TransitionRow kTransitions[] = {
    // action                 variant                from: kAwaiting  kProgress  kCallBack  kClosed
    {Action::kAccept,         Variant::kPlain,       {kProgress, kNo,       kNo,       kNo}},
    {Action::kAssign,         Variant::kPlain,       {kAwaiting, kProgress, kCallBack, kNo}},
    {Action::kAssign,         Variant::kOtherLead,   {kAwaiting, kAwaiting, kAwaiting, kNo}},
    {Action::kReportProgress, Variant::kPlain,       {kAwaiting, kProgress, kCallBack, kNo}},
    {Action::kEscalate,       Variant::kPlain,       {kAwaiting, kProgress, kCallBack, kNo}},
    {Action::kConvene,        Variant::kPlain,       {kAwaiting, kProgress, kCallBack, kNo}},
    {Action::kDesignate,      Variant::kPlain,       {kAwaiting, kProgress, kCallBack, kNo}},
    {Action::kResolve,        Variant::kPlain,       {kNo,       kCallBack, kNo,       kNo}},
    {Action::kExplain,        Variant::kPlain,       {kNo,       kClosed,   kNo,       kNo}},
    {Action::kCallBack,       Variant::kPlain,       {kNo,       kNo,       kCallBack, kNo}},
    {Action::kCallBack,       Variant::kNotResolved, {kNo,       kNo,       kProgress, kNo}},
    {Action::kReopen,         Variant::kPlain,       {kNo,       kNo,       kNo,       kProgress}},
    {Action::kClose,          Variant::kPlain,       {kNo,       kNo,       kClosed,   kNo}},
};
// clang-format on

bool AtTop(const v1::Case& body, const Directory& directory) {
  const directory::v1::OrgUnit* owner = directory.FindUnit(body.owner_org_unit_id());
  return owner == nullptr || owner->parent_id().empty();
}

}  // namespace

absl::Span<const TransitionRow> Transitions() { return kTransitions; }

v1::ProcessState NextState(v1::ProcessState state, v1::CaseAction::ActionCase action,
                           TransitionVariant variant) {
  const auto from = std::find(kStates.begin(), kStates.end(), state);
  if (from == kStates.end()) return kNo;
  for (const TransitionRow& row : kTransitions) {
    if (row.action == action && row.variant == variant) {
      return row.next[static_cast<size_t>(from - kStates.begin())];
    }
  }
  return kNo;
}

TransitionVariant VariantOf(const v1::CaseAction& action, const v1::Case& body) {
  if (action.has_assign() && action.assign().role() == v1::ASSIGNMENT_ROLE_LEAD &&
      action.assign().department_id() != body.lead_department_id()) {
    return Variant::kOtherLead;
  }
  if (action.has_call_back() && action.call_back().contacted() && !action.call_back().resolved()) {
    return Variant::kNotResolved;
  }
  return Variant::kPlain;
}

std::string ActionName(v1::CaseAction::ActionCase action) {
  const auto* field = v1::CaseAction::descriptor()->FindFieldByNumber(action);
  return field == nullptr ? std::string() : field->name();
}

bool MayClose(const CaseRecord& record) {
  return record.body.outcome() == v1::OUTCOME_RESOLVED ||
         record.unanswered_call_backs >= kUnansweredCallBacksToClose;
}

std::vector<std::string> AllowedActions(const CaseRecord& record, const Directory& directory) {
  std::vector<std::string> names;
  for (const TransitionRow& row : kTransitions) {
    if (NextState(record.body.state(), row.action, row.variant) == kNo) continue;
    if (row.action == Action::kClose && !MayClose(record)) continue;
    if (row.action == Action::kReopen && record.body.issue_withdrawn()) continue;
    if (row.action == Action::kEscalate && AtTop(record.body, directory)) continue;
    const std::string name = ActionName(row.action);
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

}  // namespace zhuqi::routing
