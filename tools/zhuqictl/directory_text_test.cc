#include "tools/zhuqictl/directory_text.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(DifferenceText, MarksWhatIsNewDiffersAndEnds) {
  const auto answer = FromText<directory::v1::ApplyDirectoryResponse>(R"(
      changes { resource: "org_unit" id: "huiji" kind: KIND_CREATED }
      changes { resource: "org_unit" id: "jinshui" kind: KIND_UPDATED fields: "name"
                differences { field: "name" before: "金水区" after: "金水新区" }
                differences { field: "closing_reason" before: "x" } }
      changes { resource: "department" id: "jinshui.fire" kind: KIND_CLOSED })");
  EXPECT_EQ(DifferenceText(answer.changes(), 10),
            "+ org_unit huiji\n"
            "~ org_unit jinshui\n"
            "    name: 金水区 → 金水新区\n"
            "    closing_reason: x → –\n"
            "- department jinshui.fire\n");
  EXPECT_EQ(DifferenceText(answer.changes(), 1), "+ org_unit huiji\n… and 2 more\n");
  EXPECT_EQ(DifferenceText({}, 10), "");
}

TEST(CategoriesTable, SaysTheVersionOfTheTree) {
  auto categories =
      FromText<directory::v1::ListCategoriesResponse>("categories { category_id: 'land' name: '用地' }");
  EXPECT_THAT(CategoriesTable(categories), Not(HasSubstr("version")));
  categories.mutable_tree()->set_version(3);
  EXPECT_THAT(CategoriesTable(categories), HasSubstr("version 3\n"));
  categories.mutable_tree()->set_source("郑营商办〔2026〕3号");
  categories.mutable_tree()->mutable_published_on()->set_year(2026);
  categories.mutable_tree()->mutable_published_on()->set_month(1);
  categories.mutable_tree()->mutable_published_on()->set_day(5);
  EXPECT_THAT(CategoriesTable(categories),
              HasSubstr("version 3, 郑营商办〔2026〕3号, published 2026-01-05\n"));
}

TEST(UnitText, TellsWhatItWasAndWhatBecameOfIt) {
  const auto unit = FromText<directory::v1::GetOrgUnitResponse>(R"(
      org_unit { org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
        codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" valid_to { year: 2026 month: 1 day: 4 } }
        closed_on { year: 2026 month: 1 day: 4 } closing_reason: "merged into erqi" successor_ids: "erqi"
        former_names { name: "旧名" until { year: 2019 month: 12 day: 31 } } }
      ancestors { name: "河南省" } ancestors { name: "郑州市" })");
  const std::string text = UnitText(unit, {});
  EXPECT_THAT(text, HasSubstr("金水区 (jinshui), district\n"));
  EXPECT_THAT(text, HasSubstr("stands below  河南省 › 郑州市\n"));
  EXPECT_THAT(text, HasSubstr("codes         410105 (gb_t_2260 2023, ..2026-01-04)\n"));
  EXPECT_THAT(text, HasSubstr("taken over by erqi\n"));
  EXPECT_THAT(text, HasSubstr("former names  旧名 (until 2019-12-31)\n"));
  EXPECT_THAT(text, Not(HasSubstr("stood below")));
}

TEST(CalendarText, ShowsTheYearAskedForWithItsNotice) {
  const auto calendar = FromText<directory::v1::GetCalendarResponse>(R"(
      versions: 1 versions: 2
      calendar { version: 2 notice_years: 2025 notice_years: 2026
        notices { year: 2026 document_number: "国办发明电〔2025〕7号" }
        overrides { date { year: 2025 month: 10 day: 1 } holiday: "国庆节" notice_year: 2025 }
        overrides { date { year: 2026 month: 1 day: 4 } working: true holiday: "元旦" notice_year: 2026 } })");
  const std::string text = CalendarText(calendar, 2026);
  EXPECT_THAT(text, HasSubstr("version 2 of 1, 2"));
  EXPECT_THAT(text, HasSubstr("国办发明电〔2025〕7号"));
  EXPECT_THAT(text, HasSubstr("2026-01-04"));
  EXPECT_THAT(text, Not(HasSubstr("2025-10-01")));
  EXPECT_THAT(CalendarText(calendar, 0), HasSubstr("2025-10-01"));
}

TEST(ReorganizationsText, HasALineForEachOperation) {
  const auto list = FromText<directory::v1::ListReorganizationsResponse>(R"(
      reorganizations { reorganization_id: "r" effective_on { year: 2026 month: 1 day: 5 } reason: "豫政1号" actor: "clerk"
        operations { rename { org_unit_id: "jinshui" name: "新区" } }
        operations { move { org_unit_id: "huayuanlu" parent_id: "erqi" } }
        operations { merge { org_unit_ids: "a" org_unit_ids: "b" successor_id: "c" } }
        operations { split { org_unit_id: "d" heirs { org_unit_id: "e" } heirs { org_unit_id: "f" } } }
        operations { close { org_unit_id: "g" } } })");
  EXPECT_EQ(ReorganizationsText(list),
            "2026-01-05  豫政1号  (clerk, , r)\n"
            "    rename jinshui to 新区\n"
            "    move huayuanlu below erqi\n"
            "    merge a, b into c\n"
            "    split d into e, f\n"
            "    close g\n");
}

}  // namespace
}  // namespace zhuqi::ctl
