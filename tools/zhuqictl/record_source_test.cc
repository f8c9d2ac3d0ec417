#include "tools/zhuqictl/record_source.h"

#include <sstream>

#include "gtest/gtest.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

std::vector<SourceRow> ReadAll(RecordSource& source) {
  std::vector<SourceRow> rows;
  SourceRow row;
  while (source.Next(&row).value()) rows.push_back(row);
  return rows;
}

std::vector<SourceRow> ReadCsv(const std::string& text, std::optional<intake::v1::RecordKind> kind) {
  std::istringstream input(text);
  const auto source = NewCsvSource(input, kind);
  if (!source.ok()) {
    ADD_FAILURE() << source.status();
    return {};
  }
  return ReadAll(**source);
}

TEST(JsonLinesSourceTest, NumbersRowsAndPassesOverEmptyLines) {
  std::istringstream input("{\"org_unit_id\":\"a\"}\n\n{\"org_unit_id\":\"b\"}\n");
  const std::vector<SourceRow> rows = ReadAll(*NewJsonLinesSource(input));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].original.number, 2);
  EXPECT_EQ(rows[1].record.org_unit_id(), "b");
  EXPECT_EQ(rows[1].end_offset, 41);
}

TEST(JsonLinesSourceTest, AMisspelledFieldIsAViolationOfItsRowAlone) {
  std::istringstream input("{\"org_unit\":\"a\"}\nnot json\n{\"org_unit_id\":\"b\"}\n");
  const std::vector<SourceRow> rows = ReadAll(*NewJsonLinesSource(input));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].violations.at(0).reason(), "JSON_INVALID");
  EXPECT_EQ(rows[1].violations.at(0).reason(), "JSON_INVALID");
  EXPECT_TRUE(rows[2].violations.empty());
}

TEST(CsvSourceTest, ReadsAVisitWithSeveralEnterprises) {
  const auto rows = ReadCsv(
      "source_system,external_id,org_unit_code,visited_on,team,team_members,enterprise_usccs,enterprise_"
      "names\n"
      "oa,V-1,410105,2024-05-09,一组,3,91410100MA0000000A; 91410100MA0000000B,甲;乙\n",
      intake::v1::RECORD_KIND_VISIT);
  ASSERT_EQ(rows.size(), 1u);
  ASSERT_TRUE(rows[0].violations.empty());
  const intake::v1::RecordSubmission& record = rows[0].record;
  EXPECT_EQ(record.org_unit_code().code(), "410105");
  EXPECT_EQ(record.org_unit_code().system(), directory::v1::CODE_SYSTEM_GB_T_2260);
  EXPECT_EQ(record.visit().team_members(), 3);
  ASSERT_EQ(record.visit().enterprises_size(), 2);
  EXPECT_EQ(record.visit().enterprises(1).uscc(), "91410100MA0000000B");
  EXPECT_EQ(record.visit().enterprises(1).name(), "乙");
}

std::vector<SourceRow> ReadEnterprises(const std::string& codes, const std::string& names) {
  return ReadCsv(
      "source_system,external_id,enterprise_usccs,enterprise_names\noa,V-1," + codes + "," + names + "\n",
      intake::v1::RECORD_KIND_VISIT);
}

std::vector<std::string> NamesOf(const SourceRow& row) {
  std::vector<std::string> names;
  for (const auto& enterprise : row.record.visit().enterprises()) {
    names.push_back(enterprise.uscc() + "=" + enterprise.name());
  }
  return names;
}

// Trap: an enterprise that is called by its neighbour's name.
TEST(CsvSourceTest, ANameThatIsLeftOutMovesNoOther) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(NamesOf(ReadEnterprises("A;B;C", "甲;;丙").at(0)), (Names{"A=甲", "B=", "C=丙"}));
  EXPECT_EQ(NamesOf(ReadEnterprises("A;B", ";乙").at(0)), (Names{"A=", "B=乙"}));
  EXPECT_EQ(NamesOf(ReadEnterprises("A;B", "").at(0)), (Names{"A=", "B="}));
  EXPECT_EQ(NamesOf(ReadEnterprises("A; B ;", "甲; 乙;").at(0)), (Names{"A=甲", "B=乙"}));
}

TEST(CsvSourceTest, AsManyNamesAsCodesOrNone) {
  for (const char* names : {"甲", "甲;乙;丙", "甲;乙;"}) {
    const auto rows = ReadEnterprises("A;B", names);
    ASSERT_EQ(rows.at(0).violations.size(), 1u) << names;
    EXPECT_EQ(rows[0].violations[0].field(), "enterprise_names");
    EXPECT_EQ(rows[0].violations[0].reason(), "CSV_LISTS_DIFFER");
  }
  EXPECT_EQ(ReadEnterprises("A;B", "甲").at(0).violations.at(0).message().substr(0, 28),
            "2 credit codes and 1 names: ");
}

TEST(CsvSourceTest, ASeparatorWithinANameIsWrittenWithABackslash) {
  EXPECT_EQ(NamesOf(ReadEnterprises("A;B", "甲\\;一;乙\\\\二\\三").at(0)),
            (std::vector<std::string>{"A=甲;一", "B=乙\\二\\三"}));
}

TEST(CsvSourceTest, ReadsAnIssueByItsKindColumn) {
  const auto rows = ReadCsv(
      "kind,source_system,external_id,org_unit_id,issue_kind,category_id,title,raised_at,enterprise_uscc,"
      "visit_external_id,department_functions,legacy\n"
      "诉求,oa,I-1,jinshui,问题,land,\"a, b\",2024-05-09 09:30,91410100MA0000000A,V-1,planning;fire,是\n",
      std::nullopt);
  ASSERT_EQ(rows.size(), 1u);
  ASSERT_TRUE(rows[0].violations.empty());
  const intake::v1::Issue& issue = rows[0].record.issue();
  EXPECT_EQ(issue.kind(), intake::v1::ISSUE_KIND_PROBLEM);
  EXPECT_EQ(issue.title(), "a, b");
  EXPECT_EQ(InstantText(issue.raised_at()), "2024-05-09 09:30");
  EXPECT_EQ(issue.visit().source_system(), "oa");
  EXPECT_EQ(issue.department_functions_size(), 2);
  EXPECT_TRUE(issue.legacy());
}

TEST(CsvSourceTest, SaysEachThingThatIsWrongWithARow) {
  const auto rows = ReadCsv(
      "kind,source_system,external_id,visited_on,team_members\n"
      "visit,oa,V-1,9 May,many\n"
      "party,oa,V-2,,\n"
      "visit,oa,V-3\n",
      std::nullopt);
  ASSERT_EQ(rows.size(), 3u);
  ASSERT_EQ(rows[0].violations.size(), 2u);
  EXPECT_EQ(rows[0].violations[0].field(), "visited_on");
  EXPECT_EQ(rows[0].violations[1].field(), "team_members");
  EXPECT_EQ(rows[1].violations.at(0).field(), "kind");
  EXPECT_EQ(rows[2].violations.at(0).reason(), "CSV_WRONG_NUMBER_OF_FIELDS");
}

TEST(CsvSourceTest, AWrongHeaderIsRefusedBeforeAnythingIsRead) {
  for (const char* header : {"source_system,external_id,kindd\n", "source_system,external_id\n",
                             "kind,external_id\n", "kind,kind,source_system,external_id\n", ""}) {
    std::istringstream input(header);
    EXPECT_FALSE(NewCsvSource(input, std::nullopt).ok()) << header;
  }
}

}  // namespace
}  // namespace zhuqi::ctl
