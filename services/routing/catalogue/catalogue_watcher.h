// Looks for catalogues that other replicas apply, and for days on which another one begins to be valid.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_WATCHER_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_WATCHER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/telemetry/logger.h"
#include "services/routing/catalogue/catalogue_holder.h"

namespace zhuqi::routing {

// One thread from Start until Stop. All arguments must outlive it.
class CatalogueWatcher {
 public:
  CatalogueWatcher(db::Pool& pool, CatalogueHolder& catalogue, const Clock& clock, telemetry::Logger& logger,
                   absl::Duration interval = absl::Milliseconds(250))
      : pool_(pool), catalogue_(catalogue), clock_(clock), logger_(logger), interval_(interval) {}
  ~CatalogueWatcher() { Stop(); }
  void Start();
  void Stop();

 private:
  void Run();
  // False when stopping.
  bool Pause();

  db::Pool& pool_;
  CatalogueHolder& catalogue_;
  const Clock& clock_;
  telemetry::Logger& logger_;
  const absl::Duration interval_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_WATCHER_H_
