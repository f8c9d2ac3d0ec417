#include "services/intake/summaries/summary_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"

namespace zhuqi::intake {
namespace {

// In the order in which ToStored reads them: of a state in the history, and of the newest.
constexpr char kHistoryColumns[] = "body, returned_count, sequence, partition_number";
constexpr char kColumns[] = "body, returned_count, sequence, partition_number, remind_at";
// Summaries that a list has in memory at once.
constexpr int kListStep = 32;

// Another replica was first: run the whole transaction again, which then sees what the other wrote.
absl::Status AbortedIfDuplicate(const absl::Status& status) {
  return db::DuplicateKey(status) ? absl::AbortedError("another replica wrote this first") : status;
}

// Two writers that lock in one order can not deadlock.
bool InKeyOrder(const StoredSummary* left, const StoredSummary* right) {
  return KeyOf(*left) < KeyOf(*right);
}

absl::StatusOr<StoredSummary> ToStored(db::Row& row) {
  StoredSummary stored;
  if (!stored.summary.ParseFromString(row.Text(0)))
    return absl::DataLossError("a stored summary can not be read");
  stored.returned_count = static_cast<int32_t>(row.Int64(1));
  stored.sequence = row.Int64(2);
  stored.partition = static_cast<int32_t>(row.Int64(3));
  return stored;
}

absl::StatusOr<StoredSummary> ToNewest(db::Row& row) {
  ZHUQI_ASSIGN_OR_RETURN(StoredSummary stored, ToStored(row));
  stored.remind_at = row.OptionalTime(4);
  return stored;
}

db::Values RowOf(const StoredSummary& stored, absl::Time now) {
  const SummaryKey key = KeyOf(stored);
  const v1::MonthlySummary& summary = stored.summary;
  return {key.org_unit_id,
          absl::CivilDay(key.month),
          key.form_id,
          static_cast<int>(summary.state()),
          summary.due_provisional(),
          ActBy(summary),
          stored.remind_at,
          summary.revision(),
          stored.returned_count,
          stored.sequence,
          stored.partition,
          now,
          summary.SerializeAsString()};
}

db::MultiRowInsert ObligationInsert(absl::string_view suffix) {
  return db::MultiRowInsert(
      "obligations",
      {"org_unit_id", "month", "form_id", "state", "due_provisional", "act_by", "remind_at", "revision",
       "returned_count", "sequence", "partition_number", "updated_at", "body"},
      suffix);
}

absl::Status InsertHistory(db::Transaction& transaction, std::vector<SummaryChange> changes, absl::Time now) {
  std::stable_sort(changes.begin(), changes.end(), [](const SummaryChange& left, const SummaryChange& right) {
    return std::make_pair(KeyOf(*left.after), left.after->sequence) <
           std::make_pair(KeyOf(*right.after), right.after->sequence);
  });
  db::MultiRowInsert insert("summary_history",
                            {"org_unit_id", "month", "form_id", "sequence", "revision", "returned_count",
                             "partition_number", "recorded_at", "recorded_by", "body"});
  for (const SummaryChange& change : changes) {
    const SummaryKey key = KeyOf(*change.after);
    insert.Add({key.org_unit_id, absl::CivilDay(key.month), key.form_id, change.after->sequence,
                change.after->summary.revision(), change.after->returned_count, change.after->partition, now,
                change.actor, change.after->summary.SerializeAsString()});
  }
  return AbortedIfDuplicate(insert.Run(transaction.connection()).status());
}

absl::StatusOr<Summaries> ReadKeys(db::Connection& connection, const std::vector<UnitMonth>& keys,
                                   absl::string_view suffix) {
  std::vector<UnitMonth> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<db::Values> values;
  values.reserve(sorted.size());
  for (const auto& [org_unit_id, month] : sorted) values.push_back({org_unit_id, absl::CivilDay(month)});
  Summaries found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, absl::StrCat("SELECT ", kColumns, " FROM obligations WHERE (org_unit_id, month) IN"), 2,
      values,
      [&](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(StoredSummary stored, ToNewest(row));
        SummaryKey key = KeyOf(stored);
        found.insert_or_assign(std::move(key), std::move(stored));
        return absl::OkStatus();
      },
      suffix));
  return found;
}

absl::StatusOr<std::vector<StoredSummary>> ReadList(
    db::Connection& connection, const std::string& sql, const db::Values& values,
    absl::FunctionRef<absl::StatusOr<StoredSummary>(db::Row&)> read = ToNewest) {
  std::vector<StoredSummary> list;
  ZHUQI_RETURN_IF_ERROR(connection.Query(sql, values, [&](db::Row& row) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(StoredSummary stored, read(row));
    list.push_back(std::move(stored));
    return absl::OkStatus();
  }));
  return list;
}

// Up to `limit` after `after`.
absl::StatusOr<std::vector<StoredSummary>> ListStep(db::Connection& connection, const SummaryFilter& filter,
                                                    const std::optional<SummaryKey>& after, int limit) {
  std::vector<std::string> conditions;
  db::Values values;
  if (!filter.org_unit_ids.empty()) {
    const std::vector<absl::string_view> places(filter.org_unit_ids.size(), "?");
    conditions.push_back(absl::StrCat("org_unit_id IN (", absl::StrJoin(places, ","), ")"));
    for (const std::string& id : filter.org_unit_ids) values.emplace_back(id);
  }
  const auto add = [&](std::string condition, std::initializer_list<db::Value> bound) {
    conditions.push_back(std::move(condition));
    values.insert(values.end(), bound.begin(), bound.end());
  };
  if (filter.first_month.has_value()) add("month >= ?", {absl::CivilDay(*filter.first_month)});
  if (filter.last_month.has_value()) add("month <= ?", {absl::CivilDay(*filter.last_month)});
  if (filter.state != v1::SUMMARY_STATE_UNSPECIFIED) add("state = ?", {static_cast<int>(filter.state)});
  if (!filter.form_id.empty()) add("form_id = ?", {filter.form_id});
  if (filter.overdue_at.has_value()) {
    // The states again, for the index that begins with them.
    add("state IN (?,?) AND act_by < ?", {static_cast<int>(v1::SUMMARY_STATE_OWED),
                                          static_cast<int>(v1::SUMMARY_STATE_RETURNED), *filter.overdue_at});
  }
  if (after.has_value()) {
    const absl::CivilDay month(after->month);
    add("month <= ? AND (month < ? OR org_unit_id > ? OR (org_unit_id = ? AND form_id > ?))",
        {month, month, after->org_unit_id, after->org_unit_id, after->form_id});
  }
  const std::string where =
      conditions.empty() ? "" : absl::StrCat(" WHERE ", absl::StrJoin(conditions, " AND "));
  return ReadList(connection,
                  absl::StrCat("SELECT ", kColumns, " FROM obligations", where,
                               " ORDER BY month DESC, org_unit_id, form_id LIMIT ", limit),
                  values);
}

}  // namespace

absl::StatusOr<Summaries> ReadSummaries(db::Connection& connection, const std::vector<UnitMonth>& keys) {
  return ReadKeys(connection, keys, "");
}

absl::StatusOr<Summaries> LockSummaries(db::Transaction& transaction, const std::vector<UnitMonth>& keys) {
  return ReadKeys(transaction.connection(), keys, " ORDER BY org_unit_id, month, form_id FOR UPDATE");
}

absl::StatusOr<absl::flat_hash_set<std::string>> ReadObligedUnits(db::Connection& connection,
                                                                  const std::string& form_id,
                                                                  absl::CivilMonth month) {
  absl::flat_hash_set<std::string> units;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT org_unit_id FROM obligations WHERE month = ? AND form_id = ?",
                       {absl::CivilDay(month), form_id}, [&](db::Row& row) {
                         units.insert(row.Text(0));
                         return absl::OkStatus();
                       }));
  return units;
}

absl::StatusOr<Reporting> ReadReporting(db::Connection& connection, absl::CivilMonth month) {
  Reporting reporting;
  // All states but WAIVED, by name: the index by state answers it without a look at the rows.
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT org_unit_id, form_id FROM obligations WHERE state IN (?,?,?,?) AND month = ?",
      {static_cast<int>(v1::SUMMARY_STATE_OWED), static_cast<int>(v1::SUMMARY_STATE_SUBMITTED),
       static_cast<int>(v1::SUMMARY_STATE_RETURNED), static_cast<int>(v1::SUMMARY_STATE_ACCEPTED),
       absl::CivilDay(month)},
      [&](db::Row& row) {
        reporting.emplace(row.Text(0), row.Text(1));
        return absl::OkStatus();
      }));
  return reporting;
}

absl::Status InsertObligations(db::Transaction& transaction, const std::vector<StoredSummary>& obligations,
                               absl::Time now) {
  std::vector<const StoredSummary*> sorted;
  std::vector<SummaryChange> history;
  for (const StoredSummary& obligation : obligations) {
    sorted.push_back(&obligation);
    history.push_back({&obligation, ""});
  }
  std::sort(sorted.begin(), sorted.end(), InKeyOrder);
  db::MultiRowInsert insert = ObligationInsert("");
  for (const StoredSummary* obligation : sorted) insert.Add(RowOf(*obligation, now));
  ZHUQI_RETURN_IF_ERROR(AbortedIfDuplicate(insert.Run(transaction.connection()).status()));
  return InsertHistory(transaction, std::move(history), now);
}

absl::StatusOr<std::vector<StoredSummary>> LockAdjustable(db::Transaction& transaction,
                                                          const std::optional<SummaryKey>& after, int limit) {
  db::Values values = {static_cast<int>(v1::SUMMARY_STATE_OWED), static_cast<int>(v1::SUMMARY_STATE_RETURNED),
                       static_cast<int>(v1::SUMMARY_STATE_WAIVED)};
  std::string sql =
      absl::StrCat("SELECT ", kColumns, " FROM obligations WHERE (state IN (?,?,?) OR due_provisional = 1)");
  if (after.has_value()) {
    absl::StrAppend(
        &sql, " AND org_unit_id >= ? AND (org_unit_id > ? OR month > ? OR (month = ? AND form_id > ?))");
    const absl::CivilDay month(after->month);
    values.insert(values.end(), {after->org_unit_id, after->org_unit_id, month, month, after->form_id});
  }
  absl::StrAppend(&sql, " ORDER BY org_unit_id, month, form_id LIMIT ", limit, " FOR UPDATE");
  return ReadList(transaction.connection(), sql, values);
}

absl::Status UpdateSummaries(db::Transaction& transaction, const std::vector<const StoredSummary*>& newest,
                             const std::vector<SummaryChange>& history, absl::Time now) {
  // History first: its keys say so when another transaction was first.
  ZHUQI_RETURN_IF_ERROR(InsertHistory(transaction, history, now));
  std::vector<const StoredSummary*> sorted = newest;
  std::sort(sorted.begin(), sorted.end(), InKeyOrder);
  db::MultiRowInsert insert = ObligationInsert(
      "ON DUPLICATE KEY UPDATE state = VALUES(state), due_provisional = VALUES(due_provisional), act_by = "
      "VALUES(act_by), remind_at = VALUES(remind_at), revision = VALUES(revision), returned_count = "
      "VALUES(returned_count), sequence = "
      "VALUES(sequence), updated_at = VALUES(updated_at), body = VALUES(body)");
  for (const StoredSummary* summary : sorted) insert.Add(RowOf(*summary, now));
  return insert.Run(transaction.connection()).status();
}

absl::StatusOr<std::vector<DueReminder>> FindDueReminders(db::Connection& connection, absl::Time now,
                                                          const std::optional<DueReminder>& after,
                                                          int limit) {
  std::string sql = "SELECT remind_at, org_unit_id, month, form_id FROM obligations WHERE remind_at <= ?";
  db::Values values = {now};
  if (after.has_value()) {
    absl::StrAppend(&sql,
                    " AND remind_at >= ? AND (remind_at > ? OR org_unit_id > ? OR (org_unit_id = ? AND "
                    "(month > ? OR (month = ? AND form_id > ?))))");
    const absl::CivilDay month(after->key.month);
    values.insert(values.end(), {after->remind_at, after->remind_at, after->key.org_unit_id,
                                 after->key.org_unit_id, month, month, after->key.form_id});
  }
  std::vector<DueReminder> due;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat(sql, " ORDER BY remind_at, org_unit_id, month, form_id LIMIT ", limit), values,
      [&](db::Row& row) {
        due.push_back({row.Time(0), {row.Text(1), absl::CivilMonth(row.Day(2)), row.Text(3)}});
        return absl::OkStatus();
      }));
  return due;
}

absl::Status UpdateReminderTime(db::Transaction& transaction, const SummaryKey& key,
                                std::optional<absl::Time> remind_at) {
  return transaction
      .Execute("UPDATE obligations SET remind_at = ? WHERE org_unit_id = ? AND month = ? AND form_id = ?",
               {remind_at, key.org_unit_id, absl::CivilDay(key.month), key.form_id})
      .status();
}

absl::StatusOr<std::optional<StoredSummary>> ReadAsOf(db::Connection& connection, const SummaryKey& key,
                                                      absl::Time as_of) {
  ZHUQI_ASSIGN_OR_RETURN(
      std::vector<StoredSummary> found,
      ReadList(connection,
               absl::StrCat("SELECT ", kHistoryColumns,
                            " FROM summary_history WHERE org_unit_id = ? AND month = ? AND form_id = ? AND "
                            "recorded_at <= ? ORDER BY sequence DESC LIMIT 1"),
               {key.org_unit_id, absl::CivilDay(key.month), key.form_id, as_of}, ToStored));
  if (found.empty()) return std::optional<StoredSummary>();
  return std::make_optional(std::move(found.front()));
}

absl::StatusOr<std::optional<v1::MonthlySummary>> ReadRevision(db::Connection& connection,
                                                               const SummaryKey& key, int64_t revision) {
  ZHUQI_ASSIGN_OR_RETURN(
      std::vector<StoredSummary> found,
      ReadList(connection,
               absl::StrCat("SELECT ", kHistoryColumns,
                            " FROM summary_history WHERE org_unit_id = ? AND month = ? AND form_id = ? AND "
                            "revision = ? ORDER BY sequence LIMIT 1"),
               {key.org_unit_id, absl::CivilDay(key.month), key.form_id, revision}, ToStored));
  if (found.empty()) return std::optional<v1::MonthlySummary>();
  return std::make_optional(std::move(found.front().summary));
}

absl::StatusOr<std::set<UnitMonth>> ReadMadeFrom(db::Connection& connection,
                                                 const std::set<UnitMonth>& below) {
  std::vector<db::Values> keys;
  keys.reserve(below.size());
  for (const auto& [unit, month] : below) keys.push_back({unit, absl::CivilDay(month)});
  std::set<UnitMonth> above;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, "SELECT org_unit_id, month FROM summary_basis WHERE (basis_unit_id, month) IN", 2, keys,
      [&](db::Row& row) {
        above.emplace(row.Text(0), absl::CivilMonth(row.Day(1)));
        return absl::OkStatus();
      }));
  return above;
}

absl::Status ReplaceBasis(db::Transaction& transaction, const v1::MonthlySummary& before,
                          const v1::MonthlySummary& after) {
  const absl::CivilDay month(CivilMonthFrom(after.month()).value_or(absl::CivilMonth()));
  std::set<std::pair<std::string, std::string>> gone;
  std::set<std::pair<std::string, std::string>> added;
  for (const v1::SummaryBasis& basis : before.basis()) gone.emplace(basis.org_unit_id(), basis.form_id());
  for (const v1::SummaryBasis& basis : after.basis()) {
    if (gone.erase({basis.org_unit_id(), basis.form_id()}) == 0)
      added.emplace(basis.org_unit_id(), basis.form_id());
  }
  for (const auto& [unit, form] : gone) {
    ZHUQI_RETURN_IF_ERROR(transaction
                              .Execute("DELETE FROM summary_basis WHERE basis_unit_id = ? AND month = ? AND "
                                       "basis_form_id = ? AND org_unit_id = ? AND form_id = ?",
                                       {unit, month, form, after.org_unit_id(), after.form_id()})
                              .status());
  }
  db::MultiRowInsert insert("summary_basis",
                            {"basis_unit_id", "month", "basis_form_id", "org_unit_id", "form_id"});
  for (const auto& [unit, form] : added)
    insert.Add({unit, month, form, after.org_unit_id(), after.form_id()});
  return AbortedIfDuplicate(insert.Run(transaction.connection()).status());
}

absl::Status ListSummaries(db::Connection& connection, const SummaryFilter& filter,
                           std::optional<SummaryKey> after, int limit,
                           absl::FunctionRef<absl::StatusOr<bool>(StoredSummary)> take) {
  int step = 0;
  for (int left = limit; left > 0; left -= step) {
    step = std::min(left, kListStep);
    ZHUQI_ASSIGN_OR_RETURN(std::vector<StoredSummary> rows, ListStep(connection, filter, after, step));
    const bool last = static_cast<int>(rows.size()) < step;
    if (!last) after = KeyOf(rows.back());
    for (StoredSummary& row : rows) {
      ZHUQI_ASSIGN_OR_RETURN(const bool more, take(std::move(row)));
      if (!more) return absl::OkStatus();
    }
    if (last) break;
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::intake
