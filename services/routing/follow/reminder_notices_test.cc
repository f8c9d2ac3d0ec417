// Reminders in intake's feed become notices, once each, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "common/directory/date_message.h"
#include "common/rpc/timer.h"
#include "common/telemetry/logger.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "routing_schema.h"
#include "services/routing/follow/intake_follower.h"
#include "services/routing/notices/notice_store.h"
#include "services/routing/notices/obligation_notice.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;

constexpr int32_t kPartition = 1;

feed::v1::FollowResponse Reminders() {
  feed::v1::FollowResponse message;
  message.set_partition(kPartition);
  message.set_head(2);
  for (const auto kind : {intake::v1::REMINDER_KIND_DUE_SOON, intake::v1::REMINDER_KIND_OVERDUE}) {
    feed::v1::Event& event = *message.add_events();
    event.set_sequence(message.events_size());
    feed::v1::ObligationReminded& reminded = *event.mutable_obligation_reminded();
    reminded.set_org_unit_id("js");
    reminded.mutable_month()->set_year(2024);
    reminded.mutable_month()->set_month(4);
    reminded.set_form_id("monthly");
    reminded.set_state(intake::v1::SUMMARY_STATE_OWED);
    reminded.set_sequence(1 + message.events_size());
    reminded.mutable_reminder()->set_kind(kind);
    *reminded.mutable_reminder()->mutable_act_by() = TimestampMessage(At("2024-05-09 17:00"));
    *reminded.mutable_reminder()->mutable_reminded_at() =
        TimestampMessage(At("2024-05-07 09:00") + absl::Hours(72) * (message.events_size() - 1));
  }
  return message;
}

class ReminderNoticesTest : public ::testing::Test {
 protected:
  ReminderNoticesTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(4));
    tail_ = std::make_unique<feed::FeedTail>(*pool_, true, absl::Milliseconds(5));
    positions_.Follows("intake");
  }

  std::unique_ptr<IntakeFollower> NewFollower(Outbox outbox) {
    IntakeFollowerOptions options;
    options.pool = pool_.get();
    options.directory = &directory_;
    options.catalogue = &catalogue_;
    options.positions = &positions_;
    options.tail = tail_.get();
    options.clock = &clock_;
    options.logger = &telemetry::Logger::Null();
    options.metrics = &calls_.metrics();
    options.partitions = 2;
    options.outbox = outbox;
    auto follower = std::make_unique<IntakeFollower>(options);
    EXPECT_EQ(follower->Load(), absl::OkStatus());
    return follower;
  }
  // Newest first.
  std::vector<v1::Notice> Notices() {
    return SelectNotices(**pool_->Acquire(absl::InfiniteFuture()), {}, 100).value();
  }

  ::zhuqi::testing::TestDatabase database_;
  ::zhuqi::testing::TestCalls calls_;
  std::unique_ptr<db::Pool> pool_;
  std::unique_ptr<feed::FeedTail> tail_;
  rpc::Timer timer_;
  feed::Positions positions_{timer_};
  CatalogueHolder catalogue_{positions_};
  DirectoryHolder directory_;
  FakeClock clock_{At("2024-05-10 09:00")};
};

TEST_F(ReminderNoticesTest, ARemindedUnitIsANoticeOnceAndNoCase) {
  const auto follower = NewFollower(Outbox::kOn);
  const auto other = NewFollower(Outbox::kOn);
  ASSERT_EQ(follower->ApplyRecords(Reminders(), 0), absl::OkStatus());
  EXPECT_TRUE(feed::IsCursorMoved(other->ApplyRecords(Reminders(), 0)));
  const std::vector<v1::Notice> notices = Notices();
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_EQ(notices[0].type(), kObligationOverdue);
  EXPECT_EQ(notices[1].type(), kObligationDueSoon);
  EXPECT_EQ(notices[0].case_id(), "");
  EXPECT_EQ(notices[0].sequence(), 3);
  EXPECT_EQ(notices[0].state(), v1::NOTICE_STATE_PENDING);
  EXPECT_THAT(notices[0].body(), ::testing::HasSubstr("\"orgUnitId\":\"js\""));
}

// What fell due first is sent first; the later one waits for it.
TEST_F(ReminderNoticesTest, OfOneObligationTheyAreSentInTheirOrder) {
  ASSERT_EQ(NewFollower(Outbox::kOn)->ApplyRecords(Reminders(), 0), absl::OkStatus());
  const db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
  std::vector<DueNotice> due = FindDueNotices(*lease, clock_.Now(), 10).value();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_THAT(due[0].body, ::testing::HasSubstr(kObligationDueSoon));
  ASSERT_TRUE(*ClaimNotice(*lease, due[0], clock_.Now() + absl::Minutes(1)));
  ASSERT_TRUE(*SettleSent(*lease, due[0], clock_.Now()));
  due = FindDueNotices(*lease, clock_.Now(), 10).value();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_THAT(due[0].body, ::testing::HasSubstr(kObligationOverdue));
}

TEST_F(ReminderNoticesTest, WithoutAWebhookTheyMoveTheCursorAlone) {
  ASSERT_EQ(NewFollower(Outbox::kOff)->ApplyRecords(Reminders(), 0), absl::OkStatus());
  EXPECT_TRUE(Notices().empty());
  EXPECT_EQ(positions_.Get("intake", kPartition), 2);
}

}  // namespace
}  // namespace zhuqi::routing
