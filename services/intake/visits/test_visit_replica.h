// One process of intake as far as visits are planned, in the test's own process.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_TEST_VISIT_REPLICA_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_TEST_VISIT_REPLICA_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/clock.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/credit_code.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_replica.h"
#include "services/intake/enterprises/enterprise_store.h"
#include "services/intake/visits/quota_keeper.h"
#include "services/intake/visits/test_visits.h"
#include "services/intake/visits/visit_service.h"
#include "services/intake/visits/visit_writer.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// A valid credit code that grows with `number`.
inline std::string CodeOf(int number) {
  return vocabulary::CompleteCreditCode("91410105", absl::StrCat("MA", absl::Dec(number, absl::kZeroPad6)));
}

// Writes changes to the directory's log, as a replica does that applies them.
inline void Append(db::Pool& pool, const std::vector<feed::v1::DirectoryChanged>& changes) {
  const absl::Status status = db::RunTransaction(pool, {}, [&](db::Transaction& transaction) {
    std::vector<feed::OutgoingEvent> events(changes.size());
    for (size_t i = 0; i < changes.size(); ++i) {
      events[i].partition = feed::kDirectoryPartition;
      *events[i].event.mutable_directory() = changes[i];
    }
    return feed::Append(transaction, Clock::System().Now(), events);
  });
  EXPECT_TRUE(status.ok()) << status;
}

class Replica {
  using VisitPlanService = v1::VisitPlanService;

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

inline v1::ApplyVisitPlansRequest Request(const std::vector<v1::VisitPlan>& plans) {
  v1::ApplyVisitPlansRequest request;
  for (const v1::VisitPlan& plan : plans) *request.add_plans() = plan;
  return request;
}

// A plan of visits alone, without a cadence.
inline v1::VisitPlan Visits(const std::string& plan_id, int monthly, const std::string& fields = "") {
  v1::VisitPlan plan = PlanOf(fields);
  plan.set_plan_id(plan_id);
  plan.set_monthly_visits(monthly);
  plan.clear_enterprise_tag();
  plan.clear_every_months();
  return plan;
}

inline v1::WaiveVisitQuotaRequest WaiverOf(const std::string& plan_id, int month, const std::string& reason) {
  v1::WaiveVisitQuotaRequest request;
  request.set_plan_id(plan_id);
  request.mutable_month()->set_year(2026);
  request.mutable_month()->set_month(month);
  request.set_reason(reason);
  return request;
}

// "2026-01 plan done/owed enterprises STATE" of each.
inline std::vector<std::string> Words(const absl::StatusOr<v1::ListVisitQuotasResponse>& page) {
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

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_TEST_VISIT_REPLICA_H_
