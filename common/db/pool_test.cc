#include "common/db/pool.h"

#include <thread>

#include "common/db/test_support.h"
#include "common/db/transaction.h"

namespace zhuqi::db {
namespace {

class PoolTest : public DatabaseTest {
 protected:
  PoolTest() : DatabaseTest(2) {}
};

TEST_F(PoolTest, WrongSettingsAreFoundAtOnce) {
  PoolOptions options = database_.options(1);
  options.database = "no_such_database";
  EXPECT_FALSE(Pool::Create(options).ok());
  options = database_.options(1);
  options.socket = "/nonexistent/mariadb.sock";
  EXPECT_EQ(Pool::Create(options).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Pool::Create(database_.options(0)).status().code(), absl::StatusCode::kInvalidArgument);
  options.host = "localhost";
  EXPECT_EQ(Pool::Create(options).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(PoolTest, AServerThatDoesNotLetUsInIsAwayAndNobodyIsNamed) {
  PoolOptions options = database_.options(1);
  options.user = "stranger";
  options.password = "secret";
  const absl::Status status = Pool::Create(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message().find("stranger"), absl::string_view::npos);
}

TEST_F(PoolTest, ConnectionsOpenWhenNeededAndAreUsedAgain) {
  EXPECT_EQ(pool_->stats().connects, 1);
  int64_t id = 0;
  {
    const Lease lease = Connect();
    id = lease->server_side_id();
    EXPECT_EQ(pool_->stats().in_use, 1);
  }
  EXPECT_EQ(Connect()->server_side_id(), id);
  {
    const Lease first = Connect();
    const Lease second = Connect();
    EXPECT_EQ(pool_->stats().connects, 2);
  }
  EXPECT_EQ(pool_->stats().idle, 2);
  EXPECT_EQ(pool_->stats().in_use, 0);
  EXPECT_EQ(pool_->stats().drops, 0);
}

TEST_F(PoolTest, AnEmptyPoolRefusesAfterTheCheckoutTimeoutAndAtTheDeadline) {
  PoolOptions options = database_.options(1);
  options.checkout_timeout = absl::Milliseconds(20);
  const std::unique_ptr<Pool> pool = MakePool(options);
  const absl::StatusOr<Lease> only = pool->Acquire(absl::InfiniteFuture());
  EXPECT_EQ(pool->Acquire(absl::InfiniteFuture()).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(pool->Acquire(absl::Now() + absl::Milliseconds(1)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(pool->stats().waits, 2);
}

TEST_F(PoolTest, AWaitingThreadGetsTheConnectionThatIsGivenBack) {
  PoolOptions options = database_.options(1);
  options.checkout_timeout = absl::Minutes(1);
  const std::unique_ptr<Pool> pool = MakePool(options);
  std::optional<absl::StatusOr<Lease>> only = pool->Acquire(absl::InfiniteFuture());
  absl::Status waited = absl::UnknownError("");
  std::thread waiter([&] { waited = pool->Acquire(absl::InfiniteFuture()).status(); });
  while (pool->stats().waits == 0) std::this_thread::yield();
  only.reset();
  waiter.join();
  EXPECT_EQ(waited, absl::OkStatus());
}

TEST_F(PoolTest, ABrokenConnectionIsReplacedAndMakesIdleOnesSuspect) {
  std::optional<Lease> first = Connect(), second = Connect();
  const int64_t first_id = (*first)->server_side_id(), second_id = (*second)->server_side_id();
  second.reset();
  // Both sessions end, as they do when the server restarts; only the first one notices.
  const std::unique_ptr<Pool> other = MakePool(database_.options(1));
  for (const int64_t id : {first_id, second_id}) {
    ASSERT_EQ((*other->Acquire(absl::InfiniteFuture()))->Execute(absl::StrCat("KILL ", id), {}).status(),
              absl::OkStatus());
  }
  EXPECT_FALSE((*first)->Execute("DELETE FROM items", {}).ok());
  first.reset();
  EXPECT_EQ(pool_->stats().drops, 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 0);
  EXPECT_EQ(pool_->stats().drops, 2);
  EXPECT_EQ(pool_->stats().in_use, 0);
}

TEST_F(PoolTest, AConnectionThatWasIdleForLongIsAskedFirst) {
  PoolOptions options = database_.options(1);
  options.idle_check = absl::ZeroDuration();
  const std::unique_ptr<Pool> pool = MakePool(options);
  const int64_t id = (*pool->Acquire(absl::InfiniteFuture()))->server_side_id();
  ASSERT_EQ(Kill(id), absl::OkStatus());
  const absl::StatusOr<Lease> lease = pool->Acquire(absl::InfiniteFuture());
  ASSERT_EQ(lease.status(), absl::OkStatus());
  EXPECT_NE((*lease)->server_side_id(), id);
  EXPECT_EQ((*lease)->Execute("DELETE FROM items", {}).status(), absl::OkStatus());
}

TEST_F(PoolTest, ALeaseGivenBackHasNoOpenTransaction) {
  {
    const Lease lease = Connect();
    ASSERT_EQ(lease->Begin(false), absl::OkStatus());
    ASSERT_EQ(lease->Execute("INSERT INTO items VALUES (1, 1)", {}).status(), absl::OkStatus());
  }
  EXPECT_FALSE(Connect()->in_transaction());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 0);
  EXPECT_EQ(Number("SELECT @@in_transaction"), 0);
}

// A server that does not answer keeps nobody longer than he means to wait.
TEST(PoolAndServer, AcquireEndsAtItsDeadlineWhenTheServerHangs) {
  testing::PrivateServer server;
  testing::TestDatabase database(server);
  PoolOptions options = database.options(2);
  options.idle_check = absl::ZeroDuration();
  const std::unique_ptr<Pool> pool = *Pool::Create(options);
  ASSERT_EQ(pool->stats().idle, 1);
  server.Pause();
  const absl::Time begin = absl::Now();
  // The first asks the idle connection whether it lives, the second opens another one.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(pool->Acquire(absl::Now() + absl::Milliseconds(50)).status().code(),
              absl::StatusCode::kDeadlineExceeded);
  }
  // Nothing is left to wait for but what the first two began.
  EXPECT_EQ(pool->Acquire(absl::Now() + absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - begin, absl::Milliseconds(900));
  server.Resume();
  // Both connections are there again once the server answers.
  const absl::StatusOr<Lease> one = pool->Acquire(absl::InfiniteFuture());
  const absl::StatusOr<Lease> other = pool->Acquire(absl::InfiniteFuture());
  ASSERT_EQ(one.status(), absl::OkStatus());
  ASSERT_EQ(other.status(), absl::OkStatus());
  EXPECT_EQ(pool->stats().in_use, 2);
}

TEST(PoolAndServer, WorksAgainAfterTheServerWasKilled) {
  testing::PrivateServer server;
  testing::TestDatabase database(server);
  ASSERT_EQ(database.Run({"CREATE TABLE items (id INT PRIMARY KEY)"}), absl::OkStatus());
  const std::unique_ptr<Pool> pool = *Pool::Create(database.options(2));
  const auto insert = [&pool](int id) {
    return RunTransaction(*pool, {}, [id](Transaction& transaction) {
      return transaction.Execute("INSERT INTO items VALUES (?)", {id}).status();
    });
  };
  ASSERT_EQ(insert(1), absl::OkStatus());
  server.Kill();
  TransactionOptions hasty;
  hasty.max_attempts = 2;
  EXPECT_EQ(RunTransaction(*pool, hasty, [](Transaction&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kUnavailable);
  server.Start();
  EXPECT_EQ(insert(2), absl::OkStatus());
  const absl::StatusOr<Lease> lease = pool->Acquire(absl::InfiniteFuture());
  EXPECT_EQ((*lease)->Query("SELECT COUNT(*) FROM items", {},
                            [](Row& row) {
                              EXPECT_EQ(row.Int64(0), 2);
                              return absl::OkStatus();
                            }),
            absl::OkStatus());
}

}  // namespace
}  // namespace zhuqi::db
