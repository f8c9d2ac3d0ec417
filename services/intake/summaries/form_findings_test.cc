#include "services/intake/summaries/form_findings.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/exact_number.h"
#include "services/intake/summaries/outlier_rules.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A good summary of 金水区 but for what `cells` say.
v1::SubmitSummaryRequest District(const std::string& cells, const std::string& words = "无") {
  auto request = FromText<v1::SubmitSummaryRequest>(
      absl::StrCat(R"(org_unit_id: "jinshui" month { year: 2025 month: 12 } )", cells));
  if (words.empty()) return request;
  v1::SectionText& section = *request.add_sections();
  section.set_section_id("difficulties");
  section.set_text(words);
  return request;
}

std::string Cell(const std::string& indicator, int64_t value) {
  return absl::StrCat("cells { indicator_id: \"", indicator, "\" status: CELL_STATUS_REPORTED value: ", value,
                      " } ");
}

MonthEvidence DistrictEvidence() {
  MonthEvidence evidence = EvidenceFor(Chain(), "district");
  evidence.own_records["visits"] = 4;
  return evidence;
}

// An accepted summary below.
FormedSummary Lower(const std::string& unit, const std::string& cells) {
  FormedSummary lower;
  lower.form = Chain()->FormFor("township", kDecember);
  lower.summary = FromText<v1::MonthlySummary>(absl::StrCat(
      R"(form_id: "township" revision: 1 digest: "d" state: SUMMARY_STATE_ACCEPTED org_unit_id: ")", unit,
      "\" ", cells));
  return lower;
}

FormedSummary Past(int year, int month, const std::string& cells) {
  FormedSummary past;
  past.form = Chain()->FormFor("district", kDecember);
  past.summary =
      FromText<v1::MonthlySummary>(absl::StrCat("month { year: ", year, " month: ", month, " } ", cells));
  return past;
}

StoredSummary Checked(const v1::SubmitSummaryRequest& request, const MonthEvidence& evidence,
                      std::set<std::string> superseded = {}) {
  return SentWith(OwedBy(*Chain(), "jinshui", "district"), request,
                  {evidence, std::move(superseded), false, "clerk", kInTime});
}

// "ERROR rule indicator figures", for each finding.
std::vector<std::string> Lines(const StoredSummary& checked) {
  std::vector<std::string> lines;
  for (const v1::SummaryFinding& finding : checked.summary.findings()) {
    const char* weight = finding.not_checked() ? "unchecked " : finding.error() ? "ERROR " : "warning ";
    lines.push_back(absl::StrCat(weight, finding.rule_id(), finding.indicator_id().empty() ? "" : " ",
                                 finding.indicator_id(), finding.figures().empty() ? "" : " ",
                                 finding.figures()));
  }
  return lines;
}

// "field REASON", for each finding that refuses.
std::vector<std::string> Refused(const v1::MonthlySummary& checked, const v1::SubmitSummaryRequest& request) {
  std::vector<std::string> refused;
  const auto bad = rpc::BadRequestOf(RefuseErrors(checked.findings(), request));
  if (!bad.has_value()) return refused;
  for (const auto& violation : bad->field_violations()) {
    refused.push_back(absl::StrCat(violation.field(), " ",
                                   violation.description().substr(0, violation.description().find(':'))));
  }
  return refused;
}

TEST(ExactNumber, IsExactInTheLastPlace) {
  ExactNumber sum;
  for (int i = 0; i < 10; ++i) sum += ExactNumber::FromCell(1, 1);
  EXPECT_EQ(sum, ExactNumber::FromWhole(1));  // which ten times 0.1 is not in floating point
  EXPECT_EQ(ExactNumber::FromCell(12345, 2).ToString(), "123.45");
  EXPECT_EQ(ExactNumber::FromCell(-5, 1).ToString(), "-0.5");
  EXPECT_EQ(ExactNumber::FromCell(100, 2).ToString(), "1");
  EXPECT_EQ(ExactNumber::TimesThousandths(ExactNumber::FromCell(1, 4), 1).ToString(), "0.0000001");
  // The greatest that a form can ask for: twenty terms of the greatest value and factor.
  ExactNumber greatest;
  for (int i = 0; i < 20; ++i) {
    greatest += ExactNumber::TimesThousandths(ExactNumber::FromWhole(1'000'000'000'000), 1'000'000'000);
  }
  EXPECT_EQ(greatest.ToString(), "20000000000000000000");
}

TEST(Findings, GoodSummaryHasOnlyWhatCouldNotBeChecked) {
  EXPECT_THAT(Lines(Checked(District(Cell("visits", 10) + Cell("reached", 20)), DistrictEvidence())),
              ElementsAre("unchecked visits-add-up visits", "unchecked open-goes-on open"));
}

TEST(Findings, AllAreFoundAtOnce) {
  const StoredSummary checked =
      Checked(District(Cell("rate", 1001) + Cell("reached", 3) + Cell("open", -1), "十一个字符的困难说明啊"),
              DistrictEvidence(), {"huayuanlu"});
  EXPECT_THAT(
      Lines(checked),
      ElementsAre("ERROR required visits", "ERROR range rate 100.1 > 100", "ERROR range open -1 < 0",
                  "ERROR section 11 > 10", "unchecked reached-at-most-visits",
                  "unchecked visits-add-up visits", "unchecked open-goes-on open", "ERROR basis_superseded"));
  const absl::Status refused = RefuseErrors(checked.summary.findings(), District(Cell("rate", 1001)));
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  const auto bad = rpc::BadRequestOf(refused);
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 5);
  EXPECT_EQ(bad->field_violations(1).description(),
            "OUT_OF_RANGE: range: rate is 100.1, which is not 0 to 100 (100.1 > 100)");
  EXPECT_THAT(Refused(checked.summary, District(Cell("rate", 1001))),
              ElementsAre("cells VALUE_REQUIRED", "cells[0].value OUT_OF_RANGE", "cells OUT_OF_RANGE",
                          "sections SECTION_NOT_GOOD", "basis BASIS_SUPERSEDED"));
}

TEST(Findings, BrokenRuleIsNamedAsSuch) {
  const auto request = District(Cell("visits", 1) + Cell("reached", 3));
  EXPECT_THAT(Refused(Checked(request, DistrictEvidence()).summary, request),
              ElementsAre("cells RULE_BROKEN"));
}

TEST(Findings, RangeHoldsAtItsEndsAndNotOnePast) {
  const auto range = [](int64_t rate) {
    const auto lines = Lines(Checked(District(Cell("visits", 1) + Cell("rate", rate)), DistrictEvidence()));
    return lines.front();
  };
  EXPECT_EQ(range(0), "unchecked reached-at-most-visits");
  EXPECT_EQ(range(1000), "unchecked reached-at-most-visits");
  EXPECT_EQ(range(1001), "ERROR range rate 100.1 > 100");
  EXPECT_EQ(range(-1), "ERROR range rate -0.1 < 0");
  const auto unless_said = [](int64_t visits) {
    return Lines(Checked(District(Cell("visits", visits)), DistrictEvidence())).front();
  };
  EXPECT_EQ(unless_said(1'000'000'000), "unchecked reached-at-most-visits");
  EXPECT_EQ(unless_said(1'000'000'001), "ERROR range visits 1000000001 > 1000000000");
}

TEST(Findings, SectionThatIsRequiredAndItsLength) {
  const auto first = [](const std::string& words) {
    return Lines(Checked(District(Cell("visits", 10) + Cell("reached", 1), words), DistrictEvidence()))
        .front();
  };
  EXPECT_EQ(first(""), "ERROR section");
  EXPECT_EQ(first("一二三四五六七八九十"), "unchecked visits-add-up visits");
  EXPECT_EQ(first("一二三四五六七八九十百"), "ERROR section 11 > 10");
}

TEST(Findings, RuleWithinTheSummary) {
  const auto first = [](int64_t reached) {
    return Lines(Checked(District(Cell("visits", 10) + Cell("reached", reached)), DistrictEvidence()))
        .front();
  };
  EXPECT_EQ(first(20), "unchecked visits-add-up visits");
  EXPECT_EQ(first(21), "ERROR reached-at-most-visits 21 > 20");
}

TEST(Findings, RuleAcrossLevelsAddsTheTownshipsAndTheOwnRecords) {
  MonthEvidence evidence = DistrictEvidence();
  evidence.lower = {Lower("fengchan", Cell("visits", 5)), Lower("huayuanlu", Cell("visits", 2))};
  auto request = District(Cell("visits", 11) + Cell("reached", 1));
  for (const FormedSummary& lower : evidence.lower) *request.add_basis() = BasisOf(lower.summary);
  EXPECT_THAT(Lines(Checked(request, evidence)), ElementsAre("unchecked open-goes-on open"));
  request.mutable_cells(0)->set_value(12);
  EXPECT_THAT(Lines(Checked(request, evidence)),
              ElementsAre("warning visits-add-up visits 12 > 11", "unchecked open-goes-on open"));
}

TEST(Traps, MissingBelowIsNotZero) {
  MonthEvidence evidence = DistrictEvidence();
  evidence.lower = {Lower("fengchan", R"(cells { indicator_id: "visits" status: CELL_STATUS_MISSING })")};
  auto request = District(Cell("visits", 4) + Cell("reached", 1));
  *request.add_basis() = BasisOf(evidence.lower[0].summary);
  EXPECT_EQ(Lines(Checked(request, evidence)).front(), "unchecked visits-add-up visits");
  evidence.lower = {Lower("fengchan", R"(cells { indicator_id: "visits" status: CELL_STATUS_NIL })")};
  EXPECT_EQ(Lines(Checked(request, evidence)).front(), "unchecked open-goes-on open");
}

TEST(Findings, RuleAgainstTheMonthBefore) {
  MonthEvidence evidence = DistrictEvidence();
  evidence.past = {Past(2025, 11, Cell("open", 41)), Past(2025, 10, Cell("open", 1))};
  const auto last = [&](int64_t open) {
    return Lines(Checked(District(Cell("visits", 10) + Cell("reached", 1) + Cell("open", open)), evidence))
        .back();
  };
  EXPECT_EQ(last(20), "unchecked visits-add-up visits");  // 20 >= 41 / 2 - 1
  EXPECT_EQ(last(19), "warning open-goes-on open 19 < 19.5");
}

TEST(Findings, LowerLevelThatIsMissingOrLeftOut) {
  MonthEvidence evidence = DistrictEvidence();
  evidence.lower = {Lower("fengchan", Cell("visits", 6))};
  evidence.missing_units = {"huayuanlu"};
  const StoredSummary checked = Checked(District(Cell("visits", 10) + Cell("reached", 1)), evidence);
  EXPECT_THAT(Lines(checked),
              ElementsAre("unchecked open-goes-on open", "warning lower_level", "warning lower_level"));
  EXPECT_EQ(checked.summary.findings(1).message(), "1 summaries below are owed and not accepted: huayuanlu");
  EXPECT_EQ(checked.summary.findings(2).message(),
            "1 accepted summaries below are not in the basis: fengchan");
}

TEST(UsualRange, NeedsSixMonths) {
  EXPECT_FALSE(UsualRangeOf({1, 2, 3, 4, 5}).has_value());
  EXPECT_TRUE(UsualRangeOf({1, 2, 3, 4, 5, 6}).has_value());
}

TEST(UsualRange, IsThreeDistancesFromTheMedian) {
  // Deviations from 100: 30 20 10 10 20 30, median 20, times 1.4826 is 29.652.
  const auto wide = UsualRangeOf({70, 80, 90, 110, 120, 130});
  EXPECT_DOUBLE_EQ(wide->median, 100);
  EXPECT_DOUBLE_EQ(wide->greatest, 100 + 3 * 29.652);
  // What never varies still varies by chance: the root of 100 is 10.
  EXPECT_DOUBLE_EQ(UsualRangeOf({100, 100, 100, 100, 100, 100})->greatest, 130);
  EXPECT_DOUBLE_EQ(UsualRangeOf({0, 0, 0, 0, 0, 0})->greatest, 3);
  EXPECT_DOUBLE_EQ(UsualRangeOf({0, 0, 0, 0, 0, 0})->least, 0);
}

TEST(Findings, OutlierIsAWarningWithTheFiguresThatMakeItOne) {
  MonthEvidence evidence = DistrictEvidence();
  for (int month = 11; month > 5; --month)
    evidence.past.push_back(Past(2025, month, Cell("visits", 8 + month)));
  // 14 to 19: median 16.5, distances 0.5 to 2.5, so the root of the median counts: 3 * 4.06.
  const auto usual = Checked(District(Cell("visits", 28) + Cell("reached", 1)), evidence);
  EXPECT_EQ(Lines(usual).back(), "unchecked open-goes-on open");
  const auto unusual = Checked(District(Cell("visits", 29) + Cell("reached", 1)), evidence);
  EXPECT_EQ(Lines(unusual).back(), "warning outlier visits 29 > 28.6861");
  EXPECT_EQ(unusual.summary.findings().rbegin()->message(),
            "visits is 29, outside the unit's usual 4.31394 to 28.6861: of its last 6 months the median is "
            "16.5, the "
            "least 14, the greatest 19");
  EXPECT_TRUE(RefuseErrors(unusual.summary.findings(), District("")).ok());
}

TEST(Findings, BasisOfAnotherUnitOrFormIsRefused) {
  MonthEvidence evidence = DistrictEvidence();
  evidence.missing_units = {"huayuanlu"};
  auto request = District(Cell("visits", 1));
  request.add_basis()->set_org_unit_id("zhongmu");
  request.mutable_basis(0)->set_form_id("township");
  request.add_basis()->set_org_unit_id("huayuanlu");
  request.mutable_basis(1)->set_form_id("district");
  const auto refused =
      Submit(OwedBy(*Chain(), "jinshui", "district"), request, {evidence, {}, false, "clerk", kInTime});
  const auto bad = rpc::BadRequestOf(refused.status());
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "BASIS_UNKNOWN");
}

}  // namespace
}  // namespace zhuqi::intake
