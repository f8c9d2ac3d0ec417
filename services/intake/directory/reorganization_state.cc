#include "services/intake/directory/reorganization_state.h"

#include <algorithm>
#include <set>

#include "common/directory/date_message.h"
#include "common/directory/unit_history.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnit;

// What was changed, or else what stands.
template <typename Changed, typename Message>
const Message* FindIn(const Changed& changed, absl::string_view id, const Message* standing) {
  const auto found = changed.find(id);
  return found == changed.end() ? standing : &found->second;
}

// Whether it was of `parent_id` on `day` or later and is no more.
bool LeftOnOrAfter(const google::protobuf::RepeatedPtrField<directory::v1::FormerParent>& former,
                   absl::string_view parent_id, absl::CivilDay day) {
  return std::any_of(former.begin(), former.end(), [&](const directory::v1::FormerParent& entry) {
    return entry.parent_id() == parent_id &&
           CivilDayFrom(entry.until()).value_or(absl::CivilDay::min()) >= day;
  });
}

// The thing to be changed, as it stands until then.
template <typename Changed, typename Message>
Message& EditIn(Changed& changed, const std::string& id, const Message* standing) {
  const auto [entry, inserted] = changed.try_emplace(id);
  if (inserted && standing != nullptr) entry->second = *standing;
  return entry->second;
}

}  // namespace

ReorganizationState::ReorganizationState(const Directory& directory, absl::CivilDay day)
    : directory_(directory), day_(day) {
  for (const auto& [id, team] : directory.teams()) teams_of_unit_[team.org_unit_id()].push_back(id);
  for (const auto& [id, department] : directory.departments()) {
    const std::string& superior = department.superior_department_id();
    if (!superior.empty()) named_inferiors_[superior].push_back(id);
    for (const auto& former : department.former_units()) {
      former_departments_[former.parent_id()].push_back(id);
    }
  }
}

const OrgUnit* ReorganizationState::FindUnit(absl::string_view org_unit_id) const {
  return FindIn(units_, org_unit_id, directory_.FindUnit(org_unit_id));
}

OrgUnit& ReorganizationState::Unit(const std::string& org_unit_id) {
  return EditIn(units_, org_unit_id, directory_.FindUnit(org_unit_id));
}

const directory::v1::Department& ReorganizationState::FindDepartment(const std::string& department_id) const {
  return *FindIn(departments_, department_id, directory_.FindDepartment(department_id));
}

directory::v1::Department& ReorganizationState::Department(const std::string& department_id) {
  return EditIn(departments_, department_id, directory_.FindDepartment(department_id));
}

const directory::v1::Team& ReorganizationState::FindTeam(const std::string& team_id) const {
  return *FindIn(teams_, team_id, directory_.FindTeam(team_id));
}

directory::v1::Team& ReorganizationState::Team(const std::string& team_id) {
  return EditIn(teams_, team_id, directory_.FindTeam(team_id));
}

std::vector<std::string> ReorganizationState::OpenChildren(const std::string& org_unit_id) const {
  std::set<std::string> candidates(directory_.ChildrenOf(org_unit_id).begin(),
                                   directory_.ChildrenOf(org_unit_id).end());
  for (const auto& [id, unit] : units_) candidates.insert(id);
  std::vector<std::string> open;
  for (const std::string& id : candidates) {
    const OrgUnit& unit = *FindUnit(id);
    if (unit.parent_id() == org_unit_id && !IsClosedBefore(unit, day_)) open.push_back(id);
  }
  return open;
}

std::vector<std::string> ReorganizationState::OpenDepartments(const std::string& org_unit_id) const {
  std::set<std::string> candidates;
  for (const auto* department : directory_.DepartmentsOf(org_unit_id)) {
    candidates.insert(department->department_id());
  }
  for (const auto& [id, department] : departments_) candidates.insert(id);
  std::vector<std::string> open;
  for (const std::string& id : candidates) {
    const auto& department = FindDepartment(id);
    if (department.org_unit_id() == org_unit_id && !department.has_closed_on()) open.push_back(id);
  }
  return open;
}

std::vector<std::string> ReorganizationState::OpenTeams(const std::string& org_unit_id) const {
  std::set<std::string> candidates;
  const auto standing = teams_of_unit_.find(org_unit_id);
  if (standing != teams_of_unit_.end()) candidates.insert(standing->second.begin(), standing->second.end());
  for (const auto& [id, team] : teams_) candidates.insert(id);
  std::vector<std::string> open;
  for (const std::string& id : candidates) {
    const auto& team = FindTeam(id);
    if (team.org_unit_id() == org_unit_id && !team.has_closed_on()) open.push_back(id);
  }
  return open;
}

std::vector<std::string> ReorganizationState::LeftSince(const std::string& org_unit_id) const {
  std::vector<std::string> left;
  for (const std::string& id : directory_.FormerChildrenOf(org_unit_id)) {
    if (LeftOnOrAfter(FindUnit(id)->former_parents(), org_unit_id, day_)) left.push_back(id);
  }
  const auto departments = former_departments_.find(org_unit_id);
  if (departments == former_departments_.end()) return left;
  for (const std::string& id : departments->second) {
    if (LeftOnOrAfter(FindDepartment(id).former_units(), org_unit_id, day_)) left.push_back(id);
  }
  return left;
}

bool ReorganizationState::HasFunctionOf(const std::string& org_unit_id,
                                        const std::string& department_id) const {
  const std::string& function = FindDepartment(department_id).function();
  const std::vector<std::string> open = OpenDepartments(org_unit_id);
  return std::any_of(open.begin(), open.end(), [&](const std::string& other) {
    return other != department_id && FindDepartment(other).function() == function;
  });
}

void ReorganizationState::HandOverDepartment(const std::string& department_id, const std::string& to_unit) {
  const std::string function = FindDepartment(department_id).function();
  for (const std::string& other : OpenDepartments(to_unit)) {
    if (FindDepartment(other).function() != function) continue;
    CloseDepartment(department_id);
    FollowSuccessor(department_id, other);
    return;
  }
  directory::v1::Department& department = Department(department_id);
  const bool opens =
      department.has_opened_on() && CivilDayFrom(department.opened_on()).value_or(last_day()) >= day_;
  NoteFormer(*department.mutable_former_units(), opens, last_day(),
             [&](auto& former) { former.set_parent_id(department.org_unit_id()); });
  department.set_org_unit_id(to_unit);
}

void ReorganizationState::CloseDepartment(const std::string& department_id) {
  directory::v1::Department& department = Department(department_id);
  absl::CivilDay end = last_day();
  if (department.has_opened_on()) end = std::max(end, CivilDayFrom(department.opened_on()).value_or(end));
  *department.mutable_closed_on() = DateMessage(end);
}

void ReorganizationState::FollowSuccessor(const std::string& department_id, const std::string& successor_id) {
  std::set<std::string> inferiors;
  const auto named = named_inferiors_.find(department_id);
  if (named != named_inferiors_.end()) inferiors.insert(named->second.begin(), named->second.end());
  for (const auto& [id, department] : departments_) inferiors.insert(id);
  for (const std::string& id : inferiors) {
    if (FindDepartment(id).superior_department_id() != department_id) continue;
    directory::v1::Department& inferior = Department(id);
    const bool opens =
        inferior.has_opened_on() && CivilDayFrom(inferior.opened_on()).value_or(last_day()) >= day_;
    NoteFormer(*inferior.mutable_former_superiors(), opens, last_day(),
               [&](auto& former) { former.set_parent_id(department_id); });
    inferior.set_superior_department_id(successor_id);
  }
  for (const std::string& id : OpenTeams(FindDepartment(department_id).org_unit_id())) {
    if (FindTeam(id).department_id() == department_id) Team(id).set_department_id(successor_id);
  }
}

void ReorganizationState::HandOverTeam(const std::string& team_id, const std::string& to_unit) {
  Team(team_id).set_org_unit_id(to_unit);
}

void ReorganizationState::EndOfficesOf(const std::string& org_unit_id) {
  for (const std::string& id : OpenDepartments(org_unit_id)) CloseDepartment(id);
  for (const std::string& id : OpenTeams(org_unit_id))
    *Team(id).mutable_closed_on() = DateMessage(last_day());
}

directory::v1::ApplyDirectoryRequest ReorganizationState::Desired() const {
  directory::v1::ApplyDirectoryRequest desired;
  for (const auto& [id, unit] : units_) *desired.add_org_units() = unit;
  for (const auto& [id, department] : departments_) *desired.add_departments() = department;
  for (const auto& [id, team] : teams_) *desired.add_teams() = team;
  return desired;
}

}  // namespace zhuqi::intake
