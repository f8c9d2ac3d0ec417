// Universally unique identifiers. New ones are version 7 (RFC 9562): they grow with time, so a table keyed by
// them is appended to instead of being written all over.
#ifndef ZHUQI_COMMON_BASE_UUID_H_
#define ZHUQI_COMMON_BASE_UUID_H_

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zhuqi {

class Uuid {
 public:
  Uuid() = default;
  // A version 7 identifier for `now`. Strictly increasing within a process, even in one millisecond.
  static Uuid NewV7(absl::Time now);
  // A version 8 identifier that is a pure function of `name_space` and `name`: the same event gives the same
  // identifier however often it is applied. Its first 48 bits are `at` in milliseconds, as in version 7.
  static Uuid Derived(absl::string_view name_space, absl::string_view name, absl::Time at);
  // Accepts the 36-character form in either case. Anything else is nullopt.
  static std::optional<Uuid> Parse(absl::string_view text);
  // Accepts exactly 16 bytes.
  static std::optional<Uuid> FromBytes(absl::string_view bytes);

  // "0190163d-8694-739b-aea5-966c26f8ad91".
  std::string ToString() const;
  // The 16 bytes, as BINARY(16) columns store them.
  std::string ToBytes() const { return std::string(bytes_.begin(), bytes_.end()); }

  friend bool operator==(const Uuid&, const Uuid&) = default;
  // The order of BINARY(16) columns: bytes without sign. (That of std::array<char, 16> is another.)
  friend std::strong_ordering operator<=>(const Uuid& a, const Uuid& b) {
    return std::memcmp(a.bytes_.data(), b.bytes_.data(), a.bytes_.size()) <=> 0;
  }
  template <typename H>
  friend H AbslHashValue(H state, const Uuid& uuid) {
    return H::combine(std::move(state), uuid.bytes_);
  }

 private:
  std::array<char, 16> bytes_{};
};

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_UUID_H_
