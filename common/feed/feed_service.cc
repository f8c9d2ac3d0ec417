#include "common/feed/feed_service.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/feed/place_check.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"

namespace zhuqi::feed {
namespace {

constexpr int kDefaultEvents = 256;
constexpr int kMaxEvents = 1000;
constexpr size_t kMaxMessageBytes = 1 << 20;
constexpr absl::Duration kReadTimeout = absl::Seconds(30);

// Where one stream stands in one partition.
struct Cursor {
  int64_t sent = 0;
  std::map<std::string, int64_t> upstream;  // source -> sequence, as last told
};
using Cursors = std::map<int32_t, Cursor>;

absl::StatusOr<Cursors> StartOf(const feed::v1::FollowRequest& request, const TailSnapshot& tail) {
  rpc::Violations violations;
  Cursors cursors;
  if (request.max_events() < 0) {
    violations.Add("max_events", "NEGATIVE", "max_events must not be negative", "max_events 不能为负数");
  }
  for (int i = 0; i < request.after_size(); ++i) {
    const auto& after = request.after(i);
    const auto head = tail.heads.find(after.partition());
    if (head == tail.heads.end() || after.sequence() < 0 || !cursors.try_emplace(after.partition()).second) {
      violations.Add(absl::StrCat("after[", i, "]"), "PARTITION_INVALID",
                     "there is no such partition, its sequence is negative, or it is named twice",
                     "分区不存在、序号为负或分区重复");
      continue;
    }
    cursors[after.partition()].sent = after.sequence();
  }
  if (cursors.empty()) violations.Add("after", "REQUIRED", "name at least one partition", "至少指定一个分区");
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return cursors;
}

// A message of the events from `first` on, which moves behind those that it took: as many as stay below the
// limit of bytes, and one in any case. A long backlog of long texts would otherwise make a message that
// nobody may receive.
feed::v1::FollowResponse MessageFrom(std::vector<feed::v1::Event>& events, size_t& first) {
  feed::v1::FollowResponse message;
  size_t bytes = 0;
  do {
    bytes += events[first].ByteSizeLong();
    if (message.events_size() > 0 && bytes > kMaxMessageBytes) break;
    *message.add_events() = std::move(events[first++]);
  } while (first < events.size());
  return message;
}

// Adds what the service had applied upstream to a message that brings the partition up to the snapshot's
// head. True when that is news.
bool AddUpstream(const TailSnapshot& tail, int32_t partition, Cursor& cursor,
                 feed::v1::FollowResponse& message) {
  bool news = false;
  for (const auto& position : tail.upstream) {
    if (position.partition() != partition) continue;
    int64_t& told = cursor.upstream[position.source()];
    news = news || told < position.sequence();
    told = std::max(told, position.sequence());
    *message.add_upstream() = position;
  }
  return news;
}

}  // namespace

FeedServer::FeedServer(std::string source, db::SqlExecutor& sql, FeedTail& tail, rpc::CallAdaptor& adaptor)
    : BoundService(adaptor), source_(std::move(source)), sql_(sql), tail_(tail) {
  Bind(this, &FeedServer::HandleDescribe, &FeedServer::HandleFollow);
}

Task<absl::StatusOr<feed::v1::DescribeFeedResponse>> FeedServer::HandleDescribe(
    rpc::CallContext&, const feed::v1::DescribeFeedRequest&) {
  const TailSnapshot tail = tail_.Get();
  feed::v1::DescribeFeedResponse response;
  response.set_source(source_);
  response.set_partitions(static_cast<int32_t>(tail.heads.size()) - 1);
  for (const auto& [partition, sequence] : tail.heads)
    *response.add_heads() = Position(source_, partition, sequence);
  co_return response;
}

Task<absl::Status> FeedServer::HandleFollow(rpc::CallContext& call, const feed::v1::FollowRequest& request,
                                            rpc::ServerWriter<feed::v1::FollowResponse>& writer) {
  TailSnapshot tail = tail_.Get();
  absl::StatusOr<Cursors> start = StartOf(request, tail);
  if (!start.ok()) co_return start.status();
  Cursors cursors = *std::move(start);
  absl::Status known = co_await CheckPlaces(request);
  if (!known.ok()) co_return known;
  const int limit = request.max_events() == 0 ? kDefaultEvents : std::min(request.max_events(), kMaxEvents);
  while (!call.cancelled() && !tail_.stopped()) {
    // In the order of the partitions, each up to the snapshot's head: the directory comes first, and no event
    // is sent before the directory event that it was made with.
    for (auto& [partition, cursor] : cursors) {
      absl::Status sent = co_await SendUpTo(tail, partition, limit, cursor.sent, writer);
      if (!sent.ok()) co_return sent;
      feed::v1::FollowResponse progress;
      progress.set_partition(partition);
      progress.set_head(cursor.sent);
      if (!AddUpstream(tail, partition, cursor, progress)) continue;
      const bool written = co_await writer.Write(progress);
      if (!written) co_return absl::CancelledError("the follower is gone");
    }
    tail = co_await tail_.Next(tail.version, call.cancellation);
  }
  co_return tail_.stopped() ? absl::UnavailableError("the server stops") : absl::CancelledError("cancelled");
}

Task<absl::Status> FeedServer::CheckPlaces(const feed::v1::FollowRequest& request) {
  auto check = sql_.Run<bool>(absl::Now() + kReadTimeout,
                              [&request](db::Connection& connection) -> absl::StatusOr<bool> {
                                for (const auto& after : request.after())
                                  ZHUQI_RETURN_IF_ERROR(CheckPlace(connection, after));
                                return true;
                              });
  absl::StatusOr<bool> checked = co_await check;
  co_return checked.status();
}

Task<absl::Status> FeedServer::SendUpTo(const TailSnapshot& tail, int32_t partition, int limit, int64_t& sent,
                                        rpc::ServerWriter<feed::v1::FollowResponse>& writer) {
  const int64_t head = tail.heads.at(partition);
  while (sent < head) {
    using Events = std::vector<feed::v1::Event>;
    const int64_t after = sent;
    auto read = sql_.Run<Events>(absl::Now() + kReadTimeout, [=](db::Connection& connection) {
      return ReadEvents(connection, partition, after, head, limit);
    });
    absl::StatusOr<Events> events = co_await read;
    if (!events.ok()) co_return events.status();
    for (size_t first = 0; first < events->size();) {
      feed::v1::FollowResponse message = MessageFrom(*events, first);
      message.set_partition(partition);
      message.set_head(head);
      sent = message.events(message.events_size() - 1).sequence();
      const bool written = co_await writer.Write(message);
      if (!written) co_return absl::CancelledError("the follower is gone");
    }
  }
  co_return absl::OkStatus();
}

}  // namespace zhuqi::feed
