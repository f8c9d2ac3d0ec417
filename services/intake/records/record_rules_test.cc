#include "services/intake/records/record_rules.h"

#include <functional>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kGoodCode[] = "914403001922038216";

std::shared_ptr<const Directory> SmallCity() {
  feed::v1::DirectoryChanged change;
  auto* city = change.add_org_units();
  city->set_org_unit_id("zhengzhou");
  city->set_level(directory::v1::ORG_UNIT_LEVEL_CITY);
  auto* district = change.add_org_units();
  district->set_org_unit_id("jinshui");
  district->set_parent_id("zhengzhou");
  district->set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  auto* code = district->add_codes();
  code->set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
  code->set_code("410105");
  auto* closed = change.add_org_units();
  *closed = *district;
  closed->clear_codes();
  closed->set_org_unit_id("closed");
  *closed->mutable_closed_on() = DateMessage(absl::CivilDay(2023, 12, 31));
  for (const char* function : {"planning", "fire"}) {
    auto* department = change.add_departments();
    department->set_department_id(std::string("jinshui.") + function);
    department->set_org_unit_id("jinshui");
    department->set_function(function);
  }
  change.add_categories()->set_category_id("land");
  return *Directory().With(change, 3);
}

// Noon of the 20th of March 2024 in Zhengzhou.
const absl::Time kNow = CityTime(absl::CivilDay(2024, 3, 20), 12);

v1::RecordSubmission GoodIssue() {
  v1::RecordSubmission record;
  record.mutable_key()->set_source_system("jinshui-hall");
  record.mutable_key()->set_external_id("2024-0001");
  record.set_org_unit_id("jinshui");
  v1::Issue& issue = *record.mutable_issue();
  issue.set_kind(v1::ISSUE_KIND_PROBLEM);
  issue.set_category_id("land");
  issue.set_title("地下空间改变用途");
  *issue.mutable_raised_at() = TimestampMessage(kNow - absl::Hours(2));
  issue.mutable_enterprise()->set_uscc(kGoodCode);
  issue.add_department_functions("planning");
  issue.add_department_functions("fire");
  return record;
}

v1::RecordSubmission GoodVisit() {
  v1::RecordSubmission record;
  record.mutable_key()->set_source_system("jinshui-hall");
  record.mutable_key()->set_external_id("visit-1");
  record.set_org_unit_id("jinshui");
  *record.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2024, 3, 20));
  record.mutable_visit()->add_enterprises()->set_uscc(kGoodCode);
  return record;
}

CheckedRecord Check(const v1::RecordSubmission& record) {
  return CheckRecord(record, "records[3]", *SmallCity(), kNow);
}

std::vector<std::string> Faults(const CheckedRecord& checked) {
  std::vector<std::string> faults;
  for (const auto& violation : checked.violations.list())
    faults.push_back(violation.field_path + " " + violation.reason);
  return faults;
}

std::vector<std::string> FaultsOf(v1::RecordSubmission record,
                                  const std::function<void(v1::RecordSubmission&)>& spoil) {
  spoil(record);
  return Faults(Check(record));
}

TEST(RecordRulesTest, GoodRecordsPassAndKnowTheirDate) {
  EXPECT_THAT(Faults(Check(GoodIssue())), IsEmpty());
  EXPECT_THAT(Faults(Check(GoodVisit())), IsEmpty());
  EXPECT_EQ(Check(GoodVisit()).on, absl::CivilDay(2024, 3, 20));
  EXPECT_EQ(Check(GoodIssue()).kind, v1::RECORD_KIND_ISSUE);
}

TEST(RecordRulesTest, IssueRaisedLateInTheEveningUtcCountsOnTheNextChineseDay) {
  v1::RecordSubmission record = GoodIssue();
  record.mutable_issue()->mutable_raised_at()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(absl::CivilMinute(2024, 3, 19, 16, 30), absl::UTCTimeZone())));
  EXPECT_EQ(Check(record).on, absl::CivilDay(2024, 3, 20));
}

TEST(RecordRulesTest, EachFaultNamesItsFieldAndReason) {
  EXPECT_THAT(
      FaultsOf(GoodIssue(),
               [](auto& r) { r.mutable_issue()->mutable_enterprise()->set_uscc("914403001922038217"); }),
      ElementsAre("records[3].issue.enterprise.uscc USCC_WRONG_CHECK_CHARACTER"));
  EXPECT_THAT(FaultsOf(GoodIssue(), [](auto& r) { r.set_org_unit_id("nowhere"); }),
              ElementsAre("records[3].org_unit_id ORG_UNIT_UNKNOWN"));
  EXPECT_THAT(FaultsOf(GoodIssue(), [](auto& r) { r.mutable_issue()->set_category_id("sea"); }),
              ElementsAre("records[3].issue.category_id CATEGORY_UNKNOWN"));
  EXPECT_THAT(FaultsOf(GoodIssue(), [](auto& r) { r.mutable_issue()->set_title(" \t "); }),
              ElementsAre("records[3].issue.title REQUIRED"));
  EXPECT_THAT(FaultsOf(GoodIssue(), [](auto& r) { r.mutable_issue()->add_department_functions("fire"); }),
              ElementsAre("records[3].issue.department_functions[2] DUPLICATE"));
  EXPECT_THAT(FaultsOf(GoodVisit(), [](auto& r) { r.mutable_key()->set_external_id("a b"); }),
              ElementsAre("records[3].key.external_id EXTERNAL_ID_INVALID"));
  EXPECT_THAT(
      FaultsOf(GoodVisit(), [](auto& r) { r.mutable_visit()->add_enterprises()->set_uscc(kGoodCode); }),
      ElementsAre("records[3].visit.enterprises[1].uscc DUPLICATE"));
  EXPECT_THAT(FaultsOf(GoodVisit(), [](auto& r) { r.clear_record(); }),
              ElementsAre("records[3].record REQUIRED"));
}

TEST(RecordRulesTest, FutureDateIsRefusedAndTodayIsNot) {
  EXPECT_THAT(FaultsOf(GoodVisit(),
                       [](auto& r) {
                         *r.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2024, 3, 21));
                       }),
              ElementsAre("records[3].visit.visited_on DATE_IN_FUTURE"));
  EXPECT_THAT(FaultsOf(GoodIssue(),
                       [](auto& r) {
                         *r.mutable_issue()->mutable_raised_at() = TimestampMessage(kNow + absl::Minutes(2));
                       }),
              ElementsAre("records[3].issue.raised_at DATE_IN_FUTURE"));
}

TEST(RecordRulesTest, TextIsMeasuredInCharactersNotBytes) {
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "蓝";
  EXPECT_THAT(FaultsOf(GoodIssue(), [&](auto& r) { r.mutable_issue()->set_title(longest); }), IsEmpty());
  EXPECT_THAT(FaultsOf(GoodIssue(), [&](auto& r) { r.mutable_issue()->set_title(longest + "湾"); }),
              ElementsAre("records[3].issue.title TEXT_TOO_LONG"));
}

TEST(RecordRulesTest, CreditCodeIsNormalisedAndNeverRepaired) {
  v1::RecordSubmission record = GoodIssue();
  record.mutable_issue()->mutable_enterprise()->set_uscc(" ９144030071526726ｘg ");
  EXPECT_EQ(Check(record).submission.issue().enterprise().uscc(), "9144030071526726XG");
  EXPECT_THAT(
      FaultsOf(GoodIssue(),
               [](auto& r) { r.mutable_issue()->mutable_enterprise()->set_uscc("91440300192203821O"); }),
      ElementsAre("records[3].issue.enterprise.uscc USCC_INVALID_CHARACTER"));
}

TEST(RecordRulesTest, UnitByCodeAndByIdentityIsOneRecord) {
  v1::RecordSubmission by_code = GoodVisit();
  by_code.mutable_org_unit_code()->set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
  by_code.mutable_org_unit_code()->set_code("410105");
  EXPECT_EQ(Check(by_code).digest, Check(GoodVisit()).digest);
  EXPECT_EQ(Check(by_code).submission.org_unit_id(), "jinshui");
}

TEST(RecordRulesTest, ClosedUnitTakesRecordsOfItsTimeAndNoLaterOnes) {
  EXPECT_THAT(FaultsOf(GoodVisit(), [](auto& r) { r.set_org_unit_id("closed"); }),
              ElementsAre("records[3].org_unit_id ORG_UNIT_CLOSED"));
  EXPECT_THAT(FaultsOf(GoodVisit(),
                       [](auto& r) {
                         r.set_org_unit_id("closed");
                         *r.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2023, 12, 31));
                       }),
              IsEmpty());
}

TEST(RecordRulesTest, DigestChangesWithContentAndNotWithWhiteSpaceAround) {
  v1::RecordSubmission padded = GoodIssue();
  padded.mutable_issue()->set_title(" 地下空间改变用途　");
  EXPECT_EQ(Check(padded).digest, Check(GoodIssue()).digest);
  v1::RecordSubmission other = GoodIssue();
  other.mutable_issue()->set_legacy(true);
  EXPECT_NE(Check(other).digest, Check(GoodIssue()).digest);
}

TEST(RecordRulesTest, FactsNameNoWordsOfTheEnterprise) {
  const CheckedRecord checked = Check(GoodIssue());
  const feed::v1::RecordFacts facts = FactsOf(checked.submission, "id", 2);
  EXPECT_EQ(facts.category_id(), "land");
  EXPECT_EQ(facts.revision(), 2);
  EXPECT_THAT(facts.enterprise_usccs(), ElementsAre(kGoodCode));
  EXPECT_EQ(facts.DebugString().find("地下"), std::string::npos);
}

TEST(RecordRulesTest, AnswerListsAtMostTwentyFaults) {
  v1::RecordSubmission record = GoodVisit();
  for (int i = 0; i < 60; ++i) record.mutable_visit()->add_enterprises()->set_uscc("x");
  google::protobuf::RepeatedPtrField<common::v1::FieldViolation> rows;
  ToRows(Check(record).violations, &rows);
  EXPECT_EQ(rows.size(), 20);
}

}  // namespace
}  // namespace zhuqi::intake
