#include "tools/zhuqictl/obligation_text.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/table.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::Obligation;

Obligation Make(const std::string& text) {
  Obligation obligation;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &obligation)) << text;
  return obligation;
}

directory::v1::OrgUnit Unit(const std::string& id, const std::string& name, const std::string& parent) {
  directory::v1::OrgUnit unit;
  unit.set_org_unit_id(id);
  unit.set_name(name);
  unit.set_parent_id(parent);
  return unit;
}

const std::vector<directory::v1::OrgUnit>& Units() {
  static const auto& units = *new std::vector<directory::v1::OrgUnit>{
      Unit("hangkonggang", "郑州航空港经济综合实验区", "zhengzhou"),
      Unit("huayuanlu", "花园路街道", "jinshui"), Unit("jinshui", "金水区", "zhengzhou"),
      Unit("zhengzhou", "郑州市", "")};
  return units;
}

const std::vector<Obligation>& Obligations() {
  static const auto& obligations = *new std::vector<Obligation>{
      Make(
          R"(org_unit_id: "jinshui" form_id: "d" month { year: 2026 month: 2 } state: SUMMARY_STATE_OWED overdue: true
              working_days_late: 12)"),
      Make(
          R"(org_unit_id: "huayuanlu" form_id: "t" month { year: 2026 month: 1 } state: SUMMARY_STATE_ACCEPTED
              nil_report: true working_days_late: 2 vintage: 1)"),
      Make(
          R"(org_unit_id: "hangkonggang" form_id: "d" month { year: 2026 month: 1 } state: SUMMARY_STATE_SUBMITTED)"),
      Make(R"(org_unit_id: "jinshui" form_id: "d" month { year: 2026 month: 1 } state: SUMMARY_STATE_SUBMITTED
              basis_superseded: true)")};
  return obligations;
}

TEST(ObligationMatrix, AlignsChineseAndFollowsTheTree) {
  EXPECT_EQ(ObligationMatrix(Obligations(), Units(), {true, false}),
            "                          2026-01          2026-02\n"
            "郑州航空港经济综合实验区  待审\n"
            "金水区                    重汇             逾期 迟12\n"
            "  花园路街道              通过 零 迟2 改1\n"
            "\n"
            "通过 已通过；待审 已报送，待审核；重汇 下级已变，须重新汇总报送；逾期 逾期未报；零 零报告；迟n "
            "迟报工作日数；改n 锁定后更正次数\n");
}

TEST(ObligationMatrix, ColumnsStandBelowEachOther) {
  const std::string text = ObligationMatrix(Obligations(), Units(), {true, false});
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const auto column = [](const std::string& line, const std::string& word) {
    return DisplayWidth(line.substr(0, line.find(word)));
  };
  EXPECT_EQ(column(lines[0], "2026-01"), column(lines[1], "待审"));
  EXPECT_EQ(column(lines[0], "2026-01"), column(lines[3], "通过"));
  EXPECT_EQ(column(lines[0], "2026-02"), column(lines[2], "逾期"));
}

TEST(ObligationMatrix, ColourChangesNoWord) {
  std::string coloured = ObligationMatrix(Obligations(), Units(), {true, true});
  EXPECT_THAT(coloured, testing::HasSubstr("\x1b[31;1m逾期 迟12\x1b[0m"));
  std::string plain;
  for (size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
      continue;
    }
    plain.push_back(coloured[i]);
  }
  std::string without_trailing;
  for (absl::string_view line : absl::StrSplit(plain, '\n')) {
    while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
    absl::StrAppend(&without_trailing, line, "\n");
  }
  without_trailing.pop_back();
  EXPECT_EQ(without_trailing, ObligationMatrix(Obligations(), Units(), {true, false}));
}

TEST(ObligationMatrix, SpeaksEnglish) {
  EXPECT_THAT(ObligationMatrix(Obligations(), Units(), {false, false}),
              testing::AllOf(testing::HasSubstr("OVERDUE +12d"), testing::HasSubstr("ok nil +2d v1"),
                             testing::HasSubstr("overdue; nil a nil report")));
  EXPECT_EQ(ObligationMatrix({}, Units(), {false, false}), "nothing is owed\n");
}

TEST(ObligationMatrix, ReturnedAndNotSentAgainInTimeIsNotNeverSent) {
  const Obligation overdue =
      Make(R"(org_unit_id: "jinshui" form_id: "d" month { year: 2026 month: 1 } state: SUMMARY_STATE_RETURNED
              overdue: true first_submitted_at { seconds: 1770000000 } returned_count: 1)");
  EXPECT_THAT(ObligationMatrix({overdue}, Units(), {true, false}),
              testing::AllOf(testing::HasSubstr("金水区  退回逾期\n"),
                             testing::HasSubstr("退回逾期 退回后逾期未重报；"),
                             testing::Not(testing::HasSubstr("逾期未报"))));
  EXPECT_THAT(ObligationMatrix({overdue}, Units(), {false, true}),
              testing::HasSubstr("\x1b[31;1mBACK OVERDUE\x1b[0m"));
  Obligation in_time = overdue;
  in_time.set_overdue(false);
  EXPECT_THAT(ObligationMatrix({in_time}, Units(), {true, false}), testing::HasSubstr("金水区  退回\n"));
}

TEST(ObligationMatrix, UnitThatIsNotKnownIsShownByItsIdentity) {
  EXPECT_THAT(ObligationMatrix(Obligations(), {}, {true, false}), testing::HasSubstr("huayuanlu     通过"));
}

TEST(ObligationTable, SaysWhy) {
  EXPECT_THAT(ObligationTable(
                  {Make(R"(org_unit_id: "jinshui" month { year: 2026 month: 1 } state: SUMMARY_STATE_WAIVED
                                       waiver_reason: "机构筹建" locked: true)")}),
              testing::HasSubstr("locked 机构筹建"));
}

}  // namespace
}  // namespace zhuqi::ctl
