// Escalation ladders on a real database: every step once, whoever fires it, whenever it runs again.
#include "services/routing/ladders/ladder_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "routing_schema.h"
#include "services/routing/cases/case_service.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/follow/directory_recounter.h"
#include "services/routing/follow/intake_follower.h"
#include "services/routing/ladders/ladder_store.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int32_t kPartitions = 2;
constexpr int32_t kPartition = 1;

// One replica, as far as ladders go. Its clock stands still until the test moves it.
class Replica {
 public:
  Replica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock)
      : pool_(*db::Pool::Create(database.options(10))), positions_(timer_), catalogue_(positions_) {
    {
      db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
      EXPECT_EQ(feed::SetUpPartitions(*lease, kPartitions), absl::OkStatus());
    }
    tail_ = std::make_unique<feed::FeedTail>(*pool_, true, absl::Milliseconds(5));
    sql_ = std::make_unique<db::SqlExecutor>(pool_.get(), 2, 1000);
    CaseWriterOptions writer;
    writer.group_commit.pool = pool_.get();
    writer.clock = &clock;
    writer.directory = &directory_;
    writer.catalogue = &catalogue_;
    writer.tail = tail_.get();
    writer_ = std::make_unique<CaseWriter>(writer);
    follower_ = std::make_unique<IntakeFollower>(IntakeFollowerOptions{.pool = pool_.get(),
                                                                       .directory = &directory_,
                                                                       .catalogue = &catalogue_,
                                                                       .positions = &positions_,
                                                                       .tail = tail_.get(),
                                                                       .clock = &clock,
                                                                       .logger = &telemetry::Logger::Null(),
                                                                       .metrics = &calls_.metrics(),
                                                                       .partitions = kPartitions});
    recounter_ =
        std::make_unique<DirectoryRecounter>(DirectoryRecounterOptions{.pool = pool_.get(),
                                                                       .directory = &directory_,
                                                                       .catalogue = &catalogue_,
                                                                       .tail = tail_.get(),
                                                                       .clock = &clock,
                                                                       .logger = &telemetry::Logger::Null(),
                                                                       .metrics = &calls_.metrics()});
    runner_ = std::make_unique<LadderRunner>(LadderRunnerOptions{.pool = pool_.get(),
                                                                 .directory = &directory_,
                                                                 .catalogue = &catalogue_,
                                                                 .tail = tail_.get(),
                                                                 .clock = &clock,
                                                                 .logger = &telemetry::Logger::Null(),
                                                                 .metrics = &calls_.metrics(),
                                                                 .batch = 4,
                                                                 .interval = absl::Milliseconds(5)});
    positions_.Follows("intake");
    positions_.Follows(kCatalogueSource);
    EXPECT_EQ(testing::PutInForce(*pool_, catalogue_, testing::LadderCatalogue(), clock.Now()),
              absl::OkStatus());
    EXPECT_EQ(follower_->Load(), absl::OkStatus());
    EXPECT_EQ(tail_->Start(), absl::OkStatus());
    cases_ = std::make_unique<CaseServer>(CaseServiceParts{
        &calls_.adaptor(), sql_.get(), writer_.get(), &directory_, &positions_, &clock, &calls_.metrics()});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{cases_.get()});
    stub_ = v1::CaseService::NewStub(server_->channel());
  }

  ~Replica() {
    follower_->Stop();
    runner_->Stop();
    tail_->Stop();
    server_.reset();
    writer_->Stop();
    sql_->Stop();
  }

  LadderRunner& runner() { return *runner_; }
  IntakeFollower& follower() { return *follower_; }
  DirectoryRecounter& recounter() { return *recounter_; }
  db::Pool& pool() { return *pool_; }
  std::string MetricsText() { return calls_.metrics().Render(); }

  // Until nothing is due; how many batches that took.
  int RunAll() {
    int batches = 0;
    while (true) {
      const absl::StatusOr<int> due = runner_->RunBatch();
      EXPECT_TRUE(due.ok()) << due.status();
      if (!due.ok() || *due == 0) return batches;
      ++batches;
    }
  }

  v1::Case Get(int number) {
    grpc::ClientContext context;
    v1::GetCaseRequest request;
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
    v1::GetCaseResponse response;
    const grpc::Status status = stub_->GetCase(&context, request, &response);
    EXPECT_TRUE(status.ok()) << rpc::FromGrpcStatus(status);
    return response.case_();
  }
  absl::Status Act(int number, const v1::CaseAction& action) {
    grpc::ClientContext context;
    v1::ActOnCaseRequest request;
    request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
    *request.mutable_action() = action;
    v1::ActOnCaseResponse response;
    return rpc::FromGrpcStatus(stub_->ActOnCase(&context, request, &response));
  }

 private:
  std::unique_ptr<db::Pool> pool_;
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  CatalogueHolder catalogue_;
  std::unique_ptr<feed::FeedTail> tail_;
  std::unique_ptr<db::SqlExecutor> sql_;
  std::unique_ptr<CaseWriter> writer_;
  std::unique_ptr<IntakeFollower> follower_;
  std::unique_ptr<DirectoryRecounter> recounter_;
  std::unique_ptr<LadderRunner> runner_;
  std::unique_ptr<CaseServer> cases_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::CaseService::Stub> stub_;
};

feed::v1::FollowResponse DirectoryMessage(int64_t sequence, const feed::v1::DirectoryChanged& change) {
  feed::v1::FollowResponse message;
  message.set_head(sequence);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(sequence);
  *event->mutable_directory() = change;
  return message;
}

feed::v1::RecordChanged NumberedIssue(int number) {
  return testing::Issue(absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number),
                        absl::StrCat("issue-", number));
}

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

TEST_F(LadderRunnerTest, ANewCalendarMovesStepsThoughTheDeadlineStays) {
  SetUpCases(1);
  clock_.Set(At("2024-05-16 09:00"));
  replica_->RunAll();
  EXPECT_EQ(TimeFrom(replica_->Get(0).ladder().next().at()), At("2024-05-17 09:00"));
  // The 17th, after the deadline, becomes a day off.
  feed::v1::DirectoryChanged change;
  *change.mutable_calendar() = testing::CityChange().calendar();
  change.mutable_calendar()->set_version(2);
  directory::v1::DateOverride* off = change.mutable_calendar()->add_overrides();
  *off->mutable_date() = DateMessage(absl::CivilDay(2024, 5, 17));
  off->set_notice_year(2024);
  const int64_t events = Ask("SELECT COUNT(*) FROM case_events");
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, change), 1), absl::OkStatus());
  ASSERT_TRUE(replica_->recounter().RecountPage().ok());
  EXPECT_EQ(Ask("SELECT COUNT(*) FROM case_events"), events);
  EXPECT_EQ(Ask("SELECT next_at = '2024-05-20 01:00:00' FROM case_ladders"), 1);
  clock_.Set(At("2024-05-17 10:00"));
  EXPECT_EQ(replica_->RunAll(), 0);
  clock_.Set(At("2024-05-20 09:00"));
  EXPECT_EQ(replica_->RunAll(), 1);
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
