#include "tools/zhuqictl/theme_text.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::ctl {
namespace {

using ::testing::HasSubstr;

template <class Message>
Message ThemeFromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(ThemeTableTest, RecurrenceIsOnlyShownWhereSomethingWasFixed) {
  const auto themes = ThemeFromText<routing::v1::ListThemesResponse>(R"(
    themes { theme_id: "t1" content { title: "地下空间变更用途" category_id: "land" } state: THEME_STATE_FIXED
      fixed_on { year: 2024 month: 6 day: 1 } case_count: 5 district_count: 3 }
    themes { theme_id: "t2" content { title: "疏散通道" category_id: "fire" } state: THEME_STATE_CONFIRMED
      case_count: 4 suggested_count: 2 district_count: 2 owner_department_id: "city.fire" overdue: true
      due_on { year: 2024 month: 5 day: 9 } }
    themes { theme_id: "t3" state: THEME_STATE_CONFIRMED ended_recurrence {} recurrence_count: 7 }
    next_page_token: "more")");
  const std::string table = ThemeTable(themes, true);
  EXPECT_THAT(table, HasSubstr("状态    工单  待判定  区县  复发  责任部门"));
  EXPECT_THAT(table, HasSubstr("已整改     5       0     3     0 "));
  EXPECT_THAT(table, HasSubstr("已确认     4       2     2        city.fire"));
  EXPECT_THAT(table, HasSubstr("已确认     0       0     0     7\n"));
  EXPECT_THAT(table, HasSubstr("2024-05-09 逾期"));
  EXPECT_THAT(table, HasSubstr("3 项，还有更多：--all\n"));
  EXPECT_THAT(ThemeTable(themes, false), HasSubstr("3 themes, and more: --all\n"));
}

routing::v1::GetThemeResponse FixedTheme() {
  return ThemeFromText<routing::v1::GetThemeResponse>(R"(
    theme { theme_id: "t1" content { title: "地下空间变更用途" } state: THEME_STATE_FIXED proposed_by: "zhuqi"
      suggested_count: 2 allowed_actions: "add_cases" allowed_actions: "complete_fix" growth { cases: 4 districts: 2
        enterprises: 3 window_days: 90 least_cases: 4 least_districts: 2 least_enterprises: 3
        least_similarity_percent: 20 seed_case_id: "a"
        received { first { year: 2024 month: 4 day: 1 } last { year: 2024 month: 5 day: 9 } } } }
    recurrence { fixed_on { year: 2024 month: 6 day: 1 } cases: 1 district_ids: "js"
      counted { first { year: 2024 month: 6 day: 2 } last { year: 2024 month: 11 day: 28 } } }
    cases { case_id: "a" title: "地下车库手续" similarity: 1 }
    cases { case_id: "b" title: "地下室确权" similarity: 0.31 words_in_common: "地下" words_in_common: "手续" }
    history { sequence: 1 actor: "zhuqi" proposed { case_ids: "a" case_ids: "b" }
      state_after: THEME_STATE_PROPOSED }
    history { sequence: 2 actor: "li" state_after: THEME_STATE_CONFIRMED action { confirm { cause: "规划条件调整"
      owner_department_id: "city.planning" due_on { year: 2024 month: 6 day: 30 } } }
      prevented_org_unit_ids: "zm" }
    history { sequence: 3 actor: "wang" state_after: THEME_STATE_CONFIRMED
      preventive_item { org_unit_id: "zm" action { report { note: "已走访" } } } }
    history { sequence: 4 actor: "li" state_after: THEME_STATE_FIXED
      action { remove_cases { cases { case_id: "c" } reason: "成因不同" } } })");
}

TEST(DescribeThemeTest, SaysWhyItWasProposedAndWhatCountsAsRecurrence) {
  const std::string text = DescribeWholeTheme(FixedTheme(), false);
  EXPECT_THAT(
      text,
      HasSubstr("4 cases of 2 districts and 3 enterprises read alike, received 2024-04-01 to 2024-05-09\n"));
  EXPECT_THAT(
      text,
      HasSubstr("4 cases within 90 days, of 2 districts or else of 3 enterprises, each at least 20% like"));
  EXPECT_THAT(text, HasSubstr("recurrence: 1 new cases after the fix of 2024-06-01, in js\n"));
  EXPECT_THAT(text, HasSubstr("members that were received 2024-06-02 to 2024-11-28 (goes on)"));
  EXPECT_THAT(text, HasSubstr("not counted: 2 suggested, which somebody is to add or remove\n"));
  EXPECT_THAT(text, HasSubstr("proposed with 2 cases"));
  EXPECT_THAT(text, HasSubstr("confirm: 规划条件调整, city.planning, due 2024-06-30; asked zm"));
}

TEST(DescribeThemeTest, ReadsInChineseThroughout) {
  const std::string text = DescribeWholeTheme(FixedTheme(), true);
  EXPECT_THAT(
      text,
      HasSubstr(
          "  依据          4 件工单说法相近，来自 2 个区县、3 家企业，2024-04-01 至 2024-05-09 接收\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "  提出条件      90 天内 4 件以上，涉及 2 个区县或 3 家企业，与其中一件的相似度均不低于 20%\n"));
  EXPECT_THAT(text, HasSubstr("  可做          add, complete-fix\n"));
  EXPECT_THAT(text, HasSubstr("地下车库手续  1.00  其他工单与本件相近\n"));
  EXPECT_THAT(text, HasSubstr("地下室确权    0.31  地下 手续\n"));
  EXPECT_THAT(text, HasSubstr("复发：2024-06-01 整改完成后新增 1 件（js）\n"));
  EXPECT_THAT(text, HasSubstr("统计期 2024-06-02 至 2024-11-28（统计中）"));
  EXPECT_THAT(text, HasSubstr("未计入：2 件待判定"));
  EXPECT_THAT(text, HasSubstr("confirm: 规划条件调整，city.planning，期限 2024-06-30；未诉先办 zm"));
  EXPECT_THAT(text, HasSubstr("未诉先办 zm report: 已走访"));
  EXPECT_THAT(text, HasSubstr("remove: 1 件，成因不同"));
}

TEST(DescribeThemeTest, AThemeThatWasReopenedStillSaysWhatRecurred) {
  const auto reopened = ThemeFromText<routing::v1::GetThemeResponse>(R"(
    theme { theme_id: "t1" state: THEME_STATE_CONFIRMED }
    recurrence { cases: 2 span_over: true
      counted { first { year: 2024 month: 6 day: 2 } last { year: 2024 month: 6 day: 9 } }
      counted { first { year: 2024 month: 7 day: 2 } last { year: 2024 month: 7 day: 9 } } })");
  const std::string text = DescribeWholeTheme(reopened, false);
  EXPECT_THAT(text, HasSubstr("recurrence: 2 new cases after fixes that did not hold\n"));
  EXPECT_THAT(text, HasSubstr("received 2024-06-02 to 2024-06-09, 2024-07-02 to 2024-07-09 (over)"));
  EXPECT_THAT(DescribeWholeTheme(reopened, true), HasSubstr("复发：以往整改未见效，其后新增 2 件\n"));
}

TEST(DescribePreventiveItemTest, SaysWhyTheDistrictIsAskedAndWhomToGoTo) {
  const auto item = ThemeFromText<routing::v1::PreventiveItem>(R"(
    theme_id: "t1" org_unit_id: "zm" state: PREVENTIVE_ITEM_STATE_OPEN due_on { year: 2024 month: 6 day: 20 }
    grounds { reason: PREVENTION_REASON_SAME_CATEGORY cases: 5 enterprises: 3
      enterprise_usccs: "E1" enterprise_usccs: "E2" }
    allowed_actions: "report" allowed_actions: "complete")");
  EXPECT_THAT(DescribePreventiveItem(item, true),
              HasSubstr("  同类诉求：此前一年本区 5 件，3 家企业：E1, E2 …\n可做：report, complete\n"));
  const std::string english = DescribePreventiveItem(item, false);
  EXPECT_THAT(english, HasSubstr(": 5 issues there in the year before, of 3 enterprises: E1, E2 …\n"));
  EXPECT_THAT(english, HasSubstr("can be done: report, complete\n"));
}

TEST(ThemeReferencesTest, SaysWhetherACaseIsAMember) {
  routing::v1::GetCaseResponse response;
  EXPECT_EQ(ThemeReferences(response.themes(), true), "");
  *response.add_themes() = ThemeFromText<routing::v1::ThemeReference>(
      R"(theme_id: "t1" title: "地下空间" state: THEME_STATE_CONFIRMED fix: "容缺受理"
         standing: THEME_CASE_STANDING_SUGGESTED)");
  EXPECT_EQ(ThemeReferences(response.themes(), true),
            "  theme       t1 已确认 (待判定): 地下空间 → 容缺受理\n");
}

}  // namespace
}  // namespace zhuqi::ctl
