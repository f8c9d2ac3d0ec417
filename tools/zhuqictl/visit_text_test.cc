#include "tools/zhuqictl/visit_text.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/policy_text.h"

namespace zhuqi::ctl {
namespace {

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

QuotaList Quotas(const std::vector<std::string>& texts) {
  QuotaList quotas;
  for (const std::string& text : texts) *quotas.Add() = FromText<intake::v1::VisitQuota>(text);
  return quotas;
}

TEST(QuotaTotalsTest, ManyVisitsToOneQuotaMakeUpForNoOtherSoThatNoSharePasses100) {
  EXPECT_EQ(QuotaTotals(Quotas({"owed: 10 done: 30 state: VISIT_QUOTA_STATE_MET",
                                "owed: 10 done: 2 state: VISIT_QUOTA_STATE_MISSED"})),
            "quotas met 1 of 2 (50.0 %), waived 0; visits made 12 of 20 (60.0 %)\n");
}

TEST(QuotaTotalsTest, WaivedOnesAreOutAndListedAndNoneIsNotZero) {
  EXPECT_EQ(QuotaTotals(Quotas({"owed: 10 done: 1 state: VISIT_QUOTA_STATE_WAIVED"})),
            "quotas met 0 of 0 (–), waived 1; visits made 0 of 0 (–)\n");
}

TEST(QuotaTableTest, ColumnsAlignUnderChineseNames) {
  const std::string table = QuotaTable(Quotas({R"(
    month { year: 2024 month: 5 } plan_id: "jinshui" plan_name: "金水区每月走访" org_unit_id: "jinshui" owed: 10 done: 3
    enterprises: 2 state: VISIT_QUOTA_STATE_WAIVED waiver_reason: "防汛")"}));
  EXPECT_THAT(table, ::testing::HasSubstr(
                         "2024-05  jinshui  金水区每月走访  jinshui    10     3            2  waived"));
}

TEST(EligibilityTextTest, NamesEveryConditionAndAllWithoutOne) {
  EXPECT_EQ(EligibilityText(FromText<directory::v1::Policy>("")), "all");
  EXPECT_EQ(EligibilityText(FromText<directory::v1::Policy>(R"(eligibility {
              industry_sections: "C" industry_sections: "I" sizes: ENTERPRISE_SIZE_SMALL all_tags: "key" any_tags: "a"
              any_tags: "b" no_tags: "bad" registered { first { year: 2020 month: 1 day: 1 } } })")),
            "C, I; small; tags: key; any tag: a, b; without: bad; registered 2020-01-01..");
}

TEST(ObstaclesTextTest, SaysWhatFailsAndWhatIsNotKnown) {
  EXPECT_EQ(ObstaclesText(FromText<intake::v1::PolicyMatch>(R"(
              conditions { condition: "org_unit" verdict: VERDICT_ELIGIBLE wanted: "a" found: "a" }
              conditions { condition: "sizes" verdict: VERDICT_NOT_ELIGIBLE wanted: "small, micro" found: "large" }
              conditions { condition: "registered" verdict: VERDICT_UNKNOWN wanted: "2020-01-01.." })")),
            "sizes: small, micro ≠ large; registered: 2020-01-01.. = ?");
}

TEST(YuanTextTest, KeepsTheFen) {
  EXPECT_EQ(YuanText(0), "");
  EXPECT_EQ(YuanText(5), "0.05");
  EXPECT_EQ(YuanText(12345600), "123456.00");
}

TEST(PreparationSheetTest, HasEnterpriseVisitsIssuesAndPolicies) {
  const std::string sheet = PreparationSheet(FromText<intake::v1::PrepareVisitResponse>(R"(
    enterprise { uscc: "914403001922038216" name: "示例制造有限公司" org_unit_id: "jinshui" }
    visits { submission { visit { visited_on { year: 2024 month: 5 day: 9 } team: "一组" notes: "缺工" } } }
    issues { submission { issue { kind: ISSUE_KIND_NEED category_id: "labour" title: "招工难" } } }
    policies { policy_id: "rnd" policy_title: "研发补助" verdict: VERDICT_UNKNOWN })"));
  for (const std::string word :
       {"示例制造有限公司", "last visit none", "2024-05-09", "缺工", "招工难", "研发补助", "unknown"}) {
    EXPECT_THAT(sheet, ::testing::HasSubstr(word));
  }
}

}  // namespace
}  // namespace zhuqi::ctl
