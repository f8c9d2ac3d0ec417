// One process of intake as far as enterprises and records go, in the test's own process.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_TEST_ENTERPRISE_REPLICA_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_TEST_ENTERPRISE_REPLICA_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/vocabulary/credit_code.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"
#include "services/intake/directory/test_replica.h"
#include "services/intake/enterprises/enterprise_service.h"
#include "services/intake/records/record_service.h"

namespace zhuqi::intake {

inline constexpr char kFactory[] = "914403001922038216";
inline constexpr char kBank[] = "9144030071526726XG";

// The city with two policies.
inline std::shared_ptr<const Directory> CityWithPolicies() {
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
  using EnterpriseService = v1::EnterpriseService;

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

inline v1::Enterprise Enterprise(const std::string& uscc, const std::string& fields = "") {
  auto enterprise = FromText<v1::Enterprise>(fields);
  if (enterprise.name().empty()) enterprise.set_name("示例制造有限公司");
  enterprise.set_org_unit_id("jinshui");
  enterprise.set_uscc(uscc);
  return enterprise;
}

// A valid credit code that grows with `number`.
inline std::string CodeOf(int number) {
  return vocabulary::CompleteCreditCode("91410105", absl::StrCat("MA", absl::Dec(number, absl::kZeroPad6)));
}

inline v1::ApplyEnterprisesRequest Request(std::vector<v1::Enterprise> enterprises) {
  v1::ApplyEnterprisesRequest request;
  for (v1::Enterprise& enterprise : enterprises) *request.add_enterprises() = std::move(enterprise);
  return request;
}

inline std::vector<std::string> Dispositions(const v1::ApplyEnterprisesResponse& response) {
  std::vector<std::string> names;
  for (const auto& result : response.results()) {
    names.push_back(v1::EnterpriseResult::Disposition_Name(result.disposition()).substr(12));
  }
  return names;
}

inline std::string VisitOn(const std::string& date, const std::string& uscc) {
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

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_TEST_ENTERPRISE_REPLICA_H_
