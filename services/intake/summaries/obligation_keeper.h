// Makes the obligations of months that begin, and keeps open ones in line with the directory.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_KEEPER_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_KEEPER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/task.h"
#include "common/db/pool.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "common/feed/append.h"
#include "common/feed/tail.h"
#include "common/rpc/cancellation.h"
#include "common/rpc/timer.h"
#include "common/telemetry/logger.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::intake {

// All but the numbers are required and must outlive the keeper.
struct ObligationKeeperOptions {
  db::Pool* pool = nullptr;
  const DirectoryHolder* directory = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  rpc::Timer* timer = nullptr;
  int32_t partitions = 8;
  // How often the directory in force and the month are looked at (in memory; the database is asked only when
  // one of them changed).
  absl::Duration interval = absl::Seconds(1);
  // Obligations made or changed in one transaction.
  int batch = 500;
};

// Works on a thread of its own. Safe with other replicas: the primary key lets each obligation be made once,
// whoever comes second runs again and finds it. A pass that fails is repeated whole. Thread-safe.
class ObligationKeeper {
 public:
  explicit ObligationKeeper(ObligationKeeperOptions options) : options_(options) {}
  // Stop().
  ~ObligationKeeper();
  ObligationKeeper(const ObligationKeeper&) = delete;
  ObligationKeeper& operator=(const ObligationKeeper&) = delete;

  void Start();
  // Tells whoever waits Unavailable, and ends the thread after the batch under way. Idempotent.
  void Stop();

  // One pass, on the caller's thread: returns how many obligations were made or changed. It goes over what
  // can have changed since the last one that succeeded: all months when units or forms did or a month began,
  // open obligations and lock dates when units, forms or the calendar did.
  absl::StatusOr<int64_t> RunOnce();

  // Waits until all obligations that follow from the directory at `directory_sequence` (which stands in the
  // holder) are there; gives the end of every partition after that. Fails with the pass; DeadlineExceeded at
  // the deadline, Cancelled when `cancellation`, which must outlive the wait, is set first, Unavailable when
  // Stop is called first (or was).
  Task<absl::StatusOr<std::vector<common::v1::FeedPosition>>> MadeFor(int64_t directory_sequence,
                                                                      absl::Time deadline,
                                                                      rpc::Cancellation& cancellation);

 private:
  using Positions = absl::StatusOr<std::vector<common::v1::FeedPosition>>;
  struct Waiter {
    int64_t directory_sequence = 0;
    // Set by the pass that was waited for, under the keeper's lock.
    std::optional<Positions> answer;
    // Set when there is no more to wait for, whatever the reason.
    rpc::Cancellation woken;
  };
  // What a pass was made for.
  struct Pass {
    int64_t directory_sequence = -1;
    absl::CivilMonth month;
    friend bool operator==(const Pass&, const Pass&) = default;
  };

  // What the obligations in the database are in line with.
  struct Settled {
    std::shared_ptr<const Directory> directory;  // null: nothing is known of them yet
    absl::CivilMonth month;
  };

  void Run();
  Pass Wanted() const;
  // A pass that was made for `pass`, whose waiters are told.
  void Finish(const Pass& pass, const absl::StatusOr<int64_t>& changed);
  absl::StatusOr<int64_t> MakeMissing(const Directory& directory, absl::Time now);
  absl::StatusOr<int64_t> MakeMonth(const Directory& directory, const directory::v1::SummaryForm& form,
                                    absl::CivilMonth month, absl::Time now);
  absl::StatusOr<int64_t> AdjustAll(const Directory& directory, absl::Time now);
  absl::Status SettleLocks(const Directory& directory, absl::Time now);
  absl::Status RunBatch(absl::FunctionRef<absl::Status(db::Transaction&)> body);
  Positions ReadPositions();
  // True when it is to wait; it is then told by `woken`.
  bool Enlist(const std::shared_ptr<Waiter>& waiter);
  // Ends the wait, and says what became of it.
  Positions Withdraw(const std::shared_ptr<Waiter>& waiter, const rpc::Cancellation& cancellation);
  // Wakes those that wait for this directory or an earlier one.
  void TellWaiters(int64_t directory_sequence, const Positions& answer);
  bool stopping() const;

  const ObligationKeeperOptions options_;
  mutable absl::Mutex mutex_;
  Pass done_ ABSL_GUARDED_BY(mutex_);
  Settled settled_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::shared_ptr<Waiter>> waiters_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_KEEPER_H_
