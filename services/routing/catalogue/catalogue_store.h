// All SQL on catalogues.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// 0 where there is none.
struct CatalogueVersions {
  int64_t highest = 0;
  // The highest that is valid on the day asked for.
  int64_t in_force = 0;
};
absl::StatusOr<CatalogueVersions> ReadCatalogueVersions(db::Connection& connection, absl::CivilDay today);

// Whether a version without an end is valid from `day` or earlier on.
absl::StatusOr<bool> HasEndlessCatalogue(db::Connection& connection, absl::CivilDay day);

// NOT_FOUND CATALOGUE_UNKNOWN: no catalogue is in force, or there is no such version.
absl::Status UnknownCatalogue();
// That version; 0: the one in force on `today`. UnknownCatalogue when there is none.
absl::StatusOr<v1::Catalogue> ReadVersionOrInForce(db::Connection& connection, int64_t version,
                                                   absl::CivilDay today);

// Nullopt when there is no such version.
absl::StatusOr<std::optional<v1::Catalogue>> ReadCatalogue(db::Connection& connection, int64_t version);

// Stores `catalogue`, which bears its new version. Aborted when another replica gave that version away first.
absl::Status InsertCatalogue(db::Connection& connection, const v1::Catalogue& catalogue,
                             absl::Time applied_at, absl::string_view applied_by);

// The content without its version: the same for the same rules.
std::string CatalogueDigest(v1::Catalogue catalogue);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_STORE_H_
