#include "services/routing/cases/case_watcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/feed/place_check.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {
namespace {

constexpr int kMostUpdates = 256;
constexpr size_t kMostMessageBytes = 1 << 20;
constexpr absl::Duration kReadTimeout = absl::Seconds(30);

absl::Status TooManyWatchers(int most) {
  return rpc::WithRetryAfter(rpc::Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS",
                                        absl::StrCat("all ", most, " streams of this replica are taken"),
                                        "监听连接数已满，请稍后重试", {{"most", absl::StrCat(most)}}),
                             absl::Seconds(5));
}

absl::Status TooSlow(absl::Duration longest) {
  return rpc::Error(absl::StatusCode::kResourceExhausted, "WATCHER_TOO_SLOW",
                    absl::StrCat("a message was not taken within ", absl::FormatDuration(longest),
                                 "; go on from its cursor"),
                    "接收过慢，连接已结束；请从最后的游标继续");
}

absl::Status Stops() {
  return rpc::Error(absl::StatusCode::kUnavailable, "SERVICE_STOPS",
                    "the service stops; go on from the last cursor", "服务正在停止，请从最后的游标继续");
}

absl::Status CheckFilter(const v1::WatchCasesRequest& request, const Directory& directory) {
  rpc::Violations violations;
  if (!request.org_unit_id().empty() && directory.FindUnit(request.org_unit_id()) == nullptr) {
    violations.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
  }
  if (!request.department_id().empty() && directory.FindDepartment(request.department_id()) == nullptr) {
    violations.Add("department_id", "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
  }
  return violations.ToStatus();
}

}  // namespace

// One of the places that the replica has for watchers.
class CaseWatcher::Seat {
 public:
  explicit Seat(std::atomic<int>& taken) : taken_(taken), number_(++taken) {}
  ~Seat() { --taken_; }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  int number() const { return number_; }

 private:
  std::atomic<int>& taken_;
  const int number_;
};

// What one stream knows.
struct CaseWatcher::Client {
  WatchFilter filter;
  WatchPlaces places;
  feed::TailSnapshot tail;
  rpc::CallContext* call = nullptr;
  rpc::ServerWriter<v1::WatchCasesResponse>* writer = nullptr;
  absl::Time heartbeat_due = absl::InfinitePast();
};

CaseWatcher::CaseWatcher(CaseWatcherOptions options) : options_(options) {
  gauge_ =
      options_.metrics->CallbackGauge("zhuqi_routing_case_watchers", "Streams of WatchCases that are open.",
                                      {}, [this] { return static_cast<double>(watchers_.load()); });
}

Task<absl::Status> CaseWatcher::Watch(rpc::CallContext& call, const v1::WatchCasesRequest& request,
                                      rpc::ServerWriter<v1::WatchCasesResponse>& writer) {
  const Seat seat(watchers_);
  if (seat.number() > options_.most_watchers) co_return TooManyWatchers(options_.most_watchers);
  absl::Status sound = CheckFilter(request, *options_.directory->Get());
  if (!sound.ok()) co_return sound;
  auto start = Start(request);
  absl::StatusOr<WatchPlaces> places = co_await start;
  if (!places.ok()) co_return places.status();
  Client client{{request.org_unit_id(), request.department_id()},
                *std::move(places),
                options_.tail->Get(),
                &call,
                &writer};
  // At once: the client lists after it.
  v1::WatchCasesResponse first;
  auto greeting = Send(client, first);
  absl::Status sent = co_await greeting;
  while (sent.ok() && !call.cancelled() && !options_.tail->stopped()) {
    client.tail = options_.tail->Get();
    auto changes = SendChanges(client);
    sent = co_await changes;
    if (sent.ok() && absl::Now() >= client.heartbeat_due) {
      v1::WatchCasesResponse heartbeat;
      auto beat = Send(client, heartbeat);
      sent = co_await beat;
    }
    if (!sent.ok()) break;
    auto sleep = options_.timer->SleepUntil(absl::Now() + options_.pause, &call.cancellation);
    const bool slept = co_await sleep;
    if (!slept && !call.cancelled()) break;  // the timer was stopped
  }
  if (!sent.ok()) co_return sent;
  co_return call.cancelled() && !options_.tail->stopped() ? absl::CancelledError("cancelled") : Stops();
}

Task<absl::StatusOr<WatchPlaces>> CaseWatcher::Start(const v1::WatchCasesRequest& request) {
  const feed::TailSnapshot tail = options_.tail->Get();
  std::optional<WatchPlaces> given;
  if (!request.cursor().empty()) {
    given = DecodeWatchCursor(request.cursor(), tail.heads);
    if (!given.has_value()) {
      rpc::Violations violations;
      violations.Add("cursor", "CURSOR_INVALID", "this is no cursor of this service", "游标无效");
      co_return violations.ToStatus();
    }
  }
  auto read = options_.sql->Run<WatchPlaces>(absl::Now() + kReadTimeout,
                                             [&](db::Connection& connection) -> absl::StatusOr<WatchPlaces> {
                                               if (!given.has_value()) return ReadWatchPlaces(connection);
                                               for (const auto& [partition, place] : *given)
                                                 ZHUQI_RETURN_IF_ERROR(feed::CheckPlace(connection, place));
                                               return *given;
                                             });
  absl::StatusOr<WatchPlaces> places = co_await read;
  co_return places;
}

Task<absl::Status> CaseWatcher::SendChanges(Client& client) {
  const std::map<int32_t, int64_t> heads = client.tail.heads;
  for (const auto& [partition, head] : heads) {
    const auto place = client.places.find(partition);
    while (place != client.places.end() && place->second.sequence() < head) {
      if (client.call->cancelled() || options_.tail->stopped()) co_return absl::OkStatus();
      const std::shared_ptr<const Directory> directory = options_.directory->Get();
      const common::v1::FeedPosition after = place->second;
      const int64_t until = head;
      auto read =
          options_.sql->Run<WatchStretch>(absl::Now() + kReadTimeout, [&](db::Connection& connection) {
            return ReadWatchStretch(connection, after, until, kMostUpdates, client.filter, *directory);
          });
      absl::StatusOr<WatchStretch> stretch = co_await read;
      if (!stretch.ok()) co_return stretch.status();
      auto send = SendStretch(client, partition, *std::move(stretch));
      absl::Status sent = co_await send;
      if (!sent.ok()) co_return sent;
    }
  }
  co_return absl::OkStatus();
}

Task<absl::Status> CaseWatcher::SendStretch(Client& client, int32_t partition, WatchStretch stretch) {
  common::v1::FeedPosition& place = client.places.at(partition);
  for (size_t next = 0; next < stretch.updates.size();) {
    v1::WatchCasesResponse message;
    size_t bytes = 0;
    do {
      bytes += stretch.updates[next].update.ByteSizeLong();
      if (message.updates_size() > 0 && bytes > kMostMessageBytes) break;
      place = stretch.updates[next].place;
      *message.add_updates() = std::move(stretch.updates[next++].update);
    } while (next < stretch.updates.size());
    if (next == stretch.updates.size()) place = stretch.last;
    auto send = Send(client, message);
    absl::Status sent = co_await send;
    if (!sent.ok()) co_return sent;
  }
  // What the filter keeps back moves the cursor, too; the next message tells it.
  place = stretch.last;
  co_return absl::OkStatus();
}

Task<absl::Status> CaseWatcher::Send(Client& client, v1::WatchCasesResponse& message) {
  message.set_cursor(EncodeWatchCursor(client.places));
  int64_t behind = 0;
  const feed::TailSnapshot tail = options_.tail->Get();
  for (const auto& [partition, place] : client.places) {
    const auto head = tail.heads.find(partition);
    if (head != tail.heads.end()) behind += std::max<int64_t>(0, head->second - place.sequence());
  }
  message.set_events_behind(behind);
  const absl::Time latest = absl::Now() + options_.longest_write;
  const bool written = co_await client.writer->Write(message);
  if (!written) co_return absl::CancelledError("the client is gone");
  client.heartbeat_due = absl::Now() + options_.heartbeat;
  if (absl::Now() > latest) co_return TooSlow(options_.longest_write);
  co_return absl::OkStatus();
}

}  // namespace zhuqi::routing
