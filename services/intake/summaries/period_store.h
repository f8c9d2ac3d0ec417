// All SQL of periods.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_STORE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_STORE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/intake/summaries/period_rules.h"
#include "services/intake/summaries/summary_key.h"

namespace zhuqi::intake {

using Periods = std::map<PeriodKey, StoredPeriod>;

// The period of a summary; null when there is none.
const v1::Period* FindPeriod(const Periods& periods, const SummaryKey& key);

absl::StatusOr<Periods> ReadPeriods(db::Connection& connection, const std::set<PeriodKey>& keys);
// The same, and no one else changes them until the transaction ends.
absl::StatusOr<Periods> LockPeriods(db::Transaction& transaction, const std::set<PeriodKey>& keys);
// All whose lock date is to be settled by a notice. Locked until the transaction ends.
absl::StatusOr<Periods> LockUnsettled(db::Transaction& transaction);

// Aborted when another replica made it first.
absl::Status InsertPeriod(db::Transaction& transaction, const StoredPeriod& period, absl::Time now);
// The new state of a period that was locked in this transaction.
absl::Status UpdatePeriod(db::Transaction& transaction, const StoredPeriod& period, absl::Time now);

// Up to `limit` after `after`: newest month first, then by form. `form_id` empty: all forms.
absl::StatusOr<std::vector<StoredPeriod>> ListPeriods(db::Connection& connection, const std::string& form_id,
                                                      const std::optional<PeriodKey>& after, int limit);
// The obligations that each has.
absl::StatusOr<std::map<PeriodKey, int32_t>> CountObligations(db::Connection& connection,
                                                              const std::vector<StoredPeriod>& periods);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_STORE_H_
