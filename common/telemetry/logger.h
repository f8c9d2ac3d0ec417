// The one logger: one JSON object a line on standard error.
//
//   log.Info("batch committed", {{"items", items}, {"took", duration}, {"trace_id", call.request_trace_id}});
//   {"ts":"2026-03-01T08:00:00.123456Z","level":"info","service":"intake","message":"batch committed",…}
//
// Never throws; a line that can not be written is dropped. Never log secrets or whole records.
#ifndef ZHUQI_COMMON_TELEMETRY_LOGGER_H_
#define ZHUQI_COMMON_TELEMETRY_LOGGER_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zhuqi::telemetry {

enum class LogLevel { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3, kOff = 4 };

// "debug", "info", "warning", "error", "off"; anything else is kInfo with *ok = false.
LogLevel ParseLogLevel(absl::string_view name, bool* ok = nullptr);

// A value of a field. Text is viewed, not copied: it lives as long as the logging call.
class LogValue {
 public:
  LogValue(const char* text) : value_(absl::string_view(text)) {}
  LogValue(const std::string& text) : value_(absl::string_view(text)) {}
  LogValue(absl::string_view text) : value_(text) {}
  LogValue(bool value) : value_(value) {}
  LogValue(double value) : value_(value) {}
  template <std::signed_integral T>
  LogValue(T value) : value_(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) LogValue(T value) : value_(static_cast<std::uint64_t>(value)) {}
  LogValue(absl::Duration value) : value_(value) {}  // written in seconds
  LogValue(absl::Time value) : value_(value) {}      // written as RFC 3339 in UTC
  LogValue(const absl::Status& value) : value_(&value) {}

  using Value = std::variant<absl::string_view, bool, double, std::int64_t, std::uint64_t, absl::Duration,
                             absl::Time, const absl::Status*>;
  const Value& value() const { return value_; }

 private:
  Value value_;
};

struct LogField {
  absl::string_view key;
  LogValue value;
};

using LogFields = std::initializer_list<LogField>;

// Thread-safe.
class Logger {
 public:
  // Writes to standard error.
  Logger(std::string service, LogLevel level);
  // Hands each line, without the line end, to `sink` (tests).
  Logger(std::string service, LogLevel level, std::function<void(absl::string_view)> sink);
  ~Logger();

  bool enabled(LogLevel level) const { return level >= level_ && level != LogLevel::kOff; }
  void Debug(absl::string_view message, LogFields fields = {}) { Log(LogLevel::kDebug, message, fields); }
  void Info(absl::string_view message, LogFields fields = {}) { Log(LogLevel::kInfo, message, fields); }
  void Warning(absl::string_view message, LogFields fields = {}) { Log(LogLevel::kWarning, message, fields); }
  void Error(absl::string_view message, LogFields fields = {}) { Log(LogLevel::kError, message, fields); }
  void Log(LogLevel level, absl::string_view message, LogFields fields) noexcept;

  // Drops everything; lives for ever.
  static Logger& Null();

 private:
  struct Output;
  const std::string service_;
  const LogLevel level_;
  const std::unique_ptr<Output> output_;
};

}  // namespace zhuqi::telemetry

#endif  // ZHUQI_COMMON_TELEMETRY_LOGGER_H_
