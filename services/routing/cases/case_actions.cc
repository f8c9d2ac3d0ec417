#include "services/routing/cases/case_actions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {

absl::Status Refuse(absl::string_view reason, absl::string_view english, absl::string_view chinese) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, english, chinese);
}

void ClearOutcome(CaseRecord& record) {
  record.body.set_outcome(v1::OUTCOME_UNSPECIFIED);
  record.facts.clear_resolved_at();
  record.unanswered_call_backs = 0;
}

void CloseAsWithdrawn(CaseRecord& record, absl::Time at, absl::string_view reason, absl::string_view by,
                      const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  // What was closed before stays closed as it is: its work was done.
  if (body.state() == v1::PROCESS_STATE_CLOSED) return;
  body.set_state_before_withdrawal(body.state());
  body.set_outcome_before_withdrawal(body.outcome());
  body.set_state(v1::PROCESS_STATE_CLOSED);
  body.set_outcome(v1::OUTCOME_WITHDRAWN);
  SuspendClocks(body, at, absl::StrCat("withdrawn: ", reason), by);
  TimeClocks(body, calendar);
  *body.mutable_closed_at() = TimestampMessage(at);
  record.latest_at = std::max(record.latest_at, at);
}

void OpenAgain(CaseRecord& record, absl::Time at, absl::string_view by,
               const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  if (body.outcome() != v1::OUTCOME_WITHDRAWN) return;
  body.set_state(body.state_before_withdrawal());
  body.set_outcome(body.outcome_before_withdrawal());
  body.clear_state_before_withdrawal();
  body.clear_outcome_before_withdrawal();
  body.clear_withdrawn_with_issue();
  ReviveClocks(body, TimeFrom(body.closed_at()), at, "brought back", by);
  body.clear_closed_at();
  // Nothing was due while it was closed.
  if (body.has_special() && IsFollowed(body.special())) FollowAgain(at, *body.mutable_special());
  TimeClocks(body, calendar);
  record.latest_at = std::max(record.latest_at, at);
}

void CloseWith(CaseRecord& record, v1::Outcome outcome, absl::Time at,
               const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  EndObjection(body, v1::OBJECTION_RULING_LAPSED, calendar, at);
  body.set_outcome(outcome);
  body.set_paused(false);
  // What stays owed after the closing, the first contact, is owed by the clock again.
  if (body.stands_still()) {
    ReleaseClocks(body, at, "closed", kBySystem);
    TimeClocks(body, calendar);
  }
  body.set_stands_still(false);
  *body.mutable_closed_at() = TimestampMessage(at);
  StopForClosing(body, calendar, at);
}

void MoveToCallBack(CaseRecord& record, absl::Time at, const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  EndObjection(body, v1::OBJECTION_RULING_LAPSED, calendar, at);
  if (body.paused()) ResumeClocks(body, at, "awaits its call-back", kBySystem);
  body.set_paused(false);
  ClearOutcome(record);
  if (!record.first_accepted_at.has_value()) record.first_accepted_at = at;
  body.set_state(v1::PROCESS_STATE_AWAITING_CALL_BACK);
  record.latest_at = std::max(record.latest_at, at);
}

namespace {

// The case is not settled after all: whoever follows it to the end goes on.
void FollowFurther(v1::Case& body, absl::Time at) {
  if (body.has_special()) FollowAgain(at, *body.mutable_special());
}

}  // namespace

void TakeUp(CaseRecord& record, absl::Time at, absl::string_view reason, absl::string_view by,
            const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  OpenAgain(record, at, by, calendar);
  ClearOutcome(record);
  body.clear_closed_at();
  RestartClock(body, v1::CLOCK_KIND_HANDLING, at, absl::StrCat("reopened: ", reason), by);
  TimeClocks(body, calendar);
  FollowFurther(body, at);
}

absl::CivilDay HeldOn(const v1::Convene& convene, absl::Time occurred_at) {
  const std::optional<absl::CivilDay> given =
      convene.has_held_on() ? CivilDayFrom(convene.held_on()) : std::optional<absl::CivilDay>();
  return given.value_or(CityDay(occurred_at));
}

namespace {

void Close(Step& step, v1::Outcome outcome) { CloseWith(step.record, outcome, step.at(), step.calendar()); }

void NoteContact(Step& step) { StopClock(step.body(), v1::CLOCK_KIND_RESPONSE, step.calendar(), step.at()); }

absl::Status Apply(Step& step, const v1::ReportProgress& report) {
  if (report.contacted()) NoteContact(step);
  if (report.plan()) StopClock(step.body(), v1::CLOCK_KIND_PLAN, step.calendar(), step.at());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Reply& reply) {
  v1::Assignment* part = FindInForce(step.body(), reply.department_id());
  if (part == nullptr || part->role() != v1::ASSIGNMENT_ROLE_CO_HANDLER) {
    return Refuse("NOT_A_CO_HANDLER", "the department does not co-handle this case",
                  "该部门不是本工单的协办部门");
  }
  if (part->has_clock()) StopClock(*part->mutable_clock(), step.calendar(), step.at());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Remind&) {
  step.body().set_reminder_count(step.body().reminder_count() + 1);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Convene& convene) {
  const absl::CivilDay held_on = HeldOn(convene, step.at());
  step.body().set_consultation_count(step.body().consultation_count() + 1);
  *step.record.facts.add_consulted_on() = DateMessage(held_on);
  return absl::OkStatus();
}

absl::Status MarkCase(Step& step, const v1::MarkSpecial& mark) {
  const std::string& follower = mark.follower_department_id();
  const directory::v1::Department* department = step.directory.FindDepartment(follower);
  if (department != nullptr && department->has_closed_on()) {
    return Refuse("DEPARTMENT_CLOSED", "the department has been closed", "该部门已撤销");
  }
  if (PartyOf(step.body(), follower, step.directory) == kNobody) {
    return Refuse("FOLLOWER_HAS_NO_PART",
                  "the department has no part in this case and is not in line with its unit",
                  "该部门与本工单无承办或隶属关系，不能跟进");
  }
  MarkAsSpecial(mark, step.at(), step.input.actor, *step.body().mutable_special());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Designate& designate) {
  if (designate.has_special()) ZHUQI_RETURN_IF_ERROR(MarkCase(step, designate.special()));
  if (designate.has_green_channel()) step.body().set_green_channel(designate.green_channel());
  if (designate.priority() != v1::CASE_PRIORITY_UNSPECIFIED) step.body().set_priority(designate.priority());
  if (designate.has_task_force()) {
    step.body().set_task_force(designate.task_force());
    step.body().set_task_force_id(step.input.task_force_id);
  }
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::ReportSpecial& report) {
  v1::SpecialItem& special = *step.body().mutable_special();
  const std::string& acting = step.input.acting_department_id;
  if (!acting.empty() && acting != special.follower_department_id()) {
    return Refuse("NOT_THE_FOLLOWER", "another department follows this case", "该工单由其他部门跟进");
  }
  TakeReport(report.text(), report.final(), step.at(), special);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Resolve&) {
  // The department's word is no outcome: what the enterprise said before is void, and it is asked again.
  ClearOutcome(step.record);
  // A child's is asked by its parent.
  if (step.variant == TransitionVariant::kOfChild) Close(step, v1::OUTCOME_ANSWERED);
  return absl::OkStatus();
}

// The enterprise got its answer, with the reasons.
absl::Status CloseWithReasons(Step& step, v1::Outcome outcome) {
  ClearOutcome(step.record);
  NoteContact(step);
  Close(step, outcome);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Withdraw& withdraw) {
  v1::Case& body = step.body();
  EndObjection(body, v1::OBJECTION_RULING_LAPSED, step.calendar(), step.at());
  CloseAsWithdrawn(step.record, step.at(), withdraw.reason(), step.input.actor, step.calendar());
  return absl::OkStatus();
}

// What the enterprise said, for the figures: it stands until it says something else. A call that nobody
// answers takes no answer back.
void NoteAnswer(Step& step, const v1::CallBack& call_back) {
  feed::v1::CallBackFacts& facts = *step.record.facts.mutable_call_back();
  if (!call_back.contacted() && facts.contacted()) return;
  *facts.mutable_on() = DateMessage(CityDay(step.at()));
  facts.set_contacted(call_back.contacted());
  facts.set_resolved(call_back.resolved());
  facts.set_satisfied(call_back.satisfied());
}

absl::Status Apply(Step& step, const v1::CallBack& call_back) {
  NoteAnswer(step, call_back);
  if (!call_back.contacted()) {
    ++step.record.unanswered_call_backs;
    return absl::OkStatus();
  }
  NoteContact(step);
  step.record.unanswered_call_backs = 0;
  if (step.variant == TransitionVariant::kDissatisfied) {
    ZHUQI_RETURN_IF_ERROR(MoveUp(step));
  }
  if (step.variant != TransitionVariant::kPlain) {
    ClearOutcome(step.record);
    FollowFurther(step.body(), step.at());
    if (!call_back.resolved()) step.body().set_outcome(v1::OUTCOME_NOT_RESOLVED);
  } else if (step.body().outcome() != v1::OUTCOME_RESOLVED) {
    step.body().set_outcome(v1::OUTCOME_RESOLVED);
    *step.record.facts.mutable_resolved_at() = TimestampMessage(step.at());
  }
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Reopen& reopen) {
  TakeUp(step.record, step.at(), reopen.reason(), step.input.actor, step.calendar());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Close&) {
  Close(step, step.body().outcome() == v1::OUTCOME_RESOLVED ? v1::OUTCOME_RESOLVED : v1::OUTCOME_UNCONFIRMED);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::ExcludeFromAppraisal& exclude) {
  if (exclude.reviewer() == step.input.actor) {
    return Refuse("REVIEWER_RECORDS", "whoever records the exclusion can not be its reviewer",
                  "剔除考核的登记人与审核人不得为同一人");
  }
  v1::AppraisalExclusion& exclusion = *step.body().mutable_appraisal_exclusion();
  exclusion.set_reason(exclude.reason());
  exclusion.set_reviewer(exclude.reviewer());
  *exclusion.mutable_since() = TimestampMessage(step.at());
  exclusion.set_recorded_by(step.input.actor);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::IncludeInAppraisal&) {
  step.body().clear_appraisal_exclusion();
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyAction(Step& step) {
  const v1::CaseAction& action = step.input.action;
  switch (action.action_case()) {
    case v1::CaseAction::kAccept:
      return Apply(step, action.accept());
    case v1::CaseAction::kAssign:
      return Apply(step, action.assign());
    case v1::CaseAction::kHandOver:
      return Apply(step, action.hand_over());
    case v1::CaseAction::kObject:
      return Apply(step, action.object());
    case v1::CaseAction::kRuleOnObjection:
      return Apply(step, action.rule_on_objection());
    case v1::CaseAction::kReportProgress:
      return Apply(step, action.report_progress());
    case v1::CaseAction::kReply:
      return Apply(step, action.reply());
    case v1::CaseAction::kHandOverAssistance:
      return Apply(step, action.hand_over_assistance());
    case v1::CaseAction::kRemind:
      return Apply(step, action.remind());
    case v1::CaseAction::kRequestExtension:
      return Apply(step, action.request_extension());
    case v1::CaseAction::kDecideExtension:
      return Apply(step, action.decide_extension());
    case v1::CaseAction::kPause:
      return Apply(step, action.pause());
    case v1::CaseAction::kResume:
      return Apply(step, action.resume());
    case v1::CaseAction::kEscalate:
      return Apply(step, action.escalate());
    case v1::CaseAction::kReturnCase:
      return Apply(step, action.return_case());
    case v1::CaseAction::kConvene:
      return Apply(step, action.convene());
    case v1::CaseAction::kDesignate:
      return Apply(step, action.designate());
    case v1::CaseAction::kDivide:
      return Apply(step, action.divide());
    case v1::CaseAction::kReportSpecial:
      return Apply(step, action.report_special());
    case v1::CaseAction::kResolve:
      return Apply(step, action.resolve());
    case v1::CaseAction::kExplain:
      return CloseWithReasons(step, v1::OUTCOME_EXPLAINED);
    case v1::CaseAction::kDecline:
      return CloseWithReasons(step, v1::OUTCOME_DECLINED);
    case v1::CaseAction::kWithdraw:
      return Apply(step, action.withdraw());
    case v1::CaseAction::kCallBack:
      return Apply(step, action.call_back());
    case v1::CaseAction::kReopen:
      return Apply(step, action.reopen());
    case v1::CaseAction::kClose:
      return Apply(step, action.close());
    case v1::CaseAction::kExcludeFromAppraisal:
      return Apply(step, action.exclude_from_appraisal());
    case v1::CaseAction::kIncludeInAppraisal:
      return Apply(step, action.include_in_appraisal());
    case v1::CaseAction::ACTION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("no action");
}

}  // namespace zhuqi::routing
