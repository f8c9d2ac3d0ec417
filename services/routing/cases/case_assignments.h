// Departments' parts in a case, each with its clock where the terms of the case have a policy for it, and the
// objections of leads.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// The department's part that is in force; null when it has none.
v1::Assignment* FindInForce(v1::Case& body, absl::string_view department_id);
// Ends the department's part, if it has one, and stops its clock.
void EndAssignment(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                   absl::Time at);
// Begins a part, with its clock. TimeClocks gives that its deadline.
void AddAssignment(v1::Case& body, absl::string_view department_id, v1::AssignmentRole role, absl::Time at);
// The one way in which the lead changes: the former one's part ends at the very moment at which the new one's
// begins. An open objection lapses.
void ChangeLead(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                absl::Time at);

// Null when none is open.
const v1::Objection* OpenObjection(const v1::Case& body);
v1::Objection* OpenObjection(v1::Case& body);
// Ends the open objection and stops its clock; nothing when none is open.
void EndObjection(v1::Case& body, v1::ObjectionRuling ruling, const calendar::WorkingCalendar& calendar,
                  absl::Time at);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_
