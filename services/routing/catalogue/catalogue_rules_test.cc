#include "services/routing/catalogue/catalogue_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::City;
using testing::CityCatalogue;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::RouteInputs Inputs(absl::string_view category, absl::string_view unit) {
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id(std::string(category));
  inputs.set_org_unit_id(std::string(unit));
  return inputs;
}

v1::RouteDecision Decide(const v1::RouteInputs& inputs) {
  const auto decision = DecideRoute(CityCatalogue(), *City(), inputs);
  EXPECT_TRUE(decision.ok()) << decision.status();
  return decision.value_or(v1::RouteDecision());
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto request = rpc::BadRequestOf(status);
  if (!request.has_value()) return fields;
  for (const auto& violation : request->field_violations()) fields.push_back(violation.field());
  return fields;
}

TEST(DecideRoute, FirstMatchingRuleDecides) {
  const v1::RouteDecision decision = Decide(Inputs("land.change-of-use", "js"));
  EXPECT_EQ(decision.rule_id(), "land");
  EXPECT_EQ(decision.lead_department_id(), "js.planning");
  EXPECT_EQ(decision.owner_org_unit_id(), "js");
  EXPECT_EQ(decision.catalogue_version(), 1);
  EXPECT_EQ(decision.directory_sequence(), 1);
}

TEST(DecideRoute, DefaultWhenNoRuleMatches) {
  const v1::RouteDecision decision = Decide(Inputs("tax", "zm"));
  EXPECT_EQ(decision.rule_id(), "");
  EXPECT_EQ(decision.lead_department_id(), "zm.office");
}

TEST(DecideRoute, LeadIsLookedForUpwardsAndItsUnitIsAccountable) {
  const v1::RouteDecision decision = Decide(Inputs("fire", "zm"));
  EXPECT_EQ(decision.lead_department_id(), "zz.fire");
  EXPECT_EQ(decision.owner_org_unit_id(), "zz");
  EXPECT_THAT(decision.co_handler_department_ids(), ElementsAre("zm.planning"));
  EXPECT_EQ(Decide(Inputs("fire", "js-t")).lead_department_id(), "js.fire");
}

TEST(DecideRoute, CityLevelSkipsTheDistrictAndNamedDepartmentsCoHandle) {
  v1::RouteInputs inputs = Inputs("land.change-of-use", "js");
  inputs.set_legacy(true);
  inputs.add_department_functions("planning");
  inputs.add_department_functions("fire");
  inputs.add_department_functions("tax");
  const v1::RouteDecision decision = Decide(inputs);
  EXPECT_EQ(decision.rule_id(), "legacy-land");
  EXPECT_EQ(decision.lead_department_id(), "zz.planning");
  EXPECT_EQ(decision.owner_org_unit_id(), "zz");
  // The lead is named too, and does not help itself.
  EXPECT_THAT(decision.co_handler_department_ids(), ElementsAre("zz.fire", "zz.tax"));
}

TEST(DecideRoute, NearMissNamesTheOneConditionThatFailed) {
  v1::RouteInputs inputs = Inputs("land.change-of-use", "js");
  inputs.set_legacy(true);
  inputs.add_department_functions("planning");
  const v1::RouteDecision decision = Decide(inputs);
  EXPECT_EQ(decision.rule_id(), "land");
  ASSERT_EQ(decision.near_misses_size(), 1);
  EXPECT_EQ(decision.near_misses(0).rule_id(), "legacy-land");
  EXPECT_EQ(decision.near_misses(0).failed_condition(), "min_departments");
}

TEST(DecideRoute, RulesThatFailOnTwoConditionsAreNoNearMisses) {
  EXPECT_EQ(Decide(Inputs("land.change-of-use", "js")).near_misses_size(), 0);
}

TEST(DecideRoute, AtMostTenNearMisses) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.clear_rules();
  for (int i = 0; i < 12; ++i) {
    v1::RoutingRule* rule = catalogue.add_rules();
    rule->set_rule_id(absl::StrCat("r", i));
    rule->mutable_conditions()->set_legacy(true);
    *rule->mutable_target() = catalogue.default_target();
  }
  EXPECT_EQ(DecideRoute(catalogue, *City(), Inputs("tax", "js"))->near_misses_size(), 10);
}

TEST(DecideRoute, EachConditionIsAsked) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.clear_rules();
  v1::RoutingRule* rule = catalogue.add_rules();
  rule->set_rule_id("all");
  *rule->mutable_target() = catalogue.default_target();
  v1::RouteConditions& conditions = *rule->mutable_conditions();
  conditions.add_kinds(intake::v1::ISSUE_KIND_PROBLEM);
  conditions.add_category_ids("land");
  conditions.add_org_unit_ids("js");
  conditions.set_min_departments(1);
  conditions.add_department_functions("fire");
  conditions.set_legacy(false);
  v1::RouteInputs good = Inputs("land.change-of-use", "js-t");
  good.add_department_functions("fire");
  EXPECT_EQ(DecideRoute(catalogue, *City(), good)->rule_id(), "all");
  const auto failed = [&](const v1::RouteInputs& inputs) {
    const auto decision = DecideRoute(catalogue, *City(), inputs);
    return decision->near_misses_size() == 1 ? decision->near_misses(0).failed_condition() : "";
  };
  v1::RouteInputs other = good;
  other.set_kind(intake::v1::ISSUE_KIND_NEED);
  EXPECT_EQ(failed(other), "kinds");
  other = good;
  other.set_category_id("tax");
  EXPECT_EQ(failed(other), "category_ids");
  other = good;
  other.set_org_unit_id("zm");
  EXPECT_EQ(failed(other), "org_unit_ids");
  other = good;
  other.set_department_functions(0, "tax");
  EXPECT_EQ(failed(other), "department_functions");
  other = good;
  other.set_legacy(true);
  EXPECT_EQ(failed(other), "legacy");
}

TEST(DecideRoute, RuleWhoseLeadIsGoneIsPassedOverVisibly) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_rules(1)->mutable_target()->set_lead_function("water");
  const auto decision = DecideRoute(catalogue, *City(), Inputs("land", "js"));
  EXPECT_EQ(decision->lead_department_id(), "js.office");
  EXPECT_EQ(decision->near_misses(0).failed_condition(), "lead_function");
}

TEST(DecideRoute, NothingGoesNowhere) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_default_target()->set_lead_function("water");
  const absl::Status status = DecideRoute(catalogue, *City(), Inputs("tax", "js")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "ROUTE_HAS_NO_LEAD");
}

TEST(CheckCatalogue, AcceptsTheCity) { EXPECT_TRUE(CheckCatalogue(CityCatalogue(), *City()).ok()); }

// Trap: category without a handler: reports go nowhere.
TEST(CheckCatalogue, TrapCategoryWithoutAHandlerIsRefusedAndNamed) {
  feed::v1::DirectoryChanged change = testing::CityChange();
  directory::v1::Department* department = change.add_departments();
  department->set_department_id("js.water");
  department->set_org_unit_id("js");
  department->set_function("water");
  const auto directory = *Directory().With(change, 1);
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_rules(2)->mutable_target()->set_lead_function("water");  // there is one in js alone
  const absl::Status status = CheckCatalogue(catalogue, *directory);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(status), "CATALOGUE_HAS_HOLES");
  const auto request = rpc::BadRequestOf(status);
  ASSERT_EQ(request->field_violations_size(), 2);
  EXPECT_THAT(request->field_violations(0).description(), HasSubstr("fire in zm has no owner"));
  EXPECT_THAT(request->field_violations(1).description(), HasSubstr("fire in zz has no owner"));
}

TEST(CheckCatalogue, HoleBehindARuleThatTakesEverythingIsNone) {
  v1::Catalogue catalogue = CityCatalogue();
  feed::v1::DirectoryChanged change = testing::CityChange();
  change.add_departments()->set_department_id("js.water");
  change.mutable_departments(change.departments_size() - 1)->set_org_unit_id("js");
  change.mutable_departments(change.departments_size() - 1)->set_function("water");
  v1::RoutingRule* shadowed = catalogue.add_rules();
  shadowed->set_rule_id("shadowed");
  shadowed->mutable_conditions()->add_category_ids("fire");
  *shadowed->mutable_target() = catalogue.default_target();
  shadowed->mutable_target()->set_lead_function("water");
  EXPECT_TRUE(CheckCatalogue(catalogue, **Directory().With(change, 1)).ok());
}

TEST(CheckCatalogue, HolesAreNamedUpToFifty) {
  feed::v1::DirectoryChanged change = testing::CityChange();
  for (int i = 0; i < 60; ++i) change.add_categories()->set_category_id(absl::StrCat("c", i));
  change.add_departments()->set_department_id("js-t.water");
  change.mutable_departments(change.departments_size() - 1)->set_org_unit_id("js-t");
  change.mutable_departments(change.departments_size() - 1)->set_function("water");
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_default_target()->set_lead_function("water");
  const absl::Status status = CheckCatalogue(catalogue, **Directory().With(change, 1));
  EXPECT_EQ(rpc::BadRequestOf(status)->field_violations_size(), 50);
}

TEST(CheckCatalogue, NamesEveryFaultByItsField) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.set_catalogue_id("City!");
  catalogue.mutable_rules(1)->set_rule_id("legacy-land");
  catalogue.mutable_rules(1)->mutable_conditions()->add_category_ids("nothing");
  catalogue.mutable_rules(1)->mutable_conditions()->add_org_unit_ids("nowhere");
  catalogue.mutable_rules(2)->mutable_target()->set_handling_policy_id("none");
  catalogue.mutable_rules(2)->mutable_target()->add_co_handler_functions("none");
  catalogue.mutable_clock_policies(1)->mutable_working_days()->set_count(0);
  catalogue.clear_default_target();
  EXPECT_THAT(FieldsOf(CheckCatalogue(catalogue, *City())),
              ElementsAre("catalogue.catalogue_id", "catalogue.clock_policies[1]",
                          "catalogue.rules[1].rule_id", "catalogue.rules[1].conditions.category_ids[1]",
                          "catalogue.rules[1].conditions.org_unit_ids[0]",
                          "catalogue.rules[2].target.co_handler_functions[1]",
                          "catalogue.rules[2].target.handling_policy_id", "catalogue.default_target"));
}

TEST(CheckInputs, NamesWhatIsUnknown) {
  v1::RouteInputs inputs = Inputs("nothing", "nowhere");
  inputs.clear_kind();
  inputs.add_department_functions("water");
  EXPECT_THAT(FieldsOf(CheckInputs(inputs, *City(), "inputs")),
              ElementsAre("inputs.kind", "inputs.category_id", "inputs.org_unit_id",
                          "inputs.department_functions[0]"));
}

}  // namespace
}  // namespace zhuqi::routing
