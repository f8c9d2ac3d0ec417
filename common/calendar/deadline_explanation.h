// A deadline as a person would reckon it: day by day, what each day is, whether it counts and why, and the
// running sum that leads to the deadline. It is made of what ComputeDeadline is made of (IsCountedDay,
// CutOffsOn, StandsStillAt, TimeRunBetween, TimeUsedAt): there is no second reckoning. Pure.
#ifndef ZHUQI_COMMON_CALENDAR_DEADLINE_EXPLANATION_H_
#define ZHUQI_COMMON_CALENDAR_DEADLINE_EXPLANATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/clock_ledger.h"
#include "common/calendar/deadline.h"
#include "common/calendar/working_calendar.h"

namespace zhuqi::calendar {

// What the calendar says of a day.
enum class DayKind {
  kWorkday,        // Monday to Friday, and nothing else is said
  kWeekend,        // Saturday or Sunday, and nothing else is said
  kHoliday,        // a day off by notice or local decision
  kMakeUpWorkday,  // worked by notice or local decision
};

// Why a part of a day counts against the limit, or does not.
enum class Counting {
  kCounts,
  // Limits in days: the day on which the clock starts does not count.
  kDayOfStart,
  // Limits in days: the day counts at its cut-off, which lies in another part of it, or at both of them.
  kAtCutOff,
  // Limits by the calendar: weekend or holiday.
  kNotWorked,
  // Limits in working hours: no working hours lie in this part.
  kOutsideHours,
  // The clock stood still: through all working hours (days), or all of the time that could count (hours).
  kPaused,
};

struct DayPause {
  absl::Time from;
  // Absent: it lasts.
  std::optional<absl::Time> to;
  std::string reason;
  std::string by;
};

// A day, or a part of one: days are cut where the clock was measured and at the deadline.
struct DayEntry {
  absl::CivilDay day;
  absl::Time from;
  absl::Time to;
  DayKind kind = DayKind::kWorkday;
  // Of kHoliday and kMakeUpWorkday: the holiday that it belongs to, and the year of the notice that names it;
  // 0: a local decision.
  std::string holiday;
  int notice_year = 0;
  // A guess: the notice of the year is not published, and no other names the day.
  bool provisional = false;
  Counting counting = Counting::kCounts;
  // What this part adds. Half days: of a limit in working days alone, two at the cut-off of a day that
  // counts, or one at each of the two cut-offs of a limit with half a day. Time: by the measure of a limit in
  // hours; of one in days the working time, for information.
  int half_days = 0;
  absl::Duration time;
  // The sums up to `to`, with what was carried over from the policy before.
  int sum_half_days = 0;
  absl::Duration sum_time;
  // After the clock was measured: as it will be if the clock goes on as it stands, or, of a closed one, as it
  // would have been.
  bool ahead = false;
  // After the deadline.
  bool late = false;
  // The deadline is `to`.
  bool due = false;
  // The limit is reached at this day's cut-off, or was spent before, but the clock can not run out there: it
  // stands still, or the cut-off had passed when the policy began. It runs out at a later one.
  bool put_off = false;
  // The pauses that touch this part, as a whole.
  std::vector<DayPause> pauses;
};

struct ExplanationOptions {
  // The instant of the question: a clock that is open is measured there. A closed one is at its end.
  absl::Time as_of;
  // The first day wanted; earlier ones are summed up. Absent: the first day of the ledger.
  std::optional<absl::CivilDay> first_day = std::nullopt;
  // Days on a page, at least 1.
  int max_days = 100;
};

struct Explanation {
  Deadline deadline;
  // Where the clock was measured, and what it had used there.
  absl::Time measured_at;
  TimeUsed used;
  // What was carried over from the policy before, and all days before the first of `entries`. Days of limits
  // in days alone.
  int brought_forward_days = 0;
  absl::Duration brought_forward_time;
  // The policy before had used up the limit of this one: it is due at the next cut-off (days), or when the
  // clock first runs (hours), and no entry adds what reaches it.
  bool limit_spent_before = false;
  // Without a gap from the start of the ledger (or the first day wanted) through the deadline or the instant
  // of measuring, whichever is later.
  std::vector<DayEntry> entries;
  // The first day that is not shown. Absent: all are.
  std::optional<absl::CivilDay> next_day;
};

// INVALID_ARGUMENT as ComputeDeadline. Costs as much as the days shown, however long the ledger is, and for a
// clock that was paused what ComputeDeadline costs.
absl::StatusOr<Explanation> ExplainDeadline(const ClockLedger& ledger, const ClockPolicy& policy,
                                            const WorkingCalendar& calendar,
                                            const ExplanationOptions& options);

}  // namespace zhuqi::calendar

#endif  // ZHUQI_COMMON_CALENDAR_DEADLINE_EXPLANATION_H_
