// The streams of WatchCases. Each goes through routing's own log by its cursor, so what waits for a slow
// client waits in the log: a client holds one message in memory, and loses nothing. The end of the log is
// read once for all of them (recent_changes.h); who resumes from further back reads what is missing by
// itself.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCHER_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCHER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/task.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "common/rpc/timer.h"
#include "common/telemetry/metrics.h"
#include "services/routing/cases/case_watch_store.h"
#include "services/routing/cases/recent_changes.h"

namespace zhuqi::routing {

// Pointers are required and must outlive the watcher.
struct CaseWatcherOptions {
  db::SqlExecutor* sql = nullptr;
  const feed::FeedTail* tail = nullptr;
  const DirectoryHolder* directory = nullptr;
  rpc::Timer* timer = nullptr;
  telemetry::Metrics* metrics = nullptr;
  int most_watchers = 256;
  // Of one principal.
  int most_of_one = 64;
  // Between two looks at the tail: what happens within it comes as one message.
  absl::Duration pause = absl::Milliseconds(200);
  absl::Duration heartbeat = absl::Seconds(15);
  // A message that takes longer ends the stream.
  absl::Duration longest_write = absl::Seconds(30);
  // Of changes that are kept for all streams.
  size_t most_recent_bytes = size_t{16} << 20;
};

// Thread-safe.
class CaseWatcher {
 public:
  explicit CaseWatcher(CaseWatcherOptions options);

  // Until the client leaves, the service stops, or something fails; as the contract says.
  Task<absl::Status> Watch(rpc::CallContext& call, const v1::WatchCasesRequest& request,
                           rpc::ServerWriter<v1::WatchCasesResponse>& writer);

  // Streams that are open.
  int watchers() const;
  // How often the log was read.
  int64_t log_reads() const { return log_reads_.load(); }

 private:
  struct Client;
  class Seat;

  // OK when there is a place for one more stream of `principal`, which is taken then.
  absl::Status TakeSeat(const std::string& principal);
  void LeaveSeat(const std::string& principal);

  // Where the client goes on from, checked against the log.
  Task<absl::StatusOr<WatchPlaces>> Start(const v1::WatchCasesRequest& request);
  // Brings what all share up to the log's end, unless another stream is doing so.
  Task<absl::Status> ReadForAll(const feed::TailSnapshot& tail);
  Task<absl::Status> SendChanges(Client& watch);
  // What follows the client's place in the partition. Ends at that place when the shared read has not come
  // further.
  Task<absl::StatusOr<WatchStretch>> NextStretch(Client& watch, const common::v1::FeedPosition& place,
                                                 int64_t head);
  Task<absl::StatusOr<WatchStretch>> ReadLog(const common::v1::FeedPosition& place, int64_t head,
                                             const WatchFilter& filter);
  Task<absl::Status> SendStretch(Client& watch, int32_t partition, WatchStretch stretch);
  Task<absl::Status> Send(Client& watch, v1::WatchCasesResponse& message);

  const CaseWatcherOptions options_;
  mutable absl::Mutex mutex_;
  int watchers_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> watchers_of_ ABSL_GUARDED_BY(mutex_);  // by principal
  RecentChanges recent_;
  // Whether a stream reads for all.
  std::atomic<bool> reading_{false};
  std::atomic<int64_t> log_reads_{0};
  std::shared_ptr<telemetry::Metrics::CallbackRegistration> gauge_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCHER_H_
