// Who may claim what, and the preparation of a visit, through a real server and a real database.
#include "services/intake/enterprises/policy_matches.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/intake/enterprises/test_enterprise_replica.h"

namespace zhuqi::intake {
namespace {

class PolicyMatchesTest : public EnterpriseServiceTest {};

std::string Delivery(const std::string& uscc, const std::string& policy, int day,
                     const std::string& outcome) {
  return absl::StrCat("policy_delivery { delivered_on { year: 2026 month: 1 day: ", day,
                      " } enterprise { uscc: \"", uscc, "\" } policy: \"p\" policy_id: \"", policy,
                      "\" outcome: POLICY_OUTCOME_", outcome, " }");
}

TEST_F(PolicyMatchesTest, MatchesSayWhoMayClaimAPolicyAndWhatCameOfIt) {
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

TEST_F(PolicyMatchesTest, PagesOfMatchesGoOnWherePageOrWorkEnded) {
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

TEST_F(PolicyMatchesTest, PreparationHasTheEnterpriseItsNewestRecordsAndWhatItMayClaim) {
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

TEST_F(PolicyMatchesTest, PreparationHas10VisitsAnd20IssuesAndOfOneMoreTheNewest) {
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

TEST_F(PolicyMatchesTest, PreparationHas200PoliciesAndNotOneMore) {
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
