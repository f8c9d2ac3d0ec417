#include "common/db/connection.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/db/errors.h"
#include "common/db/test_support.h"
#include "gmock/gmock.h"

namespace zhuqi::db {
namespace {

using ::testing::HasSubstr;

class ConnectionTest : public DatabaseTest {
 protected:
  ConnectionTest() : connection_(Connect()) {}

  // What reading the only row of `sql` by `read` ends with.
  template <typename Read>
  absl::Status ReadOne(const std::string& sql, Read read) {
    return connection_->Query(sql, {}, [&read](Row& row) {
      read(row);
      return absl::OkStatus();
    });
  }

  Lease connection_;
};

TEST_F(ConnectionTest, EveryTypeComesBackAsItWent) {
  ASSERT_EQ(
      database_.Run({"CREATE TABLE kinds (id INT PRIMARY KEY, big BIGINT, big_unsigned BIGINT UNSIGNED, "
                     "tiny TINYINT, fraction DOUBLE, words VARCHAR(50), bytes MEDIUMBLOB, uuid BINARY(16), "
                     "day DATE, at DATETIME(6)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"}),
      absl::OkStatus());
  const Uuid uuid = Uuid::NewV7(absl::FromUnixMillis(1700000000123));
  const absl::Time at = absl::FromUnixMicros(1709164800000007);
  const std::string bytes("\0\xff\xfe'\\\x00\x80", 7);
  const auto inserted =
      connection_->Execute("INSERT INTO kinds VALUES (?,?,?,?,?,?,?,?,?,?)",
                           {1, std::numeric_limits<int64_t>::min(), uint64_t{9223372036854775807u}, true, 0.1,
                            "助企 ✓ 𠮷", bytes, uuid, absl::CivilDay(2024, 2, 29), at});
  ASSERT_EQ(inserted.status(), absl::OkStatus());
  EXPECT_EQ(*inserted, 1);
  int rows = 0;
  EXPECT_EQ(
      connection_->Query("SELECT big, big_unsigned, tiny, fraction, words, bytes, uuid, day, at FROM kinds "
                         "WHERE uuid = ? AND at = ? AND day = ?",
                         {uuid, at, absl::CivilDay(2024, 2, 29)},
                         [&](Row& row) {
                           ++rows;
                           EXPECT_EQ(row.column_count(), 9);
                           EXPECT_EQ(row.Int64(0), std::numeric_limits<int64_t>::min());
                           EXPECT_EQ(row.Int64(1), 9223372036854775807);
                           EXPECT_TRUE(row.Bool(2));
                           EXPECT_EQ(row.Double(3), 0.1);
                           EXPECT_EQ(row.Text(4), "助企 ✓ 𠮷");
                           EXPECT_EQ(row.Text(5), bytes);
                           EXPECT_EQ(row.ReadUuid(6), uuid);
                           EXPECT_EQ(row.Day(7), absl::CivilDay(2024, 2, 29));
                           EXPECT_EQ(row.Time(8), at);
                           return absl::OkStatus();
                         }),
      absl::OkStatus());
  EXPECT_EQ(rows, 1);
}

TEST_F(ConnectionTest, ABlobOfSeveralMegabytesIsNotCut) {
  ASSERT_EQ(database_.Run({"CREATE TABLE blobs (id INT PRIMARY KEY, bytes MEDIUMBLOB)"}), absl::OkStatus());
  std::string bytes(3 << 20, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 + (i >> 8));
  ASSERT_EQ(connection_->Execute("INSERT INTO blobs VALUES (?,?)", {1, bytes}).status(), absl::OkStatus());
  ASSERT_EQ(connection_->Execute("INSERT INTO blobs VALUES (?,?)", {2, nullptr}).status(), absl::OkStatus());
  ASSERT_EQ(connection_->Execute("INSERT INTO blobs VALUES (?,?)", {3, ""}).status(), absl::OkStatus());
  std::vector<std::optional<std::string>> read;
  ASSERT_EQ(connection_->Query("SELECT bytes FROM blobs ORDER BY id", {},
                               [&](Row& row) {
                                 read.push_back(row.OptionalText(0));
                                 return absl::OkStatus();
                               }),
            absl::OkStatus());
  ASSERT_EQ(read.size(), 3u);
  EXPECT_TRUE(read[0] == bytes);
  EXPECT_EQ(read[1], std::nullopt);
  EXPECT_EQ(read[2], "");
}

TEST_F(ConnectionTest, OneStatementTakesNullAndValuesInTurn) {
  ASSERT_EQ(database_.Run({"CREATE TABLE maybe (id INT PRIMARY KEY, note VARCHAR(20), at DATETIME(6))"}),
            absl::OkStatus());
  const std::string insert = "INSERT INTO maybe VALUES (?,?,?)";
  const absl::Time at = absl::FromUnixSeconds(1700000000);
  ASSERT_EQ(connection_->Execute(insert, {1, "first", at}).status(), absl::OkStatus());
  ASSERT_EQ(
      connection_->Execute(insert, {2, std::optional<std::string>(), std::optional<absl::Time>()}).status(),
      absl::OkStatus());
  ASSERT_EQ(connection_->Execute(insert, {3, 17, at}).status(), absl::OkStatus());
  ASSERT_EQ(
      connection_->Execute(insert, {4, std::optional<std::string>("last"), std::optional<absl::Time>(at)})
          .status(),
      absl::OkStatus());
  std::string read;
  ASSERT_EQ(connection_->Query("SELECT note, at FROM maybe ORDER BY id", {},
                               [&](Row& row) {
                                 absl::StrAppend(&read, row.OptionalText(0).value_or("NULL"),
                                                 row.OptionalTime(1).has_value() ? "@ " : " ");
                                 return absl::OkStatus();
                               }),
            absl::OkStatus());
  EXPECT_EQ(read, "first@ NULL 17@ last@ ");
}

TEST_F(ConnectionTest, NullIsNeverReadAsZero) {
  EXPECT_EQ(
      ReadOne("SELECT 1 AS a, CAST(NULL AS SIGNED) AS amount", [](Row& row) { EXPECT_EQ(row.Int64(1), 0); }),
      absl::DataLossError("column 1 (amount): NULL"));
  EXPECT_EQ(ReadOne("SELECT NULL AS note", [](Row& row) { row.Text(0); }).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadOne("SELECT CAST(NULL AS DATE) AS day", [](Row& row) { row.Day(0); }).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadOne("SELECT CAST(NULL AS DOUBLE) AS share", [](Row& row) { row.Double(0); }).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadOne("SELECT NULL AS note", [](Row& row) { EXPECT_TRUE(row.IsNull(0)); }), absl::OkStatus());
}

TEST_F(ConnectionTest, AnotherTypeIsRefusedInsteadOfConverted) {
  EXPECT_EQ(ReadOne("SELECT 'abc' AS name", [](Row& row) { row.Int64(0); }),
            absl::DataLossError("column 0 (name): not an integer"));
  EXPECT_EQ(ReadOne("SELECT '12' AS name", [](Row& row) { row.Int64(0); }).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadOne("SELECT 12 AS n", [](Row& row) { row.Text(0); }),
            absl::DataLossError("column 0 (n): not text"));
  EXPECT_EQ(ReadOne("SELECT 1.5e0 AS n", [](Row& row) { row.Int64(0); }).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadOne("SELECT 'x' AS uuid", [](Row& row) { row.ReadUuid(0); }),
            absl::DataLossError("column 0 (uuid): not 16 bytes"));
  EXPECT_EQ(ReadOne("SELECT 2 AS yes", [](Row& row) { row.Bool(0); }),
            absl::DataLossError("column 0 (yes): neither 0 nor 1"));
  EXPECT_EQ(ReadOne("SELECT NOW(6) AS at", [](Row& row) { row.Day(0); }).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadOne("SELECT CURDATE() AS day", [](Row& row) { row.Time(0); }).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadOne("SELECT 1 AS only", [](Row& row) { row.Int64(1); }),
            absl::DataLossError("column 1 (none): no such column"));
}

TEST_F(ConnectionTest, IntegersAreNotTruncated) {
  EXPECT_EQ(ReadOne("SELECT CAST(18446744073709551615 AS UNSIGNED) AS n", [](Row& row) { row.Int64(0); }),
            absl::DataLossError("column 0 (n): integer out of range"));
  EXPECT_EQ(ReadOne("SELECT 1.9 AS n", [](Row& row) { row.Int64(0); }),
            absl::DataLossError("column 0 (n): not an integer"));
  EXPECT_EQ(ReadOne("SELECT SUM(seq) AS n FROM seq_1_to_10", [](Row& row) { EXPECT_EQ(row.Int64(0), 55); }),
            absl::OkStatus());
  EXPECT_EQ(ReadOne("SELECT -5 AS n", [](Row& row) { EXPECT_EQ(row.Int64(0), -5); }), absl::OkStatus());
}

TEST_F(ConnectionTest, AValueThatItsColumnCannotHoldIsAnErrorAndTheConnectionStays) {
  ASSERT_EQ(database_.Run({"CREATE TABLE narrow (id TINYINT PRIMARY KEY, word VARCHAR(3), day DATE)"}),
            absl::OkStatus());
  const std::string insert = "INSERT INTO narrow VALUES (?,?,?)";
  EXPECT_EQ(DatabaseErrorNumber(connection_->Execute(insert, {300, "abc", nullptr}).status()), 1264);
  EXPECT_EQ(DatabaseErrorNumber(connection_->Execute(insert, {1, "abcd", nullptr}).status()), 1406);
  EXPECT_EQ(DatabaseErrorNumber(connection_->Execute(insert, {1, "abc", "2024-02-30"}).status()), 1292);
  EXPECT_EQ(DatabaseErrorNumber(connection_->Execute(insert, {1, "\xff\xfe", nullptr}).status()), 1366);
  EXPECT_FALSE(connection_->broken());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM narrow"), 0);
}

TEST_F(ConnectionTest, MatchedRowsCountAlsoWhenNothingChanges) {
  ASSERT_EQ(connection_->Execute("INSERT INTO items VALUES (1, 5)", {}).status(), absl::OkStatus());
  EXPECT_EQ(*connection_->Execute("UPDATE items SET amount = ? WHERE id = ?", {5, 1}), 1);
  EXPECT_EQ(*connection_->Execute("UPDATE items SET amount = ? WHERE id = ?", {5, 2}), 0);
}

TEST_F(ConnectionTest, ADuplicateKeyKeepsTheConnectionAndSaysNoData) {
  ASSERT_EQ(connection_->Execute("INSERT INTO items VALUES (?, ?)", {4711, 5}).status(), absl::OkStatus());
  const absl::Status status = connection_->Execute("INSERT INTO items VALUES (?, ?)", {4711, 6}).status();
  EXPECT_TRUE(DuplicateKey(status));
  EXPECT_EQ(status.message(), "database error 1062 (23000)");
  EXPECT_FALSE(connection_->broken());
}

TEST_F(ConnectionTest, AStatementOfTheOtherKindIsRefusedBeforeItRuns) {
  EXPECT_EQ(connection_->Execute("SELECT id FROM items", {}).status(),
            absl::InvalidArgumentError("Execute of a statement with rows"));
  EXPECT_EQ(ReadOne("INSERT INTO items VALUES (1, 1)", [](Row&) {}),
            absl::InvalidArgumentError("Query of a statement without rows"));
  EXPECT_EQ(connection_->Execute("INSERT INTO items VALUES (?, ?)", {1}).status(),
            absl::InvalidArgumentError("a statement with 2 parameters got 1 values"));
  for (const char* sql :
       {"BEGIN", " start transaction", "COMMIT", "set autocommit=0", "CALL p()", "ROLLBACK;"}) {
    EXPECT_EQ(connection_->Execute(sql, {}).status().code(), absl::StatusCode::kInvalidArgument) << sql;
    EXPECT_EQ(connection_->ExecuteDdl(sql).code(), absl::StatusCode::kInvalidArgument) << sql;
  }
  EXPECT_FALSE(connection_->broken());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 0);
}

TEST_F(ConnectionTest, StoppingInTheMiddleOfAnAnswerLeavesTheConnectionUsable) {
  int seen = 0;
  EXPECT_EQ(connection_->Query(
                "SELECT seq FROM seq_1_to_1000", {},
                [&seen](Row&) { return ++seen == 2 ? absl::CancelledError("enough") : absl::OkStatus(); }),
            absl::CancelledError("enough"));
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(
      ReadOne("SELECT seq FROM seq_1_to_1000 WHERE seq = 7", [](Row& row) { EXPECT_EQ(row.Int64(0), 7); }),
      absl::OkStatus());
  EXPECT_EQ(*connection_->Execute("INSERT INTO items VALUES (1, 1)", {}), 1);
}

TEST_F(ConnectionTest, TheCacheGivesUpTheLeastRecentlyUsedStatement) {
  PoolOptions options = database_.options(1);
  options.statement_cache_size = 3;
  absl::StatusOr<std::unique_ptr<Connection>> small = Connection::Open(options);
  ASSERT_EQ(small.status(), absl::OkStatus());
  const auto prepared_on_server = [&small] {
    int64_t count = 0;
    EXPECT_EQ((*small)->Query("SELECT variable_value + 0e0 FROM information_schema.session_status WHERE "
                              "variable_name = 'COM_STMT_PREPARE'",
                              {},
                              [&count](Row& row) {
                                count = static_cast<int64_t>(row.Double(0));
                                return absl::OkStatus();
                              }),
              absl::OkStatus());
    return count;
  };
  const auto ask = [&small](int which) {
    EXPECT_EQ((*small)->Query(absl::StrCat("SELECT ", which, " + ?"), {1},
                              [which](Row& row) {
                                EXPECT_EQ(row.Int64(0), which + 1);
                                return absl::OkStatus();
                              }),
              absl::OkStatus());
  };
  prepared_on_server();
  ask(1);
  ask(2);
  const int64_t before = prepared_on_server();
  ask(1);
  ask(2);
  EXPECT_EQ(prepared_on_server(), before);  // all three kept
  ask(3);                                   // gives up 1
  ask(1);                                   // prepared again
  EXPECT_EQ((*small)->cached_statements(), 3);
  EXPECT_GE(prepared_on_server(), before + 2);
  for (int i = 0; i < 50; ++i) ask(i);
  EXPECT_EQ((*small)->cached_statements(), 3);
}

TEST_F(ConnectionTest, ACachedStatementOutlivesAlterTable) {
  ASSERT_EQ(connection_->Execute("INSERT INTO items VALUES (1, 10)", {}).status(), absl::OkStatus());
  const auto read_listed = [this] {
    return ReadOne("SELECT id, amount FROM items", [](Row& row) { EXPECT_EQ(row.Int64(1), 10); });
  };
  // A column list is the rule; the shape of * changes, and the connector reports that once.
  int columns = 0;
  const auto read_all = [&] {
    return ReadOne("SELECT * FROM items", [&](Row& row) { columns = row.column_count(); });
  };
  ASSERT_EQ(read_listed(), absl::OkStatus());
  ASSERT_EQ(read_all(), absl::OkStatus());
  ASSERT_EQ(database_.Run({"ALTER TABLE items ADD COLUMN note VARCHAR(10) NOT NULL DEFAULT 'new' FIRST",
                           "ALTER TABLE items MODIFY COLUMN amount BIGINT NOT NULL"}),
            absl::OkStatus());
  EXPECT_EQ(read_listed(), absl::OkStatus());
  EXPECT_EQ(read_all(), absl::OkStatus());
  EXPECT_EQ(columns, 3);
  EXPECT_FALSE(connection_->broken());
  EXPECT_EQ(*connection_->Execute("INSERT INTO items (id, amount) VALUES (?, ?)", {2, 5000000000}), 1);
}

TEST_F(ConnectionTest, TheSessionIsStrictInUtcAndReadCommitted) {
  EXPECT_EQ(ReadOne("SELECT @@time_zone, @@sql_mode, @@tx_isolation, @@character_set_client, @@autocommit, "
                    "@@innodb_lock_wait_timeout",
                    [](Row& row) {
                      EXPECT_EQ(row.Text(0), "+00:00");
                      EXPECT_THAT(row.Text(1), HasSubstr("STRICT_ALL_TABLES"));
                      EXPECT_EQ(row.Text(2), "READ-COMMITTED");
                      EXPECT_EQ(row.Text(3), "utf8mb4");
                      EXPECT_EQ(row.Int64(4), 1);
                      EXPECT_EQ(row.Int64(5), 5);
                    }),
            absl::OkStatus());
}

TEST_F(ConnectionTest, LoadDataLocalIsRefused) {
  EXPECT_FALSE(connection_->ExecuteDdl("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE items").ok());
}

TEST_F(ConnectionTest, AStatementFarPastItsDeadlineIsEndedByTheServer) {
  connection_->LimitStatements(absl::Now() + absl::Milliseconds(10));
  const absl::Status status = ReadOne("SELECT SLEEP(20)", [](Row&) {});
  EXPECT_EQ(status, absl::DeadlineExceededError("database error 1969 (70100)"));
  EXPECT_FALSE(connection_->broken());
}

TEST_F(ConnectionTest, StatementLimitsAreSentOnlyWhenTheStepChanges) {
  const auto limit_and_questions = [this] {
    std::pair<double, int64_t> result;
    EXPECT_EQ(ReadOne("SELECT @@max_statement_time, CAST(variable_value AS SIGNED) FROM "
                      "information_schema.session_status WHERE variable_name = 'COM_SET_OPTION'",
                      [&result](Row& row) {
                        result = {row.Double(0), row.Int64(1)};
                      }),
              absl::OkStatus());
    return result;
  };
  const auto [without, sets] = limit_and_questions();
  EXPECT_EQ(without, 30.0);
  connection_->LimitStatements(absl::Now() + absl::Milliseconds(3900));
  EXPECT_EQ(limit_and_questions(), std::make_pair(4.0, sets + 1));
  connection_->LimitStatements(absl::Now() + absl::Milliseconds(3500));
  EXPECT_EQ(limit_and_questions(), std::make_pair(4.0, sets + 1));
  connection_->LimitStatements(absl::Now() + absl::Hours(3));
  EXPECT_EQ(limit_and_questions(), std::make_pair(30.0, sets + 2));
  connection_->LimitStatements(absl::InfiniteFuture());
  EXPECT_EQ(limit_and_questions(), std::make_pair(30.0, sets + 2));
}

TEST_F(ConnectionTest, AKilledConnectionIsBrokenAndStaysSo) {
  ASSERT_EQ(Kill(connection_->server_side_id()), absl::OkStatus());
  EXPECT_EQ(ReadOne("SELECT 1", [](Row&) {}).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(connection_->broken());
  EXPECT_EQ(ReadOne("SELECT 1", [](Row&) {}), absl::UnavailableError("the database connection is broken"));
}

}  // namespace
}  // namespace zhuqi::db
