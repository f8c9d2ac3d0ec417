// Stand-ins for intake and routing: logs that are told beforehand, and lists that remember what they were
// asked.
#ifndef ZHUQI_SERVICES_REPORTING_TESTING_FAKE_OWNERS_H_
#define ZHUQI_SERVICES_REPORTING_TESTING_FAKE_OWNERS_H_

#include <map>
#include <string>
#include <vector>

#include "common/feed/token.h"
#include "services/reporting/testing/message.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::reporting::testing {

// A log of two partitions for districts. Fill it before it is followed.
class FakeFeed final : public feed::v1::FeedService::Service {
 public:
  explicit FakeFeed(std::string source) : source_(std::move(source)) {}
  std::map<int32_t, std::vector<feed::v1::Event>> log{{0, {}}, {1, {}}, {2, {}}};

  grpc::Status DescribeFeed(grpc::ServerContext*, const feed::v1::DescribeFeedRequest*,
                            feed::v1::DescribeFeedResponse* response) override {
    response->set_source(source_);
    response->set_partitions(2);
    for (const auto& [partition, events] : log) {
      *response->add_heads() = feed::Position(source_, partition, static_cast<int64_t>(events.size()));
    }
    return grpc::Status::OK;
  }

  grpc::Status Follow(grpc::ServerContext* context, const feed::v1::FollowRequest* request,
                      grpc::ServerWriter<feed::v1::FollowResponse>* writer) override {
    for (const auto& after : request->after()) {
      const auto& events = log.at(after.partition());
      const auto first = events.begin() + static_cast<std::ptrdiff_t>(after.sequence());
      if (first != events.end())
        writer->Write(Message(after.partition(), after.sequence(), {first, events.end()}));
    }
    absl::MutexLock lock(&mutex_);
    while (!context->IsCancelled() && !stopped_) mutex_.AwaitWithTimeout(absl::Condition(&stopped_), kPoll);
    return grpc::Status::OK;
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

 private:
  static constexpr absl::Duration kPoll = absl::Milliseconds(5);
  const std::string source_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

class FakeRecords final : public intake::v1::RecordService::Service {
 public:
  intake::v1::ListRecordsRequest asked;
  intake::v1::ListRecordsResponse answer;
  grpc::Status ListRecords(grpc::ServerContext*, const intake::v1::ListRecordsRequest* request,
                           intake::v1::ListRecordsResponse* response) override {
    asked = *request;
    *response = answer;
    return grpc::Status::OK;
  }
};

class FakeCases final : public routing::v1::CaseService::Service {
 public:
  routing::v1::ListCasesRequest asked;
  std::vector<routing::v1::Case> cases;
  grpc::Status ListCases(grpc::ServerContext*, const routing::v1::ListCasesRequest* request,
                         routing::v1::ListCasesResponse* response) override {
    asked = *request;
    for (routing::v1::Case item : cases) {
      item.clear_history();
      *response->add_cases() = item;
    }
    response->set_total(static_cast<int64_t>(cases.size()));
    return grpc::Status::OK;
  }
  grpc::Status GetCase(grpc::ServerContext*, const routing::v1::GetCaseRequest* request,
                       routing::v1::GetCaseResponse* response) override {
    for (const routing::v1::Case& item : cases) {
      if (item.case_id() == request->case_id()) *response->mutable_case_() = item;
    }
    return grpc::Status::OK;
  }
};

}  // namespace zhuqi::reporting::testing

#endif  // ZHUQI_SERVICES_REPORTING_TESTING_FAKE_OWNERS_H_
