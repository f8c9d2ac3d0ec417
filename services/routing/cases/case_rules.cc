#include "services/routing/cases/case_rules.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_facts.h"
#include "services/routing/cases/case_succession.h"
#include "services/routing/cases/case_transitions.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

// What one action needs, and the case that it changes.
struct Step {
  CaseRecord& record;
  const ActionInput& input;
  const Directory& directory;
  const v1::Catalogue& catalogue;
  absl::Time occurred_at;

  v1::Case& body() const { return record.body; }
  absl::Time at() const { return occurred_at; }
};

absl::Status Refuse(absl::string_view reason, absl::string_view english, absl::string_view chinese) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, english, chinese);
}

// ---- Outcome, closing ----

void ClearOutcome(CaseRecord& record) {
  record.body.set_outcome(v1::OUTCOME_UNSPECIFIED);
  record.facts.clear_resolved_at();
}

void Close(Step& step, v1::Outcome outcome) {
  step.body().set_outcome(outcome);
  *step.body().mutable_closed_at() = TimestampMessage(step.at());
  StopClock(step.body(), v1::CLOCK_KIND_HANDLING, step.directory.calendar(), step.at());
}

void NoteContact(Step& step) {
  StopClock(step.body(), v1::CLOCK_KIND_RESPONSE, step.directory.calendar(), step.at());
}

// ---- What each action does beside the transition ----

absl::Status Apply(Step& step, const v1::Accept&) {
  if (!step.record.first_accepted_at.has_value()) step.record.first_accepted_at = step.at();
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Assign& assign) {
  v1::Case& body = step.body();
  const v1::Assignment* present = FindInForce(body, assign.department_id());
  if (present != nullptr && present->role() == assign.role()) {
    return Refuse("ALREADY_ASSIGNED", "the department has this part already", "该部门已承担此职责");
  }
  if (assign.department_id() == body.lead_department_id()) {
    return Refuse("LEAD_NEEDS_SUCCESSOR",
                  "the lead can not give its part away: make another department the lead first",
                  "主办部门不得直接改任，请先指定新的主办部门");
  }
  if (assign.role() == v1::ASSIGNMENT_ROLE_LEAD) {
    ChangeLead(body, assign.department_id(), step.at());
    ClearOutcome(step.record);
    step.record.unanswered_call_backs = 0;
    return absl::OkStatus();
  }
  EndAssignment(body, assign.department_id(), step.at());
  AddAssignment(body, assign.department_id(), assign.role(), step.at());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::ReportProgress& report) {
  if (report.contacted()) NoteContact(step);
  return absl::OkStatus();
}

// Who leads at `unit_id` and above once a case is escalated there: the same function, else what the catalogue
// names.
const directory::v1::Department* LeadAbove(const Step& step, const std::string& unit_id) {
  const directory::v1::Department* former = step.directory.FindDepartment(step.body().lead_department_id());
  const std::string function = former == nullptr ? std::string() : former->function();
  const std::string& fallback = step.catalogue.default_target().lead_function();
  if (const auto* same = step.directory.FindDepartment(unit_id, function)) return same;
  if (const auto* named = step.directory.FindDepartment(unit_id, fallback)) return named;
  if (const auto* above = step.directory.FindDepartmentUpwards(unit_id, function)) return above;
  return step.directory.FindDepartmentUpwards(unit_id, fallback);
}

absl::Status Apply(Step& step, const v1::Escalate&) {
  v1::Case& body = step.body();
  const directory::v1::OrgUnit* owner = step.directory.FindUnit(body.owner_org_unit_id());
  if (owner == nullptr || owner->parent_id().empty()) {
    return Refuse("ESCALATION_AT_TOP", "there is no unit above the one that is accountable",
                  "已是最高层级，无法提级");
  }
  const directory::v1::Department* lead = LeadAbove(step, owner->parent_id());
  if (lead == nullptr) {
    return Refuse("ESCALATION_HAS_NO_LEAD", "no department above could lead the case",
                  "上级没有可主办的部门");
  }
  body.set_owner_org_unit_id(owner->parent_id());
  body.set_escalation_count(body.escalation_count() + 1);
  *step.record.facts.add_escalated_on() = DateMessage(CityDay(step.at()));
  if (lead->department_id() == body.lead_department_id()) return absl::OkStatus();
  const std::string former = body.lead_department_id();
  ChangeLead(body, lead->department_id(), step.at());
  AddAssignment(body, former, v1::ASSIGNMENT_ROLE_CO_HANDLER, step.at());
  // As with Assign: what was said of another lead's work is no outcome of the new one's.
  ClearOutcome(step.record);
  step.record.unanswered_call_backs = 0;
  return absl::OkStatus();
}

absl::CivilDay HeldOn(const v1::Convene& convene, absl::Time occurred_at) {
  const std::optional<absl::CivilDay> given =
      convene.has_held_on() ? CivilDayFrom(convene.held_on()) : std::optional<absl::CivilDay>();
  return given.value_or(CityDay(occurred_at));
}

absl::Status Apply(Step& step, const v1::Convene& convene) {
  step.body().set_consultation_count(step.body().consultation_count() + 1);
  *step.record.facts.add_consulted_on() = DateMessage(HeldOn(convene, step.at()));
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Designate& designate) {
  if (designate.has_green_channel()) step.body().set_green_channel(designate.green_channel());
  if (designate.has_task_force()) step.body().set_task_force(designate.task_force());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Resolve&) {
  // The department's word is no outcome: what the enterprise said before is void, and it is asked again.
  ClearOutcome(step.record);
  step.record.unanswered_call_backs = 0;
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Explain&) {
  ClearOutcome(step.record);
  NoteContact(step);  // the enterprise got its answer
  Close(step, v1::OUTCOME_EXPLAINED);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::CallBack& call_back) {
  feed::v1::CallBackFacts& facts = *step.record.facts.mutable_call_back();
  // What the enterprise said stands until it says something else: a call that nobody answers takes no answer
  // back.
  if (call_back.contacted() || !facts.contacted()) {
    *facts.mutable_on() = DateMessage(CityDay(step.at()));
    facts.set_contacted(call_back.contacted());
    facts.set_resolved(call_back.resolved());
    facts.set_satisfied(call_back.satisfied());
  }
  if (!call_back.contacted()) {
    ++step.record.unanswered_call_backs;
    return absl::OkStatus();
  }
  NoteContact(step);
  step.record.unanswered_call_backs = 0;
  if (!call_back.resolved()) {
    ClearOutcome(step.record);
    step.body().set_outcome(v1::OUTCOME_NOT_RESOLVED);
  } else if (step.body().outcome() != v1::OUTCOME_RESOLVED) {
    step.body().set_outcome(v1::OUTCOME_RESOLVED);
    *step.record.facts.mutable_resolved_at() = TimestampMessage(step.at());
  }
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Reopen& reopen) {
  if (step.body().issue_withdrawn()) {
    return Refuse("ISSUE_WITHDRAWN",
                  "the issue was withdrawn at intake: the case opens again when it is sent again",
                  "诉求已撤回，重新报送后工单自动恢复");
  }
  ClearOutcome(step.record);
  step.record.unanswered_call_backs = 0;
  step.body().clear_closed_at();
  RestartClock(step.body(), v1::CLOCK_KIND_HANDLING, step.at(), absl::StrCat("reopened: ", reopen.reason()),
               step.input.actor);
  TimeClocks(step.body(), step.directory.calendar());
  // While it was closed its owner may have ended.
  const auto over =
      SuccessionOf(step.body(), step.directory, step.catalogue.default_target().lead_function());
  if (over.has_value()) HandOver(*over, step.directory, step.at(), step.record);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Close&) {
  if (!MayClose(step.record)) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "CLOSE_NEEDS_CALL_BACK",
                      absl::StrCat("the enterprise must have confirmed it, or ", kUnansweredCallBacksToClose,
                                   " call-backs must have reached nobody"),
                      "须经回访确认解决，或回访两次以上无法联系企业，方可办结",
                      {{"unanswered_call_backs", absl::StrCat(step.record.unanswered_call_backs)},
                       {"allowed", absl::StrJoin(AllowedActions(step.record, step.directory), ",")}});
  }
  Close(step, step.body().outcome() == v1::OUTCOME_RESOLVED ? v1::OUTCOME_RESOLVED : v1::OUTCOME_UNCONFIRMED);
  return absl::OkStatus();
}

absl::Status ApplyAction(Step& step) {
  const v1::CaseAction& action = step.input.action;
  switch (action.action_case()) {
    case v1::CaseAction::kAccept:
      return Apply(step, action.accept());
    case v1::CaseAction::kAssign:
      return Apply(step, action.assign());
    case v1::CaseAction::kReportProgress:
      return Apply(step, action.report_progress());
    case v1::CaseAction::kEscalate:
      return Apply(step, action.escalate());
    case v1::CaseAction::kConvene:
      return Apply(step, action.convene());
    case v1::CaseAction::kDesignate:
      return Apply(step, action.designate());
    case v1::CaseAction::kResolve:
      return Apply(step, action.resolve());
    case v1::CaseAction::kExplain:
      return Apply(step, action.explain());
    case v1::CaseAction::kCallBack:
      return Apply(step, action.call_back());
    case v1::CaseAction::kReopen:
      return Apply(step, action.reopen());
    case v1::CaseAction::kClose:
      return Apply(step, action.close());
    case v1::CaseAction::ACTION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("no action");
}

absl::Status Transition(Step& step) {
  const v1::CaseAction& action = step.input.action;
  const v1::ProcessState next =
      NextState(step.body().state(), action.action_case(), VariantOf(action, step.body()));
  if (next == v1::PROCESS_STATE_UNSPECIFIED) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
                      absl::StrCat("\"", ActionName(action.action_case()), "\" is not possible in state ",
                                   v1::ProcessState_Name(step.body().state())),
                      "当前状态下不能进行该操作",
                      {{"allowed", absl::StrJoin(AllowedActions(step.record, step.directory), ",")},
                       {"state", v1::ProcessState_Name(step.body().state())}});
  }
  ZHUQI_RETURN_IF_ERROR(ApplyAction(step));
  step.body().set_state(next);
  return absl::OkStatus();
}

// ---- Times ----

absl::Status CheckTimes(const CaseRecord& record, const ActionInput& input, absl::Time occurred_at) {
  rpc::Violations violations;
  const absl::Time received_at = TimeFrom(record.body.received_at());
  if (input.occurred_at.has_value() && *input.occurred_at > input.recorded_at + kClockTolerance) {
    violations.Add("occurred_at", "OCCURRED_IN_FUTURE", "it can not have happened yet",
                   "发生时间不得晚于当前时间");
  }
  if (occurred_at < received_at) {
    violations.Add("occurred_at", "OCCURRED_BEFORE_RECEIPT", "the case had not been received then",
                   "发生时间不得早于接收时间");
  }
  if (input.action.has_convene()) {
    const absl::CivilDay held_on = HeldOn(input.action.convene(), occurred_at);
    if (held_on > CityDay(occurred_at) || held_on < CityDay(received_at)) {
      violations.Add("action.convene.held_on", "HELD_OUT_OF_RANGE",
                     "from the day of receipt to the day of the action",
                     "会商日期须在接收之日至本次操作之日之间");
    }
  }
  return violations.ToStatus();
}

// When an action counts as having happened. The clocks of two replicas differ a little: what is done now is
// never late.
absl::Time OccurredAt(const CaseRecord& record, const ActionInput& input) {
  if (!input.occurred_at.has_value()) return std::max(input.recorded_at, record.latest_at);
  return std::min(*input.occurred_at, input.recorded_at);
}

// ---- The entry in the history ----

v1::CaseEvent NextEvent(CaseRecord& record, absl::Time occurred_at, absl::Time recorded_at,
                        absl::string_view actor) {
  record.body.set_sequence(record.body.sequence() + 1);
  record.body.set_etag(absl::StrCat("v", record.body.sequence()));
  v1::CaseEvent event;
  event.set_sequence(record.body.sequence());
  *event.mutable_occurred_at() = TimestampMessage(occurred_at);
  *event.mutable_recorded_at() = TimestampMessage(recorded_at);
  event.set_actor(std::string(actor));
  return event;
}

// ---- The calendar ----

constexpr size_t kMaxNamedDays = 100;

// The days that `calendar` names in the stretch in which the moved clocks run.
google::protobuf::RepeatedPtrField<directory::v1::DateOverride> NamedDays(
    const v1::Case& body, const v1::DeadlinesMoved& moved, const directory::v1::WorkingCalendar& calendar) {
  absl::CivilDay first = absl::CivilDay::max();
  absl::CivilDay last = absl::CivilDay::min();
  for (const v1::MovedDeadline& deadline : moved.deadlines()) {
    const v1::CaseClock* clock = FindClock(body, deadline.kind());
    first = std::min(first, CityDay(TimeFrom(clock->intervals(0).start())));
    last = std::max({last, CityDay(TimeFrom(deadline.before())), CityDay(TimeFrom(deadline.after()))});
  }
  std::vector<const directory::v1::DateOverride*> days;
  for (const directory::v1::DateOverride& day : calendar.overrides()) {
    const std::optional<absl::CivilDay> date = CivilDayFrom(day.date());
    if (date.has_value() && *date >= first && *date <= last) days.push_back(&day);
  }
  google::protobuf::RepeatedPtrField<directory::v1::DateOverride> named;
  for (size_t i = days.size() - std::min(days.size(), kMaxNamedDays); i < days.size(); ++i) {
    *named.Add() = *days[i];
  }
  return named;
}

// ---- Issues ----

v1::IssueSummary SummaryOf(const feed::v1::RecordChanged& issue) {
  v1::IssueSummary summary;
  summary.set_kind(issue.after().issue_kind());
  summary.set_category_id(issue.after().category_id());
  summary.set_title(issue.issue().title());
  summary.set_text(issue.issue().text());
  if (!issue.after().enterprise_usccs().empty()) {
    summary.mutable_enterprise()->set_uscc(issue.after().enterprise_usccs(0));
  }
  summary.mutable_enterprise()->set_name(issue.issue().enterprise_name());
  *summary.mutable_department_functions() = issue.after().department_functions();
  summary.set_legacy(issue.after().legacy());
  summary.set_project(issue.issue().project());
  return summary;
}

// Names of the top fields of IssueSummary that differ.
std::vector<std::string> DifferingFields(const v1::IssueSummary& before, const v1::IssueSummary& after) {
  std::vector<std::string> names;
  const google::protobuf::Descriptor& type = *v1::IssueSummary::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    google::protobuf::util::MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, after, {field}, {field})) names.push_back(field->name());
  }
  return names;
}

v1::RouteInputs InputsOf(const feed::v1::RecordFacts& facts) {
  v1::RouteInputs inputs;
  inputs.set_kind(facts.issue_kind());
  inputs.set_category_id(facts.category_id());
  inputs.set_org_unit_id(facts.org_unit_id());
  *inputs.mutable_department_functions() = facts.department_functions();
  inputs.set_legacy(facts.legacy());
  return inputs;
}

absl::Time RaisedAt(const feed::v1::RecordChanged& issue, absl::Time otherwise) {
  return issue.issue().has_raised_at() ? TimeFrom(issue.issue().raised_at()) : otherwise;
}

// The case as if it had been received at `at`.
void CorrectReceipt(CaseRecord& record, absl::Time at, const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  const absl::Time former = TimeFrom(body.received_at());
  *body.mutable_received_at() = TimestampMessage(at);
  for (v1::Assignment& assignment : *body.mutable_assignments()) {
    if (TimeFrom(assignment.since()) != former) continue;
    const absl::Time since = assignment.has_until() ? std::min(at, TimeFrom(assignment.until())) : at;
    *assignment.mutable_since() = TimestampMessage(since);
  }
  // Nothing has moved the case since its receipt: what happens after the corrected one is not late.
  if (record.latest_at == former) record.latest_at = at;
  MoveStart(body, calendar, at);
}

}  // namespace

absl::StatusOr<CaseChange> ReceiveCase(const feed::v1::RecordChanged& issue, absl::Time recorded_at,
                                       const Directory& directory, const v1::Catalogue& catalogue,
                                       int32_t partition) {
  const feed::v1::RecordFacts& facts = issue.after();
  const absl::Time received_at = RaisedAt(issue, recorded_at);
  ZHUQI_ASSIGN_OR_RETURN(const v1::RouteDecision decision,
                         DecideRoute(catalogue, directory, InputsOf(facts)));
  CaseChange change;
  CaseRecord& record = change.record;
  v1::Case& body = record.body;
  body.set_case_id(Uuid::Derived("case", facts.record_id(), received_at).ToString());
  body.set_issue_record_id(facts.record_id());
  *body.mutable_issue_key() = issue.issue().key();
  body.set_org_unit_id(facts.org_unit_id());
  body.set_owner_org_unit_id(decision.owner_org_unit_id());
  *body.mutable_issue() = SummaryOf(issue);
  body.set_state(v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  *body.add_decisions() = decision;
  body.set_green_channel(decision.target().green_channel());
  *body.mutable_received_at() = TimestampMessage(received_at);
  ChangeLead(body, decision.lead_department_id(), received_at);
  for (const std::string& co_handler : decision.co_handler_department_ids()) {
    AddAssignment(body, co_handler, v1::ASSIGNMENT_ROLE_CO_HANDLER, received_at);
  }
  OpenClocks(body, decision, catalogue, directory.calendar(), received_at);
  record.latest_at = received_at;
  record.partition = partition;
  change.event = NextEvent(record, received_at, recorded_at, kBySystem);
  change.event.set_state_after(body.state());
  *change.event.mutable_received()->mutable_decision() = decision;
  record.facts = FactsOf(record, directory);
  return change;
}

namespace {

// Puts the issue as it is now into the case; names of the fields that differ.
std::vector<std::string> TakeIssue(v1::Case& body, const feed::v1::RecordChanged& issue) {
  const v1::IssueSummary summary = SummaryOf(issue);
  std::vector<std::string> fields = DifferingFields(body.issue(), summary);
  *body.mutable_issue() = summary;
  if (body.org_unit_id() != issue.after().org_unit_id()) {
    // Figures count the case where its issue was raised, so it follows a corrected issue; its owner stays.
    body.set_org_unit_id(issue.after().org_unit_id());
    fields.push_back("org_unit_id");
  }
  return fields;
}

constexpr v1::ClockKind kClocks[] = {v1::CLOCK_KIND_RESPONSE, v1::CLOCK_KIND_HANDLING};

// What was closed before stays closed as it is: its work was done.
void CloseAsWithdrawn(CaseRecord& record, absl::Time at, absl::string_view reason,
                      const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  if (body.state() == v1::PROCESS_STATE_CLOSED) return;
  body.set_state_before_withdrawal(body.state());
  body.set_outcome_before_withdrawal(body.outcome());
  body.set_state(v1::PROCESS_STATE_CLOSED);
  body.set_outcome(v1::OUTCOME_WITHDRAWN);
  const std::string why = absl::StrCat("withdrawn: ", reason);
  for (const v1::ClockKind kind : kClocks) PauseClock(body, kind, at, why, kBySystem);
  TimeClocks(body, calendar);
  *body.mutable_closed_at() = TimestampMessage(at);
  record.latest_at = std::max(record.latest_at, at);
}

void OpenAgain(CaseRecord& record, absl::Time at, const calendar::WorkingCalendar& calendar) {
  v1::Case& body = record.body;
  if (body.outcome() != v1::OUTCOME_WITHDRAWN) return;
  body.set_state(body.state_before_withdrawal());
  body.set_outcome(body.outcome_before_withdrawal());
  body.clear_state_before_withdrawal();
  body.clear_outcome_before_withdrawal();
  body.clear_closed_at();
  for (const v1::ClockKind kind : kClocks) ResumeClock(body, kind, at, "brought back", kBySystem);
  TimeClocks(body, calendar);
  record.latest_at = std::max(record.latest_at, at);
}

// Fills IssueRevised or IssueReturned: what came with the revision, and what it did to receipt and deadlines.
template <typename Event>
void NoteRevision(const v1::Case& before, const v1::Case& after, int64_t revision,
                  const std::vector<std::string>& fields, Event& event) {
  event.set_revision(revision);
  for (const std::string& field : fields) event.add_fields(field);
  if (TimeFrom(before.received_at()) == TimeFrom(after.received_at())) return;
  *event.mutable_received_at_before() = before.received_at();
  *event.mutable_received_at() = after.received_at();
  *event.mutable_deadlines() = MovedDeadlines(before, after);
}

}  // namespace

CaseChange ReviseIssue(const CaseRecord& before, const feed::v1::RecordChanged& issue, absl::Time recorded_at,
                       const Directory& directory) {
  CaseChange change;
  change.record = before;
  CaseRecord& record = change.record;
  std::vector<std::string> fields = TakeIssue(record.body, issue);
  record.body.set_issue_withdrawn(issue.after().withdrawn());
  const absl::Time received_at = RaisedAt(issue, TimeFrom(before.body.received_at()));
  if (received_at != TimeFrom(before.body.received_at())) {
    CorrectReceipt(record, received_at, directory.calendar());
    fields.push_back("raised_at");
  }
  const int64_t revision = issue.after().revision();
  // latest_at stays when the issue was revised alone: a correction at intake does not make what departments
  // did before it late.
  if (issue.after().withdrawn()) {
    CloseAsWithdrawn(record, recorded_at, issue.issue().withdrawal_reason(), directory.calendar());
    change.event.mutable_issue_withdrawn()->set_revision(revision);
    change.event.mutable_issue_withdrawn()->set_reason(issue.issue().withdrawal_reason());
  } else if (issue.before().withdrawn()) {
    OpenAgain(record, recorded_at, directory.calendar());
    NoteRevision(before.body, record.body, revision, fields, *change.event.mutable_issue_returned());
  } else {
    NoteRevision(before.body, record.body, revision, fields, *change.event.mutable_issue_revised());
  }
  change.event.MergeFrom(NextEvent(record, recorded_at, recorded_at, kBySystem));
  change.event.set_state_after(record.body.state());
  record.facts = FactsOf(record, directory);
  return change;
}

std::optional<CaseChange> FollowCalendar(const CaseRecord& before, absl::Time recorded_at,
                                         const Directory& directory) {
  CaseChange change;
  change.record = before;
  CaseRecord& record = change.record;
  TimeClocks(record.body, directory.calendar());
  v1::DeadlinesMoved moved;
  *moved.mutable_deadlines() = MovedDeadlines(before.body, record.body);
  if (moved.deadlines().empty()) return std::nullopt;
  *moved.mutable_days() = NamedDays(record.body, moved, directory.calendar_message());
  // latest_at stays: a notice makes nothing late that departments did before it.
  change.event = NextEvent(record, recorded_at, recorded_at, kBySystem);
  change.event.set_state_after(record.body.state());
  *change.event.mutable_deadlines_moved() = std::move(moved);
  record.facts = FactsOf(record, directory);
  return change;
}

std::optional<CaseChange> FollowSuccession(const CaseRecord& before, absl::Time recorded_at,
                                           const Directory& directory, const std::string& default_function) {
  if (before.body.state() == v1::PROCESS_STATE_CLOSED) return std::nullopt;
  const std::optional<v1::HandedOver> over = SuccessionOf(before.body, directory, default_function);
  if (!over.has_value()) return std::nullopt;
  CaseChange change;
  change.record = before;
  const absl::Time at = std::max(recorded_at, before.latest_at);
  HandOver(*over, directory, at, change.record);
  // What the former lead did before and tells late is history.
  if (over->lead_department_id() != over->former_lead_department_id()) change.record.latest_at = at;
  change.event = NextEvent(change.record, at, recorded_at, kBySystem);
  change.event.set_state_after(change.record.body.state());
  *change.event.mutable_handed_over() = *over;
  change.record.facts = FactsOf(change.record, directory);
  return change;
}

absl::StatusOr<CaseChange> Act(const CaseRecord& before, const ActionInput& input, const Directory& directory,
                               const v1::Catalogue& catalogue) {
  const absl::Time occurred_at = OccurredAt(before, input);
  ZHUQI_RETURN_IF_ERROR(CheckTimes(before, input, occurred_at));
  CaseChange change;
  change.record = before;
  const bool late = occurred_at < before.latest_at;
  if (!late) {
    // A closing settles all clocks as they stand.
    TimeClocks(change.record.body, directory.calendar());
    Step step{change.record, input, directory, catalogue, occurred_at};
    ZHUQI_RETURN_IF_ERROR(Transition(step));
    change.record.latest_at = occurred_at;
  }
  change.event = NextEvent(change.record, occurred_at, input.recorded_at, input.actor);
  change.event.set_comment(input.comment);
  change.event.set_late(late);
  change.event.set_state_after(change.record.body.state());
  *change.event.mutable_action() = input.action;
  change.record.facts = FactsOf(change.record, directory);
  return change;
}

v1::Case Present(const CaseRecord& record, const Directory& directory, absl::Time now) {
  v1::Case shown = record.body;
  FillClocks(shown, directory.calendar(), now);
  for (std::string& name : AllowedActions(record, directory)) shown.add_allowed_actions(std::move(name));
  return shown;
}

}  // namespace zhuqi::routing
