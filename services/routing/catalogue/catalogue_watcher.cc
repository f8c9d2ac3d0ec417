#include "services/routing/catalogue/catalogue_watcher.h"

#include "absl/time/clock.h"
#include "common/base/civil_time.h"

namespace zhuqi::routing {
namespace {
constexpr absl::Duration kRefreshTimeout = absl::Seconds(10);
}  // namespace

void CatalogueWatcher::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CatalogueWatcher::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool CatalogueWatcher::Pause() {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_);
  return !stopping_;
}

void CatalogueWatcher::Run() {
  bool failing = false;
  while (Pause()) {
    const absl::Status refreshed =
        catalogue_.Refresh(pool_, CityDay(clock_.Now()), absl::Now() + kRefreshTimeout);
    // Said once when it begins: the database may be away for an hour.
    if (!refreshed.ok() && !failing)
      logger_.Warning("the catalogue could not be read", {{"status", refreshed}});
    failing = !refreshed.ok();
  }
}

}  // namespace zhuqi::routing
