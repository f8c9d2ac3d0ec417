#include "common/calendar/clock_ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"

namespace zhuqi::calendar {
namespace {

using State = Interval::State;

absl::CivilDay FirstDay(const ClockLedger& ledger) { return CityDay(ledger.intervals.front().start); }

// Working time of `interval` within [from, to).
absl::Duration WorkingTimeWithin(const Interval& interval, const WorkingCalendar& calendar, absl::Time from,
                                 absl::Time to) {
  const absl::Time end = interval.end.value_or(absl::InfiniteFuture());
  return calendar.WorkingTimeBetween(std::max(interval.start, from), std::min(end, to));
}

absl::Duration WorkingTimeInState(const ClockLedger& ledger, const WorkingCalendar& calendar, State state,
                                  absl::Time from, absl::Time to) {
  absl::Duration sum;
  for (const Interval& interval : ledger.intervals) {
    if (interval.state == state) sum += WorkingTimeWithin(interval, calendar, from, to);
  }
  return sum;
}

absl::Status CheckChange(const ClockLedger& ledger, absl::Time at) {
  ZHUQI_RETURN_IF_ERROR(CheckLedger(ledger));
  const Interval& last = ledger.intervals.back();
  if (last.end.has_value()) return absl::FailedPreconditionError("the clock is closed");
  if (at < last.start) return absl::InvalidArgumentError("the change is before the clock's last change");
  return absl::OkStatus();
}

absl::StatusOr<ClockLedger> Switch(ClockLedger ledger, State to, absl::Time at, absl::string_view reason,
                                   absl::string_view by) {
  ZHUQI_RETURN_IF_ERROR(CheckChange(ledger, at));
  Interval& last = ledger.intervals.back();
  if (last.state == to) {
    return absl::FailedPreconditionError(to == State::kPaused ? "the clock is paused already"
                                                              : "the clock is running already");
  }
  last.end = at;
  ledger.intervals.push_back(
      {.start = at, .end = std::nullopt, .state = to, .reason = std::string(reason), .by = std::string(by)});
  return ledger;
}

// The number of counted days from the ledger's first day until just before `day`, which is a later one.
int CountedDaysBefore(const ClockLedger& ledger, const WorkingCalendar& calendar, absl::CivilDay day) {
  const absl::CivilDay first = FirstDay(ledger);
  int count = IsCountedDay(ledger, calendar, first) ? 1 : 0;
  const bool never_paused = std::none_of(ledger.intervals.begin(), ledger.intervals.end(),
                                         [](const Interval& i) { return i.state == State::kPaused; });
  if (never_paused) return count + calendar.WorkingDaysBetween(first, day - 1);
  for (absl::CivilDay each = first + 1; each < day; ++each) {
    if (IsCountedDay(ledger, calendar, each)) ++count;
  }
  return count;
}

}  // namespace

absl::Status CheckLedger(const ClockLedger& ledger) {
  if (ledger.intervals.empty()) return absl::InvalidArgumentError("the clock has no interval");
  for (std::size_t i = 0; i < ledger.intervals.size(); ++i) {
    const Interval& interval = ledger.intervals[i];
    const bool is_last = i + 1 == ledger.intervals.size();
    if (!interval.end.has_value() && !is_last) {
      return absl::InvalidArgumentError(absl::StrCat("interval ", i, " of the clock has no end"));
    }
    if (interval.end.has_value() && *interval.end < interval.start) {
      return absl::InvalidArgumentError(absl::StrCat("interval ", i, " of the clock ends before it begins"));
    }
    if (!is_last && ledger.intervals[i + 1].start != *interval.end) {
      return absl::InvalidArgumentError(
          absl::StrCat("interval ", i + 1, " of the clock does not begin where the one before ends"));
    }
  }
  return absl::OkStatus();
}

ClockLedger OpenClock(absl::Time at, absl::string_view reason, absl::string_view by) {
  ClockLedger ledger;
  ledger.intervals.push_back({.start = at,
                              .end = std::nullopt,
                              .state = State::kRunning,
                              .reason = std::string(reason),
                              .by = std::string(by)});
  return ledger;
}

absl::StatusOr<ClockLedger> PauseClock(ClockLedger ledger, absl::Time at, absl::string_view reason,
                                       absl::string_view by) {
  return Switch(std::move(ledger), State::kPaused, at, reason, by);
}

absl::StatusOr<ClockLedger> ResumeClock(ClockLedger ledger, absl::Time at, absl::string_view reason,
                                        absl::string_view by) {
  return Switch(std::move(ledger), State::kRunning, at, reason, by);
}

absl::StatusOr<ClockLedger> CloseClock(ClockLedger ledger, absl::Time at) {
  ZHUQI_RETURN_IF_ERROR(CheckChange(ledger, at));
  ledger.intervals.back().end = at;
  return ledger;
}

bool IsClosed(const ClockLedger& ledger) {
  return !ledger.intervals.empty() && ledger.intervals.back().end.has_value();
}

bool IsPaused(const ClockLedger& ledger) {
  return !ledger.intervals.empty() && !IsClosed(ledger) && ledger.intervals.back().state == State::kPaused;
}

bool IsCountedDay(const ClockLedger& ledger, const WorkingCalendar& calendar, absl::CivilDay day) {
  const absl::CivilDay first = FirstDay(ledger);
  if (day < first || !calendar.IsWorkingDay(day)) return false;
  absl::Time from = StartOfCityDay(day);
  const absl::Time to = StartOfCityDay(day + 1);
  if (day == first) {
    if (!ledger.carried.day_counts) return false;
    if (ledger.carried.day_ran) return true;
    // Before it began, the clock that it follows was paused through this day's working hours.
    from = ledger.intervals.front().start;
  }
  return WorkingTimeInState(ledger, calendar, State::kPaused, from, to) <
         calendar.WorkingTimeBetween(from, to);
}

ClockLedger RunOn(ClockLedger ledger) {
  if (!IsClosed(ledger)) return ledger;
  ledger.intervals.push_back({.start = *ledger.intervals.back().end});
  return ledger;
}

TimeRun TimeRunBetween(const ClockLedger& ledger, const WorkingCalendar& calendar, absl::Time from,
                       absl::Time to) {
  TimeRun run;
  run.working_time = WorkingTimeInState(ledger, calendar, State::kRunning, from, to);
  for (const Interval& interval : ledger.intervals) {
    if (interval.state != State::kRunning) continue;
    const absl::Time end = std::min(interval.end.value_or(absl::InfiniteFuture()), to);
    run.calendar_time += std::max(end - std::max(interval.start, from), absl::ZeroDuration());
  }
  return run;
}

TimeUsed TimeUsedAt(const ClockLedger& ledger, const WorkingCalendar& calendar, absl::Time at) {
  TimeUsed used = ledger.carried;
  if (IsClosed(ledger)) at = std::min(at, *ledger.intervals.back().end);
  if (ledger.intervals.empty() || at <= ledger.intervals.front().start) return used;
  const TimeRun run = TimeRunBetween(ledger, calendar, ledger.intervals.front().start, at);
  used.working_time += run.working_time;
  used.calendar_time += run.calendar_time;
  const absl::CivilDay day = CityDay(at);
  const bool ran_today =
      WorkingTimeInState(ledger, calendar, State::kRunning, StartOfCityDay(day), at) > absl::ZeroDuration();
  if (day == FirstDay(ledger)) {
    used.day_ran = used.day_ran || ran_today;
    return used;
  }
  used.working_days += CountedDaysBefore(ledger, calendar, day);
  used.day_counts = true;
  used.day_ran = ran_today;
  return used;
}

absl::StatusOr<PolicyChange> ChangePolicy(ClockLedger ledger, const WorkingCalendar& calendar, absl::Time at,
                                          absl::string_view reason, absl::string_view by) {
  const bool was_paused = IsPaused(ledger);
  PolicyChange change;
  ZHUQI_ASSIGN_OR_RETURN(change.closed, CloseClock(std::move(ledger), at));
  change.opened = OpenClock(at, reason, by);
  if (was_paused) change.opened.intervals.back().state = State::kPaused;
  change.opened.carried = TimeUsedAt(change.closed, calendar, at);
  return change;
}

}  // namespace zhuqi::calendar
