#include "common/rpc/cancellation.h"

#include <utility>

namespace zhuqi::rpc {

void Cancellation::Cancel() {
  std::map<std::uint64_t, std::function<void()>> callbacks;
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_.exchange(true, std::memory_order_acq_rel)) return;
    callbacks.swap(callbacks_);
  }
  // A callback may resume the handler that owns this object: nothing of it is touched from here on.
  for (auto& [handle, callback] : callbacks) callback();
}

std::uint64_t Cancellation::OnCancel(std::function<void()> callback) {
  {
    absl::MutexLock lock(&mutex_);
    if (!cancelled()) {
      const std::uint64_t handle = next_handle_++;
      callbacks_.emplace(handle, std::move(callback));
      return handle;
    }
  }
  callback();
  return 0;
}

bool Cancellation::Forget(std::uint64_t handle) {
  absl::MutexLock lock(&mutex_);
  return callbacks_.erase(handle) > 0;
}

}  // namespace zhuqi::rpc
