#include "common/calendar/deadline_explanation.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/civil_time.h"
#include "common/base/status_macros.h"

namespace zhuqi::calendar {
namespace {

// What all entries are made from.
struct Reckoning {
  const ClockLedger& ledger;  // as it goes on
  const ClockPolicy& policy;
  const WorkingCalendar& calendar;
  absl::Time start;
  absl::Time measured_at;
  std::optional<absl::Time> due;

  bool in_days() const { return std::holds_alternative<WorkingDays>(policy.limit); }
  bool by_wall_clock() const { return std::holds_alternative<CalendarHours>(policy.limit); }
  absl::Duration Measured(absl::Duration working_time, absl::Duration calendar_time) const {
    return by_wall_clock() ? calendar_time : working_time;
  }
};

void DescribeDay(const WorkingCalendar& calendar, DayEntry& entry) {
  entry.provisional = calendar.IsProvisional(entry.day, entry.day);
  if (const DateOverride* named = calendar.FindOverride(entry.day)) {
    entry.kind = named->working ? DayKind::kMakeUpWorkday : DayKind::kHoliday;
    entry.holiday = named->holiday;
    entry.notice_year = named->notice_year;
    return;
  }
  entry.kind = calendar.IsWorkingDay(entry.day) ? DayKind::kWorkday : DayKind::kWeekend;
}

// Whether `entry` is the part at whose end, or within which, its day or half of it counts: that with the
// cut-off. A cut-off that had passed when the policy began falls to the first part of all.
bool HoldsCutOff(const Reckoning& reckoning, const DayEntry& entry, absl::Time cut_off) {
  return (entry.from < cut_off && cut_off <= entry.to) ||
         (cut_off <= entry.from && entry.from == reckoning.start);
}

void CountDays(const Reckoning& reckoning, DayEntry& entry) {
  const ClockLedger& ledger = reckoning.ledger;
  if (IsCountedDay(ledger, reckoning.calendar, entry.day)) {
    for (const CutOff& cut_off : CutOffsOn(entry.day, reckoning.policy, reckoning.calendar)) {
      if (HoldsCutOff(reckoning, entry, cut_off.at)) entry.half_days += cut_off.half_days;
    }
    entry.counting = entry.half_days > 0 ? Counting::kCounts : Counting::kAtCutOff;
  } else if (!reckoning.calendar.IsWorkingDay(entry.day)) {
    entry.counting = Counting::kNotWorked;
  } else if (entry.day == CityDay(reckoning.start) && !ledger.carried.day_counts) {
    entry.counting = Counting::kDayOfStart;
  } else {
    entry.counting = Counting::kPaused;
  }
}

Counting CountingOfHours(const Reckoning& reckoning, const DayEntry& entry) {
  if (entry.time > absl::ZeroDuration()) return Counting::kCounts;
  if (reckoning.by_wall_clock()) return Counting::kPaused;
  if (!reckoning.calendar.IsWorkingDay(entry.day)) return Counting::kNotWorked;
  const bool has_hours = reckoning.calendar.WorkingTimeBetween(entry.from, entry.to) > absl::ZeroDuration();
  return has_hours ? Counting::kPaused : Counting::kOutsideHours;
}

std::vector<DayPause> PausesWithin(const ClockLedger& ledger, absl::Time from, absl::Time to) {
  std::vector<DayPause> pauses;
  for (const Interval& interval : ledger.intervals) {
    if (interval.state != Interval::State::kPaused || interval.start >= to) continue;
    if (interval.end.has_value() && *interval.end <= std::max(from, interval.start)) continue;
    pauses.push_back({interval.start, interval.end, interval.reason, interval.by});
  }
  return pauses;
}

DayEntry PartOfDay(const Reckoning& reckoning, absl::CivilDay day, absl::Time from, absl::Time to) {
  DayEntry entry;
  entry.day = day;
  entry.from = from;
  entry.to = to;
  DescribeDay(reckoning.calendar, entry);
  const TimeRun run = TimeRunBetween(reckoning.ledger, reckoning.calendar, from, to);
  entry.time = reckoning.Measured(run.working_time, run.calendar_time);
  if (reckoning.in_days()) {
    CountDays(reckoning, entry);
  } else {
    entry.counting = CountingOfHours(reckoning, entry);
  }
  entry.ahead = from >= reckoning.measured_at;
  entry.late = reckoning.due.has_value() && from >= *reckoning.due;
  entry.due = reckoning.due == to;
  entry.pauses = PausesWithin(reckoning.ledger, from, to);
  return entry;
}

// Adds the parts of `day` within [start, until), with the sums that follow from `sum_half_days` and
// `sum_time`.
void AddDay(const Reckoning& reckoning, absl::CivilDay day, absl::Time until, int& sum_half_days,
            absl::Duration& sum_time, std::vector<DayEntry>& entries) {
  absl::Time from = std::max(StartOfCityDay(day), reckoning.start);
  const absl::Time end = std::min(StartOfCityDay(day + 1), until);
  std::vector<absl::Time> cuts = {reckoning.measured_at, end};
  if (reckoning.due.has_value()) cuts.push_back(*reckoning.due);
  std::sort(cuts.begin(), cuts.end());
  for (const absl::Time to : cuts) {
    if (to <= from || to > end) continue;
    DayEntry entry = PartOfDay(reckoning, day, from, to);
    sum_half_days += entry.half_days;
    sum_time += entry.time;
    entry.sum_half_days = sum_half_days;
    entry.sum_time = sum_time;
    const auto* limit = std::get_if<WorkingDays>(&reckoning.policy.limit);
    entry.put_off = limit != nullptr && !entry.late && !entry.due && entry.half_days > 0 &&
                    sum_half_days >= limit->half_days();
    entries.push_back(std::move(entry));
    from = to;
  }
}

bool IsSpentBefore(const TimeUsed& carried, const TimeLimit& limit) {
  if (const auto* days = std::get_if<WorkingDays>(&limit))
    return 2 * carried.working_days >= days->half_days();
  if (const auto* hours = std::get_if<WorkingHours>(&limit)) {
    return carried.working_time >= absl::Minutes(hours->minutes);
  }
  return carried.calendar_time >= absl::Minutes(std::get<CalendarHours>(limit).minutes);
}

absl::Time MeasuredAt(const ClockLedger& ledger, absl::Time as_of) {
  const Interval& last = ledger.intervals.back();
  return last.end.has_value() ? *last.end : std::max(as_of, last.start);
}

}  // namespace

absl::StatusOr<Explanation> ExplainDeadline(const ClockLedger& ledger, const ClockPolicy& policy,
                                            const WorkingCalendar& calendar,
                                            const ExplanationOptions& options) {
  Explanation explanation;
  ZHUQI_ASSIGN_OR_RETURN(explanation.deadline, ComputeDeadline(ledger, policy, calendar));
  const Deadline& deadline = explanation.deadline;
  const ClockLedger goes_on = RunOn(ledger);
  const absl::Time measured_at = MeasuredAt(ledger, options.as_of);
  const Reckoning reckoning = {
      goes_on,     policy,
      calendar,    ledger.intervals.front().start,
      measured_at, deadline.instant.has_value() ? deadline.instant : deadline.missed_before_pause};
  explanation.measured_at = measured_at;
  explanation.used = TimeUsedAt(ledger, calendar, measured_at);
  explanation.limit_spent_before = IsSpentBefore(ledger.carried, policy.limit);

  const absl::CivilDay start_day = CityDay(reckoning.start);
  const absl::CivilDay first = std::max(options.first_day.value_or(start_day), start_day);
  const TimeUsed before =
      first == start_day ? goes_on.carried : TimeUsedAt(goes_on, calendar, StartOfCityDay(first));
  explanation.brought_forward_days = reckoning.in_days() ? before.working_days : 0;
  explanation.brought_forward_time = reckoning.Measured(before.working_time, before.calendar_time);

  int sum_half_days = 2 * explanation.brought_forward_days;
  absl::Duration sum_time = explanation.brought_forward_time;
  const absl::Time until = std::max(measured_at, reckoning.due.value_or(measured_at));
  absl::CivilDay day = first;
  for (; StartOfCityDay(day) < until && day - first < options.max_days; ++day) {
    AddDay(reckoning, day, until, sum_half_days, sum_time, explanation.entries);
  }
  if (StartOfCityDay(day) < until) explanation.next_day = day;
  return explanation;
}

}  // namespace zhuqi::calendar
