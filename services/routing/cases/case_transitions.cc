#include "services/routing/cases/case_transitions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_guards.h"
#include "services/routing/families/child_rules.h"

namespace zhuqi::routing {
namespace {

constexpr v1::ProcessState kNo = v1::PROCESS_STATE_UNSPECIFIED;
constexpr v1::ProcessState kAwaiting = v1::PROCESS_STATE_AWAITING_ACCEPTANCE;
constexpr v1::ProcessState kProgress = v1::PROCESS_STATE_IN_PROGRESS;
constexpr v1::ProcessState kCallBack = v1::PROCESS_STATE_AWAITING_CALL_BACK;
constexpr v1::ProcessState kClosed = v1::PROCESS_STATE_CLOSED;
using Action = v1::CaseAction;
using Variant = TransitionVariant;
using G = Guard;

// Who is measured by a case does not confirm it, take it out of the figures or close it as not its business.
constexpr unsigned kOthers = kOwner | kAbove | kBelow | kSupervisor | kAssistant;
constexpr unsigned kEverybody = kOthers | kLead | kCoHandler;
constexpr unsigned kDeciders = kOwner | kAbove;

// clang-format off
constexpr TransitionRow kTransitions[] = {
    // action                      variant                    from: kAwaiting  kProgress  kCallBack  kClosed
    {Action::kAccept,              Variant::kPlain,         {kProgress, kNo,       kNo,       kNo},
     {}, kLead},
    {Action::kAssign,              Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {G::kRoomForParts}, kLead | kSupervisor | kDeciders},
    {Action::kAssign,              Variant::kOtherLead,     {kAwaiting, kAwaiting, kAwaiting, kNo},
     {G::kRoomForParts}, kDeciders},
    {Action::kHandOver,            Variant::kPlain,         {kAwaiting, kAwaiting, kAwaiting, kNo},
     {G::kRoomForParts}, kLead | kOwner},
    {Action::kObject,              Variant::kPlain,         {kAwaiting, kNo,       kNo,       kNo},
     {G::kNoObjectionOpen, G::kFirstObjection, G::kObjectionInTime}, kLead},
    {Action::kRuleOnObjection,     Variant::kPlain,         {kAwaiting, kNo,       kNo,       kNo},
     {G::kObjectionOpen}, kDeciders},
    {Action::kRuleOnObjection,     Variant::kUpheld,        {kAwaiting, kNo,       kNo,       kNo},
     {G::kObjectionOpen}, kDeciders},
    {Action::kReportProgress,      Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {}, kEverybody},
    {Action::kReply,               Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {G::kCoHandled}, kCoHandler},
    {Action::kRemind,              Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {}, kOthers},
    {Action::kRequestExtension,    Variant::kPlain,         {kNo,       kProgress, kNo,       kNo},
     {G::kNoExtensionOpen, G::kExtensionAllowed, G::kNotPaused, G::kExtensionInTime}, kLead},
    {Action::kDecideExtension,     Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {G::kExtensionOpen}, kDeciders},
    {Action::kPause,               Variant::kPlain,         {kNo,       kProgress, kNo,       kNo},
     {G::kNotPaused, G::kNotStandingStill, G::kPauseAllowed, G::kRoomForStretches}, kLead | kDeciders},
    {Action::kResume,              Variant::kPlain,         {kAwaiting, kProgress, kNo,       kNo},
     {G::kPaused, G::kNotStandingStill}, kLead | kDeciders},
    {Action::kEscalate,            Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {G::kBelowTop}, kEverybody & ~kCoHandler},
    {Action::kReturnCase,          Variant::kPlain,         {kAwaiting, kAwaiting, kNo,       kNo},
     {G::kEscalated, G::kRoomForParts}, kLead | kDeciders},
    {Action::kConvene,             Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {}, kLead | kSupervisor | kDeciders},
    {Action::kHandOverAssistance,  Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {G::kRoomForParts}, kAssistant | kSupervisor | kDeciders},
    {Action::kDesignate,           Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {}, kSupervisor | kDeciders},
    {Action::kDivide,              Variant::kPlain,         {kNo,       kProgress, kNo,       kNo},
     {G::kNoChild, G::kNotPaused, G::kNotStandingStill, G::kRoomForChildren}, kLead | kDeciders},
    {Action::kReportSpecial,       Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kNo},
     {G::kFollowed}, kEverybody},
    {Action::kResolve,             Variant::kPlain,         {kNo,       kCallBack, kNo,       kNo},
     {G::kNoChild, G::kNotPaused, G::kNoOpenChild}, kLead},
    {Action::kResolve,             Variant::kOfChild,       {kNo,       kClosed,   kNo,       kNo},
     {G::kChild, G::kNotPaused, G::kFinalReport}, kLead},
    {Action::kExplain,             Variant::kPlain,         {kNo,       kClosed,   kNo,       kNo},
     {G::kNotPaused, G::kNoOpenChild, G::kFinalReport}, kLead},
    {Action::kDecline,             Variant::kPlain,         {kClosed,   kNo,       kNo,       kNo},
     {G::kNoObjectionOpen, G::kNoOpenChild, G::kFinalReport}, kDeciders},
    {Action::kWithdraw,            Variant::kPlain,         {kClosed,   kClosed,   kClosed,   kNo},
     {G::kFinalReport, G::kRoomForStretches}, kOthers},
    {Action::kCallBack,            Variant::kPlain,         {kNo,       kNo,       kCallBack, kNo},
     {}, kOthers},
    {Action::kCallBack,            Variant::kNotResolved,   {kNo,       kNo,       kProgress, kNo},
     {}, kOthers},
    {Action::kCallBack,            Variant::kNeverAccepted, {kNo,       kNo,       kAwaiting, kNo},
     {}, kOthers},
    {Action::kCallBack,            Variant::kDissatisfied,  {kNo,       kNo,       kAwaiting, kNo},
     {}, kOthers},
    {Action::kReopen,              Variant::kPlain,         {kNo,       kNo,       kNo,       kProgress},
     {G::kIssueStands, G::kParentStands, G::kRoomForStretches}, kOthers},
    {Action::kReopen,              Variant::kNeverAccepted, {kNo,       kNo,       kNo,       kAwaiting},
     {G::kIssueStands, G::kParentStands, G::kRoomForStretches}, kOthers},
    {Action::kClose,               Variant::kPlain,         {kNo,       kNo,       kClosed,   kNo},
     {G::kNoOpenChild, G::kCalledBack, G::kFinalReport}, kLead | kOthers},
    {Action::kExcludeFromAppraisal, Variant::kPlain,        {kAwaiting, kProgress, kCallBack, kClosed},
     {G::kAppraised}, kDeciders},
    {Action::kIncludeInAppraisal,  Variant::kPlain,         {kAwaiting, kProgress, kCallBack, kClosed},
     {G::kExcluded}, kDeciders},
};
// clang-format on

size_t IndexOf(v1::ProcessState state) {
  return static_cast<size_t>(std::find(kStates.begin(), kStates.end(), state) - kStates.begin());
}

Party PartyOfRole(v1::AssignmentRole role) {
  switch (role) {
    case v1::ASSIGNMENT_ROLE_LEAD:
      return kLead;
    case v1::ASSIGNMENT_ROLE_CO_HANDLER:
      return kCoHandler;
    case v1::ASSIGNMENT_ROLE_SUPERVISOR:
      return kSupervisor;
    case v1::ASSIGNMENT_ROLE_ASSISTANT:
      return kAssistant;
    default:
      return kNobody;
  }
}

bool IsAllowed(const TransitionRow& row, const CaseRecord& record, const Directory& directory,
               absl::Time at) {
  if (row.next[IndexOf(record.body.state())] == kNo) return false;
  return std::all_of(row.guards.begin(), row.guards.end(), [&](Guard guard) {
    return Holds(guard, {record, directory, at});
  });
}

TransitionVariant CallBackVariant(const v1::CallBack& call_back, const v1::Case& body,
                                  const Directory& directory) {
  if (!call_back.contacted()) return Variant::kPlain;
  const bool again = body.terms().dissatisfied_escalates() && !call_back.satisfied();
  if (!again && call_back.resolved()) return Variant::kPlain;
  if (again && !IsAtTop(body, directory)) return Variant::kDissatisfied;
  return LeadHasAccepted(body) ? Variant::kNotResolved : Variant::kNeverAccepted;
}

}  // namespace

absl::Span<const TransitionRow> Transitions() { return kTransitions; }

const TransitionRow* FindTransition(v1::CaseAction::ActionCase action, TransitionVariant variant) {
  const auto* row =
      std::find_if(std::begin(kTransitions), std::end(kTransitions), [&](const TransitionRow& candidate) {
        return candidate.action == action && candidate.variant == variant;
      });
  return row == std::end(kTransitions) ? nullptr : row;
}

v1::ProcessState NextState(v1::ProcessState state, v1::CaseAction::ActionCase action,
                           TransitionVariant variant) {
  const TransitionRow* row = FindTransition(action, variant);
  const size_t from = IndexOf(state);
  return row == nullptr || from == kStates.size() ? kNo : row->next[from];
}

TransitionVariant VariantOf(const v1::CaseAction& action, const CaseRecord& record,
                            const Directory& directory) {
  switch (action.action_case()) {
    case Action::kAssign:
      return action.assign().role() == v1::ASSIGNMENT_ROLE_LEAD &&
                     action.assign().department_id() != record.body.lead_department_id()
                 ? Variant::kOtherLead
                 : Variant::kPlain;
    case Action::kCallBack:
      return CallBackVariant(action.call_back(), record.body, directory);
    case Action::kRuleOnObjection:
      return action.rule_on_objection().upheld() ? Variant::kUpheld : Variant::kPlain;
    case Action::kReopen:
      return LeadHasAccepted(record.body) ? Variant::kPlain : Variant::kNeverAccepted;
    case Action::kResolve:
      return record.body.has_parent() ? Variant::kOfChild : Variant::kPlain;
    default:
      return Variant::kPlain;
  }
}

std::string ActionName(v1::CaseAction::ActionCase action) {
  const auto* field = v1::CaseAction::descriptor()->FindFieldByNumber(action);
  return field == nullptr ? std::string() : field->name();
}

Party PartyOf(const v1::Case& body, absl::string_view department_id, const Directory& directory) {
  bool assists_by_team = false;
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.department_id() != department_id || assignment.has_until()) continue;
    if (assignment.team_id().empty()) return PartyOfRole(assignment.role());
    assists_by_team = true;
  }
  if (assists_by_team) return kAssistant;
  const directory::v1::Department* department = directory.FindDepartment(department_id);
  if (department == nullptr) return kNobody;
  const std::string& unit = department->org_unit_id();
  const std::string& owner = body.owner_org_unit_id();
  if (unit == owner) return kOwner;
  if (directory.IsInOrBelow(owner, unit)) return kAbove;
  return directory.IsInOrBelow(unit, owner) && directory.IsInOrBelow(body.org_unit_id(), unit) ? kBelow
                                                                                               : kNobody;
}

absl::Status CheckTransition(const CaseRecord& record, const v1::CaseAction& action,
                             absl::string_view acting_department_id, const Directory& directory,
                             absl::Time at) {
  const TransitionRow* row = FindTransition(action.action_case(), VariantOf(action, record, directory));
  const v1::ProcessState state = record.body.state();
  const auto refuse = [&](absl::string_view reason, absl::string_view english, absl::string_view chinese) {
    std::map<std::string, std::string> metadata{
        {"allowed", absl::StrJoin(AllowedActions(record, directory, at), ",")},
        {"state", v1::ProcessState_Name(state)}};
    if (const std::string open = OpenChildrenText(record.body); !open.empty()) metadata["children"] = open;
    return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, english, chinese, std::move(metadata));
  };
  if (row == nullptr || IndexOf(state) == kStates.size() || row->next[IndexOf(state)] == kNo) {
    return refuse("ILLEGAL_TRANSITION",
                  absl::StrCat("\"", ActionName(action.action_case()), "\" is not possible in state ",
                               v1::ProcessState_Name(state)),
                  "当前状态下不能进行该操作");
  }
  if (!acting_department_id.empty() &&
      (row->parties & PartyOf(record.body, acting_department_id, directory)) == 0) {
    return refuse("NOT_ITS_PART",
                  absl::StrCat("what ", acting_department_id, " is to this case does not let it \"",
                               ActionName(action.action_case()), "\""),
                  "该部门在此工单中的职责不允许进行该操作");
  }
  for (const Guard guard : row->guards) {
    if (Holds(guard, {record, directory, at})) continue;
    const GuardText& text = TextOf(guard);
    // Who is to be asked stands in the message itself.
    const std::string names =
        guard == Guard::kNoOpenChild ? absl::StrCat(": ", OpenChildrenText(record.body)) : std::string();
    return refuse(text.reason, absl::StrCat(text.english, names), absl::StrCat(text.chinese, names));
  }
  return absl::OkStatus();
}

std::vector<std::string> AllowedActions(const CaseRecord& record, const Directory& directory, absl::Time at) {
  std::vector<std::string> names;
  for (const TransitionRow& row : kTransitions) {
    if (!IsAllowed(row, record, directory, at)) continue;
    std::string name = ActionName(row.action);
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace zhuqi::routing
