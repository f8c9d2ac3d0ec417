#include "services/reporting/cube/distribution_series.h"

#include <algorithm>

#include "services/reporting/cube/span_cover.h"

namespace zhuqi::reporting {
namespace {

using Cells = std::vector<std::pair<int32_t, int32_t>>;

int64_t CountOf(const Cells& cells) {
  int64_t count = 0;
  for (const auto& [value, times] : cells) count += times;
  return count;
}

// The value at `rank`, from 1, of the values in order.
double ValueAt(const Cells& cells, int64_t rank) {
  int64_t passed = 0;
  for (const auto& [value, times] : cells) {
    passed += times;
    if (passed >= rank) return value;
  }
  return 0;
}

Quantiles QuantilesOf(const Cells& cells) {
  Quantiles quantiles;
  quantiles.count = CountOf(cells);
  if (quantiles.count == 0) return quantiles;
  quantiles.median =
      (ValueAt(cells, (quantiles.count + 1) / 2) + ValueAt(cells, quantiles.count / 2 + 1)) / 2;
  quantiles.percentile_90 = ValueAt(cells, (quantiles.count * 9 + 9) / 10);
  return quantiles;
}

}  // namespace

void DistributionSeries::Add(Level& level, int32_t bucket, int32_t value, int32_t times) {
  Histogram& histogram = level[bucket];
  const auto cell = std::lower_bound(histogram.begin(), histogram.end(), value,
                                     [](const auto& at, int32_t wanted) { return at.first < wanted; });
  if (cell == histogram.end() || cell->first != value) {
    if (times > 0) histogram.insert(cell, {value, times});
  } else {
    cell->second += times;
    if (cell->second <= 0) histogram.erase(cell);
  }
  if (histogram.empty()) level.erase(bucket);
}

void DistributionSeries::Add(DayNumber day, int32_t value, int32_t times) {
  const MonthNumber month = MonthOfDay(day);
  Add(days_, day, value, times);
  Add(months_, month, value, times);
  Add(years_, YearOfMonth(month), value, times);
}

Quantiles DistributionSeries::Of(DaySpan span) const {
  if (days_.empty()) return {};
  std::vector<const Histogram*> parts;
  const auto take = [&parts](const Level& level, int32_t bucket) {
    const auto found = level.find(bucket);
    if (found != level.end()) parts.push_back(&found->second);
  };
  CoverSpan(
      span, [&](int32_t year) { take(years_, year); }, [&](MonthNumber month) { take(months_, month); },
      [&](DayNumber day) { take(days_, day); });
  if (parts.empty()) return {};
  if (parts.size() == 1) return QuantilesOf(*parts[0]);
  Histogram merged;
  for (const Histogram* part : parts) merged.insert(merged.end(), part->begin(), part->end());
  std::sort(merged.begin(), merged.end());
  return QuantilesOf(merged);
}

std::vector<int32_t> DistributionSeries::Buckets(Grain grain) const {
  std::vector<int32_t> buckets;
  for (const auto& [bucket, histogram] : LevelOf(grain)) buckets.push_back(bucket);
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

const DistributionSeries::Histogram& DistributionSeries::At(Grain grain, int32_t bucket) const {
  static const Histogram& none = *new Histogram();
  const auto found = LevelOf(grain).find(bucket);
  return found == LevelOf(grain).end() ? none : found->second;
}

std::vector<DayNumber> DistributionSeries::DaysIn(DaySpan span) const {
  std::vector<DayNumber> days;
  for (const auto& [day, histogram] : days_) {
    if (day >= span.first && day <= span.last) days.push_back(day);
  }
  std::sort(days.begin(), days.end());
  return days;
}

void DistributionSeries::ForEachDay(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const {
  for (const DayNumber day : DaysIn(span)) each(day, CountOf(days_.at(day)));
}

void DistributionSeries::ForEachValue(absl::FunctionRef<void(DayNumber, int32_t, int32_t)> each) const {
  for (const DayNumber day : DaysIn({0, kLastDay})) {
    for (const auto& [value, times] : days_.at(day)) each(day, value, times);
  }
}

}  // namespace zhuqi::reporting
