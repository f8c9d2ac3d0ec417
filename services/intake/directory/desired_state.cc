#include "services/intake/directory/desired_state.h"

namespace zhuqi::intake {

DesiredState::DesiredState(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request)
    : before_(directory) {
  for (const auto& unit : request.org_units()) units_.try_emplace(unit.org_unit_id(), &unit);
  for (const auto& department : request.departments()) {
    departments_.try_emplace(department.department_id(), &department);
  }
  for (const auto& category : request.categories())
    categories_.try_emplace(category.category_id(), &category);
  for (const auto& [id, unit] : directory.units()) units_.try_emplace(id, &unit);
  for (const auto& [id, department] : directory.departments()) departments_.try_emplace(id, &department);
  for (const auto& [id, category] : directory.categories()) categories_.try_emplace(id, &category);
}

const directory::v1::OrgUnit* DesiredState::FindUnit(absl::string_view org_unit_id) const {
  const auto found = units_.find(org_unit_id);
  return found == units_.end() ? nullptr : found->second;
}

bool DesiredState::HasCategory(absl::string_view category_id) const {
  return categories_.contains(category_id);
}

}  // namespace zhuqi::intake
