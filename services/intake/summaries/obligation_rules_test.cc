#include "services/intake/summaries/obligation_rules.h"

#include <optional>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const absl::CivilMonth kDecember(2025, 12);
const absl::CivilMonth kJanuary(2026, 1);

absl::Time At(int month, int day, int hour = 12) { return CityTime(absl::CivilDay(2026, month, day), hour); }

const directory::v1::SummaryForm& Form(const Directory& directory) { return directory.forms().at("monthly"); }

StoredSummary Obligation(const Directory& directory, absl::CivilMonth month) {
  return NewObligation(directory, *directory.FindUnit("jinshui"), Form(directory), month, 8);
}

// The city in which 金水区 closed on a day of 2026.
std::shared_ptr<const Directory> Closed(int month, int day) {
  auto request = CityRequest();
  request.clear_calendar();
  request.mutable_org_units(1)->mutable_closed_on()->set_year(2026);
  request.mutable_org_units(1)->mutable_closed_on()->set_month(month);
  request.mutable_org_units(1)->mutable_closed_on()->set_day(day);
  return After(*City(), request);
}

TEST(DueDate, OfDecember2025IsThe8thOfJanuaryForASundayWasWorked) {
  const auto city = City();
  const DueDate due = DueDateOf(Form(*city), kDecember, city->calendar());
  EXPECT_EQ(due.at, CityTime(absl::CivilDay(2026, 1, 8), 17));
  EXPECT_FALSE(due.provisional);
}

TEST(DueDate, OfJanuary2026IsThe6thOfFebruary) {
  const auto city = City();
  EXPECT_EQ(DueDateOf(Form(*city), kJanuary, city->calendar()).at, CityTime(absl::CivilDay(2026, 2, 6), 17));
}

TEST(DueDate, MinuteZeroIsTheEndOfTheDay) {
  const auto city = City();
  directory::v1::SummaryForm form = Form(*city);
  form.set_due_minute(0);
  EXPECT_EQ(DueDateOf(form, kDecember, city->calendar()).at, StartOfCityDay(absl::CivilDay(2026, 1, 9)));
}

TEST(DueDate, InAYearWithoutNoticeIsProvisional) {
  const auto city = City();
  EXPECT_TRUE(DueDateOf(Form(*city), absl::CivilMonth(2026, 12), city->calendar()).provisional);
}

TEST(MonthsBegun, BeginAtMidnightInShanghai) {
  const auto city = City();
  const absl::Time midnight = StartOfCityDay(absl::CivilDay(2026, 1, 1));
  EXPECT_THAT(MonthsBegun(Form(*city), midnight - absl::Seconds(1)), ElementsAre(kDecember));
  EXPECT_THAT(MonthsBegun(Form(*city), midnight), ElementsAre(kDecember, kJanuary));
  directory::v1::SummaryForm ended = Form(*city);
  *ended.mutable_last_month() = YearMonthMessage(kDecember);
  EXPECT_THAT(MonthsBegun(ended, midnight), ElementsAre(kDecember));
  EXPECT_THAT(MonthsBegun(Form(*city), CityTime(absl::CivilDay(2025, 11, 30), 23)), IsEmpty());
}

TEST(WhyNotOwed, UnitOpenOnAnyDayOfTheMonthOwes) {
  const auto city = City();
  directory::v1::OrgUnit unit = *city->FindUnit("jinshui");
  *unit.mutable_opened_on() = DateMessage(absl::CivilDay(2026, 1, 31));
  EXPECT_FALSE(WhyNotOwed(unit, Form(*city), kJanuary).has_value());
  EXPECT_TRUE(WhyNotOwed(unit, Form(*city), kDecember).has_value());
  unit.clear_opened_on();
  *unit.mutable_closed_on() = DateMessage(absl::CivilDay(2026, 1, 1));
  EXPECT_FALSE(WhyNotOwed(unit, Form(*city), kJanuary).has_value());
  EXPECT_EQ(WhyNotOwed(unit, Form(*city), absl::CivilMonth(2026, 2)),
            "the unit closed on 2026-01-01, before the month began");
  EXPECT_TRUE(WhyNotOwed(*city->FindUnit("zhengzhou"), Form(*city), kJanuary).has_value());
}

TEST(NewObligation, IsOwedAndKnowsItsCalendar) {
  const auto city = City();
  const StoredSummary made = Obligation(*city, kDecember);
  EXPECT_EQ(made.summary.state(), v1::SUMMARY_STATE_OWED);
  EXPECT_EQ(made.summary.calendar_version(), 1);
  EXPECT_EQ(made.summary.revision(), 0);
  EXPECT_FALSE(made.summary.has_first_submitted_at());
  EXPECT_EQ(made.sequence, 1);
  EXPECT_EQ(made.partition, PartitionOf(*city, "jinshui", 8));
}

TEST(Traps, UnitThatClosesIsWaivedAndNotDropped) {
  const StoredSummary owed = Obligation(*City(), kJanuary);
  const auto waived = Adjusted(owed, *Closed(1, 20), At(1, 21));
  ASSERT_TRUE(waived.has_value());
  EXPECT_EQ(waived->summary.state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_EQ(waived->waiver_reason, "the unit closed on 2026-01-20, before the summary was due");
  EXPECT_EQ(waived->sequence, 2);
  EXPECT_FALSE(Adjusted(*waived, *Closed(1, 20), At(1, 22)).has_value());
}

TEST(Traps, ClosingDoesNotUndoWhatWasOverdue) {
  // Due on the 8th of January, closed on the 20th: it was missed while the unit existed.
  EXPECT_FALSE(Adjusted(Obligation(*City(), kDecember), *Closed(1, 20), At(1, 21)).has_value());
  // The very day on which it was due still belongs to the unit.
  EXPECT_FALSE(Adjusted(Obligation(*City(), kDecember), *Closed(1, 8), At(1, 9)).has_value());
  EXPECT_TRUE(Adjusted(Obligation(*City(), kDecember), *Closed(1, 7), At(1, 9)).has_value());
}

TEST(Adjusted, WaiverIsTakenBackWithItsReason) {
  const auto waived = Adjusted(Obligation(*City(), kJanuary), *Closed(1, 20), At(1, 21));
  const auto owed = Adjusted(*waived, *City(), At(1, 22));
  ASSERT_TRUE(owed.has_value());
  EXPECT_EQ(owed->summary.state(), v1::SUMMARY_STATE_OWED);
  EXPECT_EQ(owed->waiver_reason, "");
}

TEST(Adjusted, WhatWasSentIsNeverWaived) {
  StoredSummary sent = Obligation(*City(), kJanuary);
  sent.summary.set_state(v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_FALSE(Adjusted(sent, *Closed(1, 20), At(1, 21)).has_value());
}

TEST(Adjusted, DueDateThatIsToComeFollowsTheCalendar) {
  const StoredSummary owed = Obligation(*City(), kJanuary);
  directory::v1::ApplyDirectoryRequest request;
  *request.mutable_calendar() = CityRequest().calendar();
  request.mutable_calendar()->set_version(2);
  *request.mutable_calendar()->add_overrides() =
      FromText<directory::v1::DateOverride>("date { year: 2026 month: 2 day: 6 } notice_year: 2026");
  const auto later = After(*City(), request);
  const auto moved = Adjusted(owed, *later, At(1, 21));
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(TimeFrom(moved->summary.due_at()), CityTime(absl::CivilDay(2026, 2, 9), 17));
  EXPECT_EQ(moved->summary.calendar_version(), 2);
  // One that has passed stays as it was.
  EXPECT_FALSE(Adjusted(owed, *later, At(2, 10)).has_value());
}

TEST(Adjusted, ProvisionalDueDateIsSettledThoughItHasPassed) {
  // The form came before any calendar: by weekdays, the fifth working day of January 2026 would be the 7th.
  auto request = CityRequest();
  request.clear_calendar();
  const auto without_calendar = After(Directory(), request);
  StoredSummary guessed = Obligation(*without_calendar, kDecember);
  EXPECT_EQ(TimeFrom(guessed.summary.due_at()), CityTime(absl::CivilDay(2026, 1, 7), 17));
  EXPECT_TRUE(guessed.summary.due_provisional());
  guessed.summary.set_state(v1::SUMMARY_STATE_SUBMITTED);
  *guessed.summary.mutable_first_submitted_at() = TimestampMessage(CityTime(absl::CivilDay(2026, 1, 8), 9));
  guessed.summary.set_late(true);
  const auto settled = Adjusted(guessed, *City(), At(3, 1));
  ASSERT_TRUE(settled.has_value());
  EXPECT_EQ(TimeFrom(settled->summary.due_at()), CityTime(absl::CivilDay(2026, 1, 8), 17));
  EXPECT_FALSE(settled->summary.due_provisional());
  EXPECT_FALSE(settled->summary.late());
  EXPECT_FALSE(Adjusted(*settled, *City(), At(3, 1)).has_value());
}

}  // namespace
}  // namespace zhuqi::intake
