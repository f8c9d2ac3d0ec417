// Damages one cell of a cube and nothing else, as no event could.
#ifndef ZHUQI_SERVICES_REPORTING_TESTING_DAMAGE_H_
#define ZHUQI_SERVICES_REPORTING_TESTING_DAMAGE_H_

#include <cstdint>
#include <string>

#include "services/reporting/cube/cube.h"

namespace zhuqi::reporting::testing {

struct SeriesDamage {
  static int32_t& Day(DaySeries& series, DayNumber day) {
    return series.days_.at(static_cast<std::size_t>(day - series.first_day_));
  }
  static int64_t& Month(DaySeries& series, MonthNumber month) {
    return series.months_.at(static_cast<std::size_t>(month - series.first_month_));
  }
  static Bitmap& Keys(DistinctSeries& series, Grain grain, int32_t bucket) {
    return LevelOf(series, grain).present.at(bucket);
  }
  static int32_t& Surplus(DistinctSeries& series, Grain grain, int32_t bucket, uint32_t key) {
    return LevelOf(series, grain).surplus[(static_cast<uint64_t>(bucket) << 32) | key];
  }
  static DistributionSeries::Histogram& Values(DistributionSeries& series, Grain grain, int32_t bucket) {
    return const_cast<DistributionSeries::Histogram&>(series.At(grain, bucket));
  }

 private:
  static auto LevelOf(DistinctSeries& series, Grain grain) -> decltype((series.days_)) {
    return grain == Grain::kDay ? series.days_ : grain == Grain::kMonth ? series.months_ : series.years_;
  }
};

inline UnitCells& Rolled(Cube& cube, const std::string& unit) {
  return const_cast<UnitCells&>(cube.Rolled(*cube.FindUnit(unit)));
}
inline UnitCells& Own(Cube& cube, const std::string& unit) { return cube.Restore().RestoreOwn(unit); }
inline feed::v1::SummaryFacts& ObligationIn(Cube& cube, const ObligationKey& key) {
  return const_cast<feed::v1::SummaryFacts&>(cube.obligations().at(key));
}
inline DaySeries& CountsOf(UnitCells& cells, Component component) {
  return cells.counts[static_cast<std::size_t>(component)];
}

}  // namespace zhuqi::reporting::testing

#endif  // ZHUQI_SERVICES_REPORTING_TESTING_DAMAGE_H_
