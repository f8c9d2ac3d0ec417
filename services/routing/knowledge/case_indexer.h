// Keeps the search index what the cases are: builds it from the cases table where there is none that can be
// used, and then follows routing's own log. The place in the log is committed with the entries, and an entry
// is the case as it is when it is read, which is never before that place: so at each place every case is in
// the index as it was there or later, whatever dies.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_CASE_INDEXER_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_CASE_INDEXER_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/pool.h"
#include "common/feed/positions.h"
#include "common/feed/tail.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/routing/knowledge/search_index.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the indexer.
struct CaseIndexerOptions {
  db::Pool* pool = nullptr;
  SearchIndex* index = nullptr;
  // How far the index is: routing's own places, and intake's that were applied by then.
  feed::Positions* positions = nullptr;
  feed::FeedTail* tail = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
  // Cases read at once: each with its history, some 50 KB.
  int page_size = 200;
  // Between two commits: each waits for the disk, and takes what came meanwhile.
  absl::Duration pause = absl::Milliseconds(100);
};

// The pause after so many failures in a row: doubled with each, from 2 seconds to 5 minutes. A build that
// fails at its end reads all cases each time.
absl::Duration PauseAfterFailures(int failures);

// One thread from Start until Stop.
class CaseIndexer {
 public:
  explicit CaseIndexer(CaseIndexerOptions options);
  ~CaseIndexer() { Stop(); }
  void Start();
  void Stop();

  // Brings the index to where the log ends now. Called by the thread; tests call it directly.
  absl::Status CatchUp();

 private:
  void Run();
  // False when stopping.
  bool Pause(absl::Duration duration);
  bool stopping() const;
  absl::Status Build(const feed::TailSnapshot& snapshot);
  // False: the log is not the one that the index followed.
  absl::StatusOr<bool> Follow(const feed::TailSnapshot& snapshot);
  absl::StatusOr<bool> FollowPartition(int32_t partition, int64_t head);
  absl::Status PutCases(db::Connection& connection, std::vector<v1::Case> cases);
  void SayHowFar();

  const CaseIndexerOptions options_;
  // Of the index, as it is written.
  SearchIndex::Cursors cursors_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
  // Last: no gauge reads what is gone.
  std::shared_ptr<telemetry::Metrics::CallbackRegistration> gauge_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_CASE_INDEXER_H_
