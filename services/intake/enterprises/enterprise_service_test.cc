// Enterprises and policies through a real server and a real database.
#include "services/intake/enterprises/enterprise_service.h"

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/credit_code.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"
#include "services/intake/directory/test_replica.h"
#include "services/intake/records/record_service.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::EnterpriseService;

constexpr char kFactory[] = "914403001922038216";
constexpr char kBank[] = "9144030071526726XG";

// The city with two policies.
std::shared_ptr<const Directory> CityWithPolicies() {
  const auto change = FromText<feed::v1::DirectoryChanged>(R"(
    policies {
      policy_id: "rnd" title: "研发补助" org_unit_id: "zhengzhou"
      eligibility { industry_sections: "C" sizes: ENTERPRISE_SIZE_SMALL sizes: ENTERPRISE_SIZE_MEDIUM }
    }
    policies { policy_id: "rent" title: "房租减免" org_unit_id: "jinshui" valid_to { year: 2026 month: 12 day: 31 } }
    policies { policy_id: "old" title: "旧政策" org_unit_id: "zhengzhou" valid_to { year: 2020 month: 12 day: 31 } })");
  const auto city = City();
  return city->With(change, city->sequence() + 1).value();
}

class Replica {
 public:
  explicit Replica(IntakeDatabase& database)
      : parts_(database),
        writer_({Options(), kTestPartitions, &parts_.directory, &parts_.tail, &parts_.clock}),
        records_writer_({Options(), kTestPartitions, &parts_.clock, &parts_.directory, &parts_.tail, &keys_}),
        enterprises_({&parts_.calls.adaptor(), &parts_.sql, &writer_, &parts_.directory, &parts_.clock}),
        records_(RecordParts()),
        server_({&enterprises_, &records_}),
        stub_(EnterpriseService::NewStub(server_.channel())),
        records_stub_(v1::RecordService::NewStub(server_.channel())) {
    parts_.clock.Set(CityTime(absl::CivilDay(2026, 1, 20), 10));
    parts_.directory.Advance(CityWithPolicies());
  }

  // Takes over policies p100, p101 … that every enterprise may claim, beside those that are there.
  void AddPolicies(int first, int end) {
    feed::v1::DirectoryChanged change;
    for (int i = first; i < end; ++i) {
      directory::v1::Policy& policy = *change.add_policies();
      policy.set_policy_id(absl::StrCat("p", i));
      policy.set_title("普惠政策");
      policy.set_org_unit_id("zhengzhou");
    }
    const auto now = parts_.directory.Get();
    parts_.directory.Advance(now->With(change, now->sequence() + 1).value());
  }

  absl::StatusOr<v1::ApplyEnterprisesResponse> Apply(v1::ApplyEnterprisesRequest request) {
    if (request.request_id().empty() && !request.validate_only()) request.set_request_id(NewRequestId());
    return Call(*stub_, &EnterpriseService::Stub::ApplyEnterprises, request);
  }
  auto Get(const std::string& uscc) {
    v1::GetEnterpriseRequest request;
    request.set_uscc(uscc);
    return Call(*stub_, &EnterpriseService::Stub::GetEnterprise, request);
  }
  auto List(const v1::ListEnterprisesRequest& request) {
    return Call(*stub_, &EnterpriseService::Stub::ListEnterprises, request);
  }
  // The credit codes that a list of one page has.
  std::vector<std::string> Codes(const std::string& request) {
    const auto page = List(FromText<v1::ListEnterprisesRequest>(request));
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> codes;
    if (!page.ok()) return codes;
    for (const v1::Enterprise& enterprise : page->enterprises()) codes.push_back(enterprise.uscc());
    return codes;
  }
  auto Matches(const std::string& request) {
    return Call(*stub_, &EnterpriseService::Stub::ListPolicyMatches,
                FromText<v1::ListPolicyMatchesRequest>(request));
  }
  auto Prepare(const std::string& request) {
    return Call(*stub_, &EnterpriseService::Stub::PrepareVisit, FromText<v1::PrepareVisitRequest>(request));
  }
  // Submits a record that is taken; `content` is the visit, issue or delivery.
  void Submit(const std::string& external_id, const std::string& content) {
    v1::SubmitRecordsRequest request;
    request.set_request_id(NewRequestId());
    *request.add_records() =
        FromText<v1::RecordSubmission>(absl::StrCat(R"(key { source_system: "hall" external_id: ")",
                                                    external_id, R"(" } org_unit_id: "jinshui" )", content));
    const auto answer = Call(*records_stub_, &v1::RecordService::Stub::SubmitRecords, request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_EQ(answer->results(0).violations_size(), 0) << answer->results(0).DebugString();
  }

 private:
  db::GroupCommitOptions Options() {
    db::GroupCommitOptions options;
    options.pool = parts_.pool.get();
    return options;
  }
  RecordServiceParts RecordParts() {
    RecordServiceParts parts;
    parts.adaptor = &parts_.calls.adaptor();
    parts.sql = &parts_.sql;
    parts.writer = &records_writer_;
    parts.directory = &parts_.directory;
    parts.refresh_directory = [](db::Connection&) { return absl::OkStatus(); };
    parts.clock = &parts_.clock;
    parts.partitions = kTestPartitions;
    parts.contact_keys = &keys_;
    return parts;
  }

  const encryption::KeyRing keys_ = *encryption::KeyRing::Create({{"k1", Sha256("k1")}});
  ReplicaParts parts_;
  EnterpriseWriter writer_;
  RecordWriter records_writer_;
  EnterpriseServer enterprises_;
  RecordServer records_;
  testing::TestServer server_;
  std::unique_ptr<EnterpriseService::Stub> stub_;
  std::unique_ptr<v1::RecordService::Stub> records_stub_;
};

v1::Enterprise Enterprise(const std::string& uscc, const std::string& fields = "") {
  auto enterprise = FromText<v1::Enterprise>(fields);
  if (enterprise.name().empty()) enterprise.set_name("示例制造有限公司");
  enterprise.set_org_unit_id("jinshui");
  enterprise.set_uscc(uscc);
  return enterprise;
}

// A valid credit code that grows with `number`.
std::string CodeOf(int number) {
  return vocabulary::CompleteCreditCode("91410105", absl::StrCat("MA", absl::Dec(number, absl::kZeroPad6)));
}

v1::ApplyEnterprisesRequest Request(std::vector<v1::Enterprise> enterprises) {
  v1::ApplyEnterprisesRequest request;
  for (v1::Enterprise& enterprise : enterprises) *request.add_enterprises() = std::move(enterprise);
  return request;
}

std::vector<std::string> Dispositions(const v1::ApplyEnterprisesResponse& response) {
  std::vector<std::string> names;
  for (const auto& result : response.results()) {
    names.push_back(v1::EnterpriseResult::Disposition_Name(result.disposition()).substr(12));
  }
  return names;
}

std::string VisitOn(const std::string& date, const std::string& uscc) {
  return absl::StrCat("visit { visited_on { ", date, " } enterprises { uscc: \"", uscc, "\" } }");
}

class EnterpriseServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { replica_ = std::make_unique<Replica>(database_); }
  // Applies enterprises that are all taken.
  void Enter(std::vector<v1::Enterprise> enterprises) {
    const auto answer = replica_->Apply(Request(std::move(enterprises)));
    ASSERT_TRUE(answer.ok()) << answer.status();
    for (const auto& result : answer->results())
      ASSERT_EQ(result.violations_size(), 0) << result.DebugString();
  }

  IntakeDatabase database_;
  std::unique_ptr<Replica> replica_;
};

TEST_F(EnterpriseServiceTest, EnteringTheSameAgainIsUnchangedAndAChangeIsTheNextRevision) {
  v1::Enterprise renamed = Enterprise(kFactory);
  renamed.set_name("示例智造有限公司");
  EXPECT_THAT(Dispositions(*replica_->Apply(Request({Enterprise(kFactory)}))), ElementsAre("CREATED"));
  const auto same = replica_->Apply(Request({Enterprise(kFactory)}));
  EXPECT_THAT(Dispositions(*same), ElementsAre("UNCHANGED"));
  EXPECT_EQ(same->consistency_token(), "");
  const auto changed = replica_->Apply(Request({renamed}));
  EXPECT_THAT(Dispositions(*changed), ElementsAre("UPDATED"));
  EXPECT_NE(changed->consistency_token(), "");
  const auto got = replica_->Get(" ９１４４０３００１９２２０３８２１６");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->enterprise().name(), "示例智造有限公司");
  EXPECT_EQ(got->enterprise().revision(), 2);
  EXPECT_TRUE(got->enterprise().has_updated_at());
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 1);
}

TEST_F(EnterpriseServiceTest, EventsCarryTheFactsBeforeAndAfterInTheDistrictsPartition) {
  Enter({Enterprise(kFactory, R"(tags: "key" size: ENTERPRISE_SIZE_MICRO)")});
  v1::Enterprise moved = Enterprise(kFactory, R"(tags: "key" size: ENTERPRISE_SIZE_SMALL)");
  moved.set_org_unit_id("zhongmu");
  Enter({moved});
  const auto events = database_.Events(PartitionOf(*CityWithPolicies(), "jinshui", kTestPartitions));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_FALSE(events[0].enterprise().has_before());
  EXPECT_EQ(events[0].enterprise().after().size(), directory::v1::ENTERPRISE_SIZE_MICRO);
  EXPECT_EQ(events[1].enterprise().before().org_unit_id(), "jinshui");
  EXPECT_EQ(events[1].enterprise().after().org_unit_id(), "zhongmu");
  EXPECT_THAT(events[1].enterprise().after().tags(), ElementsAre("key"));
}

TEST_F(EnterpriseServiceTest, ResultsLineUpWithTheRowsAndABadRowDoesNotTakeTheGoodOnesDown) {
  v1::ApplyEnterprisesRequest request =
      Request({Enterprise(kFactory), Enterprise("914403001922038217"), Enterprise(kBank)});
  for (const char* key : {"sheet1!A2", "sheet1!A3", "sheet1!A4"}) request.add_row_keys(key);
  const auto answer = replica_->Apply(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Dispositions(*answer), ElementsAre("CREATED", "REJECTED", "CREATED"));
  const v1::EnterpriseResult& bad = answer->results(1);
  EXPECT_EQ(bad.index(), 1);
  EXPECT_EQ(bad.row_key(), "sheet1!A3");
  EXPECT_EQ(bad.uscc(), "914403001922038217");
  EXPECT_EQ(bad.violations(0).field(), "enterprises[1].uscc");
  EXPECT_EQ(bad.violations(0).reason(), "USCC_WRONG_CHECK_CHARACTER");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 2);
}

TEST_F(EnterpriseServiceTest, AllOrNothingStoresNothingWhenOneIsRejected) {
  v1::ApplyEnterprisesRequest request = Request({Enterprise(kFactory), Enterprise(kBank, R"(tags: "Bad")")});
  request.set_all_or_nothing(true);
  const auto answer = replica_->Apply(request);
  EXPECT_THAT(Dispositions(*answer), ElementsAre("NOT_ATTEMPTED", "REJECTED"));
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 0);
  EXPECT_EQ(answer->consistency_token(), "");
}

TEST_F(EnterpriseServiceTest, ValidateOnlyForetellsAndStoresNothing) {
  Enter({Enterprise(kFactory)});
  v1::ApplyEnterprisesRequest request =
      Request({Enterprise(kFactory), Enterprise(kFactory, R"(address: "新址")"), Enterprise(kBank)});
  request.set_validate_only(true);
  EXPECT_THAT(Dispositions(*replica_->Apply(request)), ElementsAre("UNCHANGED", "UPDATED", "CREATED"));
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().revision(), 1);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM idempotency_keys"), 1);
}

TEST_F(EnterpriseServiceTest, RepeatedRequestGetsTheFirstAnswerAndAnotherBodyIsRefused) {
  v1::ApplyEnterprisesRequest request = Request({Enterprise(kFactory)});
  request.set_request_id(NewRequestId());
  const auto first = replica_->Apply(request);
  EXPECT_EQ(replica_->Apply(request)->SerializeAsString(), first->SerializeAsString());
  request.mutable_enterprises(0)->set_name("另一家");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(request).status()), "REQUEST_ID_REUSED");
}

TEST_F(EnterpriseServiceTest, RequestItselfIsRefusedByName) {
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(Request({})).status()), "OUT_OF_RANGE");
  v1::ApplyEnterprisesRequest keys = Request({Enterprise(kFactory)});
  keys.add_row_keys("1");
  keys.add_row_keys("2");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(keys).status()), "ROW_KEYS_MISMATCH");
  v1::ApplyEnterprisesRequest id = Request({Enterprise(kFactory)});
  id.set_request_id("17");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(id).status()), "UUID_INVALID");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get("17").status()), "USCC_WRONG_LENGTH");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get(kBank).status()), "ENTERPRISE_UNKNOWN");
}

TEST_F(EnterpriseServiceTest, AThousandEnterprisesAreTakenAndOneMoreIsNot) {
  std::vector<v1::Enterprise> enterprises;
  for (int i = 0; i < 1000; ++i) enterprises.push_back(Enterprise(CodeOf(i)));
  Enter(enterprises);
  enterprises.push_back(Enterprise(CodeOf(1000)));
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(Request(enterprises)).status()), "OUT_OF_RANGE");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 1000);
}

TEST_F(EnterpriseServiceTest, RowKeyOf100CharactersIsTakenAndOneMoreIsNot) {
  std::string key;
  for (int i = 0; i < 100; ++i) key += "行";
  v1::ApplyEnterprisesRequest request = Request({Enterprise(kFactory)});
  request.add_row_keys(key);
  EXPECT_EQ(replica_->Apply(request)->results(0).row_key(), key);
  request.set_row_keys(0, key + "行");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(request).status()), "TEXT_TOO_LONG");
}

TEST_F(EnterpriseServiceTest, SearchTextOf100CharactersIsTakenAndOneMoreIsNot) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "长";
  v1::ListEnterprisesRequest request;
  request.set_text(text);
  EXPECT_TRUE(replica_->List(request).ok());
  request.set_text(text + "长");
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "TEXT_INVALID");
}

TEST_F(EnterpriseServiceTest, APageHas50RowsWithoutASizeAndAtMost500) {
  std::vector<v1::Enterprise> enterprises;
  for (int i = 0; i < 600; ++i) enterprises.push_back(Enterprise(CodeOf(i)));
  Enter(enterprises);
  EXPECT_EQ(replica_->Codes("").size(), 50u);
  EXPECT_EQ(replica_->Codes("page_size: 501").size(), 500u);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rent")")->matches_size(), 50);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rent" page_size: 501)")->matches_size(), 500);
  EXPECT_EQ(rpc::ReasonOf(replica_->Matches(R"(policy_id: "rent" page_size: -1)").status()),
            "PAGE_SIZE_NEGATIVE");
}

TEST_F(EnterpriseServiceTest, TwoReplicasThatEnterTheSameAtOnceLoseNothing) {
  Replica second(database_);
  constexpr int kRounds = 30;
  const auto send = [](Replica& replica, int first_shared) {
    for (int i = 0; i < kRounds; ++i) {
      // Both make the same ones, in opposite orders, and each changes one that both change.
      const auto answer = replica.Apply(
          Request({Enterprise(CodeOf(first_shared == 0 ? i : kRounds - 1 - i)),
                   Enterprise(kFactory, absl::StrCat("address: \"", first_shared, "-", i, "\""))}));
      ASSERT_TRUE(answer.ok()) << answer.status();
    }
  };
  std::thread other([&] { send(second, 1); });
  send(*replica_, 0);
  other.join();
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), kRounds + 1);
  // Every change is one revision and one event.
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().revision(), 2 * kRounds);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM feed_events"), 3 * kRounds);
}

TEST_F(EnterpriseServiceTest, PagesHoldEachEnterpriseOnceAndTheTotalMayBeAskedOnOnePage) {
  std::vector<v1::Enterprise> enterprises;
  for (int i = 0; i < 23; ++i) enterprises.push_back(Enterprise(CodeOf(i)));
  for (int i = 0; i < 23; i += 2) enterprises[static_cast<size_t>(i)].set_org_unit_id("huayuanlu");
  for (int i = 1; i < 23; i += 4) enterprises[static_cast<size_t>(i)].set_org_unit_id("zhongmu");
  Enter(enterprises);
  v1::ListEnterprisesRequest list;
  list.set_org_unit_id("jinshui");
  list.set_page_size(5);
  list.set_include_total(true);
  std::vector<std::string> seen;
  do {
    const auto page = replica_->List(list);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->has_total(), seen.empty());
    if (page->has_total()) {
      EXPECT_EQ(page->total(), 17);
    }
    for (const auto& enterprise : page->enterprises()) seen.push_back(enterprise.uscc());
    list.set_page_token(page->next_page_token());
    list.set_include_total(false);
  } while (!list.page_token().empty());
  EXPECT_EQ(seen.size(), 17u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 17u);
}

TEST_F(EnterpriseServiceTest, FiltersFindByTextTagSectionSizeAndClosing) {
  Enter({Enterprise(kFactory,
                    R"(name: "郑州ＡＢＣ机械有限公司" tags: "key" tags: "listed" industry_section: "C")"),
         Enterprise(kBank,
                    R"(name: "中原示例银行" tags: "key" industry_section: "J" size: ENTERPRISE_SIZE_LARGE)"),
         Enterprise(CodeOf(1), R"(name: "已注销商行" closed_on { year: 2025 month: 1 day: 1 })")});
  EXPECT_THAT(replica_->Codes(""), ElementsAre(kFactory, kBank));
  EXPECT_THAT(replica_->Codes("with_closed: true"), ElementsAre(CodeOf(1), kFactory, kBank));
  EXPECT_THAT(replica_->Codes(R"(text: "abc机械")"), ElementsAre(kFactory));
  EXPECT_THAT(replica_->Codes(R"(text: "9144030071")"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes(R"(text: "４４０３")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(text: "示例_行")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(text: "%")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(tag: "key")"), ElementsAre(kFactory, kBank));
  EXPECT_THAT(replica_->Codes(R"(tag: "key" industry_section: "J")"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes("size: ENTERPRISE_SIZE_LARGE"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes(R"(tag: "key" org_unit_id: "zhongmu")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(tag: "key" page_size: 1)"), ElementsAre(kFactory));
}

TEST_F(EnterpriseServiceTest, TagThatIsTakenAwayIsNotFoundAnyMore) {
  Enter({Enterprise(kFactory, R"(tags: "key" tags: "listed")")});
  Enter({Enterprise(kFactory, R"(tags: "listed" tags: "new")")});
  EXPECT_THAT(replica_->Codes(R"(tag: "key")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(tag: "new")"), ElementsAre(kFactory));
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprise_tags"), 2);
}

TEST_F(EnterpriseServiceTest, ListRefusesWhatItDoesNotKnowByName) {
  const auto reason = [this](const std::string& request) {
    return rpc::ReasonOf(replica_->List(FromText<v1::ListEnterprisesRequest>(request)).status());
  };
  EXPECT_EQ(reason(R"(org_unit_id: "nowhere")"), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason(R"(tag: "Key")"), "IDENTIFIER_INVALID");
  EXPECT_EQ(reason(R"(industry_section: "Z")"), "INDUSTRY_SECTION_UNKNOWN");
  EXPECT_EQ(reason("page_size: -1"), "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(reason(R"(page_token: "x")"), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(reason("not_visited_since { year: 2025 month: 2 day: 30 }"), "DATE_INVALID");
}

TEST_F(EnterpriseServiceTest, NewestVisitIsShownAndFiltersByItCountTheDay) {
  Enter({Enterprise(kFactory), Enterprise(kBank)});
  replica_->Submit("v1", VisitOn("year: 2025 month: 5 day: 8", kFactory));
  replica_->Submit("v2", VisitOn("year: 2025 month: 3 day: 1", kFactory));
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().last_visited_on().month(), 5);
  EXPECT_FALSE(replica_->Get(kBank)->enterprise().has_last_visited_on());
  EXPECT_THAT(replica_->Codes("not_visited_since { year: 2025 month: 5 day: 8 }"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes("not_visited_since { year: 2025 month: 5 day: 9 }"),
              ElementsAre(kFactory, kBank));
  // A correction of the date moves it.
  replica_->Submit("v1", VisitOn("year: 2025 month: 1 day: 2", kFactory));
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().last_visited_on().month(), 3);
}

std::string Delivery(const std::string& uscc, const std::string& policy, int day,
                     const std::string& outcome) {
  return absl::StrCat("policy_delivery { delivered_on { year: 2026 month: 1 day: ", day,
                      " } enterprise { uscc: \"", uscc, "\" } policy: \"p\" policy_id: \"", policy,
                      "\" outcome: POLICY_OUTCOME_", outcome, " }");
}

TEST_F(EnterpriseServiceTest, MatchesSayWhoMayClaimAPolicyAndWhatCameOfIt) {
  const std::string small = R"(industry_section: "C" size: ENTERPRISE_SIZE_SMALL)";
  Enter({Enterprise(kFactory, small),
         Enterprise(kBank, R"(industry_section: "J" size: ENTERPRISE_SIZE_LARGE)"),
         Enterprise(CodeOf(1), R"(industry_section: "C")"), Enterprise(CodeOf(2), small),
         Enterprise(CodeOf(3), small + " closed_on { year: 2025 month: 1 day: 1 }")});
  replica_->Submit("d1", Delivery(kFactory, "rnd", 5, "EXPLAINED"));
  replica_->Submit("d2", Delivery(kFactory, "rnd", 9, "GRANTED"));
  replica_->Submit("d3", Delivery(CodeOf(2), "rent", 9, "APPLIED"));
  const auto all = replica_->Matches(R"(policy_id: "rnd")");
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->matches_size(), 3);
  EXPECT_EQ(all->matches(0).uscc(), CodeOf(1));
  EXPECT_EQ(all->matches(0).verdict(), v1::PolicyMatch::VERDICT_UNKNOWN);
  EXPECT_EQ(all->matches(1).uscc(), CodeOf(2));
  EXPECT_EQ(all->matches(1).verdict(), v1::PolicyMatch::VERDICT_ELIGIBLE);
  EXPECT_FALSE(all->matches(1).has_brought_on());
  EXPECT_EQ(all->matches(2).uscc(), kFactory);
  EXPECT_EQ(all->matches(2).brought_on().day(), 5);
  EXPECT_EQ(all->matches(2).outcome(), v1::POLICY_OUTCOME_GRANTED);
  EXPECT_EQ(all->matches(2).record_id().size(), 36u);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rnd" verdict: VERDICT_NOT_ELIGIBLE)")->matches(0).uscc(), kBank);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rnd" not_brought: true)")->matches_size(), 2);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rnd" not_claimed: true)")->matches_size(), 2);
  // Without a unit: where the policy was issued.
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rent" not_claimed: true)")->matches_size(), 3);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "old")")->matches_size(), 0);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "old" on { year: 2020 month: 1 day: 1 })")->matches_size(), 4);
  EXPECT_EQ(rpc::ReasonOf(replica_->Matches(R"(policy_id: "none")").status()), "POLICY_UNKNOWN");
}

TEST_F(EnterpriseServiceTest, PagesOfMatchesGoOnWherePageOrWorkEnded) {
  std::vector<v1::Enterprise> enterprises;
  std::vector<std::string> eligible;
  for (int i = 0; i < 1000; ++i) {
    enterprises.push_back(Enterprise(CodeOf(i), i % 300 == 7
                                                    ? R"(industry_section: "C" size: ENTERPRISE_SIZE_SMALL)"
                                                    : R"(industry_section: "J")"));
    if (i % 300 == 7) eligible.push_back(CodeOf(i));
  }
  Enter(std::move(enterprises));
  v1::ListPolicyMatchesRequest request;
  request.set_policy_id("rnd");
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    const auto page = replica_->Matches(request.DebugString());
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->matches_size(), 2);
    for (const auto& match : page->matches()) seen.push_back(match.uscc());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, eligible);
}

TEST_F(EnterpriseServiceTest, PreparationHasTheEnterpriseItsNewestRecordsAndWhatItMayClaim) {
  Enter({Enterprise(kFactory, R"(industry_section: "C" size: ENTERPRISE_SIZE_SMALL)"), Enterprise(kBank)});
  for (int day = 1; day <= 12; ++day) {
    replica_->Submit(absl::StrCat("v", day),
                     VisitOn(absl::StrCat("year: 2026 month: 1 day: ", day), kFactory));
  }
  replica_->Submit("other", VisitOn("year: 2026 month: 1 day: 15", kBank));
  replica_->Submit(
      "i1", absl::StrCat("issue { kind: ISSUE_KIND_NEED category_id: \"land\" title: \"用地\" raised_at { "
                         "seconds: 1767600000 } enterprise { uscc: \"",
                         kFactory, "\" } contact { name: \"某人\" phone: \"13800000000\" } }"));
  replica_->Submit("d1", Delivery(kFactory, "rent", 9, "APPLIED"));
  const auto sheet = replica_->Prepare(absl::StrCat("uscc: \"", kFactory, "\""));
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ(sheet->enterprise().last_visited_on().day(), 12);
  ASSERT_EQ(sheet->visits_size(), 10);
  EXPECT_EQ(sheet->visits(0).submission().visit().visited_on().day(), 12);
  EXPECT_EQ(sheet->visits(9).submission().visit().visited_on().day(), 3);
  ASSERT_EQ(sheet->issues_size(), 1);
  EXPECT_EQ(sheet->issues(0).submission().issue().title(), "用地");
  EXPECT_FALSE(sheet->issues(0).submission().issue().has_contact());
  ASSERT_EQ(sheet->policies_size(), 2);
  EXPECT_EQ(sheet->policies(0).policy_id(), "rent");
  EXPECT_EQ(sheet->policies(0).outcome(), v1::POLICY_OUTCOME_APPLIED);
  EXPECT_EQ(sheet->policies(1).policy_id(), "rnd");
  EXPECT_EQ(rpc::ReasonOf(replica_->Prepare(absl::StrCat("uscc: \"", CodeOf(9), "\"")).status()),
            "ENTERPRISE_UNKNOWN");
}

// A need of the factory, raised `second` seconds into a day.
std::string NeedRaised(int second) {
  return absl::StrCat(
      "issue { kind: ISSUE_KIND_NEED category_id: \"land\" title: \"用地\" raised_at { seconds: ",
      1767600000 + second, " } enterprise { uscc: \"", kFactory, "\" } }");
}

TEST_F(EnterpriseServiceTest, PreparationHas10VisitsAnd20IssuesAndOfOneMoreTheNewest) {
  Enter({Enterprise(kFactory)});
  const auto sheet = [this] { return replica_->Prepare(absl::StrCat("uscc: \"", kFactory, "\"")).value(); };
  const auto visit = [this](int day) {
    replica_->Submit(absl::StrCat("v", day),
                     VisitOn(absl::StrCat("year: 2026 month: 1 day: ", day), kFactory));
  };
  for (int day = 1; day <= 10; ++day) visit(day);
  for (int i = 1; i <= 20; ++i) replica_->Submit(absl::StrCat("i", i), NeedRaised(i));
  const v1::PrepareVisitResponse full = sheet();
  ASSERT_EQ(full.visits_size(), 10);
  EXPECT_EQ(full.visits(9).submission().visit().visited_on().day(), 1);
  ASSERT_EQ(full.issues_size(), 20);
  std::set<std::string> issues;
  for (const v1::Record& issue : full.issues()) issues.insert(issue.submission().key().external_id());
  EXPECT_EQ(issues.size(), 20u);
  visit(11);
  replica_->Submit("i21", NeedRaised(24 * 3600));
  const v1::PrepareVisitResponse past = sheet();
  ASSERT_EQ(past.visits_size(), 10);
  EXPECT_EQ(past.visits(0).submission().visit().visited_on().day(), 11);
  EXPECT_EQ(past.visits(9).submission().visit().visited_on().day(), 2);
  ASSERT_EQ(past.issues_size(), 20);
  EXPECT_EQ(past.issues(0).submission().key().external_id(), "i21");
}

TEST_F(EnterpriseServiceTest, PreparationHas200PoliciesAndNotOneMore) {
  Enter({Enterprise(kFactory, R"(industry_section: "C" size: ENTERPRISE_SIZE_SMALL)")});
  const auto policies = [this] {
    return replica_->Prepare(absl::StrCat("uscc: \"", kFactory, "\"")).value().policies();
  };
  // With "rent" and "rnd", which come after them.
  replica_->AddPolicies(100, 298);
  ASSERT_EQ(policies().size(), 200);
  EXPECT_EQ(policies()[0].policy_id(), "p100");
  EXPECT_EQ(policies()[199].policy_id(), "rnd");
  replica_->AddPolicies(298, 299);
  ASSERT_EQ(policies().size(), 200);
  EXPECT_EQ(policies()[199].policy_id(), "rent");
}

}  // namespace
}  // namespace zhuqi::intake
