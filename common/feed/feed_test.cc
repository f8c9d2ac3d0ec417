#include <map>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/feed/feed_service.h"
#include "common/feed/follower.h"
#include "common/feed/positions.h"
#include "common/feed/tail.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::feed {
namespace {

using ::testing::ElementsAre;

constexpr int32_t kPartitions = 2;

// A service with a feed, on a schema of its own.
class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    EXPECT_TRUE(
        database_
            .Run({"CREATE TABLE feed_heads (partition_number INT PRIMARY KEY, sequence BIGINT NOT NULL)",
                  "CREATE TABLE feed_events (partition_number INT, sequence BIGINT, payload MEDIUMBLOB NOT "
                  "NULL, PRIMARY KEY (partition_number, sequence))",
                  "CREATE TABLE feed_cursors (source VARCHAR(32), partition_number INT, sequence BIGINT NOT "
                  "NULL, commit_id BIGINT NOT NULL, PRIMARY KEY (source, partition_number))",
                  "CREATE TABLE effects (partition_number INT, sequence BIGINT, title VARCHAR(64), PRIMARY "
                  "KEY (partition_number, sequence))"})
            .ok());
    pool_ = *db::Pool::Create(database_.options(8));
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    EXPECT_EQ(SetUpPartitions(*lease, kPartitions), absl::OkStatus());
    EXPECT_EQ(EnsureCursors(*lease, "intake", kPartitions), absl::OkStatus());
  }

  // Appends one event and commits; the sequence that it got.
  int64_t AppendOne(int32_t partition, const std::string& title) {
    std::vector<OutgoingEvent> events = {Titled(partition, title)};
    EXPECT_TRUE(db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) {
                  return Append(transaction, absl::UnixEpoch(), events);
                }).ok());
    return events[0].event.sequence();
  }

  static OutgoingEvent Titled(int32_t partition, const std::string& title) {
    OutgoingEvent outgoing;
    outgoing.partition = partition;
    outgoing.event.mutable_record()->mutable_issue()->set_title(title);
    return outgoing;
  }

  std::vector<std::string> Titles(int32_t partition, int64_t after, int64_t until) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    std::vector<std::string> titles;
    const auto events = ReadEvents(*lease, partition, after, until, 1000);
    EXPECT_TRUE(events.ok()) << events.status();
    for (const auto& event : *events) titles.push_back(event.record().issue().title());
    return titles;
  }

  int64_t Count(const std::string& table) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    int64_t count = -1;
    EXPECT_TRUE(lease
                    ->Query("SELECT COUNT(*) FROM " + table, {},
                            [&](db::Row& row) {
                              count = row.Int64(0);
                              return absl::OkStatus();
                            })
                    .ok());
    return count;
  }

  testing::TestDatabase database_;
  std::unique_ptr<db::Pool> pool_;
};

TEST_F(FeedTest, SequencesHaveNoGapsAndCountPerPartition) {
  EXPECT_EQ(AppendOne(1, "a"), 1);
  EXPECT_EQ(AppendOne(2, "b"), 1);
  EXPECT_EQ(AppendOne(1, "c"), 2);
  EXPECT_THAT(Titles(1, 0, 2), ElementsAre("a", "c"));
  EXPECT_THAT(Titles(1, 1, 2), ElementsAre("c"));
}

TEST_F(FeedTest, RolledBackTransactionLeavesNoGap) {
  AppendOne(1, "first");
  std::vector<OutgoingEvent> lost = {Titled(1, "lost")};
  EXPECT_FALSE(db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) {
                 EXPECT_TRUE(Append(transaction, absl::UnixEpoch(), lost).ok());
                 return absl::InternalError("change of mind");
               }).ok());
  EXPECT_EQ(AppendOne(1, "second"), 2);
  EXPECT_THAT(Titles(1, 0, 2), ElementsAre("first", "second"));
}

// The trap of outboxes read by an auto-increment id: a transaction takes the smaller id, another one takes
// the greater and commits first, a reader moves its cursor past both, and the first one's row is never seen.
TEST_F(FeedTest, TransactionThatBeganFirstAndCommitsLastIsNotLost) {
  absl::Notification slow_has_begun;
  absl::Notification fast_is_committed;
  std::thread slow([&] {
    EXPECT_TRUE(db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) -> absl::Status {
                  // It writes its own rows first, as every batch does: with an auto-increment id it would
                  // have its place already here.
                  ZHUQI_RETURN_IF_ERROR(
                      transaction.Execute("INSERT INTO effects VALUES (1, 1, 'slow')", {}).status());
                  slow_has_begun.Notify();
                  fast_is_committed.WaitForNotification();
                  std::vector<OutgoingEvent> events = {Titled(1, "slow")};
                  return Append(transaction, absl::UnixEpoch(), events);
                }).ok());
  });
  slow_has_begun.WaitForNotification();
  EXPECT_EQ(AppendOne(1, "fast"), 1);
  // A reader comes in between and moves its cursor to the end.
  EXPECT_THAT(Titles(1, 0, 1), ElementsAre("fast"));
  fast_is_committed.Notify();
  slow.join();
  EXPECT_THAT(Titles(1, 1, 2), ElementsAre("slow"));
}

TEST_F(FeedTest, ConcurrentWritersOfSeveralPartitionsDoNotDeadlock) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([this, writer] {
      for (int i = 0; i < 25; ++i) {
        // Half of them name the partitions the other way round.
        std::vector<OutgoingEvent> events = {Titled(1 + writer % 2, "x"), Titled(2 - writer % 2, "y")};
        EXPECT_TRUE(db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) {
                      return Append(transaction, absl::UnixEpoch(), events);
                    }).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Titles(1, 0, 100).size(), 100u);
  EXPECT_EQ(Titles(2, 0, 100).size(), 100u);
}

TEST_F(FeedTest, NumberOfPartitionsIsFixedAtSetUp) {
  db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
  EXPECT_TRUE(SetUpPartitions(*lease, kPartitions).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(SetUpPartitions(*lease, kPartitions + 1)));
}

TEST(TokenTest, TokenKeepsTheHighestPlaceOfEachPartition) {
  const std::string token =
      MakeToken({Position("intake", 1, 5), Position("intake", 1, 9), Position("routing", 1, 2)});
  const auto parsed = ParseToken(token);
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed->positions_size(), 2);
  EXPECT_EQ(parsed->positions(0).sequence(), 9);
  EXPECT_EQ(MakeToken({}), "");
}

TEST(TokenTest, ForeignTextIsRefused) {
  for (const char* text : {"hello", "!!!!", "CgA", "____"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseToken(text).status())) << text;
  }
}

// A wait for a token, and how it ended.
struct Wait {
  Wait(Positions& positions, const std::string& token, absl::Time deadline = absl::InfiniteFuture()) {
    Spawn(positions.WaitFor(token, deadline, cancellation),
          [this](std::optional<absl::Status> result, std::exception_ptr) {
            status = *result;
            thread = std::this_thread::get_id();
            done.Notify();
          });
  }
  absl::StatusCode Code() {
    done.WaitForNotification();
    return status.code();
  }

  rpc::Cancellation cancellation;
  absl::Status status;
  std::thread::id thread;
  absl::Notification done;
};

class PositionsTest : public ::testing::Test {
 protected:
  PositionsTest() { positions_.Follows("intake"); }

  rpc::Timer timer_;
  Positions positions_{timer_};
  const std::string token_ = MakeToken({Position("intake", 1, 3), Position("elsewhere", 1, 9)});
};

TEST_F(PositionsTest, WaitEndsWhenAllThatIsFollowedIsReached) {
  Wait wait(positions_, token_);
  positions_.Advance("intake", 1, 2);
  EXPECT_FALSE(wait.done.HasBeenNotified());
  positions_.Advance("intake", 1, 3);
  EXPECT_EQ(wait.Code(), absl::StatusCode::kOk);
}

TEST_F(PositionsTest, WaitEndsAtTheDeadline) {
  Wait wait(positions_, token_, absl::Now() + absl::Milliseconds(20));
  EXPECT_EQ(wait.Code(), absl::StatusCode::kDeadlineExceeded);
}

// The thread that cancels may hold locks of gRPC, which the handler needs to answer.
TEST_F(PositionsTest, CancellationEndsAWaitButNotOnTheThreadThatCancels) {
  Wait wait(positions_, token_);
  wait.cancellation.Cancel();
  EXPECT_EQ(wait.Code(), absl::StatusCode::kCancelled);
  EXPECT_NE(wait.thread, std::this_thread::get_id());
  // Nothing of it is left.
  positions_.Advance("intake", 1, 3);
}

TEST_F(PositionsTest, StopEndsWaitsAndLaterOnes) {
  Wait early(positions_, token_);
  positions_.Stop();
  EXPECT_EQ(early.Code(), absl::StatusCode::kUnavailable);
  Wait late(positions_, token_);
  EXPECT_EQ(late.Code(), absl::StatusCode::kUnavailable);
  positions_.Advance("intake", 1, 3);
  Wait reached(positions_, token_);
  EXPECT_EQ(reached.Code(), absl::StatusCode::kOk);
}

TEST_F(PositionsTest, AdvanceCancellationAndStopAtOnceEndAWaitOnce) {
  constexpr int kRounds = 500;
  for (int64_t round = 1; round <= kRounds; ++round) {
    Positions positions(timer_);
    positions.Follows("intake");
    Wait wait(positions, MakeToken({Position("intake", 1, round)}), absl::Now() + absl::Microseconds(50));
    std::thread cancels([&] { wait.cancellation.Cancel(); });
    std::thread stops([&] { positions.Stop(); });
    positions.Advance("intake", 1, round);
    wait.Code();
    cancels.join();
    stops.join();
  }
}

// A replica that follows the feed and keeps its effects in the database.
class Replica {
 public:
  Replica(db::Pool& pool, std::shared_ptr<grpc::Channel> channel, int fail_every = 0)
      : pool_(pool), fail_every_(fail_every) {
    FollowerOptions options;
    options.source = "intake";
    options.channel = std::move(channel);
    options.max_events = 7;
    options.load_positions = [this](int32_t) -> absl::StatusOr<std::vector<common::v1::FeedPosition>> {
      ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool_.Acquire(absl::Now() + absl::Seconds(10)));
      return ReadCursors(*lease);
    };
    options.apply = [this](const feed::v1::FollowResponse& message, int64_t after) {
      return Apply(message, after);
    };
    follower_ = std::make_unique<Follower>(std::move(options));
  }

 private:
  absl::Status Apply(const feed::v1::FollowResponse& message, int64_t after) {
    if (message.events().empty()) return absl::OkStatus();
    if (fail_every_ > 0 && ++applied_ % fail_every_ == 0) return absl::UnavailableError("the test says so");
    return db::RunTransaction(pool_, {}, [&](db::Transaction& transaction) -> absl::Status {
      ZHUQI_RETURN_IF_ERROR(
          AdvanceCursor(transaction, "intake", message.partition(), after, *message.events().rbegin()));
      for (const auto& event : message.events()) {
        ZHUQI_RETURN_IF_ERROR(
            transaction
                .Execute("INSERT INTO effects VALUES (?, ?, ?)",
                         {message.partition(), event.sequence(), event.record().issue().title()})
                .status());
      }
      return absl::OkStatus();
    });
  }

  db::Pool& pool_;
  const int fail_every_;
  int applied_ = 0;
  std::unique_ptr<Follower> follower_;
};

class FollowTest : public FeedTest {
 protected:
  FollowTest()
      : sql_(pool_.get(), 2, 100),
        tail_(*pool_, false),
        server_part_("intake", sql_, tail_, calls_.adaptor()) {
    EXPECT_TRUE(tail_.Start().ok());
    server_ = std::make_unique<testing::TestServer>(std::vector<grpc::Service*>{&server_part_});
  }
  ~FollowTest() override {
    tail_.Stop();
    server_.reset();
  }

  // Waits for the condition itself; the deadline only ends a test that would hang.
  bool EffectsReach(int64_t count) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (Count("effects") < count) {
      if (absl::Now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // How the follower that stands at `after` is received: OK when it is sent events, the first of which is in
  // `first`.
  static absl::Status Follow(const std::shared_ptr<grpc::Channel>& channel,
                             const common::v1::FeedPosition& after, feed::v1::Event* first = nullptr) {
    const auto stub = feed::v1::FeedService::NewStub(channel);
    grpc::ClientContext context;
    feed::v1::FollowRequest request;
    *request.add_after() = after;
    const auto stream = stub->Follow(&context, request);
    feed::v1::FollowResponse message;
    if (!stream->Read(&message)) return rpc::FromGrpcStatus(stream->Finish());
    if (first != nullptr && message.events_size() > 0) *first = message.events(0);
    context.TryCancel();
    return absl::OkStatus();
  }

  // Where a follower stands that has applied everything up to `sequence` of partition 1.
  common::v1::FeedPosition StandsAt(int64_t sequence) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    common::v1::FeedPosition place = Position("intake", 1, sequence);
    const auto event = FindEvent(*lease, 1, sequence);
    EXPECT_TRUE(event.ok() && event->has_value());
    place.set_commit_id((*event)->commit_id());
    return place;
  }

  // The log of partition 1 as a backup has it that was made when it ended at `sequence`.
  void RestoreTo(int64_t sequence) {
    EXPECT_EQ(db::RunTransaction(
                  *pool_, {},
                  [&](db::Transaction& transaction) -> absl::Status {
                    ZHUQI_RETURN_IF_ERROR(
                        transaction
                            .Execute("DELETE FROM feed_events WHERE partition_number = 1 AND sequence > ?",
                                     {sequence})
                            .status());
                    return transaction
                        .Execute("UPDATE feed_heads SET sequence = ? WHERE partition_number = 1", {sequence})
                        .status();
                  }),
              absl::OkStatus());
  }

  testing::TestCalls calls_;
  db::SqlExecutor sql_;
  FeedTail tail_;
  FeedServer server_part_;
  std::unique_ptr<testing::TestServer> server_;
};

TEST_F(FollowTest, EachEventTakesEffectOnceWithTwoReplicasThatFail) {
  Replica first(*pool_, server_->channel(), 3);
  Replica second(*pool_, server_->channel(), 5);
  for (int i = 0; i < 60; ++i) {
    AppendOne(1 + i % 2, "event");
    tail_.NotifyCommitted();
  }
  // The primary key of `effects` would refuse an event applied twice.
  EXPECT_TRUE(EffectsReach(60));
  EXPECT_EQ(Count("effects"), 60);
}

TEST_F(FollowTest, EventsCommittedByAnotherReplicaOfTheSourceAreSeenWithoutBeingTold) {
  Replica replica(*pool_, server_->channel());
  AppendOne(1, "quiet");
  EXPECT_TRUE(EffectsReach(1));
}

TEST_F(FollowTest, FollowerAheadOfARestoredLogIsToldSo) {
  const absl::Status status = Follow(server_->channel(), Position("intake", 1, 5));
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(rpc::ReasonOf(status), "CURSOR_AHEAD");
}

// Another replica of the source sent the follower what this one's tail has not heard of yet.
TEST_F(FollowTest, FollowerAheadOfATailThatLagsIsNotAheadOfTheLog) {
  FeedTail lagging(*pool_, false, absl::Hours(1));
  ASSERT_EQ(lagging.Start(), absl::OkStatus());
  FeedServer part("intake", sql_, lagging, calls_.adaptor());
  testing::TestServer replica({&part});
  ASSERT_EQ(AppendOne(1, "sent by the other replica"), 1);
  const common::v1::FeedPosition after = StandsAt(1);
  absl::Status status = absl::UnknownError("");
  feed::v1::Event next;
  absl::Notification ended;
  std::thread follower([&] {
    status = Follow(replica.channel(), after, &next);
    ended.Notify();
  });
  // Until it has begun with what the tail knows now.
  while (sql_.stats().begun == 0 && !ended.HasBeenNotified()) std::this_thread::yield();
  AppendOne(1, "next");
  lagging.NotifyCommitted();
  follower.join();
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(next.record().issue().title(), "next");
  lagging.Stop();
}

// Its sequences say nothing: they have passed the follower's.
TEST_F(FollowTest, ALogThatWasRestoredAndHasGrownPastTheFollowerIsNoticed) {
  AppendOne(1, "in the backup");
  AppendOne(1, "lost");
  const common::v1::FeedPosition before = StandsAt(1);
  const common::v1::FeedPosition after = StandsAt(2);
  RestoreTo(1);
  AppendOne(1, "another");
  AppendOne(1, "and one more");
  tail_.NotifyCommitted();
  const absl::Status status = Follow(server_->channel(), after);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "CURSOR_DIVERGED");
  // What the follower has is in the backup: nothing is wrong.
  feed::v1::Event next;
  EXPECT_EQ(Follow(server_->channel(), before, &next), absl::OkStatus());
  EXPECT_EQ(next.record().issue().title(), "another");
}

TEST_F(FollowTest, TheCursorOfAFollowerKnowsItsEvent) {
  AppendOne(1, "first");
  AppendOne(1, "second");
  Replica replica(*pool_, server_->channel());
  ASSERT_TRUE(EffectsReach(2));
  db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
  const auto cursors = ReadCursors(*lease);
  ASSERT_TRUE(cursors.ok());
  ASSERT_EQ(cursors->size(), 3u);
  EXPECT_EQ((*cursors)[1].sequence(), 2);
  EXPECT_EQ((*cursors)[1].commit_id(), StandsAt(2).commit_id());
  EXPECT_NE((*cursors)[1].commit_id(), 0);
}

TEST_F(FollowTest, EventsThatWereAppliedMayBeRemoved) {
  AppendOne(1, "applied");
  const common::v1::FeedPosition after = StandsAt(1);
  AppendOne(1, "next");
  ASSERT_EQ(database_.Run({"DELETE FROM feed_events WHERE sequence = 1"}), absl::OkStatus());
  feed::v1::Event next;
  EXPECT_EQ(Follow(server_->channel(), after, &next), absl::OkStatus());
  EXPECT_EQ(next.record().issue().title(), "next");
}

}  // namespace
}  // namespace zhuqi::feed
