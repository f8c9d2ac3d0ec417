// The chain from township to district to city: an acceptance names a revision and its digest, and what comes
// after was not accepted, here and in every summary above that was made from it. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_CHAIN_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_CHAIN_RULES_H_

#include <optional>
#include <string>

#include "services/intake/summaries/stored_summary.h"

namespace zhuqi::intake {

// Whether `lower` is accepted at the revision and digest that `basis` names.
bool Stands(const v1::SummaryBasis& basis, const v1::MonthlySummary& lower);
// Whether something that the summary was made from has changed since.
bool BasisSuperseded(const v1::MonthlySummary& summary);

// Voids the acceptance, if there is one, and says what voided it.
void VoidAcceptance(v1::MonthlySummary& summary, const std::string& by);

// `upper` after `lower`, which it may have been made from, became what it is now; absent when that changes
// nothing. An accepted summary waits for review again.
std::optional<StoredSummary> AfterLowerChanged(const StoredSummary& upper, const v1::MonthlySummary& lower);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_CHAIN_RULES_H_
