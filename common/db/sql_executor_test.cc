#include "common/db/sql_executor.h"

#include "absl/synchronization/notification.h"
#include "common/db/test_support.h"

namespace zhuqi::db {
namespace {

class SqlExecutorTest : public DatabaseTest {
 protected:
  using Result = absl::StatusOr<int64_t>;
  using Work = std::function<Result(Connection&)>;

  // Starts `work`; the returned future is told by the executor.
  struct Pending {
    absl::Notification finished;
    Result result = absl::UnknownError("not told");
    Result Get() {
      finished.WaitForNotification();
      return result;
    }
  };
  static std::shared_ptr<Pending> Start(Task<Result> task) {
    auto pending = std::make_shared<Pending>();
    Spawn(std::move(task), [pending](std::optional<Result> result, std::exception_ptr) {
      pending->result = *std::move(result);
      pending->finished.Notify();
    });
    return pending;
  }
  static Result Count(Connection& connection) {
    int64_t count = -1;
    const absl::Status status = connection.Query("SELECT COUNT(*) FROM items", {}, [&count](Row& row) {
      count = row.Int64(0);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return count;
  }
};

TEST_F(SqlExecutorTest, RunsWorkAndGivesTheConnectionBackBeforeItTells) {
  SqlExecutor executor(pool_.get(), 2, 10);
  EXPECT_EQ(*Start(executor.Run<int64_t>(absl::InfiniteFuture(), Count))->Get(), 0);
  EXPECT_EQ(*Start(executor.RunInTransaction<int64_t>(absl::InfiniteFuture(), {},
                                                      [](Transaction& transaction) {
                                                        return transaction.Execute(
                                                            "INSERT INTO items VALUES (1, 1)", {});
                                                      }))
                 ->Get(),
            1);
  EXPECT_EQ(*Start(executor.Run<int64_t>(absl::InfiniteFuture(), Count))->Get(), 1);
  EXPECT_EQ(pool_->stats().in_use, 0);
}

TEST_F(SqlExecutorTest, AFailedTransactionIsRolledBackAndToldAsItsError) {
  SqlExecutor executor(pool_.get(), 1, 10);
  EXPECT_EQ(Start(executor.RunInTransaction<int64_t>(
                      absl::InfiniteFuture(), {},
                      [](Transaction& transaction) -> Result {
                        EXPECT_TRUE(transaction.Execute("INSERT INTO items VALUES (1, 1)", {}).ok());
                        return absl::NotFoundError("no such case");
                      }))
                ->Get()
                .status(),
            absl::NotFoundError("no such case"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 0);
}

TEST_F(SqlExecutorTest, AFullQueueRefusesAndALateStartIsExpired) {
  absl::Notification entered, release;
  SqlExecutor executor(pool_.get(), 1, 2);
  const auto running = Start(executor.Run<int64_t>(absl::InfiniteFuture(), [&](Connection&) -> Result {
    entered.Notify();
    release.WaitForNotification();
    return 7;
  }));
  entered.WaitForNotification();
  const auto late = Start(executor.Run<int64_t>(absl::Now() - absl::Milliseconds(1), Count));
  const auto waiting = Start(executor.Run<int64_t>(absl::InfiniteFuture(), Count));
  EXPECT_EQ(executor.stats().queued, 2u);
  EXPECT_EQ(Start(executor.Run<int64_t>(absl::InfiniteFuture(), Count))->Get().status(),
            absl::ResourceExhaustedError("too many calls wait for the database"));
  release.Notify();
  EXPECT_EQ(*running->Get(), 7);
  EXPECT_EQ(late->Get().status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(*waiting->Get(), 0);
  EXPECT_EQ(executor.stats().refused, 1);
  EXPECT_EQ(executor.stats().expired, 1);
  EXPECT_EQ(executor.stats().begun, 2);
}

TEST_F(SqlExecutorTest, StatementsEndNotLongAfterTheDeadlineAndTheNextUserIsFree) {
  SqlExecutor executor(pool_.get(), 1, 10);
  const auto slow = [](Connection& connection) -> Result {
    const absl::Status status =
        connection.Query("SELECT SLEEP(20)", {}, [](Row&) { return absl::OkStatus(); });
    if (!status.ok()) return status;
    return 0;
  };
  EXPECT_EQ(Start(executor.Run<int64_t>(absl::Now() + absl::Milliseconds(100), slow))->Get().status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Number("SELECT CAST(@@max_statement_time AS SIGNED)"), 30);
}

TEST_F(SqlExecutorTest, AfterStopItRefuses) {
  SqlExecutor executor(pool_.get(), 1, 10);
  const auto before = Start(executor.Run<int64_t>(absl::InfiniteFuture(), Count));
  executor.Stop();
  EXPECT_EQ(*before->Get(), 0);
  EXPECT_EQ(Start(executor.Run<int64_t>(absl::InfiniteFuture(), Count))->Get().status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace zhuqi::db
