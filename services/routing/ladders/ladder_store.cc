#include "services/routing/ladders/ladder_store.h"

#include "common/db/multi_row.h"

namespace zhuqi::routing {

absl::Status WriteNextSteps(db::Connection& connection, const NextSteps& next_steps) {
  db::MultiRowInsert insert("case_ladders", {"case_id", "next_at"},
                            "ON DUPLICATE KEY UPDATE next_at = VALUES(next_at)");
  for (const auto& [case_id, next_at] : next_steps) insert.Add({case_id, next_at});
  return insert.Run(connection).status();
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
