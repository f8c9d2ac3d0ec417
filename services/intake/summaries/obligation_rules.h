// Who owes which monthly summary, by when, and when not any more. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "services/intake/summaries/summary_rules.h"

namespace zhuqi::intake {

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
                            int32_t partitions);

// Brings an obligation in line with the directory as it is now; absent when it is.
// - What is open and can not be met any more (the unit closed before the summary was due, the form no longer
// asks for
//   it) is waived with a reason. What was overdue already when the unit closed stays owed: closing does not
//   undo it.
// - A waiver whose reason is gone is taken back.
// - A due date that is to come, or was provisional, follows calendar and form; one that has passed stays as
// it was.
std::optional<StoredSummary> Adjusted(const StoredSummary& current, const Directory& directory,
                                      absl::Time now);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_RULES_H_
