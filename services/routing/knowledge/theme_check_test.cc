#include "services/routing/knowledge/theme_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::CivilDay kToday(2024, 6, 3);

std::vector<std::string> Said(const rpc::Violations& violations) {
  std::vector<std::string> said;
  for (const rpc::Violation& violation : violations.list()) {
    EXPECT_NE(violation.chinese, "") << violation.field_path;
    said.push_back(absl::StrCat(violation.field_path, " ", violation.reason));
  }
  return said;
}

std::vector<std::string> WrongWith(const std::string& text) {
  v1::ThemeAction action;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &action)) << text;
  rpc::Violations violations;
  CheckThemeAction(*testing::City(), kToday, action, violations);
  return Said(violations);
}

TEST(ThemeCheck, AProposalSaysAllThatIsWrongAtOnce) {
  v1::ProposeThemeRequest request;
  request.mutable_content()->set_category_id("nothing");
  request.add_cases()->set_case_id("x");
  request.add_cases();
  request.add_cases();
  rpc::Violations violations;
  CheckProposal(*testing::City(), request, violations);
  EXPECT_THAT(Said(violations),
              ElementsAre("content.title TEXT_REQUIRED", "content.category_id CATEGORY_UNKNOWN",
                          "cases[0].case_id UUID_INVALID", "cases[1] CASE_REQUIRED", "cases[2] CASE_REQUIRED",
                          "cases[2] DUPLICATE_VALUE"));
}

// The database fails on such a key.
TEST(ThemeCheck, TrapAnIssueKeyIsNotAscii) {
  EXPECT_THAT(
      WrongWith("add_cases { cases { issue_key { source_system: 'js-system' external_id: '工单一' } } }"),
      ElementsAre("action.add_cases.cases[0].issue_key.external_id EXTERNAL_ID_INVALID"));
}

TEST(ThemeCheck, ConfirmationNeedsCauseOwnerAndDueDay) {
  EXPECT_THAT(WrongWith("confirm {}"), ElementsAre("action.confirm.cause TEXT_REQUIRED",
                                                   "action.confirm.owner_department_id DEPARTMENT_UNKNOWN",
                                                   "action.confirm.due_on DATE_REQUIRED"));
  EXPECT_THAT(
      WrongWith("confirm { cause: 'x' owner_department_id: 'zz.planning' due_on { year: 2024 month: 6 "
                "day: 2 } prevent { org_unit_ids: 'js-t' org_unit_ids: 'nowhere' } }"),
      ElementsAre("action.confirm.due_on DUE_DAY_PAST", "action.confirm.prevent.due_on DATE_REQUIRED",
                  "action.confirm.prevent.org_unit_ids[0] UNIT_NOT_A_DISTRICT",
                  "action.confirm.prevent.org_unit_ids[1] ORG_UNIT_UNKNOWN"));
  EXPECT_THAT(
      WrongWith(
          "confirm { cause: 'x' owner_department_id: 'zz.planning' due_on { year: 2024 month: 6 day: 3 } }"),
      IsEmpty());
}

TEST(ThemeCheck, AFixIsNotInForceTomorrow) {
  EXPECT_THAT(WrongWith("complete_fix { fixed_on { year: 2024 month: 6 day: 4 } }"),
              ElementsAre("action.complete_fix.fixed_on DATE_IN_FUTURE"));
  EXPECT_THAT(WrongWith("complete_fix { fixed_on { year: 2024 month: 6 day: 3 } }"), IsEmpty());
  EXPECT_THAT(WrongWith("complete_fix { fixed_on { year: 2024 month: 2 day: 30 } }"),
              ElementsAre("action.complete_fix.fixed_on DATE_INVALID"));
}

TEST(ThemeCheck, TextsAndListsHaveLimits) {
  EXPECT_THAT(WrongWith(absl::StrCat("reject { reason: '", std::string(501, 'x'), "' }")),
              ElementsAre("action.reject.reason TEXT_TOO_LONG"));
  v1::ThemeAction action;
  for (int i = 0; i <= 100; ++i) {
    common::v1::SourceKey& key = *action.mutable_add_cases()->add_cases()->mutable_issue_key();
    key.set_source_system("js-system");
    key.set_external_id(absl::StrCat(i));
  }
  rpc::Violations violations;
  CheckThemeAction(*testing::City(), kToday, action, violations);
  EXPECT_THAT(Said(violations), ElementsAre("action.add_cases.cases TOO_MANY_CASES"));
  action.mutable_add_cases()->mutable_cases()->RemoveLast();
  rpc::Violations fewer;
  CheckThemeAction(*testing::City(), kToday, action, fewer);
  EXPECT_TRUE(fewer.empty());
}

TEST(ThemeCheck, SaysWhatToDo) {
  EXPECT_THAT(WrongWith(""), ElementsAre("action ACTION_REQUIRED"));
  EXPECT_THAT(WrongWith("assign {}"), ElementsAre("action.assign.owner_department_id DEPARTMENT_REQUIRED"));
  EXPECT_THAT(WrongWith("merge { into_theme_id: 'x' }"),
              ElementsAre("action.merge.into_theme_id UUID_INVALID", "action.merge.reason TEXT_REQUIRED"));
  v1::PreventiveItemAction action;
  action.mutable_postpone();
  rpc::Violations violations;
  CheckPreventiveItemAction(kToday, action, violations);
  EXPECT_THAT(Said(violations),
              ElementsAre("action.postpone.note TEXT_REQUIRED", "action.postpone.due_on DATE_REQUIRED"));
}

}  // namespace
}  // namespace zhuqi::routing
