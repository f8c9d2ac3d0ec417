#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "common/telemetry/trace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::telemetry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// The line without its varying begin.
std::string AfterTimestamp(absl::string_view line) {
  return std::string(line.substr(line.find(",\"level\"")));
}

std::vector<std::string> LinesOf(LogLevel level, const std::function<void(Logger&)>& write) {
  std::vector<std::string> lines;
  Logger log("intake", level, [&](absl::string_view line) { lines.push_back(AfterTimestamp(line)); });
  write(log);
  return lines;
}

TEST(Logger, WritesEachKindOfValueAsJson) {
  const auto lines = LinesOf(LogLevel::kInfo, [](Logger& log) {
    log.Info("hello", {{"text", "走访"},
                       {"count", 3},
                       {"big", std::uint64_t{18446744073709551615u}},
                       {"ratio", 0.5},
                       {"done", true},
                       {"took", absl::Milliseconds(1500)},
                       {"at", absl::UnixEpoch()},
                       {"status", absl::NotFoundError("gone")}});
  });
  EXPECT_THAT(lines,
              ElementsAre(R"(,"level":"info","service":"intake","message":"hello","text":"走访","count":3,)"
                          R"("big":18446744073709551615,"ratio":0.5,"done":true,"took":1.5,)"
                          R"("at":"1970-01-01T00:00:00.000000Z","status":"NOT_FOUND: gone"})"));
}

TEST(Logger, TextThatWouldBreakTheLineIsEscaped) {
  const auto lines = LinesOf(LogLevel::kInfo, [](Logger& log) {
    log.Info("a\"b\\c\nd{}%v", {{"bytes", absl::string_view("\xff\xe4\xb8", 3)}});
  });
  EXPECT_THAT(
      lines, ElementsAre(",\"level\":\"info\",\"service\":\"intake\",\"message\":\"a\\\"b\\\\c\\u000ad{}%v\","
                         "\"bytes\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}"));
}

TEST(Logger, LinesBelowTheLevelAreNotWritten) {
  const auto lines = LinesOf(LogLevel::kWarning, [](Logger& log) {
    log.Info("no");
    log.Warning("yes");
  });
  EXPECT_THAT(lines, ElementsAre(HasSubstr("yes")));
}

TEST(Logger, LevelNamesAreParsed) {
  bool ok = false;
  EXPECT_EQ(ParseLogLevel("error", &ok), LogLevel::kError);
  EXPECT_TRUE(ok);
  EXPECT_EQ(ParseLogLevel("loud", &ok), LogLevel::kInfo);
  EXPECT_FALSE(ok);
}

TEST(Metrics, TheSameLabelsGiveTheSameChild) {
  Metrics metrics("intake");
  metrics.Counter("zhuqi_calls_total", "Calls.", {{"code", "OK"}}).Increment();
  metrics.Counter("zhuqi_calls_total", "Calls.", {{"code", "OK"}}).Increment();
  EXPECT_THAT(metrics.Render(), HasSubstr("zhuqi_calls_total{service=\"intake\",code=\"OK\"} 2"));
}

TEST(Metrics, AnUnboundedLabelEndsInOneSharedChild) {
  Metrics metrics("intake");
  for (int i = 0; i < 1000; ++i) {
    metrics.Gauge("zhuqi_size", "Size.", {{"id", absl::StrCat(i)}}).Increment();
  }
  const std::string page = metrics.Render();
  EXPECT_THAT(page, HasSubstr("id=\"other\"} 800"));
  EXPECT_THAT(page, Not(HasSubstr("id=\"201\"")));
}

TEST(Metrics, ANameThatIsNotValidIsNotExportedAndDoesNotThrow) {
  Metrics metrics("intake");
  metrics.Counter("not a name", "x").Increment();
  metrics.Counter("zhuqi_good_total", "x").Increment();
  metrics.Gauge("zhuqi_good_total", "another kind of the same name").Set(7);
  const std::string page = metrics.Render();
  EXPECT_THAT(page, Not(HasSubstr("not a name")));
  EXPECT_THAT(page, HasSubstr("zhuqi_good_total{service=\"intake\"} 1"));
}

TEST(Metrics, ACallbackGaugeEndsWithItsRegistration) {
  Metrics metrics("intake");
  double value = 3;
  auto registration = metrics.CallbackGauge("zhuqi_pool_free", "Free.", {}, [&] { return value; });
  EXPECT_THAT(metrics.Render(), HasSubstr("zhuqi_pool_free{service=\"intake\"} 3"));
  registration.reset();
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("zhuqi_pool_free")));
}

// What a gauge reads goes with its owner, while a scrape may be under way.
TEST(Metrics, TheEndOfARegistrationWaitsForAReadThatRuns) {
  Metrics metrics("intake");
  absl::Notification reads;
  absl::Notification ended;
  bool ended_while_read = false;
  auto registration = metrics.CallbackGauge("zhuqi_pool_free", "Free.", {}, [&] {
    reads.Notify();
    ended_while_read = ended.WaitForNotificationWithTimeout(absl::Milliseconds(100));
    return 1.0;
  });
  std::thread scrape([&] { metrics.Render(); });
  reads.WaitForNotification();
  registration.reset();
  ended.Notify();
  scrape.join();
  EXPECT_FALSE(ended_while_read);
}

TEST(Metrics, AScrapeUnderWayDoesNotReadAGaugeThatEndedMeanwhile) {
  Metrics metrics("intake");
  bool owner_lives = true;
  bool read_too_late = false;
  std::shared_ptr<Metrics::CallbackRegistration> second;
  const auto first = metrics.CallbackGauge("zhuqi_first", "First.", {}, [&] {
    second.reset();
    owner_lives = false;
    return 1.0;
  });
  second = metrics.CallbackGauge("zhuqi_second", "Second.", {}, [&] {
    read_too_late = !owner_lives;
    return 2.0;
  });
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("zhuqi_second{")));
  EXPECT_FALSE(read_too_late);
}

TEST(Metrics, ATakenAddressIsAStatus) {
  Metrics first("a");
  Metrics second("b");
  ASSERT_TRUE(first.Expose("127.0.0.1:0").ok());
  ASSERT_NE(first.port(), 0);
  const absl::Status status = second.Expose(absl::StrCat("127.0.0.1:", first.port()));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

TEST(Trace, ParsesAndWritesTheHeader) {
  const std::string header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto trace = TraceContext::Parse(header);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->ToTraceparent(), header);
  EXPECT_EQ(trace->TraceIdHex(), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(Trace, RefusesWhatTheStandardCallsInvalid) {
  for (const char* header : {
           "",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",          // no flags
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",       // no trace
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",       // no span
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",       // version ff
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",       // upper case
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",  // version 00 has no more
       }) {
    EXPECT_FALSE(TraceContext::Parse(header).has_value()) << header;
  }
  EXPECT_TRUE(
      TraceContext::Parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").has_value());
}

TEST(Trace, AChildStaysInTheTraceWithASpanOfItsOwn) {
  const TraceContext parent = TraceContext::New();
  const TraceContext child = parent.Child();
  EXPECT_TRUE(child.valid());
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
}

}  // namespace
}  // namespace zhuqi::telemetry
