#include "services/intake/directory/desired_state.h"

#include <algorithm>

namespace zhuqi::intake {
namespace {

template <typename Map>
typename Map::mapped_type FindIn(const Map& map, absl::string_view id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

DesiredState::DesiredState(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request,
                           absl::CivilDay today)
    : before_(directory), today_(today) {
  for (const auto& unit : request.org_units()) {
    if (!units_.try_emplace(unit.org_unit_id(), &unit).second) continue;
    if (unit.parent_id().empty()) roots_.push_back(unit.org_unit_id());
    for (const auto& code : unit.codes()) {
      codes_[{static_cast<int>(code.system()), code.code()}].push_back(&unit);
    }
  }
  for (const auto& department : request.departments()) {
    if (!departments_.try_emplace(department.department_id(), &department).second) continue;
    functions_[{department.org_unit_id(), department.function()}].push_back(&department);
  }
  for (const auto& category : request.categories()) {
    categories_.try_emplace(category.category_id(), &category);
  }
  const directory::v1::OrgUnit* root = directory.Root();
  if (root != nullptr && !units_.contains(root->org_unit_id())) roots_.push_back(root->org_unit_id());
}

const directory::v1::OrgUnit* DesiredState::FindUnit(absl::string_view org_unit_id) const {
  const auto* named = FindIn(units_, org_unit_id);
  return named != nullptr ? named : before_.FindUnit(org_unit_id);
}

const directory::v1::Department* DesiredState::FindDepartment(absl::string_view department_id) const {
  const auto* named = FindIn(departments_, department_id);
  return named != nullptr ? named : before_.FindDepartment(department_id);
}

const directory::v1::IssueCategory* DesiredState::FindCategory(absl::string_view category_id) const {
  const auto* named = FindIn(categories_, category_id);
  return named != nullptr ? named : before_.categories().Find(category_id);
}

bool DesiredState::HasRootBeside(absl::string_view org_unit_id) const {
  return std::any_of(roots_.begin(), roots_.end(),
                     [&](absl::string_view root) { return root != org_unit_id; });
}

std::vector<const directory::v1::OrgUnit*> DesiredState::HoldersOf(directory::v1::CodeSystem system,
                                                                   absl::string_view code) const {
  std::vector<const directory::v1::OrgUnit*> holders;
  for (const directory::v1::OrgUnit* unit : before_.HoldersOf(system, code)) {
    if (!units_.contains(unit->org_unit_id())) holders.push_back(unit);
  }
  const auto named = codes_.find({static_cast<int>(system), code});
  if (named != codes_.end()) holders.insert(holders.end(), named->second.begin(), named->second.end());
  return holders;
}

std::vector<const directory::v1::Department*> DesiredState::OpenDepartments(
    absl::string_view org_unit_id, absl::string_view function) const {
  std::vector<const directory::v1::Department*> open;
  const auto* standing = before_.FindDepartment(org_unit_id, function);
  if (standing != nullptr && !departments_.contains(standing->department_id())) open.push_back(standing);
  const auto named = functions_.find({org_unit_id, function});
  if (named == functions_.end()) return open;
  for (const directory::v1::Department* department : named->second) {
    if (!department->has_closed_on()) open.push_back(department);
  }
  return open;
}

}  // namespace zhuqi::intake
