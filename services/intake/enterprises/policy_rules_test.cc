#include "services/intake/enterprises/policy_rules.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using directory::v1::Policy;
using ::testing::ElementsAre;
using Match = v1::PolicyMatch;

const absl::CivilDay kDay(2026, 1, 20);

Policy PolicyOf(const std::string& fields) {
  Policy policy = FromText<Policy>(R"(policy_id: "rnd" title: "研发补助" org_unit_id: "zhengzhou")");
  policy.MergeFrom(FromText<Policy>(fields));
  return policy;
}

v1::Enterprise Factory() {
  return FromText<v1::Enterprise>(R"(
    uscc: "914403001922038216" name: "示例制造有限公司" industry_section: "C" size: ENTERPRISE_SIZE_SMALL
    org_unit_id: "huayuanlu" tags: "above-scale" tags: "key" registered_on { year: 2015 month: 6 day: 1 })");
}

Match::Verdict Verdict(const std::string& policy, const v1::Enterprise& enterprise = Factory()) {
  const auto city = City();
  const Match::Verdict verdict = VerdictOf(PolicyOf(policy), enterprise, kDay, *city);
  EXPECT_EQ(verdict, MatchOf(PolicyOf(policy), enterprise, kDay, *city).verdict());
  return verdict;
}

// "condition verdict wanted found" of each.
std::vector<std::string> Conditions(const Match& match) {
  std::vector<std::string> words;
  for (const v1::PolicyCondition& one : match.conditions()) {
    words.push_back(absl::StrCat(one.condition(), "|", Match::Verdict_Name(one.verdict()).substr(8), "|",
                                 one.wanted(), "|", one.found()));
  }
  return words;
}

TEST(PolicyVerdict, EveryConditionThatIsGivenMustHold) {
  EXPECT_EQ(Verdict(""), Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(eligibility { industry_sections: "I" industry_sections: "C" })"),
            Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(eligibility { industry_sections: "I" })"), Match::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(Verdict("eligibility { sizes: ENTERPRISE_SIZE_SMALL sizes: ENTERPRISE_SIZE_MICRO }"),
            Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict("eligibility { sizes: ENTERPRISE_SIZE_LARGE }"), Match::VERDICT_NOT_ELIGIBLE);
}

TEST(PolicyVerdict, TagsAreAllAnyAndNone) {
  EXPECT_EQ(Verdict(R"(eligibility { all_tags: "key" all_tags: "above-scale" })"), Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(eligibility { all_tags: "key" all_tags: "listed" })"), Match::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(eligibility { any_tags: "listed" any_tags: "key" })"), Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(eligibility { any_tags: "listed" })"), Match::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(eligibility { no_tags: "listed" })"), Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(eligibility { no_tags: "listed" no_tags: "key" })"), Match::VERDICT_NOT_ELIGIBLE);
}

TEST(PolicyVerdict, WhatIsNotKnownNeitherHoldsNorFails) {
  v1::Enterprise unknown = Factory();
  unknown.clear_industry_section();
  unknown.clear_size();
  unknown.clear_registered_on();
  EXPECT_EQ(Verdict(R"(eligibility { industry_sections: "C" })", unknown), Match::VERDICT_UNKNOWN);
  EXPECT_EQ(Verdict("eligibility { sizes: ENTERPRISE_SIZE_SMALL }", unknown), Match::VERDICT_UNKNOWN);
  EXPECT_EQ(Verdict("eligibility { registered { last { year: 2024 month: 1 day: 1 } } }", unknown),
            Match::VERDICT_UNKNOWN);
  // What fails for certain is not made open by what is not known.
  EXPECT_EQ(Verdict(R"(eligibility { industry_sections: "C" all_tags: "listed" })", unknown),
            Match::VERDICT_NOT_ELIGIBLE);
  // Nothing is asked for that is not known.
  EXPECT_EQ(Verdict(R"(eligibility { all_tags: "key" })", unknown), Match::VERDICT_ELIGIBLE);
}

TEST(PolicyVerdict, SpanOfRegistrationIncludesBothEnds) {
  const auto registered = [](const std::string& first, const std::string& last) {
    return absl::StrCat("eligibility { registered { ", first, last, " } }");
  };
  const std::string june = "first { year: 2015 month: 6 day: 1 } ";
  EXPECT_EQ(Verdict(registered(june, "last { year: 2015 month: 6 day: 1 }")), Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(registered(june, "")), Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(registered("", "last { year: 2015 month: 5 day: 31 }")), Match::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(Verdict(registered("first { year: 2015 month: 6 day: 2 } ", "")), Match::VERDICT_NOT_ELIGIBLE);
}

TEST(PolicyVerdict, HoldsWhereItWasIssuedAndBelowAndWhileItIsInForce) {
  v1::Enterprise elsewhere = Factory();
  elsewhere.set_org_unit_id("zhongmu");
  EXPECT_EQ(Verdict(R"(org_unit_id: "jinshui")"), Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict(R"(org_unit_id: "jinshui")", elsewhere), Match::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(Verdict("valid_from { year: 2026 month: 1 day: 20 } valid_to { year: 2026 month: 1 day: 20 }"),
            Match::VERDICT_ELIGIBLE);
  EXPECT_EQ(Verdict("valid_from { year: 2026 month: 1 day: 21 }"), Match::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(Verdict("valid_to { year: 2026 month: 1 day: 19 }"), Match::VERDICT_NOT_ELIGIBLE);
}

TEST(PolicyMatch, SaysWhatIsWantedAndWhatIsFoundForEachCondition) {
  v1::Enterprise factory = Factory();
  factory.clear_size();
  const Match match = MatchOf(PolicyOf(R"(
      valid_from { year: 2025 month: 1 day: 1 }
      eligibility {
        industry_sections: "C" industry_sections: "I" sizes: ENTERPRISE_SIZE_SMALL sizes: ENTERPRISE_SIZE_MICRO
        all_tags: "key" any_tags: "listed" any_tags: "key" no_tags: "dishonest"
        registered { last { year: 2020 month: 12 day: 31 } } })"),
                              factory, kDay, *City());
  EXPECT_EQ(match.verdict(), Match::VERDICT_UNKNOWN);
  EXPECT_EQ(match.policy_title(), "研发补助");
  EXPECT_EQ(match.enterprise_name(), "示例制造有限公司");
  EXPECT_THAT(
      Conditions(match),
      ElementsAre("org_unit|ELIGIBLE|zhengzhou|huayuanlu", "in_force|ELIGIBLE|2025-01-01..|2026-01-20",
                  "industry_sections|ELIGIBLE|C, I|C", "sizes|UNKNOWN|small, micro|",
                  "all_tags|ELIGIBLE|key|above-scale, key", "any_tags|ELIGIBLE|listed, key|above-scale, key",
                  "no_tags|ELIGIBLE|dishonest|above-scale, key",
                  "registered|ELIGIBLE|..2020-12-31|2015-06-01"));
}

TEST(DeliverySummary, FurthestOutcomeFirstDayNewestRecordAndAllThatWasGranted) {
  const DeliverySummary summary =
      Summarise({{"b", absl::CivilDay(2025, 5, 1), v1::POLICY_OUTCOME_GRANTED, 300},
                 {"a", absl::CivilDay(2025, 3, 1), v1::POLICY_OUTCOME_EXPLAINED, 0},
                 {"c", absl::CivilDay(2025, 6, 1), v1::POLICY_OUTCOME_APPLIED, 0},
                 {"d", absl::CivilDay(2025, 5, 1), v1::POLICY_OUTCOME_GRANTED, 200}});
  EXPECT_EQ(summary.first_on, absl::CivilDay(2025, 3, 1));
  EXPECT_EQ(summary.outcome, v1::POLICY_OUTCOME_GRANTED);
  EXPECT_EQ(summary.newest_record_id, "c");
  EXPECT_EQ(summary.granted_fen, 500);
}

TEST(DeliverySummary, NotEligibleGoesFurtherThanExplainedAndLessFarThanApplied) {
  const absl::CivilDay day(2025, 5, 1);
  const Delivery explained{"a", day, v1::POLICY_OUTCOME_EXPLAINED, 0};
  const Delivery not_eligible{"b", day, v1::POLICY_OUTCOME_NOT_ELIGIBLE, 0};
  const Delivery applied{"c", day, v1::POLICY_OUTCOME_APPLIED, 0};
  EXPECT_EQ(Summarise({not_eligible, explained}).outcome, v1::POLICY_OUTCOME_NOT_ELIGIBLE);
  EXPECT_EQ(Summarise({applied, not_eligible}).outcome, v1::POLICY_OUTCOME_APPLIED);
  EXPECT_TRUE(IsClaimed(v1::POLICY_OUTCOME_APPLIED));
  EXPECT_TRUE(IsClaimed(v1::POLICY_OUTCOME_GRANTED));
  EXPECT_FALSE(IsClaimed(v1::POLICY_OUTCOME_NOT_ELIGIBLE));
}

TEST(DeliverySummary, AmountsThatAddUpToMoreThanANumberHoldsStayAtTheLargest) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  std::vector<Delivery> deliveries(100, {"a", kDay, v1::POLICY_OUTCOME_GRANTED, 100'000'000'000'000'000});
  EXPECT_EQ(Summarise(deliveries).granted_fen, kMost);
}

}  // namespace
}  // namespace zhuqi::intake
