#include "services/intake/directory/complete_state.h"

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

constexpr char kPolicies[] = R"(
    policies { policy_id: "ended" org_unit_id: "zhengzhou" title: "旧" valid_to { year: 2025 month: 12 day: 31 } }
    policies { policy_id: "rent" org_unit_id: "zhengzhou" title: "房租" }
    policies { policy_id: "tax" org_unit_id: "zhengzhou" title: "税" valid_to { year: 2026 month: 12 day: 31 } })";

// What the plan closes or changes, as "resource:id".
std::vector<std::string> Ended(const DirectoryPlan& plan) {
  std::vector<std::string> ended;
  for (const auto& change : plan.changes) {
    if (change.kind() == directory::v1::DirectoryChange::KIND_CLOSED) {
      ended.push_back(absl::StrCat(change.resource(), ":", change.id()));
    }
  }
  return ended;
}

TEST(CompleteRequest, EndsWhatItLeavesOutAndTakesNothingAway) {
  directory::v1::ApplyDirectoryRequest request = CityRequest();
  request.set_complete(true);
  request.mutable_org_units()->DeleteSubrange(0, 1);    // 花园路街道
  request.mutable_departments()->DeleteSubrange(1, 1);  // the fire department
  request.mutable_categories()->DeleteSubrange(1, 1);   // land.change-of-use
  const DirectoryPlan plan = PlanDirectory(*City(), request, kTestToday);
  EXPECT_THAT(plan.violations.list(), IsEmpty());
  EXPECT_THAT(Ended(plan),
              ElementsAre("org_unit:huayuanlu", "department:zhengzhou.fire", "category:land.change-of-use"));
  const auto after = City()->With(plan.event, 2).value();
  EXPECT_EQ(CivilDayFrom(after->FindUnit("huayuanlu")->closed_on()), kTestToday);
  EXPECT_EQ(after->FindUnit("huayuanlu")->closing_reason(), "left out of a complete directory");
  EXPECT_EQ(after->units().size(), 4u);
  EXPECT_EQ(after->forms().size(), 1u);
  EXPECT_EQ(after->calendar_version(), 1);
  // The same again changes nothing more.
  EXPECT_TRUE(PlanDirectory(*after, request, kTestToday + 30).changes.empty());
}

TEST(CompleteRequest, KindThatIsNotNamedAtAllStays) {
  const auto city = After(*City(), RequestFromText(kPolicies));
  directory::v1::ApplyDirectoryRequest request =
      RequestFromText(R"(policies { policy_id: "rent" org_unit_id: "zhengzhou" title: "房租" })");
  request.set_complete(true);
  const DirectoryPlan plan = PlanDirectory(*city, request, kTestToday);
  EXPECT_THAT(plan.violations.list(), IsEmpty());
  EXPECT_THAT(Ended(plan), ElementsAre("policy:tax"));
  EXPECT_EQ(CivilDayFrom(plan.event.policies(0).valid_to()), kTestToday);
}

TEST(CompleteRequest, PartEndsNothing) {
  EXPECT_TRUE(PlanDirectory(*City(), RequestFromText(R"(
      org_units { org_unit_id: "zhengzhou" name: "郑州市" level: ORG_UNIT_LEVEL_CITY
                  codes { system: CODE_SYSTEM_GB_T_2260 code: "410100" edition: "2023" } })"),
                            kTestToday)
                  .changes.empty());
}

TEST(CompleteRequest, KeepsNoUnitBelowOneThatItLeavesOut) {
  directory::v1::ApplyDirectoryRequest request = CityRequest();
  request.set_complete(true);
  request.mutable_org_units()->DeleteSubrange(1, 1);  // 金水区, but not its township
  EXPECT_THAT(Wrong(*City(), request), ElementsAre("org_units[0].parent_id PARENT_LEFT_OUT"));
}

TEST(CompleteRequest, EndsNoMoreThanOneCallMayChange) {
  directory::v1::ApplyDirectoryRequest categories;
  for (int i = 0; i < 2000; ++i) {
    categories.add_categories()->set_category_id(absl::StrCat("c", i));
    categories.mutable_categories(i)->set_name("类");
  }
  const auto directory = After(Directory(), categories);
  directory::v1::ApplyDirectoryRequest request;
  request.set_complete(true);
  *request.add_categories() = categories.categories(0);
  EXPECT_THAT(Wrong(*directory, request), IsEmpty());
  request.mutable_categories(0)->set_category_id("other");
  EXPECT_THAT(Wrong(*directory, request), ElementsAre("complete TOO_MANY_ENTRIES"));
}

}  // namespace
}  // namespace zhuqi::intake
