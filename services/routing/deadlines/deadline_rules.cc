#include "services/routing/deadlines/deadline_rules.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/directory/calendar_message.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kMostPausesOfADay = 20;

v1::DayKind KindMessage(calendar::DayKind kind) {
  switch (kind) {
    case calendar::DayKind::kWorkday:
      return v1::DAY_KIND_WORKDAY;
    case calendar::DayKind::kWeekend:
      return v1::DAY_KIND_WEEKEND;
    case calendar::DayKind::kHoliday:
      return v1::DAY_KIND_HOLIDAY;
    case calendar::DayKind::kMakeUpWorkday:
      return v1::DAY_KIND_MAKE_UP_WORKDAY;
  }
  return v1::DAY_KIND_UNSPECIFIED;
}

v1::DayCounting CountingMessage(calendar::Counting counting) {
  switch (counting) {
    case calendar::Counting::kCounts:
      return v1::DAY_COUNTING_COUNTS;
    case calendar::Counting::kDayOfStart:
      return v1::DAY_COUNTING_DAY_OF_START;
    case calendar::Counting::kAtCutOff:
      return v1::DAY_COUNTING_AT_CUT_OFF;
    case calendar::Counting::kNotWorked:
      return v1::DAY_COUNTING_NOT_WORKED;
    case calendar::Counting::kOutsideHours:
      return v1::DAY_COUNTING_OUTSIDE_HOURS;
    case calendar::Counting::kPaused:
      return v1::DAY_COUNTING_PAUSED;
  }
  return v1::DAY_COUNTING_UNSPECIFIED;
}

v1::ClockInterval PauseMessage(const calendar::DayPause& pause) {
  v1::ClockInterval message;
  *message.mutable_start() = TimestampMessage(pause.from);
  if (pause.to.has_value()) *message.mutable_end() = TimestampMessage(*pause.to);
  message.set_paused(true);
  message.set_reason(pause.reason);
  message.set_by(pause.by);
  return message;
}

v1::DeadlineDay DayMessage(const calendar::DayEntry& entry) {
  v1::DeadlineDay day;
  *day.mutable_date() = DateMessage(entry.day);
  // Abseil counts from Monday 0.
  day.set_weekday(static_cast<int>(absl::GetWeekday(entry.day)) + 1);
  *day.mutable_from() = TimestampMessage(entry.from);
  *day.mutable_to() = TimestampMessage(entry.to);
  day.set_kind(KindMessage(entry.kind));
  day.set_holiday(entry.holiday);
  day.set_notice_year(entry.notice_year);
  day.set_provisional(entry.provisional);
  day.set_counting(CountingMessage(entry.counting));
  day.set_days(entry.half_days / 2);
  day.set_half_day(entry.half_days % 2 != 0);
  day.set_minutes(absl::ToInt64Minutes(entry.sum_time) - absl::ToInt64Minutes(entry.sum_time - entry.time));
  day.set_sum_days(entry.sum_half_days / 2);
  day.set_sum_half_day(entry.sum_half_days % 2 != 0);
  day.set_sum_minutes(absl::ToInt64Minutes(entry.sum_time));
  day.set_ahead(entry.ahead);
  day.set_late(entry.late);
  day.set_due(entry.due);
  day.set_put_off(entry.put_off);
  for (size_t i = entry.pauses.size() - std::min(entry.pauses.size(), kMostPausesOfADay);
       i < entry.pauses.size(); ++i) {
    *day.add_pauses() = PauseMessage(entry.pauses[i]);
  }
  return day;
}

void FillResponse(const calendar::Explanation& explanation, v1::ExplainDeadlineResponse& response) {
  const calendar::Deadline& deadline = explanation.deadline;
  response.set_calendar_id(deadline.calendar_id);
  response.set_calendar_version(deadline.calendar_version);
  if (deadline.instant.has_value()) *response.mutable_deadline() = TimestampMessage(*deadline.instant);
  if (deadline.missed_before_pause.has_value()) {
    *response.mutable_missed_before_pause() = TimestampMessage(*deadline.missed_before_pause);
  }
  response.set_provisional(deadline.provisional);
  *response.mutable_measured_at() = TimestampMessage(explanation.measured_at);
  response.set_breached(calendar::IsBreached(deadline, explanation.measured_at));
  response.set_used_days(explanation.used.working_days);
  response.set_used_working_minutes(absl::ToInt64Minutes(explanation.used.working_time));
  response.set_used_calendar_minutes(absl::ToInt64Minutes(explanation.used.calendar_time));
  response.set_brought_forward_days(explanation.brought_forward_days);
  response.set_brought_forward_minutes(absl::ToInt64Minutes(explanation.brought_forward_time));
  response.set_limit_spent_before(explanation.limit_spent_before);
  for (const calendar::DayEntry& entry : explanation.entries) *response.add_days() = DayMessage(entry);
}

absl::StatusOr<calendar::Explanation> ExplainClock(const v1::CaseClock& clock, bool settled,
                                                   const Directory& directory,
                                                   const calendar::ExplanationOptions& options,
                                                   bool& other_calendar) {
  const calendar::ClockPolicy policy = PolicyFrom(clock.policy(), clock.catalogue_version());
  other_calendar = false;
  if (settled && clock.calendar_version() != directory.calendar_version()) {
    if (const auto* then = directory.CalendarVersion(clock.calendar_version())) {
      ZHUQI_ASSIGN_OR_RETURN(const calendar::WorkingCalendar calendar, CalendarFromMessage(*then));
      return calendar::ExplainDeadline(LedgerOf(clock, calendar), policy, calendar, options);
    }
    other_calendar = true;
  }
  return calendar::ExplainDeadline(LedgerOf(clock, directory.calendar()), policy, directory.calendar(),
                                   options);
}

}  // namespace

const v1::CaseClock* FindLastClock(const v1::Case& body, const WhichClock& which) {
  const bool of_part = which.kind == v1::CLOCK_KIND_REPLY || which.kind == v1::CLOCK_KIND_OBJECTION;
  if (which.kind == v1::CLOCK_KIND_RULING) {
    const auto last =
        std::find_if(body.objections().rbegin(), body.objections().rend(),
                     [](const v1::Objection& objection) { return objection.has_ruling_clock(); });
    return last == body.objections().rend() ? nullptr : &last->ruling_clock();
  }
  if (!of_part) return FindClock(body, which.kind);
  const std::string& department = which.department_id.empty() && which.kind == v1::CLOCK_KIND_OBJECTION
                                      ? body.lead_department_id()
                                      : which.department_id;
  const auto last =
      std::find_if(body.assignments().rbegin(), body.assignments().rend(), [&](const v1::Assignment& part) {
        return part.department_id() == department && part.has_clock() && part.clock().kind() == which.kind;
      });
  return last == body.assignments().rend() ? nullptr : &last->clock();
}

absl::StatusOr<ExplainedDeadline> ExplainCaseDeadline(const v1::Case& body, const WhichClock& which,
                                                      const Directory& directory,
                                                      const calendar::ExplanationOptions& options) {
  const v1::CaseClock* clock = FindLastClock(body, which);
  if (clock == nullptr) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "CLOCK_UNKNOWN",
                      "the case has no clock of that kind", "该工单没有此类时限");
  }
  const bool settled = clock->has_stopped_at() || body.has_closed_at();
  bool other_calendar = false;
  const absl::StatusOr<calendar::Explanation> explanation =
      ExplainClock(*clock, settled, directory, options, other_calendar);
  if (!explanation.ok()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "CLOCK_WITHOUT_POLICY",
                      "the clock runs under no policy that gives a deadline", "该时限没有有效的时限规则",
                      {{"why", std::string(explanation.status().message())}});
  }
  ExplainedDeadline explained;
  v1::ExplainDeadlineResponse& response = explained.response;
  response.set_case_id(body.case_id());
  response.set_clock(which.kind);
  if (which.kind == v1::CLOCK_KIND_OBJECTION && which.department_id.empty()) {
    response.set_department_id(body.lead_department_id());
  } else {
    response.set_department_id(which.department_id);
  }
  *response.mutable_policy() = clock->policy();
  response.set_catalogue_version(clock->catalogue_version());
  response.set_other_calendar(other_calendar);
  FillResponse(*explanation, response);
  explained.next_day = explanation->next_day;
  return explained;
}

}  // namespace zhuqi::routing
