// Departments' parts in a case, each with its clock where the terms of the case have a policy for it, and the
// objections of leads.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// The department's own part that is in force; null when it has none. That of a team of it is another one.
v1::Assignment* FindInForce(v1::Case& body, absl::string_view department_id);
const v1::Assignment* FindInForce(const v1::Case& body, absl::string_view department_id);
// Ends a part, and stops its clock.
void EndAssignment(v1::Assignment& assignment, const calendar::WorkingCalendar& calendar, absl::Time at);
// Ends the department's part, if it has one.
void EndAssignment(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                   absl::Time at);
// Begins a part, a co-handler's with its clock. TimeClocks gives that its deadline.
void AddAssignment(v1::Case& body, absl::string_view department_id, v1::AssignmentRole role, absl::Time at);
// The one way in which the lead changes: the former one's part ends at the very moment at which the new one's
// begins. An open objection lapses. Whether the new lead is to accept the case is said by the two below.
void ChangeLead(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                absl::Time at);

// The case waits for its lead to accept it: starts the clock in which the lead may object, or lets it go on
// from where a closing stopped it. A department that has objected before has no such clock: what was ruled is
// final. No effect on a clock that runs.
void AwaitAcceptance(v1::Case& body, absl::Time at);
// The lead has taken the case on: by accepting it, or because an escalation made it the lead of work in
// progress. Stops its clock.
void NoteAcceptance(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time at);
// Whether the present lead has taken the case on.
bool LeadHasAccepted(const v1::Case& body);
// Whether the present lead has objected before.
bool LeadHasObjected(const v1::Case& body);

// Null when none is open.
const v1::Objection* OpenObjection(const v1::Case& body);
v1::Objection* OpenObjection(v1::Case& body);
// Ends the open objection and stops its clock; nothing when none is open.
void EndObjection(v1::Case& body, v1::ObjectionRuling ruling, const calendar::WorkingCalendar& calendar,
                  absl::Time at);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_
