#include "services/reporting/checkpoint/checkpoint_store.h"

#include <algorithm>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/transaction.h"

namespace zhuqi::reporting {
namespace {

constexpr int kCheckpointId = 1;
constexpr size_t kChunkBytes = 1 << 20;

// The version was another. Not Aborted, which RunTransaction would repeat in vain.
absl::Status Overtaken() { return absl::AlreadyExistsError("another replica saved a checkpoint first"); }

size_t ChunksOf(absl::string_view content) { return (content.size() + kChunkBytes - 1) / kChunkBytes; }

absl::Status SwapHead(db::Transaction& transaction, int64_t expected, int64_t events,
                      absl::string_view content, absl::Time now) {
  const auto chunks = static_cast<int64_t>(ChunksOf(content));
  const std::string digest = Sha256(content);
  if (expected == 0) {
    const absl::Status inserted =
        transaction
            .Execute(
                "INSERT INTO checkpoints (checkpoint_id, version, events, chunks, digest, saved_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                {kCheckpointId, int64_t{1}, events, chunks, digest, now})
            .status();
    return db::DuplicateKey(inserted) ? Overtaken() : inserted;
  }
  ZHUQI_ASSIGN_OR_RETURN(
      const int64_t matched,
      transaction.Execute(
          "UPDATE checkpoints SET version = ?, events = ?, chunks = ?, digest = ?, saved_at = ? "
          "WHERE checkpoint_id = ? AND version = ?",
          {expected + 1, events, chunks, digest, now, kCheckpointId, expected}));
  return matched == 1 ? absl::OkStatus() : Overtaken();
}

absl::Status ReplaceChunks(db::Transaction& transaction, int64_t version, absl::string_view content) {
  // All of them, whatever their version: where somebody removed the head, chunks of a later version may be
  // left.
  ZHUQI_RETURN_IF_ERROR(
      transaction.Execute("DELETE FROM checkpoint_chunks WHERE checkpoint_id = ?", {kCheckpointId}).status());
  for (size_t chunk = 0; chunk < ChunksOf(content); ++chunk) {
    ZHUQI_RETURN_IF_ERROR(
        transaction
            .Execute(
                "INSERT INTO checkpoint_chunks (checkpoint_id, version, chunk, payload) VALUES (?, ?, ?, ?)",
                {kCheckpointId, version, static_cast<int64_t>(chunk),
                 content.substr(chunk * kChunkBytes, kChunkBytes)})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CheckpointHead> ReadCheckpointHead(db::Pool& pool, absl::Time deadline) {
  ZHUQI_ASSIGN_OR_RETURN(const db::Lease lease, pool.Acquire(deadline));
  CheckpointHead head;
  ZHUQI_RETURN_IF_ERROR(
      lease->Query("SELECT version, events, saved_at FROM checkpoints WHERE checkpoint_id = ?",
                   {kCheckpointId}, [&](db::Row& row) {
                     head = {row.Int64(0), row.Int64(1), row.Time(2)};
                     return absl::OkStatus();
                   }));
  return head;
}

absl::StatusOr<StoredCheckpoint> ReadCheckpoint(db::Pool& pool, absl::Time deadline) {
  StoredCheckpoint stored;
  db::TransactionOptions options;
  options.deadline = deadline;
  options.consistent_snapshot = true;
  ZHUQI_RETURN_IF_ERROR(db::RunTransaction(pool, options, [&](db::Transaction& transaction) {
    stored = {};
    int64_t chunks = 0;
    std::string digest;
    ZHUQI_RETURN_IF_ERROR(transaction.Query(
        "SELECT version, events, saved_at, chunks, digest FROM checkpoints WHERE checkpoint_id = ?",
        {kCheckpointId}, [&](db::Row& row) {
          stored.head = {row.Int64(0), row.Int64(1), row.Time(2)};
          chunks = row.Int64(3);
          digest = row.Text(4);
          return absl::OkStatus();
        }));
    if (stored.head.version == 0) return absl::OkStatus();
    std::string content;
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      ZHUQI_RETURN_IF_ERROR(transaction.Query(
          "SELECT payload FROM checkpoint_chunks WHERE checkpoint_id = ? AND version = ? AND chunk = ?",
          {kCheckpointId, stored.head.version, chunk}, [&](db::Row& row) {
            content += row.Text(0);
            return absl::OkStatus();
          }));
    }
    if (Sha256(content) == digest) stored.content = std::move(content);
    return absl::OkStatus();
  }));
  return stored;
}

absl::StatusOr<bool> WriteCheckpoint(db::Pool& pool, int64_t expected, int64_t events,
                                     absl::string_view content, absl::Time now, absl::Time deadline) {
  db::TransactionOptions options;
  options.deadline = deadline;
  const absl::Status written = db::RunTransaction(pool, options, [&](db::Transaction& transaction) {
    ZHUQI_RETURN_IF_ERROR(SwapHead(transaction, expected, events, content, now));
    return ReplaceChunks(transaction, expected + 1, content);
  });
  if (absl::IsAlreadyExists(written)) return false;
  ZHUQI_RETURN_IF_ERROR(written);
  return true;
}

}  // namespace zhuqi::reporting
