// An export, and what an import makes of it.
#include <google/protobuf/message.h>

#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/csv.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/record_source.h"
#include "tools/zhuqictl/record_text.h"
#include "tools/zhuqictl/rejected_rows.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kDigest[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

intake::v1::Record NewRecord() {
  intake::v1::Record record;
  record.set_record_id("018f4a10-0000-7000-8000-000000000001");
  record.set_revision(2);
  record.set_state(intake::v1::RECORD_STATE_ACTIVE);
  record.mutable_submission()->mutable_key()->set_source_system("oa");
  record.mutable_submission()->mutable_key()->set_external_id("=1-A");
  record.mutable_submission()->set_org_unit_id("jinshui");
  return record;
}

void Attach(google::protobuf::RepeatedPtrField<intake::v1::Attachment>* attachments, const std::string& uri,
            int64_t size, const std::string& media_type) {
  intake::v1::Attachment& attachment = *attachments->Add();
  attachment.set_uri(uri);
  attachment.set_sha256(kDigest);
  attachment.set_size(size);
  attachment.set_media_type(media_type);
}

void SetVisitKey(common::v1::SourceKey* key) {
  key->set_source_system("visits-of-another-system");
  key->set_external_id("V-1");
}

intake::v1::Record Issue() {
  intake::v1::Record record = NewRecord();
  intake::v1::Issue& issue = *record.mutable_submission()->mutable_issue();
  issue.set_kind(intake::v1::ISSUE_KIND_NEED);
  issue.set_category_id("land");
  issue.set_title("用地, \"急\"");
  issue.set_text("第一行\n第二行");
  *issue.mutable_raised_at() = *ParseInstant("2024-05-09T09:30:15.123456+08:00");
  issue.mutable_enterprise()->set_uscc("914403001922038216");
  issue.mutable_enterprise()->set_name("甲");
  SetVisitKey(issue.mutable_visit());
  issue.add_department_functions("fire");
  issue.add_department_functions("planning");
  issue.set_legacy(true);
  issue.set_project("园区");
  issue.mutable_amount()->set_fen(120005);
  *issue.mutable_wished_by() = *ParseDate("2024-06-01");
  Attach(issue.mutable_attachments(), "https://files.example/1.jpg", 4096, "image/jpeg");
  return record;
}

intake::v1::Record Visit() {
  intake::v1::Record record = NewRecord();
  intake::v1::Visit& visit = *record.mutable_submission()->mutable_visit();
  *visit.mutable_visited_on() = *ParseDate("2024-05-09");
  visit.set_team("一组");
  visit.set_team_members(3);
  for (const char* code : {"914403001922038216", "9144030071526726XG"})
    visit.add_enterprises()->set_uscc(code);
  visit.mutable_enterprises(0)->set_name("甲");
  visit.mutable_enterprises(1)->set_name("乙");
  visit.set_place("金水路");
  visit.set_notes("所见");
  visit.set_team_id("t1");
  visit.set_department_id("jinshui.approval");
  visit.add_policy_ids("rnd");
  visit.add_policy_ids("rent");
  Attach(visit.mutable_attachments(), "https://files.example/2.jpg", 1, "image/jpeg");
  return record;
}

intake::v1::Record Delivery() {
  intake::v1::Record record = NewRecord();
  intake::v1::PolicyDelivery& delivery = *record.mutable_submission()->mutable_policy_delivery();
  *delivery.mutable_delivered_on() = *ParseDate("2024-05-09");
  delivery.mutable_enterprise()->set_uscc("914403001922038216");
  delivery.mutable_enterprise()->set_name("甲");
  delivery.set_policy("豫政〔2024〕1 号");
  delivery.set_outcome(intake::v1::POLICY_OUTCOME_GRANTED);
  SetVisitKey(delivery.mutable_visit());
  delivery.set_policy_id("rnd");
  delivery.mutable_granted()->set_fen(100);
  return record;
}

std::string CsvOf(const intake::v1::Record& record) {
  return absl::StrCat("\xEF\xBB\xBF", CsvRow(ExportHeader()), "\r\n", CsvRow(ExportRow(record)), "\r\n");
}

SourceRow ReadCsv(const std::string& text, ExportConsent consent = {}) {
  std::istringstream input(text);
  const auto source = NewCsvSource(input, std::nullopt, ColumnMap(), consent);
  SourceRow row;
  EXPECT_TRUE(source.ok() && (*source)->Next(&row).value()) << source.status();
  return row;
}

SourceRow ReadJson(const std::string& line, ExportConsent consent = {}) {
  std::istringstream input(line + "\n");
  SourceRow row;
  EXPECT_TRUE(NewJsonLinesSource(input, consent)->Next(&row).value());
  return row;
}

void ExpectReadBack(SourceRow row, const intake::v1::Record& record) {
  EXPECT_THAT(row.violations, IsEmpty()) << row.violations[0].DebugString();
  row.record.clear_row_key();
  EXPECT_EQ(row.record.DebugString(), record.submission().DebugString());
}

// In both forms.
void ExpectReadBack(const intake::v1::Record& record) {
  ExpectReadBack(ReadCsv(CsvOf(record)), record);
  ExpectReadBack(ReadJson(ExportLine(record)), record);
}

std::vector<std::string> Reasons(const SourceRow& row) {
  std::vector<std::string> reasons;
  for (const auto& violation : row.violations) reasons.push_back(violation.reason());
  return reasons;
}

// Every field but those of a choice, which are for the caller to choose.
void ExpectEveryFieldSet(const google::protobuf::Message& message, const std::set<std::string>& left_out) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (left_out.contains(field->full_name())) continue;
    const bool is_message = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->is_repeated()) {
      EXPECT_GT(reflection.FieldSize(message, field), 0) << field->full_name();
      for (int j = 0; is_message && j < reflection.FieldSize(message, field); ++j)
        ExpectEveryFieldSet(reflection.GetRepeatedMessage(message, field, j), left_out);
      continue;
    }
    const bool set = reflection.HasField(message, field);
    EXPECT_TRUE(set || field->real_containing_oneof() != nullptr) << field->full_name();
    if (set && is_message) ExpectEveryFieldSet(reflection.GetMessage(message, field), left_out);
  }
}

// Trap: a field that is in no export, so that an import of it takes the field away.
TEST(ExportTest, EveryFieldOfEveryKindIsReadBackAsItWas) {
  for (const intake::v1::Record& record : {Issue(), Visit(), Delivery()}) {
    // A field that is new in the contract fails here until it is exported.
    ExpectEveryFieldSet(record.submission(),
                        {"zhuqi.intake.v1.RecordSubmission.row_key", "zhuqi.intake.v1.Issue.contact"});
    ExpectReadBack(record);
  }
}

TEST(ExportTest, WhatIsEmptyIsReadBackEmpty) {
  intake::v1::Record issue = NewRecord();
  issue.mutable_submission()->mutable_issue()->set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  *issue.mutable_submission()->mutable_issue()->mutable_raised_at() = *ParseInstant("2024-05-09 09:30");
  issue.mutable_submission()->mutable_issue()->mutable_enterprise()->set_uscc("914403001922038216");
  ExpectReadBack(issue);
  intake::v1::Record delivery = NewRecord();
  *delivery.mutable_submission()->mutable_policy_delivery()->mutable_delivered_on() =
      *ParseDate("2024-05-09");
  delivery.mutable_submission()->mutable_policy_delivery()->mutable_enterprise()->set_uscc(
      "914403001922038216");
  ExpectReadBack(delivery);
}

TEST(ExportTest, AmountsOfNothingAndTheLargestAreReadBackAsTheyWere) {
  for (const int64_t fen : {int64_t{0}, int64_t{1}, int64_t{100'000'000'000'000'000}}) {
    intake::v1::Record record = Issue();
    record.mutable_submission()->mutable_issue()->mutable_amount()->set_fen(fen);
    ExpectReadBack(record);
  }
}

TEST(ExportTest, AttachmentsOfAnyFormAreReadBackAsTheyWere) {
  intake::v1::Record record = Visit();
  auto* attachments = record.mutable_submission()->mutable_visit()->mutable_attachments();
  Attach(attachments, "https://files.example/a;b?c=\\d", 0, "");
  Attach(attachments, "https://files.example/3", 5, "");
  Attach(attachments, "https://files.example/4", 0, "text/plain; charset=utf-8");
  Attach(attachments, "https://files.example/5", 0, "3gpp 2");
  Attach(attachments, "https://files.example/6", 7, "3");
  ExpectReadBack(record);
}

TEST(ExportTest, AttachmentsWithoutASizeAreStillRead) {
  const std::string header = "kind,source_system,external_id,attachments\n";
  const SourceRow row = ReadCsv(header + "visit,oa,V-1,https://x/1 abc image/jpeg;https://x/2 def\n");
  const auto& attachments = row.record.visit().attachments();
  ASSERT_EQ(attachments.size(), 2);
  EXPECT_EQ(attachments[0].media_type(), "image/jpeg");
  EXPECT_EQ(attachments[0].size(), 0);
  EXPECT_EQ(attachments[1].sha256(), "def");
}

TEST(ExportTest, AVisitOfTheRecordsOwnSystemNeedsNoSystem) {
  const std::string header = "kind,source_system,external_id,visit_external_id,visit_source_system\n";
  EXPECT_EQ(ReadCsv(header + "issue,oa,I-1,V-1,\n").record.issue().visit().source_system(), "oa");
  EXPECT_EQ(ReadCsv(header + "issue,oa,I-1,V-1,crm\n").record.issue().visit().source_system(), "crm");
}

TEST(ExportTest, NamesThatAreLeftOutOrHoldTheSeparatorStayWithTheirEnterprises) {
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {"", "乙"}, {"甲", ""}, {"", ""}, {"甲;一", "乙\\"}, {"\\;", ";\\;"}, {"甲\\\\;", "\""}}) {
    intake::v1::Record record = Visit();
    for (int i = 0; i < 2; ++i) {
      record.mutable_submission()->mutable_visit()->mutable_enterprises(i)->set_name(
          names[static_cast<std::size_t>(i)]);
    }
    ExpectReadBack(record);
  }
}

// Trap: an enterprise's words that run as a formula on the clerk's machine.
TEST(ExportTest, ASpreadsheetRunsNothingOfAnExportThatIsReadBackAsItWas) {
  intake::v1::Record record = Issue();
  record.mutable_submission()->mutable_issue()->set_title("=HYPERLINK(1)");
  record.mutable_submission()->mutable_issue()->set_text("'@x");
  record.mutable_submission()->mutable_issue()->mutable_enterprise()->set_name("-2+3");
  for (const char* cell : {",'=HYPERLINK(1),", ",''@x,", ",'-2+3,", ",1200.05,"}) {
    EXPECT_TRUE(absl::StrContains(CsvOf(record), cell)) << cell;
  }
  ExpectReadBack(record);
}

// Trap: an import of an export that deletes all contacts.
TEST(ExportTest, ARowWhoseContactIsNotInTheFileIsRejectedUnlessItIsToBeDropped) {
  intake::v1::Record record = Issue();
  record.set_has_contact(true);
  EXPECT_THAT(Reasons(ReadCsv(CsvOf(record))), ElementsAre("CONTACT_NOT_IN_FILE"));
  EXPECT_THAT(Reasons(ReadJson(ExportLine(record))), ElementsAre("CONTACT_NOT_IN_FILE"));
  const ExportConsent drop{.drop_contacts = true};
  ExpectReadBack(ReadCsv(CsvOf(record), drop), record);
  ExpectReadBack(ReadJson(ExportLine(record), drop), record);
  const ExportConsent other{.bring_back_withdrawn = true};
  EXPECT_THAT(Reasons(ReadCsv(CsvOf(record), other)), ElementsAre("CONTACT_NOT_IN_FILE"));
  // Added to the file by who has it.
  record.mutable_submission()->mutable_issue()->mutable_contact()->set_name("陈");
  record.mutable_submission()->mutable_issue()->mutable_contact()->set_phone("+86 371 6000");
  ExpectReadBack(record);
}

// Trap: an import of an export that brings withdrawn records back.
TEST(ExportTest, ARowOfAWithdrawnRecordIsRejectedUnlessItIsToBeBroughtBack) {
  intake::v1::Record record = Visit();
  record.set_state(intake::v1::RECORD_STATE_WITHDRAWN);
  EXPECT_THAT(Reasons(ReadCsv(CsvOf(record))), ElementsAre("RECORD_WITHDRAWN"));
  EXPECT_THAT(Reasons(ReadJson(ExportLine(record))), ElementsAre("RECORD_WITHDRAWN"));
  const ExportConsent bring_back{.bring_back_withdrawn = true};
  ExpectReadBack(ReadCsv(CsvOf(record), bring_back), record);
  ExpectReadBack(ReadJson(ExportLine(record), bring_back), record);
}

TEST(ExportTest, MarksThatASpreadsheetRewroteAreUnderstoodAndOthersRejectTheRow) {
  const std::string header = "kind,source_system,external_id,__has_contact,__state\n";
  EXPECT_THAT(Reasons(ReadCsv(header + "issue,oa,I-1,TRUE,已撤回\n")),
              ElementsAre("CONTACT_NOT_IN_FILE", "RECORD_WITHDRAWN"));
  EXPECT_THAT(Reasons(ReadCsv(header + "issue,oa,I-1,FALSE,active\n")), IsEmpty());
  EXPECT_THAT(Reasons(ReadCsv(header + "issue,oa,I-1,,\n")), IsEmpty());
  EXPECT_THAT(Reasons(ReadCsv(header + "issue,oa,I-1,perhaps,gone\n")),
              ElementsAre("MARK_INVALID", "MARK_INVALID"));
  EXPECT_THAT(Reasons(ReadJson(R"({"issue":{},"__has_contact":1,"__state":"WITHDRAWN"})")),
              ElementsAre("CONTACT_NOT_IN_FILE", "RECORD_WITHDRAWN"));
}

// Trap: a file of rejected rows that, imported as it is, does what its rows were rejected for.
TEST(ExportTest, RejectedRowsOfAnExportAreRejectedAgainAsTheyAre) {
  intake::v1::Record record = Issue();
  record.set_has_contact(true);
  record.set_state(intake::v1::RECORD_STATE_WITHDRAWN);
  for (const bool csv : {true, false}) {
    std::istringstream input(csv ? CsvOf(record) : ExportLine(record) + "\n");
    const auto source = csv ? *NewCsvSource(input, std::nullopt) : NewJsonLinesSource(input);
    SourceRow row;
    ASSERT_TRUE(source->Next(&row).value());
    const std::string path = ::testing::TempDir() + "zhuqictl_rejected_export";
    std::remove(path.c_str());
    {
      RejectedRows rejected(path, source->csv_header());
      ASSERT_TRUE(rejected.Open(false).ok());
      ASSERT_TRUE(rejected.Add(row.original, row.violations).ok());
    }
    const std::string text = ReadFile(path).value();
    EXPECT_THAT(Reasons(csv ? ReadCsv(text) : ReadJson(text)),
                ElementsAre("CONTACT_NOT_IN_FILE", "RECORD_WITHDRAWN"))
        << text;
  }
}

TEST(ExportTest, AJsonLineBeginsWithWhatIsNotTheSenders) {
  EXPECT_EQ(
      ExportLine(Visit()).find(
          R"({"__record_id":"018f4a10-0000-7000-8000-000000000001","__revision":2,"__state":"active",)"),
      0u);
}

}  // namespace
}  // namespace zhuqi::ctl
