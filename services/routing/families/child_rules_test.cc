// A case that became several: what children are, and what becomes of their parent.
#include "services/routing/families/child_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "absl/strings/match.h"
#include "common/base/civil_time.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/action_check.h"
#include "services/routing/cases/case_timeline.h"
#include "services/routing/families/family_testing.h"

namespace zhuqi::routing::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// The ladder's catalogue, in which a child has 3 working days.
v1::Catalogue ChildCatalogue() {
  v1::Catalogue catalogue = LadderCatalogue();
  v1::ClockPolicy& policy = *catalogue.add_clock_policies();
  policy.set_policy_id("child");
  policy.mutable_working_days()->set_count(3);
  for (v1::RoutingRule& rule : *catalogue.mutable_rules())
    rule.mutable_target()->set_child_policy_id("child");
  return catalogue;
}

// A case in progress that was divided between fire and office.
class Divided : public ::testing::Test {
 protected:
  explicit Divided(const v1::Catalogue& catalogue = ChildCatalogue()) : family_(catalogue) {
    parent_ = family_.Receive(1);
    family_.Do(parent_, Accept(), "2024-05-06 10:00");
    family_.Do(parent_, DivideAmong({{"js.fire", "消防验收缺哪些材料"}, {"js.office", "园区如何配套"}}),
               "2024-05-07 10:00");
    fire_ = family_.Child(parent_, 1);
    office_ = family_.Child(parent_, 2);
  }
  // Ends a child; what that made of its parent.
  v1::ProcessState Close(const std::string& child, const v1::CaseAction& action, absl::string_view at) {
    if (!action.has_decline() && !action.has_withdraw()) family_.Do(child, Accept(), at);
    const int64_t before = family_[parent_].sequence();
    family_.Do(child, action, at);
    EXPECT_EQ(family_[parent_].sequence(), before + 1);
    return family_[parent_].state();
  }

  Family family_;
  std::string parent_;
  std::string fire_;
  std::string office_;
};

TEST_F(Divided, EachDepartmentGetsACaseOfItsOwn) {
  const v1::Case& child = family_[fire_];
  EXPECT_EQ(child.parent().case_id(), parent_);
  EXPECT_EQ(child.parent().number(), 1);
  EXPECT_EQ(child.issue().text(), "消防验收缺哪些材料");
  EXPECT_EQ(child.issue().title(), "地下空间变更用途");
  EXPECT_EQ(child.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(child.lead_department_id(), "js.fire");
  EXPECT_EQ(child.owner_org_unit_id(), "js");
  EXPECT_EQ(LeadsInForce(child), 1);
  // Its own clock, and none for a contact that the parent keeps.
  EXPECT_EQ(FindClock(child, v1::CLOCK_KIND_RESPONSE), nullptr);
  EXPECT_EQ(DueAt(family_.Record(fire_), v1::CLOCK_KIND_HANDLING), At("2024-05-10 17:00"));
  EXPECT_EQ(DueAt(family_.Record(parent_), v1::CLOCK_KIND_HANDLING), At("2024-05-15 17:00"));
  EXPECT_EQ(child.ladder().ladder().ladder_id(), "watch");
  EXPECT_EQ(family_[parent_].owner_org_unit_id(), "js");
  EXPECT_EQ(family_[parent_].state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(OpenChildren(family_[parent_]), 2);
}

TEST_F(Divided, IdentityOfAChildFollowsFromParentNumberAndInstant) {
  Family again(ChildCatalogue());
  const std::string parent = again.Receive(1);
  again.Do(parent, Accept(), "2024-05-06 10:00");
  again.Do(parent, DivideAmong({{"js.fire", "x"}, {"js.office", "y"}}), "2024-05-07 10:00");
  EXPECT_EQ(again.Child(parent, 1), fire_);
  EXPECT_EQ(again.Child(parent, 2), office_);
  EXPECT_NE(fire_, office_);
}

// A case in progress without a policy for children, divided.
class WithoutAChildPolicy : public ::testing::Test {
 protected:
  WithoutAChildPolicy() : family_(FullCatalogue()) {
    parent_ = family_.Receive(1);
    family_.Do(parent_, Accept(), "2024-05-06 10:00");
  }
  void Divide(absl::string_view at) {
    family_.Do(parent_, DivideAmong({{"js.fire", "x"}}), at);
    child_ = family_.Child(parent_, 1);
  }
  const v1::CaseClock& ClockOf(const std::string& id) {
    return *FindClock(family_[id], v1::CLOCK_KIND_HANDLING);
  }
  absl::Time Due(const std::string& id) { return DueAt(family_.Record(id), v1::CLOCK_KIND_HANDLING); }

  Family family_;
  std::string parent_;
  std::string child_;
};

TEST_F(WithoutAChildPolicy, ChildGoesOnUnderTheParentsPolicyVersionWithTheTimeUsed) {
  Divide("2024-05-07 10:00");
  EXPECT_EQ(Due(child_), At("2024-05-15 17:00"));
  const v1::CaseClock& clock = ClockOf(child_);
  EXPECT_TRUE(Same(clock.policy(), ClockOf(parent_).policy()));
  EXPECT_EQ(clock.catalogue_version(), ClockOf(parent_).catalogue_version());
  // The department's own stretch begins with the division.
  ASSERT_EQ(clock.intervals_size(), 2);
  EXPECT_EQ(TimeFrom(clock.intervals(0).start()), At("2024-05-06 09:30"));
  EXPECT_EQ(TimeFrom(clock.intervals(1).start()), At("2024-05-07 10:00"));
  EXPECT_EQ(clock.intervals(1).reason(), "divided");
  EXPECT_EQ(ClockOf(parent_).intervals_size(), 1);
}

TEST_F(WithoutAChildPolicy, ChildIsDueWhenItsParentIsWheneverThatIsDivided) {
  family_.Do(parent_, Pause(), "2024-05-07 15:00");
  family_.Do(parent_, Resume(), "2024-05-09 11:00");
  const absl::Time due = Due(parent_);
  int children = 0;
  // To after the deadline: what was missed is missed.
  for (absl::Time at = At("2024-05-09 11:00"); at < due + absl::Hours(30); at += absl::Hours(13)) {
    const std::string text = absl::FormatTime("%Y-%m-%d %H:%M", at, CityTimeZone());
    family_.Do(parent_, DivideAmong({{"js.fire", "x"}}), text);
    const std::string child = family_.Child(parent_, ++children);
    EXPECT_EQ(Due(child), due) << text;
    family_.Do(child, testing::Withdraw(), text);
  }
  EXPECT_GT(children, 12);
}

// Trap: the clock is stale after a move; only the nearest clock is shown.
TEST_F(WithoutAChildPolicy, WhatMovesTheParentLaterDoesNotMoveTheChild) {
  Divide("2024-05-07 10:00");
  family_.Do(parent_, AskForDays(5), "2024-05-07 11:00");
  family_.Do(parent_, Decide(true), "2024-05-07 12:00");
  EXPECT_EQ(Due(parent_), At("2024-05-22 17:00"));
  family_.Do(parent_, Pause(), "2024-05-08 09:00");
  EXPECT_EQ(Due(child_), At("2024-05-15 17:00"));
  // And the other way round.
  family_.Do(parent_, Resume(), "2024-05-08 09:00");
  family_.Do(child_, Escalate(), "2024-05-08 10:00");
  EXPECT_EQ(Due(child_), At("2024-05-27 17:00"));
  EXPECT_EQ(Due(parent_), At("2024-05-22 17:00"));
}

TEST_F(WithoutAChildPolicy, CorrectedReceiptOfTheParentCorrectsTheChildsClock) {
  Divide("2024-05-07 10:00");
  const CaseRecord before = family_.Record(child_);
  feed::v1::RecordChanged issue = Issue("018f4a10-0000-7000-8000-100000000001", "issue-1");
  issue.mutable_after()->set_revision(2);
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-04-29 09:30"));
  family_.Revise(parent_, issue, "2024-05-08 10:00");
  EXPECT_EQ(Due(parent_), At("2024-05-08 17:00"));
  EXPECT_EQ(Due(child_), At("2024-05-08 17:00"));
  EXPECT_EQ(TimeFrom(family_[child_].received_at()), At("2024-05-07 10:00"));
  EXPECT_EQ(TimeFrom(family_.Record(child_).facts.handling_due_at()), At("2024-05-08 17:00"));
  const auto change = FollowParent(before, family_[parent_], v1::CaseEvent(), *City());
  ASSERT_TRUE(change.has_value());
  const v1::ParentChanged& told = change->event.parent_changed();
  EXPECT_EQ(told.cause(), v1::ParentChanged::CAUSE_REVISED);
  EXPECT_THAT(told.fields(), ElementsAre("raised_at"));
  ASSERT_EQ(told.deadlines_size(), 1);
  EXPECT_EQ(TimeFrom(told.deadlines(0).before()), At("2024-05-15 17:00"));
  EXPECT_EQ(EntryOf(change->event, *City()).text_zh(),
            "诉求更正：raised_at；办结期限 2024-05-15 17:00 → 2024-05-08 17:00");
  // Its stretches meet, however late the receipt is said to have been.
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-05-07 16:00"));
  issue.mutable_after()->set_revision(3);
  family_.Revise(parent_, issue, "2024-05-08 11:00");
  EXPECT_EQ(Due(child_), At("2024-05-16 17:00"));
  EXPECT_EQ(StartOf(ClockOf(child_)), At("2024-05-07 10:00"));
  // And corrected again, it is right again.
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-04-29 09:30"));
  issue.mutable_after()->set_revision(4);
  family_.Revise(parent_, issue, "2024-05-08 14:00");
  EXPECT_EQ(Due(child_), At("2024-05-08 17:00"));
  EXPECT_EQ(StartOf(ClockOf(child_)), At("2024-04-29 09:30"));
}

TEST_F(Divided, FactsOfAChildNameItsParentSoThatFiguresCountTheIssueOnce) {
  EXPECT_EQ(family_.Record(fire_).facts.parent_case_id(), parent_);
  EXPECT_EQ(family_.Record(parent_).facts.parent_case_id(), "");
}

TEST_F(Divided, ParentIsNotEndedByHandWhileAChildIsOpen) {
  for (const v1::CaseAction& action : {Resolve(), Explain()}) {
    const absl::Status refused = family_.TryDo(parent_, action, "2024-05-08 10:00");
    EXPECT_EQ(rpc::ReasonOf(refused), "CHILDREN_OPEN");
    EXPECT_THAT(std::string(refused.message()),
                HasSubstr(absl::StrCat("1 js.fire (", fire_, "), 2 js.office")));
    EXPECT_EQ(rpc::ErrorInfoOf(refused)->metadata().at("children"), OpenChildrenText(family_[parent_]));
  }
  EXPECT_THAT(Allowed(family_.Record(parent_)), Not(Contains("resolve")));
  EXPECT_THAT(Allowed(family_.Record(parent_)), Contains("divide"));
  // Handed over it awaits acceptance, and is not declined either.
  family_.Do(parent_, HandOver("js.office"), "2024-05-08 11:00");
  EXPECT_EQ(rpc::ReasonOf(family_.TryDo(parent_, Decline(), "2024-05-08 12:00")), "CHILDREN_OPEN");
}

TEST_F(Divided, LastAnsweredChildSendsTheParentToItsCallBack) {
  EXPECT_EQ(Close(fire_, Resolve(), "2024-05-08 10:00"), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(family_[fire_].state(), v1::PROCESS_STATE_CLOSED);
  EXPECT_EQ(family_[fire_].outcome(), v1::OUTCOME_ANSWERED);
  EXPECT_EQ(Close(office_, Explain(), "2024-05-09 10:00"), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  const v1::Case& parent = family_[parent_];
  EXPECT_EQ(parent.state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  EXPECT_EQ(parent.outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_EQ(parent.children(0).answer(), "手续已办妥");
  EXPECT_EQ(parent.children(1).outcome(), v1::OUTCOME_EXPLAINED);
  // The enterprise is asked once, on the whole; only its word makes it resolved.
  family_.Do(parent_, CallBack(true, true, true), "2024-05-10 10:00");
  family_.Do(parent_, testing::Close(), "2024-05-10 11:00");
  EXPECT_EQ(family_[parent_].outcome(), v1::OUTCOME_RESOLVED);
}

TEST_F(Divided, ReasonsOfAllCloseTheParentOnceTheEnterpriseWasContacted) {
  family_.Do(parent_, Report(true), "2024-05-07 11:00");
  Close(fire_, Explain(), "2024-05-08 10:00");
  EXPECT_EQ(Close(office_, Decline(), "2024-05-09 10:00"), v1::PROCESS_STATE_CLOSED);
  EXPECT_EQ(family_[parent_].outcome(), v1::OUTCOME_EXPLAINED);
  EXPECT_EQ(TimeFrom(family_[parent_].closed_at()), At("2024-05-09 10:00"));
}

TEST_F(Divided, AllDeclinedDeclinesTheParent) {
  family_.Do(parent_, Report(true), "2024-05-07 11:00");
  Close(fire_, Decline(), "2024-05-08 10:00");
  Close(office_, Decline(), "2024-05-09 10:00");
  EXPECT_EQ(family_[parent_].outcome(), v1::OUTCOME_DECLINED);
}

TEST_F(Divided, ReasonsThatNobodyGaveTheEnterpriseDoNotCloseTheParent) {
  Close(fire_, Explain(), "2024-05-08 10:00");
  EXPECT_EQ(Close(office_, Explain(), "2024-05-09 10:00"), v1::PROCESS_STATE_IN_PROGRESS);
  family_.Do(parent_, Explain(), "2024-05-09 11:00");
  EXPECT_EQ(family_[parent_].outcome(), v1::OUTCOME_EXPLAINED);
}

TEST_F(Divided, WithdrawnChildrenLeaveTheParentUndivided) {
  Close(fire_, Withdraw(), "2024-05-08 10:00");
  Close(office_, Withdraw(), "2024-05-09 10:00");
  EXPECT_EQ(family_[parent_].state(), v1::PROCESS_STATE_IN_PROGRESS);
  family_.Do(parent_, Resolve(), "2024-05-09 11:00");
  EXPECT_EQ(family_[parent_].state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
}

TEST_F(Divided, WithdrawingTheParentWithdrawsAllAndOnlyThoseThatWereOpenComeBack) {
  Close(fire_, Resolve(), "2024-05-08 10:00");
  family_.Do(parent_, Withdraw(), "2024-05-09 10:00");
  EXPECT_EQ(family_[office_].outcome(), v1::OUTCOME_WITHDRAWN);
  EXPECT_EQ(family_[fire_].outcome(), v1::OUTCOME_ANSWERED);
  for (const std::string& child : {fire_, office_}) {
    EXPECT_EQ(rpc::ReasonOf(family_.TryDo(child, Reopen(), "2024-05-09 11:00")), "PARENT_WITHDRAWN");
  }
  // The parent was told nothing of what it did itself.
  EXPECT_FALSE(family_[parent_].children(1).has_closed_at());
  family_.Do(parent_, Reopen(), "2024-05-11 10:00");
  EXPECT_EQ(family_[office_].state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(family_[fire_].state(), v1::PROCESS_STATE_CLOSED);
  // Through all of the 10th it stood still: due on the next working day.
  EXPECT_EQ(DueAt(family_.Record(office_), v1::CLOCK_KIND_HANDLING), At("2024-05-13 17:00"));
  Close(office_, Resolve(), "2024-05-11 11:00");
  EXPECT_EQ(family_[parent_].state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
}

feed::v1::RecordChanged Revised(bool withdrawn, bool was_withdrawn) {
  feed::v1::RecordChanged issue = Issue("018f4a10-0000-7000-8000-100000000001", "issue-1");
  *issue.mutable_before() = issue.after();
  issue.mutable_before()->set_withdrawn(was_withdrawn);
  issue.mutable_after()->set_withdrawn(withdrawn);
  issue.mutable_after()->set_revision(2);
  return issue;
}

TEST_F(Divided, WithdrawingTheRecordWithdrawsAllAndBringsAllBack) {
  family_.Revise(parent_, Revised(true, false), "2024-05-09 10:00");
  EXPECT_EQ(family_[parent_].outcome(), v1::OUTCOME_WITHDRAWN);
  EXPECT_EQ(family_[fire_].outcome(), v1::OUTCOME_WITHDRAWN);
  EXPECT_EQ(family_[office_].outcome(), v1::OUTCOME_WITHDRAWN);
  family_.Revise(parent_, Revised(false, true), "2024-05-10 10:00");
  EXPECT_EQ(family_[fire_].state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(family_[office_].state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(family_[parent_].state(), v1::PROCESS_STATE_IN_PROGRESS);
}

TEST_F(Divided, CorrectedReceiptMovesNoClockThatBeganWithTheDivision) {
  feed::v1::RecordChanged issue = Revised(false, false);
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-04-29 09:30"));
  const int64_t before = family_[fire_].sequence();
  family_.Revise(parent_, issue, "2024-05-08 10:00");
  EXPECT_EQ(DueAt(family_.Record(fire_), v1::CLOCK_KIND_HANDLING), At("2024-05-10 17:00"));
  EXPECT_EQ(family_[fire_].sequence(), before);
}

TEST_F(Divided, RevisedIssueReachesItsChildrenAndLeavesTheirQuestions) {
  feed::v1::RecordChanged issue = Revised(false, false);
  issue.mutable_issue()->set_title("改正后的标题");
  issue.mutable_after()->set_org_unit_id("js-t");
  family_.Revise(parent_, issue, "2024-05-09 10:00");
  EXPECT_EQ(family_[fire_].issue().title(), "改正后的标题");
  EXPECT_EQ(family_[fire_].issue().text(), "消防验收缺哪些材料");
  EXPECT_EQ(family_[fire_].org_unit_id(), "js-t");
  EXPECT_EQ(family_[fire_].owner_org_unit_id(), "js");
}

// Trap: closed is taken for fixed; a reopened case is not forwarded.
TEST_F(Divided, ReopenedChildIsForwardedToItsParent) {
  family_.Do(parent_, Report(true), "2024-05-07 11:00");
  Close(fire_, Resolve(), "2024-05-08 10:00");
  Close(office_, Resolve(), "2024-05-09 10:00");
  family_.Do(fire_, Reopen(), "2024-05-10 10:00");
  EXPECT_EQ(family_[parent_].state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(OpenChildren(family_[parent_]), 1);
  family_.Do(fire_, Explain(), "2024-05-10 11:00");
  family_.Do(parent_, CallBack(true, true, true), "2024-05-10 12:00");
  family_.Do(parent_, testing::Close(), "2024-05-10 13:00");
  family_.Do(office_, Reopen(), "2024-05-11 10:00");
  EXPECT_EQ(family_[parent_].state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(family_[parent_].outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(family_[parent_].has_closed_at());
  EXPECT_FALSE(family_.Record(parent_).facts.has_resolved_at());
}

TEST_F(Divided, EscalatedChildMovesAlone) {
  family_.Do(fire_, Escalate(), "2024-05-08 10:00");
  EXPECT_EQ(family_[fire_].owner_org_unit_id(), "zz");
  EXPECT_EQ(family_[fire_].lead_department_id(), "zz.fire");
  EXPECT_EQ(family_[parent_].owner_org_unit_id(), "js");
  EXPECT_EQ(family_[parent_].escalation_count(), 0);
  EXPECT_EQ(OpenChildren(family_[parent_]), 2);
}

TEST_F(Divided, DepthIsOneAndChildrenAreBounded) {
  family_.Do(fire_, Accept(), "2024-05-08 10:00");
  const auto reason = [this](const std::string& id, const v1::CaseAction& action) {
    return rpc::ReasonOf(family_.TryDo(id, action, "2024-05-08 11:00"));
  };
  EXPECT_EQ(reason(fire_, DivideAmong({{"js.office", "x"}})), "CHILD_CASE");
  EXPECT_EQ(reason(parent_, DivideAmong({{"js.fire", "x"}})), "CHILD_OPEN");
  EXPECT_EQ(reason(parent_, DivideAmong({{"js.gone", "x"}})), "DEPARTMENT_CLOSED");
  std::vector<std::pair<std::string, std::string>> many(19, {"js.planning", "x"});
  EXPECT_EQ(reason(parent_, DivideAmong(many)), "TOO_MANY_CHILDREN");
  EXPECT_EQ(family_[parent_].children_size(), 2);
  // When a department's child is closed it may be asked again.
  Close(office_, Resolve(), "2024-05-09 10:00");
  family_.Do(parent_, DivideAmong({{"js.office", "再问"}}), "2024-05-09 11:00");
  EXPECT_EQ(family_[family_.Child(parent_, 3)].issue().text(), "再问");
}

TEST_F(Divided, LateDivisionIsHistoryAndMakesNoChild) {
  family_.Do(parent_, DivideAmong({{"zz.tax", "x"}}), "2024-05-06 11:00");
  EXPECT_TRUE(family_.event().late());
  EXPECT_EQ(family_[parent_].children_size(), 2);
}

TEST_F(Divided, WhatIsWrongWithADivisionIsSaidByField) {
  v1::ActOnCaseRequest request;
  *request.mutable_action() = DivideAmong({{"nobody", ""}, {"js.fire", "x"}, {"js.fire", "y"}});
  rpc::Violations violations;
  CheckAction(request, *City(), violations);
  std::vector<std::string> fields;
  const auto refused = rpc::BadRequestOf(violations.ToStatus());
  for (const auto& violation : refused->field_violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields,
              ElementsAre("action.divide.children[0].department_id", "action.divide.children[0].question",
                          "action.divide.children[2].department_id"));
  *request.mutable_action() = DivideAmong({});
  rpc::Violations none;
  CheckAction(request, *City(), none);
  EXPECT_FALSE(none.empty());
}

TEST(ChildTimeline, SaysWhatTheLastChildMadeOfItsParent) {
  v1::CaseEvent event;
  v1::ChildChanged& changed = *event.mutable_child_changed();
  changed.mutable_child()->set_number(2);
  changed.mutable_child()->set_department_id("js.fire");
  *changed.mutable_child()->mutable_closed_at() = TimestampMessage(At("2024-05-09 10:00"));
  changed.mutable_child()->set_outcome(v1::OUTCOME_ANSWERED);
  changed.set_move(v1::ChildChanged::MOVE_TO_CALL_BACK);
  const v1::TimelineEntry entry = EntryOf(event, *City());
  EXPECT_EQ(entry.text_zh(),
            "第 2 件子工单（js.fire）办结：已办复；未办结子工单 0 件；全部子工单办结，主工单转待回访");
  EXPECT_EQ(entry.text_en(),
            "child 2 (js.fire) was closed: answered; 0 open; all children are closed: the enterprise is to "
            "be called "
            "back");
}

// ---- Whatever is done ----

v1::CaseAction AnyFamilyAction() {
  switch (*rc::gen::inRange(0, 14)) {
    case 0:
      return DivideAmong({{"js.fire", "x"}});
    case 1:
      return DivideAmong({{"js.office", "x"}, {"zz.tax", "y"}});
    case 2:
      return Resolve();
    case 3:
      return Explain();
    case 4:
      return Decline();
    case 5:
      return Withdraw();
    case 6:
    case 7:
      return Reopen();
    case 8:
      return CallBack(true, *rc::gen::arbitrary<bool>());
    case 9:
      return testing::Close();
    case 10:
      return Escalate();
    case 11:
      return HandOver("js.office");
    default:
      return Accept();
  }
}

void CheckFamily(const Family& family, const std::string& parent_id) {
  const v1::Case& parent = family[parent_id];
  RC_ASSERT(LeadsInForce(parent) == 1);
  RC_ASSERT(parent.children_size() <= kMostChildren);
  const bool withdrawn = parent.outcome() == v1::OUTCOME_WITHDRAWN;
  if (OpenChildren(parent) > 0 && !withdrawn) {
    RC_ASSERT(parent.state() == v1::PROCESS_STATE_IN_PROGRESS ||
              parent.state() == v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  }
  for (const v1::ChildCase& noted : parent.children()) {
    const v1::Case& child = family[noted.case_id()];
    RC_ASSERT(LeadsInForce(child) == 1);
    RC_ASSERT(child.children().empty());
    RC_ASSERT(child.parent().withdrawn() == withdrawn);
    RC_ASSERT(!withdrawn || child.has_closed_at());
    RC_ASSERT(noted.has_closed_at() == (child.has_closed_at() && !child.parent().closed_with_it()));
    RC_ASSERT(!noted.has_closed_at() || noted.outcome() == child.outcome());
  }
}

RC_GTEST_PROP(FamilyProperty, ParentAndChildrenAlwaysAgree, ()) {
  Family family(ChildCatalogue());
  const std::string parent = family.Receive(1);
  family.Do(parent, Accept(), "2024-05-06 10:00");
  absl::Time now = At("2024-05-06 10:00");
  for (int i = 0; i < 60; ++i) {
    now += absl::Minutes(*rc::gen::inRange(1, 600));
    const int who = *rc::gen::inRange(0, family[parent].children_size() + 1);
    const std::string id = who == 0 ? parent : family.Child(parent, who);
    const std::string at = absl::FormatTime("%Y-%m-%d %H:%M", now, CityTimeZone());
    (void)family.TryDo(id, AnyFamilyAction(), at);
    CheckFamily(family, parent);
  }
}

}  // namespace
}  // namespace zhuqi::routing::testing
