#include "common/calendar/deadline.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"

namespace zhuqi::calendar {
namespace {

constexpr int kMaximumHalfDays = 2'000;
constexpr int kMaximumMinutes = 600'000;

bool IsPause(const Interval& interval) {
  // A pause without length, as left by two changes at one instant, stops nothing.
  return interval.state == Interval::State::kPaused && interval.end != interval.start;
}

// The last day that a pause of the ledger touches, or the ledger's first day: after it every working day
// counts. An open pause touches its first day here; what follows it is no deadline at all.
absl::CivilDay LastUncertainDay(const ClockLedger& ledger) {
  absl::CivilDay last = CityDay(ledger.intervals.front().start);
  for (const Interval& interval : ledger.intervals) {
    if (IsPause(interval)) last = std::max(last, CityDay(interval.end.value_or(interval.start)));
  }
  return last;
}

std::optional<absl::Time> DeadlineInDays(const ClockLedger& ledger, const WorkingDays& limit,
                                         const ClockPolicy& policy, const WorkingCalendar& calendar) {
  const absl::Time start = ledger.intervals.front().start;
  const absl::CivilDay last_uncertain = LastUncertainDay(ledger);
  int missing = limit.half_days() - 2 * ledger.carried.working_days;
  for (absl::CivilDay day = CityDay(start); day <= last_uncertain; ++day) {
    if (!IsCountedDay(ledger, calendar, day)) continue;
    for (const CutOff& due : CutOffsOn(day, policy, calendar)) {
      missing -= due.half_days;
      if (missing <= 0 && due.at > start && !StandsStillAt(ledger, due.at)) return due.at;
    }
  }
  if (IsPaused(ledger)) return std::nullopt;
  // All days before the last one count as a whole; at one of its cut-offs nothing is missing.
  const int days = std::max((missing + 1) / 2, 1);
  const std::vector<CutOff> last = CutOffsOn(calendar.AddWorkingDays(last_uncertain, days), policy, calendar);
  missing -= 2 * (days - 1);
  return missing <= last.front().half_days ? last.front().at : last.back().at;
}

// `add(start, amount)` and `between(from, to)` measure either working time or the wall clock.
template <typename Add, typename Between>
std::optional<absl::Time> DeadlineInHours(const ClockLedger& ledger, absl::Duration left, Add add,
                                          Between between) {
  left = std::max(left, absl::ZeroDuration());
  for (const Interval& interval : ledger.intervals) {
    if (interval.state != Interval::State::kRunning) continue;
    const absl::Time due = add(interval.start, left);
    if (!interval.end.has_value() || due < *interval.end) return due;
    left -= between(interval.start, *interval.end);
  }
  const Interval& last = ledger.intervals.back();
  if (!last.end.has_value()) return std::nullopt;
  return add(*last.end, left);
}

std::optional<absl::Time> DeadlineInstant(const ClockLedger& ledger, const ClockPolicy& policy,
                                          const WorkingCalendar& calendar) {
  if (const auto* days = std::get_if<WorkingDays>(&policy.limit)) {
    return DeadlineInDays(ledger, *days, policy, calendar);
  }
  if (const auto* hours = std::get_if<WorkingHours>(&policy.limit)) {
    return DeadlineInHours(
        ledger, absl::Minutes(hours->minutes) - ledger.carried.working_time,
        [&](absl::Time start, absl::Duration amount) { return calendar.AddWorkingTime(start, amount); },
        [&](absl::Time from, absl::Time to) { return calendar.WorkingTimeBetween(from, to); });
  }
  return DeadlineInHours(
      ledger, absl::Minutes(std::get<CalendarHours>(policy.limit).minutes) - ledger.carried.calendar_time,
      [](absl::Time start, absl::Duration amount) { return start + amount; },
      [](absl::Time from, absl::Time to) { return to - from; });
}

}  // namespace

std::vector<CutOff> CutOffsOn(absl::CivilDay day, const ClockPolicy& policy,
                              const WorkingCalendar& calendar) {
  const absl::Time midnight = StartOfCityDay(day);
  const absl::Time end = midnight + absl::Minutes(calendar.EndOfWorkMinute());
  const auto* limit = std::get_if<WorkingDays>(&policy.limit);
  if (limit != nullptr && limit->half) {
    return {{midnight + absl::Minutes(calendar.MiddleOfWorkMinute()), 1}, {end, 1}};
  }
  return {{policy.cut_off_minute == 0 ? end : midnight + absl::Minutes(policy.cut_off_minute), 2}};
}

bool StandsStillAt(const ClockLedger& ledger, absl::Time instant) {
  return std::any_of(ledger.intervals.begin(), ledger.intervals.end(), [&](const Interval& interval) {
    return IsPause(interval) && interval.start <= instant && (!interval.end || instant <= *interval.end);
  });
}

absl::Status CheckPolicy(const ClockPolicy& policy) {
  int amount = 0;
  int maximum = kMaximumMinutes;
  if (const auto* days = std::get_if<WorkingDays>(&policy.limit)) {
    if (days->count < 0) return absl::InvalidArgumentError("a clock policy's limit is negative");
    if (days->half && policy.cut_off_minute != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("clock policy '", policy.id, "': a limit with half a day has its own cut-off"));
    }
    amount = days->half_days();
    maximum = kMaximumHalfDays;
  } else if (const auto* hours = std::get_if<WorkingHours>(&policy.limit)) {
    amount = hours->minutes;
  } else {
    amount = std::get<CalendarHours>(policy.limit).minutes;
  }
  if (amount < 1 || amount > maximum) {
    return absl::InvalidArgumentError(
        absl::StrCat("clock policy '", policy.id, "': limit ", amount, " is not within 1 to ", maximum));
  }
  if (policy.cut_off_minute < 0 || policy.cut_off_minute > kMinutesPerDay) {
    return absl::InvalidArgumentError(absl::StrCat("clock policy '", policy.id, "': cut-off minute ",
                                                   policy.cut_off_minute, " is not within 0 to ",
                                                   kMinutesPerDay));
  }
  return absl::OkStatus();
}

absl::StatusOr<Deadline> ComputeDeadline(const ClockLedger& ledger, const ClockPolicy& policy,
                                         const WorkingCalendar& calendar) {
  ZHUQI_RETURN_IF_ERROR(CheckLedger(ledger));
  ZHUQI_RETURN_IF_ERROR(CheckPolicy(policy));
  Deadline deadline;
  deadline.policy_id = policy.id;
  deadline.policy_version = policy.version;
  deadline.calendar_id = calendar.id();
  deadline.calendar_version = calendar.version();
  const Interval& last = ledger.intervals.back();
  deadline.used = TimeUsedAt(ledger, calendar, last.end.value_or(last.start));
  const std::optional<absl::Time> instant = DeadlineInstant(ledger, policy, calendar);
  (IsPaused(ledger) ? deadline.missed_before_pause : deadline.instant) = instant;
  const bool by_calendar = !std::holds_alternative<CalendarHours>(policy.limit);
  deadline.provisional = by_calendar && instant.has_value() &&
                         calendar.IsProvisional(CityDay(ledger.intervals.front().start), CityDay(*instant));
  return deadline;
}

bool IsBreached(const Deadline& deadline, absl::Time at) {
  const std::optional<absl::Time>& due =
      deadline.instant.has_value() ? deadline.instant : deadline.missed_before_pause;
  return due.has_value() && at > *due;
}

}  // namespace zhuqi::calendar
