#include "services/intake/summaries/obligation_rules.h"

#include <optional>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const directory::v1::SummaryForm& Form(const Directory& directory) { return directory.forms().at("monthly"); }

StoredSummary Obligation(const Directory& directory, absl::CivilMonth month) {
  return NewObligation(directory, *directory.FindUnit("jinshui"), Form(directory), month, 8,
                       StartOfCityDay(absl::CivilDay(month)));
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
  EXPECT_EQ(TimeFrom(made.summary.made_at()), StartOfCityDay(absl::CivilDay(2025, 12, 1)));
  EXPECT_EQ(made.summary.revision(), 0);
  EXPECT_FALSE(made.summary.has_first_submitted_at());
  EXPECT_EQ(made.sequence, 1);
  EXPECT_EQ(made.partition, PartitionOf(*city, "jinshui", 8));
}

TEST(Traps, UnitThatClosesIsWaivedAndNotDropped) {
  const StoredSummary owed = Obligation(*City(), kJanuary);
  const auto waived = Adjusted(owed, *Closed(1, 20));
  ASSERT_TRUE(waived.has_value());
  EXPECT_EQ(waived->summary.state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_EQ(waived->summary.waiver_reason(), "the unit closed on 2026-01-20, before the summary was due");
  EXPECT_EQ(waived->sequence, 2);
  EXPECT_FALSE(Adjusted(*waived, *Closed(1, 20)).has_value());
}

TEST(Traps, ClosingDoesNotUndoWhatWasOverdue) {
  // Due on the 8th of January, closed on the 20th: it was missed while the unit existed.
  EXPECT_FALSE(Adjusted(Obligation(*City(), kDecember), *Closed(1, 20)).has_value());
  // The very day on which it was due still belongs to the unit.
  EXPECT_FALSE(Adjusted(Obligation(*City(), kDecember), *Closed(1, 8)).has_value());
  EXPECT_TRUE(Adjusted(Obligation(*City(), kDecember), *Closed(1, 7)).has_value());
}

TEST(Traps, ClosingWaivesWhatWasReturnedByTheClockOfTheReturn) {
  // December's, due on the 8th of January, was sent in time and returned on the 9th: until the end of the
  // 14th.
  StoredSummary returned = Obligation(*City(), kDecember);
  returned.summary.set_state(v1::SUMMARY_STATE_RETURNED);
  returned.summary.set_revision(1);
  *returned.summary.mutable_return_due_at() = TimestampMessage(StartOfCityDay(absl::CivilDay(2026, 1, 15)));
  const auto waived = Adjusted(returned, *Closed(1, 12));
  ASSERT_TRUE(waived.has_value());
  EXPECT_EQ(waived->summary.state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_EQ(waived->summary.waiver_reason(), "the unit closed on 2026-01-12, before it had to be sent again");
  EXPECT_FALSE(Adjusted(*waived, *Closed(1, 12)).has_value());
  // The closing was a mistake: the clock of the return runs again.
  const auto back = Adjusted(*waived, *City());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->summary.state(), v1::SUMMARY_STATE_RETURNED);
  EXPECT_EQ(ActBy(back->summary), StartOfCityDay(absl::CivilDay(2026, 1, 15)));
  // The last day of the clock still belonged to the unit, and what it missed stays missed.
  EXPECT_FALSE(Adjusted(returned, *Closed(1, 14)).has_value());
}

TEST(Adjusted, WaiverIsTakenBackWithItsReason) {
  const auto waived = Adjusted(Obligation(*City(), kJanuary), *Closed(1, 20));
  const auto owed = Adjusted(*waived, *City());
  ASSERT_TRUE(owed.has_value());
  EXPECT_EQ(owed->summary.state(), v1::SUMMARY_STATE_OWED);
  EXPECT_EQ(owed->summary.waiver_reason(), "");
}

TEST(Adjusted, WhatWasSentIsNeverWaived) {
  StoredSummary sent = Obligation(*City(), kJanuary);
  sent.summary.set_state(v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_FALSE(Adjusted(sent, *Closed(1, 20)).has_value());
}

TEST(Adjusted, DueDateIsFrozenWithItsCalendar) {
  const StoredSummary owed = Obligation(*City(), kJanuary);
  directory::v1::ApplyDirectoryRequest request;
  *request.mutable_calendar() = CityRequest().calendar();
  request.mutable_calendar()->set_version(2);
  *request.mutable_calendar()->add_overrides() =
      FromText<directory::v1::DateOverride>("date { year: 2026 month: 2 day: 6 } notice_year: 2026");
  const auto later = After(*City(), request);
  EXPECT_FALSE(Adjusted(owed, *later).has_value());
  EXPECT_EQ(owed.summary.calendar_version(), 1);
  // What is made by the new calendar says so.
  const StoredSummary made = Obligation(*later, kJanuary);
  EXPECT_EQ(TimeFrom(made.summary.due_at()), CityTime(absl::CivilDay(2026, 2, 9), 17));
  EXPECT_EQ(made.summary.calendar_version(), 2);
}

TEST(Traps, SplitGivesTheHistoryToNoHeir) {
  // 金水区 is split on the 20th of January: what it owed and sent stays its own, the heirs owe from then on.
  auto request = CityRequest();
  request.clear_calendar();
  for (const char* heir : {"jinshui-north", "jinshui-south"}) {
    directory::v1::OrgUnit& unit = *request.add_org_units();
    unit.set_org_unit_id(heir);
    unit.set_name(heir);
    unit.set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
    unit.set_parent_id("zhengzhou");
    *unit.mutable_opened_on() = DateMessage(absl::CivilDay(2026, 1, 20));
    request.mutable_org_units(1)->add_successor_ids(heir);
  }
  request.mutable_org_units(1)->set_closing_reason("split");
  *request.mutable_org_units(1)->mutable_closed_on() = DateMessage(absl::CivilDay(2026, 1, 19));
  request.mutable_org_units(0)->set_parent_id("zhongmu");
  request.clear_departments();
  feed::v1::DirectoryChanged change;
  *change.mutable_org_units() = request.org_units();
  *change.mutable_forms() = request.forms();
  const auto split = City()->With(change, 2).value();
  StoredSummary december = Obligation(*City(), kDecember);
  december.summary.set_state(v1::SUMMARY_STATE_ACCEPTED);
  december.summary.set_revision(1);
  EXPECT_FALSE(Adjusted(december, *split).has_value());
  const auto january = Adjusted(Obligation(*City(), kJanuary), *split);
  ASSERT_TRUE(january.has_value());
  EXPECT_EQ(january->summary.state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_EQ(january->summary.waiver_reason(),
            "the unit closed on 2026-01-19, before the summary was due (split)");
  for (const char* heir : {"jinshui-north", "jinshui-south"}) {
    EXPECT_TRUE(WhyNotOwed(*split->FindUnit(heir), Form(*split), kDecember).has_value()) << heir;
    EXPECT_FALSE(WhyNotOwed(*split->FindUnit(heir), Form(*split), kJanuary).has_value()) << heir;
  }
}

TEST(NewObligation, KeepsTheVersionOfItsForm) {
  auto request = CityRequest();
  request.clear_calendar();
  *request.add_forms() = request.forms(0);
  directory::v1::SummaryForm& second = *request.mutable_forms(1);
  second.set_version(2);
  *second.mutable_first_month() = YearMonthMessage(absl::CivilMonth(2026, 2));
  second.set_due_working_day(3);
  const auto versions = After(*City(), request);
  const auto made = [&](absl::CivilMonth month) {
    return NewObligation(*versions, *versions->FindUnit("jinshui"), *versions->FormFor("monthly", month),
                         month, 8, StartOfCityDay(absl::CivilDay(month)));
  };
  EXPECT_EQ(made(kJanuary).summary.form_version(), 1);
  EXPECT_EQ(made(absl::CivilMonth(2026, 2)).summary.form_version(), 2);
  EXPECT_EQ((*FormOf(*versions, made(kJanuary).summary))->due_working_day(), 5);
  EXPECT_FALSE(Adjusted(made(kJanuary), *versions).has_value());
  // A replica that has not heard of the version yet says so.
  EXPECT_EQ(FormOf(*City(), made(absl::CivilMonth(2026, 2)).summary).status().code(),
            absl::StatusCode::kUnavailable);
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
  const auto settled = Adjusted(guessed, *City());
  ASSERT_TRUE(settled.has_value());
  EXPECT_EQ(TimeFrom(settled->summary.due_at()), CityTime(absl::CivilDay(2026, 1, 8), 17));
  EXPECT_FALSE(settled->summary.due_provisional());
  EXPECT_FALSE(settled->summary.late());
  EXPECT_FALSE(Adjusted(*settled, *City()).has_value());
}

}  // namespace
}  // namespace zhuqi::intake
