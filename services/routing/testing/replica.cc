#include "services/routing/testing/replica.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/civil_time.h"
#include "common/base/uuid.h"
#include "common/feed/append.h"
#include "common/rpc/grpc_status.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"

namespace zhuqi::routing::testing {

std::string NewRequestId() { return Uuid::NewV7(absl::Now()).ToString(); }

std::string NumberedRecordId(int number) {
  return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number);
}

feed::v1::RecordChanged NumberedIssue(int number) {
  return Issue(NumberedRecordId(number), absl::StrCat("issue-", number));
}

feed::v1::FollowResponse DirectoryMessage(int64_t sequence, const feed::v1::DirectoryChanged& change) {
  feed::v1::FollowResponse message;
  message.set_head(sequence);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(sequence);
  *event->mutable_directory() = change;
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

Replica::Replica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock,
                 const std::optional<v1::Catalogue>& catalogue, const ReplicaPace& pace)
    : pool_(*db::Pool::Create(database.options(12))),
      positions_(timer_),
      catalogue_(positions_),
      clock_(clock) {
  EXPECT_EQ(feed::SetUpPartitions(**pool_->Acquire(absl::InfiniteFuture()), kPartitions), absl::OkStatus());
  tail_ = std::make_unique<feed::FeedTail>(*pool_, true, pace.tail_interval);
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
                                                                     .page_size = pace.batch,
                                                                     .interval = absl::Milliseconds(5)});
  positions_.Follows("intake");
  positions_.Follows(kCatalogueSource);
  tail_->OnChange([this](const feed::TailSnapshot& snapshot) { follower_->NoteApplied(snapshot); });
  if (catalogue.has_value()) {
    Use(*catalogue);
  } else {
    EXPECT_EQ(catalogue_.Refresh(*pool_, CityDay(clock_.Now()), absl::InfiniteFuture()), absl::OkStatus());
  }
  EXPECT_EQ(follower_->Load(), absl::OkStatus());
  EXPECT_EQ(tail_->Start(), absl::OkStatus());
}

Replica::~Replica() {
  follower_->Stop();
  recounter_->Stop();
  tail_->Stop();
  StopServing();
  writer_->Stop();
  sql_->Stop();
}

void Replica::Serve(const std::function<void(CaseServiceParts&)>& adjust, std::vector<grpc::Service*> also) {
  StopServing();
  CaseServiceParts parts{.adaptor = &calls_.adaptor(),
                         .sql = sql_.get(),
                         .writer = writer_.get(),
                         .directory = &directory_,
                         .positions = &positions_,
                         .clock = &clock_,
                         .metrics = &calls_.metrics()};
  adjust(parts);
  cases_ = std::make_unique<CaseServer>(parts);
  also.push_back(cases_.get());
  server_ = std::make_unique<::zhuqi::testing::TestServer>(std::move(also));
  case_stub_ = v1::CaseService::NewStub(server_->channel());
}

void Replica::Use(const v1::Catalogue& catalogue) {
  EXPECT_EQ(PutInForce(*pool_, catalogue_, catalogue, clock_.Now()), absl::OkStatus());
}

void Replica::StopServing() {
  server_.reset();
  cases_.reset();
}

absl::StatusOr<v1::ActOnCaseResponse> Replica::Act(const v1::ActOnCaseRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  v1::ActOnCaseResponse response;
  const grpc::Status status = case_stub_->ActOnCase(&context, request, &response);
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  return response;
}

absl::StatusOr<v1::ActOnCaseResponse> Replica::Act(const std::string& external_id,
                                                   const v1::CaseAction& action) {
  v1::ActOnCaseRequest request;
  request.set_request_id(NewRequestId());
  request.mutable_issue_key()->set_source_system("js-system");
  request.mutable_issue_key()->set_external_id(external_id);
  *request.mutable_action() = action;
  return Act(request);
}

absl::StatusOr<v1::Case> Replica::Get(const std::string& external_id, const std::string& token) {
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

}  // namespace zhuqi::routing::testing
