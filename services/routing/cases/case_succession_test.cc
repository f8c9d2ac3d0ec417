// A case always has exactly one accountable owner, whatever becomes of units and departments.
#include "services/routing/cases/case_succession.h"

#include <string>
#include <vector>

#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_timeline.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;

// The city of testing::City after a change.
std::shared_ptr<const Directory> After(const std::string& text) {
  feed::v1::DirectoryChanged change;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &change)) << text;
  return testing::City()->With(change, 2).value();
}

// 金水 ends on the last day of May 2024; `successors` are the units that take over.
std::string Ended(const std::string& successors) {
  return "org_units { org_unit_id: \"js\" parent_id: \"zz\" level: ORG_UNIT_LEVEL_DISTRICT "
         "closed_on { year: 2024 month: 5 day: 31 } closing_reason: \"merged into zm: 郑政〔2024〕8号\" " +
         successors + " }";
}

constexpr char kDepartmentsClosed[] = R"(
    departments { department_id: "js.planning" org_unit_id: "js" function: "planning" closed_on { year: 2024 month: 5 day: 31 } }
    departments { department_id: "js.fire" org_unit_id: "js" function: "fire" closed_on { year: 2024 month: 5 day: 31 } }
    departments { department_id: "js.office" org_unit_id: "js" function: "office" closed_on { year: 2024 month: 5 day: 31 } })";

CaseRecord Received(const std::string& category = "land") {
  feed::v1::RecordChanged issue = testing::Issue();
  issue.mutable_after()->set_category_id(category);
  return ReceiveCase(issue, At("2024-05-06 09:31"), *testing::City(), testing::CityCatalogue(), 1)->record;
}

CaseRecord Accepted(const std::string& category = "land") {
  ActionInput input;
  input.action.mutable_accept();
  input.recorded_at = At("2024-05-06 10:00");
  return Act(Received(category), input, *testing::City(), testing::CityCatalogue())->record;
}

std::optional<CaseChange> Follow(const CaseRecord& before, const Directory& directory) {
  return FollowSuccession(before, At("2024-06-03 09:00"), directory, "office");
}

// Departments with a part in force: "<department> <role>".
std::vector<std::string> InForce(const CaseRecord& record) {
  std::vector<std::string> parts;
  for (const auto& assignment : record.body.assignments()) {
    if (!assignment.has_until()) {
      parts.push_back(assignment.department_id() + " " + v1::AssignmentRole_Name(assignment.role()));
    }
  }
  return parts;
}

TEST(Succession, NothingChangesWhileOwnerAndLeadAreThere) {
  EXPECT_FALSE(Follow(Accepted(), *testing::City()).has_value());
  EXPECT_FALSE(Follow(Accepted(), *After(R"(org_units { org_unit_id: "js" name: "新名" parent_id: "zz"
      level: ORG_UNIT_LEVEL_DISTRICT former_names { name: "旧" until { year: 2024 month: 5 day: 31 } } })"))
                   .has_value());
}

TEST(Succession, MergedUnitsCaseGoesToTheDepartmentWithTheSameFunction) {
  const auto directory = After(Ended("successor_ids: \"zm\"") + kDepartmentsClosed);
  const auto change = Follow(Accepted(), *directory);
  ASSERT_TRUE(change.has_value());
  const v1::Case& body = change->record.body;
  EXPECT_EQ(body.owner_org_unit_id(), "zm");
  EXPECT_EQ(body.lead_department_id(), "zm.planning");
  EXPECT_EQ(body.org_unit_id(), "js");  // where it happened
  EXPECT_EQ(body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_THAT(InForce(change->record), ElementsAre("zm.planning ASSIGNMENT_ROLE_LEAD"));
  const v1::HandedOver& over = change->event.handed_over();
  EXPECT_EQ(over.cause(), v1::HandedOver::CAUSE_OWNER_ENDED);
  EXPECT_EQ(over.former_owner_org_unit_id(), "js");
  EXPECT_EQ(over.former_lead_department_id(), "js.planning");
  EXPECT_EQ(over.reason(), "merged into zm: 郑政〔2024〕8号");
  EXPECT_EQ(over.directory_sequence(), 2);
  EXPECT_EQ(change->event.actor(), "zhuqi");
  EXPECT_EQ(change->record.body.clocks_size(), 2);
  EXPECT_FALSE(Follow(change->record, *directory).has_value());  // once
}

TEST(Succession, DepartmentThatWentOverGoesOnWithItsCase) {
  const auto directory = After(Ended("successor_ids: \"zm\"") + R"(
      departments { department_id: "js.fire" org_unit_id: "zm" function: "fire" }
      departments { department_id: "js.planning" org_unit_id: "js" function: "planning" closed_on { year: 2024 month: 5 day: 31 } })");
  const auto change = Follow(Accepted("fire"), *directory);
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->record.body.owner_org_unit_id(), "zm");
  EXPECT_EQ(change->record.body.lead_department_id(), "js.fire");
  EXPECT_EQ(change->record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  // The co-handler that was closed is followed by the one with its function.
  EXPECT_THAT(InForce(change->record),
              ElementsAre("js.fire ASSIGNMENT_ROLE_LEAD", "zm.planning ASSIGNMENT_ROLE_CO_HANDLER"));
  EXPECT_EQ(change->event.handed_over().parts(0).department_id(), "zm.planning");
  EXPECT_EQ(change->record.latest_at, Accepted("fire").latest_at);
}

TEST(Succession, SplitUnitsCaseGoesWhereItsDepartmentWentAndElseWhereItsUnitStands) {
  const std::string heirs = R"(
      org_units { org_unit_id: "js-n" parent_id: "zz" level: ORG_UNIT_LEVEL_DISTRICT }
      org_units { org_unit_id: "js-s" parent_id: "zz" level: ORG_UNIT_LEVEL_DISTRICT }
      org_units { org_unit_id: "js-t" parent_id: "js-s" level: ORG_UNIT_LEVEL_TOWNSHIP
                  former_parents { parent_id: "js" until { year: 2024 month: 5 day: 31 } } })";
  const std::string ended = Ended("successor_ids: \"js-n\" successor_ids: \"js-s\"");
  const auto with_department = After(ended + heirs + R"(
      departments { department_id: "js.planning" org_unit_id: "js-s" function: "planning" })");
  EXPECT_EQ(Follow(Accepted(), *with_department)->record.body.owner_org_unit_id(), "js-s");
  EXPECT_EQ(Follow(Accepted(), *with_department)->record.body.lead_department_id(), "js.planning");

  const auto without = After(ended + heirs + kDepartmentsClosed + R"(
      departments { department_id: "js-n.planning" org_unit_id: "js-n" function: "planning" }
      departments { department_id: "js-s.planning" org_unit_id: "js-s" function: "planning" })");
  CaseRecord of_township = Accepted();
  of_township.body.set_org_unit_id("js-t");
  EXPECT_EQ(Follow(of_township, *without)->record.body.lead_department_id(), "js-s.planning");
  // Raised in the unit itself: the first that was named.
  EXPECT_EQ(Follow(Accepted(), *without)->record.body.lead_department_id(), "js-n.planning");
}

TEST(Succession, ClosedUnitsCaseGoesUp) {
  const auto change = Follow(Accepted(), *After(Ended("") + kDepartmentsClosed));
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->record.body.owner_org_unit_id(), "zz");
  EXPECT_EQ(change->record.body.lead_department_id(), "zz.planning");
}

TEST(Succession, LeadThatWasClosedIsFollowedAtItsUnitOrAbove) {
  const std::string closed = R"(departments { department_id: "js.fire" org_unit_id: "js" function: "fire"
      closed_on { year: 2024 month: 5 day: 31 } })";
  const auto above = Follow(Accepted("fire"), *After(closed));
  EXPECT_EQ(above->event.handed_over().cause(), v1::HandedOver::CAUSE_LEAD_ENDED);
  EXPECT_EQ(above->record.body.lead_department_id(), "zz.fire");
  EXPECT_EQ(above->record.body.owner_org_unit_id(), "zz");
  const auto beside = Follow(Accepted("fire"), *After(closed + R"(
      departments { department_id: "js.rescue" org_unit_id: "js" function: "fire" })"));
  EXPECT_EQ(beside->record.body.lead_department_id(), "js.rescue");
  EXPECT_EQ(beside->record.body.owner_org_unit_id(), "js");
}

TEST(Succession, AnotherPartGoesOverWhenItsDepartmentIsClosed) {
  const auto directory = After(R"(departments { department_id: "js.planning" org_unit_id: "js"
      function: "planning" closed_on { year: 2024 month: 5 day: 31 } })");
  const CaseRecord before = Accepted("fire");
  const auto change = Follow(before, *directory);
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->event.handed_over().cause(), v1::HandedOver::CAUSE_PART_ENDED);
  EXPECT_THAT(InForce(change->record),
              ElementsAre("js.fire ASSIGNMENT_ROLE_LEAD", "zz.planning ASSIGNMENT_ROLE_CO_HANDLER"));
  ASSERT_EQ(change->event.handed_over().parts_size(), 1);
  const v1::HandedOverPart& part = change->event.handed_over().parts(0);
  EXPECT_EQ(part.role(), v1::ASSIGNMENT_ROLE_CO_HANDLER);
  EXPECT_EQ(part.former_department_id(), "js.planning");
  EXPECT_EQ(part.department_id(), "zz.planning");
  // Owner, lead and work go on.
  EXPECT_EQ(change->record.body.owner_org_unit_id(), "js");
  EXPECT_EQ(change->record.body.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(change->record.latest_at, before.latest_at);
  EXPECT_FALSE(change->wants_assistant);
  EXPECT_EQ(EntryOf(change->event, *directory).text_zh(), "机构调整，移交；协办 js.planning → zz.planning");
  EXPECT_FALSE(Follow(change->record, *directory).has_value());  // once
}

TEST(Succession, WhatWasDoneBeforeTheClockOfASuccessorBeganIsHistory) {
  v1::Catalogue catalogue = testing::CityCatalogue();
  v1::ClockPolicy& reply = *catalogue.add_clock_policies();
  reply.set_policy_id("reply");
  reply.mutable_working_days()->set_count(3);
  for (v1::RoutingRule& rule : *catalogue.mutable_rules())
    rule.mutable_target()->set_reply_policy_id("reply");
  feed::v1::RecordChanged issue = testing::Issue();
  issue.mutable_after()->set_category_id("fire");
  const CaseRecord received =
      ReceiveCase(issue, At("2024-05-06 09:31"), *testing::City(), catalogue, 1)->record;
  const auto directory = After(R"(departments { department_id: "js.planning" org_unit_id: "js"
      function: "planning" closed_on { year: 2024 month: 5 day: 31 } })");
  const auto change = Follow(received, *directory);
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->event.handed_over().cause(), v1::HandedOver::CAUSE_PART_ENDED);
  const v1::Assignment& successor = *change->record.body.assignments().rbegin();
  ASSERT_EQ(successor.department_id(), "zz.planning");
  EXPECT_EQ(TimeFrom(successor.clock().deadline()), At("2024-06-06 17:00"));
  EXPECT_EQ(change->record.latest_at, At("2024-06-03 09:00"));
  ActionInput explained;
  explained.action.mutable_explain()->set_text("已当面答复");
  explained.occurred_at = At("2024-06-03 08:30");
  explained.recorded_at = At("2024-06-03 10:00");
  const auto late = Act(change->record, explained, *directory, catalogue);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_TRUE(late->event.late());
  EXPECT_EQ(TimeFrom(late->record.body.assignments().rbegin()->clock().deadline()), At("2024-06-06 17:00"));
}

TEST(Succession, APartWhoseSuccessorHasOneEnds) {
  const auto directory = After(R"(departments { department_id: "js.planning" org_unit_id: "js"
      function: "planning" closed_on { year: 2024 month: 5 day: 31 } })");
  ActionInput input;
  input.action.mutable_assign()->set_department_id("zz.planning");
  input.action.mutable_assign()->set_role(v1::ASSIGNMENT_ROLE_SUPERVISOR);
  input.recorded_at = At("2024-05-06 11:00");
  const CaseRecord before = Act(Accepted("fire"), input, *testing::City(), testing::CityCatalogue())->record;
  const auto change = Follow(before, *directory);
  ASSERT_TRUE(change.has_value());
  EXPECT_THAT(InForce(change->record),
              ElementsAre("js.fire ASSIGNMENT_ROLE_LEAD", "zz.planning ASSIGNMENT_ROLE_SUPERVISOR"));
  EXPECT_EQ(change->event.handed_over().parts(0).department_id(), "");
  EXPECT_EQ(EntryOf(change->event, *directory).text_en(),
            "reorganized, handed over; co-handled by js.planning → —");
}

TEST(Succession, MovedUnitsCaseGoesToTheDistrictThatItIsBelowNow) {
  CaseRecord record = Accepted();
  record.body.set_org_unit_id("js-t");
  const auto directory =
      After(R"(org_units { org_unit_id: "js-t" parent_id: "zm" level: ORG_UNIT_LEVEL_TOWNSHIP
      former_parents { parent_id: "js" until { year: 2024 month: 5 day: 31 } } })");
  const auto change = Follow(record, *directory);
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->event.handed_over().cause(), v1::HandedOver::CAUSE_UNIT_MOVED);
  EXPECT_EQ(change->record.body.owner_org_unit_id(), "zm");
  EXPECT_EQ(change->record.body.lead_department_id(), "zm.planning");
  // One that the city leads stays there, and one of the district's own stays with the district.
  record.body.set_owner_org_unit_id("zz");
  record.body.set_lead_department_id("zz.planning");
  EXPECT_FALSE(Follow(record, *directory).has_value());
  EXPECT_FALSE(Follow(Accepted(), *directory).has_value());
}

TEST(Succession, ClosedCaseStaysAndGoesOverWhenItIsReopened) {
  const auto directory = After(Ended("successor_ids: \"zm\"") + kDepartmentsClosed);
  CaseRecord closed = Accepted();
  ActionInput explain;
  explain.action.mutable_explain()->set_text("已答复");
  explain.recorded_at = At("2024-05-07 10:00");
  closed = Act(closed, explain, *testing::City(), testing::CityCatalogue())->record;
  EXPECT_FALSE(Follow(closed, *directory).has_value());
  ActionInput reopen;
  reopen.action.mutable_reopen()->set_reason("又出现");
  reopen.recorded_at = At("2024-06-04 10:00");
  const CaseRecord opened = Act(closed, reopen, *directory, testing::CityCatalogue())->record;
  const CaseRecord reopened = Follow(opened, *directory)->record;
  EXPECT_EQ(reopened.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(reopened.body.owner_org_unit_id(), "zm");
  EXPECT_THAT(InForce(reopened), ElementsAre("zm.planning ASSIGNMENT_ROLE_LEAD"));
}

// Of what only waits for the call-back there is nothing to accept, until the enterprise says no.
TEST(Succession, SuccessorAcceptsWhenTheCallBackSaysNo) {
  const auto directory = After(Ended("successor_ids: \"zm\"") + kDepartmentsClosed);
  const auto act = [&](const CaseRecord& before, const v1::CaseAction& action, absl::string_view at,
                       const Directory& known) {
    ActionInput input;
    input.action = action;
    input.recorded_at = At(at);
    return Act(before, input, known, testing::CityCatalogue())->record;
  };
  v1::CaseAction resolve;
  resolve.mutable_resolve()->set_text("已办结");
  const CaseRecord done = act(Accepted(), resolve, "2024-05-08 10:00", *testing::City());
  const CaseRecord over = Follow(done, *directory)->record;
  EXPECT_EQ(over.body.state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  v1::CaseAction no;
  no.mutable_call_back()->set_contacted(true);
  const CaseRecord again = act(over, no, "2024-06-04 10:00", *directory);
  EXPECT_EQ(again.body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(again.body.lead_department_id(), "zm.planning");
  EXPECT_EQ(again.body.outcome(), v1::OUTCOME_NOT_RESOLVED);
}

TEST(Succession, IssueOfAUnitThatEndedIsRoutedWhereItWentOver) {
  feed::v1::RecordChanged issue = testing::Issue();
  const auto route = [&](const Directory& directory) {
    return ReceiveCase(issue, At("2024-06-03 09:31"), directory, testing::CityCatalogue(), 1)->record.body;
  };
  const v1::Case merged = route(*After(Ended("successor_ids: \"zm\"") + kDepartmentsClosed));
  EXPECT_EQ(merged.lead_department_id(), "zm.planning");
  EXPECT_EQ(merged.org_unit_id(), "js");
  EXPECT_EQ(merged.decisions(0).stand_in_org_unit_id(), "zm");
  EXPECT_EQ(merged.decisions(0).inputs().org_unit_id(), "js");
  const v1::Case closed = route(*After(Ended("") + kDepartmentsClosed));
  EXPECT_EQ(closed.lead_department_id(), "zz.planning");
  EXPECT_EQ(route(*testing::City()).decisions(0).stand_in_org_unit_id(), "");
  // Of the heirs of a split the first with the function: 中牟 has no fire department.
  issue.mutable_after()->set_category_id("fire");
  const v1::Case split =
      route(*After(Ended("successor_ids: \"zm\" successor_ids: \"js-s\"") + kDepartmentsClosed + R"(
      org_units { org_unit_id: "js-s" parent_id: "zz" level: ORG_UNIT_LEVEL_DISTRICT }
      departments { department_id: "js-s.fire" org_unit_id: "js-s" function: "fire" })"));
  EXPECT_EQ(split.lead_department_id(), "js-s.fire");
}

}  // namespace
}  // namespace zhuqi::routing
