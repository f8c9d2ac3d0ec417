// The published arrangement of holidays as a CSV file, and back into CalendarData. Pure: the caller reads the
// file.
#ifndef ZHUQI_COMMON_CALENDAR_CALENDAR_FILE_H_
#define ZHUQI_COMMON_CALENDAR_CALENDAR_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/calendar/working_calendar.h"

namespace zhuqi::calendar {

// Reads CSV with the header "date,kind,holiday,notice_year": date as 2026-01-01, kind OFF or WORK, holiday
// for people (without commas, may be empty), notice_year the year of the notice that names the day. UTF-8,
// with or without a byte order mark; LF or CR LF; empty lines are skipped. The notice years of the result are
// those that occur. Working hours are left to WorkingCalendar::Create's default.
//
// INVALID_ARGUMENT with the line number (the header is line 1) for anything else, and for a day named twice.
absl::StatusOr<CalendarData> ParseCalendarFile(absl::string_view text, absl::string_view id,
                                               std::int64_t version);

}  // namespace zhuqi::calendar

#endif  // ZHUQI_COMMON_CALENDAR_CALENDAR_FILE_H_
