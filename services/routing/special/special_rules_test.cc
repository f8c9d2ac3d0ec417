// What is followed to the end: when reports are due, and that a case is not closed before the final one.
#include "services/routing/special/special_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/action_check.h"
#include "services/routing/cases/case_testing.h"
#include "services/routing/cases/case_timeline.h"

namespace zhuqi::routing::testing {
namespace {

using ::testing::Contains;
using ::testing::Not;

// js.office follows it and reports every `every` working days.
v1::MarkSpecial Mark(int every = 5, const char* follower = "js.office") {
  v1::MarkSpecial mark;
  mark.set_follower_department_id(follower);
  mark.set_report_every_working_days(every);
  mark.set_reason("省重点项目");
  return mark;
}
v1::CaseAction Follow(int every = 5, const char* follower = "js.office") {
  v1::CaseAction action;
  *action.mutable_designate()->mutable_special() = Mark(every, follower);
  return action;
}
// In progress, and followed since Tuesday 2024-05-07.
CaseRecord Followed() { return Do(InProgress(), Follow(), "2024-05-07 10:00"); }

absl::CivilDay NextDue(const CaseRecord& record, const Directory& directory = *City()) {
  const v1::Case shown = Present(record, directory, kRecorded);
  return CivilDayFrom(shown.special().next_report_due_on()).value_or(absl::CivilDay());
}
std::string Refusal(const CaseRecord& record, const v1::CaseAction& action, const char* at) {
  return rpc::ReasonOf(TryAct(record, action, At(at)).status());
}

// ---- When reports are due ----

TEST(Special, NextReportIsDueByTheWorkCalendar) {
  const CaseRecord record = Followed();
  EXPECT_EQ(NextDue(record), absl::CivilDay(2024, 5, 14));
  // The 14th becomes a day off.
  EXPECT_EQ(NextDue(record, *CityWithNewCalendar()), absl::CivilDay(2024, 5, 15));
  const CaseRecord reported = Do(record, ReportFollowed(false), "2024-05-10 16:00");
  EXPECT_EQ(NextDue(reported), absl::CivilDay(2024, 5, 17));
  EXPECT_EQ(reported.body.special().report_count(), 1);
  EXPECT_EQ(reported.body.special().last_report(), "跟进情况");
}

TEST(Special, DaysOfAYearThatIsNotAnnouncedAreProvisional) {
  v1::SpecialItem special;
  MarkAsSpecial(Mark(3), At("2024-12-27 10:00"), "wang", special);
  TimeSpecial(special, City()->calendar());
  EXPECT_EQ(CivilDayFrom(special.next_report_due_on()), absl::CivilDay(2025, 1, 1));
  EXPECT_TRUE(special.due_provisional());
  MarkAsSpecial(Mark(1), At("2024-12-27 10:00"), "wang", special);
  TimeSpecial(special, City()->calendar());
  EXPECT_EQ(CivilDayFrom(special.next_report_due_on()), absl::CivilDay(2024, 12, 30));
  EXPECT_FALSE(special.due_provisional());
}

TEST(Special, OverdueFromTheDayAfterItWasDueAndNeverOnceClosed) {
  const CaseRecord record = Followed();
  EXPECT_FALSE(Present(record, *City(), At("2024-05-14 23:59")).special().overdue());
  EXPECT_TRUE(Present(record, *City(), At("2024-05-15 00:00")).special().overdue());
  v1::SpecialItem closed = record.body.special();
  PresentSpecial(closed, City()->calendar(), absl::CivilDay(2024, 6, 1), false);
  EXPECT_FALSE(closed.overdue());
}

// Trap: whoever is late names another follower, and nothing is late any more.
TEST(Special, MarkingItAgainPutsOffNoReport) {
  const CaseRecord again = Do(Followed(), Follow(5, "js.fire"), "2024-05-14 10:00");
  EXPECT_EQ(again.body.special().follower_department_id(), "js.fire");
  EXPECT_EQ(NextDue(again), absl::CivilDay(2024, 5, 14));
  EXPECT_EQ(TimeFrom(again.body.special().since()), At("2024-05-07 10:00"));
}

TEST(Special, DueDaysCountForwardsAndBackwards) {
  const calendar::WorkingCalendar& calendar = City()->calendar();
  const absl::CivilDay sunday(2024, 6, 2);
  EXPECT_EQ(DueDayFrom(sunday, 1, calendar), absl::CivilDay(2024, 6, 3));
  EXPECT_EQ(DueDayFrom(sunday, 0, calendar), absl::CivilDay(2024, 5, 31));
  EXPECT_EQ(DueDayFrom(sunday, -1, calendar), absl::CivilDay(2024, 5, 31));
  EXPECT_EQ(DueDayFrom(sunday, -2, calendar), absl::CivilDay(2024, 5, 30));
}

// ---- Followed to the end ----

TEST(Special, IsNotClosedBeforeTheFinalReportHoweverItEnds) {
  EXPECT_EQ(Refusal(Followed(), Explain(), "2024-05-08 10:00"), "FINAL_REPORT_MISSING");
  EXPECT_EQ(Refusal(Followed(), Withdraw(), "2024-05-08 10:00"), "FINAL_REPORT_MISSING");
  const CaseRecord new_one = Do(Received().record, Follow(), "2024-05-06 10:00");
  EXPECT_EQ(Refusal(new_one, Decline(), "2024-05-08 10:00"), "FINAL_REPORT_MISSING");
  CaseRecord record = Do(Followed(), Resolve(), "2024-05-08 10:00");
  record = Do(record, CallBack(true, true, true), "2024-05-09 10:00");
  EXPECT_EQ(Refusal(record, Close(), "2024-05-09 11:00"), "FINAL_REPORT_MISSING");
  EXPECT_THAT(Allowed(record), Not(Contains("close")));
  record = Do(record, ReportFollowed(false), "2024-05-09 12:00");
  EXPECT_EQ(Refusal(record, Close(), "2024-05-09 13:00"), "FINAL_REPORT_MISSING");
  record = Do(record, ReportFollowed(true), "2024-05-09 14:00");
  EXPECT_EQ(record.body.special().report_count(), 2);
  EXPECT_FALSE(Present(record, *City(), kRecorded).special().has_next_report_due_on());
  record = Do(record, Close(), "2024-05-09 15:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_CLOSED);
}

TEST(Special, AfterTheFinalReportThereIsNothingToReport) {
  EXPECT_EQ(Refusal(InProgress(), ReportFollowed(false), "2024-05-08 10:00"), "NOT_SPECIAL");
  const CaseRecord ended = Do(Followed(), ReportFollowed(true), "2024-05-08 10:00");
  EXPECT_EQ(Refusal(ended, ReportFollowed(false), "2024-05-08 11:00"), "NOT_SPECIAL");
  // Marked anew, it is followed anew.
  const CaseRecord again = Do(ended, Follow(1), "2024-05-09 10:00");
  EXPECT_EQ(NextDue(again), absl::CivilDay(2024, 5, 10));
  EXPECT_EQ(again.body.special().report_count(), 1);
}

// Trap: a final report stands although what it says has turned out wrong.
TEST(Special, WhatIsNotResolvedOrIsReopenedIsFollowedAgain) {
  CaseRecord record = Do(Followed(), Resolve(), "2024-05-08 10:00");
  record = Do(record, ReportFollowed(true), "2024-05-08 11:00");
  const CaseRecord not_resolved = Do(record, CallBack(true, false), "2024-05-09 10:00");
  EXPECT_FALSE(not_resolved.body.special().has_final_reported_at());
  EXPECT_EQ(NextDue(not_resolved), absl::CivilDay(2024, 5, 16));
  record = Do(record, CallBack(true, true, true), "2024-05-09 10:00");
  record = Do(record, Close(), "2024-05-09 11:00");
  const CaseRecord reopened = Do(record, Reopen(), "2024-05-10 10:00");
  EXPECT_EQ(NextDue(reopened), absl::CivilDay(2024, 5, 17));
  EXPECT_EQ(reopened.body.special().report_count(), 1);
}

TEST(Special, AnIssueThatIsWithdrawnAtIntakeClosesItAllTheSame) {
  feed::v1::RecordChanged withdrawn = Issue();
  *withdrawn.mutable_before() = withdrawn.after();
  withdrawn.mutable_after()->set_withdrawn(true);
  withdrawn.mutable_after()->set_revision(2);
  const CaseRecord closed = ReviseIssue(Followed(), withdrawn, At("2024-05-08 10:00"), *City()).record;
  EXPECT_EQ(closed.body.state(), v1::PROCESS_STATE_CLOSED);
  EXPECT_FALSE(Present(closed, *City(), At("2024-06-03 10:00")).special().overdue());
  // Nothing was due while it was closed.
  feed::v1::RecordChanged back = withdrawn;
  *back.mutable_before() = withdrawn.after();
  back.mutable_after()->set_withdrawn(false);
  back.mutable_after()->set_revision(3);
  const CaseRecord open = ReviseIssue(closed, back, At("2024-06-03 10:00"), *City()).record;
  EXPECT_EQ(NextDue(open), absl::CivilDay(2024, 6, 10));
}

TEST(Special, FollowedByADepartmentThatHasToDoWithIt) {
  // js.planning leads, zz.office is above, zm is another district.
  EXPECT_TRUE(TryAct(InProgress(), Follow(5, "zz.office"), At("2024-05-07 10:00")).ok());
  EXPECT_EQ(Refusal(InProgress(), Follow(5, "zm.office"), "2024-05-07 10:00"), "FOLLOWER_HAS_NO_PART");
  EXPECT_TRUE(ActAs("js.office", Followed(), ReportFollowed(false), "2024-05-08 10:00").ok());
  EXPECT_EQ(
      rpc::ReasonOf(ActAs("js.planning", Followed(), ReportFollowed(false), "2024-05-08 10:00").status()),
      "NOT_THE_FOLLOWER");
  // The lead does not decide by whom it is followed.
  EXPECT_EQ(rpc::ReasonOf(ActAs("js.planning", InProgress(), Follow(), "2024-05-07 10:00").status()),
            "NOT_ITS_PART");
}

TEST(Special, ALateReportIsHistoryAndMovesNothing) {
  const CaseRecord before = Do(Followed(), Report(false), "2024-05-09 10:00");
  const auto late = TryAct(before, ReportFollowed(true), At("2024-05-08 10:00"));
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_TRUE(late->event.late());
  EXPECT_EQ(late->record.body.special().report_count(), 0);
  EXPECT_EQ(NextDue(late->record), absl::CivilDay(2024, 5, 14));
}

// ---- What a request may say ----

std::string FirstViolation(const v1::CaseAction& action) {
  v1::ActOnCaseRequest request;
  *request.mutable_action() = action;
  rpc::Violations violations;
  CheckAction(request, *City(), violations);
  if (violations.empty()) return "";
  EXPECT_NE(violations.list()[0].english, "");
  EXPECT_NE(violations.list()[0].chinese, "");
  return absl::StrCat(violations.list()[0].field_path, " ", violations.list()[0].reason);
}

TEST(Special, LimitsHoldAtAndEndOnePast) {
  const std::string path = "action.designate.special.";
  EXPECT_EQ(FirstViolation(Follow(1)), "");
  EXPECT_EQ(FirstViolation(Follow(60)), "");
  EXPECT_EQ(FirstViolation(Follow(0)), path + "report_every_working_days OUT_OF_RANGE");
  EXPECT_EQ(FirstViolation(Follow(61)), path + "report_every_working_days OUT_OF_RANGE");
  EXPECT_EQ(FirstViolation(Follow(5, "nobody")), path + "follower_department_id DEPARTMENT_UNKNOWN");
  v1::CaseAction action = Follow();
  std::string& reason = *action.mutable_designate()->mutable_special()->mutable_reason();
  reason = std::string(500, 'x');
  EXPECT_EQ(FirstViolation(action), "");
  reason += "x";
  EXPECT_EQ(FirstViolation(action), path + "reason TEXT_TOO_LONG");
  reason.clear();
  EXPECT_EQ(FirstViolation(action), path + "reason TEXT_REQUIRED");
  v1::CaseAction report = ReportFollowed(true);
  report.mutable_report_special()->set_text(std::string(2000, 'x'));
  EXPECT_EQ(FirstViolation(report), "");
  report.mutable_report_special()->set_text(std::string(2001, 'x'));
  EXPECT_EQ(FirstViolation(report), "action.report_special.text TEXT_TOO_LONG");
}

TEST(Special, IsToldInBothLanguages) {
  const auto marked = TryAct(InProgress(), Follow(), At("2024-05-07 10:00"));
  const v1::TimelineEntry entry = EntryOf(marked->event, *City());
  EXPECT_EQ(entry.text_zh(), "列为重点事项，由js.office跟进，每 5 个工作日报告：省重点项目");
  EXPECT_EQ(entry.text_en(), "followed to the end by js.office, a report every 5 working days: 省重点项目");
  const auto reported = TryAct(marked->record, ReportFollowed(true), At("2024-05-08 10:00"));
  EXPECT_EQ(EntryOf(reported->event, *City()).text_zh(), "终结报告：跟进情况");
}

}  // namespace
}  // namespace zhuqi::routing::testing
