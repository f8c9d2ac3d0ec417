// Task forces on a real database: what is written once, how cases and visits are theirs, what lists show.
#include "services/routing/taskforces/task_force_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "google/protobuf/text_format.h"
#include "routing_schema.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::DirectoryMessage;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = At("2024-05-07 09:00");  // a Tuesday

// Before the replica, which reads it.
struct ForceClock {
  FakeClock fake{kStart};
};

// A replica with task forces, too.
class ForceReplica : private ForceClock, public testing::Replica {
 public:
  explicit ForceReplica(const ::zhuqi::testing::TestDatabase& database)
      : testing::Replica(database, ForceClock::fake, testing::CityCatalogue()),
        forces_({&calls_.adaptor(), sql_.get(), &directory_, &positions_, &clock_, &calls_.metrics()}) {
    Serve([](CaseServiceParts&) {}, {&forces_});
    stub_ = v1::TaskForceService::NewStub(channel());
  }
  ~ForceReplica() { StopServing(); }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  auto SetUp(const v1::SetUpTaskForceRequest& request) {
    return Call(*stub_, &v1::TaskForceService::Stub::SetUpTaskForce, request);
  }
  auto Act(const v1::ActOnTaskForceRequest& request) {
    return Call(*stub_, &v1::TaskForceService::Stub::ActOnTaskForce, request);
  }
  auto Act(const std::string& name, const std::string& action) {
    v1::ActOnTaskForceRequest request;
    request.set_request_id(testing::NewRequestId());
    request.set_name(name);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, request.mutable_action())) << action;
    return Act(request);
  }
  absl::StatusOr<v1::GetTaskForceResponse> Get(const std::string& name) {
    v1::GetTaskForceRequest request;
    request.set_name(name);
    return Call(*stub_, &v1::TaskForceService::Stub::GetTaskForce, request);
  }
  auto List(const v1::ListTaskForcesRequest& request) {
    return Call(*stub_, &v1::TaskForceService::Stub::ListTaskForces, request);
  }
  auto ListSpecial(const v1::ListSpecialItemsRequest& request) {
    return Call(*stub_, &v1::TaskForceService::Stub::ListSpecialItems, request);
  }
  auto ListCases(const v1::ListCasesRequest& request) {
    return Call(cases(), &v1::CaseService::Stub::ListCases, request);
  }
  auto ActOnCase(int number, const std::string& action) {
    v1::ActOnCaseRequest request;
    request.set_request_id(testing::NewRequestId());
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, request.mutable_action())) << action;
    return Call(cases(), &v1::CaseService::Stub::ActOnCase, request);
  }
  absl::StatusOr<v1::Case> GetCase(int number) {
    v1::GetCaseRequest request;
    request.set_issue_record_id(testing::NumberedRecordId(number));
    const auto response = Call(cases(), &v1::CaseService::Stub::GetCase, request);
    if (!response.ok()) return response.status();
    return response->case_();
  }

  int64_t Count(const std::string& table) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    int64_t count = -1;
    EXPECT_TRUE(lease
                    ->Query("SELECT COUNT(*) FROM " + table, {},
                            [&](db::Row& row) {
                              count = row.Int64(0);
                              return absl::OkStatus();
                            })
                    .ok());
    return count;
  }
  FakeClock& clock() { return ForceClock::fake; }

 private:
  TaskForceServer forces_;
  std::unique_ptr<v1::TaskForceService::Stub> stub_;
};

feed::v1::RecordChanged Visit(int number, absl::CivilDay on, bool withdrawn = false) {
  feed::v1::RecordChanged change;
  feed::v1::RecordFacts& facts = *change.mutable_after();
  facts.set_record_id(testing::NumberedRecordId(number));
  facts.set_org_unit_id("js");
  facts.set_kind(intake::v1::RECORD_KIND_VISIT);
  *facts.mutable_on() = DateMessage(on);
  facts.set_withdrawn(withdrawn);
  return change;
}

v1::SetUpTaskForceRequest SetUpRequest(const std::string& name = "印刷园专班") {
  v1::SetUpTaskForceRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(org_unit_id: "js" project: "数字印刷园" reason: "验收前提前介入" lead_department_id: "js.office"
         departments { department_id: "js.planning" role: TASK_FORCE_ROLE_MEMBER }
         departments { department_id: "js.fire" role: TASK_FORCE_ROLE_MEMBER }
         begins_on { year: 2024 month: 5 day: 6 } ends_on { year: 2024 month: 7 day: 31 }
         milestones { milestone_id: "acceptance" name: "竣工验收" on { year: 2024 month: 5 day: 21 } }
         items { text: "规划核实" function: "planning" before { milestone_id: "acceptance" working_days: 5 } }
         items { text: "消防预检" function: "fire" working_days: 3 })",
      &request));
  request.set_request_id(testing::NewRequestId());
  request.set_name(name);
  return request;
}

class TaskForceTest : public ::testing::Test {
 protected:
  TaskForceTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<ForceReplica>(database_);
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, testing::CityChange()), 0),
              absl::OkStatus());
  }

  // Intake's next records.
  void Apply(const std::vector<feed::v1::RecordChanged>& records) {
    feed::v1::FollowResponse message;
    message.set_partition(testing::kPartition);
    const int64_t after = applied_;
    for (const feed::v1::RecordChanged& record : records) {
      feed::v1::Event* event = message.add_events();
      event->set_sequence(++applied_);
      event->set_directory_sequence(1);
      *event->mutable_record() = record;
    }
    message.set_head(applied_);
    EXPECT_EQ(replica_->follower().ApplyRecords(message, after), absl::OkStatus());
  }
  // Cases "issue-0" …
  void MakeCases(int count) {
    std::vector<feed::v1::RecordChanged> records;
    for (int i = 0; i < count; ++i)
      records.push_back(testing::Issue(testing::NumberedRecordId(i), absl::StrCat("issue-", i)));
    Apply(records);
  }
  void MakeForce(const std::string& name) {
    const auto answer = replica_->SetUp(SetUpRequest(name));
    EXPECT_TRUE(answer.ok()) << answer.status();
  }
  void Do(const std::string& name, const std::string& action) {
    const auto answer = replica_->Act(name, action);
    EXPECT_TRUE(answer.ok()) << action << answer.status();
  }
  void DoOnCase(int number, const std::string& action) {
    const auto answer = replica_->ActOnCase(number, action);
    EXPECT_TRUE(answer.ok()) << action << answer.status();
  }
  std::string CaseRefusal(int number, const std::string& action) {
    return rpc::ReasonOf(replica_->ActOnCase(number, action).status());
  }
  std::string Refusal(const std::string& name, const std::string& action) {
    return rpc::ReasonOf(replica_->Act(name, action).status());
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<ForceReplica> replica_;
  int64_t applied_ = 0;
};

// ---- Written once ----

TEST_F(TaskForceTest, IsSetUpOnceHoweverOftenItIsAsked) {
  const v1::SetUpTaskForceRequest request = SetUpRequest();
  const auto first = replica_->SetUp(request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = replica_->SetUp(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(replica_->Count("task_forces"), 1);
  EXPECT_EQ(replica_->Count("task_force_events"), 1);
  EXPECT_EQ(replica_->Count("task_force_items"), 2);
  EXPECT_EQ(replica_->Count("task_force_departments"), 3);
  v1::SetUpTaskForceRequest other = request;
  other.set_reason("另一理由");
  EXPECT_EQ(rpc::ReasonOf(replica_->SetUp(other).status()), "REQUEST_ID_REUSED");
  // Cases name it: no two have one name.
  const auto taken = replica_->SetUp(SetUpRequest());
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(rpc::ReasonOf(taken.status()), "TASK_FORCE_NAME_TAKEN");
  EXPECT_EQ(rpc::LocalizedMessageOf(taken.status())->message(), "已有同名的助企专班");
  EXPECT_EQ(replica_->Count("task_forces"), 1);
  EXPECT_EQ(replica_->Count("idempotency_keys"), 1);
}

TEST_F(TaskForceTest, ActionIsDoneOnceAndOnlyOnWhatTheCallerSaw) {
  MakeForce("甲");
  v1::ActOnTaskForceRequest request;
  request.set_request_id(testing::NewRequestId());
  request.set_name("甲");
  request.set_etag("v1");
  request.mutable_action()->mutable_amend()->set_reason("调整");
  const auto first = replica_->Act(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(replica_->Act(request)->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(replica_->Count("task_force_events"), 2);
  request.set_request_id(testing::NewRequestId());
  const auto stale = replica_->Act(request);
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(rpc::ReasonOf(stale.status()), "ETAG_MISMATCH");
  EXPECT_EQ(rpc::ErrorInfoOf(stale.status())->metadata().at("etag"), "v2");
  request.clear_etag();
  request.set_task_force_id(first->task_force().task_force_id());
  EXPECT_TRUE(replica_->Act(request).ok());
  EXPECT_EQ(Refusal("乙", "begin {}"), "TASK_FORCE_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get("乙").status()), "TASK_FORCE_UNKNOWN");
}

TEST_F(TaskForceTest, FailedWriteLeavesNothing) {
  const v1::SetUpTaskForceRequest request = SetUpRequest();
  ASSERT_EQ(database_.Run({"RENAME TABLE task_force_events TO away"}), absl::OkStatus());
  EXPECT_FALSE(replica_->SetUp(request).ok());
  ASSERT_EQ(database_.Run({"RENAME TABLE away TO task_force_events"}), absl::OkStatus());
  for (const char* table :
       {"task_forces", "task_force_items", "task_force_departments", "idempotency_keys"}) {
    EXPECT_EQ(replica_->Count(table), 0) << table;
  }
  EXPECT_TRUE(replica_->SetUp(request).ok());
}

TEST_F(TaskForceTest, BadInputNamesTheFieldInBothLanguages) {
  v1::SetUpTaskForceRequest request = SetUpRequest();
  request.set_request_id("x");
  request.mutable_items(1)->set_department_id("nobody");
  const absl::Status status = replica_->SetUp(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto bad = rpc::BadRequestOf(status);
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(0).field(), "request_id");
  EXPECT_EQ(bad->field_violations(1).field(), "items[1].department_id");
  EXPECT_EQ(bad->field_violations(1).description(), "DEPARTMENT_UNKNOWN: there is no such department");
  EXPECT_TRUE(rpc::LocalizedMessageOf(status).has_value());
  EXPECT_EQ(Refusal("甲", "amend {}"), "AMENDMENT_EMPTY");
  EXPECT_EQ(replica_->Count("task_forces"), 0);
}

// ---- Two replicas ----

TEST_F(TaskForceTest, EveryCallMindsTheTokenItIsGiven) {
  const auto minds = [this](auto method, auto request) {
    request.set_at_least_token("%%%");
    return rpc::ReasonOf((*replica_.*method)(request).status());
  };
  EXPECT_EQ(minds(&ForceReplica::SetUp, v1::SetUpTaskForceRequest()), "TOKEN_INVALID");
  EXPECT_EQ(minds(&ForceReplica::List, v1::ListTaskForcesRequest()), "TOKEN_INVALID");
  EXPECT_EQ(minds(&ForceReplica::ListSpecial, v1::ListSpecialItemsRequest()), "TOKEN_INVALID");
}

TEST_F(TaskForceTest, TwoReplicasActingOnOneLoseNothing) {
  constexpr int kItems = 8;
  MakeForce("甲");
  ForceReplica other(database_);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      ForceReplica& replica = t % 2 == 0 ? *replica_ : other;
      for (int i = 0; i < kItems; ++i) {
        const std::string item =
            absl::StrCat("add_items { items { text: '", t, "-", i, "' function: 'fire' working_days: 1 } }");
        if (!replica.Act("甲", item).ok()) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused.load(), 0);
  const auto found = other.Get("甲");
  ASSERT_TRUE(found.ok()) << found.status();
  std::set<std::string> texts;
  for (const auto& item : found->task_force().items()) texts.insert(item.text());
  EXPECT_EQ(texts.size(), static_cast<size_t>(2 + 4 * kItems));
  EXPECT_EQ(found->task_force().sequence(), 1 + 4 * kItems);
  EXPECT_EQ(found->history_size(), 1 + 4 * kItems);
  EXPECT_EQ(replica_->Count("task_force_items"), 2 + 4 * kItems);
}

// Trap: a case is given to a task force while another replica dissolves it.
TEST_F(TaskForceTest, NoCaseIsLeftInOneThatIsDissolved) {
  constexpr int kRounds = 6;
  MakeCases(kRounds);
  ForceReplica other(database_);
  for (int i = 0; i < kRounds; ++i) {
    const std::string name = absl::StrCat("专班", i);
    v1::SetUpTaskForceRequest request = SetUpRequest(name);
    request.clear_items();
    ASSERT_TRUE(replica_->SetUp(request).ok());
    std::thread dissolve([&] { other.Act(name, "dissolve { outcome: '撤销' }").IgnoreError(); });
    const bool given = replica_->ActOnCase(i, absl::StrCat("designate { task_force: '", name, "' }")).ok();
    dissolve.join();
    const auto found = replica_->Get(name);
    EXPECT_EQ(given, found->task_force().state() != v1::TASK_FORCE_STATE_DISSOLVED) << i;
    EXPECT_EQ(found->task_force().progress().open_case_count(), given ? 1 : 0);
  }
}

// ---- Its cases ----

TEST_F(TaskForceTest, CaseNamesATaskForceThatIsThere) {
  MakeCases(2);
  EXPECT_EQ(CaseRefusal(0, "designate { task_force: '甲' }"), "TASK_FORCE_UNKNOWN");
  EXPECT_EQ(replica_->GetCase(0)->task_force(), "");
  MakeForce("甲");
  DoOnCase(0, "designate { task_force: '甲' }");
  const auto given = replica_->GetCase(0);
  EXPECT_EQ(given->task_force(), "甲");
  EXPECT_EQ(given->task_force_id(), replica_->Get("甲")->task_force().task_force_id());
  const auto whole = replica_->Get("甲");
  ASSERT_EQ(whole->cases_size(), 1);
  EXPECT_EQ(whole->cases(0).case_id(), given->case_id());
  EXPECT_EQ(whole->cases(0).title(), "地下空间变更用途");
  EXPECT_EQ(whole->cases(0).lead_department_id(), "js.planning");
  v1::ListCasesRequest request;
  request.set_task_force("甲");
  request.set_include_total(true);
  EXPECT_EQ(replica_->ListCases(request)->cases_size(), 1);
  EXPECT_EQ(replica_->ListCases(request)->total(), 1);
  DoOnCase(0, "designate { task_force: '' }");
  EXPECT_EQ(replica_->GetCase(0)->task_force_id(), "");
  EXPECT_EQ(replica_->ListCases(request)->cases_size(), 0);
  EXPECT_EQ(replica_->Get("甲")->task_force().progress().case_count(), 0);
}

TEST_F(TaskForceTest, CaseGoesFromOneTaskForceToAnother) {
  MakeCases(1);
  MakeForce("甲");
  MakeForce("乙");
  DoOnCase(0, "designate { task_force: '甲' }");
  DoOnCase(0, "designate { task_force: '乙' }");
  EXPECT_EQ(replica_->Get("甲")->cases_size(), 0);
  EXPECT_EQ(replica_->Get("乙")->cases_size(), 1);
  DoOnCase(0, "designate { task_force: '甲' }");
  EXPECT_EQ(replica_->Get("甲")->cases_size(), 1);
  EXPECT_EQ(replica_->Get("乙")->task_force().progress().case_count(), 0);
}

TEST_F(TaskForceTest, DissolvedOneHasNoOpenCaseAndTakesNone) {
  MakeCases(2);
  MakeForce("甲");
  DoOnCase(0, "designate { task_force: '甲' }");
  for (int i = 1; i <= 2; ++i) Do("甲", absl::StrCat("waive_item { number: ", i, " reason: '不涉及' }"));
  EXPECT_EQ(Refusal("甲", "dissolve { outcome: '完成' }"), "CASES_OPEN");
  DoOnCase(0, "accept {}");
  DoOnCase(0, "explain { text: '已答复' }");
  Do("甲", "dissolve { outcome: '完成' }");
  EXPECT_EQ(CaseRefusal(1, "designate { task_force: '甲' }"), "TASK_FORCE_DISSOLVED");
  const auto whole = replica_->Get("甲");
  EXPECT_EQ(whole->task_force().progress().case_count(), 1);
  EXPECT_EQ(whole->task_force().progress().open_case_count(), 0);
  // A withdrawn case counts nowhere.
  EXPECT_EQ(whole->cases(0).outcome(), v1::OUTCOME_EXPLAINED);
}

// ---- Its visits ----

TEST_F(TaskForceTest, VisitIsTiedByItsRecordAndFollowsIntake) {
  MakeForce("甲");
  const std::string link = absl::StrCat("link_visit { record_id: '", testing::NumberedRecordId(50), "' }");
  EXPECT_EQ(Refusal("甲", link), "VISIT_UNKNOWN");
  MakeCases(1);
  // An issue is no visit.
  EXPECT_EQ(Refusal("甲", absl::StrCat("link_visit { record_id: '", testing::NumberedRecordId(0), "' }")),
            "VISIT_UNKNOWN");
  Apply({Visit(50, absl::CivilDay(2024, 5, 3)), Visit(51, absl::CivilDay(2024, 5, 2), true)});
  EXPECT_EQ(Refusal("甲", absl::StrCat("link_visit { record_id: '", testing::NumberedRecordId(51), "' }")),
            "VISIT_WITHDRAWN");
  Do("甲", link);
  EXPECT_EQ(Refusal("甲", link), "VISIT_LINKED");
  Apply({Visit(50, absl::CivilDay(2024, 5, 6))});  // the day was corrected
  auto shown = replica_->Get("甲");
  ASSERT_EQ(shown->task_force().visits_size(), 1);
  EXPECT_EQ(CivilDayFrom(shown->task_force().visits(0).visited_on()), absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(shown->task_force().visits(0).org_unit_id(), "js");
  EXPECT_EQ(shown->task_force().progress().visit_count(), 1);
  Apply({Visit(50, absl::CivilDay(2024, 5, 6), true)});
  shown = replica_->Get("甲");
  EXPECT_TRUE(shown->task_force().visits(0).withdrawn());
  EXPECT_EQ(shown->task_force().progress().visit_count(), 0);
  EXPECT_EQ(replica_->List({})->task_forces(0).progress().visit_count(), 0);
  Do("甲",
     absl::StrCat("unlink_visit { record_id: '", testing::NumberedRecordId(50), "' reason: '已撤回' }"));
  EXPECT_EQ(replica_->Get("甲")->task_force().visits_size(), 0);
  EXPECT_EQ(replica_->Count("task_force_visits"), 0);
}

// ---- Lists ----

class TaskForceListTest : public TaskForceTest {
 protected:
  // 甲: js, active, one item done. 乙: js-t, set up, around another project. 丙: zz, dissolved.
  TaskForceListTest() {
    MakeForce("甲");
    Do("甲", "begin {}");
    v1::SetUpTaskForceRequest request = SetUpRequest("乙");
    request.set_org_unit_id("js-t");
    request.set_project("芯片园");
    request.clear_items();
    EXPECT_TRUE(replica_->SetUp(request).ok());
    request = SetUpRequest("丙");
    request.set_org_unit_id("zz");
    request.set_lead_department_id("zz.office");
    request.clear_departments();
    request.clear_items();
    EXPECT_TRUE(replica_->SetUp(request).ok());
    Do("丙", "dissolve { outcome: '不再需要' }");
    MakeCases(3);
  }

  // Names, in the order of the list.
  std::vector<std::string> Find(const std::function<void(v1::ListTaskForcesRequest&)>& fill) {
    v1::ListTaskForcesRequest request;
    fill(request);
    const auto page = replica_->List(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> found;
    if (!page.ok()) return found;
    for (const auto& each : page->task_forces()) found.push_back(each.name());
    return found;
  }
  // Titles or texts, in the order of the list.
  std::vector<std::string> FindSpecial(const std::function<void(v1::ListSpecialItemsRequest&)>& fill) {
    v1::ListSpecialItemsRequest request;
    fill(request);
    const auto page = replica_->ListSpecial(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> found;
    if (!page.ok()) return found;
    for (const auto& each : page->items()) {
      found.push_back(each.has_item() ? each.item().text() : each.case_().title());
    }
    return found;
  }
  void Follow(int number, const std::string& follower, int every) {
    DoOnCase(number, absl::StrCat("designate { special { follower_department_id: '", follower,
                                  "' report_every_working_days: ", every, " reason: '省重点' } }"));
  }
};

TEST_F(TaskForceListTest, EveryFilterFindsWhatItNames) {
  using R = v1::ListTaskForcesRequest;
  EXPECT_THAT(Find([](R&) {}), ElementsAre("丙", "乙", "甲"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("zz"); }), ElementsAre("丙", "乙", "甲"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js"); }), ElementsAre("乙", "甲"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js-t"); }), ElementsAre("乙"));
  EXPECT_THAT(Find([](R& r) { r.set_department_id("zz.office"); }), ElementsAre("丙"));
  EXPECT_THAT(Find([](R& r) { r.set_department_id("js.fire"); }), ElementsAre("乙", "甲"));
  EXPECT_THAT(Find([](R& r) { r.set_project("芯片园"); }), ElementsAre("乙"));
  EXPECT_THAT(Find([](R& r) { r.set_state(v1::TASK_FORCE_STATE_ACTIVE); }), ElementsAre("甲"));
  EXPECT_THAT(Find([](R& r) { r.set_overdue_items(true); }), IsEmpty());
  replica_->clock().Set(At("2024-05-11 09:00"));  // the day after item 2 was due
  EXPECT_THAT(Find([](R& r) { r.set_overdue_items(true); }), ElementsAre("甲"));
  Do("乙", "remove_department { department_id: 'js.fire' reason: '不涉及' }");
  EXPECT_THAT(Find([](R& r) { r.set_department_id("js.fire"); }), ElementsAre("甲"));
}

TEST_F(TaskForceListTest, ProgressInListsIsThatOfTheWhole) {
  Apply({Visit(60, absl::CivilDay(2024, 5, 3))});
  Do("甲", absl::StrCat("link_visit { record_id: '", testing::NumberedRecordId(60), "' }"));
  for (int i = 0; i < 3; ++i) DoOnCase(i, "designate { task_force: '甲' }");
  DoOnCase(0, "accept {}");
  DoOnCase(0, "explain { text: '已答复' }");
  DoOnCase(1, "withdraw { reason: '企业撤回' }");
  replica_->clock().Set(At("2024-05-13 09:00"));
  Do("甲",
     "add_items { items { text: 'a' function: 'fire' working_days: 1 } items { text: 'b' function: 'fire' "
     "working_days: 1 } }");
  Do("甲", "complete_item { number: 2 outcome: '已检' }");  // due on the 10th
  Do("甲", "waive_item { number: 3 reason: '不涉及' }");
  replica_->clock().Set(At("2024-05-15 09:00"));  // number 1 was due on the 14th, number 4 too
  const auto page = replica_->List({});
  const v1::TaskForceProgress& listed = page->task_forces(2).progress();
  EXPECT_EQ(listed.SerializeAsString(), replica_->Get("甲")->task_force().progress().SerializeAsString())
      << listed.ShortDebugString() << " | "
      << replica_->Get("甲")->task_force().progress().ShortDebugString();
  EXPECT_EQ(listed.item_count(), 4);
  EXPECT_EQ(listed.open_item_count(), 2);
  EXPECT_EQ(listed.overdue_item_count(), 2);
  EXPECT_EQ(listed.done_item_count(), 1);
  EXPECT_EQ(listed.late_item_count(), 1);
  EXPECT_EQ(listed.waived_item_count(), 1);
  EXPECT_EQ(listed.case_count(), 2);
  EXPECT_EQ(listed.open_case_count(), 1);
  EXPECT_EQ(listed.visit_count(), 1);
  EXPECT_EQ(page->task_forces(0).progress().item_count(), 0);
}

TEST_F(TaskForceListTest, PagesHoldEveryOneOnce) {
  v1::ListTaskForcesRequest request;
  request.set_page_size(1);
  std::vector<std::string> seen;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->task_forces_size(), 1);
    seen.push_back(page->task_forces(0).name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ElementsAre("丙", "乙", "甲"));
  request.set_page_token(replica_->List(request)->next_page_token());
  request.set_org_unit_id("js");
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_TOKEN_INVALID");
}

TEST_F(TaskForceListTest, WhatAFilterCanNotMeanIsRefused) {
  const auto reason = [this](const std::function<void(v1::ListTaskForcesRequest&)>& fill) {
    v1::ListTaskForcesRequest request;
    fill(request);
    return rpc::ReasonOf(replica_->List(request).status());
  };
  using R = v1::ListTaskForcesRequest;
  EXPECT_EQ(reason([](R& r) { r.set_org_unit_id("nowhere"); }), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_department_id("nobody"); }), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_project(std::string(200, 'x')); }), "");
  EXPECT_EQ(reason([](R& r) { r.set_project(std::string(201, 'x')); }), "TEXT_TOO_LONG");
  EXPECT_EQ(reason([](R& r) { r.set_page_size(-1); }), "PAGE_SIZE_NEGATIVE");
}

TEST_F(TaskForceListTest, NewCalendarMovesDueDaysAndListsFollowIt) {
  // "规划核实" is due 5 working days before the 21st: on Tuesday the 14th, which becomes a day off.
  const auto overdue = [](v1::ListTaskForcesRequest& r) { r.set_overdue_items(true); };
  Do("甲", "waive_item { number: 2 reason: '不涉及' }");
  replica_->clock().Set(At("2024-05-14 09:00"));
  EXPECT_THAT(Find(overdue), IsEmpty());
  EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, testing::CalendarChange()), 1),
            absl::OkStatus());
  EXPECT_THAT(Find(overdue), ElementsAre("甲"));
  EXPECT_EQ(CivilDayFrom(replica_->Get("甲")->task_force().items(0).due_on()), absl::CivilDay(2024, 5, 13));
}

// ---- What is followed to the end ----

TEST_F(TaskForceListTest, CasesAndItemsThatAreFollowedStandInOneListTheNextReportDueFirst) {
  using R = v1::ListSpecialItemsRequest;
  Follow(0, "js.office", 3);  // due on the 10th
  Follow(1, "zz.office", 5);  // due on the 14th
  Do("甲",
     "mark_item { number: 2 special { follower_department_id: 'js.office' report_every_working_days: 1 "
     "reason: "
     "'关键' } }");  // due on the 8th
  EXPECT_THAT(FindSpecial([](R&) {}), ElementsAre("消防预检", "地下空间变更用途", "地下空间变更用途"));
  EXPECT_THAT(FindSpecial([](R& r) { r.set_follower_department_id("zz.office"); }),
              ElementsAre("地下空间变更用途"));
  EXPECT_THAT(FindSpecial([](R& r) { r.set_org_unit_id("js-t"); }), IsEmpty());
  EXPECT_THAT(
      FindSpecial([](R& r) { *r.mutable_due()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 8)); }),
      ElementsAre("消防预检"));
  EXPECT_THAT(FindSpecial([](R& r) { r.set_overdue(true); }), IsEmpty());
  replica_->clock().Set(At("2024-05-11 09:00"));
  EXPECT_THAT(FindSpecial([](R& r) { r.set_overdue(true); }), ElementsAre("消防预检", "地下空间变更用途"));
  EXPECT_TRUE(replica_->ListSpecial({})->items(0).special().overdue());
  EXPECT_FALSE(replica_->ListSpecial({})->items(2).special().overdue());
  // A report puts it behind, the final one takes it off.
  DoOnCase(0, "report_special { text: '推进中' }");
  Do("甲", "report_item { number: 2 text: '已办结' final: true }");
  EXPECT_THAT(FindSpecial([](R&) {}), ElementsAre("地下空间变更用途", "地下空间变更用途"));
  R pages;
  pages.set_page_size(1);
  const auto first = replica_->ListSpecial(pages);
  EXPECT_EQ(first->items(0).special().follower_department_id(), "zz.office");
  pages.set_page_token(first->next_page_token());
  const auto second = replica_->ListSpecial(pages);
  EXPECT_EQ(second->items(0).special().last_report(), "推进中");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(TaskForceListTest, CaseThatIsClosedOrWithdrawnAtIntakeIsOffTheList) {
  Follow(0, "js.office", 3);
  Follow(1, "js.office", 3);
  EXPECT_EQ(CaseRefusal(0, "withdraw { reason: '企业撤回' }"), "FINAL_REPORT_MISSING");
  DoOnCase(0, "report_special { text: '企业撤回诉求' final: true }");
  DoOnCase(0, "withdraw { reason: '企业撤回' }");
  feed::v1::RecordChanged withdrawn = testing::Issue(testing::NumberedRecordId(1), "issue-1");
  *withdrawn.mutable_before() = withdrawn.after();
  withdrawn.mutable_after()->set_withdrawn(true);
  withdrawn.mutable_after()->set_revision(2);
  Apply({withdrawn});
  EXPECT_THAT(FindSpecial([](auto&) {}), IsEmpty());
  v1::ListCasesRequest request;
  request.set_special(true);
  EXPECT_EQ(replica_->ListCases(request)->cases_size(), 0);
  Follow(2, "js.office", 3);
  EXPECT_EQ(replica_->ListCases(request)->cases_size(), 1);
  EXPECT_EQ(replica_->ListCases(request)->cases(0).issue_key().external_id(), "issue-2");
}

TEST_F(TaskForceListTest, NewCalendarMovesReportsAndWhatIsActedOnLaterKeepsUp) {
  Follow(0, "js.office", 5);  // due on the 14th, which becomes a day off
  Follow(1, "js.office", 5);
  EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, testing::CalendarChange()), 1),
            absl::OkStatus());
  DoOnCase(1, "accept {}");
  replica_->clock().Set(At("2024-05-15 09:00"));
  EXPECT_THAT(FindSpecial([](v1::ListSpecialItemsRequest& r) { r.set_overdue(true); }), IsEmpty());
  const auto page = replica_->ListSpecial({});
  ASSERT_EQ(page->items_size(), 2);
  for (const auto& item : page->items()) {
    EXPECT_EQ(CivilDayFrom(item.special().next_report_due_on()), absl::CivilDay(2024, 5, 15));
  }
}

TEST_F(TaskForceListTest, WhatAFilterOfSpecialItemsCanNotMeanIsRefused) {
  const auto reason = [this](const std::function<void(v1::ListSpecialItemsRequest&)>& fill) {
    v1::ListSpecialItemsRequest request;
    fill(request);
    return rpc::ReasonOf(replica_->ListSpecial(request).status());
  };
  using R = v1::ListSpecialItemsRequest;
  EXPECT_EQ(reason([](R& r) { r.set_org_unit_id("nowhere"); }), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_follower_department_id("nobody"); }), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_page_token("x"); }), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(reason([](R& r) {
              *r.mutable_due()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 2));
              *r.mutable_due()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 1));
            }),
            "SPAN_REVERSED");
}

}  // namespace
}  // namespace zhuqi::routing
