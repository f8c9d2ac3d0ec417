// Themes through their service: judged, fixed, measured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/knowledge/theme_fixture.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kStairs;
using testing::kUnderground;
using testing::NewRequestId;

using ThemeServiceTest = testing::ThemeTest;

TEST_F(ThemeServiceTest, AThemeMadeByHandIsConfirmedFixedAndItsRecurrenceCounted) {
  const std::string first = AddCase(1, kUnderground, "js", "2024-05-06 10:00");
  v1::ProposeThemeRequest request;
  request.set_request_id(NewRequestId());
  request.mutable_content()->set_title("地下空间变更用途");
  request.mutable_content()->set_category_id("land");
  request.add_cases()->mutable_issue_key()->set_source_system("js-system");
  request.mutable_cases(0)->mutable_issue_key()->set_external_id("issue-1");
  const auto proposed = Call(&v1::ThemeService::Stub::ProposeTheme, request);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->theme().proposed_by(), "li");
  EXPECT_FALSE(proposed->theme().has_growth());
  const std::string id = proposed->theme().theme_id();
  Confirm(id);
  ASSERT_TRUE(Do(id, "begin_fix { fix: '历史项目容缺受理' }").ok());
  ASSERT_TRUE(Do(id, "complete_fix { fixed_on { year: 2024 month: 5 day: 20 } }").ok());
  const std::string same_day = AddCase(2, kUnderground, "zm", "2024-05-20 23:00");
  const std::string day_after = AddCase(3, kUnderground, "zm", "2024-05-21 00:30");
  const std::string within = AddCase(4, kUnderground, "js-t", "2024-06-02 10:00");
  const std::string withdrawn = AddCase(5, kUnderground, "js", "2024-06-02 11:00");
  ASSERT_TRUE(Do(id, AddCases({same_day, day_after, within, withdrawn})).ok());
  EXPECT_EQ(Get(id).theme().recurrence_count(), 3);
  Withdraw(withdrawn);
  const std::string suggested = AddCase(6, kUnderground, "zm", "2024-06-02 12:00");
  LookAtAll();
  const v1::GetThemeResponse got = Get(id);
  EXPECT_EQ(got.theme().state(), v1::THEME_STATE_FIXED);
  EXPECT_EQ(got.theme().suggested_count(), 1);
  EXPECT_EQ(got.theme().case_count(), 4);
  EXPECT_EQ(got.theme().recurrence_count(), 2);
  EXPECT_EQ(got.recurrence().cases(), 2);
  EXPECT_THAT(got.recurrence().case_ids(), ElementsAre(within, day_after));
  EXPECT_THAT(got.recurrence().district_ids(), ElementsAre("js", "zm"));
  ASSERT_EQ(got.recurrence().counted_size(), 1);
  EXPECT_EQ(CivilDayFrom(got.recurrence().counted(0).first()), absl::CivilDay(2024, 5, 21));
  EXPECT_EQ(CivilDayFrom(got.recurrence().counted(0).last()), absl::CivilDay(2024, 6, 19));
  EXPECT_FALSE(got.recurrence().span_over());
  // Judged, it counts.
  ASSERT_TRUE(Do(id, AddCases({suggested})).ok());
  EXPECT_EQ(Get(id).theme().recurrence_count(), 3);
  EXPECT_EQ(Get(id).theme().suggested_count(), 0);
  // What was given to it comes in the history, oldest first.
  std::vector<std::string> actions;
  const v1::GetThemeResponse judged = Get(id);
  for (const v1::ThemeEvent& event : judged.history()) {
    const auto* field = v1::ThemeAction::descriptor()->FindFieldByNumber(event.action().action_case());
    actions.push_back(field == nullptr ? (event.has_suggested() ? "suggested" : "proposed") : field->name());
  }
  EXPECT_THAT(actions, ElementsAre("proposed", "confirm", "begin_fix", "complete_fix", "add_cases",
                                   "suggested", "add_cases"));
  ASSERT_TRUE(Do(id, "reopen { reason: '又发生' due_on { year: 2024 month: 7 day: 31 } }").ok());
  EXPECT_EQ(Get(id).theme().recurrence_count(), 3);
}

TEST_F(ThemeServiceTest, CaseAndSimilarCasesNameTheirThemes) {
  const std::string theme_id = Proposed();
  auto cases = v1::CaseService::NewStub(replica_->channel());
  v1::GetCaseRequest by;
  by.set_case_id(members_[0]);
  grpc::ClientContext context;
  v1::GetCaseResponse got;
  ASSERT_TRUE(cases->GetCase(&context, by, &got).ok());
  ASSERT_EQ(got.themes_size(), 1);
  EXPECT_EQ(got.themes(0).theme_id(), theme_id);
  EXPECT_EQ(got.themes(0).standing(), v1::THEME_CASE_STANDING_MEMBER);
  EXPECT_EQ(got.themes(0).title(), kUnderground);
  auto knowledge = v1::KnowledgeService::NewStub(replica_->channel());
  const auto themes_of_similar = [&] {
    v1::FindSimilarCasesRequest request;
    request.mutable_text()->set_title(kUnderground);
    grpc::ClientContext call;
    v1::FindSimilarCasesResponse found;
    EXPECT_TRUE(knowledge->FindSimilarCases(&call, request, &found).ok());
    int named = 0;
    for (const v1::SimilarCase& one : found.cases()) named += one.themes_size();
    return named;
  };
  EXPECT_EQ(themes_of_similar(), 3);
  ASSERT_TRUE(Do(theme_id, "reject { reason: '成因各异' }").ok());
  EXPECT_EQ(themes_of_similar(), 0);
}

TEST_F(ThemeServiceTest, ThemesAreFoundByStateCategoryUnitOwnerAndOverdue) {
  const std::string stairs = Proposed(kStairs);
  clock_.Advance(absl::Seconds(1));
  const std::string underground = Proposed(kUnderground);
  Confirm(underground);
  EXPECT_THAT(ListIds(""), ElementsAre(underground, stairs));
  EXPECT_THAT(ListIds("state: THEME_STATE_PROPOSED"), ElementsAre(stairs));
  EXPECT_THAT(ListIds("category_id: 'land'"), ElementsAre(underground, stairs));
  EXPECT_THAT(ListIds("category_id: 'fire'"), IsEmpty());
  EXPECT_THAT(ListIds("owner_department_id: 'zz.planning'"), ElementsAre(underground));
  EXPECT_THAT(ListIds("org_unit_id: 'js-t'"), ElementsAre(underground, stairs));
  EXPECT_THAT(ListIds("overdue: true"), IsEmpty());
  clock_.Advance(absl::Hours(24 * 28));
  EXPECT_THAT(ListIds("overdue: true"), ElementsAre(underground));
  EXPECT_TRUE(Get(underground).theme().overdue());
  v1::ListThemesRequest request;
  request.set_page_size(1);
  std::vector<std::string> pages;
  while (true) {
    const auto page = Call(&v1::ThemeService::Stub::ListThemes, request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->themes_size(), 1);
    pages.push_back(page->themes(0).theme_id());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  EXPECT_THAT(pages, ElementsAre(underground, stairs));
  request.set_category_id("land");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ListThemes, request).status()), "PAGE_TOKEN_INVALID");
}

TEST_F(ThemeServiceTest, AMergedThemeHandsItsCasesOver) {
  const std::string stairs = Proposed(kStairs);
  clock_.Advance(absl::Seconds(1));
  const std::string underground = Proposed(kUnderground);
  ASSERT_TRUE(
      Do(stairs, absl::StrCat("merge { into_theme_id: '", underground, "' reason: '同一成因' }")).ok());
  const v1::GetThemeResponse target = Get(underground);
  EXPECT_EQ(target.theme().case_count(), 6);
  EXPECT_EQ(target.history(1).merged_in().theme_id(), stairs);
  EXPECT_EQ(target.history(1).merged_in().case_ids_size(), 3);
  EXPECT_EQ(Get(stairs).theme().merged_into_theme_id(), underground);
  EXPECT_EQ(Get(stairs).theme().allowed_actions_size(), 0);
  // What resembles the merged one's cases is of the other one now.
  AddCase(50, kStairs, "zm");
  LookAtAll();
  EXPECT_EQ(List({}).size(), 2u);
  EXPECT_EQ(Get(underground).theme().case_count(), 7);
}

// ---- What is wrong ----

TEST_F(ThemeServiceTest, ARepeatedRequestGetsItsFirstAnswerAndAStaleEtagChangesNothing) {
  const std::string id = Proposed();
  v1::ActOnThemeRequest request = Request(id, "reject { reason: '成因各异' }");
  request.set_etag("0");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ActOnTheme, request).status()), "ETAG_MISMATCH");
  request.set_etag("1");
  const auto first = Call(&v1::ThemeService::Stub::ActOnTheme, request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Call(&v1::ThemeService::Stub::ActOnTheme, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.mutable_action()->mutable_reject()->set_reason("另一理由");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ActOnTheme, request).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Get(id).history_size(), 2);
}

TEST_F(ThemeServiceTest, WhatIsWrongIsSaidByFieldInBothLanguages) {
  v1::ActOnThemeRequest request = Request("x", "confirm { cause: '' owner_department_id: 'nobody' }");
  request.set_request_id("y");
  const auto refused = Call(&v1::ThemeService::Stub::ActOnTheme, request);
  const auto bad = rpc::BadRequestOf(refused.status());
  ASSERT_TRUE(bad.has_value());
  std::vector<std::string> fields;
  for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields, ElementsAre("request_id", "theme_id", "action.confirm.cause",
                                  "action.confirm.owner_department_id", "action.confirm.due_on"));
  v1::ProposeThemeRequest propose;
  propose.set_request_id(NewRequestId());
  propose.mutable_content()->set_title("x");
  propose.mutable_content()->set_category_id("land");
  propose.add_cases()->set_case_id(NewRequestId());
  const auto unknown = Call(&v1::ThemeService::Stub::ProposeTheme, propose);
  EXPECT_EQ(rpc::ReasonOf(unknown.status()), "CASE_UNKNOWN");
  EXPECT_EQ(rpc::ErrorInfoOf(unknown.status())->metadata().at("field"), "cases[0]");
  EXPECT_EQ(rpc::ReasonOf(Do(NewRequestId(), "reject { reason: 'x' }").status()), "THEME_UNKNOWN");
  v1::ListThemesRequest list;
  list.set_org_unit_id("nowhere");
  list.set_page_size(-1);
  EXPECT_EQ(
      rpc::BadRequestOf(Call(&v1::ThemeService::Stub::ListThemes, list).status())->field_violations_size(),
      2);
}

TEST_F(ThemeServiceTest, EveryCallMindsTheTokenItIsGiven) {
  const auto minds = [this](auto method, auto request) {
    request.set_at_least_token("%%%");
    return rpc::ReasonOf(Call(method, request).status());
  };
  using Stub = v1::ThemeService::Stub;
  EXPECT_EQ(minds(&Stub::ProposeTheme, v1::ProposeThemeRequest()), "TOKEN_INVALID");
  EXPECT_EQ(minds(&Stub::ActOnTheme, v1::ActOnThemeRequest()), "TOKEN_INVALID");
  EXPECT_EQ(minds(&Stub::GetTheme, v1::GetThemeRequest()), "TOKEN_INVALID");
  EXPECT_EQ(minds(&Stub::ListThemes, v1::ListThemesRequest()), "TOKEN_INVALID");
  EXPECT_EQ(minds(&Stub::ActOnPreventiveItem, v1::ActOnPreventiveItemRequest()), "TOKEN_INVALID");
  EXPECT_EQ(minds(&Stub::ListPreventiveItems, v1::ListPreventiveItemsRequest()), "TOKEN_INVALID");
}

TEST_F(ThemeServiceTest, AWithdrawnCaseIsNoPartOfATheme) {
  const std::string one = AddCase(1, kUnderground, "js");
  Withdraw(one);
  AddCase(2, kUnderground, "zm");
  AddCase(3, kUnderground, "zm");
  LookAtAll();
  EXPECT_THAT(List({}), IsEmpty());
  v1::ProposeThemeRequest propose;
  propose.set_request_id(NewRequestId());
  propose.mutable_content()->set_title("x");
  propose.mutable_content()->set_category_id("land");
  propose.add_cases()->set_case_id(one);
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ProposeTheme, propose).status()), "CASE_WITHDRAWN");
}

}  // namespace
}  // namespace zhuqi::routing
