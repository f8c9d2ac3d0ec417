// Sends what stands in the outbox to the webhook.
//
// At least once: a notice is sent when the receiver has said so, and its id is the same at every try. One at
// a time of each case, in order; one that is given up lets the next go on. Two replicas may both send: each
// takes a notice by a claim that lasts longer than a try may (notice_store.h), so none is under way twice as
// long as their clocks differ by less than the claim's margin. What a replica had under way when it died is
// sent when its claim is over.
#ifndef ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_SENDER_H_
#define ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_SENDER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/routing/notices/notice_store.h"
#include "services/routing/notices/webhook_client.h"
#include "zhuqi/config/v1/webhook.pb.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the sender.
struct NoticeSenderOptions {
  db::Pool* pool = nullptr;
  const Clock* clock = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
  // Checked, with its defaults.
  config::v1::WebhookConfig webhook;
  // The content of its key_file.
  std::string key;
  // How often it looks for what is due.
  absl::Duration interval = absl::Milliseconds(500);
  // How long a claim lasts beyond the try.
  absl::Duration claim_margin = absl::Minutes(1);
};

// One thread from Start until Stop, and one database connection at a time.
class NoticeSender {
 public:
  explicit NoticeSender(NoticeSenderOptions options);
  ~NoticeSender() { Stop(); }
  void Start();
  // Waits up to two seconds for what is under way; the rest is to be sent again.
  void Stop();

 private:
  struct UnderWay {
    DueNotice notice;
    absl::Time claimed_until;
  };
  struct Tried {
    UnderWay under_way;
    WebhookClient::Finished outcome;
  };

  void Run();
  absl::Status Work();
  absl::Status SettleTried(db::Connection& connection);
  absl::StatusOr<bool> SettleOne(db::Connection& connection, const Tried& tried);
  absl::StatusOr<bool> SettleFailure(db::Connection& connection, const DueNotice& notice,
                                     const WebhookClient::Finished& outcome, absl::Time now);
  absl::Status TakeDue(db::Connection& connection);
  void StartTry(UnderWay under_way);
  absl::Status KeepHouse(db::Connection& connection);
  void Collect(absl::Duration wait);
  void WindUp();
  absl::Status GiveBack(db::Connection& connection);
  int Capacity() const;
  void NoteDatabase(const absl::Status& status);

  NoticeSenderOptions options_;
  WebhookClient client_;
  absl::BitGen random_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, UnderWay> under_way_;
  // Tried, and not written down yet: the database may be away.
  std::vector<Tried> tried_;
  absl::Time next_look_ = absl::InfinitePast();
  absl::Time next_housekeeping_ = absl::InfinitePast();
  bool database_failing_ = false;
  bool receiver_failing_ = false;
  std::atomic<bool> stopping_{false};
  prometheus::Counter& sent_;
  prometheus::Counter& failed_;
  prometheus::Counter& given_up_;
  prometheus::Gauge& pending_;
  prometheus::Gauge& dead_;
  std::thread thread_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_SENDER_H_
