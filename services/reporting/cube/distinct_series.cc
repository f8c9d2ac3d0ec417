#include "services/reporting/cube/distinct_series.h"

#include <algorithm>

#include "services/reporting/cube/span_cover.h"

namespace zhuqi::reporting {
namespace {
uint64_t SurplusKey(int32_t bucket, uint32_t key) {
  return (static_cast<uint64_t>(static_cast<uint32_t>(bucket)) << 32) | key;
}
}  // namespace

int32_t DistinctSeries::Level::Times(int32_t bucket, uint32_t key) const {
  const auto bitmap = present.find(bucket);
  if (bitmap == present.end() || !bitmap->second.contains(key)) return 0;
  const auto more = surplus.find(SurplusKey(bucket, key));
  return more == surplus.end() ? 1 : 1 + more->second;
}

void DistinctSeries::Level::Add(int32_t bucket, uint32_t key, int32_t times) {
  const int32_t before = Times(bucket, key);
  const int32_t after = std::max(0, before + times);
  if (after == before) return;
  if (before == 0) present[bucket].add(key);
  if (after > 1) {
    surplus[SurplusKey(bucket, key)] = after - 1;
  } else {
    surplus.erase(SurplusKey(bucket, key));
  }
  if (after > 0) return;
  const auto bitmap = present.find(bucket);
  bitmap->second.remove(key);
  if (bitmap->second.isEmpty()) present.erase(bitmap);
}

DistinctSeries::View::View(const Level& level) : level_(level) {
  for (const auto& [place, times] : level.surplus) {
    const auto bucket = static_cast<int32_t>(place >> 32);
    const auto key = static_cast<uint32_t>(place);
    const auto bitmap = level.present.find(bucket);
    if (bitmap == level.present.end() || !bitmap->second.contains(key)) {
      without_key_[bucket].emplace_back(key, -times);
    }
  }
}

std::vector<int32_t> DistinctSeries::View::Buckets() const {
  std::vector<int32_t> buckets;
  for (const auto& [bucket, bitmap] : level_.present) buckets.push_back(bucket);
  for (const auto& [bucket, times] : without_key_) {
    if (!level_.present.contains(bucket)) buckets.push_back(bucket);
  }
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

DistinctSeries::Times DistinctSeries::View::At(int32_t bucket) const {
  Times times;
  if (const auto found = without_key_.find(bucket); found != without_key_.end()) times = found->second;
  if (const auto bitmap = level_.present.find(bucket); bitmap != level_.present.end()) {
    for (const uint32_t key : bitmap->second) times.emplace_back(key, level_.Times(bucket, key));
  }
  std::sort(times.begin(), times.end());
  return times;
}

void DistinctSeries::Add(DayNumber day, uint32_t key, int32_t times) {
  // What a day does not have can not be taken from its month: all three levels change by the same.
  const int32_t before = days_.Times(day, key);
  const int32_t change = std::max(-before, times);
  const MonthNumber month = MonthOfDay(day);
  days_.Add(day, key, change);
  months_.Add(month, key, change);
  years_.Add(YearOfMonth(month), key, change);
}

int64_t DistinctSeries::Count(DaySpan span) const {
  if (days_.present.empty()) return 0;
  std::vector<const Bitmap*> parts;
  const auto take = [&parts](const Level& level, int32_t bucket) {
    const auto bitmap = level.present.find(bucket);
    if (bitmap != level.present.end()) parts.push_back(&bitmap->second);
  };
  CoverSpan(
      span, [&](int32_t year) { take(years_, year); }, [&](MonthNumber month) { take(months_, month); },
      [&](DayNumber day) { take(days_, day); });
  if (parts.empty()) return 0;
  if (parts.size() == 1) return static_cast<int64_t>(parts[0]->cardinality());
  if (parts.size() == 2) return static_cast<int64_t>(parts[0]->or_cardinality(*parts[1]));
  return static_cast<int64_t>(Bitmap::fastunion(parts.size(), parts.data()).cardinality());
}

std::vector<DayNumber> DistinctSeries::DaysIn(DaySpan span) const {
  std::vector<DayNumber> days;
  for (const auto& [day, keys] : days_.present) {
    if (day >= span.first && day <= span.last) days.push_back(day);
  }
  std::sort(days.begin(), days.end());
  return days;
}

void DistinctSeries::ForEachDay(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const {
  for (const DayNumber day : DaysIn(span))
    each(day, static_cast<int64_t>(days_.present.at(day).cardinality()));
}

void DistinctSeries::ForEachKey(absl::FunctionRef<void(DayNumber, uint32_t, int32_t)> each) const {
  for (const DayNumber day : DaysIn({0, kLastDay})) {
    for (const uint32_t key : days_.present.at(day)) each(day, key, days_.Times(day, key));
  }
}

}  // namespace zhuqi::reporting
