// Who is overdue for a visit, and which visits are needed next, through a real server and a real database.
#include "services/intake/visits/visit_proposals.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/intake/visits/test_visit_replica.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class VisitNeedTest : public VisitServiceTest {};

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

TEST_F(VisitNeedTest, OverdueAreThoseWhoseLastVisitIsLongerAgoThanTheCadence) {
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
TEST_F(VisitNeedTest, OverdueOnADayInThePastAreThoseWhoWereThen) {
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

TEST_F(VisitNeedTest, OverdueOfNoPlanAndOfAPlanWithoutCadenceAreRefused) {
  Plan({Visits("a", 1)});
  EXPECT_EQ(rpc::ReasonOf(replica_->Overdue(R"(plan_id: "none")").status()), "PLAN_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Overdue(R"(plan_id: "a")").status()), "PLAN_WITHOUT_CADENCE");
  EXPECT_EQ(rpc::ReasonOf(replica_->Overdue(R"(plan_id: "a" page_size: -1)").status()), "PAGE_SIZE_NEGATIVE");
}

TEST_F(VisitNeedTest, ProposalsAreTheMostNeededFirstWithReasonsAndDays) {
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

TEST_F(VisitNeedTest, ProposalsAreAtMostAHundredAndTwentyWithoutANumber) {
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
