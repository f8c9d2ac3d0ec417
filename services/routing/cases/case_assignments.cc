#include "services/routing/cases/case_assignments.h"

#include <algorithm>
#include <string>

#include "common/directory/date_message.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_record.h"

namespace zhuqi::routing {
namespace {

const v1::Assignment* LeadsPart(const v1::Case& body) {
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.role() == v1::ASSIGNMENT_ROLE_LEAD && !assignment.has_until()) return &assignment;
  }
  return nullptr;
}

}  // namespace

const v1::Assignment* FindInForce(const v1::Case& body, absl::string_view department_id) {
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.department_id() == department_id && !assignment.has_until() &&
        assignment.team_id().empty()) {
      return &assignment;
    }
  }
  return nullptr;
}

v1::Assignment* FindInForce(v1::Case& body, absl::string_view department_id) {
  return const_cast<v1::Assignment*>(  // NOLINT: `body` is not const
      FindInForce(static_cast<const v1::Case&>(body), department_id));
}

void EndAssignment(v1::Assignment& assignment, const calendar::WorkingCalendar& calendar, absl::Time at) {
  *assignment.mutable_until() = TimestampMessage(at);
  if (assignment.has_clock()) StopClock(*assignment.mutable_clock(), calendar, at);
}

void EndAssignment(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                   absl::Time at) {
  if (v1::Assignment* part = FindInForce(body, department_id)) EndAssignment(*part, calendar, at);
}

void AddAssignment(v1::Case& body, absl::string_view department_id, v1::AssignmentRole role, absl::Time at) {
  v1::Assignment* assignment = body.add_assignments();
  assignment->set_department_id(std::string(department_id));
  assignment->set_role(role);
  *assignment->mutable_since() = TimestampMessage(at);
  if (role == v1::ASSIGNMENT_ROLE_CO_HANDLER && body.terms().has_reply_policy()) {
    *assignment->mutable_clock() =
        NewClockOfTerms(body, v1::CLOCK_KIND_REPLY, body.terms().reply_policy(), at, "made a co-handler");
  }
}

void ChangeLead(v1::Case& body, absl::string_view department_id, const calendar::WorkingCalendar& calendar,
                absl::Time at) {
  EndObjection(body, v1::OBJECTION_RULING_LAPSED, calendar, at);
  EndAssignment(body, body.lead_department_id(), calendar, at);
  EndAssignment(body, department_id, calendar, at);
  AddAssignment(body, department_id, v1::ASSIGNMENT_ROLE_LEAD, at);
  body.set_lead_department_id(std::string(department_id));
}

void AwaitAcceptance(v1::Case& body, absl::Time at) {
  v1::Assignment* lead = FindInForce(body, body.lead_department_id());
  if (lead == nullptr) return;
  lead->clear_accepted_at();
  if (!body.terms().has_objection_policy() || LeadHasObjected(body)) return;
  if (!lead->has_clock()) {
    *lead->mutable_clock() =
        NewClockOfTerms(body, v1::CLOCK_KIND_OBJECTION, body.terms().objection_policy(), at, "to accept");
  } else {
    RestartClock(*lead->mutable_clock(), at, "to accept", kBySystem);
  }
}

void NoteAcceptance(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time at) {
  v1::Assignment* lead = FindInForce(body, body.lead_department_id());
  if (lead == nullptr) return;
  *lead->mutable_accepted_at() = TimestampMessage(at);
  if (lead->has_clock()) StopClock(*lead->mutable_clock(), calendar, at);
}

bool LeadHasAccepted(const v1::Case& body) {
  const v1::Assignment* lead = LeadsPart(body);
  return lead != nullptr && lead->has_accepted_at();
}

bool LeadHasObjected(const v1::Case& body) {
  return std::any_of(body.objections().begin(), body.objections().end(), [&](const v1::Objection& objection) {
    return objection.department_id() == body.lead_department_id();
  });
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
