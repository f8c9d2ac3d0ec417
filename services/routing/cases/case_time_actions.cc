// Actions on the clocks of a case: more time, and standing still.
#include <string>

#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_actions.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

// Three measures that are never mixed: one day is not so many hours.
absl::Status MeasureDiffers() {
  rpc::Violations violations;
  violations.Add("action.request_extension.amount", "EXTENSION_MEASURE_DIFFERS",
                 "more time is asked for in the measure of the policy: working days, working hours or hours",
                 "延期须与时限规则使用同一计量单位");
  return violations.ToStatus();
}

absl::Status TooLong() {
  rpc::Violations violations;
  violations.Add("action.request_extension.amount", "EXTENSION_TOO_LONG",
                 "the limit can be at most 1,000 working days or 600,000 minutes",
                 "延期后的时限不得超过1000个工作日或600000分钟");
  return violations.ToStatus();
}

bool SameMeasure(const v1::ClockPolicy& policy, const v1::Extension& extension) {
  switch (extension.amount_case()) {
    case v1::Extension::kWorkingDays:
      return policy.has_working_days();
    case v1::Extension::kWorkingHours:
      return policy.has_working_hours();
    case v1::Extension::kCalendarHours:
      return policy.has_calendar_hours();
    case v1::Extension::AMOUNT_NOT_SET:
      break;
  }
  return false;
}

// The policy with the longer limit. The two have the same measure.
v1::ClockPolicy Extended(v1::ClockPolicy policy, const v1::Extension& extension) {
  if (policy.has_working_days()) {
    const common::v1::WorkingDays& more = extension.working_days();
    const bool both_half = policy.working_days().half() && more.half();
    common::v1::WorkingDays& days = *policy.mutable_working_days();
    days.set_count(days.count() + more.count() + (both_half ? 1 : 0));
    days.set_half(days.half() != more.half());
    // Half a day ends at noon or with the working hours, whatever cut-off the whole days had.
    if (days.half()) policy.set_cut_off_minute(0);
  } else if (policy.has_working_hours()) {
    policy.mutable_working_hours()->set_minutes(policy.working_hours().minutes() +
                                                extension.working_hours().minutes());
  } else {
    policy.mutable_calendar_hours()->set_minutes(policy.calendar_hours().minutes() +
                                                 extension.calendar_hours().minutes());
  }
  return policy;
}

}  // namespace

absl::Status Apply(Step& step, const v1::RequestExtension& request) {
  v1::Case& body = step.body();
  const v1::CaseClock& clock = *FindClock(body, v1::CLOCK_KIND_HANDLING);
  v1::Extension extension;
  if (request.has_working_days()) *extension.mutable_working_days() = request.working_days();
  if (request.has_working_hours()) *extension.mutable_working_hours() = request.working_hours();
  if (request.has_calendar_hours()) *extension.mutable_calendar_hours() = request.calendar_hours();
  if (!SameMeasure(clock.policy(), extension)) return MeasureDiffers();
  if (!calendar::CheckPolicy(PolicyFrom(Extended(clock.policy(), extension), 0)).ok()) return TooLong();
  extension.set_reason(request.reason());
  *extension.mutable_requested_at() = TimestampMessage(step.at());
  extension.set_department_id(body.lead_department_id());
  *extension.mutable_deadline_before() = clock.deadline();
  *body.add_extensions() = extension;
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::DecideExtension& decision) {
  v1::Case& body = step.body();
  v1::Extension& extension = *body.mutable_extensions()->rbegin();
  v1::CaseClock& clock = *FindClock(body, v1::CLOCK_KIND_HANDLING);
  if (decision.granted()) {
    // Since it was asked for, an escalation may have put the clock under a policy of another measure.
    if (!SameMeasure(clock.policy(), extension)) return MeasureDiffers();
    const v1::ClockPolicy longer = Extended(clock.policy(), extension);
    if (!calendar::CheckPolicy(PolicyFrom(longer, 0)).ok()) return TooLong();
    ChangePolicy(clock, longer, clock.catalogue_version(), step.at(), "extended", step.input.actor);
  }
  extension.set_decision(decision.granted() ? v1::EXTENSION_DECISION_GRANTED
                                            : v1::EXTENSION_DECISION_REFUSED);
  *extension.mutable_decided_at() = TimestampMessage(step.at());
  extension.set_decided_by(step.input.actor);
  extension.set_decision_reason(decision.reason());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Pause& pause) {
  step.body().set_paused(true);
  PauseClocks(step.body(), step.at(), pause.reason(), step.input.actor);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Resume& resume) {
  step.body().set_paused(false);
  ResumeClocks(step.body(), step.at(), resume.reason().empty() ? "resumed" : resume.reason(),
               step.input.actor);
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
