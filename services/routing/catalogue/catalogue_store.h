// All SQL on catalogues.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// The version in force; 0 before the first.
absl::StatusOr<int64_t> ReadCatalogueVersion(db::Connection& connection);

// Version 0: the one in force. Nullopt when there is none.
absl::StatusOr<std::optional<v1::Catalogue>> ReadCatalogue(db::Connection& connection, int64_t version);

// Puts `catalogue`, which bears its new version, in force. Aborted when another replica gave that version
// away first.
absl::Status InsertCatalogue(db::Connection& connection, const v1::Catalogue& catalogue,
                             absl::Time applied_at, absl::string_view applied_by);

// The content without its version: the same for the same rules.
std::string CatalogueDigest(v1::Catalogue catalogue);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_STORE_H_
