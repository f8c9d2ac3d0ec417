// Counts the visits that quotas ask for.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_QUOTA_TALLY_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_QUOTA_TALLY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "services/intake/visits/plan_rules.h"

namespace zhuqi::intake {

// A tally for each quota, in their order: the visits of its month in its unit and below, where the visit's
// unit stood on its day, of its department and team. Each month is read once, however many quotas it has.
absl::StatusOr<std::vector<VisitTally>> CountVisits(db::Connection& connection, const Directory& directory,
                                                    const std::vector<StoredQuota>& quotas);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_QUOTA_TALLY_H_
