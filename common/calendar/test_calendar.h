// The shipped calendar, for the tests of this library.
#ifndef ZHUQI_COMMON_CALENDAR_TEST_CALENDAR_H_
#define ZHUQI_COMMON_CALENDAR_TEST_CALENDAR_H_

#include <fstream>
#include <sstream>
#include <string>

#include "common/base/civil_time.h"
#include "common/calendar/calendar_file.h"
#include "common/calendar/working_calendar.h"

namespace zhuqi::calendar {

inline std::string ShippedCalendarText() {
  std::ifstream file(ZHUQI_CALENDAR_PACK);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// 2018 to 2026, 09:00 to 12:00 and 13:00 to 17:00. A broken file ends the test program.
inline const WorkingCalendar& ShippedCalendar() {
  static const WorkingCalendar calendar =
      WorkingCalendar::Create(ParseCalendarFile(ShippedCalendarText(), "city", 7).value()).value();
  return calendar;
}

// 2026, the year of most examples.
inline absl::Time At(int month, int day, int hour, int minute = 0) {
  return CityTime(absl::CivilDay(2026, month, day), hour, minute);
}

}  // namespace zhuqi::calendar

#endif  // ZHUQI_COMMON_CALENDAR_TEST_CALENDAR_H_
