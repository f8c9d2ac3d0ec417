#include "common/feed/answer_purger.h"

#include "absl/time/clock.h"
#include "common/db/idempotency.h"

namespace zhuqi::feed {
namespace {
constexpr int kBite = 1000;  // rows deleted in one statement: short locks
}

AnswerPurger::AnswerPurger(db::Pool& pool, const Clock& clock, absl::Duration keep, absl::Duration interval)
    : pool_(pool), clock_(clock), keep_(keep), interval_(interval), thread_([this] { Run(); }) {}

AnswerPurger::~AnswerPurger() { Stop(); }

void AnswerPurger::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool AnswerPurger::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void AnswerPurger::Run() {
  while (!stopping()) {
    PurgeOnce();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_);
  }
}

void AnswerPurger::PurgeOnce() {
  while (!stopping()) {
    absl::StatusOr<db::Lease> lease = pool_.Acquire(absl::Now() + absl::Seconds(10));
    if (!lease.ok()) return;  // tried again at the next interval
    const absl::StatusOr<int64_t> purged = db::PurgeAnswers(**lease, clock_.Now() - keep_, kBite);
    if (!purged.ok() || *purged < kBite) return;
  }
}

}  // namespace zhuqi::feed
