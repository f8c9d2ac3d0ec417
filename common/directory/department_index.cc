#include "common/directory/department_index.h"

#include <algorithm>

#include "common/directory/unit_history.h"

namespace zhuqi {
namespace {

using directory::v1::Department;
using DepartmentsByUnit = absl::flat_hash_map<absl::string_view, std::vector<const Department*>>;

const std::vector<const Department*>& FindIn(const DepartmentsByUnit& by_unit,
                                             absl::string_view org_unit_id) {
  static const auto& none = *new std::vector<const Department*>;
  const auto found = by_unit.find(org_unit_id);
  return found == by_unit.end() ? none : found->second;
}

}  // namespace

DepartmentIndex::DepartmentIndex(DepartmentMap departments) : departments_(std::move(departments)) {
  for (const auto& [id, department] : departments_) {
    by_unit_[department.org_unit_id()].push_back(&department);
    for (const auto& former : department.former_units()) {
      if (former.parent_id() == department.org_unit_id()) continue;
      std::vector<const Department*>& once = formerly_of_unit_[former.parent_id()];
      if (once.empty() || once.back() != &department) once.push_back(&department);
    }
    functions_.insert(department.function());
    if (!department.has_closed_on()) {
      by_function_.insert_or_assign({department.org_unit_id(), department.function()}, &department);
    }
  }
}

const Department* DepartmentIndex::Find(absl::string_view org_unit_id, absl::string_view function) const {
  const auto found = by_function_.find({org_unit_id, function});
  return found == by_function_.end() ? nullptr : found->second;
}

const std::vector<const Department*>& DepartmentIndex::OfUnit(absl::string_view org_unit_id) const {
  return FindIn(by_unit_, org_unit_id);
}

std::vector<const Department*> DepartmentIndex::OfUnit(absl::string_view org_unit_id,
                                                       absl::CivilDay day) const {
  std::vector<const Department*> departments;
  for (const DepartmentsByUnit* candidates : {&by_unit_, &formerly_of_unit_}) {
    for (const Department* department : FindIn(*candidates, org_unit_id)) {
      if (UnitOn(*department, day) == org_unit_id && ExistedOn(*department, day)) {
        departments.push_back(department);
      }
    }
  }
  std::sort(departments.begin(), departments.end(), [](const Department* left, const Department* right) {
    return left->department_id() < right->department_id();
  });
  return departments;
}

}  // namespace zhuqi
