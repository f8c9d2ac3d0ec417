#include "common/db/migrations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::db {
namespace {

using ::testing::ElementsAre;

constexpr absl::string_view kGood = R"(-- Prose about why.
-- least-compatible: 1
-- verify: SELECT 1
CREATE TABLE a (
  -- a comment within a statement belongs to it
  note VARCHAR(9) DEFAULT 'x;y'
);

-- between statements
CREATE TABLE b (id INT);
)";

TEST(Schema, StatementsEndWithASemicolonAtTheEndOfALine) {
  const absl::StatusOr<Schema> schema = Schema::Parse("intake", {{"0001_first_tables.sql", kGood}});
  ASSERT_EQ(schema.status(), absl::OkStatus());
  ASSERT_EQ(schema->version(), 1);
  const Migration& migration = schema->migrations()[0];
  EXPECT_EQ(migration.name, "first_tables");
  EXPECT_EQ(migration.least_compatible, 1);
  EXPECT_EQ(migration.verification_query, "SELECT 1");
  EXPECT_THAT(migration.statements,
              ElementsAre("CREATE TABLE a (\n  -- a comment within a statement belongs to it\n"
                          "  note VARCHAR(9) DEFAULT 'x;y'\n)",
                          "CREATE TABLE b (id INT)"));
  EXPECT_EQ(migration.checksum.size(), 64u);
}

TEST(Schema, FilesMayComeInAnyOrderButWithoutAGap) {
  const std::string second = "-- least-compatible: 2\n-- verify: SELECT 1\nCREATE TABLE c (id INT);";
  EXPECT_EQ(Schema::Parse("intake", {{"0002_b.sql", second}, {"0001_a.sql", kGood}})->version(), 2);
  EXPECT_EQ(Schema::Parse("intake", {{"0002_b.sql", second}}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Schema::Parse("intake", {{"0001_b.sql", kGood}, {"0001_a.sql", kGood}}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Schema, AFaultNamesItsFile) {
  const auto fault = [](absl::string_view name, absl::string_view content) {
    return Schema::Parse("intake", {{name, content}}).status();
  };
  EXPECT_EQ(fault("1_a.sql", kGood), absl::InvalidArgumentError("1_a.sql: the name is not NNNN_name.sql"));
  EXPECT_EQ(fault("0001_a.sql", "-- verify: SELECT 1\nCREATE TABLE a (id INT);"),
            absl::InvalidArgumentError(
                "0001_a.sql: -- least-compatible: must be a version from 1 to the file's own"));
  EXPECT_EQ(fault("0001_a.sql", "-- least-compatible: 1\nCREATE TABLE a (id INT);"),
            absl::InvalidArgumentError("0001_a.sql: -- verify: is missing"));
  EXPECT_EQ(fault("0001_a.sql", "-- least-compatible: 1\n-- verify: SELECT 1\n"),
            absl::InvalidArgumentError("0001_a.sql: there is no statement"));
}

}  // namespace
}  // namespace zhuqi::db
