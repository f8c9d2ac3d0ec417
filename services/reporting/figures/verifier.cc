#include "services/reporting/figures/verifier.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "common/rpc/channel.h"
#include "common/rpc/errors.h"
#include "services/reporting/cube/cube_compare.h"

namespace zhuqi::reporting {
namespace {

constexpr std::size_t kMaxDifferences = 1000;
constexpr int kEventsPerMessage = 1000;
constexpr absl::Duration kRetryAfter = absl::Seconds(5);

absl::Status AlreadyRunning() {
  return rpc::WithRetryAfter(rpc::Error(absl::StatusCode::kResourceExhausted, "VERIFICATION_RUNNING",
                                        "another verification is running", "已有核对正在进行，请稍后再试"),
                             kRetryAfter);
}

absl::Status Stopping() { return absl::UnavailableError("the service is stopping"); }

// Takes what one message of a log brings towards the places that are wanted.
class LogReader {
 public:
  LogReader(absl::string_view source, const AggregateState& state) : source_(source) {
    for (const auto& [key, sequence] : state.places) {
      if (key.first == source && sequence > 0) wanted_[key.second] = sequence;
    }
  }

  feed::v1::FollowRequest Request() const {
    feed::v1::FollowRequest request;
    request.set_max_events(kEventsPerMessage);
    for (const auto& [partition, sequence] : wanted_)
      *request.add_after() = feed::Position(source_, partition, 0);
    return request;
  }

  bool done() const { return left_of_ == wanted_.size(); }
  int64_t events() const { return events_; }

  absl::Status Take(const feed::v1::FollowResponse& message, Cube& cube) {
    const auto wanted = wanted_.find(message.partition());
    if (wanted == wanted_.end()) return absl::OkStatus();
    int64_t& read = read_[message.partition()];
    for (const feed::v1::Event& event : message.events()) {
      if (read == wanted->second) break;
      if (event.sequence() != read + 1) {
        return absl::DataLossError(absl::StrCat("the log of ", source_, " has no event ", read + 1,
                                                " in partition ", message.partition()));
      }
      cube.Apply(event);
      read = event.sequence();
      ++events_;
      if (read == wanted->second) ++left_of_;
    }
    return absl::OkStatus();
  }

 private:
  const std::string source_;
  std::map<int32_t, int64_t> wanted_;
  std::map<int32_t, int64_t> read_;
  std::size_t left_of_ = 0;  // partitions that have been read as far as wanted
  int64_t events_ = 0;
};

}  // namespace

Verifier::Verifier(const std::shared_ptr<grpc::Channel>& intake,
                   const std::shared_ptr<grpc::Channel>& routing, const Aggregate& aggregate,
                   const Clock& clock)
    : intake_(feed::v1::FeedService::NewStub(intake)),
      routing_(feed::v1::FeedService::NewStub(routing)),
      aggregate_(aggregate),
      clock_(clock) {}

Verifier::~Verifier() {
  Stop();
  std::thread last;
  {
    absl::MutexLock lock(&mutex_);
    last = std::move(thread_);
  }
  if (last.joinable()) last.join();
}

void Verifier::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  if (active_ != nullptr) active_->TryCancel();
}

Task<absl::StatusOr<v1::VerifyFiguresResponse>> Verifier::Verify(absl::Time deadline) {
  auto finished = AwaitCallback<Result>(
      [this, deadline](AwaitCallback<Result>::Resume resume) { Begin(deadline, std::move(resume)); });
  Result result = co_await finished;
  co_return result;
}

void Verifier::Begin(absl::Time deadline, AwaitCallback<Result>::Resume resume) {
  absl::Status refused = absl::OkStatus();
  std::thread last;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = Stopping();
    } else if (running_) {
      refused = AlreadyRunning();
    } else {
      running_ = true;
      last = std::move(thread_);
    }
  }
  if (!refused.ok()) return resume(refused);
  // The thread of the recount before has given its answer and is about to end.
  if (last.joinable()) last.join();
  absl::MutexLock lock(&mutex_);
  thread_ = std::thread([this, deadline, resume = std::move(resume)] {
    Result result = Recount(deadline);
    {
      absl::MutexLock done(&mutex_);
      running_ = false;
    }
    resume(std::move(result));
  });
}

bool Verifier::Activate(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  active_ = context;
  return !stopping_;
}

Verifier::Result Verifier::Recount(absl::Time deadline) {
  const auto served =
      aggregate_.Read([](const AggregateState& state) { return std::make_unique<AggregateState>(state); });
  v1::VerifyFiguresResponse response;
  *response.mutable_freshness() = FreshnessOf(*served, clock_.Now());
  Cube recounted;
  ZHUQI_ASSIGN_OR_RETURN(const int64_t intake, Replay(*intake_, kIntake, *served, deadline, recounted));
  ZHUQI_ASSIGN_OR_RETURN(const int64_t routing, Replay(*routing_, kRouting, *served, deadline, recounted));
  recounted.SetDirectory(*served->directory);
  Comparison comparison = Compare(served->cube, recounted, kMaxDifferences);
  response.set_events(intake + routing);
  response.set_cells(comparison.cells);
  for (v1::FigureDifference& difference : comparison.differences) {
    *response.add_differences() = std::move(difference);
  }
  return response;
}

absl::StatusOr<int64_t> Verifier::Replay(feed::v1::FeedService::Stub& stub, absl::string_view source,
                                         const AggregateState& state, absl::Time deadline, Cube& cube) {
  LogReader reader(source, state);
  if (reader.done()) return 0;
  grpc::ClientContext context;
  rpc::PrepareContext(context, deadline);
  if (!Activate(&context)) return Stopping();
  const auto stream = stub.Follow(&context, reader.Request());
  feed::v1::FollowResponse message;
  absl::Status taken = absl::OkStatus();
  while (taken.ok() && !reader.done() && stream->Read(&message)) taken = reader.Take(message, cube);
  context.TryCancel();
  const grpc::Status finished = stream->Finish();
  const bool going_on = Activate(nullptr);
  ZHUQI_RETURN_IF_ERROR(taken);
  if (reader.done()) return reader.events();
  if (!going_on) return Stopping();
  return finished.ok() ? absl::UnavailableError("the owner ended its stream") : rpc::FromGrpcStatus(finished);
}

}  // namespace zhuqi::reporting
