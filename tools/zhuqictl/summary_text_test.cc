#include "tools/zhuqictl/summary_text.h"

#include <google/protobuf/text_format.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using testing::HasSubstr;

template <class Message>
Message Make(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

directory::v1::SummaryForm Form() {
  return Make<directory::v1::SummaryForm>(R"(
    form_id: "district" name: "区县月报" version: 1
    indicators { indicator_id: "visits" name: "走访企业次数" unit: "次" required: true }
    indicators { indicator_id: "rate" name: "解决率" unit: "%" decimals: 1 }
    sections { section_id: "difficulties" name: "存在的困难" required: true max_characters: 500 })");
}

TEST(CellValueText, HasTheIndicatorsDigits) {
  EXPECT_EQ(CellValueText(1234, 0), "1234");
  EXPECT_EQ(CellValueText(1234, 2), "12.34");
  EXPECT_EQ(CellValueText(5, 2), "0.05");
  EXPECT_EQ(CellValueText(-5, 1), "-0.5");
  EXPECT_EQ(CellValueText(0, 4), "0.0000");
}

TEST(DraftFile, IsTheRequestThatItSendsWithCommentsThatExplainIt) {
  const auto draft = Make<intake::v1::DraftSummaryResponse>(R"(
    cells { indicator_id: "visits" value: 29 status: CELL_STATUS_REPORTED derivation: CELL_DERIVATION_AUTOMATIC counted_value: 29 }
    cells { indicator_id: "rate" status: CELL_STATUS_MISSING derivation: CELL_DERIVATION_MANUAL }
    sources { indicator_id: "visits" own_records: 4 lower_level: 25 lower_units: 13 }
    sources { indicator_id: "rate" }
    basis { org_unit_id: "huayuanlu" form_id: "township" revision: 2 digest: "ab" }
    missing_units: "fengchan" etag: "s3" form_version: 1)");
  const auto summary = Make<intake::v1::MonthlySummary>(
      R"(org_unit_id: "jinshui" month { year: 2026 month: 1 } form_id: "district")");
  const std::string file = DraftFile(draft, summary, Form(), "金水区");
  EXPECT_THAT(file, HasSubstr("# 金水区 2026-01 区县月报"));
  EXPECT_THAT(file,
              HasSubstr("# 走访企业次数 (次): own records 4, level below 25 from 13 units; required\n"));
  EXPECT_THAT(file, HasSubstr("# 解决率 (%): to be filled in; 1 digits after the point: 1234 is 123.4\n"));
  EXPECT_THAT(file, HasSubstr("# 存在的困难: required, at most 500 characters\n"));
  EXPECT_THAT(file, HasSubstr("# Owed and not accepted below: fengchan\n"));
  const auto request = Make<intake::v1::SubmitSummaryRequest>(file);
  EXPECT_EQ(request.org_unit_id(), "jinshui");
  EXPECT_EQ(request.form_id(), "district");
  EXPECT_EQ(request.etag(), "s3");
  ASSERT_EQ(request.cells_size(), 2);
  EXPECT_EQ(request.cells(0).SerializeAsString(), draft.cells(0).SerializeAsString());
  EXPECT_EQ(request.sections(0).section_id(), "difficulties");
  ASSERT_EQ(request.basis_size(), 1);
  EXPECT_EQ(request.basis(0).digest(), "ab");
}

TEST(SummaryText, NilAndMissingAreWordsAndNotZero) {
  const auto summary = Make<intake::v1::MonthlySummary>(R"(
    org_unit_id: "jinshui" month { year: 2026 month: 1 } form_id: "district" state: SUMMARY_STATE_ACCEPTED revision: 2 vintage: 1
    cells { indicator_id: "visits" status: CELL_STATUS_NIL derivation: CELL_DERIVATION_MANUAL }
    cells { indicator_id: "rate" value: 955 status: CELL_STATUS_REPORTED derivation: CELL_DERIVATION_ADJUSTED counted_value: 950 note: "含补录" }
    reminders { kind: REMINDER_KIND_DUE_SOON act_by { seconds: 1770368400 } reminded_at { seconds: 1770080400 } }
    reviews { revision: 1 decision: REVIEW_DECISION_ACCEPT reviewer: "city" voided: true voided_by: "revision 2" }
    reviews { revision: 2 decision: REVIEW_DECISION_COMMENT reviewer: "city" comment: "请附台账" })");
  const std::string text = SummaryText(summary, Form(), true);
  EXPECT_THAT(text, HasSubstr("走访企业次数         nil"));
  EXPECT_THAT(text, HasSubstr("95.5"));
  EXPECT_THAT(text, HasSubstr("revision 2, vintage 1"));
  EXPECT_THAT(text, HasSubstr("reminded 2026-02-03 09:00: due_soon, due 2026-02-06 17:00\n"));
  EXPECT_THAT(text, HasSubstr("(voided by revision 2)"));
  EXPECT_THAT(text, HasSubstr("review of revision 2: comment"));
  EXPECT_THAT(text, HasSubstr("by city 请附台账\n"));
}

TEST(FindingsText, ErrorsComeFirst) {
  const auto summary = Make<intake::v1::MonthlySummary>(R"(
    findings { rule_id: "outlier" indicator_id: "visits" message: "far" message_zh: "偏离" figures: "29 > 28" }
    findings { rule_id: "required" indicator_id: "rate" error: true message: "needed" message_zh: "必填" })");
  const std::string text = FindingsText(summary.findings(), true);
  EXPECT_LT(text.find("必填"), text.find("偏离"));
  EXPECT_TRUE(HasErrors(summary.findings()));
  EXPECT_THAT(FindingsText(summary.findings(), false), HasSubstr("29 > 28  far"));
}

TEST(ComparisonText, ShowsChangesOfNumbersAndWordsForTheRest) {
  const auto comparison = Make<intake::v1::CompareRevisionsResponse>(R"(
    left { revision: 1 } right { revision: 2 vintage: 1 }
    cells { indicator_id: "rate" left { value: 950 status: CELL_STATUS_REPORTED } right { value: 955 status: CELL_STATUS_REPORTED } change: 5 }
    cells { indicator_id: "visits" left { status: CELL_STATUS_MISSING } right { status: CELL_STATUS_NIL } }
    sections { section_id: "difficulties" left: "无" right: "缺人" })");
  const std::string text = ComparisonText(comparison, Form(), false);
  EXPECT_THAT(text, HasSubstr("+0.5"));
  EXPECT_THAT(text, HasSubstr("missing         nil"));
  EXPECT_THAT(text, HasSubstr("- 无\n+ 缺人\n"));
}

}  // namespace
}  // namespace zhuqi::ctl
