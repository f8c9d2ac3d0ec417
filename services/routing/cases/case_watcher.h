// The streams of WatchCases. Each reads routing's own log by its cursor, so what waits for a slow client
// waits in the log: a client holds one message in memory, and loses nothing.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCHER_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCHER_H_

#include <atomic>
#include <memory>

#include "absl/status/statusor.h"
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

namespace zhuqi::routing {

// Pointers are required and must outlive the watcher.
struct CaseWatcherOptions {
  db::SqlExecutor* sql = nullptr;
  const feed::FeedTail* tail = nullptr;
  const DirectoryHolder* directory = nullptr;
  rpc::Timer* timer = nullptr;
  telemetry::Metrics* metrics = nullptr;
  int most_watchers = 256;
  // Between two looks at the tail: what happens within it comes as one message.
  absl::Duration pause = absl::Milliseconds(200);
  absl::Duration heartbeat = absl::Seconds(15);
  // A message that takes longer is the stream's last.
  absl::Duration longest_write = absl::Seconds(30);
};

// Thread-safe.
class CaseWatcher {
 public:
  explicit CaseWatcher(CaseWatcherOptions options);

  // Until the client leaves, the service stops, or something fails; as the contract says.
  Task<absl::Status> Watch(rpc::CallContext& call, const v1::WatchCasesRequest& request,
                           rpc::ServerWriter<v1::WatchCasesResponse>& writer);

 private:
  struct Client;
  class Seat;

  // Where the client goes on from, checked against the log.
  Task<absl::StatusOr<WatchPlaces>> Start(const v1::WatchCasesRequest& request);
  Task<absl::Status> SendChanges(Client& watch);
  Task<absl::Status> SendStretch(Client& watch, int32_t partition, WatchStretch stretch);
  Task<absl::Status> Send(Client& watch, v1::WatchCasesResponse& message);

  const CaseWatcherOptions options_;
  std::atomic<int> watchers_{0};
  std::shared_ptr<telemetry::Metrics::CallbackRegistration> gauge_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCHER_H_
