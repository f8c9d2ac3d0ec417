#include "tools/zhuqictl/catalogue_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <class Message>
Message CatalogueMessage(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(ParseYuanTest, TakesUpToTwoDecimalsAndNothingElse) {
  EXPECT_EQ(*ParseYuan("12"), 1200);
  EXPECT_EQ(*ParseYuan("12.5"), 1250);
  EXPECT_EQ(*ParseYuan("0.05"), 5);
  EXPECT_EQ(*ParseYuan("1000000000000000"), 100'000'000'000'000'000);
  for (const char* text : {"", "-1", "1.234", "1.", ".5", "1,000", "1.2.3", "1000000000000001", "一百"})
    EXPECT_FALSE(ParseYuan(text).ok()) << text;
}

TEST(RouteTextTest, SaysRuleInputsAndWhatNearlyMatched) {
  const auto decision = CatalogueMessage<routing::v1::RouteDecision>(R"(
    catalogue_id: "city" catalogue_version: 3 rule_id: "land" lead_department_id: "js.planning"
    owner_org_unit_id: "js" target { level: HANDLING_LEVEL_UNIT priority: CASE_PRIORITY_URGENT
    response_policy_id: "contact" handling_policy_id: "handle" assistant_needed: true }
    inputs { kind: ISSUE_KIND_PROBLEM category_id: "land" org_unit_id: "js" amount_fen: 1250 keywords: "停产" }
    near_misses { rule_id: "legacy-land" failed_condition: "legacy" }
    near_misses { org_unit_id: "js" failed_condition: "lead_function" })");
  const std::string chinese = RouteText(decision, true);
  EXPECT_THAT(chinese, HasSubstr("责任清单 city，版本 3，规则 land"));
  EXPECT_THAT(chinese, HasSubstr("优先级    urgent"));
  EXPECT_THAT(chinese, HasSubstr("金额（元）  12.50"));
  EXPECT_THAT(chinese, HasSubstr("legacy-land       历史遗留"));
  EXPECT_THAT(chinese, HasSubstr("(兜底 js)         无主办部门"));
  EXPECT_THAT(RouteText(decision, false), HasSubstr("legacy-land     legacy"));
}

TEST(RouteTextTest, DefaultIsNamedWithItsUnit) {
  auto decision = CatalogueMessage<routing::v1::RouteDecision>(R"(catalogue_id: "city")");
  EXPECT_THAT(RouteText(decision, false), HasSubstr("rule (default)"));
  decision.set_default_org_unit_id("js");
  EXPECT_THAT(RouteText(decision, false), HasSubstr("rule (default js)"));
}

TEST(CatalogueDifferenceTextTest, MarksEachPartAndAlignsUnderChinese) {
  const auto response = CatalogueMessage<routing::v1::DiffCatalogueResponse>(R"(
    version: 2 unchanged_rules: 5 omitted: 1
    differences { part: PART_RULE id: "new" kind: KIND_ADDED place: 2 }
    differences { part: PART_RULE id: "moved" kind: KIND_MOVED place_before: 1 place: 4 moved: true }
    differences { part: PART_CLOCK_POLICY id: "handle" kind: KIND_CHANGED
      fields { field: "description" before: "旧说明" after: "新" }
      fields { field: "working_days.count" before: "7" after: "8" } })");
  EXPECT_EQ(CatalogueDifferenceText(response, true),
            "   部分      标识    次序   字段                原为    现为\n"
            "─  ────────  ──────  ─────  ──────────────────  ──────  ────\n"
            "+  规则      new     – → 2\n"
            ">  规则      moved   1 → 4\n"
            "~  时限规则  handle         description         旧说明  新\n"
            "                            working_days.count  7       8\n"
            "与版本 2 相比；未变规则 5；未列出 1\n");
}

TEST(CatalogueDifferenceTextTest, NothingDiffers) {
  routing::v1::DiffCatalogueResponse response;
  response.set_version(4);
  EXPECT_EQ(CatalogueDifferenceText(response, false), "the same as version 4\n");
}

TEST(AddSumsTest, PagesAddUpAndLargestComesFirst) {
  auto sums = CatalogueMessage<routing::v1::SimulationSums>(R"(
    replayed: 10 changed: 3 fields { field: "rule_id" cases: 1 }
    rules { before: "a" after: "b" cases: 1 } rules { before: "c" after: "" cases: 2 })");
  AddSums(CatalogueMessage<routing::v1::SimulationSums>(R"(
    replayed: 5 changed: 4 fields { field: "target.level" cases: 1 } fields { field: "rule_id" cases: 3 }
    rules { before: "a" after: "b" cases: 4 })"),
          &sums);
  EXPECT_EQ(sums.ShortDebugString(),
            "replayed: 15 changed: 7 fields { field: \"rule_id\" cases: 4 } "
            "fields { field: \"target.level\" cases: 1 } "
            "rules { before: \"a\" after: \"b\" cases: 5 } rules { before: \"c\" cases: 2 }");
}

TEST(SimulationTextTest, SumsThenCases) {
  auto response = CatalogueMessage<routing::v1::SimulateCatalogueResponse>(R"(
    version: 1
    sums { replayed: 9 changed: 2 fields { field: "lead_department_id" cases: 2 }
      lead_functions { before: "planning" after: "office" cases: 2 } }
    cases { title: "地下空间变更用途" issue_key { source_system: "oa" external_id: "7" }
      before { rule_id: "land" lead_department_id: "js.planning" }
      after { rule_id: "land" lead_department_id: "js.office" } fields: "lead_department_id" })");
  const std::string text = SimulationText(response, true);
  EXPECT_THAT(text, HasSubstr("与版本 1 相比：重算 9 件，变化 2 件"));
  EXPECT_THAT(text, HasSubstr("planning  office     2"));
  EXPECT_THAT(text, HasSubstr("地下空间变更用途  land  js.planning → js.office  主办部门  oa/7"));
  EXPECT_THAT(text, HasSubstr("1 / 2"));
  response.mutable_sums()->set_changed(0);
  EXPECT_THAT(SimulationText(response, false), Not(HasSubstr("planning")));
}

}  // namespace
}  // namespace zhuqi::ctl
