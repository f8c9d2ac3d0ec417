// The catalogue in force, as every part of this process sees it.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_HOLDER_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_HOLDER_H_

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/pool.h"
#include "common/feed/positions.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// Versions of the catalogue stand in consistency tokens as places of this "feed", so that a caller of another
// replica waits until it has the version too.
inline constexpr char kCatalogueSource[] = "routing.catalogue";

// Thread-safe.
class CatalogueHolder {
 public:
  // `positions` must outlive this and be told Follows(kCatalogueSource).
  explicit CatalogueHolder(feed::Positions& positions) : positions_(positions) {}

  // Null before the first.
  std::shared_ptr<const v1::Catalogue> Get() const;

  // Takes over a version, unless a higher one is here.
  void Advance(v1::Catalogue catalogue);

  // Takes over what is in force in the database, if it is newer: another replica may have applied it.
  absl::Status Refresh(db::Pool& pool, absl::Time deadline);

  // Blocks until there is one, at most for `timeout`. Null when there is none then.
  std::shared_ptr<const v1::Catalogue> Wait(absl::Duration timeout) const;

 private:
  feed::Positions& positions_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const v1::Catalogue> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_HOLDER_H_
