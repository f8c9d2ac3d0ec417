// All SQL of obligations and summaries.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_STORE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/intake/summaries/summary_key.h"
#include "services/intake/summaries/summary_rules.h"

namespace zhuqi::intake {

// A unit and a month: what callers name; a unit may owe several forms for it.
using UnitMonth = std::pair<std::string, absl::CivilMonth>;
using Summaries = std::map<SummaryKey, StoredSummary>;

// All obligations of these units and months.
absl::StatusOr<Summaries> ReadSummaries(db::Connection& connection, const std::vector<UnitMonth>& keys);
// The same, and no one else changes them until the transaction ends.
absl::StatusOr<Summaries> LockSummaries(db::Transaction& transaction, const std::vector<UnitMonth>& keys);

// The units that have the obligation of this form and month.
absl::StatusOr<absl::flat_hash_set<std::string>> ReadObligedUnits(db::Connection& connection,
                                                                  const std::string& form_id,
                                                                  absl::CivilMonth month);

// New obligations. Aborted when another replica made one of them first.
absl::Status InsertObligations(db::Transaction& transaction, std::vector<StoredSummary> obligations,
                               absl::Time now);

// Up to `limit` obligations after `after` (absent: from the start), in the order of their keys, that a
// changed directory may change: open, waived, provisional or not due yet at `now`. Locked until the
// transaction ends.
absl::StatusOr<std::vector<StoredSummary>> LockAdjustable(db::Transaction& transaction,
                                                          const std::optional<SummaryKey>& after,
                                                          absl::Time now, int limit);

// The new state of obligations that were locked in this transaction.
absl::Status UpdateSummaries(db::Transaction& transaction, const std::vector<const StoredSummary*>& summaries,
                             absl::Time now);

// What never changes: a revision as it was sent, and a review as it was made (the newest of each summary).
// Aborted when it is there already.
absl::Status InsertRevisions(db::Transaction& transaction,
                             std::vector<std::pair<StoredSummary, std::string>> summaries_and_senders);
absl::Status InsertReviews(db::Transaction& transaction, std::vector<StoredSummary> summaries,
                           absl::Time now);

struct SummaryFilter {
  std::vector<std::string> org_unit_ids;  // empty: all
  std::optional<absl::CivilMonth> first_month;
  std::optional<absl::CivilMonth> last_month;
  v1::SummaryState state = v1::SUMMARY_STATE_UNSPECIFIED;
};

// Up to `limit` after `after`: newest month first, then by unit and form.
absl::StatusOr<std::vector<StoredSummary>> ListSummaries(db::Connection& connection,
                                                         const SummaryFilter& filter,
                                                         const std::optional<SummaryKey>& after, int limit);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_STORE_H_
