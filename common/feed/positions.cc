#include "common/feed/positions.h"

#include <algorithm>

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
  for (const auto& waiter : ready) waiter->resume(absl::OkStatus());
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

Task<absl::Status> Positions::WaitFor(std::string token, absl::Time deadline) {
  if (token.empty()) co_return absl::OkStatus();
  absl::StatusOr<common::v1::ConsistencyToken> parsed = ParseToken(token);
  if (!parsed.ok()) co_return parsed.status();
  std::vector<common::v1::FeedPosition> wanted(parsed->positions().begin(), parsed->positions().end());
  auto wait =
      AwaitCallback<absl::Status>([this, &wanted, deadline](AwaitCallback<absl::Status>::Resume resume) {
        auto waiter = std::make_shared<Waiter>();
        waiter->wanted = std::move(wanted);
        waiter->resume = std::move(resume);
        Enlist(std::move(waiter), deadline);
      });
  absl::Status status = co_await wait;
  co_return status;
}

void Positions::Enlist(std::shared_ptr<Waiter> waiter, absl::Time deadline) {
  bool reached = false;
  {
    absl::MutexLock lock(&mutex_);
    reached = Reached(waiter->wanted);
    if (!reached) waiters_.push_back(waiter);
  }
  if (reached) {
    waiter->resume(absl::OkStatus());
    return;
  }
  if (deadline == absl::InfiniteFuture()) return;
  timer_.At(deadline, [this, weak = std::weak_ptr<Waiter>(waiter)] {
    if (const std::shared_ptr<Waiter> expired = weak.lock()) Expire(expired);
  });
}

void Positions::Expire(const std::shared_ptr<Waiter>& waiter) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = std::find(waiters_.begin(), waiters_.end(), waiter);
    if (found == waiters_.end()) return;  // it was reached in the meantime
    waiters_.erase(found);
  }
  waiter->resume(NotYetConsistent());
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
