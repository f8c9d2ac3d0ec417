#include "services/routing/housekeeping.h"

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/idempotency.h"

namespace zhuqi::routing {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);
// Few at a time, so that no request waits behind the deletion.
constexpr int kPurgedAtOnce = 1000;

absl::StatusOr<int64_t> PurgeSome(db::Pool& pool, absl::Time before) {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool.Acquire(absl::Now() + kTimeout));
  return db::PurgeAnswers(*lease, before, kPurgedAtOnce);
}

}  // namespace

void Housekeeping::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Housekeeping::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Housekeeping::Pause() {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.catalogue_interval);
  return !stopping_;
}

void Housekeeping::Run() {
  absl::Time next_purge = absl::InfinitePast();
  bool failing = false;
  while (Pause()) {
    const absl::Status refreshed = options_.catalogue->Refresh(*options_.pool, absl::Now() + kTimeout);
    // Said once when it begins: the database may be away for an hour.
    if (!refreshed.ok() && !failing) {
      options_.logger->Warning("the catalogue could not be read", {{"status", refreshed}});
    }
    failing = !refreshed.ok();
    if (absl::Now() < next_purge) continue;
    next_purge = absl::Now() + options_.purge_interval;
    Purge();
  }
}

void Housekeeping::Purge() {
  const absl::Time before = options_.clock->Now() - options_.keep_answers;
  absl::StatusOr<int64_t> purged = PurgeSome(*options_.pool, before);
  while (purged.ok() && *purged == kPurgedAtOnce && Pause()) purged = PurgeSome(*options_.pool, before);
  if (!purged.ok())
    options_.logger->Warning("old answers could not be deleted", {{"status", purged.status()}});
}

}  // namespace zhuqi::routing
