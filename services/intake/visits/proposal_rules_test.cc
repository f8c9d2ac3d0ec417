#include "services/intake/visits/proposal_rules.h"

#include <algorithm>
#include <random>

#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "services/intake/visits/test_visits.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::CivilDay kOn(2026, 1, 20);

v1::Enterprise Factory(std::optional<absl::CivilDay> last_visit = std::nullopt) {
  v1::Enterprise enterprise = FromText<v1::Enterprise>(
      R"(uscc: "914403001922038216" name: "示例制造有限公司" org_unit_id: "huayuanlu" tags: "key")");
  if (last_visit.has_value()) *enterprise.mutable_last_visited_on() = DateMessage(*last_visit);
  return enterprise;
}

// "reason points" of each, and the sum.
std::vector<std::string> Reasons(const VisitCandidate& candidate) {
  const std::optional<v1::VisitProposal> need = NeedOf(candidate, kOn);
  if (!need.has_value()) return {};
  std::vector<std::string> words;
  for (const v1::ProposalReason& reason : need->reasons()) {
    EXPECT_FALSE(reason.finding().empty());
    EXPECT_FALSE(reason.finding_zh().empty());
    words.push_back(absl::StrCat(reason.reason(), " ", reason.points()));
  }
  words.push_back(absl::StrCat("sum ", need->points()));
  return words;
}

TEST(VisitNeed, NeverVisitedAndItsCadenceBrokenSinceTheRegistration) {
  EXPECT_THAT(Reasons({Factory(), std::nullopt, 0, 0, 0}), ElementsAre("never_visited 40", "sum 40"));
  EXPECT_THAT(Reasons({Factory(), 3, 0, 0, 0}),
              ElementsAre("never_visited 40", "cadence_overdue 30", "sum 70"));
  v1::Enterprise young = Factory();
  *young.mutable_registered_on() = DateMessage(absl::CivilDay(2025, 11, 1));
  EXPECT_THAT(Reasons({young, 3, 0, 0, 0}), ElementsAre("never_visited 40", "sum 40"));
}

TEST(VisitNeed, EachWholeMonthOverTheCadenceAddsFiveUpToSixty) {
  const auto last = [](int year, int month, int day) {
    return Reasons({Factory(absl::CivilDay(year, month, day)), 3, 0, 0, 0});
  };
  EXPECT_THAT(last(2025, 10, 20), ElementsAre("cadence_due 15", "sum 15"));
  EXPECT_THAT(last(2025, 10, 19), ElementsAre("cadence_overdue 30", "sum 30"));
  EXPECT_THAT(last(2025, 9, 20), ElementsAre("cadence_overdue 35", "sum 35"));
  EXPECT_THAT(last(2025, 4, 20), ElementsAre("cadence_overdue 60", "sum 60"));
  EXPECT_THAT(last(2020, 1, 1), ElementsAre("cadence_overdue 60", "sum 60"));
}

TEST(VisitNeed, ACadenceIsShownAsComingDueThirtyDaysAhead) {
  EXPECT_THAT(Reasons({Factory(absl::CivilDay(2025, 11, 19)), 3, 0, 0, 0}),
              ElementsAre("cadence_due 15", "sum 15"));
  EXPECT_THAT(Reasons({Factory(absl::CivilDay(2025, 11, 20)), 3, 0, 0, 0}), IsEmpty());
}

TEST(VisitNeed, IssuesAndPoliciesAddUpToTheirBoundsAndDistanceTakesAway) {
  const v1::Enterprise visited = Factory(absl::CivilDay(2026, 1, 10));
  EXPECT_THAT(Reasons({visited, std::nullopt, 1, 2, 1}),
              ElementsAre("recent_issues 10", "unclaimed_policies 10", "distance -2", "sum 18"));
  EXPECT_THAT(Reasons({visited, std::nullopt, 3, 4, 10}),
              ElementsAre("recent_issues 30", "unclaimed_policies 20", "distance -20", "sum 30"));
  EXPECT_THAT(Reasons({visited, std::nullopt, 1000000, 1000000, 1000000}),
              ElementsAre("recent_issues 30", "unclaimed_policies 20", "distance -20", "sum 30"));
}

TEST(VisitNeed, DistanceAloneIsNoReason) {
  EXPECT_THAT(Reasons({Factory(absl::CivilDay(2026, 1, 10)), std::nullopt, 0, 0, 2}), IsEmpty());
}

TEST(VisitNeed, SaysWhatWasFoundInBothLanguages) {
  const auto need = NeedOf({Factory(absl::CivilDay(2025, 6, 20)), 3, 0, 0, 0}, kOn);
  EXPECT_EQ(need->reasons(0).finding_zh(), "距上次走访 7 个月，应每 3 个月一次");
  EXPECT_EQ(need->reasons(0).finding(), "last visited 7 months ago, to be visited every 3 months");
}

v1::VisitProposal Proposal(int points, int distance, const std::string& uscc) {
  v1::VisitProposal proposal;
  proposal.set_points(points);
  proposal.set_distance(distance);
  proposal.set_uscc(uscc);
  return proposal;
}

TEST(ProposalOrder, MorePointsThenNearerThenTheSmallerCode) {
  EXPECT_TRUE(IsNeededMore(Proposal(50, 9, "b"), Proposal(49, 0, "a")));
  EXPECT_TRUE(IsNeededMore(Proposal(50, 0, "b"), Proposal(50, 1, "a")));
  EXPECT_TRUE(IsNeededMore(Proposal(50, 1, "a"), Proposal(50, 1, "b")));
  EXPECT_FALSE(IsNeededMore(Proposal(50, 1, "a"), Proposal(50, 1, "a")));
}

RC_GTEST_PROP(Proposals, AreTheSameInWhateverOrderAndPortionsCandidatesAreLookedAt, ()) {
  const int candidates = *rc::gen::inRange(0, 60);
  const std::size_t count = *rc::gen::inRange<std::size_t>(0, 20);
  std::vector<v1::VisitProposal> all;
  for (int i = 0; i < candidates; ++i) {
    all.push_back(Proposal(*rc::gen::inRange(0, 4), *rc::gen::inRange(0, 3), absl::StrCat("code-", i)));
  }
  const auto chosen = [&](std::vector<v1::VisitProposal> list, std::size_t portion) {
    std::vector<v1::VisitProposal> best;
    for (std::size_t i = 0; i < list.size(); ++i) {
      best.push_back(list[i]);
      if (i % portion == 0) KeepMostNeeded(best, count);
    }
    KeepMostNeeded(best, count);
    std::vector<std::string> codes;
    for (const auto& one : best) codes.push_back(one.uscc());
    return codes;
  };
  const std::vector<std::string> expected = chosen(all, all.size() + 1);
  std::shuffle(all.begin(), all.end(), std::mt19937(*rc::gen::arbitrary<unsigned>()));
  RC_ASSERT(chosen(all, *rc::gen::inRange<std::size_t>(1, 10)) == expected);
}

RC_GTEST_PROP(Proposals, NeedOfOneAndTheSameCandidateIsAlwaysTheSame, ()) {
  VisitCandidate candidate;
  candidate.enterprise = *rc::gen::arbitrary<bool>()
                             ? Factory()
                             : Factory(absl::CivilDay(2023, 1, 1) + *rc::gen::inRange(0, 1500));
  if (*rc::gen::arbitrary<bool>()) candidate.every_months = *rc::gen::inRange(1, 37);
  candidate.recent_issues = *rc::gen::inRange(0, 5);
  candidate.unclaimed_policies = *rc::gen::inRange(0, 6);
  candidate.distance = *rc::gen::inRange(0, 6);
  const auto once = NeedOf(candidate, kOn);
  const auto again = NeedOf(candidate, kOn);
  RC_ASSERT(once.has_value() == again.has_value());
  if (!once.has_value()) return;
  RC_ASSERT(once->SerializeAsString() == again->SerializeAsString());
  int sum = 0;
  for (const v1::ProposalReason& reason : once->reasons()) sum += reason.points();
  RC_ASSERT(sum == once->points());
}

TEST(TightestCadence, OfPlansInForceForThisTeamHereAndWithTheTag) {
  const auto city = CityWithTeams();
  const directory::v1::Team& mobile = *city->FindTeam("jinshui.mobile");
  const auto tightest = [&](const std::vector<v1::VisitPlan>& plans) {
    return TightestCadence(plans, Factory(), mobile, *city, kOn);
  };
  EXPECT_EQ(tightest({PlanOf("every_months: 6"), PlanOf("every_months: 3"), PlanOf("every_months: 4")}), 3);
  EXPECT_EQ(tightest({PlanOf(R"(enterprise_tag: "listed")")}), std::nullopt);
  EXPECT_EQ(tightest({PlanOf(R"(org_unit_id: "zhongmu")")}), std::nullopt);
  EXPECT_EQ(tightest({PlanOf(R"(org_unit_id: "zhengzhou")")}), 3);
  EXPECT_EQ(tightest({PlanOf(R"(team_id: "jinshui.planners")")}), std::nullopt);
  EXPECT_EQ(tightest({PlanOf(R"(team_id: "jinshui.mobile")")}), 3);
  EXPECT_EQ(tightest({PlanOf(R"(department_id: "jinshui.planning")")}), std::nullopt);
  EXPECT_EQ(TightestCadence({PlanOf(R"(department_id: "jinshui.planning")")}, Factory(),
                            *city->FindTeam("jinshui.planners"), *city, kOn),
            3);
  EXPECT_EQ(tightest({PlanOf("first_month { year: 2026 month: 2 }")}), std::nullopt);
}

TEST(TeamDays, AreWorkingDaysMakeUpOnesAmongThemLessTheTeamsOwn) {
  const auto city = CityWithTeams();
  // 1 to 3 January are off, Sunday the 4th is worked.
  EXPECT_THAT(
      DaysOf(*city->FindTeam("jinshui.planners"), city->calendar(), absl::CivilDay(2026, 1, 1), 3),
      ElementsAre(absl::CivilDay(2026, 1, 4), absl::CivilDay(2026, 1, 4), absl::CivilDay(2026, 1, 5)));
  // The 22nd is the team's own; the 24th and 25th are a weekend.
  const auto days =
      DaysOf(*city->FindTeam("jinshui.mobile"), city->calendar(), absl::CivilDay(2026, 1, 21), 7);
  EXPECT_THAT(
      days, ElementsAre(absl::CivilDay(2026, 1, 21), absl::CivilDay(2026, 1, 21), absl::CivilDay(2026, 1, 21),
                        absl::CivilDay(2026, 1, 23), absl::CivilDay(2026, 1, 23), absl::CivilDay(2026, 1, 23),
                        absl::CivilDay(2026, 1, 26)));
}

TEST(TeamDays, EndWhenTheTeamWasDissolvedOrIsNeverFree) {
  const auto city = CityWithTeams();
  directory::v1::Team team = *city->FindTeam("jinshui.planners");
  *team.mutable_closed_on() = DateMessage(absl::CivilDay(2026, 1, 20));
  EXPECT_THAT(DaysOf(team, city->calendar(), absl::CivilDay(2026, 1, 20), 5),
              ElementsAre(absl::CivilDay(2026, 1, 20), absl::CivilDay(2026, 1, 20)));
  EXPECT_THAT(DaysOf(team, city->calendar(), absl::CivilDay(2026, 1, 21), 5), IsEmpty());
  directory::v1::Team away = *city->FindTeam("jinshui.planners");
  away.add_unavailable();  // without bounds
  EXPECT_THAT(DaysOf(away, city->calendar(), absl::CivilDay(2026, 1, 20), 5), IsEmpty());
}

TEST(TreeDistance, CountsStepsUpAndDown) {
  const auto city = City();
  EXPECT_EQ(Distance(*city, "jinshui", "jinshui"), 0);
  EXPECT_EQ(Distance(*city, "jinshui", "huayuanlu"), 1);
  EXPECT_EQ(Distance(*city, "zhengzhou", "huayuanlu"), 2);
  EXPECT_EQ(Distance(*city, "zhongmu", "huayuanlu"), 3);
  EXPECT_EQ(Distance(*city, "huayuanlu", "zhongmu"), 3);
}

}  // namespace
}  // namespace zhuqi::intake
