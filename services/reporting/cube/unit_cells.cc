#include "services/reporting/cube/unit_cells.h"

#include <algorithm>

namespace zhuqi::reporting {
namespace {

constexpr DaySpan kAllDays{0, kLastDay};

// `Cells`: UnitCells or GroupCells.
template <typename Cells>
void MergeCounts(const Cells& from, Cells& to) {
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    from.counts[i].ForEach(
        kAllDays, [&](DayNumber day, int64_t value) { to.counts[i].Add(day, static_cast<int32_t>(value)); });
  }
  from.durations.ForEachValue(
      [&](DayNumber day, int32_t value, int32_t times) { to.durations.Add(day, value, times); });
}

}  // namespace

bool GroupCells::empty() const {
  return durations.empty() &&
         std::all_of(counts.begin(), counts.end(), [](const SparseSeries& series) { return series.empty(); });
}

void AddReported(std::map<MonthNumber, ReportedSums>& months, MonthNumber month, const ReportedSums& sums,
                 int32_t sign) {
  ReportedSums& to = months[month];
  to.value += sign * sums.value;
  to.cells += sign * sums.cells;
  to.cells_accepted += sign * sums.cells_accepted;
  to.due += sign * sums.due;
  if (to.empty()) months.erase(month);
}

void Merge(const UnitCells& from, UnitCells& to) {
  MergeCounts(from, to);
  from.reached.ForEachKey(
      [&](DayNumber day, uint32_t key, int32_t times) { to.reached.Add(day, key, times); });
  for (std::size_t dimension = 0; dimension < kGroupDimensions; ++dimension) {
    for (const auto& [name, group] : from.groups[dimension]) MergeCounts(group, to.groups[dimension][name]);
  }
  for (const auto& [key, months] : from.reported) {
    for (const auto& [month, sums] : months) AddReported(to.reported[key], month, sums, 1);
  }
}

}  // namespace zhuqi::reporting
