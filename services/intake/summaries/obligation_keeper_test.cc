#include "services/intake/summaries/obligation_keeper.h"

#include <optional>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "common/directory/date_message.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/month_opening.h"
#include "services/intake/summaries/test_summary_replica.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;

constexpr char kObligations[] = "SELECT COUNT(*) FROM obligations";

// As nobody does: what is made again afterwards was looked for again.
void ForgetJanuaryOf(Replica& replica, const std::string& unit) {
  const absl::Status status =
      db::RunTransaction(*replica.parts().pool, {}, [&](db::Transaction& transaction) {
        for (const char* table : {"obligations", "summary_history"}) {
          const auto deleted = transaction.Execute(
              "DELETE FROM " + std::string(table) + " WHERE org_unit_id = ? AND month = ?",
              {unit, absl::CivilDay(2026, 1, 1)});
          if (!deleted.ok()) return deleted.status();
        }
        return absl::OkStatus();
      });
  ASSERT_TRUE(status.ok()) << status;
}

TEST(ObligationKeeper, ChangeOfOtherThingsThanUnitsAndFormsLooksForNothing) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  ASSERT_EQ(database.Count(kObligations), 4);
  ForgetJanuaryOf(replica, "jinshui");
  replica.Apply(RequestFromText(R"(
      categories { category_id: "fire" name: "消防" }
      departments { department_id: "jinshui.tax" org_unit_id: "jinshui" function: "tax" name: "税务局" }
      teams { team_id: "mobile" org_unit_id: "jinshui" name: "流动服务队" }
      policies { policy_id: "rent" org_unit_id: "zhengzhou" title: "房租" })"));
  EXPECT_EQ(database.Count(kObligations), 3);
  // A new calendar settles due dates and makes nothing.
  ApplyDirectoryRequest calendar;
  *calendar.mutable_calendar() = CityRequest().calendar();
  calendar.mutable_calendar()->set_version(2);
  calendar.mutable_calendar()->add_notice_years(2027);
  replica.Apply(calendar);
  EXPECT_EQ(database.Count(kObligations), 3);
  replica.Apply(RequestFromText(R"(org_units { org_unit_id: "huayuanlu" name: "花园路街道"
      level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "jinshui" opened_on { year: 2001 month: 1 day: 1 } })"));
  EXPECT_EQ(database.Count(kObligations), 4);
}

TEST(ObligationKeeper, MonthThatBeginsLooksAtAllMonths) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  ForgetJanuaryOf(replica, "jinshui");
  replica.clock().Set(StartOfCityDay(absl::CivilDay(2026, 2, 1)));
  EXPECT_EQ(replica.keeper().RunOnce().value(), 3);
  EXPECT_EQ(replica.keeper().RunOnce().value(), 0);
}

// A provisional due date is settled by the notice though no unit and no form changed.
TEST(ObligationKeeper, NoticeSettlesDueDatesOfUnitsThatDidNotChange) {
  IntakeDatabase database;
  Replica replica(database);
  ApplyDirectoryRequest city = CityRequest();
  city.mutable_calendar()->clear_notice_years();
  city.mutable_calendar()->clear_overrides();
  replica.Apply(city);
  const std::string provisional = "SELECT COUNT(*) FROM obligations WHERE due_provisional = 1";
  EXPECT_EQ(database.Count(provisional), 4);
  ApplyDirectoryRequest notice;
  *notice.mutable_calendar() = CityRequest().calendar();
  notice.mutable_calendar()->set_version(2);
  replica.Apply(notice);
  EXPECT_EQ(database.Count(provisional), 0);
}

// Waits for a keeper whose pass can not go on.
class ObligationWaitTest : public ::testing::Test {
 protected:
  ObligationWaitTest()
      : parts_(database_),
        only_connection_(database_.NewPool(1)),
        taken_(only_connection_->Acquire(absl::InfiniteFuture()).value()),
        keeper_({only_connection_.get(), &parts_.directory, &parts_.tail, &parts_.clock,
                 &telemetry::Logger::Null(), &timer_}) {
    keeper_.Start();
  }
  // The keeper ends its pass before it stops.
  ~ObligationWaitTest() override { taken_.reset(); }

  void Wait(absl::Time deadline) {
    using Positions = absl::StatusOr<std::vector<common::v1::FeedPosition>>;
    Spawn(keeper_.MadeFor(0, deadline, cancellation_),
          [this](std::optional<Positions> positions, std::exception_ptr) {
            told_ = positions->status();
            done_.Notify();
          });
  }
  absl::Status Told() {
    return done_.WaitForNotificationWithTimeout(absl::Seconds(20)) ? told_ : absl::UnknownError("not told");
  }

  IntakeDatabase database_;
  ReplicaParts parts_;
  const std::unique_ptr<db::Pool> only_connection_;
  std::optional<db::Lease> taken_;
  rpc::Timer timer_;
  rpc::Cancellation cancellation_;
  absl::Status told_;
  absl::Notification done_;
  ObligationKeeper keeper_;
};

TEST_F(ObligationWaitTest, EndsWhenItsCallerLeaves) {
  Wait(absl::InfiniteFuture());
  EXPECT_FALSE(done_.HasBeenNotified());
  cancellation_.Cancel();
  EXPECT_TRUE(absl::IsCancelled(Told())) << Told();
}

TEST_F(ObligationWaitTest, EndsAtItsDeadlineInTheMiddleOfAPass) {
  Wait(absl::Now() + absl::Milliseconds(10));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Told())) << Told();
}

TEST_F(ObligationWaitTest, EndsAtAStopBeforeThePassDoes) {
  Wait(absl::InfiniteFuture());
  std::thread stop([this] { keeper_.Stop(); });
  EXPECT_TRUE(absl::IsUnavailable(Told())) << Told();
  taken_.reset();
  stop.join();
}

TEST(MonthOpening, ReadsOnceWhatIsMissingForAllBatches) {
  IntakeDatabase database;
  Replica replica(database);
  const auto city = City();
  const absl::CivilMonth january(2026, 1);
  MonthOpening opening(*city, city->forms().at("monthly"), january, kTestPartitions, /*limit=*/1, kInJanuary);
  const auto make = [&]() -> int {
    int made = 0;
    const absl::Status status =
        db::RunTransaction(*replica.parts().pool, {}, [&](db::Transaction& transaction) -> absl::Status {
          const absl::StatusOr<int> batch = opening.MakeBatch(transaction);
          if (batch.ok()) made = *batch;
          return batch.status();
        });
    EXPECT_TRUE(status.ok()) << status;
    if (status.ok()) opening.Committed();
    return made;
  };
  EXPECT_EQ(make(), 1);
  EXPECT_FALSE(opening.done());
  ForgetJanuaryOf(replica, "jinshui");  // the first one
  EXPECT_EQ(make(), 1);
  EXPECT_TRUE(opening.done());
  EXPECT_EQ(make(), 0);
  EXPECT_EQ(database.Count(kObligations), 1);
  EXPECT_EQ(database.Count("SELECT COUNT(*) FROM obligations WHERE org_unit_id = 'zhongmu'"), 1);
}

TEST(MonthOpening, ReadsAgainWhenAnotherReplicaWasFirst) {
  IntakeDatabase database;
  Replica replica(database);
  const auto city = City();
  const auto& form = city->forms().at("monthly");
  const absl::CivilMonth january(2026, 1);
  const auto run = [&](MonthOpening& opening, int& attempts) {
    const absl::Status status =
        db::RunTransaction(*replica.parts().pool, {}, [&](db::Transaction& transaction) -> absl::Status {
          ++attempts;
          return opening.MakeBatch(transaction).status();
        });
    EXPECT_TRUE(status.ok()) << status;
    opening.Committed();
  };
  MonthOpening slow(*city, form, january, kTestPartitions, /*limit=*/1, kInJanuary);
  int attempts = 0;
  run(slow, attempts);
  EXPECT_EQ(attempts, 1);
  MonthOpening quick(*city, form, january, kTestPartitions, /*limit=*/10, kInJanuary);
  run(quick, attempts);
  EXPECT_EQ(attempts, 2);
  run(slow, attempts);
  EXPECT_EQ(attempts, 4);
  EXPECT_TRUE(slow.done());
  EXPECT_EQ(database.Count(kObligations), 2);
}

}  // namespace
}  // namespace zhuqi::intake
