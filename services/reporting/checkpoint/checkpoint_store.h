// The checkpoint in MySQL: written whole, in one transaction, by compare-and-set.
#ifndef ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINT_STORE_H_
#define ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/pool.h"

namespace zhuqi::reporting {

struct CheckpointHead {
  // 0: there is none yet. Each saving counts one up.
  int64_t version = 0;
  // Events that are in it: of two checkpoints the one with more is the newer.
  int64_t events = 0;
  absl::Time saved_at = absl::InfinitePast();
};

struct StoredCheckpoint {
  CheckpointHead head;
  // Absent when there is none, or when it is damaged (a missing chunk, another digest).
  std::optional<std::string> content;
};

absl::StatusOr<CheckpointHead> ReadCheckpointHead(db::Pool& pool, absl::Time deadline);
absl::StatusOr<StoredCheckpoint> ReadCheckpoint(db::Pool& pool, absl::Time deadline);

// Replaces version `expected`. False, and nothing written, when another replica was first.
absl::StatusOr<bool> WriteCheckpoint(db::Pool& pool, int64_t expected, int64_t events,
                                     absl::string_view content, absl::Time now, absl::Time deadline);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINT_STORE_H_
