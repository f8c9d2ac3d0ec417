// Three measures of time that must never be mixed: one working day is not 24 working hours, and 24 hours by
// the wall clock are neither. They are three types without conversions, so that mixing them does not compile.
#ifndef ZHUQI_COMMON_CALENDAR_DURATIONS_H_
#define ZHUQI_COMMON_CALENDAR_DURATIONS_H_

#include <variant>

namespace zhuqi::calendar {

// A number of working days of the calendar, whatever each one's hours are, and perhaps half a day more.
struct WorkingDays {
  int count = 0;
  bool half = false;
  int half_days() const { return 2 * count + (half ? 1 : 0); }
  friend bool operator==(const WorkingDays&, const WorkingDays&) = default;
};

// Time inside working hours alone, in minutes.
struct WorkingHours {
  int minutes = 0;
  friend bool operator==(const WorkingHours&, const WorkingHours&) = default;
};

// Time by the wall clock, nights and holidays included, in minutes.
struct CalendarHours {
  int minutes = 0;
  friend bool operator==(const CalendarHours&, const CalendarHours&) = default;
};

using TimeLimit = std::variant<WorkingDays, WorkingHours, CalendarHours>;

}  // namespace zhuqi::calendar

#endif  // ZHUQI_COMMON_CALENDAR_DURATIONS_H_
