// Visit plans through a real server and a real database.
#include "services/intake/visits/visit_service.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/intake/visits/test_visit_replica.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;

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

}  // namespace
}  // namespace zhuqi::intake
