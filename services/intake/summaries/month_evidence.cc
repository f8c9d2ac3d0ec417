#include "services/intake/summaries/month_evidence.h"

namespace zhuqi::intake {

using directory::v1::SummaryForm;
using directory::v1::SummaryIndicator;

const SummaryIndicator* FindIndicator(const SummaryForm& form, absl::string_view indicator_id) {
  for (const SummaryIndicator& indicator : form.indicators()) {
    if (indicator.indicator_id() == indicator_id) return &indicator;
  }
  return nullptr;
}

const v1::SummaryCell* FindCell(const v1::MonthlySummary& summary, absl::string_view indicator_id) {
  for (const v1::SummaryCell& cell : summary.cells()) {
    if (cell.indicator_id() == indicator_id) return &cell;
  }
  return nullptr;
}

bool HasValue(v1::CellStatus status) {
  return status == v1::CELL_STATUS_REPORTED || status == v1::CELL_STATUS_PROVISIONAL ||
         status == v1::CELL_STATUS_ESTIMATED;
}

std::optional<ExactNumber> NumberOf(const v1::SummaryCell& cell, const SummaryIndicator& indicator) {
  if (cell.status() == v1::CELL_STATUS_NIL) return ExactNumber();
  if (!HasValue(cell.status())) return std::nullopt;
  return ExactNumber::FromCell(cell.value(), indicator.decimals());
}

std::optional<ExactNumber> NumberOf(const v1::MonthlySummary& summary, const SummaryForm& form,
                                    absl::string_view indicator_id) {
  const SummaryIndicator* indicator = FindIndicator(form, indicator_id);
  const v1::SummaryCell* cell = FindCell(summary, indicator_id);
  if (indicator == nullptr || cell == nullptr) return std::nullopt;
  return NumberOf(*cell, *indicator);
}

LowerSum SumOfLower(const MonthEvidence& evidence, absl::string_view lower_indicator_id, int decimals) {
  LowerSum sum;
  for (const FormedSummary& lower : evidence.lower) {
    const SummaryIndicator* indicator = FindIndicator(*lower.form, lower_indicator_id);
    const v1::SummaryCell* cell = FindCell(lower.summary, lower_indicator_id);
    const bool asked = indicator != nullptr && cell != nullptr && indicator->decimals() == decimals;
    if (asked && cell->status() == v1::CELL_STATUS_NOT_APPLICABLE) continue;
    const bool stands =
        asked && (cell->status() == v1::CELL_STATUS_REPORTED || cell->status() == v1::CELL_STATUS_NIL);
    sum.settled = sum.settled && stands;
    if (!asked || cell->status() == v1::CELL_STATUS_MISSING) continue;
    sum.value += cell->value();
    ++sum.units;
  }
  return sum;
}

v1::SummaryBasis BasisOf(const v1::MonthlySummary& accepted) {
  v1::SummaryBasis basis;
  basis.set_org_unit_id(accepted.org_unit_id());
  basis.set_form_id(accepted.form_id());
  basis.set_revision(accepted.revision());
  basis.set_digest(accepted.digest());
  return basis;
}

}  // namespace zhuqi::intake
