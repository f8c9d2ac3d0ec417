// What a unit is reminded of, and when: that its summary is due soon, and that it is overdue. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_REMINDER_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_REMINDER_RULES_H_

#include <cstdint>
#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "common/feed/append.h"
#include "services/intake/summaries/stored_summary.h"

namespace zhuqi::intake {

// The day on which what has this deadline is due: what ends at midnight is due on the day that ends then.
absl::CivilDay DayOfDeadline(absl::Time deadline);

// The first day on which a summary that is to be sent by `act_by` is coming due; absent when the form
// reminds of nothing before it is due.
std::optional<absl::CivilDay> FirstDayComingDue(absl::Time act_by, const directory::v1::SummaryForm& form,
                                                const calendar::WorkingCalendar& calendar);

// From when on there is something to remind the unit of, if the obligation goes on as it stands. Absent: of
// nothing more. A form that this directory does not know yet reminds of nothing before it is due.
std::optional<absl::Time> NextReminderAt(const v1::MonthlySummary& summary, const Directory& directory);

// The obligation after the reminder that is to go out at `now`, the last one of its `reminders`; absent when
// none is. They go out in working time alone. What was missed comes late, but nobody hears that something is
// due soon that is overdue by then.
std::optional<StoredSummary> Reminded(const StoredSummary& current, const Directory& directory,
                                      absl::Time now);

// The event of the last reminder of `after`.
feed::OutgoingEvent ReminderEvent(const StoredSummary& after, int64_t directory_sequence);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_REMINDER_RULES_H_
