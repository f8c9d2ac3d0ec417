#include "common/directory/directory.h"

#include "common/directory/date_message.h"
#include "common/directory/unit_code.h"
#include "common/directory/unit_history.h"
#include "common/directory/unit_succession.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace zhuqi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void AddUnit(feed::v1::DirectoryChanged& change, const char* id, const char* parent,
             directory::v1::OrgUnitLevel level) {
  auto* unit = change.add_org_units();
  unit->set_org_unit_id(id);
  unit->set_parent_id(parent);
  unit->set_level(level);
}

feed::v1::DirectoryChanged SmallCity() {
  feed::v1::DirectoryChanged change;
  AddUnit(change, "zhengzhou", "", directory::v1::ORG_UNIT_LEVEL_CITY);
  AddUnit(change, "jinshui", "zhengzhou", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  AddUnit(change, "erqi", "zhengzhou", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  AddUnit(change, "huayuanlu", "jinshui", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  auto* code = change.mutable_org_units(1)->add_codes();
  code->set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
  code->set_code("410105");
  auto* department = change.add_departments();
  department->set_department_id("zhengzhou.planning");
  department->set_org_unit_id("zhengzhou");
  department->set_function("planning");
  return change;
}

std::shared_ptr<const Directory> SmallCityDirectory() { return *Directory().With(SmallCity(), 7); }

TEST(DirectoryTest, TreeIsReadInBothDirections) {
  const auto directory = SmallCityDirectory();
  EXPECT_EQ(directory->sequence(), 7);
  EXPECT_EQ(directory->Root()->org_unit_id(), "zhengzhou");
  EXPECT_THAT(directory->ChildrenOf("zhengzhou"), ElementsAre("erqi", "jinshui"));
  EXPECT_THAT(directory->AncestorsOf("huayuanlu"), ElementsAre("jinshui", "zhengzhou"));
  EXPECT_THAT(directory->SelfAndBelow("jinshui"), ElementsAre("jinshui", "huayuanlu"));
  EXPECT_THAT(directory->SelfAndBelow("nowhere"), IsEmpty());
  EXPECT_TRUE(directory->IsInOrBelow("huayuanlu", "zhengzhou"));
  EXPECT_TRUE(directory->IsInOrBelow("jinshui", "jinshui"));
  EXPECT_FALSE(directory->IsInOrBelow("erqi", "jinshui"));
  EXPECT_FALSE(directory->IsInOrBelow("zhengzhou", ""));
}

TEST(DirectoryTest, UnitIsFoundByCodeEvenAfterTheCodeWasGivenUp) {
  feed::v1::DirectoryChanged change;
  AddUnit(change, "jinshui", "zhengzhou", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  auto* old_code = change.mutable_org_units(0)->add_codes();
  old_code->set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
  old_code->set_code("410105");
  *old_code->mutable_valid_to() = DateMessage(absl::CivilDay(2023, 12, 31));
  const auto directory = *SmallCityDirectory()->With(change, 8);
  ASSERT_NE(directory->FindUnitByCode(directory::v1::CODE_SYSTEM_GB_T_2260, "410105"), nullptr);
  EXPECT_EQ(directory->FindUnitByCode(directory::v1::CODE_SYSTEM_GB_T_2260, "410105")->org_unit_id(),
            "jinshui");
  EXPECT_EQ(directory->FindUnitByCode(directory::v1::CODE_SYSTEM_LOCAL, "410105"), nullptr);
}

TEST(UnitCodeTest, CodeThatWasReusedMeansWhoHadItOnTheDay) {
  feed::v1::DirectoryChanged change;
  const auto give = [&](const char* id, std::optional<absl::CivilDay> from,
                        std::optional<absl::CivilDay> to) {
    AddUnit(change, id, "zhengzhou", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
    auto& code = *change.mutable_org_units(change.org_units_size() - 1)->add_codes();
    code.set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
    code.set_code("410199");
    if (from.has_value()) *code.mutable_valid_from() = DateMessage(*from);
    if (to.has_value()) *code.mutable_valid_to() = DateMessage(*to);
  };
  give("erqi", absl::CivilDay(2024, 1, 1), std::nullopt);
  give("jinshui", std::nullopt, absl::CivilDay(2020, 12, 31));
  const auto directory = *SmallCityDirectory()->With(change, 8);
  const auto holder = [&](absl::CivilDay day) {
    return FindUnitByCodeOn(*directory, directory::v1::CODE_SYSTEM_GB_T_2260, "410199", day)->org_unit_id();
  };
  EXPECT_EQ(holder(absl::CivilDay(2020, 12, 31)), "jinshui");
  EXPECT_EQ(holder(absl::CivilDay(2024, 1, 1)), "erqi");
  // Nobody's in between: the one that has it now is meant.
  EXPECT_EQ(holder(absl::CivilDay(2021, 1, 1)), "erqi");
  EXPECT_EQ(
      FindUnitByCodeOn(*directory, directory::v1::CODE_SYSTEM_LOCAL, "410199", absl::CivilDay(2024, 1, 1)),
      nullptr);
}

TEST(DirectoryTest, DepartmentIsLookedForUpwards) {
  const auto directory = SmallCityDirectory();
  EXPECT_EQ(directory->FindDepartment("huayuanlu", "planning"), nullptr);
  ASSERT_NE(directory->FindDepartmentUpwards("huayuanlu", "planning"), nullptr);
  EXPECT_EQ(directory->FindDepartmentUpwards("huayuanlu", "planning")->department_id(), "zhengzhou.planning");
  EXPECT_EQ(directory->FindDepartmentUpwards("huayuanlu", "fire"), nullptr);
}

TEST(DirectoryTest, TownshipSharesThePartitionOfItsDistrict) {
  const auto directory = SmallCityDirectory();
  EXPECT_EQ(directory->DistrictOf("huayuanlu"), "jinshui");
  EXPECT_EQ(directory->DistrictOf("zhengzhou"), "zhengzhou");
  for (const int32_t partitions : {1, 8, 64}) {
    const int32_t partition = PartitionOf(*directory, "jinshui", partitions);
    EXPECT_EQ(PartitionOf(*directory, "huayuanlu", partitions), partition);
    EXPECT_GE(partition, 1);
    EXPECT_LE(partition, partitions);
  }
}

TEST(DirectoryTest, PartitionOfADistrictNeverChanges) {
  // Stored records depend on these very numbers.
  const auto directory = SmallCityDirectory();
  EXPECT_EQ(PartitionOf(*directory, "jinshui", 8), 5);
  EXPECT_EQ(PartitionOf(*directory, "erqi", 8), 8);
}

TEST(DirectoryTest, SnapshotInHandIsNotTouchedByLaterChanges) {
  const auto before = SmallCityDirectory();
  feed::v1::DirectoryChanged change;
  AddUnit(change, "huiji", "zhengzhou", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  const auto after = *before->With(change, 8);
  EXPECT_EQ(before->FindUnit("huiji"), nullptr);
  EXPECT_NE(after->FindUnit("huiji"), nullptr);
  DirectoryHolder holder;
  holder.Advance(after);
  holder.Advance(before);
  EXPECT_EQ(holder.Get()->sequence(), 8);
}

TEST(DirectoryTest, CategoryIsBelowOnlyAtAWordBoundary) {
  EXPECT_TRUE(IsCategoryInOrBelow("land.change-of-use", "land"));
  EXPECT_TRUE(IsCategoryInOrBelow("land", "land"));
  EXPECT_FALSE(IsCategoryInOrBelow("landscape", "land"));
  EXPECT_FALSE(IsCategoryInOrBelow("land", "land.change-of-use"));
}

TEST(DirectoryTest, EmptyDirectoryKnowsWeekdaysAlone) {
  const Directory directory;
  EXPECT_TRUE(directory.calendar().IsWorkingDay(absl::CivilDay(2024, 1, 24)));
  EXPECT_FALSE(directory.calendar().IsWorkingDay(absl::CivilDay(2024, 1, 27)));
  EXPECT_EQ(directory.calendar_version(), 0);
  EXPECT_EQ(directory.Root(), nullptr);
}

feed::v1::DirectoryChanged ChangeFromText(const std::string& text) {
  feed::v1::DirectoryChanged change;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &change)) << text;
  return change;
}

constexpr absl::CivilDay kBefore(2023, 12, 31);
constexpr absl::CivilDay kAfter(2024, 1, 1);

// The city after 2023: the township 花园路 moved from 金水 to 二七 and changed its name, 惠济 opened, 上街
// closed.
std::shared_ptr<const Directory> ReorganizedCity() {
  return *SmallCityDirectory()->With(ChangeFromText(R"(
      org_units { org_unit_id: "huayuanlu" name: "新名街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "erqi"
        former_parents { parent_id: "jinshui" until { year: 2023 month: 12 day: 31 } }
        former_names { name: "更早" until { year: 2010 month: 6 day: 30 } }
        former_names { name: "花园路街道" until { year: 2023 month: 12 day: 31 } } }
      org_units { org_unit_id: "huiji" name: "惠济区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
        opened_on { year: 2024 month: 1 day: 1 } }
      org_units { org_unit_id: "shangjie" name: "上街区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
        closed_on { year: 2023 month: 12 day: 31 } })"),
                                     8);
}

TEST(UnitHistoryTest, ParentsAndNamesAreThoseOfTheDay) {
  const auto directory = ReorganizedCity();
  const directory::v1::OrgUnit& unit = *directory->FindUnit("huayuanlu");
  EXPECT_EQ(ParentOn(unit, kBefore), "jinshui");
  EXPECT_EQ(ParentOn(unit, kAfter), "erqi");
  EXPECT_EQ(NameOn(unit, absl::CivilDay(2010, 6, 30)), "更早");
  EXPECT_EQ(NameOn(unit, absl::CivilDay(2010, 7, 1)), "花园路街道");
  EXPECT_EQ(NameOn(unit, kAfter), "新名街道");
  const directory::v1::OrgUnit then = AsOf(unit, kBefore);
  EXPECT_EQ(then.name(), "花园路街道");
  EXPECT_EQ(then.parent_id(), "jinshui");
  EXPECT_EQ(then.former_parents_size(), 0);
  EXPECT_EQ(then.former_names_size(), 1);
}

TEST(DirectoryTest, TreeOfADayIsTheTreeOfThen) {
  const auto directory = ReorganizedCity();
  EXPECT_THAT(directory->ChildrenOf("jinshui", kBefore), ElementsAre("huayuanlu"));
  EXPECT_THAT(directory->ChildrenOf("jinshui", kAfter), IsEmpty());
  EXPECT_THAT(directory->ChildrenOf("jinshui"), IsEmpty());
  EXPECT_THAT(directory->ChildrenOf("erqi", kBefore), IsEmpty());
  EXPECT_THAT(directory->ChildrenOf("erqi", kAfter), ElementsAre("huayuanlu"));
  EXPECT_THAT(directory->AncestorsOf("huayuanlu", kBefore), ElementsAre("jinshui", "zhengzhou"));
  EXPECT_THAT(directory->AncestorsOf("huayuanlu"), ElementsAre("erqi", "zhengzhou"));
  EXPECT_TRUE(directory->IsInOrBelow("huayuanlu", "jinshui", kBefore));
  EXPECT_FALSE(directory->IsInOrBelow("huayuanlu", "jinshui"));
  EXPECT_THAT(directory->SelfAndBelow("zhengzhou", kBefore),
              ElementsAre("zhengzhou", "erqi", "jinshui", "shangjie", "huayuanlu"));
  EXPECT_THAT(directory->SelfAndBelow("zhengzhou", kAfter),
              ElementsAre("zhengzhou", "erqi", "huiji", "jinshui", "huayuanlu"));
  // What is closed stays in the tree as it is now.
  EXPECT_EQ(directory->SelfAndBelow("zhengzhou").size(), 6u);
  EXPECT_THAT(directory->SelfAndBelow("huiji", kBefore), IsEmpty());
}

TEST(UnitSuccessionTest, WhoTookOverStandsForAUnitThatEnded) {
  const auto directory = *SmallCityDirectory()->With(ChangeFromText(R"(
      org_units { org_unit_id: "a" parent_id: "zhengzhou" level: ORG_UNIT_LEVEL_DISTRICT closed_on { year: 2020 month: 1 day: 1 }
        successor_ids: "b" successor_ids: "erqi" }
      org_units { org_unit_id: "b" parent_id: "zhengzhou" level: ORG_UNIT_LEVEL_DISTRICT closed_on { year: 2022 month: 1 day: 1 }
        successor_ids: "jinshui" successor_ids: "erqi" }
      org_units { org_unit_id: "c" parent_id: "a" level: ORG_UNIT_LEVEL_TOWNSHIP closed_on { year: 2020 month: 1 day: 1 } })"),
                                                     8);
  EXPECT_THAT(OpenUnitsFor(*directory, "jinshui"), ElementsAre("jinshui"));
  EXPECT_THAT(OpenUnitsFor(*directory, "a"), ElementsAre("jinshui", "erqi"));
  EXPECT_THAT(OpenUnitsFor(*directory, "c"), ElementsAre("zhengzhou"));  // nobody took over
  EXPECT_THAT(OpenUnitsFor(*directory, "nowhere"), IsEmpty());
}

TEST(UnitSuccessionTest, MovedAwayIsWhatStoodAboveOnceAndDoesNoMore) {
  const auto directory = ReorganizedCity();
  EXPECT_TRUE(WasMovedAway(*directory, "huayuanlu", "jinshui"));
  EXPECT_FALSE(WasMovedAway(*directory, "huayuanlu", "erqi"));
  EXPECT_FALSE(WasMovedAway(*directory, "huayuanlu", "zhengzhou"));
  EXPECT_FALSE(WasMovedAway(*directory, "huayuanlu", "huiji"));
}

TEST(DirectoryTest, ClosedDepartmentIsGivenNothingNew) {
  const auto directory = *SmallCityDirectory()->With(ChangeFromText(R"(
      departments { department_id: "zhengzhou.planning" org_unit_id: "zhengzhou" function: "planning"
        closed_on { year: 2023 month: 12 day: 31 } }
      departments { department_id: "zhengzhou.resources" org_unit_id: "zhengzhou" function: "planning" }
      departments { department_id: "jinshui.fire" org_unit_id: "jinshui" function: "fire"
        closed_on { year: 2023 month: 12 day: 31 } })"),
                                                     8);
  EXPECT_EQ(directory->FindDepartment("zhengzhou", "planning")->department_id(), "zhengzhou.resources");
  EXPECT_EQ(directory->FindDepartment("jinshui", "fire"), nullptr);
  EXPECT_NE(directory->FindDepartment("jinshui.fire"), nullptr);
  EXPECT_TRUE(directory->HasFunction("fire"));
  EXPECT_EQ(directory->DepartmentsOf("zhengzhou").size(), 2u);
}

TEST(DirectoryTest, LineOfDepartmentsGoesByNameThenByFunction) {
  const auto directory = *SmallCityDirectory()->With(ChangeFromText(R"(
      departments { department_id: "zhengzhou.approval" org_unit_id: "zhengzhou" function: "approval" }
      departments { department_id: "jinshui.planning" org_unit_id: "jinshui" function: "planning" }
      departments { department_id: "huayuanlu.planning" org_unit_id: "huayuanlu" function: "planning"
        superior_department_id: "zhengzhou.approval"
        former_superiors { parent_id: "zhengzhou.planning" until { year: 2020 month: 12 day: 31 } }
        former_superiors { until { year: 2023 month: 12 day: 31 } } })"),
                                                     8);
  const directory::v1::Department& department = *directory->FindDepartment("huayuanlu.planning");
  EXPECT_EQ(directory->SuperiorOf(department)->department_id(), "zhengzhou.approval");
  EXPECT_EQ(directory->SuperiorOf(department, absl::CivilDay(2020, 12, 31))->department_id(),
            "zhengzhou.planning");
  EXPECT_EQ(directory->SuperiorOf(department, kBefore)->department_id(), "jinshui.planning");
  EXPECT_EQ(directory->SuperiorOf(*directory->FindDepartment("jinshui.planning"))->department_id(),
            "zhengzhou.planning");
  EXPECT_EQ(directory->SuperiorOf(*directory->FindDepartment("zhengzhou.planning")), nullptr);
}

TEST(DirectoryTest, DepartmentThatWasHandedOverIsOfItsFormerUnitOnDaysOfThen) {
  const auto directory = *ReorganizedCity()->With(ChangeFromText(R"(
      departments { department_id: "erqi.planning" org_unit_id: "erqi" function: "planning" }
      departments { department_id: "huayuanlu.planning" org_unit_id: "huayuanlu" function: "planning" }
      departments { department_id: "jinshui.planning" org_unit_id: "zhengzhou" function: "planning"
        former_units { parent_id: "jinshui" until { year: 2023 month: 12 day: 31 } } }
      departments { department_id: "jinshui.tax" org_unit_id: "huiji" function: "tax"
        former_units { parent_id: "erqi" until { year: 2020 month: 12 day: 31 } }
        former_units { parent_id: "jinshui" until { year: 2023 month: 12 day: 31 } } })"),
                                                  9);
  const auto of = [&](const char* unit, absl::CivilDay day) {
    std::vector<std::string> ids;
    for (const auto* department : directory->DepartmentsOf(unit, day)) {
      ids.push_back(department->department_id());
    }
    return ids;
  };
  EXPECT_THAT(of("jinshui", kBefore), ElementsAre("jinshui.planning", "jinshui.tax"));
  EXPECT_THAT(of("jinshui", kAfter), IsEmpty());
  EXPECT_THAT(of("erqi", absl::CivilDay(2020, 12, 31)), ElementsAre("erqi.planning", "jinshui.tax"));
  EXPECT_THAT(of("erqi", kBefore), ElementsAre("erqi.planning"));
  EXPECT_THAT(of("zhengzhou", kBefore), ElementsAre("zhengzhou.planning"));
  EXPECT_THAT(of("zhengzhou", kAfter), ElementsAre("jinshui.planning", "zhengzhou.planning"));
  EXPECT_EQ(UnitOn(*directory->FindDepartment("jinshui.tax"), absl::CivilDay(2021, 1, 1)), "jinshui");
  // The line of departments goes by the units of then, on both ends.
  const directory::v1::Department& below = *directory->FindDepartment("huayuanlu.planning");
  EXPECT_EQ(directory->SuperiorOf(below, kBefore)->department_id(), "jinshui.planning");
  EXPECT_EQ(directory->SuperiorOf(below, kAfter)->department_id(), "erqi.planning");
  EXPECT_EQ(directory->SuperiorOf(*directory->FindDepartment("jinshui.planning"), kBefore)->department_id(),
            "zhengzhou.planning");
}

TEST(DirectoryTest, RetiredCategoryTakesNothingDatedLater) {
  const auto directory = *Directory().With(ChangeFromText(R"(
      categories { category_id: "land" }
      categories { category_id: "tax" retired_on { year: 2023 month: 12 day: 31 } })"),
                                           1);
  EXPECT_TRUE(directory->HasCategory("tax"));
  EXPECT_TRUE(directory->IsCategoryInUse("tax", kBefore));
  EXPECT_FALSE(directory->IsCategoryInUse("tax", kAfter));
  EXPECT_TRUE(directory->IsCategoryInUse("land", kAfter));
  EXPECT_FALSE(directory->IsCategoryInUse("fire", kBefore));
}

TEST(DirectoryTest, FormOfAMonthIsTheVersionInForceThen) {
  const auto directory = *Directory().With(ChangeFromText(R"(
      forms { form_id: "monthly" name: "一" first_month { year: 2024 month: 1 } }
      forms { form_id: "monthly" name: "二" version: 2 first_month { year: 2024 month: 7 }
              last_month { year: 2024 month: 12 } }
      forms { form_id: "monthly" name: "三" version: 3 first_month { year: 2025 month: 3 } })"),
                                           1);
  const auto name = [&](int year, int month) {
    const auto* form = directory->FormFor("monthly", absl::CivilMonth(year, month));
    return form == nullptr ? std::string() : form->name();
  };
  EXPECT_EQ(name(2023, 12), "");
  EXPECT_EQ(name(2024, 1), "一");
  EXPECT_EQ(name(2024, 6), "一");
  EXPECT_EQ(name(2024, 7), "二");
  EXPECT_EQ(name(2024, 12), "二");
  EXPECT_EQ(name(2025, 1), "");
  EXPECT_EQ(name(2025, 3), "三");
  EXPECT_EQ(directory->FormVersion("monthly", 0)->name(), "一");
  EXPECT_EQ(directory->FormVersion("monthly", 1)->name(), "一");
  EXPECT_EQ(directory->FormVersion("monthly", 4), nullptr);
  EXPECT_EQ(directory->forms().at("monthly").name(), "三");
  EXPECT_EQ(directory->form_versions().size(), 3u);
  EXPECT_EQ(directory->FormFor("weekly", absl::CivilMonth(2024, 1)), nullptr);
}

TEST(DirectoryTest, EarlierCalendarsStayReadable) {
  const auto first = *Directory().With(ChangeFromText(R"(calendar { calendar_id: "city" version: 1 })"), 1);
  const auto second =
      *first->With(ChangeFromText(R"(calendar { calendar_id: "city" version: 2 notice_years: 2024 })"), 2);
  EXPECT_EQ(second->calendar_version(), 2);
  EXPECT_EQ(second->CalendarVersion(1)->notice_years_size(), 0);
  EXPECT_EQ(second->CalendarVersion(2)->notice_years_size(), 1);
  EXPECT_EQ(second->CalendarVersion(3), nullptr);
  EXPECT_EQ(first->CalendarVersion(2), nullptr);
}

TEST(DirectoryTest, SeveralChangesAtOnceAreAsOneAfterTheOther) {
  const std::vector<feed::v1::DirectoryChanged> changes = {
      SmallCity(),
      ChangeFromText(R"(calendar { calendar_id: "city" version: 1 })"),
      ChangeFromText(R"(
          org_units { org_unit_id: "jinshui" name: "一" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" }
          reorganization { reorganization_id: "r1" })"),
      ChangeFromText(R"(
          org_units { org_unit_id: "jinshui" name: "二" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" }
          calendar { calendar_id: "city" version: 2 notice_years: 2024 }
          reorganization { reorganization_id: "r2" })"),
  };
  const auto directory = *Directory().With(changes, 4);
  EXPECT_EQ(directory->sequence(), 4);
  EXPECT_EQ(directory->FindUnit("jinshui")->name(), "二");
  EXPECT_EQ(directory->calendars().size(), 2u);
  EXPECT_EQ(directory->calendar_version(), 2);
  ASSERT_EQ(directory->reorganizations().size(), 2u);
  EXPECT_EQ(directory->reorganizations()[0]->reorganization_id(), "r1");
  // And out again: what AsChanges gives makes the same.
  const auto copy = *Directory().With(directory->AsChanges(), 4);
  EXPECT_EQ(copy->units().size(), 4u);
  EXPECT_EQ(copy->FindUnit("jinshui")->name(), "二");
  EXPECT_EQ(copy->calendar_version(), 2);
  EXPECT_EQ(copy->calendars().size(), 2u);
  EXPECT_EQ(copy->reorganizations().size(), 2u);
}

TEST(DirectoryTest, WhatAChangeDoesNotTouchIsNotCopied) {
  const auto before = SmallCityDirectory();
  const auto after = *before->With(ChangeFromText(R"(
          org_units { org_unit_id: "huiji" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou" })"),
                                   8);
  EXPECT_EQ(before->FindUnit("jinshui"), after->FindUnit("jinshui"));
  EXPECT_EQ(before->FindDepartment("zhengzhou.planning"), after->FindDepartment("zhengzhou.planning"));
}

TEST(DateMessageTest, DatesThatDoNotExistAreRefused) {
  common::v1::Date date;
  date.set_year(2023);
  date.set_month(2);
  date.set_day(29);
  EXPECT_FALSE(CivilDayFrom(date).has_value());
  date.set_year(2024);
  EXPECT_EQ(CivilDayFrom(date), absl::CivilDay(2024, 2, 29));
  date.set_year(1999);
  EXPECT_FALSE(CivilDayFrom(date).has_value());
}

TEST(DateMessageTest, InstantsKeepMicroseconds) {
  const absl::Time time = absl::FromUnixMicros(1'706'061'600'123'456);
  EXPECT_EQ(TimeFrom(TimestampMessage(time)), time);
  EXPECT_EQ(TimestampMessage(absl::FromUnixMicros(-1)).nanos(), 999'999'000);
}

}  // namespace
}  // namespace zhuqi
