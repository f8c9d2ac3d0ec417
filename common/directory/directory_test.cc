#include "common/directory/directory.h"

#include "common/directory/date_message.h"
#include "gmock/gmock.h"
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
