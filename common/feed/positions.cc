#include "common/feed/positions.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"

namespace zhuqi::feed {
namespace {
absl::Status NotYetConsistent() {
  return rpc::Error(absl::StatusCode::kDeadlineExceeded, "NOT_YET_CONSISTENT",
                    "what the token stands for was not applied before the deadline; ask again",
                    "令牌所代表的写入在截止时间前尚未生效，请稍后再查");
}
}  // namespace

void Positions::Advance(absl::string_view source, int32_t partition, int64_t sequence) {
  std::vector<std::shared_ptr<Waiter>> ready;
  {
    absl::MutexLock lock(&mutex_);
    int64_t& applied = applied_[Key(std::string(source), partition)];
    if (sequence <= applied) return;
    applied = sequence;
    for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
      if (Reached((*waiter)->wanted)) {
        ready.push_back(*waiter);
        waiter = waiters_.erase(waiter);
      } else {
        ++waiter;
      }
    }
  }
  for (const auto& waiter : ready) waiter->woken.Cancel();
}

int64_t Positions::Get(absl::string_view source, int32_t partition) const {
  absl::MutexLock lock(&mutex_);
  const auto found = applied_.find(Key(std::string(source), partition));
  return found == applied_.end() ? 0 : found->second;
}

std::vector<common::v1::FeedPosition> Positions::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<common::v1::FeedPosition> all;
  for (const auto& [key, sequence] : applied_) all.push_back(Position(key.first, key.second, sequence));
  return all;
}

void Positions::Follows(absl::string_view source) {
  absl::MutexLock lock(&mutex_);
  followed_.insert(std::string(source));
}

bool Positions::Reached(const std::vector<common::v1::FeedPosition>& wanted) const {
  for (const auto& position : wanted) {
    if (!followed_.contains(position.source())) continue;
    const auto found = applied_.find(Key(position.source(), position.partition()));
    if (found == applied_.end() ? position.sequence() > 0 : found->second < position.sequence()) return false;
  }
  return true;
}

Task<absl::Status> Positions::WaitFor(std::string token, absl::Time deadline,
                                      rpc::Cancellation& cancellation) {
  if (token.empty()) co_return absl::OkStatus();
  absl::StatusOr<common::v1::ConsistencyToken> parsed = ParseToken(token);
  if (!parsed.ok()) co_return parsed.status();
  auto waiter = std::make_shared<Waiter>();
  waiter->wanted.assign(parsed->positions().begin(), parsed->positions().end());
  if (Enlist(waiter)) {
    auto wait = timer_.SleepUntilWoken({waiter, &waiter->woken}, deadline, cancellation);
    co_await wait;
    Withdraw(waiter);
  }
  co_return Outcome(*waiter, cancellation);
}

bool Positions::Enlist(const std::shared_ptr<Waiter>& waiter) {
  absl::MutexLock lock(&mutex_);
  if (stopped_ || Reached(waiter->wanted)) return false;
  waiters_.insert(waiter);
  return true;
}

void Positions::Withdraw(const std::shared_ptr<Waiter>& waiter) {
  absl::MutexLock lock(&mutex_);
  waiters_.erase(waiter);
}

absl::Status Positions::Outcome(const Waiter& waiter, const rpc::Cancellation& cancellation) const {
  absl::MutexLock lock(&mutex_);
  if (Reached(waiter.wanted)) return absl::OkStatus();
  if (cancellation.cancelled()) return absl::CancelledError("nobody waits for the answer");
  if (stopped_) return absl::UnavailableError("the service stops");
  return NotYetConsistent();
}

void Positions::Stop() {
  std::set<std::shared_ptr<Waiter>> waiters;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    waiters.swap(waiters_);
  }
  for (const auto& waiter : waiters) waiter->woken.Cancel();
}

absl::Status Positions::BlockUntil(const common::v1::FeedPosition& position, absl::Time deadline) {
  const std::vector<common::v1::FeedPosition> wanted = {position};
  struct Wanted {
    const Positions* positions;
    const std::vector<common::v1::FeedPosition>* list;
  } condition{this, &wanted};
  absl::MutexLock lock(&mutex_);
  const bool reached = mutex_.AwaitWithDeadline(
      absl::Condition(
          +[](Wanted* w) ABSL_NO_THREAD_SAFETY_ANALYSIS { return w->positions->Reached(*w->list); },
          &condition),
      deadline);
  return reached ? absl::OkStatus() : NotYetConsistent();
}

}  // namespace zhuqi::feed
