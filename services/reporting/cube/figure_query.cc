#include "services/reporting/cube/figure_query.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/directory/date_message.h"

namespace zhuqi::reporting {
namespace {

constexpr int kMaxSpanDays = 3700;
constexpr int kFirstYear = 2000;
constexpr int kLastYear = 2100;

ReportSpan MonthSpan(MonthNumber first, MonthNumber last) {
  return {{FirstDayOfMonth(first), LastDayOfMonth(last)}, std::make_pair(first, last)};
}

bool IsYear(int32_t year) { return year >= kFirstYear && year <= kLastYear; }

std::optional<ReportSpan> SpanOf(const common::v1::DateSpan& days) {
  const auto first = CivilDayFrom(days.first());
  const auto last = CivilDayFrom(days.last());
  if (!first.has_value() || !last.has_value() || *last < *first || *last - *first >= kMaxSpanDays) {
    return std::nullopt;
  }
  ReportSpan span{{DayNumberOf(*first), DayNumberOf(*last)}, std::nullopt};
  const MonthNumber first_month = MonthOfDay(span.days.first);
  const MonthNumber last_month = MonthOfDay(span.days.last);
  if (span.days.first == FirstDayOfMonth(first_month) && span.days.last == LastDayOfMonth(last_month)) {
    span.months = std::make_pair(first_month, last_month);
  }
  return span;
}

// What is behind a figure before it is written down.
struct Parts {
  int64_t numerator = 0;
  int64_t denominator = 0;
  int64_t not_answered = 0;
  Quantiles quantiles;
  bool empty() const {
    return numerator == 0 && denominator == 0 && not_answered == 0 && quantiles.count == 0;
  }
};

// `Cells`: UnitCells or GroupCells.
template <typename Cells>
int64_t SumOf(const Cells& cells, Component component, DaySpan span) {
  return cells.counts[static_cast<std::size_t>(component)].Sum(span);
}

template <typename Cells>
Parts PartsOf(const Cells& cells, const Measure& measure, DaySpan span, DayNumber today) {
  Parts parts;
  if (measure.kind() == v1::MEASURE_KIND_DISTRIBUTION) {
    parts.quantiles = cells.durations.Of(span);
    return parts;
  }
  // A stock is what ever came, less what ever went, by the end of the span.
  const DaySpan counted = measure.kind() == v1::MEASURE_KIND_STOCK ? DaySpan{0, span.last} : span;
  const DaySpan ended = EndedDays(counted, today);
  if (measure.numerator.has_value()) {
    parts.numerator = SumOf(cells, *measure.numerator, measure.numerator_by_deadline ? ended : counted);
  }
  if (measure.denominator.has_value()) {
    parts.denominator = SumOf(cells, *measure.denominator, measure.denominator_by_deadline ? ended : counted);
  }
  if (measure.not_answered.has_value()) parts.not_answered = SumOf(cells, *measure.not_answered, counted);
  return parts;
}

void WriteValue(const Measure& measure, const Parts& parts, v1::Figure& figure) {
  switch (measure.kind()) {
    case v1::MEASURE_KIND_RATE:
      figure.set_numerator(parts.numerator);
      figure.set_denominator(parts.denominator);
      figure.set_not_answered(parts.not_answered);
      if (parts.denominator > 0) {
        figure.set_value(static_cast<double>(parts.numerator) / static_cast<double>(parts.denominator));
      }
      break;
    case v1::MEASURE_KIND_DISTRIBUTION:
      figure.set_denominator(parts.quantiles.count);
      if (parts.quantiles.count > 0) {
        figure.set_value(parts.quantiles.median);
        figure.set_percentile_90(parts.quantiles.percentile_90);
      }
      break;
    case v1::MEASURE_KIND_STOCK:
      figure.set_value(static_cast<double>(parts.numerator - parts.denominator));
      break;
    default:
      figure.set_value(static_cast<double>(parts.numerator));
  }
}

// Where a measure's reported values stand: the due cells of a form, and the cells of an indicator of it.
struct ReportedKeys {
  std::optional<int32_t> due;
  std::optional<int32_t> cells;
};

std::vector<ReportedKeys> ReportedKeysOf(const Cube& cube, const Directory& directory,
                                         const Measure& measure) {
  std::vector<ReportedKeys> keys;
  // An indicator keeps its identity from version to version, and is counted once.
  std::set<std::pair<std::string, std::string>> indicators;
  for (const auto& [key, form] : directory.form_versions()) {
    for (const auto& indicator : form.indicators()) {
      if (indicator.measure() == measure.id()) indicators.emplace(form.form_id(), indicator.indicator_id());
    }
  }
  for (const auto& [form_id, indicator_id] : indicators) {
    keys.push_back({cube.FindReportedKey(form_id, ""), cube.FindReportedKey(form_id, indicator_id)});
  }
  return keys;
}

ReportedSums SumReported(const UnitCells& cells, std::optional<int32_t> key, MonthNumber first,
                         MonthNumber last) {
  ReportedSums sum;
  if (!key.has_value()) return sum;
  const auto months = cells.reported.find(*key);
  if (months == cells.reported.end()) return sum;
  for (auto at = months->second.lower_bound(first); at != months->second.end() && at->first <= last; ++at) {
    sum.value += at->second.value;
    sum.cells += at->second.cells;
    sum.cells_accepted += at->second.cells_accepted;
    sum.due += at->second.due;
  }
  return sum;
}

void WriteReported(const UnitCells& cells, const std::vector<ReportedKeys>& keys, const ReportSpan& span,
                   v1::Figure& figure) {
  if (!span.months.has_value()) return;
  ReportedSums sum;
  for (const ReportedKeys& key : keys) {
    const ReportedSums reported = SumReported(cells, key.cells, span.months->first, span.months->second);
    sum.value += reported.value;
    sum.cells += reported.cells;
    sum.cells_accepted += reported.cells_accepted;
    sum.due += SumReported(cells, key.due, span.months->first, span.months->second).due;
  }
  if (sum.due == 0) return;
  v1::ReportedValue& value = *figure.mutable_reported();
  value.set_value(sum.value);
  value.set_cells(sum.cells);
  value.set_cells_due(sum.due);
  value.set_cells_accepted(sum.cells_accepted);
}

// Unit cells with what only they have: different enterprises.
Parts UnitParts(const UnitCells& cells, const Measure& measure, DaySpan span, DayNumber today) {
  if (measure.kind() != v1::MEASURE_KIND_DISTINCT) return PartsOf(cells, measure, span, today);
  Parts parts;
  parts.numerator = cells.reached.Count(span);
  return parts;
}

const UnitCells& CellsOf(const Cube& cube, const std::string& org_unit_id) {
  static const UnitCells& none = *new UnitCells();
  const auto unit = cube.FindUnit(org_unit_id);
  return unit.has_value() ? cube.Rolled(*unit) : none;
}

// Works out one query, with what is the same for all its figures looked up once.
class Writer {
 public:
  Writer(const Cube& cube, const Directory& directory, const FigureQuery& query, DayNumber today,
         std::size_t max_figures, google::protobuf::RepeatedPtrField<v1::Figure>* figures)
      : query_(query),
        today_(today),
        max_(max_figures),
        dimension_(DimensionOf(query.group_by)),
        figures_(figures) {
    for (const Measure* measure : query.measures) {
      reported_.push_back(dimension_.has_value() ? std::vector<ReportedKeys>()
                                                 : ReportedKeysOf(cube, directory, *measure));
    }
  }

  bool Unit(const std::string& org_unit_id, const UnitCells& cells) {
    for (std::size_t span = 0; span < query_.spans.size(); ++span) {
      for (std::size_t measure = 0; measure < query_.measures.size(); ++measure) {
        const bool fits = dimension_.has_value() ? Groups(org_unit_id, cells, span, measure)
                                                 : Whole(org_unit_id, cells, span, measure);
        if (!fits) return false;
      }
    }
    return true;
  }

 private:
  // Null when there are too many.
  v1::Figure* Begin(const std::string& org_unit_id, std::size_t span, const Measure& measure) {
    if (static_cast<std::size_t>(figures_->size()) >= max_) return nullptr;
    v1::Figure* figure = figures_->Add();
    figure->set_measure(measure.id());
    figure->set_org_unit_id(org_unit_id);
    figure->set_period_index(static_cast<int32_t>(span));
    return figure;
  }

  bool Whole(const std::string& org_unit_id, const UnitCells& cells, std::size_t span, std::size_t index) {
    const Measure& measure = *query_.measures[index];
    v1::Figure* figure = Begin(org_unit_id, span, measure);
    if (figure == nullptr) return false;
    WriteValue(measure, UnitParts(cells, measure, query_.spans[span].days, today_), *figure);
    if (!reported_[index].empty()) WriteReported(cells, reported_[index], query_.spans[span], *figure);
    return true;
  }

  bool Groups(const std::string& org_unit_id, const UnitCells& cells, std::size_t span, std::size_t index) {
    const Measure& measure = *query_.measures[index];
    for (const auto& [name, group] : cells.groups[*dimension_]) {
      const Parts parts = PartsOf(group, measure, query_.spans[span].days, today_);
      if (parts.empty()) continue;
      v1::Figure* figure = Begin(org_unit_id, span, measure);
      if (figure == nullptr) return false;
      figure->set_group(name);
      WriteValue(measure, parts, *figure);
    }
    return true;
  }

  const FigureQuery& query_;
  const DayNumber today_;
  const std::size_t max_;
  const std::optional<std::size_t> dimension_;
  std::vector<std::vector<ReportedKeys>> reported_;  // as query.measures
  google::protobuf::RepeatedPtrField<v1::Figure>* figures_;
};

}  // namespace

DaySpan EndedDays(DaySpan span, DayNumber today) { return {span.first, std::min(span.last, today - 1)}; }

std::optional<ReportSpan> SpanOf(const v1::Period& period) {
  switch (period.period_case()) {
    case v1::Period::kMonth: {
      const auto month = CivilMonthFrom(period.month());
      if (!month.has_value()) return std::nullopt;
      return MonthSpan(MonthNumberOf(*month), MonthNumberOf(*month));
    }
    case v1::Period::kQuarter: {
      const v1::Quarter& quarter = period.quarter();
      if (!IsYear(quarter.year()) || quarter.quarter() < 1 || quarter.quarter() > 4) return std::nullopt;
      const MonthNumber first = (quarter.year() - kFirstYear) * 12 + (quarter.quarter() - 1) * 3;
      return MonthSpan(first, first + 2);
    }
    case v1::Period::kYear: {
      if (!IsYear(period.year())) return std::nullopt;
      const MonthNumber first = (period.year() - kFirstYear) * 12;
      return MonthSpan(first, first + 11);
    }
    case v1::Period::kDays:
      return SpanOf(period.days());
    default:
      return std::nullopt;
  }
}

bool AppendFigures(const Cube& cube, const Directory& directory, const FigureQuery& query, DayNumber today,
                   std::size_t max_figures, google::protobuf::RepeatedPtrField<v1::Figure>* figures) {
  if (query.group_by == v1::GROUP_BY_UNSPECIFIED) {
    const std::size_t wanted = query.org_unit_ids.size() * query.spans.size() * query.measures.size();
    figures->Reserve(static_cast<int>(std::min(wanted, max_figures)));
  }
  Writer writer(cube, directory, query, today, max_figures, figures);
  if (query.hierarchy_as_of.has_value()) {
    const std::vector<UnitCells> cells = cube.RolledOn(directory, *query.hierarchy_as_of, query.org_unit_ids);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!writer.Unit(query.org_unit_ids[i], cells[i])) return false;
    }
    return true;
  }
  for (const std::string& unit : query.org_unit_ids) {
    if (!writer.Unit(unit, CellsOf(cube, unit))) return false;
  }
  return true;
}

v1::Figure OneFigure(const Cube& cube, const Directory& directory, const Measure& measure,
                     const std::string& org_unit_id, const ReportSpan& span, v1::GroupBy group_by,
                     const std::optional<std::string>& group, DayNumber today) {
  v1::Figure figure;
  figure.set_measure(measure.id());
  figure.set_org_unit_id(org_unit_id);
  const UnitCells& cells = CellsOf(cube, org_unit_id);
  const std::optional<std::size_t> dimension = DimensionOf(group_by);
  if (!group.has_value() || !dimension.has_value()) {
    WriteValue(measure, UnitParts(cells, measure, span.days, today), figure);
    WriteReported(cells, ReportedKeysOf(cube, directory, measure), span, figure);
    return figure;
  }
  figure.set_group(*group);
  const auto found = cells.groups[*dimension].find(*group);
  const Parts parts =
      found == cells.groups[*dimension].end() ? Parts() : PartsOf(found->second, measure, span.days, today);
  WriteValue(measure, parts, figure);
  return figure;
}

}  // namespace zhuqi::reporting
