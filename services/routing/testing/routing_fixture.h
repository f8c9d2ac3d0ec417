// A replica with the catalogue's calls, and a city that tests of the whole service begin with.
#ifndef ZHUQI_SERVICES_ROUTING_TESTING_ROUTING_FIXTURE_H_
#define ZHUQI_SERVICES_ROUTING_TESTING_ROUTING_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/feed/append.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "routing_schema.h"
#include "services/routing/catalogue/catalogue_service.h"
#include "services/routing/catalogue/catalogue_watcher.h"
#include "services/routing/testing.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing::testing {

// How long a test waits for what another thread does.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

// Before the replica, which reads it.
struct ReplicaClock {
  FakeClock fake{At("2024-12-31 12:00")};
};

// A replica with the catalogue's calls, too.
class RoutingReplica : private ReplicaClock, public Replica {
 public:
  explicit RoutingReplica(const ::zhuqi::testing::TestDatabase& database)
      : Replica(database, ReplicaClock::fake, std::nullopt),
        catalogue_watcher_(*pool_, catalogue_, clock_, telemetry::Logger::Null(), absl::Milliseconds(5)),
        catalogues_({&calls_.adaptor(), sql_.get(), &catalogue_, &directory_, &positions_, &clock_}) {
    catalogue_watcher_.Start();
    Serve([](CaseServiceParts&) {}, {&catalogues_});
    catalogue_stub_ = v1::CatalogueService::NewStub(channel());
  }

  ~RoutingReplica() {
    catalogue_watcher_.Stop();
    StopServing();
  }

  const feed::Positions& positions() const { return positions_; }

  absl::StatusOr<v1::ActOnCasesResponse> ActAll(const v1::ActOnCasesRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::ActOnCasesResponse response;
    const grpc::Status status = cases().ActOnCases(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::ListCasesResponse> List(const v1::ListCasesRequest& request) {
    grpc::ClientContext context;
    v1::ListCasesResponse response;
    const grpc::Status status = cases().ListCases(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::ApplyCatalogueResponse> Apply(const v1::Catalogue& catalogue,
                                                   const std::string& request_id, bool validate_only = false,
                                                   std::optional<int64_t> expected_version = std::nullopt) {
    grpc::ClientContext context;
    v1::ApplyCatalogueRequest request;
    if (expected_version.has_value()) request.set_expected_version(*expected_version);
    request.set_request_id(request_id);
    *request.mutable_catalogue() = catalogue;
    request.set_validate_only(validate_only);
    v1::ApplyCatalogueResponse response;
    const grpc::Status status = catalogue_stub_->ApplyCatalogue(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  int64_t HighestVersion() {
    grpc::ClientContext context;
    v1::GetCatalogueResponse response;
    EXPECT_TRUE(catalogue_stub_->GetCatalogue(&context, {}, &response).ok());
    return response.highest_version();
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
  FakeClock& clock() { return ReplicaClock::fake; }

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
  CatalogueWatcher catalogue_watcher_;
  CatalogueServer catalogues_;
  std::unique_ptr<v1::CatalogueService::Stub> catalogue_stub_;
};

inline v1::ActOnCaseRequest Action(const std::string& external_id) {
  v1::ActOnCaseRequest request;
  request.set_request_id(NewRequestId());
  request.mutable_issue_key()->set_source_system("js-system");
  request.mutable_issue_key()->set_external_id(external_id);
  return request;
}
inline v1::ActOnCaseRequest Accept(const std::string& external_id) {
  v1::ActOnCaseRequest request = Action(external_id);
  request.mutable_action()->mutable_accept();
  return request;
}
inline v1::ActOnCaseRequest Report(const std::string& external_id, const std::string& text) {
  v1::ActOnCaseRequest request = Action(external_id);
  request.mutable_action()->mutable_report_progress()->set_text(text);
  return request;
}

class RoutingTest : public ::testing::Test {
 protected:
  RoutingTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<RoutingReplica>(database_);
  }

  // Directory and catalogue in force.
  void SetUpCity() {
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(1, CityChange()), 0), absl::OkStatus());
    EXPECT_EQ(replica_->Apply(CityCatalogue(), NewRequestId()).status(), absl::OkStatus());
  }
  // And `count` cases "issue-0" …
  void SetUpCases(int count) {
    SetUpCity();
    std::vector<feed::v1::RecordChanged> records;
    for (int i = 0; i < count; ++i) records.push_back(NumberedIssue(i));
    EXPECT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<RoutingReplica> replica_;
};

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_TESTING_ROUTING_FIXTURE_H_
