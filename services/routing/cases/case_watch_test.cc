// Watching cases through the service: what a stream says, what it leaves out, and that nothing is lost when
// it is taken up again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "routing_schema.h"
#include "services/routing/cases/case_watcher.h"
#include "services/routing/testing.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::DirectoryMessage;
using ::testing::ElementsAre;
using testing::kPartitions;
using testing::NumberedIssue;
using testing::NumberedRecordId;
using testing::RecordMessage;

// A stream that a test reads.
class Stream {
 public:
  Stream(v1::CaseService::Stub& stub, const v1::WatchCasesRequest& request) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    reader_ = stub.WatchCases(&context_, request);
  }
  ~Stream() {
    if (!finished_) {
      context_.TryCancel();
      (void)reader_->Finish();
    }
  }
  // False at the stream's end.
  bool Read(v1::WatchCasesResponse* message) { return reader_->Read(message); }
  absl::Status Finish() {
    v1::WatchCasesResponse rest;
    while (reader_->Read(&rest)) {
    }
    finished_ = true;
    return rpc::FromGrpcStatus(reader_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCasesResponse>> reader_;
  bool finished_ = false;
};

// A replica that is watched.
class WatchedReplica : public testing::Replica {
 public:
  WatchedReplica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock)
      : testing::Replica(database, clock, testing::CityCatalogue()) {}
  ~WatchedReplica() {
    tail_->Stop();  // ends the streams
    StopServing();
  }

  // `wide_sql` for wide lists, when it is given.
  void Serve(CaseWatcherOptions options, db::SqlExecutor* wide_sql) {
    options.sql = sql_.get();
    options.tail = tail_.get();
    options.directory = &directory_;
    options.timer = &timer_;
    options.metrics = &calls_.metrics();
    options.pause = absl::Milliseconds(2);
    StopServing();
    watcher_.reset();
    watcher_ = std::make_unique<CaseWatcher>(options);
    testing::Replica::Serve([&](CaseServiceParts& parts) {
      parts.watcher = watcher_.get();
      parts.most_counted = 2;
      parts.wide_sql = wide_sql;
    });
  }
  CaseWatcher& watcher() { return *watcher_; }

 private:
  std::unique_ptr<CaseWatcher> watcher_;
};

class CaseWatchTest : public ::testing::Test {
 protected:
  CaseWatchTest() : clock_(At("2024-12-31 12:00")) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<WatchedReplica>(database_, clock_);
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, testing::CityChange()), 0),
              absl::OkStatus());
  }

  // Begins to serve.
  void Serve(const CaseWatcherOptions& options = {}, db::SqlExecutor* wide_sql = nullptr) {
    replica_->Serve(options, wide_sql);
  }

  // Issue "issue-<number>" of `unit` becomes a case.
  void Receive(int number, const std::string& unit = "js", const std::string& category = "land") {
    feed::v1::RecordChanged issue = NumberedIssue(number);
    issue.mutable_after()->set_org_unit_id(unit);
    issue.mutable_after()->set_category_id(category);
    ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(received_ + 1, {issue}), received_),
              absl::OkStatus());
    ++received_;
  }

  absl::StatusOr<v1::ActOnCaseResponse> Act(int number, const v1::CaseAction& action) {
    return replica_->Act(absl::StrCat("issue-", number), action);
  }
  void Report(int number, const std::string& text) {
    v1::CaseAction action;
    action.mutable_report_progress()->set_text(text);
    const auto done = Act(number, action);
    ASSERT_TRUE(done.ok()) << done.status();
  }
  // In one call, with some 18 KB in each change. Gives `count`.
  size_t ReportLong(int number, size_t count) {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "长";
    v1::ActOnCasesRequest request;
    for (size_t i = 0; i < count; ++i) {
      v1::ActOnCaseRequest& one = *request.add_actions();
      one.set_request_id(testing::NewRequestId());
      one.mutable_issue_key()->set_source_system("js-system");
      one.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
      one.mutable_action()->mutable_report_progress()->set_text(text);
    }
    grpc::ClientContext context;
    v1::ActOnCasesResponse response;
    const grpc::Status status = replica_->cases().ActOnCases(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    for (const auto& result : response.results()) EXPECT_TRUE(result.has_done()) << result.refusal().reason();
    return count;
  }

  std::unique_ptr<Stream> Watch(const std::string& cursor = "", const std::string& unit = "",
                                const std::string& department = "") {
    v1::WatchCasesRequest request;
    request.set_cursor(cursor);
    request.set_org_unit_id(unit);
    request.set_department_id(department);
    return std::make_unique<Stream>(replica_->cases(), request);
  }
  // "issue-1#2" of the next `count` updates; the cursor after them is in `cursor_`.
  std::vector<std::string> Next(Stream& stream, size_t count) {
    std::vector<std::string> seen;
    v1::WatchCasesResponse message;
    while (seen.size() < count && stream.Read(&message)) {
      for (const v1::CaseUpdate& update : message.updates())
        seen.push_back(absl::StrCat(update.issue_key().external_id(), "#", update.sequence()));
      cursor_ = message.cursor();
    }
    return seen;
  }
  // The first message's.
  std::string FirstCursor(Stream& stream) {
    v1::WatchCasesResponse message;
    EXPECT_TRUE(stream.Read(&message));
    EXPECT_EQ(message.updates_size(), 0);
    return message.cursor();
  }

  ::zhuqi::testing::TestDatabase database_;
  FakeClock clock_;
  std::unique_ptr<WatchedReplica> replica_;
  int64_t received_ = 0;
  std::string cursor_;
};

TEST_F(CaseWatchTest, FirstMessageIsACursorAndThenComesWhatHappens) {
  Receive(1);
  Serve();
  auto stream = Watch();
  EXPECT_NE(FirstCursor(*stream), "");
  v1::CaseAction accept;
  accept.mutable_accept();
  ASSERT_TRUE(Act(1, accept).ok());
  v1::WatchCasesResponse message;
  ASSERT_TRUE(stream->Read(&message));
  ASSERT_EQ(message.updates_size(), 1);
  const v1::CaseUpdate& update = message.updates(0);
  EXPECT_EQ(update.sequence(), 2);
  EXPECT_EQ(update.state(), v1::PROCESS_STATE_IN_PROGRESS);
  EXPECT_EQ(update.org_unit_id(), "js");
  EXPECT_EQ(update.lead_department_id(), "js.planning");
  EXPECT_EQ(update.title(), "地下空间变更用途");
  EXPECT_TRUE(update.event().action().has_accept());
  EXPECT_EQ(update.event().actor(), "tester");
  EXPECT_EQ(update.entry().text_zh(), "接单");
  EXPECT_EQ(message.events_behind(), 0);
}

TEST_F(CaseWatchTest, ResumedStreamTellsWhatHappenedMeanwhileAndNothingTwice) {
  Receive(1);
  Serve();
  {
    auto stream = Watch();
    FirstCursor(*stream);
    Report(1, "一");
    EXPECT_THAT(Next(*stream, 1), ElementsAre("issue-1#2"));
  }
  Report(1, "二");
  Receive(2);
  auto resumed = Watch(cursor_);
  EXPECT_EQ(FirstCursor(*resumed), cursor_);
  EXPECT_THAT(Next(*resumed, 2), ElementsAre("issue-1#3", "issue-2#1"));
  Report(2, "三");
  EXPECT_THAT(Next(*resumed, 1), ElementsAre("issue-2#2"));
}

// How many bytes of changes are kept for all streams: many, few, none.
class ResumedWatchTest : public CaseWatchTest, public ::testing::WithParamInterface<size_t> {};
INSTANTIATE_TEST_SUITE_P(Kept, ResumedWatchTest, ::testing::Values(16 << 20, 2000, 0));

TEST_P(ResumedWatchTest, NoChangeIsLostOrToldTwiceHoweverOftenTheStreamIsTakenUpAgain) {
  constexpr int kCases = 4;
  constexpr int kActions = 60;
  for (int i = 0; i < kCases; ++i) Receive(i);
  CaseWatcherOptions options;
  options.most_recent_bytes = GetParam();
  Serve(options);
  auto bystander = Watch();  // keeps what is shared alive
  {
    auto stream = Watch();
    cursor_ = FirstCursor(*stream);
  }
  std::thread writers([this] {
    for (int i = 0; i < kActions; ++i) Report(i % kCases, absl::StrCat("进展 ", i));
  });
  std::map<std::string, int64_t> last;
  int seen = 0;
  int streams = 0;
  while (seen < kActions && streams < 1000) {
    auto stream = Watch(cursor_);
    ++streams;
    v1::WatchCasesResponse message;
    // One message with updates of each stream, which is then left.
    while (stream->Read(&message) && message.updates().empty()) {
    }
    for (const v1::CaseUpdate& update : message.updates()) {
      int64_t& sequence = last.try_emplace(update.case_id(), 1).first->second;
      EXPECT_EQ(update.sequence(), sequence + 1);
      sequence = update.sequence();
      ++seen;
    }
    cursor_ = message.cursor();
  }
  writers.join();
  EXPECT_EQ(seen, kActions);
  EXPECT_GT(streams, 1);
}

TEST_F(CaseWatchTest, LongTextsComeInMessagesThatFitAndEachCursorIsExact) {
  Receive(1);
  Serve();
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "长";
  auto stream = Watch();
  const std::string start = FirstCursor(*stream);
  constexpr int kActions = 100;  // with some 18 KB each: more than the 1 MiB of a message
  for (int i = 0; i < kActions; ++i) Report(1, text);
  auto resumed = Watch(start);
  v1::WatchCasesResponse message;
  int seen = 0;
  int messages = 0;
  while (seen < kActions && resumed->Read(&message)) {
    EXPECT_LE(message.ByteSizeLong(), size_t{1 << 20} + 4096);
    seen += message.updates_size();
    if (message.updates().empty()) continue;
    ++messages;
    if (seen == kActions) break;
    auto next = Watch(message.cursor());
    FirstCursor(*next);
    EXPECT_EQ(Next(*next, 1).at(0), absl::StrCat("issue-1#", seen + 2));
  }
  EXPECT_EQ(seen, kActions);
  EXPECT_GT(messages, 1);
}

TEST_F(CaseWatchTest, UnitSeesWhatWasRaisedInItOrBelow) {
  Receive(1, "js-t");
  Receive(2, "zm");
  Serve();
  auto district = Watch("", "js");
  auto city = Watch("", "zz");
  FirstCursor(*district);
  FirstCursor(*city);
  Report(2, "不在区内");
  Report(1, "在区内");
  EXPECT_THAT(Next(*district, 1), ElementsAre("issue-1#2"));
  EXPECT_THAT(Next(*city, 2), ElementsAre("issue-2#2", "issue-1#2"));
}

TEST_F(CaseWatchTest, DepartmentSeesItsPartsAndTheChangeThatTakesItsPartAway) {
  Receive(1, "js", "land");  // js.planning
  Receive(2, "js", "tax");   // js.office
  Serve();
  auto planning = Watch("", "", "js.planning");
  FirstCursor(*planning);
  Report(2, "与我无关");
  v1::CaseAction assign;
  assign.mutable_assign()->set_department_id("js.fire");
  assign.mutable_assign()->set_role(v1::ASSIGNMENT_ROLE_LEAD);
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(Act(1, assign).ok());
  clock_.Advance(absl::Minutes(1));
  Report(1, "已不是我的");
  assign.mutable_assign()->set_department_id("js.planning");
  assign.mutable_assign()->set_role(v1::ASSIGNMENT_ROLE_CO_HANDLER);
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(Act(2, assign).ok());
  EXPECT_THAT(Next(*planning, 2), ElementsAre("issue-1#2", "issue-2#3"));
}

TEST_F(CaseWatchTest, FilteredChangesMoveTheCursorToo) {
  Receive(1, "zm");
  CaseWatcherOptions options;
  options.heartbeat = absl::ZeroDuration();
  Serve(options);
  auto stream = Watch("", "js");
  std::string before = FirstCursor(*stream);
  Report(1, "别处");
  v1::WatchCasesResponse message;
  // Heartbeats come without updates; the cursor is the next one's once the change was passed over.
  do {
    ASSERT_TRUE(stream->Read(&message));
    EXPECT_EQ(message.updates_size(), 0);
  } while (message.cursor() == before);
}

TEST_F(CaseWatchTest, WhatCanNotBeWatchedIsRefused) {
  Serve();
  EXPECT_EQ(rpc::ReasonOf(Watch("", "nowhere")->Finish()), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(Watch("", "", "none")->Finish()), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(Watch("!")->Finish()), "CURSOR_INVALID");
  // Of a service with other partitions.
  WatchPlaces places;
  places[1].set_partition(1);
  EXPECT_EQ(rpc::ReasonOf(Watch(EncodeWatchCursor(places))->Finish()), "CURSOR_INVALID");
  places[2].set_partition(2);
  auto stream = Watch(EncodeWatchCursor(places));
  EXPECT_NE(FirstCursor(*stream), "");
}

TEST_F(CaseWatchTest, CursorOfALogThatWasRestoredFromABackupIsNoticed) {
  Receive(1);
  Serve();
  WatchPlaces places;
  for (int32_t partition = 1; partition <= kPartitions; ++partition)
    places[partition].set_partition(partition);
  places[1].set_sequence(1);
  places[1].set_commit_id(1);
  EXPECT_EQ(rpc::ReasonOf(Watch(EncodeWatchCursor(places))->Finish()), "CURSOR_DIVERGED");
  places[1].set_sequence(2);
  EXPECT_EQ(rpc::ReasonOf(Watch(EncodeWatchCursor(places))->Finish()), "CURSOR_AHEAD");
}

TEST_F(CaseWatchTest, WatchersHaveABoundAndALeftPlaceIsTakenAgain) {
  CaseWatcherOptions options;
  options.most_watchers = 2;
  Serve(options);
  auto first = Watch();
  auto second = Watch();
  FirstCursor(*first);
  FirstCursor(*second);
  EXPECT_EQ(rpc::ReasonOf(Watch()->Finish()), "TOO_MANY_WATCHERS");
  second.reset();
  const absl::Time patience = absl::Now() + absl::Seconds(30);
  v1::WatchCasesResponse message;
  bool taken = false;
  while (!taken && absl::Now() < patience) taken = Watch()->Read(&message);
  EXPECT_TRUE(taken);
}

TEST_F(CaseWatchTest, OneCallerMayNotTakeAllPlaces) {
  CaseWatcherOptions options;
  options.most_of_one = 1;
  Serve(options);
  auto first = Watch();
  FirstCursor(*first);
  const absl::Status refused = Watch()->Finish();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rpc::ReasonOf(refused), "TOO_MANY_WATCHERS");
  EXPECT_EQ(rpc::ErrorInfoOf(refused)->metadata().at("of"), "caller");
  EXPECT_EQ(replica_->watcher().watchers(), 1);
}

TEST_F(CaseWatchTest, WatcherThatReadsNothingIsCutInTimeLearnsWhyAndGoesOnFromItsCursor) {
  Receive(1);
  CaseWatcherOptions options;
  options.longest_write = absl::Milliseconds(500);
  Serve(options);
  auto slow = Watch();
  cursor_ = FirstCursor(*slow);
  // gRPC takes megabytes for a client that reads nothing: the window of its stream grows while memory is
  // free. So more happens until a write has to wait.
  size_t reported = 0;
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  while (replica_->watcher().watchers() > 0 && absl::Now() < patience) {
    if (reported < 2000) reported += ReportLong(1, 100);
  }
  ASSERT_EQ(replica_->watcher().watchers(), 0) << reported;
  const std::vector<std::string> taken = Next(*slow, reported);
  EXPECT_LT(taken.size(), reported);
  const absl::Status ended = slow->Finish();
  EXPECT_EQ(ended.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(ended.message()), ::testing::StartsWith("WATCHER_TOO_SLOW: "));
  Serve();
  auto again = Watch(cursor_);
  const std::vector<std::string> rest = Next(*again, reported - taken.size());
  ASSERT_EQ(taken.size() + rest.size(), reported);
  EXPECT_EQ(rest[0], absl::StrCat("issue-1#", taken.size() + 2));
  EXPECT_EQ(rest.back(), absl::StrCat("issue-1#", reported + 1));
}

TEST_F(CaseWatchTest, OneReadOfTheLogServesAllWhoWatch) {
  Receive(1);
  Receive(2, "zm");
  CaseWatcherOptions options;
  options.heartbeat = absl::ZeroDuration();
  Serve(options);
  constexpr int kWatchers = 20;
  constexpr int kReports = 5;
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < kWatchers; ++i) streams.push_back(Watch("", i % 2 == 0 ? "js" : ""));
  v1::WatchCasesResponse message;
  for (auto& stream : streams) {
    // The second message is a heartbeat: the stream has come to the log's end.
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(stream->Read(&message));
  }
  const int64_t before = replica_->watcher().log_reads();
  for (int i = 0; i < kReports; ++i) {
    Report(1, "区内");
    Report(2, "区外");
  }
  for (size_t i = 0; i < streams.size(); ++i) {
    const std::vector<std::string> seen = Next(*streams[i], i % 2 == 0 ? kReports : 2 * kReports);
    EXPECT_EQ(seen.size(), i % 2 == 0 ? size_t{kReports} : size_t{2 * kReports});
    EXPECT_EQ(seen[0], "issue-1#2");
  }
  EXPECT_LE(replica_->watcher().log_reads() - before, 2 * kReports);
}

TEST_F(CaseWatchTest, StopEndsTheStreamCleanly) {
  Serve();
  auto stream = Watch();
  FirstCursor(*stream);
  replica_->tail().Stop();
  const absl::Status ended = stream->Finish();
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(rpc::ReasonOf(ended), "SERVICE_STOPS");
}

// ---- Lists, counts and the timeline, through the service ----

TEST_F(CaseWatchTest, WideListsWaitForEachOtherAndForNobodyElse) {
  for (int i = 0; i < 3; ++i) Receive(i);
  db::SqlExecutor none(&replica_->pool(), 1,
                       /*max_queue=*/0);  // as when all its threads and places are taken
  Serve({}, &none);
  const auto list = [this](const std::string& text) -> absl::StatusOr<int> {
    grpc::ClientContext context;
    v1::ListCasesRequest request;
    request.set_text(text);
    v1::ListCasesResponse response;
    const grpc::Status status = replica_->cases().ListCases(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response.cases_size();
  };
  const absl::Status refused = list("用途").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rpc::ReasonOf(refused), "LISTS_TOO_WIDE");
  EXPECT_EQ(rpc::RetryAfterOf(refused), absl::Seconds(2));
  EXPECT_FALSE(rpc::LocalizedMessageOf(refused)->message().empty());
  EXPECT_EQ(list("").value_or(-1), 3);  // the newest
  Serve();
  EXPECT_EQ(list("用途").value_or(-1), 3);
}

TEST_F(CaseWatchTest, CountsSayWhereTheyEnd) {
  for (int i = 0; i < 3; ++i) Receive(i);
  Receive(3, "zm");
  Receive(4, "zm");
  Serve();
  const auto open_in = [this](const char* unit) {
    grpc::ClientContext context;
    v1::CountCasesRequest request;
    request.set_org_unit_id(unit);
    v1::CountCasesResponse response;
    const grpc::Status status = replica_->cases().CountCases(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(TimeFrom(response.counted_at()), clock_.Now());
    EXPECT_EQ(response.tabs(0).tab(), v1::CASE_TAB_OPEN);
    return std::make_pair(response.tabs(0).count(), response.tabs(0).more());
  };
  EXPECT_EQ(open_in("zm"), std::make_pair(int64_t{2}, false));
  EXPECT_EQ(open_in("js"), std::make_pair(int64_t{2}, true));
}

TEST_F(CaseWatchTest, CaseIsShownWithItsTimeline) {
  Receive(1);
  Serve();
  Report(1, "已联系");
  grpc::ClientContext context;
  v1::GetCaseRequest request;
  request.set_issue_record_id(NumberedRecordId(1));
  v1::GetCaseResponse response;
  ASSERT_TRUE(replica_->cases().GetCase(&context, request, &response).ok());
  std::vector<std::string> kinds;
  for (const v1::TimelineEntry& entry : response.timeline())
    kinds.push_back(v1::TimelineKind_Name(entry.kind()));
  EXPECT_THAT(kinds, ElementsAre("TIMELINE_KIND_EVENT", "TIMELINE_KIND_DEADLINE_PASSED",
                                 "TIMELINE_KIND_DEADLINE_PASSED", "TIMELINE_KIND_EVENT"));
  EXPECT_EQ(response.timeline(3).text_zh(), "进展：已联系");
}

}  // namespace
}  // namespace zhuqi::routing
