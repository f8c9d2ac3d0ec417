#include "common/rpc/write_limit.h"

#include <algorithm>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace zhuqi::rpc {

// Shared with the timer's entry, which may come after the stream has ended.
struct WriteLimit::State {
  Timer* timer = nullptr;
  absl::Duration longest;
  absl::Status status;
  absl::Mutex mutex;
  std::shared_ptr<CallCut> cut ABSL_GUARDED_BY(mutex);  // null: the stream has ended
  absl::Time writing_since ABSL_GUARDED_BY(mutex) = absl::InfiniteFuture();
  bool reached ABSL_GUARDED_BY(mutex) = false;
};

WriteLimit::WriteLimit(Timer& timer, std::shared_ptr<CallCut> cut, absl::Duration longest,
                       absl::Status status)
    : state_(std::make_shared<State>()) {
  state_->timer = &timer;
  state_->longest = longest;
  state_->status = std::move(status);
  {
    absl::MutexLock lock(&state_->mutex);
    state_->cut = std::move(cut);
  }
  Watch(state_, absl::Now() + longest);
}

WriteLimit::~WriteLimit() {
  std::shared_ptr<CallCut> cut;  // released after the mutex
  absl::MutexLock lock(&state_->mutex);
  cut.swap(state_->cut);
}

void WriteLimit::Begin() {
  absl::MutexLock lock(&state_->mutex);
  state_->writing_since = absl::Now();
}

void WriteLimit::End() {
  absl::MutexLock lock(&state_->mutex);
  state_->writing_since = absl::InfiniteFuture();
}

bool WriteLimit::reached() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->reached;
}

void WriteLimit::Watch(const std::shared_ptr<State>& state, absl::Time next_look) {
  state->timer->At(next_look, [state] { Look(state); });
}

void WriteLimit::Look(const std::shared_ptr<State>& state) {
  std::shared_ptr<CallCut> cut;
  absl::Time next_look;
  {
    absl::MutexLock lock(&state->mutex);
    if (state->cut == nullptr) return;
    const absl::Time now = absl::Now();
    // A message that is begun after this look is looked at again before its time is over, or when it is.
    next_look = std::min(state->writing_since, now) + state->longest;
    if (next_look <= now) {
      state->reached = true;
      cut = state->cut;
    }
  }
  // Outside the mutex: it may resume the handler, which comes back to it.
  if (cut != nullptr) return cut->Cut(state->status);
  Watch(state, next_look);
}

}  // namespace zhuqi::rpc
