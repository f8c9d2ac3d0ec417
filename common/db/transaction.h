// The one way to run a transaction.
#ifndef ZHUQI_COMMON_DB_TRANSACTION_H_
#define ZHUQI_COMMON_DB_TRANSACTION_H_

#include <cstdint>
#include <functional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "common/db/pool.h"

namespace zhuqi::db {

// A transaction that is open; given to the body of RunTransaction.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // As Connection's.
  absl::Status Query(absl::string_view sql, const Values& values,
                     absl::FunctionRef<absl::Status(Row&)> each) {
    return connection_.Query(sql, values, each);
  }
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& values) {
    return connection_.Execute(sql, values);
  }
  Connection& connection() { return connection_; }

 private:
  Connection& connection_;
};

struct TransactionOptions {
  // No attempt begins after it, and statements far past it are ended by the server.
  absl::Time deadline = absl::InfiniteFuture();
  int max_attempts = 8;
  // Reads all see one moment (REPEATABLE READ, read only).
  bool consistent_snapshot = false;
  // The body starts by asking whether its work was done before (idempotency rows), so after a commit whose
  // outcome is unknown it is simply run again: that IS asking.
  bool body_is_idempotent = false;
  // Waits between attempts; absent: the thread sleeps. For tests.
  std::function<void(absl::Duration)> sleep;
};

// The message of the UnknownError below.
inline constexpr char kCommitOutcomeUnknown[] = "COMMIT_OUTCOME_UNKNOWN";

// Begins, runs `body`, commits; rolls back when the body fails. The whole body runs again, after a short
// random pause, when it fails with Aborted (deadlock, lock wait, or its own word), when a statement in it did
// although the body passed over that, and on a new connection when the connection was lost before the commit.
// So the body must not change anything but the database and what it sets anew each time.
//
// A connection lost during the commit leaves the outcome unknown: with body_is_idempotent the body runs
// again, as long as the deadline allows, otherwise (and when time runs out then) UnknownError
// COMMIT_OUTCOME_UNKNOWN.
// DeadlineExceeded when the deadline passes between attempts; else the body's last error.
absl::Status RunTransaction(Pool& pool, const TransactionOptions& options,
                            absl::FunctionRef<absl::Status(Transaction&)> body);

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_TRANSACTION_H_
