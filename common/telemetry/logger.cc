#include "common/telemetry/logger.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/base_sink.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace zhuqi::telemetry {
namespace {

constexpr std::size_t kMaxTextBytes = 4096;  // of one value: a line stays one write

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      break;
  }
  return "off";
}

// Bytes of the well-formed UTF-8 sequence that `text` begins with; 0 when it begins with none.
std::size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continued = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0u) == 0x80u; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continued(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!continued(1) || !continued(2)) return 0;
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!continued(1) || !continued(2) || !continued(3)) return 0;
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool beyond = first == 0xf4 && byte(1) >= 0x90;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

// JSON text of `text`: control characters escaped, bytes that are not UTF-8 replaced, the rest as it is.
void AppendJsonText(absl::string_view text, std::string* line) {
  line->push_back('"');
  std::size_t written = 0;
  while (!text.empty()) {
    if (written >= kMaxTextBytes) {
      line->append("…");
      break;
    }
    const std::size_t length = SequenceLength(text);
    const char c = text[0];
    if (length == 0) {
      line->append("\xef\xbf\xbd");
    } else if (c == '"' || c == '\\') {
      line->push_back('\\');
      line->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(line, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      line->append(text.data(), length);
    }
    const std::size_t consumed = length == 0 ? 1 : length;
    written += consumed;
    text.remove_prefix(consumed);
  }
  line->push_back('"');
}

// JSON has no infinities.
void AppendJsonNumber(double value, std::string* line) {
  if (std::isfinite(value)) {
    absl::StrAppendFormat(line, "%.10g", value);
  } else {
    line->append("null");
  }
}

struct ValueAppender {
  std::string* line;
  void operator()(absl::string_view value) const { AppendJsonText(value, line); }
  void operator()(bool value) const { line->append(value ? "true" : "false"); }
  void operator()(double value) const { AppendJsonNumber(value, line); }
  void operator()(std::int64_t value) const { absl::StrAppend(line, value); }
  void operator()(std::uint64_t value) const { absl::StrAppend(line, value); }
  void operator()(absl::Duration value) const { AppendJsonNumber(absl::ToDoubleSeconds(value), line); }
  void operator()(absl::Time value) const {
    AppendJsonText(absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", value, absl::UTCTimeZone()), line);
  }
  void operator()(const absl::Status* value) const {
    AppendJsonText(absl::StrCat(absl::StatusCodeToString(value->code()), ": ", value->message()), line);
  }
};

// Hands lines to a function of the test's.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(absl::string_view)> function) : function_(std::move(function)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    function_(absl::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

  std::function<void(absl::string_view)> function_;
};

}  // namespace

LogLevel ParseLogLevel(absl::string_view name, bool* ok) {
  if (ok != nullptr) *ok = true;
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError, LogLevel::kOff}) {
    if (name == LevelName(level)) return level;
  }
  if (ok != nullptr) *ok = false;
  return LogLevel::kInfo;
}

struct Logger::Output {
  explicit Output(spdlog::sink_ptr sink) : logger("zhuqi", std::move(sink)) {
    logger.set_level(spdlog::level::trace);
    // The line is complete already: spdlog only writes it.
    logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, std::string("\n")));
    logger.set_error_handler([](const std::string&) {});
  }
  spdlog::logger logger;
};

Logger::Logger(std::string service, LogLevel level)
    : service_(std::move(service)),
      level_(level),
      output_(std::make_unique<Output>(std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Logger::Logger(std::string service, LogLevel level, std::function<void(absl::string_view)> sink)
    : service_(std::move(service)),
      level_(level),
      output_(std::make_unique<Output>(std::make_shared<FunctionSink>(std::move(sink)))) {}

Logger::~Logger() = default;

Logger& Logger::Null() {
  static Logger* const null = new Logger("", LogLevel::kOff);
  return *null;
}

void Logger::Log(LogLevel level, absl::string_view message, LogFields fields) noexcept {
  if (!enabled(level)) return;
  try {
    std::string line;
    line.reserve(256);
    absl::StrAppend(&line, "{\"ts\":\"",
                    absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
                    "\",\"level\":\"", LevelName(level), "\",\"service\":");
    AppendJsonText(service_, &line);
    line.append(",\"message\":");
    AppendJsonText(message, &line);
    for (const LogField& field : fields) {
      line.push_back(',');
      AppendJsonText(field.key, &line);
      line.push_back(':');
      std::visit(ValueAppender{&line}, field.value.value());
    }
    line.push_back('}');
    output_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {
    // Out of memory, most likely. A log line is not worth a call.
  }
}

}  // namespace zhuqi::telemetry
