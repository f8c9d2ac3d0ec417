#include "tools/zhuqictl/directory_file.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::ApplyDirectoryRequest;

absl::StatusOr<ApplyDirectoryRequest> Read(const std::string& text,
                                           const DirectoryFileOptions& options = {}) {
  std::istringstream input(text);
  return DirectoryFromCsv(input, options);
}

TEST(DirectoryFromCsv, ReadsThePublishedListWithAColumnMap) {
  DirectoryFileOptions options;
  options.columns = {{"parent", "parent_code"}};
  options.defaults = {{"code_system", "nbs"}, {"code_edition", "2023"}};
  options.id_prefix = "cn-";
  const auto request = Read(
      "code,name,parent,level\n000000,全国,,NATION\n410000,河南省,000000,PROVINCE\n410171,经济技术开发区,"
      "410000,DISTRICT\n",
      options);
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->org_units_size(), 3);
  EXPECT_EQ(request->org_units(0).parent_id(), "");
  const auto& unit = request->org_units(2);
  EXPECT_EQ(unit.org_unit_id(), "cn-410171");
  EXPECT_EQ(unit.name(), "经济技术开发区");
  EXPECT_EQ(unit.parent_id(), "cn-410000");
  EXPECT_EQ(unit.level(), directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  EXPECT_EQ(unit.codes(0).code(), "410171");
  EXPECT_EQ(unit.codes(0).system(), directory::v1::CODE_SYSTEM_NBS);
  EXPECT_EQ(unit.codes(0).edition(), "2023");
}

TEST(DirectoryFromCsv, UnitMayHaveARowForEachCode) {
  const auto two = Read(
      "org_unit_id,name,level,parent_id,code,code_system,code_edition,code_valid_from,code_valid_to\n"
      "jinshui,金水区,district,zhengzhou,410105,gb_t_2260,2022,,2023-12-31\n"
      "jinshui,金水区,district,zhengzhou,410199,gb_t_2260,2024,2024-01-01,\n");
  ASSERT_TRUE(two.ok()) << two.status();
  ASSERT_EQ(two->org_units_size(), 1);
  ASSERT_EQ(two->org_units(0).codes_size(), 2);
  EXPECT_EQ(two->org_units(0).codes(0).valid_to().year(), 2023);
  EXPECT_EQ(two->org_units(0).codes(1).valid_from().year(), 2024);
}

TEST(DirectoryFromCsv, RowsAreWhatTheirColumnsSay) {
  const auto departments = Read(
      "department_id,org_unit_id,function,name,superior_department_id\njinshui.planning,jinshui,planning,"
      "规划局,zhengzhou.planning\n");
  ASSERT_TRUE(departments.ok()) << departments.status();
  EXPECT_EQ(departments->departments(0).superior_department_id(), "zhengzhou.planning");
  const auto categories = Read("category_id,name,retired_on\nland,用地,2025-12-31\n");
  ASSERT_TRUE(categories.ok()) << categories.status();
  EXPECT_EQ(categories->categories(0).retired_on().month(), 12);
}

TEST(DirectoryFromCsv, NamesLineAndColumnOfWhatItCanNotRead) {
  EXPECT_EQ(Read("name,level\n金水区,district\n二七区,nowhere\n").status().message().substr(0, 14),
            "line 3: level:");
  EXPECT_THAT(std::string(Read("naem\n").status().message()), testing::HasSubstr("--map naem=COLUMN"));
  EXPECT_THAT(std::string(Read("name,name\n").status().message()), testing::HasSubstr("twice"));
  DirectoryFileOptions options;
  options.defaults = {{"nmae", "x"}};
  EXPECT_THAT(std::string(Read("name\n", options).status().message()), testing::HasSubstr("--set"));
  EXPECT_FALSE(Read("").ok());
}

}  // namespace
}  // namespace zhuqi::ctl
