#include "services/routing/cases/assistant_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/errors.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_testing.h"

namespace zhuqi::routing {
namespace {

using testing::Accept;
using testing::Assign;
using testing::At;
using testing::City;
using testing::CityCatalogue;
using testing::kRecorded;
using testing::RolesInForce;

// Departments of the city that give assistance, and a team of each of `teams`.
std::shared_ptr<const Directory> CityWith(const std::vector<std::string>& departments,
                                          const std::vector<std::string>& teams = {}) {
  feed::v1::DirectoryChanged change;
  for (const std::string& id : departments) {
    directory::v1::Department& department = *change.add_departments();
    department = *City()->FindDepartment(id);
    department.set_gives_assistance(true);
  }
  for (const std::string& id : teams) {
    directory::v1::Team& team = *change.add_teams();
    team.set_team_id(id + "-team");
    team.set_department_id(id);
    team.set_org_unit_id(City()->FindDepartment(id)->org_unit_id());
    team.set_gives_assistance(true);
  }
  return City()->With(change, 2).value();
}

v1::Catalogue Helping() {
  v1::Catalogue catalogue = CityCatalogue();
  for (v1::RoutingRule& rule : *catalogue.mutable_rules()) rule.mutable_target()->set_assistant_needed(true);
  return catalogue;
}

CaseChange ReceivedIn(const Directory& directory, const v1::Catalogue& catalogue = Helping()) {
  return *ReceiveCase(testing::Issue(), kRecorded, directory, catalogue, 1);
}

CaseChange Given(CaseChange change, const Directory& directory, const AssistantLoads& loads = {}) {
  const AssistantPool pool = AssistantPoolFor(directory, change.record.body.owner_org_unit_id());
  EXPECT_EQ(GiveAssistant(pool, loads, directory, change), absl::OkStatus());
  return change;
}

TEST(AssistantPool, IsTheUnitsOwnElseTheNearestAbove) {
  const auto own = CityWith({"js.office", "zz.office"}, {"js.fire"});
  const AssistantPool pool = AssistantPoolFor(*own, "js");
  EXPECT_EQ(pool.org_unit_id, "js");
  EXPECT_EQ(pool.members, (std::vector<Assistant>{{"js.fire", "js.fire-team"}, {"js.office", ""}}));
  EXPECT_EQ(AssistantPoolFor(*CityWith({"zz.office"}), "js-t").org_unit_id, "zz");
  EXPECT_EQ(AssistantPoolFor(*City(), "js").org_unit_id, "");
}

TEST(AssistantPool, WhatWasClosedGivesNoAssistance) {
  feed::v1::DirectoryChanged change;
  directory::v1::Department& closed = *change.add_departments();
  closed = *CityWith({"js.office"})->FindDepartment("js.office");
  closed.mutable_closed_on()->set_year(2024);
  closed.mutable_closed_on()->set_month(1);
  closed.mutable_closed_on()->set_day(2);
  const auto directory = CityWith({"js.office"}, {"js.office"})->With(change, 3).value();
  EXPECT_EQ(AssistantPoolFor(*directory, "js").members.size(), 0U);
}

TEST(Assistant, IsWantedOnlyWhereTheRuleSaysSo) {
  EXPECT_TRUE(ReceivedIn(*City()).wants_assistant);
  EXPECT_FALSE(ReceivedIn(*City(), CityCatalogue()).wants_assistant);
}

TEST(Assistant, TheFewestOpenCasesDecideThenTheIdentity) {
  const auto directory = CityWith({"js.fire", "js.office"}, {"js.office"});
  CaseChange change =
      Given(ReceivedIn(*directory), *directory, {{{"js.fire", ""}, 2}, {{"js.office", ""}, 1}});
  EXPECT_EQ(AssistantOf(change.record.body), (Assistant{"js.office", "js.office-team"}));
  EXPECT_FALSE(change.wants_assistant);
  const v1::AssistantDecision& decision = change.event.assistant();
  EXPECT_EQ(decision.team_id(), "js.office-team");
  ASSERT_EQ(decision.candidates_size(), 3);
  EXPECT_EQ(decision.candidates(0).open_cases(), 0);
  EXPECT_EQ(decision.candidates(2).department_id(), "js.fire");
  EXPECT_EQ(decision.directory_sequence(), 2);
  change = Given(ReceivedIn(*directory), *directory);
  EXPECT_EQ(AssistantOf(change.record.body), (Assistant{"js.fire", ""}));
}

TEST(Assistant, TheLeadDoesNotAssistItselfAndItsTeamMay) {
  const auto directory = CityWith({"js.planning"}, {"js.planning"});
  const CaseChange change = Given(ReceivedIn(*directory), *directory);
  EXPECT_EQ(RolesInForce(change.record.body), "js.planning=LEAD js.planning=ASSISTANT");
  EXPECT_EQ(AssistantOf(change.record.body)->team_id, "js.planning-team");
}

TEST(Assistant, ThatNobodyGivesAssistanceIsSaidAndTheCaseGoesOn) {
  const CaseChange change = Given(ReceivedIn(*City()), *City());
  EXPECT_TRUE(change.event.has_assistant());
  EXPECT_EQ(change.event.assistant().department_id(), "");
  EXPECT_EQ(change.record.body.lead_department_id(), "js.planning");
}

TEST(Assistant, ManyCandidatesAreCountedAndTheFirstTwentyNamed) {
  AssistantPool pool{"js", {}};
  for (int i = 0; i < 25; ++i) pool.members.push_back({"js.office", absl::StrCat("team-", 10 + i)});
  CaseChange change = ReceivedIn(*City());
  ASSERT_EQ(GiveAssistant(pool, {}, *City(), change), absl::OkStatus());
  EXPECT_EQ(change.event.assistant().candidates_size(), 20);
  EXPECT_EQ(change.event.assistant().omitted(), 5);
}

TEST(Assistant, ATeamsPartStaysWhenItsDepartmentGetsAnother) {
  const auto directory = CityWith({}, {"js.fire"});
  CaseRecord record = Given(ReceivedIn(*directory), *directory).record;
  ActionInput input;
  input.action = Assign("js.fire", v1::ASSIGNMENT_ROLE_LEAD);
  input.recorded_at = kRecorded;
  input.actor = "tester";
  const auto change = Act(record, input, *directory, Helping());
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_FALSE(change->wants_assistant);
  EXPECT_EQ(AssistantOf(change->record.body), (Assistant{"js.fire", "js.fire-team"}));
  EXPECT_EQ(change->record.body.lead_department_id(), "js.fire");
}

// Trap: the assistant becomes the lead, and nobody helps the enterprise any more.
TEST(Assistant, WhoGetsAnotherPartIsFollowedByAnotherAssistant) {
  const auto directory = CityWith({"js.fire", "js.office"});
  CaseRecord record = Given(ReceivedIn(*directory), *directory).record;
  ASSERT_EQ(AssistantOf(record.body), (Assistant{"js.fire", ""}));
  ActionInput input;
  input.action = Assign("js.fire", v1::ASSIGNMENT_ROLE_LEAD);
  input.recorded_at = kRecorded;
  input.actor = "tester";
  auto change = Act(record, input, *directory, Helping());
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_TRUE(change->wants_assistant);
  EXPECT_EQ(AssistantOf(Given(*std::move(change), *directory).record.body), (Assistant{"js.office", ""}));
}

TEST(Assistant, AHandOverToNobodyElseIsRefused) {
  const auto directory = CityWith({"js.office"});
  const CaseRecord record = Given(ReceivedIn(*directory), *directory).record;
  ActionInput input;
  input.action.mutable_hand_over_assistance()->set_reason("调离");
  input.recorded_at = kRecorded;
  input.actor = "tester";
  auto change = Act(record, input, *directory, Helping());
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_TRUE(change->wants_assistant);
  EXPECT_EQ(rpc::ReasonOf(GiveAssistant(AssistantPoolFor(*directory, "js"), {}, *directory, *change)),
            "ASSISTANT_NOT_FOUND");
}

}  // namespace
}  // namespace zhuqi::routing
