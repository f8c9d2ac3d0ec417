// Actions that say who is accountable for a case and who leads it. There is exactly one of each at any time:
// whoever takes over does so at the moment at which the former one ends.
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_actions.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_guards.h"

namespace zhuqi::routing {
namespace {

using directory::v1::Department;

// Whether the department may become the lead.
absl::Status CheckNewLead(const Step& step, const std::string& department_id) {
  if (department_id == step.body().lead_department_id()) {
    return Refuse("ALREADY_ASSIGNED", "the department leads already", "该部门已是主办部门");
  }
  const Department* department = step.directory.FindDepartment(department_id);
  if (department == nullptr || department->has_closed_on()) {
    return Refuse("DEPARTMENT_CLOSED", "the department has been closed", "该部门已撤销");
  }
  return absl::OkStatus();
}

const std::string& DefaultFunction(const Step& step) {
  return step.catalogue().default_target().lead_function();
}

std::string LeadFunction(const Step& step) {
  const Department* lead = step.directory.FindDepartment(step.body().lead_department_id());
  return lead == nullptr ? std::string() : lead->function();
}

// Who leads at `unit_id` and above once a case is escalated there: the same function, else what the catalogue
// names.
const Department* LeadAbove(const Step& step, const std::string& unit_id) {
  const std::string function = LeadFunction(step);
  const std::string& fallback = DefaultFunction(step);
  if (const auto* same = step.directory.FindDepartment(unit_id, function)) return same;
  if (const auto* named = step.directory.FindDepartment(unit_id, fallback)) return named;
  if (const auto* above = step.directory.FindDepartmentUpwards(unit_id, function)) return above;
  return step.directory.FindDepartmentUpwards(unit_id, fallback);
}

// Who leads in `unit_id` when a case is returned there: the department that led there last, else the one with
// the same function, else what the catalogue names.
const Department* LeadBelow(const Step& step, const std::string& unit_id) {
  const auto& parts = step.body().assignments();
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->role() != v1::ASSIGNMENT_ROLE_LEAD || !part->has_until()) continue;
    const Department* former = step.directory.FindDepartment(part->department_id());
    if (former != nullptr && former->org_unit_id() == unit_id && !former->has_closed_on()) return former;
  }
  if (const auto* same = step.directory.FindDepartment(unit_id, LeadFunction(step))) return same;
  return step.directory.FindDepartment(unit_id, DefaultFunction(step));
}

// The unit that rules on an objection of the lead: the accountable one, unless its coordinating department is
// the one that objects.
std::string AdjudicatorOf(const Step& step) {
  const std::string& owner = step.body().owner_org_unit_id();
  const Department* coordinator = step.directory.FindDepartment(owner, DefaultFunction(step));
  const bool itself =
      coordinator != nullptr && coordinator->department_id() == step.body().lead_department_id();
  return itself && !IsAtTop(step.body(), step.directory) ? step.directory.FindUnit(owner)->parent_id()
                                                         : owner;
}

// Whoever is said to rule is of the adjudicating unit or of one above.
absl::Status CheckAdjudicator(const Step& step, const v1::Objection& objection) {
  const Department* acting = step.directory.FindDepartment(step.input.acting_department_id);
  if (acting == nullptr ||
      step.directory.IsInOrBelow(objection.adjudicator_org_unit_id(), acting->org_unit_id())) {
    return absl::OkStatus();
  }
  return Refuse("NOT_THE_ADJUDICATOR", "another unit rules on this objection", "该异议由其他机构裁定");
}

}  // namespace

void GiveTo(Step& step, const std::string& department_id) {
  ChangeLead(step.body(), department_id, step.calendar(), step.at());
  ClearOutcome(step.record);
}

void GoOnUnder(Step& step, const v1::ClockPolicy& policy, int64_t catalogue_version,
               absl::string_view reason) {
  v1::CaseClock* clock = FindClock(step.body(), v1::CLOCK_KIND_HANDLING);
  if (clock == nullptr || clock->policy().policy_id() == policy.policy_id()) return;
  // What was missed stays missed: a longer limit would make a late closing timely.
  if (clock->has_deadline() && TimeFrom(clock->deadline()) < step.at()) return;
  ChangePolicy(*clock, policy, catalogue_version, step.at(), reason, step.input.actor);
}

absl::Status Apply(Step& step, const v1::Accept&) {
  v1::Case& body = step.body();
  EndObjection(body, v1::OBJECTION_RULING_LAPSED, step.calendar(), step.at());
  NoteAcceptance(body, step.calendar(), step.at());
  if (!step.record.first_accepted_at.has_value()) step.record.first_accepted_at = step.at();
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Assign& assign) {
  v1::Case& body = step.body();
  const v1::Assignment* present = FindInForce(body, assign.department_id());
  if (present != nullptr && present->role() == assign.role()) {
    return Refuse("ALREADY_ASSIGNED", "the department has this part already", "该部门已承担此职责");
  }
  if (assign.department_id() == body.lead_department_id()) {
    return Refuse("LEAD_NEEDS_SUCCESSOR",
                  "the lead can not give its part away: make another department the lead first",
                  "主办部门不得直接改任，请先指定新的主办部门");
  }
  if (assign.role() == v1::ASSIGNMENT_ROLE_LEAD) {
    GiveTo(step, assign.department_id());
    return absl::OkStatus();
  }
  EndAssignment(body, assign.department_id(), step.calendar(), step.at());
  AddAssignment(body, assign.department_id(), assign.role(), step.at());
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::HandOver& hand_over) {
  ZHUQI_RETURN_IF_ERROR(CheckNewLead(step, hand_over.department_id()));
  const Department* department = step.directory.FindDepartment(hand_over.department_id());
  if (department->org_unit_id() != step.body().owner_org_unit_id()) {
    return Refuse("DEPARTMENT_OF_ANOTHER_UNIT",
                  "the department is not of the accountable unit: escalate the case or return it",
                  "该部门不属于责任单位，请提级或退回");
  }
  if (!HandOutAgain(step, v1::ROUTE_OCCASION_HANDED_OVER, hand_over.department_id())) {
    GiveTo(step, hand_over.department_id());
  }
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Object& object) {
  v1::Case& body = step.body();
  v1::Objection& objection = *body.add_objections();
  objection.set_department_id(body.lead_department_id());
  objection.set_reason(object.reason());
  objection.set_suggested_department_id(object.suggested_department_id());
  *objection.mutable_raised_at() = TimestampMessage(step.at());
  objection.set_adjudicator_org_unit_id(AdjudicatorOf(step));
  if (body.terms().has_ruling_policy()) {
    *objection.mutable_ruling_clock() =
        NewClockOfTerms(body, v1::CLOCK_KIND_RULING, body.terms().ruling_policy(), step.at(), "objection");
  }
  v1::Assignment* lead = FindInForce(body, body.lead_department_id());
  if (lead != nullptr && lead->has_clock()) StopClock(*lead->mutable_clock(), step.calendar(), step.at());
  return absl::OkStatus();
}

// A hand-over was refused.
void NoteBounce(Step& step) {
  step.body().set_bounce_count(step.body().bounce_count() + 1);
  *step.record.facts.add_bounced_on() = DateMessage(CityDay(step.at()));
}

absl::Status Apply(Step& step, const v1::RuleOnObjection& ruling) {
  v1::Case& body = step.body();
  v1::Objection& objection = *OpenObjection(body);
  ZHUQI_RETURN_IF_ERROR(CheckAdjudicator(step, objection));
  if (ruling.upheld()) {
    ZHUQI_RETURN_IF_ERROR(CheckNewLead(step, ruling.lead_department_id()));
  }
  objection.set_ruled_by(step.input.actor);
  objection.set_ruling_reason(ruling.reason());
  if (!ruling.upheld()) {
    EndObjection(body, v1::OBJECTION_RULING_REJECTED, step.calendar(), step.at());
    return absl::OkStatus();
  }
  EndObjection(body, v1::OBJECTION_RULING_UPHELD, step.calendar(), step.at());
  NoteBounce(step);
  if (HandOutAgain(step, v1::ROUTE_OCCASION_OBJECTION_UPHELD, ruling.lead_department_id())) {
    return absl::OkStatus();
  }
  body.set_owner_org_unit_id(step.directory.FindDepartment(ruling.lead_department_id())->org_unit_id());
  GiveTo(step, ruling.lead_department_id());
  return absl::OkStatus();
}

absl::Status MoveUp(Step& step) {
  v1::Case& body = step.body();
  const std::string parent = step.directory.FindUnit(body.owner_org_unit_id())->parent_id();
  const Department* lead = LeadAbove(step, parent);
  if (lead == nullptr) {
    return Refuse("ESCALATION_HAS_NO_LEAD", "no department above could lead the case",
                  "上级没有可主办的部门");
  }
  body.set_owner_org_unit_id(parent);
  body.set_escalation_count(body.escalation_count() + 1);
  *step.record.facts.add_escalated_on() = DateMessage(CityDay(step.at()));
  const v1::CaseTerms& terms = body.terms();
  if (terms.has_escalated_policy()) {
    GoOnUnder(step, terms.escalated_policy(), terms.catalogue_version(), "escalated");
  }
  if (lead->department_id() == body.lead_department_id()) return absl::OkStatus();
  const std::string former = body.lead_department_id();
  GiveTo(step, lead->department_id());
  AddAssignment(body, former, v1::ASSIGNMENT_ROLE_CO_HANDLER, step.at());
  // Work in progress goes on under the department above; what is to be accepted is still to be accepted.
  if (body.state() != v1::PROCESS_STATE_AWAITING_ACCEPTANCE) {
    NoteAcceptance(body, step.calendar(), step.at());
  }
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::Escalate&) { return MoveUp(step); }

absl::Status Apply(Step& step, const v1::ReturnCase&) {
  v1::Case& body = step.body();
  const std::string unit = UnitToReturnTo(body, step.directory);
  const Department* lead = LeadBelow(step, unit);
  if (lead == nullptr) {
    return Refuse("RETURN_HAS_NO_LEAD", "no department of the unit below could lead the case",
                  "下级没有可主办的部门");
  }
  body.set_owner_org_unit_id(unit);
  body.set_return_count(body.return_count() + 1);
  NoteBounce(step);
  const bool elsewhere = HandOutAgain(step, v1::ROUTE_OCCASION_RETURNED, lead->department_id());
  if (!elsewhere && lead->department_id() != body.lead_department_id()) GiveTo(step, lead->department_id());
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
