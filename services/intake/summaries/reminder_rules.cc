#include "services/intake/summaries/reminder_rules.h"

#include <algorithm>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/intake/summaries/obligation_rules.h"

namespace zhuqi::intake {
namespace {

// The shortest time that instants tell apart: what is due then is overdue after it.
constexpr absl::Duration kTick = absl::Microseconds(1);

bool WasReminded(const v1::MonthlySummary& summary, v1::ReminderKind kind, absl::Time act_by) {
  return std::any_of(summary.reminders().begin(), summary.reminders().end(),
                     [&](const v1::SummaryReminder& reminder) {
                       return reminder.kind() == kind && TimeFrom(reminder.act_by()) == act_by;
                     });
}

}  // namespace

absl::CivilDay DayOfDeadline(absl::Time deadline) { return CityDay(deadline - kTick); }

std::optional<absl::CivilDay> FirstDayComingDue(absl::Time act_by, const directory::v1::SummaryForm& form,
                                                const calendar::WorkingCalendar& calendar) {
  if (form.remind_working_days() == 0) return std::nullopt;
  return calendar.SubtractWorkingDays(DayOfDeadline(act_by), form.remind_working_days());
}

std::optional<absl::Time> NextReminderAt(const v1::MonthlySummary& summary, const Directory& directory) {
  const std::optional<absl::Time> act_by = ActBy(summary);
  if (!act_by.has_value() || TimeFrom(summary.made_at()) > *act_by) return std::nullopt;
  if (WasReminded(summary, v1::REMINDER_KIND_OVERDUE, *act_by)) return std::nullopt;
  const absl::StatusOr<const directory::v1::SummaryForm*> form = FormOf(directory, summary);
  if (form.ok() && !WasReminded(summary, v1::REMINDER_KIND_DUE_SOON, *act_by)) {
    const auto day = FirstDayComingDue(*act_by, **form, directory.calendar());
    if (day.has_value()) return StartOfCityDay(*day);
  }
  return *act_by + kTick;
}

std::optional<StoredSummary> Reminded(const StoredSummary& current, const Directory& directory,
                                      absl::Time now) {
  const std::optional<absl::Time> next = NextReminderAt(current.summary, directory);
  if (!next.has_value() || now < *next || !directory.calendar().IsWorkingTime(now)) return std::nullopt;
  const absl::Time act_by = ActBy(current.summary).value_or(now);
  StoredSummary after = current;
  v1::SummaryReminder& reminder = *after.summary.add_reminders();
  reminder.set_kind(now > act_by ? v1::REMINDER_KIND_OVERDUE : v1::REMINDER_KIND_DUE_SOON);
  *reminder.mutable_act_by() = TimestampMessage(act_by);
  *reminder.mutable_reminded_at() = TimestampMessage(now);
  ++after.sequence;
  return after;
}

feed::OutgoingEvent ReminderEvent(const StoredSummary& after, int64_t directory_sequence) {
  const v1::MonthlySummary& summary = after.summary;
  feed::OutgoingEvent outgoing;
  outgoing.partition = after.partition;
  outgoing.event.set_directory_sequence(directory_sequence);
  feed::v1::ObligationReminded& reminded = *outgoing.event.mutable_obligation_reminded();
  reminded.set_org_unit_id(summary.org_unit_id());
  *reminded.mutable_month() = summary.month();
  reminded.set_form_id(summary.form_id());
  reminded.set_state(summary.state());
  *reminded.mutable_reminder() = *summary.reminders().rbegin();
  reminded.set_sequence(after.sequence);
  return outgoing;
}

}  // namespace zhuqi::intake
