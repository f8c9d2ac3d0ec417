// The responsibility catalogue as text for people: what it decides, how drafts differ and what they would
// change.
#ifndef ZHUQI_TOOLS_ZHUQICTL_CATALOGUE_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_CATALOGUE_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "zhuqi/routing/v1/catalogue_service.pb.h"

namespace zhuqi::ctl {

// 1250 of "12.5" yuan: at most two decimals, 0 to 10^15. INVALID_ARGUMENT for anything else.
absl::StatusOr<int64_t> ParseYuan(absl::string_view text);

// Why an issue goes where it goes: the rule, who handles it, from what, and the rules that nearly matched.
// Ends with a line end, here and below.
std::string RouteText(const routing::v1::RouteDecision& decision, bool chinese);

// Rule by rule: + is new, - is gone, ~ says something else, > is tried earlier or later.
std::string CatalogueDifferenceText(const routing::v1::DiffCatalogueResponse& response, bool chinese);

// Adds what a further page counted.
void AddSums(const routing::v1::SimulationSums& page, routing::v1::SimulationSums* sums);

// Sums first, then the cases.
std::string SimulationText(const routing::v1::SimulateCatalogueResponse& response, bool chinese);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CATALOGUE_TEXT_H_
