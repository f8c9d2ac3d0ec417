// Days and months as small numbers, so that figures index arrays instead of computing with calendars.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_DAY_NUMBER_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_DAY_NUMBER_H_

#include <array>
#include <cstdint>

#include "absl/time/civil_time.h"

namespace zhuqi::reporting {

// Days after 2000-01-01, 0 to kLastDay (2100-12-31): the dates that the contract admits.
using DayNumber = int32_t;
// Months after January 2000, 0 to kLastMonth (December 2100).
using MonthNumber = int32_t;

inline constexpr DayNumber kLastDay = 36889;
inline constexpr MonthNumber kLastMonth = 1211;

// May lie outside 0 to kLastDay: check with IsCountedDay before counting on it.
DayNumber DayNumberOf(absl::CivilDay day);
absl::CivilDay CivilDayOf(DayNumber day);
MonthNumber MonthNumberOf(absl::CivilMonth month);
absl::CivilMonth CivilMonthOf(MonthNumber month);
inline bool IsCountedDay(DayNumber day) { return day >= 0 && day <= kLastDay; }

// The month that a counted day lies in. A table: this is asked millions of times.
MonthNumber MonthOfDay(DayNumber day);
DayNumber FirstDayOfMonth(MonthNumber month);
DayNumber LastDayOfMonth(MonthNumber month);
// Years after 2000.
inline int32_t YearOfMonth(MonthNumber month) { return month / 12; }

// How long a cell is.
enum class Grain : uint8_t { kDay, kMonth, kYear };
inline constexpr std::array<Grain, 3> kGrains = {Grain::kDay, Grain::kMonth, Grain::kYear};
// The first day of the day, month or year with this number.
DayNumber FirstDayOf(Grain grain, int32_t number);

// A span of counted days, both ends included; empty when last < first.
struct DaySpan {
  DayNumber first = 0;
  DayNumber last = -1;
  friend bool operator==(const DaySpan&, const DaySpan&) = default;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_DAY_NUMBER_H_
