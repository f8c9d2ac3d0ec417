// Following intake: every issue becomes one case, whatever comes twice, late or by another replica.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/feed_service.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/routing/testing.h"
#include "services/routing/testing/routing_fixture.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::DirectoryMessage;
using ::testing::ElementsAre;
using testing::kPartition;
using testing::kPartitions;
using testing::kPatience;
using testing::NewRequestId;
using testing::NumberedIssue;
using testing::NumberedRecordId;
using testing::RecordMessage;
using testing::RoutingReplica;

using IntakeFollowerTest = testing::RoutingTest;

TEST_F(IntakeFollowerTest, IssueBecomesACaseAndTheFeedIsTold) {
  SetUpCases(1);
  const auto found = replica_->Get("issue-0");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->lead_department_id(), "js.planning");
  EXPECT_EQ(found->history_size(), 1);
  EXPECT_EQ(found->clocks_size(), 2);
  EXPECT_EQ(TimeFrom(found->clocks(1).deadline()), At("2024-05-15 17:00"));
  EXPECT_TRUE(found->clocks(1).breached());
  const auto events = replica_->Events(kPartition);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_FALSE(events[0].case_changed().has_before());
  EXPECT_EQ(events[0].case_changed().after().case_id(), found->case_id());
  EXPECT_EQ(events[0].directory_sequence(), 1);
}

TEST_F(IntakeFollowerTest, MessageAppliedTwiceMakesOneCase) {
  SetUpCases(1);
  const absl::Status again = replica_->follower().ApplyRecords(RecordMessage(1, {NumberedIssue(0)}), 0);
  EXPECT_TRUE(feed::IsCursorMoved(again)) << again;
  EXPECT_EQ(replica_->Count("cases"), 1);
  EXPECT_EQ(replica_->Count("case_events"), 1);
  EXPECT_EQ(replica_->Events(kPartition).size(), 1u);
}

TEST_F(IntakeFollowerTest, RecordsThatAreNoIssuesMoveTheCursorAlone) {
  SetUpCity();
  feed::v1::RecordChanged visit;
  visit.mutable_after()->set_record_id(NumberedRecordId(7));
  visit.mutable_after()->set_kind(intake::v1::RECORD_KIND_VISIT);
  EXPECT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, {visit, NumberedIssue(0)}), 0),
            absl::OkStatus());
  EXPECT_EQ(replica_->Count("cases"), 1);
  EXPECT_EQ(replica_->positions().Get("intake", kPartition), 2);
}

TEST_F(IntakeFollowerTest, EventsOfKindsThatAreNotKnownOrNotNeededArePassedOver) {
  SetUpCity();
  feed::v1::FollowResponse message = RecordMessage(3, {NumberedIssue(0)});
  feed::v1::Event enterprise;
  enterprise.set_sequence(1);
  enterprise.set_directory_sequence(1);
  enterprise.mutable_enterprise()->mutable_after()->set_uscc("914403001922038216");
  feed::v1::Event of_a_later_version = enterprise;
  of_a_later_version.set_sequence(2);
  of_a_later_version.clear_enterprise();
  *message.add_events() = of_a_later_version;
  *message.add_events() = enterprise;
  std::reverse(message.mutable_events()->begin(), message.mutable_events()->end());
  EXPECT_EQ(replica_->follower().ApplyRecords(message, 0), absl::OkStatus());
  EXPECT_EQ(replica_->Count("cases"), 1);
  EXPECT_EQ(replica_->positions().Get("intake", kPartition), 3);
}

TEST_F(IntakeFollowerTest, IssueReceivedAndRevisedInOneMessage) {
  SetUpCity();
  feed::v1::RecordChanged revised = NumberedIssue(0);
  *revised.mutable_before() = revised.after();
  revised.mutable_after()->set_revision(2);
  revised.mutable_issue()->set_title("改正后的标题");
  EXPECT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, {NumberedIssue(0), revised}), 0),
            absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  EXPECT_EQ(found->issue().title(), "改正后的标题");
  ASSERT_EQ(found->history_size(), 2);
  EXPECT_THAT(found->history(1).issue_revised().fields(), ElementsAre("title"));
}

TEST_F(IntakeFollowerTest, WithdrawnIssueClosesItsCaseAndComesBackWithItsHistory) {
  SetUpCases(1);
  feed::v1::RecordChanged withdrawn = NumberedIssue(0);
  *withdrawn.mutable_before() = withdrawn.after();
  withdrawn.mutable_after()->set_revision(2);
  withdrawn.mutable_after()->set_withdrawn(true);
  withdrawn.mutable_issue()->set_withdrawal_reason("重复登记");
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(2, {withdrawn}), 1), absl::OkStatus());
  const auto gone = replica_->Get("issue-0");
  EXPECT_EQ(gone->outcome(), v1::OUTCOME_WITHDRAWN);
  EXPECT_EQ(gone->history(1).issue_withdrawn().reason(), "重复登记");
  EXPECT_EQ(replica_->Events(kPartition).back().case_changed().after().outcome(), v1::OUTCOME_WITHDRAWN);
  // It is behind no figure, and found when it is asked for.
  v1::ListCasesRequest list;
  EXPECT_EQ(replica_->List(list)->cases_size(), 0);
  *list.mutable_open_at_end_of() = DateMessage(absl::CivilDay(2024, 5, 31));
  EXPECT_EQ(replica_->List(list)->cases_size(), 0);
  list.Clear();
  list.set_outcome(v1::OUTCOME_WITHDRAWN);
  EXPECT_EQ(replica_->List(list)->cases_size(), 1);

  feed::v1::RecordChanged returned = NumberedIssue(0);
  *returned.mutable_before() = withdrawn.after();
  returned.mutable_after()->set_revision(3);
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(3, {returned}), 2), absl::OkStatus());
  const auto back = replica_->Get("issue-0");
  EXPECT_EQ(back->case_id(), gone->case_id());
  EXPECT_EQ(back->state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(back->outcome(), v1::OUTCOME_UNSPECIFIED);
  ASSERT_EQ(back->history_size(), 3);
  EXPECT_EQ(back->history(2).issue_returned().revision(), 3);
  // One that was withdrawn before it became a case becomes none until it is back.
  feed::v1::RecordChanged unseen = NumberedIssue(1);
  unseen.mutable_after()->set_withdrawn(true);
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(4, {unseen}), 3), absl::OkStatus());
  EXPECT_EQ(replica_->Count("cases"), 1);
}

TEST_F(IntakeFollowerTest, CorrectedReceiptReachesFactsListsAndHistory) {
  SetUpCases(1);
  feed::v1::RecordChanged revised = NumberedIssue(0);
  *revised.mutable_before() = revised.after();
  revised.mutable_after()->set_revision(2);
  *revised.mutable_after()->mutable_on() = DateMessage(absl::CivilDay(2024, 4, 29));
  *revised.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-04-29 09:30"));
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(2, {revised}), 1), absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  EXPECT_EQ(TimeFrom(found->received_at()), At("2024-04-29 09:30"));
  EXPECT_EQ(TimeFrom(found->clocks(1).deadline()), At("2024-05-08 17:00"));
  const auto events = replica_->Events(kPartition);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(CivilDayFrom(events[1].case_changed().before().received_on()), absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(CivilDayFrom(events[1].case_changed().after().received_on()), absl::CivilDay(2024, 4, 29));
  EXPECT_EQ(TimeFrom(events[1].case_changed().after().handling_due_at()), At("2024-05-08 17:00"));
  v1::ListCasesRequest received;
  *received.mutable_received()->mutable_last() = DateMessage(absl::CivilDay(2024, 4, 29));
  EXPECT_EQ(replica_->List(received)->cases_size(), 1);
  const auto history = found->history();
  ASSERT_EQ(history.size(), 2);
  EXPECT_TRUE(history[1].issue_revised().has_received_at_before());
}

TEST_F(IntakeFollowerTest, DirectoryIsThereAfterARestart) {
  SetUpCity();
  replica_ = std::make_unique<RoutingReplica>(database_);
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id("land");
  inputs.set_org_unit_id("js-t");
  const auto decision = replica_->Explain(inputs);
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->lead_department_id(), "js.planning");
  EXPECT_EQ(replica_->positions().Get("intake", 0), 1);
}

TEST_F(IntakeFollowerTest, TheOtherReplicaAppliesAndThisOneKnows) {
  RoutingReplica other(database_);
  SetUpCases(1);
  const std::string token =
      feed::MakeToken({feed::Position("intake", 0, 1), feed::Position("intake", kPartition, 1)});
  const auto found = other.Get("issue-0", token);
  ASSERT_TRUE(found.ok()) << found.status();
  // Its directory is here too: what can be done depends on it.
  EXPECT_THAT(found->allowed_actions(), ::testing::Contains("escalate"));
}

// Intake's feed as served by a real server.
class FakeIntake {
 public:
  FakeIntake()
      : pool_((SetUp(), *db::Pool::Create(database_.options(6)))),
        tail_(*pool_, false, absl::Milliseconds(5)),
        sql_(pool_.get(), 2, 100),
        service_("intake", sql_, tail_, calls_.adaptor()) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    EXPECT_EQ(feed::SetUpPartitions(*lease, kPartitions), absl::OkStatus());
    EXPECT_EQ(tail_.Start(), absl::OkStatus());
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{&service_});
  }
  ~FakeIntake() {
    tail_.Stop();
    server_.reset();
    sql_.Stop();
  }

  std::shared_ptr<grpc::Channel> channel() { return server_->channel(); }

  // Appends what `message` holds and gives the token for it.
  std::string Append(const feed::v1::FollowResponse& message) {
    std::vector<feed::OutgoingEvent> events;
    for (const feed::v1::Event& event : message.events()) events.push_back({message.partition(), event});
    EXPECT_EQ(db::RunTransaction(*pool_, {},
                                 [&](db::Transaction& transaction) {
                                   return feed::Append(transaction, At("2024-12-31 12:00"), events);
                                 }),
              absl::OkStatus());
    tail_.NotifyCommitted();
    return feed::MakeToken(
        {feed::Position("intake", events.back().partition, events.back().event.sequence())});
  }

 private:
  void SetUp() {
    EXPECT_EQ(database_.Run(
                  {"CREATE TABLE feed_heads (partition_number INT PRIMARY KEY, sequence BIGINT NOT NULL)",
                   "CREATE TABLE feed_events (partition_number INT, sequence BIGINT, payload MEDIUMBLOB NOT "
                   "NULL, PRIMARY KEY (partition_number, sequence))"}),
              absl::OkStatus());
  }

  ::zhuqi::testing::TestDatabase database_;
  ::zhuqi::testing::TestCalls calls_;
  std::unique_ptr<db::Pool> pool_;
  feed::FeedTail tail_;
  db::SqlExecutor sql_;
  feed::FeedServer service_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
};

TEST_F(IntakeFollowerTest, IssuesWaitForACatalogueWhileTheDirectoryGoesOn) {
  FakeIntake intake;
  intake.Append(RecordMessage(1, {NumberedIssue(0)}));
  replica_->follower().Start(intake.channel());
  // The issue was checked with a directory that has not come yet.
  intake.Append(DirectoryMessage(1, testing::CityChange()));
  const absl::Time give_up = absl::Now() + kPatience;
  while (!replica_->follower().waits_for_catalogue() && absl::Now() < give_up) std::this_thread::yield();
  EXPECT_TRUE(replica_->follower().waits_for_catalogue());
  EXPECT_EQ(replica_->positions().Get("intake", 0), 1);
  EXPECT_EQ(replica_->Count("cases"), 0);
  EXPECT_EQ(replica_->follower().events_behind(), 1);
  EXPECT_EQ(replica_->Apply(testing::CityCatalogue(), NewRequestId()).status(), absl::OkStatus());
  const auto found = replica_->Get("issue-0", feed::MakeToken({feed::Position("intake", kPartition, 1)}));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(replica_->follower().waits_for_catalogue());
  EXPECT_EQ(replica_->follower().events_behind(), 0);
}

TEST_F(IntakeFollowerTest, TwoReplicasFollowAndEveryIssueBecomesOneCase) {
  RoutingReplica other(database_);
  FakeIntake intake;
  intake.Append(DirectoryMessage(1, testing::CityChange()));
  replica_->follower().Start(intake.channel());
  other.follower().Start(intake.channel());
  const auto directory = replica_->Get("none", feed::MakeToken({feed::Position("intake", 0, 1)}));
  EXPECT_EQ(rpc::ReasonOf(directory.status()), "CASE_UNKNOWN");
  EXPECT_EQ(replica_->Apply(testing::CityCatalogue(), NewRequestId()).status(), absl::OkStatus());
  std::string token;
  for (int i = 0; i < 60; ++i)
    token = intake.Append(RecordMessage(0, {NumberedIssue(2 * i), NumberedIssue(2 * i + 1)}));
  for (RoutingReplica* replica : {replica_.get(), &other}) {
    const auto last = replica->Get("issue-119", token);
    EXPECT_TRUE(last.ok()) << last.status();
  }
  EXPECT_EQ(replica_->Count("cases"), 120);
  EXPECT_EQ(replica_->Count("case_events"), 120);
  EXPECT_EQ(replica_->Events(kPartition).size(), 120u);
}

}  // namespace
}  // namespace zhuqi::routing
