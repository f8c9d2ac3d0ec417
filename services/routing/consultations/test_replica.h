// A replica with consultations on a real database, for the tests of what is written and of lists.
#ifndef ZHUQI_SERVICES_ROUTING_CONSULTATIONS_TEST_REPLICA_H_
#define ZHUQI_SERVICES_ROUTING_CONSULTATIONS_TEST_REPLICA_H_

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "google/protobuf/text_format.h"
#include "routing_schema.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/consultations/consultation_service.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing::testing {

inline const absl::Time kConvenedAt = At("2024-05-07 09:00");

// One replica of the service, with its own everything but the database.
class ConsultationReplica {
 public:
  explicit ConsultationReplica(const ::zhuqi::testing::TestDatabase& database)
      : pool_(*db::Pool::Create(database.options(12))),
        positions_(timer_),
        catalogue_(positions_),
        clock_(kConvenedAt),
        tail_(*pool_, true, absl::Milliseconds(5)),
        sql_(pool_.get(), 4, 1000) {
    EXPECT_EQ(testing::PutInForce(*pool_, catalogue_, testing::CityCatalogue(), kConvenedAt),
              absl::OkStatus());
    service_ = std::make_unique<ConsultationServer>(ConsultationServiceParts{
        &calls_.adaptor(), &sql_, &directory_, &catalogue_, &positions_, &tail_, &clock_, &calls_.metrics()});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = v1::ConsultationService::NewStub(server_->channel());
  }
  ~ConsultationReplica() {
    server_.reset();
    sql_.Stop();
  }

  // The directory's next change, as the follower stores it.
  void Apply(const feed::v1::DirectoryChanged& change, int64_t sequence) {
    feed::v1::FollowResponse message;
    feed::v1::Event* event = message.add_events();
    event->set_sequence(sequence);
    *event->mutable_directory() = change;
    const absl::Status status = db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) {
      const absl::Status stored = StoreDirectoryChanges(transaction.connection(), message);
      if (!stored.ok()) return stored;
      return transaction
          .Execute(
              "INSERT INTO feed_cursors (source, partition_number, sequence, commit_id) VALUES "
              "('intake', 0, ?, 0) ON DUPLICATE KEY UPDATE sequence = VALUES(sequence)",
              {sequence})
          .status();
    });
    EXPECT_EQ(status, absl::OkStatus());
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    EXPECT_EQ(RefreshDirectory(*lease, directory_), absl::OkStatus());
  }
  // Cases of js, received on 2024-05-06 at 09:30; their identities.
  std::vector<std::string> MakeCases(int count) {
    std::vector<std::string> ids;
    const absl::Status status = db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) {
      ids.clear();
      CaseBatch batch(nullptr, {}, directory_.Get(), catalogue_.Get(), kConvenedAt, Outbox::kOff);
      for (int i = 0; i < count; ++i) {
        const std::string record = absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + i);
        auto change = ReceiveCase(testing::Issue(record, absl::StrCat("issue-", i)), kConvenedAt,
                                  *directory_.Get(), *catalogue_.Get(), kPartition);
        if (!change.ok()) return change.status();
        ids.push_back(change->record.body.case_id());
        batch.Take(*std::move(change));
      }
      return batch.Write(transaction);
    });
    EXPECT_EQ(status, absl::OkStatus());
    return ids;
  }
  void ActOnCase(const std::string& case_id, const std::string& action) {
    ActionInput input;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, &input.action));
    input.recorded_at = kConvenedAt;
    const Uuid id = *Uuid::Parse(case_id);
    EXPECT_EQ(db::RunTransaction(*pool_, {},
                                 [&](db::Transaction& transaction) {
                                   CaseBatch batch(nullptr, *ReadCases(transaction.connection(), {id}),
                                                   directory_.Get(), catalogue_.Get(), kConvenedAt,
                                                   Outbox::kOff);
                                   auto change = routing::Act(*batch.FindForChange(id), input,
                                                              *directory_.Get(), *catalogue_.Get());
                                   if (!change.ok()) return change.status();
                                   batch.Take(*std::move(change));
                                   return batch.Write(transaction);
                                 }),
              absl::OkStatus());
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::ConsultationService::Stub::*method)(grpc::ClientContext*,
                                                                                      const Request&,
                                                                                      Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    Response response;
    const grpc::Status status = ((*stub_).*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  auto Convene(const v1::ConveneConsultationRequest& request) {
    return Call(&v1::ConsultationService::Stub::ConveneConsultation, request);
  }
  auto Act(const v1::ActOnConsultationRequest& request) {
    return Call(&v1::ConsultationService::Stub::ActOnConsultation, request);
  }
  auto Act(const std::string& id, const std::string& action) {
    v1::ActOnConsultationRequest request;
    request.set_request_id(NewRequestId());
    request.set_consultation_id(id);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, request.mutable_action())) << action;
    return Act(request);
  }
  auto Get(const std::string& id) {
    v1::GetConsultationRequest request;
    request.set_consultation_id(id);
    return Call(&v1::ConsultationService::Stub::GetConsultation, request);
  }
  auto List(const v1::ListConsultationsRequest& request) {
    return Call(&v1::ConsultationService::Stub::ListConsultations, request);
  }
  auto ListTasks(const v1::ListConsultationTasksRequest& request) {
    return Call(&v1::ConsultationService::Stub::ListConsultationTasks, request);
  }

  CaseRecord CaseNow(const std::string& case_id) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    return ReadCases(*lease, {*Uuid::Parse(case_id)})->begin()->second;
  }
  // What the case's history says of departments that were convened.
  std::vector<v1::Convene> ConvenedOnCase(const std::string& case_id) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    std::vector<v1::Convene> found;
    const auto history = ReadHistory(*lease, *Uuid::Parse(case_id), 1000, 100);
    for (const v1::CaseEvent& event : history->events) {
      if (event.action().has_convene()) found.push_back(event.action().convene());
    }
    return found;
  }
  std::vector<feed::v1::Event> Events() {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    const int64_t head = feed::ReadHeads(*lease)->at(kPartition).sequence();
    return *feed::ReadEvents(*lease, kPartition, 0, head, 10000);
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
  db::Pool& pool() { return *pool_; }
  FakeClock& clock() { return clock_; }

 private:
  std::unique_ptr<db::Pool> pool_;
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  CatalogueHolder catalogue_;
  FakeClock clock_;
  feed::FeedTail tail_;
  db::SqlExecutor sql_;
  std::unique_ptr<ConsultationServer> service_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::ConsultationService::Stub> stub_;
};

class ConsultationTest : public ::testing::Test {
 protected:
  ConsultationTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<ConsultationReplica>(database_);
    {
      db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
      EXPECT_EQ(feed::SetUpPartitions(*lease, 2), absl::OkStatus());
    }
    replica_->Apply(testing::CityChange(), 1);
    cases_ = replica_->MakeCases(3);
  }

  v1::ConveneConsultationRequest Request(std::initializer_list<int> cases) {
    v1::ConveneConsultationRequest request;
    request.set_request_id(NewRequestId());
    request.set_why("规划条件已调整，两部门意见不一");
    for (const int number : cases) request.add_cases()->set_case_id(cases_[static_cast<size_t>(number)]);
    request.add_department_ids("js.planning");
    request.add_department_ids("js.fire");
    request.set_level(v1::CONSULTATION_LEVEL_DISTRICT);
    *request.mutable_scheduled_at() = TimestampMessage(At("2024-05-08 14:30"));
    request.set_chair_department_id("js.office");
    return request;
  }
  std::string Convened(std::initializer_list<int> cases = {0}) {
    const auto answer = replica_->Convene(Request(cases));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->consultation().consultation_id() : "";
  }
  void Do(const std::string& id, const std::string& action) {
    const auto answer = replica_->Act(id, action);
    EXPECT_TRUE(answer.ok()) << action << answer.status();
  }
  // Nothing of a convening is there.
  void ExpectNothing() {
    for (const char* table : {"consultations", "consultation_events", "consultation_cases",
                              "consultation_departments", "idempotency_keys"}) {
      EXPECT_EQ(replica_->Count(table), 0) << table;
    }
    EXPECT_EQ(replica_->Events().size(), cases_.size());
    for (const std::string& id : cases_) {
      EXPECT_TRUE(replica_->ConvenedOnCase(id).empty());
      EXPECT_EQ(replica_->CaseNow(id).body.consultation_count(), 0);
    }
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<ConsultationReplica> replica_;
  std::vector<std::string> cases_;
};

inline constexpr char kDecide[] = R"(decide {
  decisions { text: "出具规划意见" owner_department_id: "js.planning" working_days: 5 }
  decisions { text: "消防复核" owner_department_id: "js.fire" working_days: 3 } })";

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_CONSULTATIONS_TEST_REPLICA_H_
