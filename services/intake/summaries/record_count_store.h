// Counts records for summaries, by SQL.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_RECORD_COUNT_STORE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_RECORD_COUNT_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/connection.h"
#include "services/intake/summaries/record_scope.h"

namespace zhuqi::intake {

// More units than this are not counted: a statement would become too long. A city has a few hundred.
inline constexpr size_t kMaxCountedUnits = 10'000;

// Measures of reporting that records alone give: visits, enterprises_reached, issues_received,
// policies_delivered.
bool IsCounted(absl::string_view measure);

// What the records of these units and days that count show, by measure: each of those above. Withdrawn ones
// do not. Empty when the units are too many.
absl::StatusOr<std::map<std::string, int64_t>> CountRecords(db::Connection& connection,
                                                            const std::vector<ScopeSpan>& scope);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_RECORD_COUNT_STORE_H_
