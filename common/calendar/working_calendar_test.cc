#include "common/calendar/working_calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>

#include "common/calendar/test_calendar.h"

namespace zhuqi::calendar {
namespace {

using absl::CivilDay;
using ::testing::HasSubstr;

CivilDay AnyDay() { return CivilDay(2017, 6, 1) + *rc::gen::inRange(0, 365 * 11); }

absl::Time AnyInstant() { return StartOfCityDay(AnyDay()) + absl::Seconds(*rc::gen::inRange(0, 86'400)); }

int WorkingDaysOfYear(int year) {
  return ShippedCalendar().WorkingDaysBetween(CivilDay(year - 1, 12, 31), CivilDay(year, 12, 31));
}

TEST(WorkingCalendar, CountsTheWorkingDaysThatFollowTheStart) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay(2026, 2, 12), 5), CivilDay(2026, 2, 26));
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay(2026, 4, 30), 5), CivilDay(2026, 5, 11));
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay(2026, 9, 30), 3), CivilDay(2026, 10, 10));
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay(2025, 12, 31), 3), CivilDay(2026, 1, 6));
}

TEST(WorkingCalendar, MakeUpWorkdaysAreWorkingDays) {
  EXPECT_TRUE(ShippedCalendar().IsWorkingDay(CivilDay(2026, 1, 4)));
  EXPECT_EQ(ShippedCalendar().NthWorkingDayOfMonth(2026, 1, 5), CivilDay(2026, 1, 8));
  EXPECT_FALSE(ShippedCalendar().IsWorkingDay(CivilDay(2026, 1, 1)));
}

TEST(WorkingCalendar, TheNoticeOfTheNextYearNamesDaysOfThisOne) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_TRUE(calendar.IsWorkingDay(CivilDay(2018, 12, 29)));   // A Saturday.
  EXPECT_FALSE(calendar.IsWorkingDay(CivilDay(2018, 12, 31)));  // A Monday.
  ASSERT_NE(calendar.FindOverride(CivilDay(2018, 12, 31)), nullptr);
  EXPECT_EQ(calendar.FindOverride(CivilDay(2018, 12, 31))->notice_year, 2019);
  EXPECT_EQ(calendar.FindOverride(CivilDay(2018, 12, 28)), nullptr);
}

TEST(WorkingCalendar, YearsHaveTheirAnnouncedNumberOfWorkingDays) {
  EXPECT_EQ(WorkingDaysOfYear(2025), 248);
  EXPECT_EQ(WorkingDaysOfYear(2026), 248);
}

TEST(WorkingCalendar, ZeroDaysIsTheDayItselfOrTheNextWorkingOne) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay(2026, 3, 4), 0), CivilDay(2026, 3, 4));
  EXPECT_EQ(calendar.AddWorkingDays(CivilDay(2026, 3, 7), 0), CivilDay(2026, 3, 9));
  EXPECT_EQ(calendar.SubtractWorkingDays(CivilDay(2026, 3, 4), 0), CivilDay(2026, 3, 4));
  EXPECT_EQ(calendar.SubtractWorkingDays(CivilDay(2026, 3, 7), 0), CivilDay(2026, 3, 6));
  EXPECT_EQ(calendar.SubtractWorkingDays(CivilDay(2026, 2, 26), 2), CivilDay(2026, 2, 24));
  EXPECT_EQ(calendar.SubtractWorkingDays(CivilDay(2026, 2, 24), 1), CivilDay(2026, 2, 14));
}

TEST(WorkingCalendar, ASpanThatTouchesAYearWithoutNoticeIsProvisional) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_FALSE(calendar.IsProvisional(CivilDay(2018, 1, 1), CivilDay(2026, 12, 31)));
  EXPECT_TRUE(calendar.IsProvisional(CivilDay(2026, 12, 31), CivilDay(2027, 1, 1)));
  EXPECT_TRUE(calendar.IsProvisional(CivilDay(2027, 3, 1), CivilDay(2027, 3, 1)));
  EXPECT_TRUE(calendar.IsProvisional(CivilDay(2017, 12, 31), CivilDay(2018, 1, 2)));
  EXPECT_FALSE(calendar.IsProvisional(CivilDay(2027, 3, 2), CivilDay(2027, 3, 1)));
}

TEST(WorkingCalendar, ADayThatANeighboursNoticeNamesIsCertain) {
  CalendarData data;
  data.notice_years = {2023};
  data.overrides = {{CivilDay(2022, 12, 31), false, "元旦", 2023}};
  const WorkingCalendar calendar = WorkingCalendar::Create(data).value();
  EXPECT_FALSE(calendar.IsProvisional(CivilDay(2022, 12, 31), CivilDay(2023, 1, 5)));
  EXPECT_TRUE(calendar.IsProvisional(CivilDay(2022, 12, 30), CivilDay(2023, 1, 5)));
}

TEST(WorkingCalendar, RefusesContradictions) {
  const auto message = [](CalendarData data) {
    const absl::Status status = WorkingCalendar::Create(std::move(data)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  const DateOverride day = {CivilDay(2026, 1, 1), false, "元旦", 2026};
  EXPECT_THAT(message({.overrides = {day, day}, .notice_years = {2026}}), HasSubstr("2026-01-01 twice"));
  EXPECT_THAT(message({.overrides = {day}, .notice_years = {2025}}), HasSubstr("not among the published"));
  EXPECT_THAT(message({.overrides = {{CivilDay(2026, 1, 1), false, "", 2024}}, .notice_years = {2024}}),
              HasSubstr("notice of 2024 can not name 2026-01-01"));
  EXPECT_THAT(message({.working_spans = {{540, 720}, {700, 1020}}}), HasSubstr("700"));
  EXPECT_THAT(message({.working_spans = {{780, 1020}, {540, 720}}}), HasSubstr("out of order"));
  EXPECT_THAT(message({.working_spans = {{540, 540}}}), HasSubstr("empty"));
  EXPECT_THAT(message({.working_spans = {{540, 1441}}}), HasSubstr("1441"));
  EXPECT_THAT(message({.working_spans = {{-1, 60}}}), HasSubstr("-1"));
}

TEST(WorkingTime, NoonNightsWeekendsAndHolidaysAreLeftOut) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_EQ(calendar.WorkingTimePerDay(), absl::Hours(7));
  EXPECT_EQ(calendar.WorkingTimeBetween(At(3, 4, 11), At(3, 4, 14)), absl::Hours(2));
  EXPECT_EQ(calendar.WorkingTimeBetween(At(3, 4, 16), At(3, 5, 10)), absl::Hours(2));
  EXPECT_EQ(calendar.WorkingTimeBetween(At(3, 6, 16), At(3, 9, 10)), absl::Hours(2));
  EXPECT_EQ(calendar.WorkingTimeBetween(At(3, 7, 0), At(3, 9, 0)), absl::ZeroDuration());
  EXPECT_EQ(calendar.WorkingTimeBetween(At(3, 5, 0), At(3, 4, 0)), absl::ZeroDuration());
  // 14 February, a Saturday, was worked; 15 to 23 February was the Spring Festival.
  EXPECT_EQ(calendar.WorkingTimeBetween(At(2, 13, 16), At(2, 24, 10)), absl::Hours(1 + 7 + 1));
}

TEST(WorkingTime, TheMiddleOfTheDayIsTheBreakNearestToIt) {
  const auto middle = [](std::vector<WorkingSpan> spans) {
    CalendarData data;
    data.working_spans = std::move(spans);
    return WorkingCalendar::Create(std::move(data)).value().MiddleOfWorkMinute();
  };
  EXPECT_EQ(middle({}), 12 * 60);
  EXPECT_EQ(middle({{510, 720}, {840, 1080}}), 720);
  EXPECT_EQ(middle({{480, 540}, {560, 720}, {780, 1020}}), 720);
  // Without a break, the middle itself.
  EXPECT_EQ(middle({{540, 1020}}), 780);
  EXPECT_EQ(middle({{0, 1440}}), 720);
}

TEST(WorkingTime, AnHourBeforeTheNoonBreakEndsAtNoonAndNotAfterIt) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_EQ(calendar.AddWorkingTime(At(3, 4, 11), absl::Hours(1)), At(3, 4, 12));
  EXPECT_EQ(calendar.AddWorkingTime(At(3, 4, 11), absl::Minutes(61)), At(3, 4, 13, 1));
  EXPECT_EQ(calendar.AddWorkingTime(At(3, 4, 9), absl::Hours(7)), At(3, 4, 17));
  EXPECT_EQ(calendar.AddWorkingTime(At(3, 4, 12, 30), absl::Hours(1)), At(3, 4, 14));
  EXPECT_EQ(calendar.AddWorkingTime(At(3, 6, 18), absl::Hours(1)), At(3, 9, 10));
  EXPECT_EQ(calendar.AddWorkingTime(At(3, 7, 3), absl::ZeroDuration()), At(3, 7, 3));
}

TEST(WorkingTime, WhatIsDueAtMidnightFiresInsideWorkingHours) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_EQ(calendar.NextWorkingTime(At(3, 5, 0)), At(3, 5, 9));
  EXPECT_EQ(calendar.NextWorkingTime(At(3, 5, 10, 30)), At(3, 5, 10, 30));
  EXPECT_EQ(calendar.NextWorkingTime(At(3, 5, 12)), At(3, 5, 13));
  EXPECT_EQ(calendar.NextWorkingTime(At(3, 6, 17)), At(3, 9, 9));
  EXPECT_EQ(calendar.NextWorkingTime(At(9, 30, 20)), At(10, 8, 9));
  EXPECT_FALSE(calendar.IsWorkingTime(At(3, 5, 0)));
  EXPECT_TRUE(calendar.IsWorkingTime(At(3, 5, 9)));
}

TEST(WorkingTime, InfinityIsAnswered) {
  const WorkingCalendar& calendar = ShippedCalendar();
  EXPECT_EQ(calendar.WorkingTimeBetween(At(3, 5, 0), absl::InfiniteFuture()), absl::InfiniteDuration());
  EXPECT_EQ(calendar.AddWorkingTime(At(3, 5, 0), absl::InfiniteDuration()), absl::InfiniteFuture());
  EXPECT_EQ(calendar.NextWorkingTime(absl::InfiniteFuture()), absl::InfiniteFuture());
}

RC_GTEST_PROP(WorkingCalendarProperty, CountingAgreesWithWalkingDayByDay, ()) {
  const CivilDay from = AnyDay();
  const CivilDay to = from + *rc::gen::inRange(0, 500);
  int walked = 0;
  for (CivilDay day = from + 1; day <= to; ++day) walked += ShippedCalendar().IsWorkingDay(day) ? 1 : 0;
  RC_ASSERT(ShippedCalendar().WorkingDaysBetween(from, to) == walked);
  RC_ASSERT(ShippedCalendar().WorkingDaysBetween(to, from) == -walked);
}

RC_GTEST_PROP(WorkingCalendarProperty, AddingThenCountingGivesTheNumberBack, ()) {
  const CivilDay start = AnyDay();
  const int n = *rc::gen::inRange(1, 600);
  const CivilDay end = ShippedCalendar().AddWorkingDays(start, n);
  RC_ASSERT(ShippedCalendar().IsWorkingDay(end));
  RC_ASSERT(ShippedCalendar().WorkingDaysBetween(start, end) == n);
}

RC_GTEST_PROP(WorkingCalendarProperty, SubtractingUndoesAddingFromAWorkingDay, ()) {
  const CivilDay start = ShippedCalendar().AddWorkingDays(AnyDay(), 0);
  const int n = *rc::gen::inRange(0, 600);
  RC_ASSERT(ShippedCalendar().SubtractWorkingDays(ShippedCalendar().AddWorkingDays(start, n), n) == start);
}

RC_GTEST_PROP(WorkingTimeProperty, AddingAndMeasuringAreInverse, ()) {
  const absl::Time start = AnyInstant();
  const absl::Duration working = absl::Seconds(*rc::gen::inRange(1, 40 * 7 * 3600));
  const absl::Time end = ShippedCalendar().AddWorkingTime(start, working);
  RC_ASSERT(ShippedCalendar().WorkingTimeBetween(start, end) == working);
  // The earliest such instant: the second before it is worked.
  RC_ASSERT(ShippedCalendar().WorkingTimeBetween(end - absl::Seconds(1), end) == absl::Seconds(1));
}

RC_GTEST_PROP(WorkingTimeProperty, TimesAddUpOverAnyCut, ()) {
  absl::Time instants[] = {AnyInstant(), AnyInstant(), AnyInstant()};
  std::sort(std::begin(instants), std::end(instants));
  RC_ASSERT(ShippedCalendar().WorkingTimeBetween(instants[0], instants[1]) +
                ShippedCalendar().WorkingTimeBetween(instants[1], instants[2]) ==
            ShippedCalendar().WorkingTimeBetween(instants[0], instants[2]));
}

RC_GTEST_PROP(WorkingTimeProperty, TimeAgreesWithWalkingMinuteByMinute, ()) {
  const absl::Time from = StartOfCityDay(AnyDay()) + absl::Minutes(*rc::gen::inRange(0, 1440));
  const int minutes = *rc::gen::inRange(0, 4 * 1440);
  int walked = 0;
  for (int i = 0; i < minutes; ++i) {
    walked += ShippedCalendar().IsWorkingTime(from + absl::Minutes(i)) ? 1 : 0;
  }
  RC_ASSERT(ShippedCalendar().WorkingTimeBetween(from, from + absl::Minutes(minutes)) ==
            absl::Minutes(walked));
}

}  // namespace
}  // namespace zhuqi::calendar
