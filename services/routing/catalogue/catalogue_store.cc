#include "services/routing/catalogue/catalogue_store.h"

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {

namespace {

// Days that no validity reaches stand for an absent bound: every row has both, and a comparison says it all.
constexpr absl::CivilDay kFirstDay(1900, 1, 1);
constexpr absl::CivilDay kEndless(9999, 12, 31);

absl::CivilDay FirstDayOf(const v1::Catalogue& catalogue) {
  return catalogue.has_valid_from() ? CivilDayFrom(catalogue.valid_from()).value_or(kFirstDay) : kFirstDay;
}
absl::CivilDay LastDayOf(const v1::Catalogue& catalogue) {
  return catalogue.has_valid_to() ? CivilDayFrom(catalogue.valid_to()).value_or(kEndless) : kEndless;
}

absl::StatusOr<int64_t> ReadVersion(db::Connection& connection, const std::string& sql,
                                    const db::Values& values) {
  int64_t version = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query(sql, values, [&](db::Row& row) {
    version = row.Int64(0);
    return absl::OkStatus();
  }));
  return version;
}

}  // namespace

absl::StatusOr<CatalogueVersions> ReadCatalogueVersions(db::Connection& connection, absl::CivilDay today) {
  CatalogueVersions versions;
  ZHUQI_ASSIGN_OR_RETURN(
      versions.highest,
      ReadVersion(connection, "SELECT version FROM catalogues ORDER BY version DESC LIMIT 1", {}));
  ZHUQI_ASSIGN_OR_RETURN(versions.in_force,
                         ReadVersion(connection,
                                     "SELECT version FROM catalogues WHERE valid_from <= ? AND valid_to >= ? "
                                     "AND version <= ? ORDER BY version DESC LIMIT 1",
                                     {today, today, versions.highest}));
  return versions;
}

absl::StatusOr<bool> HasEndlessCatalogue(db::Connection& connection, absl::CivilDay day) {
  ZHUQI_ASSIGN_OR_RETURN(const int64_t version,
                         ReadVersion(connection,
                                     "SELECT version FROM catalogues WHERE valid_from <= ? AND valid_to = ? "
                                     "ORDER BY version DESC LIMIT 1",
                                     {day, kEndless}));
  return version > 0;
}

absl::StatusOr<std::optional<v1::Catalogue>> ReadCatalogue(db::Connection& connection, int64_t version) {
  std::optional<v1::Catalogue> catalogue;
  ZHUQI_RETURN_IF_ERROR(connection.Query("SELECT version, body FROM catalogues WHERE version = ?", {version},
                                         [&](db::Row& row) {
                                           if (!catalogue.emplace().ParseFromString(row.Text(1))) {
                                             return absl::DataLossError("a stored catalogue can not be read");
                                           }
                                           catalogue->set_version(row.Int64(0));
                                           return absl::OkStatus();
                                         }));
  return catalogue;
}

absl::Status UnknownCatalogue() {
  return rpc::Error(absl::StatusCode::kNotFound, "CATALOGUE_UNKNOWN",
                    "no catalogue is in force, or there is no such version",
                    "没有生效的责任清单，或版本不存在");
}

absl::StatusOr<v1::Catalogue> ReadVersionOrInForce(db::Connection& connection, int64_t version,
                                                   absl::CivilDay today) {
  if (version == 0) {
    ZHUQI_ASSIGN_OR_RETURN(const CatalogueVersions versions, ReadCatalogueVersions(connection, today));
    version = versions.in_force;
  }
  ZHUQI_ASSIGN_OR_RETURN(std::optional<v1::Catalogue> found, ReadCatalogue(connection, version));
  if (!found.has_value()) return UnknownCatalogue();
  return *std::move(found);
}

absl::Status InsertCatalogue(db::Connection& connection, const v1::Catalogue& catalogue,
                             absl::Time applied_at, absl::string_view applied_by) {
  const absl::Status status =
      connection
          .Execute(
              "INSERT INTO catalogues (version, digest, body, valid_from, valid_to, applied_at, "
              "applied_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
              {catalogue.version(), CatalogueDigest(catalogue), catalogue.SerializeAsString(),
               FirstDayOf(catalogue), LastDayOf(catalogue), applied_at, applied_by})
          .status();
  if (db::DuplicateKey(status)) return absl::AbortedError("another catalogue was applied at the same time");
  return status;
}

std::string CatalogueDigest(v1::Catalogue catalogue) {
  catalogue.clear_version();
  return Sha256(catalogue.SerializeAsString());
}

}  // namespace zhuqi::routing
