// For the tests of common/db.
#ifndef ZHUQI_COMMON_DB_TEST_SUPPORT_H_
#define ZHUQI_COMMON_DB_TEST_SUPPORT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/pool.h"
#include "common/testing/test_database.h"
#include "gtest/gtest.h"

namespace zhuqi::db {

// A database with a table `items (id INT PRIMARY KEY, amount INT)`, and a pool on it.
class DatabaseTest : public ::testing::Test {
 protected:
  explicit DatabaseTest(int connections = 4) {
    EXPECT_EQ(database_.Run({"CREATE TABLE items (id INT NOT NULL, amount INT NOT NULL, PRIMARY KEY (id)) "
                             "ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"}),
              absl::OkStatus());
    pool_ = MakePool(database_.options(connections));
  }

  static std::unique_ptr<Pool> MakePool(const PoolOptions& options) {
    absl::StatusOr<std::unique_ptr<Pool>> pool = Pool::Create(options);
    EXPECT_EQ(pool.status(), absl::OkStatus());
    return *std::move(pool);
  }

  Lease Connect() {
    absl::StatusOr<Lease> lease = pool_->Acquire(absl::InfiniteFuture());
    EXPECT_EQ(lease.status(), absl::OkStatus());
    return *std::move(lease);
  }

  // The one number that `sql` answers with; -1 for no row.
  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    EXPECT_EQ(Connect()->Query(sql, {},
                               [&number](Row& row) {
                                 number = row.Int64(0);
                                 return absl::OkStatus();
                               }),
              absl::OkStatus());
    return number;
  }

  // Ends a session and waits until it is gone.
  absl::Status Kill(int64_t server_side_id) {
    absl::Status status = Connect()->Execute(absl::StrCat("KILL ", server_side_id), {}).status();
    while (Number(absl::StrCat("SELECT COUNT(*) FROM information_schema.processlist WHERE id = ",
                               server_side_id)) > 0) {
    }
    return status;
  }

  // Waits until another session waits for a row lock.
  void AwaitLockWait() {
    while (Number("SELECT COUNT(*) FROM information_schema.innodb_lock_waits w JOIN "
                  "information_schema.innodb_trx t "
                  "ON t.trx_id = w.requesting_trx_id JOIN information_schema.processlist p "
                  "ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE()") == 0) {
    }
  }

  testing::TestDatabase database_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_TEST_SUPPORT_H_
