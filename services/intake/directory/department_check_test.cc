#include "services/intake/directory/department_check.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Departments, LineLeadsUpTheLevels) {
  EXPECT_THAT(Wrong(*City(), R"(
      departments { department_id: "huayuanlu.fire" org_unit_id: "huayuanlu" function: "fire" name: "消防所"
                    superior_department_id: "zhengzhou.fire" })"),
              IsEmpty());
  EXPECT_THAT(Wrong(*City(), R"(
      departments { department_id: "zhongmu.planning" org_unit_id: "zhongmu" function: "planning" name: "规划局"
                    superior_department_id: "jinshui.planning" }
      departments { department_id: "zhongmu.fire" org_unit_id: "zhongmu" function: "fire" name: "消防"
                    superior_department_id: "nowhere" })"),
              ElementsAre("departments[0].superior_department_id SUPERIOR_NOT_ABOVE",
                          "departments[1].superior_department_id DEPARTMENT_UNKNOWN"));
}

TEST(Departments, FormerSuperiorsEndedOneAfterTheOther) {
  const std::string department = R"(departments { department_id: "jinshui.fire" org_unit_id: "jinshui"
      function: "fire" name: "消防" superior_department_id: "zhengzhou.fire" )";
  EXPECT_THAT(Wrong(*City(), absl::StrCat(department, R"(
      former_superiors { until { year: 2019 month: 12 day: 31 } }
      former_superiors { parent_id: "zhengzhou.fire" until { year: 2026 month: 1 day: 19 } } })")),
              IsEmpty());
  EXPECT_THAT(Wrong(*City(), absl::StrCat(department, R"(
      former_superiors { parent_id: "jinshui.fire" until { year: 2020 month: 1 day: 2 } }
      former_superiors { parent_id: "nowhere" until { year: 2020 month: 1 day: 2 } }
      former_superiors { until { year: 2026 month: 1 day: 20 } } })")),
              ElementsAre("departments[0].former_superiors[1].until DATES_OUT_OF_ORDER",
                          "departments[0].former_superiors[2].until DATE_IN_FUTURE",
                          "departments[0].former_superiors[0].parent_id CIRCLE",
                          "departments[0].former_superiors[1].parent_id DEPARTMENT_UNKNOWN"));
}

TEST(Departments, FormerUnitsAreKnownAndEndedOneAfterTheOther) {
  const std::string department = R"(departments { department_id: "jinshui.fire" org_unit_id: "jinshui"
      function: "fire" name: "消防" )";
  EXPECT_THAT(Wrong(*City(), absl::StrCat(department, R"(
      former_units { parent_id: "jinshui" until { year: 2019 month: 12 day: 31 } }
      former_units { parent_id: "zhongmu" until { year: 2026 month: 1 day: 19 } } })")),
              IsEmpty());
  EXPECT_THAT(Wrong(*City(), absl::StrCat(department, R"(
      former_units { parent_id: "zhongmu" until { year: 2020 month: 1 day: 2 } }
      former_units { parent_id: "nowhere" until { year: 2020 month: 1 day: 2 } }
      former_units { until { year: 2026 month: 1 day: 20 } } })")),
              ElementsAre("departments[0].former_units[1].until DATES_OUT_OF_ORDER",
                          "departments[0].former_units[2].until DATE_IN_FUTURE",
                          "departments[0].former_units[1].parent_id ORG_UNIT_UNKNOWN",
                          "departments[0].former_units[2].parent_id ORG_UNIT_UNKNOWN"));
}

TEST(Departments, HaveAHundredFormerUnitsAndNoMore) {
  directory::v1::ApplyDirectoryRequest request = RequestFromText(
      R"(departments { department_id: "jinshui.fire" org_unit_id: "jinshui" function: "fire" name: "消防" })");
  const auto add = [&](absl::CivilDay until) {
    auto& former = *request.mutable_departments(0)->add_former_units();
    former.set_parent_id("zhongmu");
    *former.mutable_until() = DateMessage(until);
  };
  for (int i = 0; i < 100; ++i) add(absl::CivilDay(2020, 1, 1) + i);
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  add(absl::CivilDay(2021, 1, 1));
  EXPECT_THAT(Wrong(*City(), request), ElementsAre("departments[0].former_units OUT_OF_RANGE"));
}

TEST(Departments, HaveAHundredFormerSuperiorsAndNoMore) {
  directory::v1::ApplyDirectoryRequest request;
  auto& department = *request.add_departments();
  department.set_department_id("jinshui.fire");
  department.set_org_unit_id("jinshui");
  department.set_function("fire");
  department.set_name("消防");
  for (int i = 0; i < 100; ++i) {
    *department.add_former_superiors()->mutable_until() = DateMessage(absl::CivilDay(2020, 1, 1) + i);
  }
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  *department.add_former_superiors()->mutable_until() = DateMessage(absl::CivilDay(2021, 1, 1));
  EXPECT_THAT(Wrong(*City(), request), ElementsAre("departments[0].former_superiors OUT_OF_RANGE"));
}

TEST(Departments, ClosedOneGivesItsFunctionAway) {
  const std::string closed = R"(departments { department_id: "jinshui.planning" org_unit_id: "jinshui"
      function: "planning" name: "金水区资源规划局" closed_on { year: 2026 month: 1 day: )";
  const std::string other = R"(departments { department_id: "jinshui.resources" org_unit_id: "jinshui"
      function: "planning" name: "自然资源局" })";
  EXPECT_THAT(Wrong(*City(), absl::StrCat(closed, "20 } }", other)), IsEmpty());
  EXPECT_THAT(Wrong(*City(), absl::StrCat(closed, "21 } }")),
              ElementsAre("departments[0].closed_on DATE_IN_FUTURE"));
}

std::string TeamText(const std::string& fields) {
  return absl::StrCat(R"(teams { team_id: "jinshui.mobile" org_unit_id: "jinshui" name: "流动服务队" )",
                      fields, "}");
}

TEST(Teams, AreOfAUnitAndOfADepartmentOfIt) {
  EXPECT_THAT(
      Wrong(*City(), TeamText(R"(department_id: "jinshui.planning" member_principal_ids: "clerk:1")")),
      IsEmpty());
  EXPECT_THAT(Wrong(*City(), TeamText(R"(department_id: "zhengzhou.fire")")),
              ElementsAre("teams[0].department_id DEPARTMENT_OF_ANOTHER_UNIT"));
  EXPECT_THAT(Wrong(*City(), TeamText(R"(department_id: "nowhere")")),
              ElementsAre("teams[0].department_id DEPARTMENT_UNKNOWN"));
  EXPECT_THAT(Wrong(*City(), TeamText("gives_assistance: true")),
              ElementsAre("teams[0].department_id DEPARTMENT_REQUIRED"));
  EXPECT_THAT(Wrong(*City(), TeamText(R"(gives_assistance: true department_id: "jinshui.planning")")),
              IsEmpty());
  EXPECT_THAT(Wrong(*City(), R"(teams { team_id: "Team" org_unit_id: "nowhere" })"),
              ElementsAre("teams[0].team_id IDENTIFIER_INVALID", "teams[0].name REQUIRED",
                          "teams[0].org_unit_id ORG_UNIT_UNKNOWN"));
}

TEST(Teams, MakeTwoVisitsADayUnlessTheySayOtherwise) {
  const auto city = After(*City(), RequestFromText(TeamText("")));
  EXPECT_EQ(city->FindTeam("jinshui.mobile")->visits_a_day(), 2);
  EXPECT_THAT(Wrong(*City(), TeamText("visits_a_day: 1")), IsEmpty());
  EXPECT_THAT(Wrong(*City(), TeamText("visits_a_day: 50")), IsEmpty());
  for (const char* visits : {"visits_a_day: 51", "visits_a_day: -1"}) {
    EXPECT_THAT(Wrong(*City(), TeamText(visits)), ElementsAre("teams[0].visits_a_day OUT_OF_RANGE"));
  }
}

TEST(Teams, HaveAHundredMembersAndNoMore) {
  directory::v1::ApplyDirectoryRequest request = RequestFromText(TeamText(""));
  for (int i = 0; i < 100; ++i) request.mutable_teams(0)->add_member_principal_ids(absl::StrCat("clerk:", i));
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  request.mutable_teams(0)->add_member_principal_ids("clerk:100");
  EXPECT_THAT(Wrong(*City(), request), ElementsAre("teams[0].member_principal_ids OUT_OF_RANGE"));
  EXPECT_THAT(
      Wrong(*City(),
            TeamText(R"(member_principal_ids: "a" member_principal_ids: "a" member_principal_ids: "张三")")),
      ElementsAre("teams[0].member_principal_ids[1] DUPLICATE",
                  "teams[0].member_principal_ids[2] IDENTIFIER_INVALID"));
}

TEST(Teams, StayAwayInSpansThatDoNotOverlap) {
  directory::v1::ApplyDirectoryRequest request = RequestFromText(TeamText(""));
  for (int i = 0; i < 366; ++i) {
    auto& span = *request.mutable_teams(0)->add_unavailable();
    *span.mutable_first() = DateMessage(absl::CivilDay(2026, 1, 1) + i);
    *span.mutable_last() = span.first();
  }
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  *request.mutable_teams(0)->add_unavailable() = request.teams(0).unavailable(0);
  EXPECT_THAT(Wrong(*City(), request), ElementsAre("teams[0].unavailable OUT_OF_RANGE"));
  EXPECT_THAT(Wrong(*City(), TeamText(R"(
      unavailable { first { year: 2026 month: 2 day: 1 } last { year: 2026 month: 2 day: 3 } }
      unavailable { first { year: 2026 month: 2 day: 3 } last { year: 2026 month: 2 day: 2 } }
      unavailable { first { year: 2026 month: 2 day: 30 } last { year: 2026 month: 3 day: 1 } })")),
              ElementsAre("teams[0].unavailable[1].last DATES_OUT_OF_ORDER",
                          "teams[0].unavailable[1].first SPANS_OUT_OF_ORDER",
                          "teams[0].unavailable[2].first DATE_INVALID"));
}

}  // namespace
}  // namespace zhuqi::intake
