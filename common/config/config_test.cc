#include "common/config/config.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/config/secret_file.h"
#include "common/config/service_flags.h"
#include "common/rpc/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kIntake[] = R"(
server { listen_address: "127.0.0.1:0" }
database { socket: "/run/db.sock" user: "intake" database: "intake" }
)";

// A file that goes away with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content, mode_t mode = 0600) {
    std::string pattern = ::testing::TempDir() + "zhuqi-config-XXXXXX";
    const int descriptor = ::mkstemp(pattern.data());
    EXPECT_GE(descriptor, 0);
    path_ = pattern;
    std::ofstream(path_) << content;
    EXPECT_EQ(::fchmod(descriptor, mode), 0);
    ::close(descriptor);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(LoadConfig, AbsentFieldsGetTheirDefaults) {
  const TemporaryFile file(kIntake);
  const auto config = LoadConfig<v1::IntakeConfig>(file.path());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->server().max_message_bytes(), 4194304);
  EXPECT_EQ(config->server().default_deadline().seconds(), 60);
  EXPECT_EQ(config->database().pool_size(), 16);
  EXPECT_EQ(config->database().port(), 0);
  EXPECT_EQ(config->feed().partitions(), 4);
  EXPECT_EQ(config->writer_threads(), 1);
  EXPECT_EQ(config->idempotency_days(), 7);
}

TEST(LoadConfig, AnUnknownFieldIsAnErrorWithItsPlace) {
  const TemporaryFile file("server {\n  listen_adress: \"127.0.0.1:0\"\n}\n");
  const absl::Status status = LoadConfig<v1::IntakeConfig>(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat(file.path(), ":2:")));
  EXPECT_THAT(std::string(status.message()), HasSubstr("listen_adress"));
}

TEST(LoadConfig, AFieldGivenTwiceIsAnError) {
  const TemporaryFile file("writer_threads: 1\nwriter_threads: 2\n");
  EXPECT_THAT(std::string(LoadConfig<v1::IntakeConfig>(file.path()).status().message()), HasSubstr(":2:"));
}

TEST(LoadConfig, EveryFaultIsListedWithItsPath) {
  const TemporaryFile file(
      "server { keepalive_time { seconds: 1 } }\nwriter_threads: 99\nlog_level: \"loud\"\n");
  const absl::Status status = LoadConfig<v1::IntakeConfig>(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string text(status.message());
  for (const char* path : {"server.listen_address", "server.keepalive_time", "database.socket",
                           "database.user", "writer_threads is 99, not 1 to 16", "log_level"}) {
    EXPECT_THAT(text, HasSubstr(path));
  }
}

// With fewer, threads would wait for connections under load until they are refused.
TEST(LoadConfig, APoolThatIsSmallerThanAllWhoLeaseFromItIsRefused) {
  const auto load = [](int pool_size, int writer_threads) {
    const TemporaryFile file(absl::StrCat("server { listen_address: \"127.0.0.1:0\" }\n",
                                          "database { socket: \"/run/db.sock\" user: \"u\" database: \"d\" ",
                                          "pool_size: ", pool_size, " }\nwriter_threads: ", writer_threads));
    return LoadConfig<v1::IntakeConfig>(file.path());
  };
  EXPECT_EQ(
      load(10, 1).status().message(),
      "configuration:\n  database.pool_size is 10, not at least 11: 1 for writer_threads, 8 for work in the "
      "background, 2 for queries");
  EXPECT_EQ(load(25, 16).status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(load(26, 16).ok());
  EXPECT_EQ(QueryThreads(*load(26, 16)), 2);
  EXPECT_EQ(QueryThreads(*load(16, 1)), 7);
}

TEST(LoadConfig, TheRunnerOfLaddersHasADefaultPaceAndBounds) {
  v1::RoutingConfig config;
  ApplyDefaults(&config);
  EXPECT_EQ(config.ladder_interval().seconds(), 5);
  EXPECT_EQ(config.ladder_batch(), 100);
  config.mutable_ladder_interval()->set_seconds(0);
  config.set_ladder_batch(1001);
  const std::string faults(Validate(config).message());
  EXPECT_THAT(faults, HasSubstr("ladder_interval is 0, not 100ms to 10m"));
  EXPECT_THAT(faults, HasSubstr("ladder_batch is 1001, not 1 to 1000"));
}

TEST(LoadConfig, TheNumbersOfThemesHaveDefaultsAndBounds) {
  v1::RoutingConfig config;
  ApplyDefaults(&config);
  EXPECT_EQ(config.themes().window_days(), 90);
  EXPECT_EQ(config.themes().least_cases(), 4);
  EXPECT_EQ(config.themes().recurrence_days(), 180);
  config.mutable_themes()->set_least_cases(1);
  config.mutable_themes()->set_window_days(367);
  const std::string faults(Validate(config).message());
  EXPECT_THAT(faults, HasSubstr("themes.least_cases is 1, not 2 to 100"));
  EXPECT_THAT(faults, HasSubstr("themes.window_days is 367, not 7 to 366"));
}

v1::RoutingConfig RoutingWithWebhook(const std::string& url) {
  v1::RoutingConfig config;
  config.mutable_webhook()->set_url(url);
  config.mutable_webhook()->set_key_id("k1");
  config.mutable_webhook()->set_key_file("/k");
  ApplyDefaults(&config);
  return config;
}

TEST(WebhookConfig, GoesByTlsUnlessItStaysOnThisMachine) {
  const auto refused = [](const std::string& url) {
    return std::string(Validate(RoutingWithWebhook(url)).message()).find("webhook.url") != std::string::npos;
  };
  for (const char* url : {"https://notices.city.example/zhuqi?x=1", "http://127.0.0.1:8080/n",
                          "http://[::1]/", "http://localhost", "http://localhost?x"}) {
    EXPECT_FALSE(refused(url)) << url;
  }
  for (const char* url :
       {"", "http://notices.city.example/", "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/", "http://localhost:80@evil.example/", "http://localhost:x/",
        "https://", "https:///path", "https://u:p@host/", "ftp://127.0.0.1/", "file:///etc/passwd",
        "https://host/a b", "http://localhost\\@evil.example/"}) {
    EXPECT_TRUE(refused(url)) << url;
  }
}

TEST(WebhookConfig, HasDefaultsAndAConnectionOfItsOwn) {
  const v1::RoutingConfig config = RoutingWithWebhook("https://host/");
  EXPECT_EQ(config.webhook().max_attempts(), 80);
  EXPECT_EQ(config.webhook().timeout().seconds(), 10);
  v1::RoutingConfig without = config;
  without.clear_webhook();
  EXPECT_EQ(QueryThreads(config), QueryThreads(without) - 1);
  ApplyDefaults(&without);
  EXPECT_FALSE(without.has_webhook());
  v1::RoutingConfig wrong = config;
  wrong.mutable_webhook()->set_max_in_flight(65);
  wrong.mutable_webhook()->mutable_max_backoff()->set_seconds(1);
  wrong.mutable_webhook()->set_key_id("a b");
  wrong.mutable_webhook()->clear_key_file();
  const std::string text(Validate(wrong).message());
  for (const char* field :
       {"webhook.max_in_flight", "webhook.max_backoff", "webhook.key_id", "webhook.key_file"}) {
    EXPECT_THAT(text, HasSubstr(field));
  }
}

TEST(LoadConfig, AMissingFileIsNotFound) {
  EXPECT_EQ(LoadConfig<v1::IntakeConfig>("/nonexistent/x").status().code(), absl::StatusCode::kNotFound);
}

TEST(LoadConfig, AnUpstreamWithoutAnAddressIsRefused) {
  v1::ReportingConfig config;
  ApplyDefaults(&config);
  EXPECT_THAT(std::string(Validate(config).message()), HasSubstr("intake.address is required"));
}

TEST(PrintWithDefaults, ShowsWhatIsInEffectAndCanBeLoadedAgain) {
  const TemporaryFile file(kIntake);
  const auto config = LoadConfig<v1::IntakeConfig>(file.path());
  ASSERT_TRUE(config.ok());
  const std::string text = PrintWithDefaults(*config);
  EXPECT_THAT(text, HasSubstr("  max_calls_in_flight: 4096\n"));
  EXPECT_THAT(text, HasSubstr("  # password_file: \"\"\n"));
  v1::IntakeConfig again;
  ASSERT_TRUE(ParseTextproto(text, "printed", &again).ok());
  EXPECT_EQ(again.SerializeAsString(), config->SerializeAsString());
}

TEST(SecretFile, IsReadWithoutItsLineEnd) {
  const TemporaryFile file("geheim \n", 0640);
  const auto secret = ReadSecretFile(file.path());
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(*secret, "geheim ");
}

TEST(SecretFile, IsRefusedWhenOthersCanReadIt) {
  const TemporaryFile file("geheim\n", 0644);
  const absl::Status status = ReadSecretFile(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("geheim")));
}

TEST(SecretFile, EmptyMissingAndHugeOnesAreRefused) {
  EXPECT_EQ(ReadSecretFile(TemporaryFile("\n").path()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadSecretFile(TemporaryFile(std::string(70000, 'x')).path()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadSecretFile("/nonexistent/x").status().code(), absl::StatusCode::kNotFound);
}

TEST(ServiceFlags, VersionStopsWithZeroAndAWrongLineWithTwo) {
  ServiceFlags flags;
  const char* const version[] = {"zhuqi-intake", "--version"};
  EXPECT_EQ(ParseServiceFlags(2, version, "zhuqi-intake", &flags), 0);
  const char* const wrong[] = {"zhuqi-intake", "--confg", "x"};
  EXPECT_EQ(ParseServiceFlags(3, wrong, "zhuqi-intake", &flags), 2);
}

TEST(ServiceFlags, CheckConfigSaysWhetherItIsGood) {
  const TemporaryFile good(kIntake);
  const TemporaryFile bad("nonsense: 1");
  v1::IntakeConfig config;
  const char* check[] = {"zhuqi-intake", "--check-config", "--config", good.path().c_str()};
  EXPECT_EQ(ConfigFromCommandLine(4, check, "zhuqi-intake", &config), 0);
  check[3] = bad.path().c_str();
  EXPECT_EQ(ConfigFromCommandLine(4, check, "zhuqi-intake", &config), 2);
  const char* const run[] = {"zhuqi-intake", "--config", good.path().c_str()};
  EXPECT_EQ(ConfigFromCommandLine(3, run, "zhuqi-intake", &config), std::nullopt);
  EXPECT_EQ(config.database().user(), "intake");
}

}  // namespace
}  // namespace zhuqi::config
