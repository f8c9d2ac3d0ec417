#include "services/reporting/figures/log_replay.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"

namespace zhuqi::reporting {
namespace {
constexpr int kEventsPerMessage = 1000;
}  // namespace

// One partition, which the stream is opened for when it is first wanted.
class LogReplay::Partition {
 public:
  Partition(LogReplay& log, int32_t number)
      : log_(log), number_(number), context_(std::make_shared<grpc::ClientContext>()) {
    rpc::PrepareContext(*context_, log.deadline_);
    feed::v1::FollowRequest request;
    request.set_max_events(kEventsPerMessage);
    *request.add_after() = feed::Position(log.source_, number, 0);
    stream_ = log.stub_.Follow(context_.get(), request);
    // It may begin before Forget and end after it: it shares the context.
    on_stop_ = log.stop_.OnCancel([context = context_] { context->TryCancel(); });
  }
  ~Partition() {
    log_.stop_.Forget(on_stop_);
    context_->TryCancel();
    if (!ended_) stream_->Finish();
  }

  absl::Status ReadTo(int64_t wanted, Take take) {
    while (read_ < wanted) {
      if (next_ == message_.events_size()) {
        next_ = 0;
        if (!stream_->Read(&message_)) return Ended();
        continue;
      }
      const feed::v1::Event& event = message_.events(next_);
      if (event.sequence() != read_ + 1) {
        return absl::DataLossError(absl::StrCat("the log of ", log_.source_, " has no event ", read_ + 1,
                                                " in partition ", number_));
      }
      ZHUQI_RETURN_IF_ERROR(take(event));
      ++next_;
      ++read_;
      ++log_.events_;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Ended() {
    message_.Clear();
    ended_ = true;
    const grpc::Status finished = stream_->Finish();
    return finished.ok() ? absl::UnavailableError("the owner ended its stream")
                         : rpc::FromGrpcStatus(finished);
  }

  LogReplay& log_;
  const int32_t number_;
  const std::shared_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<feed::v1::FollowResponse>> stream_;
  uint64_t on_stop_ = 0;
  bool ended_ = false;
  feed::v1::FollowResponse message_;
  int next_ = 0;  // of message_
  int64_t read_ = 0;
};

LogReplay::LogReplay(feed::v1::FeedService::Stub& stub, std::string source, absl::Time deadline,
                     rpc::Cancellation& stop)
    : stub_(stub), source_(std::move(source)), deadline_(deadline), stop_(stop) {}

LogReplay::~LogReplay() = default;

absl::Status LogReplay::ReadTo(const AggregateState::Places& places, Take take) {
  for (const auto& [key, sequence] : places) {
    const auto& [source, number] = key;
    if (source != source_ || sequence == 0) continue;
    std::unique_ptr<Partition>& partition = partitions_[number];
    if (partition == nullptr) partition = std::make_unique<Partition>(*this, number);
    ZHUQI_RETURN_IF_ERROR(partition->ReadTo(sequence, take));
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::reporting
