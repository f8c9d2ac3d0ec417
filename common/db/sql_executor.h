// Runs blocking SQL for handlers that must not block.
#ifndef ZHUQI_COMMON_DB_SQL_EXECUTOR_H_
#define ZHUQI_COMMON_DB_SQL_EXECUTOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/task.h"
#include "common/db/pool.h"
#include "common/db/transaction.h"

namespace zhuqi::db {

struct SqlExecutorStats {
  int64_t begun = 0;    // taken from the queue in time
  int64_t refused = 0;  // queue full
  int64_t expired = 0;  // deadline passed in the queue
  size_t queued = 0;
  int running = 0;
};

// A fixed number of threads and a bounded queue: admission is the queue. Thread-safe.
//
// Work that waits longer than its deadline is not begun (DeadlineExceeded); a full queue refuses at once
// (ResourceExhausted); after Stop, Unavailable. Statements of work that runs are limited by the server as
// Connection::LimitStatements says: to the time left, rounded up to a power of two, so that calls with
// deadlines of the same kind cost no round trip of their own.
class SqlExecutor {
 public:
  // `pool` must outlive this; threads beyond its size would only wait for connections.
  SqlExecutor(Pool* pool, int threads, size_t max_queue);
  ~SqlExecutor();
  SqlExecutor(const SqlExecutor&) = delete;
  SqlExecutor& operator=(const SqlExecutor&) = delete;

  // Runs `work` with a connection. Not repeated when the connection is lost: the caller's client retries.
  // The awaiting coroutine goes on, on the executor's thread, after the connection was given back; it must
  // not block.
  template <typename T>
  Task<absl::StatusOr<T>> Run(absl::Time deadline, std::function<absl::StatusOr<T>(Connection&)> work) {
    return Await<T>(deadline, [this, deadline, work = std::move(work)]() -> absl::StatusOr<T> {
      absl::StatusOr<Lease> lease = pool_->Acquire(deadline);
      if (!lease.ok()) return std::move(lease).status();
      (*lease)->LimitStatements(deadline);
      return work(**lease);
    });
  }

  // Runs `work` by RunTransaction with `options` (whose deadline becomes `deadline`): it may run several
  // times.
  template <typename T>
  Task<absl::StatusOr<T>> RunInTransaction(absl::Time deadline, TransactionOptions options,
                                           std::function<absl::StatusOr<T>(Transaction&)> work) {
    options.deadline = deadline;
    return Await<T>(deadline, [this, options, work = std::move(work)]() -> absl::StatusOr<T> {
      std::optional<absl::StatusOr<T>> result;
      const absl::Status status = RunTransaction(*pool_, options, [&](Transaction& transaction) {
        result.emplace(work(transaction));
        return result->status();
      });
      if (!status.ok()) return status;
      return *std::move(result);
    });
  }

  // Takes no more work, finishes what waits, joins. Safe to call twice.
  void Stop();
  SqlExecutorStats stats() const;

 private:
  // Called once: with OK on a thread of the executor, or with the reason why it will not run.
  using Job = std::function<void(const absl::Status& admitted)>;
  struct Waiting {
    absl::Time deadline;
    Job job;
  };

  void Enqueue(absl::Time deadline, Job job);
  void RunJobs();

  template <typename T>
  Task<absl::StatusOr<T>> Await(absl::Time deadline, std::function<absl::StatusOr<T>()> work) {
    using Resume = typename AwaitCallback<absl::StatusOr<T>>::Resume;
    AwaitCallback<absl::StatusOr<T>> finished([this, deadline, &work](Resume resume) {
      Enqueue(deadline, [&work, resume = std::move(resume)](const absl::Status& admitted) {
        if (!admitted.ok()) return resume(admitted);
        resume(work());
      });
    });
    absl::StatusOr<T> result = co_await finished;
    co_return result;
  }

  Pool* const pool_;
  const size_t max_queue_;
  mutable absl::Mutex mutex_;
  absl::CondVar work_waits_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  SqlExecutorStats stats_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_SQL_EXECUTOR_H_
