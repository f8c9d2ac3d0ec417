#include "services/intake/directory/directory_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Changes(const DirectoryPlan& plan) {
  std::vector<std::string> changes;
  for (const auto& change : plan.changes) {
    std::string line = absl::StrCat(change.kind() == directory::v1::DirectoryChange::KIND_CREATED ? "+" : "~",
                                    change.resource(), ":", change.id());
    for (const std::string& field : change.fields()) absl::StrAppend(&line, " ", field);
    changes.push_back(std::move(line));
  }
  return changes;
}

TEST(PlanDirectory, NewCityIsAllCreatedParentsFirst) {
  const DirectoryPlan plan = PlanDirectory(Directory(), CityRequest(), kTestToday);
  EXPECT_THAT(plan.violations.list(), IsEmpty());
  EXPECT_THAT(Changes(plan), ElementsAre("+org_unit:zhengzhou", "+org_unit:jinshui", "+org_unit:zhongmu",
                                         "+org_unit:huayuanlu", "+department:jinshui.planning",
                                         "+department:zhengzhou.fire", "+category:land",
                                         "+category:land.change-of-use", "+calendar:city", "+form:monthly"));
  EXPECT_EQ(plan.unchanged, 0);
  EXPECT_EQ(plan.event.org_units(0).org_unit_id(), "zhengzhou");
  EXPECT_EQ(plan.event.org_units(3).org_unit_id(), "huayuanlu");
}

TEST(PlanDirectory, SameRequestAgainChangesNothing) {
  const DirectoryPlan plan = PlanDirectory(*City(), CityRequest(), kTestToday);
  EXPECT_THAT(plan.violations.list(), IsEmpty());
  EXPECT_TRUE(plan.changes.empty());
  EXPECT_EQ(plan.unchanged, 10);
  EXPECT_EQ(plan.event.ByteSizeLong(), 0u);
}

TEST(PlanDirectory, NamesTheFieldsThatDiffer) {
  const DirectoryPlan plan = PlanDirectory(*City(), RequestFromText(R"(
      org_units { org_unit_id: "jinshui" name: "　金水新区 " former_names { name: "金水区" until { year: 2026 month: 1 day: 19 } } level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
                  opened_on { year: 2001 month: 1 day: 1 }
                  codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" } }
      categories { category_id: "land" name: "用地" })"),
                                           kTestToday);
  EXPECT_THAT(Changes(plan), ElementsAre("~org_unit:jinshui name opened_on former_names"));
  EXPECT_EQ(plan.event.org_units(0).name(), "金水新区");
  EXPECT_EQ(plan.unchanged, 1);
}

TEST(PlanDirectory, RefusesUnknownParent) {
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "a" name: "甲" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" }
      org_units { org_unit_id: "b" name: "乙" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "nowhere" })"),
              ElementsAre("org_units[1].parent_id ORG_UNIT_UNKNOWN"));
}

TEST(PlanDirectory, RefusesCircle) {
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "zhengzhou" name: "郑州市" level: ORG_UNIT_LEVEL_CITY parent_id: "huayuanlu" })"),
              ElementsAre("org_units[0].parent_id CIRCLE"));
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "a" name: "甲" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "a" })"),
              ElementsAre("org_units[0].parent_id CIRCLE"));
}

TEST(PlanDirectory, RefusesSecondRoot) {
  EXPECT_THAT(
      Wrong(*City(), R"(org_units { org_unit_id: "kaifeng" name: "开封市" level: ORG_UNIT_LEVEL_CITY })"),
      ElementsAre("org_units[0].parent_id SECOND_ROOT"));
}

TEST(PlanDirectory, RootMayGetAParentInOneGo) {
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "henan" name: "河南省" level: ORG_UNIT_LEVEL_PROVINCE }
      org_units { org_unit_id: "zhengzhou" name: "郑州市" level: ORG_UNIT_LEVEL_CITY parent_id: "henan" })"),
              IsEmpty());
}

TEST(PlanDirectory, LevelsGrowTowardsTheLeaves) {
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "a" name: "甲" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "jinshui" })"),
              ElementsAre("org_units[0].level LEVEL_NOT_BELOW_PARENT"));
  // A unit that the request does not name stands below it.
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "zhengzhou" })"),
              ElementsAre("org_units[0].level LEVEL_NOT_ABOVE_CHILD"));
}

TEST(PlanDirectory, CodeInForceBelongsToOneUnit) {
  const std::string unit =
      R"(org_units { org_unit_id: "a" name: "甲" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023")";
  EXPECT_THAT(Wrong(*City(), absl::StrCat(unit, "} }")),
              ElementsAre("org_units[0].codes[0].code CODE_IN_USE"));
  // One after the other is no clash: codes are handed on.
  const auto handed_over = After(*City(), RequestFromText(R"(
      org_units { org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" valid_to { year: 2024 month: 12 day: 31 } } })"));
  EXPECT_THAT(Wrong(*handed_over, absl::StrCat(unit, " valid_from { year: 2025 month: 1 day: 1 } } }")),
              IsEmpty());
  EXPECT_THAT(Wrong(*handed_over, absl::StrCat(unit, " valid_from { year: 2024 month: 12 day: 31 } } }")),
              ElementsAre("org_units[0].codes[0].code CODE_IN_USE"));
}

TEST(PlanDirectory, UnitHasAHundredCodesAndNoMore) {
  directory::v1::ApplyDirectoryRequest request;
  auto& unit = *request.add_org_units() = CityRequest().org_units(0);
  const auto add = [&](int number) {
    auto& code = *unit.add_codes();
    code.set_system(directory::v1::CODE_SYSTEM_LOCAL);
    code.set_code(absl::StrCat("C", number));
  };
  for (int i = 0; i < 100; ++i) add(i);
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  const auto full = After(*City(), request);
  add(100);
  EXPECT_THAT(Wrong(*City(), request), ElementsAre("org_units[0].codes OUT_OF_RANGE"));
  // Those that it has and that the request leaves out are counted.
  unit.mutable_codes()->DeleteSubrange(0, 100);
  unit.mutable_codes(0)->set_edition("2");
  EXPECT_THAT(Wrong(*full, request), ElementsAre("org_units[0].codes OUT_OF_RANGE"));
}

TEST(PlanDirectory, RefusesWrongDivisionCodes) {
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "a" name: "甲" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
        codes { system: CODE_SYSTEM_GB_T_2260 code: "41010" edition: "2023" }
        codes { system: CODE_SYSTEM_NBS code: "41017A" edition: "2023" }
        codes { system: CODE_SYSTEM_NBS code: "410171" }
        codes { system: CODE_SYSTEM_LOCAL code: "ZD-01" }
        codes { system: CODE_SYSTEM_LOCAL code: "zd" }
        codes { code: "X" } })"),
              ElementsAre("org_units[0].codes[0].code DIVISION_CODE_WRONG_LENGTH",
                          "org_units[0].codes[1].code DIVISION_CODE_NOT_DIGITS",
                          "org_units[0].codes[2].edition REQUIRED", "org_units[0].codes[4].code CODE_INVALID",
                          "org_units[0].codes[5].system REQUIRED"));
}

TEST(PlanDirectory, RefusesWrongIdentitiesNamesAndDates) {
  EXPECT_THAT(Wrong(*City(), R"(
      org_units { org_unit_id: "Jinshui" name: "" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" }
      org_units { org_unit_id: "a" name: "甲" parent_id: "zhengzhou" opened_on { year: 2024 month: 2 day: 30 } }
      org_units { org_unit_id: "a" name: "甲" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
                  opened_on { year: 2024 month: 2 day: 2 } closed_on { year: 2024 month: 2 day: 1 } })"),
              ElementsAre("org_units[0].org_unit_id IDENTIFIER_INVALID", "org_units[0].name REQUIRED",
                          "org_units[2].org_unit_id DUPLICATE", "org_units[1].level REQUIRED",
                          "org_units[1].level LEVEL_NOT_BELOW_PARENT", "org_units[1].opened_on DATE_INVALID",
                          "org_units[2].closed_on DATES_OUT_OF_ORDER"));
  std::string name;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&name, "区");
  const std::string unit =
      R"(org_units { org_unit_id: "a" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" name: ")";
  EXPECT_THAT(Wrong(*City(), absl::StrCat(unit, name, "\" }")), IsEmpty());
  EXPECT_THAT(Wrong(*City(), absl::StrCat(unit, name, "区\" }")),
              ElementsAre("org_units[0].name TEXT_TOO_LONG"));
}

// A unit is open or closed: what closes it ahead of time would close it at once.
TEST(PlanDirectory, UnitClosesTodayAndNeverAhead) {
  const std::string unit = R"(org_units { org_unit_id: "zhongmu" name: "中牟县" level: ORG_UNIT_LEVEL_DISTRICT
      parent_id: "zhengzhou" closed_on { year: 2026 month: 1 day: )";
  EXPECT_THAT(Wrong(*City(), absl::StrCat(unit, "20 } }")), IsEmpty());
  EXPECT_THAT(Wrong(*City(), absl::StrCat(unit, "21 } }")),
              ElementsAre("org_units[0].closed_on DATE_IN_FUTURE"));
}

TEST(PlanDirectory, OneDepartmentForEachFunctionAndUnit) {
  EXPECT_THAT(
      Wrong(*City(), R"(
      departments { department_id: "x" org_unit_id: "jinshui" function: "planning" name: "另一个局" }
      departments { department_id: "y" org_unit_id: "nowhere" function: "fire" name: "无" }
      departments { department_id: "z" org_unit_id: "jinshui" function: "Fire1" name: "无" })"),
      ElementsAre("departments[0].function FUNCTION_TAKEN", "departments[1].org_unit_id ORG_UNIT_UNKNOWN",
                  "departments[2].function IDENTIFIER_INVALID"));
  // The function may move to another department in one request.
  EXPECT_THAT(Wrong(*City(), R"(
      departments { department_id: "x" org_unit_id: "jinshui" function: "planning" name: "另一个局" }
      departments { department_id: "jinshui.planning" org_unit_id: "jinshui" function: "land" name: "土地局" })"),
              IsEmpty());
}

TEST(PlanDirectory, CategoryNeedsItsParent) {
  EXPECT_THAT(Wrong(*City(), R"(
      categories { category_id: "fire.acceptance" name: "消防验收" }
      categories { category_id: "land..x" name: "错" }
      categories { category_id: "land.x.y" name: "错" })"),
              ElementsAre("categories[0].category_id CATEGORY_UNKNOWN",
                          "categories[1].category_id IDENTIFIER_INVALID",
                          "categories[2].category_id CATEGORY_UNKNOWN"));
  EXPECT_THAT(Wrong(*City(), R"(
      categories { category_id: "fire.acceptance" name: "消防验收" }
      categories { category_id: "fire" name: "消防" })"),
              IsEmpty());
}

TEST(PlanDirectory, CalendarVersionGrowsWithItsContent) {
  const std::string calendar = R"(calendar { calendar_id: "city" notice_years: 2026
      overrides { date { year: 2026 month: 1 day: 1 } notice_year: 2026 } version: )";
  EXPECT_THAT(Wrong(*City(), absl::StrCat(calendar, "1 }")),
              ElementsAre("calendar.version VERSION_NOT_GROWN"));
  EXPECT_THAT(Wrong(*City(), absl::StrCat(calendar, "2 }")), IsEmpty());
}

TEST(PlanDirectory, OrderOfDaysIsNoChangeOfTheCalendar) {
  directory::v1::ApplyDirectoryRequest request;
  *request.mutable_calendar() = CityRequest().calendar();
  request.mutable_calendar()->mutable_overrides()->SwapElements(0, 3);
  request.mutable_calendar()->mutable_notice_years()->SwapElements(0, 1);
  const DirectoryPlan plan = PlanDirectory(*City(), request, kTestToday);
  EXPECT_THAT(plan.violations.list(), IsEmpty());
  EXPECT_EQ(plan.unchanged, 1);
}

TEST(PlanDirectory, RefusesWrongCalendars) {
  EXPECT_THAT(
      Wrong(*City(), R"(calendar { calendar_id: "town" version: 9 notice_years: 2026 notice_years: 2026
      overrides { date { year: 2026 month: 1 day: 1 } notice_year: 2026 }
      overrides { date { year: 2026 month: 1 day: 1 } notice_year: 2026 working: true }
      overrides { date { year: 2026 month: 2 day: 30 } notice_year: 2026 }
      overrides { date { year: 2028 month: 2 day: 1 } notice_year: 2026 }
      overrides { date { year: 2025 month: 12 day: 31 } notice_year: 2025 }
      working_spans { start_minute: 540 end_minute: 720 }
      working_spans { start_minute: 700 end_minute: 1020 }
      working_spans { start_minute: 1100 end_minute: 1100 } })"),
      ElementsAre(
          "calendar.calendar_id CALENDAR_ID_UNKNOWN", "calendar.overrides[1].date DUPLICATE",
          "calendar.overrides[2].date DATE_INVALID", "calendar.overrides[3].notice_year NOTICE_YEAR_INVALID",
          "calendar.overrides[4].notice_year NOTICE_YEAR_INVALID", "calendar.notice_years[1] DUPLICATE",
          "calendar.working_spans[1] SPANS_OUT_OF_ORDER", "calendar.working_spans[2] OUT_OF_RANGE"));
}

TEST(PlanDirectory, CalendarNames4000DaysAndNotOneMore) {
  directory::v1::ApplyDirectoryRequest request;
  directory::v1::WorkingCalendar& calendar = *request.mutable_calendar();
  calendar.set_calendar_id("city");
  calendar.set_version(2);
  absl::CivilDay day(2020, 1, 1);
  for (int i = 0; i < 4000; ++i) *calendar.add_overrides()->mutable_date() = DateMessage(day++);
  const DirectoryPlan full = PlanDirectory(*City(), request, kTestToday);
  EXPECT_THAT(full.violations.list(), IsEmpty());
  EXPECT_EQ(full.event.calendar().overrides_size(), 4000);
  *calendar.add_overrides()->mutable_date() = DateMessage(day);
  const DirectoryPlan one_more = PlanDirectory(*City(), request, kTestToday);
  ASSERT_EQ(one_more.violations.list().size(), 1u);
  EXPECT_EQ(one_more.violations.list()[0].field_path, "calendar.overrides");
  EXPECT_EQ(one_more.violations.list()[0].reason, "OUT_OF_RANGE");
}

TEST(PlanDirectory, RefusesWrongForms) {
  EXPECT_THAT(
      Wrong(*City(), R"(
      forms { form_id: "f" name: "表" first_month { year: 2024 month: 5 } last_month { year: 2024 month: 4 }
              due_working_day: 16 due_minute: 1440
              indicators { indicator_id: "a" name: "甲" }
              indicators { indicator_id: "a" name: "" }
              indicators { indicator_id: "B" name: "乙" measure: "no such" } }
      forms { form_id: "g" name: "表" level: ORG_UNIT_LEVEL_DISTRICT due_working_day: 1 })"),
      ElementsAre("forms[0].level REQUIRED", "forms[0].last_month MONTHS_OUT_OF_ORDER",
                  "forms[0].due_working_day OUT_OF_RANGE", "forms[0].due_minute OUT_OF_RANGE",
                  "forms[0].indicators[1].indicator_id DUPLICATE", "forms[0].indicators[1].name REQUIRED",
                  "forms[0].indicators[2].indicator_id IDENTIFIER_INVALID",
                  "forms[0].indicators[2].measure IDENTIFIER_INVALID", "forms[1].first_month MONTH_INVALID",
                  "forms[1].indicators OUT_OF_RANGE"));
}

TEST(PlanDirectory, TakesTwoThousandEntriesAndNoMore) {
  directory::v1::ApplyDirectoryRequest request;
  for (int i = 0; i < 2000; ++i) {
    auto& category = *request.add_categories();
    category.set_category_id(absl::StrCat("c", i));
    category.set_name("类");
  }
  EXPECT_THAT(PlanDirectory(Directory(), request, kTestToday).violations.list(), IsEmpty());
  EXPECT_EQ(PlanDirectory(Directory(), request, kTestToday).changes.size(), 2000u);
  *request.add_categories() = request.categories(0);
  EXPECT_EQ(rpc::ReasonOf(PlanDirectory(Directory(), request, kTestToday).violations.ToStatus()),
            "TOO_MANY_ENTRIES");
}

}  // namespace
}  // namespace zhuqi::intake
