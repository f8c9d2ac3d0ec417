#include "common/db/multi_row.h"

#include <set>

#include "common/db/errors.h"
#include "common/db/test_support.h"

namespace zhuqi::db {
namespace {

class MultiRowTest : public DatabaseTest {
 protected:
  MultiRowTest() : connection_(Connect()) {}
  Lease connection_;
};

TEST_F(MultiRowTest, EveryNumberOfRowsArrivesByFewStatements) {
  int id = 0;
  for (const int rows : {0, 1, 2, 3, 255, 256, 257, 1000}) {
    MultiRowInsert insert("items", {"id", "amount"});
    for (int i = 0; i < rows; ++i) insert.Add({++id, rows});
    const absl::StatusOr<int64_t> matched = insert.Run(*connection_);
    ASSERT_EQ(matched.status(), absl::OkStatus());
    EXPECT_EQ(*matched, rows);
    EXPECT_TRUE(insert.empty());
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), id);
}

TEST_F(MultiRowTest, AConnectionMeetsFewTextsWhateverTheNumbersOfRows) {
  int id = 0;
  for (int rows = 1; rows <= 300; ++rows) {
    MultiRowInsert insert("items", {"id", "amount"});
    for (int i = 0; i < rows; ++i) insert.Add({++id, rows});
    ASSERT_EQ(insert.Run(*connection_).status(), absl::OkStatus());
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), id);
  // 1 to 8, 10, 12, 14, 16, 20 and so on to 256 rows, and the statement that asked for the connection's id.
  EXPECT_EQ(connection_->cached_statements(), 29);
}

TEST_F(MultiRowTest, TheSuffixUpdatesWhatIsThere) {
  MultiRowInsert insert("items", {"id", "amount"}, "ON DUPLICATE KEY UPDATE amount = VALUES(amount)");
  insert.Add({1, 10});
  insert.Add({2, 20});
  EXPECT_EQ(*insert.Run(*connection_), 2);
  insert.Add({2, 21});
  insert.Add({3, 30});
  EXPECT_EQ(*insert.Run(*connection_), 3);
  EXPECT_EQ(Number("SELECT SUM(amount) FROM items"), 61);
}

TEST_F(MultiRowTest, ADuplicateKeyAnywhereFailsTheStatement) {
  MultiRowInsert insert("items", {"id", "amount"});
  insert.Add({1, 1});
  insert.Add({2, 1});
  insert.Add({1, 1});
  insert.Add({3, 1});
  EXPECT_TRUE(DuplicateKey(insert.Run(*connection_).status()));
  EXPECT_EQ(insert.rows(), 4u);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 0);
}

TEST_F(MultiRowTest, ARowOfTheWrongWidthIsRefused) {
  MultiRowInsert insert("items", {"id", "amount"});
  insert.Add({1});
  insert.Add({1, 2, 3});
  EXPECT_EQ(insert.Run(*connection_).status(), absl::InvalidArgumentError("a row without 2 values"));
}

TEST_F(MultiRowTest, LargeRowsAreSpreadOverStatementsThatFitAPacket) {
  ASSERT_EQ(database_.Run({"CREATE TABLE blobs (id INT PRIMARY KEY, bytes MEDIUMBLOB)"}), absl::OkStatus());
  MultiRowInsert insert("blobs", {"id", "bytes"});
  for (int i = 0; i < 90; ++i) insert.Add({i, std::string(1 << 20, static_cast<char>(i))});
  ASSERT_EQ(*insert.Run(*connection_), 90);
  EXPECT_EQ(Number("SELECT SUM(LENGTH(bytes)) FROM blobs"), int64_t{90} << 20);
}

TEST_F(MultiRowTest, ManyKeysAreFoundEachOnce) {
  MultiRowInsert insert("items", {"id", "amount"});
  for (int i = 0; i < 700; ++i) insert.Add({i, i * 2});
  ASSERT_EQ(*insert.Run(*connection_), 700);
  for (const int count : {0, 1, 3, 256, 257, 600}) {
    std::vector<Values> single, pairs;
    for (int i = 0; i < count; ++i) {
      single.push_back({i * 2});
      pairs.push_back({i, i * 2});
    }
    std::multiset<int64_t> found;
    const auto collect = [&found](Row& row) {
      found.insert(row.Int64(0));
      return absl::OkStatus();
    };
    ASSERT_EQ(SelectByKeys(*connection_, "SELECT id FROM items WHERE (id, amount) IN", 2, pairs, collect),
              absl::OkStatus());
    EXPECT_EQ(found.size(), static_cast<size_t>(count));
    found.clear();
    ASSERT_EQ(SelectByKeys(*connection_, "SELECT id FROM items WHERE id IN", 1, single, collect,
                           " ORDER BY id FOR UPDATE"),
              absl::OkStatus());
    EXPECT_EQ(found.size(), static_cast<size_t>(std::min(count, 350)));
  }
}

TEST_F(MultiRowTest, AKeyOfTheWrongWidthIsRefused) {
  EXPECT_EQ(SelectByKeys(*connection_, "SELECT id FROM items WHERE (id, amount) IN", 2, {{1, 2}, {1}},
                         [](Row&) { return absl::OkStatus(); }),
            absl::InvalidArgumentError("a key without 2 values"));
}

}  // namespace
}  // namespace zhuqi::db
