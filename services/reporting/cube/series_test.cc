#include "services/reporting/cube/series.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "services/reporting/cube/distinct_series.h"
#include "services/reporting/cube/distribution_series.h"
#include "services/reporting/testing/facts.h"

namespace zhuqi::reporting {
namespace {

using testing::Day;
using ::testing::ElementsAre;
using ::testing::Pair;

// Days about the turn of a year, and now and then one far away, so that arrays grow at both ends.
rc::Gen<DayNumber> AnyDay() {
  return rc::gen::weightedOneOf<DayNumber>(
      {{9, rc::gen::inRange<DayNumber>(8700, 8900)}, {1, rc::gen::inRange<DayNumber>(0, kLastDay + 1)}});
}

DaySpan AnySpan() {
  const DayNumber one = *AnyDay();
  const DayNumber other = *AnyDay();
  return {std::min(one, other), std::max(one, other)};
}

TEST(DayNumberTest, TheTableAgreesWithTheCalendar) {
  EXPECT_EQ(Day(2000, 1, 1), 0);
  EXPECT_EQ(Day(2100, 12, 31), kLastDay);
  EXPECT_EQ(MonthOfDay(kLastDay), kLastMonth);
  EXPECT_EQ(MonthOfDay(Day(2024, 2, 29)), 24 * 12 + 1);
  EXPECT_EQ(LastDayOfMonth(24 * 12 + 1), Day(2024, 2, 29));
  EXPECT_EQ(CivilDayOf(Day(2024, 2, 29)), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(CivilMonthOf(24 * 12 + 1), absl::CivilMonth(2024, 2));
}

RC_GTEST_PROP(SeriesTest, DenseAndSparseSumsEqualThoseOfAMap, ()) {
  DaySeries dense;
  SparseSeries sparse;
  std::map<DayNumber, int64_t> expected;
  const auto changes = *rc::gen::container<std::vector<std::pair<DayNumber, int32_t>>>(
      rc::gen::pair(AnyDay(), rc::gen::inRange(-3, 4)));
  for (const auto& [day, value] : changes) {
    dense.Add(day, value);
    sparse.Add(day, value);
    expected[day] += value;
  }
  for (int i = 0; i < 10; ++i) {
    const DaySpan span = AnySpan();
    int64_t sum = 0;
    for (const auto& [day, value] : expected) {
      if (day >= span.first && day <= span.last) sum += value;
    }
    RC_ASSERT(dense.Sum(span) == sum);
    RC_ASSERT(sparse.Sum(span) == sum);
  }
}

TEST(SeriesTest, ASpanOfWholeMonthsAndPartsOfThemIsSummedExactly) {
  DaySeries series;
  for (DayNumber day = Day(2023, 12, 25); day <= Day(2024, 4, 5); ++day) series.Add(day, 1);
  EXPECT_EQ(series.Sum({Day(2024, 1, 1), Day(2024, 1, 31)}), 31);
  EXPECT_EQ(series.Sum({Day(2024, 1, 15), Day(2024, 3, 2)}), 17 + 29 + 2);
  EXPECT_EQ(series.Sum({0, kLastDay}), 7 + 31 + 29 + 31 + 5);
  EXPECT_EQ(series.Sum({Day(2024, 5, 1), Day(2024, 5, 31)}), 0);
  EXPECT_EQ(series.Sum({Day(2024, 2, 2), Day(2024, 2, 1)}), 0);
}

RC_GTEST_PROP(DistinctSeriesTest, CountsAreExactAlsoAfterRemovals, ()) {
  DistinctSeries series;
  std::map<std::pair<DayNumber, uint32_t>, int32_t> expected;
  const int changes = *rc::gen::inRange(0, 120);
  for (int i = 0; i < changes; ++i) {
    const DayNumber day = *AnyDay();
    const uint32_t key = *rc::gen::inRange<uint32_t>(0, 6);
    int32_t& times = expected[{day, key}];
    const bool remove = times > 0 && *rc::gen::arbitrary<bool>();
    times += remove ? -1 : 1;
    series.Add(day, key, remove ? -1 : 1);
  }
  for (int i = 0; i < 10; ++i) {
    const DaySpan span = AnySpan();
    std::set<uint32_t> keys;
    for (const auto& [at, times] : expected) {
      if (times > 0 && at.first >= span.first && at.first <= span.last) keys.insert(at.second);
    }
    RC_ASSERT(series.Count(span) == static_cast<int64_t>(keys.size()));
  }
}

TEST(DistinctSeriesTest, TakingOneOfTwoVisitsOutLeavesTheEnterpriseReached) {
  DistinctSeries series;
  series.Add(Day(2024, 3, 1), 7, 1);
  series.Add(Day(2024, 3, 20), 7, 1);
  series.Add(Day(2024, 3, 20), 8, 1);
  EXPECT_EQ(series.Count({Day(2024, 3, 1), Day(2024, 3, 31)}), 2);
  series.Add(Day(2024, 3, 20), 7, -1);
  EXPECT_EQ(series.Count({Day(2024, 3, 1), Day(2024, 3, 31)}), 2);
  EXPECT_EQ(series.Count({Day(2024, 3, 2), Day(2024, 3, 31)}), 1);
  series.Add(Day(2024, 3, 1), 7, -1);
  EXPECT_EQ(series.Count({Day(2024, 1, 1), Day(2024, 12, 31)}), 1);
}

RC_GTEST_PROP(DistributionSeriesTest, QuantilesEqualThoseOfTheSortedValues, ()) {
  DistributionSeries series;
  std::vector<std::pair<DayNumber, int32_t>> values;
  const int changes = *rc::gen::inRange(0, 80);
  for (int i = 0; i < changes; ++i) {
    if (!values.empty() && *rc::gen::inRange(0, 4) == 0) {
      const std::size_t at = *rc::gen::inRange<std::size_t>(0, values.size());
      series.Add(values[at].first, values[at].second, -1);
      values.erase(values.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      values.emplace_back(*AnyDay(), *rc::gen::inRange<int32_t>(0, 20));
      series.Add(values.back().first, values.back().second, 1);
    }
  }
  const DaySpan span = AnySpan();
  std::vector<int32_t> within;
  for (const auto& [day, value] : values) {
    if (day >= span.first && day <= span.last) within.push_back(value);
  }
  std::sort(within.begin(), within.end());
  const Quantiles quantiles = series.Of(span);
  RC_ASSERT(quantiles.count == static_cast<int64_t>(within.size()));
  if (within.empty()) return;
  const std::size_t n = within.size();
  RC_ASSERT(quantiles.median == (within[(n - 1) / 2] + within[n / 2]) / 2.0);
  std::size_t smallest = 0;
  while ((smallest + 1) * 10 < n * 9) ++smallest;
  RC_ASSERT(quantiles.percentile_90 == within[smallest]);
}

TEST(DistributionSeriesTest, MedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  DistributionSeries series;
  for (const int32_t value : {60, 120, 480, 960}) series.Add(Day(2024, 3, value % 7 + 1), value, 1);
  EXPECT_EQ(series.Of({Day(2024, 3, 1), Day(2024, 3, 31)}).median, 300);
  EXPECT_EQ(series.Of({Day(2024, 3, 1), Day(2024, 3, 31)}).percentile_90, 960);
  EXPECT_EQ(series.Of({Day(2024, 4, 1), Day(2024, 4, 30)}).count, 0);
}

}  // namespace
}  // namespace zhuqi::reporting
