// Reminds units of the summaries that they owe.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_REMINDER_KEEPER_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_REMINDER_KEEPER_H_

#include <cstdint>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/telemetry/logger.h"

namespace zhuqi::intake {

// All but the numbers are required and must outlive the keeper.
struct ReminderKeeperOptions {
  db::Pool* pool = nullptr;
  const DirectoryHolder* directory = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  // How often the database is asked what is due: one look into an index that is mostly empty.
  absl::Duration interval = absl::Seconds(5);
  // Units reminded in one transaction.
  int batch = 200;
};

// Works on a thread of its own. Safe with other replicas: a reminder goes out in the transaction that notes
// it in the locked row and in the obligation's history, whose key lets it be written once. What fell due
// while nothing ran goes out in the next pass. Thread-safe.
class ReminderKeeper {
 public:
  explicit ReminderKeeper(ReminderKeeperOptions options) : options_(options) {}
  // Stop().
  ~ReminderKeeper();
  ReminderKeeper(const ReminderKeeper&) = delete;
  ReminderKeeper& operator=(const ReminderKeeper&) = delete;

  void Start();
  // Ends the thread after the batch under way. Idempotent.
  void Stop();

  // One pass over all that is due, on the caller's thread: returns how many reminders went out.
  absl::StatusOr<int64_t> RunOnce();

 private:
  void Run();
  bool stopping() const;

  const ReminderKeeperOptions options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_REMINDER_KEEPER_H_
