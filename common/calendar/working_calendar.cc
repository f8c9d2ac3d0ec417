#include "common/calendar/working_calendar.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"

namespace zhuqi::calendar {
namespace {

constexpr WorkingSpan kDefaultSpans[] = {{9 * 60, 12 * 60}, {13 * 60, 17 * 60}};

bool IsWeekend(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

// Mondays to Fridays from Monday 1970-01-05 through `day`; negative before it.
std::int64_t WeekdaysThrough(absl::CivilDay day) {
  const std::int64_t days = day - absl::CivilDay(1970, 1, 5);
  const std::int64_t day_of_week = ((days % 7) + 7) % 7;
  const std::int64_t weeks = (days - day_of_week) / 7;
  return 5 * weeks + std::min<std::int64_t>(day_of_week + 1, 5);
}

absl::Status CheckOverrides(const std::vector<DateOverride>& sorted, const std::vector<int>& notice_years) {
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const DateOverride& entry = sorted[i];
    const std::string day = absl::FormatCivilTime(entry.date);
    if (i > 0 && sorted[i - 1].date == entry.date) {
      return absl::InvalidArgumentError(absl::StrCat("calendar names ", day, " twice"));
    }
    if (entry.notice_year == 0) continue;
    if (std::abs(entry.date.year() - entry.notice_year) > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("calendar: the notice of ", entry.notice_year, " can not name ", day));
    }
    if (std::find(notice_years.begin(), notice_years.end(), entry.notice_year) == notice_years.end()) {
      return absl::InvalidArgumentError(absl::StrCat("calendar: ", day, " is named by the notice of ",
                                                     entry.notice_year,
                                                     ", which is not among the published ones"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSpans(const std::vector<WorkingSpan>& spans) {
  int free_from = 0;
  for (const WorkingSpan& span : spans) {
    if (span.start_minute < free_from || span.end_minute <= span.start_minute ||
        span.end_minute > kMinutesPerDay) {
      return absl::InvalidArgumentError(
          absl::StrCat("calendar: working hours from minute ", span.start_minute, " to ", span.end_minute,
                       " are empty, out of order, overlapping or outside of the day"));
    }
    free_from = span.end_minute;
  }
  return absl::OkStatus();
}

absl::Duration SinceMidnight(absl::Time instant, absl::CivilDay day) { return instant - StartOfCityDay(day); }

}  // namespace

absl::StatusOr<WorkingCalendar> WorkingCalendar::Create(CalendarData data) {
  if (data.working_spans.empty()) {
    data.working_spans.assign(std::begin(kDefaultSpans), std::end(kDefaultSpans));
  }
  std::sort(data.overrides.begin(), data.overrides.end(),
            [](const DateOverride& a, const DateOverride& b) { return a.date < b.date; });
  std::sort(data.notice_years.begin(), data.notice_years.end());
  ZHUQI_RETURN_IF_ERROR(CheckOverrides(data.overrides, data.notice_years));
  ZHUQI_RETURN_IF_ERROR(CheckSpans(data.working_spans));
  return WorkingCalendar(std::move(data));
}

WorkingCalendar::WorkingCalendar(CalendarData data) : data_(std::move(data)) {
  balance_.reserve(data_.overrides.size() + 1);
  balance_.push_back(0);
  for (const DateOverride& entry : data_.overrides) {
    const int by_weekday = IsWeekend(entry.date) ? 0 : 1;
    balance_.push_back(balance_.back() + (entry.working ? 1 : 0) - by_weekday);
  }
  for (const WorkingSpan& span : data_.working_spans) {
    time_per_day_ += absl::Minutes(span.end_minute - span.start_minute);
  }
}

std::size_t WorkingCalendar::OverridesThrough(absl::CivilDay day) const {
  const auto after =
      std::upper_bound(data_.overrides.begin(), data_.overrides.end(), day,
                       [](absl::CivilDay d, const DateOverride& entry) { return d < entry.date; });
  return static_cast<std::size_t>(after - data_.overrides.begin());
}

const DateOverride* WorkingCalendar::FindOverride(absl::CivilDay day) const {
  const std::size_t through = OverridesThrough(day);
  if (through == 0 || data_.overrides[through - 1].date != day) return nullptr;
  return &data_.overrides[through - 1];
}

bool WorkingCalendar::IsWorkingDay(absl::CivilDay day) const {
  const DateOverride* named = FindOverride(day);
  return named != nullptr ? named->working : !IsWeekend(day);
}

std::int64_t WorkingCalendar::CountThrough(absl::CivilDay day) const {
  return WeekdaysThrough(day) + balance_[OverridesThrough(day)];
}

absl::CivilDay WorkingCalendar::FirstDayWithCount(std::int64_t count, absl::CivilDay low,
                                                  absl::CivilDay high) const {
  while (low < high) {
    const absl::CivilDay middle = low + (high - low) / 2;
    if (CountThrough(middle) >= count) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

std::int64_t WorkingCalendar::SpanHolding(std::int64_t working_days) const {
  return 7 * ((working_days + static_cast<std::int64_t>(data_.overrides.size())) / 5 + 2);
}

absl::CivilDay WorkingCalendar::NthWorkingDayAfter(absl::CivilDay day, std::int64_t n) const {
  return FirstDayWithCount(CountThrough(day) + n, day + 1, day + SpanHolding(n));
}

absl::CivilDay WorkingCalendar::AddWorkingDays(absl::CivilDay start, int n) const {
  if (n <= 0) return IsWorkingDay(start) ? start : NthWorkingDayAfter(start, 1);
  return NthWorkingDayAfter(start, n);
}

absl::CivilDay WorkingCalendar::SubtractWorkingDays(absl::CivilDay end, int n) const {
  if (n <= 0 && IsWorkingDay(end)) return end;
  const std::int64_t back = std::max(n, 1);
  return FirstDayWithCount(CountThrough(end - 1) - back + 1, end - SpanHolding(back), end - 1);
}

int WorkingCalendar::WorkingDaysBetween(absl::CivilDay from, absl::CivilDay to) const {
  return static_cast<int>(CountThrough(to) - CountThrough(from));
}

absl::CivilDay WorkingCalendar::NthWorkingDayOfMonth(std::int64_t year, int month, int n) const {
  return NthWorkingDayAfter(absl::CivilDay(year, month, 1) - 1, std::max(n, 1));
}

bool WorkingCalendar::IsProvisional(absl::CivilDay from, absl::CivilDay to) const {
  for (absl::CivilDay day = from; day <= to;) {
    const absl::CivilDay next_year(day.year() + 1, 1, 1);
    const absl::CivilDay last = std::min(to, next_year - 1);
    const bool has_notice =
        std::binary_search(data_.notice_years.begin(), data_.notice_years.end(), day.year());
    const auto named = static_cast<std::int64_t>(OverridesThrough(last) - OverridesThrough(day - 1));
    if (!has_notice && named < last - day + 1) return true;
    day = next_year;
  }
  return false;
}

int WorkingCalendar::MiddleOfWorkMinute() const {
  const std::vector<WorkingSpan>& spans = data_.working_spans;
  const auto per_day = absl::ToInt64Minutes(time_per_day_);
  if (spans.size() == 1) return spans.front().start_minute + static_cast<int>((per_day + 1) / 2);
  std::int64_t worked = 0;
  std::int64_t least = per_day;
  int middle = spans.front().end_minute;
  for (std::size_t i = 0; i + 1 < spans.size(); ++i) {
    worked += spans[i].end_minute - spans[i].start_minute;
    const std::int64_t away = std::abs(2 * worked - per_day);
    if (away >= least) continue;
    least = away;
    middle = spans[i].end_minute;
  }
  return middle;
}

absl::Duration WorkingCalendar::WorkedOn(absl::CivilDay day, absl::Duration since_midnight) const {
  absl::Duration worked;
  if (!IsWorkingDay(day)) return worked;
  for (const WorkingSpan& span : data_.working_spans) {
    const absl::Duration length = absl::Minutes(span.end_minute - span.start_minute);
    worked += std::clamp(since_midnight - absl::Minutes(span.start_minute), absl::ZeroDuration(), length);
  }
  return worked;
}

absl::Time WorkingCalendar::InstantAfterWork(absl::CivilDay day, absl::Duration worked) const {
  const absl::Time midnight = StartOfCityDay(day);
  for (const WorkingSpan& span : data_.working_spans) {
    const absl::Duration length = absl::Minutes(span.end_minute - span.start_minute);
    if (worked <= length) return midnight + absl::Minutes(span.start_minute) + worked;
    worked -= length;
  }
  return midnight + absl::Minutes(EndOfWorkMinute());
}

bool WorkingCalendar::IsWorkingTime(absl::Time instant) const { return NextWorkingTime(instant) == instant; }

absl::Time WorkingCalendar::NextWorkingTime(absl::Time instant) const {
  if (instant == absl::InfiniteFuture() || instant == absl::InfinitePast()) return instant;
  const absl::CivilDay day = CityDay(instant);
  if (IsWorkingDay(day)) {
    const absl::Duration since_midnight = SinceMidnight(instant, day);
    for (const WorkingSpan& span : data_.working_spans) {
      if (since_midnight >= absl::Minutes(span.end_minute)) continue;
      return std::max(instant, StartOfCityDay(day) + absl::Minutes(span.start_minute));
    }
  }
  return InstantAfterWork(NthWorkingDayAfter(day, 1), absl::ZeroDuration());
}

absl::Duration WorkingCalendar::WorkingTimeBetween(absl::Time from, absl::Time to) const {
  if (to <= from) return absl::ZeroDuration();
  if (from == absl::InfinitePast() || to == absl::InfiniteFuture()) return absl::InfiniteDuration();
  const absl::CivilDay first = CityDay(from);
  const absl::CivilDay last = CityDay(to);
  const std::int64_t whole_days = CountThrough(last - 1) - CountThrough(first - 1);
  return whole_days * time_per_day_ + WorkedOn(last, SinceMidnight(to, last)) -
         WorkedOn(first, SinceMidnight(from, first));
}

absl::Time WorkingCalendar::AddWorkingTime(absl::Time start, absl::Duration working) const {
  if (working <= absl::ZeroDuration() || start == absl::InfinitePast()) return start;
  if (working == absl::InfiniteDuration() || start == absl::InfiniteFuture()) return absl::InfiniteFuture();
  const absl::CivilDay first = CityDay(start);
  // Measured from the beginning of the first day, so that the rest is whole days and one remainder.
  absl::Duration needed = WorkedOn(first, SinceMidnight(start, first)) + working;
  absl::Duration remainder;
  std::int64_t days = absl::IDivDuration(needed, time_per_day_, &remainder);
  if (remainder == absl::ZeroDuration()) {
    remainder = time_per_day_;
    --days;
  }
  return InstantAfterWork(NthWorkingDayAfter(first - 1, days + 1), remainder);
}

}  // namespace zhuqi::calendar
