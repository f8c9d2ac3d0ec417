// The end of routing's log as it was read last, for all who watch it.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_RECENT_CHANGES_H_
#define ZHUQI_SERVICES_ROUTING_CASES_RECENT_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/routing/cases/case_watch_store.h"

namespace zhuqi::routing {

// Thread-safe. Of each partition one unbroken stretch, all of them together of at most `most_bytes`: what is
// read beyond makes the oldest go, and who is behind that reads the log by itself.
class RecentChanges {
 public:
  explicit RecentChanges(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Begins the stretch of the partition after `place`, if it has none.
  void Begin(const common::v1::FeedPosition& place);
  // Where the stretch of the partition ends; nullopt when it has none.
  std::optional<common::v1::FeedPosition> End(int32_t partition) const;
  // Takes over what was read after `place`; not if the stretch ends elsewhere.
  void Add(const common::v1::FeedPosition& place, const WatchStretch& read);
  // What follows `place`, of at most `limit` changes; when nothing was read since, it ends there. Nullopt: it
  // is not held.
  std::optional<WatchStretch> After(const common::v1::FeedPosition& place, int limit) const;
  // Nobody watches any more.
  void Clear();

  size_t bytes() const;

 private:
  struct Stretch {
    int64_t begin = 0;  // holds what follows this sequence
    common::v1::FeedPosition end;
    std::deque<std::shared_ptr<const WatchedChange>> changes;
    size_t bytes = 0;
  };
  void DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_bytes_;
  mutable absl::Mutex mutex_;
  std::map<int32_t, Stretch> stretches_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_RECENT_CHANGES_H_
