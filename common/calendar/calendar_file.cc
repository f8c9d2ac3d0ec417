#include "common/calendar/calendar_file.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace zhuqi::calendar {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr absl::string_view kHeader = "date,kind,holiday,notice_year";
constexpr int kFirstYear = 2000;
constexpr int kLastYear = 2999;

absl::Status LineError(int line, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat("calendar file, line ", line, ": ", message));
}

absl::StatusOr<DateOverride> ParseRow(absl::string_view row, int line) {
  const std::vector<absl::string_view> fields = absl::StrSplit(row, ',');
  if (fields.size() != 4) {
    return LineError(line, absl::StrCat("expected 4 fields (", kHeader, "), found ", fields.size()));
  }
  DateOverride entry;
  // Parsing alone takes 2026-1-1 too: only the form that is written back is accepted.
  if (!absl::ParseCivilTime(fields[0], &entry.date) || absl::FormatCivilTime(entry.date) != fields[0]) {
    return LineError(line, absl::StrCat("'", fields[0], "' is not a date like 2026-01-01"));
  }
  if (fields[1] != "OFF" && fields[1] != "WORK") {
    return LineError(line, absl::StrCat("kind '", fields[1], "' is neither OFF nor WORK"));
  }
  entry.working = fields[1] == "WORK";
  entry.holiday = std::string(fields[2]);
  if (!absl::SimpleAtoi(fields[3], &entry.notice_year) || entry.notice_year < kFirstYear ||
      entry.notice_year > kLastYear) {
    return LineError(line, absl::StrCat("notice year '", fields[3], "' is not a year"));
  }
  if (std::abs(entry.date.year() - entry.notice_year) > 1) {
    return LineError(line, absl::StrCat("the notice of ", fields[3], " can not name ", fields[0]));
  }
  return entry;
}

}  // namespace

absl::StatusOr<CalendarData> ParseCalendarFile(absl::string_view text, absl::string_view id,
                                               std::int64_t version) {
  CalendarData data;
  data.id = std::string(id);
  data.version = version;
  absl::flat_hash_map<absl::CivilDay, int> line_of_day;
  absl::ConsumePrefix(&text, kByteOrderMark);
  int line = 0;
  for (absl::string_view row : absl::StrSplit(text, '\n')) {
    ++line;
    absl::ConsumeSuffix(&row, "\r");
    if (line == 1) {
      if (row != kHeader) return LineError(line, absl::StrCat("expected the header ", kHeader));
      continue;
    }
    if (row.empty()) continue;
    ZHUQI_ASSIGN_OR_RETURN(DateOverride entry, ParseRow(row, line));
    const auto [earlier, inserted] = line_of_day.emplace(entry.date, line);
    if (!inserted) {
      return LineError(line, absl::StrCat(absl::FormatCivilTime(entry.date), " is named already on line ",
                                          earlier->second));
    }
    data.notice_years.push_back(entry.notice_year);
    data.overrides.push_back(std::move(entry));
  }
  std::sort(data.notice_years.begin(), data.notice_years.end());
  data.notice_years.erase(std::unique(data.notice_years.begin(), data.notice_years.end()),
                          data.notice_years.end());
  return data;
}

}  // namespace zhuqi::calendar
