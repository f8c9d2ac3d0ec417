// Knows where the service's own log ends, so that streams at its end need not ask the database each.
#ifndef ZHUQI_COMMON_FEED_TAIL_H_
#define ZHUQI_COMMON_FEED_TAIL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/task.h"
#include "common/db/pool.h"
#include "common/rpc/cancellation.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::feed {

// What the log looks like at one moment.
struct TailSnapshot {
  int64_t version = 0;               // counts up with every change
  std::map<int32_t, int64_t> heads;  // partition -> last sequence
  std::vector<common::v1::FeedPosition>
      upstream;  // what the service had applied of others' feeds at that moment
};

// One thread reads the head rows, and in the same snapshot of the database what this service has applied of
// others' feeds: at once after NotifyCommitted, and every `poll_interval` for what other replicas commit.
// Thread-safe.
class FeedTail {
 public:
  // `has_upstream`: the service has a table feed_cursors. `pool` must outlive this.
  FeedTail(db::Pool& pool, bool has_upstream, absl::Duration poll_interval = absl::Milliseconds(50));
  ~FeedTail();

  // Reads once and starts the thread. Listeners are added before.
  absl::Status Start();

  // A transaction of this process was committed.
  void NotifyCommitted();

  TailSnapshot Get() const;
  // The first snapshot whose version is above `seen`; the current one when the tail is stopped or
  // `cancellation` is set first (both must be checked by the caller). `cancellation` must outlive the wait.
  Task<TailSnapshot> Next(int64_t seen, rpc::Cancellation& cancellation);
  // Ends the thread and every wait.
  void Stop();
  bool stopped() const;
  // `listener` is called with every new snapshot on the tail's thread, and must be short.
  void OnChange(std::function<void(const TailSnapshot&)> listener);

 private:
  struct Waiter {
    int64_t seen = 0;
    bool cancelled = false;
    std::function<void(TailSnapshot)> resume;
  };
  void Run();
  absl::StatusOr<TailSnapshot> Read();
  // Takes the snapshot over; true when it differs.
  bool Publish(TailSnapshot snapshot);
  // Resumes whoever need not wait any longer.
  void WakeWaiters();

  db::Pool& pool_;
  const bool has_upstream_;
  const absl::Duration poll_interval_;
  mutable absl::Mutex mutex_;
  TailSnapshot snapshot_ ABSL_GUARDED_BY(mutex_);
  bool notified_ ABSL_GUARDED_BY(mutex_) = false;
  bool waiter_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::shared_ptr<Waiter>> waiters_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<void(const TailSnapshot&)>> listeners_;
  std::thread thread_;
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_TAIL_H_
