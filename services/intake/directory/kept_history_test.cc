#include "services/intake/directory/kept_history.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/unit_history.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// 金水区 as a list of last month has it.
std::string Jinshui(const std::string& fields = "") {
  return absl::StrCat(R"(org_units { org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT
      parent_id: "zhengzhou" codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" } )",
                      fields, " }");
}

std::string Huayuanlu(const std::string& fields) {
  return absl::StrCat(
      R"(org_units { org_unit_id: "huayuanlu" name: "花园路街道" level: ORG_UNIT_LEVEL_TOWNSHIP )", fields,
      " }");
}

std::string Department(const std::string& fields) {
  return absl::StrCat(R"(departments { department_id: "jinshui.planning" function: "planning"
      name: "金水区资源规划局" )",
                      fields, " }");
}

// What the request changes: nothing is wrong with it.
std::vector<std::string> Changed(const Directory& directory, const std::string& text) {
  const DirectoryPlan plan = PlanDirectory(directory, RequestFromText(text), kTestToday);
  EXPECT_THAT(plan.violations.list(), IsEmpty()) << plan.violations.ToStatus();
  std::vector<std::string> changed;
  for (const auto& change : plan.changes) changed.push_back(change.id());
  return changed;
}

constexpr char kMerge[] = R"(operations { merge { org_unit_ids: "jinshui" successor_id: "zhongmu" } })";
constexpr char kRename[] = R"(operations { rename { org_unit_id: "jinshui" name: "金水新区" } })";
constexpr char kMove[] = R"(operations { move { org_unit_id: "huayuanlu" parent_id: "zhongmu" } })";
constexpr char kRecode[] = R"(operations { recode { org_unit_id: "jinshui"
    code { system: CODE_SYSTEM_GB_T_2260 code: "410199" edition: "2023" } } })";

TEST(KeptHistory, UnitThatWasMergedStaysMerged) {
  const auto merged = Reorganized(*City(), kMerge);
  EXPECT_THAT(Changed(*merged, Jinshui()), IsEmpty());
  // What differs otherwise is changed, and nothing else.
  const auto after = After(*merged, RequestFromText(Jinshui("opened_on { year: 2001 month: 1 day: 1 }")));
  const directory::v1::OrgUnit& unit = *after->FindUnit("jinshui");
  EXPECT_EQ(CivilDayFrom(unit.closed_on()), absl::CivilDay(2026, 1, 4));
  EXPECT_EQ(unit.closing_reason(), "merged into zhongmu: 豫政〔2026〕1号");
  EXPECT_THAT(unit.successor_ids(), ElementsAre("zhongmu"));
  EXPECT_EQ(CivilDayFrom(unit.codes(0).valid_to()), absl::CivilDay(2026, 1, 4));
}

TEST(KeptHistory, EndThatWasSaidIsNotSaidOtherwise) {
  const auto merged = Reorganized(*City(), kMerge);
  EXPECT_THAT(
      Wrong(
          *merged,
          Jinshui(
              R"(closed_on { year: 2026 month: 1 day: 5 } closing_reason: "撤销" successor_ids: "zhengzhou")")),
      ElementsAre("org_units[0].closed_on HISTORY_LOST", "org_units[0].closing_reason HISTORY_LOST",
                  "org_units[0].successor_ids HISTORY_LOST"));
  // What was not said of it may be.
  const auto closed = After(*City(), RequestFromText(Jinshui("closed_on { year: 2026 month: 1 day: 5 }")));
  EXPECT_THAT(Changed(*closed, Jinshui(R"(closing_reason: "撤销" successor_ids: "zhongmu")")),
              ElementsAre("jinshui"));
}

TEST(KeptHistory, FormerParentsAndNamesAreTakenOverWhenNoneAreGiven) {
  const auto after = Reorganized(*City(), absl::StrCat(kRename, kMove));
  EXPECT_THAT(
      Changed(*after, R"(org_units { org_unit_id: "jinshui" name: "金水新区" level: ORG_UNIT_LEVEL_DISTRICT
      parent_id: "zhengzhou" })"),
      IsEmpty());
  EXPECT_THAT(Changed(*after, Huayuanlu(R"(parent_id: "zhongmu")")), IsEmpty());
}

TEST(KeptHistory, NameAndParentChangeWithTheirLastDayAlone) {
  EXPECT_THAT(
      Wrong(*City(), R"(org_units { org_unit_id: "huayuanlu" name: "新名" level: ORG_UNIT_LEVEL_TOWNSHIP
      parent_id: "zhongmu" })"),
      ElementsAre("org_units[0].parent_id HISTORY_LOST", "org_units[0].name HISTORY_LOST"));
  const std::string closed =
      R"(org_units { org_unit_id: "huayuanlu" name: "新名" level: ORG_UNIT_LEVEL_TOWNSHIP
      parent_id: "zhongmu" former_parents { parent_id: "jinshui" until { year: 2026 month: 1 day: 9 } }
      former_names { name: "花园路街道" until { year: 2026 month: 1 day: 9 } } })";
  const auto after = After(*City(), RequestFromText(closed));
  EXPECT_EQ(NameOn(*after->FindUnit("huayuanlu"), absl::CivilDay(2026, 1, 9)), "花园路街道");
  EXPECT_THAT(Changed(*after, closed), IsEmpty());
  // Back again needs the last day of what is so now: the one of before is not that.
  EXPECT_THAT(Wrong(*after, Huayuanlu(R"(parent_id: "jinshui")")),
              ElementsAre("org_units[0].parent_id HISTORY_LOST", "org_units[0].name HISTORY_LOST"));
}

TEST(KeptHistory, WordsSayWhereToTurn) {
  const DirectoryPlan plan =
      PlanDirectory(*City(), RequestFromText(Huayuanlu(R"(parent_id: "zhongmu")")), kTestToday);
  ASSERT_EQ(plan.violations.list().size(), 1u);
  EXPECT_THAT(plan.violations.list()[0].english, testing::HasSubstr("ReorganizeOrgUnits"));
  EXPECT_THAT(plan.violations.list()[0].chinese, testing::HasSubstr("ReorganizeOrgUnits"));
}

TEST(KeptHistory, FormerOnesAreAddedToAndNeverTakenAwayOrChanged) {
  const auto after = Reorganized(*City(), absl::StrCat(kRename, kMove));
  const std::string unit =
      R"(org_units { org_unit_id: "jinshui" name: "金水新区" level: ORG_UNIT_LEVEL_DISTRICT
      parent_id: "zhengzhou" )";
  const std::string stored = R"(former_names { name: "金水区" until { year: 2026 month: 1 day: 4 } } )";
  EXPECT_THAT(
      Changed(*after,
              absl::StrCat(unit, R"(former_names { name: "郊区" until { year: 2003 month: 1 day: 31 } } )",
                           stored, "}")),
      ElementsAre("jinshui"));
  EXPECT_THAT(
      Wrong(*after,
            absl::StrCat(unit, R"(former_names { name: "金水区" until { year: 2026 month: 1 day: 3 } } })")),
      ElementsAre("org_units[0].former_names HISTORY_LOST"));
  EXPECT_THAT(Wrong(*after, Huayuanlu(R"(parent_id: "zhongmu"
                  former_parents { parent_id: "zhengzhou" until { year: 2020 month: 1 day: 1 } })")),
              ElementsAre("org_units[0].former_parents HISTORY_LOST"));
}

TEST(KeptHistory, CodesThatAreLeftOutStayAndEndedOnesStayAsTheyWere) {
  const auto after = Reorganized(*City(), kRecode);
  EXPECT_THAT(Changed(*after, Jinshui()), IsEmpty());
  const std::string unit = R"(org_units { org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT
      parent_id: "zhengzhou" )";
  EXPECT_THAT(Changed(*after, unit + "}"), IsEmpty());
  // The new one alone, and both in another order.
  const std::string recoded = R"(codes { system: CODE_SYSTEM_GB_T_2260 code: "410199" edition: "2023" } )";
  EXPECT_THAT(Changed(*after, absl::StrCat(unit, recoded, "}")), IsEmpty());
  EXPECT_THAT(Changed(*after, absl::StrCat(unit, recoded, R"(
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" } })")),
              IsEmpty());
  EXPECT_THAT(
      Wrong(*after, Jinshui(R"(codes { system: CODE_SYSTEM_GB_T_2260 code: "410199" edition: "2023" })")),
      IsEmpty());
  EXPECT_THAT(
      Wrong(*after, absl::StrCat(unit, R"(codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023"
                  valid_to { year: 2026 month: 1 day: 3 } } })")),
      ElementsAre("org_units[0].codes[0] HISTORY_LOST"));
}

TEST(KeptHistory, CodeIsReplacedWithItsLastDayAlone) {
  const std::string unit = R"(org_units { org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT
      parent_id: "zhengzhou" codes { system: CODE_SYSTEM_GB_T_2260 code: "410199" edition: "2023" )";
  EXPECT_THAT(Wrong(*City(), unit + "} }"), ElementsAre("org_units[0].codes[0] HISTORY_LOST"));
  EXPECT_THAT(Changed(*City(), absl::StrCat(unit, R"(valid_from { year: 2026 month: 1 day: 5 } }
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" valid_to { year: 2026 month: 1 day: 4 } } })")),
              ElementsAre("jinshui"));
  // A code of another list goes beside it.
  const auto after = After(*City(), RequestFromText(R"(org_units { org_unit_id: "jinshui" name: "金水区"
      level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" codes { system: CODE_SYSTEM_LOCAL code: "JS" } })"));
  EXPECT_EQ(after->FindUnit("jinshui")->codes_size(), 2);
}

TEST(KeptHistory, DirectoryMayGrowUpwards) {
  EXPECT_THAT(Changed(*City(), R"(
      org_units { org_unit_id: "henan" name: "河南省" level: ORG_UNIT_LEVEL_PROVINCE }
      org_units { org_unit_id: "zhengzhou" name: "郑州市" level: ORG_UNIT_LEVEL_CITY parent_id: "henan" })"),
              ElementsAre("henan", "zhengzhou"));
}

TEST(KeptHistory, DepartmentsKeepFormerUnitsAndSuperiorsAndTheirEnd) {
  const auto city = After(*City(), RequestFromText(R"(
      departments { department_id: "zhengzhou.approval" org_unit_id: "zhengzhou" function: "approval" name: "审批局" }
      departments { department_id: "jinshui.planning" org_unit_id: "jinshui" function: "planning" name: "金水区资源规划局"
                    superior_department_id: "zhengzhou.approval"
                    former_superiors { parent_id: "zhengzhou.fire" until { year: 2020 month: 1 day: 1 } } })"));
  const std::string superior = R"( superior_department_id: "zhengzhou.approval")";
  EXPECT_THAT(Changed(*city, Department(R"(org_unit_id: "jinshui")" + superior)), IsEmpty());
  EXPECT_THAT(Wrong(*city, Department(R"(org_unit_id: "zhongmu" superior_department_id: "zhengzhou.fire")")),
              ElementsAre("departments[0].superior_department_id HISTORY_LOST",
                          "departments[0].org_unit_id HISTORY_LOST"));
  EXPECT_THAT(Wrong(*city, Department(absl::StrCat(R"(org_unit_id: "jinshui")", superior, R"(
                  former_superiors { until { year: 2020 month: 1 day: 1 } })"))),
              ElementsAre("departments[0].former_superiors HISTORY_LOST"));
  const auto merged = Reorganized(*city, kMerge);
  EXPECT_THAT(Changed(*merged, Department(R"(org_unit_id: "zhongmu")" + superior)), IsEmpty());
  EXPECT_THAT(Wrong(*merged, Department(R"(org_unit_id: "jinshui")" + superior)),
              ElementsAre("departments[0].org_unit_id HISTORY_LOST"));
  const auto closed =
      After(*city, RequestFromText(Department(absl::StrCat(
                       R"(org_unit_id: "jinshui" closed_on { year: 2026 month: 1 day: 9 })", superior))));
  EXPECT_THAT(Changed(*closed, Department(R"(org_unit_id: "jinshui")" + superior)), IsEmpty());
}

TEST(KeptHistory, TeamsStayDissolvedAndDoNotGoBackToAUnitThatEnded) {
  const std::string team = R"(teams { team_id: "mobile" org_unit_id: "jinshui" name: "流动服务队" )";
  const auto city = After(*City(), RequestFromText(team + "}"));
  EXPECT_THAT(Wrong(*Reorganized(*city, kMerge), team + "}"),
              ElementsAre("teams[0].org_unit_id ORG_UNIT_CLOSED"));
  const auto dissolved = After(*city, RequestFromText(team + "closed_on { year: 2026 month: 1 day: 9 } }"));
  EXPECT_THAT(Changed(*dissolved, team + "}"), IsEmpty());
}

TEST(KeptHistory, CompleteRequestTakesNoHistoryAway) {
  directory::v1::ApplyDirectoryRequest request = CityRequest();
  request.set_complete(true);
  const auto recoded = Reorganized(*City(), kRecode);
  EXPECT_TRUE(PlanDirectory(*recoded, request, kTestToday).changes.empty());
  // What a complete request left out once does not open again when a later one names it.
  directory::v1::ApplyDirectoryRequest without = request;
  without.mutable_org_units()->DeleteSubrange(0, 1);
  EXPECT_TRUE(PlanDirectory(*After(*City(), without), request, kTestToday).changes.empty());
}

// A trap: last month's list is applied again.
TEST(KeptHistory, ZhengzhouPackAgainAfterReorganizationsDoesNoHarm) {
  std::ifstream file(ZHUQI_ZHENGZHOU_DIRECTORY);
  std::stringstream text;
  text << file.rdbuf();
  const directory::v1::ApplyDirectoryRequest pack = RequestFromText(text.str());
  ASSERT_GT(pack.org_units_size(), 16);
  const auto city = After(Directory(), pack);
  const auto after =
      Reorganized(*city, absl::StrCat(kRecode, R"(operations { close { org_unit_id: "shangjie" } })"));
  const DirectoryPlan again = PlanDirectory(*after, pack, kTestToday);
  EXPECT_THAT(again.violations.list(), IsEmpty()) << again.violations.ToStatus();
  EXPECT_TRUE(again.changes.empty());
  // What it would undo is refused as a whole, and named.
  EXPECT_THAT(Wrong(*Reorganized(*after, kRename), pack), ElementsAre("org_units[4].name HISTORY_LOST"));
}

}  // namespace
}  // namespace zhuqi::intake
