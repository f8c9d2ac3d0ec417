#include "common/db/transaction.h"

#include <algorithm>

#include "absl/random/random.h"

namespace zhuqi::db {
namespace {

enum class Next { kFinished, kRunAgain, kConnectAgain, kAskAgain };

struct Attempt {
  Next next;
  absl::Status status;
};

Attempt AfterCommit(Connection& connection, const absl::Status& committed) {
  if (committed.ok()) return {Next::kFinished, committed};
  // The server said that it rolled back (a conflict between cluster nodes shows here), or Commit refused to
  // try.
  if (absl::IsAborted(committed)) return {Next::kRunAgain, committed};
  if (connection.broken()) return {Next::kAskAgain, committed};
  // Interrupted on the server's side: whether before or after the point of no return, it does not say.
  if (absl::IsDeadlineExceeded(committed)) return {Next::kAskAgain, committed};
  return {Next::kFinished, committed};
}

Attempt RunOnce(Pool& pool, const TransactionOptions& options,
                absl::FunctionRef<absl::Status(Transaction&)> body) {
  absl::StatusOr<Lease> lease = pool.Acquire(options.deadline);
  if (!lease.ok()) {
    return {absl::IsUnavailable(lease.status()) ? Next::kConnectAgain : Next::kFinished, lease.status()};
  }
  Connection& connection = **lease;
  connection.LimitStatements(options.deadline);
  absl::Status status = connection.Begin(options.consistent_snapshot);
  if (status.ok()) {
    Transaction transaction(connection);
    status = body(transaction);
    // A body that reported success over a lost connection has written nothing.
    if (status.ok() && connection.broken())
      status = absl::UnavailableError("the database connection was lost");
    if (status.ok()) return AfterCommit(connection, connection.Commit());
    // A deadlock rolled back behind a body that went on and failed for what it then did not find.
    if (!connection.broken() && !connection.transaction_error().ok()) status = connection.transaction_error();
  }
  // Not left to the lease: locks must be gone before the pause. A lock wait timeout has rolled nothing back.
  if (!connection.broken()) connection.Rollback().IgnoreError();
  if (absl::IsAborted(status)) return {Next::kRunAgain, status};
  if (connection.broken() && absl::IsUnavailable(status)) return {Next::kConnectAgain, status};
  return {Next::kFinished, status};
}

// Random, so that the two sides of a deadlock do not meet again.
absl::Duration Pause(int attempt, Next next) {
  thread_local absl::BitGen random;
  const bool lost = next != Next::kRunAgain;
  const absl::Duration first = lost ? absl::Milliseconds(50) : absl::Milliseconds(2);
  const absl::Duration most = lost ? absl::Seconds(1) : absl::Milliseconds(100);
  const absl::Duration full = std::min(most, first * (1 << std::min(attempt, 10)));
  return full * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace

absl::Status RunTransaction(Pool& pool, const TransactionOptions& options,
                            absl::FunctionRef<absl::Status(Transaction&)> body) {
  // Once a commit went unanswered, no later failure may be told as "nothing happened".
  bool outcome_unknown = false;
  const auto answer = [&outcome_unknown](absl::Status status) {
    return outcome_unknown ? absl::UnknownError(kCommitOutcomeUnknown) : status;
  };
  for (int attempt = 0;; ++attempt) {
    if (absl::Now() >= options.deadline) {
      return answer(absl::DeadlineExceededError("the deadline passed before the transaction"));
    }
    const Attempt result = RunOnce(pool, options, body);
    if (result.status.ok()) return result.status;
    if (result.next == Next::kFinished) return answer(result.status);
    if (result.next == Next::kAskAgain) {
      outcome_unknown = true;
      if (!options.body_is_idempotent) return answer(result.status);
    }
    // After a commit without an answer only the database can say what happened: asked as long as the caller
    // waits.
    const bool asks =
        outcome_unknown && result.next != Next::kRunAgain && options.deadline != absl::InfiniteFuture();
    if (attempt + 1 >= options.max_attempts && !asks) return answer(result.status);
    const absl::Duration pause = std::min(Pause(attempt, result.next), options.deadline - absl::Now());
    if (options.sleep) {
      options.sleep(pause);
    } else {
      absl::SleepFor(pause);
    }
  }
}

}  // namespace zhuqi::db
