// Duplicates: whose clocks stand still, until when, and who still gets an answer.
#include "services/routing/families/duplicate_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/civil_time.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_timeline.h"
#include "services/routing/deadlines/deadline_rules.h"
#include "services/routing/families/child_rules.h"
#include "services/routing/families/family_testing.h"

namespace zhuqi::routing::testing {
namespace {

using ::testing::HasSubstr;

v1::Catalogue CatalogueWith(v1::DuplicateClocks rule) {
  v1::Catalogue catalogue = LadderCatalogue();
  for (v1::RoutingRule& each : *catalogue.mutable_rules()) each.mutable_target()->set_duplicate_clocks(rule);
  return catalogue;
}

bool HasDeadline(const v1::Case& body) { return FindClock(body, v1::CLOCK_KIND_HANDLING)->has_deadline(); }
absl::Time Due(const v1::Case& body) {
  return TimeFrom(FindClock(body, v1::CLOCK_KIND_HANDLING)->deadline());
}

// Two cases of Monday 2024-05-06, 09:30, due on Wednesday the 15th.
class Duplicates : public ::testing::Test {
 protected:
  explicit Duplicates(v1::DuplicateClocks rule = v1::DUPLICATE_CLOCKS_UNSPECIFIED)
      : family_(CatalogueWith(rule)), first_(family_.Receive(1)), copy_(family_.Receive(2)) {
    for (const std::string& id : {first_, copy_}) family_.Do(id, Accept(), "2024-05-06 10:00");
  }
  void CloseFirst(const v1::CaseAction& last) {
    family_.Do(first_, Resolve(), "2024-05-08 10:00");
    family_.Do(first_, CallBack(true, true, true), "2024-05-09 10:00");
    family_.Do(first_, last, "2024-05-09 11:00");
  }

  Family family_;
  const std::string first_;
  const std::string copy_;
};

class DuplicatesThatRun : public Duplicates {
 protected:
  DuplicatesThatRun() : Duplicates(v1::DUPLICATE_CLOCKS_RUN) {}
};

// Trap: a linked or merged case goes on escalating by itself.
TEST_F(Duplicates, LinkedCaseStopsEscalatingByItself) {
  ASSERT_TRUE(NextStepOf(family_[copy_], City()->calendar()).has_value());
  family_.Link(copy_, first_, "2024-05-07 10:00");
  EXPECT_TRUE(family_[copy_].stands_still());
  EXPECT_FALSE(HasDeadline(family_[copy_]));
  EXPECT_FALSE(NextStepOf(family_[copy_], City()->calendar()).has_value());
  // The first goes on as before.
  EXPECT_EQ(Due(family_[first_]), At("2024-05-15 17:00"));
  EXPECT_TRUE(NextStepOf(family_[first_], City()->calendar()).has_value());
  EXPECT_EQ(family_[first_].duplicate_count(), 1);
  EXPECT_EQ(family_[copy_].duplicate().first_case_id(), first_);
  EXPECT_EQ(family_[copy_].owner_org_unit_id(), "js");
}

TEST_F(DuplicatesThatRun, ByRuleBothClocksLive) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  EXPECT_FALSE(family_[copy_].stands_still());
  EXPECT_EQ(Due(family_[copy_]), At("2024-05-15 17:00"));
  EXPECT_TRUE(NextStepOf(family_[copy_], City()->calendar()).has_value());
  CloseFirst(Close());
  // It goes on by itself; its history says what came of the first.
  EXPECT_EQ(family_[copy_].state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_TRUE(family_[copy_].duplicate().first_closed());
}

TEST_F(Duplicates, UnlinkedItLivesAgainWithTheTimeUsed) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  family_.Unlink(copy_, first_, "2024-05-10 10:00");
  EXPECT_FALSE(family_[copy_].stands_still());
  EXPECT_FALSE(family_[copy_].has_duplicate());
  EXPECT_EQ(family_[first_].duplicate_count(), 0);
  // It stood still through all of the 8th and the 9th.
  EXPECT_EQ(Due(family_[copy_]), At("2024-05-17 17:00"));
  EXPECT_TRUE(NextStepOf(family_[copy_], City()->calendar()).has_value());
}

TEST_F(Duplicates, FirstWithdrawnItLivesAgainUntilThatIsBroughtBack) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  family_.Do(first_, Withdraw(), "2024-05-09 10:00");
  EXPECT_FALSE(family_[copy_].stands_still());
  EXPECT_TRUE(family_[copy_].duplicate().first_withdrawn());
  EXPECT_EQ(Due(family_[copy_]), At("2024-05-16 17:00"));
  family_.Do(first_, Reopen(), "2024-05-10 10:00");
  EXPECT_TRUE(family_[copy_].stands_still());
}

TEST_F(Duplicates, EnterpriseOfTheDuplicateIsAskedWhenTheFirstIsResolved) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  CloseFirst(Close());
  const v1::Case& copy = family_[copy_];
  EXPECT_EQ(copy.state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  EXPECT_EQ(copy.outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(copy.stands_still());
  EXPECT_TRUE(HasDeadline(copy));
  // It says for itself: not resolved is worked on here.
  family_.Do(copy_, CallBack(true, false), "2024-05-10 10:00");
  EXPECT_EQ(family_[copy_].state(), v1::PROCESS_STATE_IN_PROGRESS);
}

TEST_F(Duplicates, FirstThatIsAnsweredWithReasonsLeavesTheAnswerToTheLead) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  family_.Do(first_, Explain(), "2024-05-09 10:00");
  EXPECT_EQ(family_[copy_].state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_FALSE(family_[copy_].stands_still());
  EXPECT_EQ(Due(family_[copy_]), At("2024-05-16 17:00"));
}

TEST_F(Duplicates, OneThatNobodyAcceptedIsAskedTooAndCanBeClosed) {
  const std::string third = family_.Receive(3);
  family_.Link(third, first_, "2024-05-07 10:00");
  CloseFirst(Close());
  EXPECT_EQ(family_[third].state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  EXPECT_EQ(family_.Record(third).first_accepted_at, At("2024-05-09 11:00"));
  family_.Do(third, CallBack(true, true, true), "2024-05-10 10:00");
  family_.Do(third, Close(), "2024-05-10 11:00");
  EXPECT_EQ(family_[third].outcome(), v1::OUTCOME_RESOLVED);
}

TEST_F(Duplicates, LinkedToOneThatIsClosedItsEnterpriseIsAskedAtOnce) {
  CloseFirst(Close());
  family_.Link(copy_, first_, "2024-05-10 10:00");
  EXPECT_EQ(family_[copy_].state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  EXPECT_FALSE(family_[copy_].stands_still());
}

TEST_F(Duplicates, ReopenedFirstDoesNotStopItAgain) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  CloseFirst(Close());
  family_.Do(first_, Reopen(), "2024-05-10 10:00");
  EXPECT_FALSE(family_[copy_].stands_still());
  EXPECT_EQ(family_[copy_].state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
}

TEST_F(Duplicates, EndedByItselfAndReopenedItWaitsAgain) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  family_.Do(copy_, Explain(), "2024-05-08 10:00");
  EXPECT_FALSE(family_[copy_].stands_still());
  EXPECT_EQ(family_[copy_].outcome(), v1::OUTCOME_EXPLAINED);
  family_.Do(copy_, Reopen(), "2024-05-09 10:00");
  EXPECT_TRUE(family_[copy_].stands_still());
  EXPECT_FALSE(HasDeadline(family_[copy_]));
  // Withdrawn and unlinked meanwhile, it does not wait any more.
  family_.Do(copy_, Withdraw(), "2024-05-09 11:00");
  family_.Unlink(copy_, first_, "2024-05-09 12:00");
  family_.Do(copy_, Reopen(), "2024-05-09 13:00");
  EXPECT_FALSE(family_[copy_].stands_still());
  EXPECT_TRUE(HasDeadline(family_[copy_]));
}

TEST_F(Duplicates, PausedOneStaysPausedWhenItLivesAgain) {
  family_.Do(copy_, Pause(), "2024-05-06 15:00");
  family_.Link(copy_, first_, "2024-05-07 10:00");
  EXPECT_EQ(rpc::ReasonOf(family_.TryDo(copy_, Resume(), "2024-05-08 10:00")), "STANDS_STILL");
  family_.Unlink(copy_, first_, "2024-05-09 10:00");
  EXPECT_TRUE(family_[copy_].paused());
  EXPECT_FALSE(HasDeadline(family_[copy_]));
  family_.Do(copy_, Resume(), "2024-05-10 10:00");
  // The 7th, 8th and 9th stood still.
  EXPECT_EQ(Due(family_[copy_]), At("2024-05-20 17:00"));
}

TEST_F(Duplicates, ClocksThatAreMadeWhileItStandsStillDoSoToo) {
  Family family(FullCatalogue());
  const std::string first = family.Receive(1);
  const std::string copy = family.Receive(2);
  family.Do(copy, Accept(), "2024-05-06 10:00");
  family.Link(copy, first, "2024-05-07 10:00");
  family.Do(copy, HandOver("js.office"), "2024-05-07 11:00");
  EXPECT_FALSE(FindClock(family[copy], v1::CLOCK_KIND_OBJECTION, "js.office")->has_deadline());
  family.Unlink(copy, first, "2024-05-09 10:00");
  EXPECT_EQ(TimeFrom(FindClock(family[copy], v1::CLOCK_KIND_OBJECTION, "js.office")->deadline()),
            At("2024-05-09 17:00"));
}

TEST_F(Duplicates, TheFirstContactThatIsOwedStaysDueWhenItIsClosedStandingStill) {
  Family family(FullCatalogue());
  const std::string first = family.Receive(1);
  const std::string copy = family.Receive(2);
  family.Do(copy, Accept(), "2024-05-06 09:40");
  family.Do(copy, Resolve(), "2024-05-06 09:50");
  family.Link(copy, first, "2024-05-06 09:55");
  ASSERT_TRUE(family[copy].stands_still());
  for (const char* at : {"2024-05-06 10:00", "2024-05-06 10:05"}) family.Do(copy, CallBack(false, false), at);
  ASSERT_FALSE(family.Record(copy).facts.has_response_due_at());
  family.Do(copy, Close(), "2024-05-06 10:10");
  // Of the hour 35 minutes were left when it stood still.
  EXPECT_EQ(TimeFrom(family.Record(copy).facts.response_due_at()), At("2024-05-06 10:45"));
}

// Trap: updates that arrive late move the state back.
TEST_F(Duplicates, WhatWasDoneBeforeTheLinkAndIsToldLaterIsHistory) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  family_.Do(copy_, Explain(), "2024-05-07 09:00");
  EXPECT_TRUE(family_.event().late());
  EXPECT_EQ(family_[copy_].state(), v1::PROCESS_STATE_IN_PROGRESS);
  const v1::CaseClock& handling = *FindClock(family_[copy_], v1::CLOCK_KIND_HANDLING);
  EXPECT_TRUE(calendar::CheckLedger(LedgerOf(handling, City()->calendar())).ok());
}

TEST_F(Duplicates, DuplicateOfADuplicateWaitsForItsOwnFirst) {
  const std::string third = family_.Receive(3);
  family_.Link(copy_, first_, "2024-05-07 10:00");
  family_.Link(third, copy_, "2024-05-07 11:00");
  CloseFirst(Close());
  EXPECT_TRUE(family_[third].stands_still());
  family_.Do(copy_, CallBack(true, true, true), "2024-05-10 10:00");
  family_.Do(copy_, Close(), "2024-05-10 11:00");
  EXPECT_EQ(family_[third].state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
}

TEST_F(Duplicates, DividedCaseDoesNotStandStillWhileAChildIsOpen) {
  family_.Do(copy_, DivideAmong({{"js.fire", "x"}}), "2024-05-06 11:00");
  family_.Link(copy_, first_, "2024-05-07 10:00");
  EXPECT_FALSE(family_[copy_].stands_still());
  const std::string child = family_.Child(copy_, 1);
  family_.Do(child, Withdraw(), "2024-05-08 10:00");
  EXPECT_TRUE(family_[copy_].stands_still());
  EXPECT_EQ(rpc::ReasonOf(family_.TryDo(copy_, DivideAmong({{"js.fire", "x"}}), "2024-05-08 11:00")),
            "STANDS_STILL");
}

TEST_F(Duplicates, TimelineAndDeadlineExplainWhyItStoodStill) {
  family_.Link(copy_, first_, "2024-05-07 10:00");
  family_.Unlink(copy_, first_, "2024-05-10 10:00");
  const auto explained = ExplainCaseDeadline(family_[copy_], {v1::CLOCK_KIND_HANDLING}, *City(),
                                             {.as_of = At("2024-05-10 12:00"), .max_days = 100});
  ASSERT_TRUE(explained.ok()) << explained.status();
  std::vector<std::string> reasons;
  for (const v1::DeadlineDay& day : explained->response.days()) {
    if (day.counting() != v1::DAY_COUNTING_PAUSED) continue;
    ASSERT_FALSE(day.pauses().empty());
    reasons.push_back(absl::StrCat(day.pauses(0).reason(), " by ", day.pauses(0).by()));
  }
  ASSERT_FALSE(reasons.empty());
  EXPECT_EQ(reasons.front(), "duplicate of js-system/issue-1 by registrar");

  v1::CaseEvent event;
  v1::DuplicateChanged& changed = *event.mutable_duplicate_changed();
  changed.set_cause(v1::DuplicateChanged::CAUSE_FIRST_CLOSED);
  changed.mutable_first_issue_key()->set_source_system("js-system");
  changed.mutable_first_issue_key()->set_external_id("issue-1");
  changed.set_first_outcome(v1::OUTCOME_RESOLVED);
  const v1::TimelineEntry entry = EntryOf(event, *City());
  EXPECT_EQ(entry.text_zh(), "首件 js-system/issue-1 办结：已解决；照常计时");
  EXPECT_EQ(entry.text_en(), "the first case js-system/issue-1 was closed: resolved; its clocks run");
}

// ---- Whatever is done ----

v1::CaseAction AnyAction() {
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      return Resolve();
    case 1:
      return Explain();
    case 2:
      return Withdraw();
    case 3:
    case 4:
      return Reopen();
    case 5:
      return CallBack(true, *rc::gen::arbitrary<bool>());
    case 6:
      return Close();
    case 7:
      return Pause();
    case 8:
      return Resume();
    case 9:
      return HandOver("js.office");
    default:
      return Accept();
  }
}

RC_GTEST_PROP(DuplicateProperty, ClocksStandStillExactlyWhileTheFirstIsWorkedOn, ()) {
  Family family(CatalogueWith(v1::DUPLICATE_CLOCKS_STAND_STILL));
  const std::string first = family.Receive(1);
  const std::string copy = family.Receive(2);
  absl::Time now = At("2024-05-06 10:00");
  for (int i = 0; i < 50; ++i) {
    now += absl::Minutes(*rc::gen::inRange(1, 600));
    const std::string at = absl::FormatTime("%Y-%m-%d %H:%M", now, CityTimeZone());
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        family.Link(copy, first, at);
        break;
      case 1:
        family.Unlink(copy, first, at);
        break;
      default:
        (void)family.TryDo(*rc::gen::arbitrary<bool>() ? first : copy, AnyAction(), at);
    }
    const v1::Case& body = family[copy];
    RC_ASSERT(family[first].duplicate_count() == (body.has_duplicate() ? 1 : 0));
    if (body.has_closed_at()) continue;
    const v1::CaseClock& handling = *FindClock(body, v1::CLOCK_KIND_HANDLING);
    const bool waits = body.has_duplicate() && !body.duplicate().first_closed() &&
                       family[first].outcome() != v1::OUTCOME_WITHDRAWN;
    RC_ASSERT(body.stands_still() == waits);
    RC_ASSERT(handling.intervals().rbegin()->paused() == (waits || body.paused()));
    RC_ASSERT(!waits || !family[first].has_closed_at());
    RC_ASSERT(calendar::CheckLedger(LedgerOf(handling, City()->calendar())).ok());
  }
}

}  // namespace
}  // namespace zhuqi::routing::testing
