#include "common/db/transaction.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/db/errors.h"
#include "common/db/test_support.h"

namespace zhuqi::db {
namespace {

class TransactionTest : public DatabaseTest {
 protected:
  TransactionTest() : DatabaseTest(6) {}

  static absl::Status Insert(Transaction& transaction, int id, int amount = 1) {
    return transaction.Execute("INSERT INTO items VALUES (?, ?)", {id, amount}).status();
  }
  static absl::Status Add(Transaction& transaction, int id, int amount) {
    return transaction.Execute("UPDATE items SET amount = amount + ? WHERE id = ?", {amount, id}).status();
  }
  int64_t Rows() { return Number("SELECT COUNT(*) FROM items"); }

  // No pauses, however many attempts.
  static TransactionOptions Hasty() {
    TransactionOptions options;
    options.sleep = [](absl::Duration) {};
    return options;
  }
};

TEST_F(TransactionTest, CommitsWhatSucceedsAndRollsBackWhatFails) {
  EXPECT_EQ(RunTransaction(*pool_, {}, [](Transaction& t) { return Insert(t, 1); }), absl::OkStatus());
  EXPECT_EQ(RunTransaction(*pool_, {},
                           [](Transaction& t) {
                             EXPECT_EQ(Insert(t, 2), absl::OkStatus());
                             return absl::NotFoundError("no such unit");
                           }),
            absl::NotFoundError("no such unit"));
  EXPECT_EQ(Rows(), 1);
}

TEST_F(TransactionTest, ADuplicateKeyIsNotTriedAgainUnlessTheBodyAsksForIt) {
  ASSERT_EQ(RunTransaction(*pool_, {}, [](Transaction& t) { return Insert(t, 1); }), absl::OkStatus());
  int runs = 0;
  EXPECT_TRUE(DuplicateKey(RunTransaction(*pool_, Hasty(), [&runs](Transaction& t) {
    ++runs;
    return Insert(t, 1);
  })));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(RunTransaction(*pool_, Hasty(),
                           [&runs](Transaction& t) -> absl::Status {
                             const absl::Status status = Insert(t, ++runs);
                             return DuplicateKey(status) ? absl::AbortedError("someone was first") : status;
                           }),
            absl::OkStatus());
  EXPECT_EQ(runs, 2);
}

TEST_F(TransactionTest, GivesUpAfterTheLastAttempt) {
  int runs = 0;
  TransactionOptions options = Hasty();
  options.max_attempts = 3;
  EXPECT_EQ(RunTransaction(*pool_, options,
                           [&runs](Transaction& t) {
                             EXPECT_EQ(Insert(t, 1), absl::OkStatus());
                             ++runs;
                             return absl::AbortedError("again");
                           }),
            absl::AbortedError("again"));
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Rows(), 0);
}

TEST_F(TransactionTest, NoAttemptBeginsAfterTheDeadline) {
  TransactionOptions options;
  options.deadline = absl::Now() + absl::Seconds(5);
  options.sleep = [](absl::Duration pause) { EXPECT_LE(pause, absl::Seconds(5)); };
  options.max_attempts = 1 << 30;
  options.deadline = absl::Now() + absl::Milliseconds(30);
  EXPECT_EQ(RunTransaction(*pool_, options, [](Transaction&) { return absl::AbortedError("again"); }).code(),
            absl::StatusCode::kDeadlineExceeded);
  options.deadline = absl::InfinitePast();
  EXPECT_EQ(RunTransaction(*pool_, options,
                           [](Transaction&) {
                             ADD_FAILURE() << "ran";
                             return absl::OkStatus();
                           })
                .code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(TransactionTest, ADeadlockRunsTheWholeBodyAgain) {
  ASSERT_EQ(RunTransaction(*pool_, {},
                           [](Transaction& t) {
                             EXPECT_EQ(Insert(t, 1, 0), absl::OkStatus());
                             return Insert(t, 2, 0);
                           }),
            absl::OkStatus());
  absl::Notification first_has_one, second_has_two;
  std::atomic<int> runs{0};
  // Each adds to both rows, in opposite orders, and waits until both hold one lock.
  const auto add_both = [&](int first, int second, absl::Notification& mine, absl::Notification& theirs) {
    bool met = false;
    return RunTransaction(*pool_, {}, [&](Transaction& t) -> absl::Status {
      ++runs;
      if (absl::Status status = Add(t, first, 1); !status.ok()) return status;
      if (!met) {
        met = true;
        mine.Notify();
        theirs.WaitForNotification();
      }
      return Add(t, second, 1);
    });
  };
  absl::Status other;
  std::thread thread([&] { other = add_both(2, 1, second_has_two, first_has_one); });
  EXPECT_EQ(add_both(1, 2, first_has_one, second_has_two), absl::OkStatus());
  thread.join();
  EXPECT_EQ(other, absl::OkStatus());
  EXPECT_EQ(runs.load(), 3);
  EXPECT_EQ(Number("SELECT SUM(amount) FROM items"), 4);
}

TEST_F(TransactionTest, ABodyThatPassesOverADeadlockDoesNotCommitItsSecondHalf) {
  ASSERT_EQ(RunTransaction(*pool_, {}, [](Transaction& t) { return Insert(t, 1, 0); }), absl::OkStatus());
  PoolOptions options = database_.options(1);
  options.lock_wait_timeout = absl::Seconds(1);
  const std::unique_ptr<Pool> impatient = MakePool(options);
  std::optional<Lease> holder = Connect();
  ASSERT_EQ((*holder)->Begin(false), absl::OkStatus());
  ASSERT_EQ((*holder)->Execute("UPDATE items SET amount = 100 WHERE id = 1", {}).status(), absl::OkStatus());
  int runs = 0;
  EXPECT_EQ(RunTransaction(*impatient, Hasty(),
                           [&](Transaction& t) -> absl::Status {
                             ++runs;
                             EXPECT_EQ(Insert(t, 10 + runs), absl::OkStatus());
                             Add(t, 1, 1).IgnoreError();
                             if (runs == 1) holder.reset();
                             return absl::OkStatus();
                           }),
            absl::OkStatus());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Number("SELECT MAX(id) FROM items"), 12);
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(Number("SELECT amount FROM items WHERE id = 1"), 1);
}

TEST_F(TransactionTest, ALockWaitTimeoutIsRolledBackBeforeTheNextAttempt) {
  ASSERT_EQ(RunTransaction(*pool_, {}, [](Transaction& t) { return Insert(t, 1, 0); }), absl::OkStatus());
  PoolOptions options = database_.options(1);
  options.lock_wait_timeout = absl::Seconds(1);
  const std::unique_ptr<Pool> impatient = MakePool(options);
  std::optional<Lease> holder = Connect();
  ASSERT_EQ((*holder)->Begin(false), absl::OkStatus());
  ASSERT_EQ((*holder)->Execute("UPDATE items SET amount = 100 WHERE id = 1", {}).status(), absl::OkStatus());
  TransactionOptions waiting;
  waiting.sleep = [&](absl::Duration) {
    // The server keeps the half transaction: its row 2 would still be locked, and the next insert a
    // duplicate.
    const Lease lease = Connect();
    EXPECT_EQ(lease->Execute("INSERT INTO items VALUES (2, 7)", {}).status(), absl::OkStatus());
    EXPECT_EQ(lease->Execute("DELETE FROM items WHERE id = 2", {}).status(), absl::OkStatus());
    holder.reset();
  };
  EXPECT_EQ(RunTransaction(*impatient, waiting,
                           [&](Transaction& t) -> absl::Status {
                             if (absl::Status status = Insert(t, 2); !status.ok()) return status;
                             return Add(t, 1, 1);
                           }),
            absl::OkStatus());
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(Number("SELECT amount FROM items WHERE id = 1"), 1);
}

TEST_F(TransactionTest, AConnectionKilledInTheMiddleIsReplacedAndAllRunsAgain) {
  int runs = 0;
  EXPECT_EQ(RunTransaction(*pool_, Hasty(),
                           [&](Transaction& t) -> absl::Status {
                             if (absl::Status status = Insert(t, 1); !status.ok()) return status;
                             if (++runs == 1) {
                               EXPECT_EQ(Kill(t.connection().server_side_id()), absl::OkStatus());
                             }
                             return Insert(t, 2);
                           }),
            absl::OkStatus());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Rows(), 2);
}

TEST_F(TransactionTest, ABodyThatPassesOverALostConnectionIsNotTakenForCommitted) {
  int runs = 0;
  EXPECT_EQ(RunTransaction(*pool_, Hasty(),
                           [&](Transaction& t) -> absl::Status {
                             if (++runs == 1) {
                               EXPECT_EQ(Kill(t.connection().server_side_id()), absl::OkStatus());
                             }
                             Insert(t, 1).IgnoreError();
                             return absl::OkStatus();
                           }),
            absl::OkStatus());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Rows(), 1);
}

TEST_F(TransactionTest, ACommitWithoutAnAnswerIsReportedAsUnknown) {
  int runs = 0;
  EXPECT_EQ(RunTransaction(*pool_, Hasty(),
                           [&](Transaction& t) -> absl::Status {
                             ++runs;
                             const absl::Status status = Insert(t, 1);
                             EXPECT_EQ(Kill(t.connection().server_side_id()), absl::OkStatus());
                             return status;
                           }),
            absl::UnknownError("COMMIT_OUTCOME_UNKNOWN"));
  EXPECT_EQ(runs, 1);
}

TEST_F(TransactionTest, AnIdempotentBodyAsksAfterACommitWithoutAnAnswer) {
  // CREATE TABLE commits what stands before it: so the first run's work is there although its COMMIT fails.
  for (const bool was_committed : {false, true}) {
    SCOPED_TRACE(was_committed);
    ASSERT_EQ(Connect()->Execute("DELETE FROM items", {}).status(), absl::OkStatus());
    int runs = 0;
    bool found_before = false;
    TransactionOptions options = Hasty();
    options.body_is_idempotent = true;
    EXPECT_EQ(RunTransaction(*pool_, options,
                             [&](Transaction& t) -> absl::Status {
                               ++runs;
                               found_before = false;
                               absl::Status status =
                                   t.Query("SELECT id FROM items WHERE id = 1", {}, [&](Row&) {
                                     found_before = true;
                                     return absl::OkStatus();
                                   });
                               if (!status.ok() || found_before) return status;
                               status = Insert(t, 1);
                               if (runs > 1) return status;
                               if (was_committed) {
                                 EXPECT_EQ(t.Execute("CREATE TABLE other (id INT PRIMARY KEY)", {}).status(),
                                           absl::OkStatus());
                               }
                               EXPECT_EQ(Kill(t.connection().server_side_id()), absl::OkStatus());
                               return status;
                             }),
              absl::OkStatus());
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(found_before, was_committed);
    EXPECT_EQ(Rows(), 1);
  }
}

TEST_F(TransactionTest, AfterAnUnknownCommitALaterFailureIsStillUnknown) {
  TransactionOptions options = Hasty();
  options.body_is_idempotent = true;
  int runs = 0;
  EXPECT_EQ(RunTransaction(*pool_, options,
                           [&](Transaction& t) -> absl::Status {
                             if (++runs > 1) return absl::InternalError("broke");
                             const absl::Status status = Insert(t, 1);
                             EXPECT_EQ(Kill(t.connection().server_side_id()), absl::OkStatus());
                             return status;
                           }),
            absl::UnknownError("COMMIT_OUTCOME_UNKNOWN"));
}

TEST_F(TransactionTest, ASnapshotSeesOneMomentAndCannotWrite) {
  ASSERT_EQ(RunTransaction(*pool_, {}, [](Transaction& t) { return Insert(t, 1); }), absl::OkStatus());
  TransactionOptions options;
  options.consistent_snapshot = true;
  const auto count = [](Transaction& t) {
    int64_t rows = -1;
    EXPECT_EQ(t.Query("SELECT COUNT(*) FROM items", {},
                      [&rows](Row& row) {
                        rows = row.Int64(0);
                        return absl::OkStatus();
                      }),
              absl::OkStatus());
    return rows;
  };
  EXPECT_EQ(RunTransaction(*pool_, options,
                           [&](Transaction& t) {
                             EXPECT_EQ(RunTransaction(*pool_, {},
                                                      [](Transaction& other) { return Insert(other, 2); }),
                                       absl::OkStatus());
                             EXPECT_EQ(count(t), 1);
                             EXPECT_EQ(DatabaseErrorNumber(Insert(t, 3)), 1792);
                             return absl::OkStatus();
                           }),
            absl::OkStatus());
  // READ COMMITTED again: the level was for that transaction alone.
  EXPECT_EQ(RunTransaction(*pool_, {},
                           [&](Transaction& t) {
                             EXPECT_EQ(count(t), 2);
                             EXPECT_EQ(Connect()->Execute("INSERT INTO items VALUES (3, 1)", {}).status(),
                                       absl::OkStatus());
                             EXPECT_EQ(count(t), 3);
                             return absl::OkStatus();
                           }),
            absl::OkStatus());
}

}  // namespace
}  // namespace zhuqi::db
