// Quotas of visits through a real server and a real database.
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "services/intake/visits/test_visit_replica.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;

class VisitQuotaTest : public VisitServiceTest {};

TEST_F(VisitQuotaTest, DoneCountsVisitsOfTheMonthInTheUnitAndBelowByDepartmentAndTeam) {
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

TEST_F(VisitQuotaTest, AVisitCountsWhereItsUnitStoodOnTheDay) {
  Plan({Visits("jinshui", 9), Visits("zhongmu", 9, R"(org_unit_id: "zhongmu")")});
  replica_->Visit(absl::CivilDay(2026, 1, 10), "huayuanlu", {CodeOf(1)});
  replica_->Visit(absl::CivilDay(2026, 1, 11), "huayuanlu", {CodeOf(2)});
  replica_->Change(R"(org_units {
    org_unit_id: "huayuanlu" name: "花园路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "zhongmu"
    former_parents { parent_id: "jinshui" until { year: 2026 month: 1 day: 10 } } })");
  EXPECT_THAT(Words(replica_->Quotas("")),
              ElementsAre("2026-01 jinshui 1/9 1 OPEN", "2026-01 zhongmu 1/9 1 OPEN"));
}

TEST_F(VisitQuotaTest, QuotasComeNewestMonthFirstAndFiltered) {
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

TEST_F(VisitQuotaTest, WaiverNeedsAReasonIsShownAndCanBeTakenBack) {
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

TEST_F(VisitQuotaTest, WaiverOf500CharactersIsTakenAndOneMoreIsNot) {
  Plan({Visits("a", 1)});
  std::string reason;
  for (int i = 0; i < 500; ++i) reason += "长";
  EXPECT_TRUE(replica_->Waive(WaiverOf("a", 1, reason)).ok());
  EXPECT_EQ(rpc::ReasonOf(replica_->Waive(WaiverOf("a", 1, reason + "长")).status()), "TEXT_TOO_LONG");
}

TEST_F(VisitQuotaTest, WaiverOfWhatIsNotOwedIsRefusedAndARepeatedOneGetsItsFirstAnswer) {
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

TEST_F(VisitQuotaTest, KeeperMakesTheMonthsQuotasOnceWhenItBegins) {
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

TEST_F(VisitQuotaTest, TwoReplicasMakeEachQuotaOnceWhileAPlanChanges) {
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

}  // namespace
}  // namespace zhuqi::intake
