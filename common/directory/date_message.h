// Between the dates and instants of the contract and those of the code.
#ifndef ZHUQI_COMMON_DIRECTORY_DATE_MESSAGE_H_
#define ZHUQI_COMMON_DIRECTORY_DATE_MESSAGE_H_

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "zhuqi/common/v1/date.pb.h"

namespace zhuqi {

// Nullopt for a date that does not exist or lies outside 2000 to 2100.
std::optional<absl::CivilDay> CivilDayFrom(const common::v1::Date& date);
common::v1::Date DateMessage(absl::CivilDay day);

// Nullopt for a month that does not exist or lies outside 2000 to 2100.
std::optional<absl::CivilMonth> CivilMonthFrom(const common::v1::YearMonth& month);
common::v1::YearMonth YearMonthMessage(absl::CivilMonth month);

// Microseconds are kept, what is finer is cut: the database keeps no more.
absl::Time TimeFrom(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp TimestampMessage(absl::Time time);

// True for an instant from 2000 to 2100.
bool IsPlausibleTime(const google::protobuf::Timestamp& timestamp);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_DATE_MESSAGE_H_
