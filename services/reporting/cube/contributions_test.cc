#include "services/reporting/cube/contributions.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/reporting/testing/facts.h"

namespace zhuqi::reporting {
namespace {

using testing::At;
using testing::Date;
using testing::Day;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(ContributionsTest, AVisitCountsOnItsDayAndReachesEachEnterprise) {
  const Contributions visit = ContributionsOf(testing::Visit("a", Date(2024, 3, 1), {"X", "Y"}));
  EXPECT_EQ(visit.org_unit_id, "a");
  EXPECT_THAT(visit.counts, UnorderedElementsAre(Count{Component::kVisits, Day(2024, 3, 1), 1}));
  EXPECT_THAT(visit.reached,
              UnorderedElementsAre(Reached{Day(2024, 3, 1), "X"}, Reached{Day(2024, 3, 1), "Y"}));
  EXPECT_FALSE(visit.groups[0].has_value());
}

TEST(ContributionsTest, AnIssueIsInItsKindAndItsCategoryAndInNoDepartment) {
  const Contributions issue =
      ContributionsOf(testing::Issue("a", Date(2024, 3, 1), intake::v1::ISSUE_KIND_NEED, "tax"));
  EXPECT_THAT(issue.counts, UnorderedElementsAre(Count{Component::kIssuesReceived, Day(2024, 3, 1), 1}));
  EXPECT_EQ(issue.groups[0], "NEED");
  EXPECT_EQ(issue.groups[1], "tax");
  EXPECT_FALSE(issue.groups[2].has_value());
}

TEST(ContributionsTest, ADateThatDoesNotExistCountsNowhere) {
  EXPECT_THAT(ContributionsOf(testing::Visit("a", Date(2024, 1, 1), {})).counts, ::testing::SizeIs(1));
  common::v1::Date wrong;
  wrong.set_year(2024);
  wrong.set_month(2);
  wrong.set_day(30);
  EXPECT_THAT(ContributionsOf(testing::Visit("a", wrong, {"X"})).counts, IsEmpty());
  EXPECT_THAT(ContributionsOf(testing::Visit("a", wrong, {"X"})).reached, IsEmpty());
}

TEST(ContributionsTest, AWithdrawnRecordAddsNothing) {
  feed::v1::RecordFacts visit = testing::Visit("a", Date(2024, 3, 1), {"X", "Y"});
  visit.set_withdrawn(true);
  feed::v1::RecordFacts issue = testing::Issue("a", Date(2024, 3, 1), intake::v1::ISSUE_KIND_NEED, "tax");
  issue.set_withdrawn(true);
  for (const auto& facts : {visit, issue}) {
    const Contributions nothing = ContributionsOf(facts);
    EXPECT_EQ(nothing.org_unit_id, "a");
    EXPECT_THAT(nothing.counts, IsEmpty());
    EXPECT_THAT(nothing.reached, IsEmpty());
  }
}

// An issue counts once, however many departments answer it.
TEST(ContributionsTest, ChildOfACaseAddsNothing) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  EXPECT_FALSE(ContributionsOf(facts).counts.empty());
  *facts.mutable_handling_due_at() = At(2024, 3, 8, 17);
  *facts.mutable_closed_at() = At(2024, 3, 11, 9);
  *facts.add_escalated_on() = Date(2024, 3, 5);
  facts.set_parent_case_id("018f4a10-0000-7000-8000-000000000001");
  const Contributions nothing = ContributionsOf(facts);
  EXPECT_EQ(nothing.org_unit_id, "a");
  EXPECT_THAT(nothing.counts, IsEmpty());
  EXPECT_THAT(nothing.durations, IsEmpty());
}

TEST(ContributionsTest, NoRateIsMendedByWithdrawingAnOverdueIssue) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_handling_due_at() = At(2024, 3, 8, 17);
  *facts.mutable_closed_at() = At(2024, 3, 11, 9);
  facts.set_outcome(routing::v1::OUTCOME_WITHDRAWN);
  *facts.add_escalated_on() = Date(2024, 3, 5);
  const Contributions nothing = ContributionsOf(facts);
  EXPECT_THAT(nothing.counts, IsEmpty());
  EXPECT_THAT(nothing.durations, IsEmpty());
}

TEST(ContributionsTest, AnOpenCasePastItsDeadlineIsOverdueFromTheDeadlinesDayOn) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_handling_due_at() = At(2024, 3, 8, 17);
  EXPECT_THAT(ContributionsOf(facts).counts,
              UnorderedElementsAre(Count{Component::kOpenChange, Day(2024, 3, 1), 1},
                                   Count{Component::kHandlingDue, Day(2024, 3, 8), 1},
                                   Count{Component::kOverdueBegun, Day(2024, 3, 8), 1}));
}

TEST(ContributionsTest, ACaseClosedLateOnTheDeadlinesDayWasNeverOverdueAtTheEndOfADay) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_handling_due_at() = At(2024, 3, 8, 12);
  *facts.mutable_closed_at() = At(2024, 3, 8, 16);
  facts.set_handling_minutes(2000);
  const Contributions late = ContributionsOf(facts);
  EXPECT_THAT(late.counts, UnorderedElementsAre(Count{Component::kOpenChange, Day(2024, 3, 1), 1},
                                                Count{Component::kOpenChange, Day(2024, 3, 8), -1},
                                                Count{Component::kHandlingDue, Day(2024, 3, 8), 1},
                                                Count{Component::kCasesClosed, Day(2024, 3, 8), 1}));
  EXPECT_THAT(late.durations, UnorderedElementsAre(Duration{Day(2024, 3, 8), 2000}));
}

TEST(ContributionsTest, ACaseClosedAfterTheDeadlinesDayWasOverdueInBetween) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_handling_due_at() = At(2024, 3, 8, 17);
  *facts.mutable_closed_at() = At(2024, 3, 11, 9);
  EXPECT_THAT(ContributionsOf(facts).counts, ::testing::IsSupersetOf({
                                                 Count{Component::kOverdueBegun, Day(2024, 3, 8), 1},
                                                 Count{Component::kOverdueEnded, Day(2024, 3, 11), 1},
                                             }));
}

TEST(ContributionsTest, ADeadlineAtMidnightBelongsToTheDayThatEndsThere) {
  EXPECT_EQ(DeadlineDay(CityTime(absl::CivilDay(2024, 3, 9), 0)), Day(2024, 3, 8));
  EXPECT_EQ(DeadlineDay(CityTime(absl::CivilDay(2024, 3, 9), 0, 1)), Day(2024, 3, 9));
}

TEST(ContributionsTest, ClosedIsNotResolved) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_closed_at() = At(2024, 3, 5, 9);
  facts.set_outcome(routing::v1::OUTCOME_EXPLAINED);
  EXPECT_THAT(
      ContributionsOf(facts).counts,
      ::testing::Not(::testing::Contains(::testing::Field(&Count::component, Component::kCasesResolved))));
}

TEST(ContributionsTest, ABreachIsNotShownForACaseWhoseClockStandsStill) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  EXPECT_THAT(ContributionsOf(facts).counts,
              UnorderedElementsAre(Count{Component::kOpenChange, Day(2024, 3, 1), 1}));
  *facts.mutable_closed_at() = At(2024, 3, 5, 9);
  EXPECT_THAT(ContributionsOf(facts).counts,
              UnorderedElementsAre(Count{Component::kOpenChange, Day(2024, 3, 1), 1},
                                   Count{Component::kOpenChange, Day(2024, 3, 5), -1},
                                   Count{Component::kCasesClosed, Day(2024, 3, 5), 1},
                                   Count{Component::kClosedOnTime, Day(2024, 3, 5), 1}));
}

TEST(ContributionsTest, FirstContactsAreCountedWhereTheyWereDue) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_response_due_at() = At(2024, 3, 4, 17);
  *facts.mutable_responded_at() = At(2024, 3, 4, 17);
  EXPECT_THAT(ContributionsOf(facts).counts, ::testing::IsSupersetOf({
                                                 Count{Component::kResponseDue, Day(2024, 3, 4), 1},
                                                 Count{Component::kRespondedInTime, Day(2024, 3, 4), 1},
                                             }));
  *facts.mutable_responded_at() = At(2024, 3, 4, 17, 1);
  EXPECT_THAT(
      ContributionsOf(facts).counts,
      ::testing::Not(::testing::Contains(::testing::Field(&Count::component, Component::kRespondedInTime))));
}

TEST(ContributionsTest, AnUnansweredCallBackIsCountedApart) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_call_back()->mutable_on() = Date(2024, 3, 6);
  EXPECT_THAT(ContributionsOf(facts).counts,
              ::testing::Contains(Count{Component::kCallBacksNotAnswered, Day(2024, 3, 6), 1}));
  facts.mutable_call_back()->set_contacted(true);
  facts.mutable_call_back()->set_resolved(true);
  EXPECT_THAT(ContributionsOf(facts).counts,
              UnorderedElementsAre(Count{Component::kOpenChange, Day(2024, 3, 1), 1},
                                   Count{Component::kCallBacksAnswered, Day(2024, 3, 6), 1},
                                   Count{Component::kCallBacksResolved, Day(2024, 3, 6), 1}));
}

TEST(ContributionsTest, EachEscalationAndConsultationCounts) {
  feed::v1::CaseFacts facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.add_escalated_on() = Date(2024, 3, 2);
  *facts.add_consulted_on() = Date(2024, 3, 3);
  *facts.add_consulted_on() = Date(2024, 3, 3);
  EXPECT_THAT(ContributionsOf(facts).counts,
              UnorderedElementsAre(Count{Component::kOpenChange, Day(2024, 3, 1), 1},
                                   Count{Component::kEscalations, Day(2024, 3, 2), 1},
                                   Count{Component::kConsultations, Day(2024, 3, 3), 1},
                                   Count{Component::kConsultations, Day(2024, 3, 3), 1}));
}

TEST(ContributionsTest, AReturnedSummaryIsNotMetAndWhatItReportedDoesNotCount) {
  feed::v1::SummaryFacts facts =
      testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_RETURNED);
  testing::AddCell(facts, "visits", 7, intake::v1::CELL_STATUS_REPORTED);
  const Contributions returned = ContributionsOf(facts);
  EXPECT_THAT(returned.counts, UnorderedElementsAre(Count{Component::kObligationsDue, Day(2024, 4, 8), 1}));
  EXPECT_THAT(returned.reported,
              UnorderedElementsAre(ReportedCell{"monthly", "", MonthOfDay(Day(2024, 3, 1)), 0, 0, 0, 1}));
}

TEST(ContributionsTest, TimelyIsNotNotYetLocked) {
  // Whether it is timely hangs on when the first revision came, not on whether anyone has accepted it since.
  feed::v1::SummaryFacts facts =
      testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_SUBMITTED);
  const auto on_time = Count{Component::kObligationsMetOnTime, Day(2024, 4, 8), 1};
  EXPECT_THAT(ContributionsOf(facts).counts, ::testing::Contains(on_time));
  facts.set_state(intake::v1::SUMMARY_STATE_ACCEPTED);
  EXPECT_THAT(ContributionsOf(facts).counts, ::testing::Contains(on_time));
  facts.set_late(true);
  EXPECT_THAT(ContributionsOf(facts).counts,
              UnorderedElementsAre(Count{Component::kObligationsDue, Day(2024, 4, 8), 1},
                                   Count{Component::kObligationsMet, Day(2024, 4, 8), 1}));
}

TEST(ContributionsTest, ZeroIsNotMissing) {
  feed::v1::SummaryFacts facts =
      testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_ACCEPTED);
  testing::AddCell(facts, "visits", 0, intake::v1::CELL_STATUS_NIL);
  testing::AddCell(facts, "issues", 0, intake::v1::CELL_STATUS_MISSING);
  testing::AddCell(facts, "staff", 0, intake::v1::CELL_STATUS_NOT_APPLICABLE);
  const MonthNumber march = MonthOfDay(Day(2024, 3, 1));
  EXPECT_THAT(ContributionsOf(facts).reported,
              UnorderedElementsAre(ReportedCell{"monthly", "", march, 0, 0, 0, 1},
                                   ReportedCell{"monthly", "visits", march, 0, 1, 1, 0}));
}

TEST(ContributionsTest, WhatIsProvisionalOrEstimatedIsReported) {
  feed::v1::SummaryFacts facts =
      testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_SUBMITTED);
  testing::AddCell(facts, "visits", 7, intake::v1::CELL_STATUS_PROVISIONAL);
  testing::AddCell(facts, "issues", 3, intake::v1::CELL_STATUS_ESTIMATED);
  const MonthNumber march = MonthOfDay(Day(2024, 3, 1));
  EXPECT_THAT(ContributionsOf(facts).reported,
              UnorderedElementsAre(ReportedCell{"monthly", "", march, 0, 0, 0, 1},
                                   ReportedCell{"monthly", "visits", march, 7, 1, 0, 0},
                                   ReportedCell{"monthly", "issues", march, 3, 1, 0, 0}));
}

TEST(ContributionsTest, AWaivedObligationIsNeitherDueNorMet) {
  const Contributions waived = ContributionsOf(
      testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_WAIVED));
  EXPECT_THAT(waived.counts, IsEmpty());
  EXPECT_THAT(waived.reported, IsEmpty());
}

}  // namespace
}  // namespace zhuqi::reporting
