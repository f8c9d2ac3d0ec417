#include "services/reporting/figures/record_queries.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"

namespace zhuqi::reporting {
namespace {

common::v1::DateSpan SpanMessage(DaySpan span) {
  common::v1::DateSpan message;
  *message.mutable_first() = DateMessage(CivilDayOf(span.first));
  *message.mutable_last() = DateMessage(CivilDayOf(span.last));
  return message;
}

intake::v1::IssueKind KindNamed(const std::string& name) {
  if (name == "PROBLEM") return intake::v1::ISSUE_KIND_PROBLEM;
  if (name == "NEED") return intake::v1::ISSUE_KIND_NEED;
  if (name == "SUGGESTION") return intake::v1::ISSUE_KIND_SUGGESTION;
  return intake::v1::ISSUE_KIND_UNSPECIFIED;
}

// `Request`: either owner's list, whose filters of kind and category have the same names. False when nothing
// can be in the group.
template <typename Request>
bool SetGroup(const Explanation& explanation, Request& request) {
  if (!explanation.group.has_value()) return true;
  if (explanation.group_by == v1::GROUP_BY_ISSUE_KIND) {
    request.set_issue_kind(KindNamed(*explanation.group));
    return request.issue_kind() != intake::v1::ISSUE_KIND_UNSPECIFIED;
  }
  // What is below a category is a group of its own.
  if (explanation.group_by == v1::GROUP_BY_CATEGORY) request.set_exact_category_id(*explanation.group);
  return true;
}

template <typename Request>
void SetPage(const Explanation& explanation, const std::string& org_unit_id, Request& request) {
  request.set_org_unit_id(org_unit_id);
  request.set_page_size(explanation.page_size);
  request.set_page_token(explanation.owner_page_token);
  request.set_include_total(true);
}

// The last day whose end counts for a level: a span that has not ended stands where it is today.
DayNumber LevelDay(DaySpan span, DayNumber today) { return std::min(span.last, today); }

bool SetDates(const Measure& measure, DaySpan span, DayNumber today, routing::v1::ListCasesRequest& request) {
  const DaySpan ended = EndedDays(span, today);
  const bool by_deadline =
      measure.records == RecordQuery::kCasesResponseDue || measure.records == RecordQuery::kCasesDue;
  if (by_deadline && ended.last < ended.first) return false;
  switch (measure.records) {
    case RecordQuery::kCasesClosed:
      *request.mutable_closed() = SpanMessage(span);
      return true;
    case RecordQuery::kCasesResolved:
      *request.mutable_resolved() = SpanMessage(span);
      return true;
    case RecordQuery::kCasesOpen:
      *request.mutable_open_at_end_of() = DateMessage(CivilDayOf(LevelDay(span, today)));
      return true;
    case RecordQuery::kCasesOverdue:
      *request.mutable_open_at_end_of() = DateMessage(CivilDayOf(LevelDay(span, today)));
      *request.mutable_due()->mutable_last() = DateMessage(CivilDayOf(ended.last));
      return true;
    case RecordQuery::kCasesEscalated:
      *request.mutable_escalated() = SpanMessage(span);
      return true;
    case RecordQuery::kCasesConsulted:
      *request.mutable_consulted() = SpanMessage(span);
      return true;
    case RecordQuery::kCasesResponseDue:
      *request.mutable_response_due() = SpanMessage(ended);
      return true;
    case RecordQuery::kCasesDue:
      *request.mutable_due() = SpanMessage(ended);
      return true;
    case RecordQuery::kCasesCalledBack:
      *request.mutable_called_back() = SpanMessage(span);
      return true;
    default:
      return false;
  }
}

const routing::v1::CaseClock* FindClock(const routing::v1::Case& item, routing::v1::ClockKind kind) {
  for (const auto& clock : item.clocks()) {
    if (clock.kind() == kind) return &clock;
  }
  return nullptr;
}

absl::CivilDay DayOf(const google::protobuf::Timestamp& instant) { return CityDay(TimeFrom(instant)); }

// Whether a call-back is one that the query counts; other actions always are. A call that nobody answered
// takes no answer back.
bool Counts(const routing::v1::CaseAction& action, RecordQuery query) {
  if (!action.has_call_back()) return true;
  return query == RecordQuery::kCasesResolved ? action.call_back().resolved()
                                              : action.call_back().contacted();
}

// The last action of the kind that lies in the span, moved something and counts.
const routing::v1::CaseEvent* LastAction(const routing::v1::Case& item, DaySpan span,
                                         routing::v1::CaseAction::ActionCase kind, RecordQuery query) {
  for (auto event = item.history().rbegin(); event != item.history().rend(); ++event) {
    if (event->late()) continue;
    // A call-back that leaves the enterprise dissatisfied and a step of a ladder may escalate, too.
    const bool is_kind =
        query == RecordQuery::kCasesEscalated ? event->escalated() : event->action().action_case() == kind;
    if (!is_kind) continue;
    if (!Counts(event->action(), query)) continue;
    absl::CivilDay day = DayOf(event->occurred_at());
    if (kind == routing::v1::CaseAction::kConvene && event->action().convene().has_held_on()) {
      day = CivilDayFrom(event->action().convene().held_on()).value_or(day);
    }
    if (DayNumberOf(day) >= span.first && DayNumberOf(day) <= span.last) return &*event;
  }
  return nullptr;
}

std::optional<routing::v1::CaseAction::ActionCase> ActionBehind(RecordQuery query) {
  switch (query) {
    case RecordQuery::kCasesResolved:
    case RecordQuery::kCasesCalledBack:
      return routing::v1::CaseAction::kCallBack;
    case RecordQuery::kCasesEscalated:
      return routing::v1::CaseAction::kEscalate;
    case RecordQuery::kCasesConsulted:
      return routing::v1::CaseAction::kConvene;
    default:
      return std::nullopt;
  }
}

absl::CivilDay DeadlineOf(const routing::v1::Case& item, routing::v1::ClockKind kind) {
  const routing::v1::CaseClock* clock = FindClock(item, kind);
  if (clock == nullptr || !clock->has_deadline()) return DayOf(item.received_at());
  return CivilDayOf(DeadlineDay(TimeFrom(clock->deadline())));
}

absl::CivilDay CountedDay(const routing::v1::Case& item, const Explanation& explanation) {
  const RecordQuery query = explanation.measure->records;
  if (const auto action = ActionBehind(query)) {
    const routing::v1::CaseEvent* event = LastAction(item, explanation.span.days, *action, query);
    if (event == nullptr) return DayOf(item.received_at());
    if (event->action().convene().has_held_on()) {
      return CivilDayFrom(event->action().convene().held_on()).value_or(DayOf(event->occurred_at()));
    }
    return DayOf(event->occurred_at());
  }
  switch (query) {
    case RecordQuery::kCasesClosed:
      return item.has_closed_at() ? DayOf(item.closed_at()) : DayOf(item.received_at());
    case RecordQuery::kCasesResponseDue:
      return DeadlineOf(item, routing::v1::CLOCK_KIND_RESPONSE);
    case RecordQuery::kCasesDue:
    case RecordQuery::kCasesOverdue:
      return DeadlineOf(item, routing::v1::CLOCK_KIND_HANDLING);
    default:
      return DayOf(item.received_at());
  }
}

bool IsInNumerator(const routing::v1::Case& item, const Explanation& explanation) {
  const DaySpan span = explanation.span.days;
  switch (explanation.measure->in_numerator) {
    case NumeratorTest::kRespondedInTime: {
      const auto* clock = FindClock(item, routing::v1::CLOCK_KIND_RESPONSE);
      return clock != nullptr && clock->has_stopped_at() && !clock->breached();
    }
    case NumeratorTest::kClosedInSpan: {
      if (!item.has_closed_at()) return false;
      const DayNumber day = DayNumberOf(DayOf(item.closed_at()));
      return day >= span.first && day <= span.last;
    }
    case NumeratorTest::kClosedOnTime: {
      const auto* clock = FindClock(item, routing::v1::CLOCK_KIND_HANDLING);
      return clock == nullptr || !clock->breached();
    }
    case NumeratorTest::kCallBackResolved:
    case NumeratorTest::kCallBackSatisfied: {
      const auto* event =
          LastAction(item, span, routing::v1::CaseAction::kCallBack, RecordQuery::kCasesCalledBack);
      if (event == nullptr) return false;
      const routing::v1::CallBack& answer = event->action().call_back();
      return explanation.measure->in_numerator == NumeratorTest::kCallBackResolved ? answer.resolved()
                                                                                   : answer.satisfied();
    }
    default:
      return false;
  }
}

std::string VisitTitle(const intake::v1::Visit& visit) {
  std::string title = visit.team().empty() ? "走访" : visit.team();
  if (visit.enterprises_size() > 0) {
    const auto& first = visit.enterprises(0);
    absl::StrAppend(&title, "：", first.name().empty() ? first.uscc() : first.name());
  }
  if (visit.enterprises_size() > 1) absl::StrAppend(&title, " 等 ", visit.enterprises_size(), " 家");
  return title;
}

}  // namespace

RecordOwner OwnerOf(RecordQuery query) {
  switch (query) {
    case RecordQuery::kVisits:
    case RecordQuery::kPolicyDeliveries:
    case RecordQuery::kIssues:
      return RecordOwner::kAtIntake;
    case RecordQuery::kObligations:
      return RecordOwner::kHere;
    default:
      return RecordOwner::kAtRouting;
  }
}

std::optional<intake::v1::ListRecordsRequest> RecordsBehind(const Explanation& explanation,
                                                            const std::string& org_unit_id) {
  intake::v1::ListRecordsRequest request;
  switch (explanation.measure->records) {
    case RecordQuery::kVisits:
      request.set_kind(intake::v1::RECORD_KIND_VISIT);
      break;
    case RecordQuery::kPolicyDeliveries:
      request.set_kind(intake::v1::RECORD_KIND_POLICY_DELIVERY);
      break;
    case RecordQuery::kIssues:
      request.set_kind(intake::v1::RECORD_KIND_ISSUE);
      break;
    default:
      return std::nullopt;
  }
  SetPage(explanation, org_unit_id, request);
  if (!SetGroup(explanation, request)) return std::nullopt;
  *request.mutable_dates() = SpanMessage(explanation.span.days);
  return request;
}

std::optional<routing::v1::ListCasesRequest> CasesBehind(const Explanation& explanation,
                                                         const std::string& org_unit_id, DayNumber today) {
  routing::v1::ListCasesRequest request;
  if (!SetDates(*explanation.measure, explanation.span.days, today, request)) return std::nullopt;
  request.set_without_children(true);  // they are in no figure
  SetPage(explanation, org_unit_id, request);
  if (!SetGroup(explanation, request)) return std::nullopt;
  if (explanation.group_by == v1::GROUP_BY_DEPARTMENT && explanation.group.has_value()) {
    request.set_lead_function(*explanation.group);
  }
  return request;
}

bool NeedsHistory(const Measure& measure) { return ActionBehind(measure.records).has_value(); }

v1::RecordReference ReferenceTo(const intake::v1::Record& record) {
  const intake::v1::RecordSubmission& submission = record.submission();
  v1::RecordReference reference;
  reference.set_owner("intake");
  reference.set_id(record.record_id());
  reference.set_org_unit_id(submission.org_unit_id());
  switch (submission.record_case()) {
    case intake::v1::RecordSubmission::kVisit:
      *reference.mutable_date() = submission.visit().visited_on();
      reference.set_title(VisitTitle(submission.visit()));
      break;
    case intake::v1::RecordSubmission::kIssue:
      *reference.mutable_date() = DateMessage(DayOf(submission.issue().raised_at()));
      reference.set_title(submission.issue().title());
      break;
    case intake::v1::RecordSubmission::kPolicyDelivery:
      *reference.mutable_date() = submission.policy_delivery().delivered_on();
      reference.set_title(submission.policy_delivery().policy());
      break;
    default:
      break;
  }
  return reference;
}

v1::RecordReference ReferenceTo(const routing::v1::Case& item, const Explanation& explanation) {
  v1::RecordReference reference;
  reference.set_owner("routing");
  reference.set_id(item.case_id());
  reference.set_org_unit_id(item.org_unit_id());
  *reference.mutable_date() = DateMessage(CountedDay(item, explanation));
  reference.set_title(item.issue().title());
  reference.set_in_numerator(IsInNumerator(item, explanation));
  return reference;
}

}  // namespace zhuqi::reporting
