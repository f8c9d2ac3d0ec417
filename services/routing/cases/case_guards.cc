#include "services/routing/cases/case_guards.h"

#include <algorithm>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/families/child_rules.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {
namespace {

// Parts can be given without end, and a case is read and written as a whole.
constexpr int kMaximumParts = 200;

// A lead whose terms give it no time may object until it accepts.
bool ObjectsInTime(const v1::Case& body, absl::Time at) {
  const v1::CaseClock* clock = FindClock(body, v1::CLOCK_KIND_OBJECTION, body.lead_department_id());
  return clock == nullptr || !clock->has_deadline() || at <= TimeFrom(clock->deadline());
}

bool HasOpenExtension(const v1::Case& body) {
  return !body.extensions().empty() &&
         body.extensions().rbegin()->decision() == v1::EXTENSION_DECISION_UNSPECIFIED;
}

bool AsksInTime(const v1::Case& body, const Directory& directory, absl::Time at) {
  const v1::CaseClock* clock = FindClock(body, v1::CLOCK_KIND_HANDLING);
  return clock != nullptr && clock->has_deadline() &&
         at <= LatestToAskForMore(clock->policy(), TimeFrom(clock->deadline()), directory.calendar());
}

bool MayAskForMore(const v1::Case& body) {
  const v1::CaseClock* clock = FindClock(body, v1::CLOCK_KIND_HANDLING);
  return clock != nullptr && body.extensions_size() < clock->policy().maximum_extensions();
}

bool MayPause(const v1::Case& body) {
  const v1::CaseClock* clock = FindClock(body, v1::CLOCK_KIND_HANDLING);
  return clock != nullptr && clock->policy().may_pause();
}

bool IsCoHandled(const v1::Case& body) {
  return std::any_of(body.assignments().begin(), body.assignments().end(), [](const v1::Assignment& part) {
    return part.role() == v1::ASSIGNMENT_ROLE_CO_HANDLER && !part.has_until();
  });
}

}  // namespace

bool IsAtTop(const v1::Case& body, const Directory& directory) {
  const directory::v1::OrgUnit* owner = directory.FindUnit(body.owner_org_unit_id());
  return owner == nullptr || owner->parent_id().empty();
}

std::string UnitToReturnTo(const v1::Case& body, const Directory& directory) {
  if (body.escalation_count() <= body.return_count()) return "";
  for (const directory::v1::OrgUnit* unit = directory.FindUnit(body.org_unit_id()); unit != nullptr;
       unit = directory.FindUnit(unit->parent_id())) {
    if (unit->parent_id() == body.owner_org_unit_id() && !unit->has_closed_on()) return unit->org_unit_id();
    if (unit->parent_id().empty()) break;
  }
  return "";
}

absl::Time LatestToAskForMore(const v1::ClockPolicy& policy, absl::Time due,
                              const calendar::WorkingCalendar& calendar) {
  if (policy.extension_notice_days() == 0) return due;
  // Midnight belongs to the day that it ends.
  const absl::CivilDay day = CityDay(due - absl::Microseconds(1));
  const absl::Duration minute = due - StartOfCityDay(day);
  return StartOfCityDay(calendar.SubtractWorkingDays(day, policy.extension_notice_days())) + minute;
}

bool Holds(Guard guard, const GuardInput& input) {
  const v1::Case& body = input.record.body;
  switch (guard) {
    case Guard::kNone:
      return true;
    case Guard::kBelowTop:
      return !IsAtTop(body, input.directory);
    case Guard::kEscalated:
      return !UnitToReturnTo(body, input.directory).empty();
    case Guard::kCalledBack:
      return body.outcome() == v1::OUTCOME_RESOLVED ||
             input.record.unanswered_call_backs >= kUnansweredCallBacksToClose;
    case Guard::kIssueStands:
      return !body.issue_withdrawn();
    case Guard::kObjectionOpen:
      return OpenObjection(body) != nullptr;
    case Guard::kNoObjectionOpen:
      return OpenObjection(body) == nullptr;
    case Guard::kFirstObjection:
      return !LeadHasObjected(body);
    case Guard::kObjectionInTime:
      return ObjectsInTime(body, input.at);
    case Guard::kExtensionOpen:
      return HasOpenExtension(body);
    case Guard::kNoExtensionOpen:
      return !HasOpenExtension(body);
    case Guard::kExtensionAllowed:
      return MayAskForMore(body);
    case Guard::kExtensionInTime:
      return AsksInTime(body, input.directory, input.at);
    case Guard::kPauseAllowed:
      return MayPause(body);
    case Guard::kPaused:
      return body.paused();
    case Guard::kNotPaused:
      return !body.paused();
    case Guard::kCoHandled:
      return IsCoHandled(body);
    case Guard::kRoomForParts:
      return body.assignments_size() < kMaximumParts;
    case Guard::kRoomForStretches:
      return StretchesOf(body) < kMaximumStretches;
    case Guard::kAppraised:
      return !body.has_appraisal_exclusion();
    case Guard::kExcluded:
      return body.has_appraisal_exclusion();
    case Guard::kNoChild:
      return !body.has_parent();
    case Guard::kChild:
      return body.has_parent();
    case Guard::kRoomForChildren:
      return body.children_size() < kMostChildren;
    case Guard::kNoOpenChild:
      return OpenChildren(body) == 0;
    case Guard::kParentStands:
      return !body.parent().withdrawn();
    case Guard::kNotStandingStill:
      return !body.stands_still();
    case Guard::kFollowed:
      return body.has_special() && IsFollowed(body.special());
    case Guard::kFinalReport:
      return !body.has_special() || !IsFollowed(body.special());
  }
  return false;
}

const GuardText& TextOf(Guard guard) {
  struct Entry {
    Guard guard;
    GuardText text;
  };
  static constexpr Entry kTexts[] = {
      {Guard::kNone, {"", "", "", ""}},
      {Guard::kBelowTop,
       {"ESCALATION_AT_TOP", "there is no unit above the one that is accountable", "已是最高层级，无法提级",
        "a unit is above"}},
      {Guard::kEscalated,
       {"NOT_ESCALATED", "it was not escalated from a unit below", "工单未经提级，无下级可退回",
        "it was escalated"}},
      {Guard::kCalledBack,
       {"CLOSE_NEEDS_CALL_BACK",
        "the enterprise must have confirmed it, or 2 call-backs in a row must have reached nobody",
        "须经回访确认解决，或连续两次回访无法联系企业，方可办结",
        "call-back said \"resolved\", or two reached nobody"}},
      {Guard::kIssueStands,
       {"ISSUE_WITHDRAWN", "the issue was withdrawn at intake: the case opens again when it is sent again",
        "诉求已撤回，重新报送后工单自动恢复", "the issue is not withdrawn"}},
      {Guard::kObjectionOpen,
       {"NO_OPEN_OBJECTION", "no objection is open", "没有待裁定的异议", "an objection is open"}},
      {Guard::kNoObjectionOpen,
       {"OBJECTION_OPEN", "an objection is open: it is to be ruled on first", "异议尚未裁定",
        "no objection is open"}},
      {Guard::kFirstObjection,
       {"OBJECTION_FINAL", "the department has objected to this case before, and that was final",
        "该部门已就此工单提出过异议，裁定为终局", "the lead has not objected before"}},
      {Guard::kObjectionInTime,
       {"OBJECTION_TOO_LATE", "the time to object has passed", "已超过提出异议的时限", "in time"}},
      {Guard::kExtensionOpen,
       {"NO_OPEN_EXTENSION", "no extension has been asked for that is not decided", "没有待审批的延期申请",
        "an extension is open"}},
      {Guard::kNoExtensionOpen,
       {"EXTENSION_OPEN", "an extension is not decided yet", "延期申请尚未审批", "no extension is open"}},
      {Guard::kExtensionAllowed,
       {"EXTENSION_NOT_ALLOWED", "the clock's policy does not let more time be asked for, or not so often",
        "时限规则不允许申请延期，或已达次数上限", "the policy lets more time be asked for"}},
      {Guard::kExtensionInTime,
       {"EXTENSION_TOO_LATE", "more time is to be asked for before the deadline, by the notice of the policy",
        "已超过申请延期的时限", "in time"}},
      {Guard::kPauseAllowed,
       {"PAUSE_NOT_ALLOWED", "the handling clock's policy does not let it be paused",
        "时限规则不允许暂停计时", "the policy allows it"}},
      {Guard::kPaused, {"NOT_PAUSED", "the case is not paused", "工单未暂停", "paused"}},
      {Guard::kNotPaused,
       {"CASE_PAUSED", "the case is paused: resume it first", "工单已暂停，请先恢复", "not paused"}},
      {Guard::kCoHandled,
       {"NO_CO_HANDLER", "no department co-handles the case", "工单没有协办部门", "a department co-handles"}},
      {Guard::kRoomForParts,
       {"TOO_MANY_PARTS", "departments have been given 200 parts in this case already",
        "本工单的承办记录已达200条上限", "fewer than 200 parts so far"}},
      {Guard::kRoomForStretches,
       {"TOO_MANY_STRETCHES", "the clocks of this case have been stopped and started 1,000 times already",
        "本工单的计时已暂停、恢复累计1000段，达到上限", "fewer than 1,000 stretches in its clocks"}},
      {Guard::kAppraised,
       {"ALREADY_EXCLUDED", "it is taken out of appraisals already", "工单已剔除考核", "it is appraised"}},
      {Guard::kExcluded,
       {"NOT_EXCLUDED", "it is not taken out of appraisals", "工单未剔除考核", "it is excluded"}},
      {Guard::kNoChild,
       {"CHILD_CASE", "it is a child of another case: that one is divided, and called back",
        "该工单为子工单，请在主工单上操作", "it is no child"}},
      {Guard::kChild,
       {"NO_CHILD_CASE", "it is no child of another case", "该工单不是子工单", "it is a child"}},
      {Guard::kRoomForChildren,
       {"TOO_MANY_CHILDREN", "it was divided into 20 children already", "子工单已达20件上限",
        "fewer than 20 children so far"}},
      {Guard::kNoOpenChild,
       {"CHILDREN_OPEN", "children of it are open", "子工单尚未办结", "no child is open"}},
      {Guard::kParentStands,
       {"PARENT_WITHDRAWN", "its parent is withdrawn: it opens again when that is brought back",
        "主工单已撤回，恢复后子工单自动恢复", "its parent is not withdrawn"}},
      {Guard::kNotStandingStill,
       {"STANDS_STILL", "its clocks stand still because it is a duplicate: remove the link at intake first",
        "该工单为重复件，已停止计时；请先在诉求端解除关联",
        "its clocks do not stand still as a duplicate's"}},
      {Guard::kFollowed,
       {"NOT_SPECIAL", "nobody follows it to the end, or the final report is there",
        "未列为重点事项，或已提交终结报告", "it is followed to the end"}},
      {Guard::kFinalReport,
       {"FINAL_REPORT_MISSING", "it is followed to the end: the final report comes first",
        "该重点事项须先提交终结报告，方可办结", "no final report is missing"}},
  };
  const auto* found = std::find_if(std::begin(kTexts), std::end(kTexts),
                                   [guard](const Entry& entry) { return entry.guard == guard; });
  return found == std::end(kTexts) ? kTexts[0].text : found->text;
}

}  // namespace zhuqi::routing
