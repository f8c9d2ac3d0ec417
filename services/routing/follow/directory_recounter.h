// Brings a changed directory to the cases that are open: a working calendar, and units and departments that
// ended or moved.
//
// Nothing stores a deadline as the truth, but the feed was told facts, and figures are sums of facts: what a
// calendar moves has to be told. And a case always has exactly one accountable owner: what went over to a
// successor has to go over. Open cases are gone through once for every such change, in pages by key; each
// page is a transaction with its cases, their history, their events and the mark of how far it is. So it is
// exactly once, whoever dies, and two replicas share the pages. A case that is acted on before its page comes
// takes the change over by itself (CaseBatch::FindForChange), and none is written with an earlier directory
// once a later one is stored (DirectoryInForce).
//
// When a page fails for a case's sake (one that can not be read or written), each of its cases is brought up
// by itself; the one at fault is logged, counted, and left to the LadderRunner, which looks at it again after
// a pause that grows and takes the change over then.
#ifndef ZHUQI_SERVICES_ROUTING_FOLLOW_DIRECTORY_RECOUNTER_H_
#define ZHUQI_SERVICES_ROUTING_FOLLOW_DIRECTORY_RECOUNTER_H_

#include <atomic>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/db/pool.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/notices/notice_store.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the recounter.
struct DirectoryRecounterOptions {
  db::Pool* pool = nullptr;
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
  Outbox outbox = Outbox::kOff;
  // Cases in one transaction: a body may have some 20 KB.
  int page_size = 200;
  // How often it looks whether a change has come.
  absl::Duration interval = absl::Milliseconds(500);
};

// One thread from Start until Stop: the streams of intake's feed go on meanwhile.
class DirectoryRecounter {
 public:
  explicit DirectoryRecounter(DirectoryRecounterOptions options);
  ~DirectoryRecounter() { Stop(); }
  void Start();
  void Stop();

  // One transaction. False: there is nothing to do. Called by the thread; tests call it directly.
  absl::StatusOr<bool> RecountPage();

 private:
  void Run();
  absl::Status RecountAll();
  absl::StatusOr<bool> RecountEachByItself();
  absl::Status Postpone(const Uuid& case_id, const absl::Status& why);
  // False when stopping.
  bool Pause();
  bool stopping() const;

  const DirectoryRecounterOptions options_;
  std::atomic<bool> waiting_{false};
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
  // Last: no gauge reads what is gone.
  std::shared_ptr<telemetry::Metrics::CallbackRegistration> gauge_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FOLLOW_DIRECTORY_RECOUNTER_H_
