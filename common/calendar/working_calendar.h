// Which days are worked, at which hours, and arithmetic over them. Pure and immutable: every function may be
// called from any thread. Dates are civil dates and minutes are minutes after midnight in Asia/Shanghai.
#ifndef ZHUQI_COMMON_CALENDAR_WORKING_CALENDAR_H_
#define ZHUQI_COMMON_CALENDAR_WORKING_CALENDAR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zhuqi::calendar {

// One day that a notice names. It wins over the weekday.
struct DateOverride {
  absl::CivilDay date;
  // True: a make-up workday. False: a day off.
  bool working = false;
  // The holiday that it belongs to, for people.
  std::string holiday = {};
  // The year of the notice that names it: the year of `date` or a neighbour of it. 0: a local decision, which
  // makes the day certain but stands for no notice.
  int notice_year = 0;
};

inline constexpr int kMinutesPerDay = 24 * 60;

// From `start_minute`, at least 0, until just before `end_minute`, at most 1,440.
struct WorkingSpan {
  int start_minute = 0;
  int end_minute = 0;
};

struct CalendarData {
  std::string id = {};
  // Grows with every change.
  std::int64_t version = 0;
  std::vector<DateOverride> overrides = {};
  // The years whose notice is published. Days of any other year are a guess by weekday.
  std::vector<int> notice_years = {};
  // In order, not overlapping, the same on every working day. Empty: 09:00 to 12:00 and 13:00 to 17:00.
  std::vector<WorkingSpan> working_spans = {};
};

class WorkingCalendar {
 public:
  // INVALID_ARGUMENT, naming the day or span, when a day is named twice, an override's notice is not among
  // `notice_years` or is of a year that is no neighbour, or spans are empty, out of order or overlap.
  static absl::StatusOr<WorkingCalendar> Create(CalendarData data);

  const std::string& id() const { return data_.id; }
  std::int64_t version() const { return data_.version; }
  // As checked: overrides sorted by date, spans never empty.
  const CalendarData& data() const { return data_; }

  // The override of `day`, to say why it is worked or not; null when the weekday decides. Lives as long as
  // this.
  const DateOverride* FindOverride(absl::CivilDay day) const;

  bool IsWorkingDay(absl::CivilDay day) const;

  // The n-th of the working days that FOLLOW `start`, whether `start` is one or not. n = 0 (and below):
  // `start` itself when it is a working day, else the first one after it.
  absl::CivilDay AddWorkingDays(absl::CivilDay start, int n) const;

  // The n-th of the working days that precede `end`, counted backwards. n = 0 (and below): `end` itself when
  // it is a working day, else the last one before it.
  absl::CivilDay SubtractWorkingDays(absl::CivilDay end, int n) const;

  // The number of working days in (from, to]: after `from`, through `to`. Negative when `to` is before
  // `from`.
  int WorkingDaysBetween(absl::CivilDay from, absl::CivilDay to) const;

  // The n-th working day (from 1) of a month. Counting goes on into the next month when the month has fewer.
  absl::CivilDay NthWorkingDayOfMonth(std::int64_t year, int month, int n) const;

  // Whether any day of [from, to] is a guess: it lies in a year without a published notice, and no override
  // names it. False when `to` is before `from`.
  bool IsProvisional(absl::CivilDay from, absl::CivilDay to) const;

  // The working time of one working day.
  absl::Duration WorkingTimePerDay() const { return time_per_day_; }

  // The minute at which the last working hours of a day end.
  int EndOfWorkMinute() const { return data_.working_spans.back().end_minute; }

  // The minute at which the first half of a working day ends: the beginning of the break that is nearest to
  // the middle of the working time (12:00 of 09:00 to 12:00 and 13:00 to 17:00), or that middle when the day
  // has no break.
  int MiddleOfWorkMinute() const;

  bool IsWorkingTime(absl::Time instant) const;

  // `instant` itself when it is working time, else the next beginning of working hours. So what is due at
  // night fires in the morning.
  absl::Time NextWorkingTime(absl::Time instant) const;

  // The working time in [from, to). Zero when `to` is not after `from`; infinite when either is.
  absl::Duration WorkingTimeBetween(absl::Time from, absl::Time to) const;

  // The earliest instant with `working` of working time between it and `start`. So an hour before noon break
  // is over at 12:00 and not at 13:00. `start` itself when `working` is not positive.
  absl::Time AddWorkingTime(absl::Time start, absl::Duration working) const;

 private:
  explicit WorkingCalendar(CalendarData data);

  // The number of overrides on or before `day`.
  std::size_t OverridesThrough(absl::CivilDay day) const;
  // Working days through `day` from a fixed day on: differences of it count working days without walking.
  std::int64_t CountThrough(absl::CivilDay day) const;
  // The first day in [low, high] that CountThrough puts at `count` or above.
  absl::CivilDay FirstDayWithCount(std::int64_t count, absl::CivilDay low, absl::CivilDay high) const;
  // More days than hold `working_days` working days, however the overrides fall.
  std::int64_t SpanHolding(std::int64_t working_days) const;
  absl::CivilDay NthWorkingDayAfter(absl::CivilDay day, std::int64_t n) const;
  // Working time of `day` before the instant `since_midnight` after its beginning.
  absl::Duration WorkedOn(absl::CivilDay day, absl::Duration since_midnight) const;
  // The earliest instant of working day `day` with `worked` of its working time behind it.
  absl::Time InstantAfterWork(absl::CivilDay day, absl::Duration worked) const;

  CalendarData data_;
  // balance_[i]: make-up workdays on weekends less days off on weekdays among the first i overrides.
  std::vector<std::int64_t> balance_;
  absl::Duration time_per_day_;
};

}  // namespace zhuqi::calendar

#endif  // ZHUQI_COMMON_CALENDAR_WORKING_CALENDAR_H_
