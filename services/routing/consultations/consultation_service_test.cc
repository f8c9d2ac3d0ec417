// Consultations on a real database: what is written once, with its cases or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/routing/consultations/consultation_store.h"
#include "services/routing/consultations/test_replica.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::ConsultationReplica;
using testing::ConsultationTest;
using ::testing::ElementsAre;
using testing::kDecide;
using testing::NewRequestId;

// ---- What figures count ----

TEST_F(ConsultationTest, CountsOnceForEachCaseHoweverMuchIsDecidedLater) {
  const std::string id = Convened({0, 1});
  EXPECT_EQ(replica_->Events().size(), 5u);
  Do(id, "answer { department_id: 'js.fire' accept {} }");
  Do(id, kDecide);
  Do(id, "record_minutes { text: '议定两项' }");
  Do(id, "complete_task { number: 1 outcome: '已出具' }");
  Do(id, "complete_task { number: 2 outcome: '已复核' }");
  EXPECT_EQ(replica_->Get(id)->consultation().state(), v1::CONSULTATION_STATE_COMPLETED);
  const auto events = replica_->Events();
  ASSERT_EQ(events.size(), 5u);  // three receipts, two convenings
  for (const int number : {0, 1}) {
    const std::string& case_id = cases_[static_cast<size_t>(number)];
    const auto convened = replica_->ConvenedOnCase(case_id);
    ASSERT_EQ(convened.size(), 1u);
    EXPECT_EQ(convened[0].consultation_id(), id);
    EXPECT_THAT(convened[0].department_ids(), ElementsAre("js.planning", "js.fire"));
    const CaseRecord record = replica_->CaseNow(case_id);
    EXPECT_EQ(record.body.consultation_count(), 1);
    EXPECT_EQ(record.facts.consulted_on_size(), 1);
    EXPECT_EQ(CivilDayFrom(record.facts.consulted_on(0)), absl::CivilDay(2024, 5, 7));
    EXPECT_EQ(replica_->Count(absl::StrCat("case_dates WHERE kind = 2 AND case_id = UNHEX(REPLACE('", case_id,
                                           "', '-', ''))")),
              1);
  }
  EXPECT_EQ(replica_->CaseNow(cases_[2]).body.consultation_count(), 0);
}

TEST_F(ConsultationTest, ConveningThatIsRepeatedOrCancelledCountsOnce) {
  const v1::ConveneConsultationRequest request = Request({0});
  const auto first = replica_->Convene(request);
  const auto again = replica_->Convene(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  Do(first->consultation().consultation_id(), "cancel { reason: '改期' }");
  EXPECT_EQ(replica_->Count("consultations"), 1);
  EXPECT_EQ(replica_->CaseNow(cases_[0]).facts.consulted_on_size(), 1);
  v1::ConveneConsultationRequest other = request;
  other.set_why("another");
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(other).status()), "REQUEST_ID_REUSED");
}

TEST_F(ConsultationTest, FailedWriteLeavesNothingAndTheRepetitionCountsOnce) {
  const v1::ConveneConsultationRequest request = Request({0, 1});
  // The feed, written after the consultation and its cases …
  ASSERT_EQ(database_.Run({"RENAME TABLE feed_events TO feed_events_away"}), absl::OkStatus());
  EXPECT_FALSE(replica_->Convene(request).ok());
  ASSERT_EQ(database_.Run({"RENAME TABLE feed_events_away TO feed_events"}), absl::OkStatus());
  ExpectNothing();
  // … and the answer, written last of all.
  ASSERT_EQ(database_.Run({"ALTER TABLE idempotency_keys ADD CONSTRAINT no_answers CHECK (method = '')"}),
            absl::OkStatus());
  EXPECT_FALSE(replica_->Convene(request).ok());
  ASSERT_EQ(database_.Run({"ALTER TABLE idempotency_keys DROP CONSTRAINT no_answers"}), absl::OkStatus());
  ExpectNothing();
  const auto answer = replica_->Convene(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(replica_->Count("consultations"), 1);
  EXPECT_EQ(replica_->Events().size(), cases_.size() + 2);
  EXPECT_EQ(replica_->CaseNow(cases_[0]).body.consultation_count(), 1);
  EXPECT_EQ(replica_->CaseNow(cases_[1]).facts.consulted_on_size(), 1);
}

TEST_F(ConsultationTest, OneCaseThatRefusesRefusesAll) {
  replica_->ActOnCase(cases_[1], "accept {}");
  replica_->ActOnCase(cases_[1], "explain { text: '已答复' }");
  const size_t events = replica_->Events().size();
  const auto refused = replica_->Convene(Request({0, 1}));
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(refused.status())->metadata().at("case_id"), cases_[1]);
  EXPECT_EQ(replica_->Count("consultations"), 0);
  EXPECT_EQ(replica_->Events().size(), events);
  EXPECT_EQ(replica_->CaseNow(cases_[0]).body.consultation_count(), 0);
}

TEST_F(ConsultationTest, CasesAreNamedByIssueToo) {
  v1::ConveneConsultationRequest request = Request({0});
  auto& key = *request.add_cases()->mutable_issue_key();
  key.set_source_system("js-system");
  key.set_external_id("issue-1");
  const auto answer = replica_->Convene(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->consultation().case_ids(), ElementsAre(cases_[0], cases_[1]));
  // Both names of one case.
  request.set_request_id(NewRequestId());
  request.mutable_cases(0)->set_case_id(cases_[1]);
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_REPEATED");
  request.mutable_cases(0)->set_case_id("018f4a10-0000-7000-8000-000000000099");
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_UNKNOWN");
  request.mutable_cases(1)->mutable_issue_key()->set_external_id("none");
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_UNKNOWN");
}

TEST_F(ConsultationTest, MeetingThatIsPastCountsOnItsDayAndNotBeforeTheCaseWasReceived) {
  v1::ConveneConsultationRequest request = Request({0});
  *request.mutable_scheduled_at() = TimestampMessage(At("2024-05-06 15:00"));
  ASSERT_TRUE(replica_->Convene(request).ok());
  EXPECT_EQ(CivilDayFrom(replica_->CaseNow(cases_[0]).facts.consulted_on(0)), absl::CivilDay(2024, 5, 6));
  request.set_request_id(NewRequestId());
  *request.mutable_scheduled_at() = TimestampMessage(At("2024-05-05 15:00"));
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_RECEIVED_LATER");
}

// ---- Rounds ----

TEST_F(ConsultationTest, SecondRoundRefersToTheFirstAndIsAConsultationOfItsOwn) {
  const std::string first = Convened({0, 1});
  v1::ConveneConsultationRequest request = Request({1});
  request.set_previous_consultation_id(first);
  const auto second = replica_->Convene(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->consultation().round(), 2);
  EXPECT_EQ(second->consultation().previous_consultation_id(), first);
  const auto before = replica_->Get(first);
  EXPECT_EQ(before->consultation().next_consultation_id(), second->consultation().consultation_id());
  EXPECT_TRUE(before->history(1).has_next_round());
  EXPECT_EQ(replica_->CaseNow(cases_[0]).body.consultation_count(), 1);
  EXPECT_EQ(replica_->CaseNow(cases_[1]).body.consultation_count(), 2);
  request.set_request_id(NewRequestId());
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "ROUND_EXISTS");
  request.set_previous_consultation_id(NewRequestId());
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CONSULTATION_UNKNOWN");
  EXPECT_EQ(replica_->Count("consultations"), 2);
}

// ---- Acting ----

TEST_F(ConsultationTest, HistoryTellsTheWholeStory) {
  const std::string id = Convened({0});
  Do(id, "answer { department_id: 'js.planning' accept {} }");
  Do(id, absl::StrCat("record_position { department_id: 'js.planning' case_id: '", cases_[0],
                      "' text: '可调整' }"));
  Do(id, kDecide);
  Do(id, "record_minutes { text: '议定两项' }");
  const std::string digest = replica_->Get(id)->consultation().minutes().digest();
  Do(id, absl::StrCat("sign_minutes { department_id: 'js.planning' revision: 1 digest: '", digest, "' }"));
  Do(id, "report_task { number: 2 text: '已约现场' }");
  Do(id, "record_minutes { text: '议定两项，补充一句' }");
  const auto found = replica_->Get(id);
  ASSERT_TRUE(found.ok()) << found.status();
  const v1::Consultation& body = found->consultation();
  ASSERT_EQ(found->history_size(), 8);
  EXPECT_TRUE(found->history(0).has_convened());
  EXPECT_THAT(found->history(7).voided_sign_offs(), ElementsAre("js.planning"));
  EXPECT_FALSE(found->history_cut());
  EXPECT_EQ(body.etag(), "v8");
  EXPECT_EQ(body.minutes().revision(), 2);
  EXPECT_TRUE(body.minutes().sign_offs(0).has_voided_at());
  EXPECT_EQ(body.tasks(1).progress(0).text(), "已约现场");
  EXPECT_EQ(CivilDayFrom(body.tasks(1).due_on()), absl::CivilDay(2024, 5, 10));
  EXPECT_EQ(body.positions(0).text(), "可调整");
}

TEST_F(ConsultationTest, StaleEtagIsRefusedOnceAndForAll) {
  const std::string id = Convened();
  v1::ActOnConsultationRequest request;
  request.set_request_id(NewRequestId());
  request.set_consultation_id(id);
  request.set_etag("v1");
  request.mutable_action()->mutable_record_minutes()->set_text("a");
  ASSERT_TRUE(replica_->Act(request).ok());
  ASSERT_TRUE(replica_->Act(request).ok());  // the first answer
  request.set_request_id(NewRequestId());
  const auto refused = replica_->Act(request);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "ETAG_MISMATCH");
  request.set_consultation_id(NewRequestId());
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(request).status()), "CONSULTATION_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get(NewRequestId()).status()), "CONSULTATION_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get("x").status()), "UUID_INVALID");
}

TEST_F(ConsultationTest, TwoReplicasActingOnOneLoseNothing) {
  constexpr int kReports = 10;
  const std::string id = Convened();
  Do(id, kDecide);
  ConsultationReplica other(database_);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      ConsultationReplica& replica = t % 2 == 0 ? *replica_ : other;
      for (int i = 0; i < kReports; ++i) {
        if (!replica.Act(id, absl::StrCat("report_task { number: 1 text: '", t, "-", i, "' }")).ok())
          ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused.load(), 0);
  const auto found = replica_->Get(id);
  std::set<std::string> texts;
  for (const auto& report : found->consultation().tasks(0).progress()) texts.insert(report.text());
  EXPECT_EQ(texts.size(), static_cast<size_t>(4 * kReports));
  EXPECT_EQ(found->consultation().sequence(), 2 + 4 * kReports);
  EXPECT_EQ(found->history_size(), 2 + 4 * kReports);
}

TEST_F(ConsultationTest, LongHistoryShowsItsLastTwoHundredEntries) {
  const std::string id = Convened();
  for (int i = 0; i < 199; ++i) Do(id, absl::StrCat("record_minutes { text: 'm", i, "' }"));
  EXPECT_FALSE(replica_->Get(id)->history_cut());
  EXPECT_EQ(replica_->Get(id)->history_size(), 200);
  Do(id, "record_minutes { text: 'last' }");
  const auto found = replica_->Get(id);
  EXPECT_TRUE(found->history_cut());
  EXPECT_EQ(found->history_size(), 200);
  EXPECT_EQ(found->history(199).sequence(), 201);
}

}  // namespace
}  // namespace zhuqi::routing
