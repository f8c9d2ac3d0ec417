#include "services/routing/catalogue/catalogue_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::CityCatalogue;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "rule land changed 2->2: target.lead_function \"planning\" -> \"office\"".
std::vector<std::string> LinesOf(const v1::DiffCatalogueResponse& response) {
  std::vector<std::string> lines;
  for (const v1::CatalogueDifference& one : response.differences()) {
    std::string line = absl::StrCat(v1::CatalogueDifference::Part_Name(one.part()), " ", one.id(), " ",
                                    v1::CatalogueDifference::Kind_Name(one.kind()), " ", one.place_before(),
                                    "->", one.place(), one.moved() ? " moved" : "");
    for (const auto& field : one.fields())
      absl::StrAppend(&line, " ", field.field(), ": ", field.before(), " -> ", field.after());
    lines.push_back(line);
  }
  return lines;
}

TEST(DiffCatalogues, SameRulesDifferInNothing) {
  v1::Catalogue other = CityCatalogue();
  other.set_version(7);
  const v1::DiffCatalogueResponse response = DiffCatalogues(CityCatalogue(), other);
  EXPECT_THAT(LinesOf(response), IsEmpty());
  EXPECT_EQ(response.unchanged_rules(), 3);
  EXPECT_EQ(response.version(), 1);
}

TEST(DiffCatalogues, NamesEveryFieldRuleByRule) {
  v1::Catalogue draft = CityCatalogue();
  draft.set_description("新版");
  draft.mutable_rules(1)->mutable_target()->set_lead_function("office");
  draft.mutable_rules(1)->mutable_conditions()->add_category_ids("tax");
  draft.mutable_rules()->RemoveLast();
  draft.add_rules()->set_rule_id("new");
  draft.mutable_default_target()->set_green_channel(true);
  draft.mutable_clock_policies(1)->mutable_working_days()->set_count(8);
  draft.add_unit_defaults()->set_org_unit_id("js");
  EXPECT_THAT(
      LinesOf(DiffCatalogues(CityCatalogue(), draft)),
      ElementsAre("PART_HEADER  KIND_CHANGED 0->0 description:  -> \"新版\"",
                  "PART_RULE land KIND_CHANGED 2->2 conditions.category_ids: \"land\" -> \"land\", \"tax\" "
                  "target.lead_function: \"planning\" -> \"office\"",
                  "PART_RULE new KIND_ADDED 0->3", "PART_RULE fire KIND_REMOVED 3->0",
                  "PART_UNIT_DEFAULT js KIND_ADDED 0->0",
                  "PART_DEFAULT_TARGET  KIND_CHANGED 0->0 green_channel:  -> true",
                  "PART_CLOCK_POLICY handle KIND_CHANGED 0->0 working_days.count: 7 -> 8"));
}

TEST(DiffCatalogues, ChangedLadderIsShownStepByStepAndFieldByField) {
  const v1::Catalogue before = testing::LadderCatalogue();
  v1::Catalogue draft = before;
  v1::EscalationLadder& ladder = *draft.mutable_ladders(0);
  ladder.mutable_handling_steps(0)->mutable_working_days()->set_count(2);
  ladder.mutable_handling_steps(1)->mutable_add_supervisor()->set_function("tax");
  ladder.mutable_handling_steps()->SwapElements(2, 3);
  ladder.mutable_handling_steps()->RemoveLast();  // "escalate"
  draft.add_ladders()->set_ladder_id("new");
  EXPECT_THAT(
      LinesOf(DiffCatalogues(before, draft)),
      ElementsAre("PART_LADDER watch KIND_CHANGED 0->0 "
                  "handling_steps: remind, supervise, escalate, bulletin -> remind, supervise, bulletin "
                  "handling_steps[escalate].escalate: {} ->  "
                  "handling_steps[escalate].step_id: \"escalate\" ->  "
                  "handling_steps[escalate].working_days.count: 1 ->  "
                  "handling_steps[remind].working_days.count: 3 -> 2 "
                  "handling_steps[supervise].add_supervisor.function: \"planning\" -> \"tax\"",
                  "PART_LADDER new KIND_ADDED 0->0"));
  // Steps that only change places: their order alone differs.
  draft = before;
  draft.mutable_ladders(0)->mutable_handling_steps()->SwapElements(2, 3);
  EXPECT_THAT(LinesOf(DiffCatalogues(before, draft)),
              ElementsAre("PART_LADDER watch KIND_CHANGED 0->0 "
                          "handling_steps: remind, supervise, escalate, bulletin -> remind, supervise, "
                          "bulletin, escalate"));
}

TEST(DiffCatalogues, StepThatADraftBearsTwiceIsShownTwice) {
  const v1::Catalogue before = testing::LadderCatalogue();
  v1::Catalogue draft = before;
  *draft.mutable_ladders(0)->add_response_steps() = draft.ladders(0).response_steps(0);
  const std::vector<std::string> lines = LinesOf(DiffCatalogues(before, draft));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0],
              ::testing::HasSubstr("response_steps[response-remind#3].calendar_hours.minutes:  -> 30"));
}

TEST(DiffCatalogues, OnlyTheRuleThatWasCarriedCountsAsMoved) {
  v1::Catalogue before = CityCatalogue();
  before.clear_rules();
  for (const char* id : {"a", "b", "c", "d", "e"}) before.add_rules()->set_rule_id(id);
  v1::Catalogue after = before;
  after.clear_rules();
  for (const char* id : {"b", "new", "c", "d", "a", "e"}) after.add_rules()->set_rule_id(id);
  const v1::DiffCatalogueResponse response = DiffCatalogues(before, after);
  EXPECT_THAT(LinesOf(response),
              ElementsAre("PART_RULE new KIND_ADDED 0->2", "PART_RULE a KIND_MOVED 1->5 moved"));
  EXPECT_EQ(response.unchanged_rules(), 4);
}

TEST(DiffCatalogues, ReversedOrderKeepsOne) {
  v1::Catalogue before = CityCatalogue();
  before.clear_rules();
  v1::Catalogue after = before;
  for (int i = 0; i < 4; ++i) before.add_rules()->set_rule_id(absl::StrCat("r", i));
  for (int i = 3; i >= 0; --i) after.add_rules()->set_rule_id(absl::StrCat("r", i));
  EXPECT_EQ(DiffCatalogues(before, after).differences_size(), 3);
  EXPECT_EQ(DiffCatalogues(before, after).unchanged_rules(), 1);
}

TEST(DiffCatalogues, IdentityThatADraftBearsTwiceIsNoPair) {
  v1::Catalogue draft = CityCatalogue();
  *draft.add_rules() = draft.rules(2);
  EXPECT_THAT(LinesOf(DiffCatalogues(CityCatalogue(), draft)), ElementsAre("PART_RULE fire KIND_ADDED 0->4"));
}

TEST(DiffCatalogues, FiveHundredAreShownAndTheOthersCounted) {
  const auto with = [](int rules) {
    v1::Catalogue draft = CityCatalogue();
    for (int i = 0; i < rules; ++i) draft.add_rules()->set_rule_id(absl::StrCat("r", i));
    return DiffCatalogues(CityCatalogue(), draft);
  };
  EXPECT_EQ(with(500).differences_size(), 500);
  EXPECT_EQ(with(500).omitted(), 0);
  EXPECT_EQ(with(501).differences_size(), 500);
  EXPECT_EQ(with(501).omitted(), 1);
}

TEST(DiffCatalogues, LongValuesAreCutInsideNoCharacter) {
  v1::Catalogue draft = CityCatalogue();
  for (int i = 0; i < 2000; ++i) draft.mutable_description()->append("长");
  const std::string shown = DiffCatalogues(CityCatalogue(), draft).differences(0).fields(0).after();
  EXPECT_LE(shown.size(), 500u);
  EXPECT_EQ(shown.size() % 3, 1u);  // a quotation mark, then whole characters
}

}  // namespace
}  // namespace zhuqi::routing
