// Civil dates where the city is. Every date without a zone in this system is a date in Asia/Shanghai.
#ifndef ZHUQI_COMMON_BASE_CIVIL_TIME_H_
#define ZHUQI_COMMON_BASE_CIVIL_TIME_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zhuqi {

// Asia/Shanghai: +08:00 without daylight saving since 1991. Held as a fixed offset, so that a machine without
// time-zone data can not give other dates. Records begin in 2000.
absl::TimeZone CityTimeZone();

// The civil day in Asia/Shanghai on which `instant` falls.
absl::CivilDay CityDay(absl::Time instant);

// The first instant of `day` in Asia/Shanghai.
absl::Time StartOfCityDay(absl::CivilDay day);

// The instant of `day` at `hour`:`minute` in Asia/Shanghai.
absl::Time CityTime(absl::CivilDay day, int hour, int minute = 0);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_CIVIL_TIME_H_
