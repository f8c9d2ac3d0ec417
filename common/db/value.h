// One value bound to a `?` of a statement.
#ifndef ZHUQI_COMMON_DB_VALUE_H_
#define ZHUQI_COMMON_DB_VALUE_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace zhuqi::db {

// Converts implicitly, so that a parameter list reads as a list: {unit_id, day, nullptr, 3}.
//   bool            0 or 1
//   strings         text or bytes; any byte may occur, also NUL
//   Uuid            its 16 bytes, for BINARY(16)
//   absl::CivilDay  DATE, years 0001 to 9999
//   absl::Time      DATETIME(6) in UTC, cut (not rounded) to microseconds; must be finite
//   std::optional   NULL when absent
class Value {
 public:
  using Storage = std::variant<std::monostate, int64_t, uint64_t, double, std::string, Uuid>;

  Value(std::nullptr_t) {}                                      // NOLINT: implicit
  Value(std::nullopt_t) {}                                      // NOLINT: implicit
  Value(bool value) : storage_(static_cast<int64_t>(value)) {}  // NOLINT: implicit
  template <std::signed_integral T>
  Value(T value) : storage_(static_cast<int64_t>(value)) {}  // NOLINT: implicit
  template <std::unsigned_integral T>
  Value(T value) : storage_(static_cast<uint64_t>(value)) {}                             // NOLINT: implicit
  Value(double value) : storage_(value) {}                                               // NOLINT: implicit
  Value(std::string value) : storage_(std::move(value)) {}                               // NOLINT: implicit
  Value(const char* value) : storage_(std::string(value)) {}                             // NOLINT: implicit
  Value(absl::string_view value) : storage_(std::string(value.data(), value.size())) {}  // NOLINT: implicit
  Value(const Uuid& value) : storage_(value) {}                                          // NOLINT: implicit
  Value(absl::CivilDay value);                                                           // NOLINT: implicit
  Value(absl::Time value);                                                               // NOLINT: implicit
  template <typename T>
  Value(const std::optional<T>& value) {  // NOLINT: implicit
    if (value.has_value()) *this = Value(*value);
  }

  bool is_null() const { return std::holds_alternative<std::monostate>(storage_); }
  const Storage& storage() const { return storage_; }

  // About how many bytes it takes on the wire.
  size_t WireSize() const;

 private:
  Storage storage_;
};

using Values = std::vector<Value>;

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_VALUE_H_
