// One replica of this service on a real database, as far as cases, clocks and ladders go, for tests. Its
// clock stands still until the test moves it.
#ifndef ZHUQI_SERVICES_ROUTING_TEST_REPLICA_H_
#define ZHUQI_SERVICES_ROUTING_TEST_REPLICA_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/feed/append.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "services/routing/cases/case_service.h"
#include "services/routing/deadlines/deadline_service.h"
#include "services/routing/follow/directory_recounter.h"
#include "services/routing/follow/intake_follower.h"
#include "services/routing/ladders/ladder_runner.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"

namespace zhuqi::routing::testing {

inline constexpr int32_t kPartitions = 2;

class Replica {
 public:
  Replica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock,
          const v1::Catalogue& catalogue = LadderCatalogue(), int ladder_batch = 4)
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
                                                                 .batch = ladder_batch,
                                                                 .interval = absl::Milliseconds(5)});
    positions_.Follows("intake");
    positions_.Follows(kCatalogueSource);
    EXPECT_EQ(PutInForce(*pool_, catalogue_, catalogue, clock.Now()), absl::OkStatus());
    EXPECT_EQ(follower_->Load(), absl::OkStatus());
    EXPECT_EQ(tail_->Start(), absl::OkStatus());
    cases_ = std::make_unique<CaseServer>(CaseServiceParts{
        &calls_.adaptor(), sql_.get(), writer_.get(), &directory_, &positions_, &clock, &calls_.metrics()});
    deadlines_ = std::make_unique<DeadlineServer>(
        DeadlineServiceParts{&calls_.adaptor(), sql_.get(), &directory_, &positions_, &clock});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(
        std::vector<grpc::Service*>{cases_.get(), deadlines_.get()});
    stub_ = v1::CaseService::NewStub(server_->channel());
    deadline_stub_ = v1::DeadlineService::NewStub(server_->channel());
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
  const DirectoryHolder& directory() const { return directory_; }
  v1::CaseService::Stub& stub() { return *stub_; }
  v1::DeadlineService::Stub& deadline_stub() { return *deadline_stub_; }
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
  // External ids.
  std::vector<std::string> List(const v1::ListCasesRequest& request) {
    grpc::ClientContext context;
    v1::ListCasesResponse response;
    const grpc::Status status = stub_->ListCases(&context, request, &response);
    EXPECT_TRUE(status.ok()) << rpc::FromGrpcStatus(status);
    std::vector<std::string> ids;
    for (const v1::Case& item : response.cases()) ids.push_back(item.issue_key().external_id());
    return ids;
  }
  void Use(const v1::Catalogue& catalogue, absl::Time now) {
    EXPECT_EQ(PutInForce(*pool_, catalogue_, catalogue, now), absl::OkStatus());
  }
  absl::Status Act(int number, const v1::CaseAction& action) {
    grpc::ClientContext context;
    v1::ActOnCaseRequest request;
    request.set_request_id(Uuid::NewV7(Clock::System().Now()).ToString());
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
  std::unique_ptr<DeadlineServer> deadlines_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::CaseService::Stub> stub_;
  std::unique_ptr<v1::DeadlineService::Stub> deadline_stub_;
};

// A change of the directory, as intake's feed brings it.
inline feed::v1::FollowResponse DirectoryMessage(int64_t sequence, const feed::v1::DirectoryChanged& change) {
  feed::v1::FollowResponse message;
  message.set_head(sequence);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(sequence);
  *event->mutable_directory() = change;
  return message;
}

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_TEST_REPLICA_H_
