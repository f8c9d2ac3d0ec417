// What a replica does now and then: it looks for a catalogue that another replica applied, and forgets old
// answers.
#ifndef ZHUQI_SERVICES_ROUTING_HOUSEKEEPING_H_
#define ZHUQI_SERVICES_ROUTING_HOUSEKEEPING_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/telemetry/logger.h"
#include "services/routing/catalogue/catalogue_holder.h"

namespace zhuqi::routing {

// All pointers are required and must outlive this.
struct HousekeepingOptions {
  db::Pool* pool = nullptr;
  CatalogueHolder* catalogue = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  absl::Duration catalogue_interval = absl::Milliseconds(250);
  absl::Duration purge_interval = absl::Minutes(10);
  // How long the answer to a request_id is kept.
  absl::Duration keep_answers = absl::Hours(7 * 24);
};

// One thread from Start until Stop.
class Housekeeping {
 public:
  explicit Housekeeping(HousekeepingOptions options) : options_(options) {}
  ~Housekeeping() { Stop(); }
  void Start();
  void Stop();

 private:
  void Run();
  // False when stopping.
  bool Pause();
  void Purge();

  const HousekeepingOptions options_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_HOUSEKEEPING_H_
