#include "services/intake/directory/difference.h"

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

// "field: before -> after" of each.
template <typename Message>
std::vector<std::string> Differences(const std::string& before, const std::string& after) {
  std::vector<std::string> texts;
  for (const Difference& difference : DifferencesOf(FromText<Message>(before), FromText<Message>(after))) {
    texts.push_back(absl::StrCat(difference.field, ": ", difference.before, " -> ", difference.after));
  }
  return texts;
}

TEST(Differences, AreToldFieldByField) {
  using directory::v1::OrgUnit;
  EXPECT_THAT(
      Differences<OrgUnit>(
          R"(name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT)",
          R"(name: "金水新区" level: ORG_UNIT_LEVEL_TOWNSHIP closed_on { year: 2026 month: 1 day: 4 })"),
      ElementsAre("name: 金水区 -> 金水新区", "level: ORG_UNIT_LEVEL_DISTRICT -> ORG_UNIT_LEVEL_TOWNSHIP",
                  "closed_on:  -> 2026-01-04"));
  EXPECT_THAT(Differences<OrgUnit>(R"(name: "a")", R"(name: "a")"), IsEmpty());
}

TEST(Differences, EntryInFrontDoesNotMakeAllOthersDiffer) {
  using directory::v1::WorkingCalendar;
  const std::string first = "overrides { date { year: 2026 month: 1 day: 1 } notice_year: 2026 }";
  const std::string second = "overrides { date { year: 2026 month: 1 day: 2 } notice_year: 2026 working: ";
  EXPECT_THAT(Differences<WorkingCalendar>(second + "false }", first + second + "true }"),
              ElementsAre("overrides[0]:  -> {date: 2026-01-01, notice_year: 2026}",
                          "overrides[1].working:  -> true"));
  EXPECT_THAT(Differences<WorkingCalendar>(first + second + "true }", second + "true }"),
              ElementsAre("overrides[0]: {date: 2026-01-01, notice_year: 2026} -> "));
}

TEST(Differences, CodeThatEndsIsTheSameCode) {
  EXPECT_THAT(
      Differences<directory::v1::OrgUnit>(
          R"(codes { system: CODE_SYSTEM_LOCAL code: "A" })",
          R"(codes { system: CODE_SYSTEM_LOCAL code: "A" valid_to { year: 2026 month: 1 day: 4 } }
                     codes { system: CODE_SYSTEM_LOCAL code: "B" })"),
      ElementsAre("codes[0].valid_to:  -> 2026-01-04", "codes[1]:  -> {system: CODE_SYSTEM_LOCAL, code: B}"));
}

TEST(Differences, OtherOrderIsOneDifferenceOfTheWholeList) {
  EXPECT_THAT(Differences<directory::v1::Team>(R"(member_principal_ids: "a" member_principal_ids: "b")",
                                               R"(member_principal_ids: "b" member_principal_ids: "a")"),
              ElementsAre("member_principal_ids: [a, b] -> [b, a]"));
}

TEST(Differences, OfOneChangeAreAtMostAHundredAndShort) {
  directory::v1::ApplyDirectoryRequest request;
  *request.add_policies() =
      FromText<directory::v1::Policy>(R"(policy_id: "p" org_unit_id: "zhengzhou" title: "一")");
  std::string benefit;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&benefit, "惠");
  const auto city = After(*City(), request);
  request.mutable_policies(0)->set_benefit(benefit);
  const DirectoryPlan plan = PlanDirectory(*city, request, kTestToday);
  ASSERT_EQ(plan.changes.size(), 1u);
  EXPECT_EQ(plan.changes[0].differences(0).field(), "benefit");
  EXPECT_EQ(plan.changes[0].differences(0).after().size(), 600u);  // 200 characters of three bytes

  directory::v1::ApplyDirectoryRequest calendar = CityRequest();
  calendar.clear_org_units();
  calendar.clear_departments();
  calendar.clear_categories();
  calendar.clear_forms();
  calendar.mutable_calendar()->set_version(2);
  for (int i = 0; i < 200; ++i) {
    auto& day = *calendar.mutable_calendar()->add_overrides();
    *day.mutable_date() = DateMessage(absl::CivilDay(2026, 2, 1) + i);
    day.set_notice_year(2026);
  }
  const DirectoryPlan changed = PlanDirectory(*City(), calendar, kTestToday);
  ASSERT_EQ(changed.changes.size(), 1u);
  EXPECT_EQ(changed.changes[0].differences_size(), 100);
  EXPECT_THAT(changed.changes[0].fields(), ElementsAre("version", "overrides"));
}

}  // namespace
}  // namespace zhuqi::intake
