// A reckoning of clocks of its own, for the proof over a year: it knows the calendar as a list of days, a
// clock as its start and the stretches in which it stood still, and walks minute by minute or day by day. It
// shares nothing with common/calendar. Instants are minutes since the first day of the year, in the city's
// time.
#ifndef ZHUQI_SERVICES_ROUTING_YEAR_NAIVE_CLOCK_H_
#define ZHUQI_SERVICES_ROUTING_YEAR_NAIVE_CLOCK_H_

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <vector>

namespace zhuqi::routing::year {

inline constexpr int kDay = 1440;
inline constexpr int kForever = std::numeric_limits<int>::max();
// Two years from the first of January 2024, a Monday.
inline constexpr int kDays = 366 + 365;
inline constexpr int kEndOfWork = 17 * 60;

// Which days are worked; 09:00 to 12:00 and 13:00 to 17:00.
struct NaiveCalendar {
  std::set<int> off;
  std::set<int> worked;

  bool Works(int day) const {
    if (off.contains(day)) return false;
    return worked.contains(day) || day % 7 < 5;
  }
  bool WorksAt(int minute) const {
    const int of_day = minute % kDay;
    const bool in_hours =
        (of_day >= 9 * 60 && of_day < 12 * 60) || (of_day >= 13 * 60 && of_day < kEndOfWork);
    return in_hours && Works(minute / kDay);
  }
  int NextWorkingMinute(int minute) const {
    while (!WorksAt(minute)) ++minute;
    return minute;
  }
  int DaysBack(int day, int count) const {
    while (count > 0) count -= Works(--day) ? 1 : 0;
    return day;
  }
};

// From `begin` until just before `end`.
struct Stretch {
  int begin = 0;
  int end = kForever;
};

struct NaiveClock {
  int start = 0;
  std::vector<Stretch> still;

  // The clock as it would have run on from `stop`.
  NaiveClock StoppedAt(int stop) const {
    NaiveClock clock{start, {}};
    for (const Stretch& stretch : still) {
      if (stretch.begin < stop) clock.still.push_back({stretch.begin, std::min(stretch.end, stop)});
    }
    return clock;
  }

  bool StandsStill(int minute) const {
    return std::any_of(still.begin(), still.end(), [minute](const Stretch& stretch) {
      return stretch.begin <= minute && minute < stretch.end;
    });
  }
  // It has stood still since then, and nothing ends it.
  int StillForEver() const {
    int since = kForever;
    for (const Stretch& stretch : still) {
      if (stretch.end == kForever) since = std::min(since, stretch.begin);
    }
    return since;
  }
  bool Runs(int minute) const { return minute >= start && !StandsStill(minute); }
  // Neither just before the instant nor from it on does it stand still.
  bool MayRunOutAt(int minute) const { return Runs(minute) && (minute == start || Runs(minute - 1)); }

  // A working day on which it ran at some time of the working hours.
  bool Counts(int day, const NaiveCalendar& calendar) const {
    if (!calendar.Works(day)) return false;
    const bool touched = std::any_of(still.begin(), still.end(), [day](const Stretch& stretch) {
      return stretch.begin < (day + 1) * kDay && stretch.end > day * kDay;
    });
    if (!touched && day * kDay >= start) return true;
    for (int minute = day * kDay; minute < (day + 1) * kDay; ++minute) {
      if (calendar.WorksAt(minute) && Runs(minute)) return true;
    }
    return false;
  }

  // The end of the `limit`-th day that counts after the first; not before the policy began.
  std::optional<int> DueInDays(int limit, int policy_start, const NaiveCalendar& calendar) const {
    int counted = 0;
    for (int day = start / kDay + 1; day < kDays && day * kDay < StillForEver(); ++day) {
      if (!Counts(day, calendar)) continue;
      ++counted;
      const int due = day * kDay + kEndOfWork;
      if (counted >= limit && due > policy_start && MayRunOutAt(due)) return due;
    }
    return std::nullopt;
  }

  // So many minutes of running, by the wall clock or inside working hours.
  std::optional<int> DueInMinutes(int limit, bool working, const NaiveCalendar& calendar) const {
    int used = 0;
    for (int minute = start; minute < std::min(kDays * kDay, StillForEver()); ++minute) {
      if (!Runs(minute)) continue;
      if (used >= limit) return minute;
      used += !working || calendar.WorksAt(minute) ? 1 : 0;
      if (used >= limit && Runs(minute + 1)) return minute + 1;
    }
    return std::nullopt;
  }

  // So many counted days after a deadline, at its time of day.
  std::optional<int> DaysAfter(int due, int count, const NaiveCalendar& calendar) const {
    const int last = (due - 1) / kDay;
    int counted = 0;
    for (int day = last + 1; day < kDays && day * kDay < StillForEver(); ++day) {
      if (!Counts(day, calendar)) continue;
      const int at = day * kDay + (due - last * kDay);
      if (++counted >= count && MayRunOutAt(at)) return at;
    }
    return std::nullopt;
  }
};

}  // namespace zhuqi::routing::year

#endif  // ZHUQI_SERVICES_ROUTING_YEAR_NAIVE_CLOCK_H_
