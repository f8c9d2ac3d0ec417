#include "services/intake/summaries/reminder_keeper.h"

#include <atomic>
#include <string>
#include <thread>

#include "common/directory/date_message.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/test_summary_replica.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;

// January is due on Friday 6 February at 17:00; three working days before is Tuesday the 3rd. December was
// due before its obligations were made.
const absl::Time kDueSoon = CityTime(absl::CivilDay(2026, 2, 3), 9);
const absl::Time kOverdue = CityTime(absl::CivilDay(2026, 2, 9), 9);
constexpr char kHistory[] = "SELECT COUNT(*) FROM summary_history";

ApplyDirectoryRequest RemindingCity() {
  ApplyDirectoryRequest city = CityRequest();
  city.mutable_forms(0)->set_remind_working_days(3);
  return city;
}

class ReminderKeeperTest : public ::testing::Test {
 protected:
  static ReminderKeeperOptions OptionsOf(Replica& replica, int batch) {
    ReminderKeeperOptions options;
    options.pool = replica.parts().pool.get();
    options.directory = &replica.parts().directory;
    options.tail = &replica.parts().tail;
    options.clock = &replica.clock();
    options.logger = &telemetry::Logger::Null();
    options.interval = absl::Milliseconds(5);
    options.batch = batch;
    return options;
  }
  int64_t RemindAt(absl::Time now) {
    replica_.clock().Set(now);
    const absl::StatusOr<int64_t> reminded = keeper_.RunOnce();
    EXPECT_TRUE(reminded.ok()) << reminded.status();
    return reminded.value_or(-1);
  }
  v1::MonthlySummary January(const std::string& unit) {
    return replica_
        .Get(FromText<v1::GetSummaryRequest>("month { year: 2026 month: 1 } org_unit_id: '" + unit + "'"))
        .value()
        .summary();
  }
  std::vector<feed::v1::ObligationReminded> ToldInTheFeed() {
    std::vector<feed::v1::ObligationReminded> told;
    for (int32_t partition = 1; partition <= kTestPartitions; ++partition) {
      for (const feed::v1::Event& event : database_.Events(partition)) {
        if (event.has_obligation_reminded()) told.push_back(event.obligation_reminded());
      }
    }
    return told;
  }

  IntakeDatabase database_;
  Replica replica_{database_};
  ReminderKeeper keeper_{OptionsOf(replica_, 1)};
};

TEST_F(ReminderKeeperTest, RemindsOnceEachInTheFeedAndInTheHistory) {
  replica_.Apply(RemindingCity());
  const std::string etag = January("jinshui").etag();
  const int64_t history = database_.Count(kHistory);
  EXPECT_EQ(RemindAt(kDueSoon - absl::Minutes(1)), 0);
  EXPECT_EQ(RemindAt(kDueSoon), 2);
  EXPECT_EQ(RemindAt(kDueSoon), 0);
  EXPECT_EQ(database_.Count(kHistory), history + 2);
  ASSERT_EQ(ToldInTheFeed().size(), 2U);
  const v1::MonthlySummary reminded = January("jinshui");
  ASSERT_EQ(reminded.reminders_size(), 1);
  EXPECT_EQ(reminded.reminders(0).kind(), v1::REMINDER_KIND_DUE_SOON);
  EXPECT_EQ(TimeFrom(reminded.reminders(0).act_by()), CityTime(absl::CivilDay(2026, 2, 6), 17));
  EXPECT_EQ(TimeFrom(reminded.reminders(0).reminded_at()), kDueSoon);
  EXPECT_EQ(reminded.etag(), etag);

  auto before = FromText<v1::GetSummaryRequest>("month { year: 2026 month: 1 } org_unit_id: 'jinshui'");
  *before.mutable_as_of() = TimestampMessage(kDueSoon - absl::Seconds(1));
  EXPECT_EQ(replica_.Get(before).value().summary().reminders_size(), 0);
}

// The clerk began with what stood before the reminder.
TEST_F(ReminderKeeperTest, AReminderRefusesNobodysSummaryAndWhatCameIsNotOverdue) {
  replica_.Apply(RemindingCity());
  const std::string etag = January("jinshui").etag();
  EXPECT_EQ(RemindAt(kDueSoon), 2);
  auto summary = FromText<v1::SubmitSummaryRequest>(R"(
      month { year: 2026 month: 1 } org_unit_id: "jinshui"
      cells { indicator_id: "visits" status: CELL_STATUS_NIL } cells { indicator_id: "issues" status: CELL_STATUS_NIL })");
  summary.set_etag(etag);
  const auto sent = replica_.Submit(summary);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(RemindAt(kOverdue), 1);
  const std::vector<feed::v1::ObligationReminded> told = ToldInTheFeed();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(January("jinshui").reminders_size(), 1);
  ASSERT_EQ(January("zhongmu").reminders_size(), 2);
  EXPECT_EQ(January("zhongmu").reminders(1).kind(), v1::REMINDER_KIND_OVERDUE);
}

TEST_F(ReminderKeeperTest, CatchesUpAfterDowntime) {
  replica_.Apply(RemindingCity());
  EXPECT_EQ(RemindAt(CityTime(absl::CivilDay(2026, 3, 2), 10)), 2);
  for (const feed::v1::ObligationReminded& told : ToldInTheFeed()) {
    EXPECT_EQ(told.reminder().kind(), v1::REMINDER_KIND_OVERDUE);
    EXPECT_EQ(told.month().month(), 1);
  }
}

TEST_F(ReminderKeeperTest, TwoReplicasRemindOnce) {
  ApplyDirectoryRequest city = RemindingCity();
  constexpr int kMore = 40;
  for (int i = 0; i < kMore; ++i) {
    city.MergeFrom(
        RequestFromText(absl::StrCat("org_units { org_unit_id: 'd", i, "' name: '区", i,
                                     "' level: ORG_UNIT_LEVEL_DISTRICT parent_id: 'zhengzhou' }")));
  }
  replica_.Apply(city);
  Replica other(database_);
  ReminderKeeper others(OptionsOf(other, 3));
  replica_.clock().Set(kDueSoon);
  other.clock().Set(kDueSoon);
  std::atomic<int64_t> reminded{0};
  const auto remind = [&reminded](ReminderKeeper& keeper) {
    const absl::StatusOr<int64_t> count = keeper.RunOnce();
    EXPECT_TRUE(count.ok()) << count.status();
    reminded += count.value_or(0);
  };
  std::thread beside([&] { remind(others); });
  remind(keeper_);
  beside.join();
  EXPECT_EQ(reminded.load(), kMore + 2);
  EXPECT_EQ(ToldInTheFeed().size(), static_cast<size_t>(kMore + 2));
}

// The 3rd becomes a day off: the third working day before is the 2nd.
TEST_F(ReminderKeeperTest, ACalendarThatChangesMovesTheReminder) {
  replica_.Apply(RemindingCity());
  ApplyDirectoryRequest calendar;
  *calendar.mutable_calendar() = CityRequest().calendar();
  calendar.mutable_calendar()->set_version(2);
  auto& day = *calendar.mutable_calendar()->add_overrides();
  *day.mutable_date() = DateMessage(absl::CivilDay(2026, 2, 3));
  const int64_t history = database_.Count(kHistory);
  replica_.Apply(calendar);
  EXPECT_EQ(database_.Count(kHistory), history);
  EXPECT_EQ(RemindAt(CityTime(absl::CivilDay(2026, 2, 2), 8, 59)), 0);
  EXPECT_EQ(RemindAt(CityTime(absl::CivilDay(2026, 2, 2), 9)), 2);
}

// As another replica with another calendar may have left it.
TEST_F(ReminderKeeperTest, WhatIsNotDueHereYetIsPassedOver) {
  replica_.Apply(RemindingCity());
  const auto moved =
      (*replica_.parts().pool->Acquire(absl::InfiniteFuture()))
          ->Execute("UPDATE obligations SET remind_at = '2026-01-01' WHERE month = '2026-01-01'", {});
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(RemindAt(kInJanuary), 0);
  EXPECT_EQ(RemindAt(kDueSoon), 2);
}

TEST_F(ReminderKeeperTest, WorksByItselfUntilItIsStopped) {
  replica_.Apply(RemindingCity());
  replica_.clock().Set(kDueSoon);
  keeper_.Start();
  while (ToldInTheFeed().size() < 2) std::this_thread::yield();
  keeper_.Stop();
  replica_.clock().Set(kOverdue);
  EXPECT_TRUE(absl::IsUnavailable(keeper_.RunOnce().status()));
}

}  // namespace
}  // namespace zhuqi::intake
