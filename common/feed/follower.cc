#include "common/feed/follower.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"

namespace zhuqi::feed {
namespace {
constexpr absl::Duration kDescribeTimeout = absl::Seconds(10);
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
constexpr char kCursorMoved[] = "CURSOR_MOVED";

// What ends by itself when the other side, or the database, is back.
bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status) || IsCursorMoved(status);
}
}  // namespace

absl::StatusOr<std::vector<common::v1::FeedPosition>> ReadCursors(db::Connection& connection) {
  std::vector<common::v1::FeedPosition> cursors;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT source, partition_number, sequence, commit_id FROM feed_cursors ORDER BY source, "
      "partition_number",
      {}, [&](db::Row& row) {
        cursors.push_back(Position(row.Text(0), static_cast<int32_t>(row.Int64(1)), row.Int64(2)));
        cursors.back().set_commit_id(row.Int64(3));
        return absl::OkStatus();
      }));
  return cursors;
}

absl::Status EnsureCursors(db::Connection& connection, absl::string_view source, int32_t partitions) {
  db::MultiRowInsert insert("feed_cursors", {"source", "partition_number", "sequence", "commit_id"},
                            "ON DUPLICATE KEY UPDATE sequence = sequence");
  for (int32_t partition = 0; partition <= partitions; ++partition) insert.Add({source, partition, 0, 0});
  return insert.Run(connection).status();
}

absl::Status AdvanceCursor(db::Transaction& transaction, absl::string_view source, int32_t partition,
                           int64_t from, const feed::v1::Event& last) {
  ZHUQI_ASSIGN_OR_RETURN(const int64_t matched,
                         transaction.Execute("UPDATE feed_cursors SET sequence = ?, commit_id = ? "
                                             "WHERE source = ? AND partition_number = ? AND sequence = ?",
                                             {last.sequence(), last.commit_id(), source, partition, from}));
  if (matched == 1) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, kCursorMoved,
                    "another replica applied these events", "");
}

bool IsCursorMoved(const absl::Status& status) {
  return !status.ok() && rpc::ReasonOf(status) == kCursorMoved;
}

Follower::Follower(FollowerOptions options) : options_(std::move(options)), thread_([this] { Run(); }) {}

Follower::~Follower() { Stop(); }

void Follower::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (active_ != nullptr) active_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
}

int64_t Follower::events_behind() const {
  absl::MutexLock lock(&mutex_);
  int64_t behind = 0;
  for (const auto& [partition, progress] : progress_)
    behind += std::max<int64_t>(0, progress.head - progress.applied);
  return behind;
}

void Follower::Run() {
  int failures = 0;
  while (true) {
    bool progressed = false;
    const absl::Status status = FollowOnce(progressed);
    connected_ = false;
    failures = progressed ? 0 : failures + 1;
    if (!PauseBeforeRetry(failures)) return;
    if (!IsTransient(status) && options_.logger != nullptr) {
      options_.logger->Error("the feed could not be applied and is tried again",
                             {{"source", options_.source}, {"error", std::string(status.message())}});
    }
  }
}

bool Follower::PauseBeforeRetry(int failures) {
  thread_local absl::BitGen random;
  const absl::Duration longest = std::min(kLongestPause, kFirstPause * (1 << std::min(failures, 10)));
  const absl::Duration pause = longest * absl::Uniform(random, 0.5, 1.0);
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
  return !stopping_;
}

bool Follower::Activate(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  // A stop that comes later must not find a context that went with its call.
  active_ = stopping_ ? nullptr : context;
  return !stopping_;
}

absl::StatusOr<feed::v1::FollowRequest> Follower::Prepare(feed::v1::FeedService::Stub& stub) {
  grpc::ClientContext context;
  rpc::PrepareContext(context, absl::Now() + kDescribeTimeout);
  if (!Activate(&context)) return absl::CancelledError("stopping");
  feed::v1::DescribeFeedResponse feed;
  const grpc::Status described = stub.DescribeFeed(&context, feed::v1::DescribeFeedRequest(), &feed);
  Activate(nullptr);
  if (!described.ok()) return rpc::FromGrpcStatus(described);
  ZHUQI_ASSIGN_OR_RETURN(const auto positions, options_.load_positions(feed.partitions()));
  feed::v1::FollowRequest request;
  request.set_max_events(options_.max_events);
  absl::MutexLock lock(&mutex_);
  progress_.clear();
  for (const auto& head : feed.heads()) progress_[head.partition()].head = head.sequence();
  for (const auto& position : positions) {
    if (position.source() != options_.source) continue;
    *request.add_after() = position;
    progress_[position.partition()].applied = position.sequence();
  }
  return request;
}

absl::Status Follower::FollowOnce(bool& progressed) {
  const auto stub = feed::v1::FeedService::NewStub(options_.channel);
  ZHUQI_ASSIGN_OR_RETURN(const feed::v1::FollowRequest request, Prepare(*stub));
  grpc::ClientContext context;
  rpc::PrepareContext(context, absl::InfiniteFuture());
  if (!Activate(&context)) return absl::CancelledError("stopping");
  const auto stream = stub->Follow(&context, request);
  connected_ = true;
  feed::v1::FollowResponse message;
  absl::Status applied = absl::OkStatus();
  while (applied.ok() && stream->Read(&message)) {
    applied = ApplyMessage(message);
    progressed = progressed || applied.ok();
  }
  if (!applied.ok()) context.TryCancel();
  const grpc::Status finished = stream->Finish();
  Activate(nullptr);
  return applied.ok() ? rpc::FromGrpcStatus(finished) : applied;
}

absl::Status Follower::ApplyMessage(const feed::v1::FollowResponse& message) {
  int64_t after = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError("stopping");
    after = progress_[message.partition()].applied;
  }
  for (int i = 0; i < message.events_size(); ++i) {
    if (message.events(i).sequence() != after + 1 + i) {
      return absl::DataLossError(absl::StrCat("the feed of ", options_.source, " has a gap in partition ",
                                              message.partition(), " after ", after + i));
    }
  }
  ZHUQI_RETURN_IF_ERROR(options_.apply(message, after));
  absl::MutexLock lock(&mutex_);
  progress_[message.partition()] = {after + message.events_size(), message.head()};
  return absl::OkStatus();
}

}  // namespace zhuqi::feed
