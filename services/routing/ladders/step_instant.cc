#include "services/routing/ladders/step_instant.h"

#include <algorithm>
#include <variant>

#include "common/base/civil_time.h"
#include "common/calendar/deadline.h"

namespace zhuqi::routing {
namespace {

using calendar::CalendarHours;
using calendar::ClockLedger;
using calendar::TimeLimit;
using calendar::WorkingCalendar;
using calendar::WorkingDays;
using calendar::WorkingHours;

// The day at whose end, or on which, `deadline` falls: midnight belongs to the day that it ends.
absl::CivilDay DayOfDeadline(absl::Time deadline) { return CityDay(deadline - absl::Microseconds(1)); }

// The earliest instant with `working` of working time between it and `end`: counted forwards from the
// beginning of a day that is surely earlier.
absl::Time BackByWorkingTime(absl::Time end, absl::Duration working, const WorkingCalendar& calendar) {
  const int days = static_cast<int>(working / calendar.WorkingTimePerDay()) + 2;
  const absl::Time from = StartOfCityDay(calendar.SubtractWorkingDays(CityDay(end), days));
  return calendar.AddWorkingTime(from, calendar.WorkingTimeBetween(from, end) - working);
}

absl::Time Before(const TimeLimit& offset, absl::Time deadline, const WorkingCalendar& calendar) {
  if (const auto* days = std::get_if<WorkingDays>(&offset)) {
    const absl::CivilDay day = DayOfDeadline(deadline);
    return StartOfCityDay(calendar.SubtractWorkingDays(day, days->count)) + (deadline - StartOfCityDay(day));
  }
  if (const auto* hours = std::get_if<WorkingHours>(&offset)) {
    return BackByWorkingTime(deadline, absl::Minutes(hours->minutes), calendar);
  }
  return deadline - absl::Minutes(std::get<CalendarHours>(offset).minutes);
}

// The clock as it goes on from `from`.
ClockLedger GoingOnFrom(const ClockLedger& ledger, absl::Time from) {
  ClockLedger rest;
  for (const calendar::Interval& interval : ledger.intervals) {
    if (interval.end.has_value() && *interval.end <= from) continue;
    rest.intervals.push_back(interval);
    rest.intervals.back().start = std::max(interval.start, from);
  }
  return rest;
}

// The offset is the limit of a clock that starts at the deadline.
std::optional<absl::Time> After(const TimeLimit& offset, const ClockLedger& ledger, absl::Time deadline,
                                const WorkingCalendar& calendar) {
  calendar::ClockPolicy policy;
  policy.limit = offset;
  absl::Time from = deadline;
  if (std::holds_alternative<WorkingDays>(offset)) {
    const absl::CivilDay day = DayOfDeadline(deadline);
    from -= absl::Microseconds(1);
    policy.cut_off_minute =
        static_cast<int>(absl::ToInt64Minutes(absl::Ceil(deadline - StartOfCityDay(day), absl::Minutes(1))));
  }
  const auto due = calendar::ComputeDeadline(GoingOnFrom(ledger, from), policy, calendar);
  if (!due.ok()) return std::nullopt;
  return due->instant;
}

}  // namespace

std::optional<TimeLimit> OffsetOf(const v1::LadderStep& step) {
  switch (step.offset_case()) {
    case v1::LadderStep::kWorkingDays:
      return WorkingDays{step.working_days().count()};
    case v1::LadderStep::kWorkingHours:
      return WorkingHours{step.working_hours().minutes()};
    case v1::LadderStep::kCalendarHours:
      return CalendarHours{step.calendar_hours().minutes()};
    case v1::LadderStep::OFFSET_NOT_SET:
      break;
  }
  return std::nullopt;
}

std::optional<absl::Time> StepInstant(const v1::LadderStep& step, const ClockLedger& ledger,
                                      absl::Time deadline, const WorkingCalendar& calendar) {
  const std::optional<TimeLimit> offset = OffsetOf(step);
  if (!offset.has_value()) return deadline;
  if (step.before_deadline()) return Before(*offset, deadline, calendar);
  return After(*offset, ledger, deadline, calendar);
}

}  // namespace zhuqi::routing
