#include "services/routing/catalogue/simulation_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/routing/cases/case_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::City;
using testing::CityCatalogue;
using ::testing::ElementsAre;
using testing::Issue;

v1::Case CaseOf(const feed::v1::RecordChanged& issue = Issue()) {
  return ReceiveCase(issue, At("2024-05-06 09:31"), *City(), CityCatalogue(), 1)->record.body;
}

TEST(Simulation, SameCatalogueChangesNothing) {
  const CompiledCatalogue same(CityCatalogue());
  const auto city = City();
  Simulation simulation(same, same, *city);
  EXPECT_FALSE(simulation.Replay(CaseOf()).has_value());
  EXPECT_EQ(simulation.Sums().replayed(), 1);
  EXPECT_EQ(simulation.Sums().changed(), 0);
  EXPECT_EQ(simulation.Sums().fields_size(), 0);
}

TEST(Simulation, SaysWhereItWouldGoAndWhichFieldsDiffer) {
  v1::Catalogue draft = CityCatalogue();
  v1::RoutingRule underground = draft.rules(1);
  underground.set_rule_id("underground");
  underground.mutable_conditions()->add_keywords("地下");
  underground.mutable_target()->set_level(v1::HANDLING_LEVEL_CITY);
  underground.mutable_target()->set_priority(v1::CASE_PRIORITY_HIGH);
  *draft.add_rules() = underground;
  draft.mutable_rules()->SwapElements(0, 3);
  const CompiledCatalogue now(CityCatalogue());
  const CompiledCatalogue then(draft);
  const auto city = City();
  Simulation simulation(now, then, *city);
  const auto changed = simulation.Replay(CaseOf());
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->before().rule_id(), "land");
  EXPECT_EQ(changed->after().rule_id(), "underground");
  EXPECT_EQ(changed->title(), "地下空间变更用途");
  EXPECT_THAT(changed->fields(), ElementsAre("rule_id", "lead_department_id", "owner_org_unit_id",
                                             "target.level", "target.priority"));
  feed::v1::RecordChanged other = Issue();
  other.mutable_issue()->set_title("别的事");
  EXPECT_FALSE(simulation.Replay(CaseOf(other)).has_value());
  const v1::SimulationSums sums = simulation.Sums();
  EXPECT_EQ(sums.replayed(), 2);
  EXPECT_EQ(sums.changed(), 1);
  ASSERT_EQ(sums.owners_size(), 1);
  EXPECT_EQ(sums.owners(0).before(), "js");
  EXPECT_EQ(sums.owners(0).after(), "zz");
  EXPECT_EQ(sums.owners(0).cases(), 1);
  EXPECT_EQ(sums.rules(0).after(), "underground");
  EXPECT_EQ(sums.lead_functions_size(), 0);  // planning here and there
}

TEST(Simulation, PolicyOfTheSameNameWithAnotherLimitIsADifference) {
  v1::Catalogue draft = CityCatalogue();
  draft.mutable_clock_policies(0)->set_description("other words alone");
  draft.mutable_clock_policies(1)->mutable_working_days()->set_count(8);
  const CompiledCatalogue now(CityCatalogue());
  const CompiledCatalogue then(draft);
  const auto city = City();
  Simulation simulation(now, then, *city);
  EXPECT_THAT(simulation.Replay(CaseOf())->fields(), ElementsAre("target.handling_policy_id"));
}

TEST(Simulation, LadderOfTheSameNameWithOtherStepsIsADifference) {
  v1::Catalogue draft = testing::LadderCatalogue();
  draft.mutable_ladders(0)->set_description("other words alone");
  draft.mutable_ladders(0)->mutable_handling_steps(0)->set_description("提醒");
  const CompiledCatalogue now(testing::LadderCatalogue());
  const CompiledCatalogue words(draft);
  const auto city = City();
  EXPECT_FALSE(Simulation(now, words, *city).Replay(CaseOf()).has_value());
  draft.mutable_ladders(0)->mutable_handling_steps(0)->mutable_working_days()->set_count(2);
  const CompiledCatalogue then(draft);
  Simulation simulation(now, then, *city);
  EXPECT_THAT(simulation.Replay(CaseOf())->fields(), ElementsAre("target.ladder_id"));
}

// The inputs are those of the last routing: a re-routed case is replayed as it was then.
TEST(Simulation, ReplaysWithTheInputsOfTheLastDecision) {
  v1::Case body = CaseOf();
  *body.add_decisions() = body.decisions(0);
  body.mutable_decisions(1)->mutable_inputs()->set_hand_outs(2);
  v1::Catalogue draft = CityCatalogue();
  v1::RoutingRule upwards = draft.rules(1);
  upwards.set_rule_id("upwards");
  upwards.mutable_conditions()->set_min_hand_outs(2);
  upwards.mutable_target()->set_level(v1::HANDLING_LEVEL_CITY);
  *draft.add_rules() = upwards;
  draft.mutable_rules()->SwapElements(0, 3);
  const CompiledCatalogue now(CityCatalogue());
  const CompiledCatalogue then(draft);
  const auto city = City();
  Simulation simulation(now, then, *city);
  EXPECT_EQ(simulation.Replay(body)->after().rule_id(), "upwards");
  EXPECT_FALSE(simulation.Replay(CaseOf()).has_value());
}

TEST(Simulation, CaseThatNobodyLeadsHasNoDecision) {
  v1::Catalogue nobody = CityCatalogue();
  nobody.clear_rules();
  nobody.mutable_default_target()->set_lead_function("water");
  const CompiledCatalogue now(nobody);
  const CompiledCatalogue then(CityCatalogue());
  const auto city = City();
  Simulation simulation(now, then, *city);
  const auto changed = simulation.Replay(CaseOf());
  ASSERT_TRUE(changed.has_value());
  EXPECT_FALSE(changed->has_before());
  EXPECT_EQ(changed->after().lead_department_id(), "js.planning");
}

}  // namespace
}  // namespace zhuqi::routing
