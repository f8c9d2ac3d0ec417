#include "services/intake/summaries/draft_rules.h"

#include <utility>

#include "absl/time/civil_time.h"
#include "common/base/civil_time.h"
#include "common/directory/form_versions.h"
#include "services/intake/summaries/form_findings.h"

namespace zhuqi::intake {
namespace {

// The cell of one indicator, and where its number comes from.
std::pair<v1::SummaryCell, v1::CellSources> CellOf(const directory::v1::SummaryIndicator& indicator,
                                                   const MonthEvidence& evidence, bool month_over) {
  std::pair<v1::SummaryCell, v1::CellSources> drafted;
  auto& [cell, sources] = drafted;
  cell.set_indicator_id(indicator.indicator_id());
  sources.set_indicator_id(indicator.indicator_id());
  const auto own = evidence.own_records.find(indicator.indicator_id());
  if (own != evidence.own_records.end()) sources.set_own_records(own->second);
  bool settled = month_over;
  if (!indicator.lower_indicator_id().empty()) {
    const LowerSum lower = SumOfLower(evidence, indicator.lower_indicator_id(), indicator.decimals());
    sources.set_lower_level(lower.value);
    sources.set_lower_units(lower.units);
    settled = settled && lower.settled && evidence.missing_units.empty();
  }
  if (!sources.has_own_records() && sources.lower_units() == 0) {
    cell.set_status(v1::CELL_STATUS_MISSING);
    cell.set_derivation(v1::CELL_DERIVATION_MANUAL);
    return drafted;
  }
  cell.set_value(sources.own_records() + sources.lower_level());
  cell.set_counted_value(cell.value());
  cell.set_derivation(v1::CELL_DERIVATION_AUTOMATIC);
  cell.set_status(!settled            ? v1::CELL_STATUS_PROVISIONAL
                  : cell.value() == 0 ? v1::CELL_STATUS_NIL
                                      : v1::CELL_STATUS_REPORTED);
  return drafted;
}

}  // namespace

v1::DraftSummaryResponse DraftOf(const StoredSummary& current, const MonthEvidence& evidence,
                                 absl::Time now) {
  v1::DraftSummaryResponse draft;
  v1::MonthlySummary summary = current.summary;
  summary.clear_cells();
  summary.clear_sections();
  summary.clear_basis();
  const bool month_over = absl::CivilMonth(CityDay(now)) > KeyOf(current).month;
  for (const directory::v1::SummaryIndicator& indicator : evidence.form->indicators()) {
    auto [cell, sources] = CellOf(indicator, evidence, month_over);
    *summary.add_cells() = cell;
    *draft.add_cells() = std::move(cell);
    *draft.add_sources() = std::move(sources);
  }
  for (const FormedSummary& lower : evidence.lower) {
    *summary.add_basis() = BasisOf(lower.summary);
    *draft.add_basis() = BasisOf(lower.summary);
  }
  *draft.mutable_missing_units() = {evidence.missing_units.begin(), evidence.missing_units.end()};
  const auto findings = FindingsOf(summary, evidence, {});
  *draft.mutable_findings() = {findings.begin(), findings.end()};
  draft.set_etag(EtagOf(current));
  draft.set_form_version(VersionOf(*evidence.form));
  return draft;
}

}  // namespace zhuqi::intake
