#include "common/db/pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace zhuqi::db {

void Lease::GiveBack() {
  if (connection_ != nullptr) pool_->Return(std::move(connection_));
}

absl::StatusOr<std::unique_ptr<Pool>> Pool::Create(PoolOptions options) {
  if (options.size < 1 || options.size > 256) return absl::InvalidArgumentError("pool size must be 1 to 256");
  if (options.socket.empty() == options.host.empty()) {
    return absl::InvalidArgumentError("exactly one of socket and host must be given");
  }
  auto pool = std::unique_ptr<Pool>(new Pool(std::move(options)));
  ZHUQI_RETURN_IF_ERROR(pool->Acquire(absl::InfiniteFuture()).status());
  return pool;
}

Pool::~Pool() {
  for (Attempt& attempt : attempts_) attempt.thread.join();
}

absl::StatusOr<Lease> Pool::Acquire(absl::Time deadline) {
  const absl::Time give_up = std::min(deadline, absl::Now() + options_.checkout_timeout);
  for (;;) {
    Idle taken;
    {
      absl::MutexLock lock(&mutex_);
      bool waited = false;
      while (idle_.empty() && stats_.in_use >= options_.size) {
        if (!std::exchange(waited, true)) ++stats_.waits;
        if (!released_.WaitWithDeadline(&mutex_, give_up)) continue;
        if (!idle_.empty() || stats_.in_use < options_.size) break;
        if (give_up == deadline)
          return absl::DeadlineExceededError("no database connection before the deadline");
        return absl::ResourceExhaustedError("no database connection became free");
      }
      ++stats_.in_use;
      // The one used last, so that a pool that was large once lets the others grow old.
      if (!idle_.empty()) {
        taken = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    absl::StatusOr<std::unique_ptr<Connection>> connection = std::move(taken.connection);
    // Asking costs a round trip, so only when there is reason for doubt.
    if (*connection == nullptr) {
      connection = RunUntil(deadline, [this] { return Connect(); });
    } else if (taken.suspect || absl::Now() - taken.since > options_.idle_check) {
      connection = AskUntil(deadline, *std::move(connection));
    }
    if (!connection.ok()) return std::move(connection).status();
    if ((*connection)->broken()) {
      Return(*std::move(connection));
      continue;
    }
    (*connection)->LimitStatements(absl::InfiniteFuture());
    return Lease(this, *std::move(connection));
  }
}

absl::StatusOr<std::unique_ptr<Connection>> Pool::AskUntil(absl::Time deadline,
                                                           std::unique_ptr<Connection> connection) {
  const auto asked = std::make_shared<std::unique_ptr<Connection>>(std::move(connection));
  return RunUntil(deadline, [asked] {
    // One that is dead is broken then, and replaced by whoever gets it.
    (*asked)->IsAlive();
    return std::move(*asked);
  });
}

absl::StatusOr<std::unique_ptr<Connection>> Pool::RunUntil(absl::Time deadline, Work work) {
  absl::StatusOr<std::unique_ptr<Connection>> result =
      absl::DeadlineExceededError("no database connection before the deadline");
  std::list<Attempt> ended;
  {
    absl::MutexLock lock(&mutex_);
    for (auto attempt = attempts_.begin(); attempt != attempts_.end();) {
      const auto next = std::next(attempt);
      if (attempt->finished) ended.splice(ended.end(), attempts_, attempt);
      attempt = next;
    }
    Attempt& attempt = attempts_.emplace_back();
    const auto place = std::prev(attempts_.end());
    attempt.thread = std::thread([this, &attempt, work = std::move(work)] { RunAttempt(attempt, work); });
    mutex_.AwaitWithDeadline(absl::Condition(&attempt.finished), deadline);
    if (attempt.finished) {
      result = std::move(attempt.result);
      ended.splice(ended.end(), attempts_, place);
    } else {
      attempt.abandoned = true;
    }
  }
  for (Attempt& attempt : ended) attempt.thread.join();
  return result;
}

void Pool::RunAttempt(Attempt& attempt, const Work& work) {
  absl::StatusOr<std::unique_ptr<Connection>> result = work();
  {
    absl::MutexLock lock(&mutex_);
    if (!result.ok()) {
      --stats_.in_use;
      released_.Signal();
    }
    if (!attempt.abandoned || !result.ok()) {
      attempt.result = std::move(result);
      attempt.finished = true;
      return;
    }
  }
  Return(*std::move(result));
  absl::MutexLock lock(&mutex_);
  attempt.finished = true;
}

absl::StatusOr<std::unique_ptr<Connection>> Pool::Connect() {
  ZHUQI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(options_));
  absl::MutexLock lock(&mutex_);
  ++stats_.connects;
  return connection;
}

void Pool::Return(std::unique_ptr<Connection> connection) {
  if (!connection->broken() && connection->in_transaction()) {
    // A failed rollback leaves the connection broken, which is looked at below.
    connection->Rollback().IgnoreError();
  }
  const bool broken = connection->broken();
  // Closing may talk to the server: not under the lock.
  if (broken) connection.reset();
  absl::MutexLock lock(&mutex_);
  --stats_.in_use;
  if (broken) {
    ++stats_.drops;
    for (Idle& idle : idle_) idle.suspect = true;
  } else {
    idle_.push_back({std::move(connection), absl::Now(), false});
  }
  released_.Signal();
}

PoolStats Pool::stats() const {
  absl::MutexLock lock(&mutex_);
  PoolStats stats = stats_;
  stats.idle = static_cast<int>(idle_.size());
  return stats;
}

}  // namespace zhuqi::db
