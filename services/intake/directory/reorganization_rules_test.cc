#include "services/intake/directory/reorganization_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/unit_code.h"
#include "common/directory/unit_history.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The city of CityRequest, with 二七区 beside 金水区, one more township, departments on both sides and two
// teams.
std::shared_ptr<const Directory> LargerCity() {
  return After(*City(), RequestFromText(R"(
    org_units { org_unit_id: "erqi" name: "二七区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410103" edition: "2023" } }
    org_units { org_unit_id: "wenhualu" name: "文化路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "jinshui" }
    departments { department_id: "erqi.planning" org_unit_id: "erqi" function: "planning" name: "二七区资源规划局" }
    departments { department_id: "jinshui.tax" org_unit_id: "jinshui" function: "tax" name: "金水区税务局" }
    departments { department_id: "huayuanlu.planning" org_unit_id: "huayuanlu" function: "planning" name: "花园路规划所"
                  superior_department_id: "jinshui.planning" }
    teams { team_id: "jinshui.mobile" org_unit_id: "jinshui" name: "流动服务队" }
    teams { team_id: "jinshui.land" org_unit_id: "jinshui" department_id: "jinshui.planning" name: "用地服务队" }
  )"));
}

// "path REASON" of everything that is wrong with the operations on top of `directory`.
std::vector<std::string> WrongReorganization(const Directory& directory,
                                             const directory::v1::ReorganizeOrgUnitsRequest& request) {
  const absl::StatusOr<DirectoryPlan> plan = Plan(directory, request);
  if (plan.ok()) return {};
  const auto bad = rpc::BadRequestOf(plan.status());
  if (!bad.has_value()) return {rpc::ReasonOf(plan.status())};
  std::vector<std::string> wrong;
  for (const auto& violation : bad->field_violations()) {
    wrong.push_back(absl::StrCat(violation.field(), " ",
                                 violation.description().substr(0, violation.description().find(':'))));
  }
  return wrong;
}

std::vector<std::string> WrongReorganization(const Directory& directory, const std::string& operations) {
  return WrongReorganization(directory, ReorganizationFromText(operations));
}

TEST(Reorganize, RenameKeepsTheFormerNameWithItsLastDay) {
  const auto after =
      Reorganized(*LargerCity(), R"(operations { rename { org_unit_id: "jinshui" name: "金水新区" } })");
  const auto& unit = *after->FindUnit("jinshui");
  EXPECT_EQ(NameOn(unit, kOld), "金水区");
  EXPECT_EQ(NameOn(unit, kNew), "金水新区");
  ASSERT_EQ(after->reorganizations().size(), 1u);
  EXPECT_EQ(after->reorganizations()[0]->actor(), "clerk");
  EXPECT_EQ(after->reorganizations()[0]->reason(), "豫政〔2026〕1号");
}

TEST(Reorganize, RecodeEndsTheFormerCodeTheDayBeforeAndBothFindTheUnit) {
  const auto after = Reorganized(*LargerCity(), R"(operations { recode { org_unit_id: "jinshui"
      code { system: CODE_SYSTEM_GB_T_2260 code: "410199" edition: "2023" } } })");
  const auto& codes = after->FindUnit("jinshui")->codes();
  ASSERT_EQ(codes.size(), 2);
  EXPECT_EQ(CivilDayFrom(codes[0].valid_to()), kOld);
  EXPECT_EQ(CivilDayFrom(codes[1].valid_from()), kNew);
  EXPECT_FALSE(codes[1].has_valid_to());
  for (const char* code : {"410105", "410199"}) {
    EXPECT_EQ(after->FindUnitByCode(directory::v1::CODE_SYSTEM_GB_T_2260, code)->org_unit_id(), "jinshui");
  }
}

TEST(Reorganize, CodesMayBeSwappedInOneGo) {
  const auto after = Reorganized(*LargerCity(), R"(
      operations { recode { org_unit_id: "jinshui" code { system: CODE_SYSTEM_GB_T_2260 code: "410103" edition: "2023" } } }
      operations { recode { org_unit_id: "erqi" code { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" } } })");
  const auto holder = [&](absl::CivilDay day) {
    return FindUnitByCodeOn(*after, directory::v1::CODE_SYSTEM_GB_T_2260, "410105", day)->org_unit_id();
  };
  EXPECT_EQ(holder(kOld), "jinshui");
  EXPECT_EQ(holder(kNew), "erqi");
  // One alone would leave two units with one code.
  EXPECT_THAT(WrongReorganization(*LargerCity(), R"(operations { recode { org_unit_id: "jinshui"
                  code { system: CODE_SYSTEM_GB_T_2260 code: "410103" edition: "2023" } } })"),
              ElementsAre("operations[0].recode.code.code CODE_IN_USE"));
}

TEST(Reorganize, MovedUnitTakesWhatIsBelowItAndHistoryStaysWhereItWas) {
  const auto after =
      Reorganized(*LargerCity(), R"(operations { move { org_unit_id: "huayuanlu" parent_id: "erqi" } })");
  EXPECT_THAT(after->AncestorsOf("huayuanlu"), ElementsAre("erqi", "zhengzhou"));
  EXPECT_THAT(after->AncestorsOf("huayuanlu", kOld), ElementsAre("jinshui", "zhengzhou"));
  EXPECT_THAT(after->ChildrenOf("jinshui", kOld), ElementsAre("huayuanlu", "wenhualu"));
  EXPECT_THAT(after->ChildrenOf("jinshui", kNew), ElementsAre("wenhualu"));
}

TEST(Reorganize, MergeHandsOverWhatIsBelowAndTheHistoryStays) {
  const auto after =
      Reorganized(*LargerCity(), R"(operations { merge { org_unit_ids: "jinshui" successor_id: "erqi" } })");
  const auto& ended = *after->FindUnit("jinshui");
  EXPECT_EQ(CivilDayFrom(ended.closed_on()), kOld);
  EXPECT_EQ(ended.closing_reason(), "merged into erqi: 豫政〔2026〕1号");
  EXPECT_THAT(ended.successor_ids(), ElementsAre("erqi"));
  EXPECT_EQ(CivilDayFrom(ended.codes(0).valid_to()), kOld);
  EXPECT_THAT(after->ChildrenOf("erqi"), ElementsAre("huayuanlu", "wenhualu"));
  EXPECT_THAT(after->SelfAndBelow("jinshui", kOld), ElementsAre("jinshui", "huayuanlu", "wenhualu"));
  // The successor had the function already: the department ends, and those below it and its team follow.
  EXPECT_EQ(CivilDayFrom(after->FindDepartment("jinshui.planning")->closed_on()), kOld);
  const auto& below = *after->FindDepartment("huayuanlu.planning");
  EXPECT_EQ(below.superior_department_id(), "erqi.planning");
  EXPECT_EQ(NamedSuperiorOn(below, kOld), "jinshui.planning");
  EXPECT_EQ(after->FindTeam("jinshui.land")->department_id(), "erqi.planning");
  EXPECT_EQ(after->FindTeam("jinshui.land")->org_unit_id(), "erqi");
  EXPECT_EQ(after->FindTeam("jinshui.mobile")->org_unit_id(), "erqi");
  // What it had not goes over as it is.
  EXPECT_EQ(after->FindDepartment("jinshui.tax")->org_unit_id(), "erqi");
  EXPECT_FALSE(after->FindDepartment("jinshui.tax")->has_closed_on());
}

// Ids of the unit's departments on the day.
std::vector<std::string> DepartmentsOn(const Directory& directory, const char* unit, absl::CivilDay day) {
  std::vector<std::string> ids;
  for (const auto* department : directory.DepartmentsOf(unit, day))
    ids.push_back(department->department_id());
  return ids;
}

TEST(Reorganize, DepartmentThatIsHandedOverWasOfItsUnitUntilTheLastDay) {
  const auto after =
      Reorganized(*LargerCity(), R"(operations { merge { org_unit_ids: "jinshui" successor_id: "erqi" } })");
  EXPECT_THAT(DepartmentsOn(*after, "jinshui", kOld), ElementsAre("jinshui.planning", "jinshui.tax"));
  EXPECT_THAT(DepartmentsOn(*after, "erqi", kOld), ElementsAre("erqi.planning"));
  EXPECT_THAT(DepartmentsOn(*after, "jinshui", kNew), IsEmpty());
  EXPECT_THAT(DepartmentsOn(*after, "erqi", kNew), ElementsAre("erqi.planning", "jinshui.tax"));
  // The line of then: the township named it, and it was of the township's district.
  EXPECT_EQ(after->SuperiorOf(*after->FindDepartment("huayuanlu.planning"), kOld)->department_id(),
            "jinshui.planning");
}

TEST(Reorganize, DepartmentIsNotHandedOverBeforeItWasHandedOver) {
  const auto after =
      Reorganized(*LargerCity(), R"(operations { merge { org_unit_ids: "jinshui" successor_id: "erqi" } })");
  auto earlier =
      ReorganizationFromText(R"(operations { merge { org_unit_ids: "erqi" successor_id: "zhongmu" } })");
  // The townships came over on the same day as the department.
  earlier.mutable_effective_on()->set_day(4);
  const std::vector<std::string> wrong = WrongReorganization(*after, earlier);
  EXPECT_THAT(wrong, Contains("effective_on EFFECTIVE_ON_TOO_EARLY"));
  EXPECT_THAT(wrong, Each("effective_on EFFECTIVE_ON_TOO_EARLY"));
  // On the same day it goes on at once, and no span of no days is left.
  const absl::StatusOr<DirectoryPlan> plan = Plan(
      *after,
      ReorganizationFromText(R"(operations { merge { org_unit_ids: "erqi" successor_id: "zhongmu" } })"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto twice = after->With(plan->event, after->sequence() + 1).value();
  EXPECT_THAT(DepartmentsOn(*twice, "jinshui", kOld), ElementsAre("jinshui.planning", "jinshui.tax"));
  EXPECT_THAT(DepartmentsOn(*twice, "zhongmu", kNew), ElementsAre("erqi.planning", "jinshui.tax"));
  EXPECT_EQ(twice->FindDepartment("jinshui.tax")->former_units_size(), 1);
}

TEST(Reorganize, TwoUnitsMergeIntoANewOneThatGetsTheCodeOfOneOfThem) {
  const auto after = Reorganized(*LargerCity(), R"(
      operations { create { org_unit_id: "zhongyuan-new" name: "中心区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
        codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" } } }
      operations { merge { org_unit_ids: "jinshui" org_unit_ids: "erqi" successor_id: "zhongyuan-new" } })");
  EXPECT_EQ(CivilDayFrom(after->FindUnit("zhongyuan-new")->opened_on()), kNew);
  EXPECT_THAT(after->ChildrenOf("zhongyuan-new"), ElementsAre("huayuanlu", "wenhualu"));
  const auto holder = [&](absl::CivilDay day) {
    return FindUnitByCodeOn(*after, directory::v1::CODE_SYSTEM_GB_T_2260, "410105", day)->org_unit_id();
  };
  EXPECT_EQ(holder(kOld), "jinshui");
  EXPECT_EQ(holder(kNew), "zhongyuan-new");
  // The first of the two that came over keeps the function.
  EXPECT_EQ(after->FindDepartment("zhongyuan-new", "planning")->department_id(), "jinshui.planning");
  EXPECT_TRUE(after->FindDepartment("erqi.planning")->has_closed_on());
}

constexpr char kHeirs[] = R"(
    operations { create { org_unit_id: "jinshui-n" name: "金水北区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" } }
    operations { create { org_unit_id: "jinshui-s" name: "金水南区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" } })";

// A trap: a split that moves all history to one heir.
TEST(Reorganize, SplitSharesOutWhatWasBelowAndNoHeirGetsTheHistory) {
  const auto after =
      Reorganized(*LargerCity(), absl::StrCat(kHeirs, R"(operations { split { org_unit_id: "jinshui"
      heirs { org_unit_id: "jinshui-n" child_unit_ids: "huayuanlu" department_ids: "jinshui.planning" team_ids: "jinshui.land" }
      heirs { org_unit_id: "jinshui-s" child_unit_ids: "wenhualu" department_ids: "jinshui.tax" team_ids: "jinshui.mobile" } } })"));
  const auto& ended = *after->FindUnit("jinshui");
  EXPECT_EQ(CivilDayFrom(ended.closed_on()), kOld);
  EXPECT_THAT(ended.successor_ids(), ElementsAre("jinshui-n", "jinshui-s"));
  EXPECT_THAT(after->ChildrenOf("jinshui-n"), ElementsAre("huayuanlu"));
  EXPECT_THAT(after->ChildrenOf("jinshui-s"), ElementsAre("wenhualu"));
  EXPECT_THAT(after->SelfAndBelow("jinshui", kOld), ElementsAre("jinshui", "huayuanlu", "wenhualu"));
  EXPECT_THAT(after->SelfAndBelow("jinshui-n", kOld), IsEmpty());
  EXPECT_EQ(after->FindDepartment("jinshui.tax")->org_unit_id(), "jinshui-s");
  EXPECT_EQ(after->FindTeam("jinshui.land")->org_unit_id(), "jinshui-n");
}

TEST(Reorganize, SplitNamesEachThingExactlyOnce) {
  EXPECT_THAT(
      WrongReorganization(*LargerCity(), absl::StrCat(kHeirs, R"(operations { split { org_unit_id: "jinshui"
      heirs { org_unit_id: "jinshui-n" child_unit_ids: "huayuanlu" child_unit_ids: "zhongmu" department_ids: "jinshui.planning" }
      heirs { org_unit_id: "jinshui-s" child_unit_ids: "huayuanlu" department_ids: "jinshui.tax" team_ids: "jinshui.mobile" } } })")),
      UnorderedElementsAre("operations[2].split.heirs[0].child_unit_ids[1] NOT_OF_UNIT",
                           "operations[2].split.heirs[1].child_unit_ids[0] DUPLICATE",
                           "operations[2].split.heirs CHILD_UNASSIGNED",
                           "operations[2].split.heirs TEAM_UNASSIGNED"));
  EXPECT_THAT(
      WrongReorganization(*LargerCity(), absl::StrCat(kHeirs, R"(operations { split { org_unit_id: "jinshui"
      heirs { org_unit_id: "jinshui-n" } } })")),
      ElementsAre("operations[2].split.heirs OUT_OF_RANGE"));
  EXPECT_THAT(
      WrongReorganization(*LargerCity(), absl::StrCat(kHeirs, R"(operations { split { org_unit_id: "jinshui"
      heirs { org_unit_id: "jinshui-n" } heirs { org_unit_id: "jinshui-n" } } })")),
      ElementsAre("operations[2].split.heirs[1].org_unit_id DUPLICATE"));
}

TEST(Reorganize, TeamStaysWithItsDepartment) {
  EXPECT_THAT(
      WrongReorganization(*LargerCity(), absl::StrCat(kHeirs, R"(operations { split { org_unit_id: "jinshui"
      heirs { org_unit_id: "jinshui-n" child_unit_ids: "huayuanlu" child_unit_ids: "wenhualu"
              department_ids: "jinshui.planning" department_ids: "jinshui.tax" }
      heirs { org_unit_id: "jinshui-s" team_ids: "jinshui.mobile" team_ids: "jinshui.land" } } })")),
      ElementsAre("operations[2].split.heirs DEPARTMENT_OF_ANOTHER_UNIT"));
}

TEST(Reorganize, ClosedUnitHasNothingOpenBelow) {
  EXPECT_THAT(WrongReorganization(*LargerCity(), R"(operations { close { org_unit_id: "jinshui" } })"),
              ElementsAre("operations[0].close.org_unit_id OPEN_UNIT_BELOW"));
  const auto after = Reorganized(*LargerCity(), R"(
      operations { close { org_unit_id: "huayuanlu" } } operations { close { org_unit_id: "wenhualu" } }
      operations { close { org_unit_id: "jinshui" } })");
  EXPECT_EQ(after->FindUnit("jinshui")->closing_reason(), "豫政〔2026〕1号");
  EXPECT_TRUE(after->FindDepartment("jinshui.tax")->has_closed_on());
  EXPECT_TRUE(after->FindTeam("jinshui.mobile")->has_closed_on());
  EXPECT_THAT(WrongReorganization(*after, R"(operations { rename { org_unit_id: "jinshui" name: "又来" } })"),
              ElementsAre("UNIT_CLOSED"));
}

TEST(Reorganize, LaterOperationsSeeWhatEarlierOnesDid) {
  // 花园路 goes to 二七 first, so 金水 can close once 文化路 has gone too.
  const auto after = Reorganized(*LargerCity(), R"(
      operations { move { org_unit_id: "huayuanlu" parent_id: "erqi" } }
      operations { merge { org_unit_ids: "wenhualu" successor_id: "huayuanlu" } }
      operations { close { org_unit_id: "jinshui" } })");
  EXPECT_TRUE(after->FindUnit("jinshui")->has_closed_on());
  EXPECT_THAT(after->FindUnit("wenhualu")->successor_ids(), ElementsAre("huayuanlu"));
}

TEST(Reorganize, NothingChangesBeforeAChangeThatWasMade) {
  const auto after =
      Reorganized(*LargerCity(), R"(operations { move { org_unit_id: "huayuanlu" parent_id: "erqi" } })");
  auto earlier =
      ReorganizationFromText(R"(operations { move { org_unit_id: "huayuanlu" parent_id: "zhongmu" } })");
  earlier.mutable_effective_on()->set_day(4);
  EXPECT_THAT(WrongReorganization(*after, earlier), ElementsAre("effective_on EFFECTIVE_ON_TOO_EARLY"));
  // On the same day it is put right, and no span of no days is left.
  auto same =
      ReorganizationFromText(R"(operations { move { org_unit_id: "huayuanlu" parent_id: "zhongmu" } })");
  const absl::StatusOr<DirectoryPlan> plan = Plan(*after, same);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->event.org_units(0).former_parents_size(), 1);
  EXPECT_EQ(plan->event.org_units(0).parent_id(), "zhongmu");
}

TEST(Reorganize, UnitDoesNotEndBeforeWhatWasBelowItLeft) {
  const auto after =
      Reorganized(*LargerCity(), R"(operations { move { org_unit_id: "huayuanlu" parent_id: "erqi" } })");
  auto merge =
      ReorganizationFromText(R"(operations { merge { org_unit_ids: "jinshui" successor_id: "erqi" } })");
  EXPECT_TRUE(Plan(*after, merge).ok());
  merge.mutable_effective_on()->set_day(4);
  EXPECT_THAT(WrongReorganization(*after, merge), ElementsAre("effective_on EFFECTIVE_ON_TOO_EARLY"));
}

TEST(Reorganize, UnitDoesNotEndBeforeItsDepartmentLeft) {
  const auto after = After(*LargerCity(), RequestFromText(R"(
      departments { department_id: "huayuanlu.planning" org_unit_id: "wenhualu" function: "planning"
                    name: "花园路规划所" superior_department_id: "jinshui.planning"
                    former_units { parent_id: "huayuanlu" until { year: 2026 month: 1 day: 5 } } })"));
  auto close = ReorganizationFromText(R"(operations { close { org_unit_id: "huayuanlu" } })");
  EXPECT_THAT(WrongReorganization(*after, close), ElementsAre("effective_on EFFECTIVE_ON_TOO_EARLY"));
  close.mutable_effective_on()->set_day(6);
  EXPECT_TRUE(Plan(*after, close).ok());
}

TEST(Reorganize, UnitThatMovesOnItsFirstDayNeverStoodElsewhere) {
  const auto created = Reorganized(*LargerCity(), R"(operations { create {
      org_unit_id: "new" name: "新街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "jinshui" } })");
  const auto after = Reorganized(*created, R"(operations { move { org_unit_id: "new" parent_id: "erqi" } })");
  const directory::v1::OrgUnit& unit = *after->FindUnit("new");
  EXPECT_EQ(unit.former_parents_size(), 0);
  EXPECT_EQ(ParentOn(unit, kNew), "erqi");
  EXPECT_FALSE(ExistedOn(unit, kOld));
}

TEST(Reorganize, TakesEffectTodayAndNeverAhead) {
  auto request = ReorganizationFromText(R"(operations { rename { org_unit_id: "jinshui" name: "新名" } })");
  *request.mutable_effective_on() = DateMessage(kTestToday);
  EXPECT_THAT(WrongReorganization(*LargerCity(), request), IsEmpty());
  *request.mutable_effective_on() = DateMessage(kTestToday + 1);
  EXPECT_THAT(WrongReorganization(*LargerCity(), request), ElementsAre("effective_on DATE_IN_FUTURE"));
}

TEST(Reorganize, NeedsGroundsADateAndSomethingToDo) {
  EXPECT_THAT(WrongReorganization(*LargerCity(), directory::v1::ReorganizeOrgUnitsRequest()),
              ElementsAre("effective_on DATE_INVALID", "reason REQUIRED", "operations OUT_OF_RANGE"));
  EXPECT_THAT(WrongReorganization(*LargerCity(), "operations { }"), ElementsAre("operations[0] REQUIRED"));
  auto request = ReorganizationFromText(R"(operations { rename { org_unit_id: "jinshui" name: "新名" } })");
  std::string reason;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&reason, "文");
  request.set_reason(reason);
  EXPECT_THAT(WrongReorganization(*LargerCity(), request), IsEmpty());
  request.set_reason(reason + "文");
  EXPECT_THAT(WrongReorganization(*LargerCity(), request), ElementsAre("reason TEXT_TOO_LONG"));
}

TEST(Reorganize, TakesAHundredOperationsAndNoMore) {
  directory::v1::ReorganizeOrgUnitsRequest request = ReorganizationFromText("");
  for (int i = 0; i < 100; ++i) {
    auto& rename = *request.add_operations()->mutable_rename();
    rename.set_org_unit_id("jinshui");
    rename.set_name(absl::StrCat("第", i, "名"));
  }
  const absl::StatusOr<DirectoryPlan> plan = Plan(*LargerCity(), request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->event.org_units(0).former_names_size(), 1);
  *request.add_operations() = request.operations(0);
  EXPECT_THAT(WrongReorganization(*LargerCity(), request), ElementsAre("operations OUT_OF_RANGE"));
}

TEST(Reorganize, MergesFiftyUnitsAndNoMore) {
  directory::v1::ApplyDirectoryRequest towns;
  directory::v1::ReorganizeOrgUnitsRequest request =
      ReorganizationFromText("operations { merge { successor_id: \"wenhualu\" } }");
  for (int i = 0; i < 51; ++i) {
    auto& unit = *towns.add_org_units();
    unit.set_org_unit_id(absl::StrCat("town", i));
    unit.set_name("镇");
    unit.set_level(directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
    unit.set_parent_id("jinshui");
    if (i < 50) request.mutable_operations(0)->mutable_merge()->add_org_unit_ids(unit.org_unit_id());
  }
  const auto city = After(*LargerCity(), towns);
  EXPECT_THAT(WrongReorganization(*city, request), IsEmpty());
  request.mutable_operations(0)->mutable_merge()->add_org_unit_ids("town50");
  EXPECT_THAT(WrongReorganization(*city, request),
              ElementsAre("operations[0].merge.org_unit_ids OUT_OF_RANGE"));
}

TEST(Reorganize, SplitHasFiftyHeirsAndNoMore) {
  directory::v1::ApplyDirectoryRequest towns;
  directory::v1::ReorganizeOrgUnitsRequest request =
      ReorganizationFromText("operations { split { org_unit_id: \"wenhualu\" } }");
  for (int i = 0; i < 51; ++i) {
    auto& unit = *towns.add_org_units();
    unit.set_org_unit_id(absl::StrCat("town", i));
    unit.set_name("镇");
    unit.set_level(directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
    unit.set_parent_id("jinshui");
    if (i < 50) {
      request.mutable_operations(0)->mutable_split()->add_heirs()->set_org_unit_id(unit.org_unit_id());
    }
  }
  const auto city = After(*LargerCity(), towns);
  EXPECT_THAT(WrongReorganization(*city, request), IsEmpty());
  request.mutable_operations(0)->mutable_split()->add_heirs()->set_org_unit_id("town50");
  EXPECT_THAT(WrongReorganization(*city, request), ElementsAre("operations[0].split.heirs OUT_OF_RANGE"));
}

TEST(Reorganize, SuccessorIsOpenAnotherUnitAndOfTheSameLevel) {
  EXPECT_THAT(WrongReorganization(*LargerCity(), R"(
      operations { merge { org_unit_ids: "jinshui" successor_id: "jinshui" } }
      operations { merge { org_unit_ids: "jinshui" successor_id: "wenhualu" } }
      operations { merge { org_unit_ids: "jinshui" successor_id: "nowhere" } }
      operations { merge { successor_id: "erqi" } })"),
              ElementsAre("operations[0].merge.successor_id SUCCESSOR_ENDS",
                          "operations[1].merge.successor_id LEVEL_DIFFERS",
                          "operations[2].merge.successor_id ORG_UNIT_UNKNOWN",
                          "operations[3].merge.org_unit_ids REQUIRED"));
}

TEST(Reorganize, RootStaysWhereItIs) {
  EXPECT_THAT(WrongReorganization(*LargerCity(), R"(
      operations { close { org_unit_id: "zhengzhou" } }
      operations { move { org_unit_id: "zhengzhou" parent_id: "jinshui" } }
      operations { create { org_unit_id: "x" name: "新" level: ORG_UNIT_LEVEL_CITY } })"),
              ElementsAre("operations[0].close.org_unit_id ROOT_ENDS",
                          "operations[1].move.parent_id LEVEL_NOT_BELOW_PARENT",
                          "operations[2].create.parent_id SECOND_ROOT"));
}

TEST(Reorganize, WhatChangesNothingIsRefused) {
  EXPECT_THAT(
      WrongReorganization(*LargerCity(), R"(
      operations { rename { org_unit_id: "jinshui" name: "金水区" } }
      operations { move { org_unit_id: "jinshui" parent_id: "zhengzhou" } }
      operations { recode { org_unit_id: "jinshui" code { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" } } })"),
      ElementsAre("operations[0].rename.name NAME_UNCHANGED", "operations[1].move.parent_id PARENT_UNCHANGED",
                  "operations[2].recode.code.code CODE_UNCHANGED"));
}

TEST(Reorganize, NewUnitHasNoPast) {
  EXPECT_THAT(WrongReorganization(*LargerCity(), R"(
      operations { create { org_unit_id: "jinshui" name: "又" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" } }
      operations { create { org_unit_id: "a" name: "甲" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
                            opened_on { year: 2025 month: 1 day: 1 } } }
      operations { create { org_unit_id: "b" name: "乙" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
                            former_names { name: "丙" until { year: 2025 month: 1 day: 1 } } } })"),
              ElementsAre("operations[0].create.org_unit_id ORG_UNIT_EXISTS",
                          "operations[1].create.opened_on NOT_EFFECTIVE_ON",
                          "operations[2].create NEW_UNIT_HAS_PAST"));
}

TEST(Reorganize, WhatIsWrongWithTheOutcomeIsToldOfTheOperation) {
  EXPECT_THAT(WrongReorganization(*LargerCity(), R"(
      operations { rename { org_unit_id: "erqi" name: "二七新区" } }
      operations { create { org_unit_id: "x" name: "新" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
        codes { system: CODE_SYSTEM_GB_T_2260 code: "41010" edition: "2023" } } })"),
              ElementsAre("operations[1].create.codes[0].code DIVISION_CODE_WRONG_LENGTH"));
}

TEST(NamesUnit, IsTrueForEveryPartThatAUnitHas) {
  const auto after =
      Reorganized(*LargerCity(), absl::StrCat(kHeirs, R"(operations { split { org_unit_id: "jinshui"
      heirs { org_unit_id: "jinshui-n" child_unit_ids: "huayuanlu" department_ids: "jinshui.planning" team_ids: "jinshui.land" }
      heirs { org_unit_id: "jinshui-s" child_unit_ids: "wenhualu" department_ids: "jinshui.tax" team_ids: "jinshui.mobile" } } })"));
  const auto& reorganization = *after->reorganizations()[0];
  for (const char* id : {"jinshui", "jinshui-n", "huayuanlu", "zhengzhou"}) {
    EXPECT_TRUE(NamesUnit(reorganization, id)) << id;
  }
  EXPECT_FALSE(NamesUnit(reorganization, "erqi"));
}

}  // namespace
}  // namespace zhuqi::intake
