// Teams and departments that assist are closed: their open cases go to others by load, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "routing_schema.h"
#include "services/routing/cases/case_testing.h"
#include "services/routing/testing/ladder_replica.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::DirectoryMessage;
using ::testing::ElementsAre;
using Replica = testing::LadderReplica;

directory::v1::Team TeamNumber(int number) {
  directory::v1::Team team;
  team.set_team_id(absl::StrCat("js.help-", number));
  team.set_org_unit_id("js");
  team.set_department_id("js.office");
  team.set_name(team.team_id());
  team.set_gives_assistance(true);
  return team;
}

// Two teams of the office of js give assistance.
feed::v1::DirectoryChanged CityWithTeams() {
  feed::v1::DirectoryChanged change = testing::CityChange();
  *change.add_teams() = TeamNumber(1);
  *change.add_teams() = TeamNumber(2);
  return change;
}

// The first is dissolved and there are two new ones.
feed::v1::DirectoryChanged FirstTeamDissolved() {
  feed::v1::DirectoryChanged change;
  for (const int number : {1, 3, 4}) *change.add_teams() = TeamNumber(number);
  *change.mutable_teams(0)->mutable_closed_on() = DateMessage(absl::CivilDay(2024, 5, 7));
  return change;
}

v1::Catalogue LadderAndAssistants() {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  for (v1::RoutingRule& rule : *catalogue.mutable_rules()) rule.mutable_target()->set_assistant_needed(true);
  return catalogue;
}

std::string AssistingTeam(const v1::Case& item) {
  for (const v1::Assignment& part : item.assignments()) {
    if (part.role() == v1::ASSIGNMENT_ROLE_ASSISTANT && !part.has_until()) return part.team_id();
  }
  return "";
}

class AssistantSuccessionTest : public ::testing::Test {
 protected:
  AssistantSuccessionTest() : clock_(At("2024-05-06 10:00")) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<Replica>(database_, clock_, LadderAndAssistants());
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, CityWithTeams()), 0), absl::OkStatus());
  }

  void Receive(int count) {
    feed::v1::FollowResponse message;
    message.set_partition(1);
    message.set_head(count);
    for (int number = 0; number < count; ++number) {
      feed::v1::Event& event = *message.add_events();
      event.set_sequence(number + 1);
      event.set_directory_sequence(1);
      *event.mutable_recorded_at() = TimestampMessage(At("2024-05-06 09:32"));
      *event.mutable_record() = testing::Issue(
          absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number), absl::StrCat("issue-", number));
    }
    ASSERT_EQ(replica_->follower().ApplyRecords(message, 0), absl::OkStatus());
  }
  void Dissolve() {
    clock_.Set(At("2024-05-08 10:00"));
    ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, FirstTeamDissolved()), 1),
              absl::OkStatus());
  }
  void Recount() {
    while (true) {
      const absl::StatusOr<bool> worked = replica_->recounter().RecountPage();
      ASSERT_TRUE(worked.ok()) << worked.status();
      if (!*worked) return;
    }
  }
  // Open cases of each team.
  std::map<std::string, int> Loads(int count) {
    std::map<std::string, int> loads;
    for (int number = 0; number < count; ++number) ++loads[AssistingTeam(replica_->Get(number))];
    return loads;
  }

  ::zhuqi::testing::TestDatabase database_;
  FakeClock clock_;
  std::unique_ptr<Replica> replica_;
};

TEST_F(AssistantSuccessionTest, OpenCasesGoToThoseWithTheFewest) {
  Receive(12);
  ASSERT_THAT(Loads(12), ElementsAre(::testing::Pair("js.help-1", 6), ::testing::Pair("js.help-2", 6)));
  Dissolve();
  Recount();
  EXPECT_THAT(Loads(12), ElementsAre(::testing::Pair("js.help-2", 6), ::testing::Pair("js.help-3", 3),
                                     ::testing::Pair("js.help-4", 3)));
  int decided = 0;
  for (int number = 0; number < 12; ++number) {
    const v1::Case item = replica_->Get(number);
    const v1::CaseEvent& last = *item.history().rbegin();
    if (!last.has_handed_over()) continue;
    ++decided;
    EXPECT_EQ(last.handed_over().cause(), v1::HandedOver::CAUSE_PART_ENDED);
    EXPECT_EQ(last.assistant().former_team_id(), "js.help-1");
    EXPECT_EQ(last.assistant().team_id(), AssistingTeam(item));
    // Why that one: nobody had fewer.
    ASSERT_EQ(last.assistant().candidates_size(), 3);
    EXPECT_EQ(last.assistant().candidates(0).team_id(), last.assistant().team_id());
    EXPECT_LT(last.assistant().candidates(0).open_cases(), 3);
    EXPECT_EQ(last.assistant().candidates(2).open_cases(), 6);
    EXPECT_EQ(last.assistant().directory_sequence(), 2);
  }
  EXPECT_EQ(decided, 6);
  v1::ListCasesRequest of_the_first;
  of_the_first.set_team_id("js.help-1");
  EXPECT_THAT(replica_->List(of_the_first), ElementsAre());
}

TEST_F(AssistantSuccessionTest, WhoComesLaterTakesOverWhatNobodyCouldBefore) {
  Receive(2);
  clock_.Set(At("2024-05-08 10:00"));
  feed::v1::DirectoryChanged dissolved;
  for (const int number : {1, 2}) *dissolved.add_teams() = TeamNumber(number);
  for (directory::v1::Team& team : *dissolved.mutable_teams()) {
    *team.mutable_closed_on() = DateMessage(absl::CivilDay(2024, 5, 7));
  }
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, dissolved), 1), absl::OkStatus());
  Recount();
  EXPECT_THAT(Loads(2), ElementsAre(::testing::Pair("js.help-1", 1), ::testing::Pair("js.help-2", 1)));
  feed::v1::DirectoryChanged founded;
  *founded.add_teams() = TeamNumber(3);
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(3, founded), 2), absl::OkStatus());
  Recount();
  EXPECT_THAT(Loads(2), ElementsAre(::testing::Pair("js.help-3", 2)));
}

TEST_F(AssistantSuccessionTest, ACaseThatIsActedOnBeforeItsTurnGoesOverFirstAndOnce) {
  Receive(2);
  Dissolve();
  v1::CaseAction accept;
  accept.mutable_accept();
  ASSERT_EQ(replica_->Act(0, accept), absl::OkStatus());
  const v1::Case item = replica_->Get(0);
  ASSERT_EQ(item.history_size(), 3);
  EXPECT_TRUE(item.history(1).has_handed_over());
  EXPECT_TRUE(item.history(2).action().has_accept());
  EXPECT_EQ(AssistingTeam(item), "js.help-3");
  Recount();
  EXPECT_EQ(replica_->Get(0).history_size(), 3);
  EXPECT_EQ(replica_->Get(1).history_size(), 1);
}

TEST_F(AssistantSuccessionTest, AClosedCaseKeepsItsAssistantUntilItIsReopened) {
  Receive(2);
  v1::CaseAction accept;
  accept.mutable_accept();
  ASSERT_EQ(replica_->Act(0, accept), absl::OkStatus());
  ASSERT_EQ(replica_->Act(0, testing::Explain()), absl::OkStatus());
  Dissolve();
  Recount();
  EXPECT_EQ(AssistingTeam(replica_->Get(0)), "js.help-1");
  ASSERT_EQ(replica_->Act(0, testing::Reopen()), absl::OkStatus());
  EXPECT_EQ(AssistingTeam(replica_->Get(0)), "js.help-3");
}

}  // namespace
}  // namespace zhuqi::routing
