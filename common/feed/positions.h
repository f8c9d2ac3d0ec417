// How far a service has applied each feed, and waiting until it has applied enough.
#ifndef ZHUQI_COMMON_FEED_POSITIONS_H_
#define ZHUQI_COMMON_FEED_POSITIONS_H_

#include <cstdint>
#include <functional>
#include <list>
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
#include "common/rpc/timer.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::feed {

// Thread-safe. Positions only grow.
class Positions {
 public:
  // `timer` ends waits at their deadline and must outlive this.
  explicit Positions(rpc::Timer& timer) : timer_(timer) {}

  // Everything up to `sequence` is applied. Lower than what is known: ignored.
  void Advance(absl::string_view source, int32_t partition, int64_t sequence);
  int64_t Get(absl::string_view source, int32_t partition) const;
  std::vector<common::v1::FeedPosition> All() const;

  // Names a source that this service follows. Any other source in a token (the service's own, or one that it
  // never reads) holds no one up. Call it before serving.
  void Follows(absl::string_view source);

  // Waits until all that `token` stands for is applied. DeadlineExceeded NOT_YET_CONSISTENT at the deadline,
  // InvalidArgument for a damaged token.
  Task<absl::Status> WaitFor(std::string token, absl::Time deadline);

  // The same for a thread that may block.
  absl::Status BlockUntil(const common::v1::FeedPosition& position, absl::Time deadline);

 private:
  using Key = std::pair<std::string, int32_t>;
  struct Waiter {
    std::vector<common::v1::FeedPosition> wanted;
    std::function<void(absl::Status)> resume;
  };
  // Resumes it at once when it is reached, else keeps it until it is, or until the deadline.
  void Enlist(std::shared_ptr<Waiter> waiter, absl::Time deadline);
  void Expire(const std::shared_ptr<Waiter>& waiter);
  bool Reached(const std::vector<common::v1::FeedPosition>& wanted) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  rpc::Timer& timer_;
  mutable absl::Mutex mutex_;
  std::map<Key, int64_t> applied_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> followed_ ABSL_GUARDED_BY(mutex_);
  std::list<std::shared_ptr<Waiter>> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_POSITIONS_H_
