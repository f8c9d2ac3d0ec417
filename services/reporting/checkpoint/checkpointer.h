// Saves the aggregate from time to time, and reads it back at start.
#ifndef ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINTER_H_
#define ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINTER_H_

#include <cstdint>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/reporting/checkpoint/checkpoint_store.h"
#include "services/reporting/cube/aggregate.h"

namespace zhuqi::reporting {

// The aggregate to start from: the checkpoint's, or an empty one, which the logs then fill, when there is
// none, or it is damaged or of another format. An error only when the database can not be read.
struct LoadedAggregate {
  AggregateState state;
  // The version of a stored checkpoint that can not be used, and is to be replaced whatever it says of
  // itself. 0: none.
  int64_t unusable_version = 0;
};
absl::StatusOr<LoadedAggregate> LoadAggregate(db::Pool& pool, telemetry::Logger& log);

// All pointers are required and must outlive the checkpointer.
struct CheckpointerOptions {
  db::Pool* pool = nullptr;
  const Aggregate* aggregate = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
  absl::Duration interval = absl::Seconds(5);
  int64_t unusable_version = 0;  // see LoadedAggregate
};

class Checkpointer {
 public:
  explicit Checkpointer(const CheckpointerOptions& options);
  // Without saving.
  ~Checkpointer();

  // Begins to save every interval, on a thread of its own.
  void Start();
  // Ends the thread, and saves once more. Idempotent.
  void Stop();

  // Saves now if anything has changed. True when this saved; false when there was nothing to save, or another
  // replica's checkpoint is as new. Not for several threads at once.
  absl::StatusOr<bool> SaveNow();

 private:
  void Run();
  void Halt();
  // Writes what `content` holds over whatever older checkpoint is there.
  absl::StatusOr<bool> Replace(int64_t events, const std::string& content);

  const CheckpointerOptions options_;
  prometheus::Counter& saved_;
  prometheus::Counter& failed_;
  prometheus::Histogram& seconds_;
  std::optional<uint64_t> saved_version_;  // of the aggregate
  mutable absl::Mutex mutex_;
  absl::Time saved_at_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
  std::shared_ptr<telemetry::Metrics::CallbackRegistration> age_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINTER_H_
