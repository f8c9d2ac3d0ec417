#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/db/migrations.h"

namespace zhuqi::db {
namespace {

constexpr absl::string_view kLeastCompatible = "-- least-compatible:";
constexpr absl::string_view kVerify = "-- verify:";

// "0001_records.sql" into 1 and "records".
bool ParseFileName(absl::string_view file_name, Migration& migration) {
  if (!absl::ConsumeSuffix(&file_name, ".sql") || file_name.size() < 6 || file_name[4] != '_') return false;
  if (!absl::SimpleAtoi(file_name.substr(0, 4), &migration.version) || migration.version < 1) return false;
  migration.name = std::string(file_name.substr(5));
  return true;
}

// Header lines are the comments before the first statement; other comments there are prose. Statements end
// with a semicolon at the end of a line, so that texts within them may contain semicolons.
void ParseContent(absl::string_view content, Migration& migration) {
  std::vector<absl::string_view> statement;
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    if (statement.empty() && absl::StartsWith(line, "--")) {
      if (!migration.statements.empty()) continue;
      if (absl::ConsumePrefix(&line, kLeastCompatible)) {
        if (!absl::SimpleAtoi(line, &migration.least_compatible)) migration.least_compatible = 0;
      } else if (absl::ConsumePrefix(&line, kVerify)) {
        migration.verification_query = std::string(absl::StripAsciiWhitespace(line));
      }
      continue;
    }
    if (statement.empty() && line.empty()) continue;
    const bool ends = absl::ConsumeSuffix(&line, ";");
    statement.push_back(line);
    if (!ends) continue;
    migration.statements.push_back(absl::StrJoin(statement, "\n"));
    statement.clear();
  }
  // A statement without its semicolon is still a statement: better run than lost.
  if (!statement.empty()) migration.statements.push_back(absl::StrJoin(statement, "\n"));
}

absl::StatusOr<Migration> ParseFile(const SchemaFile& file) {
  const auto wrong = [&file](absl::string_view fault) {
    return absl::InvalidArgumentError(absl::StrCat(file.file_name, ": ", fault));
  };
  Migration migration;
  if (!ParseFileName(file.file_name, migration)) return wrong("the name is not NNNN_name.sql");
  ParseContent(file.content, migration);
  migration.checksum = absl::BytesToHexString(Sha256(file.content));
  if (migration.least_compatible < 1 || migration.least_compatible > migration.version) {
    return wrong("-- least-compatible: must be a version from 1 to the file's own");
  }
  if (migration.verification_query.empty()) return wrong("-- verify: is missing");
  if (migration.statements.empty()) return wrong("there is no statement");
  return migration;
}

}  // namespace

absl::StatusOr<Schema> Schema::Parse(absl::string_view service, absl::Span<const SchemaFile> files) {
  std::vector<Migration> migrations;
  for (const SchemaFile& file : files) {
    ZHUQI_ASSIGN_OR_RETURN(Migration migration, ParseFile(file));
    migrations.push_back(std::move(migration));
  }
  std::sort(migrations.begin(), migrations.end(),
            [](const Migration& left, const Migration& right) { return left.version < right.version; });
  for (size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<int>(i) + 1) {
      return absl::InvalidArgumentError(absl::StrCat("the migrations of ", service,
                                                     " must count from 0001 without a gap; found ",
                                                     migrations[i].version, " in place ", i + 1));
    }
  }
  return Schema(std::string(service), std::move(migrations));
}

Schema Schema::ParseOrDie(absl::string_view service, absl::Span<const SchemaFile> files) {
  absl::StatusOr<Schema> schema = Parse(service, files);
  if (!schema.ok()) {
    std::fprintf(stderr, "built-in schema: %s\n", std::string(schema.status().message()).c_str());
    std::abort();
  }
  return *std::move(schema);
}

}  // namespace zhuqi::db
