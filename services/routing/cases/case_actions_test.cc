// What each action does, with the traps that other systems' users reported.
#include "services/routing/cases/case_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_guards.h"
#include "services/routing/cases/case_testing.h"

namespace zhuqi::routing::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::string ReasonAt(const CaseRecord& record, const v1::CaseAction& action, absl::string_view at) {
  return rpc::ReasonOf(TryAct(record, action, At(at)).status());
}

absl::Time Due(const CaseRecord& record) { return TimeFrom(record.facts.handling_due_at()); }

// As the feed is told.
std::vector<absl::CivilDay> BouncedOn(const CaseRecord& record) {
  std::vector<absl::CivilDay> days;
  for (const auto& date : record.facts.bounced_on()) days.push_back(*CivilDayFrom(date));
  return days;
}

CaseRecord FullReceived() { return ReceivedUnder(FullCatalogue()); }
CaseRecord FullInProgress() { return InProgressUnder(FullCatalogue()); }

// ---- Objections ----

TEST(Object, TheOwnerStaysOwnerWhileAnObjectionIsOpenAndItsClockRunsOn) {
  const CaseRecord record = Do(FullReceived(), Object("js.office"), "2024-05-07 16:00");
  EXPECT_EQ(RolesInForce(record.body), "js.planning=LEAD");
  EXPECT_EQ(record.body.owner_org_unit_id(), "js");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(Due(record), At("2024-05-15 17:00"));
  ASSERT_EQ(record.body.objections_size(), 1);
  const v1::Objection& objection = record.body.objections(0);
  EXPECT_EQ(objection.department_id(), "js.planning");
  EXPECT_EQ(objection.suggested_department_id(), "js.office");
  EXPECT_EQ(objection.adjudicator_org_unit_id(), "js");
  EXPECT_EQ(TimeFrom(objection.ruling_clock().deadline()), At("2024-05-08 17:00"));
  EXPECT_EQ(ReasonAt(record, Object(), "2024-05-07 16:30"), "OBJECTION_OPEN");
  EXPECT_EQ(ReasonAt(record, Decline(), "2024-05-07 16:30"), "OBJECTION_OPEN");
}

TEST(Object, OnlyInTheTimeThatTheTermsGive) {
  EXPECT_TRUE(TryAct(FullReceived(), Object(), At("2024-05-07 17:00")).ok());
  EXPECT_EQ(ReasonAt(FullReceived(), Object(), "2024-05-07 17:01"), "OBJECTION_TOO_LATE");
  EXPECT_THAT(Allowed(FullReceived(), At("2024-05-07 17:00")), Contains("object"));
  EXPECT_THAT(Allowed(FullReceived(), At("2024-05-07 17:01")), Not(Contains("object")));
  // Without a policy: until it accepts.
  EXPECT_TRUE(TryAct(Received().record, Object(), At("2024-06-07 17:00")).ok());
  EXPECT_EQ(ReasonAt(InProgress(), Object(), "2024-05-06 11:00"), "ILLEGAL_TRANSITION");
}

TEST(Object, UpheldAnotherDepartmentLeadsAndMayObjectItself) {
  const CaseRecord objected = Do(FullReceived(), Object(), "2024-05-07 16:00");
  const CaseRecord record = ActAs("js.office", objected, Rule("js.fire"), "2024-05-08 10:00")->record;
  EXPECT_EQ(RolesInForce(record.body), "js.fire=LEAD");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(record.body.bounce_count(), 1);
  EXPECT_THAT(BouncedOn(record), ElementsAre(absl::CivilDay(2024, 5, 8)));
  const v1::Objection& objection = record.body.objections(0);
  EXPECT_EQ(objection.ruling(), v1::OBJECTION_RULING_UPHELD);
  EXPECT_EQ(objection.ruled_by(), "tester");
  EXPECT_TRUE(objection.ruling_clock().has_stopped_at());
  EXPECT_FALSE(objection.ruling_clock().breached());
  EXPECT_EQ(TimeFrom(FindClock(record.body, v1::CLOCK_KIND_OBJECTION, "js.fire")->deadline()),
            At("2024-05-09 17:00"));
  EXPECT_TRUE(TryAct(record, Object(), At("2024-05-09 10:00")).ok());
}

TEST(Object, UpheldForAnotherUnitThatUnitIsAccountable) {
  const CaseRecord objected = Do(FullReceived(), Object("zm.planning"), "2024-05-07 16:00");
  const CaseRecord record = Do(objected, Rule("zm.planning"), "2024-05-08 10:00");
  EXPECT_EQ(record.body.owner_org_unit_id(), "zm");
  EXPECT_EQ(record.body.org_unit_id(), "js");
}

// What was ruled is final.
TEST(Object, ASecondObjectionOfTheSameDepartmentIsRefused) {
  CaseRecord record = Do(FullReceived(), Object(), "2024-05-07 09:00");
  record = Do(record, Rule(), "2024-05-07 10:00");
  EXPECT_EQ(record.body.objections(0).ruling(), v1::OBJECTION_RULING_REJECTED);
  EXPECT_EQ(record.body.bounce_count(), 0);
  EXPECT_THAT(BouncedOn(record), IsEmpty());
  EXPECT_EQ(RolesInForce(record.body), "js.planning=LEAD");
  EXPECT_EQ(ReasonAt(record, Object(), "2024-05-07 11:00"), "OBJECTION_FINAL");
  // Also when it gets the case back later.
  record = Do(record, HandOver("js.fire"), "2024-05-07 12:00");
  record = Do(record, HandOver("js.planning"), "2024-05-07 13:00");
  EXPECT_EQ(ReasonAt(record, Object(), "2024-05-07 14:00"), "OBJECTION_FINAL");
}

TEST(Object, AcceptingAfterAllOrAnotherLeadLetsItLapse) {
  const CaseRecord objected = Do(FullReceived(), Object(), "2024-05-07 09:00");
  for (const v1::CaseAction& action : {Accept(), HandOver("js.fire"), Escalate(), Withdraw()}) {
    const CaseRecord record = Do(objected, action, "2024-05-07 10:00");
    EXPECT_EQ(record.body.objections(0).ruling(), v1::OBJECTION_RULING_LAPSED)
        << ActionName(action.action_case());
    EXPECT_TRUE(record.body.objections(0).ruling_clock().has_stopped_at());
  }
}

TEST(Object, TheUnitAboveRulesWhenTheCoordinatingDepartmentItselfObjects) {
  CaseRecord record = Do(FullReceived(), HandOver("js.office"), "2024-05-07 09:00");
  record = Do(record, Object(), "2024-05-07 10:00");
  EXPECT_EQ(record.body.objections(0).adjudicator_org_unit_id(), "zz");
  EXPECT_EQ(rpc::ReasonOf(ActAs("js.fire", record, Rule(), "2024-05-07 11:00").status()),
            "NOT_THE_ADJUDICATOR");
  EXPECT_EQ(rpc::ReasonOf(ActAs("js.office", record, Rule(), "2024-05-07 11:00").status()), "NOT_ITS_PART");
  EXPECT_TRUE(ActAs("zz.fire", record, Rule(), "2024-05-07 11:00").ok());
}

// ---- Lead and owner ----

TEST(HandOver, GoesToAnotherDepartmentOfTheUnitWhichIsToAccept) {
  const CaseRecord record = Do(InProgress(), HandOver("js.fire"), "2024-05-07 10:00");
  EXPECT_EQ(RolesInForce(record.body), "js.fire=LEAD");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(ReasonAt(InProgress(), HandOver("zz.fire"), "2024-05-07 10:00"), "DEPARTMENT_OF_ANOTHER_UNIT");
  EXPECT_EQ(ReasonAt(InProgress(), HandOver("js.planning"), "2024-05-07 10:00"), "ALREADY_ASSIGNED");
}

TEST(ReturnCase, GoesBackToTheUnitAndTheLeadThatEscalatedIt) {
  CaseRecord record = Do(InProgress(), HandOver("js.fire"), "2024-05-07 09:00");
  record = Do(record, Escalate(), "2024-05-07 10:00");
  EXPECT_EQ(record.body.lead_department_id(), "zz.fire");
  record = Do(record, ReturnBelow(), "2024-05-08 10:00");
  EXPECT_EQ(record.body.owner_org_unit_id(), "js");
  EXPECT_EQ(RolesInForce(record.body), "js.fire=LEAD");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(record.body.bounce_count(), 1);
  EXPECT_THAT(BouncedOn(record), ElementsAre(absl::CivilDay(2024, 5, 8)));
  EXPECT_EQ(record.body.escalation_count(), 1);
  EXPECT_EQ(ReasonAt(record, ReturnBelow(), "2024-05-08 11:00"), "NOT_ESCALATED");
  EXPECT_EQ(ReasonAt(InProgress(), ReturnBelow(), "2024-05-08 11:00"), "NOT_ESCALATED");
}

// What can be repeated without end has a bound: a case is read and written as a whole.
TEST(HandOver, NotWithoutEnd) {
  CaseRecord record = FullReceived();
  EXPECT_TRUE(record.body.terms().objection_policy().has_working_days());
  for (int i = 1; i < 200; ++i) {
    record = Do(record, HandOver(i % 2 == 1 ? "js.fire" : "js.planning"), "2024-05-07 10:00");
  }
  EXPECT_EQ(ReasonAt(record, HandOver("js.office"), "2024-05-07 10:00"), "TOO_MANY_PARTS");
  EXPECT_THAT(Allowed(record), Not(Contains("assign")));
  EXPECT_TRUE(TryAct(record, Accept(), At("2024-05-07 10:00")).ok());
  EXPECT_LT(record.body.ByteSizeLong(), 64u << 10);
}

// ---- More time ----

TEST(Extension, GrantedTheLimitIsLongerAndWhatWasUsedCounts) {
  CaseRecord record = Do(FullInProgress(), AskForDays(3), "2024-05-10 10:00");
  EXPECT_EQ(Due(record), At("2024-05-15 17:00"));
  record = Do(record, Decide(true), "2024-05-13 10:00");
  // Ten working days after the 6th.
  EXPECT_EQ(Due(record), At("2024-05-20 17:00"));
  const v1::CaseClock& clock = *FindClock(record.body, v1::CLOCK_KIND_HANDLING);
  ASSERT_EQ(clock.former_size(), 1);
  EXPECT_EQ(clock.former(0).policy().working_days().count(), 7);
  EXPECT_EQ(clock.policy().working_days().count(), 10);
  EXPECT_EQ(TimeFrom(clock.intervals(0).start()), At("2024-05-13 10:00"));
  EXPECT_EQ(record.body.extensions(0).decision(), v1::EXTENSION_DECISION_GRANTED);
  EXPECT_EQ(TimeFrom(record.body.extensions(0).deadline_before()), At("2024-05-15 17:00"));
  // Decided after the deadline, it ends on the same day.
  record = Do(FullInProgress(), AskForDays(3), "2024-05-10 10:00");
  EXPECT_EQ(Due(Do(record, Decide(true), "2024-05-16 10:00")), At("2024-05-20 17:00"));
}

TEST(Extension, HalfDaysAddUpToWholeOnes) {
  v1::CaseAction half = AskForDays(2);
  half.mutable_request_extension()->mutable_working_days()->set_half(true);
  CaseRecord record = Do(FullInProgress(), half, "2024-05-10 10:00");
  record = Do(record, Decide(true), "2024-05-10 11:00");
  // Nine and a half days after the 6th.
  EXPECT_EQ(Due(record), At("2024-05-20 12:00"));
  half.mutable_request_extension()->mutable_working_days()->set_count(0);
  record = Do(record, half, "2024-05-13 10:00");
  record = Do(record, Decide(true), "2024-05-13 11:00");
  EXPECT_EQ(Due(record), At("2024-05-20 17:00"));
  EXPECT_FALSE(FindClock(record.body, v1::CLOCK_KIND_HANDLING)->policy().working_days().half());
}

TEST(Extension, OnlyInTime) {
  // The policy asks for a working day's notice.
  EXPECT_TRUE(TryAct(FullInProgress(), AskForDays(3), At("2024-05-14 17:00")).ok());
  EXPECT_EQ(ReasonAt(FullInProgress(), AskForDays(3), "2024-05-14 17:01"), "EXTENSION_TOO_LATE");
  v1::ClockPolicy policy;
  EXPECT_EQ(LatestToAskForMore(policy, At("2024-05-15 17:00"), City()->calendar()), At("2024-05-15 17:00"));
  policy.set_extension_notice_days(2);
  EXPECT_EQ(LatestToAskForMore(policy, At("2024-05-14 00:00"), City()->calendar()), At("2024-05-10 00:00"));
}

TEST(Extension, RefusedNothingMovesAndItIsNotAskedForWithoutEnd) {
  EXPECT_EQ(ReasonAt(InProgress(), AskForDays(3), "2024-05-07 10:00"), "EXTENSION_NOT_ALLOWED");
  CaseRecord record = Do(FullInProgress(), AskForDays(3), "2024-05-07 10:00");
  EXPECT_EQ(ReasonAt(record, AskForDays(3), "2024-05-07 11:00"), "EXTENSION_OPEN");
  record = Do(record, Decide(false), "2024-05-07 11:00");
  EXPECT_EQ(Due(record), At("2024-05-15 17:00"));
  EXPECT_EQ(record.body.extensions(0).decision(), v1::EXTENSION_DECISION_REFUSED);
  EXPECT_EQ(ReasonAt(record, Decide(true), "2024-05-07 12:00"), "NO_OPEN_EXTENSION");
  record = Do(record, AskForDays(2), "2024-05-08 10:00");
  record = Do(record, Decide(false), "2024-05-08 11:00");
  EXPECT_EQ(ReasonAt(record, AskForDays(1), "2024-05-09 10:00"), "EXTENSION_NOT_ALLOWED");
}

// Trap: one day taken as 24 working hours.
TEST(Traps, OneDayIsNotTwentyFourWorkingHours) {
  // A lead may object until the end of the next working day; the plan is due after 24 hours of work, which
  // are more than three days of seven.
  const CaseRecord record = FullReceived();
  EXPECT_EQ(TimeFrom(FindClock(record.body, v1::CLOCK_KIND_OBJECTION, "js.planning")->deadline()),
            At("2024-05-07 17:00"));
  EXPECT_EQ(DueAt(record, v1::CLOCK_KIND_PLAN), At("2024-05-09 13:30"));
  v1::CaseAction hours;
  hours.mutable_request_extension()->mutable_working_hours()->set_minutes(24 * 60);
  hours.mutable_request_extension()->set_reason("一日");
  EXPECT_EQ(ReasonAt(FullInProgress(), hours, "2024-05-07 10:00"), "EXTENSION_MEASURE_DIFFERS");
}

// ---- Standing still ----

TEST(Pause, OnlyWhereThePolicyAllowsIt) {
  EXPECT_EQ(ReasonAt(InProgress(), Pause(), "2024-05-07 10:00"), "PAUSE_NOT_ALLOWED");
  const CaseRecord record = Do(FullInProgress(), Pause(), "2024-05-07 10:00");
  EXPECT_TRUE(record.body.paused());
  // 24 hours for the plan have no policy that allows a pause.
  EXPECT_FALSE(FindClock(record.body, v1::CLOCK_KIND_PLAN)->intervals().rbegin()->paused());
  EXPECT_EQ(ReasonAt(record, Pause(), "2024-05-07 11:00"), "CASE_PAUSED");
  EXPECT_EQ(ReasonAt(record, Resolve(), "2024-05-07 11:00"), "CASE_PAUSED");
  EXPECT_EQ(ReasonAt(FullInProgress(), Resume(), "2024-05-07 11:00"), "NOT_PAUSED");
}

TEST(Pause, ADayThatStoodStillDoesNotCount) {
  CaseRecord record = Do(FullInProgress(), Pause(), "2024-05-08 10:00");
  EXPECT_FALSE(record.facts.has_handling_due_at());
  record = Do(record, Resume(), "2024-05-10 10:00");
  EXPECT_FALSE(record.body.paused());
  EXPECT_EQ(Due(record), At("2024-05-16 17:00"));
  const v1::CaseClock& clock = *FindClock(record.body, v1::CLOCK_KIND_HANDLING);
  EXPECT_EQ(clock.intervals(1).reason(), "等待企业补正材料");
  EXPECT_EQ(clock.intervals(1).by(), "tester");
}

// Trap: paused time is lost when the policy changes.
TEST(Traps, PausedTimeIsKeptWhenThePolicyChanges) {
  const CaseRecord paused = Do(FullInProgress(), Pause(), "2024-05-08 10:00");
  // Resumed, then escalated: 15 working days after the 6th, and the one that stood still.
  CaseRecord record = Do(paused, Resume(), "2024-05-10 10:00");
  EXPECT_EQ(Due(Do(record, Escalate(), "2024-05-10 11:00")), At("2024-05-28 17:00"));
  // Extended instead.
  record = Do(record, AskForDays(3), "2024-05-13 10:00");
  EXPECT_EQ(Due(Do(record, Decide(true), "2024-05-13 11:00")), At("2024-05-21 17:00"));
  // The policy changes during the pause: it stands still on.
  record = Do(paused, Escalate(), "2024-05-09 10:00");
  EXPECT_TRUE(record.body.paused());
  EXPECT_FALSE(record.facts.has_handling_due_at());
  EXPECT_EQ(Due(Do(record, Resume(), "2024-05-10 10:00")), At("2024-05-28 17:00"));
}

// Trap: a breach is shown while the clock is paused.
TEST(Traps, APauseMakesNoBreachAndHidesNone) {
  const auto handling = [](const CaseRecord& record, absl::string_view now) {
    const v1::Case shown = Present(record, *City(), At(now));
    return *FindClock(shown, v1::CLOCK_KIND_HANDLING);
  };
  const CaseRecord in_time = Do(FullInProgress(), Pause(), "2024-05-08 10:00");
  EXPECT_FALSE(handling(in_time, "2024-07-01 10:00").breached());
  EXPECT_FALSE(handling(in_time, "2024-07-01 10:00").has_deadline());
  const CaseRecord missed = Do(FullInProgress(), Pause(), "2024-05-16 10:00");
  EXPECT_TRUE(handling(missed, "2024-07-01 10:00").breached());
  EXPECT_EQ(TimeFrom(handling(missed, "2024-07-01 10:00").deadline()), At("2024-05-15 17:00"));
  EXPECT_EQ(Due(missed), At("2024-05-15 17:00"));
}

// Trap: the clock is stale after a move to another group.
TEST(Traps, TheClockIsTimedAnewAtTheMomentOfAMove) {
  const auto change = TryAct(FullInProgress(), Escalate(), At("2024-05-07 10:00"));
  const v1::CaseClock& clock = *FindClock(change->record.body, v1::CLOCK_KIND_HANDLING);
  EXPECT_EQ(clock.policy().policy_id(), "escalated");
  EXPECT_EQ(clock.former(0).policy().policy_id(), "handle");
  // Fifteen working days after the receipt, not after the move.
  EXPECT_EQ(TimeFrom(change->record.facts.handling_due_at()), At("2024-05-27 17:00"));
  EXPECT_TRUE(change->event.escalated());
  EXPECT_EQ(DueAt(change->record, v1::CLOCK_KIND_HANDLING), At("2024-05-27 17:00"));
}

TEST(Traps, EscalatingACaseThatIsOverdueMakesItTimelyNoMore) {
  const CaseRecord record = Do(FullInProgress(), Escalate(), "2024-05-16 10:00");
  const v1::CaseClock& clock = *FindClock(record.body, v1::CLOCK_KIND_HANDLING);
  EXPECT_EQ(clock.policy().policy_id(), "handle");
  EXPECT_EQ(clock.former_size(), 0);
  EXPECT_EQ(Due(record), At("2024-05-15 17:00"));
  EXPECT_EQ(record.body.owner_org_unit_id(), "zz");
}

// Trap: a holiday notice that comes after a policy change; what former policies used is reckoned with it.
TEST(Traps, ANoticeMovesADeadlineAcrossAChangeOfPolicy) {
  CaseRecord record = Do(FullInProgress(), AskForDays(3), "2024-05-13 10:00");
  record = Do(record, Decide(true), "2024-05-15 10:00");
  const auto change = FollowCalendar(record, kRecorded, *CityWithNewCalendar());
  ASSERT_TRUE(change.has_value());
  // Tuesday the 14th, under the former policy, is a day off now.
  EXPECT_EQ(Due(change->record), At("2024-05-21 17:00"));
}

TEST(Clocks, HandlingMinutesCountUnderEveryPolicy) {
  CaseRecord record = Do(FullInProgress(), Escalate(), "2024-05-07 10:00");
  record = Do(record, Resolve(), "2024-05-08 10:00");
  record = Do(record, CallBack(true, true, true), "2024-05-09 10:00");
  record = Do(record, Close(), "2024-05-09 11:00");
  EXPECT_EQ(record.facts.handling_minutes(), 22 * 60);
}

TEST(Clocks, SeveralNamedClocksRunBesideEachOther) {
  CaseRecord record = FullInProgress();
  record = Do(record, Assign("js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER), "2024-05-07 10:00");
  EXPECT_EQ(TimeFrom(FindClock(record.body, v1::CLOCK_KIND_REPLY, "js.fire")->deadline()),
            At("2024-05-10 17:00"));
  v1::CaseAction plan = Report(true);
  plan.mutable_report_progress()->set_plan(true);
  record = Do(record, plan, "2024-05-09 13:31");
  EXPECT_TRUE(FindClock(record.body, v1::CLOCK_KIND_PLAN)->breached());
  EXPECT_TRUE(FindClock(record.body, v1::CLOCK_KIND_RESPONSE)->has_stopped_at());
  record = Do(record, Reply("js.fire"), "2024-05-10 17:00");
  EXPECT_TRUE(FindClock(record.body, v1::CLOCK_KIND_REPLY, "js.fire")->has_stopped_at());
  EXPECT_FALSE(FindClock(record.body, v1::CLOCK_KIND_REPLY, "js.fire")->breached());
  EXPECT_FALSE(FindClock(record.body, v1::CLOCK_KIND_HANDLING)->has_stopped_at());
  EXPECT_EQ(ReasonAt(record, Reply("js.office"), "2024-05-13 10:00"), "NOT_A_CO_HANDLER");
  EXPECT_EQ(ReasonAt(FullInProgress(), Reply("js.fire"), "2024-05-13 10:00"), "NO_CO_HANDLER");
}

TEST(Clocks, ACorrectedReceiptMovesTheStartAcrossAChangeOfPolicy) {
  const CaseRecord record = Do(FullInProgress(), Escalate(), "2024-05-07 10:00");
  feed::v1::RecordChanged revised = Issue();
  *revised.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-05-02 09:30"));
  revised.mutable_after()->set_revision(2);
  // Fifteen working days after Thursday the 2nd.
  EXPECT_EQ(Due(ReviseIssue(record, revised, kRecorded, *City()).record), At("2024-05-23 17:00"));
}

TEST(Clocks, MovedDeadlinesNameTheDepartmentWhoseTheyAre) {
  const CaseRecord record =
      Do(FullInProgress(), Assign("js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER), "2024-05-10 10:00");
  const auto change = FollowCalendar(record, kRecorded, *CityWithNewCalendar());
  const auto& deadlines = change->event.deadlines_moved().deadlines();
  const auto reply = std::find_if(deadlines.begin(), deadlines.end(), [](const v1::MovedDeadline& moved) {
    return moved.kind() == v1::CLOCK_KIND_REPLY;
  });
  ASSERT_NE(reply, deadlines.end());
  EXPECT_EQ(reply->department_id(), "js.fire");
  EXPECT_EQ(TimeFrom(reply->before()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(reply->after()), At("2024-05-16 17:00"));
}

// ---- Call-back ----

TEST(CallBack, DissatisfiedItIsDoneAgainOneLevelUpWhereTheTermsSaySo) {
  const CaseRecord done = Do(FullInProgress(), Resolve(), "2024-05-08 10:00");
  const auto change = TryAct(done, CallBack(true, true, false), At("2024-05-09 10:00"));
  const v1::Case& body = change->record.body;
  EXPECT_EQ(body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(body.owner_org_unit_id(), "zz");
  EXPECT_EQ(body.lead_department_id(), "zz.planning");
  EXPECT_EQ(body.outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_TRUE(change->event.escalated());
  EXPECT_EQ(change->record.facts.escalated_on_size(), 1);
  EXPECT_TRUE(change->record.facts.call_back().resolved());
  const CaseRecord not_resolved = Do(done, CallBack(true, false), "2024-05-09 10:00");
  EXPECT_EQ(not_resolved.body.outcome(), v1::OUTCOME_NOT_RESOLVED);
  EXPECT_EQ(not_resolved.body.owner_org_unit_id(), "zz");
  // Satisfied it waits for closing.
  const CaseRecord satisfied = Do(done, CallBack(true, true, true), "2024-05-09 10:00");
  EXPECT_EQ(satisfied.body.outcome(), v1::OUTCOME_RESOLVED);
  // At the top it goes back to work.
  CaseRecord top = Do(change->record, Accept(), "2024-05-10 10:00");
  top = Do(top, Resolve(), "2024-05-10 11:00");
  top = Do(top, CallBack(true, true, false), "2024-05-10 12:00");
  EXPECT_EQ(top.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  // Where the terms say nothing, "resolved" is what counts.
  EXPECT_EQ(Do(AwaitingCallBack(), CallBack(true, true, false), "2024-05-09 10:00").body.outcome(),
            v1::OUTCOME_RESOLVED);
}

// ---- Who is to accept ----

// Trap: a case that is reopened goes on under a lead that never took it on.
TEST(Traps, AReopenedCaseWaitsForALeadThatNeverAcceptedIt) {
  CaseRecord record = Do(FullInProgress(), HandOver("js.office"), "2024-05-07 10:00");
  record = Do(record, Decline(), "2024-05-07 11:00");
  record = Do(record, Reopen(), "2024-05-13 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  // Its time to object goes on: a working day from the 7th, of which the 8th to the 10th stood still.
  const v1::CaseClock* clock = FindClock(record.body, v1::CLOCK_KIND_OBJECTION, "js.office");
  ASSERT_NE(clock, nullptr);
  EXPECT_FALSE(clock->has_stopped_at());
  EXPECT_EQ(TimeFrom(clock->deadline()), At("2024-05-13 17:00"));
  EXPECT_TRUE(TryAct(record, Object(), At("2024-05-13 16:00")).ok());
  EXPECT_EQ(Do(record, Accept(), "2024-05-13 11:00").body.state(), v1::PROCESS_STATE_IN_PROGRESS);
}

TEST(Reopen, TheLeadThatHadAcceptedItGoesOnWithoutAcceptingAgain) {
  const CaseRecord record =
      Do(Do(FullInProgress(), Explain(), "2024-05-08 10:00"), Reopen(), "2024-05-09 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(TimeFrom(record.body.assignments(0).accepted_at()), At("2024-05-06 10:00"));
  EXPECT_TRUE(FindClock(record.body, v1::CLOCK_KIND_OBJECTION, "js.planning")->has_stopped_at());
}

// Trap: clocks measure what nobody can do.
TEST(Traps, ThereIsNoTimeToObjectWhereNobodyCanObject) {
  // An escalation makes the department above the lead of work in progress.
  const CaseRecord escalated = Do(FullInProgress(), Escalate(), "2024-05-08 10:00");
  EXPECT_EQ(escalated.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(FindClock(escalated.body, v1::CLOCK_KIND_OBJECTION, "zz.planning"), nullptr);
  // What is to be accepted is to be accepted above, too.
  const CaseRecord to_accept = Do(FullReceived(), Escalate(), "2024-05-06 10:00");
  EXPECT_NE(FindClock(to_accept.body, v1::CLOCK_KIND_OBJECTION, "zz.planning"), nullptr);
  // A department that has objected, and is made the lead again, has had its ruling.
  CaseRecord record = Do(FullReceived(), Object(), "2024-05-06 10:00");
  record = Do(record, Rule("js.office"), "2024-05-06 11:00");
  record = Do(record, Assign("js.planning", v1::ASSIGNMENT_ROLE_LEAD), "2024-05-06 12:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(FindClock(record.body, v1::CLOCK_KIND_OBJECTION, "js.planning"), nullptr);
}

// ---- Bounds ----

TEST(Pause, NotWithoutEnd) {
  CaseRecord record = WithStretches(FullInProgress(), kMaximumStretches - 20);
  absl::Time at = At("2024-05-06 11:01");
  absl::StatusOr<CaseChange> change = TryAct(record, Pause(), at);
  for (int i = 0; change.ok() && i < 100; ++i) {
    record = change->record;
    at += absl::Minutes(1);
    change = TryAct(record, i % 2 == 0 ? Resume() : Pause(), at);
  }
  EXPECT_EQ(rpc::ReasonOf(change.status()), "TOO_MANY_STRETCHES");
  EXPECT_FALSE(record.body.paused());
  EXPECT_LT(StretchesOf(record.body), kMaximumStretches + 20);
  EXPECT_EQ(rpc::ReasonOf(TryAct(record, Withdraw(), at).status()), "TOO_MANY_STRETCHES");
  EXPECT_TRUE(TryAct(record, Resolve(), at).ok());
}

TEST(Pause, TheLedgerKeepsTheBeginningOfALongReason) {
  v1::CaseAction pause = Pause();
  std::string reason;
  for (int i = 0; i < 120; ++i) reason += "等";
  pause.mutable_pause()->set_reason(reason);
  const CaseRecord record = Do(FullInProgress(), pause, "2024-05-08 10:00");
  EXPECT_EQ(FindClock(record.body, v1::CLOCK_KIND_HANDLING)->intervals(1).reason(), reason.substr(0, 300));
}

// ---- Ends ----

TEST(Decline, ClosesWithTheReasonsAndReopenedItIsToBeAccepted) {
  const CaseRecord record = Do(FullReceived(), Decline(), "2024-05-06 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_CLOSED);
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_DECLINED);
  EXPECT_TRUE(record.facts.has_responded_at());
  const CaseRecord reopened = Do(record, Reopen(), "2024-05-07 10:00");
  EXPECT_EQ(reopened.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
}

TEST(Withdraw, CountsInNoFigureAndReopenedItGoesOnAsItWas) {
  CaseRecord record = Do(FullInProgress(), Pause(), "2024-05-08 10:00");
  record = Do(record, Withdraw(), "2024-05-09 10:00");
  EXPECT_EQ(record.facts.outcome(), v1::OUTCOME_WITHDRAWN);
  EXPECT_THAT(Allowed(record), Contains("reopen"));
  record = Do(record, Reopen(), "2024-05-13 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_UNSPECIFIED);
  // It was paused before.
  EXPECT_TRUE(record.body.paused());
  EXPECT_FALSE(record.facts.has_handling_due_at());
  // The 9th, 10th and 13th stood still.
  EXPECT_EQ(Due(Do(record, Resume(), "2024-05-14 10:00")), At("2024-05-20 17:00"));
}

// Trap: a case that was paused when its issue was withdrawn runs once the issue is brought back.
TEST(Traps, APauseOutlivesAWithdrawalOfTheIssue) {
  const CaseRecord paused = Do(FullInProgress(), Pause(), "2024-05-08 10:00");
  feed::v1::RecordChanged gone = Issue();
  *gone.mutable_before() = gone.after();
  gone.mutable_after()->set_withdrawn(true);
  feed::v1::RecordChanged back = Issue();
  *back.mutable_before() = gone.after();
  CaseRecord record = ReviseIssue(paused, gone, At("2024-05-09 10:00"), *City()).record;
  record = ReviseIssue(record, back, At("2024-05-10 10:00"), *City()).record;
  EXPECT_TRUE(record.body.paused());
  EXPECT_TRUE(FindClock(record.body, v1::CLOCK_KIND_HANDLING)->intervals().rbegin()->paused());
}

TEST(ExcludeFromAppraisal, NeedsAnotherReviewerAndTakesNothingOutOfTheFigures) {
  EXPECT_EQ(ReasonAt(Closed(), Exclude("tester"), "2024-06-03 10:00"), "REVIEWER_RECORDS");
  const CaseRecord closed = Closed();
  const CaseRecord record = Do(closed, Exclude(), "2024-06-03 10:00");
  EXPECT_EQ(record.body.appraisal_exclusion().reviewer(), "reviewer");
  EXPECT_EQ(record.body.appraisal_exclusion().recorded_by(), "tester");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_CLOSED);
  feed::v1::CaseFacts facts = record.facts;
  EXPECT_TRUE(facts.excluded_from_appraisal());
  facts.clear_excluded_from_appraisal();
  facts.set_sequence(closed.facts.sequence());
  EXPECT_TRUE(Same(facts, closed.facts));
  EXPECT_EQ(ReasonAt(record, Exclude(), "2024-06-03 11:00"), "ALREADY_EXCLUDED");
  EXPECT_FALSE(Do(record, Include(), "2024-06-03 11:00").facts.excluded_from_appraisal());
}

TEST(Remind, IsCountedAndMovesNothing) {
  const CaseRecord record = Do(InProgress(), Remind(), "2024-05-07 10:00");
  EXPECT_EQ(record.body.reminder_count(), 1);
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
}

// Trap: updates that arrive late or twice move the state back.
TEST(Traps, LateObjectionsPausesAndReturnsAreHistory) {
  CaseRecord record = Do(FullInProgress(), Escalate(), "2024-05-08 10:00");
  for (const v1::CaseAction& action : {Object(), Pause(), ReturnBelow(), Withdraw(), Decline(), AskForDays(3),
                                       Rule("js.office"), HandOver("js.office")}) {
    const auto change = TryAct(record, action, At("2024-05-07 10:00"));
    ASSERT_TRUE(change.ok()) << change.status();
    EXPECT_TRUE(change->event.late());
    EXPECT_EQ(change->record.body.state(), record.body.state());
    EXPECT_EQ(RolesInForce(change->record.body), RolesInForce(record.body));
    EXPECT_EQ(Due(change->record), Due(record));
  }
}

}  // namespace
}  // namespace zhuqi::routing::testing
