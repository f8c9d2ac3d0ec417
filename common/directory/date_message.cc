#include "common/directory/date_message.h"

namespace zhuqi {
namespace {
constexpr int kFirstYear = 2000;
constexpr int kLastYear = 2100;
}  // namespace

std::optional<absl::CivilDay> CivilDayFrom(const common::v1::Date& date) {
  if (date.year() < kFirstYear || date.year() > kLastYear) return std::nullopt;
  const absl::CivilDay day(date.year(), date.month(), date.day());
  // CivilDay normalises the 31st of February to March; such a date was never meant.
  if (day.month() != date.month() || day.day() != date.day()) return std::nullopt;
  return day;
}

common::v1::Date DateMessage(absl::CivilDay day) {
  common::v1::Date date;
  date.set_year(static_cast<int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

std::optional<absl::CivilMonth> CivilMonthFrom(const common::v1::YearMonth& month) {
  if (month.year() < kFirstYear || month.year() > kLastYear || month.month() < 1 || month.month() > 12) {
    return std::nullopt;
  }
  return absl::CivilMonth(month.year(), month.month());
}

common::v1::YearMonth YearMonthMessage(absl::CivilMonth month) {
  common::v1::YearMonth message;
  message.set_year(static_cast<int32_t>(month.year()));
  message.set_month(month.month());
  return message;
}

absl::Time TimeFrom(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Microseconds(timestamp.nanos() / 1000);
}

google::protobuf::Timestamp TimestampMessage(absl::Time time) {
  const int64_t microseconds = absl::ToUnixMicros(time);
  int64_t seconds = microseconds / 1'000'000;
  int64_t rest = microseconds % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(rest * 1000));
  return timestamp;
}

bool IsPlausibleTime(const google::protobuf::Timestamp& timestamp) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time time = absl::FromUnixSeconds(timestamp.seconds());
  return timestamp.nanos() >= 0 && timestamp.nanos() < 1'000'000'000 &&
         time >= absl::FromCivil(absl::CivilYear(kFirstYear), utc) &&
         time < absl::FromCivil(absl::CivilYear(kLastYear + 1), utc);
}

}  // namespace zhuqi
