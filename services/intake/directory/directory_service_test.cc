#include "services/intake/directory/directory_service.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/feed/token.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"
#include "services/intake/directory/test_replica.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::DirectoryService;
using ::testing::ElementsAre;

class Replica {
 public:
  explicit Replica(IntakeDatabase& database)
      : parts_(database), keeper_(*parts_.pool, parts_.directory, parts_.tail, telemetry::Logger::Null()) {
    DirectoryServiceParts service;
    service.adaptor = &parts_.calls.adaptor();
    service.sql = &parts_.sql;
    service.directory = &parts_.directory;
    service.tail = &parts_.tail;
    service.clock = &parts_.clock;
    service.after_apply = [this](int64_t sequence, rpc::CallContext&) { return FollowUp(sequence); };
    service_ = std::make_unique<DirectoryServer>(service);
    server_ = std::make_unique<testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = DirectoryService::NewStub(server_->channel());
  }
  ~Replica() {
    parts_.tail.Stop();
    keeper_.Stop();
  }

  // Follows what other replicas apply; a replica that is not started hears of it by tokens alone.
  void Start() {
    ASSERT_TRUE(parts_.tail.Start().ok());
    keeper_.Start();
  }

  auto Apply(const ApplyDirectoryRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ApplyDirectory, request);
  }
  auto Get(const directory::v1::GetOrgUnitRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::GetOrgUnit, request);
  }
  auto List(const directory::v1::ListOrgUnitsRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ListOrgUnits, request);
  }
  auto Departments(const directory::v1::ListDepartmentsRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ListDepartments, request);
  }
  auto Reorganize(const directory::v1::ReorganizeOrgUnitsRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ReorganizeOrgUnits, request);
  }
  auto Reorganizations(const directory::v1::ListReorganizationsRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ListReorganizations, request);
  }
  auto Teams(const directory::v1::ListTeamsRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ListTeams, request);
  }
  auto Policies(const directory::v1::ListPoliciesRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ListPolicies, request);
  }
  auto Categories(const directory::v1::ListCategoriesRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ListCategories, request);
  }
  auto Calendar(const directory::v1::GetCalendarRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::GetCalendar, request);
  }
  auto Forms(const directory::v1::ListFormsRequest& request) {
    return Call(*stub_, &DirectoryService::Stub::ListForms, request);
  }
  DirectoryHolder& directory() { return parts_.directory; }
  // Called in place of what follows from an applied directory, with its place in the log.
  std::vector<int64_t> followed_up;

 private:
  Task<absl::StatusOr<std::vector<common::v1::FeedPosition>>> FollowUp(int64_t sequence) {
    followed_up.push_back(sequence);
    co_return std::vector<common::v1::FeedPosition>{feed::Position("intake", 2, 7)};
  }

  ReplicaParts parts_;
  DirectoryKeeper keeper_;
  std::unique_ptr<DirectoryServer> service_;
  std::unique_ptr<testing::TestServer> server_;
  std::unique_ptr<DirectoryService::Stub> stub_;
};

ApplyDirectoryRequest WithId(ApplyDirectoryRequest request) {
  request.set_request_id(NewRequestId());
  return request;
}

// A request for one category.
ApplyDirectoryRequest Category(const std::string& id) {
  ApplyDirectoryRequest request = WithId({});
  request.add_categories()->set_category_id(id);
  request.mutable_categories(0)->set_name("类");
  return request;
}

directory::v1::GetOrgUnitRequest UnitById(const std::string& id, const std::string& token = "") {
  directory::v1::GetOrgUnitRequest request;
  request.set_org_unit_id(id);
  request.set_at_least_token(token);
  return request;
}

TEST(ApplyDirectory, IsThereAfterARestart) {
  IntakeDatabase database;
  std::string token;
  {
    Replica replica(database);
    const auto applied = replica.Apply(WithId(CityRequest()));
    ASSERT_TRUE(applied.ok()) << applied.status();
    EXPECT_EQ(applied->changes_size(), 10);
    token = applied->consistency_token();
  }
  Replica again(database);
  const auto unit = again.Get(UnitById("huayuanlu", token));
  ASSERT_TRUE(unit.ok()) << unit.status();
  EXPECT_EQ(unit->org_unit().name(), "花园路街道");
  ASSERT_EQ(unit->ancestors_size(), 2);
  EXPECT_EQ(unit->ancestors(0).org_unit_id(), "zhengzhou");
  EXPECT_EQ(unit->ancestors(1).org_unit_id(), "jinshui");
  EXPECT_EQ(again.directory().Get()->calendar_version(), 1);
}

TEST(ApplyDirectory, RepeatedRequestGetsTheFirstAnswer) {
  IntakeDatabase database;
  Replica replica(database);
  const ApplyDirectoryRequest request = WithId(CityRequest());
  const auto first = replica.Apply(request);
  const auto second = replica.Apply(request);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(database.Events(0).size(), 1u);
  ApplyDirectoryRequest other = Category("fire");
  other.set_request_id(request.request_id());
  EXPECT_EQ(rpc::ReasonOf(replica.Apply(other).status()), "REQUEST_ID_REUSED");
}

TEST(ApplyDirectory, SameStateAgainWritesNothing) {
  IntakeDatabase database;
  Replica replica(database);
  ASSERT_TRUE(replica.Apply(WithId(CityRequest())).ok());
  const auto again = replica.Apply(WithId(CityRequest()));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->changes_size(), 0);
  EXPECT_EQ(again->unchanged(), 10);
  EXPECT_EQ(database.Events(0).size(), 1u);
}

TEST(ApplyDirectory, ValidateOnlyStoresNothing) {
  IntakeDatabase database;
  Replica replica(database);
  ApplyDirectoryRequest request = CityRequest();
  request.set_validate_only(true);
  const auto preview = replica.Apply(request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->changes_size(), 10);
  EXPECT_EQ(preview->consistency_token(), "");
  EXPECT_TRUE(database.Events(0).empty());
  request.set_validate_only(false);
  EXPECT_EQ(rpc::ReasonOf(replica.Apply(request).status()), "UUID_INVALID");
}

TEST(ApplyDirectory, BadPartTakesAllOfItDown) {
  IntakeDatabase database;
  Replica replica(database);
  ApplyDirectoryRequest request = WithId(CityRequest());
  request.mutable_org_units(0)->set_parent_id("nowhere");
  const auto refused = replica.Apply(request);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(rpc::BadRequestOf(refused.status()).has_value());
  EXPECT_EQ(rpc::BadRequestOf(refused.status())->field_violations(0).field(), "org_units[0].parent_id");
  EXPECT_EQ(database.Count("SELECT COUNT(*) FROM feed_events"), 0);
  EXPECT_EQ(database.Count("SELECT COUNT(*) FROM idempotency_keys"), 0);
}

TEST(ApplyDirectory, TwoReplicasAtOnceTakeTurns) {
  constexpr int kRequests = 20;
  IntakeDatabase database;
  Replica left(database);
  Replica right(database);
  // Both apply the same categories at once: each must be made by one of them and be found by the other.
  std::vector<int> changes(2, 0);
  const auto apply_all = [&](Replica& replica, int& changed) {
    for (int i = 0; i < kRequests; ++i) {
      const auto applied = replica.Apply(Category(absl::StrCat("c", i)));
      ASSERT_TRUE(applied.ok()) << applied.status();
      changed += applied->changes_size();
    }
  };
  std::thread one([&] { apply_all(left, changes[0]); });
  std::thread two([&] { apply_all(right, changes[1]); });
  one.join();
  two.join();
  EXPECT_EQ(changes[0] + changes[1], kRequests);
  EXPECT_EQ(database.Events(0).size(), static_cast<size_t>(kRequests));
}

directory::v1::ReorganizeOrgUnitsRequest Merger() {
  auto request = FromText<directory::v1::ReorganizeOrgUnitsRequest>(R"(
      effective_on { year: 2026 month: 1 day: 5 } reason: "豫政〔2026〕1号"
      operations { merge { org_unit_ids: "jinshui" successor_id: "zhongmu" } })");
  request.set_request_id(NewRequestId());
  return request;
}

TEST(ReorganizeOrgUnits, IsToldToFollowersOnceAndStaysInTheHistory) {
  IntakeDatabase database;
  Replica replica(database);
  Replica other(database);
  ASSERT_TRUE(replica.Apply(WithId(CityRequest())).ok());
  const auto request = Merger();
  const auto done = replica.Reorganize(request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->changes_size(), 3);  // the unit, its department and the township below it
  EXPECT_FALSE(done->reorganization_id().empty());
  // What follows from it (obligations of a unit that ended) is done before the answer, and in its token.
  EXPECT_EQ(replica.followed_up, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(feed::ParseToken(done->consistency_token())->positions_size(), 2);

  const auto events = database.Events(0);
  ASSERT_EQ(events.size(), 2u);
  const feed::v1::DirectoryChanged& change = events[1].directory();
  EXPECT_EQ(change.reorganization().reorganization_id(), done->reorganization_id());
  EXPECT_EQ(change.reorganization().operations_size(), 1);
  EXPECT_FALSE(change.reorganization().actor().empty());
  EXPECT_EQ(change.org_units_size(), 2);

  const auto again = replica.Reorganize(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->reorganization_id(), done->reorganization_id());
  EXPECT_EQ(database.Events(0).size(), 2u);
  EXPECT_EQ(rpc::ReasonOf(replica.Reorganize(Merger()).status()), "UNIT_CLOSED");

  // Another replica, which has heard of nothing yet.
  directory::v1::ListReorganizationsRequest list;
  list.set_org_unit_id("jinshui");
  list.set_at_least_token(done->consistency_token());
  const auto listed = other.Reorganizations(list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->reorganizations_size(), 1);
  EXPECT_EQ(listed->reorganizations(0).reason(), "豫政〔2026〕1号");
  EXPECT_EQ(other.Get(UnitById("huayuanlu"))->org_unit().parent_id(), "zhongmu");
}

TEST(ReorganizeOrgUnits, ValidateOnlyStoresNothingAndBadOnesTakeAllDown) {
  IntakeDatabase database;
  Replica replica(database);
  ASSERT_TRUE(replica.Apply(WithId(CityRequest())).ok());
  directory::v1::ReorganizeOrgUnitsRequest request = Merger();
  request.set_validate_only(true);
  request.clear_request_id();
  const auto preview = replica.Reorganize(request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->changes_size(), 3);
  EXPECT_EQ(preview->reorganization_id(), "");
  request.set_validate_only(false);
  EXPECT_EQ(rpc::ReasonOf(replica.Reorganize(request).status()), "UUID_INVALID");
  request = Merger();
  request.add_operations()->mutable_move()->set_org_unit_id("nowhere");
  const auto refused = replica.Reorganize(request);
  EXPECT_EQ(rpc::BadRequestOf(refused.status())->field_violations(0).field(),
            "operations[1].move.org_unit_id");
  EXPECT_EQ(database.Events(0).size(), 1u);
}

TEST(ListsOfTheDirectory, AnswerAfterATokenAndRefuseNegativePages) {
  IntakeDatabase database;
  Replica writer(database);
  Replica reader(database);
  ApplyDirectoryRequest request = WithId(CityRequest());
  *request.add_teams() = FromText<directory::v1::Team>(R"(team_id: "t" org_unit_id: "jinshui" name: "队")");
  *request.add_policies() =
      FromText<directory::v1::Policy>(R"(policy_id: "p" org_unit_id: "zhengzhou" title: "政策")");
  const auto applied = writer.Apply(request);
  ASSERT_TRUE(applied.ok()) << applied.status();
  const auto after = [&](auto message) {
    message.set_at_least_token(applied->consistency_token());
    return message;
  };
  EXPECT_EQ(reader.Teams(after(directory::v1::ListTeamsRequest()))->teams_size(), 1);
  EXPECT_EQ(reader.Policies(after(directory::v1::ListPoliciesRequest()))->policies_size(), 1);
  EXPECT_EQ(reader.Categories(after(directory::v1::ListCategoriesRequest()))->categories_size(), 2);
  EXPECT_EQ(reader.Calendar(after(directory::v1::GetCalendarRequest()))->calendar().version(), 1);
  EXPECT_EQ(reader.Forms(after(directory::v1::ListFormsRequest()))->forms_size(), 1);
  const std::string negative = "page_size: -1";
  EXPECT_EQ(rpc::ReasonOf(reader.Teams(FromText<directory::v1::ListTeamsRequest>(negative)).status()),
            "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(rpc::ReasonOf(reader.Policies(FromText<directory::v1::ListPoliciesRequest>(negative)).status()),
            "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(
      rpc::ReasonOf(reader.Categories(FromText<directory::v1::ListCategoriesRequest>(negative)).status()),
      "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(
      rpc::ReasonOf(reader.Departments(FromText<directory::v1::ListDepartmentsRequest>(negative)).status()),
      "PAGE_SIZE_NEGATIVE");
}

TEST(DirectoryKeeper, HearsOfWhatAnotherReplicaApplied) {
  IntakeDatabase database;
  Replica writer(database);
  Replica reader(database);
  reader.Start();
  ASSERT_TRUE(writer.Apply(WithId(CityRequest())).ok());
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (reader.directory().Get()->sequence() < 1 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(reader.directory().Get()->sequence(), 1);
}

TEST(GetOrgUnit, TokenOfAnotherReplicaIsWaitedFor) {
  IntakeDatabase database;
  Replica writer(database);
  Replica reader(database);  // does not listen
  const auto applied = writer.Apply(WithId(CityRequest()));
  ASSERT_TRUE(applied.ok());
  EXPECT_EQ(rpc::ReasonOf(reader.Get(UnitById("jinshui")).status()), "ORG_UNIT_UNKNOWN");
  EXPECT_TRUE(reader.Get(UnitById("jinshui", applied->consistency_token())).ok());
  EXPECT_EQ(rpc::ReasonOf(reader.Get(UnitById("jinshui", "nonsense")).status()), "TOKEN_INVALID");
  const std::string future = feed::MakeToken({feed::Position("intake", 0, 99)});
  EXPECT_EQ(rpc::ReasonOf(reader.Get(UnitById("jinshui", future)).status()), "NOT_YET_CONSISTENT");
}

TEST(GetOrgUnit, FindsByCodeAndRefusesNothingGiven) {
  IntakeDatabase database;
  Replica replica(database);
  ASSERT_TRUE(replica.Apply(WithId(CityRequest())).ok());
  const auto by_code = replica.Get(
      FromText<directory::v1::GetOrgUnitRequest>(R"(code { system: CODE_SYSTEM_GB_T_2260 code: "410122" })"));
  ASSERT_TRUE(by_code.ok()) << by_code.status();
  EXPECT_EQ(by_code->org_unit().org_unit_id(), "zhongmu");
  EXPECT_EQ(replica.Get({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(replica.Get(UnitById("nowhere")).status().code(), absl::StatusCode::kNotFound);
}

TEST(ListOrgUnits, PagesThroughAllOnce) {
  IntakeDatabase database;
  Replica replica(database);
  ASSERT_TRUE(replica.Apply(WithId(CityRequest())).ok());
  directory::v1::ListOrgUnitsRequest request;
  request.set_page_size(3);
  std::vector<std::string> seen;
  int pages = 0;
  do {
    const auto page = replica.List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& unit : page->org_units()) seen.push_back(unit.org_unit_id());
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ElementsAre("huayuanlu", "jinshui", "zhengzhou", "zhongmu"));
  EXPECT_EQ(pages, 2);
}

TEST(ListOrgUnits, FiltersAndRefuses) {
  IntakeDatabase database;
  Replica replica(database);
  ASSERT_TRUE(replica.Apply(WithId(CityRequest())).ok());
  const auto below =
      replica.List(FromText<directory::v1::ListOrgUnitsRequest>(R"(below: "jinshui" page_size: 1)"));
  ASSERT_TRUE(below.ok()) << below.status();
  EXPECT_EQ(below->org_units(0).org_unit_id(), "huayuanlu");
  const auto districts =
      replica.List(FromText<directory::v1::ListOrgUnitsRequest>("level: ORG_UNIT_LEVEL_DISTRICT"));
  EXPECT_EQ(districts->org_units_size(), 2);
  directory::v1::ListOrgUnitsRequest other_filter;
  other_filter.set_page_token(below->next_page_token());
  EXPECT_EQ(rpc::ReasonOf(replica.List(other_filter).status()), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(
      rpc::ReasonOf(replica.List(FromText<directory::v1::ListOrgUnitsRequest>("page_size: -1")).status()),
      "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(
      rpc::ReasonOf(replica.List(FromText<directory::v1::ListOrgUnitsRequest>(R"(below: "x")")).status()),
      "ORG_UNIT_UNKNOWN");
  const auto departments =
      replica.Departments(FromText<directory::v1::ListDepartmentsRequest>(R"(function: "fire")"));
  ASSERT_TRUE(departments.ok()) << departments.status();
  ASSERT_EQ(departments->departments_size(), 1);
  EXPECT_EQ(departments->departments(0).department_id(), "zhengzhou.fire");
}

}  // namespace
}  // namespace zhuqi::intake
