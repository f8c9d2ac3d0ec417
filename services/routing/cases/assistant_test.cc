// Assistants on a real database: the one with the fewest open cases, whoever chooses, and hand-overs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "routing_schema.h"
#include "services/routing/cases/assistant_store.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The office of js gives assistance, and so do two of its teams.
feed::v1::DirectoryChanged CityThatHelps() {
  feed::v1::DirectoryChanged change = testing::CityChange();
  for (directory::v1::Department& department : *change.mutable_departments()) {
    if (department.department_id() == "js.office") department.set_gives_assistance(true);
  }
  for (const char* id : {"js.help-1", "js.help-2"}) {
    directory::v1::Team& team = *change.add_teams();
    team.set_team_id(id);
    team.set_org_unit_id("js");
    team.set_department_id("js.office");
    team.set_name(id);
    team.set_gives_assistance(true);
  }
  return change;
}

v1::Catalogue HelpingCatalogue() {
  v1::Catalogue catalogue = testing::CityCatalogue();
  for (v1::RoutingRule& rule : *catalogue.mutable_rules()) rule.mutable_target()->set_assistant_needed(true);
  return catalogue;
}

// A replica whose cases are assisted in.
class Hall : public testing::Replica {
 public:
  Hall(const ::zhuqi::testing::TestDatabase& database, const Clock& clock)
      : testing::Replica(database, clock, HelpingCatalogue()) {
    Serve();
  }

  absl::Status ApplyDirectory(const feed::v1::DirectoryChanged& change) {
    return follower().ApplyDirectory(testing::DirectoryMessage(1, change), 0);
  }

  // Issues with these numbers in one message of the partition, whose last place was `after`.
  absl::Status Receive(int32_t partition, int64_t after, const std::vector<int>& numbers) {
    feed::v1::FollowResponse message;
    message.set_partition(partition);
    int64_t sequence = after;
    for (const int number : numbers) {
      feed::v1::Event* event = message.add_events();
      event->set_sequence(++sequence);
      event->set_directory_sequence(1);
      *event->mutable_recorded_at() = TimestampMessage(At("2024-05-06 09:32"));
      *event->mutable_record() = testing::NumberedIssue(number);
    }
    message.set_head(sequence);
    return follower().ApplyRecords(message, after);
  }

  v1::GetCaseResponse Get(int number) {
    grpc::ClientContext context;
    v1::GetCaseRequest request;
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
    v1::GetCaseResponse response;
    const grpc::Status status = cases().GetCase(&context, request, &response);
    EXPECT_TRUE(status.ok()) << rpc::FromGrpcStatus(status);
    return response;
  }

  absl::Status Act(int number, const v1::CaseAction& action) {
    return testing::Replica::Act(absl::StrCat("issue-", number), action).status();
  }

  // External ids of the cases that the team assists in.
  std::vector<std::string> CasesOf(const std::string& team_id) {
    grpc::ClientContext context;
    v1::ListCasesRequest request;
    request.set_team_id(team_id);
    v1::ListCasesResponse response;
    const grpc::Status status = cases().ListCases(&context, request, &response);
    EXPECT_TRUE(status.ok()) << rpc::FromGrpcStatus(status);
    std::vector<std::string> ids;
    for (const v1::Case& item : response.cases()) ids.push_back(item.issue_key().external_id());
    std::sort(ids.begin(), ids.end());
    return ids;
  }
};

// "js.help-1", or the department when it is no team.
std::string AssistantIn(const v1::Case& item) {
  for (const v1::Assignment& part : item.assignments()) {
    if (part.role() != v1::ASSIGNMENT_ROLE_ASSISTANT || part.has_until()) continue;
    return part.team_id().empty() ? part.department_id() : part.team_id();
  }
  return "";
}

std::string LoadsIn(const v1::AssistantDecision& decision) {
  std::string text;
  for (const v1::AssistantCandidate& candidate : decision.candidates()) {
    absl::StrAppend(&text, text.empty() ? "" : " ",
                    candidate.team_id().empty() ? candidate.department_id() : candidate.team_id(), "=",
                    candidate.open_cases());
  }
  return text;
}

v1::CaseAction HandOver(const std::string& department_id = "", const std::string& team_id = "") {
  v1::CaseAction action;
  action.mutable_hand_over_assistance()->set_reason("原帮办专员调离");
  action.mutable_hand_over_assistance()->set_department_id(department_id);
  action.mutable_hand_over_assistance()->set_team_id(team_id);
  return action;
}

class AssistantTest : public ::testing::Test {
 protected:
  AssistantTest() : clock_(At("2024-05-06 10:00")) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    hall_ = std::make_unique<Hall>(database_, clock_);
    EXPECT_EQ(hall_->ApplyDirectory(CityThatHelps()), absl::OkStatus());
  }

  ::zhuqi::testing::TestDatabase database_;
  FakeClock clock_;
  std::unique_ptr<Hall> hall_;
};

TEST_F(AssistantTest, TheOneWithTheFewestOpenCasesAssistsWithinOneMessageToo) {
  ASSERT_EQ(hall_->Receive(1, 0, {0, 1, 2, 3, 4}), absl::OkStatus());
  std::vector<std::string> assistants;
  for (int i = 0; i < 5; ++i) assistants.push_back(AssistantIn(hall_->Get(i).case_()));
  // Of those with equally many the first by department and team.
  EXPECT_THAT(assistants, ElementsAre("js.office", "js.help-1", "js.help-2", "js.office", "js.help-1"));
  const v1::CaseEvent received = hall_->Get(3).case_().history(0);
  EXPECT_EQ(LoadsIn(received.assistant()), "js.office=1 js.help-1=1 js.help-2=1");
  EXPECT_EQ(received.assistant().org_unit_id(), "js");
  EXPECT_THAT(hall_->CasesOf("js.help-1"), ElementsAre("issue-1", "issue-4"));
}

TEST_F(AssistantTest, AClosedCaseIsNoLoad) {
  ASSERT_EQ(hall_->Receive(1, 0, {0, 1, 2}), absl::OkStatus());
  v1::CaseAction accept;
  accept.mutable_accept();
  v1::CaseAction explain;
  explain.mutable_explain()->set_text("政策不适用");
  ASSERT_EQ(hall_->Act(2, accept), absl::OkStatus());
  ASSERT_EQ(hall_->Act(2, explain), absl::OkStatus());
  ASSERT_EQ(hall_->Receive(1, 3, {3}), absl::OkStatus());
  EXPECT_EQ(AssistantIn(hall_->Get(3).case_()), "js.help-2");
  EXPECT_EQ(LoadsIn(hall_->Get(3).case_().history(0).assistant()), "js.help-2=0 js.office=1 js.help-1=1");
}

TEST_F(AssistantTest, HandingOverKeepsALogOfWhoWhyAndByWhatLoads) {
  ASSERT_EQ(hall_->Receive(1, 0, {0, 1}), absl::OkStatus());
  ASSERT_EQ(hall_->Act(0, HandOver()), absl::OkStatus());
  EXPECT_EQ(AssistantIn(hall_->Get(0).case_()), "js.help-2");
  ASSERT_EQ(hall_->Act(0, HandOver("js.office", "js.help-1")), absl::OkStatus());
  const v1::GetCaseResponse story = hall_->Get(0);
  EXPECT_EQ(AssistantIn(story.case_()), "js.help-1");
  EXPECT_THAT(hall_->CasesOf("js.help-2"), ElementsAre());
  // The lead, and three assistants, of whom two have handed over.
  EXPECT_EQ(story.case_().assignments_size(), 4);
  const v1::CaseEvent& by_load = story.case_().history(1);
  EXPECT_EQ(by_load.assistant().former_department_id(), "js.office");
  EXPECT_EQ(LoadsIn(by_load.assistant()), "js.help-2=0 js.help-1=1");
  EXPECT_TRUE(story.case_().history(2).assistant().named());
  std::string told;
  for (const v1::TimelineEntry& entry : story.timeline()) absl::StrAppend(&told, entry.text_zh(), "\n");
  EXPECT_THAT(told, HasSubstr("帮办代办移交：原帮办专员调离；由js.help-2帮办代办（原为js.office），"
                              "在办最少：js.help-2 0 件、js.help-1 1 件"));
  EXPECT_THAT(told, HasSubstr("由js.help-1帮办代办（原为js.help-2）"));
}

TEST_F(AssistantTest, WhoIsNotMarkedOrAssistsAlreadyIsRefused) {
  ASSERT_EQ(hall_->Receive(1, 0, {0}), absl::OkStatus());
  EXPECT_EQ(rpc::ReasonOf(hall_->Act(0, HandOver("js.fire"))), "NOT_AN_ASSISTANT");
  EXPECT_EQ(rpc::ReasonOf(hall_->Act(0, HandOver("js.office"))), "ALREADY_ASSIGNED");
  EXPECT_EQ(hall_->Get(0).case_().history_size(), 1);
}

// Trap: two replicas that choose at the same time both give to the one that was free.
TEST_F(AssistantTest, TwoReplicasChooseAsOneWould) {
  constexpr int kEach = 24;
  Hall other(database_, clock_);
  const auto receive = [](Hall& hall, int32_t partition, int first) {
    for (int i = 0; i < kEach; ++i) EXPECT_EQ(hall.Receive(partition, i, {first + i}), absl::OkStatus());
  };
  std::thread second([&] { receive(other, 2, kEach); });
  receive(*hall_, 1, 0);
  second.join();
  std::map<std::string, int> loads;
  for (int i = 0; i < 2 * kEach; ++i) ++loads[AssistantIn(hall_->Get(i).case_())];
  EXPECT_THAT(loads, ElementsAre(::testing::Pair("js.help-1", 16), ::testing::Pair("js.help-2", 16),
                                 ::testing::Pair("js.office", 16)));
}

}  // namespace
}  // namespace zhuqi::routing
