#include "services/intake/visits/quota_keeper.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "services/intake/visits/plan_rules.h"
#include "services/intake/visits/visit_store.h"

namespace zhuqi::intake {
namespace {
constexpr absl::Duration kBatchTimeout = absl::Seconds(30);
}  // namespace

QuotaKeeper::~QuotaKeeper() { Stop(); }

void QuotaKeeper::Start() {
  thread_ = std::thread([this] { Run(); });
}

void QuotaKeeper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool QuotaKeeper::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void QuotaKeeper::Run() {
  std::optional<absl::CivilMonth> done;
  while (!stopping()) {
    const absl::CivilMonth month(CityDay(options_.clock->Now()));
    if (done != month) {
      const absl::StatusOr<int64_t> made = RunOnce();
      if (made.ok()) {
        done = month;
        if (*made > 0) options_.logger->Info("quotas of visits were made", {{"quotas", *made}});
      } else if (!stopping()) {
        options_.logger->Warning("quotas of visits could not all be made; they are tried again",
                                 {{"error", made.status()}});
      }
    }
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval);
  }
}

absl::StatusOr<int64_t> QuotaKeeper::RunOnce() {
  const std::shared_ptr<const Directory> directory = options_.directory->Get();
  const absl::Time now = options_.clock->Now();
  const absl::CivilDay today = CityDay(now);
  int64_t made = 0;
  std::string after;
  for (bool more = true; more;) {
    if (stopping()) return absl::UnavailableError("the service stops");
    std::string last;
    std::vector<StoredQuota> quotas;
    size_t looked_at = 0;
    db::TransactionOptions options;
    options.deadline = absl::Now() + kBatchTimeout;
    // After a commit whose outcome is unknown the body is run again: months that were decided then are not
    // found again.
    options.body_is_idempotent = true;
    ZHUQI_RETURN_IF_ERROR(
        db::RunTransaction(*options_.pool, options, [&](db::Transaction& transaction) -> absl::Status {
          quotas.clear();
          last.clear();
          ZHUQI_ASSIGN_OR_RETURN(
              std::vector<StoredPlan> plans,
              LockUndecidedPlans(transaction, absl::CivilMonth(today), after, options_.batch));
          looked_at = plans.size();
          Plans decided;
          for (StoredPlan& stored : plans) {
            for (StoredQuota& quota : DecideMonths(stored, *directory, today))
              quotas.push_back(std::move(quota));
            last = stored.plan.plan_id();
            decided[last] = std::move(stored);
          }
          ZHUQI_RETURN_IF_ERROR(InsertQuotas(transaction, quotas, now));
          return UpdatePlans(transaction, decided, now);
        }));
    made += static_cast<int64_t>(quotas.size());
    more = static_cast<int>(looked_at) == options_.batch;
    after = last;
  }
  return made;
}

}  // namespace zhuqi::intake
