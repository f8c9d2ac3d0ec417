// Looks at new cases for themes: proposes where similar cases grow across districts or enterprises, and adds
// cases to proposals or suggests them for themes that somebody confirmed.
//
// It follows routing's own log as far as the search index has come. One place for all partitions stands in
// the database, is locked by whoever looks and moves together with what was found; so each case is looked at
// once, by one replica, with an index that has every case that was looked at before. Whatever dies, nothing
// is left out and nothing is proposed twice.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_PROPOSER_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_PROPOSER_H_

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/directory/directory.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/routing/knowledge/search_index.h"
#include "services/routing/knowledge/theme_growth_rules.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the proposer.
struct ThemeProposerOptions {
  db::Pool* pool = nullptr;
  const SearchIndex* index = nullptr;
  const DirectoryHolder* directory = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
  ThemeNumbers numbers;
  absl::Duration interval = absl::Seconds(10);
  // Events read and cases looked at in one transaction, at most.
  int events = 500;
  int seeds = 20;
};

// One thread from Start until Stop.
class ThemeProposer {
 public:
  explicit ThemeProposer(ThemeProposerOptions options);
  ~ThemeProposer() { Stop(); }
  void Start();
  void Stop();

  // One transaction. True: it came further, and there may be more. False: nothing is left to look at now, or
  // the index is not as far yet. Called by the thread; tests call it directly.
  absl::StatusOr<bool> RunBatch();

 private:
  void Run();
  absl::Status RunAll();
  // False when stopping.
  bool Pause();
  bool stopping() const;

  const ThemeProposerOptions options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_PROPOSER_H_
