#include "common/base/civil_time.h"

namespace zhuqi {

absl::TimeZone CityTimeZone() {
  static const absl::TimeZone zone = absl::FixedTimeZone(8 * 60 * 60);
  return zone;
}

absl::CivilDay CityDay(absl::Time instant) { return absl::ToCivilDay(instant, CityTimeZone()); }

absl::Time StartOfCityDay(absl::CivilDay day) { return absl::FromCivil(day, CityTimeZone()); }

absl::Time CityTime(absl::CivilDay day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(day.year(), day.month(), day.day(), hour, minute), CityTimeZone());
}

}  // namespace zhuqi
