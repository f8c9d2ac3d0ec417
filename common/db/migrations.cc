#include "common/db/migrations.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/db/errors.h"

namespace zhuqi::db {
namespace {

// One row a migration; row 0 is the lease of whoever migrates at the moment.
constexpr char kCreateTable[] = R"(CREATE TABLE IF NOT EXISTS schema_migrations (
  version INT NOT NULL,
  name VARCHAR(128) NOT NULL,
  checksum CHAR(64) NOT NULL,
  least_compatible INT NOT NULL,
  statements_done INT NOT NULL,
  started_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  lease_holder BINARY(16) NULL,
  lease_until DATETIME(6) NULL,
  PRIMARY KEY (version)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)";

constexpr absl::Duration kLeaseRetry = absl::Milliseconds(100);

struct Recorded {
  std::string checksum;
  int least_compatible = 0;
  int statements_done = 0;
  bool finished = false;
};
// By version.
using History = std::map<int, Recorded>;

absl::Status RecordMatched(const absl::StatusOr<int64_t>& matched, absl::string_view what) {
  if (!matched.ok()) return matched.status();
  return *matched == 1 ? absl::OkStatus()
                       : absl::AbortedError(absl::StrCat(what, ": another process took over"));
}

// The right to migrate, as a row that is taken and kept by conditional UPDATE: GET_LOCK knows nothing of
// Galera's other nodes or of connection pools. It is extended before each statement. A statement that
// outlasts the lease lets a second process in; that one then waits for the table, finds the statement done,
// and the first one stops: still each statement takes effect once.
class MigrationLease {
 public:
  explicit MigrationLease(Connection& connection)
      : connection_(connection), holder_(Uuid::NewV7(absl::Now())) {}
  ~MigrationLease() {
    connection_
        .Execute(
            "UPDATE schema_migrations SET lease_holder = NULL, lease_until = NULL "
            "WHERE version = 0 AND lease_holder = ?",
            {holder_})
        .status()
        .IgnoreError();
  }
  MigrationLease(const MigrationLease&) = delete;
  MigrationLease& operator=(const MigrationLease&) = delete;

  absl::Status Take(absl::Duration wait) {
    const absl::Time give_up = absl::Now() + wait;
    for (;;) {
      ZHUQI_ASSIGN_OR_RETURN(
          const int64_t taken,
          connection_.Execute(
              "UPDATE schema_migrations SET lease_holder = ?, "
              "lease_until = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND "
              "WHERE version = 0 AND (lease_holder IS NULL OR lease_until < UTC_TIMESTAMP(6))",
              {holder_}));
      if (taken == 1) return absl::OkStatus();
      if (absl::Now() >= give_up) return absl::UnavailableError("another process is migrating the database");
      absl::SleepFor(kLeaseRetry);
    }
  }

  absl::Status Extend() {
    return RecordMatched(connection_.Execute("UPDATE schema_migrations SET lease_until = UTC_TIMESTAMP(6) + "
                                             "INTERVAL 60 SECOND WHERE version = 0 AND lease_holder = ?",
                                             {holder_}),
                         "migration lease");
  }

 private:
  Connection& connection_;
  const Uuid holder_;
};

absl::StatusOr<History> ReadHistory(Connection& connection) {
  History history;
  bool exists = false;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT COUNT(*) FROM information_schema.tables WHERE "
                       "table_schema = DATABASE() AND table_name = 'schema_migrations'",
                       {}, [&exists](Row& row) {
                         exists = row.Bool(0);
                         return absl::OkStatus();
                       }));
  if (!exists) return history;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT version, checksum, least_compatible, statements_done, finished_at IS NOT NULL "
      "FROM schema_migrations WHERE version > 0 ORDER BY version",
      {}, [&history](Row& row) {
        history[static_cast<int>(row.Int64(0))] = {row.Text(1), static_cast<int>(row.Int64(2)),
                                                   static_cast<int>(row.Int64(3)), row.Bool(4)};
        return absl::OkStatus();
      }));
  return history;
}

int FinishedVersion(const History& history) {
  int version = 0;
  for (const auto& [number, recorded] : history) {
    if (number != version + 1 || !recorded.finished) break;
    version = number;
  }
  return version;
}

// Files that were applied must not have changed since.
absl::Status CheckChecksums(const Schema& schema, const History& history) {
  for (const Migration& migration : schema.migrations()) {
    const auto found = history.find(migration.version);
    if (found == history.end() || found->second.checksum == migration.checksum) continue;
    return absl::FailedPreconditionError(absl::StrCat("migration ", migration.version, "_", migration.name,
                                                      " of ", schema.service(),
                                                      " was changed after it was applied"));
  }
  return absl::OkStatus();
}

// OK when everything that was applied beyond `schema` still accepts programs built for it.
absl::Status CheckNewer(const Schema& schema, const History& history) {
  for (const auto& [version, recorded] : history) {
    if (version <= schema.version() || recorded.least_compatible <= schema.version()) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("the database of ", schema.service(), " is at schema version ", history.rbegin()->first,
                     ", which needs a program built for version ", recorded.least_compatible,
                     " or later; this one is for ", schema.version()));
  }
  return absl::OkStatus();
}

absl::Status Verify(Connection& connection, const Schema& schema, const Migration& migration) {
  int rows = 0;
  bool is_one = false;
  ZHUQI_RETURN_IF_ERROR(connection.Query(migration.verification_query, {}, [&](Row& row) {
    ++rows;
    const std::optional<int64_t> value = row.OptionalInt64(0);
    is_one = value.has_value() && *value == 1;
    return absl::OkStatus();
  }));
  if (rows == 1 && is_one) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("migration ", migration.version, "_", migration.name, " of ", schema.service(),
                   " ran, but its verification did not give one row with the value 1"));
}

// A crash between a statement and the record of it makes that statement run a second time: then, and only
// then, finding its work done is success. Table exists; no such table to drop; column, key exists; nothing to
// drop; rows.
bool WasDoneBefore(const absl::Status& status) {
  static constexpr int kDone[] = {1050, 1051, 1060, 1061, 1062, 1091};
  return std::count(std::begin(kDone), std::end(kDone), DatabaseErrorNumber(status)) > 0;
}

absl::Status Apply(Connection& connection, MigrationLease& lease, const Schema& schema,
                   const Migration& migration, const Recorded* recorded) {
  int done = 0;
  if (recorded != nullptr) {
    done = recorded->statements_done;
  } else {
    ZHUQI_RETURN_IF_ERROR(
        connection
            .Execute(
                "INSERT INTO schema_migrations (version, name, checksum, least_compatible, statements_done, "
                "started_at) VALUES (?, ?, ?, ?, 0, UTC_TIMESTAMP(6))",
                {migration.version, migration.name, migration.checksum, migration.least_compatible})
            .status());
  }
  bool maybe_done = recorded != nullptr;
  for (; done < static_cast<int>(migration.statements.size()); ++done, maybe_done = false) {
    ZHUQI_RETURN_IF_ERROR(lease.Extend());
    const absl::Status status = connection.ExecuteDdl(migration.statements[static_cast<size_t>(done)]);
    if (!status.ok() && !(maybe_done && WasDoneBefore(status))) {
      return absl::Status(status.code(),
                          absl::StrCat("migration ", migration.version, "_", migration.name, " of ",
                                       schema.service(), ", statement ", done + 1, ": ", status.message()));
    }
    ZHUQI_RETURN_IF_ERROR(RecordMatched(
        connection.Execute(
            "UPDATE schema_migrations SET statements_done = ? WHERE version = ? AND statements_done = ?",
            {done + 1, migration.version, done}),
        "migration progress"));
  }
  ZHUQI_RETURN_IF_ERROR(Verify(connection, schema, migration));
  ZHUQI_RETURN_IF_ERROR(lease.Extend());
  return RecordMatched(
      connection.Execute("UPDATE schema_migrations SET finished_at = UTC_TIMESTAMP(6) WHERE version = ?",
                         {migration.version}),
      "migration end");
}

}  // namespace

absl::Status Migrate(Connection& connection, const Schema& schema, absl::Duration wait) {
  ZHUQI_RETURN_IF_ERROR(connection.ExecuteDdl(kCreateTable));
  ZHUQI_RETURN_IF_ERROR(connection
                            .Execute("INSERT IGNORE INTO schema_migrations (version, name, checksum, "
                                     "least_compatible, statements_done, "
                                     "started_at) VALUES (0, 'lease', '', 0, 0, UTC_TIMESTAMP(6))",
                                     {})
                            .status());
  MigrationLease lease(connection);
  ZHUQI_RETURN_IF_ERROR(lease.Take(wait));
  ZHUQI_ASSIGN_OR_RETURN(const History history, ReadHistory(connection));
  ZHUQI_RETURN_IF_ERROR(CheckChecksums(schema, history));
  ZHUQI_RETURN_IF_ERROR(CheckNewer(schema, history));
  for (const Migration& migration : schema.migrations()) {
    const auto found = history.find(migration.version);
    if (found != history.end() && found->second.finished) continue;
    ZHUQI_RETURN_IF_ERROR(
        Apply(connection, lease, schema, migration, found == history.end() ? nullptr : &found->second));
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(Connection& connection, const Schema& schema) {
  ZHUQI_ASSIGN_OR_RETURN(const History history, ReadHistory(connection));
  ZHUQI_RETURN_IF_ERROR(CheckChecksums(schema, history));
  if (const int version = FinishedVersion(history); version < schema.version()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the database of ", schema.service(), " is at schema version ", version, ", this program needs ",
        schema.version(), ": run `zhuqictl migrate ", schema.service(), "`"));
  }
  return CheckNewer(schema, history);
}

absl::StatusOr<int> AppliedVersion(Connection& connection) {
  ZHUQI_ASSIGN_OR_RETURN(const History history, ReadHistory(connection));
  return FinishedVersion(history);
}

}  // namespace zhuqi::db
