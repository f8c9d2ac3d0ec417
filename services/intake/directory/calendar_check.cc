#include "services/intake/directory/calendar_check.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/directory/calendar_message.h"
#include "common/directory/date_message.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::WorkingCalendar;

constexpr int kMaxOverrides = 4000;  // a century of notices
constexpr int kMinutesPerDay = 1440;

void CheckOverrides(WorkingCalendar& calendar, rpc::Violations& violations) {
  const absl::flat_hash_set<int32_t> notices(calendar.notice_years().begin(), calendar.notice_years().end());
  absl::flat_hash_set<std::tuple<int, int, int>> seen;
  if (calendar.overrides_size() > kMaxOverrides) {
    violations.Add("calendar.overrides", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxOverrides, " days"),
                   absl::StrCat("最多 ", kMaxOverrides, " 天"));
    return;
  }
  for (int i = 0; i < calendar.overrides_size(); ++i) {
    directory::v1::DateOverride& day = *calendar.mutable_overrides(i);
    const std::string path = absl::StrCat("calendar.overrides[", i, "]");
    CheckText(*day.mutable_holiday(), path + ".holiday", 100, false, violations);
    if (!CivilDayFrom(day.date()).has_value()) {
      violations.Add(path + ".date", "DATE_INVALID", "must be a date that exists, 2000 to 2100",
                     "须为 2000 至 2100 年间存在的日期");
      continue;
    }
    if (!seen.insert({day.date().year(), day.date().month(), day.date().day()}).second) {
      violations.Add(path + ".date", "DUPLICATE", "the calendar names this day twice", "同一日期重复出现");
    }
    if (day.notice_year() == 0) continue;  // a local decision
    if (!notices.contains(day.notice_year()) || std::abs(day.notice_year() - day.date().year()) > 1) {
      violations.Add(path + ".notice_year", "NOTICE_YEAR_INVALID",
                     "must be one of notice_years, and the year of the day or a neighbour of it",
                     "须为 notice_years 之一，且为该日期所在年份或相邻年份");
    }
  }
}

void CheckNoticeYears(const WorkingCalendar& calendar, rpc::Violations& violations) {
  absl::flat_hash_set<int32_t> seen;
  for (int i = 0; i < calendar.notice_years_size(); ++i) {
    const std::string path = absl::StrCat("calendar.notice_years[", i, "]");
    const int32_t year = calendar.notice_years(i);
    if (year < 2000 || year > 2100) violations.Add(path, "OUT_OF_RANGE", "2000 to 2100", "须为 2000 至 2100");
    if (!seen.insert(year).second) violations.Add(path, "DUPLICATE", "the year is named twice", "年份重复");
  }
}

void CheckNotices(WorkingCalendar& calendar, rpc::Violations& violations) {
  const absl::flat_hash_set<int32_t> years(calendar.notice_years().begin(), calendar.notice_years().end());
  absl::flat_hash_set<int32_t> seen;
  for (int i = 0; i < calendar.notices_size(); ++i) {
    directory::v1::CalendarNotice& notice = *calendar.mutable_notices(i);
    const std::string path = absl::StrCat("calendar.notices[", i, "]");
    if (!years.contains(notice.year())) {
      violations.Add(path + ".year", "NOTICE_YEAR_INVALID", "must be one of notice_years",
                     "须为 notice_years 之一");
    } else if (!seen.insert(notice.year()).second) {
      violations.Add(path + ".year", "DUPLICATE", "the year has a notice already", "该年份的通知重复");
    }
    CheckText(*notice.mutable_document_number(), path + ".document_number", 100, false, violations);
    CheckText(*notice.mutable_title(), path + ".title", 200, false, violations);
    CheckDay(notice.has_published_on(), notice.published_on(), path + ".published_on", violations);
  }
}

void CheckSpans(const WorkingCalendar& calendar, rpc::Violations& violations) {
  int previous_end = 0;
  for (int i = 0; i < calendar.working_spans_size(); ++i) {
    const auto& span = calendar.working_spans(i);
    const std::string path = absl::StrCat("calendar.working_spans[", i, "]");
    if (span.start_minute() < 0 || span.end_minute() > kMinutesPerDay ||
        span.start_minute() >= span.end_minute()) {
      violations.Add(path, "OUT_OF_RANGE", "must begin before it ends, within 0 to 1,440",
                     "起止分钟须在 0 至 1440 之间且先起后止");
    } else if (span.start_minute() < previous_end) {
      violations.Add(path, "SPANS_OUT_OF_ORDER", "spans must be in order and must not overlap",
                     "工作时段须按顺序且不重叠");
    }
    previous_end = std::max(previous_end, span.end_minute());
  }
}

void Sort(WorkingCalendar& calendar) {
  std::sort(calendar.mutable_overrides()->begin(), calendar.mutable_overrides()->end(),
            [](const auto& left, const auto& right) {
              return std::make_tuple(left.date().year(), left.date().month(), left.date().day()) <
                     std::make_tuple(right.date().year(), right.date().month(), right.date().day());
            });
  std::sort(calendar.mutable_notice_years()->begin(), calendar.mutable_notice_years()->end());
  std::sort(calendar.mutable_notices()->begin(), calendar.mutable_notices()->end(),
            [](const auto& left, const auto& right) { return left.year() < right.year(); });
}

}  // namespace

void CheckCalendar(WorkingCalendar& calendar, const WorkingCalendar& current, rpc::Violations& violations) {
  const size_t before = violations.list().size();
  if (calendar.calendar_id() != "city") {
    violations.Add("calendar.calendar_id", "CALENDAR_ID_UNKNOWN", "only \"city\" is used",
                   "目前只使用 \"city\"");
  }
  CheckOverrides(calendar, violations);
  CheckNoticeYears(calendar, violations);
  CheckNotices(calendar, violations);
  CheckSpans(calendar, violations);
  if (violations.list().size() > before) return;
  Sort(calendar);
  if (google::protobuf::util::MessageDifferencer::Equals(calendar, current)) return;
  if (calendar.version() <= current.version()) {
    violations.Add(
        "calendar.version", "VERSION_NOT_GROWN",
        absl::StrCat("the content differs from version ", current.version(), ", so it must be higher"),
        absl::StrCat("内容与版本 ", current.version(), " 不同，版本号须大于它"));
  }
  // What deadlines are worked out with has the last word.
  const auto working = CalendarFromMessage(calendar);
  if (!working.ok()) {
    violations.Add("calendar", "CALENDAR_INVALID", std::string(working.status().message()), "工作日历不成立");
  }
}

}  // namespace zhuqi::intake
