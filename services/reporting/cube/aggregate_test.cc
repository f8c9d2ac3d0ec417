#include "services/reporting/cube/aggregate.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/feed/token.h"
#include "common/rpc/timer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "services/reporting/checkpoint/checkpoint_codec.h"
#include "services/reporting/follow/feeds.h"
#include "services/reporting/testing/compare.h"
#include "services/reporting/testing/message.h"
#include "services/reporting/testing/random_log.h"

namespace zhuqi::reporting {
namespace {

using testing::Change;
using testing::CityMessage;
using testing::Date;
using testing::Message;

feed::v1::Event AVisit(const std::string& unit = "a") {
  return Change(std::nullopt, testing::Visit(unit, Date(2024, 3, 1), {"X"}));
}

int64_t Visits(const Aggregate& aggregate, const std::string& unit) {
  return aggregate.Read([&](const AggregateState& state) {
    const v1::Figure figure = OneFigure(state.cube, *state.directory, *FindMeasure("visits"), unit,
                                        testing::Year(2024), v1::GROUP_BY_UNSPECIFIED, std::nullopt, 9200);
    return static_cast<int64_t>(figure.value());
  });
}

class AggregateTest : public ::testing::Test {
 protected:
  rpc::Timer timer_;
  feed::Positions positions_{timer_};
  Aggregate aggregate_{AggregateState(), positions_};
};

TEST_F(AggregateTest, PlacesMoveWithTheCells) {
  ASSERT_TRUE(aggregate_.Apply(kIntake, CityMessage(), 0).ok());
  ASSERT_TRUE(aggregate_.Apply(kIntake, Message(2, 0, {AVisit(), AVisit("b")}), 0).ok());
  EXPECT_EQ(Visits(aggregate_, "city"), 2);
  EXPECT_EQ(positions_.Get(kIntake, 0), 1);
  EXPECT_EQ(positions_.Get(kIntake, 2), 2);
}

TEST_F(AggregateTest, AMessageThatWasAppliedAlreadyChangesNothing) {
  ASSERT_TRUE(aggregate_.Apply(kIntake, CityMessage(), 0).ok());
  const auto message = Message(2, 0, {AVisit()});
  ASSERT_TRUE(aggregate_.Apply(kIntake, message, 0).ok());
  EXPECT_TRUE(absl::IsAborted(aggregate_.Apply(kIntake, message, 0)));
  EXPECT_EQ(Visits(aggregate_, "city"), 1);
}

TEST_F(AggregateTest, MoreEventsThanOneLockTakesAreAllApplied) {
  ASSERT_TRUE(aggregate_.Apply(kIntake, CityMessage(), 0).ok());
  ASSERT_TRUE(aggregate_.Apply(kIntake, Message(1, 0, std::vector<feed::v1::Event>(200, AVisit())), 0).ok());
  EXPECT_EQ(Visits(aggregate_, "city"), 200);
  EXPECT_EQ(positions_.Get(kIntake, 1), 200);
}

TEST_F(AggregateTest, ARecordWaitsForTheDirectoryThatItWasMadeWith) {
  const auto message = Message(2, 0, {AVisit()});
  EXPECT_TRUE(absl::IsUnavailable(aggregate_.Apply(kIntake, message, 0)));
  ASSERT_TRUE(aggregate_.Apply(kIntake, CityMessage(), 0).ok());
  EXPECT_TRUE(aggregate_.Apply(kIntake, message, 0).ok());
}

TEST_F(AggregateTest, RoutingsThreadWaitsUntilIntakesHasTheDirectory) {
  absl::Status applied = absl::UnknownError("not yet");
  std::thread routing([&] {
    applied = aggregate_.Apply(
        kRouting, Message(1, 0, {Change(std::nullopt, testing::OpenCase("a", Date(2024, 3, 1)))}), 0);
  });
  ASSERT_TRUE(aggregate_.Apply(kIntake, CityMessage(), 0).ok());
  routing.join();
  EXPECT_TRUE(applied.ok()) << applied;
}

TEST_F(AggregateTest, ATokenOfIntakeIsReachedOnceRoutingsPartIsInToo) {
  ASSERT_TRUE(aggregate_.Apply(kIntake, CityMessage(), 0).ok());
  const absl::StatusOr<std::string> token =
      WithRoutingsPart(feed::MakeToken({feed::Position(kIntake, 0, 1), feed::Position(kIntake, 2, 1)}));
  ASSERT_TRUE(token.ok());
  const auto reached = [&] {
    absl::Status status;
    absl::Notification ended;
    rpc::Cancellation cancellation;
    Spawn(positions_.WaitFor(*token, absl::InfinitePast(), cancellation),
          [&](std::optional<absl::Status> result, std::exception_ptr) {
            status = *result;
            ended.Notify();
          });
    ended.WaitForNotification();  // a wait that is not reached ends on the timer's thread
    return status.ok();
  };
  ASSERT_TRUE(aggregate_.Apply(kIntake, Message(2, 0, {AVisit()}), 0).ok());
  EXPECT_FALSE(reached());
  feed::v1::FollowResponse progress = Message(2, 0, {});
  *progress.add_upstream() = feed::Position(kIntake, 3, 9);  // proves nothing about partition 2
  ASSERT_TRUE(aggregate_.Apply(kRouting, progress, 0).ok());
  EXPECT_FALSE(reached());
  *progress.add_upstream() = feed::Position(kIntake, 2, 1);
  ASSERT_TRUE(aggregate_.Apply(kRouting, progress, 0).ok());
  EXPECT_TRUE(reached());
}

TEST_F(AggregateTest, FreshnessNamesThePlacesOfTheFeedsAlone) {
  ASSERT_TRUE(aggregate_.Apply(kIntake, CityMessage(), 0).ok());
  feed::v1::FollowResponse progress = Message(1, 0, {});
  *progress.add_upstream() = feed::Position(kIntake, 1, 0);
  ASSERT_TRUE(aggregate_.Apply(kRouting, progress, 0).ok());
  const auto freshness =
      aggregate_.Read([](const AggregateState& state) { return FreshnessOf(state, absl::UnixEpoch()); });
  ASSERT_EQ(freshness.positions_size(), 1);
  EXPECT_EQ(freshness.positions(0).source(), kIntake);
  EXPECT_TRUE(freshness.has_newest_event_at());
}

// What a checkpoint in the middle of a log gives back, and the tail applied to it.
RC_GTEST_PROP(CheckpointProperty, ACheckpointAndTheTailGiveTheSameAsAllAtOnce, ()) {
  testing::RandomLog log = testing::RandomLog::Generate();
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, log.entries.size() + 1);
  AggregateState whole;
  AggregateState first;
  for (std::size_t i = 0; i < log.entries.size(); ++i) {
    testing::Apply(log.entries[i], whole.cube);
    if (i >= cut) continue;
    testing::Apply(log.entries[i], first.cube);
    if (log.entries[i].directory != nullptr) first.directory = log.entries[i].directory;
  }
  first.places[{kIntake, 1}] = static_cast<int64_t>(cut);
  first.places[{kRoutingOfIntake, 1}] = 3;
  first.newest_event_at = absl::FromUnixSeconds(1'700'000'000);
  const std::string bytes = EncodeCheckpoint(first).SerializeAsString();
  checkpoint::Checkpoint message;
  RC_ASSERT(message.ParseFromString(bytes));
  absl::StatusOr<AggregateState> restored = DecodeCheckpoint(message);
  RC_ASSERT(restored.ok());
  RC_ASSERT(testing::Compare(first.cube, restored->cube.tally(), *first.directory).found == 0);
  RC_ASSERT(testing::Compare(restored->cube, first.cube.tally(), *first.directory).found == 0);
  RC_ASSERT(restored->places == first.places);
  RC_ASSERT(restored->newest_event_at == first.newest_event_at);
  RC_ASSERT(restored->directory->sequence() == first.directory->sequence());
  for (std::size_t i = cut; i < log.entries.size(); ++i) testing::Apply(log.entries[i], restored->cube);
  RC_ASSERT(testing::Compare(whole.cube, restored->cube.tally(), *log.directory).found == 0);
  RC_ASSERT(testing::Compare(restored->cube, whole.cube.tally(), *log.directory).found == 0);
}

TEST(CheckpointCodecTest, AnotherFormatAndDamageAreRefused) {
  AggregateState state;
  state.directory = testing::SmallCityDirectory();
  state.cube.SetDirectory(*state.directory);
  state.cube.Apply(AVisit());
  checkpoint::Checkpoint good = EncodeCheckpoint(state);
  ASSERT_TRUE(DecodeCheckpoint(good).ok());
  checkpoint::Checkpoint other = good;
  other.set_format(kCheckpointFormat + 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(DecodeCheckpoint(other).status()));
  other = good;
  for (auto& unit : *other.mutable_units()) {
    for (auto& series : *unit.mutable_counts()) series.set_component("unheard_of");
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeCheckpoint(other).status()));
  other = good;
  other.clear_enterprises();
  EXPECT_TRUE(absl::IsDataLoss(DecodeCheckpoint(other).status()));
}

}  // namespace
}  // namespace zhuqi::reporting
