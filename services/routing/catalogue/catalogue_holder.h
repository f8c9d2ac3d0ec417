// The catalogue in force, as every part of this process sees it.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_HOLDER_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_HOLDER_H_

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/pool.h"
#include "common/feed/positions.h"
#include "services/routing/catalogue/compiled_catalogue.h"

namespace zhuqi::routing {

// Versions of the catalogue stand in consistency tokens as places of this "feed", so that a caller of another
// replica waits until it has the version too.
inline constexpr char kCatalogueSource[] = "routing.catalogue";

// Thread-safe.
class CatalogueHolder {
 public:
  // `positions` must outlive this and be told Follows(kCatalogueSource).
  explicit CatalogueHolder(feed::Positions& positions) : positions_(positions) {}

  // Null while none is in force.
  std::shared_ptr<const CompiledCatalogue> GetCompiled() const;
  // An empty one while none is in force: it decides nothing.
  std::shared_ptr<const CompiledCatalogue> GetOrEmpty() const;
  // Its message alone.
  std::shared_ptr<const v1::Catalogue> Get() const;

  // Takes over what the database has in force on `today`: this or another replica may have applied a version,
  // and the validity of one begins or ends with a day.
  absl::Status Refresh(db::Connection& connection, absl::CivilDay today);
  absl::Status Refresh(db::Pool& pool, absl::CivilDay today, absl::Time deadline);

  // Blocks until there is one, at most for `timeout`. Null when there is none then.
  std::shared_ptr<const CompiledCatalogue> Wait(absl::Duration timeout) const;

 private:
  // Unless what was read is older than what is here.
  void Take(int64_t highest, absl::CivilDay today, std::shared_ptr<const CompiledCatalogue> in_force);

  feed::Positions& positions_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const CompiledCatalogue> current_ ABSL_GUARDED_BY(mutex_);
  // When current_ was read: the highest version then, and the day.
  int64_t highest_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::CivilDay today_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_HOLDER_H_
