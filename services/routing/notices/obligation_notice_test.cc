#include "services/routing/notices/obligation_notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/directory/date_message.h"
#include "services/routing/notices/notice_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;

feed::v1::ObligationReminded RemindedOf(intake::v1::ReminderKind kind) {
  feed::v1::ObligationReminded reminded;
  reminded.set_org_unit_id("js");
  reminded.mutable_month()->set_year(2024);
  reminded.mutable_month()->set_month(4);
  reminded.set_form_id("monthly");
  reminded.set_state(intake::v1::SUMMARY_STATE_OWED);
  reminded.set_sequence(2);
  reminded.mutable_reminder()->set_kind(kind);
  *reminded.mutable_reminder()->mutable_act_by() = TimestampMessage(At("2024-05-09 17:00"));
  *reminded.mutable_reminder()->mutable_reminded_at() = TimestampMessage(At("2024-05-07 09:00"));
  return reminded;
}

TEST(ObligationNotice, SaysWhoHasToSendWhatByWhen) {
  const auto event = MakeObligationNotice(RemindedOf(intake::v1::REMINDER_KIND_DUE_SOON));
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->data().text_zh(), "js 2024-04 月报（monthly）应于 2024-05-09 17:00 前报送");
  EXPECT_EQ(
      NoticeBody(*event),
      R"({"specversion":"1.0","id":")" + event->id() +
          R"(","source":"/zhuqi/routing","type":"zhuqi.obligation.due_soon.v1","subject":"js/2024-04/monthly",)"
          R"("time":"2024-05-07T01:00:00Z","datacontenttype":"application/json","sequence":"2","data":{)"
          R"("orgUnitId":"js","month":{"year":2024,"month":4},"formId":"monthly","state":"SUMMARY_STATE_OWED",)"
          R"("actBy":"2024-05-09T09:00:00Z","textZh":"js 2024-04 月报（monthly）应于 2024-05-09 17:00 前报送",)"
          R"("textEn":"the summary of js for 2024-04 (monthly) is to be sent by 2024-05-09 17:00"}})");
}

TEST(ObligationNotice, WhatWasReturnedIsOverdueToBeSentAgain) {
  feed::v1::ObligationReminded reminded = RemindedOf(intake::v1::REMINDER_KIND_OVERDUE);
  reminded.set_state(intake::v1::SUMMARY_STATE_RETURNED);
  const auto event = MakeObligationNotice(reminded);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->type(), kObligationOverdue);
  EXPECT_EQ(event->data().text_zh(), "js 2024-04 月报（monthly）应于 2024-05-09 17:00 前重报，已逾期");
  EXPECT_EQ(
      event->data().text_en(),
      "the summary of js for 2024-04 (monthly) was to be sent again by 2024-05-09 17:00 and is overdue");
}

TEST(ObligationNotice, TheSameReminderHasTheSameIdAndAnotherOneAnother) {
  const auto soon = RemindedOf(intake::v1::REMINDER_KIND_DUE_SOON);
  auto overdue = RemindedOf(intake::v1::REMINDER_KIND_OVERDUE);
  overdue.set_sequence(3);
  EXPECT_EQ(MakeObligationNotice(soon)->id(), MakeObligationNotice(soon)->id());
  EXPECT_NE(MakeObligationNotice(soon)->id(), MakeObligationNotice(overdue)->id());
  EXPECT_EQ(SubjectId(*MakeObligationNotice(soon)), SubjectId(*MakeObligationNotice(overdue)));
}

TEST(ObligationNotice, AKindThatIsNotKnownIsPassedOver) {
  EXPECT_FALSE(MakeObligationNotice(RemindedOf(intake::v1::REMINDER_KIND_UNSPECIFIED)).has_value());
}

}  // namespace
}  // namespace zhuqi::routing
