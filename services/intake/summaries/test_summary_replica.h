// One process of intake as far as directory and summaries go, in the test's own process.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_TEST_SUMMARY_REPLICA_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_TEST_SUMMARY_REPLICA_H_

#include <memory>
#include <string>
#include <vector>

#include "common/base/civil_time.h"
#include "gtest/gtest.h"
#include "services/intake/directory/directory_service.h"
#include "services/intake/directory/test_directory.h"
#include "services/intake/directory/test_replica.h"
#include "services/intake/summaries/obligation_keeper.h"
#include "services/intake/summaries/summary_service.h"

namespace zhuqi::intake {

// The summary of January is due on 6 February at 17:00.
inline const absl::Time kInJanuary = CityTime(absl::CivilDay(2026, 1, 20), 10);

inline db::GroupCommitOptions WriterOptions(db::Pool* pool) {
  db::GroupCommitOptions options;
  options.pool = pool;
  options.name = "summaries";
  return options;
}

// Directory, summaries and the keeper of obligations, which runs when it is told to, or on its own after
// Start.
class Replica {
  using DirectoryService = directory::v1::DirectoryService;
  using SummaryService = v1::SummaryService;

 public:
  explicit Replica(IntakeDatabase& database, int batch = 500)
      : parts_(database),
        keeper_({parts_.pool.get(), &parts_.directory, &parts_.tail, &parts_.clock,
                 &telemetry::Logger::Null(), &timer_, kTestPartitions, absl::Milliseconds(5), batch}),
        writer_({WriterOptions(parts_.pool.get()), &parts_.directory, &parts_.tail, &parts_.clock}),
        directory_({&parts_.calls.adaptor(), &parts_.sql, &parts_.directory, &parts_.tail, &parts_.clock,
                    [this](int64_t sequence, rpc::CallContext& call) { return AfterApply(sequence, call); }}),
        summaries_({&parts_.calls.adaptor(), &parts_.sql, &writer_, &parts_.directory, &parts_.tail,
                    &parts_.clock, kTestPartitions}),
        server_({&directory_, &summaries_}),
        directory_stub_(DirectoryService::NewStub(server_.channel())),
        stub_(SummaryService::NewStub(server_.channel())) {
    parts_.clock.Set(kInJanuary);
  }

  void Start() {
    started_ = true;
    keeper_.Start();
  }
  // Applies and makes what follows from it.
  void Apply(directory::v1::ApplyDirectoryRequest request) {
    request.set_request_id(NewRequestId());
    const auto applied = Call(*directory_stub_, &DirectoryService::Stub::ApplyDirectory, request);
    ASSERT_TRUE(applied.ok()) << applied.status();
    token_ = applied->consistency_token();
    if (started_) return;
    ASSERT_TRUE(keeper_.RunOnce().ok());
  }
  auto Submit(v1::SubmitSummaryRequest request) {
    if (request.request_id().empty() && !request.validate_only()) request.set_request_id(NewRequestId());
    return Call(*stub_, &SummaryService::Stub::SubmitSummary, request);
  }
  auto Review(v1::ReviewSummaryRequest request) {
    if (request.request_id().empty()) request.set_request_id(NewRequestId());
    return Call(*stub_, &SummaryService::Stub::ReviewSummary, request);
  }
  auto Get(const v1::GetSummaryRequest& request) {
    return Call(*stub_, &SummaryService::Stub::GetSummary, request);
  }
  // Any method, with a request id when it takes one and has none.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (SummaryService::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&, Response*),
                               Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(NewRequestId());
    }
    return Call(*stub_, method, request);
  }
  auto List(const std::string& text) {
    return Call(*stub_, &SummaryService::Stub::ListSummaries, FromText<v1::ListSummariesRequest>(text));
  }
  ObligationKeeper& keeper() { return keeper_; }
  FakeClock& clock() { return parts_.clock; }
  ReplicaParts& parts() { return parts_; }
  const std::string& token() const { return token_; }

 private:
  using Positions = absl::StatusOr<std::vector<common::v1::FeedPosition>>;
  // Not a capturing lambda: what a coroutine captures must outlive it.
  Task<Positions> AfterApply(int64_t sequence, rpc::CallContext& call) {
    if (!started_) co_return std::vector<common::v1::FeedPosition>();
    auto made = keeper_.MadeFor(sequence, call.deadline, call.cancellation);
    Positions positions = co_await made;
    co_return positions;
  }

  ReplicaParts parts_;
  rpc::Timer timer_;
  bool started_ = false;
  std::string token_;
  ObligationKeeper keeper_;
  SummaryWriter writer_;
  DirectoryServer directory_;
  SummaryServer summaries_;
  testing::TestServer server_;
  std::unique_ptr<DirectoryService::Stub> directory_stub_;
  std::unique_ptr<SummaryService::Stub> stub_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_TEST_SUMMARY_REPLICA_H_
