// Tells a handler that nobody waits for its answer any more.
#ifndef ZHUQI_COMMON_RPC_CANCELLATION_H_
#define ZHUQI_COMMON_RPC_CANCELLATION_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace zhuqi::rpc {

// Thread-safe. Set once, never reset.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
  // Runs what is registered, on this thread. The second and later calls do nothing.
  void Cancel();

  // `callback` runs once when the call is cancelled, on the thread that cancels; at once, inside this call,
  // when it already is. It must be short. Returns a handle for Forget; 0 when the callback has already run.
  std::uint64_t OnCancel(std::function<void()> callback);
  // After it returns the callback will not start. Returns false when it has started (or has run) already.
  bool Forget(std::uint64_t handle);

 private:
  std::atomic<bool> cancelled_{false};
  absl::Mutex mutex_;
  std::uint64_t next_handle_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<std::uint64_t, std::function<void()>> callbacks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_CANCELLATION_H_
