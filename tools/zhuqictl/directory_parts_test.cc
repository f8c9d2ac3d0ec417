#include "tools/zhuqictl/directory_parts.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::ApplyDirectoryResponse;

void AddUnit(ApplyDirectoryRequest& request, const std::string& id, const std::string& parent) {
  request.add_org_units()->set_org_unit_id(id);
  request.mutable_org_units(request.org_units_size() - 1)->set_parent_id(parent);
}

// 3 provinces, 4 cities in each, 10 districts in each city.
ApplyDirectoryRequest Country() {
  ApplyDirectoryRequest request;
  AddUnit(request, "nation", "");
  for (int p = 0; p < 3; ++p) {
    const std::string province = absl::StrCat("p", p);
    AddUnit(request, province, "nation");
    for (int c = 0; c < 4; ++c) {
      AddUnit(request, absl::StrCat(province, "c", c), province);
      for (int d = 0; d < 10; ++d)
        AddUnit(request, absl::StrCat(province, "c", c, "d", d), absl::StrCat(province, "c", c));
    }
  }
  return request;
}

TEST(DirectoryParts, OneCallWhenAllOfItFits) {
  EXPECT_EQ(DirectoryParts(Country(), 136).size(), 1u);
  EXPECT_EQ(DirectoryParts(ApplyDirectoryRequest()).size(), 1u);
}

TEST(DirectoryParts, EachPartHasWhatItsEntriesReferTo) {
  const ApplyDirectoryRequest whole = Country();
  const auto parts = DirectoryParts(whole, 30);
  EXPECT_LE(parts.size(), 6u);  // few entries are repeated: branches stay together
  std::set<std::string> all;
  for (const ApplyDirectoryRequest& part : parts) {
    EXPECT_LE(DirectoryEntries(part), 30);
    std::set<std::string> here;
    for (const auto& unit : part.org_units()) here.insert(unit.org_unit_id());
    for (const auto& unit : part.org_units()) {
      EXPECT_TRUE(unit.parent_id().empty() || here.contains(unit.parent_id())) << unit.org_unit_id();
    }
    all.insert(here.begin(), here.end());
  }
  EXPECT_EQ(all.size(), 136u);
}

TEST(DirectoryParts, CategoriesOfAVersionAreOneCallWithIt) {
  ApplyDirectoryRequest whole = Country();
  for (int i = 0; i < 20; ++i) whole.add_categories()->set_category_id(absl::StrCat("c", i));
  whole.mutable_category_tree()->set_version(2);
  int versions = 0;
  for (const ApplyDirectoryRequest& part : DirectoryParts(whole, 30)) {
    EXPECT_LE(DirectoryEntries(part), 30);
    EXPECT_EQ(part.has_category_tree(), part.categories_size() > 0);
    if (!part.has_category_tree()) continue;
    EXPECT_EQ(part.categories_size(), 20);
    ++versions;
  }
  EXPECT_EQ(versions, 1);
}

TEST(DirectoryParts, DepartmentsAndTeamsBringTheirUnits) {
  ApplyDirectoryRequest whole = Country();
  whole.mutable_calendar()->set_version(1);
  for (int i = 0; i < 20; ++i) {
    auto& department = *whole.add_departments();
    department.set_department_id(absl::StrCat("x", i));
    department.set_org_unit_id("p1c2d3");
    if (i > 0) department.set_superior_department_id("x0");
    auto& team = *whole.add_teams();
    team.set_team_id(absl::StrCat("t", i));
    team.set_org_unit_id("p1c2d3");
    team.set_department_id(department.department_id());
  }
  const auto parts = DirectoryParts(whole, 40);
  int calendars = 0;
  for (const ApplyDirectoryRequest& part : parts) {
    EXPECT_LE(DirectoryEntries(part), 40);
    calendars += part.has_calendar() ? 1 : 0;
    std::set<std::string> here;
    for (const auto& unit : part.org_units()) here.insert(unit.org_unit_id());
    for (const auto& department : part.departments()) here.insert(department.department_id());
    for (const auto& department : part.departments()) {
      EXPECT_TRUE(here.contains("p1c2d3"));
      EXPECT_TRUE(department.superior_department_id().empty() || here.contains("x0"));
    }
    for (const auto& team : part.teams()) EXPECT_TRUE(here.contains(team.department_id()));
  }
  EXPECT_EQ(calendars, 1);
}

TEST(DirectoryParts, NoMessageGrowsTooLarge) {
  ApplyDirectoryRequest whole = Country();
  for (auto& unit : *whole.mutable_org_units()) unit.set_name(std::string(1000, 'x'));
  for (const ApplyDirectoryRequest& part : DirectoryParts(whole, 2000, 20000))
    EXPECT_LE(part.ByteSizeLong(), 21000u);
}

TEST(DirectoryParts, UnitsInACircleAreLeftToTheService) {
  ApplyDirectoryRequest whole;
  for (int i = 0; i < 10; ++i) AddUnit(whole, absl::StrCat("u", i), absl::StrCat("u", (i + 1) % 10));
  EXPECT_EQ(DirectoryParts(whole, 5).size(), 1u);
}

TEST(MergedAnswer, TellsEachDifferenceOnce) {
  std::vector<ApplyDirectoryResponse> answers(2);
  for (auto& answer : answers) {
    answer.add_changes()->set_resource("org_unit");
    answer.mutable_changes(0)->set_id("nation");
  }
  answers[1].add_changes()->set_id("x");
  answers[1].set_consistency_token("last");
  const ApplyDirectoryResponse merged = MergedAnswer(Country(), answers);
  EXPECT_EQ(merged.changes_size(), 2);
  EXPECT_EQ(merged.unchanged(), 134);
  EXPECT_EQ(merged.consistency_token(), "last");
}

}  // namespace
}  // namespace zhuqi::ctl
