#include "services/reporting/cube/day_number.h"

#include <array>

namespace zhuqi::reporting {
namespace {

constexpr absl::CivilDay kFirstCivilDay(2000, 1, 1);
constexpr absl::CivilMonth kFirstCivilMonth(2000, 1);

struct Tables {
  std::array<int16_t, kLastDay + 1> month_of_day;
  std::array<DayNumber, kLastMonth + 2> first_day_of_month;
  Tables() {
    for (MonthNumber month = 0; month <= kLastMonth + 1; ++month) {
      first_day_of_month[static_cast<std::size_t>(month)] =
          DayNumberOf(absl::CivilDay(kFirstCivilMonth + month));
    }
    for (MonthNumber month = 0; month <= kLastMonth; ++month) {
      const DayNumber end = first_day_of_month[static_cast<std::size_t>(month) + 1];
      for (DayNumber day = first_day_of_month[static_cast<std::size_t>(month)]; day < end; ++day) {
        month_of_day[static_cast<std::size_t>(day)] = static_cast<int16_t>(month);
      }
    }
  }
};

const Tables& GetTables() {
  static const Tables& tables = *new Tables();
  return tables;
}

}  // namespace

DayNumber DayNumberOf(absl::CivilDay day) { return static_cast<DayNumber>(day - kFirstCivilDay); }
absl::CivilDay CivilDayOf(DayNumber day) { return kFirstCivilDay + day; }
MonthNumber MonthNumberOf(absl::CivilMonth month) {
  return static_cast<MonthNumber>(month - kFirstCivilMonth);
}
absl::CivilMonth CivilMonthOf(MonthNumber month) { return kFirstCivilMonth + month; }
MonthNumber MonthOfDay(DayNumber day) { return GetTables().month_of_day[static_cast<std::size_t>(day)]; }
DayNumber FirstDayOfMonth(MonthNumber month) {
  return GetTables().first_day_of_month[static_cast<std::size_t>(month)];
}
DayNumber LastDayOfMonth(MonthNumber month) { return FirstDayOfMonth(month + 1) - 1; }

DayNumber FirstDayOf(Grain grain, int32_t number) {
  switch (grain) {
    case Grain::kYear:
      return FirstDayOfMonth(number * 12);
    case Grain::kMonth:
      return FirstDayOfMonth(number);
    default:
      return number;
  }
}

}  // namespace zhuqi::reporting
