// W3C trace context: which request of which caller a log line belongs to, across services.
#ifndef ZHUQI_COMMON_TELEMETRY_TRACE_H_
#define ZHUQI_COMMON_TELEMETRY_TRACE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace zhuqi::telemetry {

struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};  // all zero: no trace
  std::array<std::uint8_t, 8> span_id{};
  std::uint8_t flags = 0;  // bit 0: sampled

  // A new trace with a random identity.
  static TraceContext New();
  // Parses the header "traceparent"; nullopt for anything the standard calls invalid.
  static std::optional<TraceContext> Parse(absl::string_view traceparent);
  // The same trace, a new span: what a call made on behalf of this one carries.
  TraceContext Child() const;

  bool valid() const;
  std::string ToTraceparent() const;  // "00-<32 hex>-<16 hex>-<2 hex>"
  std::string TraceIdHex() const;     // 32 hex digits
};

}  // namespace zhuqi::telemetry

#endif  // ZHUQI_COMMON_TELEMETRY_TRACE_H_
