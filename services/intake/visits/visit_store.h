// All SQL of visit plans, quotas and the visits that they count.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_VISIT_STORE_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_VISIT_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "services/intake/visits/plan_rules.h"

namespace zhuqi::intake {

// Those that are there; nobody else changes them until the transaction ends.
absl::StatusOr<std::map<std::string, StoredPlan>> LockPlans(db::Transaction& transaction,
                                                            const std::vector<std::string>& plan_ids);
// The same, only read.
absl::StatusOr<std::map<std::string, StoredPlan>> ReadPlans(db::Connection& connection,
                                                            const std::vector<std::string>& plan_ids);

// Up to `limit` plans with months before `month` that were not decided, locked until the transaction ends,
// after `after` in the order of their identities.
absl::StatusOr<std::vector<StoredPlan>> LockUndecidedPlans(db::Transaction& transaction,
                                                           absl::CivilMonth month, const std::string& after,
                                                           int limit);

using Plans = std::map<std::string, StoredPlan>;  // by identity
// New plans. Aborted when another replica made one of them first.
absl::Status InsertPlans(db::Transaction& transaction, const Plans& plans, absl::Time now);
// New states of plans that were locked.
absl::Status UpdatePlans(db::Transaction& transaction, const Plans& plans, absl::Time now);
// Aborted when one of them is there.
absl::Status InsertQuotas(db::Transaction& transaction, const std::vector<StoredQuota>& quotas,
                          absl::Time now);

// Up to `limit` plans of these units (empty: all) after `after`, ordered by identity.
absl::StatusOr<std::vector<StoredPlan>> ListPlans(db::Connection& connection,
                                                  const std::vector<std::string>& org_unit_ids,
                                                  const std::string& after, int limit);

// Plan and month.
using QuotaKey = std::pair<std::string, absl::CivilMonth>;

struct QuotaFilter {
  std::vector<std::string> org_unit_ids;  // empty: all
  std::string plan_id;
  std::optional<absl::CivilMonth> first_month;
  std::optional<absl::CivilMonth> last_month;
};

// Up to `limit` after `after`: newest month first, then by plan.
absl::StatusOr<std::vector<StoredQuota>> ListQuotas(db::Connection& connection, const QuotaFilter& filter,
                                                    const std::optional<QuotaKey>& after, int limit);

// Nullopt when there is none; nobody else changes it until the transaction ends.
absl::StatusOr<std::optional<StoredQuota>> LockQuota(db::Transaction& transaction, const QuotaKey& key);
absl::Status SetWaiver(db::Transaction& transaction, const QuotaKey& key, const std::string& reason,
                       const std::string& actor, absl::Time now);

// One enterprise of one visit that counts.
struct VisitedEnterprise {
  absl::CivilDay on;
  std::string org_unit_id;
  Uuid record_id;
  std::string uscc;
  std::string team_id;
  std::string department_id;
};

// Calls `each` for all of the days `first` to `last` in these units (empty: all); those of one visit follow
// each other.
absl::Status ForEachVisited(db::Connection& connection, absl::CivilDay first, absl::CivilDay last,
                            const std::vector<std::string>& org_unit_ids,
                            absl::FunctionRef<void(const VisitedEnterprise&)> each);

// The days of issues of these enterprises from `since` on, by credit code.
absl::StatusOr<absl::flat_hash_map<std::string, std::vector<absl::CivilDay>>> ReadIssueDays(
    db::Connection& connection, const std::vector<std::string>& usccs, absl::CivilDay since);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_VISIT_STORE_H_
