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

TEST(ThemeTableTest, RecurrenceIsOnlyShownWhereAFixStands) {
  const std::string table = ThemeTable(ThemeFromText<routing::v1::ListThemesResponse>(R"(
    themes { theme_id: "t1" content { title: "地下空间变更用途" category_id: "land" } state: THEME_STATE_FIXED
      fixed_on { year: 2024 month: 6 day: 1 } case_count: 5 district_count: 3 }
    themes { theme_id: "t2" content { title: "疏散通道" category_id: "fire" } state: THEME_STATE_CONFIRMED
      case_count: 4 suggested_count: 2 district_count: 2 owner_department_id: "city.fire" overdue: true
      due_on { year: 2024 month: 5 day: 9 } }
    next_page_token: "more")"),
                                       true);
  EXPECT_THAT(table, HasSubstr("已整改      5         0          3           0"));
  EXPECT_THAT(table, HasSubstr("已确认      4         2          2              city.fire"));
  EXPECT_THAT(table, HasSubstr("2024-05-09 overdue"));
  EXPECT_THAT(table, HasSubstr("2 themes, and more: --all\n"));
}

TEST(DescribeThemeTest, SaysWhyItWasProposedAndWhatCountsAsRecurrence) {
  const std::string text = DescribeWholeTheme(ThemeFromText<routing::v1::GetThemeResponse>(R"(
    theme { theme_id: "t1" content { title: "地下空间变更用途" } state: THEME_STATE_FIXED proposed_by: "zhuqi"
      suggested_count: 2 growth { cases: 4 districts: 2 enterprises: 3 window_days: 90 least_cases: 4
        least_districts: 2 least_enterprises: 3 least_similarity_percent: 20
        received { first { year: 2024 month: 4 day: 1 } last { year: 2024 month: 5 day: 9 } } } }
    recurrence { fixed_on { year: 2024 month: 6 day: 1 } cases: 1 district_ids: "js"
      counted { first { year: 2024 month: 6 day: 2 } last { year: 2024 month: 11 day: 28 } } }
    history { sequence: 1 actor: "zhuqi" proposed { case_ids: "a" case_ids: "b" }
      state_after: THEME_STATE_PROPOSED })"),
                                              true);
  EXPECT_THAT(text, HasSubstr("4 cases of 2 districts and 3 enterprises, received 2024-04-01 to 2024-05-09"));
  EXPECT_THAT(text, HasSubstr("recurrence: 1 new cases after the fix of 2024-06-01\n"));
  EXPECT_THAT(text, HasSubstr("received from 2024-06-02 to 2024-11-28 (the span goes on)"));
  EXPECT_THAT(text, HasSubstr("suggested ones count once somebody adds them: 2 wait\n"));
  EXPECT_THAT(text, HasSubstr("proposed with 2 cases"));
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
