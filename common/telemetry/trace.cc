#include "common/telemetry/trace.h"

#include <cstddef>

#include "absl/random/random.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace zhuqi::telemetry {
namespace {

template <std::size_t N>
std::string Hex(const std::array<std::uint8_t, N>& bytes) {
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

template <std::size_t N>
bool AllZero(const std::array<std::uint8_t, N>& bytes) {
  return bytes == std::array<std::uint8_t, N>{};
}

// The standard allows lower case only.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

template <std::size_t N>
bool ParseHex(absl::string_view text, std::array<std::uint8_t, N>* bytes) {
  for (std::size_t i = 0; i < N; ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    (*bytes)[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

// Identities need to be different, not secret. Never all zero, which means "none".
template <std::size_t N>
void FillRandom(std::array<std::uint8_t, N>* bytes) {
  thread_local absl::InsecureBitGen random;
  do {
    for (std::uint8_t& byte : *bytes)
      byte = static_cast<std::uint8_t>(absl::Uniform<unsigned>(random, 0u, 256u));
  } while (AllZero(*bytes));
}

}  // namespace

TraceContext TraceContext::New() {
  TraceContext trace;
  FillRandom(&trace.trace_id);
  FillRandom(&trace.span_id);
  trace.flags = 1;
  return trace;
}

std::optional<TraceContext> TraceContext::Parse(absl::string_view text) {
  constexpr std::size_t kLength = 55;  // of version 00; later versions may append "-…"
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::array<std::uint8_t, 1> version;
  if (!ParseHex(text.substr(0, 2), &version) || version[0] == 0xff) return std::nullopt;
  if (text.size() > kLength && (version[0] == 0 || text[kLength] != '-')) return std::nullopt;
  TraceContext trace;
  std::array<std::uint8_t, 1> flags;
  if (!ParseHex(text.substr(3, 32), &trace.trace_id) || !ParseHex(text.substr(36, 16), &trace.span_id) ||
      !ParseHex(text.substr(53, 2), &flags) || !trace.valid()) {
    return std::nullopt;
  }
  trace.flags = flags[0];
  return trace;
}

TraceContext TraceContext::Child() const {
  TraceContext child = *this;
  FillRandom(&child.span_id);
  return child;
}

bool TraceContext::valid() const { return !AllZero(trace_id) && !AllZero(span_id); }

std::string TraceContext::ToTraceparent() const {
  return absl::StrCat("00-", Hex(trace_id), "-", Hex(span_id), "-", Hex(std::array<std::uint8_t, 1>{flags}));
}

std::string TraceContext::TraceIdHex() const { return Hex(trace_id); }

}  // namespace zhuqi::telemetry
