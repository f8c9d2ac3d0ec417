// Departments' parts in a case.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// The department's part that is in force; null when it has none.
v1::Assignment* FindInForce(v1::Case& body, absl::string_view department_id);
// Ends the department's part, if it has one.
void EndAssignment(v1::Case& body, absl::string_view department_id, absl::Time at);
void AddAssignment(v1::Case& body, absl::string_view department_id, v1::AssignmentRole role, absl::Time at);
// The one way in which the lead changes: the former one's part ends at the very moment at which the new one's
// begins.
void ChangeLead(v1::Case& body, absl::string_view department_id, absl::Time at);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_ASSIGNMENTS_H_
