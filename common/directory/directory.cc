#include "common/directory/directory.h"

#include <algorithm>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/calendar_message.h"
#include "common/directory/unit_history.h"

namespace zhuqi {
namespace {

using directory::v1::Department;
using directory::v1::OrgUnit;
using directory::v1::WorkingCalendar;
using feed::v1::DirectoryChanged;

std::shared_ptr<const calendar::WorkingCalendar> MakeWeekdayCalendar() {
  // An empty message is valid by construction: no override can clash and the default hours are in order.
  return std::make_shared<const calendar::WorkingCalendar>(CalendarFromMessage(WorkingCalendar()).value());
}

// The entries that `entries_of` names of all changes, in their order.
template <typename Message, typename EntriesOf>
std::vector<const Message*> Collect(absl::Span<const DirectoryChanged> changes, EntriesOf entries_of) {
  std::vector<const Message*> entries;
  for (const DirectoryChanged& change : changes) {
    for (const Message& entry : entries_of(change)) entries.push_back(&entry);
  }
  return entries;
}

}  // namespace

Directory::Directory()
    : tree_(std::make_shared<const UnitTree>()),
      departments_(std::make_shared<const DepartmentIndex>()),
      forms_(std::make_shared<const FormVersions>()),
      calendar_message_(std::make_shared<const WorkingCalendar>()),
      calendar_(MakeWeekdayCalendar()) {}

absl::StatusOr<std::shared_ptr<const Directory>> Directory::With(const DirectoryChanged& change,
                                                                 int64_t sequence) const {
  return With(absl::MakeConstSpan(&change, 1), sequence);
}

absl::StatusOr<std::shared_ptr<const Directory>> Directory::With(absl::Span<const DirectoryChanged> changes,
                                                                 int64_t sequence) const {
  auto next = std::make_shared<Directory>(*this);
  next->sequence_ = sequence;
  const auto units = Collect<OrgUnit>(
      changes, [](const auto& change) -> const auto& { return change.org_units(); });
  if (!units.empty()) next->tree_ = std::make_shared<const UnitTree>(tree_->units().With(units));
  const auto departments = Collect<Department>(
      changes, [](const auto& change) -> const auto& { return change.departments(); });
  if (!departments.empty()) {
    next->departments_ =
        std::make_shared<const DepartmentIndex>(departments_->departments().With(departments));
  }
  const auto forms = Collect<directory::v1::SummaryForm>(
      changes, [](const auto& change) -> const auto& { return change.forms(); });
  if (!forms.empty()) next->forms_ = std::make_shared<const FormVersions>(*forms_, forms);
  next->teams_ = teams_.With(Collect<directory::v1::Team>(
      changes, [](const auto& change) -> const auto& { return change.teams(); }));
  next->policies_ = policies_.With(Collect<directory::v1::Policy>(
      changes, [](const auto& change) -> const auto& { return change.policies(); }));
  next->categories_ = categories_.With(Collect<directory::v1::IssueCategory>(
      changes, [](const auto& change) -> const auto& { return change.categories(); }));
  for (const DirectoryChanged& change : changes) {
    if (change.has_calendar()) ZHUQI_RETURN_IF_ERROR(next->TakeCalendar(change.calendar()));
    if (change.has_category_tree()) {
      next->category_trees_.insert_or_assign(
          change.category_tree().version(),
          std::make_shared<const directory::v1::CategoryTree>(change.category_tree()));
    }
    if (change.has_reorganization()) {
      next->reorganizations_.push_back(
          std::make_shared<const directory::v1::Reorganization>(change.reorganization()));
    }
  }
  return std::shared_ptr<const Directory>(std::move(next));
}

absl::Status Directory::TakeCalendar(const WorkingCalendar& message) {
  ZHUQI_ASSIGN_OR_RETURN(calendar::WorkingCalendar working, CalendarFromMessage(message));
  calendar_message_ = std::make_shared<const WorkingCalendar>(message);
  calendar_ = std::make_shared<const calendar::WorkingCalendar>(std::move(working));
  calendars_.insert_or_assign(message.version(), calendar_message_);
  return absl::OkStatus();
}

std::vector<DirectoryChanged> Directory::AsChanges() const {
  std::vector<DirectoryChanged> changes(1);
  for (const auto& [id, unit] : units()) *changes[0].add_org_units() = unit;
  for (const auto& [id, department] : departments()) *changes[0].add_departments() = department;
  for (const auto& [id, category] : categories_) *changes[0].add_categories() = category;
  for (const auto& [id, team] : teams_) *changes[0].add_teams() = team;
  for (const auto& [id, policy] : policies_) *changes[0].add_policies() = policy;
  for (const auto& [key, form] : form_versions()) *changes[0].add_forms() = form;
  // Versions grow, so the last one is in force again.
  for (const auto& [version, message] : calendars_) *changes.emplace_back().mutable_calendar() = *message;
  for (const auto& [version, tree] : category_trees_) *changes.emplace_back().mutable_category_tree() = *tree;
  for (const auto& reorganization : reorganizations_) {
    *changes.emplace_back().mutable_reorganization() = *reorganization;
  }
  return changes;
}

const OrgUnit* Directory::FindUnitByCode(directory::v1::CodeSystem system, absl::string_view code) const {
  const CodeHolders& holders = HoldersOf(system, code);
  // Of units that had one code at different times, the one that has it still is meant.
  const auto has_it_still = [&](const OrgUnit* unit) {
    return std::any_of(unit->codes().begin(), unit->codes().end(), [&](const auto& held) {
      return held.system() == system && held.code() == code && !held.has_valid_to();
    });
  };
  const auto found = std::find_if(holders.begin(), holders.end(), has_it_still);
  if (found != holders.end()) return *found;
  return holders.empty() ? nullptr : holders.front();
}

std::vector<std::string> Directory::AncestorsOf(absl::string_view org_unit_id) const {
  return AncestorsOf(org_unit_id, absl::CivilDay::max());
}

std::vector<std::string> Directory::AncestorsOf(absl::string_view org_unit_id, absl::CivilDay day) const {
  std::vector<std::string> ancestors;
  const OrgUnit* unit = FindUnit(org_unit_id);
  while (unit != nullptr && !ParentOn(*unit, day).empty()) {
    ancestors.push_back(ParentOn(*unit, day));
    unit = FindUnit(ancestors.back());
  }
  return ancestors;
}

bool Directory::IsInOrBelow(absl::string_view org_unit_id, absl::string_view ancestor_id) const {
  return IsInOrBelow(org_unit_id, ancestor_id, absl::CivilDay::max());
}

bool Directory::IsInOrBelow(absl::string_view org_unit_id, absl::string_view ancestor_id,
                            absl::CivilDay day) const {
  for (const OrgUnit* unit = FindUnit(org_unit_id); unit != nullptr; unit = FindUnit(ParentOn(*unit, day))) {
    if (unit->org_unit_id() == ancestor_id) return true;
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

std::vector<std::string> Directory::SelfAndBelow(absl::string_view org_unit_id, absl::CivilDay day) const {
  std::vector<std::string> found;
  const OrgUnit* unit = FindUnit(org_unit_id);
  if (unit == nullptr || !ExistedOn(*unit, day)) return found;
  found.emplace_back(org_unit_id);
  for (size_t next = 0; next < found.size(); ++next) {
    const std::vector<std::string> children = ChildrenOf(found[next], day);
    found.insert(found.end(), children.begin(), children.end());
  }
  return found;
}

std::string Directory::DistrictOf(absl::string_view org_unit_id) const {
  const OrgUnit* unit = FindUnit(org_unit_id);
  while (unit != nullptr && unit->level() > directory::v1::ORG_UNIT_LEVEL_DISTRICT &&
         !unit->parent_id().empty()) {
    unit = FindUnit(unit->parent_id());
  }
  return unit == nullptr ? std::string(org_unit_id) : unit->org_unit_id();
}

const Department* Directory::FindDepartmentUpwards(absl::string_view org_unit_id,
                                                   absl::string_view function) const {
  for (const OrgUnit* unit = FindUnit(org_unit_id); unit != nullptr; unit = FindUnit(unit->parent_id())) {
    if (const auto* department = FindDepartment(unit->org_unit_id(), function)) return department;
  }
  return nullptr;
}

const Department* Directory::SuperiorOf(const Department& department) const {
  if (!department.superior_department_id().empty()) {
    return FindDepartment(department.superior_department_id());
  }
  const OrgUnit* unit = FindUnit(department.org_unit_id());
  return unit == nullptr ? nullptr : FindDepartmentUpwards(unit->parent_id(), department.function());
}

const Department* Directory::SuperiorOf(const Department& department, absl::CivilDay day) const {
  const std::string& named = NamedSuperiorOn(department, day);
  if (!named.empty()) return FindDepartment(named);
  for (const std::string& above : AncestorsOf(UnitOn(department, day), day)) {
    for (const Department* other : DepartmentsOf(above, day)) {
      if (other->function() == department.function()) return other;
    }
  }
  return nullptr;
}

bool Directory::IsCategoryInUse(absl::string_view category_id, absl::CivilDay day) const {
  const directory::v1::IssueCategory* category = categories_.Find(category_id);
  return category != nullptr && IsInUseOn(*category, day);
}

const WorkingCalendar* Directory::CalendarVersion(int64_t version) const {
  const auto found = calendars_.find(version);
  return found == calendars_.end() ? nullptr : found->second.get();
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
