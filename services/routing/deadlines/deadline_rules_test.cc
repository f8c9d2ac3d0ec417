#include "services/routing/deadlines/deadline_rules.h"

#include <gtest/gtest.h>

#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_testing.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::City;
using testing::CityCatalogue;
using testing::CityWithNewCalendar;

// Raised Monday 2024-05-06 at 09:30, handling in 7 working days, first contact in 60 minutes.
CaseRecord FreshCase() {
  return ReceiveCase(testing::Issue(), At("2024-05-06 09:30"), *City(), CityCatalogue(), 1).value().record;
}

CaseRecord ActedOn(const CaseRecord& before, const v1::CaseAction& action, absl::string_view at) {
  ActionInput input;
  input.action = action;
  input.recorded_at = At(at);
  input.actor = "tester";
  return Act(before, input, *City(), CityCatalogue()).value().record;
}

v1::ExplainDeadlineResponse Explain(const CaseRecord& record, v1::ClockKind kind, const Directory& directory,
                                    absl::string_view as_of) {
  return ExplainCaseDeadline(record.body, {kind}, directory, {.as_of = At(as_of)}).value().response;
}

TEST(DeadlineRules, TheHandlingClockIsShownDayByDayToItsDeadline) {
  const CaseRecord record = FreshCase();
  const v1::ExplainDeadlineResponse response =
      Explain(record, v1::CLOCK_KIND_HANDLING, *City(), "2024-05-08 10:00");
  EXPECT_EQ(response.case_id(), record.body.case_id());
  EXPECT_EQ(response.policy().working_days().count(), 7);
  EXPECT_EQ(response.catalogue_version(), 1);
  EXPECT_EQ(response.calendar_version(), 1);
  EXPECT_FALSE(response.other_calendar());
  EXPECT_EQ(TimeFrom(response.deadline()), At("2024-05-15 17:00"));
  EXPECT_EQ(response.used_days(), 1);
  EXPECT_EQ(response.used_working_minutes(), 390 + 420 + 60);
  // The 8th is cut where the clock was measured.
  ASSERT_EQ(response.days_size(), 11);
  EXPECT_EQ(response.days(0).counting(), v1::DAY_COUNTING_DAY_OF_START);
  EXPECT_EQ(response.days(0).weekday(), 1);
  EXPECT_EQ(response.days(0).minutes(), 390);
  EXPECT_EQ(response.days(2).counting(), v1::DAY_COUNTING_AT_CUT_OFF);
  EXPECT_TRUE(response.days(3).ahead());
  EXPECT_EQ(response.days(6).kind(), v1::DAY_KIND_WEEKEND);
  EXPECT_EQ(response.days(10).sum_days(), 7);
  EXPECT_TRUE(response.days(10).due());
}

TEST(DeadlineRules, HalfADayIsShownAsSuch) {
  v1::Catalogue catalogue = CityCatalogue();
  for (v1::ClockPolicy& policy : *catalogue.mutable_clock_policies()) {
    if (!policy.has_working_days()) continue;
    policy.mutable_working_days()->set_count(1);
    policy.mutable_working_days()->set_half(true);
  }
  const CaseRecord record =
      ReceiveCase(testing::Issue(), At("2024-05-06 09:30"), *City(), catalogue, 1).value().record;
  const v1::ExplainDeadlineResponse response =
      Explain(record, v1::CLOCK_KIND_HANDLING, *City(), "2024-05-06 10:00");
  EXPECT_EQ(TimeFrom(response.deadline()), At("2024-05-08 12:00"));
  EXPECT_TRUE(response.policy().working_days().half());
  const v1::DeadlineDay& last = *response.days().rbegin();
  EXPECT_EQ(last.days(), 0);
  EXPECT_TRUE(last.half_day());
  EXPECT_EQ(last.sum_days(), 1);
  EXPECT_TRUE(last.sum_half_day());
  EXPECT_TRUE(last.due());
  EXPECT_FALSE(response.days(1).sum_half_day());
}

TEST(DeadlineRules, EachCoHandlersReplyAndEachLeadsObjectionIsExplainedByItself) {
  const v1::Catalogue catalogue = testing::FullCatalogue();
  CaseRecord record = testing::InProgressUnder(catalogue);
  record =
      testing::Do(record, testing::Assign("js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER), "2024-05-07 10:00");
  record =
      testing::Do(record, testing::Assign("js.office", v1::ASSIGNMENT_ROLE_CO_HANDLER), "2024-05-09 10:00");
  const auto due = [&](const CaseRecord& of, v1::ClockKind kind, const std::string& department) {
    const auto explained =
        ExplainCaseDeadline(of.body, {kind, department}, *City(), {.as_of = At("2024-05-10 10:00")});
    return explained.ok() ? TimeFrom(explained->response.deadline()) : absl::InfinitePast();
  };
  EXPECT_EQ(due(record, v1::CLOCK_KIND_REPLY, "js.fire"), At("2024-05-10 17:00"));
  EXPECT_EQ(due(record, v1::CLOCK_KIND_REPLY, "js.office"), At("2024-05-14 17:00"));
  EXPECT_EQ(due(record, v1::CLOCK_KIND_REPLY, "js.planning"), absl::InfinitePast());
  EXPECT_EQ(due(record, v1::CLOCK_KIND_OBJECTION, ""), At("2024-05-07 17:00"));
  record = testing::Do(record, testing::HandOver("js.office"), "2024-05-10 09:00");
  // The present lead's; the former one's when it is named.
  EXPECT_EQ(due(record, v1::CLOCK_KIND_OBJECTION, ""), At("2024-05-13 17:00"));
  EXPECT_EQ(due(record, v1::CLOCK_KIND_OBJECTION, "js.planning"), At("2024-05-07 17:00"));
  EXPECT_EQ(due(record, v1::CLOCK_KIND_REPLY, "js.office"), At("2024-05-14 17:00"));
  record = testing::Do(record, testing::Object(), "2024-05-10 10:00");
  record = testing::Do(record, testing::Rule(), "2024-05-10 11:00");
  EXPECT_EQ(due(record, v1::CLOCK_KIND_RULING, ""), At("2024-05-13 17:00"));
}

// The limit of the policy above is spent already when the case is escalated in the evening.
TEST(DeadlineRules, ALimitThatWasSpentBeforeItsPolicyBeganIsExplainedAsTheCaseHasIt) {
  v1::Catalogue catalogue = testing::FullCatalogue();
  for (v1::ClockPolicy& policy : *catalogue.mutable_clock_policies()) {
    if (policy.policy_id() == "escalated") policy.mutable_working_days()->set_count(2);
  }
  const CaseRecord record =
      testing::Do(testing::InProgressUnder(catalogue), testing::Escalate(), "2024-05-09 18:00");
  const v1::CaseClock* clock = FindLastClock(record.body, {v1::CLOCK_KIND_HANDLING});
  const v1::ExplainDeadlineResponse response =
      Explain(record, v1::CLOCK_KIND_HANDLING, *City(), "2024-05-09 19:00");
  EXPECT_EQ(TimeFrom(clock->deadline()), At("2024-05-10 17:00"));
  EXPECT_EQ(TimeFrom(response.deadline()), At("2024-05-10 17:00"));
  EXPECT_TRUE(response.limit_spent_before());
  EXPECT_EQ(response.brought_forward_days(), 2);
  // Where the sum has reached the limit, each day but the last says that the clock could not run out there.
  for (const v1::DeadlineDay& day : response.days()) {
    EXPECT_EQ(day.put_off(), day.days() > 0 && !day.due()) << day.ShortDebugString();
  }
  EXPECT_TRUE(response.days().rbegin()->due());
}

TEST(DeadlineRules, AHolidayNamesItsNotice) {
  const v1::ExplainDeadlineResponse response =
      Explain(FreshCase(), v1::CLOCK_KIND_HANDLING, *CityWithNewCalendar(), "2024-05-06 10:00");
  EXPECT_EQ(TimeFrom(response.deadline()), At("2024-05-16 17:00"));
  const v1::DeadlineDay& day = response.days(9);
  EXPECT_EQ(day.date().day(), 14);
  EXPECT_EQ(day.kind(), v1::DAY_KIND_HOLIDAY);
  EXPECT_EQ(day.holiday(), "城市运动会");
  EXPECT_EQ(day.notice_year(), 2024);
  EXPECT_EQ(day.counting(), v1::DAY_COUNTING_NOT_WORKED);
}

TEST(DeadlineRules, AClockThatHasStoppedIsExplainedWithTheCalendarOfThen) {
  v1::CaseAction contacted;
  contacted.mutable_report_progress()->set_text("已联系企业");
  contacted.mutable_report_progress()->set_contacted(true);
  v1::CaseAction explain;
  explain.mutable_explain()->set_text("现行政策不允许");
  v1::CaseAction accept;
  accept.mutable_accept();
  CaseRecord record = ActedOn(FreshCase(), accept, "2024-05-06 10:00");
  record = ActedOn(record, contacted, "2024-05-06 11:00");
  record = ActedOn(record, explain, "2024-05-10 16:00");
  const v1::ExplainDeadlineResponse response =
      Explain(record, v1::CLOCK_KIND_HANDLING, *CityWithNewCalendar(), "2024-12-01 10:00");
  EXPECT_EQ(response.calendar_version(), 1);
  EXPECT_FALSE(response.other_calendar());
  EXPECT_EQ(TimeFrom(response.deadline()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(response.measured_at()), At("2024-05-10 16:00"));
  EXPECT_FALSE(response.breached());
  // By the wall clock: an hour after 09:30, and contacted at 11:00.
  const v1::ExplainDeadlineResponse contact =
      Explain(record, v1::CLOCK_KIND_RESPONSE, *CityWithNewCalendar(), "2024-12-01 10:00");
  EXPECT_EQ(TimeFrom(contact.deadline()), At("2024-05-06 10:30"));
  EXPECT_TRUE(contact.breached());
  ASSERT_EQ(contact.days_size(), 2);
  EXPECT_EQ(contact.days(0).sum_minutes(), 60);
  EXPECT_TRUE(contact.days(0).due());
  EXPECT_EQ(contact.days(1).sum_minutes(), 90);
  EXPECT_TRUE(contact.days(1).late());
}

TEST(DeadlineRules, AnUnknownCalendarIsSaidAndNotPassedOver) {
  CaseRecord record = FreshCase();
  for (v1::CaseClock& clock : *record.body.mutable_clocks()) clock.set_calendar_version(77);
  EXPECT_FALSE(Explain(record, v1::CLOCK_KIND_HANDLING, *City(), "2024-05-08 10:00").other_calendar());
  *record.body.mutable_closed_at() = TimestampMessage(At("2024-05-08 10:00"));
  EXPECT_TRUE(Explain(record, v1::CLOCK_KIND_HANDLING, *City(), "2024-05-08 10:00").other_calendar());
}

TEST(DeadlineRules, WithoutSuchAClockOrAPolicyThereIsNothingToExplain) {
  CaseRecord record = FreshCase();
  const auto explain = [&] {
    return rpc::ReasonOf(ExplainCaseDeadline(record.body, {v1::CLOCK_KIND_HANDLING}, *City(),
                                             {.as_of = At("2024-05-08 10:00")})
                             .status());
  };
  for (v1::CaseClock& clock : *record.body.mutable_clocks()) clock.clear_policy();
  EXPECT_EQ(explain(), "CLOCK_WITHOUT_POLICY");
  record.body.clear_clocks();
  EXPECT_EQ(explain(), "CLOCK_UNKNOWN");
}

}  // namespace
}  // namespace zhuqi::routing
