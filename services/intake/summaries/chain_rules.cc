#include "services/intake/summaries/chain_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zhuqi::intake {

bool Stands(const v1::SummaryBasis& basis, const v1::MonthlySummary& lower) {
  return lower.state() == v1::SUMMARY_STATE_ACCEPTED && lower.revision() == basis.revision() &&
         lower.digest() == basis.digest();
}

bool BasisSuperseded(const v1::MonthlySummary& summary) {
  return std::any_of(summary.basis().begin(), summary.basis().end(),
                     [](const v1::SummaryBasis& basis) { return basis.superseded(); });
}

void VoidAcceptance(v1::MonthlySummary& summary, const std::string& by) {
  for (v1::SummaryReview& review : *summary.mutable_reviews()) {
    if (review.decision() != v1::REVIEW_DECISION_ACCEPT || review.voided()) continue;
    review.set_voided(true);
    review.set_voided_by(by);
  }
}

std::optional<StoredSummary> AfterLowerChanged(const StoredSummary& upper, const v1::MonthlySummary& lower) {
  for (int i = 0; i < upper.summary.basis_size(); ++i) {
    const v1::SummaryBasis& basis = upper.summary.basis(i);
    if (basis.org_unit_id() != lower.org_unit_id() || basis.form_id() != lower.form_id()) continue;
    if (basis.superseded() || Stands(basis, lower)) return std::nullopt;
    StoredSummary after = upper;
    v1::MonthlySummary& summary = after.summary;
    summary.mutable_basis(i)->set_superseded(true);
    VoidAcceptance(summary, absl::StrCat("basis ", lower.org_unit_id(), " revision ", lower.revision()));
    if (summary.state() == v1::SUMMARY_STATE_ACCEPTED) summary.set_state(v1::SUMMARY_STATE_SUBMITTED);
    ++after.sequence;
    return after;
  }
  return std::nullopt;
}

}  // namespace zhuqi::intake
