// One thread that calls functions at their time, for coroutines that wait without holding a thread.
#ifndef ZHUQI_COMMON_RPC_TIMER_H_
#define ZHUQI_COMMON_RPC_TIMER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/task.h"
#include "common/rpc/cancellation.h"

namespace zhuqi::rpc {

// Thread-safe. Functions run on the timer's thread, and what a sleeper does after waking does too: keep both
// short, and never block.
class Timer {
 public:
  Timer();
  // Stop().
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Runs `function` once at `when` (at once when that is past). Dropped when the timer stops first.
  void At(absl::Time when, std::function<void()> function);

  // True when `when` has come, false when the timer was stopped or `cancellation` (may be null; must outlive
  // the task) was set first.
  Task<bool> SleepUntil(absl::Time when, Cancellation* cancellation = nullptr);
  // Sleeps until `woken` is set, and no longer than until `deadline`, or `caller` (which must outlive the
  // task) is set. Goes on on the thread that sets `woken`, or on the timer's; never on the one that sets
  // `caller`, which may hold locks of gRPC.
  Task<bool> SleepUntilWoken(std::shared_ptr<Cancellation> woken, absl::Time deadline, Cancellation& caller);

  // Wakes all sleepers with false and joins the thread. Later sleepers get false at once. Idempotent; not to
  // be called on the timer's own thread.
  void Stop();

 private:
  // `wake(true)` when the time has come, `wake(false)` when the timer stops.
  using Wake = std::function<void(bool)>;
  using Key = std::pair<absl::Time, std::uint64_t>;
  // When already stopped: calls wake(false) and returns {InfiniteFuture, 0}.
  Key Add(absl::Time when, Wake wake);
  // Takes the entry away. False when it has fired already.
  bool Remove(const Key& key);
  void Run();

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::map<Key, Wake> entries_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex join_mutex_;
  std::thread thread_;
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_TIMER_H_
