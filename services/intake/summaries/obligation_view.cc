#include "services/intake/summaries/obligation_view.h"

#include <algorithm>
#include <optional>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/intake/summaries/chain_rules.h"
#include "services/intake/summaries/reminder_rules.h"

namespace zhuqi::intake {
namespace {

// From the first due date, also when an extension lapsed. What is late by an hour is late by a day.
int32_t WorkingDaysLate(const v1::MonthlySummary& summary, const calendar::WorkingCalendar& calendar,
                        absl::Time at) {
  if (!IsLate(summary, at)) return 0;
  return std::max(1, calendar.WorkingDaysBetween(DayOfDeadline(TimeFrom(summary.due_at())), CityDay(at)));
}

bool IsNilReport(const v1::MonthlySummary& summary) {
  return summary.cells_size() > 0 &&
         std::all_of(summary.cells().begin(), summary.cells().end(),
                     [](const v1::SummaryCell& cell) { return cell.status() == v1::CELL_STATUS_NIL; });
}

bool IsComingDue(absl::Time act_by, const directory::v1::SummaryForm& form,
                 const calendar::WorkingCalendar& calendar, absl::Time now) {
  const std::optional<absl::CivilDay> from = FirstDayComingDue(act_by, form, calendar);
  return from.has_value() && CityDay(now) >= *from && now <= act_by;
}

v1::ObligationActor ActorOf(const v1::MonthlySummary& summary) {
  if (IsOpen(summary.state())) return v1::OBLIGATION_ACTOR_UNIT;
  if (summary.state() != v1::SUMMARY_STATE_SUBMITTED) return v1::OBLIGATION_ACTOR_UNSPECIFIED;
  // It can not be accepted as it is.
  return BasisSuperseded(summary) ? v1::OBLIGATION_ACTOR_UNIT : v1::OBLIGATION_ACTOR_REVIEWER;
}

}  // namespace

v1::Obligation ObligationOf(const StoredSummary& stored, const directory::v1::SummaryForm& form,
                            const calendar::WorkingCalendar& calendar, absl::Time now) {
  const v1::MonthlySummary& summary = stored.summary;
  v1::Obligation obligation;
  obligation.set_org_unit_id(summary.org_unit_id());
  *obligation.mutable_month() = summary.month();
  obligation.set_form_id(summary.form_id());
  obligation.set_state(summary.state());
  *obligation.mutable_due_at() = TimestampMessage(DueWithExtension(summary));
  obligation.set_due_provisional(summary.due_provisional());
  if (summary.has_first_submitted_at())
    *obligation.mutable_first_submitted_at() = summary.first_submitted_at();
  if (summary.has_first_submitted_at()) {
    obligation.set_working_days_late(
        WorkingDaysLate(summary, calendar, TimeFrom(summary.first_submitted_at())));
  } else if (summary.state() == v1::SUMMARY_STATE_OWED) {
    obligation.set_working_days_late(WorkingDaysLate(summary, calendar, now));
  }
  if (const std::optional<absl::Time> act_by = ActBy(summary)) {
    obligation.set_overdue(now > *act_by);
    obligation.set_coming_due(IsComingDue(*act_by, form, calendar, now));
  }
  obligation.set_revision(summary.revision());
  obligation.set_nil_report(IsNilReport(summary));
  obligation.set_returned_count(stored.returned_count);
  obligation.set_vintage(summary.vintage());
  obligation.set_basis_superseded(BasisSuperseded(summary));
  obligation.set_actor(ActorOf(summary));
  obligation.set_waiver_reason(summary.waiver_reason());
  return obligation;
}

}  // namespace zhuqi::intake
