// The parts of routing together, on a real database: what is written once, what is never lost, what other
// replicas see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/db/errors.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/feed_service.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "routing_schema.h"
#include "services/routing/cases/case_service.h"
#include "services/routing/catalogue/catalogue_service.h"
#include "services/routing/catalogue/catalogue_watcher.h"
#include "services/routing/follow/directory_recounter.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/follow/intake_follower.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr int32_t kPartitions = 2;
constexpr int32_t kPartition = 1;  // that the tests' records stand in
const absl::Time kNow = At("2024-12-31 12:00");
const absl::Duration kPatience = absl::Seconds(30);

std::string NewId() { return Uuid::NewV7(absl::Now()).ToString(); }

// One replica of the service, with its own everything but the database.
class Replica {
 public:
  explicit Replica(const ::zhuqi::testing::TestDatabase& database)
      : pool_(*db::Pool::Create(database.options(12))),
        positions_(timer_),
        catalogue_(positions_),
        clock_(kNow) {
    {
      db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
      EXPECT_EQ(feed::SetUpPartitions(*lease, kPartitions), absl::OkStatus());
    }
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
    recounter_ =
        std::make_unique<DirectoryRecounter>(DirectoryRecounterOptions{.pool = pool_.get(),
                                                                       .directory = &directory_,
                                                                       .catalogue = &catalogue_,
                                                                       .tail = tail_.get(),
                                                                       .clock = &clock_,
                                                                       .logger = &telemetry::Logger::Null(),
                                                                       .metrics = &calls_.metrics(),
                                                                       .page_size = 4,
                                                                       .interval = absl::Milliseconds(5)});
    catalogue_watcher_ = std::make_unique<CatalogueWatcher>(*pool_, catalogue_, clock_,
                                                            telemetry::Logger::Null(), absl::Milliseconds(5));
    positions_.Follows("intake");
    positions_.Follows(kCatalogueSource);
    tail_->OnChange([this](const feed::TailSnapshot& snapshot) { follower_->NoteApplied(snapshot); });
    EXPECT_EQ(follower_->Load(), absl::OkStatus());
    EXPECT_EQ(catalogue_.Refresh(*pool_, CityDay(kNow), absl::InfiniteFuture()), absl::OkStatus());
    EXPECT_EQ(tail_->Start(), absl::OkStatus());
    catalogue_watcher_->Start();
    cases_ = std::make_unique<CaseServer>(CaseServiceParts{
        &calls_.adaptor(), sql_.get(), writer_.get(), &directory_, &positions_, &clock_, &calls_.metrics()});
    catalogues_ = std::make_unique<CatalogueServer>(
        CatalogueServiceParts{&calls_.adaptor(), sql_.get(), &catalogue_, &directory_, &positions_, &clock_});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(
        std::vector<grpc::Service*>{cases_.get(), catalogues_.get()});
    case_stub_ = v1::CaseService::NewStub(server_->channel());
    catalogue_stub_ = v1::CatalogueService::NewStub(server_->channel());
  }

  ~Replica() {
    follower_->Stop();
    recounter_->Stop();
    catalogue_watcher_->Stop();
    tail_->Stop();
    server_.reset();
    writer_->Stop();
    sql_->Stop();
  }

  IntakeFollower& follower() { return *follower_; }
  // Not started: a test takes pages, or starts it.
  DirectoryRecounter& recounter() { return *recounter_; }
  const feed::Positions& positions() const { return positions_; }
  db::Pool& pool() { return *pool_; }

  absl::StatusOr<v1::ActOnCaseResponse> Act(const v1::ActOnCaseRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::ActOnCaseResponse response;
    const grpc::Status status = case_stub_->ActOnCase(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::ActOnCasesResponse> ActAll(const v1::ActOnCasesRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::ActOnCasesResponse response;
    const grpc::Status status = case_stub_->ActOnCases(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::Case> Get(const std::string& external_id, const std::string& token = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::GetCaseRequest request;
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(external_id);
    request.set_at_least_token(token);
    v1::GetCaseResponse response;
    const grpc::Status status = case_stub_->GetCase(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response.case_();
  }
  absl::StatusOr<v1::ListCasesResponse> List(const v1::ListCasesRequest& request) {
    grpc::ClientContext context;
    v1::ListCasesResponse response;
    const grpc::Status status = case_stub_->ListCases(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::ApplyCatalogueResponse> Apply(const v1::Catalogue& catalogue,
                                                   const std::string& request_id,
                                                   bool validate_only = false) {
    grpc::ClientContext context;
    v1::ApplyCatalogueRequest request;
    request.set_request_id(request_id);
    *request.mutable_catalogue() = catalogue;
    request.set_validate_only(validate_only);
    v1::ApplyCatalogueResponse response;
    const grpc::Status status = catalogue_stub_->ApplyCatalogue(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::Catalogue> GetCatalogue(int64_t version, const std::string& token = "") {
    grpc::ClientContext context;
    v1::GetCatalogueRequest request;
    request.set_version(version);
    request.set_at_least_token(token);
    v1::GetCatalogueResponse response;
    const grpc::Status status = catalogue_stub_->GetCatalogue(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response.catalogue();
  }
  absl::StatusOr<v1::RouteDecision> Explain(const v1::RouteInputs& inputs, const std::string& token = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::ExplainRouteRequest request;
    *request.mutable_inputs() = inputs;
    request.set_at_least_token(token);
    v1::ExplainRouteResponse response;
    const grpc::Status status = catalogue_stub_->ExplainRoute(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response.decision();
  }

  absl::StatusOr<v1::ExplainRouteResponse> ExplainText(const v1::ExplainRouteRequest& request) {
    grpc::ClientContext context;
    v1::ExplainRouteResponse response;
    const grpc::Status status = catalogue_stub_->ExplainRoute(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::DiffCatalogueResponse> Diff(const v1::Catalogue& draft, int64_t version = 0) {
    grpc::ClientContext context;
    v1::DiffCatalogueRequest request;
    *request.mutable_catalogue() = draft;
    request.set_version(version);
    v1::DiffCatalogueResponse response;
    const grpc::Status status = catalogue_stub_->DiffCatalogue(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::SimulateCatalogueResponse> Simulate(const v1::SimulateCatalogueRequest& request) {
    grpc::ClientContext context;
    v1::SimulateCatalogueResponse response;
    const grpc::Status status = catalogue_stub_->SimulateCatalogue(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  FakeClock& clock() { return clock_; }

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

 private:
  std::unique_ptr<db::Pool> pool_;
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  CatalogueHolder catalogue_;
  FakeClock clock_;
  std::unique_ptr<feed::FeedTail> tail_;
  std::unique_ptr<db::SqlExecutor> sql_;
  std::unique_ptr<CaseWriter> writer_;
  std::unique_ptr<IntakeFollower> follower_;
  std::unique_ptr<DirectoryRecounter> recounter_;
  std::unique_ptr<CatalogueWatcher> catalogue_watcher_;
  std::unique_ptr<CaseServer> cases_;
  std::unique_ptr<CatalogueServer> catalogues_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::CaseService::Stub> case_stub_;
  std::unique_ptr<v1::CatalogueService::Stub> catalogue_stub_;
};

// Messages of intake's feed.
feed::v1::FollowResponse DirectoryMessage() {
  feed::v1::FollowResponse message;
  message.set_head(1);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(1);
  *event->mutable_directory() = testing::CityChange();
  return message;
}

feed::v1::FollowResponse CalendarMessage() {
  feed::v1::FollowResponse message;
  message.set_head(2);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(2);
  *event->mutable_directory() = testing::CalendarChange();
  return message;
}

feed::v1::FollowResponse RecordMessage(int64_t first, const std::vector<feed::v1::RecordChanged>& records) {
  feed::v1::FollowResponse message;
  message.set_partition(kPartition);
  for (const feed::v1::RecordChanged& record : records) {
    feed::v1::Event* event = message.add_events();
    event->set_sequence(first++);
    event->set_directory_sequence(1);
    *event->mutable_record() = record;
  }
  message.set_head(first - 1);
  return message;
}

std::string RecordId(int number) { return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number); }
feed::v1::RecordChanged NumberedIssue(int number) {
  return testing::Issue(RecordId(number), absl::StrCat("issue-", number));
}

v1::ActOnCaseRequest Action(const std::string& external_id) {
  v1::ActOnCaseRequest request;
  request.set_request_id(NewId());
  request.mutable_issue_key()->set_source_system("js-system");
  request.mutable_issue_key()->set_external_id(external_id);
  return request;
}
v1::ActOnCaseRequest Accept(const std::string& external_id) {
  v1::ActOnCaseRequest request = Action(external_id);
  request.mutable_action()->mutable_accept();
  return request;
}
v1::ActOnCaseRequest Report(const std::string& external_id, const std::string& text) {
  v1::ActOnCaseRequest request = Action(external_id);
  request.mutable_action()->mutable_report_progress()->set_text(text);
  return request;
}

class RoutingTest : public ::testing::Test {
 protected:
  RoutingTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<Replica>(database_);
  }

  // Directory and catalogue in force.
  void SetUpCity() {
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(), 0), absl::OkStatus());
    EXPECT_EQ(replica_->Apply(testing::CityCatalogue(), NewId()).status(), absl::OkStatus());
  }
  // And `count` cases "issue-0" …
  void SetUpCases(int count) {
    SetUpCity();
    std::vector<feed::v1::RecordChanged> records;
    for (int i = 0; i < count; ++i) records.push_back(NumberedIssue(i));
    EXPECT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<Replica> replica_;
};

// ---- Following intake ----

TEST_F(RoutingTest, IssueBecomesACaseAndTheFeedIsTold) {
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

TEST_F(RoutingTest, MessageAppliedTwiceMakesOneCase) {
  SetUpCases(1);
  const absl::Status again = replica_->follower().ApplyRecords(RecordMessage(1, {NumberedIssue(0)}), 0);
  EXPECT_TRUE(feed::IsCursorMoved(again)) << again;
  EXPECT_EQ(replica_->Count("cases"), 1);
  EXPECT_EQ(replica_->Count("case_events"), 1);
  EXPECT_EQ(replica_->Events(kPartition).size(), 1u);
}

TEST_F(RoutingTest, RecordsThatAreNoIssuesMoveTheCursorAlone) {
  SetUpCity();
  feed::v1::RecordChanged visit;
  visit.mutable_after()->set_record_id(RecordId(7));
  visit.mutable_after()->set_kind(intake::v1::RECORD_KIND_VISIT);
  EXPECT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, {visit, NumberedIssue(0)}), 0),
            absl::OkStatus());
  EXPECT_EQ(replica_->Count("cases"), 1);
  EXPECT_EQ(replica_->positions().Get("intake", kPartition), 2);
}

TEST_F(RoutingTest, EventsOfKindsThatAreNotKnownOrNotNeededArePassedOver) {
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

TEST_F(RoutingTest, IssueReceivedAndRevisedInOneMessage) {
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

TEST_F(RoutingTest, WithdrawnIssueClosesItsCaseAndComesBackWithItsHistory) {
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

TEST_F(RoutingTest, CorrectedReceiptReachesFactsListsAndHistory) {
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

TEST_F(RoutingTest, DirectoryIsThereAfterARestart) {
  SetUpCity();
  replica_ = std::make_unique<Replica>(database_);
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id("land");
  inputs.set_org_unit_id("js-t");
  const auto decision = replica_->Explain(inputs);
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->lead_department_id(), "js.planning");
  EXPECT_EQ(replica_->positions().Get("intake", 0), 1);
}

TEST_F(RoutingTest, TheOtherReplicaAppliesAndThisOneKnows) {
  Replica other(database_);
  SetUpCases(1);
  const std::string token =
      feed::MakeToken({feed::Position("intake", 0, 1), feed::Position("intake", kPartition, 1)});
  const auto found = other.Get("issue-0", token);
  ASSERT_TRUE(found.ok()) << found.status();
  // Its directory is here too: what can be done depends on it.
  EXPECT_THAT(found->allowed_actions(), ::testing::Contains("escalate"));
}

// ---- Reorganizations ----

// The directory's second event: "js" was merged into "zm", and its departments ended.
feed::v1::FollowResponse MergeMessage() {
  feed::v1::FollowResponse message;
  message.set_partition(0);
  message.set_head(2);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(2);
  feed::v1::DirectoryChanged& change = *event->mutable_directory();
  const feed::v1::DirectoryChanged city = testing::CityChange();
  for (const auto& unit : city.org_units()) {
    if (unit.org_unit_id() == "js") *change.add_org_units() = unit;
  }
  directory::v1::OrgUnit& ended = *change.mutable_org_units(0);
  *ended.mutable_closed_on() = DateMessage(absl::CivilDay(2024, 5, 31));
  ended.set_closing_reason("merged into zm: 郑政〔2024〕8号");
  ended.add_successor_ids("zm");
  for (const auto& department : city.departments()) {
    if (department.org_unit_id() != "js") continue;
    *change.add_departments() = department;
    *change.mutable_departments(change.departments_size() - 1)->mutable_closed_on() = ended.closed_on();
  }
  return message;
}

// Brings what the directory changed to all open cases.
void TakeAllPages(Replica& replica) {
  absl::StatusOr<bool> worked = true;
  while (worked.ok() && *worked) worked = replica.recounter().RecountPage();
  EXPECT_EQ(worked.status(), absl::OkStatus());
}

TEST_F(RoutingTest, OpenCasesOfAMergedUnitGoOverOnce) {
  SetUpCases(9);  // more than two pages of them
  TakeAllPages(*replica_);
  ASSERT_TRUE(replica_->Act(Accept("issue-0")).ok());
  v1::ActOnCaseRequest explain = Action("issue-0");
  explain.mutable_action()->mutable_explain()->set_text("已答复");
  ASSERT_TRUE(replica_->Act(explain).ok());
  const size_t events_before = replica_->Events(kPartition).size();
  ASSERT_EQ(replica_->follower().ApplyDirectory(MergeMessage(), 1), absl::OkStatus());
  TakeAllPages(*replica_);
  const auto found = replica_->Get("issue-1");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->owner_org_unit_id(), "zm");
  EXPECT_EQ(found->lead_department_id(), "zm.planning");
  ASSERT_EQ(found->history_size(), 2);
  EXPECT_EQ(found->history(1).handed_over().reason(), "merged into zm: 郑政〔2024〕8号");
  EXPECT_EQ(replica_->Get("issue-0")->owner_org_unit_id(), "js");  // closed: left as it ended
  EXPECT_EQ(replica_->Count("cases WHERE owner_org_unit_id = 'zm'"), 8);
  EXPECT_EQ(replica_->Events(kPartition).size(), events_before + 8);
  // What counts did not change, so figures stay with the unit where it happened.
  const auto event = replica_->Events(kPartition).back();
  EXPECT_EQ(event.case_changed().after().org_unit_id(), "js");
  EXPECT_EQ(event.directory_sequence(), 2);
  replica_ = std::make_unique<Replica>(database_);
  TakeAllPages(*replica_);
  EXPECT_EQ(replica_->Events(kPartition).size(), events_before + 8);
}

TEST_F(RoutingTest, CaseThatIsActedOnBeforeItsPageGoesOverFirst) {
  SetUpCases(1);
  ASSERT_EQ(replica_->follower().ApplyDirectory(MergeMessage(), 1), absl::OkStatus());
  ASSERT_TRUE(replica_->Act(Accept("issue-0")).ok());
  const auto found = replica_->Get("issue-0");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->history_size(), 3);
  EXPECT_TRUE(found->history(1).has_handed_over());
  EXPECT_TRUE(found->history(2).action().has_accept());
  EXPECT_EQ(found->lead_department_id(), "zm.planning");
  EXPECT_EQ(found->state(), v1::PROCESS_STATE_IN_PROGRESS);
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
    EXPECT_EQ(db::RunTransaction(
                  *pool_, {},
                  [&](db::Transaction& transaction) { return feed::Append(transaction, kNow, events); }),
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

TEST_F(RoutingTest, IssuesWaitForACatalogueWhileTheDirectoryGoesOn) {
  FakeIntake intake;
  intake.Append(RecordMessage(1, {NumberedIssue(0)}));
  replica_->follower().Start(intake.channel());
  // The issue was checked with a directory that has not come yet.
  intake.Append(DirectoryMessage());
  const absl::Time give_up = absl::Now() + kPatience;
  while (!replica_->follower().waits_for_catalogue() && absl::Now() < give_up) std::this_thread::yield();
  EXPECT_TRUE(replica_->follower().waits_for_catalogue());
  EXPECT_EQ(replica_->positions().Get("intake", 0), 1);
  EXPECT_EQ(replica_->Count("cases"), 0);
  EXPECT_EQ(replica_->follower().events_behind(), 1);
  EXPECT_EQ(replica_->Apply(testing::CityCatalogue(), NewId()).status(), absl::OkStatus());
  const auto found = replica_->Get("issue-0", feed::MakeToken({feed::Position("intake", kPartition, 1)}));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(replica_->follower().waits_for_catalogue());
  EXPECT_EQ(replica_->follower().events_behind(), 0);
}

TEST_F(RoutingTest, TwoReplicasFollowAndEveryIssueBecomesOneCase) {
  Replica other(database_);
  FakeIntake intake;
  intake.Append(DirectoryMessage());
  replica_->follower().Start(intake.channel());
  other.follower().Start(intake.channel());
  const auto directory = replica_->Get("none", feed::MakeToken({feed::Position("intake", 0, 1)}));
  EXPECT_EQ(rpc::ReasonOf(directory.status()), "CASE_UNKNOWN");
  EXPECT_EQ(replica_->Apply(testing::CityCatalogue(), NewId()).status(), absl::OkStatus());
  std::string token;
  for (int i = 0; i < 60; ++i)
    token = intake.Append(RecordMessage(0, {NumberedIssue(2 * i), NumberedIssue(2 * i + 1)}));
  for (Replica* replica : {replica_.get(), &other}) {
    const auto last = replica->Get("issue-119", token);
    EXPECT_TRUE(last.ok()) << last.status();
  }
  EXPECT_EQ(replica_->Count("cases"), 120);
  EXPECT_EQ(replica_->Count("case_events"), 120);
  EXPECT_EQ(replica_->Events(kPartition).size(), 120u);
}

// ---- A changed calendar ----

// Every case's facts in the feed form one unbroken chain. Returns the last facts of each case.
std::map<std::string, feed::v1::CaseFacts> FactsInTheFeed(Replica& replica) {
  std::map<std::string, feed::v1::CaseFacts> last;
  for (const feed::v1::Event& event : replica.Events(kPartition)) {
    const feed::v1::CaseChanged& change = event.case_changed();
    feed::v1::CaseFacts& facts = last[change.after().case_id()];
    EXPECT_EQ(change.before().SerializeAsString(), facts.SerializeAsString());
    facts = change.after();
  }
  return last;
}

int Moves(const v1::Case& item) {
  return static_cast<int>(
      std::count_if(item.history().begin(), item.history().end(),
                    [](const v1::CaseEvent& event) { return event.has_deadlines_moved(); }));
}

class CalendarTest : public RoutingTest {
 protected:
  void ApplyCalendar() {
    EXPECT_EQ(replica_->follower().ApplyDirectory(CalendarMessage(), 1), absl::OkStatus());
  }
  void ExpectEachMovedOnce(int cases) {
    for (int i = 0; i < cases; ++i) EXPECT_EQ(Moves(*replica_->Get(absl::StrCat("issue-", i))), 1) << i;
    const auto facts = FactsInTheFeed(*replica_);
    EXPECT_EQ(facts.size(), static_cast<size_t>(cases));
    for (const auto& [id, last] : facts) {
      EXPECT_EQ(TimeFrom(last.handling_due_at()), At("2024-05-16 17:00"));
    }
    EXPECT_EQ(replica_->Count("directory_recounts"), 0);
  }
};

TEST_F(CalendarTest, ANoticeThatMovesDeadlinesCorrectsTheFactsAndTheHistorySaysWhy) {
  SetUpCases(1);
  ApplyCalendar();
  TakeAllPages(*replica_);
  const auto found = replica_->Get("issue-0");
  ASSERT_EQ(found->history_size(), 2);
  const v1::DeadlinesMoved& moved = found->history(1).deadlines_moved();
  ASSERT_EQ(moved.deadlines_size(), 1);
  EXPECT_EQ(TimeFrom(moved.deadlines(0).before()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(moved.deadlines(0).after()), At("2024-05-16 17:00"));
  const auto events = replica_->Events(kPartition);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].directory_sequence(), 2);
  EXPECT_EQ(TimeFrom(events[1].case_changed().before().handling_due_at()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(events[1].case_changed().after().handling_due_at()), At("2024-05-16 17:00"));
  v1::ListCasesRequest due;
  *due.mutable_due()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 16));
  EXPECT_EQ(replica_->List(due)->cases_size(), 1);
}

TEST_F(CalendarTest, EveryCaseIsToldOnceThoughTheServiceDiesBetweenPages) {
  SetUpCases(11);
  ApplyCalendar();
  EXPECT_EQ(*replica_->recounter().RecountPage(), true);
  EXPECT_EQ(replica_->Events(kPartition).size(), 11u + 4u);
  replica_ = std::make_unique<Replica>(database_);
  EXPECT_EQ(*replica_->recounter().RecountPage(), true);
  replica_ = std::make_unique<Replica>(database_);
  TakeAllPages(*replica_);
  ExpectEachMovedOnce(11);
}

TEST_F(CalendarTest, TwoReplicasShareThePagesAndActionsGoOn) {
  constexpr int kCases = 40;
  SetUpCases(kCases);
  Replica other(database_);
  replica_->recounter().Start();
  other.recounter().Start();
  ApplyCalendar();
  // Meanwhile each replica acts on cases, before their page or after it.
  std::thread acts([&] {
    for (int i = kCases - 1; i >= 0; i -= 3) {
      EXPECT_EQ(other.Act(Accept(absl::StrCat("issue-", i))).status(), absl::OkStatus());
    }
  });
  for (int i = 0; i < kCases; i += 3) {
    EXPECT_EQ(replica_->Act(Report(absl::StrCat("issue-", i), "进展")).status(), absl::OkStatus());
  }
  acts.join();
  const absl::Time give_up = absl::Now() + kPatience;
  while (replica_->Count("directory_recounts") > 0 && absl::Now() < give_up) std::this_thread::yield();
  ExpectEachMovedOnce(kCases);
}

TEST_F(CalendarTest, AnActionBeforeItsPageMovesNoDeadlineInSilence) {
  SetUpCases(1);
  ApplyCalendar();
  v1::ActOnCaseRequest accept = Accept("issue-0");
  accept.set_etag(replica_->Get("issue-0")->etag());  // what the caller saw still stands
  ASSERT_EQ(replica_->Act(accept).status(), absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  ASSERT_EQ(found->sequence(), 3);
  EXPECT_EQ(Moves(*found), 1);
  TakeAllPages(*replica_);
  ExpectEachMovedOnce(1);
}

TEST_F(CalendarTest, ARevisionBeforeItsPageMovesNoDeadlineInSilence) {
  SetUpCases(1);
  ApplyCalendar();
  feed::v1::RecordChanged revised = NumberedIssue(0);
  *revised.mutable_before() = revised.after();
  revised.mutable_after()->set_revision(2);
  revised.mutable_issue()->set_title("改正后的标题");
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(2, {revised}), 1), absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  ASSERT_EQ(found->history_size(), 3);
  EXPECT_TRUE(found->history(1).has_deadlines_moved());
  EXPECT_TRUE(found->history(2).has_issue_revised());
  TakeAllPages(*replica_);
  ExpectEachMovedOnce(1);
}

TEST_F(CalendarTest, ClosedCasesStayAsTheyWereDecided) {
  SetUpCases(1);
  ASSERT_EQ(replica_->Act(Accept("issue-0")).status(), absl::OkStatus());
  v1::ActOnCaseRequest explain = Action("issue-0");
  explain.mutable_action()->mutable_explain()->set_text("政策不适用");
  ASSERT_EQ(replica_->Act(explain).status(), absl::OkStatus());
  ApplyCalendar();
  TakeAllPages(*replica_);
  const auto found = replica_->Get("issue-0");
  EXPECT_EQ(Moves(*found), 0);
  EXPECT_EQ(TimeFrom(found->clocks(1).deadline()), At("2024-05-15 17:00"));
}

TEST_F(CalendarTest, NothingIsWrittenWithACalendarThatAnotherReplicaReplaced) {
  SetUpCases(1);
  DirectoryHolder behind;
  db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
  ASSERT_EQ(RefreshDirectory(*lease, behind), absl::OkStatus());
  ApplyCalendar();
  EXPECT_EQ(behind.Get()->calendar_version(), 1);
  EXPECT_EQ((*DirectoryInForce(*lease, behind))->calendar_version(), 2);
}

// ---- Acting ----

TEST_F(RoutingTest, RepeatedRequestGetsTheFirstAnswer) {
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

TEST_F(RoutingTest, FeedIsToldBeforeAndAfter) {
  SetUpCases(1);
  ASSERT_TRUE(replica_->Act(Accept("issue-0")).ok());
  const auto events = replica_->Events(kPartition);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].case_changed().before().SerializeAsString(),
            events[0].case_changed().after().SerializeAsString());
  EXPECT_EQ(events[1].case_changed().after().state(), v1::PROCESS_STATE_IN_PROGRESS);
}

TEST_F(RoutingTest, StaleEtagIsRefusedAndNothingStored) {
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

TEST_F(RoutingTest, BadActionsAreRefusedWithTheirReasons) {
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

TEST_F(RoutingTest, LateActionStandsInTheHistoryInItsPlace) {
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

// Each of the two replicas gets actions on the same few cases at once.
TEST_F(RoutingTest, ManyActionsHaveAResultEachAndOneThatIsRefusedTakesNoOtherDown) {
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

TEST_F(RoutingTest, ManyActionsAreBounded) {
  v1::ActOnCasesRequest request;
  EXPECT_EQ(rpc::ReasonOf(replica_->ActAll(request).status()), "ACTIONS_OUT_OF_RANGE");
  for (int i = 0; i < 201; ++i) *request.add_actions() = Accept("issue-0");
  EXPECT_EQ(rpc::ReasonOf(replica_->ActAll(request).status()), "ACTIONS_OUT_OF_RANGE");
  request.mutable_actions()->DeleteSubrange(2, 199);
  request.mutable_actions(1)->set_request_id(request.actions(0).request_id());
  EXPECT_EQ(rpc::ReasonOf(replica_->ActAll(request).status()), "REQUEST_ID_REPEATED");
}

TEST_F(RoutingTest, AnObjectionIsReadBackWithTheOwnerUnchanged) {
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

TEST_F(RoutingTest, TwoReplicasActingOnOneCaseLoseNothing) {
  constexpr int kCases = 3;
  constexpr int kActions = 30;
  SetUpCases(kCases);
  Replica other(database_);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Replica& replica = t % 2 == 0 ? *replica_ : other;
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

// ---- Listing ----

TEST_F(RoutingTest, PagesHoldEveryCaseOnceNewestFirst) {
  SetUpCity();
  std::vector<feed::v1::RecordChanged> records;
  for (int i = 0; i < 25; ++i) {
    records.push_back(NumberedIssue(i));
    // Several at one instant: the identity decides between them.
    *records.back().mutable_issue()->mutable_raised_at() =
        TimestampMessage(At("2024-05-06 09:00") + absl::Minutes(i / 4));
  }
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
  v1::ListCasesRequest request;
  request.set_page_size(7);
  request.set_include_total(true);
  std::set<std::string> seen;
  absl::Time newest = absl::InfiniteFuture();
  int pages = 0;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->total(), 25);
    for (const v1::Case& each : page->cases()) {
      EXPECT_TRUE(seen.insert(each.case_id()).second);
      EXPECT_LE(TimeFrom(each.received_at()), newest);
      EXPECT_EQ(each.history_size(), 0);
      newest = TimeFrom(each.received_at());
    }
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(pages, 4);
}

TEST_F(RoutingTest, PagesOfLongTextsFitIntoAMessageAndNoCaseIsLost) {
  constexpr int kCases = 400;  // with 12 KB each, more than the 4 MiB that a channel receives
  SetUpCity();
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "长";
  std::vector<feed::v1::RecordChanged> records;
  for (int i = 0; i < kCases; ++i) {
    records.push_back(NumberedIssue(i));
    records.back().mutable_issue()->set_text(text);
  }
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
  v1::ListCasesRequest request;
  request.set_page_size(500);
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->ByteSizeLong(), size_t{2 << 20} + 1024);
    EXPECT_GT(page->cases_size(), 0);
    for (const v1::Case& each : page->cases()) EXPECT_TRUE(seen.insert(each.case_id()).second);
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < kCases);
  EXPECT_EQ(seen.size(), static_cast<size_t>(kCases));
  EXPECT_EQ(pages, 3);
}

TEST_F(RoutingTest, PageTokenOfAnotherFilterIsRefused) {
  SetUpCases(3);
  v1::ListCasesRequest request;
  request.set_page_size(1);
  request.set_page_token(replica_->List(request)->next_page_token());
  EXPECT_TRUE(replica_->List(request).ok());
  request.set_org_unit_id("js");
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_SIZE_NEGATIVE");
}

common::v1::DateSpan Days(absl::CivilDay first, absl::CivilDay last) {
  common::v1::DateSpan span;
  *span.mutable_first() = DateMessage(first);
  *span.mutable_last() = DateMessage(last);
  return span;
}

class ListFilterTest : public RoutingTest {
 protected:
  // issue-0: js land, escalated, convened, resolved and closed. issue-1: zm fire (led by the city). issue-2:
  // js-t tax, a need, in progress. issue-3: js land, reached and not resolved.
  ListFilterTest() {
    SetUpCity();
    std::vector<feed::v1::RecordChanged> records;
    for (int i = 0; i < 4; ++i) records.push_back(NumberedIssue(i));
    records[1].mutable_after()->set_org_unit_id("zm");
    records[1].mutable_after()->set_category_id("fire");
    records[2].mutable_after()->set_org_unit_id("js-t");
    records[2].mutable_after()->set_category_id("tax");
    records[2].mutable_after()->set_issue_kind(intake::v1::ISSUE_KIND_NEED);
    *records[2].mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-06-03 09:00"));
    EXPECT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
    Do("issue-0", "2024-05-07 10:00", [](v1::CaseAction& action) { action.mutable_accept(); });
    Do("issue-0", "2024-05-08 10:00",
       [](v1::CaseAction& action) { action.mutable_escalate()->set_reason("跨级"); });
    Do("issue-0", "2024-05-09 10:00", [](v1::CaseAction& action) {
      action.mutable_convene()->add_department_ids("zz.planning");
      action.mutable_convene()->set_decision("办理");
    });
    Do("issue-0", "2024-05-10 10:00",
       [](v1::CaseAction& action) { action.mutable_resolve()->set_text("已办"); });
    Do("issue-0", "2024-05-11 10:00", [](v1::CaseAction& action) {
      action.mutable_call_back()->set_contacted(true);
      action.mutable_call_back()->set_resolved(true);
    });
    Do("issue-0", "2024-05-12 10:00", [](v1::CaseAction& action) { action.mutable_close(); });
    Do("issue-2", "2024-06-03 10:00", [](v1::CaseAction& action) { action.mutable_accept(); });
    Do("issue-3", "2024-05-07 10:00", [](v1::CaseAction& action) { action.mutable_accept(); });
    Do("issue-3", "2024-05-08 10:00",
       [](v1::CaseAction& action) { action.mutable_resolve()->set_text("已办"); });
    Do("issue-3", "2024-05-20 10:00",
       [](v1::CaseAction& action) { action.mutable_call_back()->set_contacted(true); });
  }

  void Do(const std::string& external_id, absl::string_view at,
          const std::function<void(v1::CaseAction&)>& fill) {
    v1::ActOnCaseRequest request = Action(external_id);
    *request.mutable_occurred_at() = TimestampMessage(At(at));
    fill(*request.mutable_action());
    const auto answer = replica_->Act(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
  }

  std::vector<std::string> Find(const std::function<void(v1::ListCasesRequest&)>& fill) {
    v1::ListCasesRequest request;
    fill(request);
    request.set_include_total(true);
    const auto page = replica_->List(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> found;
    if (!page.ok()) return found;
    for (const v1::Case& each : page->cases()) found.push_back(each.issue_key().external_id());
    EXPECT_EQ(page->total(), static_cast<int64_t>(found.size()));
    return found;
  }
};

TEST_F(ListFilterTest, EveryFilterFindsWhatItNames) {
  using R = v1::ListCasesRequest;
  const auto day = [](int month, int number) { return absl::CivilDay(2024, month, number); };
  EXPECT_THAT(Find([](R&) {}), UnorderedElementsAre("issue-0", "issue-1", "issue-2", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("zz"); }),
              UnorderedElementsAre("issue-0", "issue-1", "issue-2", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js"); }),
              UnorderedElementsAre("issue-0", "issue-2", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js-t"); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([](R& r) { r.set_owner_org_unit_id("zz"); }), UnorderedElementsAre("issue-0", "issue-1"));
  EXPECT_THAT(Find([](R& r) { r.set_lead_department_id("js.planning"); }), ElementsAre("issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_lead_function("planning"); }),
              UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_lead_function(""); }), ElementsAre());
  EXPECT_THAT(Find([](R& r) { r.set_state(v1::PROCESS_STATE_AWAITING_ACCEPTANCE); }), ElementsAre("issue-1"));
  EXPECT_THAT(Find([](R& r) { r.set_outcome(v1::OUTCOME_NOT_RESOLVED); }), ElementsAre("issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_issue_kind(intake::v1::ISSUE_KIND_NEED); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([](R& r) { r.set_category_id("land"); }), UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_category_id("land.change-of-use"); }),
              UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_exact_category_id("land"); }), ElementsAre());
  EXPECT_THAT(Find([](R& r) { r.set_exact_category_id("tax"); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([](R& r) { r.set_exact_category_id(""); }), ElementsAre());
  EXPECT_THAT(Find([&](R& r) { *r.mutable_received() = Days(day(6, 1), day(6, 30)); }),
              ElementsAre("issue-2"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_closed() = Days(day(5, 12), day(5, 12)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_resolved() = Days(day(5, 11), day(5, 11)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_resolved() = Days(day(5, 12), day(5, 12)); }), ElementsAre());
  EXPECT_THAT(Find([&](R& r) { *r.mutable_escalated() = Days(day(5, 8), day(5, 8)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_consulted() = Days(day(5, 9), day(5, 9)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_consulted() = Days(day(5, 8), day(5, 8)); }), ElementsAre());
  EXPECT_THAT(Find([&](R& r) { *r.mutable_called_back() = Days(day(5, 1), day(5, 31)); }),
              UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_due() = Days(day(6, 1), day(6, 30)); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_response_due() = Days(day(6, 3), day(6, 3)); }),
              ElementsAre("issue-2"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_open_at_end_of() = DateMessage(day(5, 11)); }),
              UnorderedElementsAre("issue-0", "issue-1", "issue-3"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_open_at_end_of() = DateMessage(day(5, 12)); }),
              UnorderedElementsAre("issue-1", "issue-3"));
  EXPECT_THAT(Find([](R& r) {
                r.set_org_unit_id("js");
                r.set_state(v1::PROCESS_STATE_IN_PROGRESS);
                r.set_outcome(v1::OUTCOME_NOT_RESOLVED);
              }),
              ElementsAre("issue-3"));
}

TEST_F(ListFilterTest, WhatAFilterCanNotMeanIsRefused) {
  const auto reason = [this](const std::function<void(v1::ListCasesRequest&)>& fill) {
    v1::ListCasesRequest request;
    fill(request);
    return rpc::ReasonOf(replica_->List(request).status());
  };
  using R = v1::ListCasesRequest;
  EXPECT_EQ(reason([](R& r) { r.set_org_unit_id("nowhere"); }), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_lead_department_id("none"); }), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_category_id("none"); }), "CATEGORY_UNKNOWN");
  EXPECT_EQ(reason([](R& r) {
              *r.mutable_closed() = Days(absl::CivilDay(2024, 5, 2), absl::CivilDay(2024, 5, 1));
            }),
            "SPAN_REVERSED");
  EXPECT_EQ(reason([](R& r) { r.mutable_closed()->mutable_first()->set_year(1999); }), "DATE_INVALID");
}

// ---- The catalogue ----

TEST_F(RoutingTest, SameCatalogueAgainIsUnchangedAndAnotherIsANewVersion) {
  SetUpCity();
  const std::string request_id = NewId();
  v1::Catalogue changed = testing::CityCatalogue();
  changed.set_description("泉州2022");
  const auto second = replica_->Apply(changed, request_id);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->version(), 2);
  EXPECT_TRUE(second->changed());
  EXPECT_TRUE(replica_->Apply(changed, request_id)->changed());  // the first answer
  const auto same = replica_->Apply(changed, NewId());
  EXPECT_EQ(same->version(), 2);
  EXPECT_FALSE(same->changed());
  EXPECT_EQ(replica_->GetCatalogue(0)->description(), "泉州2022");
  EXPECT_EQ(replica_->GetCatalogue(1)->description(), "");
  EXPECT_EQ(rpc::ReasonOf(replica_->GetCatalogue(3).status()), "CATALOGUE_UNKNOWN");
}

TEST_F(RoutingTest, CatalogueWithAHoleIsRefusedAndNothingStored) {
  SetUpCity();
  v1::Catalogue catalogue = testing::CityCatalogue();
  catalogue.mutable_default_target()->set_lead_function("water");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(catalogue, NewId()).status()), "FUNCTION_UNKNOWN");
  feed::v1::FollowResponse message;
  message.set_head(2);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(2);
  directory::v1::Department* department = event->mutable_directory()->add_departments();
  department->set_department_id("js.water");
  department->set_org_unit_id("js");
  department->set_function("water");
  ASSERT_EQ(replica_->follower().ApplyDirectory(message, 1), absl::OkStatus());
  const absl::Status status = replica_->Apply(catalogue, NewId()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(status), "CATALOGUE_HAS_HOLES");
  EXPECT_EQ(replica_->Count("catalogues"), 1);
}

TEST_F(RoutingTest, ValidateOnlyStoresNothing) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(), 0), absl::OkStatus());
  const auto answer = replica_->Apply(testing::CityCatalogue(), "", true);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->changed());
  EXPECT_EQ(answer->version(), 0);
  EXPECT_EQ(replica_->Count("catalogues"), 0);
  EXPECT_EQ(rpc::ReasonOf(replica_->GetCatalogue(0).status()), "CATALOGUE_UNKNOWN");
}

TEST_F(RoutingTest, OtherReplicaSeesTheCatalogueThatItsTokenNames) {
  SetUpCity();
  Replica other(database_);
  v1::Catalogue changed = testing::CityCatalogue();
  changed.mutable_rules(1)->mutable_target()->set_lead_function("office");
  const auto applied = replica_->Apply(changed, NewId());
  ASSERT_TRUE(applied.ok()) << applied.status();
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id("land");
  inputs.set_org_unit_id("js");
  const auto decision = other.Explain(inputs, applied->consistency_token());
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->catalogue_version(), 2);
  EXPECT_EQ(decision->lead_department_id(), "js.office");
}

TEST_F(RoutingTest, CatalogueDecidesFromItsFirstDayUntilItsLastOneAndThenTheOneBeforeItAgain) {
  SetUpCity();
  v1::Catalogue campaign = testing::CityCatalogue();
  campaign.mutable_rules(1)->mutable_target()->set_lead_function("office");
  *campaign.mutable_valid_from() = DateMessage(absl::CivilDay(2025, 1, 1));
  *campaign.mutable_valid_to() = DateMessage(absl::CivilDay(2025, 1, 31));
  const auto applied = replica_->Apply(campaign, NewId());
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(applied->version(), 2);
  v1::RouteInputs inputs;
  inputs.set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  inputs.set_category_id("land");
  inputs.set_org_unit_id("js");
  const auto version_on = [&](const char* day) -> int64_t {
    replica_->clock().Set(At(absl::StrCat(day, " 00:00")));
    // The watcher sees the day.
    int64_t version = 0;
    const absl::Time deadline = absl::Now() + kPatience;
    do {
      version = replica_->Explain(inputs, applied->consistency_token())->catalogue_version();
    } while (version != replica_->GetCatalogue(0)->version() && absl::Now() < deadline);
    return version;
  };
  EXPECT_EQ(version_on("2024-12-31"), 1);
  EXPECT_EQ(version_on("2025-01-01"), 2);
  EXPECT_EQ(version_on("2025-01-31"), 2);
  EXPECT_EQ(version_on("2025-02-01"), 1);
}

TEST_F(RoutingTest, CatalogueThatEndsWithNothingBehindItIsRefused) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(), 0), absl::OkStatus());
  v1::Catalogue ends = testing::CityCatalogue();
  *ends.mutable_valid_to() = DateMessage(absl::CivilDay(2025, 1, 31));
  const absl::Status status = replica_->Apply(ends, NewId()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "CATALOGUE_LEAVES_A_GAP");
  EXPECT_FALSE(rpc::LocalizedMessageOf(status)->message().empty());
  v1::Catalogue endless = testing::CityCatalogue();
  *endless.mutable_valid_from() = DateMessage(absl::CivilDay(2025, 2, 2));  // a day is missing
  ASSERT_TRUE(replica_->Apply(endless, NewId()).ok());
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(ends, NewId()).status()), "CATALOGUE_LEAVES_A_GAP");
  *endless.mutable_valid_from() = DateMessage(absl::CivilDay(2025, 2, 1));
  ASSERT_TRUE(replica_->Apply(endless, NewId()).ok());
  EXPECT_EQ(replica_->Apply(ends, NewId()).status(), absl::OkStatus());
}

TEST_F(RoutingTest, IssueIsRoutedByItsWordsItsMoneyAndItsEnterprise) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(), 0), absl::OkStatus());
  v1::Catalogue catalogue = testing::CityCatalogue();
  v1::RoutingRule rule = catalogue.rules(1);
  rule.set_rule_id("underground");
  rule.mutable_conditions()->add_keywords("地下(空间|车库)");
  rule.mutable_conditions()->set_min_amount_fen(100);
  rule.mutable_conditions()->add_enterprise_tags("specialised-and-new");
  rule.mutable_conditions()->set_min_age_days(1);
  rule.mutable_target()->set_lead_function("office");
  rule.mutable_target()->set_priority(v1::CASE_PRIORITY_URGENT);
  rule.mutable_target()->set_assistant_needed(true);
  *catalogue.add_rules() = rule;
  catalogue.mutable_rules()->SwapElements(0, 3);
  ASSERT_EQ(replica_->Apply(catalogue, NewId()).status(), absl::OkStatus());
  feed::v1::RecordChanged issue = NumberedIssue(0);
  issue.mutable_after()->set_amount_fen(100);
  issue.mutable_issue()->add_enterprise_tags("specialised-and-new");
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, {issue}), 0), absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->decisions_size(), 1);
  const v1::RouteDecision& decision = found->decisions(0);
  EXPECT_EQ(decision.rule_id(), "underground");
  EXPECT_EQ(decision.lead_department_id(), "js.office");
  EXPECT_EQ(decision.target().priority(), v1::CASE_PRIORITY_URGENT);
  EXPECT_TRUE(decision.target().assistant_needed());
  EXPECT_EQ(decision.inputs().amount_fen(), 100);
  EXPECT_THAT(decision.inputs().keywords(), ElementsAre("地下(空间|车库)"));
  EXPECT_THAT(decision.inputs().enterprise_tags(), ElementsAre("specialised-and-new"));
  EXPECT_EQ(decision.inputs().age_days(), 239);  // 2024-05-06 to 2024-12-31
}

TEST_F(RoutingTest, ExplainLooksForKeywordsInTheTextAndRefusesWhatIsTooLong) {
  ASSERT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(), 0), absl::OkStatus());
  v1::Catalogue catalogue = testing::CityCatalogue();
  catalogue.mutable_rules(2)->mutable_conditions()->add_keywords("消防");
  ASSERT_EQ(replica_->Apply(catalogue, NewId()).status(), absl::OkStatus());
  v1::ExplainRouteRequest request;
  request.mutable_inputs()->set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  request.mutable_inputs()->set_category_id("fire");
  request.mutable_inputs()->set_org_unit_id("js");
  request.mutable_inputs()->add_keywords("消防");  // not the caller's to say
  EXPECT_EQ(replica_->ExplainText(request)->decision().near_misses().rbegin()->failed_condition(),
            "keywords");
  request.set_text("消防验收");
  EXPECT_EQ(replica_->ExplainText(request)->decision().rule_id(), "fire");
  const auto repeated = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "消";
    return text;
  };
  request.set_title(repeated(200));
  request.set_text(repeated(4000));
  EXPECT_EQ(replica_->ExplainText(request).status(), absl::OkStatus());
  request.set_title(repeated(201));
  EXPECT_EQ(rpc::ReasonOf(replica_->ExplainText(request).status()), "TEXT_TOO_LONG");
  request.set_title("");
  request.set_text(repeated(4001));
  EXPECT_EQ(rpc::ReasonOf(replica_->ExplainText(request).status()), "TEXT_TOO_LONG");
}

TEST_F(RoutingTest, DraftIsComparedWithTheVersionInForceOrAnEarlierOne) {
  EXPECT_EQ(rpc::ReasonOf(replica_->Diff(testing::CityCatalogue()).status()), "CATALOGUE_UNKNOWN");
  SetUpCity();
  v1::Catalogue second = testing::CityCatalogue();
  second.mutable_rules(1)->mutable_target()->set_lead_function("office");
  ASSERT_TRUE(replica_->Apply(second, NewId()).ok());
  EXPECT_EQ(replica_->Diff(second)->differences_size(), 0);
  EXPECT_EQ(replica_->Diff(second)->version(), 2);
  const auto against_first = replica_->Diff(second, 1);
  ASSERT_EQ(against_first->differences_size(), 1);
  EXPECT_EQ(against_first->differences(0).id(), "land");
  EXPECT_EQ(against_first->version(), 1);
  EXPECT_EQ(rpc::ReasonOf(replica_->Diff(second, 3).status()), "CATALOGUE_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Diff(second, -1).status()), "CATALOGUE_UNKNOWN");
}

TEST_F(RoutingTest, SimulationShowsCaseByCaseAndInSumsWhatADraftWouldChange) {
  SetUpCases(5);
  v1::SimulateCatalogueRequest request;
  *request.mutable_catalogue() = testing::CityCatalogue();
  v1::RoutingRule& land = *request.mutable_catalogue()->mutable_rules(1);
  land.mutable_target()->set_lead_function("office");
  land.mutable_conditions()->add_keywords("地下");
  request.set_page_size(2);
  std::set<std::string> seen;
  int pages = 0;
  int64_t replayed = 0;
  do {
    const auto page = replica_->Simulate(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->version(), 1);
    for (const v1::SimulatedCase& simulated : page->cases()) {
      EXPECT_TRUE(seen.insert(simulated.case_id()).second);
      EXPECT_EQ(simulated.before().lead_department_id(), "js.planning");
      EXPECT_EQ(simulated.after().lead_department_id(), "js.office");
      EXPECT_THAT(simulated.fields(), ElementsAre("lead_department_id"));
    }
    replayed += page->sums().replayed();
    ASSERT_EQ(page->sums().lead_functions_size(), 1);
    EXPECT_EQ(page->sums().lead_functions(0).cases(), page->cases_size());
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(replayed, 5);
  EXPECT_EQ(seen.size(), 5u);
  // Nothing was stored.
  EXPECT_EQ(replica_->Count("catalogues"), 1);
  EXPECT_EQ(replica_->Get("issue-0")->lead_department_id(), "js.planning");
}

TEST_F(RoutingTest, SimulationRefusesWhatCanNotBeTried) {
  v1::SimulateCatalogueRequest request;
  *request.mutable_catalogue() = testing::CityCatalogue();
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "CATALOGUE_UNKNOWN");
  SetUpCases(2);
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "PAGE_SIZE_NEGATIVE");
  request.set_page_size(1);
  const std::string token = replica_->Simulate(request)->next_page_token();
  ASSERT_FALSE(token.empty());
  request.mutable_catalogue()->set_description("another draft");
  request.set_page_token(token);
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  *request.mutable_received()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 7));
  EXPECT_EQ(replica_->Simulate(request)->sums().replayed(), 0);
  *request.mutable_received()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(rpc::ReasonOf(replica_->Simulate(request).status()), "SPAN_REVERSED");
  *request.mutable_received()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(replica_->Simulate(request)->sums().replayed(), 1);
  request.mutable_catalogue()->mutable_default_target()->set_lead_function("nobody");
  EXPECT_EQ(replica_->Simulate(request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace zhuqi::routing
