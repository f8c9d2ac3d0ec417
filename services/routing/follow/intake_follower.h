// Follows intake: the directory becomes a copy here, every issue becomes a case, and every reminder of a
// summary a notice, exactly once; visits are noted.
#ifndef ZHUQI_SERVICES_ROUTING_FOLLOW_INTAKE_FOLLOWER_H_
#define ZHUQI_SERVICES_ROUTING_FOLLOW_INTAKE_FOLLOWER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/directory/directory.h"
#include "common/feed/follower.h"
#include "common/feed/positions.h"
#include "common/feed/tail.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/notices/notice_store.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the follower.
struct IntakeFollowerOptions {
  db::Pool* pool = nullptr;
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  feed::Positions* positions = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
  // Of this service's feed, and so of intake's: a case stands in the partition of its record.
  int32_t partitions = 0;
  Outbox outbox = Outbox::kOff;
};

class IntakeFollower {
 public:
  explicit IntakeFollower(IntakeFollowerOptions options);
  ~IntakeFollower();

  // Makes the cursors, loads the copy of the directory and what is applied so far. Before Start, and before
  // serving.
  absl::Status Load();

  // Begins to follow. Every partition has a stream of its own: an issue that can not be routed holds up its
  // partition alone, and while issues wait (for a catalogue, or for the directory that they were checked
  // with), the directory goes on being applied.
  void Start(std::shared_ptr<grpc::Channel> intake);
  void Stop();

  // Apply one message whose first event follows `after`. Called by the streams; tests call them directly.
  absl::Status ApplyDirectory(const feed::v1::FollowResponse& message, int64_t after);
  absl::Status ApplyRecords(const feed::v1::FollowResponse& message, int64_t after);

  // What is applied, by whichever replica: for the tail's listener.
  void NoteApplied(const feed::TailSnapshot& snapshot);

  // Events of intake that are known and not applied yet.
  int64_t events_behind() const;
  // Whether all streams are open.
  bool connected() const;
  // True while issues wait because no catalogue is in force.
  bool waits_for_catalogue() const { return waits_for_catalogue_.load(); }

 private:
  // Held by a stream while it uses the database: however many partitions there are, they leave connections to
  // others.
  class Turn {
   public:
    explicit Turn(IntakeFollower& follower);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    IntakeFollower& follower_;
  };

  std::unique_ptr<feed::Follower> Follow(std::shared_ptr<grpc::Channel> intake, int32_t partition);
  absl::StatusOr<std::vector<common::v1::FeedPosition>> LoadPositions(int32_t partitions, int32_t partition);
  // Reads intake's cursors and the copy of the directory, and lets those go on who wait for them.
  absl::StatusOr<std::vector<common::v1::FeedPosition>> ReadApplied();
  void NoteHead(const feed::v1::FollowResponse& message);
  absl::Status Refresh();
  // Blocks until the directory stands at `sequence` or Stop.
  absl::Status WaitForDirectory(int64_t sequence);
  // Blocks until a catalogue is in force or Stop.
  absl::StatusOr<std::shared_ptr<const CompiledCatalogue>> WaitForCatalogue();
  // One transaction with a message's issues and visits and the cursor. `catalogue`: null when it has no
  // issues.
  absl::Status WriteRecords(const feed::v1::FollowResponse& message, int64_t after,
                            const std::shared_ptr<const CompiledCatalogue>& catalogue);
  absl::Status ApplyIssues(db::Transaction& transaction, const feed::v1::FollowResponse& message,
                           const std::shared_ptr<const CompiledCatalogue>& catalogue,
                           const std::shared_ptr<const Directory>& directory);

  const IntakeFollowerOptions options_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> waits_for_catalogue_{false};
  mutable absl::Mutex mutex_;
  std::map<int32_t, int64_t> heads_ ABSL_GUARDED_BY(mutex_);
  // By partition; set once, by Start.
  std::vector<std::unique_ptr<feed::Follower>> streams_ ABSL_GUARDED_BY(mutex_);
  absl::Mutex turns_mutex_;
  int turns_ ABSL_GUARDED_BY(turns_mutex_) = 0;
  // Last: no gauge reads what is gone.
  std::vector<std::shared_ptr<telemetry::Metrics::CallbackRegistration>> gauges_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FOLLOW_INTAKE_FOLLOWER_H_
