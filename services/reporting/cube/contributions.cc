#include "services/reporting/cube/contributions.h"

#include <algorithm>
#include <limits>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"

namespace zhuqi::reporting {
namespace {

DayNumber DayOf(const google::protobuf::Timestamp& instant) {
  return DayNumberOf(CityDay(TimeFrom(instant)));
}

std::optional<DayNumber> DayOf(const common::v1::Date& date) {
  const std::optional<absl::CivilDay> day = CivilDayFrom(date);
  if (!day.has_value()) return std::nullopt;
  return DayNumberOf(*day);
}

void Add(Contributions& contributions, Component component, DayNumber day, int32_t value = 1) {
  if (IsCountedDay(day)) contributions.counts.push_back({component, day, value});
}

std::string KindName(intake::v1::IssueKind kind) {
  switch (kind) {
    case intake::v1::ISSUE_KIND_PROBLEM:
      return "PROBLEM";
    case intake::v1::ISSUE_KIND_NEED:
      return "NEED";
    case intake::v1::ISSUE_KIND_SUGGESTION:
      return "SUGGESTION";
    default:
      return "";
  }
}

int32_t Minutes(int64_t minutes) {
  return static_cast<int32_t>(std::clamp<int64_t>(minutes, 0, std::numeric_limits<int32_t>::max()));
}

// Open from receipt to closing. A closing dated before the receipt (history entered out of order) counts on
// the day of receipt, or the level would be below zero in between.
void AddOpen(const feed::v1::CaseFacts& facts, Contributions& to) {
  const std::optional<DayNumber> received = DayOf(facts.received_on());
  if (!received.has_value()) return;
  Add(to, Component::kOpenChange, *received, 1);
  if (facts.has_closed_at())
    Add(to, Component::kOpenChange, std::max(*received, DayOf(facts.closed_at())), -1);
}

void AddHandling(const feed::v1::CaseFacts& facts, Contributions& to) {
  if (!facts.has_handling_due_at()) return;
  const DayNumber due = DeadlineDay(TimeFrom(facts.handling_due_at()));
  Add(to, Component::kHandlingDue, due);
  if (!facts.has_closed_at()) {
    Add(to, Component::kOverdueBegun, due);
  } else if (DayOf(facts.closed_at()) > due) {
    Add(to, Component::kOverdueBegun, due);
    Add(to, Component::kOverdueEnded, DayOf(facts.closed_at()));
  }
}

void AddClosing(const feed::v1::CaseFacts& facts, Contributions& to) {
  if (facts.has_resolved_at()) Add(to, Component::kCasesResolved, DayOf(facts.resolved_at()));
  if (!facts.has_closed_at()) return;
  const DayNumber closed = DayOf(facts.closed_at());
  Add(to, Component::kCasesClosed, closed);
  // A clock that stands still has no deadline, and what has no deadline was not late.
  if (!facts.has_handling_due_at() || TimeFrom(facts.closed_at()) <= TimeFrom(facts.handling_due_at())) {
    Add(to, Component::kClosedOnTime, closed);
  }
  if (IsCountedDay(closed)) to.durations.push_back({closed, Minutes(facts.handling_minutes())});
}

void AddResponse(const feed::v1::CaseFacts& facts, Contributions& to) {
  if (!facts.has_response_due_at()) return;
  const DayNumber due = DeadlineDay(TimeFrom(facts.response_due_at()));
  Add(to, Component::kResponseDue, due);
  if (facts.has_responded_at() && TimeFrom(facts.responded_at()) <= TimeFrom(facts.response_due_at())) {
    Add(to, Component::kRespondedInTime, due);
  }
}

void AddCallBack(const feed::v1::CaseFacts& facts, Contributions& to) {
  if (!facts.has_call_back()) return;
  const std::optional<DayNumber> day = DayOf(facts.call_back().on());
  if (!day.has_value()) return;
  if (!facts.call_back().contacted()) {
    Add(to, Component::kCallBacksNotAnswered, *day);
    return;
  }
  Add(to, Component::kCallBacksAnswered, *day);
  if (facts.call_back().resolved()) Add(to, Component::kCallBacksResolved, *day);
  if (facts.call_back().satisfied()) Add(to, Component::kCallBacksSatisfied, *day);
}

// A number is a report also while it is provisional or an estimate: the unit stands by it for now.
bool HasNumber(intake::v1::CellStatus status) {
  return status == intake::v1::CELL_STATUS_REPORTED || status == intake::v1::CELL_STATUS_NIL ||
         status == intake::v1::CELL_STATUS_PROVISIONAL || status == intake::v1::CELL_STATUS_ESTIMATED;
}

// Nil counts as a reported zero; missing and not applicable are no report at all.
void AddReported(const feed::v1::SummaryFacts& facts, MonthNumber month, Contributions& to) {
  to.reported.push_back({facts.form_id(), "", month, 0, 0, 0, 1});
  if (!IsMet(facts)) return;
  for (const intake::v1::SummaryCell& cell : facts.cells()) {
    if (!HasNumber(cell.status())) continue;
    ReportedCell& reported = to.reported.emplace_back();
    reported.form_id = facts.form_id();
    reported.indicator_id = cell.indicator_id();
    reported.month = month;
    reported.value = cell.status() == intake::v1::CELL_STATUS_NIL ? 0 : cell.value();
    reported.cells = 1;
    reported.cells_accepted = facts.state() == intake::v1::SUMMARY_STATE_ACCEPTED ? 1 : 0;
  }
}

}  // namespace

std::optional<std::size_t> DimensionOf(v1::GroupBy group_by) {
  switch (group_by) {
    case v1::GROUP_BY_ISSUE_KIND:
      return 0;
    case v1::GROUP_BY_CATEGORY:
      return 1;
    case v1::GROUP_BY_DEPARTMENT:
      return 2;
    default:
      return std::nullopt;
  }
}

DayNumber DeadlineDay(absl::Time deadline) { return DayNumberOf(CityDay(deadline - absl::Microseconds(1))); }

bool IsMet(const feed::v1::SummaryFacts& facts) {
  return facts.state() == intake::v1::SUMMARY_STATE_SUBMITTED ||
         facts.state() == intake::v1::SUMMARY_STATE_ACCEPTED;
}

Contributions ContributionsOf(const feed::v1::RecordFacts& facts) {
  Contributions contributions;
  contributions.org_unit_id = facts.org_unit_id();
  // What is withdrawn stays, and adds nothing: the change that its withdrawal makes is what it had added,
  // taken back.
  const std::optional<DayNumber> day = DayOf(facts.on());
  if (!day.has_value() || facts.withdrawn()) return contributions;
  switch (facts.kind()) {
    case intake::v1::RECORD_KIND_VISIT:
      Add(contributions, Component::kVisits, *day);
      for (const std::string& uscc : facts.enterprise_usccs()) contributions.reached.push_back({*day, uscc});
      break;
    case intake::v1::RECORD_KIND_ISSUE:
      Add(contributions, Component::kIssuesReceived, *day);
      contributions.groups = {KindName(facts.issue_kind()), facts.category_id(), std::nullopt};
      break;
    case intake::v1::RECORD_KIND_POLICY_DELIVERY:
      Add(contributions, Component::kPoliciesDelivered, *day);
      break;
    default:
      break;
  }
  return contributions;
}

Contributions ContributionsOf(const feed::v1::CaseFacts& facts) {
  Contributions contributions;
  contributions.org_unit_id = facts.org_unit_id();
  // Nobody closes cases, or gets rid of overdue ones, by withdrawing their issues.
  if (facts.outcome() == routing::v1::OUTCOME_WITHDRAWN) return contributions;
  // An issue counts once, by the case that it became: several departments' children make it no more issues.
  if (!facts.parent_case_id().empty()) return contributions;
  contributions.groups = {KindName(facts.issue_kind()), facts.category_id(), facts.lead_function()};
  AddOpen(facts, contributions);
  AddHandling(facts, contributions);
  AddClosing(facts, contributions);
  AddResponse(facts, contributions);
  AddCallBack(facts, contributions);
  for (const auto& date : facts.escalated_on()) {
    if (const auto day = DayOf(date)) Add(contributions, Component::kEscalations, *day);
  }
  for (const auto& date : facts.consulted_on()) {
    if (const auto day = DayOf(date)) Add(contributions, Component::kConsultations, *day);
  }
  return contributions;
}

Contributions ContributionsOf(const feed::v1::SummaryFacts& facts) {
  Contributions contributions;
  contributions.org_unit_id = facts.org_unit_id();
  const std::optional<absl::CivilMonth> month = CivilMonthFrom(facts.month());
  if (!month.has_value() || facts.state() == intake::v1::SUMMARY_STATE_WAIVED) return contributions;
  const DayNumber due = DeadlineDay(TimeFrom(facts.due_at()));
  Add(contributions, Component::kObligationsDue, due);
  if (IsMet(facts)) {
    Add(contributions, Component::kObligationsMet, due);
    if (!facts.late()) Add(contributions, Component::kObligationsMetOnTime, due);
  }
  AddReported(facts, MonthNumberOf(*month), contributions);
  return contributions;
}

}  // namespace zhuqi::reporting
