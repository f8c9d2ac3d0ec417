#include "services/routing/knowledge/theme_growth_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"

namespace zhuqi::routing {
namespace {

using What = GrowthDecision::What;
using ::testing::ElementsAre;

constexpr ThemeNumbers kNumbers = {.window_days = 30,
                                   .least_cases = 3,
                                   .least_districts = 2,
                                   .least_enterprises = 3,
                                   .least_similarity_percent = 20,
                                   .least_new_cases = 2};

Uuid GrowthCaseId(int number) {
  return *Uuid::Parse(absl::StrCat("018f4a10-0000-7000-8000-", 200000000000 + number));
}
// Received on that day of 2024.
GrowthCase Item(int number, const std::string& district, int day, const std::string& uscc = "E1",
                double similarity = 0.5) {
  return {GrowthCaseId(number), district, uscc, absl::CivilDay(2024, 1, 1) + day, similarity};
}
std::vector<int> NumbersOf(const std::vector<GrowthCase>& cases) {
  std::vector<int> numbers;
  for (const GrowthCase& one : cases) {
    for (int i = 0; i < 50; ++i) {
      if (one.case_id == GrowthCaseId(i)) numbers.push_back(i);
    }
  }
  return numbers;
}

ThemeRecord Theme(v1::ThemeState state, const std::vector<int>& members, int id = 1) {
  ThemeRecord record;
  record.body.set_theme_id(absl::StrCat("018f4a10-0000-7000-8000-", 300000000000 + id));
  record.body.set_state(state);
  for (const int number : members)
    record.members[GrowthCaseId(number)] = {v1::THEME_CASE_STANDING_MEMBER, 0.5, {}, "x"};
  return record;
}

TEST(ThemeGrowth, GrowsAcrossDistrictsOrAcrossEnterprises) {
  const GrowthCase seed = Item(1, "js", 10);
  EXPECT_FALSE(FindGrowth(seed, {Item(2, "js", 11), Item(3, "js", 12)}, kNumbers).has_value());
  EXPECT_TRUE(FindGrowth(seed, {Item(2, "js", 11), Item(3, "zm", 12)}, kNumbers).has_value());
  EXPECT_TRUE(FindGrowth(seed, {Item(2, "js", 11, "E2"), Item(3, "js", 12, "E3")}, kNumbers).has_value());
  // Who is not known is no enterprise of its own.
  EXPECT_FALSE(FindGrowth(seed, {Item(2, "js", 11, "E2"), Item(3, "js", 12, "")}, kNumbers).has_value());
}

TEST(ThemeGrowth, OneCaseLessIsNoTheme) {
  EXPECT_FALSE(FindGrowth(Item(1, "js", 10), {Item(2, "zm", 11)}, kNumbers).has_value());
}

TEST(ThemeGrowth, TheWindowIsSoManyDaysAndHasTheSeedInIt) {
  const GrowthCase seed = Item(1, "js", 40);
  // Days 11 to 40 are thirty.
  EXPECT_TRUE(FindGrowth(seed, {Item(2, "zm", 11), Item(3, "zm", 20)}, kNumbers).has_value());
  EXPECT_FALSE(FindGrowth(seed, {Item(2, "zm", 10), Item(3, "zm", 20)}, kNumbers).has_value());
  // A late entry completes what came before and after it.
  const auto around = FindGrowth(seed, {Item(2, "zm", 30), Item(3, "zm", 59), Item(4, "zm", 70)}, kNumbers);
  ASSERT_TRUE(around.has_value());
  EXPECT_THAT(NumbersOf(around->cases), ElementsAre(1, 2, 3));
  EXPECT_EQ(CivilDayFrom(around->message.received().first()), absl::CivilDay(2024, 1, 31));
  EXPECT_EQ(CivilDayFrom(around->message.received().last()), absl::CivilDay(2024, 2, 29));
}

TEST(ThemeGrowth, OfSeveralWindowsTheFullestIsTaken) {
  const auto growth = FindGrowth(
      Item(1, "js", 40),
      {Item(2, "zm", 12), Item(3, "zm", 13), Item(4, "zm", 45), Item(5, "zm", 46), Item(6, "zm", 47)},
      kNumbers);
  ASSERT_TRUE(growth.has_value());
  EXPECT_THAT(NumbersOf(growth->cases), ElementsAre(1, 4, 5, 6));
  EXPECT_EQ(growth->message.cases(), 4);
  EXPECT_EQ(growth->message.districts(), 2);
  EXPECT_EQ(growth->message.enterprises(), 1);
  EXPECT_EQ(growth->message.seed_case_id(), GrowthCaseId(1).ToString());
}

TEST(ThemeGrowth, WhatReachesTheNumbersIsProposedOnce) {
  const GrowthCase seed = Item(3, "zm", 12);
  const std::vector<GrowthCase> similar = {Item(1, "js", 10), Item(2, "js", 11)};
  const GrowthDecision decision = Decide(seed, similar, {}, kNumbers);
  EXPECT_EQ(decision.what, What::kPropose);
  EXPECT_THAT(NumbersOf(decision.growth->cases), ElementsAre(1, 2, 3));
  EXPECT_EQ(Decide(seed, similar, {Theme(v1::THEME_STATE_PROPOSED, {1, 2, 3})}, kNumbers).what,
            What::kNothing);
}

TEST(ThemeGrowth, AFurtherCaseJoinsAProposalAndIsOnlySuggestedForWhatSomebodyConfirmed) {
  const GrowthCase seed = Item(4, "zm", 400);
  const std::vector<GrowthCase> similar = {Item(1, "js", 10), Item(2, "js", 11, "E1", 0.7)};
  const GrowthDecision joins = Decide(seed, similar, {Theme(v1::THEME_STATE_PROPOSED, {1, 2, 3})}, kNumbers);
  EXPECT_EQ(joins.what, What::kJoin);
  EXPECT_DOUBLE_EQ(joins.similarity, 0.7);
  for (const v1::ThemeState state :
       {v1::THEME_STATE_CONFIRMED, v1::THEME_STATE_FIX_UNDER_WAY, v1::THEME_STATE_FIXED}) {
    EXPECT_EQ(Decide(seed, similar, {Theme(state, {1, 2, 3})}, kNumbers).what, What::kSuggest);
  }
}

TEST(ThemeGrowth, OneSimilarMemberOfSeveralIsNoResemblanceUnlessIntakeLinksThem) {
  const GrowthCase seed = Item(4, "zm", 12);
  const ThemeRecord theme = Theme(v1::THEME_STATE_CONFIRMED, {1, 2, 3});
  EXPECT_EQ(Decide(seed, {Item(1, "js", 10)}, {theme}, kNumbers).what, What::kNothing);
  EXPECT_EQ(Decide(seed, {Item(1, "js", 10, "E1", 1)}, {theme}, kNumbers).what, What::kSuggest);
  EXPECT_EQ(Decide(seed, {Item(1, "js", 10)}, {Theme(v1::THEME_STATE_CONFIRMED, {1})}, kNumbers).what,
            What::kSuggest);
}

TEST(ThemeGrowth, OfSeveralThemesTheOneWithMoreSimilarMembersIsTaken) {
  const std::vector<GrowthCase> similar = {Item(1, "js", 1), Item(2, "js", 1), Item(3, "js", 1),
                                           Item(5, "js", 1), Item(6, "js", 1)};
  const GrowthDecision decision =
      Decide(Item(9, "zm", 2), similar,
             {Theme(v1::THEME_STATE_CONFIRMED, {5, 6}, 1), Theme(v1::THEME_STATE_CONFIRMED, {1, 2, 3}, 2)},
             kNumbers);
  EXPECT_EQ(decision.theme_id.ToString(), "018f4a10-0000-7000-8000-300000000002");
}

TEST(ThemeGrowth, WhereSomebodyTookTheCaseOutItIsNotSuggestedAgain) {
  ThemeRecord theme = Theme(v1::THEME_STATE_CONFIRMED, {1, 2, 3});
  theme.members[GrowthCaseId(4)] = {v1::THEME_CASE_STANDING_REMOVED, 0.5, {}, "li"};
  const std::vector<GrowthCase> similar = {Item(1, "js", 10), Item(2, "js", 11), Item(3, "zm", 11)};
  // Nor do members of that theme make another one with it.
  EXPECT_EQ(Decide(Item(4, "zm", 12), similar, {theme}, kNumbers).what, What::kNothing);
}

TEST(ThemeGrowth, ARejectedProposalDoesNotComeBackForTheSameCasesAGrownOneDoes) {
  const ThemeRecord rejected = Theme(v1::THEME_STATE_REJECTED, {1, 2, 3});
  std::vector<GrowthCase> similar = {Item(1, "js", 10), Item(2, "js", 11)};
  EXPECT_EQ(Decide(Item(3, "zm", 12), similar, {rejected}, kNumbers).what, What::kNothing);
  similar.push_back(Item(3, "zm", 12));
  EXPECT_EQ(Decide(Item(4, "zm", 13), similar, {rejected}, kNumbers).what, What::kNothing);
  similar.push_back(Item(4, "zm", 13));
  const GrowthDecision grown = Decide(Item(5, "zm", 14), similar, {rejected}, kNumbers);
  EXPECT_EQ(grown.what, What::kPropose);
  EXPECT_THAT(NumbersOf(grown.growth->cases), ElementsAre(1, 2, 3, 4, 5));
}

TEST(ThemeGrowth, AFullThemeTakesNoMore) {
  ThemeRecord theme = Theme(v1::THEME_STATE_CONFIRMED, {1, 2});
  for (int i = 100; theme.members.size() < kMostThemeCases; ++i)
    theme.members[GrowthCaseId(i)] = {v1::THEME_CASE_STANDING_SUGGESTED, 0.5, {}, "zhuqi"};
  EXPECT_EQ(Decide(Item(3, "zm", 12), {Item(1, "js", 10), Item(2, "js", 11)}, {theme}, kNumbers).what,
            What::kNothing);
}

}  // namespace
}  // namespace zhuqi::routing
