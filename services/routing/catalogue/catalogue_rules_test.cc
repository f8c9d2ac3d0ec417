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
  conditions.add_enterprise_tags("key-project");
  conditions.set_min_amount_fen(100);
  conditions.set_max_amount_fen(200);
  conditions.add_keywords("地下");
  conditions.set_min_age_days(2);
  conditions.set_max_age_days(9);
  conditions.set_min_hand_outs(2);
  v1::RouteInputs good = Inputs("land.change-of-use", "js-t");
  good.add_department_functions("fire");
  good.add_enterprise_tags("listed");
  good.add_enterprise_tags("key-project");
  good.set_amount_fen(100);
  good.add_keywords("地下");
  good.set_age_days(2);
  good.set_hand_outs(2);
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
  other = good;
  other.mutable_enterprise_tags()->RemoveLast();
  EXPECT_EQ(failed(other), "enterprise_tags");
  other = good;
  other.set_amount_fen(99);
  EXPECT_EQ(failed(other), "min_amount_fen");
  other.set_amount_fen(200);
  EXPECT_EQ(failed(other), "");
  other.set_amount_fen(201);
  EXPECT_EQ(failed(other), "max_amount_fen");
  other = good;
  other.set_keywords(0, "地上");
  EXPECT_EQ(failed(other), "keywords");
  other = good;
  other.set_age_days(1);
  EXPECT_EQ(failed(other), "min_age_days");
  other.set_age_days(9);
  EXPECT_EQ(failed(other), "");
  other.set_age_days(10);
  EXPECT_EQ(failed(other), "max_age_days");
  other = good;
  other.set_hand_outs(1);
  EXPECT_EQ(failed(other), "min_hand_outs");
}

TEST(DecideRoute, IssueThatNamesNoAmountIsNotOneOfASmallAmount) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_rules(1)->mutable_conditions()->set_max_amount_fen(100);
  const auto decision = DecideRoute(catalogue, *City(), Inputs("land", "js"));
  EXPECT_EQ(decision->rule_id(), "");
  EXPECT_EQ(decision->near_misses(0).failed_condition(), "max_amount_fen");
}

TEST(DecideRoute, DefaultIsThatOfTheNearestUnitUpwards) {
  v1::Catalogue catalogue = CityCatalogue();
  const auto add = [&](const char* unit, const char* function) {
    v1::UnitDefault* of = catalogue.add_unit_defaults();
    of->set_org_unit_id(unit);
    *of->mutable_target() = catalogue.default_target();
    of->mutable_target()->set_lead_function(function);
  };
  add("zz", "tax");
  add("js", "planning");
  const auto of_township = DecideRoute(catalogue, *City(), Inputs("tax", "js-t"));
  EXPECT_EQ(of_township->default_org_unit_id(), "js");
  EXPECT_EQ(of_township->lead_department_id(), "js.planning");
  const auto of_district = DecideRoute(catalogue, *City(), Inputs("tax", "zm"));
  EXPECT_EQ(of_district->default_org_unit_id(), "zz");
  EXPECT_EQ(of_district->lead_department_id(), "zz.tax");
  // A rule goes before any default.
  EXPECT_EQ(DecideRoute(catalogue, *City(), Inputs("fire", "js"))->default_org_unit_id(), "");
  catalogue.mutable_unit_defaults(1)->mutable_target()->set_lead_function("water");
  const auto passed_over = DecideRoute(catalogue, *City(), Inputs("tax", "js-t"));
  EXPECT_EQ(passed_over->default_org_unit_id(), "zz");
  EXPECT_EQ(passed_over->near_misses().rbegin()->org_unit_id(), "js");
  EXPECT_EQ(passed_over->near_misses().rbegin()->failed_condition(), "lead_function");
}

TEST(DecideRoute, PriorityAndAssistantComeWithTheTarget) {
  EXPECT_EQ(Decide(Inputs("land", "js")).target().priority(), v1::CASE_PRIORITY_NORMAL);
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_rules(1)->mutable_target()->set_priority(v1::CASE_PRIORITY_URGENT);
  catalogue.mutable_rules(1)->mutable_target()->set_assistant_needed(true);
  const auto decision = DecideRoute(catalogue, *City(), Inputs("land", "js"));
  EXPECT_EQ(decision->target().priority(), v1::CASE_PRIORITY_URGENT);
  EXPECT_TRUE(decision->target().assistant_needed());
}

TEST(DecideRoute, AllKeywordsAreAskedAndFiftyAreKept) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_rules(1)->mutable_conditions()->add_keywords("k50");
  v1::RouteInputs inputs = Inputs("land", "js");
  for (int i = 0; i <= 50; ++i) inputs.add_keywords(absl::StrCat("k", i));
  const auto decision = DecideRoute(catalogue, *City(), inputs);
  EXPECT_EQ(decision->rule_id(), "land");
  EXPECT_EQ(decision->inputs().keywords_size(), 50);
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

// The small city with `categories` more, and a function "water" that the township alone has: "js", "zm" and
// "zz" have nobody for it.
std::shared_ptr<const Directory> CityWithWater(int categories) {
  feed::v1::DirectoryChanged change = testing::CityChange();
  for (int i = 0; i < categories; ++i) change.add_categories()->set_category_id(absl::StrCat("c", i));
  directory::v1::Department* department = change.add_departments();
  department->set_department_id("js-t.water");
  department->set_org_unit_id("js-t");
  department->set_function("water");
  return *Directory().With(change, 1);
}

TEST(CheckCatalogue, FiftyHolesAreNamedAndTheOthersCounted) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_default_target()->set_lead_function("water");
  // "tax" and the new ones, in three units.
  const absl::Status many = CheckCatalogue(catalogue, *CityWithWater(16));
  EXPECT_EQ(rpc::BadRequestOf(many)->field_violations_size(), 50);
  EXPECT_EQ(rpc::ErrorInfoOf(many)->metadata().at("violations_omitted"), "1");
  const absl::Status fewer = CheckCatalogue(catalogue, *CityWithWater(15));
  EXPECT_EQ(rpc::BadRequestOf(fewer)->field_violations_size(), 48);
  EXPECT_EQ(rpc::ErrorInfoOf(fewer)->metadata().count("violations_omitted"), 0u);
}

TEST(FindHoles, StopsAtItsLimit) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.mutable_default_target()->set_lead_function("water");
  EXPECT_EQ(FindHoles(catalogue, *CityWithWater(16), 51)->size(), 51u);
  EXPECT_EQ(FindHoles(catalogue, *CityWithWater(16), 50)->size(), 50u);
  EXPECT_EQ(FindHoles(catalogue, *CityWithWater(16), 1000)->size(), 51u);
}

// A catalogue within all its limits that would keep a thread busy for hours.
TEST(FindHoles, GivesUpWhatWouldTakeTooLong) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.clear_rules();
  for (int i = 0; i < 1000; ++i) {
    v1::RouteConditions& conditions = *catalogue.add_rules()->mutable_conditions();
    for (int j = 0; j < 500; ++j) conditions.add_category_ids("no-such");
  }
  for (int i = 0; i < 1000; ++i) catalogue.add_rules()->mutable_target()->set_lead_function("water");
  const auto found = FindHoles(catalogue, *CityWithWater(16), 100'000);
  EXPECT_EQ(rpc::ReasonOf(found.status()), "CATALOGUE_TOO_COMPLEX");
}

TEST(FindHoles, UnitsDefaultIsAskedWhereItIsTheNearest) {
  v1::Catalogue catalogue = CityCatalogue();
  v1::UnitDefault* of = catalogue.add_unit_defaults();
  of->set_org_unit_id("js");
  *of->mutable_target() = catalogue.default_target();
  of->mutable_target()->set_lead_function("water");
  const std::vector<CatalogueHole> holes = *FindHoles(catalogue, *CityWithWater(0), 10);
  ASSERT_EQ(holes.size(), 1u);  // the township has one, and the others have the catalogue's default
  EXPECT_EQ(holes[0].category_id, "tax");
  EXPECT_EQ(holes[0].org_unit_id, "js");
  EXPECT_EQ(holes[0].default_org_unit_id, "js");
  EXPECT_EQ(holes[0].lead_function, "water");
  // The other way round: a default of the city mends that of the catalogue.
  catalogue.clear_unit_defaults();
  *catalogue.add_unit_defaults()->mutable_target() = catalogue.default_target();
  catalogue.mutable_unit_defaults(0)->set_org_unit_id("zz");
  catalogue.mutable_default_target()->set_lead_function("water");
  EXPECT_TRUE(FindHoles(catalogue, *CityWithWater(0), 10)->empty());
}

// Whatever else a rule asks, some cases of its categories pass it by.
TEST(FindHoles, RuleWithAnyOtherConditionTakesNotAll) {
  const auto holes_with = [](auto set) {
    v1::Catalogue catalogue = CityCatalogue();
    catalogue.mutable_rules(0)->Clear();
    catalogue.mutable_rules(0)->set_rule_id("all");
    *catalogue.mutable_rules(0)->mutable_target() = catalogue.default_target();
    set(*catalogue.mutable_rules(0)->mutable_conditions());
    catalogue.mutable_default_target()->set_lead_function("water");
    return FindHoles(catalogue, *CityWithWater(0), 10)->size();
  };
  using Conditions = v1::RouteConditions;
  EXPECT_EQ(holes_with([](Conditions&) {}), 0u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.add_kinds(intake::v1::ISSUE_KIND_NEED); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.set_min_departments(1); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.set_legacy(false); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.add_enterprise_tags("a"); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.set_min_amount_fen(1); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.set_max_amount_fen(0); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.add_keywords("a"); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.set_min_age_days(1); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.set_max_age_days(0); }), 3u);
  EXPECT_EQ(holes_with([](Conditions& c) { c.set_min_hand_outs(1); }), 3u);
}

// The reason with which the small city's catalogue is refused after `change`; "" when it is good.
template <typename Change>
std::string RefusalAfter(Change change) {
  v1::Catalogue catalogue = CityCatalogue();
  change(catalogue);
  return rpc::ReasonOf(CheckCatalogue(catalogue, *City()));
}
template <typename Change>
std::string RefusalOfConditions(Change change) {
  return RefusalAfter(
      [&](v1::Catalogue& catalogue) { change(*catalogue.mutable_rules(0)->mutable_conditions()); });
}

TEST(CheckCatalogue, ListsEndAtTheirLimits) {
  using Conditions = v1::RouteConditions;
  const auto many = [](int count, auto add) {
    return [count, add](Conditions& c) {
      for (int i = 0; i < count; ++i) add(c, i);
    };
  };
  const auto kind = [](Conditions& c, int) { c.add_kinds(intake::v1::ISSUE_KIND_NEED); };
  EXPECT_EQ(RefusalOfConditions(many(3, kind)), "");
  EXPECT_EQ(RefusalOfConditions(many(4, kind)), "TOO_MANY");
  const auto category = [](Conditions& c, int) { c.add_category_ids("land"); };  // one is there
  EXPECT_EQ(RefusalOfConditions(many(499, category)), "");
  EXPECT_EQ(RefusalOfConditions(many(500, category)), "TOO_MANY");
  const auto unit = [](Conditions& c, int) { c.add_org_unit_ids("js"); };
  EXPECT_EQ(RefusalOfConditions(many(500, unit)), "");
  EXPECT_EQ(RefusalOfConditions(many(501, unit)), "TOO_MANY");
  const auto function = [](Conditions& c, int) { c.add_department_functions("fire"); };
  EXPECT_EQ(RefusalOfConditions(many(100, function)), "");
  EXPECT_EQ(RefusalOfConditions(many(101, function)), "TOO_MANY");
  const auto tag = [](Conditions& c, int) { c.add_enterprise_tags("listed"); };
  EXPECT_EQ(RefusalOfConditions(many(50, tag)), "");
  EXPECT_EQ(RefusalOfConditions(many(51, tag)), "TOO_MANY");
  const auto keyword = [](Conditions& c, int i) { c.add_keywords(absl::StrCat("k", i)); };
  EXPECT_EQ(RefusalOfConditions(many(50, keyword)), "");
  EXPECT_EQ(RefusalOfConditions(many(51, keyword)), "TOO_MANY");
  const auto co_handlers = [](int count) {
    return [count](v1::Catalogue& c) {
      for (int i = 0; i < count; ++i) c.mutable_default_target()->add_co_handler_functions("fire");
    };
  };
  EXPECT_EQ(RefusalAfter(co_handlers(20)), "");
  EXPECT_EQ(RefusalAfter(co_handlers(21)), "TOO_MANY");
}

TEST(CheckCatalogue, NumbersEndAtTheirLimits) {
  using Conditions = v1::RouteConditions;
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_min_departments(20); }), "");
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_min_departments(21); }), "OUT_OF_RANGE");
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_min_amount_fen(100'000'000'000'000'000); }), "");
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_min_amount_fen(100'000'000'000'000'001); }),
            "OUT_OF_RANGE");
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_min_amount_fen(-1); }), "OUT_OF_RANGE");
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_max_amount_fen(100'000'000'000'000'001); }),
            "OUT_OF_RANGE");
  const auto amounts = [](int64_t from, int64_t to) {
    return [from, to](Conditions& c) {
      c.set_min_amount_fen(from);
      c.set_max_amount_fen(to);
    };
  };
  EXPECT_EQ(RefusalOfConditions(amounts(5, 5)), "");
  EXPECT_EQ(RefusalOfConditions(amounts(6, 5)), "RANGE_REVERSED");
  const auto ages = [](int from, int to) {
    return [from, to](Conditions& c) {
      c.set_min_age_days(from);
      c.set_max_age_days(to);
    };
  };
  EXPECT_EQ(RefusalOfConditions(ages(36'500, 36'500)), "");
  EXPECT_EQ(RefusalOfConditions(ages(0, 36'501)), "OUT_OF_RANGE");
  EXPECT_EQ(RefusalOfConditions(ages(2, 1)), "RANGE_REVERSED");
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_min_hand_outs(100); }), "");
  EXPECT_EQ(RefusalOfConditions([](Conditions& c) { c.set_min_hand_outs(101); }), "OUT_OF_RANGE");
}

TEST(CheckCatalogue, DifferentKeywordsOfAllRulesTogetherAreAThousand) {
  const auto rules = [](int keywords) {
    return [keywords](v1::Catalogue& catalogue) {
      for (int i = 0; i < keywords; ++i) {
        if (i % 50 == 0) {
          *catalogue.add_rules() = catalogue.rules(1);
          catalogue.mutable_rules()->rbegin()->set_rule_id(absl::StrCat("k", i));
        }
        catalogue.mutable_rules()->rbegin()->mutable_conditions()->add_keywords(absl::StrCat("词", i, "号"));
      }
    };
  };
  EXPECT_EQ(RefusalAfter(rules(1000)), "");
  EXPECT_EQ(RefusalAfter(rules(1001)), "TOO_MANY_KEYWORDS");
}

TEST(CheckCatalogue, KeywordsSayWhatIsWrongWithThem) {
  const auto with = [](std::string keyword) {
    return RefusalOfConditions([&](v1::RouteConditions& c) { c.add_keywords(keyword); });
  };
  std::string long_one;
  for (int i = 0; i < 200; ++i) long_one += "验";
  EXPECT_EQ(with(long_one), "");
  EXPECT_EQ(with(long_one + "收"), "KEYWORD_LENGTH_INVALID");
  EXPECT_EQ(with(""), "KEYWORD_LENGTH_INVALID");
  EXPECT_EQ(with("(验收"), "KEYWORD_INVALID");
  EXPECT_EQ(with("((.{100}){100}){100}"), "KEYWORD_INVALID");
  EXPECT_EQ(with("(验收)?"), "KEYWORD_MATCHES_EVERYTHING");
}

TEST(CheckCatalogue, KeywordsThatAreTooLargeTogetherAreRefused) {
  EXPECT_EQ(RefusalAfter([](v1::Catalogue& catalogue) {
              for (int i = 0; i < 1000; ++i) {
                if (i % 50 == 0) {
                  *catalogue.add_rules() = catalogue.rules(1);
                  catalogue.mutable_rules()->rbegin()->set_rule_id(absl::StrCat("k", i));
                }
                catalogue.mutable_rules()->rbegin()->mutable_conditions()->add_keywords(
                    absl::StrCat("词", i, "[一-龥]{100}完"));
              }
            }),
            "KEYWORDS_TOO_LARGE");
}

TEST(CheckCatalogue, OneDefaultAUnitAndFiveHundredInAll) {
  const auto defaults = [](std::vector<std::string> units) {
    return [units](v1::Catalogue& catalogue) {
      for (const std::string& unit : units) {
        catalogue.add_unit_defaults()->set_org_unit_id(unit);
        *catalogue.mutable_unit_defaults()->rbegin()->mutable_target() = catalogue.default_target();
      }
    };
  };
  EXPECT_EQ(RefusalAfter(defaults({"js", "zm"})), "");
  EXPECT_EQ(RefusalAfter(defaults({"js", "js"})), "ORG_UNIT_REPEATED");
  EXPECT_EQ(RefusalAfter(defaults({"nowhere"})), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(RefusalAfter(defaults(std::vector<std::string>(500, "js"))), "ORG_UNIT_REPEATED");
  EXPECT_EQ(RefusalAfter(defaults(std::vector<std::string>(501, "js"))), "TOO_MANY");
}

TEST(CheckCatalogue, ValidityIsASpanOfRealDays) {
  const auto span = [](int first, int last) {
    return [first, last](v1::Catalogue& catalogue) {
      catalogue.mutable_valid_from()->set_year(2025);
      catalogue.mutable_valid_from()->set_month(2);
      catalogue.mutable_valid_from()->set_day(first);
      *catalogue.mutable_valid_to() = catalogue.valid_from();
      catalogue.mutable_valid_to()->set_day(last);
    };
  };
  EXPECT_EQ(RefusalAfter(span(28, 28)), "");
  EXPECT_EQ(RefusalAfter(span(28, 27)), "SPAN_REVERSED");
  EXPECT_EQ(RefusalAfter(span(28, 29)), "DATE_INVALID");
}

TEST(CheckCatalogue, NamesEveryFaultByItsField) {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.set_catalogue_id("City!");
  catalogue.mutable_rules(1)->set_rule_id("legacy-land");
  catalogue.mutable_rules(1)->mutable_conditions()->add_category_ids("nothing");
  catalogue.mutable_rules(1)->mutable_conditions()->add_org_unit_ids("nowhere");
  catalogue.mutable_rules(2)->mutable_target()->set_handling_policy_id("none");
  catalogue.mutable_rules(2)->mutable_target()->set_child_policy_id("none");
  catalogue.mutable_rules(2)->mutable_target()->set_duplicate_clocks(static_cast<v1::DuplicateClocks>(9));
  catalogue.mutable_rules(2)->mutable_target()->add_co_handler_functions("none");
  catalogue.mutable_clock_policies(1)->mutable_working_days()->set_count(0);
  catalogue.clear_default_target();
  EXPECT_THAT(
      FieldsOf(CheckCatalogue(catalogue, *City())),
      ElementsAre("catalogue.catalogue_id", "catalogue.clock_policies[1]", "catalogue.rules[1].rule_id",
                  "catalogue.rules[1].conditions.category_ids[1]",
                  "catalogue.rules[1].conditions.org_unit_ids[0]",
                  "catalogue.rules[2].target.co_handler_functions[1]",
                  "catalogue.rules[2].target.handling_policy_id", "catalogue.rules[2].target.child_policy_id",
                  "catalogue.rules[2].target.duplicate_clocks", "catalogue.default_target"));
}

TEST(CheckInputs, NamesWhatIsUnknown) {
  v1::RouteInputs inputs = Inputs("nothing", "nowhere");
  inputs.clear_kind();
  inputs.add_department_functions("water");
  EXPECT_THAT(FieldsOf(CheckInputs(inputs, *City(), "inputs")),
              ElementsAre("inputs.kind", "inputs.category_id", "inputs.org_unit_id",
                          "inputs.department_functions[0]"));
}

TEST(CheckInputs, EndsAtItsLimits) {
  v1::RouteInputs inputs = Inputs("land", "js");
  inputs.set_amount_fen(100'000'000'000'000'000);
  inputs.set_age_days(36'500);
  inputs.set_hand_outs(100);
  for (int i = 0; i < 20; ++i) inputs.add_enterprise_tags("listed");
  for (int i = 0; i < 20; ++i) inputs.add_department_functions("fire");
  EXPECT_TRUE(CheckInputs(inputs, *City(), "inputs").ok());
  inputs.set_amount_fen(100'000'000'000'000'001);
  inputs.set_age_days(36'501);
  inputs.set_hand_outs(101);
  inputs.set_enterprise_tags(0, "Listed");
  inputs.add_enterprise_tags("listed");
  inputs.add_department_functions("fire");
  EXPECT_THAT(
      FieldsOf(CheckInputs(inputs, *City(), "inputs")),
      ElementsAre("inputs.department_functions", "inputs.enterprise_tags", "inputs.enterprise_tags[0]",
                  "inputs.amount_fen", "inputs.age_days", "inputs.hand_outs"));
}

}  // namespace
}  // namespace zhuqi::routing
