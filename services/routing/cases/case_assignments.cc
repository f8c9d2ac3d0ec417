#include "services/routing/cases/case_assignments.h"

#include <string>

#include "common/directory/date_message.h"

namespace zhuqi::routing {

v1::Assignment* FindInForce(v1::Case& body, absl::string_view department_id) {
  for (v1::Assignment& assignment : *body.mutable_assignments()) {
    if (assignment.department_id() == department_id && !assignment.has_until()) return &assignment;
  }
  return nullptr;
}

void EndAssignment(v1::Case& body, absl::string_view department_id, absl::Time at) {
  if (v1::Assignment* assignment = FindInForce(body, department_id)) {
    *assignment->mutable_until() = TimestampMessage(at);
  }
}

void AddAssignment(v1::Case& body, absl::string_view department_id, v1::AssignmentRole role, absl::Time at) {
  v1::Assignment* assignment = body.add_assignments();
  assignment->set_department_id(std::string(department_id));
  assignment->set_role(role);
  *assignment->mutable_since() = TimestampMessage(at);
}

void ChangeLead(v1::Case& body, absl::string_view department_id, absl::Time at) {
  EndAssignment(body, body.lead_department_id(), at);
  EndAssignment(body, department_id, at);
  AddAssignment(body, department_id, v1::ASSIGNMENT_ROLE_LEAD, at);
  body.set_lead_department_id(std::string(department_id));
}

}  // namespace zhuqi::routing
