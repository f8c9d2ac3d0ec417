// All SQL of what came of policies.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_STORE_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_STORE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/db/connection.h"
#include "services/intake/enterprises/policy_rules.h"

namespace zhuqi::intake {

// By credit code and policy.
using DeliverySummaries = absl::flat_hash_map<std::pair<std::string, std::string>, DeliverySummary>;

// What came of `policy_id` (empty: of every policy of the directory) with these enterprises, by the records
// that count. `usccs` differ from each other.
absl::StatusOr<DeliverySummaries> ReadDeliveries(db::Connection& connection,
                                                 const std::vector<std::string>& usccs,
                                                 const std::string& policy_id);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_STORE_H_
