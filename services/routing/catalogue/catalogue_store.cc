#include "services/routing/catalogue/catalogue_store.h"

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"

namespace zhuqi::routing {

absl::StatusOr<int64_t> ReadCatalogueVersion(db::Connection& connection) {
  int64_t version = 0;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT version FROM catalogues ORDER BY version DESC LIMIT 1", {}, [&](db::Row& row) {
        version = row.Int64(0);
        return absl::OkStatus();
      }));
  return version;
}

absl::StatusOr<std::optional<v1::Catalogue>> ReadCatalogue(db::Connection& connection, int64_t version) {
  std::optional<v1::Catalogue> catalogue;
  const auto read = [&](db::Row& row) {
    if (!catalogue.emplace().ParseFromString(row.Text(1))) {
      return absl::DataLossError("a stored catalogue can not be read");
    }
    catalogue->set_version(row.Int64(0));
    return absl::OkStatus();
  };
  if (version == 0) {
    ZHUQI_RETURN_IF_ERROR(
        connection.Query("SELECT version, body FROM catalogues ORDER BY version DESC LIMIT 1", {}, read));
  } else {
    ZHUQI_RETURN_IF_ERROR(
        connection.Query("SELECT version, body FROM catalogues WHERE version = ?", {version}, read));
  }
  return catalogue;
}

absl::Status InsertCatalogue(db::Connection& connection, const v1::Catalogue& catalogue,
                             absl::Time applied_at, absl::string_view applied_by) {
  const absl::Status status =
      connection
          .Execute(
              "INSERT INTO catalogues (version, digest, body, applied_at, applied_by) VALUES (?, ?, ?, ?, ?)",
              {catalogue.version(), CatalogueDigest(catalogue), catalogue.SerializeAsString(), applied_at,
               applied_by})
          .status();
  if (db::DuplicateKey(status)) return absl::AbortedError("another catalogue was applied at the same time");
  return status;
}

std::string CatalogueDigest(v1::Catalogue catalogue) {
  catalogue.clear_version();
  return Sha256(catalogue.SerializeAsString());
}

}  // namespace zhuqi::routing
