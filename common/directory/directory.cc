#include "common/directory/directory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/calendar_message.h"

namespace zhuqi {
namespace {

template <typename Map>
const typename Map::mapped_type* FindIn(const Map& map, absl::string_view key) {
  const auto found = map.find(std::string(key));
  return found == map.end() ? nullptr : &found->second;
}

std::string CodeKey(directory::v1::CodeSystem system, absl::string_view code) {
  return absl::StrCat(static_cast<int>(system), ":", code);
}

std::shared_ptr<const calendar::WorkingCalendar> MakeWeekdayCalendar() {
  // An empty message is valid by construction: no override can clash and the default hours are in order.
  return std::make_shared<const calendar::WorkingCalendar>(
      CalendarFromMessage(directory::v1::WorkingCalendar()).value());
}

}  // namespace

Directory::Directory() : calendar_(MakeWeekdayCalendar()) {}

absl::StatusOr<std::shared_ptr<const Directory>> Directory::With(const feed::v1::DirectoryChanged& change,
                                                                 int64_t sequence) const {
  auto next = std::make_shared<Directory>(*this);
  next->sequence_ = sequence;
  for (const auto& unit : change.org_units()) next->units_[unit.org_unit_id()] = unit;
  for (const auto& department : change.departments()) {
    next->departments_[department.department_id()] = department;
  }
  for (const auto& category : change.categories()) next->categories_[category.category_id()] = category;
  for (const auto& form : change.forms()) next->forms_[form.form_id()] = form;
  if (change.has_calendar()) {
    ZHUQI_ASSIGN_OR_RETURN(calendar::WorkingCalendar working, CalendarFromMessage(change.calendar()));
    next->calendar_message_ = change.calendar();
    next->calendar_ = std::make_shared<const calendar::WorkingCalendar>(std::move(working));
  }
  next->Index();
  return std::shared_ptr<const Directory>(std::move(next));
}

void Directory::Index() {
  children_.clear();
  unit_by_code_.clear();
  department_by_function_.clear();
  functions_.clear();
  root_.clear();
  for (const auto& [id, unit] : units_) {
    if (unit.parent_id().empty()) {
      root_ = id;
    } else {
      children_[unit.parent_id()].push_back(
          id);  // the map is in the order of identities, so the lists are too
    }
    for (const auto& code : unit.codes()) {
      // Of two units that had one code at different times, the one that has it still is meant.
      const std::string key = CodeKey(code.system(), code.code());
      if (!unit_by_code_.contains(key) || !code.has_valid_to()) unit_by_code_[key] = id;
    }
  }
  for (const auto& [id, department] : departments_) {
    department_by_function_[{department.org_unit_id(), department.function()}] = id;
    functions_.insert(department.function());
  }
}

const directory::v1::OrgUnit* Directory::FindUnit(absl::string_view org_unit_id) const {
  return FindIn(units_, org_unit_id);
}

const directory::v1::OrgUnit* Directory::FindUnitByCode(directory::v1::CodeSystem system,
                                                        absl::string_view code) const {
  const auto found = unit_by_code_.find(CodeKey(system, code));
  return found == unit_by_code_.end() ? nullptr : FindUnit(found->second);
}

const directory::v1::OrgUnit* Directory::Root() const { return FindUnit(root_); }

const std::vector<std::string>& Directory::ChildrenOf(absl::string_view org_unit_id) const {
  static const std::vector<std::string>& none = *new std::vector<std::string>;
  const auto found = children_.find(org_unit_id);
  return found == children_.end() ? none : found->second;
}

std::vector<std::string> Directory::AncestorsOf(absl::string_view org_unit_id) const {
  std::vector<std::string> ancestors;
  const directory::v1::OrgUnit* unit = FindUnit(org_unit_id);
  while (unit != nullptr && !unit->parent_id().empty()) {
    ancestors.push_back(unit->parent_id());
    unit = FindUnit(unit->parent_id());
  }
  return ancestors;
}

bool Directory::IsInOrBelow(absl::string_view org_unit_id, absl::string_view ancestor_id) const {
  if (org_unit_id == ancestor_id) return FindUnit(org_unit_id) != nullptr;
  for (const directory::v1::OrgUnit* unit = FindUnit(org_unit_id); unit != nullptr;
       unit = FindUnit(unit->parent_id())) {
    if (unit->parent_id() == ancestor_id && !unit->parent_id().empty()) return true;
  }
  return false;
}

std::vector<std::string> Directory::SelfAndBelow(absl::string_view org_unit_id) const {
  std::vector<std::string> found;
  if (FindUnit(org_unit_id) == nullptr) return found;
  found.emplace_back(org_unit_id);
  for (size_t next = 0; next < found.size(); ++next) {
    const std::vector<std::string>& children = ChildrenOf(found[next]);
    found.insert(found.end(), children.begin(), children.end());
  }
  return found;
}

std::string Directory::DistrictOf(absl::string_view org_unit_id) const {
  const directory::v1::OrgUnit* unit = FindUnit(org_unit_id);
  while (unit != nullptr && unit->level() > directory::v1::ORG_UNIT_LEVEL_DISTRICT &&
         !unit->parent_id().empty()) {
    unit = FindUnit(unit->parent_id());
  }
  return unit == nullptr ? std::string(org_unit_id) : unit->org_unit_id();
}

const directory::v1::Department* Directory::FindDepartment(absl::string_view department_id) const {
  return FindIn(departments_, department_id);
}

const directory::v1::Department* Directory::FindDepartment(absl::string_view org_unit_id,
                                                           absl::string_view function) const {
  const auto found = department_by_function_.find({std::string(org_unit_id), std::string(function)});
  return found == department_by_function_.end() ? nullptr : FindDepartment(found->second);
}

const directory::v1::Department* Directory::FindDepartmentUpwards(absl::string_view org_unit_id,
                                                                  absl::string_view function) const {
  for (const directory::v1::OrgUnit* unit = FindUnit(org_unit_id); unit != nullptr;
       unit = FindUnit(unit->parent_id())) {
    if (const auto* department = FindDepartment(unit->org_unit_id(), function)) return department;
  }
  return nullptr;
}

bool Directory::HasFunction(absl::string_view function) const { return functions_.contains(function); }

bool Directory::HasCategory(absl::string_view category_id) const {
  return FindIn(categories_, category_id) != nullptr;
}

bool IsCategoryInOrBelow(absl::string_view category_id, absl::string_view ancestor) {
  if (category_id.size() < ancestor.size() || category_id.substr(0, ancestor.size()) != ancestor)
    return false;
  return category_id.size() == ancestor.size() || category_id[ancestor.size()] == '.';
}

int32_t PartitionOf(const Directory& directory, absl::string_view org_unit_id, int32_t partitions) {
  // Any change of this function would move districts to other partitions: the first four bytes of SHA-256 are
  // the same on every machine and in every version.
  const std::string digest = Sha256(directory.DistrictOf(org_unit_id));
  uint32_t hash = 0;
  for (int i = 0; i < 4; ++i) hash = (hash << 8) | static_cast<unsigned char>(digest[static_cast<size_t>(i)]);
  return 1 + static_cast<int32_t>(hash % static_cast<uint32_t>(partitions));
}

}  // namespace zhuqi
