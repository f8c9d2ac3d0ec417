// Families on a real database: what one transaction makes, what links of intake's feed do, and two replicas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/feed/append.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "routing_schema.h"
#include "services/routing/families/family_testing.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kToday = At("2024-05-20 10:00");

std::string Key(int number) { return absl::StrCat("issue-", number); }

// A replica whose cases a test names by their identities.
class FamilyReplica : public Replica {
 public:
  FamilyReplica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock)
      : Replica(database, clock, LadderCatalogue()) {
    Serve();
  }

  using Replica::Act;
  absl::StatusOr<v1::ActOnCaseResponse> Act(const std::string& case_id, const v1::CaseAction& action) {
    v1::ActOnCaseRequest request;
    request.set_request_id(NewRequestId());
    request.set_case_id(case_id);
    *request.mutable_action() = action;
    return Act(request);
  }
  v1::GetCaseResponse Get(const v1::GetCaseRequest& request) {
    grpc::ClientContext context;
    v1::GetCaseResponse response;
    const grpc::Status status = cases().GetCase(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::GetCaseResponse Get(const std::string& case_id) {
    v1::GetCaseRequest request;
    request.set_case_id(case_id);
    return Get(request);
  }
  v1::Case OfIssue(int number) {
    v1::GetCaseRequest request;
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(Key(number));
    return Get(request).case_();
  }
  absl::StatusOr<std::vector<std::string>> List(const v1::ListCasesRequest& request) {
    grpc::ClientContext context;
    v1::ListCasesResponse response;
    const grpc::Status status = cases().ListCases(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    std::vector<std::string> ids;
    for (const v1::Case& each : response.cases()) ids.push_back(each.case_id());
    return ids;
  }
  std::vector<feed::v1::Event> Events(int32_t partition) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    const auto heads = feed::ReadHeads(*lease);
    return *feed::ReadEvents(*lease, partition, 0, heads->at(static_cast<size_t>(partition)).sequence(),
                             10000);
  }
  int64_t Count(const std::string& table) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    int64_t count = -1;
    EXPECT_TRUE(lease
                    ->Query("SELECT COUNT(*) FROM " + table, {},
                            [&](db::Row& row) {
                              count = row.Int64(0);
                              return absl::OkStatus();
                            })
                    .ok());
    return count;
  }
};

// Messages of intake's feed, each partition by its own sequence.
class Intake {
 public:
  feed::v1::FollowResponse Record(int32_t partition, const feed::v1::RecordChanged& record) {
    feed::v1::Event event;
    *event.mutable_record() = record;
    return Message(partition, event);
  }
  feed::v1::FollowResponse Received(int32_t partition, int number) {
    return Record(partition, Issue(NumberedRecordId(number), Key(number)));
  }
  // In the partition of the duplicate.
  feed::v1::FollowResponse Link(int32_t partition, int duplicate, int first, bool removed = false) {
    feed::v1::Event event;
    *event.mutable_recorded_at() = TimestampMessage(kToday);
    intake::v1::RecordLink& link = *event.mutable_record_link()->mutable_link();
    link.set_from_record_id(NumberedRecordId(duplicate));
    link.set_to_record_id(NumberedRecordId(first));
    link.set_kind(intake::v1::RECORD_LINK_KIND_DUPLICATE_OF);
    link.set_actor("registrar");
    *link.mutable_linked_at() = TimestampMessage(kToday);
    event.mutable_record_link()->set_removed(removed);
    return Message(partition, event);
  }

 private:
  feed::v1::FollowResponse Message(int32_t partition, feed::v1::Event event) {
    feed::v1::FollowResponse message;
    message.set_partition(partition);
    event.set_sequence(++sequences_[partition]);
    event.set_directory_sequence(1);
    *message.add_events() = std::move(event);
    message.set_head(sequences_[partition]);
    return message;
  }
  std::map<int32_t, int64_t> sequences_;
};

absl::Status Apply(FamilyReplica& replica, const feed::v1::FollowResponse& message) {
  return replica.follower().ApplyRecords(message, message.events(0).sequence() - 1);
}

class FamilyTest : public ::testing::Test {
 protected:
  FamilyTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<FamilyReplica>(database_, clock_);
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, CityChange()), 0), absl::OkStatus());
  }
  void Receive(int number, int32_t partition = 1) {
    ASSERT_EQ(Apply(*replica_, intake_.Received(partition, number)), absl::OkStatus());
  }
  // A case in progress.
  std::string Accepted(int number, int32_t partition = 1) {
    Receive(number, partition);
    const std::string id = replica_->OfIssue(number).case_id();
    EXPECT_EQ(replica_->Act(id, Accept()).status(), absl::OkStatus());
    return id;
  }
  std::vector<std::string> ChildrenOf(const std::string& parent) {
    const v1::Case found = replica_->Get(parent).case_();
    std::vector<std::string> ids;
    for (const v1::ChildCase& child : found.children()) ids.push_back(child.case_id());
    return ids;
  }
  // The feed's facts form one unbroken chain for each case, so that figures lose and repeat nothing.
  void CheckFeed() {
    for (int32_t partition = 1; partition <= kPartitions; ++partition) {
      std::map<std::string, std::string> last;
      for (const feed::v1::Event& event : replica_->Events(partition)) {
        const feed::v1::CaseChanged& change = event.case_changed();
        std::string& facts = last[change.after().case_id()];
        EXPECT_EQ(change.before().SerializeAsString(), facts);
        facts = change.after().SerializeAsString();
      }
    }
  }

  ::zhuqi::testing::TestDatabase database_;
  FakeClock clock_{kToday};
  std::unique_ptr<FamilyReplica> replica_;
  Intake intake_;
};

const std::vector<std::pair<std::string, std::string>> kTwo = {{"js.fire", "消防验收缺哪些材料"},
                                                               {"js.office", "园区如何配套"}};

TEST_F(FamilyTest, DivisionIsOneTransactionAndRepeatedItMakesNoChildTwice) {
  const std::string parent = Accepted(1);
  v1::ActOnCaseRequest request;
  request.set_request_id(NewRequestId());
  request.mutable_issue_key()->set_source_system("js-system");
  request.mutable_issue_key()->set_external_id(Key(1));
  *request.mutable_action() = DivideAmong(kTwo);
  const auto first = replica_->Act(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->case_().children_size(), 2);
  FamilyReplica other(database_, clock_);
  const auto again = other.Act(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(replica_->Count("cases"), 3);
  // One commit, told in one go, with the facts that name the parent.
  const auto events = replica_->Events(1);
  ASSERT_GE(events.size(), 3u);
  const auto& last = events[events.size() - 1];
  EXPECT_EQ(last.commit_id(), events[events.size() - 3].commit_id());
  EXPECT_EQ(last.case_changed().after().parent_case_id(), parent);
  // Its token stands for the children, too.
  EXPECT_EQ(feed::ParseToken(first->consistency_token())->positions(0).sequence(), last.sequence());
  CheckFeed();
}

TEST_F(FamilyTest, FamilyIsShownAndListedAndTheKeyNamesTheParent) {
  const std::string parent = Accepted(1);
  ASSERT_EQ(replica_->Act(parent, DivideAmong(kTwo)).status(), absl::OkStatus());
  const std::vector<std::string> children = ChildrenOf(parent);
  ASSERT_THAT(children, SizeIs(2));
  EXPECT_EQ(replica_->OfIssue(1).case_id(), parent);
  const v1::CaseFamily family = replica_->Get(parent).family();
  ASSERT_EQ(family.children_size(), 2);
  EXPECT_EQ(family.children(0).title(), "消防验收缺哪些材料");
  EXPECT_EQ(family.children(1).lead_department_id(), "js.office");
  EXPECT_EQ(replica_->Get(children[0]).family().parent().case_id(), parent);

  v1::ListCasesRequest of_parent;
  of_parent.set_parent_case_id(parent);
  EXPECT_THAT(*replica_->List(of_parent), ::testing::UnorderedElementsAreArray(children));
  of_parent.set_department_id("js.fire");
  EXPECT_THAT(*replica_->List(of_parent), ElementsAre(children[0]));
  of_parent.set_parent_case_id(children[0]);
  EXPECT_THAT(*replica_->List(of_parent), IsEmpty());
  // The department's work list has its child; each issue once is asked for by itself.
  v1::ListCasesRequest all;
  EXPECT_THAT(*replica_->List(all), SizeIs(3));
  all.set_without_children(true);
  EXPECT_THAT(*replica_->List(all), ElementsAre(parent));
  of_parent.set_parent_case_id("nothing");
  of_parent.set_without_children(true);
  const absl::Status refused = replica_->List(of_parent).status();
  EXPECT_EQ(rpc::BadRequestOf(refused)->field_violations_size(), 2);
}

TEST_F(FamilyTest, WithdrawnRecordWithdrawsAllOfItsCases) {
  const std::string parent = Accepted(1);
  ASSERT_EQ(replica_->Act(parent, DivideAmong(kTwo)).status(), absl::OkStatus());
  feed::v1::RecordChanged withdrawn = Issue(NumberedRecordId(1), Key(1));
  *withdrawn.mutable_before() = withdrawn.after();
  withdrawn.mutable_after()->set_withdrawn(true);
  withdrawn.mutable_after()->set_revision(2);
  ASSERT_EQ(Apply(*replica_, intake_.Record(1, withdrawn)), absl::OkStatus());
  for (const std::string& child : ChildrenOf(parent)) {
    const v1::Case found = replica_->Get(child).case_();
    EXPECT_EQ(found.outcome(), v1::OUTCOME_WITHDRAWN);
    EXPECT_EQ(rpc::ReasonOf(replica_->Act(child, Reopen()).status()), "PARENT_WITHDRAWN");
  }
  feed::v1::RecordChanged back = Issue(NumberedRecordId(1), Key(1));
  *back.mutable_before() = withdrawn.after();
  back.mutable_after()->set_revision(3);
  ASSERT_EQ(Apply(*replica_, intake_.Record(1, back)), absl::OkStatus());
  for (const std::string& child : ChildrenOf(parent)) {
    EXPECT_EQ(replica_->Get(child).case_().state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  }
  CheckFeed();
}

TEST_F(FamilyTest, TwoReplicasThatCloseTheLastChildrenAtOnceMoveTheParentOnce) {
  FamilyReplica other(database_, clock_);
  for (int round = 1; round <= 5; ++round) {
    const std::string parent = Accepted(round);
    ASSERT_EQ(
        replica_->Act(parent, DivideAmong({{"js.fire", "a"}, {"js.office", "b"}, {"zz.tax", "c"}})).status(),
        absl::OkStatus());
    const std::vector<std::string> children = ChildrenOf(parent);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < children.size(); ++i) {
      threads.emplace_back([&, i] {
        FamilyReplica& replica = i % 2 == 0 ? *replica_ : other;
        EXPECT_EQ(replica.Act(children[i], Accept()).status(), absl::OkStatus());
        EXPECT_EQ(replica.Act(children[i], Resolve()).status(), absl::OkStatus());
      });
    }
    for (std::thread& thread : threads) thread.join();
    const v1::Case found = replica_->Get(parent).case_();
    EXPECT_EQ(found.state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
    int moves = 0;
    for (const v1::CaseEvent& event : found.history()) {
      if (event.child_changed().move() == v1::ChildChanged::MOVE_TO_CALL_BACK) ++moves;
    }
    EXPECT_EQ(moves, 1);
    EXPECT_EQ(found.sequence(), found.history_size());
  }
  CheckFeed();
}

TEST_F(FamilyTest, TwoReplicasThatDivideAtOnceMakeNoMoreThanEachDepartmentOne) {
  FamilyReplica other(database_, clock_);
  const std::string parent = Accepted(1);
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      FamilyReplica& replica = i % 2 == 0 ? *replica_ : other;
      const auto answer = replica.Act(parent, DivideAmong(kTwo));
      if (answer.ok()) {
        ++done;
      } else {
        EXPECT_EQ(rpc::ReasonOf(answer.status()), "CHILD_OPEN");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done.load(), 1);
  EXPECT_EQ(replica_->Count("cases"), 3);
}

// ---- Duplicates ----

TEST_F(FamilyTest, LinkAtIntakeStopsTheDuplicateAndItsLadderAndRemovingItLetsBothLive) {
  Receive(1);
  Receive(2);
  EXPECT_EQ(replica_->Count("case_ladders WHERE next_at IS NOT NULL"), 2);
  ASSERT_EQ(Apply(*replica_, intake_.Link(1, 2, 1)), absl::OkStatus());
  const v1::Case copy = replica_->OfIssue(2);
  EXPECT_TRUE(copy.stands_still());
  EXPECT_EQ(copy.duplicate().linked_by(), "registrar");
  EXPECT_EQ(copy.duplicate().first_case_id(), replica_->OfIssue(1).case_id());
  EXPECT_EQ(replica_->Count("case_ladders WHERE next_at IS NOT NULL"), 1);
  const v1::GetCaseResponse first = replica_->Get(replica_->OfIssue(1).case_id());
  EXPECT_EQ(first.case_().duplicate_count(), 1);
  ASSERT_EQ(first.family().duplicates_size(), 1);
  EXPECT_TRUE(first.family().duplicates(0).stands_still());
  EXPECT_THAT(first.timeline().rbegin()->text_zh(), ::testing::Not(IsEmpty()));
  ASSERT_EQ(Apply(*replica_, intake_.Link(1, 2, 1, /*removed=*/true)), absl::OkStatus());
  EXPECT_FALSE(replica_->OfIssue(2).stands_still());
  EXPECT_EQ(replica_->OfIssue(1).duplicate_count(), 0);
  EXPECT_EQ(replica_->Count("case_duplicates"), 0);
  EXPECT_EQ(replica_->Count("case_ladders WHERE next_at IS NOT NULL"), 2);
  CheckFeed();
}

TEST_F(FamilyTest, LinkWaitsForCasesThatAreNotHereYet) {
  Receive(2, 2);
  ASSERT_EQ(Apply(*replica_, intake_.Link(2, 2, 1)), absl::OkStatus());
  EXPECT_FALSE(replica_->OfIssue(2).stands_still());
  Receive(1);  // the first, of another partition
  EXPECT_TRUE(replica_->OfIssue(2).stands_still());
  EXPECT_EQ(replica_->OfIssue(1).duplicate_count(), 1);
  // Whatever is no issue has no case and stops nothing.
  ASSERT_EQ(Apply(*replica_, intake_.Link(1, 7, 8)), absl::OkStatus());
  EXPECT_EQ(replica_->Count("cases"), 2);
  CheckFeed();
}

TEST_F(FamilyTest, EnterpriseOfADuplicateInAnotherPartitionIsAskedWhenTheFirstIsClosed) {
  const std::string first = Accepted(1);
  Accepted(2, 2);
  ASSERT_EQ(Apply(*replica_, intake_.Link(2, 2, 1)), absl::OkStatus());
  const std::string copy = replica_->OfIssue(2).case_id();
  EXPECT_EQ(replica_->Act(first, Resolve()).status(), absl::OkStatus());
  EXPECT_EQ(replica_->Act(first, CallBack(true, true, true)).status(), absl::OkStatus());
  const auto closed = replica_->Act(first, testing::Close());
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(feed::ParseToken(closed->consistency_token())->positions_size(), 2);
  EXPECT_EQ(replica_->Get(copy).case_().state(), v1::PROCESS_STATE_AWAITING_CALL_BACK);
  CheckFeed();
}

TEST_F(FamilyTest, AnswerOfAnActionShowsWhatFollowedFromIt) {
  const std::string first = Accepted(1);
  const std::string copy = Accepted(2);
  ASSERT_EQ(Apply(*replica_, intake_.Link(1, 2, 1)), absl::OkStatus());
  ASSERT_EQ(replica_->Act(copy, Explain()).status(), absl::OkStatus());
  const auto reopened = replica_->Act(copy, Reopen());
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_TRUE(reopened->case_().stands_still());
  v1::ActOnCaseRequest next;
  next.set_request_id(NewRequestId());
  next.set_case_id(copy);
  next.set_etag(reopened->case_().etag());
  *next.mutable_action() = Report(false);
  EXPECT_EQ(replica_->Act(next).status(), absl::OkStatus());
}

// Whoever makes the link and whoever makes the first case at the same moment can not both miss the other.
TEST_F(FamilyTest, LinkAndFirstThatComeAtOnceOnTwoReplicasFindEachOther) {
  FamilyReplica other(database_, clock_);
  for (int round = 0; round < 8; ++round) {
    const int first = 100 + 2 * round;
    const int copy = first + 1;
    Receive(copy, 2);
    const feed::v1::FollowResponse link = intake_.Link(2, copy, first);
    const feed::v1::FollowResponse received = intake_.Received(1, first);
    std::thread linking([&] { EXPECT_EQ(Apply(*replica_, link), absl::OkStatus()); });
    std::thread receiving([&] { EXPECT_EQ(Apply(other, received), absl::OkStatus()); });
    linking.join();
    receiving.join();
    EXPECT_TRUE(replica_->OfIssue(copy).stands_still()) << round;
    EXPECT_EQ(replica_->OfIssue(first).duplicate_count(), 1) << round;
  }
  CheckFeed();
}

// However the two come about: no duplicate stands still behind a first case that is closed.
TEST_F(FamilyTest, LinkAndClosingThatComeAtOnceOnTwoReplicasLeaveNoDuplicateBehind) {
  FamilyReplica other(database_, clock_);
  for (int round = 0; round < 8; ++round) {
    const int number = 100 + 2 * round;
    const std::string first = Accepted(number);
    const std::string copy = Accepted(number + 1, 2);
    ASSERT_EQ(replica_->Act(first, Resolve()).status(), absl::OkStatus());
    ASSERT_EQ(replica_->Act(first, CallBack(true, true, true)).status(), absl::OkStatus());
    const feed::v1::FollowResponse link = intake_.Link(2, number + 1, number);
    std::thread linking([&] { EXPECT_EQ(Apply(*replica_, link), absl::OkStatus()); });
    std::thread closing([&] { EXPECT_EQ(other.Act(first, testing::Close()).status(), absl::OkStatus()); });
    linking.join();
    closing.join();
    const v1::Case found = replica_->Get(copy).case_();
    EXPECT_EQ(found.state(), v1::PROCESS_STATE_AWAITING_CALL_BACK) << round;
    EXPECT_FALSE(found.stands_still()) << round;
  }
  CheckFeed();
}

}  // namespace
}  // namespace zhuqi::routing::testing
