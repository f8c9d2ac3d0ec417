// Follows another service's feed and applies each event exactly once.
#ifndef ZHUQI_COMMON_FEED_FOLLOWER_H_
#define ZHUQI_COMMON_FEED_FOLLOWER_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/db/transaction.h"
#include "common/rpc/channel.h"
#include "common/telemetry/logger.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"

namespace zhuqi::feed {

// Cursors of a follower that keeps its effects in MySQL: table
//   feed_cursors (source VARCHAR(32), partition_number INT, sequence BIGINT, commit_id BIGINT,
//                 PRIMARY KEY (source, partition_number)).
// commit_id is that of the event at the cursor: its log's owner notices by it that the log was replaced.
absl::StatusOr<std::vector<common::v1::FeedPosition>> ReadCursors(db::Connection& connection);
// Makes missing rows at 0. Run at start and when a source is first described.
absl::Status EnsureCursors(db::Connection& connection, absl::string_view source, int32_t partitions);
// Compare and set, in the transaction of the effects: from `from` to behind `last`. FailedPrecondition
// CURSOR_MOVED when another replica was first: the follower reads its positions again (not Aborted, which
// RunTransaction would repeat in vain).
absl::Status AdvanceCursor(db::Transaction& transaction, absl::string_view source, int32_t partition,
                           int64_t from, const feed::v1::Event& last);
bool IsCursorMoved(const absl::Status& status);

struct FollowerOptions {
  std::string source;                      // "intake"
  std::shared_ptr<grpc::Channel> channel;  // where it is served (rpc::MakeChannel)
  int max_events = 500;
  // The places applied so far; asked at every (re)connect. Called on the follower's thread.
  std::function<absl::StatusOr<std::vector<common::v1::FeedPosition>>(int32_t partitions)> load_positions;
  // Applies one message. Called on the follower's thread, one at a time, in order per partition; the
  // directory's partition always comes first. Retryable errors (Unavailable, Aborted, DeadlineExceeded) and
  // IsCursorMoved make the follower load its positions and connect again; any other error is logged and tried
  // again with growing pauses: an event is never passed over.
  std::function<absl::Status(const feed::v1::FollowResponse& message, int64_t after)> apply;
  telemetry::Logger* logger = nullptr;
};

// Runs on a thread of its own until Stop.
class Follower {
 public:
  explicit Follower(FollowerOptions options);
  ~Follower();
  void Stop();
  // Events that the source had and that are not applied yet, as last known.
  int64_t events_behind() const;
  bool connected() const { return connected_.load(); }

 private:
  struct Progress {
    int64_t applied = 0;
    int64_t head = 0;
  };
  void Run();
  // Connects and applies until the stream or the applying fails. `progressed` says whether any message was
  // applied.
  absl::Status FollowOnce(bool& progressed);
  // Asks for the partitions and makes the request from the positions applied so far.
  absl::StatusOr<feed::v1::FollowRequest> Prepare(feed::v1::FeedService::Stub& stub);
  absl::Status ApplyMessage(const feed::v1::FollowResponse& message);
  // The call that Stop cancels. False when stopping.
  bool Activate(grpc::ClientContext* context);
  // False when stopping.
  bool PauseBeforeRetry(int failures);

  FollowerOptions options_;
  std::atomic<bool> connected_{false};
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* active_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::map<int32_t, Progress> progress_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_FOLLOWER_H_
