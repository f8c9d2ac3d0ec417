#include "services/intake/records/record_rules.h"

#include <functional>
#include <optional>

#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

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
  // A code that went from the closed unit to the district.
  for (auto* holder : {closed, district}) {
    auto* reused = holder->add_codes();
    reused->set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
    reused->set_code("410199");
  }
  *closed->mutable_codes(0)->mutable_valid_to() = closed->closed_on();
  *district->mutable_codes(1)->mutable_valid_from() = DateMessage(absl::CivilDay(2024, 1, 1));
  for (const char* function : {"planning", "fire"}) {
    auto* department = change.add_departments();
    department->set_department_id(std::string("jinshui.") + function);
    department->set_org_unit_id("jinshui");
    department->set_function(function);
  }
  change.add_categories()->set_category_id("land");
  change.add_policies()->set_policy_id("rnd");
  auto* retired = change.add_categories();
  retired->set_category_id("tax");
  *retired->mutable_retired_on() = DateMessage(absl::CivilDay(2024, 3, 18));
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

const encryption::KeyRing& Keys() {
  static const encryption::KeyRing* keys =
      new encryption::KeyRing(*encryption::KeyRing::Create({{"k2", Sha256("k2")}, {"k1", Sha256("k1")}}));
  return *keys;
}

CheckedRecord Check(const v1::RecordSubmission& record) {
  return CheckRecord(record, "records[3]", *SmallCity(), kNow, &Keys());
}

std::string Characters(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "蓝";
  return text;
}

v1::RecordSubmission GoodDelivery() {
  v1::RecordSubmission record = GoodVisit();
  v1::PolicyDelivery& delivery = *record.mutable_policy_delivery();
  *delivery.mutable_delivered_on() = DateMessage(absl::CivilDay(2024, 3, 18));
  delivery.mutable_enterprise()->set_uscc(kGoodCode);
  delivery.set_policy_id("rnd");
  return record;
}

v1::Attachment GoodAttachment() {
  v1::Attachment attachment;
  attachment.set_uri("https://files.example/visits/1.jpg?size=big");
  attachment.set_sha256(std::string(64, 'a'));
  attachment.set_media_type("image/jpeg");
  return attachment;
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

TEST(RecordRulesTest, RetiredCategoryTakesNoIssueDatedLater) {
  EXPECT_THAT(FaultsOf(GoodIssue(), [](auto& r) { r.mutable_issue()->set_category_id("tax"); }),
              ElementsAre("records[3].issue.category_id CATEGORY_RETIRED"));
  EXPECT_THAT(FaultsOf(GoodIssue(),
                       [](auto& r) {
                         r.mutable_issue()->set_category_id("tax");
                         *r.mutable_issue()->mutable_raised_at() =
                             TimestampMessage(CityTime(absl::CivilDay(2024, 3, 18), 23));
                       }),
              ElementsAre());
}

TEST(RecordRulesTest, TeamDepartmentAndPoliciesAreTheDirectorys) {
  EXPECT_THAT(FaultsOf(GoodVisit(),
                       [](auto& r) {
                         r.mutable_visit()->set_team_id("nobody");
                         r.mutable_visit()->set_department_id("nowhere.planning");
                         r.mutable_visit()->add_policy_ids("none");
                       }),
              ElementsAre("records[3].visit.team_id TEAM_UNKNOWN",
                          "records[3].visit.department_id DEPARTMENT_UNKNOWN",
                          "records[3].visit.policy_ids[0] POLICY_UNKNOWN"));
  const auto delivery = [](const std::string& policy_id) {
    return [policy_id](auto& r) {
      r.mutable_policy_delivery()->set_policy_id(policy_id);
      *r.mutable_policy_delivery()->mutable_delivered_on() = DateMessage(absl::CivilDay(2024, 3, 18));
      r.mutable_policy_delivery()->mutable_enterprise()->set_uscc(kGoodCode);
    };
  };
  EXPECT_THAT(FaultsOf(GoodVisit(), delivery("none")),
              ElementsAre("records[3].policy_delivery.policy_id POLICY_UNKNOWN"));
  EXPECT_THAT(FaultsOf(GoodVisit(), delivery("")), ElementsAre("records[3].policy_delivery.policy REQUIRED"));
  EXPECT_THAT(FaultsOf(GoodVisit(), delivery("rnd")), ElementsAre());
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

TEST(RecordRulesTest, CodeThatWasReusedMeansTheUnitOfTheRecordsOwnDay) {
  v1::RecordSubmission record = GoodVisit();
  record.mutable_org_unit_code()->set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
  record.mutable_org_unit_code()->set_code("410199");
  EXPECT_EQ(Check(record).submission.org_unit_id(), "jinshui");
  *record.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2023, 12, 31));
  EXPECT_EQ(Check(record).submission.org_unit_id(), "closed");
  EXPECT_THAT(Check(record).violations.list(), IsEmpty());
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

// Each limit of a text, and one past it.
TEST(RecordRulesTest, TextsAreTakenUpToTheirLimitsAndNotBeyond) {
  struct Limit {
    v1::RecordSubmission record;
    std::function<void(v1::RecordSubmission&, const std::string&)> set;
    int max;
    std::string field;
  };
  const std::vector<Limit> limits = {
      {GoodVisit(), [](auto& r, const auto& t) { r.mutable_visit()->set_team(t); }, 100, "visit.team"},
      {GoodVisit(), [](auto& r, const auto& t) { r.mutable_visit()->set_place(t); }, 200, "visit.place"},
      {GoodVisit(), [](auto& r, const auto& t) { r.mutable_visit()->set_notes(t); }, 4000, "visit.notes"},
      {GoodIssue(), [](auto& r, const auto& t) { r.mutable_issue()->set_text(t); }, 4000, "issue.text"},
      {GoodIssue(), [](auto& r, const auto& t) { r.mutable_issue()->set_project(t); }, 200, "issue.project"},
      {GoodIssue(), [](auto& r, const auto& t) { r.mutable_issue()->mutable_enterprise()->set_name(t); }, 200,
       "issue.enterprise.name"},
      {GoodDelivery(), [](auto& r, const auto& t) { r.mutable_policy_delivery()->set_policy(t); }, 200,
       "policy_delivery.policy"},
      {GoodIssue(), [](auto& r, const auto& t) { r.set_row_key(t); }, 100, "row_key"},
      {GoodIssue(),
       [](auto& r, const auto& t) {
         *r.mutable_issue()->add_attachments() = GoodAttachment();
         r.mutable_issue()->mutable_attachments(0)->set_media_type(t);
       },
       100, "issue.attachments[0].media_type"},
      {GoodIssue(),
       [](auto& r, const auto& t) {
         r.mutable_issue()->mutable_contact()->set_phone("12345");
         r.mutable_issue()->mutable_contact()->set_name(t);
       },
       50, "issue.contact.name"}};
  for (const Limit& limit : limits) {
    v1::RecordSubmission at = limit.record;
    limit.set(at, Characters(limit.max));
    EXPECT_THAT(Faults(Check(at)), IsEmpty()) << limit.field;
    v1::RecordSubmission past = limit.record;
    limit.set(past, Characters(limit.max + 1));
    EXPECT_THAT(Faults(Check(past)), ElementsAre("records[3]." + limit.field + " TEXT_TOO_LONG"));
  }
}

TEST(RecordRulesTest, NumbersAreTakenUpToTheirLimitsAndNotBeyond) {
  constexpr int64_t kMost = 100'000'000'000'000'000;
  const auto amount = [](int64_t fen) {
    return FaultsOf(GoodIssue(), [fen](auto& r) { r.mutable_issue()->mutable_amount()->set_fen(fen); });
  };
  EXPECT_THAT(amount(0), IsEmpty());
  EXPECT_THAT(amount(kMost), IsEmpty());
  EXPECT_THAT(amount(-1), ElementsAre("records[3].issue.amount.fen OUT_OF_RANGE"));
  EXPECT_THAT(amount(kMost + 1), ElementsAre("records[3].issue.amount.fen OUT_OF_RANGE"));
  const auto members = [](int count) {
    return FaultsOf(GoodVisit(), [count](auto& r) { r.mutable_visit()->set_team_members(count); });
  };
  EXPECT_THAT(members(0), IsEmpty());
  EXPECT_THAT(members(1000), IsEmpty());
  EXPECT_THAT(members(1001), ElementsAre("records[3].visit.team_members OUT_OF_RANGE"));
  EXPECT_THAT(members(-1), ElementsAre("records[3].visit.team_members OUT_OF_RANGE"));
  const auto size = [](int64_t bytes) {
    return FaultsOf(GoodVisit(), [bytes](auto& r) {
      *r.mutable_visit()->add_attachments() = GoodAttachment();
      r.mutable_visit()->mutable_attachments(0)->set_size(bytes);
    });
  };
  EXPECT_THAT(size(0), IsEmpty());
  EXPECT_THAT(size(-1), ElementsAre("records[3].visit.attachments[0].size OUT_OF_RANGE"));
  const auto attachments = [](int count) {
    return FaultsOf(GoodIssue(), [count](auto& r) {
      for (int i = 0; i < count; ++i) *r.mutable_issue()->add_attachments() = GoodAttachment();
    });
  };
  EXPECT_THAT(attachments(50), IsEmpty());
  EXPECT_THAT(attachments(51), ElementsAre("records[3].issue.attachments OUT_OF_RANGE"));
}

TEST(RecordRulesTest, WishDateMayLieInThePastAndMustExist) {
  const auto wished = [](int year, int month, int day) {
    return FaultsOf(GoodIssue(), [=](auto& r) {
      common::v1::Date& date = *r.mutable_issue()->mutable_wished_by();
      date.set_year(year);
      date.set_month(month);
      date.set_day(day);
    });
  };
  EXPECT_THAT(wished(2000, 1, 1), IsEmpty());
  EXPECT_THAT(wished(2100, 12, 31), IsEmpty());
  for (const auto& faults :
       {wished(1999, 12, 31), wished(2101, 1, 1), wished(2024, 2, 30), wished(0, 0, 0)}) {
    EXPECT_THAT(faults, ElementsAre("records[3].issue.wished_by DATE_INVALID"));
  }
}

TEST(RecordRulesTest, AmountIsGrantedWithItsOutcomeAlone) {
  const auto granted = [](v1::PolicyOutcome outcome) {
    return FaultsOf(GoodDelivery(), [outcome](auto& r) {
      r.mutable_policy_delivery()->set_outcome(outcome);
      r.mutable_policy_delivery()->mutable_granted()->set_fen(1);
    });
  };
  EXPECT_THAT(granted(v1::POLICY_OUTCOME_GRANTED), IsEmpty());
  EXPECT_THAT(granted(v1::POLICY_OUTCOME_APPLIED),
              ElementsAre("records[3].policy_delivery.granted GRANTED_WITHOUT_OUTCOME"));
}

TEST(RecordRulesTest, AttachmentsAreReferencesWithADigestAndWithoutPasswords) {
  const auto uri = [](const std::string& text) {
    return FaultsOf(GoodIssue(), [&](auto& r) {
      *r.mutable_issue()->add_attachments() = GoodAttachment();
      r.mutable_issue()->mutable_attachments(0)->set_uri(text);
    });
  };
  const std::string longest = "https://f.example/" + std::string(1000 - 18, 'x');
  for (const std::string& good : {longest, std::string("urn:uuid:0190163d"),
                                  std::string("https://f.example/a@b"), std::string("s3://bucket/key")}) {
    EXPECT_THAT(uri(good), IsEmpty()) << good;
  }
  for (const std::string& bad :
       {longest + "x", std::string("/visits/1.jpg"), std::string(), std::string("https:"),
        std::string("1s://x"), std::string("https://f.example/a b"),
        std::string("https://f.example/照片.jpg")}) {
    EXPECT_THAT(uri(bad), ElementsAre("records[3].issue.attachments[0].uri URI_INVALID")) << bad;
  }
  for (const char* bad : {"https://user:secret@f.example/1", "ftp://user@f.example", "https://u@f?x"}) {
    EXPECT_THAT(uri(bad), ElementsAre("records[3].issue.attachments[0].uri URI_HAS_CREDENTIALS")) << bad;
  }
  for (const std::string& digest : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'),
                                    std::string(64, 'g'), std::string()}) {
    EXPECT_THAT(FaultsOf(GoodIssue(),
                         [&](auto& r) {
                           *r.mutable_issue()->add_attachments() = GoodAttachment();
                           r.mutable_issue()->mutable_attachments(0)->set_sha256(digest);
                         }),
                ElementsAre("records[3].issue.attachments[0].sha256 DIGEST_INVALID"));
  }
}

TEST(RecordRulesTest, WrongContactIsNamedWithoutItsWords) {
  const auto phone = [](const std::string& text) {
    v1::RecordSubmission record = GoodIssue();
    record.mutable_issue()->mutable_contact()->set_phone(text);
    return Check(record);
  };
  for (const char* good : {"12345", "+86 371-5555 5555", "12345678901234567890", " 13800138000 "}) {
    EXPECT_THAT(Faults(phone(good)), IsEmpty()) << good;
  }
  for (const char* bad : {"", "1234", "123456789012345678901", "13800138000x", "（0371）5555"}) {
    const CheckedRecord checked = phone(bad);
    EXPECT_THAT(Faults(checked), ElementsAre("records[3].issue.contact.phone PHONE_INVALID"));
    if (bad[0] == '\0') continue;
    EXPECT_EQ(checked.violations.list()[0].english.find(bad), std::string::npos);
    EXPECT_EQ(checked.violations.list()[0].chinese.find(bad), std::string::npos);
  }
}

TEST(RecordRulesTest, ContactAndRowKeyLeaveTheRecordBeforeAnythingElseSeesIt) {
  v1::RecordSubmission record = GoodIssue();
  record.set_row_key("A17");
  record.mutable_issue()->mutable_contact()->set_name("陈联系");
  record.mutable_issue()->mutable_contact()->set_phone("13800138000");
  const CheckedRecord checked = Check(record);
  EXPECT_EQ(checked.row_key, "A17");
  EXPECT_TRUE(checked.contact.has_value());
  EXPECT_EQ(checked.body, Check(GoodIssue()).body);
  EXPECT_FALSE(checked.submission.issue().has_contact());
  // A record that is refused keeps none either.
  record.mutable_issue()->set_category_id("sea");
  EXPECT_FALSE(Check(record).submission.issue().has_contact());
}

TEST(RecordRulesTest, DigestOfAContactIsKeyedAndKnownAgainUnderAnOlderKey) {
  v1::RecordSubmission record = GoodIssue();
  record.mutable_issue()->mutable_contact()->set_phone("13800138000");
  const CheckedRecord checked = Check(record);
  const encryption::KeyRing old = *encryption::KeyRing::Create({{"k1", Sha256("k1")}});
  const CheckedRecord before = CheckRecord(record, "records[3]", *SmallCity(), kNow, &old);
  EXPECT_NE(checked.digest, before.digest);
  EXPECT_TRUE(checked.HasDigest(before.digest));
  EXPECT_FALSE(checked.HasDigest(Check(GoodIssue()).digest));
  EXPECT_NE(checked.digest, Sha256(checked.body + *checked.contact));
  EXPECT_THAT(Faults(CheckRecord(record, "records[3]", *SmallCity(), kNow)),
              ElementsAre("records[3].issue.contact CONTACT_KEY_MISSING"));
}

TEST(RecordRulesTest, FactsSayWhatFiguresAndPlansNeed) {
  v1::RecordSubmission visit = GoodVisit();
  visit.mutable_visit()->set_team_id("t1");
  visit.mutable_visit()->set_department_id("jinshui.fire");
  EXPECT_EQ(FactsOf(visit, "id", 1).team_id(), "t1");
  EXPECT_EQ(FactsOf(visit, "id", 1).department_id(), "jinshui.fire");
  v1::RecordSubmission delivery = GoodDelivery();
  delivery.mutable_policy_delivery()->set_outcome(v1::POLICY_OUTCOME_APPLIED);
  EXPECT_EQ(FactsOf(delivery, "id", 1).policy_id(), "rnd");
  EXPECT_EQ(FactsOf(delivery, "id", 1).policy_outcome(), v1::POLICY_OUTCOME_APPLIED);
  v1::RecordSubmission issue = GoodIssue();
  issue.mutable_issue()->mutable_amount()->set_fen(7);
  EXPECT_EQ(FactsOf(issue, "id", 1).amount_fen(), 7);
}

// An issue of few values, so that equal ones are met often.
v1::RecordSubmission AnyIssue() {
  const auto flip = [] { return *rc::gen::arbitrary<bool>(); };
  v1::RecordSubmission record = GoodIssue();
  v1::Issue& issue = *record.mutable_issue();
  if (flip()) issue.set_title("另一标题");
  if (flip()) issue.set_legacy(true);
  if (flip()) issue.mutable_amount()->set_fen(*rc::gen::inRange(0, 2));
  if (flip()) issue.clear_department_functions();
  if (flip()) issue.mutable_contact()->set_phone(flip() ? "13800138000" : "13800138001");
  if (issue.has_contact() && flip()) issue.mutable_contact()->set_name("陈");
  return record;
}

RC_GTEST_PROP(RecordRulesProperty, DigestChangesExactlyWhenContentDoes, ()) {
  const v1::RecordSubmission first = AnyIssue();
  v1::RecordSubmission second = AnyIssue();
  const bool same = first.SerializeAsString() == second.SerializeAsString();
  // What is no content: white space around, the writing of the code, the row's name.
  second.mutable_issue()->set_title("　" + second.issue().title() + " ");
  second.mutable_issue()->mutable_enterprise()->set_uscc(std::string(" ") + kGoodCode);
  second.set_row_key("row");
  RC_ASSERT((Check(first).digest == Check(second).digest) == same);
  RC_ASSERT(Check(first).HasDigest(Check(second).digest) == same);
}

}  // namespace
}  // namespace zhuqi::intake
