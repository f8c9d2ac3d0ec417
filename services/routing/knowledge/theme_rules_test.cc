#include "services/routing/knowledge/theme_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "google/protobuf/text_format.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;

const absl::Time kNow = At("2024-06-03 10:00");

Uuid CaseId(int number) {
  return *Uuid::Parse(absl::StrCat("018f4a10-0000-7000-8000-", 200000000000 + number));
}

v1::ThemeAction Action(const std::string& text) {
  v1::ThemeAction action;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &action)) << text;
  return action;
}

ThemeRecord ThemeOf(int cases) {
  v1::ThemeContent content;
  content.set_title("地下空间变更用途");
  content.set_category_id("land");
  ThemeMembers members;
  for (int i = 1; i <= cases; ++i) {
    members[CaseId(i)] = {v1::THEME_CASE_STANDING_MEMBER, 0.5, At("2024-05-06 10:00"), "zhuqi"};
  }
  return NewTheme("018f4a10-0000-7000-8000-300000000001", content, members, "zhuqi", At("2024-05-06 10:00"));
}

absl::StatusOr<ThemeRecord> Done(const ThemeRecord& before, const std::string& action,
                                 std::vector<Uuid> case_ids = {}, std::map<Uuid, absl::Status> barred = {}) {
  return ActOnTheme(before, {Action(action), std::move(case_ids), std::move(barred), "li", kNow, 180});
}

constexpr char kConfirm[] =
    "confirm { cause: '规划条件调整' owner_department_id: 'zz.planning' due_on { year: 2024 month: 7 day: 1 "
    "} }";
constexpr char kFix[] = "complete_fix { fix: '容缺受理' fixed_on { year: 2024 month: 6 day: 1 } }";

ThemeRecord Fixed() { return *Done(*Done(ThemeOf(2), kConfirm), kFix); }

TEST(ThemeRules, EachStateAllowsWhatTheTableSays) {
  const auto allowed = [](v1::ThemeState state) { return absl::StrJoin(AllowedThemeActions(state), " "); };
  EXPECT_EQ(allowed(v1::THEME_STATE_PROPOSED), "revise confirm reject add_cases remove_cases merge");
  EXPECT_EQ(allowed(v1::THEME_STATE_CONFIRMED),
            "revise assign reject begin_fix complete_fix add_cases remove_cases merge prevent");
  EXPECT_EQ(allowed(v1::THEME_STATE_FIX_UNDER_WAY),
            "revise assign reject complete_fix add_cases remove_cases merge prevent");
  EXPECT_EQ(allowed(v1::THEME_STATE_FIXED), "revise complete_fix reopen add_cases remove_cases prevent");
  EXPECT_EQ(allowed(v1::THEME_STATE_REJECTED), "reopen");
  EXPECT_EQ(allowed(v1::THEME_STATE_MERGED), "");
}

TEST(ThemeRules, WhatIsNotAllowedNamesWhatIs) {
  const auto refused = Done(ThemeOf(2), "begin_fix {}");
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(refused.status())->metadata().at("allowed"),
            "revise,confirm,reject,add_cases,remove_cases,merge");
}

TEST(ThemeRules, AThemeIsConfirmedFixedAndReopened) {
  const ThemeRecord confirmed = *Done(ThemeOf(2), kConfirm);
  EXPECT_EQ(confirmed.body.state(), v1::THEME_STATE_CONFIRMED);
  EXPECT_EQ(confirmed.body.content().cause(), "规划条件调整");
  EXPECT_EQ(confirmed.body.owner_department_id(), "zz.planning");
  EXPECT_EQ(confirmed.body.confirmed_by(), "li");
  EXPECT_EQ(confirmed.body.etag(), "2");
  EXPECT_EQ(confirmed.sequence, 2);
  EXPECT_EQ(rpc::ReasonOf(Done(confirmed, "begin_fix {}").status()), "FIX_REQUIRED");
  const ThemeRecord begun = *Done(confirmed, "begin_fix { fix: '容缺受理' }");
  EXPECT_EQ(begun.body.state(), v1::THEME_STATE_FIX_UNDER_WAY);
  const ThemeRecord fixed = *Done(begun, "complete_fix {}");
  EXPECT_EQ(fixed.body.state(), v1::THEME_STATE_FIXED);
  EXPECT_EQ(CivilDayFrom(fixed.body.fixed_on()), absl::CivilDay(2024, 6, 3));
  EXPECT_EQ(CivilDayFrom(fixed.body.recurrence_until()), absl::CivilDay(2024, 11, 30));
  EXPECT_EQ(rpc::ReasonOf(Done(fixed, "reopen { reason: '又发生' }").status()), "DUE_DAY_REQUIRED");
  const ThemeRecord reopened =
      *Done(fixed, "reopen { reason: '又发生' due_on { year: 2024 month: 9 day: 1 } }");
  EXPECT_EQ(reopened.body.state(), v1::THEME_STATE_CONFIRMED);
  EXPECT_FALSE(reopened.body.has_fixed_on());
}

TEST(ThemeRules, AThemeWithoutCasesIsNotConfirmed) {
  const ThemeRecord emptied = *Done(ThemeOf(1), "remove_cases { reason: '原因不同' }", {CaseId(1)});
  EXPECT_EQ(emptied.members.at(CaseId(1)).standing, v1::THEME_CASE_STANDING_REMOVED);
  EXPECT_EQ(rpc::ReasonOf(Done(emptied, kConfirm).status()), "THEME_HAS_NO_CASES");
}

TEST(ThemeRules, ARejectedThemeKeepsItsCasesAndCanBeTakenUpAgain) {
  const ThemeRecord rejected = *Done(ThemeOf(2), "reject { reason: '原因各异' }");
  EXPECT_EQ(rejected.body.rejection_reason(), "原因各异");
  EXPECT_EQ(rejected.members.size(), 2u);
  const ThemeRecord again = *Done(rejected, "reopen { reason: '新证据' }");
  EXPECT_EQ(again.body.state(), v1::THEME_STATE_PROPOSED);
  EXPECT_EQ(again.body.rejection_reason(), "");
}

v1::Case Withdrawn() {
  v1::Case body;
  body.set_case_id(CaseId(3).ToString());
  body.set_outcome(v1::OUTCOME_WITHDRAWN);
  return body;
}

TEST(ThemeRules, AChildIsNoMemberSinceItsIssueCountsByItsParent) {
  v1::Case child;
  child.set_case_id(CaseId(3).ToString());
  child.mutable_parent()->set_case_id(CaseId(1).ToString());
  const absl::Status barred = CheckMember(child);
  EXPECT_EQ(rpc::ReasonOf(barred), "CHILD_CASE");
  EXPECT_EQ(rpc::ErrorInfoOf(barred)->metadata().at("parent_case_id"), CaseId(1).ToString());
  EXPECT_EQ(rpc::ReasonOf(Done(ThemeOf(1), "add_cases {}", {CaseId(3)}, {{CaseId(3), barred}}).status()),
            "CHILD_CASE");
  child.clear_parent();
  EXPECT_EQ(CheckMember(child), absl::OkStatus());
}

TEST(ThemeRules, CasesAreAddedOnceAndWithdrawnOnesNot) {
  const ThemeRecord before = ThemeOf(2);
  const ThemeRecord after = *Done(before, "add_cases {}", {CaseId(2), CaseId(3)});
  EXPECT_EQ(after.members.at(CaseId(2)), before.members.at(CaseId(2)));
  EXPECT_EQ(after.members.at(CaseId(3)).by, "li");
  EXPECT_EQ(after.members.at(CaseId(3)).since, kNow);
  EXPECT_EQ(rpc::ReasonOf(
                Done(before, "add_cases {}", {CaseId(3)}, {{CaseId(3), CheckMember(Withdrawn())}}).status()),
            "CASE_WITHDRAWN");
  EXPECT_EQ(rpc::ReasonOf(Done(before, "remove_cases {}", {CaseId(3)}).status()), "CASE_NOT_IN_THEME");
}

TEST(ThemeRules, AThemeHoldsAThousandCasesAndNotOneMore) {
  EXPECT_EQ(Done(ThemeOf(999), "add_cases {}", {CaseId(2000)})->members.size(), 1000u);
  EXPECT_EQ(rpc::ReasonOf(Done(ThemeOf(1000), "add_cases {}", {CaseId(2000)}).status()), "TOO_MANY_CASES");
}

TEST(ThemeRules, WhatWasConfirmedKeepsACauseAndWhatIsFixedAFix) {
  const std::string bare = "revise { content { title: 'x' category_id: 'land' } }";
  EXPECT_TRUE(Done(ThemeOf(1), bare).ok());
  EXPECT_EQ(rpc::ReasonOf(Done(*Done(ThemeOf(1), kConfirm), bare).status()), "CAUSE_REQUIRED");
  const std::string without_fix = "revise { content { title: 'x' category_id: 'land' cause: 'y' } }";
  EXPECT_EQ(rpc::ReasonOf(Done(Fixed(), without_fix).status()), "FIX_REQUIRED");
}

TEST(ThemeRules, WhoRevisesIsNotDisturbedByPrevention) {
  const ThemeRecord confirmed = *Done(ThemeOf(2), kConfirm);
  const ThemeRecord after = *Done(confirmed, "prevent {}");
  EXPECT_EQ(after.body.etag(), confirmed.body.etag());
  EXPECT_EQ(after.sequence, confirmed.sequence + 1);
}

// ---- Merging ----

absl::StatusOr<Merged> Merge(const ThemeRecord& source, const ThemeRecord& target) {
  return MergeThemes(source, target, {Action("merge { reason: '同一问题' }"), {}, {}, "li", kNow, 180});
}

ThemeRecord Other(int first, int last, v1::ThemeCaseStanding standing) {
  ThemeRecord record = ThemeOf(0);
  record.body.set_theme_id("018f4a10-0000-7000-8000-300000000002");
  for (int i = first; i <= last; ++i) record.members[CaseId(i)] = {standing, 0.4, kNow, "zhuqi"};
  return record;
}

TEST(ThemeRules, AMergedThemesCasesGoOverAndNoneTwice) {
  const Merged merged = *Merge(ThemeOf(3), Other(3, 4, v1::THEME_CASE_STANDING_MEMBER));
  EXPECT_EQ(merged.source.body.state(), v1::THEME_STATE_MERGED);
  EXPECT_EQ(merged.source.body.merged_into_theme_id(), merged.target.body.theme_id());
  EXPECT_EQ(merged.target.members.size(), 4u);
  EXPECT_THAT(merged.came_over, ::testing::ElementsAre(CaseId(1), CaseId(2)));
}

TEST(ThemeRules, AMemberThereIsMoreThanASuggestionAndWhatWasRemovedStaysOut) {
  EXPECT_EQ(Merge(ThemeOf(1), Other(1, 1, v1::THEME_CASE_STANDING_SUGGESTED))
                ->target.members.at(CaseId(1))
                .standing,
            v1::THEME_CASE_STANDING_MEMBER);
  EXPECT_EQ(
      Merge(ThemeOf(1), Other(1, 1, v1::THEME_CASE_STANDING_REMOVED))->target.members.at(CaseId(1)).standing,
      v1::THEME_CASE_STANDING_REMOVED);
}

TEST(ThemeRules, AThemeIsNotMergedIntoItselfNorIntoOneThatEnded) {
  EXPECT_EQ(rpc::ReasonOf(Merge(ThemeOf(1), ThemeOf(1)).status()), "MERGE_WITH_ITSELF");
  ThemeRecord ended = Other(2, 2, v1::THEME_CASE_STANDING_MEMBER);
  ended.body.set_state(v1::THEME_STATE_REJECTED);
  EXPECT_EQ(rpc::ReasonOf(Merge(ThemeOf(1), ended).status()), "MERGE_TARGET_ENDED");
  EXPECT_EQ(rpc::ReasonOf(Merge(Fixed(), Other(2, 2, v1::THEME_CASE_STANDING_MEMBER)).status()),
            "ILLEGAL_TRANSITION");
}

TEST(ThemeRules, AThemeIsOverdueAfterItsDueDayUntilItIsFixed) {
  v1::Theme theme = Done(ThemeOf(1), kConfirm)->body;
  FillTheme(theme, absl::CivilDay(2024, 7, 1));
  EXPECT_FALSE(theme.overdue());
  FillTheme(theme, absl::CivilDay(2024, 7, 2));
  EXPECT_TRUE(theme.overdue());
  theme = Fixed().body;
  FillTheme(theme, absl::CivilDay(2024, 7, 2));
  EXPECT_FALSE(theme.overdue());
}

}  // namespace
}  // namespace zhuqi::routing
