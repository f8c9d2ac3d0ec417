// The schema of one service: numbered files, applied in order, each able to run again after a crash.
//
//   -- least-compatible: 2          programs built for version 2 and up still work with this version
//   -- verify: SELECT COUNT(*) = 1 FROM information_schema.tables WHERE …
//   CREATE TABLE …;                 statements end with a semicolon at the end of a line; one DDL each
//
// File names are NNNN_name.sql, from 0001 without a gap. A file that was released never changes.
#ifndef ZHUQI_COMMON_DB_MIGRATIONS_H_
#define ZHUQI_COMMON_DB_MIGRATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/connection.h"

namespace zhuqi::db {

struct Migration {
  int version = 0;
  // The oldest program, by the version it was built for, that works with a database at this version.
  int least_compatible = 0;
  // What follows the number in the file name.
  std::string name;
  std::vector<std::string> statements;
  // Gives exactly one row with the value 1 when the migration is complete.
  std::string verification_query;
  // SHA-256 of the file, 64 hexadecimal digits.
  std::string checksum;
};

struct SchemaFile {
  // "0001_records.sql".
  absl::string_view file_name;
  absl::string_view content;
};

class Schema {
 public:
  // `service` is what messages and the command call it ("intake"). InvalidArgument names the file and the
  // fault.
  static absl::StatusOr<Schema> Parse(absl::string_view service, absl::Span<const SchemaFile> files);
  // For schemas built into the program: a fault ends it with a message.
  static Schema ParseOrDie(absl::string_view service, absl::Span<const SchemaFile> files);

  const std::string& service() const { return service_; }
  const std::vector<Migration>& migrations() const { return migrations_; }
  // The highest version; 0 when there are no migrations.
  int version() const { return static_cast<int>(migrations_.size()); }

 private:
  Schema(std::string service, std::vector<Migration> migrations)
      : service_(std::move(service)), migrations_(std::move(migrations)) {}
  std::string service_;
  std::vector<Migration> migrations_;
};

// Brings the database to `schema`'s version, going on where an earlier run stopped. Only one process migrates
// at a time: the others wait up to `wait` for it, then Unavailable. FailedPrecondition when an applied
// migration's file was changed, or its verification fails. A newer database that accepts this schema is left
// as it is. Use a connection without a read timeout: rebuilding a table takes its time.
absl::Status Migrate(Connection& connection, const Schema& schema, absl::Duration wait = absl::Minutes(5));

// OK when a program built for `schema` may use this database. FailedPrecondition, with the command to run,
// when it is older or half migrated; FailedPrecondition when it is newer and no longer accepts this version.
absl::Status CheckSchema(Connection& connection, const Schema& schema);

// The highest version completely applied; 0 for an empty database.
absl::StatusOr<int> AppliedVersion(Connection& connection);

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_MIGRATIONS_H_
