#include "common/directory/calendar_message.h"

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"

namespace zhuqi {

absl::StatusOr<calendar::WorkingCalendar> CalendarFromMessage(const directory::v1::WorkingCalendar& message) {
  calendar::CalendarData data;
  data.id = message.calendar_id();
  data.version = message.version();
  data.overrides.reserve(static_cast<size_t>(message.overrides_size()));
  for (const auto& override : message.overrides()) {
    const std::optional<absl::CivilDay> day = CivilDayFrom(override.date());
    if (!day.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("no such date: ", override.date().ShortDebugString()));
    }
    data.overrides.push_back({*day, override.working(), override.holiday(), override.notice_year()});
  }
  data.notice_years.assign(message.notice_years().begin(), message.notice_years().end());
  for (const auto& span : message.working_spans()) {
    data.working_spans.push_back({span.start_minute(), span.end_minute()});
  }
  return calendar::WorkingCalendar::Create(std::move(data));
}

}  // namespace zhuqi
