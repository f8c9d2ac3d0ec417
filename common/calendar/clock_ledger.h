// A clock as a ledger of intervals: when it ran and when it was paused, why and by whom. Pure. The ledger is
// all that is stored; deadlines are worked out from it (deadline.h) and never kept as the truth.
#ifndef ZHUQI_COMMON_CALENDAR_CLOCK_LEDGER_H_
#define ZHUQI_COMMON_CALENDAR_CLOCK_LEDGER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"

namespace zhuqi::calendar {

struct Interval {
  enum class State { kRunning, kPaused };

  absl::Time start;
  // Absent while the interval lasts.
  std::optional<absl::Time> end = {};
  State state = State::kRunning;
  std::string reason = {};
  // Who began the interval.
  std::string by = {};
};

// Time that a clock has run, in all three measures, so that a policy of any measure can take over.
struct TimeUsed {
  // Days counted against a limit in working days (see deadline.h), on or after the clock's first day and
  // strictly before the day of measuring: that day itself is left to whoever counts on.
  int working_days = 0;
  // Running, inside working hours.
  absl::Duration working_time;
  // Running, by the wall clock.
  absl::Duration calendar_time;
  // Whether the day of measuring can count at all. The day on which a clock first starts can not.
  bool day_counts = false;
  // Whether the clock ran in working hours of the day of measuring, before the instant of measuring.
  bool day_ran = false;

  friend bool operator==(const TimeUsed&, const TimeUsed&) = default;
};

struct ClockLedger {
  // What ran under the policy before; zero for a clock that has none before it. Measured at the first
  // interval's start.
  TimeUsed carried = {};
  // Oldest first, each beginning where the one before ends; only the last may lack an end.
  std::vector<Interval> intervals = {};
};

// INVALID_ARGUMENT unless the intervals are as ClockLedger says, with at least one of them.
absl::Status CheckLedger(const ClockLedger& ledger);

ClockLedger OpenClock(absl::Time at, absl::string_view reason, absl::string_view by);

// The ledger with one more change. FAILED_PRECONDITION when the clock is not in the state that the change
// starts from; INVALID_ARGUMENT when `at` is before the last change: a late event becomes history and does
// not rewrite it.
absl::StatusOr<ClockLedger> PauseClock(ClockLedger ledger, absl::Time at, absl::string_view reason,
                                       absl::string_view by);
absl::StatusOr<ClockLedger> ResumeClock(ClockLedger ledger, absl::Time at, absl::string_view reason,
                                        absl::string_view by);
// Ends a running or paused clock for good.
absl::StatusOr<ClockLedger> CloseClock(ClockLedger ledger, absl::Time at);

bool IsClosed(const ClockLedger& ledger);
// In a pause that has not ended.
bool IsPaused(const ClockLedger& ledger);

// The clock as it goes on for ever: one that is closed runs on from its end. Every reckoning of what is still
// to come is made on it.
ClockLedger RunOn(ClockLedger ledger);

// What a clock ran of [from, to), carried time left out.
struct TimeRun {
  // Inside working hours.
  absl::Duration working_time;
  // By the wall clock.
  absl::Duration calendar_time;
};
TimeRun TimeRunBetween(const ClockLedger& ledger, const WorkingCalendar& calendar, absl::Time from,
                       absl::Time to);

// What the clock has used at `at`, carried time included. Intervals after `at` do not count.
TimeUsed TimeUsedAt(const ClockLedger& ledger, const WorkingCalendar& calendar, absl::Time at);

struct PolicyChange {
  // The clock under the old policy, ended.
  ClockLedger closed;
  // The clock under the new one: in the state in which the old one was, with what it had used carried over.
  ClockLedger opened;
};

// Ends `ledger` at `at` and begins the clock of the new policy there. Errors as PauseClock's. The old clock
// keeps its own deadline, and its breach if there was one.
absl::StatusOr<PolicyChange> ChangePolicy(ClockLedger ledger, const WorkingCalendar& calendar, absl::Time at,
                                          absl::string_view reason, absl::string_view by);

// Whether `day` counts against a limit in working days: it is a working day after the day on which the clock
// first started, and the clock was not paused through all of its working hours. A day that no interval
// reaches counts: an open clock is taken to go on in its state, a closed one to run on.
bool IsCountedDay(const ClockLedger& ledger, const WorkingCalendar& calendar, absl::CivilDay day);

}  // namespace zhuqi::calendar

#endif  // ZHUQI_COMMON_CALENDAR_CLOCK_LEDGER_H_
