// Visit plans, quotas and proposals through a real server and a real database.
#include "services/intake/visits/visit_service.h"

#include <thread>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/credit_code.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_replica.h"
#include "services/intake/enterprises/enterprise_store.h"
#include "services/intake/visits/quota_keeper.h"
#include "services/intake/visits/test_visits.h"
#include "services/intake/visits/visit_writer.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::VisitPlanService;

// A valid credit code that grows with `number`.
std::string CodeOf(int number) {
  return vocabulary::CompleteCreditCode("91410105", absl::StrCat("MA", absl::Dec(number, absl::kZeroPad6)));
}

// Writes changes to the directory's log, as a replica does that applies them.
void Append(db::Pool& pool, const std::vector<feed::v1::DirectoryChanged>& changes) {
  const absl::Status status = db::RunTransaction(pool, {}, [&](db::Transaction& transaction) {
    std::vector<feed::OutgoingEvent> events(changes.size());
    for (size_t i = 0; i < changes.size(); ++i) {
      events[i].partition = feed::kDirectoryPartition;
      *events[i].event.mutable_directory() = changes[i];
    }
    return feed::Append(transaction, absl::Now(), events);
  });
  EXPECT_TRUE(status.ok()) << status;
}

class Replica {
 public:
  explicit Replica(IntakeDatabase& database)
      : parts_(database),
        visits_({&parts_.calls.adaptor(), &parts_.sql, &parts_.directory, &parts_.clock}),
        keeper_(KeeperOptions()),
        server_({&visits_}),
        stub_(VisitPlanService::NewStub(server_.channel())) {
    SetToday(absl::CivilDay(2026, 1, 20));
  }

  void SetToday(absl::CivilDay day) { parts_.clock.Set(CityTime(day, 10)); }
  // Changes the directory, and takes it over.
  void Change(const std::string& change) {
    Append(*parts_.pool, {FromText<feed::v1::DirectoryChanged>(change)});
    EXPECT_TRUE(RefreshDirectory(**parts_.pool->Acquire(absl::InfiniteFuture()), parts_.directory).ok());
  }

  auto Apply(v1::ApplyVisitPlansRequest request) {
    if (request.request_id().empty() && !request.validate_only()) request.set_request_id(NewRequestId());
    return Call(*stub_, &VisitPlanService::Stub::ApplyVisitPlans, request);
  }
  auto Plans(const std::string& request) {
    return Call(*stub_, &VisitPlanService::Stub::ListVisitPlans,
                FromText<v1::ListVisitPlansRequest>(request));
  }
  auto Quotas(const std::string& request) {
    return Call(*stub_, &VisitPlanService::Stub::ListVisitQuotas,
                FromText<v1::ListVisitQuotasRequest>(request));
  }
  auto Waive(v1::WaiveVisitQuotaRequest request) {
    if (request.request_id().empty()) request.set_request_id(NewRequestId());
    return Call(*stub_, &VisitPlanService::Stub::WaiveVisitQuota, request);
  }
  auto Overdue(const std::string& request) {
    return Call(*stub_, &VisitPlanService::Stub::ListOverdueEnterprises,
                FromText<v1::ListOverdueEnterprisesRequest>(request));
  }
  auto Propose(const std::string& request) {
    return Call(*stub_, &VisitPlanService::Stub::ProposeVisits, FromText<v1::ProposeVisitsRequest>(request));
  }
  // How many quotas one pass made.
  int64_t Keep() {
    const absl::StatusOr<int64_t> made = keeper_.RunOnce();
    EXPECT_TRUE(made.ok()) << made.status();
    return made.value_or(-1);
  }

  // Stores enterprises as they are.
  void Enter(const std::vector<v1::Enterprise>& enterprises) {
    std::map<std::string, EnterpriseRow> rows;
    for (const v1::Enterprise& enterprise : enterprises) {
      EnterpriseRow& row = rows[enterprise.uscc()];
      row.now = {enterprise, enterprise.SerializeAsString(), 1, 1};
      row.is_new = true;
    }
    EXPECT_TRUE(db::RunTransaction(*parts_.pool, {}, [&](db::Transaction& transaction) {
                  return WriteEnterprises(transaction, rows, parts_.clock.Now());
                }).ok());
  }
  // Stores what a visit that counts leaves behind. `team` and `department` may be empty.
  void Visit(absl::CivilDay on, const std::string& unit, const std::vector<std::string>& usccs,
             const std::string& team = "", const std::string& department = "") {
    const Uuid record = Uuid::NewV7(parts_.clock.Now());
    for (const std::string& uscc : usccs) {
      Mention(uscc, v1::RECORD_KIND_VISIT, on, record, "");
      Execute(
          "INSERT INTO visited_enterprises (on_date, org_unit_id, record_id, uscc, team_id, department_id) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          {on, unit, record, uscc, team, department});
    }
  }
  void Issue(absl::CivilDay on, const std::string& uscc) {
    Mention(uscc, v1::RECORD_KIND_ISSUE, on, Uuid::NewV7(parts_.clock.Now()), "");
  }

 private:
  QuotaKeeperOptions KeeperOptions() {
    QuotaKeeperOptions options;
    options.pool = parts_.pool.get();
    options.directory = &parts_.directory;
    options.clock = &parts_.clock;
    options.logger = &telemetry::Logger::Null();
    options.batch = 3;
    return options;
  }
  void Mention(const std::string& uscc, v1::RecordKind kind, absl::CivilDay on, const Uuid& record,
               const std::string& policy) {
    Execute(
        "INSERT INTO record_enterprises (uscc, kind, on_date, record_id, policy_id) VALUES (?, ?, ?, ?, ?)",
        {uscc, static_cast<int>(kind), on, record, policy});
  }
  void Execute(const std::string& sql, const db::Values& values) {
    const auto done = (*parts_.pool->Acquire(absl::InfiniteFuture()))->Execute(sql, values);
    EXPECT_TRUE(done.ok()) << done.status();
  }

  ReplicaParts parts_;
  VisitPlanServer visits_;
  QuotaKeeper keeper_;
  testing::TestServer server_;
  std::unique_ptr<VisitPlanService::Stub> stub_;
};

v1::ApplyVisitPlansRequest Request(const std::vector<v1::VisitPlan>& plans) {
  v1::ApplyVisitPlansRequest request;
  for (const v1::VisitPlan& plan : plans) *request.add_plans() = plan;
  return request;
}

// A plan of visits alone, without a cadence.
v1::VisitPlan Visits(const std::string& plan_id, int monthly, const std::string& fields = "") {
  v1::VisitPlan plan = PlanOf(fields);
  plan.set_plan_id(plan_id);
  plan.set_monthly_visits(monthly);
  plan.clear_enterprise_tag();
  plan.clear_every_months();
  return plan;
}

v1::WaiveVisitQuotaRequest WaiverOf(const std::string& plan_id, int month, const std::string& reason) {
  v1::WaiveVisitQuotaRequest request;
  request.set_plan_id(plan_id);
  request.mutable_month()->set_year(2026);
  request.mutable_month()->set_month(month);
  request.set_reason(reason);
  return request;
}

// "2026-01 plan done/owed enterprises STATE" of each.
std::vector<std::string> Words(const absl::StatusOr<v1::ListVisitQuotasResponse>& page) {
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<std::string> words;
  if (!page.ok()) return words;
  for (const v1::VisitQuota& quota : page->quotas()) {
    words.push_back(absl::StrCat(quota.month().year(), "-", absl::Dec(quota.month().month(), absl::kZeroPad2),
                                 " ", quota.plan_id(), " ", quota.done(), "/", quota.owed(), " ",
                                 quota.enterprises(), " ",
                                 v1::VisitQuotaState_Name(quota.state()).substr(18)));
  }
  return words;
}

class VisitServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Append(*database_.NewPool(1), CityWithTeams()->AsChanges());
    replica_ = std::make_unique<Replica>(database_);
  }
  void Plan(const std::vector<v1::VisitPlan>& plans) {
    const auto answer = replica_->Apply(Request(plans));
    ASSERT_TRUE(answer.ok()) << answer.status();
  }

  IntakeDatabase database_;
  std::unique_ptr<Replica> replica_;
};

TEST_F(VisitServiceTest, PlansAreMadeChangedByTheirEtagAndListedByIdentity) {
  const auto made = replica_->Apply(Request({Visits("b", 2), PlanOf(R"(plan_id: "a")")}));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->plans(0).plan_id(), "b");
  EXPECT_EQ(made->plans(0).etag(), "p1");
  v1::VisitPlan changed = made->plans(0);
  changed.set_monthly_visits(5);
  EXPECT_EQ(replica_->Apply(Request({changed}))->plans(0).etag(), "p2");
  changed.set_monthly_visits(6);
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(Request({changed})).status()), "ETAG_MISMATCH");
  const auto all = replica_->Plans("");
  ASSERT_EQ(all->plans_size(), 2);
  EXPECT_EQ(all->plans(0).plan_id(), "a");
  EXPECT_EQ(all->plans(1).monthly_visits(), 5);
  EXPECT_EQ(all->plans(1).etag(), "p2");
}

// Trap: plans are in no feed, but a replica that does not know the unit yet would not find its plan.
TEST_F(VisitServiceTest, ATokenMakesWhatWasWrittenVisibleAtAReplicaWhoseDirectoryIsBehind) {
  Replica lists_behind(database_);
  Replica waives_behind(database_);
  replica_->Change(R"(org_units { org_unit_id: "fengchan" name: "丰产路街道" parent_id: "jinshui"
                                  level: ORG_UNIT_LEVEL_TOWNSHIP })");
  const auto made = replica_->Apply(Request({Visits("a", 1, R"(org_unit_id: "fengchan")")}));
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string below = R"(org_unit_id: "jinshui" )";
  EXPECT_EQ(lists_behind.Plans(below)->plans_size(), 0);
  const auto found =
      lists_behind.Plans(absl::StrCat(below, "at_least_token: \"", made->consistency_token(), "\""));
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->plans_size(), 1);
  EXPECT_EQ(found->plans(0).plan_id(), "a");
  // Also when the replica that waives is behind itself.
  const auto waived = waives_behind.Waive(WaiverOf("a", 1, "防汛"));
  ASSERT_TRUE(waived.ok()) << waived.status();
  EXPECT_THAT(Words(waives_behind.Quotas(
                  absl::StrCat(below, "at_least_token: \"", waived->consistency_token(), "\""))),
              ElementsAre("2026-01 a 0/1 0 WAIVED"));
}

TEST_F(VisitServiceTest, TheFirstAnswersTokenStandsAndAPreviewHasNone) {
  v1::ApplyVisitPlansRequest request = Request({Visits("a", 1)});
  request.set_request_id(NewRequestId());
  const auto first = replica_->Apply(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_NE(first->consistency_token(), "");
  replica_->Change(R"(org_units { org_unit_id: "fengchan" name: "丰产路街道" parent_id: "jinshui"
                                  level: ORG_UNIT_LEVEL_TOWNSHIP })");
  EXPECT_EQ(replica_->Apply(request)->SerializeAsString(), first->SerializeAsString());
  request.clear_request_id();
  request.set_validate_only(true);
  EXPECT_EQ(replica_->Apply(request)->consistency_token(), "");
}

// Trap: to the caller it is ABORTED, and a transaction that ends so runs again.
TEST_F(VisitServiceTest, AStaleEtagIsRefusedAtOnce) {
  Plan({Visits("a", 1)});
  v1::VisitPlan stale = Visits("a", 2);
  stale.set_etag("p7");
  const v1::ApplyVisitPlansRequest request = Request({stale});
  EXPECT_EQ(replica_->Apply(request).status().code(), absl::StatusCode::kAborted);
  int runs = 0;
  const std::unique_ptr<db::Pool> pool = database_.NewPool(1);
  const absl::Status written = db::RunTransaction(*pool, {}, [&](db::Transaction& transaction) {
    ++runs;
    return WritePlans(transaction, *CityWithTeams(), request, Uuid::NewV7(absl::Now()), "digest", absl::Now())
        .status();
  });
  EXPECT_EQ(written, absl::OkStatus());  // the refusal stands beside it
  EXPECT_EQ(runs, 1);
}

TEST_F(VisitServiceTest, OneBadPlanRefusesAllAndEachFieldIsNamed) {
  v1::VisitPlan bad = Visits("bad", 10001);
  bad.set_org_unit_id("nowhere");
  const absl::Status refused = replica_->Apply(Request({Visits("good", 1), bad})).status();
  EXPECT_EQ(rpc::ReasonOf(refused), "ORG_UNIT_UNKNOWN");
  ASSERT_EQ(rpc::BadRequestOf(refused)->field_violations_size(), 2);
  EXPECT_EQ(rpc::BadRequestOf(refused)->field_violations(0).field(), "plans[1].org_unit_id");
  EXPECT_EQ(rpc::BadRequestOf(refused)->field_violations(1).field(), "plans[1].monthly_visits");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_plans"), 0);
}

TEST_F(VisitServiceTest, FiveHundredPlansAreTakenAndNoneOrOneMoreIsNot) {
  std::vector<v1::VisitPlan> plans;
  for (int i = 0; i < 500; ++i) plans.push_back(Visits(absl::StrCat("plan-", i), 1));
  EXPECT_TRUE(replica_->Apply(Request(plans)).ok());
  plans.push_back(Visits("one-more", 1));
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(Request(plans)).status()), "OUT_OF_RANGE");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(Request({})).status()), "OUT_OF_RANGE");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_plans"), 500);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_quotas"), 500);
}

TEST_F(VisitServiceTest, ATeamThatAnotherReplicaJustAppliedMayBeNamed) {
  Replica second(database_);
  second.Change(R"(teams { team_id: "new" org_unit_id: "jinshui" name: "新服务队" })");
  EXPECT_TRUE(replica_->Apply(Request({Visits("a", 1, R"(team_id: "new")")})).ok());
}

TEST_F(VisitServiceTest, ValidateOnlyForetellsAndStoresNothing) {
  v1::ApplyVisitPlansRequest request = Request({Visits("a", 1)});
  request.set_validate_only(true);
  EXPECT_EQ(replica_->Apply(request)->plans(0).etag(), "p1");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_plans"), 0);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM idempotency_keys"), 0);
}

TEST_F(VisitServiceTest, RepeatedRequestGetsTheFirstAnswerAndAnotherBodyIsRefused) {
  v1::ApplyVisitPlansRequest request = Request({Visits("a", 1)});
  request.set_request_id(NewRequestId());
  const auto first = replica_->Apply(request);
  Plan({Visits("a", 2)});
  EXPECT_EQ(replica_->Apply(request)->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(replica_->Plans("")->plans(0).monthly_visits(), 2);
  request.mutable_plans(0)->set_monthly_visits(3);
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(request).status()), "REQUEST_ID_REUSED");
  request.set_request_id("17");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(request).status()), "UUID_INVALID");
}

TEST_F(VisitServiceTest, PlansOfAUnitAndBelowComePageByPage) {
  Plan({Visits("a", 1), Visits("b", 1, R"(org_unit_id: "huayuanlu")"),
        Visits("c", 1, R"(org_unit_id: "zhongmu")"), Visits("d", 1)});
  const auto first = replica_->Plans(R"(org_unit_id: "jinshui" page_size: 2)");
  ASSERT_EQ(first->plans_size(), 2);
  EXPECT_EQ(first->plans(1).plan_id(), "b");
  const auto second = replica_->Plans(
      absl::StrCat(R"(org_unit_id: "jinshui" page_size: 2 page_token: ")", first->next_page_token(), "\""));
  ASSERT_EQ(second->plans_size(), 1);
  EXPECT_EQ(second->plans(0).plan_id(), "d");
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_EQ(replica_->Plans("page_size: 100000")->plans_size(), 4);
  EXPECT_EQ(rpc::ReasonOf(replica_->Plans("page_size: -1").status()), "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(rpc::ReasonOf(replica_->Plans(R"(org_unit_id: "nowhere")").status()), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Plans(R"(page_token: "x")").status()), "PAGE_TOKEN_INVALID");
}

TEST_F(VisitServiceTest, DoneCountsVisitsOfTheMonthInTheUnitAndBelowByDepartmentAndTeam) {
  Plan({Visits("city", 9, R"(org_unit_id: "zhengzhou")"), Visits("district", 2),
        Visits("mobile", 2, R"(team_id: "jinshui.mobile")"),
        Visits("planning", 1, R"(department_id: "jinshui.planning")")});
  const auto day = [](int number) { return absl::CivilDay(2026, 1, number); };
  replica_->Visit(day(1), "jinshui", {CodeOf(1), CodeOf(2)}, "jinshui.mobile");
  replica_->Visit(day(19), "huayuanlu", {CodeOf(1)}, "", "jinshui.planning");
  replica_->Visit(day(19), "huayuanlu", {CodeOf(3)});
  replica_->Visit(day(5), "zhongmu", {CodeOf(4)});
  replica_->Visit(absl::CivilDay(2025, 12, 31), "jinshui", {CodeOf(5)});
  replica_->Visit(absl::CivilDay(2026, 2, 1), "jinshui", {CodeOf(5)});
  EXPECT_THAT(Words(replica_->Quotas("")),
              ElementsAre("2026-01 city 4/9 4 OPEN", "2026-01 district 3/2 3 MET",
                          "2026-01 mobile 1/2 2 OPEN", "2026-01 planning 1/1 1 MET"));
  replica_->SetToday(absl::CivilDay(2026, 2, 1));
  EXPECT_THAT(Words(replica_->Quotas(R"(plan_id: "mobile")")), ElementsAre("2026-01 mobile 1/2 2 MISSED"));
}

TEST_F(VisitServiceTest, AVisitCountsWhereItsUnitStoodOnTheDay) {
  Plan({Visits("jinshui", 9), Visits("zhongmu", 9, R"(org_unit_id: "zhongmu")")});
  replica_->Visit(absl::CivilDay(2026, 1, 10), "huayuanlu", {CodeOf(1)});
  replica_->Visit(absl::CivilDay(2026, 1, 11), "huayuanlu", {CodeOf(2)});
  replica_->Change(R"(org_units {
    org_unit_id: "huayuanlu" name: "花园路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "zhongmu"
    former_parents { parent_id: "jinshui" until { year: 2026 month: 1 day: 10 } } })");
  EXPECT_THAT(Words(replica_->Quotas("")),
              ElementsAre("2026-01 jinshui 1/9 1 OPEN", "2026-01 zhongmu 1/9 1 OPEN"));
}

TEST_F(VisitServiceTest, QuotasComeNewestMonthFirstAndFiltered) {
  const std::string early = "first_month { year: 2025 month: 11 }";
  Plan({Visits("a", 1, early), Visits("b", 1, early + R"( org_unit_id: "zhongmu")")});
  std::vector<std::string> seen;
  std::string token;
  do {
    const auto page = replica_->Quotas(absl::StrCat("page_size: 2 page_token: \"", token, "\""));
    const auto words = Words(page);
    EXPECT_LE(words.size(), 2u);
    for (const std::string& word : words) seen.push_back(word.substr(0, 9));
    token = page.ok() ? page->next_page_token() : "";
  } while (!token.empty());
  EXPECT_THAT(seen,
              ElementsAre("2026-01 a", "2026-01 b", "2025-12 a", "2025-12 b", "2025-11 a", "2025-11 b"));
  EXPECT_THAT(Words(replica_->Quotas(R"(
                org_unit_id: "jinshui" first_month { year: 2025 month: 12 } last_month { year: 2025 month: 12 })")),
              ElementsAre("2025-12 a 0/1 0 MISSED"));
  EXPECT_EQ(rpc::ReasonOf(replica_->Quotas("page_size: -1").status()), "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(rpc::ReasonOf(replica_->Quotas("first_month { year: 2025 month: 13 }").status()),
            "MONTH_INVALID");
  EXPECT_EQ(rpc::ReasonOf(replica_->Quotas(R"(org_unit_id: "nowhere")").status()), "ORG_UNIT_UNKNOWN");
}

TEST_F(VisitServiceTest, WaiverNeedsAReasonIsShownAndCanBeTakenBack) {
  Plan({Visits("a", 1)});
  const auto waived = replica_->Waive(WaiverOf("a", 1, " 防汛 "));
  ASSERT_TRUE(waived.ok()) << waived.status();
  EXPECT_EQ(waived->quota().state(), v1::VISIT_QUOTA_STATE_WAIVED);
  EXPECT_EQ(waived->quota().waiver_reason(), "防汛");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_quotas WHERE waived_by = 'tester'"), 1);
  EXPECT_THAT(Words(replica_->Quotas("")), ElementsAre("2026-01 a 0/1 0 WAIVED"));
  EXPECT_EQ(replica_->Waive(WaiverOf("a", 1, ""))->quota().state(), v1::VISIT_QUOTA_STATE_OPEN);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_quotas WHERE waived_by = ''"), 1);
}

TEST_F(VisitServiceTest, WaiverOf500CharactersIsTakenAndOneMoreIsNot) {
  Plan({Visits("a", 1)});
  std::string reason;
  for (int i = 0; i < 500; ++i) reason += "长";
  EXPECT_TRUE(replica_->Waive(WaiverOf("a", 1, reason)).ok());
  EXPECT_EQ(rpc::ReasonOf(replica_->Waive(WaiverOf("a", 1, reason + "长")).status()), "TEXT_TOO_LONG");
}

TEST_F(VisitServiceTest, WaiverOfWhatIsNotOwedIsRefusedAndARepeatedOneGetsItsFirstAnswer) {
  Plan({Visits("a", 1)});
  EXPECT_EQ(rpc::ReasonOf(replica_->Waive(WaiverOf("a", 2, "x")).status()), "QUOTA_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Waive(WaiverOf("b", 1, "x")).status()), "QUOTA_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Waive(WaiverOf("a", 13, "x")).status()), "MONTH_INVALID");
  v1::WaiveVisitQuotaRequest request = WaiverOf("a", 1, "x");
  request.set_request_id(NewRequestId());
  const auto first = replica_->Waive(request);
  ASSERT_TRUE(replica_->Waive(WaiverOf("a", 1, "")).ok());
  EXPECT_EQ(replica_->Waive(request)->SerializeAsString(), first->SerializeAsString());
  request.set_reason("y");
  EXPECT_EQ(rpc::ReasonOf(replica_->Waive(request).status()), "REQUEST_ID_REUSED");
}

TEST_F(VisitServiceTest, KeeperMakesTheMonthsQuotasOnceWhenItBegins) {
  std::vector<v1::VisitPlan> plans;
  for (int i = 0; i < 7; ++i) plans.push_back(Visits(absl::StrCat("p", i), i));
  plans[0] = PlanOf(R"(plan_id: "p0")");
  plans[0].clear_monthly_visits();  // a cadence alone owes nothing
  plans[1].mutable_last_month()->set_year(2026);
  plans[1].mutable_last_month()->set_month(1);
  Plan(plans);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_quotas"), 6);
  EXPECT_EQ(replica_->Keep(), 0);
  replica_->SetToday(absl::CivilDay(2026, 2, 1));
  EXPECT_EQ(replica_->Keep(), 5);
  EXPECT_EQ(replica_->Keep(), 0);
  // Months that began while nothing ran.
  replica_->SetToday(absl::CivilDay(2026, 5, 1));
  EXPECT_EQ(replica_->Keep(), 15);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_quotas"), 26);
}

TEST_F(VisitServiceTest, TwoReplicasMakeEachQuotaOnceWhileAPlanChanges) {
  std::vector<v1::VisitPlan> plans;
  for (int i = 0; i < 20; ++i) plans.push_back(Visits(absl::StrCat("p", 10 + i), 1));
  Plan(plans);
  Replica second(database_);
  replica_->SetToday(absl::CivilDay(2026, 3, 1));
  second.SetToday(absl::CivilDay(2026, 3, 1));
  std::thread other([&] { second.Keep(); });
  for (v1::VisitPlan& plan : plans) plan.set_monthly_visits(2);
  const auto changed = replica_->Apply(Request(plans));
  replica_->Keep();
  other.join();
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM visit_quotas"), 60);
  // March had begun: all are owed as the plans said then.
  replica_->SetToday(absl::CivilDay(2026, 4, 1));
  EXPECT_EQ(replica_->Keep(), 20);
  const auto april = replica_->Quotas("first_month { year: 2026 month: 4 }");
  EXPECT_EQ(april->quotas(0).owed(), 2);
  const auto before = replica_->Quotas("last_month { year: 2026 month: 3 }");
  ASSERT_EQ(before->quotas_size(), 50);
  for (const auto& quota : before->quotas()) EXPECT_EQ(quota.owed(), 1);
}

v1::Enterprise Enterprise(int number, const std::string& fields = R"(tags: "key")") {
  auto enterprise = FromText<v1::Enterprise>(fields);
  enterprise.set_uscc(CodeOf(number));
  enterprise.set_name(absl::StrCat("示例", number));
  if (enterprise.org_unit_id().empty()) enterprise.set_org_unit_id("jinshui");
  return enterprise;
}

std::vector<std::string> Codes(const absl::StatusOr<v1::ListOverdueEnterprisesResponse>& page) {
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<std::string> codes;
  if (page.ok()) {
    for (const auto& enterprise : page->enterprises()) codes.push_back(enterprise.uscc());
  }
  return codes;
}

TEST_F(VisitServiceTest, OverdueAreThoseWhoseLastVisitIsLongerAgoThanTheCadence) {
  Plan({PlanOf()});
  replica_->Enter({Enterprise(1), Enterprise(2), Enterprise(3), Enterprise(4, R"(tags: "listed")"),
                   Enterprise(5, R"(tags: "key" org_unit_id: "zhongmu")"),
                   Enterprise(6, R"(tags: "key" registered_on { year: 2025 month: 12 day: 1 })"),
                   Enterprise(7, R"(tags: "key" closed_on { year: 2025 month: 12 day: 1 })"),
                   Enterprise(8, R"(tags: "key" org_unit_id: "huayuanlu")")});
  replica_->Visit(absl::CivilDay(2025, 10, 20), "jinshui", {CodeOf(1)});
  replica_->Visit(absl::CivilDay(2025, 10, 19), "zhongmu", {CodeOf(2)});
  const std::string plan = R"(plan_id: "jinshui-monthly" )";
  EXPECT_THAT(Codes(replica_->Overdue(plan)), ElementsAre(CodeOf(2), CodeOf(3), CodeOf(8)));
  EXPECT_THAT(Codes(replica_->Overdue(plan + "on { year: 2026 month: 1 day: 21 }")),
              ElementsAre(CodeOf(1), CodeOf(2), CodeOf(3), CodeOf(8)));
  EXPECT_THAT(Codes(replica_->Overdue(plan + "on { year: 2025 month: 12 day: 31 }")), IsEmpty());
  const auto first = replica_->Overdue(plan + "page_size: 2");
  EXPECT_THAT(Codes(first), ElementsAre(CodeOf(2), CodeOf(3)));
  EXPECT_THAT(Codes(replica_->Overdue(
                  absl::StrCat(plan, "page_size: 2 page_token: \"", first->next_page_token(), "\""))),
              ElementsAre(CodeOf(8)));
}

// Trap: what happened since is not to mend a day in the past.
TEST_F(VisitServiceTest, OverdueOnADayInThePastAreThoseWhoWereThen) {
  Plan({PlanOf()});
  replica_->Enter({Enterprise(1), Enterprise(2),
                   Enterprise(3, R"(tags: "key" closed_on { year: 2026 month: 1 day: 15 })"),
                   Enterprise(4, R"(tags: "key" closed_on { year: 2026 month: 1 day: 10 })"),
                   Enterprise(5, R"(tags: "key" registered_on { year: 2026 month: 1 day: 12 })")});
  replica_->Visit(absl::CivilDay(2025, 10, 9), "jinshui", {CodeOf(1), CodeOf(2)});
  replica_->Visit(absl::CivilDay(2026, 1, 11), "jinshui", {CodeOf(1)});
  replica_->Visit(absl::CivilDay(2026, 1, 10), "jinshui", {CodeOf(2)});
  const auto seen_on = [&](int day) {
    return Codes(replica_->Overdue(
        absl::StrCat(R"(plan_id: "jinshui-monthly" on { year: 2026 month: 1 day: )", day, " }")));
  };
  EXPECT_THAT(seen_on(9), ElementsAre(CodeOf(3), CodeOf(4)));
  EXPECT_THAT(seen_on(10), ElementsAre(CodeOf(1), CodeOf(3)));
  EXPECT_THAT(seen_on(11), ElementsAre(CodeOf(3)));
  EXPECT_THAT(seen_on(15), IsEmpty());
  EXPECT_THAT(Codes(replica_->Overdue(R"(plan_id: "jinshui-monthly")")), IsEmpty());
}

TEST_F(VisitServiceTest, OverdueOfNoPlanAndOfAPlanWithoutCadenceAreRefused) {
  Plan({Visits("a", 1)});
  EXPECT_EQ(rpc::ReasonOf(replica_->Overdue(R"(plan_id: "none")").status()), "PLAN_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Overdue(R"(plan_id: "a")").status()), "PLAN_WITHOUT_CADENCE");
  EXPECT_EQ(rpc::ReasonOf(replica_->Overdue(R"(plan_id: "a" page_size: -1)").status()), "PAGE_SIZE_NEGATIVE");
}

TEST_F(VisitServiceTest, ProposalsAreTheMostNeededFirstWithReasonsAndDays) {
  Plan({PlanOf()});
  replica_->Change(R"(policies { policy_id: "rnd" title: "研发补助" org_unit_id: "zhengzhou"
                                 eligibility { industry_sections: "C" } })");
  replica_->Enter({Enterprise(1), Enterprise(2), Enterprise(3, R"(org_unit_id: "huayuanlu")"),
                   Enterprise(4, R"(industry_section: "C")"), Enterprise(5, ""),
                   Enterprise(6, R"(org_unit_id: "zhongmu")")});
  replica_->Visit(absl::CivilDay(2025, 6, 20), "jinshui", {CodeOf(2)});
  replica_->Visit(absl::CivilDay(2026, 1, 10), "jinshui", {CodeOf(4), CodeOf(5)});
  replica_->Issue(absl::CivilDay(2026, 1, 12), CodeOf(4));
  replica_->Issue(absl::CivilDay(2026, 1, 9),
                  CodeOf(5));  // it was brought along from the visit, or known then
  const auto proposed = replica_->Propose(R"(team_id: "jinshui.mobile")");
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->rule(), "visit-need 1");
  EXPECT_EQ(proposed->considered(), 5);
  std::vector<std::string> words;
  for (const auto& one : proposed->proposals()) {
    words.push_back(absl::StrCat(one.uscc().substr(14, 2), " ", one.points(), " d", one.distance(), " ",
                                 one.proposed_on().day()));
    for (const auto& reason : one.reasons()) absl::StrAppend(&words.back(), " ", reason.reason());
  }
  EXPECT_THAT(words, ElementsAre("01 70 d0 21 never_visited cadence_overdue", "02 50 d0 21 cadence_overdue",
                                 "03 38 d1 21 never_visited distance",
                                 "04 15 d0 23 recent_issues unclaimed_policies"));
  EXPECT_EQ(replica_->Propose(R"(team_id: "jinshui.mobile")")->SerializeAsString(),
            proposed->SerializeAsString());
}

TEST_F(VisitServiceTest, ProposalsAreAtMostAHundredAndTwentyWithoutANumber) {
  std::vector<v1::Enterprise> enterprises;
  for (int i = 0; i < 120; ++i) enterprises.push_back(Enterprise(i, ""));
  replica_->Enter(enterprises);
  const auto propose = [&](const std::string& count) {
    return replica_->Propose(absl::StrCat(R"(team_id: "jinshui.mobile" )", count));
  };
  EXPECT_EQ(propose("")->proposals_size(), 20);
  EXPECT_EQ(propose("count: 1")->proposals_size(), 1);
  EXPECT_EQ(propose("count: 100")->proposals_size(), 100);
  EXPECT_EQ(rpc::ReasonOf(propose("count: 101").status()), "OUT_OF_RANGE");
  EXPECT_EQ(rpc::ReasonOf(propose("count: -1").status()), "OUT_OF_RANGE");
  EXPECT_EQ(rpc::ReasonOf(replica_->Propose(R"(team_id: "none")").status()), "TEAM_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(propose("from { year: 2026 month: 2 day: 30 }").status()), "DATE_INVALID");
  replica_->Change(R"(teams { team_id: "jinshui.mobile" org_unit_id: "jinshui" name: "流动服务队"
                              closed_on { year: 2026 month: 1 day: 19 } })");
  EXPECT_EQ(propose("")->proposals_size(), 0);
}

}  // namespace
}  // namespace zhuqi::intake
