// Acting on cases through the service: what is written once, what is refused, and that nothing is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/testing.h"
#include "services/routing/testing/routing_fixture.h"

namespace zhuqi::routing {
namespace {

using testing::Accept;
using testing::Action;
using testing::At;
using testing::kPartition;
using testing::Report;
using testing::RoutingReplica;

using CaseActTest = testing::RoutingTest;

TEST_F(CaseActTest, RepeatedRequestGetsTheFirstAnswer) {
  SetUpCases(1);
  const v1::ActOnCaseRequest request = Accept("issue-0");
  const auto first = replica_->Act(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->case_().state(), v1::PROCESS_STATE_IN_PROGRESS);
  const auto second = replica_->Act(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(replica_->Get("issue-0")->sequence(), 2);
  v1::ActOnCaseRequest other = request;
  other.set_comment("another");
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(other).status()), "REQUEST_ID_REUSED");
}

TEST_F(CaseActTest, FeedIsToldBeforeAndAfter) {
  SetUpCases(1);
  ASSERT_TRUE(replica_->Act(Accept("issue-0")).ok());
  const auto events = replica_->Events(kPartition);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].case_changed().before().SerializeAsString(),
            events[0].case_changed().after().SerializeAsString());
  EXPECT_EQ(events[1].case_changed().after().state(), v1::PROCESS_STATE_IN_PROGRESS);
}

TEST_F(CaseActTest, StaleEtagIsRefusedAndNothingStored) {
  SetUpCases(1);
  v1::ActOnCaseRequest request = Accept("issue-0");
  request.set_etag(replica_->Get("issue-0")->etag());
  ASSERT_TRUE(replica_->Act(request).ok());
  v1::ActOnCaseRequest stale = Report("issue-0", "进展");
  stale.set_etag(request.etag());
  const absl::Status status = replica_->Act(stale).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(rpc::ReasonOf(status), "ETAG_MISMATCH");
  EXPECT_EQ(replica_->Count("case_events"), 2);
}

TEST_F(CaseActTest, BadActionsAreRefusedWithTheirReasons) {
  SetUpCases(1);
  v1::ActOnCaseRequest illegal = Action("issue-0");
  illegal.mutable_action()->mutable_close();
  const absl::Status status = replica_->Act(illegal).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      rpc::ErrorInfoOf(status)->metadata().at("allowed"),
      "accept,assign,hand_over,object,report_progress,remind,escalate,convene,hand_over_assistance,designate,"
      "decline,withdraw,exclude_from_appraisal");
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(Accept("no-such-issue")).status()), "CASE_UNKNOWN");
  v1::ActOnCaseRequest unnamed = Accept("issue-0");
  unnamed.clear_target();
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(unnamed).status()), "CASE_REQUIRED");
  v1::ActOnCaseRequest without_id = Accept("issue-0");
  without_id.clear_request_id();
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(without_id).status()), "UUID_INVALID");
  EXPECT_EQ(replica_->Count("case_events"), 1);
  EXPECT_EQ(replica_->Events(kPartition).size(), 1u);
}

TEST_F(CaseActTest, LateActionStandsInTheHistoryInItsPlace) {
  SetUpCases(1);
  v1::ActOnCaseRequest accept = Accept("issue-0");
  *accept.mutable_occurred_at() = TimestampMessage(At("2024-05-08 10:00"));
  ASSERT_TRUE(replica_->Act(accept).ok());
  v1::ActOnCaseRequest late = Report("issue-0", "此前的进展");
  *late.mutable_occurred_at() = TimestampMessage(At("2024-05-07 10:00"));
  const auto answer = replica_->Act(late);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->event().late());
  const auto found = replica_->Get("issue-0");
  ASSERT_EQ(found->history_size(), 3);
  EXPECT_TRUE(found->history(1).late());
  EXPECT_EQ(found->history(2).sequence(), 2);
}

TEST_F(CaseActTest, ManyActionsHaveAResultEachAndOneThatIsRefusedTakesNoOtherDown) {
  SetUpCases(3);
  v1::ActOnCasesRequest request;
  *request.add_actions() = Accept("issue-0");
  *request.add_actions() = Accept("none");
  *request.add_actions() = Report("issue-1", "");
  *request.add_actions() = Report("issue-0", "已现场勘查");
  *request.add_actions() = Accept("issue-2");
  const auto answer = replica_->ActAll(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->results_size(), 5);
  EXPECT_EQ(answer->results(0).done().case_().state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(answer->results(1).refusal().reason(), "CASE_UNKNOWN");
  EXPECT_EQ(answer->results(2).refusal().reason(), "TEXT_REQUIRED");
  EXPECT_EQ(answer->results(2).refusal().violations(0).field(), "action.report_progress.text");
  EXPECT_EQ(answer->results(3).done().event().sequence(), 3);
  EXPECT_EQ(answer->results(4).index(), 4);
  EXPECT_TRUE(answer->results(4).has_done());
  EXPECT_EQ(replica_->Get("issue-0", answer->consistency_token())->sequence(), 3);
  // Sent again, the same answers, and nothing is done twice.
  const auto again = replica_->ActAll(request);
  EXPECT_EQ(again->results(3).done().event().sequence(), 3);
  EXPECT_EQ(replica_->Get("issue-0")->sequence(), 3);
}

TEST_F(CaseActTest, ManyActionsAreBounded) {
  v1::ActOnCasesRequest request;
  EXPECT_EQ(rpc::ReasonOf(replica_->ActAll(request).status()), "ACTIONS_OUT_OF_RANGE");
  for (int i = 0; i < 201; ++i) *request.add_actions() = Accept("issue-0");
  EXPECT_EQ(rpc::ReasonOf(replica_->ActAll(request).status()), "ACTIONS_OUT_OF_RANGE");
  request.mutable_actions()->DeleteSubrange(2, 199);
  request.mutable_actions(1)->set_request_id(request.actions(0).request_id());
  EXPECT_EQ(rpc::ReasonOf(replica_->ActAll(request).status()), "REQUEST_ID_REPEATED");
}

TEST_F(CaseActTest, AnObjectionIsReadBackWithTheOwnerUnchanged) {
  SetUpCases(1);
  v1::ActOnCaseRequest object = Action("issue-0");
  object.mutable_action()->mutable_object()->set_reason("不属于本部门职责");
  object.set_acting_department_id("js.planning");
  const auto answer = replica_->Act(object);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto found = replica_->Get("issue-0", answer->consistency_token());
  EXPECT_EQ(found->lead_department_id(), "js.planning");
  EXPECT_EQ(found->objections(0).reason(), "不属于本部门职责");
  EXPECT_EQ(found->history(1).acting_department_id(), "js.planning");
  v1::ActOnCaseRequest rule = Action("issue-0");
  rule.mutable_action()->mutable_rule_on_objection()->set_reason("按三定方案");
  rule.set_acting_department_id("js.planning");
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(rule).status()), "NOT_ITS_PART");
  rule.set_acting_department_id("none");
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(rule).status()), "DEPARTMENT_UNKNOWN");
}

// Each of the two replicas gets actions on the same few cases at once.
TEST_F(CaseActTest, TwoReplicasActingOnOneCaseLoseNothing) {
  constexpr int kCases = 3;
  constexpr int kActions = 30;
  SetUpCases(kCases);
  RoutingReplica other(database_);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      RoutingReplica& replica = t % 2 == 0 ? *replica_ : other;
      for (int i = 0; i < kActions; ++i) {
        const auto answer = replica.Act(
            Report(absl::StrCat("issue-", i % kCases), absl::StrCat("thread ", t, " action ", i)));
        if (!answer.ok()) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused.load(), 0);
  std::multiset<std::string> texts;
  for (int i = 0; i < kCases; ++i) {
    const auto found = replica_->Get(absl::StrCat("issue-", i));
    EXPECT_EQ(found->sequence(), found->history_size());
    for (const v1::CaseEvent& event : found->history()) {
      if (event.has_action()) texts.insert(event.action().report_progress().text());
    }
  }
  EXPECT_EQ(texts.size(), static_cast<size_t>(4 * kActions));
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), texts.size());
  // The feed's facts form one unbroken chain for each case.
  std::map<std::string, std::string> last;
  for (const feed::v1::Event& event : replica_->Events(kPartition)) {
    const feed::v1::CaseChanged& change = event.case_changed();
    std::string& facts = last[change.after().case_id()];
    EXPECT_EQ(change.before().SerializeAsString(), facts);
    facts = change.after().SerializeAsString();
  }
}

}  // namespace
}  // namespace zhuqi::routing
