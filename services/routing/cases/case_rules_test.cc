#include "services/routing/cases/case_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/routing/cases/action_check.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_testing.h"

namespace zhuqi::routing::testing {
namespace {

using ::testing::ElementsAre;

// ---- Receiving ----

TEST(ReceiveCase, IsRoutedOwnedAndTimedFromReceipt) {
  const CaseChange change = Received();
  const v1::Case& body = change.record.body;
  EXPECT_EQ(body.org_unit_id(), "js");
  EXPECT_EQ(body.owner_org_unit_id(), "js");
  EXPECT_EQ(body.lead_department_id(), "js.planning");
  EXPECT_EQ(RolesInForce(body), "js.planning=LEAD");
  EXPECT_EQ(body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(body.outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_EQ(body.sequence(), 1);
  EXPECT_EQ(body.issue().title(), "地下空间变更用途");
  EXPECT_EQ(body.issue().enterprise().uscc(), "91350100M000100Y43");
  EXPECT_EQ(DueAt(change.record, v1::CLOCK_KIND_RESPONSE), At("2024-05-06 10:30"));
  // Seven working days after Monday the 6th: the 15th, at the end of working hours.
  EXPECT_EQ(DueAt(change.record, v1::CLOCK_KIND_HANDLING), At("2024-05-15 17:00"));
  EXPECT_EQ(change.record.partition, 3);
  EXPECT_TRUE(change.event.has_received());
  EXPECT_EQ(TimeFrom(change.event.occurred_at()), At("2024-05-06 09:30"));
}

TEST(ReceiveCase, FactsTellTheFeed) {
  const feed::v1::CaseFacts facts = Received().record.facts;
  EXPECT_EQ(facts.case_id(), Received().record.body.case_id());
  EXPECT_EQ(facts.lead_function(), "planning");
  EXPECT_EQ(facts.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(CivilDayFrom(facts.received_on()), absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(TimeFrom(facts.response_due_at()), At("2024-05-06 10:30"));
  EXPECT_EQ(TimeFrom(facts.handling_due_at()), At("2024-05-15 17:00"));
  EXPECT_FALSE(facts.has_responded_at());
  EXPECT_FALSE(facts.has_closed_at());
  EXPECT_EQ(facts.sequence(), 1);
}

TEST(ReceiveCase, AppliedTwiceIsTheSameCase) {
  EXPECT_EQ(Received().record.body.case_id(), Received().record.body.case_id());
  EXPECT_NE(ReceiveCase(Issue("018f4a10-0000-7000-8000-000000000002"), kRecorded, *City(), CityCatalogue(), 1)
                ->record.body.case_id(),
            Received().record.body.case_id());
}

TEST(ReviseIssue, ChangesTheSummaryAndNothingElse) {
  const CaseRecord before = Do(InProgress(), Escalate(), "2024-05-07 10:00");
  feed::v1::RecordChanged revised = Issue();
  revised.mutable_issue()->set_title("新标题");
  revised.mutable_after()->set_legacy(true);
  revised.mutable_after()->set_revision(2);
  const CaseChange change = ReviseIssue(before, revised, kRecorded, *City());
  EXPECT_EQ(change.record.body.issue().title(), "新标题");
  EXPECT_THAT(change.event.issue_revised().fields(), ElementsAre("title", "legacy"));
  EXPECT_EQ(change.event.issue_revised().revision(), 2);
  EXPECT_EQ(change.record.body.escalation_count(), 1);
  EXPECT_EQ(change.record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(change.record.body.sequence(), before.body.sequence() + 1);
  // What a department did before the correction is not late by it.
  const auto action = TryAct(change.record, Report(true), At("2024-05-07 11:00"));
  EXPECT_FALSE(action->event.late());
}

feed::v1::RecordChanged Withdrawn() {
  feed::v1::RecordChanged change = Issue();
  *change.mutable_before() = change.after();
  change.mutable_after()->set_revision(2);
  change.mutable_after()->set_withdrawn(true);
  change.mutable_issue()->set_withdrawal_reason("重复登记");
  return change;
}
feed::v1::RecordChanged BroughtBack() {
  feed::v1::RecordChanged change = Issue();
  *change.mutable_before() = Withdrawn().after();
  change.mutable_after()->set_revision(3);
  return change;
}

TEST(WithdrawIssue, OpenCaseIsClosedWithTheReasonAndItsClocksStandStill) {
  const absl::Time at = At("2024-05-08 10:00");
  const CaseChange change = ReviseIssue(InProgress(), Withdrawn(), at, *City());
  const v1::Case& body = change.record.body;
  EXPECT_EQ(body.state(), v1::PROCESS_STATE_CLOSED);
  EXPECT_EQ(body.outcome(), v1::OUTCOME_WITHDRAWN);
  EXPECT_EQ(TimeFrom(body.closed_at()), at);
  EXPECT_EQ(change.event.issue_withdrawn().reason(), "重复登记");
  EXPECT_EQ(change.event.issue_withdrawn().revision(), 2);
  EXPECT_EQ(change.event.state_after(), v1::PROCESS_STATE_CLOSED);
  for (const v1::CaseClock& clock : body.clocks()) {
    EXPECT_TRUE(clock.intervals(clock.intervals_size() - 1).paused());
    EXPECT_FALSE(clock.has_stopped_at());
  }
  EXPECT_FALSE(change.record.facts.has_handling_due_at());
  EXPECT_THAT(Allowed(change.record), ElementsAre("exclude_from_appraisal"));
  EXPECT_EQ(rpc::ReasonOf(TryAct(change.record, Reopen(), At("2024-05-09 10:00")).status()),
            "ISSUE_WITHDRAWN");
  // What a department did before it is history, and no error.
  EXPECT_TRUE(TryAct(change.record, Report(true), At("2024-05-08 09:00"))->event.late());
}

TEST(WithdrawIssue, BroughtBackItStandsWhereItStoodAndThePauseIsLeftOut) {
  for (const CaseRecord& before : {Received().record, InProgress(), AwaitingCallBack(), Resolved()}) {
    const CaseRecord gone = ReviseIssue(before, Withdrawn(), At("2024-05-10 10:00"), *City()).record;
    const CaseChange change = ReviseIssue(gone, BroughtBack(), At("2024-05-14 10:00"), *City());
    const v1::Case& body = change.record.body;
    EXPECT_EQ(body.state(), before.body.state());
    EXPECT_EQ(body.outcome(), before.body.outcome());
    EXPECT_FALSE(body.has_closed_at());
    EXPECT_EQ(body.lead_department_id(), before.body.lead_department_id());
    EXPECT_EQ(LeadsInForce(body), 1);
    EXPECT_EQ(change.event.issue_returned().revision(), 3);
    EXPECT_EQ(body.sequence(), before.body.sequence() + 2);
    const v1::CaseClock* clock = FindClock(body, v1::CLOCK_KIND_HANDLING);
    ASSERT_EQ(clock->intervals_size(), 3);
    EXPECT_TRUE(clock->intervals(1).paused());
    EXPECT_FALSE(clock->intervals(2).paused());
    // Of the days from Friday to Tuesday only Monday went by without the clock running.
    EXPECT_EQ(DueAt(before, v1::CLOCK_KIND_HANDLING), At("2024-05-15 17:00"));
    EXPECT_EQ(DueAt(change.record, v1::CLOCK_KIND_HANDLING), At("2024-05-16 17:00"));
  }
}

// Trap: the enterprise took it back, and a correction of the record at intake sets departments to work again.
TEST(WithdrawIssue, WhatAPersonWithdrewIsNotOpenedByIntake) {
  v1::CaseAction withdraw;
  withdraw.mutable_withdraw()->set_reason("企业撤回诉求");
  CaseRecord record = Do(InProgress(), withdraw, "2024-05-08 10:00");
  record = ReviseIssue(record, Withdrawn(), At("2024-05-10 10:00"), *City()).record;
  record = ReviseIssue(record, BroughtBack(), At("2024-05-13 10:00"), *City()).record;
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_CLOSED);
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_WITHDRAWN);
  EXPECT_FALSE(record.body.withdrawn_with_issue());
  // A person can.
  record = Do(record, Reopen(), "2024-05-14 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(DueAt(record, v1::CLOCK_KIND_HANDLING), At("2024-05-20 17:00"));
  // From then on intake's withdrawal is what closes it.
  record = ReviseIssue(record, Withdrawn(), At("2024-05-15 10:00"), *City()).record;
  EXPECT_TRUE(record.body.withdrawn_with_issue());
  record = ReviseIssue(record, BroughtBack(), At("2024-05-15 11:00"), *City()).record;
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
}

// Nobody can refuse intake, so the ledgers of a case that comes and goes without end stay as they are.
TEST(WithdrawIssue, ComingAndGoingWithoutEndTheLedgersStayBounded) {
  CaseRecord record = WithStretches(InProgress(), kMostStretches - 20);
  absl::Time at = At("2024-05-08 10:00");
  for (int i = 0; i < 20; ++i) {
    record = ReviseIssue(record, Withdrawn(), at += absl::Minutes(1), *City()).record;
    EXPECT_EQ(record.body.outcome(), v1::OUTCOME_WITHDRAWN);
    record = ReviseIssue(record, BroughtBack(), at += absl::Minutes(1), *City()).record;
    ASSERT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  }
  EXPECT_LT(StretchesOf(record.body), kMostStretches + 20);
  EXPECT_FALSE(FindClock(record.body, v1::CLOCK_KIND_HANDLING)->intervals().rbegin()->paused());
}

TEST(WithdrawIssue, AFirstContactThatWasMadeStaysMade) {
  const CaseRecord before = Do(InProgress(), Report(true), "2024-05-07 11:00");
  const CaseRecord gone = ReviseIssue(before, Withdrawn(), At("2024-05-10 10:00"), *City()).record;
  const CaseRecord back = ReviseIssue(gone, BroughtBack(), At("2024-05-13 10:00"), *City()).record;
  EXPECT_TRUE(
      Same(*FindClock(back.body, v1::CLOCK_KIND_RESPONSE), *FindClock(before.body, v1::CLOCK_KIND_RESPONSE)));
}

TEST(WithdrawIssue, WorkThatWasDoneStaysDone) {
  const CaseRecord before = Closed();
  const CaseChange change = ReviseIssue(before, Withdrawn(), At("2024-05-10 10:00"), *City());
  EXPECT_EQ(change.record.body.outcome(), v1::OUTCOME_RESOLVED);
  EXPECT_TRUE(Same(change.record.body.closed_at(), before.body.closed_at()));
  EXPECT_TRUE(change.event.has_issue_withdrawn());
  const CaseChange back = ReviseIssue(change.record, BroughtBack(), At("2024-05-13 10:00"), *City());
  EXPECT_EQ(back.record.body.state(), v1::PROCESS_STATE_CLOSED);
  EXPECT_TRUE(back.event.has_issue_returned());
}

// Trap: the withdrawal changes nothing of a closed case, and still nobody is to work on it again.
TEST(WithdrawIssue, AClosedCaseIsNotReopenedByHandUntilItsIssueIsBroughtBack) {
  const CaseRecord gone = ReviseIssue(Closed(), Withdrawn(), At("2024-05-10 10:00"), *City()).record;
  EXPECT_TRUE(gone.body.issue_withdrawn());
  EXPECT_THAT(Allowed(gone), ElementsAre("exclude_from_appraisal"));
  EXPECT_EQ(rpc::ReasonOf(TryAct(gone, Reopen(), At("2024-05-11 10:00")).status()), "ISSUE_WITHDRAWN");
  const CaseRecord back = ReviseIssue(gone, BroughtBack(), At("2024-05-13 10:00"), *City()).record;
  EXPECT_FALSE(back.body.issue_withdrawn());
  EXPECT_THAT(Allowed(back), ElementsAre("reopen", "exclude_from_appraisal"));
  EXPECT_EQ(Do(back, Reopen(), "2024-05-14 10:00").body.state(), v1::PROCESS_STATE_IN_PROGRESS);
}

feed::v1::RecordChanged RaisedAt(absl::string_view at) {
  feed::v1::RecordChanged revised = Issue();
  *revised.mutable_issue()->mutable_raised_at() = TimestampMessage(At(at));
  revised.mutable_after()->set_revision(2);
  return revised;
}

TEST(ReviseIssue, ClocksStartAtTheCorrectedInstantAndTheHistoryShowsIt) {
  const CaseRecord before = InProgress();
  // The test's calendar names no days off in May.
  const CaseChange change = ReviseIssue(before, RaisedAt("2024-04-29 09:30"), kRecorded, *City());
  const feed::v1::CaseFacts& facts = change.record.facts;
  EXPECT_EQ(CivilDayFrom(facts.received_on()), absl::CivilDay(2024, 4, 29));
  EXPECT_EQ(TimeFrom(facts.response_due_at()), At("2024-04-29 10:30"));
  EXPECT_EQ(TimeFrom(facts.handling_due_at()), At("2024-05-08 17:00"));
  EXPECT_EQ(TimeFrom(change.record.body.received_at()), At("2024-04-29 09:30"));
  EXPECT_EQ(TimeFrom(change.record.body.assignments(0).since()), At("2024-04-29 09:30"));
  EXPECT_EQ(change.record.body.case_id(), before.body.case_id());
  const v1::IssueRevised& revised = change.event.issue_revised();
  EXPECT_THAT(revised.fields(), ElementsAre("raised_at"));
  EXPECT_EQ(TimeFrom(revised.received_at_before()), At("2024-05-06 09:30"));
  EXPECT_EQ(TimeFrom(revised.received_at()), At("2024-04-29 09:30"));
  ASSERT_EQ(revised.deadlines_size(), 2);
  EXPECT_EQ(TimeFrom(revised.deadlines(1).before()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(revised.deadlines(1).after()), At("2024-05-08 17:00"));
  // The accepting stays what happened last.
  EXPECT_EQ(change.record.latest_at, before.latest_at);
}

TEST(ReviseIssue, AReceiptThatIsCorrectedOnTheWayBackIsShownInTheHistoryToo) {
  const CaseRecord gone = ReviseIssue(InProgress(), Withdrawn(), At("2024-05-08 10:00"), *City()).record;
  feed::v1::RecordChanged corrected = BroughtBack();
  *corrected.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-05-06 08:30"));
  const CaseChange change = ReviseIssue(gone, corrected, At("2024-05-09 10:00"), *City());
  const v1::IssueReturned& returned = change.event.issue_returned();
  EXPECT_THAT(returned.fields(), ElementsAre("raised_at"));
  EXPECT_EQ(TimeFrom(returned.received_at_before()), At("2024-05-06 09:30"));
  EXPECT_EQ(TimeFrom(returned.received_at()), At("2024-05-06 08:30"));
  ASSERT_EQ(returned.deadlines_size(), 2);
  // The clocks stood still: there was no deadline to move from.
  EXPECT_FALSE(returned.deadlines(1).has_before());
  EXPECT_EQ(TimeFrom(returned.deadlines(1).after()), DueAt(change.record, v1::CLOCK_KIND_HANDLING));
  // Without a correction it says nothing of the receipt.
  const CaseChange plain = ReviseIssue(gone, BroughtBack(), At("2024-05-09 10:00"), *City());
  EXPECT_FALSE(plain.event.issue_returned().has_received_at());
  EXPECT_TRUE(plain.event.issue_returned().deadlines().empty());
}

TEST(ReviseIssue, WhatHappensAfterAnEarlierReceiptIsNotLate) {
  const CaseChange change = ReviseIssue(Received().record, RaisedAt("2024-05-06 08:30"), kRecorded, *City());
  const auto action = TryAct(change.record, Accept(), At("2024-05-06 09:00"));
  ASSERT_TRUE(action.ok()) << action.status();
  EXPECT_FALSE(action->event.late());
}

TEST(ReviseIssue, AContactBeforeTheCorrectedReceiptStaysAContactInTime) {
  const CaseRecord contacted = Do(InProgress(), Report(true), "2024-05-06 10:15");
  const CaseChange change = ReviseIssue(contacted, RaisedAt("2024-05-07 09:30"), kRecorded, *City());
  EXPECT_EQ(TimeFrom(change.record.facts.responded_at()), At("2024-05-06 10:15"));
  EXPECT_EQ(TimeFrom(change.record.facts.response_due_at()), At("2024-05-06 11:15"));
  EXPECT_EQ(TimeFrom(change.record.facts.handling_due_at()), At("2024-05-16 17:00"));
  const v1::Case shown = Present(change.record, *City(), kRecorded);
  EXPECT_FALSE(FindClock(shown, v1::CLOCK_KIND_RESPONSE)->breached());
}

TEST(ReviseIssue, AClosedCaseIsJudgedByTheCorrectedReceipt) {
  const CaseRecord closed = Closed();
  const CaseChange change = ReviseIssue(closed, RaisedAt("2024-04-22 09:30"), kRecorded, *City());
  EXPECT_EQ(TimeFrom(change.record.facts.handling_due_at()), At("2024-05-01 17:00"));
  EXPECT_EQ(change.record.facts.handling_minutes(), closed.facts.handling_minutes());
  EXPECT_TRUE(Same(change.record.facts.closed_at(), closed.facts.closed_at()));
  const v1::Case shown = Present(change.record, *City(), kRecorded);
  EXPECT_TRUE(FindClock(shown, v1::CLOCK_KIND_HANDLING)->breached());
}

TEST(ReviseIssue, TheSameInstantMovesNothing) {
  const CaseChange change = ReviseIssue(InProgress(), RaisedAt("2024-05-06 09:30"), kRecorded, *City());
  EXPECT_FALSE(change.event.issue_revised().has_received_at());
  EXPECT_TRUE(change.event.issue_revised().fields().empty());
}

// ---- Owner, lead ----

TEST(Escalate, OwnerIsTheParentAndTheSameFunctionLeads) {
  const CaseRecord record = Do(InProgress(), Escalate(), "2024-05-07 10:00");
  EXPECT_EQ(record.body.owner_org_unit_id(), "zz");
  EXPECT_EQ(record.body.org_unit_id(), "js");  // figures go on counting it where it was raised
  EXPECT_EQ(record.body.lead_department_id(), "zz.planning");
  EXPECT_EQ(RolesInForce(record.body), "zz.planning=LEAD js.planning=CO_HANDLER");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(record.body.escalation_count(), 1);
  ASSERT_EQ(record.facts.escalated_on_size(), 1);
  EXPECT_EQ(CivilDayFrom(record.facts.escalated_on(0)), absl::CivilDay(2024, 5, 7));
}

TEST(Escalate, WithoutTheSameFunctionAboveTheCataloguesDefaultLeads) {
  feed::v1::DirectoryChanged change = testing::CityChange();
  change.add_departments()->set_department_id("js.water");
  change.mutable_departments(change.departments_size() - 1)->set_org_unit_id("js");
  change.mutable_departments(change.departments_size() - 1)->set_function("water");
  const auto directory = *Directory().With(change, 1);
  const CaseRecord water =
      Act(InProgress(),
          {Assign("js.water", v1::ASSIGNMENT_ROLE_LEAD), At("2024-05-07 09:00"), kRecorded, "t", ""},
          *directory, CityCatalogue())
          ->record;
  const auto escalated =
      Act(water, {Escalate(), At("2024-05-07 10:00"), kRecorded, "t", ""}, *directory, CityCatalogue());
  EXPECT_EQ(escalated->record.body.lead_department_id(), "zz.office");
}

TEST(Escalate, ANewLeadDoesNotInheritTheOutcomeOfTheFormerOne) {
  const CaseRecord record = Do(Resolved(), Escalate(), "2024-05-10 10:00");
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(record.facts.has_resolved_at());
}

TEST(Escalate, NotBeyondTheTop) {
  const CaseRecord record = Do(InProgress(), Escalate(), "2024-05-07 10:00");
  const absl::Status status = TryAct(record, Escalate(), At("2024-05-07 11:00")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "ESCALATION_AT_TOP");
  EXPECT_THAT(Allowed(record), ::testing::Not(::testing::Contains("escalate")));
}

TEST(Assign, AnotherLeadHasToAcceptAndTheFormerOneEndsAtTheSameMoment) {
  const CaseRecord record =
      Do(InProgress(), Assign("js.office", v1::ASSIGNMENT_ROLE_LEAD), "2024-05-07 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(RolesInForce(record.body), "js.office=LEAD");
  EXPECT_EQ(TimeFrom(record.body.assignments(0).until()), TimeFrom(record.body.assignments(1).since()));
}

TEST(Assign, LeadCanNotGiveItsPartAway) {
  const absl::Status status =
      TryAct(InProgress(), Assign("js.planning", v1::ASSIGNMENT_ROLE_CO_HANDLER), At("2024-05-07 10:00"))
          .status();
  EXPECT_EQ(rpc::ReasonOf(status), "LEAD_NEEDS_SUCCESSOR");
}

TEST(Assign, ADepartmentHasOnePart) {
  CaseRecord record = Do(InProgress(), Assign("js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER), "2024-05-07 10:00");
  record = Do(record, Assign("js.fire", v1::ASSIGNMENT_ROLE_SUPERVISOR), "2024-05-07 11:00");
  EXPECT_EQ(RolesInForce(record.body), "js.planning=LEAD js.fire=SUPERVISOR");
  EXPECT_EQ(
      rpc::ReasonOf(
          TryAct(record, Assign("js.fire", v1::ASSIGNMENT_ROLE_SUPERVISOR), At("2024-05-07 12:00")).status()),
      "ALREADY_ASSIGNED");
}

// ---- Outcome ----

// Trap: closed is taken for fixed.
TEST(Traps, ClosedIsNotResolved) {
  const CaseRecord explained = Do(InProgress(), Explain(), "2024-05-08 10:00");
  EXPECT_EQ(explained.body.state(), v1::PROCESS_STATE_CLOSED);
  EXPECT_EQ(explained.body.outcome(), v1::OUTCOME_EXPLAINED);
  EXPECT_FALSE(explained.facts.has_resolved_at());

  CaseRecord unreached = Do(AwaitingCallBack(), CallBack(false, false), "2024-05-09 10:00");
  EXPECT_EQ(rpc::ReasonOf(TryAct(unreached, Close(), At("2024-05-09 11:00")).status()),
            "CLOSE_NEEDS_CALL_BACK");
  unreached = Do(unreached, CallBack(false, false), "2024-05-10 10:00");
  unreached = Do(unreached, Close(), "2024-05-10 11:00");
  EXPECT_EQ(unreached.body.outcome(), v1::OUTCOME_UNCONFIRMED);
  EXPECT_FALSE(unreached.facts.has_resolved_at());

  // The department's own word is not enough either.
  EXPECT_EQ(rpc::ReasonOf(TryAct(AwaitingCallBack(), Close(), At("2024-05-09 11:00")).status()),
            "CLOSE_NEEDS_CALL_BACK");
}

TEST(CallBack, ACallThatNobodyAnswersTakesNoAnswerBack) {
  CaseRecord record = Do(AwaitingCallBack(), CallBack(true, false), "2024-05-09 10:00");
  record = Do(record, Resolve(), "2024-06-08 10:00");
  record = Do(record, CallBack(false, false), "2024-06-09 10:00");
  EXPECT_TRUE(record.facts.call_back().contacted());
  EXPECT_FALSE(record.facts.call_back().resolved());
  EXPECT_EQ(CivilDayFrom(record.facts.call_back().on()), absl::CivilDay(2024, 5, 9));
  EXPECT_EQ(record.unanswered_call_backs, 1);
}

TEST(CallBack, ResolvedWaitsForClosing) {
  const CaseRecord record = Resolved();
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_RESOLVED);
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  EXPECT_EQ(TimeFrom(record.facts.resolved_at()), At("2024-05-09 10:00"));
  EXPECT_TRUE(record.facts.call_back().satisfied());
  EXPECT_EQ(Closed().body.outcome(), v1::OUTCOME_RESOLVED);
  EXPECT_EQ(TimeFrom(Closed().facts.resolved_at()), At("2024-05-09 10:00"));
  EXPECT_EQ(TimeFrom(Closed().facts.closed_at()), At("2024-05-09 11:00"));
}

TEST(CallBack, NotResolvedGoesBackAndShowsUntilTheLeadSaysDoneAgain) {
  CaseRecord record = Do(AwaitingCallBack(), CallBack(true, false), "2024-05-09 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_NOT_RESOLVED);
  record = Do(record, Resolve(), "2024-05-10 10:00");
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_UNSPECIFIED);
}

TEST(CallBack, CallBacksBeforeTheLastResolveDoNotCloseIt) {
  CaseRecord record = Do(AwaitingCallBack(), CallBack(false, false), "2024-05-09 10:00");
  record = Do(record, CallBack(true, false), "2024-05-09 11:00");
  record = Do(record, Resolve(), "2024-05-10 10:00");
  record = Do(record, CallBack(false, false), "2024-05-10 11:00");
  EXPECT_FALSE(TryAct(record, Close(), At("2024-05-10 12:00")).ok());
}

TEST(Reopen, ClosingNoLongerCounts) {
  const CaseRecord record = Do(Closed(), Reopen(), "2024-06-03 10:00");
  EXPECT_EQ(record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(record.body.has_closed_at());
  EXPECT_FALSE(record.facts.has_closed_at());
  EXPECT_FALSE(record.facts.has_resolved_at());
}

// Trap: a reopened case is not forwarded.
TEST(Traps, ReopenedCaseIsHandledAndForwardedAgain) {
  CaseRecord record = Do(Closed(), Reopen(), "2024-06-03 10:00");
  EXPECT_EQ(RolesInForce(record.body), "js.planning=LEAD");
  record = Do(record, Escalate(), "2024-06-03 11:00");
  EXPECT_EQ(record.body.owner_org_unit_id(), "zz");
}

// ---- Late and double ----

// Trap: updates that arrive late or twice move the state back.
TEST(Traps, LateActionIsHistoryAndMovesNothing) {
  const CaseRecord before = Closed();
  for (const v1::CaseAction& action :
       {Resolve(), Accept(), Escalate(), CallBack(true, false), Reopen(),
        Assign("js.office", v1::ASSIGNMENT_ROLE_LEAD), Designate(), Convene()}) {
    const auto change = TryAct(before, action, At("2024-05-07 10:00"));
    ASSERT_TRUE(change.ok()) << change.status();
    EXPECT_TRUE(change->event.late());
    EXPECT_EQ(change->event.state_after(), v1::PROCESS_STATE_CLOSED);
    CaseRecord after = change->record;
    EXPECT_EQ(after.body.sequence(), before.body.sequence() + 1);
    EXPECT_NE(after.body.etag(), before.body.etag());
    EXPECT_EQ(after.facts.sequence(), after.body.sequence());
    after.body.set_sequence(before.body.sequence());
    after.body.set_etag(before.body.etag());
    after.facts.set_sequence(before.facts.sequence());
    EXPECT_TRUE(Same(after.body, before.body));
    EXPECT_TRUE(Same(after.facts, before.facts));
    EXPECT_EQ(after.latest_at, before.latest_at);
  }
}

TEST(Traps, SameUpdateTwiceIsRefusedTheSecondTime) {
  EXPECT_EQ(rpc::ReasonOf(TryAct(InProgress(), Accept(), At("2024-05-06 10:00")).status()),
            "ILLEGAL_TRANSITION");
}

TEST(Act, WhatIsDoneNowIsNeverLateThoughAnotherReplicasClockIsAhead) {
  CaseRecord record = InProgress();
  record.latest_at = kRecorded + absl::Milliseconds(20);
  const auto change = Act(record, {Resolve(), std::nullopt, kRecorded, "t", ""}, *City(), CityCatalogue());
  EXPECT_FALSE(change->event.late());
  EXPECT_EQ(change->record.body.state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
}

TEST(Act, OccurredAtLiesBetweenReceiptAndNow) {
  EXPECT_EQ(rpc::ReasonOf(TryAct(Received().record, Accept(), At("2024-05-06 09:29")).status()),
            "OCCURRED_BEFORE_RECEIPT");
  EXPECT_EQ(rpc::ReasonOf(TryAct(Received().record, Accept(), kRecorded + absl::Minutes(6)).status()),
            "OCCURRED_IN_FUTURE");
  const auto ahead = TryAct(Received().record, Accept(), kRecorded + absl::Minutes(5));
  EXPECT_EQ(TimeFrom(ahead->event.occurred_at()), kRecorded);
}

TEST(Convene, CountsOnTheDayOnWhichItWasHeld) {
  v1::CaseAction action = Convene();
  *action.mutable_convene()->mutable_held_on() = DateMessage(absl::CivilDay(2024, 5, 7));
  const CaseRecord record = Do(InProgress(), action, "2024-05-08 10:00");
  EXPECT_EQ(record.body.consultation_count(), 1);
  EXPECT_EQ(CivilDayFrom(record.facts.consulted_on(0)), absl::CivilDay(2024, 5, 7));
  *action.mutable_convene()->mutable_held_on() = DateMessage(absl::CivilDay(2024, 5, 9));
  EXPECT_EQ(rpc::ReasonOf(TryAct(InProgress(), action, At("2024-05-08 10:00")).status()),
            "HELD_OUT_OF_RANGE");
}

TEST(Designate, WhatIsNotSetStays) {
  CaseRecord record = Do(InProgress(), Designate(), "2024-05-07 10:00");
  EXPECT_TRUE(record.body.green_channel());
  v1::CaseAction end;
  end.mutable_designate()->set_task_force("");
  record = Do(record, end, "2024-05-08 10:00");
  EXPECT_TRUE(record.body.green_channel());
  EXPECT_EQ(record.body.task_force(), "");
}

// ---- Clocks ----

TEST(Clocks, FirstContactStopsTheResponseClockOnce) {
  CaseRecord record = Do(InProgress(), Report(false), "2024-05-06 10:10");
  EXPECT_FALSE(record.facts.has_responded_at());
  record = Do(record, Report(true), "2024-05-06 10:20");
  record = Do(record, Report(true), "2024-05-06 11:20");
  EXPECT_EQ(TimeFrom(record.facts.responded_at()), At("2024-05-06 10:20"));
  const v1::Case shown = Present(record, *City(), kRecorded);
  EXPECT_FALSE(FindClock(shown, v1::CLOCK_KIND_RESPONSE)->breached());
}

TEST(Clocks, CallBackThatReachesTheEnterpriseIsAContactTheOtherIsNot) {
  const CaseRecord unreached = Do(AwaitingCallBack(), CallBack(false, false), "2024-05-09 10:00");
  EXPECT_FALSE(unreached.facts.has_responded_at());
  EXPECT_EQ(TimeFrom(Resolved().facts.responded_at()), At("2024-05-09 10:00"));
}

TEST(Clocks, BreachIsSeenAtTheTimeOfTheAnswer) {
  const CaseRecord record = InProgress();
  const auto breached = [&](absl::string_view now) {
    const v1::Case shown = Present(record, *City(), At(now));
    return FindClock(shown, v1::CLOCK_KIND_HANDLING)->breached();
  };
  EXPECT_FALSE(breached("2024-05-15 17:00"));
  EXPECT_TRUE(breached("2024-05-15 17:01"));
}

TEST(Clocks, HandlingMinutesAreWorkingTimeFromAcceptanceToClosing) {
  // Accepted Monday 10:00, closed Thursday 11:00: 6 h (10-12, 13-17), 7 h, 7 h, 2 h.
  EXPECT_EQ(Closed().facts.handling_minutes(), 22 * 60);
  EXPECT_EQ(Resolved().facts.handling_minutes(), 0);
}

// Trap: paused time lost; the clock is stale after a move.
TEST(Traps, ReopenedHandlingClockGoesOnWithTheTimeAlreadyUsedAndThePauseLeftOut) {
  const CaseRecord reopened = Do(Closed(), Reopen(), "2024-06-03 10:00");
  const v1::CaseClock* clock = FindClock(reopened.body, v1::CLOCK_KIND_HANDLING);
  ASSERT_EQ(clock->intervals_size(), 3);
  EXPECT_FALSE(clock->intervals(0).paused());
  EXPECT_TRUE(clock->intervals(1).paused());
  EXPECT_EQ(TimeFrom(clock->intervals(1).start()), At("2024-05-09 11:00"));
  EXPECT_EQ(TimeFrom(clock->intervals(1).end()), At("2024-06-03 10:00"));
  EXPECT_EQ(clock->intervals(2).by(), "tester");
  EXPECT_FALSE(clock->has_stopped_at());
  // Days counted: 7, 8, 9 May (it ran in the morning of the 9th), 3, 4, 5, 6 June: due on the 6th.
  EXPECT_EQ(TimeFrom(reopened.facts.handling_due_at()), At("2024-06-06 17:00"));
  CaseRecord again = Do(reopened, Resolve(), "2024-06-04 10:00");
  again = Do(again, CallBack(true, true, true), "2024-06-04 11:00");
  again = Do(again, Close(), "2024-06-04 12:00");
  // 22 h before, then Monday 10-12 and 13-17 (6 h) and Tuesday 9-12 (3 h).
  EXPECT_EQ(again.facts.handling_minutes(), 31 * 60);
}

// Trap: a policy change moves deadlines that were running.
TEST(Traps, ClockKeepsThePolicyItStartedUnder) {
  v1::Catalogue changed = CityCatalogue();
  changed.set_version(2);
  changed.mutable_clock_policies(1)->mutable_working_days()->set_count(1);
  const auto change =
      Act(InProgress(), {Report(true), At("2024-05-07 10:00"), kRecorded, "t", ""}, *City(), changed);
  EXPECT_EQ(TimeFrom(change->record.facts.handling_due_at()), At("2024-05-15 17:00"));
  EXPECT_EQ(FindClock(change->record.body, v1::CLOCK_KIND_HANDLING)->catalogue_version(), 1);
}

// Trap: deadlines that forget holidays; one day taken as 24 hours.
TEST(Traps, DeadlineOverTheOctoberHolidays) {
  feed::v1::RecordChanged issue = Issue();
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-09-29 16:59"));
  const auto change = ReceiveCase(issue, kRecorded, *City(), CityCatalogue(), 1);
  // 30 September, then 8, 9, 10, 11, 14, 15 October.
  EXPECT_EQ(DueAt(change->record, v1::CLOCK_KIND_HANDLING), At("2024-10-15 17:00"));
}

// ---- Text and departments ----

absl::Status Check(v1::CaseAction action, std::string comment = "") {
  v1::ActOnCaseRequest request;
  *request.mutable_action() = std::move(action);
  request.set_comment(std::move(comment));
  rpc::Violations violations;
  CheckAction(request, *City(), violations);
  return violations.ToStatus();
}

std::string FieldAndReason(const absl::Status& status) {
  const auto request = rpc::BadRequestOf(status);
  if (!request.has_value() || request->field_violations_size() != 1) return std::string(status.message());
  return absl::StrCat(request->field_violations(0).field(), " ", rpc::ReasonOf(status));
}

// ---- A changed calendar ----

TEST(Traps, AHolidayNoticeThatMovesADeadlineSaysSo) {
  const CaseRecord before = InProgress();
  const auto change = FollowCalendar(before, kRecorded, *CityWithNewCalendar());
  ASSERT_TRUE(change.has_value());
  const v1::DeadlinesMoved& moved = change->event.deadlines_moved();
  // The response clock counts hours by the wall clock: no notice moves it.
  ASSERT_EQ(moved.deadlines_size(), 1);
  EXPECT_EQ(moved.deadlines(0).kind(), v1::CLOCK_KIND_HANDLING);
  EXPECT_EQ(TimeFrom(moved.deadlines(0).before()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(moved.deadlines(0).after()), At("2024-05-16 17:00"));
  EXPECT_EQ(moved.deadlines(0).calendar_version_before(), 1);
  EXPECT_EQ(moved.deadlines(0).calendar_version(), 2);
  ASSERT_EQ(moved.days_size(), 1);
  EXPECT_EQ(CivilDayFrom(moved.days(0).date()), absl::CivilDay(2024, 5, 14));
  EXPECT_EQ(moved.days(0).holiday(), "城市运动会");
  EXPECT_EQ(moved.days(0).notice_year(), 2024);
  EXPECT_EQ(change->event.actor(), "zhuqi");
  EXPECT_EQ(change->event.state_after(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(change->record.body.sequence(), before.body.sequence() + 1);
  EXPECT_EQ(TimeFrom(change->record.facts.handling_due_at()), At("2024-05-16 17:00"));
  EXPECT_EQ(change->record.facts.sequence(), change->record.body.sequence());
  EXPECT_EQ(change->record.latest_at, before.latest_at);
  // Once.
  EXPECT_FALSE(FollowCalendar(change->record, kRecorded, *CityWithNewCalendar()).has_value());
}

// A case is read and written often, and calendars change a few times a year.
TEST(FollowCalendar, WhatThisVersionTimedIsNotTimedAgain) {
  CaseRecord record = InProgress();
  EXPECT_TRUE(AreTimedBy(record.body, City()->calendar()));
  EXPECT_FALSE(AreTimedBy(record.body, CityWithNewCalendar()->calendar()));
  // Were it timed again, this would come right and be told.
  *FindClock(record.body, v1::CLOCK_KIND_HANDLING)->mutable_deadline() =
      TimestampMessage(At("2024-05-17 17:00"));
  EXPECT_FALSE(FollowCalendar(record, kRecorded, *City()).has_value());
  const auto change = FollowCalendar(record, kRecorded, *CityWithNewCalendar());
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(TimeFrom(change->event.deadlines_moved().deadlines(0).after()), At("2024-05-16 17:00"));
  EXPECT_TRUE(AreTimedBy(change->record.body, CityWithNewCalendar()->calendar()));
}

TEST(FollowCalendar, OneClockOfAnEarlierVersionIsEnoughToTimeTheCase) {
  // The response clock has stopped, the handling clock was timed by the earlier version.
  const CaseRecord contacted = Do(InProgress(), Report(true), "2024-05-06 10:20");
  EXPECT_FALSE(AreTimedBy(contacted.body, CityWithNewCalendar()->calendar()));
  // Of a closed case nothing is timed.
  EXPECT_TRUE(AreTimedBy(Closed().body, CityWithNewCalendar()->calendar()));
}

TEST(FollowCalendar, ADeadlineThatStaysIsNoEvent) {
  feed::v1::RecordChanged issue = Issue();
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-07-01 09:00"));
  const CaseRecord later = ReceiveCase(issue, kRecorded, *City(), CityCatalogue(), 1)->record;
  EXPECT_FALSE(FollowCalendar(later, kRecorded, *CityWithNewCalendar()).has_value());
}

TEST(FollowCalendar, AClosedCaseStaysAsItWasDecided) {
  const CaseRecord closed = Closed();
  EXPECT_FALSE(FollowCalendar(closed, kRecorded, *CityWithNewCalendar()).has_value());
  const v1::Case shown = Present(closed, *CityWithNewCalendar(), kRecorded);
  EXPECT_EQ(TimeFrom(FindClock(shown, v1::CLOCK_KIND_HANDLING)->deadline()), At("2024-05-15 17:00"));
  EXPECT_EQ(FindClock(shown, v1::CLOCK_KIND_HANDLING)->calendar_version(), 1);
  // A correction of its issue moves no fact of it either.
  feed::v1::RecordChanged revised = Issue();
  revised.mutable_issue()->set_title("新标题");
  feed::v1::CaseFacts after = ReviseIssue(closed, revised, kRecorded, *CityWithNewCalendar()).record.facts;
  after.set_sequence(closed.facts.sequence());
  EXPECT_TRUE(Same(after, closed.facts));
}

TEST(FollowCalendar, AClockThatHasStoppedStaysAsItWasMeasured) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_clock_policies(0)->mutable_working_days()->set_count(6);
  const CaseRecord received = ReceiveCase(Issue(), kRecorded, *City(), catalogue, 1)->record;
  const CaseRecord contacted = Do(received, Report(true), "2024-05-15 10:00");
  const auto change = FollowCalendar(contacted, kRecorded, *CityWithNewCalendar());
  ASSERT_TRUE(change.has_value());
  ASSERT_EQ(change->event.deadlines_moved().deadlines_size(), 1);
  EXPECT_EQ(change->event.deadlines_moved().deadlines(0).kind(), v1::CLOCK_KIND_HANDLING);
  EXPECT_EQ(TimeFrom(change->record.facts.response_due_at()), At("2024-05-14 17:00"));
  const v1::Case shown = Present(change->record, *CityWithNewCalendar(), kRecorded);
  EXPECT_TRUE(FindClock(shown, v1::CLOCK_KIND_RESPONSE)->breached());
}

TEST(FollowCalendar, AReopenedCaseIsUnderTheCalendarInForce) {
  ActionInput input;
  input.action = Reopen();
  input.occurred_at = At("2024-05-09 12:00");
  input.recorded_at = kRecorded;
  const auto reopened = Act(Closed(), input, *CityWithNewCalendar(), CityCatalogue());
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ(TimeFrom(reopened->record.facts.handling_due_at()), At("2024-05-16 17:00"));
}

TEST(CheckAction, NamesTheField) {
  EXPECT_EQ(FieldAndReason(Check(v1::CaseAction())), "action ACTION_REQUIRED");
  EXPECT_EQ(FieldAndReason(Check(Assign("none", v1::ASSIGNMENT_ROLE_LEAD))),
            "action.assign.department_id DEPARTMENT_UNKNOWN");
  EXPECT_EQ(FieldAndReason(Check(Assign("js.fire", v1::ASSIGNMENT_ROLE_UNSPECIFIED))),
            "action.assign.role ROLE_REQUIRED");
  EXPECT_EQ(FieldAndReason(Check(CallBack(false, true))),
            "action.call_back.contacted CALL_BACK_CONTRADICTORY");
  v1::CaseAction empty;
  empty.mutable_designate();
  EXPECT_EQ(FieldAndReason(Check(empty)), "action.designate DESIGNATION_EMPTY");
  v1::CaseAction convene = Convene();
  convene.mutable_convene()->add_department_ids("zz.planning");
  EXPECT_EQ(FieldAndReason(Check(convene)), "action.convene.department_ids[1] DEPARTMENT_REPEATED");
  convene.mutable_convene()->clear_department_ids();
  EXPECT_EQ(FieldAndReason(Check(convene)), "action.convene.department_ids OUT_OF_RANGE");
}

TEST(CheckAction, CountsCharactersAndNotBytes) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "字";
  v1::CaseAction action;
  action.mutable_escalate()->set_reason(text);
  EXPECT_TRUE(Check(action).ok());
  action.mutable_escalate()->set_reason(text + "字");
  EXPECT_EQ(FieldAndReason(Check(action)), "action.escalate.reason TEXT_TOO_LONG");
  action.mutable_escalate()->set_reason(" \u3000");
  EXPECT_EQ(FieldAndReason(Check(action)), "action.escalate.reason TEXT_REQUIRED");
  action.mutable_escalate()->set_reason("a\xff");
  EXPECT_EQ(FieldAndReason(Check(action)), "action.escalate.reason TEXT_INVALID_UTF8");
  EXPECT_EQ(FieldAndReason(Check(Accept(), std::string(2001, 'x'))), "comment TEXT_TOO_LONG");
}

}  // namespace
}  // namespace zhuqi::routing::testing
