#include "common/directory/unit_tree.h"

#include <algorithm>

#include "common/directory/unit_history.h"

namespace zhuqi {
namespace {

template <typename Map>
const typename Map::mapped_type& FindIn(const Map& map, absl::string_view org_unit_id) {
  static const auto& none = *new typename Map::mapped_type;
  const auto found = map.find(org_unit_id);
  return found == map.end() ? none : found->second;
}

}  // namespace

UnitTree::UnitTree(UnitMap units) : units_(std::move(units)) {
  by_id_.reserve(units_.size());
  by_code_.reserve(units_.size());
  // The map is in the order of identities, so the lists are too.
  for (const auto& [id, unit] : units_) Index(unit);
}

void UnitTree::Index(const directory::v1::OrgUnit& unit) {
  by_id_.emplace(unit.org_unit_id(), &unit);
  if (unit.parent_id().empty()) {
    root_ = &unit;
  } else {
    children_[unit.parent_id()].push_back(unit.org_unit_id());
  }
  for (const auto& former : unit.former_parents()) {
    if (former.parent_id().empty() || former.parent_id() == unit.parent_id()) continue;
    std::vector<std::string>& children = former_children_[former.parent_id()];
    if (children.empty() || children.back() != unit.org_unit_id()) children.push_back(unit.org_unit_id());
  }
  for (const auto& code : unit.codes()) {
    CodeHolders& holders = by_code_[{static_cast<int>(code.system()), code.code()}];
    if (holders.empty() || holders.back() != &unit) holders.push_back(&unit);
  }
}

const directory::v1::OrgUnit* UnitTree::Find(absl::string_view org_unit_id) const {
  const auto found = by_id_.find(org_unit_id);
  return found == by_id_.end() ? nullptr : found->second;
}

const CodeHolders& UnitTree::HoldersOf(directory::v1::CodeSystem system, absl::string_view code) const {
  static const CodeHolders& none = *new CodeHolders;
  const auto found = by_code_.find({static_cast<int>(system), code});
  return found == by_code_.end() ? none : found->second;
}

const std::vector<std::string>& UnitTree::ChildrenOf(absl::string_view org_unit_id) const {
  return FindIn(children_, org_unit_id);
}

const std::vector<std::string>& UnitTree::FormerChildrenOf(absl::string_view org_unit_id) const {
  return FindIn(former_children_, org_unit_id);
}

std::vector<std::string> UnitTree::ChildrenOf(absl::string_view org_unit_id, absl::CivilDay day) const {
  std::vector<std::string> children;
  for (const std::vector<std::string>* candidates :
       {&ChildrenOf(org_unit_id), &FormerChildrenOf(org_unit_id)}) {
    for (const std::string& id : *candidates) {
      const directory::v1::OrgUnit& unit = *Find(id);
      if (ParentOn(unit, day) == org_unit_id && ExistedOn(unit, day)) children.push_back(id);
    }
  }
  std::sort(children.begin(), children.end());
  return children;
}

}  // namespace zhuqi
