#include "common/db/value.h"

#include "absl/strings/str_format.h"

namespace zhuqi::db {
namespace {

// By hand: absl::FormatTime costs several times as much, and every row has a time or two.
std::string DateTimeText(absl::Time time) {
  const absl::CivilSecond second = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const int64_t microseconds = absl::ToInt64Microseconds(time - absl::FromCivil(second, absl::UTCTimeZone()));
  return absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d.%06d", second.year(), second.month(), second.day(),
                         second.hour(), second.minute(), second.second(), microseconds);
}

}  // namespace

Value::Value(absl::CivilDay value)
    : storage_(absl::StrFormat("%04d-%02d-%02d", value.year(), value.month(), value.day())) {}

Value::Value(absl::Time value) : storage_(DateTimeText(value)) {}

size_t Value::WireSize() const {
  if (is_null()) return 0;
  if (const auto* text = std::get_if<std::string>(&storage_)) return text->size() + 4;
  return std::holds_alternative<Uuid>(storage_) ? 17 : 8;
}

}  // namespace zhuqi::db
