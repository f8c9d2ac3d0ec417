// Escalation ladders on a real database: every step once, whoever fires it, whenever it runs again.
#include "services/routing/ladders/ladder_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "routing_schema.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/consultations/consultation_store.h"
#include "services/routing/ladders/ladder_store.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"
#include "services/routing/testing/ladder_replica.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::DirectoryMessage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPartition;
using ::testing::Not;
using testing::NumberedIssue;
using Replica = testing::LadderReplica;

std::vector<std::string> StepsIn(const v1::Case& item) {
  std::vector<std::string> ids;
  for (const v1::CaseEvent& event : item.history()) {
    if (event.has_ladder_step()) ids.push_back(event.ladder_step().step().step_id());
  }
  return ids;
}

v1::CaseAction AcceptAction() {
  v1::CaseAction action;
  action.mutable_accept();
  return action;
}

class LadderRunnerTest : public ::testing::Test {
 protected:
  LadderRunnerTest() : clock_(At("2024-05-06 09:35")) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<Replica>(database_, clock_);
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, testing::CityChange()), 0),
              absl::OkStatus());
  }

  // Issues raised on 2024-05-06 at 09:30, recorded at intake at `known_at`.
  void SetUpCases(int count, absl::string_view known_at = "2024-05-06 09:32") {
    std::vector<feed::v1::RecordChanged> issues;
    for (int i = 0; i < count; ++i) issues.push_back(NumberedIssue(i));
    Apply(issues, known_at);
  }
  void Apply(const std::vector<feed::v1::RecordChanged>& issues, absl::string_view known_at) {
    feed::v1::FollowResponse message;
    message.set_partition(kPartition);
    const int64_t after = applied_;
    for (const feed::v1::RecordChanged& issue : issues) {
      feed::v1::Event* event = message.add_events();
      event->set_sequence(++applied_);
      *event->mutable_recorded_at() = TimestampMessage(At(known_at));
      event->set_directory_sequence(1);
      *event->mutable_record() = issue;
    }
    message.set_head(applied_);
    EXPECT_EQ(replica_->follower().ApplyRecords(message, after), absl::OkStatus());
  }

  int64_t Ask(const std::string& sql) {
    db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
    int64_t answer = -1;
    const absl::Status asked = lease->Query(sql, {}, [&](db::Row& row) {
      answer = row.OptionalInt64(0).value_or(-1);
      return absl::OkStatus();
    });
    EXPECT_EQ(asked, absl::OkStatus());
    return answer;
  }

  ::zhuqi::testing::TestDatabase database_;
  FakeClock clock_;
  std::unique_ptr<Replica> replica_;
  int64_t applied_ = 0;
};

TEST_F(LadderRunnerTest, StepsFireWhenTheyAreDueAndTheFeedIsToldExactly) {
  SetUpCases(1);
  EXPECT_EQ(replica_->RunAll(), 0);
  clock_.Set(At("2024-05-06 10:30"));
  EXPECT_EQ(replica_->RunAll(), 1);
  EXPECT_EQ(replica_->RunAll(), 0);
  clock_.Set(At("2024-05-17 09:00"));
  EXPECT_EQ(replica_->RunAll(), 1);
  const v1::Case item = replica_->Get(0);
  EXPECT_THAT(StepsIn(item),
              ElementsAre("response-remind", "response-supervise", "remind", "supervise", "escalate"));
  EXPECT_EQ(item.owner_org_unit_id(), "zz");
  EXPECT_EQ(item.ladder().next().step().step_id(), "bulletin");
  EXPECT_EQ(TimeFrom(item.ladder().next().at()), At("2024-05-23 09:00"));
  // Each event's `before` is what was told last.
  db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
  const auto events = *feed::ReadEvents(*lease, kPartition, 0, 6, 100);
  ASSERT_EQ(events.size(), 6u);
  for (size_t i = 1; i < events.size(); ++i) {
    EXPECT_EQ(events[i].case_changed().before().SerializeAsString(),
              events[i - 1].case_changed().after().SerializeAsString());
  }
  EXPECT_EQ(events[5].case_changed().after().escalated_on_size(), 1);
}

TEST_F(LadderRunnerTest, WhatFiredIsMeasured) {
  SetUpCases(1);
  clock_.Set(At("2024-05-06 10:31"));
  replica_->RunAll();
  const std::string metrics = replica_->MetricsText();
  EXPECT_THAT(
      metrics,
      HasSubstr("zhuqi_routing_ladder_steps_total{service=\"test\",action=\"remind\",done=\"yes\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("action=\"add_supervisor\",done=\"yes\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("zhuqi_routing_ladder_late_seconds_sum{service=\"test\"} 1920"));
  EXPECT_THAT(metrics, HasSubstr("zhuqi_routing_ladder_cases_due{service=\"test\"} 0"));
}

TEST_F(LadderRunnerTest, TrapEscalationFiresAtMidnight) {
  SetUpCases(1);
  clock_.Set(At("2024-05-17 23:59"));
  EXPECT_EQ(replica_->RunAll(), 0);
  clock_.Set(At("2024-05-18 11:00"));  // a Saturday
  EXPECT_EQ(replica_->RunAll(), 0);
  clock_.Set(At("2024-05-20 08:59"));
  EXPECT_EQ(replica_->RunAll(), 0);
  clock_.Set(At("2024-05-20 09:00"));
  EXPECT_EQ(replica_->RunAll(), 1);
  EXPECT_EQ(replica_->Get(0).owner_org_unit_id(), "zz");
}

TEST_F(LadderRunnerTest, TrapNeverAgainAfterDowntime) {
  SetUpCases(9);
  clock_.Set(At("2024-05-06 10:30"));
  replica_->RunAll();
  replica_.reset();  // for two months
  clock_.Set(At("2024-07-08 10:00"));
  replica_ = std::make_unique<Replica>(database_, clock_);
  replica_->RunAll();
  for (int i = 0; i < 9; ++i) {
    const v1::Case item = replica_->Get(i);
    EXPECT_THAT(StepsIn(item), ElementsAre("response-remind", "response-supervise", "remind", "supervise",
                                           "escalate", "bulletin"));
    EXPECT_FALSE(item.ladder().has_next());
    EXPECT_TRUE(item.ladder().has_bulletin_at());
  }
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_ladders WHERE next_at IS NOT NULL"), 0);
}

TEST_F(LadderRunnerTest, TrapAWithdrawnCaseGoesOnEscalating) {
  SetUpCases(2);
  feed::v1::RecordChanged withdrawn = NumberedIssue(0);
  *withdrawn.mutable_before() = withdrawn.after();
  withdrawn.mutable_after()->set_withdrawn(true);
  Apply({withdrawn}, "2024-05-06 09:34");
  clock_.Set(At("2024-07-08 10:00"));
  replica_->RunAll();
  EXPECT_THAT(StepsIn(replica_->Get(0)), IsEmpty());
  EXPECT_THAT(StepsIn(replica_->Get(1)), Not(IsEmpty()));
}

TEST_F(LadderRunnerTest, TrapAClosedCaseGoesOnEscalating) {
  SetUpCases(1);
  EXPECT_EQ(replica_->Act(0, AcceptAction()), absl::OkStatus());
  v1::CaseAction explain;
  explain.mutable_explain()->set_text("政策不适用");
  EXPECT_EQ(replica_->Act(0, explain), absl::OkStatus());
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_ladders WHERE next_at IS NOT NULL"), 0);
  clock_.Set(At("2024-07-08 10:00"));
  EXPECT_EQ(replica_->RunAll(), 0);
}

TEST_F(LadderRunnerTest, HistoryThatIsEnteredLateSetsNothingOff) {
  clock_.Set(At("2024-12-31 12:00"));
  SetUpCases(3, "2024-12-31 11:00");
  EXPECT_EQ(replica_->RunAll(), 0);
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_ladders WHERE next_at IS NULL"), 3);
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_events"), 3);
}

// What intake took while routing was down is no history: its steps are missed ones.
TEST_F(LadderRunnerTest, IssuesThatCameWhileTheServiceWasDownAreCaughtUp) {
  clock_.Set(At("2024-05-16 10:00"));
  SetUpCases(1, "2024-05-06 09:32");
  replica_->RunAll();
  EXPECT_THAT(StepsIn(replica_->Get(0)),
              ElementsAre("response-remind", "response-supervise", "remind", "supervise"));
}

// The 17th, after the deadline of the 15th, becomes a day off.
feed::v1::DirectoryChanged DayOffAfterTheDeadline() {
  feed::v1::DirectoryChanged change;
  *change.mutable_calendar() = testing::CityChange().calendar();
  change.mutable_calendar()->set_version(2);
  directory::v1::DateOverride* off = change.mutable_calendar()->add_overrides();
  *off->mutable_date() = DateMessage(absl::CivilDay(2024, 5, 17));
  off->set_notice_year(2024);
  return change;
}

TEST_F(LadderRunnerTest, ANewCalendarMovesStepsThoughTheDeadlineStays) {
  SetUpCases(1);
  clock_.Set(At("2024-05-16 09:00"));
  replica_->RunAll();
  EXPECT_EQ(TimeFrom(replica_->Get(0).ladder().next().at()), At("2024-05-17 09:00"));
  const int64_t events = Ask("SELECT COUNT(*) FROM case_events");
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, DayOffAfterTheDeadline()), 1),
            absl::OkStatus());
  ASSERT_TRUE(replica_->recounter().RecountPage().ok());
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_events"), events);
  EXPECT_EQ(Ask("SELECT next_at = '2024-05-20 01:00:00' FROM case_ladders"), 1);
  clock_.Set(At("2024-05-17 10:00"));
  EXPECT_EQ(replica_->RunAll(), 0);
  clock_.Set(At("2024-05-20 09:00"));
  EXPECT_EQ(replica_->RunAll(), 1);
}

// Trap: the recount writes the next step of a case as it was before somebody paused it, and the step fires.
TEST_F(LadderRunnerTest, TrapARecountOverwritesTheNextStepOfACaseThatChangesMeanwhile) {
  SetUpCases(1);
  EXPECT_EQ(replica_->Act(0, AcceptAction()), absl::OkStatus());
  // It moves steps and no deadline: the recount writes the next step alone.
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, DayOffAfterTheDeadline()), 1),
            absl::OkStatus());
  const std::shared_ptr<const Directory> directory = replica_->directory().Get();
  const Uuid case_id = *Uuid::Parse(replica_->Get(0).case_id());
  std::thread recounting;
  const absl::Status paused =
      db::RunTransaction(replica_->pool(), {}, [&](db::Transaction& transaction) -> absl::Status {
        CaseMap cases = *ReadCases(transaction.connection(), {case_id});
        CaseBatch batch(&transaction.connection(), std::move(cases), directory, nullptr, clock_.Now(),
                        Outbox::kOff);
        ActionInput pause;
        pause.action.mutable_pause()->set_reason("等待补正材料");
        pause.recorded_at = clock_.Now();
        batch.Take(*Act(*batch.FindForChange(case_id), pause, *directory, testing::LadderCatalogue()));
        ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
        // The recount comes to the case while the pause is not committed.
        recounting = std::thread([&] { EXPECT_TRUE(replica_->recounter().RecountPage().ok()); });
        while (Ask("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND "
                   "id <> CONNECTION_ID() AND info LIKE '%case_ladders%'") == 0) {
        }
        return absl::OkStatus();
      });
  recounting.join();
  ASSERT_EQ(paused, absl::OkStatus());
  EXPECT_TRUE(replica_->Get(0).paused());
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_ladders WHERE next_at IS NOT NULL"), 0);
}

// ---- One bad case ----

class BadCaseTest : public LadderRunnerTest {
 protected:
  // The case's stored body is damaged: whoever reads it fails.
  void Damage(int number) {
    const std::string where =
        absl::StrCat(" WHERE case_id = (SELECT case_id FROM cases WHERE external_id = 'issue-", number, "')");
    ASSERT_EQ(database_.Run({absl::StrCat("CREATE TABLE kept AS SELECT * FROM case_bodies", where),
                             absl::StrCat("UPDATE case_bodies SET body = 'x'", where)}),
              absl::OkStatus());
  }
  void Mend() {
    ASSERT_EQ(
        database_.Run({"UPDATE case_bodies b JOIN kept k ON k.case_id = b.case_id SET b.body = k.body"}),
        absl::OkStatus());
  }
  int64_t MinutesUntilNextAttempt() {
    return Ask(absl::StrCat("SELECT TIMESTAMPDIFF(MINUTE, '",
                            absl::FormatTime("%Y-%m-%d %H:%M:%S", clock_.Now(), absl::UTCTimeZone()),
                            "', next_at) FROM case_ladders WHERE failures > 0"));
  }
};

TEST_F(BadCaseTest, DoesNotStopTheLaddersOfOthersAndIsTriedAgainAfterAGrowingPause) {
  SetUpCases(9);
  Damage(4);
  clock_.Set(At("2024-05-06 10:30"));
  replica_->RunAll();
  for (const int other : {0, 1, 2, 3, 5, 6, 7, 8}) {
    EXPECT_THAT(StepsIn(replica_->Get(other)), ElementsAre("response-remind", "response-supervise"));
  }
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_ladders WHERE failures = 1"), 1);
  EXPECT_EQ(MinutesUntilNextAttempt(), 1);
  EXPECT_THAT(replica_->MetricsText(), HasSubstr("zhuqi_routing_ladder_failures_total{service=\"test\"} 1"));
  clock_.Set(At("2024-05-06 10:31"));
  replica_->RunAll();
  EXPECT_EQ(MinutesUntilNextAttempt(), 2);
  clock_.Set(At("2024-05-06 10:33"));
  replica_->RunAll();
  EXPECT_EQ(MinutesUntilNextAttempt(), 4);
  // Once it can be read, what was missed fires, each step once, and says when it was due.
  Mend();
  clock_.Set(At("2024-05-06 10:37"));
  replica_->RunAll();
  const v1::Case item = replica_->Get(4);
  EXPECT_THAT(StepsIn(item), ElementsAre("response-remind", "response-supervise"));
  EXPECT_EQ(TimeFrom(item.history(1).ladder_step().due_at()), At("2024-05-06 10:00"));
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_ladders WHERE failures > 0"), 0);
}

TEST_F(BadCaseTest, DoesNotStopARecountAndTakesTheChangeOverLater) {
  SetUpCases(3);
  // The first calendar came with the directory, before there were cases.
  while (*replica_->recounter().RecountPage()) {
  }
  Damage(1);
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, testing::CalendarChange()), 1),
            absl::OkStatus());
  const absl::StatusOr<bool> worked = replica_->recounter().RecountPage();
  ASSERT_TRUE(worked.ok()) << worked.status();
  EXPECT_TRUE(*worked);
  EXPECT_FALSE(*replica_->recounter().RecountPage());
  for (const int other : {0, 2}) EXPECT_TRUE(replica_->Get(other).history(1).has_deadlines_moved());
  EXPECT_EQ(MinutesUntilNextAttempt(), 1);
  EXPECT_THAT(replica_->MetricsText(), HasSubstr("zhuqi_routing_recount_failures_total{service=\"test\"} 1"));
  Mend();
  clock_.Set(At("2024-05-06 09:37"));
  replica_->RunAll();
  const v1::Case item = replica_->Get(1);
  ASSERT_EQ(item.history_size(), 2);
  EXPECT_TRUE(item.history(1).has_deadlines_moved());
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_ladders WHERE next_at = '2024-05-06 02:00:00'"), 3);
}

TEST(LadderStore, ThePauseGrowsToSixHours) {
  EXPECT_EQ(PauseAfter(1), absl::Minutes(1));
  EXPECT_EQ(PauseAfter(5), absl::Minutes(16));
  EXPECT_EQ(PauseAfter(9), absl::Minutes(256));
  EXPECT_EQ(PauseAfter(10), absl::Hours(6));
  EXPECT_EQ(PauseAfter(1'000'000), absl::Hours(6));
}

// ---- The directory of a case that opens again ----

feed::v1::DirectoryChanged JsMergedIntoZm() {
  feed::v1::DirectoryChanged change;
  directory::v1::OrgUnit& js = *change.add_org_units();
  js.set_org_unit_id("js");
  js.set_parent_id("zz");
  js.set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  *js.mutable_closed_on() = DateMessage(absl::CivilDay(2024, 5, 8));
  js.add_successor_ids("zm");
  for (const char* function : {"planning", "fire", "office"}) {
    directory::v1::Department& department = *change.add_departments();
    department.set_department_id(absl::StrCat("js.", function));
    department.set_org_unit_id("js");
    department.set_function(function);
    *department.mutable_closed_on() = js.closed_on();
  }
  return change;
}

// Trap: what was closed while its owner ended comes back under an owner that is gone.
TEST_F(LadderRunnerTest, TrapACaseThatOpensAgainHasAnOwnerThatEnded) {
  SetUpCases(2);
  feed::v1::RecordChanged withdrawn = NumberedIssue(0);
  *withdrawn.mutable_before() = withdrawn.after();
  withdrawn.mutable_after()->set_withdrawn(true);
  Apply({withdrawn}, "2024-05-06 09:34");
  v1::CaseAction decline;
  decline.mutable_decline()->set_reason("已进入诉讼程序");
  EXPECT_EQ(replica_->Act(1, decline), absl::OkStatus());
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, JsMergedIntoZm()), 1), absl::OkStatus());
  while (*replica_->recounter().RecountPage()) {
  }
  EXPECT_EQ(replica_->Get(0).owner_org_unit_id(), "js");
  clock_.Set(At("2024-05-09 10:00"));
  feed::v1::RecordChanged back = NumberedIssue(0);
  *back.mutable_before() = withdrawn.after();
  Apply({back}, "2024-05-09 09:59");
  v1::CaseAction reopen;
  reopen.mutable_reopen()->set_reason("问题复发");
  EXPECT_EQ(replica_->Act(1, reopen), absl::OkStatus());
  for (int i = 0; i < 2; ++i) {
    const v1::Case item = replica_->Get(i);
    EXPECT_EQ(item.owner_org_unit_id(), "zm") << i;
    EXPECT_EQ(item.lead_department_id(), "zm.planning") << i;
    EXPECT_EQ(item.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE) << i;
    EXPECT_TRUE(item.history().rbegin()->has_handed_over()) << i;
  }
}

// ---- A long history ----

TEST_F(LadderRunnerTest, ALongHistoryComesInPagesThatFitIntoAMessage) {
  SetUpCases(1);
  v1::CaseAction report;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "报";
  report.mutable_report_progress()->set_text(text);
  constexpr int kReports = 200;
  for (int i = 0; i < kReports; ++i) ASSERT_EQ(replica_->Act(0, report), absl::OkStatus());
  v1::GetCaseRequest request;
  request.set_case_id(replica_->Get(0).case_id());
  std::vector<int64_t> sequences;
  int pages = 0;
  do {
    grpc::ClientContext context;
    v1::GetCaseResponse response;
    ASSERT_TRUE(replica_->cases().GetCase(&context, request, &response).ok());
    EXPECT_LT(response.ByteSizeLong(), size_t{2} << 20);
    const auto& history = response.case_().history();
    ASSERT_FALSE(history.empty());
    for (auto event = history.rbegin(); event != history.rend(); ++event)
      sequences.push_back(event->sequence());
    // The deadlines stand on the first page alone.
    EXPECT_EQ(response.timeline_size(), history.size() + (pages == 0 ? 2 : 0));
    request.set_history_page_token(response.next_history_page_token());
    ++pages;
  } while (!request.history_page_token().empty());
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(sequences.size(), kReports + 1u);
  for (size_t i = 0; i < sequences.size(); ++i)
    EXPECT_EQ(sequences[i], kReports + 1 - static_cast<int64_t>(i));
  // A token of another case, or a made-up one.
  request.set_history_page_token("AAAA");
  grpc::ClientContext context;
  v1::GetCaseResponse response;
  EXPECT_EQ(rpc::ReasonOf(rpc::FromGrpcStatus(replica_->cases().GetCase(&context, request, &response))),
            "PAGE_TOKEN_INVALID");
  EXPECT_FALSE(response.has_case_());
}

// A step that is claimed by a moment that no longer holds is put back and not fired.
TEST_F(LadderRunnerTest, ADueRowIsReckonedAnewBeforeItFires) {
  SetUpCases(1);
  ASSERT_EQ(database_.Run({"UPDATE case_ladders SET next_at = '2024-05-06 01:31:00'"}), absl::OkStatus());
  EXPECT_EQ(replica_->RunAll(), 1);
  EXPECT_THAT(StepsIn(replica_->Get(0)), IsEmpty());
  EXPECT_EQ(Ask("SELECT next_at = '2024-05-06 02:00:00' FROM case_ladders"), 1);
}

TEST_F(LadderRunnerTest, TwoReplicasNeverFireOneStepTwice) {
  constexpr int kCases = 40;
  SetUpCases(kCases);
  Replica other(database_, clock_);
  for (const char* now : {"2024-05-06 10:30", "2024-05-16 09:00", "2024-05-23 09:00"}) {
    clock_.Set(At(now));
    std::thread second([&] { other.RunAll(); });
    replica_->RunAll();
    second.join();
  }
  for (int i = 0; i < kCases; ++i) {
    const v1::Case item = replica_->Get(i);
    EXPECT_THAT(StepsIn(item), ElementsAre("response-remind", "response-supervise", "remind", "supervise",
                                           "escalate", "bulletin"));
    EXPECT_EQ(item.escalation_count(), 1);
    int leads = 0;
    for (const v1::Assignment& part : item.assignments()) {
      if (part.role() == v1::ASSIGNMENT_ROLE_LEAD && !part.has_until()) ++leads;
    }
    EXPECT_EQ(leads, 1);
  }
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_events"), kCases * 7);
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM feed_events WHERE partition_number = 1"), kCases * 7);
}

TEST_F(LadderRunnerTest, ActionsAtTheSameTimeLoseNothingAndNoStepFiresTwice) {
  constexpr int kCases = 12;
  SetUpCases(kCases);
  clock_.Set(At("2024-05-23 09:00"));
  std::thread acting([&] {
    v1::CaseAction report;
    report.mutable_report_progress()->set_text("正在办理");
    for (int i = 0; i < kCases; ++i) EXPECT_EQ(replica_->Act(i, report), absl::OkStatus());
  });
  replica_->RunAll();
  acting.join();
  for (int i = 0; i < kCases; ++i) EXPECT_EQ(StepsIn(replica_->Get(i)).size(), 6u);
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_events"), kCases * 8);
}

class ConveningLadderTest : public LadderRunnerTest {
 protected:
  // Two days after the deadline departments are convened; a day later the case is in the bulletin.
  static v1::Catalogue ConveningCatalogue() {
    v1::Catalogue catalogue = testing::LadderCatalogue();
    catalogue.set_version(3);
    v1::EscalationLadder& ladder = *catalogue.mutable_ladders(0);
    ladder.clear_response_steps();
    ladder.clear_handling_steps();
    v1::LadderStep& step = *ladder.add_handling_steps();
    step.set_step_id("convene");
    step.mutable_working_days()->set_count(2);
    v1::ConveneStep& convene = *step.mutable_convene();
    convene.set_chair_function("office");
    convene.set_from_unit_above(true);
    convene.set_level(v1::CONSULTATION_LEVEL_CITY);
    convene.set_in_working_days(1);
    convene.set_why("逾期未办结");
    v1::LadderStep& bulletin = *ladder.add_handling_steps();
    bulletin.set_step_id("bulletin");
    bulletin.mutable_working_days()->set_count(3);
    bulletin.mutable_bulletin();
    return catalogue;
  }
  ConveningLadderTest() { replica_->Use(ConveningCatalogue()); }
};

TEST_F(ConveningLadderTest, TwoReplicasConveneEachCaseOnceAndTheFeedCountsOne) {
  constexpr int kCases = 16;
  SetUpCases(kCases);
  Replica other(database_, clock_);
  other.Use(ConveningCatalogue());
  clock_.Set(At("2024-05-20 09:00"));
  std::thread second([&] { other.RunAll(); });
  replica_->RunAll();
  second.join();
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM consultations"), kCases);
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM consultation_events"), kCases);
  EXPECT_EQ(Ask("SELECT COUNT(DISTINCT case_id) FROM consultation_cases"), kCases);
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_dates WHERE kind = 2 AND on_date = '2024-05-20'"), kCases);
  for (int i = 0; i < kCases; ++i) {
    const v1::Case item = replica_->Get(i);
    EXPECT_THAT(StepsIn(item), ElementsAre("convene"));
    EXPECT_EQ(item.consultation_count(), 1);
    const Uuid id = Uuid::Parse(item.history(1).ladder_step().consultation_id()).value();
    db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
    const auto convened = ReadConsultation(*lease, id);
    ASSERT_TRUE(convened.ok() && convened->has_value());
    EXPECT_EQ((*convened)->case_ids(0), item.case_id());
    EXPECT_EQ((*convened)->chair_department_id(), "zz.office");
  }
}

TEST_F(ConveningLadderTest, WhatIsPublishedInTheBulletinIsFoundByItsDay) {
  SetUpCases(2);
  EXPECT_EQ(replica_->Act(1, AcceptAction()), absl::OkStatus());
  v1::CaseAction explain;
  explain.mutable_explain()->set_text("政策不适用");
  EXPECT_EQ(replica_->Act(1, explain), absl::OkStatus());
  clock_.Set(At("2024-05-21 09:00"));
  replica_->RunAll();
  v1::ListCasesRequest request;
  request.mutable_bulletin();
  EXPECT_THAT(replica_->List(request), ElementsAre("issue-0"));
  *request.mutable_bulletin()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 21));
  EXPECT_THAT(replica_->List(request), ElementsAre("issue-0"));
  *request.mutable_bulletin()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 22));
  EXPECT_THAT(replica_->List(request), IsEmpty());
}

TEST_F(LadderRunnerTest, TheThreadFiresByItselfAndStops) {
  SetUpCases(1);
  clock_.Set(At("2024-05-06 10:00"));
  replica_->runner().Start();
  const absl::Time patience = absl::Now() + absl::Seconds(30);
  while (StepsIn(replica_->Get(0)).empty() && absl::Now() < patience) std::this_thread::yield();
  EXPECT_THAT(StepsIn(replica_->Get(0)), ElementsAre("response-remind"));
  replica_->runner().Stop();
}

// ---- The cost ----

class LadderCostTest : public LadderRunnerTest {
 protected:
  LadderCostTest() {
    EXPECT_EQ(
        database_.Run(
            {"INSERT INTO case_ladders (case_id, next_at) SELECT UNHEX(MD5(seq)), '2024-06-01 01:00:00' + "
             "INTERVAL seq MINUTE FROM seq_1_to_20000",
             "INSERT INTO case_ladders (case_id, next_at) SELECT UNHEX(MD5(seq)), NULL FROM "
             "seq_20001_to_30000",
             "INSERT INTO case_ladders (case_id, next_at) SELECT UNHEX(MD5(seq)), '2024-05-06 01:00:00' "
             "FROM seq_30001_to_30005"}),
        absl::OkStatus());
  }

  // Rows that this session's statements have read.
  static int64_t RowsRead(db::Connection& connection) {
    int64_t rows = 0;
    EXPECT_EQ(
        connection.Query("SELECT CAST(SUM(VARIABLE_VALUE) AS SIGNED) FROM "
                         "information_schema.SESSION_STATUS WHERE VARIABLE_NAME IN ('HANDLER_READ_KEY', "
                         "'HANDLER_READ_NEXT', 'HANDLER_READ_PREV', 'HANDLER_READ_FIRST')",
                         {},
                         [&](db::Row& row) {
                           rows = row.Int64(0);
                           return absl::OkStatus();
                         }),
        absl::OkStatus());
    return rows;
  }
};

TEST_F(LadderCostTest, OpenClocksCostNoMoreThanTheDueOnes) {
  db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
  const int64_t before = RowsRead(*lease);
  const auto due = ReadDueCases(*lease, At("2024-05-06 10:00"), 100);
  ASSERT_TRUE(due.ok()) << due.status();
  EXPECT_EQ(due->size(), 5u);
  EXPECT_LE(RowsRead(*lease) - before, 10);
}

TEST_F(LadderCostTest, DueCasesAreReadFromTheIndexInItsOrder) {
  db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
  std::string key;
  std::string extra;
  ASSERT_EQ(lease->Query(absl::StrCat("EXPLAIN ", kReadDueCases), {At("2024-05-06 10:00"), 100},
                         [&](db::Row& row) {
                           key = row.OptionalText(5).value_or("");
                           extra = row.OptionalText(9).value_or("");
                           return absl::OkStatus();
                         }),
            absl::OkStatus());
  EXPECT_EQ(key, "by_next");
  EXPECT_THAT(extra, HasSubstr("Using index"));
  EXPECT_THAT(extra, Not(HasSubstr("filesort")));
}

}  // namespace
}  // namespace zhuqi::routing
