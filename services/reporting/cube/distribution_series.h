// Values by day whose quantiles can be asked for any span.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_DISTRIBUTION_SERIES_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_DISTRIBUTION_SERIES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "services/reporting/cube/day_number.h"

namespace zhuqi::reporting {

namespace testing {
struct SeriesDamage;
}  // namespace testing

// Of `count` values; the other two mean nothing when it is 0.
struct Quantiles {
  int64_t count = 0;
  double median = 0;         // of an even number the mean of the middle two
  double percentile_90 = 0;  // the smallest value that is not below 90 % of them
};

// Histograms by day, month and year, exact to the value.
class DistributionSeries {
 public:
  using Histogram = std::vector<std::pair<int32_t, int32_t>>;  // (value, times), by value

  // `times` more, or fewer when negative, of `value` on `day`.
  void Add(DayNumber day, int32_t value, int32_t times);
  Quantiles Of(DaySpan span) const;
  // Days with any value, in order, and how many each has.
  void ForEachDay(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const;
  // Every day's values and how often each is there; in order.
  void ForEachValue(absl::FunctionRef<void(DayNumber, int32_t, int32_t)> each) const;
  bool empty() const { return days_.empty(); }

  // Numbers of the days, months or years that have any value, in order, and what one of them has.
  std::vector<int32_t> Buckets(Grain grain) const;
  const Histogram& At(Grain grain, int32_t bucket) const;

 private:
  friend struct testing::SeriesDamage;
  using Level = absl::flat_hash_map<int32_t, Histogram>;
  static void Add(Level& level, int32_t bucket, int32_t value, int32_t times);
  const Level& LevelOf(Grain grain) const {
    return grain == Grain::kDay ? days_ : grain == Grain::kMonth ? months_ : years_;
  }
  std::vector<DayNumber> DaysIn(DaySpan span) const;

  Level days_;
  Level months_;
  Level years_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_DISTRIBUTION_SERIES_H_
