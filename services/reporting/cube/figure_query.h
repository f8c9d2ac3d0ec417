// From the cube to figures. Pure: the day it is asked on is an argument.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_FIGURE_QUERY_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_FIGURE_QUERY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/directory/directory.h"
#include "services/reporting/cube/cube.h"
#include "services/reporting/measures/measures.h"
#include "zhuqi/reporting/v1/figure.pb.h"

namespace zhuqi::reporting {

// A span to report on.
struct ReportSpan {
  DaySpan days;
  // Set when the span is whole months: the first and the last of them.
  std::optional<std::pair<MonthNumber, MonthNumber>> months;
};

// Nullopt when the period is not one of the contract's (see v1::Period).
std::optional<ReportSpan> SpanOf(const v1::Period& period);

// What to work out: every measure for every unit and span.
struct FigureQuery {
  std::vector<const Measure*> measures;
  std::vector<std::string> org_unit_ids;
  std::vector<ReportSpan> spans;
  v1::GroupBy group_by = v1::GROUP_BY_UNSPECIFIED;
  // Rolls up along the tree as it was on this day. Absent: as it is now.
  std::optional<absl::CivilDay> hierarchy_as_of;
};

// Appends the figures in the contract's order: unit, period, measure, group. False, with what fits appended,
// when there are more than `max_figures`. `today`: spans that have not ended yet count deadlines up to the
// day before.
bool AppendFigures(const Cube& cube, const Directory& directory, const FigureQuery& query, DayNumber today,
                   std::size_t max_figures, google::protobuf::RepeatedPtrField<v1::Figure>* figures);

// One figure, and of one group when `group` is given. It is made also when nothing lies behind it.
v1::Figure OneFigure(const Cube& cube, const Directory& directory, const Measure& measure,
                     const std::string& org_unit_id, const ReportSpan& span, v1::GroupBy group_by,
                     const std::optional<std::string>& group, DayNumber today);

// The days of the span that a count by deadline takes in.
DaySpan EndedDays(DaySpan span, DayNumber today);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_FIGURE_QUERY_H_
