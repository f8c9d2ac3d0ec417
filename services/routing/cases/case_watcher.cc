#include "services/routing/cases/case_watcher.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/feed/place_check.h"
#include "common/rpc/errors.h"
#include "common/rpc/write_limit.h"

namespace zhuqi::routing {
namespace {

constexpr int kMostUpdates = 256;
constexpr size_t kMostMessageBytes = 1 << 20;
constexpr absl::Duration kReadTimeout = absl::Seconds(30);

absl::Status TooManyWatchers(int most, bool of_one) {
  return rpc::WithRetryAfter(
      rpc::Error(
          absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS",
          absl::StrCat("all ", most, " streams of ", of_one ? "this caller" : "this replica", " are taken"),
          of_one ? "该调用方的监听连接数已满" : "监听连接数已满，请稍后重试",
          {{"most", absl::StrCat(most)}, {"of", of_one ? "caller" : "replica"}}),
      absl::Seconds(5));
}

// Its reason stands in the text: a client that takes nothing gets no more than code and text.
absl::Status TooSlow(absl::Duration longest) {
  return rpc::Error(absl::StatusCode::kResourceExhausted, "WATCHER_TOO_SLOW",
                    absl::StrCat("WATCHER_TOO_SLOW: a message was not taken within ",
                                 absl::FormatDuration(longest), "; go on from the last cursor"),
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

// The place of one stream, left at its end.
class CaseWatcher::Seat {
 public:
  Seat(CaseWatcher& watcher, std::string principal)
      : watcher_(watcher), principal_(std::move(principal)), taken_(watcher_.TakeSeat(principal_)) {}
  ~Seat() {
    if (taken_.ok()) watcher_.LeaveSeat(principal_);
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  const absl::Status& taken() const { return taken_; }

 private:
  CaseWatcher& watcher_;
  const std::string principal_;
  const absl::Status taken_;
};

// What one stream knows.
struct CaseWatcher::Client {
  WatchFilter filter;
  WatchPlaces places;
  feed::TailSnapshot tail;
  rpc::CallContext* call = nullptr;
  rpc::ServerWriter<v1::WatchCasesResponse>* writer = nullptr;
  rpc::WriteLimit* limit = nullptr;
  absl::Time heartbeat_due = absl::InfinitePast();
};

CaseWatcher::CaseWatcher(CaseWatcherOptions options) : options_(options), recent_(options.most_recent_bytes) {
  gauge_ =
      options_.metrics->CallbackGauge("zhuqi_routing_case_watchers", "Streams of WatchCases that are open.",
                                      {}, [this] { return static_cast<double>(watchers()); });
}

int CaseWatcher::watchers() const {
  absl::MutexLock lock(&mutex_);
  return watchers_;
}

absl::Status CaseWatcher::TakeSeat(const std::string& principal) {
  absl::MutexLock lock(&mutex_);
  if (watchers_ >= options_.most_watchers) return TooManyWatchers(options_.most_watchers, false);
  const auto of_one = watchers_of_.try_emplace(principal, 0).first;
  if (of_one->second >= options_.most_of_one) return TooManyWatchers(options_.most_of_one, true);
  ++of_one->second;
  ++watchers_;
  return absl::OkStatus();
}

void CaseWatcher::LeaveSeat(const std::string& principal) {
  absl::MutexLock lock(&mutex_);
  const auto of_one = watchers_of_.find(principal);
  if (--of_one->second == 0) watchers_of_.erase(of_one);
  // Nobody keeps it up to date any more.
  if (--watchers_ == 0) recent_.Clear();
}

Task<absl::Status> CaseWatcher::Watch(rpc::CallContext& call, const v1::WatchCasesRequest& request,
                                      rpc::ServerWriter<v1::WatchCasesResponse>& writer) {
  const Seat seat(*this, call.principal.id);
  if (!seat.taken().ok()) co_return seat.taken();
  absl::Status sound = CheckFilter(request, *options_.directory->Get());
  if (!sound.ok()) co_return sound;
  auto start = Start(request);
  absl::StatusOr<WatchPlaces> places = co_await start;
  if (!places.ok()) co_return places.status();
  rpc::WriteLimit limit(*options_.timer, call.cut, options_.longest_write, TooSlow(options_.longest_write));
  Client client{{request.org_unit_id(), request.department_id()},
                *std::move(places),
                options_.tail->Get(),
                &call,
                &writer,
                &limit};
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
  if (limit.reached()) co_return TooSlow(options_.longest_write);
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

Task<absl::StatusOr<WatchStretch>> CaseWatcher::ReadLog(const common::v1::FeedPosition& place, int64_t head,
                                                        const WatchFilter& filter) {
  ++log_reads_;
  const std::shared_ptr<const Directory> directory = options_.directory->Get();
  auto read = options_.sql->Run<WatchStretch>(absl::Now() + kReadTimeout, [&](db::Connection& connection) {
    return ReadWatchStretch(connection, place, head, kMostUpdates, filter, *directory);
  });
  absl::StatusOr<WatchStretch> stretch = co_await read;
  co_return stretch;
}

Task<absl::Status> CaseWatcher::ReadForAll(const feed::TailSnapshot& tail) {
  if (reading_.exchange(true)) co_return absl::OkStatus();
  const auto done = absl::MakeCleanup([this] { reading_ = false; });
  const WatchFilter everything;
  for (const auto& [partition, head] : tail.heads) {
    std::optional<common::v1::FeedPosition> end = recent_.End(partition);
    while (end.has_value() && end->sequence() < head && !options_.tail->stopped()) {
      auto read = ReadLog(*end, head, everything);
      const absl::StatusOr<WatchStretch> stretch = co_await read;
      if (!stretch.ok()) co_return stretch.status();
      recent_.Add(*end, *stretch);
      end = stretch->last;
    }
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<WatchStretch>> CaseWatcher::NextStretch(Client& client,
                                                            const common::v1::FeedPosition& place,
                                                            int64_t head) {
  std::optional<WatchStretch> held = recent_.After(place, kMostUpdates);
  if (held.has_value()) {
    const std::shared_ptr<const Directory> directory = options_.directory->Get();
    std::erase_if(held->changes, [&](const std::shared_ptr<const WatchedChange>& change) {
      return !LetsThrough(client.filter, *change, *directory);
    });
    co_return *std::move(held);
  }
  auto read = ReadLog(place, head, client.filter);
  absl::StatusOr<WatchStretch> stretch = co_await read;
  co_return stretch;
}

Task<absl::Status> CaseWatcher::SendChanges(Client& client) {
  auto for_all = ReadForAll(client.tail);
  absl::Status read = co_await for_all;
  if (!read.ok()) co_return read;
  const std::map<int32_t, int64_t> heads = client.tail.heads;
  for (const auto& [partition, head] : heads) {
    const auto place = client.places.find(partition);
    while (place != client.places.end() && place->second.sequence() < head) {
      if (client.call->cancelled() || options_.tail->stopped()) co_return absl::OkStatus();
      const common::v1::FeedPosition after = place->second;
      auto next = NextStretch(client, after, head);
      absl::StatusOr<WatchStretch> stretch = co_await next;
      if (!stretch.ok()) co_return stretch.status();
      if (stretch->last.sequence() == after.sequence()) break;
      auto send = SendStretch(client, partition, *std::move(stretch));
      absl::Status sent = co_await send;
      if (!sent.ok()) co_return sent;
    }
    // From here on what happens is read for all.
    if (place != client.places.end() && place->second.sequence() >= head) recent_.Begin(place->second);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> CaseWatcher::SendStretch(Client& client, int32_t partition, WatchStretch stretch) {
  common::v1::FeedPosition& place = client.places.at(partition);
  for (size_t next = 0; next < stretch.changes.size();) {
    v1::WatchCasesResponse message;
    size_t bytes = 0;
    do {
      const WatchedChange& change = *stretch.changes[next];
      bytes += change.update.ByteSizeLong();
      if (message.updates_size() > 0 && bytes > kMostMessageBytes) break;
      place = change.place;
      *message.add_updates() = change.update;
      ++next;
    } while (next < stretch.changes.size());
    if (next == stretch.changes.size()) place = stretch.last;
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
  client.limit->Begin();
  const bool written = co_await client.writer->Write(message);
  client.limit->End();
  if (!written) co_return absl::CancelledError("the client is gone");
  client.heartbeat_due = absl::Now() + options_.heartbeat;
  co_return absl::OkStatus();
}

}  // namespace zhuqi::routing
