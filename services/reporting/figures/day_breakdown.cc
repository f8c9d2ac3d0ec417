#include "services/reporting/figures/day_breakdown.h"

#include <map>
#include <utility>

#include "common/directory/date_message.h"

namespace zhuqi::reporting {
namespace {

using Days = std::map<DayNumber, std::pair<int64_t, int64_t>>;  // value, denominator

// `Cells`: UnitCells or GroupCells.
template <typename Cells>
void CollectCounts(const Cells& cells, const Measure& measure, DaySpan span, DayNumber today, Days& days) {
  const DaySpan ended = EndedDays(span, today);
  const auto each = [&](Component component, bool by_deadline, auto add) {
    cells.counts[static_cast<std::size_t>(component)].ForEach(by_deadline ? ended : span, add);
  };
  if (measure.numerator.has_value()) {
    each(*measure.numerator, measure.numerator_by_deadline,
         [&](DayNumber day, int64_t value) { days[day].first += value; });
  }
  if (!measure.denominator.has_value()) return;
  const bool stock = measure.kind() == v1::MEASURE_KIND_STOCK;
  each(*measure.denominator, measure.denominator_by_deadline, [&](DayNumber day, int64_t value) {
    if (stock) {
      days[day].first -= value;
    } else {
      days[day].second += value;
    }
  });
}

template <typename Cells>
void Collect(const Cells& cells, const Measure& measure, DaySpan span, DayNumber today, Days& days) {
  if (measure.kind() == v1::MEASURE_KIND_DISTRIBUTION) {
    cells.durations.ForEachDay(span, [&](DayNumber day, int64_t count) { days[day].first += count; });
  } else {
    CollectCounts(cells, measure, span, today, days);
  }
}

Days DaysOf(const UnitCells& cells, const Explanation& explanation, DayNumber today) {
  Days days;
  const Measure& measure = *explanation.measure;
  const DaySpan span = explanation.span.days;
  const auto dimension = DimensionOf(explanation.group_by);
  if (explanation.group.has_value() && dimension.has_value()) {
    const auto group = cells.groups[*dimension].find(*explanation.group);
    if (group != cells.groups[*dimension].end()) Collect(group->second, measure, span, today, days);
  } else if (measure.kind() == v1::MEASURE_KIND_DISTINCT) {
    cells.reached.ForEachDay(span, [&](DayNumber day, int64_t count) { days[day].first += count; });
  } else {
    Collect(cells, measure, span, today, days);
  }
  return days;
}

}  // namespace

void AddDays(const Cube& cube, const Explanation& explanation, const std::string& org_unit_id,
             DayNumber today, google::protobuf::RepeatedPtrField<v1::DayFigure>* days) {
  const auto unit = cube.FindUnit(org_unit_id);
  if (!unit.has_value()) return;
  for (const auto& [day, parts] : DaysOf(cube.Rolled(*unit), explanation, today)) {
    if (parts.first == 0 && parts.second == 0) continue;
    v1::DayFigure& figure = *days->Add();
    *figure.mutable_date() = DateMessage(CivilDayOf(day));
    figure.set_value(parts.first);
    figure.set_denominator(parts.second);
  }
}

}  // namespace zhuqi::reporting
