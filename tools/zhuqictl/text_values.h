// Dates, times, months and enumerations as people type them. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_TEXT_VALUES_H_
#define ZHUQI_TOOLS_ZHUQICTL_TEXT_VALUES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "zhuqi/common/v1/date.pb.h"
#include "zhuqi/reporting/v1/figure.pb.h"

namespace zhuqi::ctl {

// "2024-05-09". INVALID_ARGUMENT says what was expected, here and below.
absl::StatusOr<common::v1::Date> ParseDate(absl::string_view text);
// "2024-05".
absl::StatusOr<common::v1::YearMonth> ParseMonth(absl::string_view text);
// "2024Q2".
absl::StatusOr<reporting::v1::Quarter> ParseQuarter(absl::string_view text);
// "2024-01..2024-03" or one month: each month of the span, first and last included, at most 60.
absl::StatusOr<std::vector<common::v1::YearMonth>> ParseMonths(absl::string_view text);
// "2024-05-09T09:30:00+08:00", or "2024-05-09 09:30[:00]" in Asia/Shanghai.
absl::StatusOr<google::protobuf::Timestamp> ParseInstant(absl::string_view text);

// "2024-05-09"; "2024-05"; "2024-05-09 09:30" in Asia/Shanghai, "" for an absent one.
std::string DateText(const common::v1::Date& date);
std::string MonthText(const common::v1::YearMonth& month);
std::string InstantText(const google::protobuf::Timestamp& instant);

// "true", "yes", "1", 是; "false", "no", "0", 否; in either case.
absl::StatusOr<bool> ParseTruth(absl::string_view text);

// The number of the enumeration value that `text` names: with or without the enumeration's prefix, in either
// case, with '-' for '_' ("visit", "RECORD_KIND_VISIT"), or by one of the Chinese words that are customary
// for it (问题, 走访, 办理中 …). The zero value is never meant. INVALID_ARGUMENT lists what there is.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor* type, absl::string_view text);
template <class Enum>
absl::StatusOr<Enum> ParseEnum(absl::string_view text) {
  const absl::StatusOr<int> number = ParseEnum(google::protobuf::GetEnumDescriptor<Enum>(), text);
  if (!number.ok()) return number.status();
  return static_cast<Enum>(*number);
}

// The value's name without the prefix, in small letters: "awaiting_call_back". "" for the zero value.
std::string EnumText(const google::protobuf::EnumDescriptor* type, int number);
template <class Enum>
std::string EnumText(Enum value) {
  return EnumText(google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

// The customary Chinese word, where there is one and it is wanted; else as EnumText.
std::string EnumWord(const google::protobuf::EnumDescriptor* type, int number, bool chinese);
template <class Enum>
std::string EnumWord(Enum value, bool chinese) {
  return EnumWord(google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value), chinese);
}

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_TEXT_VALUES_H_
