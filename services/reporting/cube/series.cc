#include "services/reporting/cube/series.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace zhuqi::reporting {
namespace {

// The cell for `index` in an array that begins at `first`, which grows to hold it at either end.
template <typename T>
T& CellAt(std::vector<T>& cells, int32_t& first, int32_t index) {
  if (cells.empty()) first = index;
  if (index < first) {
    cells.insert(cells.begin(), static_cast<std::size_t>(first - index), T{0});
    first = index;
  }
  const auto offset = static_cast<std::size_t>(index - first);
  if (offset >= cells.size()) cells.resize(offset + 1, T{0});
  return cells[offset];
}

// Sum of the cells from `from` to `to`, both included and both possibly outside of the array.
template <typename T>
int64_t SumOf(const std::vector<T>& cells, int32_t first, int32_t from, int32_t to) {
  from = std::max(from, first);
  to = std::min(to, first + static_cast<int32_t>(cells.size()) - 1);
  if (from > to) return 0;
  return std::accumulate(cells.begin() + (from - first), cells.begin() + (to - first) + 1, int64_t{0});
}

constexpr auto kBefore = [](const std::pair<DayNumber, int32_t>& cell, DayNumber day) {
  return cell.first < day;
};

}  // namespace

void DaySeries::Add(DayNumber day, int32_t value) {
  CellAt(days_, first_day_, day) += value;
  CellAt(months_, first_month_, MonthOfDay(day)) += value;
}

int64_t DaySeries::SumDays(DayNumber first, DayNumber last) const {
  return SumOf(days_, first_day_, first, last);
}

int64_t DaySeries::Sum(DaySpan span) const {
  if (days_.empty()) return 0;
  const DayNumber first = std::max(span.first, first_day_);
  const DayNumber last = std::min(span.last, first_day_ + static_cast<DayNumber>(days_.size()) - 1);
  if (first > last) return 0;
  // Days before first_day_ and after the last are empty, so a month that the array covers in part counts as
  // whole.
  MonthNumber first_whole = MonthOfDay(first);
  if (span.first > FirstDayOfMonth(first_whole)) ++first_whole;
  MonthNumber last_whole = MonthOfDay(last);
  if (span.last < LastDayOfMonth(last_whole)) --last_whole;
  if (first_whole > last_whole) return SumDays(first, last);
  return SumDays(first, FirstDayOfMonth(first_whole) - 1) +
         SumOf(months_, first_month_, first_whole, last_whole) +
         SumDays(LastDayOfMonth(last_whole) + 1, last);
}

void DaySeries::ForEach(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const {
  if (days_.empty()) return;
  const DayNumber first = std::max(span.first, first_day_);
  const DayNumber last = std::min(span.last, first_day_ + static_cast<DayNumber>(days_.size()) - 1);
  for (DayNumber day = first; day <= last; ++day) {
    const int32_t value = days_[static_cast<std::size_t>(day - first_day_)];
    if (value != 0) each(day, value);
  }
}

void DaySeries::ForEachMonth(absl::FunctionRef<void(MonthNumber, int64_t)> each) const {
  for (std::size_t i = 0; i < months_.size(); ++i) {
    if (months_[i] != 0) each(first_month_ + static_cast<MonthNumber>(i), months_[i]);
  }
}

void SparseSeries::Add(DayNumber day, int32_t value) {
  const auto cell = std::lower_bound(days_.begin(), days_.end(), day, kBefore);
  if (cell == days_.end() || cell->first != day) {
    if (value != 0) days_.insert(cell, {day, value});
    return;
  }
  cell->second += value;
  if (cell->second == 0) days_.erase(cell);
}

int64_t SparseSeries::Sum(DaySpan span) const {
  int64_t sum = 0;
  for (auto cell = std::lower_bound(days_.begin(), days_.end(), span.first, kBefore);
       cell != days_.end() && cell->first <= span.last; ++cell) {
    sum += cell->second;
  }
  return sum;
}

void SparseSeries::ForEach(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const {
  for (auto cell = std::lower_bound(days_.begin(), days_.end(), span.first, kBefore);
       cell != days_.end() && cell->first <= span.last; ++cell) {
    each(cell->first, cell->second);
  }
}

}  // namespace zhuqi::reporting
