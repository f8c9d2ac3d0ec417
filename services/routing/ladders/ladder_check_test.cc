#include "services/routing/ladders/ladder_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Faults(const v1::Catalogue& catalogue) {
  rpc::Violations violations;
  CheckLadders(catalogue, *testing::City(), violations);
  std::vector<std::string> faults;
  for (const rpc::Violation& one : violations.list()) {
    faults.push_back(absl::StrCat(one.field_path, " ", one.reason));
  }
  return faults;
}

TEST(CheckLadders, ASoundLadderHasNoFaults) {
  EXPECT_THAT(Faults(testing::LadderCatalogue()), IsEmpty());
  EXPECT_TRUE(CheckCatalogue(testing::LadderCatalogue(), *testing::City()).ok());
}

TEST(CheckLadders, FaultsAreNamedByTheirField) {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  v1::EscalationLadder& ladder = *catalogue.mutable_ladders(0);
  ladder.set_ladder_id("Watch");
  ladder.mutable_response_steps(1)->mutable_add_supervisor()->set_function("circus");
  ladder.mutable_handling_steps(0)->set_step_id("response-remind");
  ladder.mutable_handling_steps(1)->set_before_deadline(true);
  ladder.mutable_handling_steps(2)->mutable_working_days()->set_count(1001);
  ladder.mutable_handling_steps(3)->clear_action();
  catalogue.clear_rules();
  catalogue.add_ladders()->set_ladder_id("empty");
  EXPECT_THAT(
      Faults(catalogue),
      ElementsAre("catalogue.ladders[0].ladder_id IDENTIFIER_INVALID",
                  "catalogue.ladders[0].response_steps[1].add_supervisor.function FUNCTION_UNKNOWN",
                  "catalogue.ladders[0].handling_steps[0].step_id IDENTIFIER_REPEATED",
                  "catalogue.ladders[0].handling_steps[1] STEP_OFFSET_INVALID",
                  "catalogue.ladders[0].handling_steps[2] STEP_OFFSET_INVALID",
                  "catalogue.ladders[0].handling_steps[3] STEP_ACTION_REQUIRED",
                  "catalogue.ladders[0].handling_steps[3] STEPS_OUT_OF_ORDER",
                  "catalogue.ladders[1] LADDER_EMPTY", "catalogue.default_target.ladder_id LADDER_UNKNOWN"));
}

TEST(CheckLadders, WhatAStepDoesIsCheckedByItsFields) {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  auto& steps = *catalogue.mutable_ladders(0)->mutable_handling_steps();
  steps.at(0).mutable_raise_priority()->set_priority(v1::CASE_PRIORITY_NORMAL);
  v1::ConveneStep& convene = *steps.at(1).mutable_convene();
  convene.set_chair_function("circus");
  convene.add_department_functions("fire");
  convene.add_department_functions("opera");
  convene.set_in_working_days(31);
  convene.set_why(" ");
  const std::string step = "catalogue.ladders[0].handling_steps[1].convene";
  EXPECT_THAT(Faults(catalogue),
              ElementsAre("catalogue.ladders[0].handling_steps[0].raise_priority.priority PRIORITY_REQUIRED",
                          step + ".chair_function FUNCTION_UNKNOWN",
                          step + ".department_functions[1] FUNCTION_UNKNOWN", step + ".level LEVEL_REQUIRED",
                          step + ".in_working_days OUT_OF_RANGE", step + ".why TEXT_REQUIRED"));
  convene.set_chair_function("office");
  convene.mutable_department_functions()->RemoveLast();
  convene.set_level(v1::CONSULTATION_LEVEL_DISTRICT);
  convene.set_in_working_days(30);
  convene.set_why(std::string(500, 'w'));
  steps.at(0).mutable_raise_priority()->set_priority(v1::CASE_PRIORITY_URGENT);
  EXPECT_THAT(Faults(catalogue), IsEmpty());
  convene.set_why(std::string(501, 'w'));
  for (int i = 0; i < 20; ++i) convene.add_department_functions("fire");
  EXPECT_THAT(Faults(catalogue),
              ElementsAre(step + ".department_functions TOO_MANY", step + ".why TEXT_REQUIRED"));
}

TEST(CheckLadders, AStepFallsOnWholeDays) {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  catalogue.mutable_ladders(0)->mutable_handling_steps(0)->mutable_working_days()->set_half(true);
  EXPECT_THAT(Faults(catalogue), ElementsAre("catalogue.ladders[0].handling_steps[0] STEP_OFFSET_INVALID"));
}

TEST(CheckLadders, StepsStandInTheOrderInWhichTheyFall) {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  auto& steps = *catalogue.mutable_ladders(0)->mutable_handling_steps();
  steps.SwapElements(0, 1);
  EXPECT_THAT(Faults(catalogue), ElementsAre("catalogue.ladders[0].handling_steps[1] STEPS_OUT_OF_ORDER"));
  // Two measures can not be compared: the list decides.
  steps.SwapElements(0, 1);
  steps.at(2).mutable_working_hours()->set_minutes(6000);
  EXPECT_THAT(Faults(catalogue), IsEmpty());
}

TEST(CheckLadders, ACatalogueWithAnUnknownLadderIsRefused) {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  catalogue.mutable_rules(1)->mutable_target()->set_ladder_id("no-such");
  v1::UnitDefault& unit = *catalogue.add_unit_defaults();
  unit.set_org_unit_id("js");
  *unit.mutable_target() = catalogue.default_target();
  unit.mutable_target()->set_ladder_id("wacth");
  EXPECT_THAT(Faults(catalogue), ElementsAre("catalogue.rules[1].target.ladder_id LADDER_UNKNOWN",
                                             "catalogue.unit_defaults[0].target.ladder_id LADDER_UNKNOWN"));
  EXPECT_FALSE(CheckCatalogue(catalogue, *testing::City()).ok());
}

}  // namespace
}  // namespace zhuqi::routing
