#include "services/routing/knowledge/practice_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::City;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::Case Solved() {
  v1::Case body;
  body.set_case_id("018f4a10-0000-7000-8000-000000000001");
  body.set_org_unit_id("js-t");
  body.set_outcome(v1::OUTCOME_RESOLVED);
  body.mutable_issue()->set_title("地下空间变更用途");
  body.mutable_issue()->set_text("手续无法办理。");
  body.mutable_issue()->set_category_id("land.change-of-use");
  return body;
}

v1::Practice Draft() {
  return *WriteUp(Solved(), "容缺受理。", {}, "018f4a10-0000-7000-8000-00000000000a", "wang",
                  At("2024-06-03 09:00"), *City());
}
v1::Practice Published() {
  v1::Practice practice = Draft();
  practice.set_state(v1::PRACTICE_STATE_PUBLISHED);
  return practice;
}

PracticeActionInput Input(const std::function<void(v1::PracticeAction&)>& fill) {
  PracticeActionInput input;
  fill(input.action);
  input.actor = "li";
  input.now = At("2024-06-04 09:00");
  return input;
}
PracticeActionInput Adoption(const std::string& unit, const v1::Case* resolved) {
  PracticeActionInput input =
      Input([&](v1::PracticeAction& action) { action.mutable_adopt()->set_org_unit_id(unit); });
  if (resolved != nullptr) input.action.mutable_adopt()->set_case_id(resolved->case_id());
  input.resolved = resolved;
  return input;
}

TEST(WriteUp, WhatIsLeftEmptyIsTakenFromTheCase) {
  const v1::Practice practice = Draft();
  EXPECT_EQ(practice.content().title(), "地下空间变更用途");
  // Never the enterprise's own words, in which a name may stand: a practice goes to all units.
  EXPECT_EQ(practice.content().problem(), "地下空间变更用途");
  EXPECT_EQ(practice.content().solution(), "容缺受理。");
  EXPECT_EQ(practice.state(), v1::PRACTICE_STATE_DRAFT);
  EXPECT_EQ(practice.written_by(), "wang");
  EXPECT_EQ(practice.etag(), "1");
  EXPECT_THAT(practice.allowed_actions(), ElementsAre("revise", "publish", "retire"));
  // The district of the township.
  EXPECT_THAT(practice.solved_in_district_ids(), ElementsAre("js"));
}

TEST(WriteUp, NoNumberOfAPersonComesFromTheCase) {
  v1::Case body = Solved();
  body.mutable_issue()->set_title("变更用途，联系人13812345678");
  const auto write = [&](const v1::PracticeContent& content) {
    return WriteUp(body, "已电话13812345678告知，身份证41010519800101123X已核验。", content, "", "",
                   At("2024-06-03 09:00"), *City())
        ->content();
  };
  EXPECT_EQ(write({}).title(), "变更用途，联系人***");
  EXPECT_EQ(write({}).problem(), "变更用途，联系人***");
  EXPECT_EQ(write({}).solution(), "已电话***告知，身份证***已核验。");
  // What its author wrote stands as it is: a hotline may be the solution.
  v1::PracticeContent own;
  own.set_solution("拨打0371-12345678预约");
  EXPECT_EQ(write(own).solution(), "拨打0371-12345678预约");
}

TEST(WriteUp, ClosedIsNotSolved) {
  v1::Case body = Solved();
  for (const v1::Outcome outcome :
       {v1::OUTCOME_UNSPECIFIED, v1::OUTCOME_NOT_RESOLVED, v1::OUTCOME_UNCONFIRMED, v1::OUTCOME_WITHDRAWN}) {
    body.set_outcome(outcome);
    EXPECT_EQ(rpc::ReasonOf(WriteUp(body, "", {}, "", "", At("2024-06-03 09:00"), *City()).status()),
              "CASE_NOT_SOLVED");
  }
  body.set_outcome(v1::OUTCOME_EXPLAINED);
  EXPECT_TRUE(WriteUp(body, "答复", {}, "", "", At("2024-06-03 09:00"), *City()).ok());
}

TEST(WriteUp, ATextThatNobodyGaveIsMissed) {
  const absl::Status status = WriteUp(Solved(), "", {}, "", "", At("2024-06-03 09:00"), *City()).status();
  EXPECT_EQ(rpc::BadRequestOf(status)->field_violations(0).field(), "content.solution");
}

TEST(ActOnPractice, TheStateMachineIsAsTheTableSays) {
  EXPECT_THAT(AllowedPracticeActions(v1::PRACTICE_STATE_DRAFT), ElementsAre("revise", "publish", "retire"));
  EXPECT_THAT(AllowedPracticeActions(v1::PRACTICE_STATE_PUBLISHED),
              ElementsAre("revise", "retire", "adopt", "rate"));
  EXPECT_THAT(AllowedPracticeActions(v1::PRACTICE_STATE_RETIRED), ElementsAre("publish"));
  const auto refused = ActOnPractice(Draft(), Adoption("zm", nullptr), *City());
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(refused.status())->metadata().at("allowed"), "revise,publish,retire");
}

TEST(ActOnPractice, RetiredIsPublishedAgainWithoutItsReason) {
  const auto retired = ActOnPractice(
      Published(), Input([](v1::PracticeAction& action) { action.mutable_retire()->set_reason("新规已出"); }),
      *City());
  ASSERT_TRUE(retired.ok());
  EXPECT_EQ(retired->practice.state(), v1::PRACTICE_STATE_RETIRED);
  EXPECT_EQ(retired->practice.retirement_reason(), "新规已出");
  EXPECT_EQ(retired->practice.etag(), "2");
  const auto published = ActOnPractice(
      retired->practice, Input([](v1::PracticeAction& action) { action.mutable_publish(); }), *City());
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(published->practice.state(), v1::PRACTICE_STATE_PUBLISHED);
  EXPECT_EQ(published->practice.retirement_reason(), "");
  EXPECT_TRUE(published->practice.has_published_at());
}

TEST(ActOnPractice, AUnitThatAdoptsTwiceCountsOnce) {
  const auto first = ActOnPractice(Published(), Adoption("zm", nullptr), *City());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->practice.adoption_count(), 1);
  EXPECT_EQ(first->practice.etag(), "1");
  EXPECT_EQ(first->adoption->adopted_by(), "li");
  PracticeActionInput again = Adoption("zm", nullptr);
  again.earlier_adoption = first->adoption;
  again.now = At("2024-07-01 09:00");
  const auto second = ActOnPractice(first->practice, again, *City());
  EXPECT_EQ(second->practice.adoption_count(), 1);
  EXPECT_EQ(second->adoption->adopted_at().seconds(), first->adoption->adopted_at().seconds());
}

TEST(ActOnPractice, ADistrictSolvedThisWhenItNamesACaseThatWasResolved) {
  v1::Case body = Solved();
  body.set_org_unit_id("zm");
  const auto adopted = ActOnPractice(Published(), Adoption("zm", &body), *City());
  ASSERT_TRUE(adopted.ok()) << adopted.status();
  EXPECT_THAT(adopted->practice.solved_in_district_ids(), ElementsAre("js", "zm"));
  const auto again = ActOnPractice(adopted->practice, Adoption("zm", &body), *City());
  EXPECT_THAT(again->practice.solved_in_district_ids(), ElementsAre("js", "zm"));
  EXPECT_THAT(ActOnPractice(Published(), Adoption("zm", nullptr), *City())->practice.solved_in_district_ids(),
              ElementsAre("js"));
}

TEST(ActOnPractice, ACaseThatIsNotResolvedProvesNothing) {
  v1::Case body = Solved();
  body.set_org_unit_id("zm");
  body.set_outcome(v1::OUTCOME_EXPLAINED);
  EXPECT_EQ(rpc::ReasonOf(ActOnPractice(Published(), Adoption("zm", &body), *City()).status()),
            "CASE_NOT_RESOLVED");
  EXPECT_EQ(rpc::ReasonOf(ActOnPractice(Published(), Adoption("js", &body), *City()).status()),
            "CASE_OF_ANOTHER_UNIT");
  PracticeActionInput unknown = Adoption("zm", &body);
  unknown.resolved = nullptr;
  EXPECT_EQ(rpc::ReasonOf(ActOnPractice(Published(), unknown, *City()).status()), "CASE_UNKNOWN");
}

TEST(ActOnPractice, RatingAgainReplacesTheStars) {
  PracticeActionInput input = Input([](v1::PracticeAction& action) { action.mutable_rate()->set_stars(5); });
  const auto first = ActOnPractice(Published(), input, *City());
  EXPECT_EQ(first->practice.rating_count(), 1);
  EXPECT_EQ(first->practice.rating_stars(), 5);
  input.action.mutable_rate()->set_stars(2);
  input.earlier_stars = 5;
  const auto second = ActOnPractice(first->practice, input, *City());
  EXPECT_EQ(second->practice.rating_count(), 1);
  EXPECT_EQ(second->practice.rating_stars(), 2);
}

TEST(CheckPracticeAction, SaysAllThatIsWrong) {
  const auto wrong = [](const std::function<void(v1::PracticeAction&)>& fill) {
    v1::PracticeAction action;
    fill(action);
    rpc::Violations violations;
    CheckPracticeAction(*City(), action, violations);
    std::vector<std::string> paths;
    for (const rpc::Violation& violation : violations.list()) paths.push_back(violation.field_path);
    return paths;
  };
  EXPECT_THAT(wrong([](v1::PracticeAction&) {}), ElementsAre("action"));
  EXPECT_THAT(wrong([](v1::PracticeAction& action) { action.mutable_rate()->set_stars(6); }),
              ElementsAre("action.rate.stars"));
  EXPECT_THAT(wrong([](v1::PracticeAction& action) { action.mutable_retire(); }),
              ElementsAre("action.retire.reason"));
  EXPECT_THAT(wrong([](v1::PracticeAction& action) { action.mutable_adopt()->set_case_id("x"); }),
              ElementsAre("action.adopt.org_unit_id", "action.adopt.case_id"));
  EXPECT_THAT(wrong([](v1::PracticeAction& action) {
                action.mutable_revise()->mutable_content()->set_title(std::string(201, 'a'));
              }),
              ElementsAre("action.revise.content.title", "action.revise.content.problem",
                          "action.revise.content.solution"));
  EXPECT_THAT(wrong([](v1::PracticeAction& action) { action.mutable_publish(); }), IsEmpty());
}

}  // namespace
}  // namespace zhuqi::routing
