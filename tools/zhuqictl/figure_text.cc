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
  const std::vector<MeasureDefinition> present = Present(response, measures);
  const bool with_periods = options.periods.size() > 1;
  const bool with_groups = std::any_of(response.figures().begin(), response.figures().end(),
                                       [](const Figure& figure) { return !figure.group().empty(); });
  std::vector<Column> columns{{options.chinese ? "单位" : "unit"}};
  if (with_periods) columns.push_back({options.chinese ? "时段" : "period"});
  if (with_groups) columns.push_back({options.chinese ? "分类" : "group"});
  for (const MeasureDefinition& measure : present) {
    columns.push_back({options.chinese ? measure.name_zh() : measure.name(), Align::kRight});
    if (options.reported && HasReported(response, measure.measure()))
      columns.push_back({options.chinese ? "月报" : "reported", Align::kRight});
  }
  std::map<std::pair<RowKey, std::string>, const Figure*> cells;
  for (const Figure& figure : response.figures())
    cells[{RowKey(figure.org_unit_id(), figure.period_index(), figure.group()), figure.measure()}] = &figure;

  Table table(std::move(columns));
  const std::vector<RowKey> keys = RowKeys(response);
  for (const RowKey& key : keys) {
    const auto& [unit, period, group] = key;
    // The whole stands below a line of its own.
    if (table.rows() > 0 && unit == std::get<0>(keys.back()) &&
        key == *std::find_if(keys.begin(), keys.end(),
                             [&](const RowKey& k) { return std::get<0>(k) == std::get<0>(key); })) {
      table.AddRule();
    }
    std::vector<std::string> row{UnitName(response, unit)};
    if (with_periods) row.push_back(options.periods[static_cast<std::size_t>(period)]);
    if (with_groups) row.push_back(group);
    for (const MeasureDefinition& measure : present) {
      const auto found = cells.find({key, measure.measure()});
      const Figure* figure = found == cells.end() ? nullptr : found->second;
      row.push_back(figure == nullptr ? "" : FigureText(*figure, measure));
      if (options.reported && HasReported(response, measure.measure()))
        row.push_back(figure == nullptr ? "" : ReportedText(*figure));
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
