#include "services/routing/notices/notice_sender.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/config/validation.h"
#include "services/routing/notices/notice_rules.h"

namespace zhuqi::routing {
namespace {

constexpr absl::Duration kDatabaseTimeout = absl::Seconds(10);
constexpr absl::Duration kHousekeepingInterval = absl::Seconds(10);
constexpr absl::Duration kLastWait = absl::Seconds(2);
// What the gauges count up to: an outbox that is further behind is behind.
constexpr int kMostNoticesCounted = 100'000;
constexpr int kPurgedAtOnce = 1'000;

WebhookClientOptions ClientOptions(const config::v1::WebhookConfig& webhook) {
  return {webhook.url(), webhook.tls_ca_file(), config::ToDuration(webhook.timeout())};
}

}  // namespace

NoticeSender::NoticeSender(NoticeSenderOptions options)
    : options_(std::move(options)),
      client_(ClientOptions(options_.webhook)),
      sent_(options_.metrics->Counter("zhuqi_routing_notices_sent_total", "Notices that the receiver took.")),
      failed_(options_.metrics->Counter("zhuqi_routing_notices_failed_total",
                                        "Tries to send a notice that failed.")),
      given_up_(options_.metrics->Counter("zhuqi_routing_notices_given_up_total",
                                          "Notices that were tried as often as is configured.")),
      pending_(options_.metrics->Gauge("zhuqi_routing_notices_pending",
                                       "Notices to be sent, counted up to 100,000.")),
      dead_(options_.metrics->Gauge("zhuqi_routing_notices_dead",
                                    "Notices that were given up, counted up to 100,000.")) {}

void NoticeSender::Start() {
  thread_ = std::thread([this] { Run(); });
}

void NoticeSender::Stop() {
  stopping_ = true;
  client_.Wake();
  if (thread_.joinable()) thread_.join();
}

int NoticeSender::Capacity() const {
  return options_.webhook.max_in_flight() - static_cast<int>(under_way_.size() + tried_.size());
}

void NoticeSender::Run() {
  while (!stopping_) {
    NoteDatabase(Work());
    Collect(options_.interval);
  }
  WindUp();
}

void NoticeSender::NoteDatabase(const absl::Status& status) {
  // Said once when it begins: the database may be away for an hour.
  if (!status.ok() && !database_failing_) {
    options_.logger->Warning("notices wait for the database", {{"status", status}});
  }
  database_failing_ = !status.ok();
}

absl::Status NoticeSender::Work() {
  const bool looks = Capacity() > 0 && absl::Now() >= next_look_;
  const bool keeps_house = absl::Now() >= next_housekeeping_;
  if (tried_.empty() && !looks && !keeps_house) return absl::OkStatus();
  // Also when it fails: the next round comes after a pause.
  if (looks) next_look_ = absl::Now() + options_.interval;
  if (keeps_house) next_housekeeping_ = absl::Now() + kHousekeepingInterval;
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kDatabaseTimeout));
  ZHUQI_RETURN_IF_ERROR(SettleTried(*lease));
  ZHUQI_RETURN_IF_ERROR(TakeDue(*lease));
  return keeps_house ? KeepHouse(*lease) : absl::OkStatus();
}

absl::Status NoticeSender::SettleTried(db::Connection& connection) {
  while (!tried_.empty()) {
    const Tried& last = tried_.back();
    // Once the claim is over somebody else may have it: what is not held is not settled.
    ZHUQI_ASSIGN_OR_RETURN(const bool held, SettleOne(connection, last));
    if (!held) {
      options_.logger->Warning("a notice was tried longer than it was claimed",
                               {{"notice_id", last.under_way.notice.notice_id.ToString()}});
    }
    tried_.pop_back();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> NoticeSender::SettleOne(db::Connection& connection, const Tried& tried) {
  const DueNotice& notice = tried.under_way.notice;
  const absl::Time now = options_.clock->Now();
  if (!tried.outcome.status.ok()) return SettleFailure(connection, notice, tried.outcome, now);
  ZHUQI_ASSIGN_OR_RETURN(const bool held, SettleSent(connection, notice, now));
  if (held) sent_.Increment();
  if (receiver_failing_) options_.logger->Info("the receiver takes notices again");
  receiver_failing_ = false;
  return held;
}

absl::StatusOr<bool> NoticeSender::SettleFailure(db::Connection& connection, const DueNotice& notice,
                                                 const WebhookClient::Finished& outcome, absl::Time now) {
  const std::string error(outcome.status.message());
  if (notice.tries() >= options_.webhook.max_attempts()) {
    ZHUQI_ASSIGN_OR_RETURN(const bool held, SettleDead(connection, notice, error));
    if (!held) return false;
    failed_.Increment();
    given_up_.Increment();
    options_.logger->Warning("a notice was given up",
                             {{"notice_id", notice.notice_id.ToString()}, {"error", error}});
    return true;
  }
  const absl::Duration most = config::ToDuration(options_.webhook.max_backoff());
  const absl::Duration pause =
      PauseAfter(notice.tries(), config::ToDuration(options_.webhook.first_backoff()), most,
                 absl::Uniform(random_, 0.0, 1.0));
  ZHUQI_ASSIGN_OR_RETURN(
      const bool held,
      SettleFailed(connection, notice, now + std::max(pause, std::min(outcome.retry_after, most)), error));
  if (!held) return false;
  failed_.Increment();
  if (!receiver_failing_) {
    options_.logger->Warning("the receiver does not take notices: tried again", {{"error", error}});
  }
  receiver_failing_ = true;
  return true;
}

absl::Status NoticeSender::TakeDue(db::Connection& connection) {
  const int capacity = Capacity();
  if (capacity <= 0 || stopping_) return absl::OkStatus();
  const absl::Duration timeout = config::ToDuration(options_.webhook.timeout());
  ZHUQI_ASSIGN_OR_RETURN(std::vector<DueNotice> due,
                         FindDueNotices(connection, options_.clock->Now(), capacity));
  for (DueNotice& notice : due) {
    const absl::Time claimed_until = options_.clock->Now() + timeout + options_.claim_margin;
    ZHUQI_ASSIGN_OR_RETURN(const bool mine, ClaimNotice(connection, notice, claimed_until));
    // A claim that took long to come is left to run out: the try might outlast it.
    if (!mine || options_.clock->Now() + timeout >= claimed_until) continue;
    StartTry({std::move(notice), claimed_until});
  }
  // A full round says that there may be more.
  if (static_cast<int>(due.size()) == capacity) next_look_ = absl::InfinitePast();
  return absl::OkStatus();
}

void NoticeSender::StartTry(UnderWay under_way) {
  const std::uint64_t number = next_number_++;
  const std::string& body = under_way.notice.body;
  const absl::Status begun = client_.Start(
      number, NoticeHeaders(options_.webhook.key_id(), options_.key, body, options_.clock->Now()), body);
  if (!begun.ok()) {
    tried_.push_back({std::move(under_way), {number, begun, absl::ZeroDuration()}});
    return;
  }
  under_way_.emplace(number, std::move(under_way));
}

absl::Status NoticeSender::KeepHouse(db::Connection& connection) {
  const absl::Duration keep = absl::Hours(24) * options_.webhook.keep_days();
  ZHUQI_ASSIGN_OR_RETURN(const int64_t pending,
                         CountNotices(connection, v1::NOTICE_STATE_PENDING, kMostNoticesCounted));
  ZHUQI_ASSIGN_OR_RETURN(const int64_t dead,
                         CountNotices(connection, v1::NOTICE_STATE_DEAD, kMostNoticesCounted));
  pending_.Set(static_cast<double>(pending));
  dead_.Set(static_cast<double>(dead));
  return PurgeNotices(connection, options_.clock->Now() - keep, kPurgedAtOnce).status();
}

void NoticeSender::Collect(absl::Duration wait) {
  for (WebhookClient::Finished& finished : client_.Poll(wait)) {
    const auto done = under_way_.find(finished.number);
    if (done == under_way_.end()) continue;
    tried_.push_back({std::move(done->second), std::move(finished)});
    under_way_.erase(done);
    // The next one of the case may go now.
    next_look_ = absl::InfinitePast();
  }
}

void NoticeSender::WindUp() {
  const absl::Time deadline = absl::Now() + kLastWait;
  while (!under_way_.empty() && absl::Now() < deadline) Collect(absl::Milliseconds(100));
  if (tried_.empty() && under_way_.empty()) return;
  absl::StatusOr<db::Lease> lease = options_.pool->Acquire(deadline + kLastWait);
  NoteDatabase(lease.ok() ? GiveBack(**lease) : lease.status());
}

absl::Status NoticeSender::GiveBack(db::Connection& connection) {
  ZHUQI_RETURN_IF_ERROR(SettleTried(connection));
  // Whether the receiver took these is not known: they are sent again.
  for (const auto& [number, under_way] : under_way_) {
    ZHUQI_RETURN_IF_ERROR(SettleFailed(connection, under_way.notice, options_.clock->Now(),
                                       "the sender was stopped while it was tried")
                              .status());
  }
  under_way_.clear();
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
