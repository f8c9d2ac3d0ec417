// How far a service has applied each feed, and waiting until it has applied enough.
#ifndef ZHUQI_COMMON_FEED_POSITIONS_H_
#define ZHUQI_COMMON_FEED_POSITIONS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/task.h"
#include "common/rpc/cancellation.h"
#include "common/rpc/timer.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::feed {

// Thread-safe. Positions only grow.
class Positions {
 public:
  // `timer` ends waits at their deadline or when they are cancelled, and must outlive this.
  explicit Positions(rpc::Timer& timer) : timer_(timer) {}

  // Everything up to `sequence` is applied. Lower than what is known: ignored.
  void Advance(absl::string_view source, int32_t partition, int64_t sequence);
  int64_t Get(absl::string_view source, int32_t partition) const;
  std::vector<common::v1::FeedPosition> All() const;

  // Names a source that this service follows. Any other source in a token (the service's own, or one that it
  // never reads) holds no one up. Call it before serving.
  void Follows(absl::string_view source);

  // Waits until all that `token` stands for is applied. DeadlineExceeded NOT_YET_CONSISTENT at the deadline,
  // Cancelled when `cancellation`, which must outlive the wait, is set first, Unavailable when Stop is called
  // first (or was), InvalidArgument for a damaged token. Goes on on the thread that calls Advance or Stop, or
  // on the timer's; never on the one that cancels, which may hold locks of gRPC.
  Task<absl::Status> WaitFor(std::string token, absl::Time deadline, rpc::Cancellation& cancellation);

  // Ends every WaitFor, and from now on whatever would have to wait: nobody is kept until his deadline by a
  // service that stops. Idempotent.
  void Stop();

  // The same for a thread that may block.
  absl::Status BlockUntil(const common::v1::FeedPosition& position, absl::Time deadline);

 private:
  using Key = std::pair<std::string, int32_t>;
  struct Waiter {
    std::vector<common::v1::FeedPosition> wanted;
    // Set when there is no more to wait for, whatever the reason.
    rpc::Cancellation woken;
  };
  // True when it is to wait; it is then told by `woken`.
  bool Enlist(const std::shared_ptr<Waiter>& waiter);
  void Withdraw(const std::shared_ptr<Waiter>& waiter);
  // What has become of the wait.
  absl::Status Outcome(const Waiter& waiter, const rpc::Cancellation& cancellation) const;
  bool Reached(const std::vector<common::v1::FeedPosition>& wanted) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  rpc::Timer& timer_;
  mutable absl::Mutex mutex_;
  std::map<Key, int64_t> applied_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> followed_ ABSL_GUARDED_BY(mutex_);
  std::set<std::shared_ptr<Waiter>> waiters_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_POSITIONS_H_
