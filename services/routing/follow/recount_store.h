// How far the cases that were open when a calendar came are worked out again.
#ifndef ZHUQI_SERVICES_ROUTING_FOLLOW_RECOUNT_STORE_H_
#define ZHUQI_SERVICES_ROUTING_FOLLOW_RECOUNT_STORE_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"

namespace zhuqi::routing {

struct RecountMark {
  // The place in the directory's log at which the calendar came.
  int64_t directory_sequence = 0;
  // Open cases up to this one are done.
  Uuid after;
};

// In the transaction that stores the calendar.
absl::Status AskForRecount(db::Connection& connection, int64_t directory_sequence);

// The first recount that is not finished, locked until the transaction ends: of two replicas, each does the
// next page.
absl::StatusOr<std::optional<RecountMark>> TakeRecount(db::Connection& connection);

absl::Status MoveRecount(db::Connection& connection, const RecountMark& mark);
absl::Status FinishRecount(db::Connection& connection, const RecountMark& mark);

// Whether any is not finished.
absl::StatusOr<bool> HasRecount(db::Connection& connection);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FOLLOW_RECOUNT_STORE_H_
