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

// In the order in which ToStored reads them.
constexpr char kColumns[] = "body, returned_count, waiver_reason, sequence, partition_number";

// Another replica was first: run the whole transaction again, which then sees what the other wrote.
absl::Status AbortedIfDuplicate(const absl::Status& status) {
  return db::DuplicateKey(status) ? absl::AbortedError("another replica wrote this first") : status;
}

// Two writers that lock in one order can not deadlock.
bool InKeyOrder(const StoredSummary& left, const StoredSummary& right) { return KeyOf(left) < KeyOf(right); }

absl::StatusOr<StoredSummary> ToStored(db::Row& row) {
  StoredSummary stored;
  if (!stored.summary.ParseFromString(row.Text(0)))
    return absl::DataLossError("a stored summary can not be read");
  stored.returned_count = static_cast<int32_t>(row.Int64(1));
  stored.waiver_reason = row.Text(2);
  stored.sequence = row.Int64(3);
  stored.partition = static_cast<int32_t>(row.Int64(4));
  return stored;
}

db::Values RowOf(const StoredSummary& stored, absl::Time now) {
  const SummaryKey key = KeyOf(stored);
  const v1::MonthlySummary& summary = stored.summary;
  std::optional<absl::Time> first_submitted;
  if (summary.has_first_submitted_at()) first_submitted = TimeFrom(summary.first_submitted_at());
  return {key.org_unit_id,
          absl::CivilDay(key.month),
          key.form_id,
          static_cast<int>(summary.state()),
          TimeFrom(summary.due_at()),
          summary.due_provisional(),
          summary.calendar_version(),
          first_submitted,
          summary.late(),
          summary.revision(),
          summary.digest(),
          stored.returned_count,
          stored.waiver_reason,
          stored.sequence,
          stored.partition,
          now,
          summary.SerializeAsString()};
}

db::MultiRowInsert ObligationInsert(absl::string_view suffix) {
  return db::MultiRowInsert(
      "obligations",
      {"org_unit_id", "month", "form_id", "state", "due_at", "due_provisional", "calendar_version",
       "first_submitted_at", "late", "revision", "digest", "returned_count", "waiver_reason", "sequence",
       "partition_number", "updated_at", "body"},
      suffix);
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
        ZHUQI_ASSIGN_OR_RETURN(StoredSummary stored, ToStored(row));
        SummaryKey key = KeyOf(stored);
        found.insert_or_assign(std::move(key), std::move(stored));
        return absl::OkStatus();
      },
      suffix));
  return found;
}

absl::StatusOr<std::vector<StoredSummary>> ReadList(db::Connection& connection, const std::string& sql,
                                                    const db::Values& values) {
  std::vector<StoredSummary> list;
  ZHUQI_RETURN_IF_ERROR(connection.Query(sql, values, [&](db::Row& row) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(StoredSummary stored, ToStored(row));
    list.push_back(std::move(stored));
    return absl::OkStatus();
  }));
  return list;
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

absl::Status InsertObligations(db::Transaction& transaction, std::vector<StoredSummary> obligations,
                               absl::Time now) {
  std::sort(obligations.begin(), obligations.end(), InKeyOrder);
  db::MultiRowInsert insert = ObligationInsert("");
  for (const StoredSummary& obligation : obligations) insert.Add(RowOf(obligation, now));
  return AbortedIfDuplicate(insert.Run(transaction.connection()).status());
}

absl::StatusOr<std::vector<StoredSummary>> LockAdjustable(db::Transaction& transaction,
                                                          const std::optional<SummaryKey>& after,
                                                          absl::Time now, int limit) {
  db::Values values = {static_cast<int>(v1::SUMMARY_STATE_OWED), static_cast<int>(v1::SUMMARY_STATE_RETURNED),
                       static_cast<int>(v1::SUMMARY_STATE_WAIVED), now};
  std::string sql = absl::StrCat(
      "SELECT ", kColumns, " FROM obligations WHERE (state IN (?,?,?) OR due_provisional = 1 OR due_at > ?)");
  if (after.has_value()) {
    absl::StrAppend(
        &sql, " AND org_unit_id >= ? AND (org_unit_id > ? OR month > ? OR (month = ? AND form_id > ?))");
    const absl::CivilDay month(after->month);
    values.insert(values.end(), {after->org_unit_id, after->org_unit_id, month, month, after->form_id});
  }
  absl::StrAppend(&sql, " ORDER BY org_unit_id, month, form_id LIMIT ", limit, " FOR UPDATE");
  return ReadList(transaction.connection(), sql, values);
}

absl::Status UpdateSummaries(db::Transaction& transaction, const std::vector<const StoredSummary*>& summaries,
                             absl::Time now) {
  std::vector<const StoredSummary*> sorted = summaries;
  std::sort(sorted.begin(), sorted.end(),
            [](const StoredSummary* left, const StoredSummary* right) { return InKeyOrder(*left, *right); });
  db::MultiRowInsert insert = ObligationInsert(
      "ON DUPLICATE KEY UPDATE state = VALUES(state), due_at = VALUES(due_at), due_provisional = "
      "VALUES(due_provisional), calendar_version = VALUES(calendar_version), first_submitted_at = "
      "VALUES(first_submitted_at), late = VALUES(late), revision = VALUES(revision), digest = "
      "VALUES(digest), "
      "returned_count = VALUES(returned_count), waiver_reason = VALUES(waiver_reason), sequence = "
      "VALUES(sequence), "
      "updated_at = VALUES(updated_at), body = VALUES(body)");
  for (const StoredSummary* summary : sorted) insert.Add(RowOf(*summary, now));
  return insert.Run(transaction.connection()).status();
}

absl::Status InsertRevisions(db::Transaction& transaction,
                             std::vector<std::pair<StoredSummary, std::string>> summaries_and_senders) {
  std::stable_sort(summaries_and_senders.begin(), summaries_and_senders.end(),
                   [](const auto& left, const auto& right) { return InKeyOrder(left.first, right.first); });
  db::MultiRowInsert insert("summary_revisions", {"org_unit_id", "month", "form_id", "revision", "digest",
                                                  "submitted_at", "recorded_at", "recorded_by", "body"});
  for (const auto& [stored, sender] : summaries_and_senders) {
    const SummaryKey key = KeyOf(stored);
    v1::MonthlySummary content = stored.summary;
    content.clear_reviews();  // kept by themselves
    insert.Add({key.org_unit_id, absl::CivilDay(key.month), key.form_id, content.revision(), content.digest(),
                TimeFrom(content.submitted_at()), TimeFrom(content.recorded_at()), sender,
                content.SerializeAsString()});
  }
  return AbortedIfDuplicate(insert.Run(transaction.connection()).status());
}

absl::Status InsertReviews(db::Transaction& transaction, std::vector<StoredSummary> summaries,
                           absl::Time now) {
  std::stable_sort(summaries.begin(), summaries.end(), InKeyOrder);
  db::MultiRowInsert insert("summary_reviews",
                            {"org_unit_id", "month", "form_id", "sequence", "revision", "digest", "decision",
                             "comment", "reviewed_at", "recorded_at", "reviewer"});
  for (const StoredSummary& stored : summaries) {
    const SummaryKey key = KeyOf(stored);
    const v1::SummaryReview& review = stored.summary.reviews(stored.summary.reviews_size() - 1);
    insert.Add({key.org_unit_id, absl::CivilDay(key.month), key.form_id, stored.sequence, review.revision(),
                review.digest(), static_cast<int>(review.decision()), review.comment(),
                TimeFrom(review.reviewed_at()), now, review.reviewer()});
  }
  return AbortedIfDuplicate(insert.Run(transaction.connection()).status());
}

absl::StatusOr<std::vector<StoredSummary>> ListSummaries(db::Connection& connection,
                                                         const SummaryFilter& filter,
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

}  // namespace zhuqi::intake
