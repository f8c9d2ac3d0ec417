#include "services/routing/ladders/ladder_store.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/db/multi_row.h"

namespace zhuqi::routing {

absl::Status WriteNextSteps(db::Connection& connection, const NextSteps& next_steps) {
  db::MultiRowInsert insert("case_ladders", {"case_id", "next_at"},
                            "ON DUPLICATE KEY UPDATE next_at = VALUES(next_at), failures = 0");
  for (const auto& [case_id, next_at] : next_steps) insert.Add({case_id, next_at});
  return insert.Run(connection).status();
}

absl::Status LockNextSteps(db::Connection& connection, const std::vector<Uuid>& case_ids) {
  std::vector<db::Values> keys;
  for (const Uuid& case_id : case_ids) keys.push_back({case_id});
  return db::SelectByKeys(
      connection, "SELECT case_id FROM case_ladders WHERE case_id IN", 1, keys,
      [](db::Row&) { return absl::OkStatus(); }, " ORDER BY case_id FOR UPDATE");
}

absl::Duration PauseAfter(int64_t failures) {
  constexpr int64_t kMostDoublings = 10;
  const int64_t doublings = std::clamp<int64_t>(failures - 1, 0, kMostDoublings);
  return std::min(absl::Minutes(int64_t{1} << doublings), absl::Hours(6));
}

absl::Status PutOff(db::Connection& connection, const Uuid& case_id, std::optional<absl::Time> seen_at,
                    absl::Time now) {
  std::optional<absl::Time> next_at;
  int64_t failures = 0;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT next_at, failures FROM case_ladders WHERE case_id = ? FOR UPDATE", {case_id},
                       [&](db::Row& row) {
                         next_at = row.OptionalTime(0);
                         failures = row.Int64(1);
                         return absl::OkStatus();
                       }));
  if (seen_at.has_value() && next_at != seen_at) return absl::OkStatus();
  ++failures;
  return connection
      .Execute(
          "INSERT INTO case_ladders (case_id, next_at, failures) VALUES (?, ?, ?) "
          "ON DUPLICATE KEY UPDATE next_at = VALUES(next_at), failures = VALUES(failures)",
          {case_id, now + PauseAfter(failures), failures})
      .status();
}

absl::StatusOr<std::vector<DueCase>> ReadDueCases(db::Connection& connection, absl::Time now, int limit) {
  std::vector<DueCase> due;
  const absl::Status read = connection.Query(kReadDueCases, {now, limit}, [&](db::Row& row) {
    const Uuid case_id = row.ReadUuid(0);
    due.push_back({case_id, row.Time(1)});
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return due;
}

absl::StatusOr<int64_t> CountDueCases(db::Connection& connection, absl::Time now, int64_t limit) {
  int64_t count = 0;
  const absl::Status read = connection.Query(
      "SELECT COUNT(*) FROM (SELECT case_id FROM case_ladders WHERE next_at <= ? LIMIT ?) due", {now, limit},
      [&](db::Row& row) {
        count = row.Int64(0);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return count;
}

absl::StatusOr<bool> ClaimDueCase(db::Connection& connection, const DueCase& due) {
  const absl::StatusOr<int64_t> rows = connection.Execute(
      "UPDATE case_ladders SET next_at = NULL WHERE case_id = ? AND next_at = ?", {due.case_id, due.next_at});
  if (!rows.ok()) return rows.status();
  return *rows == 1;
}

}  // namespace zhuqi::routing
