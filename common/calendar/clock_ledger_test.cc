#include "common/calendar/clock_ledger.h"

#include <gtest/gtest.h>

#include "common/calendar/test_calendar.h"

namespace zhuqi::calendar {
namespace {

using absl::CivilDay;

TEST(ClockLedger, EveryChangeIsKeptWithReasonAndPerson) {
  ClockLedger ledger = OpenClock(At(3, 3, 10), "accepted", "wang");
  ledger = PauseClock(ledger, At(3, 4, 10), "waiting for the enterprise", "li").value();
  EXPECT_TRUE(IsPaused(ledger));
  ledger = ResumeClock(ledger, At(3, 5, 10), "documents arrived", "zhao").value();
  ledger = CloseClock(ledger, At(3, 6, 10)).value();
  EXPECT_TRUE(IsClosed(ledger));
  EXPECT_FALSE(IsPaused(ledger));
  ASSERT_EQ(ledger.intervals.size(), 3U);
  EXPECT_EQ(ledger.intervals[1].state, Interval::State::kPaused);
  EXPECT_EQ(ledger.intervals[1].start, At(3, 4, 10));
  EXPECT_EQ(ledger.intervals[1].end, At(3, 5, 10));
  EXPECT_EQ(ledger.intervals[1].reason, "waiting for the enterprise");
  EXPECT_EQ(ledger.intervals[1].by, "li");
  EXPECT_TRUE(CheckLedger(ledger).ok());
}

TEST(ClockLedger, ChangesThatDoNotFitTheStateAreRefused) {
  const ClockLedger running = OpenClock(At(3, 3, 10), "", "");
  const ClockLedger paused = PauseClock(running, At(3, 4, 10), "", "").value();
  const ClockLedger closed = CloseClock(paused, At(3, 5, 10)).value();
  const absl::StatusCode refused = absl::StatusCode::kFailedPrecondition;
  EXPECT_EQ(ResumeClock(running, At(3, 4, 10), "", "").status().code(), refused);
  EXPECT_EQ(PauseClock(paused, At(3, 5, 10), "", "").status().code(), refused);
  EXPECT_EQ(ResumeClock(closed, At(3, 6, 10), "", "").status().code(), refused);
  EXPECT_EQ(CloseClock(closed, At(3, 6, 10)).status().code(), refused);
  EXPECT_EQ(ChangePolicy(closed, ShippedCalendar(), At(3, 6, 10), "", "").status().code(), refused);
}

TEST(ClockLedger, ALateEventDoesNotRewriteHistory) {
  const ClockLedger ledger = PauseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 4, 10), "", "").value();
  EXPECT_EQ(ResumeClock(ledger, At(3, 4, 9), "", "").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CloseClock(ledger, At(3, 4, 9)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ClockLedger, BrokenLedgersAreFound) {
  EXPECT_FALSE(CheckLedger(ClockLedger{}).ok());
  ClockLedger ledger = PauseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 4, 10), "", "").value();
  ClockLedger open_inside = ledger;
  open_inside.intervals[0].end = std::nullopt;
  EXPECT_FALSE(CheckLedger(open_inside).ok());
  ClockLedger gap = ledger;
  gap.intervals[0].end = At(3, 4, 9);
  EXPECT_FALSE(CheckLedger(gap).ok());
  ClockLedger backwards = ledger;
  backwards.intervals[1].end = At(3, 4, 9);
  EXPECT_FALSE(CheckLedger(backwards).ok());
}

TEST(ClockLedger, TimeUsedIsMeasuredInAllThreeWays) {
  // Tuesday 10:00 to Friday 10:00, paused from Wednesday 10:00 to Thursday 10:00.
  ClockLedger ledger = OpenClock(At(3, 3, 10), "", "");
  ledger = PauseClock(ledger, At(3, 4, 10), "", "").value();
  ledger = ResumeClock(ledger, At(3, 5, 10), "", "").value();
  const TimeUsed used = TimeUsedAt(ledger, ShippedCalendar(), At(3, 6, 10));
  EXPECT_EQ(used.working_days, 2);  // Wednesday and Thursday, both worked in part; Friday is still on.
  EXPECT_EQ(used.working_time, absl::Hours(14));
  EXPECT_EQ(used.calendar_time, absl::Hours(48));
  EXPECT_TRUE(used.day_counts);
  EXPECT_TRUE(used.day_ran);
}

TEST(ClockLedger, AClosedClockUsesNoMore) {
  const ClockLedger ledger = CloseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 4, 10)).value();
  EXPECT_EQ(TimeUsedAt(ledger, ShippedCalendar(), At(3, 20, 10)),
            TimeUsedAt(ledger, ShippedCalendar(), At(3, 4, 10)));
  EXPECT_EQ(TimeUsedAt(ledger, ShippedCalendar(), At(3, 2, 10)), TimeUsed{});
}

TEST(ClockLedger, APauseOverNightOrNoonTakesNoDayOut) {
  ClockLedger ledger = OpenClock(At(3, 3, 10), "", "");
  ledger = PauseClock(ledger, At(3, 3, 16, 59), "", "").value();
  ledger = ResumeClock(ledger, At(3, 4, 9, 1), "", "").value();
  ledger = PauseClock(ledger, At(3, 5, 9), "", "").value();
  ledger = ResumeClock(ledger, At(3, 5, 12), "", "").value();
  ledger = PauseClock(ledger, At(3, 6, 8), "", "").value();
  ledger = ResumeClock(ledger, At(3, 6, 12), "", "").value();
  ledger = PauseClock(ledger, At(3, 6, 13), "", "").value();
  ledger = ResumeClock(ledger, At(3, 6, 18), "", "").value();
  EXPECT_FALSE(IsCountedDay(ledger, ShippedCalendar(), CivilDay(2026, 3, 3)));  // The day of the start.
  EXPECT_TRUE(IsCountedDay(ledger, ShippedCalendar(), CivilDay(2026, 3, 4)));
  EXPECT_TRUE(IsCountedDay(ledger, ShippedCalendar(), CivilDay(2026, 3, 5)));
  EXPECT_FALSE(IsCountedDay(ledger, ShippedCalendar(), CivilDay(2026, 3, 6)));  // It ran over noon alone.
  EXPECT_FALSE(IsCountedDay(ledger, ShippedCalendar(), CivilDay(2026, 3, 7)));
  EXPECT_TRUE(IsCountedDay(ledger, ShippedCalendar(), CivilDay(2026, 3, 9)));
}

TEST(ClockLedger, APausedClockStaysPausedWhenThePolicyChanges) {
  const ClockLedger paused = PauseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 4, 10), "", "").value();
  const PolicyChange change =
      ChangePolicy(paused, ShippedCalendar(), At(3, 5, 10), "to complex", "wang").value();
  EXPECT_TRUE(IsClosed(change.closed));
  EXPECT_TRUE(IsPaused(change.opened));
  EXPECT_EQ(change.opened.carried.working_time, absl::Hours(7));
  EXPECT_EQ(change.opened.intervals.back().reason, "to complex");
}

}  // namespace
}  // namespace zhuqi::calendar
