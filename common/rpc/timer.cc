#include "common/rpc/timer.h"

#include <atomic>
#include <memory>

namespace zhuqi::rpc {
namespace {

// The timer and the cancellation race to wake a sleeper: the first decides. Resuming ends the sleeper's
// frame, so it waits until both are registered, too.
class Sleep {
 public:
  explicit Sleep(std::function<void(bool)> resume) : resume_(std::move(resume)) {}
  void Decide(bool due) {
    if (decided_.exchange(true)) return;
    due_ = due;
    Arrive();
  }
  // Called once by the decision and once by the end of the registration.
  void Arrive() {
    if (missing_.fetch_sub(1) == 1) resume_(due_);
  }

 private:
  std::atomic<bool> decided_{false};
  std::atomic<int> missing_{2};
  bool due_ = false;
  const std::function<void(bool)> resume_;
};

}  // namespace

Timer::Timer() : thread_([this] { Run(); }) {}

Timer::~Timer() { Stop(); }

void Timer::At(absl::Time when, std::function<void()> function) {
  Add(when, [function = std::move(function)](bool due) {
    if (due) function();
  });
}

Task<bool> Timer::SleepUntil(absl::Time when, Cancellation* cancellation) {
  if (cancellation == nullptr) {
    const bool due = co_await AwaitCallback<bool>([this, when](auto resume) { Add(when, resume); });
    co_return due;
  }
  Key key{absl::InfiniteFuture(), 0};
  std::uint64_t handle = 0;
  const bool due = co_await AwaitCallback<bool>([&](auto resume) {
    auto sleep = std::make_shared<Sleep>(std::move(resume));
    key = Add(when, [sleep](bool value) { sleep->Decide(value); });
    handle = cancellation->OnCancel([sleep] { sleep->Decide(false); });
    sleep->Arrive();
  });
  if (handle != 0) cancellation->Forget(handle);
  Remove(key);
  co_return due;
}

Task<bool> Timer::SleepUntilWoken(std::shared_ptr<Cancellation> woken, absl::Time deadline,
                                  Cancellation& caller) {
  const std::uint64_t handle =
      caller.OnCancel([this, woken] { At(absl::InfinitePast(), [woken] { woken->Cancel(); }); });
  auto sleep = SleepUntil(deadline, woken.get());
  const bool due = co_await sleep;
  caller.Forget(handle);
  co_return due;
}

void Timer::Stop() {
  std::map<Key, Wake> entries;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    entries.swap(entries_);
    changed_.SignalAll();
  }
  {
    absl::MutexLock lock(&join_mutex_);
    if (thread_.joinable()) thread_.join();
  }
  for (auto& [key, wake] : entries) wake(false);
}

Timer::Key Timer::Add(absl::Time when, Wake wake) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopped_) {
      const Key key{when, next_id_++};
      entries_.emplace(key, std::move(wake));
      if (entries_.begin()->first == key) changed_.Signal();
      return key;
    }
  }
  wake(false);
  return Key{absl::InfiniteFuture(), 0};
}

bool Timer::Remove(const Key& key) {
  absl::MutexLock lock(&mutex_);
  return entries_.erase(key) > 0;
}

void Timer::Run() {
  for (;;) {
    Wake wake;
    {
      absl::MutexLock lock(&mutex_);
      const auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopped_ || (!entries_.empty() && entries_.begin()->first.first <= absl::Now());
      };
      while (!due()) {
        const absl::Time next = entries_.empty() ? absl::InfiniteFuture() : entries_.begin()->first.first;
        changed_.WaitWithDeadline(&mutex_, next);
      }
      if (stopped_) return;
      wake = std::move(entries_.begin()->second);
      entries_.erase(entries_.begin());
    }
    wake(true);
  }
}

}  // namespace zhuqi::rpc
