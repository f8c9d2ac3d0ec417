#include "common/config/validation.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/rpc/errors.h"

namespace zhuqi::config {
namespace {

using ::google::protobuf::Duration;
using rpc::Violations;

void Default(std::int32_t current, std::int32_t value, auto set) {
  if (current == 0) set(value);
}

Duration Seconds(std::int64_t seconds) {
  Duration duration;
  duration.set_seconds(seconds);
  return duration;
}

constexpr int kFewestQueryThreads = 2;
constexpr int kMostWriterThreads = 16;

// The connections that the background of a service leases at once. Intake: the tail of the feed, the keepers
// of the directory, of the obligations, of the reminders and of the visit quotas, the purger of answers, the
// writers of summaries and of enterprises.
int BackgroundConnections(const v1::IntakeConfig& /*config*/) { return 8; }
// Routing: the tail of the feed, the purger of answers, the watcher of the catalogue, the recounter of
// calendars, two of the streams from intake (services/routing/follow), the runner of escalation ladders, the
// indexer of similar cases, the proposer of themes, the sender of notices.
int BackgroundConnections(const v1::RoutingConfig& config) { return 9 + (config.has_webhook() ? 1 : 0); }

// The path of a field below `prefix`.
std::string Path(absl::string_view prefix, absl::string_view field) {
  return prefix.empty() ? std::string(field) : absl::StrCat(prefix, ".", field);
}

class Checker {
 public:
  Checker(std::string prefix, Violations* violations) : prefix_(std::move(prefix)), violations_(violations) {}

  Checker Below(absl::string_view field) const { return Checker(Path(prefix_, field), violations_); }

  void Required(absl::string_view field, bool present) const {
    if (!present) Add(field, "CONFIG_FIELD_MISSING", "is required", "必填");
  }
  void Range(absl::string_view field, std::int64_t value, std::int64_t low, std::int64_t high) const {
    if (value >= low && value <= high) return;
    Add(field, "CONFIG_OUT_OF_RANGE", absl::StrCat("is ", value, ", not ", low, " to ", high),
        absl::StrCat("为 ", value, "，应在 ", low, " 至 ", high, " 之间"));
  }
  void Range(absl::string_view field, const Duration& value, absl::Duration low, absl::Duration high) const {
    const absl::Duration duration = ToDuration(value);
    if (duration >= low && duration <= high) return;
    const std::string limits = absl::StrCat(absl::FormatDuration(low), " to ", absl::FormatDuration(high));
    Add(field, "CONFIG_OUT_OF_RANGE", absl::StrCat("is ", absl::FormatDuration(duration), ", not ", limits),
        absl::StrCat("为 ", absl::FormatDuration(duration), "，超出范围 ", limits));
  }
  void Add(absl::string_view field, absl::string_view reason, const std::string& english,
           const std::string& chinese) const {
    const std::string path = Path(prefix_, field);
    violations_->Add(path, reason, absl::StrCat(path, " ", english), absl::StrCat(path, " ", chinese));
  }

 private:
  std::string prefix_;
  Violations* violations_;
};

void CheckLogLevel(const std::string& level, const Checker& checker) {
  for (absl::string_view known : {"", "debug", "info", "warning", "error", "off"}) {
    if (level == known) return;
  }
  checker.Add("log_level", "CONFIG_OUT_OF_RANGE", "is not debug, info, warning, error or off",
              "应为 debug、info、warning、error 或 off");
}

void Check(const v1::ServerConfig& server, const Checker& checker) {
  checker.Required("listen_address", !server.listen_address().empty());
  checker.Range("max_message_bytes", server.max_message_bytes(), 1024, 64 << 20);
  checker.Range("default_deadline", server.default_deadline(), absl::Milliseconds(1), absl::Hours(1));
  checker.Range("max_calls_in_flight", server.max_calls_in_flight(), 1, 1000000);
  checker.Range("max_open_streams", server.max_open_streams(), 1, 1000000);
  checker.Range("max_concurrent_streams", server.max_concurrent_streams(), 1, 1000000);
  if (server.has_max_connection_age()) {
    checker.Range("max_connection_age", server.max_connection_age(), absl::Seconds(10),
                  absl::Hours(24 * 365));
  }
  checker.Range("keepalive_time", server.keepalive_time(), absl::Seconds(10), absl::Hours(24));
  checker.Range("keepalive_timeout", server.keepalive_timeout(), absl::Seconds(1), absl::Hours(1));
  checker.Range("drain_wait", server.drain_wait(), absl::ZeroDuration(), absl::Minutes(10));
  checker.Range("shutdown_grace", server.shutdown_grace(), absl::ZeroDuration(), absl::Minutes(10));
  CheckLogLevel(server.log_level(), checker);
}

void Check(const v1::DatabaseConfig& database, const Checker& checker) {
  if (database.socket().empty() == database.host().empty()) {
    checker.Add("socket", "CONFIG_FIELD_MISSING", "or host must be given, and not both",
                "与 host 须且只能填写一项");
  }
  if (!database.host().empty()) checker.Range("port", database.port(), 1, 65535);
  checker.Required("user", !database.user().empty());
  checker.Required("database", !database.database().empty());
  checker.Range("pool_size", database.pool_size(), 1, 256);
  checker.Range("connect_timeout", database.connect_timeout(), absl::Seconds(1), absl::Minutes(10));
  checker.Range("read_timeout", database.read_timeout(), absl::Seconds(1), absl::Hours(1));
  checker.Range("checkout_timeout", database.checkout_timeout(), absl::Milliseconds(1), absl::Minutes(10));
  if (database.tls_certificate_file().empty() != database.tls_key_file().empty()) {
    checker.Add("tls_key_file", "CONFIG_FIELD_MISSING", "and tls_certificate_file go together",
                "与 tls_certificate_file 须同时填写");
  }
  // Without it the connection would be made in the clear, certificate or not.
  if (database.tls_ca_file().empty() && !database.tls_certificate_file().empty()) {
    checker.Add("tls_ca_file", "CONFIG_FIELD_MISSING", "is required with tls_certificate_file",
                "填写 tls_certificate_file 时须填写");
  }
}

void Check(const v1::FeedConfig& feed, const Checker& checker) {
  checker.Range("partitions", feed.partitions(), 1, 64);
}

void Check(const v1::UpstreamConfig& upstream, const Checker& checker) {
  checker.Required("address", !upstream.address().empty());
  checker.Range("max_message_bytes", upstream.max_message_bytes(), 1024, 64 << 20);
}

// Whether what follows the host in `rest` can be nothing but a port and a path.
bool EndsHost(absl::string_view rest) {
  if (absl::ConsumePrefix(&rest, ":")) {
    const absl::string_view::size_type digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0) return false;
    rest.remove_prefix(digits);
  }
  return rest.empty() || absl::StartsWith(rest, "/") || absl::StartsWith(rest, "?");
}

// https to anywhere, http to this machine; no user and password, which a log or a list of processes may show.
bool IsWebhookUrl(absl::string_view url) {
  if (url.size() > 2000) return false;
  for (const char c : url) {
    if (c <= ' ' || c == 0x7f || c == '@' || c == '#' || c == '\\') return false;
  }
  if (absl::ConsumePrefix(&url, "https://")) return !url.empty() && url[0] != '/' && url[0] != ':';
  if (!absl::ConsumePrefix(&url, "http://")) return false;
  for (const absl::string_view host : {"127.0.0.1", "[::1]", "localhost"}) {
    if (absl::StartsWith(url, host)) return EndsHost(url.substr(host.size()));
  }
  return false;
}

bool IsKeyId(absl::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

void Check(const v1::WebhookConfig& webhook, const Checker& checker) {
  if (!IsWebhookUrl(webhook.url())) {
    checker.Add(
        "url", "CONFIG_URL_INVALID",
        "must begin with https:// (http:// to 127.0.0.1, [::1] or localhost alone), without user, password "
        "and fragment",
        "须以 https:// 开头（http:// 仅限本机），且不含用户名、密码和片段");
  }
  if (!IsKeyId(webhook.key_id())) {
    checker.Add("key_id", "CONFIG_OUT_OF_RANGE", "is not 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-'",
                "应为 1 至 64 个字母、数字、点、下划线或连字符");
  }
  checker.Required("key_file", !webhook.key_file().empty());
  checker.Range("timeout", webhook.timeout(), absl::Milliseconds(100), absl::Minutes(1));
  checker.Range("max_in_flight", webhook.max_in_flight(), 1, 64);
  checker.Range("max_attempts", webhook.max_attempts(), 1, 100);
  checker.Range("first_backoff", webhook.first_backoff(), absl::Milliseconds(1), absl::Hours(1));
  checker.Range("max_backoff", webhook.max_backoff(), ToDuration(webhook.first_backoff()), absl::Hours(24));
  checker.Range("keep_days", webhook.keep_days(), 1, 366);
}

void Check(const v1::ThemeConfig& themes, const Checker& checker) {
  checker.Range("window_days", themes.window_days(), 7, 366);
  checker.Range("least_cases", themes.least_cases(), 2, 100);
  checker.Range("least_districts", themes.least_districts(), 1, 100);
  checker.Range("least_enterprises", themes.least_enterprises(), 1, 100);
  checker.Range("least_similarity_percent", themes.least_similarity_percent(), 1, 100);
  checker.Range("least_new_cases", themes.least_new_cases(), 1, 100);
  checker.Range("recurrence_days", themes.recurrence_days(), 1, 3660);
  checker.Range("interval", themes.interval(), absl::Milliseconds(100), absl::Hours(1));
}

void ApplyWebhookDefaults(v1::WebhookConfig* webhook) {
  if (!webhook->has_timeout()) *webhook->mutable_timeout() = Seconds(10);
  Default(webhook->max_in_flight(), 4, [&](auto value) { webhook->set_max_in_flight(value); });
  Default(webhook->max_attempts(), 80, [&](auto value) { webhook->set_max_attempts(value); });
  if (!webhook->has_first_backoff()) *webhook->mutable_first_backoff() = Seconds(5);
  if (!webhook->has_max_backoff()) *webhook->mutable_max_backoff() = Seconds(3600);
  Default(webhook->keep_days(), 30, [&](auto value) { webhook->set_keep_days(value); });
}

void ApplyThemeDefaults(v1::ThemeConfig* themes) {
  Default(themes->window_days(), 90, [&](auto value) { themes->set_window_days(value); });
  Default(themes->least_cases(), 4, [&](auto value) { themes->set_least_cases(value); });
  Default(themes->least_districts(), 2, [&](auto value) { themes->set_least_districts(value); });
  Default(themes->least_enterprises(), 3, [&](auto value) { themes->set_least_enterprises(value); });
  Default(themes->least_similarity_percent(), 15,
          [&](auto value) { themes->set_least_similarity_percent(value); });
  Default(themes->least_new_cases(), 4, [&](auto value) { themes->set_least_new_cases(value); });
  Default(themes->recurrence_days(), 180, [&](auto value) { themes->set_recurrence_days(value); });
  if (!themes->has_interval()) *themes->mutable_interval() = Seconds(10);
}

void ApplyUpstreamDefaults(v1::UpstreamConfig* upstream) {
  Default(upstream->max_message_bytes(), 32 << 20,
          [&](auto value) { upstream->set_max_message_bytes(value); });
}

// What intake and routing have in common: they write.
template <class Config>
void ApplyWriterDefaults(Config* config) {
  ApplyDefaults(config->mutable_server());
  ApplyDefaults(config->mutable_database());
  ApplyDefaults(config->mutable_feed());
  Default(config->writer_threads(), 1, [&](auto value) { config->set_writer_threads(value); });
  Default(config->idempotency_days(), 7, [&](auto value) { config->set_idempotency_days(value); });
}

template <class Config>
int QueryThreadsOf(const Config& config) {
  return config.database().pool_size() - config.writer_threads() - BackgroundConnections(config);
}

template <class Config>
void CheckConnections(const Config& config, const Checker& checker) {
  const int writers = std::clamp(config.writer_threads(), 1, kMostWriterThreads);
  const int needed = writers + BackgroundConnections(config) + kFewestQueryThreads;
  if (config.database().pool_size() >= needed) return;
  checker.Below("database")
      .Add("pool_size", "CONFIG_OUT_OF_RANGE",
           absl::StrCat("is ", config.database().pool_size(), ", not at least ", needed, ": ", writers,
                        " for writer_threads, ", BackgroundConnections(config),
                        " for work in the background, ", kFewestQueryThreads, " for queries"),
           absl::StrCat("为 ", config.database().pool_size(), "，至少应为 ", needed, "：writer_threads 占 ",
                        writers, "，后台任务占 ", BackgroundConnections(config), "，查询占 ",
                        kFewestQueryThreads));
}

template <class Config>
void CheckWriter(const Config& config, const Checker& checker) {
  Check(config.server(), checker.Below("server"));
  Check(config.database(), checker.Below("database"));
  Check(config.feed(), checker.Below("feed"));
  checker.Range("writer_threads", config.writer_threads(), 1, kMostWriterThreads);
  CheckConnections(config, checker);
  checker.Range("idempotency_days", config.idempotency_days(), 1, 90);
  CheckLogLevel(config.log_level(), checker);
}

// One line a fault: the one who reads it mends a file, and wants all of it.
absl::Status Listed(const Violations& violations) {
  if (violations.empty()) return absl::OkStatus();
  absl::Status status = violations.ToStatus();
  std::string text = "configuration:";
  for (const rpc::Violation& violation : violations.list()) absl::StrAppend(&text, "\n  ", violation.english);
  absl::Status listed(status.code(), text);
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { listed.SetPayload(url, payload); });
  return listed;
}

}  // namespace

int QueryThreads(const v1::IntakeConfig& config) { return QueryThreadsOf(config); }
int QueryThreads(const v1::RoutingConfig& config) { return QueryThreadsOf(config); }

absl::Duration ToDuration(const Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

void ApplyDefaults(v1::ServerConfig* config) {
  Default(config->max_message_bytes(), 4 << 20, [&](auto value) { config->set_max_message_bytes(value); });
  Default(config->max_calls_in_flight(), 4096, [&](auto value) { config->set_max_calls_in_flight(value); });
  Default(config->max_open_streams(), 1024, [&](auto value) { config->set_max_open_streams(value); });
  Default(config->max_concurrent_streams(), 1000,
          [&](auto value) { config->set_max_concurrent_streams(value); });
  if (!config->has_default_deadline()) *config->mutable_default_deadline() = Seconds(60);
  if (!config->has_keepalive_time()) *config->mutable_keepalive_time() = Seconds(30);
  if (!config->has_keepalive_timeout()) *config->mutable_keepalive_timeout() = Seconds(10);
  if (!config->has_drain_wait()) *config->mutable_drain_wait() = Seconds(0);
  if (!config->has_shutdown_grace()) *config->mutable_shutdown_grace() = Seconds(10);
  if (config->log_level().empty()) config->set_log_level("info");
}

void ApplyDefaults(v1::DatabaseConfig* config) {
  if (!config->host().empty()) Default(config->port(), 3306, [&](auto value) { config->set_port(value); });
  Default(config->pool_size(), 16, [&](auto value) { config->set_pool_size(value); });
  if (!config->has_connect_timeout()) *config->mutable_connect_timeout() = Seconds(5);
  if (!config->has_read_timeout()) *config->mutable_read_timeout() = Seconds(30);
  if (!config->has_checkout_timeout()) *config->mutable_checkout_timeout() = Seconds(2);
}

void ApplyDefaults(v1::FeedConfig* config) {
  Default(config->partitions(), 4, [&](auto value) { config->set_partitions(value); });
}

void ApplyDefaults(v1::IntakeConfig* config) { ApplyWriterDefaults(config); }

void ApplyDefaults(v1::RoutingConfig* config) {
  ApplyWriterDefaults(config);
  ApplyUpstreamDefaults(config->mutable_intake());
  if (!config->has_ladder_interval()) *config->mutable_ladder_interval() = Seconds(5);
  Default(config->ladder_batch(), 100, [&](auto value) { config->set_ladder_batch(value); });
  ApplyThemeDefaults(config->mutable_themes());
  if (config->has_webhook()) ApplyWebhookDefaults(config->mutable_webhook());
}

void ApplyDefaults(v1::ReportingConfig* config) {
  ApplyDefaults(config->mutable_server());
  ApplyDefaults(config->mutable_database());
  ApplyUpstreamDefaults(config->mutable_intake());
  ApplyUpstreamDefaults(config->mutable_routing());
  if (!config->has_checkpoint_interval()) *config->mutable_checkpoint_interval() = Seconds(5);
}

absl::Status Validate(const v1::IntakeConfig& config) {
  Violations violations;
  const Checker checker("", &violations);
  CheckWriter(config, checker);
  if (config.contact_keys_size() > 8) {
    checker.Add("contact_keys", "CONFIG_OUT_OF_RANGE", "has more than 8 keys", "最多 8 个密钥");
  }
  for (int i = 0; i < config.contact_keys_size(); ++i) {
    const Checker key = checker.Below(absl::StrCat("contact_keys[", i, "]"));
    key.Required("id", !config.contact_keys(i).id().empty());
    key.Required("file", !config.contact_keys(i).file().empty());
  }
  return Listed(violations);
}

absl::Status Validate(const v1::RoutingConfig& config) {
  Violations violations;
  const Checker checker("", &violations);
  CheckWriter(config, checker);
  Check(config.intake(), checker.Below("intake"));
  checker.Range("ladder_interval", config.ladder_interval(), absl::Milliseconds(100), absl::Minutes(10));
  checker.Range("ladder_batch", config.ladder_batch(), 1, 1000);
  checker.Required("search_index_directory", !config.search_index_directory().empty());
  Check(config.themes(), checker.Below("themes"));
  if (config.has_webhook()) Check(config.webhook(), checker.Below("webhook"));
  return Listed(violations);
}

absl::Status Validate(const v1::ReportingConfig& config) {
  Violations violations;
  const Checker checker("", &violations);
  Check(config.server(), checker.Below("server"));
  Check(config.database(), checker.Below("database"));
  Check(config.intake(), checker.Below("intake"));
  Check(config.routing(), checker.Below("routing"));
  CheckLogLevel(config.log_level(), checker);
  checker.Range("checkpoint_interval", config.checkpoint_interval(), absl::Seconds(1), absl::Hours(1));
  return Listed(violations);
}

}  // namespace zhuqi::config
