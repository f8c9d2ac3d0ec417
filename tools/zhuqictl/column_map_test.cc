#include "tools/zhuqictl/column_map.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/import_stream.h"
#include "tools/zhuqictl/record_source.h"
#include "tools/zhuqictl/rejected_rows.h"
#include "tools/zhuqictl/row_results.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

constexpr char kMap[] = R"({
  "columns": {"编号": "external_id", "反映时间": "raised_at", "类型": "issue_kind", "信用代码": "enterprise_uscc",
              "诉求标题": "title", "部门": "org_unit_id", "手机": "contact_phone", "金额": "amount_yuan"},
  "constants": {"kind": "issue", "source_system": "jinshui-oa", "category_id": "land", "org_unit_id": "jinshui"},
  "values": {"issue_kind": {"疑难": "problem"}, "org_unit_id": {"二七区": "erqi"}},
  "ignore": ["序号"]})";

std::vector<SourceRow> Read(const std::string& text, absl::string_view map) {
  std::istringstream input(text);
  const auto source = NewCsvSource(input, std::nullopt, *ColumnMap::Parse(map));
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<SourceRow> rows;
  SourceRow row;
  while (source.ok() && (*source)->Next(&row).value()) rows.push_back(row);
  return rows;
}

TEST(ColumnMapTest, ADistrictsOwnHeadersAndWordsBecomeRecords) {
  const auto rows = Read(
      "\xEF\xBB\xBF序号,编号,反映时间,类型,信用代码,诉求标题,部门,手机,金额\r\n"
      "1,I-1,2024-05-09 09:30,疑难,91410100MA0000000A,用地,,13800138000,1200.5\r\n"
      "2,I-2,2024-05-09 09:30,建议,91410100MA0000000A,用地,二七区,,\r\n",
      kMap);
  ASSERT_EQ(rows.size(), 2u);
  ASSERT_TRUE(rows[0].violations.empty());
  const intake::v1::RecordSubmission& first = rows[0].record;
  EXPECT_EQ(first.key().source_system(), "jinshui-oa");
  EXPECT_EQ(first.key().external_id(), "I-1");
  EXPECT_EQ(first.org_unit_id(), "jinshui");
  EXPECT_EQ(first.issue().kind(), intake::v1::ISSUE_KIND_PROBLEM);
  EXPECT_EQ(first.issue().category_id(), "land");
  EXPECT_EQ(first.issue().contact().phone(), "13800138000");
  EXPECT_EQ(first.issue().amount().fen(), 120050);
  EXPECT_EQ(first.row_key(), "row 1");
  EXPECT_EQ(rows[1].record.org_unit_id(), "erqi");
  EXPECT_EQ(rows[1].record.issue().kind(), intake::v1::ISSUE_KIND_SUGGESTION);
  EXPECT_FALSE(rows[1].record.issue().has_contact());
}

// Trap: a file of rejected rows that can not be sent again.
TEST(ColumnMapTest, RejectedRowsKeepTheDistrictsHeadersAndCanBeMendedAndSentAgain) {
  const std::string header = "序号,编号,反映时间,类型,信用代码,诉求标题,部门,手机,金额";
  std::istringstream input(header + "\n1,I-1,gestern,疑难,X,用地,,,\n");
  const auto source = *NewCsvSource(input, std::nullopt, *ColumnMap::Parse(kMap));
  SourceRow row;
  ASSERT_TRUE(source->Next(&row).value());
  EXPECT_EQ(row.violations.at(0).field(), "raised_at");
  const std::string rejected = "__row,__violations,__formulas_guarded," + header + "\n" +
                               RejectedRowText(row.original, row.violations, true);
  EXPECT_NE(rejected.find("1,I-1,gestern,疑难,X,用地"), std::string::npos);
  std::string mended = rejected;
  mended.replace(mended.rfind("gestern"), 7, "2024-05-09 09:30");
  const auto again = Read(mended + "\n", kMap);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_TRUE(again[0].violations.empty());
  EXPECT_EQ(again[0].record.key().external_id(), "I-1");
}

TEST(ColumnMapTest, WhatIsNotMeantIsRefusedBeforeAnythingIsSent) {
  for (const char* map : {"[]", R"({"column": {}})", R"({"columns": []})", R"({"columns": {"a": 1}})",
                          R"({"values": {"kind": "x"}})", R"({"ignore": {"a": "b"}})", "{"}) {
    EXPECT_FALSE(ColumnMap::Parse(map).ok()) << map;
  }
  const auto opens = [](const std::string& header, const std::string& map) {
    std::istringstream input(header + "\n");
    return NewCsvSource(input, std::nullopt, *ColumnMap::Parse(map)).ok();
  };
  const std::string constants = R"("constants": {"kind": "issue", "source_system": "oa"})";
  EXPECT_TRUE(opens("external_id", "{" + constants + "}"));
  EXPECT_FALSE(opens("external_id,备注", "{" + constants + "}"));
  EXPECT_TRUE(opens("external_id,备注", "{" + constants + R"(, "ignore": ["*"]})"));
  EXPECT_FALSE(opens("external_id", "{" + constants + R"(, "columns": {"备注": "remarks"}})"));
  EXPECT_FALSE(opens("编号,external_id", "{" + constants + R"(, "columns": {"编号": "external_id"}})"));
  EXPECT_FALSE(opens("title", "{" + constants + "}"));
}

TEST(RowKeyTest, ARowsOwnNameStays) {
  std::istringstream input("{\"row_key\":\"Sheet1!A17\"}\n{\"org_unit_id\":\"b\"}\n");
  const auto source = NewJsonLinesSource(input);
  SourceRow row;
  ASSERT_TRUE(source->Next(&row).value());
  EXPECT_EQ(row.record.row_key(), "Sheet1!A17");
  ASSERT_TRUE(source->Next(&row).value());
  EXPECT_EQ(row.record.row_key(), "row 2");
}

// Trap: row errors of an import that can not be matched to rows.
TEST(RowKeyTest, RejectedResultsFindTheirRowsByName) {
  std::istringstream input(
      "{\"org_unit_id\":\"a\"}\nno json\n{\"org_unit_id\":\"b\"}\n{\"org_unit_id\":\"c\"}\n");
  const auto source = NewJsonLinesSource(input);
  Chunker chunker(*source, 10);
  const Chunk chunk = **chunker.Next();
  intake::v1::ImportAcknowledgement acknowledgement;
  for (const char* name : {"row 4", "row 3"}) {
    auto* result = acknowledgement.add_notable_results();
    result->set_disposition(intake::v1::RecordResult::DISPOSITION_REJECTED);
    result->set_index(2);  // right for the first alone
    result->set_row_key(name);
    result->add_violations()->set_field("records[2].issue.title");
  }
  const std::vector<RejectedRow> rejected = RejectedOf(chunk, &acknowledgement);
  ASSERT_EQ(rejected.size(), 3u);
  EXPECT_EQ(rejected[0].original.line, "no json");
  EXPECT_EQ(rejected[1].original.line, "{\"org_unit_id\":\"b\"}");
  EXPECT_EQ(rejected[2].original.line, "{\"org_unit_id\":\"c\"}");
  EXPECT_EQ(rejected[2].violations[0].field(), "issue.title");
}

TEST(CsvSourceTest, AmountsAreDecimalsAndNothingElse) {
  const std::string map = R"({"constants": {"kind": "issue", "source_system": "oa"}})";
  const auto fen = [&](const std::string& text) -> int64_t {
    const auto rows = Read("external_id,amount_yuan\n1," + text + "\n", map);
    return rows[0].violations.empty() ? rows[0].record.issue().amount().fen() : -1;
  };
  EXPECT_EQ(fen("0"), 0);
  EXPECT_EQ(fen("1200"), 120000);
  EXPECT_EQ(fen("0.05"), 5);
  EXPECT_EQ(fen("0.5"), 50);
  EXPECT_EQ(fen("999999999999999.99"), 99999999999999999);
  for (const char* wrong : {"1.234", "-1", "1e3", "12万", ".5", "5."}) EXPECT_EQ(fen(wrong), -1) << wrong;
}

}  // namespace
}  // namespace zhuqi::ctl
