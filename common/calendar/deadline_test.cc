#include "common/calendar/deadline.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "common/calendar/test_calendar.h"

namespace zhuqi::calendar {
namespace {

using absl::CivilDay;

ClockPolicy Policy(TimeLimit limit) { return {.id = "policy", .version = 3, .limit = limit}; }

Deadline Compute(const ClockLedger& ledger, TimeLimit limit) {
  return ComputeDeadline(ledger, Policy(limit), ShippedCalendar()).value();
}

ClockLedger Start(absl::Time at) { return OpenClock(at, "accepted", "wang"); }

// `ledger` paused from `from` to `to`.
ClockLedger Paused(const ClockLedger& ledger, absl::Time from, absl::Time to) {
  return ResumeClock(PauseClock(ledger, from, "waiting", "li").value(), to, "arrived", "li").value();
}

TEST(Deadline, DaysEndAtTheCutOffOfTheLastDay) {
  const ClockLedger ledger = Start(At(2, 12, 20));
  EXPECT_EQ(Compute(ledger, WorkingDays{5}).instant, At(2, 26, 17));
  ClockPolicy policy = Policy(WorkingDays{5});
  policy.cut_off_minute = 24 * 60;
  EXPECT_EQ(ComputeDeadline(ledger, policy, ShippedCalendar())->instant, At(2, 27, 0));
}

TEST(Deadline, HalfADayEndsInTheMiddleOfTheNextWorkingDay) {
  const ClockLedger friday = Start(At(3, 6, 10));
  EXPECT_EQ(Compute(friday, WorkingDays{0, true}).instant, At(3, 9, 12));
  EXPECT_EQ(Compute(friday, WorkingDays{1}).instant, At(3, 9, 17));
  EXPECT_EQ(Compute(friday, WorkingDays{1, true}).instant, At(3, 10, 12));
  // As with whole days, the day of the start does not count, however early it starts.
  EXPECT_EQ(Compute(Start(At(3, 6, 0, 1)), WorkingDays{0, true}).instant, At(3, 9, 12));
  // Over a holiday with a make-up Saturday.
  EXPECT_EQ(Compute(Start(At(2, 12, 10)), WorkingDays{2, true}).instant, At(2, 24, 12));
}

TEST(Deadline, HalfADayThatEndsInAPauseIsDueAtTheEndOfTheNextHalfInWhichItRuns) {
  const ClockLedger ledger = Start(At(3, 3, 10));
  EXPECT_EQ(Compute(Paused(ledger, At(3, 4, 11), At(3, 4, 14)), WorkingDays{0, true}).instant, At(3, 4, 17));
  EXPECT_EQ(Compute(Paused(ledger, At(3, 4, 11), At(3, 5, 9)), WorkingDays{0, true}).instant, At(3, 5, 12));
  // A day through which it is paused counts for neither half.
  EXPECT_EQ(Compute(Paused(ledger, At(3, 3, 18), At(3, 5, 8)), WorkingDays{0, true}).instant, At(3, 5, 12));
}

TEST(Deadline, PoliciesWithAndWithoutHalfDaysTakeOverFromEachOther) {
  const PolicyChange change =
      ChangePolicy(Start(At(3, 3, 10)), ShippedCalendar(), At(3, 5, 14), "shorter", "wang").value();
  EXPECT_EQ(Compute(change.opened, WorkingDays{2, true}).instant, At(3, 6, 12));
  // Spent at noon already: due at the next cut-off.
  EXPECT_EQ(Compute(change.opened, WorkingDays{1, true}).instant, At(3, 5, 17));
  EXPECT_EQ(Compute(change.opened, WorkingDays{3}).instant, At(3, 6, 17));
}

TEST(Deadline, OneDayIsNot24WorkingHours) {
  static_assert(!std::is_convertible_v<WorkingDays, WorkingHours>);
  static_assert(!std::is_convertible_v<WorkingHours, CalendarHours>);
  static_assert(!std::is_convertible_v<int, WorkingDays>);
  const ClockLedger ledger = Start(At(3, 3, 10));
  EXPECT_EQ(Compute(ledger, WorkingDays{1}).instant, At(3, 4, 17));
  EXPECT_EQ(Compute(ledger, WorkingHours{24 * 60}).instant, At(3, 6, 14));
  EXPECT_EQ(Compute(ledger, CalendarHours{24 * 60}).instant, At(3, 4, 10));
}

TEST(Deadline, SixtyMinutesOnFridayEveningAreOverOnMondayMorning) {
  EXPECT_EQ(Compute(Start(At(3, 6, 16, 30)), WorkingHours{60}).instant, At(3, 9, 9, 30));
}

TEST(Deadline, PausedWeekendsAreNotCountedInDayBasedDeadlines) {
  const ClockLedger ledger = Start(At(3, 3, 10));
  const absl::Time unpaused = *Compute(ledger, WorkingDays{7}).instant;
  EXPECT_EQ(unpaused, At(3, 12, 17));
  // From Friday after work to Monday before it: no working day was paused.
  EXPECT_EQ(Compute(Paused(ledger, At(3, 6, 18), At(3, 9, 8)), WorkingDays{7}).instant, unpaused);
  // From Friday 10:00 to Tuesday 10:00: of the four days only Monday was paused as a whole.
  EXPECT_EQ(Compute(Paused(ledger, At(3, 6, 10), At(3, 10, 10)), WorkingDays{7}).instant, At(3, 13, 17));
}

TEST(Deadline, AMakeUpSaturdayWithinAPauseIsCounted) {
  // 14 February was worked, 15 to 23 February was the Spring Festival.
  const ClockLedger ledger = Start(At(2, 12, 10));
  EXPECT_EQ(Compute(ledger, WorkingDays{3}).instant, At(2, 24, 17));
  EXPECT_EQ(Compute(Paused(ledger, At(2, 13, 18), At(2, 24, 8)), WorkingDays{3}).instant, At(2, 25, 17));
}

TEST(Deadline, NoBreachIsShownWhilePaused) {
  const ClockLedger ledger = PauseClock(Start(At(3, 3, 10)), At(3, 4, 16, 59), "waiting", "li").value();
  for (const TimeLimit& limit :
       {TimeLimit(WorkingDays{1}), TimeLimit(WorkingHours{13 * 60 + 1}), TimeLimit(CalendarHours{1860})}) {
    const Deadline deadline = Compute(ledger, limit);
    EXPECT_EQ(deadline.instant, std::nullopt);
    EXPECT_EQ(deadline.missed_before_pause, std::nullopt);
    EXPECT_FALSE(IsBreached(deadline, At(12, 31, 23)));
  }
}

TEST(Deadline, PausingDoesNotHideABreachThatCameBefore) {
  const ClockLedger running = Start(At(3, 3, 10));
  const ClockLedger ledger = PauseClock(running, At(3, 5, 10), "waiting", "li").value();
  for (const TimeLimit& limit :
       {TimeLimit(WorkingDays{1}), TimeLimit(WorkingHours{60}), TimeLimit(CalendarHours{60})}) {
    const Deadline deadline = Compute(ledger, limit);
    EXPECT_EQ(deadline.instant, std::nullopt);
    EXPECT_EQ(deadline.missed_before_pause, Compute(running, limit).instant);
    EXPECT_TRUE(IsBreached(deadline, At(3, 6, 10)));
    // Nor does going on after it.
    EXPECT_EQ(Compute(Paused(running, At(3, 5, 10), At(3, 9, 10)), limit).instant,
              Compute(running, limit).instant);
  }
}

TEST(Deadline, AClockThatIsPausedAtItsCutOffIsDueAtTheNextOne) {
  // Paused from Wednesday noon to Thursday noon: no whole day, yet it did not run out in its pause.
  const ClockLedger ledger = Paused(Start(At(3, 3, 10)), At(3, 4, 12), At(3, 5, 12));
  EXPECT_EQ(Compute(ledger, WorkingDays{1}).instant, At(3, 5, 17));
  EXPECT_EQ(Compute(ledger, WorkingDays{2}).instant, At(3, 5, 17));
}

TEST(Deadline, WhatIsLeftOfHoursWhenAPauseBeginsIsLeftWhenItEnds) {
  const ClockLedger ledger = Paused(Start(At(3, 3, 10)), At(3, 3, 11), At(3, 10, 9, 30));
  EXPECT_EQ(Compute(ledger, WorkingHours{120}).instant, At(3, 10, 10, 30));
  EXPECT_EQ(Compute(ledger, CalendarHours{24 * 60}).instant, At(3, 11, 8, 30));
}

TEST(Deadline, PausedTimeIsKeptWhenThePolicyChanges) {
  // Wednesday to Friday are paused as a whole, and the policy changes within the pause and again after it.
  ClockLedger ledger = PauseClock(Start(At(3, 3, 10)), At(3, 3, 18), "waiting", "li").value();
  PolicyChange change = ChangePolicy(ledger, ShippedCalendar(), At(3, 5, 14), "complex", "wang").value();
  ledger = ResumeClock(change.opened, At(3, 6, 18), "arrived", "li").value();
  EXPECT_EQ(Compute(ledger, WorkingDays{7}).instant, At(3, 17, 17));
  EXPECT_EQ(Compute(ledger, WorkingHours{7 * 60}).instant, At(3, 9, 10));
  change = ChangePolicy(ledger, ShippedCalendar(), At(3, 10, 11), "ordinary", "wang").value();
  EXPECT_EQ(Compute(change.opened, WorkingDays{7}).instant, At(3, 17, 17));
  EXPECT_EQ(Compute(change.opened, WorkingDays{5}).instant, At(3, 13, 17));
  EXPECT_EQ(change.opened.carried.working_time, absl::Hours(6 + 7 + 2));
}

TEST(Deadline, APolicyMayTakeOverFromOneOfAnotherMeasure) {
  const PolicyChange change =
      ChangePolicy(Start(At(3, 3, 10)), ShippedCalendar(), At(3, 5, 10), "contact made", "wang").value();
  EXPECT_EQ(Compute(change.opened, WorkingHours{20 * 60}).instant, At(3, 5, 17));
  EXPECT_EQ(Compute(change.opened, CalendarHours{72 * 60}).instant, At(3, 6, 10));
  EXPECT_EQ(Compute(change.opened, WorkingDays{3}).instant, At(3, 6, 17));
}

TEST(Deadline, AShorterPolicyIsNeverDueBeforeItApplied) {
  const PolicyChange change =
      ChangePolicy(Start(At(3, 3, 10)), ShippedCalendar(), At(3, 9, 18), "urgent", "wang").value();
  EXPECT_EQ(Compute(change.opened, WorkingDays{2}).instant, At(3, 10, 17));
  EXPECT_EQ(Compute(change.opened, WorkingHours{60}).instant, At(3, 9, 18));
  EXPECT_EQ(Compute(change.closed, WorkingDays{7}).instant, At(3, 12, 17));
}

TEST(Deadline, AClosedClockKeepsTheDeadlineItHad) {
  const ClockLedger ledger = Start(At(3, 3, 10));
  const Deadline in_time = Compute(CloseClock(ledger, At(3, 4, 17)).value(), WorkingDays{1});
  EXPECT_EQ(in_time.instant, At(3, 4, 17));
  EXPECT_FALSE(IsBreached(in_time, At(3, 4, 17)));
  EXPECT_TRUE(IsBreached(in_time, At(3, 4, 17) + absl::Seconds(1)));
  EXPECT_EQ(Compute(CloseClock(ledger, At(3, 3, 11)).value(), WorkingHours{120}).instant, At(3, 3, 12));
}

TEST(Deadline, ADeadlineInAYearWithoutNoticeIsProvisional) {
  const ClockLedger ledger = Start(At(12, 30, 10));
  EXPECT_FALSE(Compute(ledger, WorkingDays{1}).provisional);
  EXPECT_TRUE(Compute(ledger, WorkingDays{2}).provisional);
  EXPECT_TRUE(Compute(ledger, WorkingHours{20 * 60}).provisional);
  EXPECT_FALSE(Compute(ledger, CalendarHours{72 * 60}).provisional);
}

TEST(Deadline, AMovedDeadlineNamesTheCalendarThatMovedIt) {
  CalendarData data = ShippedCalendar().data();
  data.version = 8;
  data.overrides.push_back({CivilDay(2026, 3, 4), false, "snow", 0});
  const WorkingCalendar changed = WorkingCalendar::Create(data).value();
  const ClockLedger ledger = Start(At(3, 3, 10));
  const Deadline before = Compute(ledger, WorkingDays{1});
  const Deadline after = ComputeDeadline(ledger, Policy(WorkingDays{1}), changed).value();
  EXPECT_EQ(before.instant, At(3, 4, 17));
  EXPECT_EQ(before.calendar_version, 7);
  EXPECT_EQ(after.instant, At(3, 5, 17));
  EXPECT_EQ(after.calendar_version, 8);
  EXPECT_EQ(after.calendar_id, "city");
  EXPECT_EQ(after.policy_id, "policy");
  EXPECT_EQ(after.policy_version, 3);
}

TEST(Deadline, LimitsOutOfRangeAreRefused) {
  const ClockLedger ledger = Start(At(3, 3, 10));
  for (const TimeLimit& limit :
       {TimeLimit(WorkingDays{0}), TimeLimit(WorkingDays{1'001}), TimeLimit(WorkingDays{1'000, true}),
        TimeLimit(WorkingDays{-1, true}), TimeLimit(WorkingHours{0}), TimeLimit(CalendarHours{600'001})}) {
    EXPECT_EQ(ComputeDeadline(ledger, Policy(limit), ShippedCalendar()).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  ClockPolicy policy = Policy(WorkingDays{1});
  policy.cut_off_minute = 1'441;
  EXPECT_FALSE(CheckPolicy(policy).ok());
  policy = Policy(WorkingDays{1, true});
  EXPECT_TRUE(CheckPolicy(policy).ok());
  policy.cut_off_minute = 720;
  EXPECT_FALSE(CheckPolicy(policy).ok());
  EXPECT_FALSE(ComputeDeadline(ClockLedger{}, Policy(WorkingDays{1}), ShippedCalendar()).ok());
}

// --- Properties
// -------------------------------------------------------------------------------------------------

// Minutes after the start, sorted: pauses and resumptions by turns, within six weeks around the Spring
// Festival.
std::vector<int> AnyChanges() {
  std::vector<int> minutes = *rc::gen::container<std::vector<int>>(
      rc::gen::oneOf(rc::gen::inRange(0, 42 * 1440),
                     rc::gen::map(rc::gen::inRange(0, 42 * 24), [](int hours) { return hours * 60; })));
  std::sort(minutes.begin(), minutes.end());
  return minutes;
}

absl::Time AnyStart() { return At(1, 28, 0) + absl::Hours(*rc::gen::inRange(0, 21 * 24)); }

TimeLimit AnyLimit() {
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return WorkingDays{*rc::gen::inRange(1, 25)};
    case 1:
      return WorkingHours{*rc::gen::inRange(1, 200) * 30};
    default:
      return CalendarHours{*rc::gen::inRange(1, 500) * 30};
  }
}

ClockLedger Toggle(const ClockLedger& ledger, absl::Time at) {
  return IsPaused(ledger) ? ResumeClock(ledger, at, "", "").value() : PauseClock(ledger, at, "", "").value();
}

ClockLedger LedgerOf(absl::Time start, const std::vector<int>& changes) {
  ClockLedger ledger = Start(start);
  for (const int minute : changes) ledger = Toggle(ledger, start + absl::Minutes(minute));
  return ledger;
}

// The definition of deadline.h, walked minute by minute. A clock that ends paused goes on after `changes`.
absl::Time DaysWalkedMinuteByMinute(absl::Time start, const std::vector<int>& changes, int limit) {
  const auto paused_at = [&](absl::Time instant) {
    const auto before = std::count_if(changes.begin(), changes.end(),
                                      [&](int minute) { return start + absl::Minutes(minute) <= instant; });
    return before % 2 == 1;
  };
  const absl::Duration moment = absl::Seconds(1);
  int counted = 0;
  for (CivilDay day = CityDay(start) + 1;; ++day) {
    bool ran = false;
    for (int minute = 0; minute < 1440 && !ran; ++minute) {
      const absl::Time instant = StartOfCityDay(day) + absl::Minutes(minute);
      ran = ShippedCalendar().IsWorkingTime(instant) && !paused_at(instant);
    }
    if (ran) ++counted;
    const absl::Time cut_off = CityTime(day, 17);
    if (ran && counted >= limit && !paused_at(cut_off) && !paused_at(cut_off - moment)) return cut_off;
  }
}

RC_GTEST_PROP(DeadlineProperty, DaysAgreeWithWalkingMinuteByMinute, ()) {
  std::vector<int> changes = AnyChanges();
  if (changes.size() % 2 == 1) changes.pop_back();
  const absl::Time start = AnyStart();
  const int limit = *rc::gen::inRange(1, 15);
  RC_ASSERT(Compute(LedgerOf(start, changes), WorkingDays{limit}).instant ==
            DaysWalkedMinuteByMinute(start, changes, limit));
}

RC_GTEST_PROP(DeadlineProperty, MorePauseNeverMovesADeadlineForward, ()) {
  std::vector<int> changes = AnyChanges();
  changes.resize(std::min<std::size_t>(changes.size(), 12));
  if (changes.size() % 2 == 1) changes.pop_back();
  RC_PRE(!changes.empty());
  const absl::Time start = AnyStart();
  const TimeLimit limit = AnyLimit();
  std::vector<int> more = changes;
  const std::size_t which = *rc::gen::inRange<std::size_t>(0, changes.size());
  const int by = *rc::gen::inRange(0, 3 * 1440);
  // Even positions begin a pause and odd ones end it: the pause grows at one of its ends, up to its
  // neighbour.
  if (which % 2 == 0) {
    more[which] = std::max(more[which] - by, which == 0 ? 0 : more[which - 1]);
  } else {
    more[which] = which + 1 == more.size() ? more[which] + by : std::min(more[which] + by, more[which + 1]);
  }
  RC_ASSERT(*Compute(LedgerOf(start, more), limit).instant >=
            *Compute(LedgerOf(start, changes), limit).instant);
}

RC_GTEST_PROP(DeadlineProperty, ChangingToTheSamePolicyBeforeTheDeadlineChangesNothing, ()) {
  const std::vector<int> changes = AnyChanges();
  const absl::Time start = AnyStart();
  const TimeLimit limit = AnyLimit();
  std::vector<int> policy_changes = *rc::gen::container<std::vector<int>>(3, rc::gen::inRange(0, 42 * 1440));
  std::sort(policy_changes.begin(), policy_changes.end());
  const ClockLedger straight = LedgerOf(start, changes);
  const Deadline expected = Compute(straight, limit);
  const std::optional<absl::Time> due = expected.instant ? expected.instant : expected.missed_before_pause;
  RC_PRE(!due.has_value() || start + absl::Minutes(policy_changes.back()) < *due);

  ClockLedger ledger = Start(start);
  auto next_policy = policy_changes.begin();
  const auto change_policies_until = [&](int minute) {
    for (; next_policy != policy_changes.end() && *next_policy <= minute; ++next_policy) {
      const absl::Time at = start + absl::Minutes(*next_policy);
      ledger = ChangePolicy(ledger, ShippedCalendar(), at, "", "").value().opened;
    }
  };
  for (const int minute : changes) {
    change_policies_until(minute);
    ledger = Toggle(ledger, start + absl::Minutes(minute));
  }
  change_policies_until(42 * 1440);
  const Deadline actual = Compute(ledger, limit);
  RC_ASSERT(actual.instant == expected.instant);
  RC_ASSERT(actual.missed_before_pause == expected.missed_before_pause);
  const absl::Time later = start + absl::Hours(60 * 24);
  RC_ASSERT(TimeUsedAt(ledger, ShippedCalendar(), later) == TimeUsedAt(straight, ShippedCalendar(), later));
}

RC_GTEST_PROP(DeadlineProperty, APausedClockHasNoDeadlineAndARunningOneAlwaysHas, ()) {
  const std::vector<int> changes = AnyChanges();
  const Deadline deadline = Compute(LedgerOf(AnyStart(), changes), AnyLimit());
  RC_ASSERT(deadline.instant.has_value() == (changes.size() % 2 == 0));
  if (deadline.instant.has_value()) RC_ASSERT(!deadline.missed_before_pause.has_value());
}

}  // namespace
}  // namespace zhuqi::calendar
