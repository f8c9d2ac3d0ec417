// All SQL of obligations and summaries: where each stands, every state that it was in, and what was made from
// what.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_STORE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/intake/summaries/reporting_lines.h"
#include "services/intake/summaries/stored_summary.h"
#include "services/intake/summaries/summary_key.h"

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

// The summaries of a month that are owed and not waived.
absl::StatusOr<Reporting> ReadReporting(db::Connection& connection, absl::CivilMonth month);

// An obligation at its new state, and whose doing that is (empty: the service's own).
struct SummaryChange {
  const StoredSummary* after = nullptr;
  std::string actor;
};

// New obligations. Aborted when another replica made one of them first.
absl::Status InsertObligations(db::Transaction& transaction, const std::vector<StoredSummary>& obligations,
                               absl::Time now);

// Up to `limit` obligations after `after` (absent: from the start), in the order of their keys, that a
// changed directory may change: open, waived, or provisional. Locked until the transaction ends.
absl::StatusOr<std::vector<StoredSummary>> LockAdjustable(db::Transaction& transaction,
                                                          const std::optional<SummaryKey>& after, int limit);

// The new states of obligations that were locked in this transaction, kept in their histories too. Each state
// is in `history`, in its order; `newest` are those that stand at the end. Aborted when another replica was
// first.
absl::Status UpdateSummaries(db::Transaction& transaction, const std::vector<const StoredSummary*>& newest,
                             const std::vector<SummaryChange>& history, absl::Time now);

// An obligation whose unit may have to be reminded, since when.
struct DueReminder {
  absl::Time remind_at;
  SummaryKey key;
};

// Up to `limit` that are due at `now`, the longest due first, after `after`.
absl::StatusOr<std::vector<DueReminder>> FindDueReminders(db::Connection& connection, absl::Time now,
                                                          const std::optional<DueReminder>& after, int limit);

// When an obligation that was locked in this transaction, and did not change, is to be looked at for a
// reminder.
absl::Status UpdateReminderTime(db::Transaction& transaction, const SummaryKey& key,
                                std::optional<absl::Time> remind_at);

// The obligation as it stood at `as_of`; absent when it was not made yet.
absl::StatusOr<std::optional<StoredSummary>> ReadAsOf(db::Connection& connection, const SummaryKey& key,
                                                      absl::Time as_of);
// A revision as it was sent; absent when there never was one of this number.
absl::StatusOr<std::optional<v1::MonthlySummary>> ReadRevision(db::Connection& connection,
                                                               const SummaryKey& key, int64_t revision);

// The units and months of summaries whose newest revision was made from one of `below`. One level up.
absl::StatusOr<std::set<UnitMonth>> ReadMadeFrom(db::Connection& connection,
                                                 const std::set<UnitMonth>& below);
// Puts what `after` was made from in the place of what `before` was.
absl::Status ReplaceBasis(db::Transaction& transaction, const v1::MonthlySummary& before,
                          const v1::MonthlySummary& after);

struct SummaryFilter {
  std::vector<std::string> org_unit_ids;  // empty: all
  std::optional<absl::CivilMonth> first_month;
  std::optional<absl::CivilMonth> last_month;
  v1::SummaryState state = v1::SUMMARY_STATE_UNSPECIFIED;
  std::string form_id = {};                   // empty: all
  std::optional<absl::Time> overdue_at = {};  // only what the unit had to act on before this
};

// Gives `take` up to `limit` after `after`, newest month first, then by unit and form, until it wants no more
// (false). A body may have 1 MiB, so they are read in steps and never all at once.
absl::Status ListSummaries(db::Connection& connection, const SummaryFilter& filter,
                           std::optional<SummaryKey> after, int limit,
                           absl::FunctionRef<absl::StatusOr<bool>(StoredSummary)> take);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_STORE_H_
