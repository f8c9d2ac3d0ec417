// Compares a whole cube with a tally of the same facts, both standing still.
#ifndef ZHUQI_SERVICES_REPORTING_TESTING_COMPARE_H_
#define ZHUQI_SERVICES_REPORTING_TESTING_COMPARE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/reporting/cube/cube_compare.h"

namespace zhuqi::reporting::testing {

inline Comparison Compare(const Cube& served, Tally recounted, const Directory& directory,
                          std::size_t max_differences = 1000) {
  std::set<std::string> units;
  for (const Tally* tally : {&served.tally(), static_cast<const Tally*>(&recounted)}) {
    for (Tally::UnitIndex unit = 0; unit < tally->unit_count(); ++unit) units.insert(tally->unit_id(unit));
  }
  CubeComparer comparer(recounted, max_differences);
  while (!comparer.TakeNames(served.tally(), 1)) continue;
  for (const std::string& unit : units) comparer.CompareUnit(ServedUnitOf(served, unit), directory);
  for (MonthNumber month = 0; month <= kLastMonth; ++month) {
    comparer.CompareObligations(month, served.tally().ObligationsOf(month));
  }
  return std::move(comparer.result());
}

// "a OWN visits DAY 2024-3-1 1 0", with "/PROBLEM" after the component for a group and ":X" for an item.
inline std::string LineOf(const v1::FigureDifference& difference) {
  std::string line = absl::StrCat(difference.org_unit_id(), " ",
                                  v1::CellScope_Name(difference.scope()).substr(sizeof("CELL_SCOPE")), " ",
                                  difference.component());
  if (difference.group_by() != v1::GROUP_BY_UNSPECIFIED) absl::StrAppend(&line, "/", difference.group());
  if (!difference.item().empty()) absl::StrAppend(&line, ":", difference.item());
  if (difference.has_date()) {
    absl::StrAppend(&line, " ", v1::CellPeriod_Name(difference.period()).substr(sizeof("CELL_PERIOD")), " ",
                    difference.date().year(), "-", difference.date().month(), "-", difference.date().day());
  }
  if (!difference.served_text().empty() || !difference.recounted_text().empty()) {
    return absl::StrCat(line, " ", difference.served_text(), " / ", difference.recounted_text());
  }
  return absl::StrCat(line, " ", difference.served(), " ", difference.recounted());
}

inline std::vector<std::string> LinesOf(const Comparison& comparison) {
  std::vector<std::string> lines;
  for (const v1::FigureDifference& difference : comparison.differences) lines.push_back(LineOf(difference));
  return lines;
}

}  // namespace zhuqi::reporting::testing

#endif  // ZHUQI_SERVICES_REPORTING_TESTING_COMPARE_H_
