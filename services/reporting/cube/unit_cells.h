// What is kept for one unit: its own cells, or its own and those of all below it.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_UNIT_CELLS_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_UNIT_CELLS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "services/reporting/cube/contributions.h"
#include "services/reporting/cube/distinct_series.h"
#include "services/reporting/cube/distribution_series.h"
#include "services/reporting/cube/series.h"

namespace zhuqi::reporting {

// Cells of one group of one unit.
struct GroupCells {
  std::array<SparseSeries, kComponentCount> counts;
  DistributionSeries durations;
  bool empty() const;
};

// What summaries of one month report for one indicator.
struct ReportedSums {
  int64_t value = 0;
  int32_t cells = 0;
  int32_t cells_accepted = 0;
  int32_t due = 0;
  bool empty() const { return value == 0 && cells == 0 && cells_accepted == 0 && due == 0; }
  friend bool operator==(const ReportedSums&, const ReportedSums&) = default;
};

using GroupMap = std::map<std::string, GroupCells, std::less<>>;

struct UnitCells {
  std::array<DaySeries, kComponentCount> counts;
  DistinctSeries reached;  // by Tally::enterprises
  DistributionSeries durations;
  std::array<GroupMap, kGroupDimensions> groups;
  absl::flat_hash_map<int32_t, std::map<MonthNumber, ReportedSums>> reported;  // by Tally::FindReportedKey
};

// Adds the sums, or takes them off when `sign` is -1.
void AddReported(std::map<MonthNumber, ReportedSums>& months, MonthNumber month, const ReportedSums& sums,
                 int32_t sign);

// Adds all that is in `from`.
void Merge(const UnitCells& from, UnitCells& to);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_UNIT_CELLS_H_
