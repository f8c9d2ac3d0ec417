#include "common/db/sql_executor.h"

#include <algorithm>

namespace zhuqi::db {

SqlExecutor::SqlExecutor(Pool* pool, int threads, size_t max_queue) : pool_(pool), max_queue_(max_queue) {
  for (int i = 0; i < std::max(1, threads); ++i) threads_.emplace_back([this] { RunJobs(); });
}

SqlExecutor::~SqlExecutor() { Stop(); }

void SqlExecutor::Enqueue(absl::Time deadline, Job job) {
  absl::Status refusal;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refusal = absl::UnavailableError("the database executor is stopping");
    } else if (queue_.size() >= max_queue_) {
      ++stats_.refused;
      refusal = absl::ResourceExhaustedError("too many calls wait for the database");
    } else {
      queue_.push_back({deadline, std::move(job)});
      work_waits_.Signal();
      return;
    }
  }
  job(refusal);
}

void SqlExecutor::RunJobs() {
  for (;;) {
    Waiting waiting;
    bool expired = false;
    {
      absl::MutexLock lock(&mutex_);
      while (queue_.empty() && !stopping_) work_waits_.Wait(&mutex_);
      if (queue_.empty()) return;
      waiting = std::move(queue_.front());
      queue_.pop_front();
      expired = waiting.deadline <= absl::Now();
      ++(expired ? stats_.expired : stats_.begun);
      ++stats_.running;
    }
    waiting.job(expired ? absl::DeadlineExceededError("the deadline passed while waiting for the database")
                        : absl::OkStatus());
    absl::MutexLock lock(&mutex_);
    --stats_.running;
  }
}

void SqlExecutor::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    work_waits_.SignalAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

SqlExecutorStats SqlExecutor::stats() const {
  absl::MutexLock lock(&mutex_);
  SqlExecutorStats stats = stats_;
  stats.queued = queue_.size();
  return stats;
}

}  // namespace zhuqi::db
