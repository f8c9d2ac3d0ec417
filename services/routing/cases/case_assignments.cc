#include "services/routing/cases/case_assignments.h"

#include <string>

#include "common/directory/date_message.h"
#include "services/routing/cases/case_clocks.h"

namespace zhuqi::routing {
namespace {

// The clock of a new part: nothing where the terms have no policy for it.
void OpenClockOf(const v1::Case& body, v1::Assignment& assignment, absl::Time at) {
  const v1::CaseTerms& terms = body.terms();
  if (assignment.role() == v1::ASSIGNMENT_ROLE_LEAD && terms.has_objection_policy()) {
    *assignment.mutable_clock() =
        NewClockOfTerms(body, v1::CLOCK_KIND_OBJECTION, terms.objection_policy(), at, "made the lead");
  } else if (assignment.role() == v1::ASSIGNMENT_ROLE_CO_HANDLER && terms.has_reply_policy()) {
    *assignment.mutable_clock() =
        NewClockOfTerms(body, v1::CLOCK_KIND_REPLY, terms.reply_policy(), at, "made a co-handler");
  }
}

}  // namespace

v1::Assignment* FindInForce(v1::Case& body, absl::string_view department_id) {
  for (v1::Assignment& assignment : *body.mutable_assignments()) {
    if (assignment.department_id() == department_id && !assignment.has_until()) return &assignment;
  }
  return nullptr;
}

void EndAssignment(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                   absl::Time at) {
  v1::Assignment* assignment = FindInForce(body, department_id);
  if (assignment == nullptr) return;
  *assignment->mutable_until() = TimestampMessage(at);
  if (assignment->has_clock()) StopClock(*assignment->mutable_clock(), calendar, at);
}

void AddAssignment(v1::Case& body, absl::string_view department_id, v1::AssignmentRole role, absl::Time at) {
  v1::Assignment* assignment = body.add_assignments();
  assignment->set_department_id(std::string(department_id));
  assignment->set_role(role);
  *assignment->mutable_since() = TimestampMessage(at);
  OpenClockOf(body, *assignment, at);
}

void ChangeLead(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                absl::Time at) {
  EndObjection(body, v1::OBJECTION_RULING_LAPSED, calendar, at);
  EndAssignment(body, body.lead_department_id(), calendar, at);
  EndAssignment(body, department_id, calendar, at);
  AddAssignment(body, department_id, v1::ASSIGNMENT_ROLE_LEAD, at);
  body.set_lead_department_id(std::string(department_id));
}

const v1::Objection* OpenObjection(const v1::Case& body) {
  if (body.objections().empty()) return nullptr;
  const v1::Objection& last = *body.objections().rbegin();
  return last.ruling() == v1::OBJECTION_RULING_UNSPECIFIED ? &last : nullptr;
}

v1::Objection* OpenObjection(v1::Case& body) {
  if (OpenObjection(static_cast<const v1::Case&>(body)) == nullptr) return nullptr;
  return &*body.mutable_objections()->rbegin();
}

void EndObjection(v1::Case& body, v1::ObjectionRuling ruling, const calendar::WorkingCalendar& calendar,
                  absl::Time at) {
  v1::Objection* objection = OpenObjection(body);
  if (objection == nullptr) return;
  objection->set_ruling(ruling);
  *objection->mutable_ruled_at() = TimestampMessage(at);
  if (objection->has_ruling_clock()) StopClock(*objection->mutable_ruling_clock(), calendar, at);
}

}  // namespace zhuqi::routing
