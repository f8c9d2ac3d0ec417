#include "services/intake/directory/form_check.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::SummaryForm;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kWeekly[] = R"(
    form_id: "township" name: "街道月报" level: ORG_UNIT_LEVEL_TOWNSHIP first_month { year: 2026 month: 2 } due_working_day: 3
    indicators { indicator_id: "visits" name: "走访" measure: "visits" }
    indicators { indicator_id: "share" name: "占比" kind: INDICATOR_KIND_RATE decimals: 2 }
    indicators { indicator_id: "money" name: "金额" unit: "万元" decimals: 2 })";

// A request for the form of townships, with more fields.
ApplyDirectoryRequest Township(const std::string& more = "") {
  ApplyDirectoryRequest request;
  *request.add_forms() = FromText<SummaryForm>(absl::StrCat(kWeekly, more));
  return request;
}

TEST(Forms, StandForWhatTheyLeaveOut) {
  const auto city = After(*City(), Township("sections { section_id: \"difficulties\" name: \"困难\" }"));
  const SummaryForm& form = *city->FormVersion("township", 1);
  EXPECT_EQ(form.version(), 1);
  EXPECT_EQ(form.return_working_days(), 3);
  EXPECT_EQ(form.lock_working_day(), 0);
  EXPECT_EQ(form.indicators(0).kind(), directory::v1::INDICATOR_KIND_FLOW);
  EXPECT_EQ(form.sections(0).max_characters(), 2000);
}

TEST(Forms, TermsEndAtTheirLimits) {
  EXPECT_THAT(
      Wrong(*City(),
            Township("lock_working_day: 22 return_working_days: 22 remind_working_days: 15 version: 10000")),
      IsEmpty());
  EXPECT_THAT(Wrong(*City(), Township("lock_working_day: 3 return_working_days: 1 remind_working_days: 0")),
              IsEmpty());
  EXPECT_THAT(
      Wrong(*City(),
            Township("lock_working_day: 23 return_working_days: 23 remind_working_days: 16 version: 10001")),
      ElementsAre("forms[0].version OUT_OF_RANGE", "forms[0].lock_working_day OUT_OF_RANGE",
                  "forms[0].return_working_days OUT_OF_RANGE", "forms[0].remind_working_days OUT_OF_RANGE"));
  // Late and locked are two things: it is not locked before it is due.
  EXPECT_THAT(
      Wrong(*City(),
            Township("lock_working_day: 2 return_working_days: -1 remind_working_days: -1 version: -1")),
      ElementsAre("forms[0].version OUT_OF_RANGE", "forms[0].lock_working_day OUT_OF_RANGE",
                  "forms[0].return_working_days OUT_OF_RANGE", "forms[0].remind_working_days OUT_OF_RANGE"));
}

TEST(Forms, HaveSoManyPartsAndNoMore) {
  ApplyDirectoryRequest request = Township();
  SummaryForm& form = *request.mutable_forms(0);
  while (form.indicators_size() < 200) {
    auto& indicator = *form.add_indicators();
    indicator.set_indicator_id(absl::StrCat("i", form.indicators_size()));
    indicator.set_name("指标");
  }
  for (int i = 0; i < 20; ++i) {
    form.add_sections()->set_section_id(absl::StrCat("s", i));
    form.mutable_sections(i)->set_name("段");
    form.mutable_sections(i)->set_max_characters(8000);
  }
  for (int i = 0; i < 200; ++i) {
    *form.add_rules() = FromText<directory::v1::ValidationRule>(R"(
        left { terms { indicator_id: "visits" } } comparison: COMPARISON_AT_LEAST severity: SEVERITY_ERROR)");
    form.mutable_rules(i)->set_rule_id(absl::StrCat("r", i));
  }
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  form.mutable_sections(0)->set_max_characters(8001);
  form.add_indicators()->set_indicator_id("over");
  form.mutable_indicators(200)->set_name("多");
  form.add_sections()->set_section_id("over");
  form.mutable_sections(20)->set_name("多");
  *form.add_rules() = form.rules(0);
  EXPECT_THAT(Wrong(*City(), request),
              ElementsAre("forms[0].indicators OUT_OF_RANGE", "forms[0].sections OUT_OF_RANGE",
                          "forms[0].sections[0].max_characters OUT_OF_RANGE", "forms[0].rules OUT_OF_RANGE"));
}

std::string Rule(const std::string& fields) {
  return absl::StrCat(R"(rules { rule_id: "r" comparison: COMPARISON_AT_MOST severity: SEVERITY_WARNING )",
                      fields, "}");
}

TEST(Forms, RulesNameIndicatorsThatThereAre) {
  EXPECT_THAT(Wrong(*City(), Township(Rule(R"(left { terms { indicator_id: "visits" source: SOURCE_RECORDS } }
                                             right { constant: 100 terms { indicator_id: "money" factor_thousandths: -500 } })"))),
              IsEmpty());
  EXPECT_THAT(
      Wrong(*City(), Township(R"(
      rules { rule_id: "R" }
      rules { rule_id: "a" comparison: COMPARISON_EQUAL severity: SEVERITY_ERROR
              left { terms { indicator_id: "none" } terms { indicator_id: "money" source: SOURCE_RECORDS } }
              right { constant: 1000000000001
                      terms { indicator_id: "visits" factor_thousandths: 1000000001 } } })")),
      ElementsAre("forms[0].rules[0].rule_id IDENTIFIER_INVALID", "forms[0].rules[0].comparison REQUIRED",
                  "forms[0].rules[0].severity REQUIRED", "forms[0].rules[0].left.terms REQUIRED",
                  "forms[0].rules[1].left.terms[0].indicator_id INDICATOR_UNKNOWN",
                  "forms[0].rules[1].left.terms[1].indicator_id INDICATOR_WITHOUT_MEASURE",
                  "forms[0].rules[1].right.terms[0].factor_thousandths OUT_OF_RANGE",
                  "forms[0].rules[1].right.constant OUT_OF_RANGE"));
  std::string terms;
  for (int i = 0; i < 20; ++i) absl::StrAppend(&terms, "terms { indicator_id: \"visits\" }");
  EXPECT_THAT(Wrong(*City(), Township(Rule(absl::StrCat("left {", terms, "}")))), IsEmpty());
  EXPECT_THAT(
      Wrong(*City(), Township(Rule(absl::StrCat("left {", terms, "terms { indicator_id: \"visits\" } }")))),
      ElementsAre("forms[0].rules[0].left.terms OUT_OF_RANGE"));
}

TEST(Forms, ValuesEndAtTheirLimits) {
  const auto with = [](const std::string& fields) {
    return Township(absl::StrCat("indicators { indicator_id: \"x\" name: \"丙\" ", fields, "}"));
  };
  EXPECT_THAT(Wrong(*City(), with("decimals: 4 min_value: -1000000000000 max_value: 1000000000000")),
              IsEmpty());
  EXPECT_THAT(Wrong(*City(), with("decimals: 5 min_value: -1000000000001 max_value: 1000000000001")),
              ElementsAre("forms[0].indicators[3].decimals OUT_OF_RANGE",
                          "forms[0].indicators[3].min_value OUT_OF_RANGE",
                          "forms[0].indicators[3].max_value OUT_OF_RANGE"));
  EXPECT_THAT(Wrong(*City(), with("min_value: 5 max_value: 4")),
              ElementsAre("forms[0].indicators[3].max_value VALUES_OUT_OF_ORDER"));
  EXPECT_THAT(Wrong(*City(), with("unit: \"一二三四五六七八九十一二三四五六七八九十\"")), IsEmpty());
  EXPECT_THAT(Wrong(*City(), with("unit: \"一二三四五六七八九十一二三四五六七八九十一\"")),
              ElementsAre("forms[0].indicators[3].unit TEXT_TOO_LONG"));
}

TEST(Forms, HigherFormSumsUpALowerOne) {
  const auto city = After(*City(), Township());
  const std::string district =
      R"(forms { form_id: "monthly" name: "助企月报" level: ORG_UNIT_LEVEL_DISTRICT version: 2
      first_month { year: 2026 month: 2 } due_working_day: 5 lower_form_id: "township" )";
  EXPECT_THAT(Wrong(*city, absl::StrCat(district, R"(
      indicators { indicator_id: "visits" name: "走访" lower_indicator_id: "visits" }
      rules { rule_id: "sum" comparison: COMPARISON_AT_LEAST severity: SEVERITY_WARNING
              left { terms { indicator_id: "visits" } } right { terms { indicator_id: "visits" source: SOURCE_LOWER_LEVEL } } } })")),
              IsEmpty());
  EXPECT_THAT(Wrong(*city, absl::StrCat(district, R"(
      indicators { indicator_id: "a" name: "甲" lower_indicator_id: "none" }
      indicators { indicator_id: "b" name: "乙" lower_indicator_id: "share" decimals: 2 }
      indicators { indicator_id: "c" name: "丙" lower_indicator_id: "money" }
      rules { rule_id: "sum" comparison: COMPARISON_AT_LEAST severity: SEVERITY_WARNING
              left { terms { indicator_id: "a" } } right { terms { indicator_id: "x" source: SOURCE_LOWER_LEVEL } } } })")),
              ElementsAre("forms[0].indicators[0].lower_indicator_id INDICATOR_UNKNOWN",
                          "forms[0].indicators[1].lower_indicator_id RATE_NOT_ADDED",
                          "forms[0].indicators[2].lower_indicator_id DECIMALS_DIFFER",
                          "forms[0].rules[0].right.terms[0].indicator_id INDICATOR_UNKNOWN"));
  EXPECT_THAT(Wrong(*City(), Township("lower_form_id: \"monthly\"")),
              ElementsAre("forms[0].lower_form_id LOWER_FORM_NOT_BELOW"));
  EXPECT_THAT(Wrong(*City(), Township("lower_form_id: \"none\"")),
              ElementsAre("forms[0].lower_form_id FORM_UNKNOWN"));
}

// The form of CityRequest as version `version` from `month` of 2026 on, asking for `indicator` too.
ApplyDirectoryRequest Monthly(int version, int month, const std::string& indicator) {
  ApplyDirectoryRequest request;
  *request.add_forms() = CityRequest().forms(0);
  SummaryForm& form = *request.mutable_forms(0);
  form.set_version(version);
  form.mutable_first_month()->set_year(2026);
  form.mutable_first_month()->set_month(month);
  form.add_indicators()->set_indicator_id(indicator);
  form.mutable_indicators(form.indicators_size() - 1)->set_name("新指标");
  return request;
}

// Old summaries keep the form that they were owed by. kTestToday is in January 2026.
TEST(Forms, WhatWasAskedForInABegunMonthStays) {
  EXPECT_THAT(Wrong(*City(), Monthly(2, 2, "new")), IsEmpty());
  EXPECT_THAT(Wrong(*City(), Monthly(2, 1, "new")),
              ElementsAre("forms[0].first_month FORM_VERSION_IN_FORCE"));
  ApplyDirectoryRequest changed;
  *changed.add_forms() = CityRequest().forms(0);
  changed.mutable_forms(0)->mutable_indicators(0)->set_name("走访次数");
  changed.mutable_forms(0)->set_due_working_day(6);
  EXPECT_THAT(Wrong(*City(), changed), IsEmpty());  // names and terms may be mended
  changed.mutable_forms(0)->mutable_indicators(0)->set_measure("enterprises_reached");
  EXPECT_THAT(Wrong(*City(), changed), ElementsAre("forms[0].indicators[0].measure FORM_VERSION_IN_FORCE"));
}

TEST(Forms, VersionsFollowOneAnother) {
  const auto city = After(*City(), Monthly(3, 6, "new"));
  EXPECT_THAT(Wrong(*city, Monthly(2, 6, "other")),
              ElementsAre("forms[0].first_month VERSIONS_OUT_OF_ORDER"));
  EXPECT_THAT(Wrong(*city, Monthly(4, 5, "other")),
              ElementsAre("forms[0].first_month VERSIONS_OUT_OF_ORDER"));
  EXPECT_THAT(Wrong(*city, Monthly(4, 7, "other")), IsEmpty());
}

}  // namespace
}  // namespace zhuqi::intake
