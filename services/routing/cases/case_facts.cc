#include "services/routing/cases/case_facts.h"

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_clocks.h"

namespace zhuqi::routing {
namespace {

bool ClosingWasTold(const CaseRecord& record) {
  return record.facts.has_closed_at() && record.body.has_closed_at() &&
         TimeFrom(record.facts.closed_at()) == TimeFrom(record.body.closed_at());
}

int64_t HandlingMinutes(const CaseRecord& record, const Directory& directory) {
  // A closed case stays as it was decided with the calendar of its time.
  if (ClosingWasTold(record)) return record.facts.handling_minutes();
  const v1::CaseClock* clock = FindClock(record.body, v1::CLOCK_KIND_HANDLING);
  if (clock == nullptr || !record.body.has_closed_at() || !record.first_accepted_at.has_value()) return 0;
  return absl::ToInt64Minutes(WorkedBetween(*clock, directory.calendar(), *record.first_accepted_at,
                                            TimeFrom(record.body.closed_at())));
}

}  // namespace

feed::v1::CaseFacts FactsOf(const CaseRecord& record, const Directory& directory) {
  const v1::Case& body = record.body;
  feed::v1::CaseFacts facts = record.facts;
  facts.set_case_id(body.case_id());
  facts.set_org_unit_id(body.org_unit_id());
  facts.set_issue_kind(body.issue().kind());
  facts.set_category_id(body.issue().category_id());
  if (const auto* lead = directory.FindDepartment(body.lead_department_id())) {
    facts.set_lead_function(lead->function());
  }
  facts.set_state(body.state());
  facts.set_outcome(body.outcome());
  *facts.mutable_received_on() = DateMessage(CityDay(TimeFrom(body.received_at())));
  facts.clear_response_due_at();
  facts.clear_responded_at();
  if (const v1::CaseClock* response = FindClock(body, v1::CLOCK_KIND_RESPONSE)) {
    if (response->has_deadline()) *facts.mutable_response_due_at() = response->deadline();
    if (response->has_stopped_at()) *facts.mutable_responded_at() = response->stopped_at();
  }
  facts.clear_handling_due_at();
  if (const v1::CaseClock* handling = FindClock(body, v1::CLOCK_KIND_HANDLING)) {
    if (handling->has_deadline()) *facts.mutable_handling_due_at() = handling->deadline();
  }
  facts.clear_closed_at();
  if (body.has_closed_at()) *facts.mutable_closed_at() = body.closed_at();
  facts.set_handling_minutes(HandlingMinutes(record, directory));
  facts.set_excluded_from_appraisal(body.has_appraisal_exclusion());
  facts.set_parent_case_id(body.parent().case_id());
  facts.set_sequence(body.sequence());
  return facts;
}

}  // namespace zhuqi::routing
