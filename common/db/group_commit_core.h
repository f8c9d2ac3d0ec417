// Queues, threads and splitting of group commit, without the types of items. Use group_commit.h.
#ifndef ZHUQI_COMMON_DB_GROUP_COMMIT_CORE_H_
#define ZHUQI_COMMON_DB_GROUP_COMMIT_CORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/db/transaction.h"

namespace zhuqi::db {

struct GroupCommitOptions {
  // Must outlive the group commit.
  Pool* pool = nullptr;
  // Writer threads, at least 1; lane % writers. Each uses one connection while it writes.
  int writers = 1;
  // What one transaction takes: an item that is heavier alone stands alone.
  size_t max_batch_weight = 4096;
  // What may wait, over all writers. An item is always taken when nothing waits.
  size_t max_queue_weight = 16384;
  // For logs and metrics ("records").
  std::string name;
  // Called on the writer's thread after every committed transaction: items, their weight, and the time it
  // took.
  std::function<void(size_t items, size_t weight, absl::Duration took)> on_batch;
};

struct GroupCommitStats {
  int64_t batches = 0;  // committed transactions
  int64_t items = 0;    // in committed transactions
  int64_t splits = 0;   // batches cut in two for an item's sake
  int64_t refused = 0;  // queue full
  int64_t expired = 0;  // deadline passed while waiting
  int64_t failed = 0;   // items that got the transaction's error
  size_t queue_weight = 0;
};

namespace internal {

struct QueuedEntry {
  virtual ~QueuedEntry() = default;
  virtual void ClearOutcome() = 0;
  virtual bool HasOutcome() const = 0;
  // Exactly one of these two is called, once.
  virtual void Deliver() = 0;
  virtual void Fail(const absl::Status& status) = 0;

  size_t weight = 1;
  absl::Time deadline = absl::InfiniteFuture();
  // Set while its batch is written, when it is not to be delivered.
  absl::Status failure;
};

class GroupCommitCore {
 public:
  using Batch = absl::Span<QueuedEntry* const>;
  using Apply = std::function<absl::Status(Transaction&, Batch)>;

  GroupCommitCore(GroupCommitOptions options, Apply apply, std::function<void()> after_commit);
  ~GroupCommitCore();

  void Write(size_t lane, std::unique_ptr<QueuedEntry> entry);
  void Stop();
  GroupCommitStats stats() const;

 private:
  using Owned = std::vector<std::unique_ptr<QueuedEntry>>;
  struct Writer {
    absl::Mutex mutex;
    absl::CondVar work_waits;
    std::deque<std::unique_ptr<QueuedEntry>> queue ABSL_GUARDED_BY(mutex);
    bool stopping ABSL_GUARDED_BY(mutex) = false;
    std::thread thread;
  };

  bool Admit(size_t weight);
  void RunWriter(Writer& writer);
  void RunDeliverer();
  // Gives entries to the thread that tells whoever waits for them; waits while that thread is far behind.
  void HandOut(Batch batch);
  Owned TakeBatch(Writer& writer);
  // Each entry is handed out once; what stays of it belongs to HandOut.
  void WriteBatch(Batch batch);
  // The entries that may still begin; the others are handed out as failed.
  std::vector<QueuedEntry*> FailExpired(Batch batch);
  absl::Status WriteOnce(Batch batch);

  const GroupCommitOptions options_;
  const Apply apply_;
  const std::function<void()> after_commit_;
  std::atomic<size_t> queue_weight_{0};
  std::atomic<int64_t> batches_{0}, items_{0}, splits_{0}, refused_{0}, expired_{0}, failed_{0};
  std::vector<std::unique_ptr<Writer>> writers_;
  // Whoever waits goes on on a thread of its own: what callers do with an outcome takes as long as the
  // database takes to write, and the next batch must not wait for it.
  absl::Mutex delivery_mutex_;
  std::deque<Owned> to_deliver_ ABSL_GUARDED_BY(delivery_mutex_);
  bool writers_ended_ ABSL_GUARDED_BY(delivery_mutex_) = false;
  std::thread deliverer_;
};

}  // namespace internal
}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_GROUP_COMMIT_CORE_H_
