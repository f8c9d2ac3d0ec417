// The catalogue through its service: versions, which of them decides when, and drafts that are compared and
// simulated.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/testing.h"
#include "services/routing/testing/routing_fixture.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::DirectoryMessage;
using ::testing::ElementsAre;
using testing::kPatience;
using testing::NewRequestId;
using testing::NumberedIssue;
using testing::RecordMessage;
using testing::RoutingReplica;

using CatalogueServiceTest = testing::RoutingTest;

TEST_F(CatalogueServiceTest, SameCatalogueAgainIsUnchangedAndAnotherIsANewVersion) {
  SetUpCity();
  const std::string request_id = NewRequestId();
  v1::Catalogue changed = testing::CityCatalogue();
  changed.set_description("泉州2022");
  const auto second = replica_->Apply(changed, request_id);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->version(), 2);
  EXPECT_TRUE(second->changed());
  EXPECT_TRUE(replica_->Apply(changed, request_id)->changed());  // the first answer
  const auto same = replica_->Apply(changed, NewRequestId());
  EXPECT_EQ(same->version(), 2);
  EXPECT_FALSE(same->changed());
  EXPECT_EQ(replica_->GetCatalogue(0)->description(), "泉州2022");
  EXPECT_EQ(replica_->GetCatalogue(1)->description(), "");
  EXPECT_EQ(rpc::ReasonOf(replica_->GetCatalogue(3).status()), "CATALOGUE_UNKNOWN");
}

TEST_F(CatalogueServiceTest, TwoAdministratorsDoNotOverwriteEachOther) {
  SetUpCity();
  EXPECT_EQ(replica_->HighestVersion(), 1);
  v1::Catalogue first = testing::CityCatalogue();
  first.set_description("甲的修改");
  v1::Catalogue second = testing::CityCatalogue();
  second.set_description("乙的修改");
  const std::string request_id = NewRequestId();
  ASSERT_TRUE(replica_->Apply(first, request_id, false, 1).ok());
  for (const bool validate_only : {true, false}) {
    const absl::Status late = replica_->Apply(second, NewRequestId(), validate_only, 1).status();
    EXPECT_EQ(late.code(), absl::StatusCode::kAborted);
    EXPECT_EQ(rpc::ReasonOf(late), "ETAG_MISMATCH");
    EXPECT_EQ(rpc::ErrorInfoOf(late)->metadata().at("version"), "2");
    EXPECT_FALSE(rpc::LocalizedMessageOf(late)->message().empty());
  }
  EXPECT_EQ(replica_->GetCatalogue(0)->description(), "甲的修改");
  // Repeated, and sent anew though it stands already, the first one is no conflict with itself.
  EXPECT_TRUE(replica_->Apply(first, request_id, false, 1)->changed());
  EXPECT_FALSE(replica_->Apply(first, NewRequestId(), false, 1)->changed());
  // The version that is expected is part of what a request asks.
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(first, request_id, false, 2).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(replica_->Apply(second, NewRequestId(), false, 2)->version(), 3);
  EXPECT_EQ(replica_->HighestVersion(), 3);
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(first, NewRequestId(), false, -1).status()), "VERSION_NEGATIVE");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(first, NewRequestId(), false, 0).status()), "ETAG_MISMATCH");
}

TEST_F(CatalogueServiceTest, CatalogueWithAHoleIsRefusedAndNothingStored) {
  SetUpCity();
  v1::Catalogue catalogue = testing::CityCatalogue();
  catalogue.mutable_default_target()->set_lead_function("water");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(catalogue, NewRequestId()).status()), "FUNCTION_UNKNOWN");
  feed::v1::FollowResponse message;
  message.set_head(2);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(2);
  directory::v1::Department* department = event->mutable_directory()->add_departments();
  department->set_department_id("js.water");
  department->set_org_unit_id("js");
  department->set_function("water");
  ASSERT_EQ(replica_->follower().ApplyDirectory(message, 1), absl::OkStatus());
  const absl::Status status = replica_->Apply(catalogue, NewRequestId()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(status), "CATALOGUE_HAS_HOLES");
  EXPECT_EQ(replica_->Count("catalogues"), 1);
}

TEST_F(CatalogueServiceTest, ValidateOnlyStoresNothing) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, testing::CityChange()), 0),
            absl::OkStatus());
  const auto answer = replica_->Apply(testing::CityCatalogue(), "", true);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->changed());
  EXPECT_EQ(answer->version(), 0);
  EXPECT_EQ(replica_->Count("catalogues"), 0);
  EXPECT_EQ(rpc::ReasonOf(replica_->GetCatalogue(0).status()), "CATALOGUE_UNKNOWN");
}

TEST_F(CatalogueServiceTest, OtherReplicaSeesTheCatalogueThatItsTokenNames) {
  SetUpCity();
  RoutingReplica other(database_);
  v1::Catalogue changed = testing::CityCatalogue();
  changed.mutable_rules(1)->mutable_target()->set_lead_function("office");
  const auto applied = replica_->Apply(changed, NewRequestId());
  ASSERT_TRUE(applied.ok()) << applied.status();
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id("land");
  inputs.set_org_unit_id("js");
  const auto decision = other.Explain(inputs, applied->consistency_token());
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->catalogue_version(), 2);
  EXPECT_EQ(decision->lead_department_id(), "js.office");
}

TEST_F(CatalogueServiceTest, CatalogueDecidesFromItsFirstDayUntilItsLastOneAndThenTheOneBeforeItAgain) {
  SetUpCity();
  v1::Catalogue campaign = testing::CityCatalogue();
  campaign.mutable_rules(1)->mutable_target()->set_lead_function("office");
  *campaign.mutable_valid_from() = DateMessage(absl::CivilDay(2025, 1, 1));
  *campaign.mutable_valid_to() = DateMessage(absl::CivilDay(2025, 1, 31));
  const auto applied = replica_->Apply(campaign, NewRequestId());
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(applied->version(), 2);
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id("land");
  inputs.set_org_unit_id("js");
  const auto version_on = [&](const char* day) -> int64_t {
    replica_->clock().Set(At(absl::StrCat(day, " 00:00")));
    // The watcher sees the day.
    int64_t version = 0;
    const absl::Time deadline = absl::Now() + kPatience;
    do {
      version = replica_->Explain(inputs, applied->consistency_token())->catalogue_version();
    } while (version != replica_->GetCatalogue(0)->version() && absl::Now() < deadline);
    return version;
  };
  EXPECT_EQ(version_on("2024-12-31"), 1);
  EXPECT_EQ(version_on("2025-01-01"), 2);
  EXPECT_EQ(version_on("2025-01-31"), 2);
  EXPECT_EQ(version_on("2025-02-01"), 1);
}

TEST_F(CatalogueServiceTest, CatalogueThatEndsWithNothingBehindItIsRefused) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, testing::CityChange()), 0),
            absl::OkStatus());
  v1::Catalogue ends = testing::CityCatalogue();
  *ends.mutable_valid_to() = DateMessage(absl::CivilDay(2025, 1, 31));
  const absl::Status status = replica_->Apply(ends, NewRequestId()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "CATALOGUE_LEAVES_A_GAP");
  EXPECT_FALSE(rpc::LocalizedMessageOf(status)->message().empty());
  v1::Catalogue endless = testing::CityCatalogue();
  *endless.mutable_valid_from() = DateMessage(absl::CivilDay(2025, 2, 2));  // a day is missing
  ASSERT_TRUE(replica_->Apply(endless, NewRequestId()).ok());
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(ends, NewRequestId()).status()), "CATALOGUE_LEAVES_A_GAP");
  *endless.mutable_valid_from() = DateMessage(absl::CivilDay(2025, 2, 1));
  ASSERT_TRUE(replica_->Apply(endless, NewRequestId()).ok());
  EXPECT_EQ(replica_->Apply(ends, NewRequestId()).status(), absl::OkStatus());
}

TEST_F(CatalogueServiceTest, IssueIsRoutedByItsWordsItsMoneyAndItsEnterprise) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, testing::CityChange()), 0),
            absl::OkStatus());
  v1::Catalogue catalogue = testing::CityCatalogue();
  v1::RoutingRule rule = catalogue.rules(1);
  rule.set_rule_id("underground");
  rule.mutable_conditions()->add_keywords("地下(空间|车库)");
  rule.mutable_conditions()->set_min_amount_fen(100);
  rule.mutable_conditions()->add_enterprise_tags("specialised-and-new");
  rule.mutable_conditions()->set_min_age_days(1);
  rule.mutable_target()->set_lead_function("office");
  rule.mutable_target()->set_priority(v1::CASE_PRIORITY_URGENT);
  rule.mutable_target()->set_assistant_needed(true);
  *catalogue.add_rules() = rule;
  catalogue.mutable_rules()->SwapElements(0, 3);
  ASSERT_EQ(replica_->Apply(catalogue, NewRequestId()).status(), absl::OkStatus());
  feed::v1::RecordChanged issue = NumberedIssue(0);
  issue.mutable_after()->set_amount_fen(100);
  issue.mutable_issue()->add_enterprise_tags("specialised-and-new");
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, {issue}), 0), absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->decisions_size(), 1);
  const v1::RouteDecision& decision = found->decisions(0);
  EXPECT_EQ(decision.rule_id(), "underground");
  EXPECT_EQ(decision.lead_department_id(), "js.office");
  EXPECT_EQ(decision.target().priority(), v1::CASE_PRIORITY_URGENT);
  EXPECT_TRUE(decision.target().assistant_needed());
  EXPECT_EQ(decision.inputs().amount_fen(), 100);
  EXPECT_THAT(decision.inputs().keywords(), ElementsAre("地下(空间|车库)"));
  EXPECT_THAT(decision.inputs().enterprise_tags(), ElementsAre("specialised-and-new"));
  EXPECT_EQ(decision.inputs().age_days(), 239);  // 2024-05-06 to 2024-12-31
}

TEST_F(CatalogueServiceTest, ExplainLooksForKeywordsInTheTextAndRefusesWhatIsTooLong) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, testing::CityChange()), 0),
            absl::OkStatus());
  v1::Catalogue catalogue = testing::CityCatalogue();
  catalogue.mutable_rules(2)->mutable_conditions()->add_keywords("消防");
  ASSERT_EQ(replica_->Apply(catalogue, NewRequestId()).status(), absl::OkStatus());
  v1::ExplainRouteRequest request;
  request.mutable_inputs()->set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  request.mutable_inputs()->set_category_id("fire");
  request.mutable_inputs()->set_org_unit_id("js");
  request.mutable_inputs()->add_keywords("消防");  // not the caller's to say
  EXPECT_EQ(replica_->ExplainText(request)->decision().near_misses().rbegin()->failed_condition(),
            "keywords");
  request.set_text("消防验收");
  EXPECT_EQ(replica_->ExplainText(request)->decision().rule_id(), "fire");
  const auto repeated = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "消";
    return text;
  };
  request.set_title(repeated(200));
  request.set_text(repeated(4000));
  EXPECT_EQ(replica_->ExplainText(request).status(), absl::OkStatus());
  request.set_title(repeated(201));
  EXPECT_EQ(rpc::ReasonOf(replica_->ExplainText(request).status()), "TEXT_TOO_LONG");
  request.set_title("");
  request.set_text(repeated(4001));
  EXPECT_EQ(rpc::ReasonOf(replica_->ExplainText(request).status()), "TEXT_TOO_LONG");
}

TEST_F(CatalogueServiceTest, DraftIsComparedWithTheVersionInForceOrAnEarlierOne) {
  EXPECT_EQ(rpc::ReasonOf(replica_->Diff(testing::CityCatalogue()).status()), "CATALOGUE_UNKNOWN");
  SetUpCity();
  v1::Catalogue second = testing::CityCatalogue();
  second.mutable_rules(1)->mutable_target()->set_lead_function("office");
  ASSERT_TRUE(replica_->Apply(second, NewRequestId()).ok());
  EXPECT_EQ(replica_->Diff(second)->differences_size(), 0);
  EXPECT_EQ(replica_->Diff(second)->version(), 2);
  const auto against_first = replica_->Diff(second, 1);
  ASSERT_EQ(against_first->differences_size(), 1);
  EXPECT_EQ(against_first->differences(0).id(), "land");
  EXPECT_EQ(against_first->version(), 1);
  EXPECT_EQ(rpc::ReasonOf(replica_->Diff(second, 3).status()), "CATALOGUE_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Diff(second, -1).status()), "CATALOGUE_UNKNOWN");
}

TEST_F(CatalogueServiceTest, SimulationShowsCaseByCaseAndInSumsWhatADraftWouldChange) {
  SetUpCases(5);
  v1::SimulateCatalogueRequest request;
  *request.mutable_catalogue() = testing::CityCatalogue();
  v1::RoutingRule& land = *request.mutable_catalogue()->mutable_rules(1);
  land.mutable_target()->set_lead_function("office");
  land.mutable_conditions()->add_keywords("地下");
  request.set_page_size(2);
  std::set<std::string> seen;
  int pages = 0;
  int64_t replayed = 0;
  do {
    const auto page = replica_->Simulate(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->version(), 1);
    for (const v1::SimulatedCase& simulated : page->cases()) {
      EXPECT_TRUE(seen.insert(simulated.case_id()).second);
      EXPECT_EQ(simulated.before().lead_department_id(), "js.planning");
      EXPECT_EQ(simulated.after().lead_department_id(), "js.office");
      EXPECT_THAT(simulated.fields(), ElementsAre("lead_department_id"));
    }
    replayed += page->sums().replayed();
    ASSERT_EQ(page->sums().lead_functions_size(), 1);
    EXPECT_EQ(page->sums().lead_functions(0).cases(), page->cases_size());
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(replayed, 5);
  EXPECT_EQ(seen.size(), 5u);
  // Nothing was stored.
  EXPECT_EQ(replica_->Count("catalogues"), 1);
  EXPECT_EQ(replica_->Get("issue-0")->lead_department_id(), "js.planning");
}

TEST_F(CatalogueServiceTest, SimulationRefusesWhatCanNotBeTried) {
  v1::SimulateCatalogueRequest request;
  *request.mutable_catalogue() = testing::CityCatalogue();
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "CATALOGUE_UNKNOWN");
  SetUpCases(2);
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "PAGE_SIZE_NEGATIVE");
  request.set_page_size(1);
  const std::string token = replica_->Simulate(request)->next_page_token();
  ASSERT_FALSE(token.empty());
  request.mutable_catalogue()->set_description("another draft");
  request.set_page_token(token);
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  *request.mutable_received()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 7));
  EXPECT_EQ(replica_->Simulate(request)->sums().replayed(), 0);
  *request.mutable_received()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "SPAN_REVERSED");
  *request.mutable_received()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(replica_->Simulate(request)->sums().replayed(), 1);
  request.mutable_catalogue()->mutable_default_target()->set_lead_function("nobody");
  EXPECT_EQ(replica_->Simulate(request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace zhuqi::routing
