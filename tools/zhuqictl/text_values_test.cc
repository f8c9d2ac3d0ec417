#include "tools/zhuqictl/text_values.h"

#include "gtest/gtest.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/period_options.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::ctl {
namespace {

TEST(ParseDateTest, TakesOneFormAlone) {
  EXPECT_EQ(DateText(*ParseDate("2024-05-09")), "2024-05-09");
  for (const char* text : {"", "2024-5-9", "2024-02-30", "2024/05/09", "2024-05-09x"})
    EXPECT_FALSE(ParseDate(text).ok()) << text;
}

TEST(ParseMonthsTest, TakesEachMonthOfASpan) {
  const auto months = ParseMonths("2023-11..2024-02");
  ASSERT_TRUE(months.ok());
  ASSERT_EQ(months->size(), 4u);
  EXPECT_EQ(MonthText(months->front()), "2023-11");
  EXPECT_EQ(MonthText(months->back()), "2024-02");
  EXPECT_FALSE(ParseMonths("2024-02..2023-11").ok());
  EXPECT_FALSE(ParseMonths("2010-01..2024-01").ok());
}

TEST(ParseInstantTest, TimeWithoutAZoneIsTheCitys) {
  EXPECT_EQ(ParseInstant("2024-05-09 09:30")->seconds(), ParseInstant("2024-05-09T01:30:00Z")->seconds());
  EXPECT_EQ(InstantText(*ParseInstant("2024-05-09T01:30:00Z")), "2024-05-09 09:30");
  EXPECT_FALSE(ParseInstant("yesterday").ok());
}

TEST(ParseEnumTest, TakesNamesInAnyFormAndCustomaryChinese) {
  EXPECT_EQ(*ParseEnum<intake::v1::IssueKind>("problem"), intake::v1::ISSUE_KIND_PROBLEM);
  EXPECT_EQ(*ParseEnum<intake::v1::IssueKind>("ISSUE_KIND_NEED"), intake::v1::ISSUE_KIND_NEED);
  EXPECT_EQ(*ParseEnum<intake::v1::IssueKind>("建议"), intake::v1::ISSUE_KIND_SUGGESTION);
  EXPECT_EQ(*ParseEnum<intake::v1::RecordKind>("policy-delivery"), intake::v1::RECORD_KIND_POLICY_DELIVERY);
  EXPECT_EQ(EnumText(intake::v1::RECORD_KIND_POLICY_DELIVERY), "policy_delivery");
}

TEST(ParseEnumTest, NeverMeansTheZeroValueAndSaysWhatThereIs) {
  EXPECT_EQ(ParseEnum<intake::v1::IssueKind>("unspecified").status().message(),
            "'unspecified' is not one of problem, need, suggestion");
  // A word of another enumeration.
  EXPECT_FALSE(ParseEnum<intake::v1::IssueKind>("走访").ok());
}

TEST(ParseDateSpanTest, TakesMonthsDaysAndOpenEnds) {
  EXPECT_EQ(DateText(ParseDateSpan("2024-02")->last()), "2024-02-29");
  EXPECT_EQ(DateText(ParseDateSpan("2024-05-09")->first()), "2024-05-09");
  EXPECT_EQ(DateText(ParseDateSpan("2024-05-09")->last()), "2024-05-09");
  EXPECT_FALSE(ParseDateSpan("2024-05-01..")->has_last());
  EXPECT_FALSE(ParseDateSpan("..2024-05-01")->has_first());
}

TEST(ParseTargetTest, TakesAUuidOrAKey) {
  EXPECT_EQ(ParseTarget("0190163d-8694-739b-aea5-966c26f8ad91")->id, "0190163d-8694-739b-aea5-966c26f8ad91");
  EXPECT_EQ(ParseTarget("jinshui-oa/I-1/2")->key.external_id(), "I-1/2");
  EXPECT_FALSE(ParseTarget("I-1").ok());
}

TEST(PeriodsTest, DefaultToTheYearOfToday) {
  const auto periods = PeriodsOf(PeriodOptions{}, absl::CivilDay(2024, 11, 13));
  ASSERT_TRUE(periods.ok());
  ASSERT_EQ(periods->size(), 1u);
  EXPECT_EQ(PeriodText((*periods)[0]), "2024");
}

TEST(PeriodsTest, ComeInAFixedOrder) {
  PeriodOptions options;
  options.years = {2023};
  options.quarters = {"2024q2"};
  options.months = {"2024-01..2024-02"};
  options.from = "2024-01-24";
  options.to = "2024-11-12";
  const auto periods = PeriodsOf(options, absl::CivilDay(2024, 11, 13));
  ASSERT_TRUE(periods.ok());
  std::vector<std::string> texts;
  for (const auto& period : *periods) texts.push_back(PeriodText(period));
  EXPECT_EQ(texts,
            (std::vector<std::string>{"2024-01", "2024-02", "2024Q2", "2023", "2024-01-24..2024-11-12"}));
}

}  // namespace
}  // namespace zhuqi::ctl
