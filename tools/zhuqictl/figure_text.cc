#include "tools/zhuqictl/figure_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using reporting::v1::Figure;
using reporting::v1::MeasureDefinition;
using reporting::v1::QueryFiguresResponse;

constexpr absl::string_view kNoData = "–";

// Unit, period, group.
using RowKey = std::tuple<std::string, int32_t, std::string>;

std::vector<RowKey> RowKeys(const QueryFiguresResponse& response) {
  std::vector<RowKey> keys;
  std::set<RowKey> seen;
  for (const Figure& figure : response.figures()) {
    RowKey key(figure.org_unit_id(), figure.period_index(), figure.group());
    if (seen.insert(key).second) keys.push_back(std::move(key));
  }
  // The answer begins with the unit itself; people look for the total at the end.
  if (!keys.empty()) {
    const std::string whole = std::get<0>(keys.front());
    std::stable_partition(keys.begin(), keys.end(),
                          [&](const RowKey& key) { return std::get<0>(key) != whole; });
  }
  return keys;
}

std::string UnitName(const QueryFiguresResponse& response, const std::string& id) {
  for (const auto& unit : response.units()) {
    if (unit.org_unit_id() == id) return unit.name();
  }
  return id;
}

// The measures that the answer has, in the customary order.
std::vector<MeasureDefinition> Present(const QueryFiguresResponse& response,
                                       const std::vector<MeasureDefinition>& measures) {
  std::set<std::string> names;
  for (const Figure& figure : response.figures()) names.insert(figure.measure());
  std::vector<MeasureDefinition> present;
  for (const MeasureDefinition& measure : measures) {
    if (names.erase(measure.measure()) > 0) present.push_back(measure);
  }
  return present;
}

bool HasReported(const QueryFiguresResponse& response, const std::string& measure) {
  return std::any_of(response.figures().begin(), response.figures().end(), [&](const Figure& figure) {
    return figure.measure() == measure && figure.has_reported();
  });
}

struct ShownMeasure {
  MeasureDefinition definition;
  bool with_reported = false;
};

struct TableShape {
  bool with_periods = false;
  bool with_groups = false;
  std::vector<ShownMeasure> measures;
};

TableShape ShapeOf(const QueryFiguresResponse& response, const std::vector<MeasureDefinition>& measures,
                   const FigureTableOptions& options) {
  TableShape shape;
  shape.with_periods = options.periods.size() > 1;
  shape.with_groups = std::any_of(response.figures().begin(), response.figures().end(),
                                  [](const Figure& figure) { return !figure.group().empty(); });
  for (MeasureDefinition& measure : Present(response, measures)) {
    const bool reported = options.reported && HasReported(response, measure.measure());
    shape.measures.push_back({std::move(measure), reported});
  }
  return shape;
}

std::vector<Column> ColumnsOf(const TableShape& shape, bool chinese) {
  std::vector<Column> columns{{chinese ? "单位" : "unit"}};
  if (shape.with_periods) columns.push_back({chinese ? "时段" : "period"});
  if (shape.with_groups) columns.push_back({chinese ? "分类" : "group"});
  for (const ShownMeasure& shown : shape.measures) {
    columns.push_back({chinese ? shown.definition.name_zh() : shown.definition.name(), Align::kRight});
    if (shown.with_reported) columns.push_back({chinese ? "月报" : "reported", Align::kRight});
  }
  return columns;
}

}  // namespace

std::string FigureText(const Figure& figure, const MeasureDefinition& definition) {
  if (!figure.has_value()) return std::string(kNoData);
  if (definition.kind() == reporting::v1::MEASURE_KIND_RATE)
    return absl::StrFormat("%.1f %%", figure.value() * 100);
  if (definition.kind() == reporting::v1::MEASURE_KIND_DISTRIBUTION) {
    std::string text = absl::StrFormat("%.1f h", figure.value() / 60);
    if (figure.has_percentile_90())
      absl::StrAppend(&text, absl::StrFormat(" / %.1f h", figure.percentile_90() / 60));
    return text;
  }
  return WithSeparators(std::llround(figure.value()));
}

std::string ReportedText(const Figure& figure) {
  if (!figure.has_reported()) return "";
  if (figure.reported().cells() == 0) return std::string(kNoData);
  return absl::StrCat(WithSeparators(figure.reported().value()),
                      figure.reported().cells() < figure.reported().cells_due() ? "?" : "");
}

std::string FigureTable(const QueryFiguresResponse& response, const std::vector<MeasureDefinition>& measures,
                        const FigureTableOptions& options) {
  const TableShape shape = ShapeOf(response, measures, options);
  std::map<std::pair<RowKey, std::string>, const Figure*> cells;
  for (const Figure& figure : response.figures())
    cells[{RowKey(figure.org_unit_id(), figure.period_index(), figure.group()), figure.measure()}] = &figure;

  Table table(ColumnsOf(shape, options.chinese));
  const std::vector<RowKey> keys = RowKeys(response);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const RowKey& key = keys[i];
    const std::string& unit = std::get<0>(key);
    // The whole stands last, below a line of its own.
    if (i > 0 && unit == std::get<0>(keys.back()) && unit != std::get<0>(keys[i - 1])) table.AddRule();
    std::vector<std::string> row{UnitName(response, unit)};
    if (shape.with_periods) row.push_back(options.periods[static_cast<std::size_t>(std::get<1>(key))]);
    if (shape.with_groups) row.push_back(std::get<2>(key));
    for (const ShownMeasure& shown : shape.measures) {
      const auto found = cells.find({key, shown.definition.measure()});
      const Figure* figure = found == cells.end() ? nullptr : found->second;
      row.push_back(figure == nullptr ? "" : FigureText(*figure, shown.definition));
      if (shown.with_reported) row.push_back(figure == nullptr ? "" : ReportedText(*figure));
    }
    table.AddRow(std::move(row));
  }
  return table.ToString();
}

std::string FreshnessText(const common::v1::Freshness& freshness) {
  return absl::StrCat("as of ", InstantText(freshness.answered_at()), ", newest event ",
                      freshness.has_newest_event_at() ? InstantText(freshness.newest_event_at()) : "none",
                      ", ", freshness.events_behind(), " events behind\n");
}

}  // namespace zhuqi::ctl
