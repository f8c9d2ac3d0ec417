// Fires the steps of escalation ladders that are due.
//
// Each batch is a transaction that claims due cases (a conditional update of their row, counted), reckons
// their next step anew and fires what is due, one entry in the history and one event in the feed for each
// step, in order. So a step fires once, whoever dies and however many replicas run; what was missed while
// none ran fires, in order, when one runs again. Outside working hours nothing fires.
//
// When a batch fails for a case's sake (one that can not be read or written), each case is fired by itself;
// the one at fault is logged, counted, and tried again after a pause that grows.
#ifndef ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_RUNNER_H_
#define ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_RUNNER_H_

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/ladders/ladder_store.h"
#include "services/routing/notices/notice_store.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the runner.
struct LadderRunnerOptions {
  db::Pool* pool = nullptr;
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
  // Cases in one transaction.
  int batch = 100;
  // How often it looks whether a step is due.
  absl::Duration interval = absl::Seconds(5);
  Outbox outbox = Outbox::kOff;
};

// One thread from Start until Stop.
class LadderRunner {
 public:
  explicit LadderRunner(LadderRunnerOptions options);
  ~LadderRunner() { Stop(); }
  void Start();
  void Stop();

  // One transaction. The number of cases that were due, fired here or elsewhere; 0: nothing is left to do
  // now. Called by the thread; tests call it directly.
  absl::StatusOr<int> RunBatch();

 private:
  // What one transaction did.
  struct Batch {
    int due = 0;
    std::vector<v1::LadderStepFired> fired;
  };

  void Run();
  absl::Status RunAllDue();
  absl::StatusOr<bool> LookForDue();
  // One transaction: of all that is due, up to a batch, or of `only`.
  absl::StatusOr<Batch> Fire(absl::Time now, const DueCase* only);
  absl::StatusOr<Batch> FireEachByItself(absl::Time now);
  absl::Status Postpone(const DueCase& due, const absl::Status& why, absl::Time now);
  void Measure(const Batch& done, absl::Time now);
  // False when stopping.
  bool Pause();
  bool stopping() const;

  const LadderRunnerOptions options_;
  prometheus::Gauge& due_;
  prometheus::Histogram& late_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_RUNNER_H_
