#include "common/feed/tail.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "common/feed/append.h"
#include "common/feed/follower.h"

namespace zhuqi::feed {
namespace {

bool SamePositions(const std::vector<common::v1::FeedPosition>& left,
                   const std::vector<common::v1::FeedPosition>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const auto& a, const auto& b) {
    return a.sequence() == b.sequence() && a.partition() == b.partition() && a.source() == b.source();
  });
}

}  // namespace

FeedTail::FeedTail(db::Pool& pool, bool has_upstream, absl::Duration poll_interval)
    : pool_(pool), has_upstream_(has_upstream), poll_interval_(poll_interval) {}

FeedTail::~FeedTail() { Stop(); }

absl::Status FeedTail::Start() {
  ZHUQI_ASSIGN_OR_RETURN(TailSnapshot first, Read());
  Publish(std::move(first));
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void FeedTail::NotifyCommitted() {
  absl::MutexLock lock(&mutex_);
  notified_ = true;
}

TailSnapshot FeedTail::Get() const {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

bool FeedTail::stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void FeedTail::OnChange(std::function<void(const TailSnapshot&)> listener) {
  listeners_.push_back(std::move(listener));
}

Task<TailSnapshot> FeedTail::Next(int64_t seen, rpc::Cancellation& cancellation) {
  auto waiter = std::make_shared<Waiter>();
  waiter->seen = seen;
  // The tail's own thread resumes the waiter, never the thread that cancels: that one may hold locks of gRPC.
  const uint64_t handle = cancellation.OnCancel([this, waiter] {
    absl::MutexLock lock(&mutex_);
    waiter->cancelled = true;
    waiter_cancelled_ = true;
  });
  auto wait = AwaitCallback<TailSnapshot>([this, waiter](AwaitCallback<TailSnapshot>::Resume resume) {
    {
      absl::MutexLock lock(&mutex_);
      if (snapshot_.version <= waiter->seen && !stopping_) {
        waiter->resume = std::move(resume);
        waiters_.push_back(waiter);
        return;
      }
    }
    resume(Get());
  });
  TailSnapshot snapshot = co_await wait;
  cancellation.Forget(handle);
  co_return snapshot;
}

void FeedTail::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  WakeWaiters();
}

void FeedTail::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return notified_ || stopping_ || waiter_cancelled_;
      };
      mutex_.AwaitWithTimeout(absl::Condition(&woken), poll_interval_);
      if (stopping_) return;
      notified_ = false;
      waiter_cancelled_ = false;
    }
    // A database that can not be asked now is asked again at the next turn; the streams just wait.
    absl::StatusOr<TailSnapshot> read = Read();
    if (read.ok() && Publish(*std::move(read))) {
      const TailSnapshot snapshot = Get();
      for (const auto& listener : listeners_) listener(snapshot);
    }
    WakeWaiters();
  }
}

absl::StatusOr<TailSnapshot> FeedTail::Read() {
  TailSnapshot snapshot;
  const auto read_heads = [&](db::Connection& connection) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(const auto heads, ReadHeads(connection));
    for (const auto& head : heads) snapshot.heads[head.partition()] = head.sequence();
    return absl::OkStatus();
  };
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  if (!has_upstream_) {
    ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool_.Acquire(deadline));
    ZHUQI_RETURN_IF_ERROR(read_heads(*lease));
    return snapshot;
  }
  db::TransactionOptions options;
  options.deadline = deadline;
  options.consistent_snapshot = true;
  ZHUQI_RETURN_IF_ERROR(db::RunTransaction(pool_, options, [&](db::Transaction& transaction) -> absl::Status {
    snapshot = TailSnapshot();
    ZHUQI_RETURN_IF_ERROR(read_heads(transaction.connection()));
    ZHUQI_ASSIGN_OR_RETURN(snapshot.upstream, ReadCursors(transaction.connection()));
    return absl::OkStatus();
  }));
  return snapshot;
}

bool FeedTail::Publish(TailSnapshot snapshot) {
  absl::MutexLock lock(&mutex_);
  if (snapshot_.version > 0 && snapshot.heads == snapshot_.heads &&
      SamePositions(snapshot.upstream, snapshot_.upstream)) {
    return false;
  }
  snapshot.version = snapshot_.version + 1;
  snapshot_ = std::move(snapshot);
  return true;
}

void FeedTail::WakeWaiters() {
  std::vector<std::shared_ptr<Waiter>> ready;
  TailSnapshot snapshot;
  {
    absl::MutexLock lock(&mutex_);
    snapshot = snapshot_;
    const auto waits = [this](const std::shared_ptr<Waiter>& waiter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !stopping_ && !waiter->cancelled && waiter->seen >= snapshot_.version;
    };
    const auto middle = std::stable_partition(waiters_.begin(), waiters_.end(), waits);
    ready.assign(std::make_move_iterator(middle), std::make_move_iterator(waiters_.end()));
    waiters_.erase(middle, waiters_.end());
  }
  for (const auto& waiter : ready) waiter->resume(snapshot);
}

}  // namespace zhuqi::feed
