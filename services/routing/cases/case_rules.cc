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
#include "services/routing/cases/assistant_rules.h"
#include "services/routing/cases/case_actions.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_facts.h"
#include "services/routing/cases/case_succession.h"
#include "services/routing/cases/case_transitions.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/ladders/ladder_rules.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {
namespace {

// The action as the table has it.
absl::Status Transition(Step& step) {
  const v1::CaseAction& action = step.input.action;
  ZHUQI_RETURN_IF_ERROR(
      CheckTransition(step.record, action, step.input.acting_department_id, step.directory, step.at()));
  const v1::ProcessState next = NextState(step.body().state(), action.action_case(), step.variant);
  ZHUQI_RETURN_IF_ERROR(ApplyAction(step));
  step.body().set_state(next);
  if (next == v1::PROCESS_STATE_AWAITING_ACCEPTANCE) AwaitAcceptance(step.body(), step.at());
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

}  // namespace

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

namespace {

// ---- The calendar ----

constexpr size_t kMaxNamedDays = 100;

// The days that `calendar` names in the stretch in which the moved clocks run.
google::protobuf::RepeatedPtrField<directory::v1::DateOverride> NamedDays(
    const v1::Case& body, const v1::DeadlinesMoved& moved, const directory::v1::WorkingCalendar& calendar) {
  absl::CivilDay first = absl::CivilDay::max();
  absl::CivilDay last = absl::CivilDay::min();
  for (const v1::MovedDeadline& deadline : moved.deadlines()) {
    const v1::CaseClock* clock = FindClock(body, deadline.kind(), deadline.department_id());
    if (clock != nullptr) first = std::min(first, CityDay(StartOf(*clock)));
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

}  // namespace

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

namespace {

// What a new issue is routed by.
v1::RouteInputs InputsOf(const feed::v1::RecordChanged& issue, absl::Time raised_at, absl::Time routed_at,
                         const KeywordSet& keywords) {
  const feed::v1::RecordFacts& facts = issue.after();
  v1::RouteInputs inputs;
  inputs.set_kind(facts.issue_kind());
  inputs.set_category_id(facts.category_id());
  inputs.set_org_unit_id(facts.org_unit_id());
  *inputs.mutable_department_functions() = facts.department_functions();
  inputs.set_legacy(facts.legacy());
  inputs.set_amount_fen(facts.amount_fen());
  *inputs.mutable_enterprise_tags() = issue.issue().enterprise_tags();
  inputs.set_age_days(static_cast<int32_t>(std::max<int64_t>(0, CityDay(routed_at) - CityDay(raised_at))));
  return WithKeywords(std::move(inputs), issue.issue().title(), issue.issue().text(), keywords);
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
    if (assignment.has_clock()) MoveStart(*assignment.mutable_clock(), calendar, since);
  }
  // Nothing has moved the case since its receipt: what happens after the corrected one is not late.
  if (record.latest_at == former) record.latest_at = at;
  for (v1::CaseClock& clock : *body.mutable_clocks()) MoveStart(clock, calendar, at);
}

}  // namespace

absl::StatusOr<CaseChange> ReceiveCase(const feed::v1::RecordChanged& issue, absl::Time recorded_at,
                                       const Directory& directory, const CompiledCatalogue& catalogue,
                                       int32_t partition) {
  const feed::v1::RecordFacts& facts = issue.after();
  const absl::Time received_at = RaisedAt(issue, recorded_at);
  ZHUQI_ASSIGN_OR_RETURN(v1::RouteDecision decision,
                         DecideRoute(catalogue.message(), directory,
                                     InputsOf(issue, received_at, recorded_at, catalogue.keywords())));
  decision.set_occasion(v1::ROUTE_OCCASION_RECEIVED);
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
  body.set_priority(decision.target().priority());
  body.set_hand_out_count(1);
  change.wants_assistant = decision.target().assistant_needed();
  *body.mutable_received_at() = TimestampMessage(received_at);
  OpenClocks(body, decision, catalogue.message(), received_at);
  ChangeLead(body, decision.lead_department_id(), directory.calendar(), received_at);
  AwaitAcceptance(body, received_at);
  for (const std::string& co_handler : decision.co_handler_department_ids()) {
    AddAssignment(body, co_handler, v1::ASSIGNMENT_ROLE_CO_HANDLER, received_at);
  }
  TimeClocks(body, directory.calendar());
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
  // The clocks of two replicas differ a little: no stretch of a ledger ends before it begins.
  const absl::Time at = std::max({recorded_at, before.latest_at, received_at});
  if (issue.after().withdrawn()) {
    // What was closed or withdrawn by hand before stays so, also when the issue is brought back.
    if (record.body.state() != v1::PROCESS_STATE_CLOSED) record.body.set_withdrawn_with_issue(true);
    CloseAsWithdrawn(record, at, issue.issue().withdrawal_reason(), kBySystem, directory.calendar());
    change.event.mutable_issue_withdrawn()->set_revision(revision);
    change.event.mutable_issue_withdrawn()->set_reason(issue.issue().withdrawal_reason());
  } else if (issue.before().withdrawn()) {
    if (record.body.withdrawn_with_issue()) OpenAgain(record, at, kBySystem, directory.calendar());
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
  if (AreTimedBy(before.body, directory.calendar())) return std::nullopt;
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

namespace {

// Whether a department's own clock began then.
bool BeganAClock(const v1::Case& body, absl::Time at) {
  return std::any_of(body.assignments().begin(), body.assignments().end(), [&](const v1::Assignment& part) {
    return part.has_clock() && !part.has_until() && TimeFrom(part.since()) == at;
  });
}

}  // namespace

std::optional<CaseChange> FollowSuccession(const CaseRecord& before, absl::Time recorded_at,
                                           const Directory& directory, const std::string& default_function) {
  if (before.body.state() == v1::PROCESS_STATE_CLOSED) return std::nullopt;
  std::optional<v1::HandedOver> over = SuccessionOf(before.body, directory, default_function);
  if (!over.has_value()) return std::nullopt;
  CaseChange change;
  change.record = before;
  const absl::Time at = std::max(recorded_at, before.latest_at);
  HandOver(*over, directory, at, change.record);
  TimeClocks(change.record.body, directory.calendar());
  change.wants_assistant = AssistantOf(before.body).has_value() && !IsAssisted(change.record.body, directory);
  // What the former lead did before and tells late is history; and what anybody did before a clock began does
  // not reach back into its ledger.
  const bool lead_changed = over->lead_department_id() != over->former_lead_department_id();
  if (lead_changed || BeganAClock(change.record.body, at)) change.record.latest_at = at;
  change.event = NextEvent(change.record, at, recorded_at, kBySystem);
  change.event.set_state_after(change.record.body.state());
  *change.event.mutable_handed_over() = *std::move(over);
  change.record.facts = FactsOf(change.record, directory);
  return change;
}

absl::StatusOr<CaseChange> Act(const CaseRecord& before, const ActionInput& input, const Directory& directory,
                               const CompiledCatalogue& catalogue) {
  const absl::Time occurred_at = OccurredAt(before, input);
  ZHUQI_RETURN_IF_ERROR(CheckTimes(before, input, occurred_at));
  CaseChange change;
  change.record = before;
  const bool late = occurred_at < before.latest_at;
  if (!late) {
    // A closing settles all clocks as they stand.
    if (!AreTimedBy(before.body, directory.calendar())) {
      TimeClocks(change.record.body, directory.calendar());
    }
    Step step{change.record, input,       directory,
              catalogue,     occurred_at, VariantOf(input.action, before, directory)};
    ZHUQI_RETURN_IF_ERROR(Transition(step));
    TimeClocks(change.record.body, directory.calendar());
    change.record.latest_at = occurred_at;
    // An enterprise that was assisted is to the end, also when its assistant gets another part.
    const bool lost = AssistantOf(before.body).has_value() && !AssistantOf(change.record.body).has_value();
    change.wants_assistant =
        step.wants_assistant || (lost && change.record.body.state() != v1::PROCESS_STATE_CLOSED);
    if (step.assistant.has_value()) *change.event.mutable_assistant() = *std::move(step.assistant);
    if (step.decision.has_value()) *change.event.mutable_decision() = *std::move(step.decision);
  }
  change.event.MergeFrom(NextEvent(change.record, occurred_at, input.recorded_at, input.actor));
  change.event.set_comment(input.comment);
  change.event.set_acting_department_id(input.acting_department_id);
  change.event.set_escalated(change.record.body.escalation_count() > before.body.escalation_count());
  change.event.set_late(late);
  change.event.set_state_after(change.record.body.state());
  *change.event.mutable_action() = input.action;
  change.record.facts = FactsOf(change.record, directory);
  return change;
}

v1::Case Present(const CaseRecord& record, const Directory& directory, absl::Time now) {
  CaseRecord shown = record;
  FillClocks(shown.body, directory.calendar(), now);
  FillNextStep(shown.body, directory.calendar());
  if (shown.body.has_special()) {
    PresentSpecial(*shown.body.mutable_special(), directory.calendar(), CityDay(now),
                   shown.body.state() != v1::PROCESS_STATE_CLOSED);
  }
  for (std::string& name : AllowedActions(shown, directory, now)) {
    shown.body.add_allowed_actions(std::move(name));
  }
  return std::move(shown.body);
}

}  // namespace zhuqi::routing
