#include "services/routing/cases/case_guards.h"

#include <algorithm>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"

namespace zhuqi::routing {
namespace {

bool ObjectedBefore(const v1::Case& body) {
  return std::any_of(body.objections().begin(), body.objections().end(), [&](const v1::Objection& objection) {
    return objection.department_id() == body.lead_department_id();
  });
}

// Each of these can be repeated without end, and a case is read and written as a whole.
constexpr int kMaximumParts = 200;
constexpr int kMaximumStretches = 200;

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
  return clock != nullptr && clock->policy().may_pause() && clock->intervals_size() < kMaximumStretches;
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
      return !ObjectedBefore(body);
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
    case Guard::kAppraised:
      return !body.has_appraisal_exclusion();
    case Guard::kExcluded:
      return body.has_appraisal_exclusion();
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
       {"PAUSE_NOT_ALLOWED", "the handling clock's policy does not let it be paused, or not so often",
        "时限规则不允许暂停计时，或暂停次数过多", "the policy allows it"}},
      {Guard::kPaused, {"NOT_PAUSED", "the case is not paused", "工单未暂停", "paused"}},
      {Guard::kNotPaused,
       {"CASE_PAUSED", "the case is paused: resume it first", "工单已暂停，请先恢复", "not paused"}},
      {Guard::kCoHandled,
       {"NO_CO_HANDLER", "no department co-handles the case", "工单没有协办部门", "a department co-handles"}},
      {Guard::kRoomForParts,
       {"TOO_MANY_PARTS", "departments have been given 200 parts in this case already",
        "本工单的承办记录已达200条上限", "fewer than 200 parts so far"}},
      {Guard::kAppraised,
       {"ALREADY_EXCLUDED", "it is taken out of appraisals already", "工单已剔除考核", "it is appraised"}},
      {Guard::kExcluded,
       {"NOT_EXCLUDED", "it is not taken out of appraisals", "工单未剔除考核", "it is excluded"}},
  };
  const auto* found = std::find_if(std::begin(kTexts), std::end(kTexts),
                                   [guard](const Entry& entry) { return entry.guard == guard; });
  return found == std::end(kTexts) ? kTexts[0].text : found->text;
}

}  // namespace zhuqi::routing
