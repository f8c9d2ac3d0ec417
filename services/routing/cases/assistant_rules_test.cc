#include "services/routing/cases/assistant_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/errors.h"
#include "google/protobuf/text_format.h"
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

// ---- When departments and teams are closed ----

constexpr char kClosed[] = "closed_on { year: 2024 month: 5 day: 31 }";

// `directory` without that department or team.
std::shared_ptr<const Directory> Without(const Directory& directory, const std::string& id) {
  feed::v1::DirectoryChanged change;
  google::protobuf::Message* closed = nullptr;
  if (const directory::v1::Team* team = directory.FindTeam(id)) {
    closed = change.add_teams();
    closed->CopyFrom(*team);
  } else {
    closed = change.add_departments();
    closed->CopyFrom(*directory.FindDepartment(id));
  }
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(kClosed, closed));
  return directory.With(change, directory.sequence() + 1).value();
}

std::optional<CaseChange> Followed(const CaseRecord& before, const Directory& directory) {
  return FollowSuccession(before, At("2024-06-03 09:00"), directory, "office");
}

// Trap: the assistant is dissolved, and nobody helps the enterprise any more.
TEST(AssistantThatEnded, IsFollowedByTheOneWithTheFewestOpenCases) {
  const auto directory = CityWith({"js.fire", "js.office"}, {"js.office"});
  const CaseRecord record = Given(ReceivedIn(*directory), *directory).record;
  ASSERT_EQ(AssistantOf(record.body), (Assistant{"js.fire", ""}));
  const auto after = Without(*directory, "js.fire");
  std::optional<CaseChange> change = Followed(record, *after);
  ASSERT_TRUE(change.has_value());
  EXPECT_TRUE(change->wants_assistant);
  EXPECT_EQ(change->event.handed_over().cause(), v1::HandedOver::CAUSE_PART_ENDED);
  const CaseChange given =
      Given(*std::move(change), *after, {{{"js.office", ""}, 4}, {{"js.office", "js.office-team"}, 3}});
  EXPECT_EQ(AssistantOf(given.record.body), (Assistant{"js.office", "js.office-team"}));
  EXPECT_EQ(RolesInForce(given.record.body), "js.planning=LEAD js.office=ASSISTANT");
  const v1::AssistantDecision& decision = given.event.assistant();
  EXPECT_EQ(decision.former_department_id(), "js.fire");
  ASSERT_EQ(decision.candidates_size(), 2);
  EXPECT_EQ(decision.candidates(0).open_cases(), 3);
  EXPECT_EQ(decision.directory_sequence(), 3);
  EXPECT_FALSE(Followed(given.record, *after).has_value());  // once
}

TEST(AssistantThatEnded, MayBeATeamWhoseDepartmentGoesOn) {
  const auto directory = CityWith({}, {"js.fire", "js.office"});
  const CaseRecord record = Given(ReceivedIn(*directory), *directory).record;
  ASSERT_EQ(AssistantOf(record.body), (Assistant{"js.fire", "js.fire-team"}));
  const auto after = Without(*directory, "js.fire-team");
  const CaseChange given = Given(Followed(record, *after).value(), *after);
  EXPECT_EQ(AssistantOf(given.record.body), (Assistant{"js.office", "js.office-team"}));
  EXPECT_EQ(given.event.assistant().former_team_id(), "js.fire-team");
  // A team ends with its department.
  EXPECT_TRUE(Followed(record, *Without(*directory, "js.fire")).has_value());
}

// As a lead stays while no department could take over.
TEST(AssistantThatEnded, StaysWhileNobodyElseGivesAssistance) {
  const auto directory = CityWith({"js.fire"});
  const CaseRecord record = Given(ReceivedIn(*directory), *directory).record;
  EXPECT_FALSE(Followed(record, *Without(*directory, "js.fire")).has_value());
  const auto later = Without(*CityWith({"js.fire", "zz.office"}), "js.fire");
  EXPECT_EQ(AssistantOf(Given(Followed(record, *later).value(), *later).record.body),
            (Assistant{"zz.office", ""}));
}

TEST(AssistantThatEnded, LeavesItToTheOtherWhereTwoAssist) {
  const auto directory = CityWith({"js.fire", "js.office"});
  ActionInput input;
  input.action = Assign("js.office", v1::ASSIGNMENT_ROLE_ASSISTANT);
  input.recorded_at = kRecorded;
  const CaseRecord record =
      Act(Given(ReceivedIn(*directory), *directory).record, input, *directory, Helping())->record;
  ASSERT_EQ(RolesInForce(record.body), "js.planning=LEAD js.fire=ASSISTANT js.office=ASSISTANT");
  const auto change = Followed(record, *Without(*directory, "js.fire"));
  ASSERT_TRUE(change.has_value());
  EXPECT_FALSE(change->wants_assistant);
  EXPECT_EQ(RolesInForce(change->record.body), "js.planning=LEAD js.office=ASSISTANT");
  ASSERT_EQ(change->event.handed_over().parts_size(), 1);
  EXPECT_EQ(change->event.handed_over().parts(0).former_department_id(), "js.fire");
}

TEST(AssistantThatEnded, ThatTakesTheLeadOverIsFollowedToo) {
  const auto directory = CityWith({"zz.office", "zz.planning"});
  const CaseRecord record = Given(ReceivedIn(*directory), *directory, {{{"zz.office", ""}, 5}}).record;
  ASSERT_EQ(AssistantOf(record.body), (Assistant{"zz.planning", ""}));
  const auto after = Without(*directory, "js.planning");
  const auto change = Followed(record, *after);
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->event.handed_over().cause(), v1::HandedOver::CAUSE_LEAD_ENDED);
  EXPECT_EQ(RolesInForce(Given(*change, *after).record.body), "zz.planning=LEAD zz.office=ASSISTANT");
}

TEST(AssistantThatEnded, WithItsUnitIsFollowedInTheSameEntry) {
  const auto directory = CityWith({"js.fire", "zm.office"});
  const CaseRecord record = Given(ReceivedIn(*directory), *directory).record;
  feed::v1::DirectoryChanged merged;
  *merged.add_org_units() = *directory->FindUnit("js");
  ASSERT_TRUE(google::protobuf::TextFormat::MergeFromString(kClosed, merged.mutable_org_units(0)));
  merged.mutable_org_units(0)->add_successor_ids("zm");
  auto after = directory->With(merged, 3).value();
  for (const char* id : {"js.fire", "js.office", "js.planning"}) after = Without(*after, id);
  const CaseChange given = Given(Followed(record, *after).value(), *after);
  EXPECT_EQ(given.event.handed_over().cause(), v1::HandedOver::CAUSE_OWNER_ENDED);
  EXPECT_EQ(RolesInForce(given.record.body), "zm.planning=LEAD zm.office=ASSISTANT");
  EXPECT_EQ(given.event.assistant().former_department_id(), "js.fire");
  EXPECT_FALSE(Followed(given.record, *after).has_value());
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
