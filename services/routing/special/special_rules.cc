#include "services/routing/special/special_rules.h"

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"

namespace zhuqi::routing {

bool IsFollowed(const v1::SpecialItem& special) { return !special.has_final_reported_at(); }

void MarkAsSpecial(const v1::MarkSpecial& mark, absl::Time at, const std::string& by,
                   v1::SpecialItem& special) {
  const bool goes_on = special.has_since() && IsFollowed(special);
  special.set_follower_department_id(mark.follower_department_id());
  special.set_report_every_working_days(mark.report_every_working_days());
  special.set_reason(mark.reason());
  special.set_marked_by(by);
  if (goes_on) return;
  *special.mutable_since() = TimestampMessage(at);
  FollowAgain(at, special);
}

void TakeReport(const std::string& text, bool final, absl::Time at, v1::SpecialItem& special) {
  special.set_report_count(special.report_count() + 1);
  special.set_last_report(text);
  *special.mutable_last_reported_at() = TimestampMessage(at);
  *special.mutable_counted_from() = DateMessage(CityDay(at));
  if (final) *special.mutable_final_reported_at() = TimestampMessage(at);
}

void FollowAgain(absl::Time at, v1::SpecialItem& special) {
  special.clear_final_reported_at();
  *special.mutable_counted_from() = DateMessage(CityDay(at));
}

void TimeSpecial(v1::SpecialItem& special, const calendar::WorkingCalendar& calendar) {
  special.set_calendar_version(calendar.version());
  if (!IsFollowed(special)) {
    special.clear_next_report_due_on();
    special.set_due_provisional(false);
    return;
  }
  const absl::CivilDay from = CivilDayFrom(special.counted_from()).value_or(absl::CivilDay());
  const absl::CivilDay due = DueDayFrom(from, special.report_every_working_days(), calendar);
  *special.mutable_next_report_due_on() = DateMessage(due);
  special.set_due_provisional(calendar.IsProvisional(from, due));
}

void PresentSpecial(v1::SpecialItem& special, const calendar::WorkingCalendar& calendar, absl::CivilDay today,
                    bool open) {
  TimeSpecial(special, calendar);
  special.set_overdue(open && IsFollowed(special) &&
                      today > CivilDayFrom(special.next_report_due_on()).value_or(today));
}

absl::CivilDay DueDayFrom(absl::CivilDay from, int working_days, const calendar::WorkingCalendar& calendar) {
  return working_days > 0 ? calendar.AddWorkingDays(from, working_days)
                          : calendar.SubtractWorkingDays(from, -working_days);
}

}  // namespace zhuqi::routing
