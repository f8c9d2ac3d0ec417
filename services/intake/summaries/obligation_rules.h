// Who owes which monthly summary, by when, and when not any more. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "services/intake/summaries/stored_summary.h"

namespace zhuqi::intake {

// The version of the form that the summary is owed by, now and for ever. Unavailable while this replica's
// directory does not have it yet: a replica with a newer one made the obligation.
absl::StatusOr<const directory::v1::SummaryForm*> FormOf(const Directory& directory,
                                                         const v1::MonthlySummary& summary);

struct DueDate {
  absl::Time at;
  // A day on the way to it is a guess: no notice names that year's holidays.
  bool provisional = false;
};

// The form's working day of the month that follows, at its minute.
DueDate DueDateOf(const directory::v1::SummaryForm& form, absl::CivilMonth month,
                  const calendar::WorkingCalendar& calendar);

// The months that the form asks for and that have begun at `now`, oldest first.
std::vector<absl::CivilMonth> MonthsBegun(const directory::v1::SummaryForm& form, absl::Time now);

// Why `unit` does not owe `form` for `month`; absent when it does. A unit owes it when it was open on any day
// of the month.
std::optional<std::string> WhyNotOwed(const directory::v1::OrgUnit& unit,
                                      const directory::v1::SummaryForm& form, absl::CivilMonth month);

// The obligation as it is made when the month begins.
StoredSummary NewObligation(const Directory& directory, const directory::v1::OrgUnit& unit,
                            const directory::v1::SummaryForm& form, absl::CivilMonth month,
                            int32_t partitions, absl::Time now);

// Brings an obligation in line with the directory; absent when it is.
// - What is open and can not be met any more (the unit closed before the summary was due, or before a
// returned
//   one had to be sent again; the form no longer asks for it) is waived with a reason. What was overdue
//   already when the unit closed stays as it is: closing does not undo it.
// - A waiver whose reason is gone is taken back, unless somebody decided it.
// - A due date is frozen with the calendar that it was worked out by. Only one that was provisional is
// settled
//   by the notice of its year; whoever must be given more time after that is given it by an extension, with a
//   name to it.
std::optional<StoredSummary> Adjusted(const StoredSummary& current, const Directory& directory);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_RULES_H_
