// Puts a catalogue in force in tests of services, without its RPCs.
#ifndef ZHUQI_SERVICES_ROUTING_TEST_CATALOGUE_H_
#define ZHUQI_SERVICES_ROUTING_TEST_CATALOGUE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/catalogue/catalogue_store.h"

namespace zhuqi::routing::testing {

// Stores `catalogue` under the version that it bears, unless another replica has, and takes over what is in
// force.
inline absl::Status PutInForce(db::Pool& pool, CatalogueHolder& holder, const v1::Catalogue& catalogue,
                               absl::Time now) {
  ZHUQI_RETURN_IF_ERROR(db::RunTransaction(pool, {}, [&](db::Transaction& transaction) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(const auto stored, ReadCatalogue(transaction.connection(), catalogue.version()));
    if (stored.has_value()) return absl::OkStatus();
    return InsertCatalogue(transaction.connection(), catalogue, now, "test");
  }));
  return holder.Refresh(pool, CityDay(now), absl::InfiniteFuture());
}

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_TEST_CATALOGUE_H_
