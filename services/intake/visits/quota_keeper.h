// Makes the quotas of a month when it begins.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_QUOTA_KEEPER_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_QUOTA_KEEPER_H_

#include <cstdint>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/directory/directory.h"
#include "common/telemetry/logger.h"

namespace zhuqi::intake {

// All but the numbers are required and must outlive the keeper.
struct QuotaKeeperOptions {
  db::Pool* pool = nullptr;
  const DirectoryHolder* directory = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  // How often the month is looked at (in memory; the database is asked only when it changed).
  absl::Duration interval = absl::Seconds(1);
  // Plans in one transaction.
  int batch = 200;
};

// Works on a thread of its own. Safe with other replicas: a plan's row is locked while its months are
// decided, and each month is decided once. Months that began while nothing ran are made up for. A plan that
// is made or changed decides its own months (ApplyVisitPlans). Thread-safe.
class QuotaKeeper {
 public:
  explicit QuotaKeeper(QuotaKeeperOptions options) : options_(options) {}
  // Stop().
  ~QuotaKeeper();
  QuotaKeeper(const QuotaKeeper&) = delete;
  QuotaKeeper& operator=(const QuotaKeeper&) = delete;

  void Start();
  // Ends the thread after the batch under way. Idempotent.
  void Stop();

  // One pass over everything, on the caller's thread: returns how many quotas were made.
  absl::StatusOr<int64_t> RunOnce();

 private:
  void Run();
  bool stopping() const;

  const QuotaKeeperOptions options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_QUOTA_KEEPER_H_
