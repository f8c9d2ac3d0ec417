#include "services/routing/follow/recount_store.h"

namespace zhuqi::routing {

absl::Status AskForRecount(db::Connection& connection, int64_t directory_sequence) {
  return connection
      .Execute("INSERT INTO directory_recounts (directory_sequence, after_case) VALUES (?, ?)",
               {directory_sequence, Uuid()})
      .status();
}

absl::StatusOr<std::optional<RecountMark>> TakeRecount(db::Connection& connection) {
  std::optional<RecountMark> mark;
  const absl::Status read = connection.Query(
      "SELECT directory_sequence, after_case FROM directory_recounts ORDER BY directory_sequence LIMIT 1 FOR "
      "UPDATE",
      {}, [&](db::Row& row) {
        mark = RecountMark{row.Int64(0), row.ReadUuid(1)};
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return mark;
}

absl::Status MoveRecount(db::Connection& connection, const RecountMark& mark) {
  return connection
      .Execute("UPDATE directory_recounts SET after_case = ? WHERE directory_sequence = ?",
               {mark.after, mark.directory_sequence})
      .status();
}

absl::Status FinishRecount(db::Connection& connection, const RecountMark& mark) {
  return connection
      .Execute("DELETE FROM directory_recounts WHERE directory_sequence = ?", {mark.directory_sequence})
      .status();
}

absl::StatusOr<bool> HasRecount(db::Connection& connection) {
  bool has = false;
  const absl::Status read = connection.Query("SELECT 1 FROM directory_recounts LIMIT 1", {}, [&](db::Row&) {
    has = true;
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return has;
}

}  // namespace zhuqi::routing
