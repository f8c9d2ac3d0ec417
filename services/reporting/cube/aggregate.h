// The cube as it is served: with the tree it was rolled up along, and the places in the feeds that it stands
// at.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_AGGREGATE_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_AGGREGATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "services/reporting/cube/cube.h"
#include "zhuqi/common/v1/consistency.pb.h"
#include "zhuqi/feed/v1/feed_service.pb.h"

namespace zhuqi::reporting {

inline constexpr char kIntake[] = "intake";
inline constexpr char kRouting[] = "routing";
// The source under which it is kept how far routing's effects of intake's events are in: everything that
// routing made of intake's partition p up to the sequence has been applied here.
inline constexpr char kRoutingOfIntake[] = "routing<intake";

struct AggregateState {
  // (source, partition) -> sequence
  using Places = std::map<std::pair<std::string, int32_t>, int64_t>;

  Cube cube;
  std::shared_ptr<const Directory> directory = std::make_shared<const Directory>();
  Places places;
  // The commit_id of the event at each place of a feed.
  Places commit_ids;
  absl::Time newest_event_at = absl::InfinitePast();
  // Counts up with every change, from 0 in each process.
  uint64_t version = 0;

  int64_t PlaceOf(absl::string_view source, int32_t partition) const;
  // Events of intake and routing that are in.
  int64_t EventCount() const;
};

// What an answer made from `state` says of its freshness, but for events_behind.
common::v1::Freshness FreshnessOf(const AggregateState& state, absl::Time now);

// Thread-safe: one thread for each source applies, any number read.
class Aggregate {
 public:
  // Makes known in `positions`, which must outlive this, what is in, now and after every change.
  Aggregate(AggregateState initial, feed::Positions& positions);

  // Applies a message of a feed. The places move with the cells, so an event takes effect exactly once.
  // Aborted when the partition does not stand at `after`; Unavailable or DeadlineExceeded when the directory
  // that an event was made with is not in yet; the follower connects again and asks from where this stands.
  absl::Status Apply(absl::string_view source, const feed::v1::FollowResponse& message, int64_t after);

  // Calls `read` with the state, which stays as it is meanwhile: keep it short.
  template <typename Reader>
  auto Read(Reader read) const {
    absl::ReaderMutexLock lock(&mutex_);
    return read(static_cast<const AggregateState&>(state_));
  }

  std::vector<common::v1::FeedPosition> PlacesOf(absl::string_view source, int32_t first_partition,
                                                 int32_t last_partition) const;

 private:
  absl::Status WaitForDirectory(absl::string_view source, const feed::v1::Event& event);
  absl::Status ApplyDirectory(absl::string_view source, int32_t partition, const feed::v1::Event& event);
  void ApplyFacts(absl::string_view source, int32_t partition,
                  const google::protobuf::RepeatedPtrField<feed::v1::Event>& events, int first, int last);
  void NoteUpstream(const feed::v1::FollowResponse& message);
  void MoveTo(absl::string_view source, int32_t partition, const feed::v1::Event& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  feed::Positions& positions_;
  mutable absl::Mutex mutex_;
  AggregateState state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_AGGREGATE_H_
