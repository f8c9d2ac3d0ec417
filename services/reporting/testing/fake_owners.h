// Stand-ins for intake and routing: logs that are told beforehand, and lists that remember what they were
// asked.
#ifndef ZHUQI_SERVICES_REPORTING_TESTING_FAKE_OWNERS_H_
#define ZHUQI_SERVICES_REPORTING_TESTING_FAKE_OWNERS_H_

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/feed/token.h"
#include "services/reporting/testing/message.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::reporting::testing {

// A log of two partitions for districts. Fill `log` before it is followed, Push afterwards.
class FakeFeed final : public feed::v1::FeedService::Service {
 public:
  explicit FakeFeed(std::string source) : source_(std::move(source)) {}
  std::map<int32_t, std::vector<feed::v1::Event>> log{{0, {}}, {1, {}}, {2, {}}};

  void Push(int32_t partition, feed::v1::Event event) {
    absl::MutexLock lock(&mutex_);
    log.at(partition).push_back(std::move(event));
  }
  // Says that all that follows from intake's partition up to there is in the log.
  void NoteUpstream(int32_t partition, int64_t sequence) {
    absl::MutexLock lock(&mutex_);
    upstream_[partition] = sequence;
  }

  grpc::Status DescribeFeed(grpc::ServerContext*, const feed::v1::DescribeFeedRequest*,
                            feed::v1::DescribeFeedResponse* response) override {
    absl::MutexLock lock(&mutex_);
    response->set_source(source_);
    response->set_partitions(2);
    for (const auto& [partition, events] : log) {
      *response->add_heads() = feed::Position(source_, partition, static_cast<int64_t>(events.size()));
    }
    return grpc::Status::OK;
  }

  grpc::Status Follow(grpc::ServerContext* context, const feed::v1::FollowRequest* request,
                      grpc::ServerWriter<feed::v1::FollowResponse>* writer) override {
    std::map<int32_t, Sent> sent;
    for (const auto& after : request->after()) sent[after.partition()].events = after.sequence();
    absl::MutexLock lock(&mutex_);
    while (!context->IsCancelled() && !stopped_) {
      for (auto& [partition, place] : sent) {
        const std::optional<feed::v1::FollowResponse> news = News(partition, place);
        if (news.has_value()) writer->Write(*news);
      }
      mutex_.AwaitWithTimeout(absl::Condition(&stopped_), kPoll);
    }
    return grpc::Status::OK;
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

 private:
  static constexpr absl::Duration kPoll = absl::Milliseconds(5);
  static constexpr std::ptrdiff_t kMaxEvents = 500;
  struct Sent {
    int64_t events = 0;
    int64_t upstream = 0;
  };

  std::optional<feed::v1::FollowResponse> News(int32_t partition, Sent& sent)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto& events = log.at(partition);
    const auto upstream = upstream_.find(partition);
    const bool told = upstream == upstream_.end() || upstream->second == sent.upstream;
    if (told && sent.events == static_cast<int64_t>(events.size())) return std::nullopt;
    const auto first = events.begin() + static_cast<std::ptrdiff_t>(sent.events);
    const auto last = std::min(events.end(), first + kMaxEvents);
    feed::v1::FollowResponse message = Message(partition, sent.events, {first, last});
    sent.events += last - first;
    if (told || last != events.end()) return message;
    *message.add_upstream() = feed::Position("intake", partition, upstream->second);
    sent.upstream = upstream->second;
    return message;
  }

  const std::string source_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<int32_t, int64_t> upstream_ ABSL_GUARDED_BY(mutex_);
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
