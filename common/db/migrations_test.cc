#include "common/db/migrations.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "common/db/test_support.h"
#include "dbtest_schema.h"
#include "gmock/gmock.h"

namespace zhuqi::db {
namespace {

using ::testing::HasSubstr;

constexpr char kFirst[] =
    "-- least-compatible: 1\n"
    "-- verify: SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND "
    "table_name = 'visits' AND column_name = 'note'\n"
    "CREATE TABLE visits (id INT NOT NULL PRIMARY KEY);\n"
    "ALTER TABLE visits ADD COLUMN note VARCHAR(20);\n"
    "INSERT INTO visits VALUES (1, 'seed');\n";

std::string Next(int version, int least_compatible) {
  return absl::StrCat("-- least-compatible: ", least_compatible, "\n-- verify: SELECT 1\nCREATE TABLE extra_",
                      version, " (id INT NOT NULL PRIMARY KEY);\n");
}

Schema MakeSchema(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  std::vector<SchemaFile> parts;
  for (size_t i = 0; i < files.size(); ++i) names.push_back(absl::StrCat("000", i + 1, "_step.sql"));
  for (size_t i = 0; i < files.size(); ++i) parts.push_back({names[i], files[i]});
  return Schema::ParseOrDie("intake", parts);
}

class MigrationsTest : public DatabaseTest {
 protected:
  MigrationsTest() : connection_(Connect()) {}
  absl::Status RunSql(const std::string& sql) { return connection_->ExecuteDdl(sql); }
  Lease connection_;
};

TEST_F(MigrationsTest, AnEmptyDatabaseIsOlderAndSaysWhatToRun) {
  const Schema schema = MakeSchema({kFirst});
  EXPECT_EQ(CheckSchema(*connection_, schema),
            absl::FailedPreconditionError("the database of intake is at schema version 0, this program needs "
                                          "1: run `zhuqictl migrate intake`"));
  ASSERT_EQ(Migrate(*connection_, schema), absl::OkStatus());
  EXPECT_EQ(CheckSchema(*connection_, schema), absl::OkStatus());
  EXPECT_EQ(*AppliedVersion(*connection_), 1);
  EXPECT_EQ(Migrate(*connection_, schema), absl::OkStatus());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM visits"), 1);
}

TEST_F(MigrationsTest, TheEmbeddedSchemaIsTheFilesOfItsDirectory) {
  EXPECT_EQ(DbTestSchema().service(), "dbtest");
  ASSERT_EQ(DbTestSchema().version(), 1);
  EXPECT_EQ(DbTestSchema().migrations()[0].name, "idempotency");
  ASSERT_EQ(Migrate(*connection_, DbTestSchema()), absl::OkStatus());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM idempotency_keys"), 0);
}

TEST_F(MigrationsTest, RunsOnAfterACrashAtEveryPoint) {
  const Schema schema = MakeSchema({kFirst});
  // `done` statements had taken effect and `recorded` of them had been noted when the process died.
  for (const auto& [done, recorded] :
       std::vector<std::pair<int, int>>{{0, 0}, {1, 0}, {1, 1}, {2, 1}, {2, 2}, {3, 2}, {3, 3}}) {
    SCOPED_TRACE(absl::StrCat(done, " done, ", recorded, " recorded"));
    ASSERT_EQ(RunSql("DROP TABLE IF EXISTS visits"), absl::OkStatus());
    ASSERT_EQ(RunSql("DROP TABLE IF EXISTS schema_migrations"), absl::OkStatus());
    ASSERT_EQ(Migrate(*connection_, MakeSchema({})), absl::OkStatus());
    for (int i = 0; i < done; ++i) {
      ASSERT_EQ(RunSql(schema.migrations()[0].statements[static_cast<size_t>(i)]), absl::OkStatus());
    }
    ASSERT_EQ(
        RunSql(absl::StrCat("INSERT INTO schema_migrations (version, name, checksum, least_compatible, "
                            "statements_done, started_at) VALUES (1, 'step', '",
                            schema.migrations()[0].checksum, "', 1, ", recorded, ", UTC_TIMESTAMP(6))")),
        absl::OkStatus());
    EXPECT_EQ(CheckSchema(*connection_, schema).code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Migrate(*connection_, schema), absl::OkStatus());
    EXPECT_EQ(CheckSchema(*connection_, schema), absl::OkStatus());
    EXPECT_EQ(Number("SELECT COUNT(*) FROM visits WHERE note = 'seed'"), 1);
  }
}

TEST_F(MigrationsTest, AnObjectThatIsThereWithoutACrashIsAnError) {
  ASSERT_EQ(RunSql("CREATE TABLE visits (id INT NOT NULL PRIMARY KEY)"), absl::OkStatus());
  const absl::Status status = Migrate(*connection_, MakeSchema({kFirst}));
  EXPECT_EQ(status,
            absl::InternalError("migration 1_step of intake, statement 1: database error 1050 (42S01)"));
}

TEST_F(MigrationsTest, AFailedVerificationLeavesTheMigrationUnfinished) {
  const Schema schema =
      MakeSchema({"-- least-compatible: 1\n-- verify: SELECT 0\nCREATE TABLE IF NOT EXISTS a (id INT);"});
  EXPECT_THAT(std::string(Migrate(*connection_, schema).message()), HasSubstr("verification"));
  EXPECT_EQ(*AppliedVersion(*connection_), 0);
  const Schema no_row = MakeSchema(
      {"-- least-compatible: 1\n-- verify: SELECT 1 FROM a\nCREATE TABLE IF NOT EXISTS a (id INT);"});
  ASSERT_EQ(RunSql("DROP TABLE schema_migrations"), absl::OkStatus());
  EXPECT_EQ(Migrate(*connection_, no_row).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MigrationsTest, AFileThatWasChangedAfterwardsIsRefused) {
  ASSERT_EQ(Migrate(*connection_, MakeSchema({kFirst})), absl::OkStatus());
  const Schema changed = MakeSchema({std::string(kFirst) + "-- afterthought\n"});
  const absl::Status expected =
      absl::FailedPreconditionError("migration 1_step of intake was changed after it was applied");
  EXPECT_EQ(Migrate(*connection_, changed), expected);
  EXPECT_EQ(CheckSchema(*connection_, changed), expected);
}

TEST_F(MigrationsTest, ANewerDatabaseIsAcceptedUntilItNoLongerAcceptsUs) {
  const Schema old = MakeSchema({kFirst});
  ASSERT_EQ(Migrate(*connection_, MakeSchema({kFirst, Next(2, 1)})), absl::OkStatus());
  EXPECT_EQ(CheckSchema(*connection_, old), absl::OkStatus());
  EXPECT_EQ(Migrate(*connection_, old), absl::OkStatus());
  ASSERT_EQ(Migrate(*connection_, MakeSchema({kFirst, Next(2, 1), Next(3, 2)})), absl::OkStatus());
  const absl::Status expected = absl::FailedPreconditionError(
      "the database of intake is at schema version 3, which needs a program built for "
      "version 2 or later; this one is for 1");
  EXPECT_EQ(CheckSchema(*connection_, old), expected);
  EXPECT_EQ(Migrate(*connection_, old), expected);
  EXPECT_EQ(CheckSchema(*connection_, MakeSchema({kFirst, Next(2, 1)})), absl::OkStatus());
}

TEST_F(MigrationsTest, TwoProcessesAtOnceApplyEachStatementOnce) {
  std::vector<std::string> files = {kFirst};
  for (int version = 2; version <= 6; ++version) files.push_back(Next(version, 1));
  const Schema schema = MakeSchema(files);
  std::vector<std::thread> processes;
  std::vector<absl::Status> results(4, absl::UnknownError(""));
  for (absl::Status& result : results) {
    processes.emplace_back([&] {
      const absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(database_.options());
      result = Migrate(**connection, schema);
    });
  }
  for (std::thread& process : processes) process.join();
  for (const absl::Status& result : results) EXPECT_EQ(result, absl::OkStatus());
  EXPECT_EQ(CheckSchema(*connection_, schema), absl::OkStatus());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM visits"), 1);
}

TEST_F(MigrationsTest, ALeaseThatIsHeldMakesOthersWaitAndOneThatRanOutDoesNot) {
  ASSERT_EQ(Migrate(*connection_, MakeSchema({})), absl::OkStatus());
  const std::string hold =
      "UPDATE schema_migrations SET lease_holder = 'somebody else 16', lease_until = "
      "UTC_TIMESTAMP(6) + INTERVAL ";
  ASSERT_EQ(RunSql(hold + "1 HOUR WHERE version = 0"), absl::OkStatus());
  EXPECT_EQ(Migrate(*connection_, MakeSchema({kFirst}), absl::ZeroDuration()),
            absl::UnavailableError("another process is migrating the database"));
  ASSERT_EQ(RunSql(hold + "-1 SECOND WHERE version = 0"), absl::OkStatus());
  EXPECT_EQ(Migrate(*connection_, MakeSchema({kFirst}), absl::ZeroDuration()), absl::OkStatus());
}

}  // namespace
}  // namespace zhuqi::db
