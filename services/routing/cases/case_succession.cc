#include "services/routing/cases/case_succession.h"

#include <algorithm>
#include <vector>

#include "common/directory/unit_succession.h"
#include "services/routing/cases/assistant_rules.h"
#include "services/routing/cases/case_assignments.h"

namespace zhuqi::routing {
namespace {

using directory::v1::Department;
using directory::v1::OrgUnit;

bool IsOpen(const Department* department) { return department != nullptr && !department->has_closed_on(); }

// The unit that stands for the one where the issue was raised.
std::string PlaceOf(const v1::Case& body, const Directory& directory) {
  std::vector<std::string> units = OpenUnitsFor(directory, body.org_unit_id());
  return units.empty() ? body.org_unit_id() : units.front();
}

// Of the units that took over from the owner the one that now is accountable; empty when there is none.
std::string HeirOf(const OrgUnit& owner, const v1::Case& body, const Department* lead,
                   const Directory& directory) {
  const std::vector<std::string> heirs = OpenUnitsFor(directory, owner.org_unit_id());
  if (heirs.empty()) return "";
  if (IsOpen(lead) && std::find(heirs.begin(), heirs.end(), lead->org_unit_id()) != heirs.end()) {
    return lead->org_unit_id();
  }
  const std::string place = PlaceOf(body, directory);
  const auto above = std::find_if(heirs.begin(), heirs.end(), [&](const std::string& heir) {
    return directory.IsInOrBelow(place, heir);
  });
  return above == heirs.end() ? heirs.front() : *above;
}

// The unit of `level` that `place` is or is below; of a higher level when there is none.
std::string UnitOfLevel(const std::string& place, directory::v1::OrgUnitLevel level,
                        const Directory& directory) {
  for (const OrgUnit* unit = directory.FindUnit(place); unit != nullptr;
       unit = directory.FindUnit(unit->parent_id())) {
    if (unit->level() <= level) return unit->org_unit_id();
  }
  return "";
}

const Department* SuccessorOf(const Department* former, const std::string& owner, const Directory& directory,
                              const std::string& default_function) {
  if (former != nullptr) {
    if (const auto* same = directory.FindDepartmentUpwards(owner, former->function())) return same;
  }
  return directory.FindDepartmentUpwards(owner, default_function);
}

// Whether the part goes over or ends because its department or team did. An assistant's does when another one
// that is there assists too; else a successor is chosen with the case.
bool EndsByItself(const v1::Assignment& part, const v1::Case& body, const Directory& directory) {
  if (part.has_until() || part.role() == v1::ASSIGNMENT_ROLE_LEAD || IsOpenPart(part, directory))
    return false;
  return part.role() != v1::ASSIGNMENT_ROLE_ASSISTANT || IsAssisted(body, directory);
}

// Whether something is to be done about a part other than the lead's.
bool AnotherPartEnded(const v1::Case& body, const Directory& directory) {
  if (std::any_of(body.assignments().begin(), body.assignments().end(),
                  [&](const v1::Assignment& part) { return EndsByItself(part, body, directory); })) {
    return true;
  }
  return AssistantOf(body).has_value() && !IsAssisted(body, directory) && AnotherCanAssist(body, directory);
}

// Who goes on with the part of `former`; null when nobody does, or whoever would has a part already.
const Department* SuccessorInPart(const v1::Assignment& part, const Department* former, const v1::Case& body,
                                  const Directory& directory) {
  if (former == nullptr || part.role() == v1::ASSIGNMENT_ROLE_ASSISTANT) return nullptr;
  const auto* successor = directory.FindDepartmentUpwards(body.owner_org_unit_id(), former->function());
  const bool has_none = successor != nullptr && FindInForce(body, successor->department_id()) == nullptr;
  return has_none ? successor : nullptr;
}

void ReplaceEnded(const Directory& directory, absl::Time at, v1::Case& body, v1::HandedOver& succession) {
  // Parts are added meanwhile.
  const int parts = body.assignments_size();
  for (int i = 0; i < parts; ++i) {
    const v1::Assignment part = body.assignments(i);
    if (!EndsByItself(part, body, directory)) continue;
    EndAssignment(*body.mutable_assignments(i), directory.calendar(), at);
    v1::HandedOverPart& told = *succession.add_parts();
    told.set_role(part.role());
    told.set_former_department_id(part.department_id());
    told.set_former_team_id(part.team_id());
    const Department* successor =
        SuccessorInPart(part, directory.FindDepartment(part.department_id()), body, directory);
    if (successor == nullptr) continue;
    AddAssignment(body, successor->department_id(), part.role(), at);
    told.set_department_id(successor->department_id());
  }
}

}  // namespace

std::optional<v1::HandedOver> SuccessionOf(const v1::Case& body, const Directory& directory,
                                           const std::string& default_function) {
  const OrgUnit* owner = directory.FindUnit(body.owner_org_unit_id());
  if (owner == nullptr) return std::nullopt;
  const Department* lead = directory.FindDepartment(body.lead_department_id());
  v1::HandedOver over;
  std::string new_owner = owner->org_unit_id();
  if (owner->has_closed_on()) {
    over.set_cause(v1::HandedOver::CAUSE_OWNER_ENDED);
    over.set_reason(owner->closing_reason());
    new_owner = HeirOf(*owner, body, lead, directory);
  } else if (WasMovedAway(directory, body.org_unit_id(), owner->org_unit_id())) {
    over.set_cause(v1::HandedOver::CAUSE_UNIT_MOVED);
    new_owner = UnitOfLevel(PlaceOf(body, directory), owner->level(), directory);
  } else if (!IsOpen(lead)) {
    over.set_cause(v1::HandedOver::CAUSE_LEAD_ENDED);
  } else if (AnotherPartEnded(body, directory)) {
    over.set_cause(v1::HandedOver::CAUSE_PART_ENDED);
  } else {
    return std::nullopt;
  }
  if (new_owner.empty()) return std::nullopt;
  const bool lead_stays = IsOpen(lead) && (over.cause() != v1::HandedOver::CAUSE_UNIT_MOVED ||
                                           directory.IsInOrBelow(new_owner, lead->org_unit_id()));
  const Department* new_lead = lead_stays ? lead : SuccessorOf(lead, new_owner, directory, default_function);
  if (new_lead == nullptr) return std::nullopt;
  over.set_former_owner_org_unit_id(body.owner_org_unit_id());
  over.set_owner_org_unit_id(lead_stays ? new_owner : new_lead->org_unit_id());
  over.set_former_lead_department_id(body.lead_department_id());
  over.set_lead_department_id(new_lead->department_id());
  over.set_directory_sequence(directory.sequence());
  return over;
}

void HandOver(v1::HandedOver& succession, const Directory& directory, absl::Time at, CaseRecord& record) {
  v1::Case& body = record.body;
  body.set_owner_org_unit_id(succession.owner_org_unit_id());
  if (succession.lead_department_id() != body.lead_department_id()) {
    ChangeLead(body, succession.lead_department_id(), directory.calendar(), at);
    // Of what is done and only waits for the call-back there is nothing to accept, until that says otherwise.
    if (body.state() == v1::PROCESS_STATE_IN_PROGRESS) body.set_state(v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
    if (body.state() == v1::PROCESS_STATE_AWAITING_ACCEPTANCE) AwaitAcceptance(body, at);
  }
  ReplaceEnded(directory, at, body, succession);
}

}  // namespace zhuqi::routing
