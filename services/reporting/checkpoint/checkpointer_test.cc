#include "services/reporting/checkpoint/checkpointer.h"

#include "absl/time/clock.h"
#include "common/rpc/timer.h"
#include "common/testing/test_database.h"
#include "gtest/gtest.h"
#include "reporting_schema.h"
#include "services/reporting/testing/compare.h"
#include "services/reporting/testing/message.h"

namespace zhuqi::reporting {
namespace {

using testing::Change;
using testing::CityMessage;
using testing::Date;
using testing::Message;

// One replica of the service: an aggregate of its own on the common database.
struct Replica {
  explicit Replica(db::Pool& shared, LoadedAggregate loaded = {})
      : pool(shared),
        aggregate(std::move(loaded.state), positions),
        checkpointer({.pool = &shared,
                      .aggregate = &aggregate,
                      .clock = &Clock::System(),
                      .logger = &telemetry::Logger::Null(),
                      .metrics = &metrics,
                      .interval = absl::Hours(1),
                      .unusable_version = loaded.unusable_version}) {}
  // A visit more in partition 1, after `after`.
  void Visit(int64_t after) {
    const auto event = Change(std::nullopt, testing::Visit("a", Date(2024, 3, 1), {"X"}));
    ASSERT_TRUE(aggregate.Apply(kIntake, Message(1, after, {event}), after).ok());
  }
  void City() { ASSERT_TRUE(aggregate.Apply(kIntake, CityMessage(), 0).ok()); }
  // How the follower introduces itself.
  common::v1::FeedPosition Introduction() { return aggregate.PlacesOf(kIntake, 1, 1)[0]; }
  int64_t Place() {
    return aggregate.Read([](const AggregateState& state) { return state.PlaceOf(kIntake, 1); });
  }

  db::Pool& pool;
  rpc::Timer timer;
  feed::Positions positions{timer};
  Aggregate aggregate;
  telemetry::Metrics metrics{"reporting"};
  Checkpointer checkpointer;
};

class CheckpointerTest : public ::testing::Test {
 protected:
  CheckpointerTest() {
    const absl::Status migrated = database_.Migrate(ReportingSchema());
    EXPECT_TRUE(migrated.ok()) << migrated;
    pool_ = *db::Pool::Create(database_.options(4));
  }
  LoadedAggregate Load() { return *LoadAggregate(*pool_, telemetry::Logger::Null()); }
  CheckpointHead Head() { return *ReadCheckpointHead(*pool_, absl::InfiniteFuture()); }
  void Run(const std::string& sql) {
    absl::StatusOr<db::Lease> lease = pool_->Acquire(absl::InfiniteFuture());
    ASSERT_TRUE((*lease)->Execute(sql, {}).ok());
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<db::Pool> pool_;
};

TEST_F(CheckpointerTest, AnEmptyDatabaseGivesAnEmptyAggregate) {
  EXPECT_EQ(Load().state.EventCount(), 0);
  EXPECT_EQ(Head().version, 0);
}

TEST_F(CheckpointerTest, AWarmStartGoesOnWhereTheCheckpointEnds) {
  Replica first(*pool_);
  first.City();
  first.Visit(0);
  ASSERT_TRUE(*first.checkpointer.SaveNow());
  EXPECT_FALSE(*first.checkpointer.SaveNow());  // nothing has changed
  Replica second(*pool_, Load());
  EXPECT_EQ(second.Place(), 1);
  EXPECT_EQ(second.positions.Get(kIntake, 0), 1);
  first.Visit(1);
  second.Visit(1);
  const auto difference = first.aggregate.Read([&](const AggregateState& one) {
    return second.aggregate.Read([&](const AggregateState& other) {
      return testing::Compare(one.cube, other.cube.tally(), *one.directory).found;
    });
  });
  EXPECT_EQ(difference, 0);
}

// A log that was restored from a backup is noticed by it, after a restart too.
TEST_F(CheckpointerTest, TheEventAtAPlaceIsKnownAfterAWarmStart) {
  Replica first(*pool_);
  first.City();
  feed::v1::FollowResponse message =
      Message(1, 0, {Change(std::nullopt, testing::Visit("a", Date(2024, 3, 1), {"X"}))});
  message.mutable_events(0)->set_commit_id(4711);
  ASSERT_TRUE(first.aggregate.Apply(kIntake, message, 0).ok());
  EXPECT_EQ(first.Introduction().commit_id(), 4711);
  ASSERT_TRUE(*first.checkpointer.SaveNow());
  Replica second(*pool_, Load());
  EXPECT_EQ(second.Introduction().sequence(), 1);
  EXPECT_EQ(second.Introduction().commit_id(), 4711);
}

TEST_F(CheckpointerTest, OfTwoReplicasTheOneThatLagsDoesNotOverwriteTheOther) {
  Replica ahead(*pool_);
  Replica behind(*pool_);
  ahead.City();
  behind.City();
  behind.Visit(0);
  ahead.Visit(0);
  ahead.Visit(1);
  ASSERT_TRUE(*ahead.checkpointer.SaveNow());
  EXPECT_FALSE(*behind.checkpointer.SaveNow());
  EXPECT_EQ(Load().state.PlaceOf(kIntake, 1), 2);
  behind.Visit(1);
  behind.Visit(2);
  ASSERT_TRUE(*behind.checkpointer.SaveNow());
  EXPECT_EQ(Head().version, 2);
  EXPECT_EQ(Load().state.PlaceOf(kIntake, 1), 3);
}

TEST_F(CheckpointerTest, WritingOverAVersionThatIsGoneWritesNothing) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 0, 5, "one", now, absl::InfiniteFuture()));
  EXPECT_FALSE(*WriteCheckpoint(*pool_, 0, 6, "two", now, absl::InfiniteFuture()));
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 1, 6, "three", now, absl::InfiniteFuture()));
  EXPECT_FALSE(*WriteCheckpoint(*pool_, 1, 7, "four", now, absl::InfiniteFuture()));
  const StoredCheckpoint stored = *ReadCheckpoint(*pool_, absl::InfiniteFuture());
  EXPECT_EQ(stored.head.version, 2);
  EXPECT_EQ(stored.head.events, 6);
  EXPECT_EQ(stored.head.saved_at, now);
  EXPECT_EQ(stored.content, "three");
}

TEST_F(CheckpointerTest, AHeadThatWasRemovedByHandDoesNotStopLaterCheckpoints) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 0, 5, "one", now, absl::InfiniteFuture()));
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 1, 6, "two", now, absl::InfiniteFuture()));
  {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    ASSERT_EQ(lease->Execute("DELETE FROM checkpoints", {}).status(), absl::OkStatus());
  }
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 0, 5, "three", now, absl::InfiniteFuture()));
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 1, 6, "four", now, absl::InfiniteFuture()));
  EXPECT_EQ(ReadCheckpoint(*pool_, absl::InfiniteFuture())->content, "four");
}

TEST_F(CheckpointerTest, ALargeCheckpointIsCutIntoChunksAndPutTogetherAgain) {
  std::string content;
  for (int i = 0; i < 3'000'000; ++i) content.push_back(static_cast<char>(i * 7 % 251));
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 0, 5, content, absl::UnixEpoch(), absl::InfiniteFuture()));
  EXPECT_EQ(ReadCheckpoint(*pool_, absl::InfiniteFuture())->content, content);
  ASSERT_TRUE(*WriteCheckpoint(*pool_, 1, 6, "", absl::UnixEpoch(), absl::InfiniteFuture()));
  EXPECT_EQ(ReadCheckpoint(*pool_, absl::InfiniteFuture())->content, "");
}

TEST_F(CheckpointerTest, ADamagedCheckpointIsRebuiltFromTheLogsAndThenReplaced) {
  Replica first(*pool_);
  first.City();
  first.Visit(0);
  ASSERT_TRUE(*first.checkpointer.SaveNow());
  Run("UPDATE checkpoint_chunks SET payload = 'x'");
  LoadedAggregate loaded = Load();
  EXPECT_EQ(loaded.state.EventCount(), 0);
  EXPECT_EQ(loaded.unusable_version, 1);
  Replica again(*pool_, std::move(loaded));
  again.City();
  again.Visit(0);
  ASSERT_TRUE(*again.checkpointer.SaveNow());  // it has no more events than the damaged one says of itself
  EXPECT_EQ(Load().state.EventCount(), 2);
}

TEST_F(CheckpointerTest, StoppingSavesWhatHasChanged) {
  Replica replica(*pool_);
  replica.checkpointer.Start();
  replica.City();
  replica.Visit(0);
  replica.checkpointer.Stop();
  EXPECT_EQ(Head().events, 2);
}

}  // namespace
}  // namespace zhuqi::reporting
