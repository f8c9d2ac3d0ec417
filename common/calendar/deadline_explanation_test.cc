#include "common/calendar/deadline_explanation.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/test_calendar.h"

namespace zhuqi::calendar {
namespace {

using absl::CivilDay;

ClockPolicy LimitOf(TimeLimit limit, int cut_off_minute = 0) {
  return {.id = "policy", .version = 3, .limit = limit, .cut_off_minute = cut_off_minute};
}

Explanation Explained(const ClockLedger& ledger, const ClockPolicy& policy, absl::Time as_of) {
  return ExplainDeadline(ledger, policy, ShippedCalendar(), {.as_of = as_of, .max_days = 10'000}).value();
}

// Half days as a person writes them: "2", "2.5".
std::string DaysText(int half_days) { return absl::StrCat(half_days / 2, half_days % 2 == 0 ? "" : ".5"); }

// "02-14 make-up 春节/2026 counts 1 sum 2": the whole of an entry of a limit in days, but for its instants.
std::string LineOf(const DayEntry& entry) {
  const char* const kinds[] = {"workday", "weekend", "off", "make-up"};
  const char* const countings[] = {"counts", "start", "at-cut-off", "not-worked", "outside", "paused"};
  std::string text =
      absl::StrCat(absl::FormatCivilTime(entry.day).substr(5), " ", kinds[static_cast<int>(entry.kind)]);
  if (!entry.holiday.empty()) absl::StrAppend(&text, " ", entry.holiday, "/", entry.notice_year);
  absl::StrAppend(&text, " ", countings[static_cast<int>(entry.counting)], " ", DaysText(entry.half_days),
                  " sum ", DaysText(entry.sum_half_days));
  if (entry.provisional) absl::StrAppend(&text, " provisional");
  if (entry.put_off) absl::StrAppend(&text, " put-off");
  if (entry.ahead) absl::StrAppend(&text, " ahead");
  if (entry.due) absl::StrAppend(&text, " due");
  if (entry.late) absl::StrAppend(&text, " late");
  return text;
}

std::vector<std::string> LinesOf(const Explanation& explanation) {
  std::vector<std::string> lines;
  for (const DayEntry& entry : explanation.entries) lines.push_back(LineOf(entry));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(DeadlineExplanation, FiveDaysFrom12February2026OverTheSpringFestival) {
  const Explanation explanation =
      Explained(OpenClock(At(2, 12, 10), "", ""), LimitOf(WorkingDays{5}), At(2, 12, 10));
  EXPECT_EQ(explanation.deadline.instant, At(2, 26, 17));
  EXPECT_EQ(
      LinesOf(explanation),
      (Lines{"02-12 workday start 0 sum 0 ahead", "02-13 workday counts 1 sum 1 ahead",
             "02-14 make-up 春节/2026 counts 1 sum 2 ahead", "02-15 off 春节/2026 not-worked 0 sum 2 ahead",
             "02-16 off 春节/2026 not-worked 0 sum 2 ahead", "02-17 off 春节/2026 not-worked 0 sum 2 ahead",
             "02-18 off 春节/2026 not-worked 0 sum 2 ahead", "02-19 off 春节/2026 not-worked 0 sum 2 ahead",
             "02-20 off 春节/2026 not-worked 0 sum 2 ahead", "02-21 off 春节/2026 not-worked 0 sum 2 ahead",
             "02-22 off 春节/2026 not-worked 0 sum 2 ahead", "02-23 off 春节/2026 not-worked 0 sum 2 ahead",
             "02-24 workday counts 1 sum 3 ahead", "02-25 workday counts 1 sum 4 ahead",
             "02-26 workday counts 1 sum 5 ahead due"}));
}

TEST(DeadlineExplanation, FiveDaysFrom30April2026OverLabourDay) {
  const Explanation explanation =
      Explained(OpenClock(At(4, 30, 10), "", ""), LimitOf(WorkingDays{5}), At(4, 30, 10));
  EXPECT_EQ(explanation.deadline.instant, At(5, 11, 17));
  const Lines lines = LinesOf(explanation);
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_EQ(lines[5], "05-05 off 劳动节/2026 not-worked 0 sum 0 ahead");
  EXPECT_EQ(lines[9], "05-09 make-up 劳动节/2026 counts 1 sum 4 ahead");
  EXPECT_EQ(lines[10], "05-10 weekend not-worked 0 sum 4 ahead");
  EXPECT_EQ(lines[11], "05-11 workday counts 1 sum 5 ahead due");
}

TEST(DeadlineExplanation, ThreeDaysFrom30September2026OverNationalDay) {
  const Explanation explanation =
      Explained(OpenClock(At(9, 30, 10), "", ""), LimitOf(WorkingDays{3}), At(9, 30, 10));
  EXPECT_EQ(explanation.deadline.instant, At(10, 10, 17));
  EXPECT_EQ(LineOf(explanation.entries.back()), "10-10 make-up 国庆节/2026 counts 1 sum 3 ahead due");
}

TEST(DeadlineExplanation, ThreeDaysFrom31December2025CrossTheYear) {
  const absl::Time start = CityTime(CivilDay(2025, 12, 31), 10);
  const Explanation explanation = Explained(OpenClock(start, "", ""), LimitOf(WorkingDays{3}), start);
  EXPECT_EQ(explanation.deadline.instant, At(1, 6, 17));
  EXPECT_FALSE(explanation.deadline.provisional);
  EXPECT_EQ(
      LinesOf(explanation),
      (Lines{"12-31 workday start 0 sum 0 ahead", "01-01 off 元旦/2026 not-worked 0 sum 0 ahead",
             "01-02 off 元旦/2026 not-worked 0 sum 0 ahead", "01-03 off 元旦/2026 not-worked 0 sum 0 ahead",
             "01-04 make-up 元旦/2026 counts 1 sum 1 ahead", "01-05 workday counts 1 sum 2 ahead",
             "01-06 workday counts 1 sum 3 ahead due"}));
}

TEST(DeadlineExplanation, DaysOfAYearWithoutNoticeAreSaidToBeAGuess) {
  const Explanation explanation =
      Explained(OpenClock(At(12, 30, 10), "", ""), LimitOf(WorkingDays{2}), At(12, 30, 10));
  EXPECT_TRUE(explanation.deadline.provisional);
  EXPECT_EQ(LinesOf(explanation),
            (Lines{"12-30 workday start 0 sum 0 ahead", "12-31 workday counts 1 sum 1 ahead",
                   "01-01 workday counts 1 sum 2 provisional ahead due"}));
}

TEST(DeadlineExplanation, PausesAreNamedAndOnlyWholeDaysOfThemAreTakenOut) {
  ClockLedger ledger = OpenClock(At(3, 3, 10), "received", "zhuqi");
  ledger = PauseClock(ledger, At(3, 4, 12), "waiting for the drawings", "li").value();
  ledger = ResumeClock(ledger, At(3, 6, 12), "drawings arrived", "wang").value();
  const Explanation explanation = Explained(ledger, LimitOf(WorkingDays{2}), At(3, 6, 12));
  EXPECT_EQ(explanation.deadline.instant, At(3, 6, 17));
  EXPECT_EQ(explanation.used.working_days, 1);
  EXPECT_EQ(LinesOf(explanation), (Lines{"03-03 workday start 0 sum 0", "03-04 workday counts 1 sum 1",
                                         "03-05 workday paused 0 sum 1", "03-06 workday at-cut-off 0 sum 1",
                                         "03-06 workday counts 1 sum 2 ahead due"}));
  ASSERT_EQ(explanation.entries[2].pauses.size(), 1U);
  const DayPause& pause = explanation.entries[2].pauses[0];
  EXPECT_EQ(pause.from, At(3, 4, 12));
  EXPECT_EQ(pause.to, At(3, 6, 12));
  EXPECT_EQ(pause.reason, "waiting for the drawings");
  EXPECT_EQ(pause.by, "li");
  EXPECT_TRUE(explanation.entries[0].pauses.empty());
  EXPECT_TRUE(explanation.entries[4].pauses.empty());
}

TEST(DeadlineExplanation, AClockThatStandsStillAtItsCutOffIsSaidToBePutOff) {
  ClockLedger ledger = PauseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 4, 12), "", "").value();
  ledger = ResumeClock(ledger, At(3, 5, 12), "", "").value();
  const Explanation explanation = Explained(ledger, LimitOf(WorkingDays{1}), At(3, 5, 12));
  EXPECT_EQ(LinesOf(explanation),
            (Lines{"03-03 workday start 0 sum 0", "03-04 workday counts 1 sum 1 put-off",
                   "03-05 workday at-cut-off 0 sum 1", "03-05 workday counts 1 sum 2 ahead due"}));
}

TEST(DeadlineExplanation, HalfADayIsOverAtNoonAndItsOtherHalfIsLate) {
  // Two and a half days from Tuesday, asked on Friday evening.
  const Explanation explanation =
      Explained(OpenClock(At(3, 3, 10), "", ""), LimitOf(WorkingDays{2, true}), At(3, 6, 18));
  EXPECT_EQ(explanation.deadline.instant, At(3, 6, 12));
  EXPECT_EQ(
      LinesOf(explanation),
      (Lines{"03-03 workday start 0 sum 0", "03-04 workday counts 1 sum 1", "03-05 workday counts 1 sum 2",
             "03-06 workday counts 0.5 sum 2.5 due", "03-06 workday counts 0.5 sum 3 late"}));
}

TEST(DeadlineExplanation, AHalfDayThatEndsInAPauseIsPutOffToTheAfternoon) {
  ClockLedger ledger = PauseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 4, 11), "", "").value();
  ledger = ResumeClock(ledger, At(3, 4, 14), "", "").value();
  const Explanation explanation = Explained(ledger, LimitOf(WorkingDays{0, true}), At(3, 4, 14));
  EXPECT_EQ(LinesOf(explanation),
            (Lines{"03-03 workday start 0 sum 0", "03-04 workday counts 0.5 sum 0.5 put-off",
                   "03-04 workday counts 0.5 sum 1 ahead due"}));
}

TEST(DeadlineExplanation, HoursAreAddedUpToTheMinuteAndPastTheDeadline) {
  // Friday 16:30, 90 minutes, asked on Monday at 11:00.
  const Explanation explanation =
      Explained(OpenClock(At(3, 6, 16, 30), "", ""), LimitOf(WorkingHours{90}), At(3, 9, 11));
  EXPECT_EQ(explanation.deadline.instant, At(3, 9, 10));
  ASSERT_EQ(explanation.entries.size(), 5U);
  const auto expect = [&](size_t i, absl::Duration time, absl::Duration sum, Counting counting) {
    EXPECT_EQ(explanation.entries[i].time, time) << i;
    EXPECT_EQ(explanation.entries[i].sum_time, sum) << i;
    EXPECT_EQ(explanation.entries[i].counting, counting) << i;
  };
  expect(0, absl::Minutes(30), absl::Minutes(30), Counting::kCounts);
  expect(1, absl::ZeroDuration(), absl::Minutes(30), Counting::kNotWorked);
  expect(2, absl::ZeroDuration(), absl::Minutes(30), Counting::kNotWorked);
  expect(3, absl::Minutes(60), absl::Minutes(90), Counting::kCounts);
  expect(4, absl::Minutes(60), absl::Minutes(150), Counting::kCounts);
  EXPECT_TRUE(explanation.entries[3].due);
  EXPECT_TRUE(explanation.entries[4].late);
  EXPECT_EQ(explanation.used.working_time, absl::Minutes(150));
}

TEST(DeadlineExplanation, AClosedClockIsMeasuredAtItsEndAndGoesOnAsItWouldHave) {
  const ClockLedger ledger = CloseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 4, 11)).value();
  const Explanation explanation = Explained(ledger, LimitOf(WorkingDays{2}), At(12, 1, 10));
  EXPECT_EQ(explanation.measured_at, At(3, 4, 11));
  EXPECT_EQ(LinesOf(explanation),
            (Lines{"03-03 workday start 0 sum 0", "03-04 workday at-cut-off 0 sum 0",
                   "03-04 workday counts 1 sum 1 ahead", "03-05 workday counts 1 sum 2 ahead due"}));
}

TEST(DeadlineExplanation, APausedClockIsShownToTheInstantOfTheQuestionAndHasNoDeadline) {
  const ClockLedger ledger =
      PauseClock(OpenClock(At(3, 3, 10), "", ""), At(3, 3, 11), "waiting", "li").value();
  const Explanation explanation = Explained(ledger, LimitOf(WorkingHours{120}), At(3, 5, 10));
  EXPECT_EQ(explanation.deadline.instant, std::nullopt);
  ASSERT_EQ(explanation.entries.size(), 3U);
  EXPECT_EQ(explanation.entries[1].counting, Counting::kPaused);
  EXPECT_EQ(explanation.entries[2].to, At(3, 5, 10));
  EXPECT_EQ(explanation.entries[2].sum_time, absl::Hours(1));
}

TEST(DeadlineExplanation, WhatThePolicyBeforeHadUsedIsBroughtForward) {
  const PolicyChange change =
      ChangePolicy(OpenClock(At(3, 3, 10), "", ""), ShippedCalendar(), At(3, 5, 10), "complex", "wang")
          .value();
  const Explanation explanation = Explained(change.opened, LimitOf(WorkingDays{3}), At(3, 5, 10));
  EXPECT_EQ(explanation.brought_forward_days, 1);
  EXPECT_EQ(LinesOf(explanation),
            (Lines{"03-05 workday counts 1 sum 2 ahead", "03-06 workday counts 1 sum 3 ahead due"}));
}

// Two days were used when a limit of one day takes over after the day's cut-off.
TEST(DeadlineExplanation, ALimitThatWasSpentBeforeIsDueAtTheNextCutOffAndSaysSo) {
  const PolicyChange change =
      ChangePolicy(OpenClock(At(3, 3, 10), "", ""), ShippedCalendar(), At(3, 5, 18), "complex", "wang")
          .value();
  const Explanation explanation = Explained(change.opened, LimitOf(WorkingDays{1}), At(3, 5, 18));
  EXPECT_EQ(explanation.deadline.instant, At(3, 6, 17));
  EXPECT_TRUE(explanation.limit_spent_before);
  EXPECT_EQ(explanation.brought_forward_days, 1);
  EXPECT_EQ(LinesOf(explanation),
            (Lines{"03-05 workday counts 1 sum 2 put-off ahead", "03-06 workday counts 1 sum 3 ahead due"}));
  const Explanation hours = Explained(change.opened, LimitOf(WorkingHours{60}), At(3, 5, 18));
  EXPECT_EQ(hours.deadline.instant, At(3, 5, 18));
  EXPECT_TRUE(hours.limit_spent_before);
  EXPECT_FALSE(Explained(change.opened, LimitOf(WorkingDays{3}), At(3, 5, 18)).limit_spent_before);
}

TEST(DeadlineExplanation, AVeryLongLedgerComesInPagesThatEachBringTheSumForward) {
  ClockLedger ledger = OpenClock(CityTime(CivilDay(2018, 1, 2), 10), "", "");
  const auto page = [&](std::optional<CivilDay> first) {
    return ExplainDeadline(ledger, LimitOf(WorkingDays{1'000}), ShippedCalendar(),
                           {.as_of = At(11, 26, 10), .first_day = first, .max_days = 100})
        .value();
  };
  const Explanation first = page(std::nullopt);
  EXPECT_EQ(first.entries.size(), 100U);
  ASSERT_TRUE(first.next_day.has_value());
  const Explanation second = page(first.next_day);
  EXPECT_EQ(2 * second.brought_forward_days, first.entries.back().sum_half_days);
  EXPECT_EQ(second.entries.front().day, *first.next_day);
  EXPECT_EQ(page(CivilDay(2026, 11, 26)).next_day, std::nullopt);
}

TEST(DeadlineExplanation, WhatComputeDeadlineRefusesIsRefused) {
  EXPECT_FALSE(ExplainDeadline({}, LimitOf(WorkingDays{1}), ShippedCalendar(), {}).ok());
  EXPECT_FALSE(
      ExplainDeadline(OpenClock(At(3, 3, 10), "", ""), LimitOf(WorkingDays{0}), ShippedCalendar(), {}).ok());
}

// --- Properties: random ledgers, calendars and policies, 2018 to 2027, against a reckoning of its own
// --- that walks minute by minute and knows the calendar as a list of days.

// A clock's life as it happened: turns between running and paused, changes of policy. Minutes since midnight
// before the start. Quarter hours, noon and the ends of working hours come often: half days are where the
// limits of days meet.
struct Life {
  CivilDay first_day;
  int start = 0;
  std::vector<int> turns;
  std::vector<int> policy_changes;
  std::optional<int> closed;
};

absl::Time InstantOf(const Life& life, int minute) {
  return StartOfCityDay(life.first_day) + absl::Minutes(minute);
}

rc::Gen<int> MinuteWithin(int days) {
  return rc::gen::oneOf(
      rc::gen::inRange(0, days * 1440),
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0, days), rc::gen::elementOf(std::vector<int>{
                                                                0, 510, 540, 720, 780, 840, 1020, 1080})),
                   [](const std::pair<int, int>& at) { return at.first * 1440 + at.second; }));
}

Life AnyLife() {
  Life life;
  life.first_day = CivilDay(2018, 1, 1) + *rc::gen::inRange(0, 3640);
  life.start = *MinuteWithin(1);
  constexpr int kDays = 30;
  const auto after_start = [&](std::vector<int> minutes) {
    std::erase_if(minutes, [&](int minute) { return minute < life.start; });
    std::sort(minutes.begin(), minutes.end());
    return minutes;
  };
  life.turns = after_start(*rc::gen::resize(8, rc::gen::container<std::vector<int>>(MinuteWithin(kDays))));
  life.policy_changes =
      after_start(*rc::gen::resize(3, rc::gen::container<std::vector<int>>(MinuteWithin(kDays))));
  if (*rc::gen::inRange(0, 3) == 0) life.closed = kDays * 1440 + *rc::gen::inRange(0, 3000);
  return life;
}

// The announced days with a few of the city's own, and one of several working hours: whole days, mornings
// alone (half days), around the clock.
CalendarData AnyCalendarData(CivilDay around) {
  CalendarData data = ShippedCalendar().data();
  data.version = 8;
  const std::vector<std::vector<WorkingSpan>> hours = {
      {}, {{510, 720}, {840, 1080}}, {{540, 720}}, {{0, 1440}}, {{540, 1020}}};
  data.working_spans = *rc::gen::elementOf(hours);
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
    const CivilDay day = around + *rc::gen::inRange(0, 45);
    std::erase_if(data.overrides, [&](const DateOverride& entry) { return entry.date == day; });
    data.overrides.push_back({day, *rc::gen::arbitrary<bool>(), "local", 0});
  }
  return data;
}

ClockPolicy AnyPolicy() {
  switch (*rc::gen::inRange(0, 4)) {
    case 3:
      return LimitOf(WorkingDays{*rc::gen::inRange(0, 20), true});
    case 0:
      return LimitOf(WorkingDays{*rc::gen::inRange(1, 20)},
                     *rc::gen::elementOf(std::vector<int>{0, 0, 1, 720, 1020, 1439, 1440}));
    case 1:
      return LimitOf(WorkingHours{*rc::gen::inRange(1, 6000)});
    default:
      return LimitOf(CalendarHours{*rc::gen::inRange(1, 40'000)});
  }
}

// The ledger under the last policy.
ClockLedger LastLedger(const Life& life, const WorkingCalendar& calendar) {
  ClockLedger ledger = OpenClock(InstantOf(life, life.start), "", "");
  auto change = life.policy_changes.begin();
  const auto change_policies_through = [&](int minute) {
    for (; change != life.policy_changes.end() && *change <= minute; ++change) {
      ledger = ChangePolicy(ledger, calendar, InstantOf(life, *change), "", "").value().opened;
    }
  };
  for (const int turn : life.turns) {
    change_policies_through(turn);
    ledger = IsPaused(ledger) ? ResumeClock(ledger, InstantOf(life, turn), "", "").value()
                              : PauseClock(ledger, InstantOf(life, turn), "", "").value();
  }
  change_policies_through(100 * 1440);
  if (life.closed.has_value()) ledger = CloseClock(ledger, InstantOf(life, *life.closed)).value();
  return ledger;
}

// The second reckoning.
class MinuteByMinute {
 public:
  MinuteByMinute(const Life& life, const CalendarData& data) : life_(life) {
    for (const DateOverride& entry : data.overrides) named_[entry.date] = entry.working;
    spans_ = data.working_spans;
    if (spans_.empty()) spans_ = {{540, 720}, {780, 1020}};
    policy_start_ = life.policy_changes.empty() ? life.start : life.policy_changes.back();
  }

  bool Running(int minute) const {
    if (minute < life_.start) return false;
    if (life_.closed.has_value() && minute >= *life_.closed) return true;
    const auto turned =
        std::upper_bound(life_.turns.begin(), life_.turns.end(), minute) - life_.turns.begin();
    return turned % 2 == 0;
  }
  bool Worked(int minute) const {
    if (!WorkedDay(minute / 1440)) return false;
    return std::any_of(spans_.begin(), spans_.end(), [&](const WorkingSpan& span) {
      return span.start_minute <= minute % 1440 && minute % 1440 < span.end_minute;
    });
  }
  bool WorkedDay(int day) const {
    const CivilDay date = life_.first_day + day;
    if (const auto named = named_.find(date); named != named_.end()) return named->second;
    const absl::Weekday weekday = absl::GetWeekday(date);
    return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
  }
  // After the day of the start, worked, and not paused through all working hours.
  bool Counts(int day) const {
    if (day == 0) return false;
    for (int minute = day * 1440; minute < (day + 1) * 1440; ++minute) {
      if (Worked(minute) && Running(minute)) return true;
    }
    return false;
  }

  // Nullopt when it is not within `horizon` days: the clock is paused for ever.
  std::optional<absl::Time> DueInHours(int limit, bool by_wall_clock, int horizon) const {
    int used = 0;
    for (int minute = life_.start; minute < horizon * 1440; ++minute) {
      const bool runs = Running(minute);
      if (minute >= policy_start_ && used >= limit && runs) return InstantOf(life_, minute);
      if (runs && (by_wall_clock || Worked(minute))) ++used;
      // Spent at the very instant at which a pause begins, it runs out when the pause ends.
      if (minute >= policy_start_ && used >= limit && runs && Running(minute + 1)) {
        return InstantOf(life_, minute + 1);
      }
    }
    return std::nullopt;
  }

  std::optional<absl::Time> DueInDays(const WorkingDays& limit, int cut_off_minute, int horizon) const {
    const int end = spans_.back().end_minute;
    std::vector<int> cut_offs = {cut_off_minute == 0 ? end : cut_off_minute};
    // Morning and afternoon; of a day without a break its two halves by the clock.
    if (limit.half) {
      const WorkingSpan& first = spans_.front();
      cut_offs = {spans_.size() > 1 ? first.end_minute : (first.start_minute + first.end_minute) / 2, end};
    }
    double counted = 0;
    for (int day = 0; day < horizon; ++day) {
      if (!Counts(day)) continue;
      for (const int cut_off : cut_offs) {
        counted += 1.0 / static_cast<double>(cut_offs.size());
        const int due = day * 1440 + cut_off;
        if (day < policy_start_ / 1440 || due <= policy_start_) continue;
        if (counted < limit.count + (limit.half ? 0.5 : 0)) continue;
        // Neither just before the cut-off nor from it on does it stand still.
        if (Running(due - 1) && Running(due)) return InstantOf(life_, due);
      }
    }
    return std::nullopt;
  }

  std::optional<absl::Time> Due(const ClockPolicy& policy) const {
    constexpr int kHorizon = 200;
    if (const auto* days = std::get_if<WorkingDays>(&policy.limit)) {
      return DueInDays(*days, policy.cut_off_minute, kHorizon);
    }
    if (const auto* hours = std::get_if<WorkingHours>(&policy.limit)) {
      return DueInHours(hours->minutes, false, kHorizon);
    }
    return DueInHours(std::get<CalendarHours>(policy.limit).minutes, true, kHorizon);
  }

 private:
  const Life& life_;
  std::map<CivilDay, bool> named_;
  std::vector<WorkingSpan> spans_;
  int policy_start_ = 0;
};

std::optional<absl::Time> DueOf(const Deadline& deadline) {
  return deadline.instant.has_value() ? deadline.instant : deadline.missed_before_pause;
}

// The deadline that the entries by themselves lead to: the first cut-off at which enough days are counted and
// the clock runs, or the instant at which the running time is spent.
std::optional<absl::Time> LedTo(const Explanation& explanation, const ClockLedger& ledger,
                                const ClockPolicy& policy, const WorkingCalendar& calendar) {
  const absl::Time start = ledger.intervals.front().start;
  int half_days = 2 * explanation.brought_forward_days;
  absl::Duration time = explanation.brought_forward_time;
  for (const DayEntry& entry : explanation.entries) {
    if (const auto* limit = std::get_if<WorkingDays>(&policy.limit)) {
      int left = entry.half_days;
      bool reached = false;
      for (const CutOff& cut_off : CutOffsOn(entry.day, policy, calendar)) {
        if (cut_off.at > entry.to || (cut_off.at <= entry.from && entry.from != start)) continue;
        if (left == 0) break;
        left -= cut_off.half_days;
        half_days += cut_off.half_days;
        reached = reached || half_days >= limit->half_days();
        if (half_days >= limit->half_days() && cut_off.at > start && !StandsStillAt(ledger, cut_off.at)) {
          return cut_off.at;
        }
      }
      // Where the sum has reached the limit, the entry says that the clock does not run out there.
      RC_ASSERT(entry.put_off == (reached && !entry.late));
      continue;
    }
    time += entry.time;
    const auto* working = std::get_if<WorkingHours>(&policy.limit);
    const int minutes = working != nullptr ? working->minutes : std::get<CalendarHours>(policy.limit).minutes;
    if (time == absl::Minutes(minutes) && entry.due) return entry.to;
    if (time > absl::Minutes(minutes)) return std::nullopt;
  }
  return std::nullopt;
}

RC_GTEST_PROP(DeadlineExplanationProperty, TheDeadlineAgreesWithWalkingMinuteByMinute, ()) {
  const Life life = AnyLife();
  const CalendarData data = AnyCalendarData(life.first_day);
  const WorkingCalendar calendar = WorkingCalendar::Create(data).value();
  const ClockPolicy policy = AnyPolicy();
  const Deadline deadline = ComputeDeadline(LastLedger(life, calendar), policy, calendar).value();
  RC_ASSERT(DueOf(deadline) == MinuteByMinute(life, data).Due(policy));
}

RC_GTEST_PROP(DeadlineExplanationProperty, TheTimeUsedAgreesWithWalkingMinuteByMinute, ()) {
  const Life life = AnyLife();
  const CalendarData data = AnyCalendarData(life.first_day);
  const WorkingCalendar calendar = WorkingCalendar::Create(data).value();
  const ClockLedger ledger = LastLedger(life, calendar);
  const int at = std::max(life.start, *MinuteWithin(40));
  RC_PRE(InstantOf(life, at) >= ledger.intervals.front().start);
  RC_PRE(!life.closed.has_value() || at <= *life.closed);
  const MinuteByMinute walked(life, data);
  int working = 0;
  int wall = 0;
  for (int minute = life.start; minute < at; ++minute) {
    wall += walked.Running(minute) ? 1 : 0;
    working += walked.Running(minute) && walked.Worked(minute) ? 1 : 0;
  }
  int days = 0;
  for (int day = 0; day < at / 1440; ++day) days += walked.Counts(day) ? 1 : 0;
  const TimeUsed used = TimeUsedAt(ledger, calendar, InstantOf(life, at));
  RC_ASSERT(used.working_time == absl::Minutes(working));
  RC_ASSERT(used.calendar_time == absl::Minutes(wall));
  // On the day of the policy's change it stays what was carried over.
  RC_ASSERT(used.working_days == days);
}

RC_GTEST_PROP(DeadlineExplanationProperty, EntriesAddUpToTheUsedTimeAndLeadToTheDeadline, ()) {
  const Life life = AnyLife();
  const WorkingCalendar calendar = WorkingCalendar::Create(AnyCalendarData(life.first_day)).value();
  const ClockPolicy policy = AnyPolicy();
  const ClockLedger ledger = LastLedger(life, calendar);
  const absl::Time as_of = InstantOf(life, *MinuteWithin(60));
  const Explanation explanation =
      ExplainDeadline(ledger, policy, calendar, {.as_of = as_of, .max_days = 10'000}).value();
  const bool by_wall_clock = std::holds_alternative<CalendarHours>(policy.limit);
  const ClockLedger goes_on = RunOn(ledger);

  absl::Time reached = ledger.intervals.front().start;
  // Days are counted of limits in days alone.
  const bool in_days = std::holds_alternative<WorkingDays>(policy.limit);
  int half_days = in_days ? 2 * ledger.carried.working_days : 0;
  absl::Duration time = by_wall_clock ? ledger.carried.calendar_time : ledger.carried.working_time;
  RC_ASSERT(2 * explanation.brought_forward_days == half_days);
  RC_ASSERT(explanation.brought_forward_time == time);
  for (const DayEntry& entry : explanation.entries) {
    // No gap, no overlap, each part within its day.
    RC_ASSERT(entry.from == reached && entry.to > entry.from);
    RC_ASSERT(CityDay(entry.from) == entry.day && entry.to <= StartOfCityDay(entry.day + 1));
    reached = entry.to;
    half_days += entry.half_days;
    time += entry.time;
    RC_ASSERT(entry.sum_half_days == half_days && entry.sum_time == time);
    const TimeUsed used = TimeUsedAt(goes_on, calendar, entry.to);
    RC_ASSERT(time == (by_wall_clock ? used.calendar_time : used.working_time));
    // Whole days are counted at midnight.
    if (in_days && entry.to == StartOfCityDay(entry.day + 1)) RC_ASSERT(half_days == 2 * used.working_days);
    RC_ASSERT(entry.ahead == (entry.from >= explanation.measured_at));
    RC_ASSERT((entry.counting == Counting::kCounts) ==
              (in_days ? entry.half_days > 0 : entry.time > absl::ZeroDuration()));
    if (entry.to == explanation.measured_at) {
      RC_ASSERT(time == (by_wall_clock ? explanation.used.calendar_time : explanation.used.working_time));
    }
  }
  const std::optional<absl::Time> due = DueOf(ComputeDeadline(ledger, policy, calendar).value());
  RC_ASSERT(DueOf(explanation.deadline) == due);
  RC_ASSERT(reached == std::max(explanation.measured_at, due.value_or(explanation.measured_at)));
  // A limit in hours that was spent when the policy began is due when the clock first runs: nothing is added.
  if (in_days || !explanation.limit_spent_before) {
    RC_ASSERT(LedTo(explanation, ledger, policy, calendar) == due);
  }
}

RC_GTEST_PROP(DeadlineExplanationProperty, PagesTogetherAreTheWhole, ()) {
  const Life life = AnyLife();
  const WorkingCalendar calendar = WorkingCalendar::Create(AnyCalendarData(life.first_day)).value();
  const ClockPolicy policy = AnyPolicy();
  const ClockLedger ledger = LastLedger(life, calendar);
  const absl::Time as_of = InstantOf(life, 35 * 1440);
  const Explanation whole =
      ExplainDeadline(ledger, policy, calendar, {.as_of = as_of, .max_days = 10'000}).value();
  std::vector<std::string> lines;
  std::optional<CivilDay> first;
  do {
    const Explanation page =
        ExplainDeadline(ledger, policy, calendar,
                        {.as_of = as_of, .first_day = first, .max_days = *rc::gen::inRange(1, 20)})
            .value();
    for (const DayEntry& entry : page.entries) {
      lines.push_back(absl::StrCat(LineOf(entry), " ", absl::FormatDuration(entry.sum_time)));
    }
    first = page.next_day;
  } while (first.has_value());
  std::vector<std::string> expected;
  for (const DayEntry& entry : whole.entries) {
    expected.push_back(absl::StrCat(LineOf(entry), " ", absl::FormatDuration(entry.sum_time)));
  }
  RC_ASSERT(lines == expected);
}

}  // namespace
}  // namespace zhuqi::calendar
