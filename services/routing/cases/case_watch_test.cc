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
#include "common/feed/append.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "routing_schema.h"
#include "services/routing/cases/case_service.h"
#include "services/routing/follow/intake_follower.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;

constexpr int32_t kPartitions = 2;
constexpr int32_t kPartition = 1;

std::string RecordId(int number) { return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number); }

// A stream that a test reads.
class Stream {
 public:
  Stream(v1::CaseService::Stub& stub, const v1::WatchCasesRequest& request) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
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

class CaseWatchTest : public ::testing::Test {
 protected:
  CaseWatchTest() : positions_(timer_), catalogue_(positions_), clock_(At("2024-12-31 12:00")) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(12));
    EXPECT_EQ(feed::SetUpPartitions(**pool_->Acquire(absl::InfiniteFuture()), kPartitions), absl::OkStatus());
    tail_ = std::make_unique<feed::FeedTail>(*pool_, true, absl::Milliseconds(5));
    sql_ = std::make_unique<db::SqlExecutor>(pool_.get(), 2, 1000);
    CaseWriterOptions writer;
    writer.group_commit.pool = pool_.get();
    writer.group_commit.writers = 2;
    writer.clock = &clock_;
    writer.directory = &directory_;
    writer.catalogue = &catalogue_;
    writer.tail = tail_.get();
    writer_ = std::make_unique<CaseWriter>(writer);
    follower_ = std::make_unique<IntakeFollower>(IntakeFollowerOptions{.pool = pool_.get(),
                                                                       .directory = &directory_,
                                                                       .catalogue = &catalogue_,
                                                                       .positions = &positions_,
                                                                       .tail = tail_.get(),
                                                                       .clock = &clock_,
                                                                       .logger = &telemetry::Logger::Null(),
                                                                       .metrics = &calls_.metrics(),
                                                                       .partitions = kPartitions});
    EXPECT_EQ(testing::PutInForce(*pool_, catalogue_, testing::CityCatalogue(), kNow), absl::OkStatus());
    EXPECT_EQ(follower_->Load(), absl::OkStatus());
    EXPECT_EQ(tail_->Start(), absl::OkStatus());
    feed::v1::FollowResponse message;
    message.set_head(1);
    feed::v1::Event* event = message.add_events();
    event->set_sequence(1);
    *event->mutable_directory() = testing::CityChange();
    EXPECT_EQ(follower_->ApplyDirectory(message, 0), absl::OkStatus());
  }

  ~CaseWatchTest() override {
    tail_->Stop();
    server_.reset();
    writer_->Stop();
    sql_->Stop();
  }

  // Begins to serve.
  void Serve(CaseWatcherOptions options = {}) {
    options.sql = sql_.get();
    options.tail = tail_.get();
    options.directory = &directory_;
    options.timer = &timer_;
    options.metrics = &calls_.metrics();
    options.pause = absl::Milliseconds(2);
    cases_.reset();
    watcher_.reset();
    watcher_ = std::make_unique<CaseWatcher>(options);
    cases_ = std::make_unique<CaseServer>(CaseServiceParts{.adaptor = &calls_.adaptor(),
                                                           .sql = sql_.get(),
                                                           .writer = writer_.get(),
                                                           .directory = &directory_,
                                                           .positions = &positions_,
                                                           .clock = &clock_,
                                                           .metrics = &calls_.metrics(),
                                                           .watcher = watcher_.get(),
                                                           .most_counted = 2});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{cases_.get()});
    stub_ = v1::CaseService::NewStub(server_->channel());
  }

  // Issue "issue-<number>" of `unit` becomes a case.
  void Receive(int number, const std::string& unit = "js", const std::string& category = "land") {
    feed::v1::FollowResponse message;
    message.set_partition(kPartition);
    message.set_head(++received_);
    feed::v1::Event* event = message.add_events();
    event->set_sequence(received_);
    event->set_directory_sequence(1);
    *event->mutable_record() = testing::Issue(RecordId(number), absl::StrCat("issue-", number));
    event->mutable_record()->mutable_after()->set_org_unit_id(unit);
    event->mutable_record()->mutable_after()->set_category_id(category);
    ASSERT_EQ(follower_->ApplyRecords(message, received_ - 1), absl::OkStatus());
  }

  absl::StatusOr<v1::ActOnCaseResponse> Act(int number, const v1::CaseAction& action) {
    grpc::ClientContext context;
    v1::ActOnCaseRequest request;
    request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
    *request.mutable_action() = action;
    v1::ActOnCaseResponse response;
    const grpc::Status status = stub_->ActOnCase(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  void Report(int number, const std::string& text) {
    v1::CaseAction action;
    action.mutable_report_progress()->set_text(text);
    const auto done = Act(number, action);
    ASSERT_TRUE(done.ok()) << done.status();
  }

  std::unique_ptr<Stream> Watch(const std::string& cursor = "", const std::string& unit = "",
                                const std::string& department = "") {
    v1::WatchCasesRequest request;
    request.set_cursor(cursor);
    request.set_org_unit_id(unit);
    request.set_department_id(department);
    return std::make_unique<Stream>(*stub_, request);
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
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  CatalogueHolder catalogue_;
  FakeClock clock_;
  std::unique_ptr<db::Pool> pool_;
  std::unique_ptr<feed::FeedTail> tail_;
  std::unique_ptr<db::SqlExecutor> sql_;
  std::unique_ptr<CaseWriter> writer_;
  std::unique_ptr<IntakeFollower> follower_;
  std::unique_ptr<CaseWatcher> watcher_;
  std::unique_ptr<CaseServer> cases_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::CaseService::Stub> stub_;
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

TEST_F(CaseWatchTest, NoChangeIsLostOrToldTwiceHoweverOftenTheStreamIsTakenUpAgain) {
  constexpr int kCases = 4;
  constexpr int kActions = 60;
  for (int i = 0; i < kCases; ++i) Receive(i);
  Serve();
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

TEST_F(CaseWatchTest, SlowWatcherIsToldAndGoesOnFromItsCursor) {
  Receive(1);
  Serve();
  std::string start;
  {
    auto stream = Watch();
    start = FirstCursor(*stream);
  }
  Report(1, "一");
  server_.reset();
  CaseWatcherOptions options;
  options.longest_write = -absl::Seconds(1);  // none is fast enough
  Serve(options);
  auto slow = Watch(start);
  const std::string reached = FirstCursor(*slow);
  const absl::Status ended = slow->Finish();
  EXPECT_EQ(ended.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rpc::ReasonOf(ended), "WATCHER_TOO_SLOW");
  server_.reset();
  Serve();
  auto again = Watch(reached);
  EXPECT_THAT(Next(*again, 1), ElementsAre("issue-1#2"));
}

TEST_F(CaseWatchTest, StopEndsTheStreamCleanly) {
  Serve();
  auto stream = Watch();
  FirstCursor(*stream);
  tail_->Stop();
  const absl::Status ended = stream->Finish();
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(rpc::ReasonOf(ended), "SERVICE_STOPS");
}

// ---- Counts and the timeline, through the service ----

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
    const grpc::Status status = stub_->CountCases(&context, request, &response);
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
  request.set_issue_record_id(RecordId(1));
  v1::GetCaseResponse response;
  ASSERT_TRUE(stub_->GetCase(&context, request, &response).ok());
  std::vector<std::string> kinds;
  for (const v1::TimelineEntry& entry : response.timeline())
    kinds.push_back(v1::TimelineKind_Name(entry.kind()));
  EXPECT_THAT(kinds, ElementsAre("TIMELINE_KIND_EVENT", "TIMELINE_KIND_DEADLINE_PASSED",
                                 "TIMELINE_KIND_DEADLINE_PASSED", "TIMELINE_KIND_EVENT"));
  EXPECT_EQ(response.timeline(3).text_zh(), "进展：已联系");
}

}  // namespace
}  // namespace zhuqi::routing
