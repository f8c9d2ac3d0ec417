#include "services/intake/directory/directory_lists.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/paging.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using namespace directory::v1;  // NOLINT: the contract of these very lists
using testing::ElementsAre;
using testing::IsEmpty;

// 惠济's former code 410199 is 中牟's since 2024; 花园路 stood below 中牟 and had another name until 2023.
std::shared_ptr<const Directory> CityWithAPast() {
  return After(*City(), RequestFromText(R"(
    org_units { org_unit_id: "huiji" name: "惠济区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      opened_on { year: 2010 month: 1 day: 1 } closed_on { year: 2025 month: 6 day: 30 }
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410199" edition: "2020" valid_to { year: 2023 month: 12 day: 31 } } }
    org_units { org_unit_id: "zhongmu" name: "中牟县" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410122" edition: "2023" }
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410199" edition: "2024" valid_from { year: 2024 month: 1 day: 1 } } }
    org_units { org_unit_id: "huayuanlu" name: "花园路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "jinshui"
      former_parents { parent_id: "zhongmu" until { year: 2023 month: 12 day: 31 } }
      former_names { name: "花园乡" until { year: 2023 month: 12 day: 31 } } }
    teams { team_id: "a" org_unit_id: "jinshui" name: "甲队" }
    teams { team_id: "b" org_unit_id: "huayuanlu" name: "乙队" }
    teams { team_id: "c" org_unit_id: "zhengzhou" name: "丙队" }
    policies { policy_id: "city" org_unit_id: "zhengzhou" title: "市" valid_to { year: 2025 month: 12 day: 31 } }
    policies { policy_id: "district" org_unit_id: "jinshui" title: "区" }
    policies { policy_id: "other" org_unit_id: "zhongmu" title: "县" })"));
}

std::vector<std::string> UnitIds(const Directory& directory, const std::string& request) {
  std::vector<std::string> ids;
  const auto page = ListOrgUnits(directory, FromText<ListOrgUnitsRequest>(request));
  if (!page.ok()) return {rpc::ReasonOf(page.status())};
  for (const auto& unit : page->org_units()) ids.push_back(unit.org_unit_id());
  return ids;
}

constexpr char kThen[] = "as_of { year: 2023 month: 12 day: 31 }";

TEST(ListOrgUnits, TreeOfADayHasItsUnitsNamesAndEdges) {
  const auto city = CityWithAPast();
  EXPECT_THAT(UnitIds(*city, R"(below: "zhongmu")"), ElementsAre("zhongmu"));
  EXPECT_THAT(UnitIds(*city, absl::StrCat(R"(below: "zhongmu" )", kThen)),
              ElementsAre("huayuanlu", "zhongmu"));
  EXPECT_THAT(UnitIds(*city, ""), ElementsAre("huayuanlu", "huiji", "jinshui", "zhengzhou", "zhongmu"));
  EXPECT_THAT(UnitIds(*city, "as_of { year: 2025 month: 7 day: 1 }"),
              ElementsAre("huayuanlu", "jinshui", "zhengzhou", "zhongmu"));
  EXPECT_THAT(UnitIds(*city, "as_of { year: 2009 month: 12 day: 31 }"),
              ElementsAre("huayuanlu", "jinshui", "zhengzhou", "zhongmu"));
  const auto page =
      ListOrgUnits(*city, FromText<ListOrgUnitsRequest>(absl::StrCat(R"(text: "花园乡" )", kThen)));
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->org_units_size(), 1);
  EXPECT_EQ(page->org_units(0).name(), "花园乡");
  EXPECT_EQ(page->org_units(0).parent_id(), "zhongmu");
  EXPECT_THAT(UnitIds(*city, R"(text: "花园乡")"), IsEmpty());
}

TEST(ListOrgUnits, FindsByPartOfTheNameAndByBeginningOfACode) {
  const auto city = CityWithAPast();
  EXPECT_THAT(UnitIds(*city, R"(text: "水")"), ElementsAre("jinshui"));
  EXPECT_THAT(UnitIds(*city, R"(text: "4101")"), ElementsAre("huiji", "jinshui", "zhengzhou", "zhongmu"));
  EXPECT_THAT(UnitIds(*city, R"(text: "１９9")"), IsEmpty());
  EXPECT_THAT(UnitIds(*city, R"(text: "４10199")"), ElementsAre("huiji", "zhongmu"));
  std::string text;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, "区");
  EXPECT_THAT(UnitIds(*city, absl::StrCat("text: \"", text, "\"")), IsEmpty());
  EXPECT_THAT(UnitIds(*city, absl::StrCat("text: \"", text, "区\"")), ElementsAre("TEXT_TOO_LONG"));
}

// What every list reads its page by.
TEST(PageQuery, SizeIsTheDefaultForNoneAndCoercedToTheLargest) {
  const auto size = [](int asked) {
    directory::v1::ListOrgUnitsRequest request;
    request.set_page_size(asked);
    rpc::Violations violations;
    const PageQuery page = ReadPageQuery(request, 50, 500, 1, violations);
    EXPECT_EQ(violations.empty(), asked >= 0);
    return page.size;
  };
  EXPECT_EQ(size(0), 50);
  EXPECT_EQ(size(1), 1);
  EXPECT_EQ(size(500), 500);
  EXPECT_EQ(size(501), 500);
  size(-1);
}

TEST(ListOrgUnits, PagesHaveAHundredRowsByDefaultAndAThousandAtMost) {
  ApplyDirectoryRequest request;
  for (int i = 0; i < 1200; ++i) {
    auto& unit = *request.add_org_units();
    unit.set_org_unit_id(absl::StrCat("town", i));
    unit.set_name("镇");
    unit.set_level(ORG_UNIT_LEVEL_TOWNSHIP);
    unit.set_parent_id("zhongmu");
  }
  const auto city = After(*City(), request);
  EXPECT_EQ(UnitIds(*city, "").size(), 100u);
  EXPECT_EQ(UnitIds(*city, "page_size: 1000").size(), 1000u);
  EXPECT_EQ(UnitIds(*city, "page_size: 1001").size(), 1000u);
  EXPECT_THAT(UnitIds(*city, "page_size: -1"), ElementsAre("PAGE_SIZE_NEGATIVE"));
}

std::string UnitWithCode(const Directory& directory, const std::string& more) {
  const auto found =
      GetOrgUnit(directory, FromText<GetOrgUnitRequest>(absl::StrCat(
                                R"(code { system: CODE_SYSTEM_GB_T_2260 code: "410199" } )", more)));
  return found.ok() ? found->org_unit().org_unit_id() : rpc::ReasonOf(found.status());
}

TEST(GetOrgUnit, CodeThatWasReusedMeansWhoHadItOnTheDay) {
  const auto city = CityWithAPast();
  EXPECT_EQ(UnitWithCode(*city, ""), "zhongmu");
  EXPECT_EQ(UnitWithCode(*city, kThen), "huiji");
  EXPECT_EQ(UnitWithCode(*city, "as_of { year: 2024 month: 1 day: 1 }"), "zhongmu");
}

TEST(GetOrgUnit, WasNotThereBeforeItOpened) {
  const auto city = CityWithAPast();
  const auto get = [&](const std::string& more) {
    return GetOrgUnit(*city, FromText<GetOrgUnitRequest>(absl::StrCat(R"(org_unit_id: "huiji" )", more)));
  };
  EXPECT_TRUE(get("as_of { year: 2010 month: 1 day: 1 }").ok());
  EXPECT_EQ(rpc::ReasonOf(get("as_of { year: 2009 month: 12 day: 31 }").status()), "ORG_UNIT_UNKNOWN");
  EXPECT_TRUE(get("as_of { year: 2025 month: 6 day: 30 }").ok());
  EXPECT_EQ(rpc::ReasonOf(get("as_of { year: 2025 month: 7 day: 1 }").status()), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(get("as_of { year: 2025 month: 2 day: 30 }").status()), "DATE_INVALID");
  const auto then =
      GetOrgUnit(*city, FromText<GetOrgUnitRequest>(absl::StrCat(R"(org_unit_id: "huayuanlu" )", kThen)));
  ASSERT_TRUE(then.ok()) << then.status();
  EXPECT_EQ(then->ancestors(1).org_unit_id(), "zhongmu");
}

TEST(ListTeams, AreOfAUnitAndAllBelowIt) {
  const auto city = CityWithAPast();
  const auto ids = [&](const std::string& request) {
    std::vector<std::string> found;
    const auto page = ListTeams(*city, FromText<ListTeamsRequest>(request));
    if (!page.ok()) return std::vector<std::string>{rpc::ReasonOf(page.status())};
    for (const auto& team : page->teams()) found.push_back(team.team_id());
    return found;
  };
  EXPECT_THAT(ids(""), ElementsAre("a", "b", "c"));
  EXPECT_THAT(ids(R"(org_unit_id: "jinshui")"), ElementsAre("a", "b"));
  EXPECT_THAT(ids(R"(org_unit_id: "nowhere")"), ElementsAre("ORG_UNIT_UNKNOWN"));
}

TEST(ListPolicies, AreThoseThatHoldForAUnitOnADay) {
  const auto city = CityWithAPast();
  const auto ids = [&](const std::string& request) {
    std::vector<std::string> found;
    const auto page = ListPolicies(*city, FromText<ListPoliciesRequest>(request));
    if (!page.ok()) return std::vector<std::string>{rpc::ReasonOf(page.status())};
    for (const auto& policy : page->policies()) found.push_back(policy.policy_id());
    return found;
  };
  EXPECT_THAT(ids(""), ElementsAre("city", "district", "other"));
  EXPECT_THAT(ids(R"(org_unit_id: "huayuanlu")"), ElementsAre("city", "district"));
  EXPECT_THAT(ids(R"(org_unit_id: "huayuanlu" in_force_on { year: 2025 month: 12 day: 31 })"),
              ElementsAre("city", "district"));
  EXPECT_THAT(ids(R"(org_unit_id: "huayuanlu" in_force_on { year: 2026 month: 1 day: 1 })"),
              ElementsAre("district"));
}

TEST(ListCategories, ParentsComeBeforeWhatIsBelowThem) {
  const auto city = City();
  const auto page = ListCategories(*city, FromText<ListCategoriesRequest>(R"(below: "land" page_size: 1)"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->categories(0).category_id(), "land");
  EXPECT_EQ(rpc::ReasonOf(ListCategories(*city, FromText<ListCategoriesRequest>(R"(below: "x")")).status()),
            "CATEGORY_UNKNOWN");
}

TEST(ListCategories, SayTheVersionOfTheirTree) {
  EXPECT_FALSE(ListCategories(*City(), {})->has_tree());
  const auto second = After(*After(*City(), RequestFromText("category_tree { version: 1 }")),
                            RequestFromText("category_tree { version: 2 source: '第二版' }"));
  auto page = ListCategories(*second, FromText<ListCategoriesRequest>("page_size: 1")).value();
  EXPECT_EQ(page.tree().version(), 2);
  EXPECT_EQ(page.tree().source(), "第二版");
  EXPECT_THAT(page.versions(), ElementsAre(1, 2));
  ListCategoriesRequest next;
  next.set_page_size(1);
  next.set_page_token(page.next_page_token());
  EXPECT_TRUE(ListCategories(*second, next)->versions().empty());
}

TEST(GetCalendar, EarlierVersionsStayWithTheNoticeThatTheyComeFrom) {
  const auto city = After(*City(), RequestFromText(R"(calendar { calendar_id: "city" version: 2
      notice_years: 2026 notices { year: 2026 document_number: "国办发明电〔2025〕7号" title: "2026年部分节假日安排"
                                   published_on { year: 2025 month: 11 day: 4 } } })"));
  const auto now = GetCalendar(*city, {});
  ASSERT_TRUE(now.ok()) << now.status();
  EXPECT_THAT(now->versions(), ElementsAre(1, 2));
  EXPECT_EQ(now->calendar().notices(0).document_number(), "国办发明电〔2025〕7号");
  EXPECT_EQ(GetCalendar(*city, FromText<GetCalendarRequest>("version: 1"))->calendar().overrides_size(), 4);
  EXPECT_EQ(rpc::ReasonOf(GetCalendar(*city, FromText<GetCalendarRequest>("version: 3")).status()),
            "CALENDAR_UNKNOWN");
}

TEST(ListForms, AllVersionsByIdentity) {
  const auto forms = ListForms(*City(), {});
  ASSERT_TRUE(forms.ok()) << forms.status();
  EXPECT_EQ(forms->forms(0).version(), 1);
  EXPECT_EQ(rpc::ReasonOf(ListForms(*City(), FromText<ListFormsRequest>(R"(form_id: "x")")).status()),
            "FORM_UNKNOWN");
}

TEST(ListReorganizations, NewestFirstPageByPageAndByUnit) {
  std::shared_ptr<const Directory> city = City();
  for (int i = 0; i < 3; ++i) {
    feed::v1::DirectoryChanged change;
    change.mutable_reorganization()->set_reorganization_id(absl::StrCat("r", i));
    change.mutable_reorganization()->add_operations()->mutable_rename()->set_org_unit_id(i == 1 ? "zhongmu"
                                                                                                : "jinshui");
    city = city->With(change, city->sequence() + 1).value();
  }
  ListReorganizationsRequest request =
      FromText<ListReorganizationsRequest>(R"(page_size: 1 org_unit_id: "jinshui")");
  std::vector<std::string> ids;
  do {
    const auto page = ListReorganizations(*city, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& reorganization : page->reorganizations())
      ids.push_back(reorganization.reorganization_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(ids, ElementsAre("r2", "r0"));
  EXPECT_EQ(ListReorganizations(*city, {})->reorganizations_size(), 3);
  EXPECT_EQ(rpc::ReasonOf(
                ListReorganizations(*city, FromText<ListReorganizationsRequest>("page_size: -1")).status()),
            "PAGE_SIZE_NEGATIVE");
}

}  // namespace
}  // namespace zhuqi::intake
