#include "tools/zhuqictl/rejected_rows.h"

#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "tools/zhuqictl/files.h"

namespace zhuqi::ctl {
namespace {

RowViolations Wrong() {
  return {LocalViolation("visit.visited_on", "DATE_IN_FUTURE", "in the future", "日期在未来")};
}

std::string TemporaryFile(const std::string& name) {
  const std::string path = ::testing::TempDir() + "zhuqictl_" + name;
  std::remove(path.c_str());
  return path;
}

OriginalRow JsonRow(int64_t number, const std::string& line) { return OriginalRow{number, line, {}}; }

TEST(RejectedRowsTest, AJsonRowIsReadBackAsItWas) {
  const std::string line = R"({"key":{"external_id":"V-1"},"visit":{"team":"一, \"组\""}})";
  const std::string rejected = RejectedRowText(JsonRow(17, line), Wrong(), false);
  EXPECT_EQ(rejected.find(R"({"__row":17,"__violations":[{"field":"visit.visited_on")"), 0u) << rejected;
  EXPECT_EQ(WithoutMarks(rejected), line);
}

TEST(RejectedRowsTest, ALineThatIsNoJsonIsReadBackAsItWas) {
  const std::string rejected = RejectedRowText(JsonRow(3, "{\"key\": oops"), Wrong(), false);
  EXPECT_EQ(WithoutMarks(rejected), "{\"key\": oops");
}

TEST(RejectedRowsTest, MarksMovedByAnotherToolAreStillPassedOver) {
  EXPECT_EQ(WithoutMarks(R"({"a":1,"__violations":[{"x":"}"}],"b":2,"__row":4})"), R"({"a":1,"b":2})");
}

TEST(RejectedRowsTest, ACsvFileOfRejectedRowsCanBeMendedAndSentAgain) {
  const std::string path = TemporaryFile("mend.csv");
  const std::vector<std::string> header{"kind", "source_system", "external_id", "visited_on"};
  RejectedRows rejected(path, header);
  ASSERT_TRUE(rejected.Open(false).ok());
  ASSERT_TRUE(rejected.Add(OriginalRow{2, "", {"visit", "oa", "V,2", "2999-01-01"}}, Wrong()).ok());
  const std::string text = ReadFile(path).value();
  EXPECT_EQ(text,
            "__row,__violations,__formulas_guarded,kind,source_system,external_id,visited_on\n"
            "2,visit.visited_on DATE_IN_FUTURE: in the future 日期在未来,true,visit,oa,\"V,2\",2999-01-01\n");
  std::istringstream input(text);
  const auto source = NewCsvSource(input, std::nullopt);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->csv_header(), header);
  SourceRow row;
  ASSERT_TRUE((*source)->Next(&row).value());
  EXPECT_TRUE(row.violations.empty());
  EXPECT_EQ(row.original.fields, (std::vector<std::string>{"visit", "oa", "V,2", "2999-01-01"}));
  EXPECT_EQ(row.record.key().external_id(), "V,2");
}

TEST(RejectedRowsTest, ASpreadsheetRunsNothingOfTheFileAndTheRowsAreReadBackAsTheyWere) {
  const std::string path = TemporaryFile("formulas.csv");
  std::istringstream first("kind,source_system,external_id,=place,notes\nvisit,oa,V-1,=1+1,'=2\n");
  const ColumnMap map = *ColumnMap::Parse(R"({"columns": {"=place": "place"}})");
  auto source = *NewCsvSource(first, std::nullopt, map);
  SourceRow row;
  ASSERT_TRUE(source->Next(&row).value());
  {
    RejectedRows rejected(path, source->csv_header());
    ASSERT_TRUE(rejected.Open(false).ok());
    ASSERT_TRUE(rejected.Add(row.original, Wrong()).ok());
  }
  const std::string text = ReadFile(path).value();
  EXPECT_NE(text.find(",'=place,notes\n"), std::string::npos) << text;
  EXPECT_NE(text.find(",V-1,'=1+1,''=2\n"), std::string::npos) << text;
  std::istringstream second(text);
  source = *NewCsvSource(second, std::nullopt, map);
  SourceRow again;
  ASSERT_TRUE(source->Next(&again).value());
  EXPECT_EQ(again.record.visit().place(), "=1+1");
  EXPECT_EQ(again.record.visit().notes(), "'=2");
  EXPECT_EQ(again.original.fields, row.original.fields);
}

TEST(RejectedRowsTest, ACsvRowWithTooFewFieldsStaysAsItWas) {
  const std::string path = TemporaryFile("short.csv");
  {
    RejectedRows rejected(path, {"kind", "source_system", "external_id"});
    ASSERT_TRUE(rejected.Open(false).ok());
    ASSERT_TRUE(rejected.Add(OriginalRow{4, "", {"visit", "oa"}}, Wrong()).ok());
  }
  EXPECT_EQ(LastRejectedRow(path, true).value(), 4);
  std::istringstream input(ReadFile(path).value());
  const auto source = NewCsvSource(input, std::nullopt);
  ASSERT_TRUE(source.ok()) << source.status();
  SourceRow row;
  ASSERT_TRUE((*source)->Next(&row).value());
  EXPECT_EQ(row.original.fields, (std::vector<std::string>{"visit", "oa"}));
  EXPECT_EQ(row.violations.at(0).reason(), "CSV_WRONG_NUMBER_OF_FIELDS");
}

TEST(RejectedRowsTest, AnImportThatGoesOnWritesNoRowTwice) {
  const std::string path = TemporaryFile("resume.jsonl");
  {
    RejectedRows first(path, {});
    ASSERT_TRUE(first.Open(false).ok());
    ASSERT_TRUE(first.Add(JsonRow(1, "{\"a\":1}"), Wrong()).ok());
    ASSERT_TRUE(first.Add(JsonRow(5, "{\"a\":5}"), Wrong()).ok());
  }
  RejectedRows second(path, {});
  ASSERT_TRUE(second.Open(true).ok());
  ASSERT_TRUE(second.Add(JsonRow(5, "{\"a\":5}"), Wrong()).ok());
  ASSERT_TRUE(second.Add(JsonRow(9, "{\"a\":9}"), Wrong()).ok());
  EXPECT_EQ(LastRejectedRow(path, false).value(), 9);
  int lines = 0;
  ASSERT_TRUE(ForEachLine(path, [&](int64_t, absl::string_view) {
                ++lines;
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(lines, 3);
}

TEST(RejectedRowsTest, AnotherFileIsNeverWrittenOver) {
  const std::string path = TemporaryFile("precious.jsonl");
  std::ofstream(path) << "{\"key\":{}}\n";
  RejectedRows rejected(path, {});
  EXPECT_EQ(rejected.Open(false).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFile(path).value(), "{\"key\":{}}\n");
}

TEST(RejectedRowsTest, WithoutRejectedRowsThereIsNoFile) {
  const std::string path = TemporaryFile("none.jsonl");
  {
    RejectedRows rejected(path, {});
    ASSERT_TRUE(rejected.Open(false).ok());
  }
  EXPECT_FALSE(ReadFile(path).ok());
}

}  // namespace
}  // namespace zhuqi::ctl
