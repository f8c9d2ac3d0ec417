// Each pack of a city's rules can be put in force over the directory that ships beside them, and decides what
// the city's provisions say.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "common/config/config.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/catalogue/compiled_catalogue.h"
#include "services/routing/ladders/ladder_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

std::shared_ptr<const Directory> Zhengzhou() {
  const auto request = config::LoadTextproto<directory::v1::ApplyDirectoryRequest>(ZHUQI_ZHENGZHOU_DIRECTORY);
  EXPECT_TRUE(request.ok()) << request.status();
  feed::v1::DirectoryChanged change;
  *change.mutable_org_units() = request->org_units();
  *change.mutable_departments() = request->departments();
  *change.mutable_categories() = request->categories();
  return Directory().With(change, 1).value();
}

v1::Catalogue Pack(const std::string& name) {
  const auto catalogue =
      config::LoadTextproto<v1::Catalogue>(std::string(ZHUQI_CATALOGUE_PACKS) + "/" + name + ".textproto");
  EXPECT_TRUE(catalogue.ok()) << catalogue.status();
  return catalogue.value_or(v1::Catalogue());
}

v1::RouteInputs Inputs(const std::string& category) {
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id(category);
  inputs.set_org_unit_id("jinshui");
  return inputs;
}

v1::RouteDecision Decide(const std::string& pack, const v1::RouteInputs& inputs) {
  const auto decision = DecideRoute(Pack(pack), *Zhengzhou(), inputs);
  EXPECT_TRUE(decision.ok()) << decision.status();
  return decision.value_or(v1::RouteDecision());
}

// "7 working days", "60 minutes", "24 hours by the clock" of the policy that a decision names.
std::string LimitOf(const std::string& pack, const std::string& policy_id) {
  const v1::Catalogue catalogue = Pack(pack);
  const v1::ClockPolicy* policy = FindPolicy(catalogue, policy_id);
  return policy == nullptr
             ? "none"
             : policy->working_days().ShortDebugString() + policy->working_hours().ShortDebugString() +
                   policy->calendar_hours().ShortDebugString();
}

TEST(CataloguePacks, EachCanBePutInForce) {
  const auto directory = Zhengzhou();
  std::set<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(ZHUQI_CATALOGUE_PACKS)) {
    const std::string name = file.path().stem().string();
    const absl::Status status = CheckCatalogue(Pack(name), *directory);
    EXPECT_TRUE(status.ok()) << name << ": " << status;
    names.insert(name);
  }
  EXPECT_EQ(names,
            (std::set<std::string>{"bozhou", "default", "jiangmen", "quanzhou", "xuchang", "zaozhuang"}));
}

TEST(CataloguePacks, QuanzhouLeadAnswersTheEnterpriseInSevenWorkingDays) {
  const v1::RouteDecision decision = Decide("quanzhou", Inputs("land"));
  EXPECT_EQ(decision.lead_department_id(), "jinshui.planning");
  EXPECT_EQ(LimitOf("quanzhou", decision.target().handling_policy_id()), "count: 7");
  // A co-handler and the department of a child have 3 days for the lead; an objection has one, and is ruled
  // on within a day's hours; more time is asked for at least a working day before it is due.
  EXPECT_EQ(LimitOf("quanzhou", decision.target().reply_policy_id()), "count: 3");
  EXPECT_EQ(LimitOf("quanzhou", decision.target().child_policy_id()), "count: 3");
  EXPECT_EQ(LimitOf("quanzhou", decision.target().objection_policy_id()), "count: 1");
  EXPECT_EQ(LimitOf("quanzhou", decision.target().ruling_policy_id()), "minutes: 420");
  const v1::Catalogue catalogue = Pack("quanzhou");
  const v1::ClockPolicy& handling = *FindPolicy(catalogue, decision.target().handling_policy_id());
  EXPECT_EQ(handling.maximum_extensions(), 1);
  EXPECT_EQ(handling.extension_notice_days(), 1);
}

TEST(CataloguePacks, JiangmenContactsInSixtyMinutesAndClosesInSevenDays) {
  const v1::RouteDecision decision = Decide("jiangmen", Inputs("tax"));
  EXPECT_EQ(LimitOf("jiangmen", decision.target().response_policy_id()), "minutes: 60");
  EXPECT_EQ(LimitOf("jiangmen", decision.target().handling_policy_id()), "count: 7");
  EXPECT_EQ(LimitOf("jiangmen", decision.target().plan_policy_id()), "minutes: 1440");
  EXPECT_TRUE(decision.target().dissatisfied_escalates());
}

TEST(CataloguePacks, BozhouGoesToTheHigherLevel) {
  EXPECT_EQ(Decide("bozhou", Inputs("land")).owner_org_unit_id(), "jinshui");
  v1::RouteInputs twice = Inputs("land");
  twice.set_hand_outs(2);
  EXPECT_EQ(Decide("bozhou", twice).rule_id(), "two-hand-outs-failed");
  EXPECT_EQ(Decide("bozhou", twice).owner_org_unit_id(), "zhengzhou");
  v1::RouteInputs once = Inputs("land");
  once.set_hand_outs(1);
  EXPECT_EQ(Decide("bozhou", once).owner_org_unit_id(), "jinshui");
  EXPECT_EQ(LimitOf("bozhou", Decide("bozhou", once).target().escalated_policy_id()), "count: 10");
  v1::RouteInputs legacy = Inputs("tax");
  legacy.set_legacy(true);
  EXPECT_EQ(Decide("bozhou", legacy).rule_id(), "legacy");
  EXPECT_EQ(Decide("bozhou", legacy).owner_org_unit_id(), "zhengzhou");
  v1::RouteInputs several = Inputs("fire");
  several.add_department_functions("fire");
  several.add_department_functions("housing");
  EXPECT_EQ(Decide("bozhou", several).owner_org_unit_id(), "zhengzhou");
  EXPECT_EQ(LimitOf("bozhou", Decide("bozhou", several).target().handling_policy_id()), "count: 10");
}

// The case's first lead gives it away, and so does the second: the city's office takes it.
TEST(CataloguePacks, BozhouTakesUpWhatWasHandedOutTwiceInVain) {
  const CompiledCatalogue catalogue(Pack("bozhou"));
  const auto directory = Zhengzhou();
  feed::v1::RecordChanged issue = testing::Issue();
  issue.mutable_after()->set_org_unit_id("jinshui");
  issue.mutable_after()->set_category_id("land");
  CaseRecord record =
      ReceiveCase(issue, testing::At("2024-05-06 09:30"), *directory, catalogue, 1).value().record;
  const auto hand_over = [&](const char* department, absl::string_view at) {
    ActionInput input;
    input.action.mutable_hand_over()->set_department_id(department);
    input.action.mutable_hand_over()->set_reason("职责分工");
    input.recorded_at = testing::At(at);
    input.actor = "tester";
    const auto change = Act(record, input, *directory, catalogue);
    EXPECT_TRUE(change.ok()) << change.status();
    if (change.ok()) record = change->record;
  };
  EXPECT_EQ(record.body.lead_department_id(), "jinshui.planning");
  hand_over("jinshui.housing", "2024-05-07 10:00");
  EXPECT_EQ(record.body.lead_department_id(), "jinshui.housing");
  hand_over("jinshui.fire", "2024-05-08 10:00");
  EXPECT_EQ(record.body.lead_department_id(), "zhengzhou.approval");
  EXPECT_EQ(record.body.owner_org_unit_id(), "zhengzhou");
  EXPECT_EQ(record.body.priority(), v1::CASE_PRIORITY_HIGH);
  EXPECT_EQ(record.body.decisions_size(), 3);
  EXPECT_EQ(record.body.decisions(2).rule_id(), "two-hand-outs-failed");
  EXPECT_EQ(record.body.decisions(2).inputs().hand_outs(), 2);
}

TEST(CataloguePacks, XuchangConvenesTheDepartmentsThenTheViceMayorsMeetingThenTheExecutiveMeeting) {
  v1::RouteInputs inputs = Inputs("construction");
  EXPECT_EQ(Decide("xuchang", inputs).target().ladder_id(), "");
  inputs.add_department_functions("housing");
  inputs.add_department_functions("fire");
  const v1::Catalogue catalogue = Pack("xuchang");
  const auto* ladder = FindLadder(catalogue, Decide("xuchang", inputs).target().ladder_id());
  ASSERT_NE(ladder, nullptr);
  ASSERT_EQ(ladder->handling_steps_size(), 3);
  EXPECT_EQ(ladder->handling_steps(0).convene().level(), v1::CONSULTATION_LEVEL_CITY);
  EXPECT_EQ(ladder->handling_steps(2).convene().level(), v1::CONSULTATION_LEVEL_JOINT_CONFERENCE);
}

TEST(CataloguePacks, ZaozhuangGivesSeveralDepartmentsTwentyFiveWorkingDays) {
  v1::RouteInputs inputs = Inputs("construction");
  EXPECT_EQ(LimitOf("zaozhuang", Decide("zaozhuang", inputs).target().response_policy_id()), "count: 1");
  EXPECT_EQ(LimitOf("zaozhuang", Decide("zaozhuang", inputs).target().handling_policy_id()), "count: 10");
  EXPECT_EQ(LimitOf("zaozhuang", Decide("zaozhuang", inputs).target().plan_policy_id()), "count: 2");
  inputs.add_department_functions("housing");
  inputs.add_department_functions("fire");
  EXPECT_EQ(LimitOf("zaozhuang", Decide("zaozhuang", inputs).target().handling_policy_id()), "count: 25");
}

TEST(CataloguePacks, XuchangsCityOfficeCoordinatesSeveralDepartments) {
  v1::RouteInputs inputs = Inputs("construction");
  EXPECT_EQ(LimitOf("xuchang", Decide("xuchang", inputs).target().response_policy_id()), "count: 3");
  EXPECT_EQ(LimitOf("xuchang", Decide("xuchang", inputs).target().handling_policy_id()), "count: 15");
  inputs.add_department_functions("housing");
  inputs.add_department_functions("fire");
  const v1::RouteDecision several = Decide("xuchang", inputs);
  EXPECT_EQ(several.owner_org_unit_id(), "zhengzhou");
  EXPECT_EQ(several.lead_department_id(), "zhengzhou.approval");
  EXPECT_EQ(LimitOf("xuchang", several.target().handling_policy_id()), "count: 30");
}

TEST(CataloguePacks, DefaultReadsWordsMoneyAndMarks) {
  const v1::Catalogue catalogue = Pack("default");
  const CompiledCatalogue compiled(catalogue);
  const v1::RouteInputs stopped =
      WithKeywords(Inputs("utilities"), "车间停电", "昨夜起停产", compiled.keywords());
  const v1::RouteDecision urgent = Decide("default", stopped);
  EXPECT_EQ(urgent.rule_id(), "production-at-a-stand");
  EXPECT_EQ(urgent.target().priority(), v1::CASE_PRIORITY_URGENT);
  EXPECT_TRUE(urgent.target().green_channel());
  v1::RouteInputs large = Inputs("construction");
  large.set_amount_fen(10'000'000'000);  // 100 million yuan
  EXPECT_EQ(Decide("default", large).rule_id(), "large-projects");
  EXPECT_TRUE(Decide("default", large).target().assistant_needed());
  large.set_amount_fen(9'999'999'999);
  EXPECT_EQ(Decide("default", large).rule_id(), "construction");
  v1::RouteInputs marked = Inputs("policy-claims");
  marked.add_enterprise_tags("specialised-and-new");
  EXPECT_EQ(Decide("default", marked).target().priority(), v1::CASE_PRIORITY_HIGH);
}

}  // namespace
}  // namespace zhuqi::routing
