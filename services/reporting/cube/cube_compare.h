// Cell by cell, what two cubes disagree on.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_CUBE_COMPARE_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_CUBE_COMPARE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/reporting/cube/cube.h"
#include "zhuqi/reporting/v1/report_service.pb.h"

namespace zhuqi::reporting {

struct Comparison {
  // Cells that either of them has.
  int64_t cells = 0;
  // Sorted by unit, component and day; at most as many as asked for.
  std::vector<v1::FigureDifference> differences;
};

// Compares what is rolled up, for every unit that either of them knows. Components beside those of
// component.h: "enterprises_reached" (different enterprises; where the sets differ and are equally large,
// `recounted` is what both have in common), "handling_time" (cases, or minutes in all where the numbers
// agree), "<component>/<group>" of a breakdown, and "reported/<form>/<indicator>" on the first day of the
// month.
Comparison Compare(const Cube& served, const Cube& recounted, std::size_t max_differences);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_CUBE_COMPARE_H_
