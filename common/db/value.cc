#include "common/db/value.h"

#include <utility>

namespace zhuqi::db {
namespace {

// Writes `digits` digits of `number`, which is not negative and fits.
char* WriteNumber(char* at, int64_t number, int digits) {
  for (int i = digits - 1; i >= 0; --i, number /= 10) at[i] = static_cast<char>('0' + number % 10);
  return at + digits;
}

char* WriteDay(char* at, absl::CivilDay day) {
  at = WriteNumber(at, day.year(), 4);
  *at++ = '-';
  at = WriteNumber(at, day.month(), 2);
  *at++ = '-';
  return WriteNumber(at, day.day(), 2);
}

// What no DATE can hold is sent as what the server refuses.
constexpr char kOutOfRange[] = "year out of range";

bool IsInRange(absl::CivilDay day) { return day.year() >= 0 && day.year() <= 9999; }

std::string DayText(absl::CivilDay day) {
  if (!IsInRange(day)) return kOutOfRange;
  char text[10];
  return std::string(text, WriteDay(text, day));
}

// By hand: absl::FormatTime and StrFormat cost several times as much, and every row has a time or two.
std::string DateTimeText(absl::Time time) {
  constexpr int64_t kDay = int64_t{86400} * 1000000;
  const int64_t microseconds = absl::ToUnixMicros(time);  // rounds down
  int64_t days = microseconds / kDay;
  if (microseconds % kDay < 0) --days;
  const int64_t of_day = microseconds - days * kDay;
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + days;
  if (!IsInRange(day)) return kOutOfRange;
  char text[26];
  char* at = WriteDay(text, day);
  const int64_t seconds = of_day / 1000000;
  const std::pair<char, int64_t> parts[] = {
      {' ', seconds / 3600}, {':', seconds / 60 % 60}, {':', seconds % 60}};
  for (const auto& [separator, number] : parts) {
    *at++ = separator;
    at = WriteNumber(at, number, 2);
  }
  *at++ = '.';
  return std::string(text, WriteNumber(at, of_day % 1000000, 6));
}

}  // namespace

Value::Value(absl::CivilDay value) : storage_(DayText(value)) {}

Value::Value(absl::Time value) : storage_(DateTimeText(value)) {}

size_t Value::WireSize() const {
  if (is_null()) return 0;
  if (const auto* text = std::get_if<std::string>(&storage_)) return text->size() + 4;
  return std::holds_alternative<Uuid>(storage_) ? 17 : 8;
}

}  // namespace zhuqi::db
