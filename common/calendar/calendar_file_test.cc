#include "common/calendar/calendar_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/calendar/test_calendar.h"

namespace zhuqi::calendar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHeader[] = "date,kind,holiday,notice_year\n";

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<CalendarData> data = ParseCalendarFile(text, "city", 1);
  EXPECT_EQ(data.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(data.status().message());
}

TEST(CalendarFile, TheShippedFileIsWhole) {
  const CalendarData data = ParseCalendarFile(ShippedCalendarText(), "city", 7).value();
  EXPECT_EQ(data.id, "city");
  EXPECT_EQ(data.version, 7);
  EXPECT_THAT(data.notice_years, ElementsAre(2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026));
  EXPECT_EQ(data.overrides.size(), 315U);
}

TEST(CalendarFile, ReadsByteOrderMarkWindowsLineEndsAndEmptyLines) {
  const CalendarData data = ParseCalendarFile(
                                "\xEF\xBB\xBF"
                                "date,kind,holiday,notice_year\r\n2018-12-29,WORK,元旦,2019\r\n\r\n",
                                "a", 1)
                                .value();
  ASSERT_EQ(data.overrides.size(), 1U);
  EXPECT_EQ(data.overrides[0].date, absl::CivilDay(2018, 12, 29));
  EXPECT_TRUE(data.overrides[0].working);
  EXPECT_EQ(data.overrides[0].holiday, "元旦");
  EXPECT_EQ(data.overrides[0].notice_year, 2019);
  EXPECT_THAT(data.notice_years, ElementsAre(2019));
}

TEST(CalendarFile, ErrorsNameTheLine) {
  const std::string good = absl::StrCat(kHeader, "2026-01-01,OFF,元旦,2026\n");
  EXPECT_THAT(ErrorOf(""), HasSubstr("line 1: expected the header"));
  EXPECT_THAT(ErrorOf("2026-01-01,OFF,元旦,2026\n"), HasSubstr("line 1: expected the header"));
  EXPECT_THAT(ErrorOf(good + "2026-01-02,OFF,元旦\n"), HasSubstr("line 3: expected 4 fields"));
  EXPECT_THAT(ErrorOf(good + "2026-02-30,OFF,元旦,2026\n"), HasSubstr("line 3: '2026-02-30' is not a date"));
  EXPECT_THAT(ErrorOf(good + "2026-1-2,OFF,元旦,2026\n"), HasSubstr("line 3: '2026-1-2' is not a date"));
  EXPECT_THAT(ErrorOf(good + "2026-01-02,off,元旦,2026\n"), HasSubstr("line 3: kind 'off'"));
  EXPECT_THAT(ErrorOf(good + "2026-01-02,OFF,元旦,26\n"), HasSubstr("line 3: notice year '26'"));
  EXPECT_THAT(ErrorOf(good + "2026-01-02,OFF,元旦,2024\n"), HasSubstr("line 3: the notice of 2024"));
  EXPECT_THAT(ErrorOf(good + "\n2026-01-01,WORK,元旦,2026\n"),
              HasSubstr("line 4: 2026-01-01 is named already on line 2"));
}

}  // namespace
}  // namespace zhuqi::calendar
