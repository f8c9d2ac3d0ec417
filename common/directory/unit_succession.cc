#include "common/directory/unit_succession.h"

#include <algorithm>
#include <set>

#include "common/directory/date_message.h"

namespace zhuqi {
namespace {

using directory::v1::OrgUnit;

// `seen` keeps a directory that names successors in a circle from going on for ever.
void AddOpen(const Directory& directory, absl::string_view org_unit_id, std::set<std::string>& seen,
             std::vector<std::string>& open) {
  const OrgUnit* unit = directory.FindUnit(org_unit_id);
  if (unit == nullptr || !seen.insert(unit->org_unit_id()).second) return;
  if (!unit->has_closed_on()) {
    open.push_back(unit->org_unit_id());
    return;
  }
  for (const std::string& successor : unit->successor_ids()) AddOpen(directory, successor, seen, open);
}

// The last days of all edges that ever led up from the unit.
void AddLastDays(const Directory& directory, absl::string_view org_unit_id, std::set<std::string>& seen,
                 std::set<absl::CivilDay>& days) {
  const OrgUnit* unit = directory.FindUnit(org_unit_id);
  if (unit == nullptr || !seen.insert(unit->org_unit_id()).second) return;
  for (const auto& former : unit->former_parents()) {
    if (const auto day = CivilDayFrom(former.until())) days.insert(*day);
    AddLastDays(directory, former.parent_id(), seen, days);
  }
  AddLastDays(directory, unit->parent_id(), seen, days);
}

}  // namespace

std::vector<std::string> OpenUnitsFor(const Directory& directory, absl::string_view org_unit_id) {
  std::set<std::string> seen;
  std::vector<std::string> open;
  AddOpen(directory, org_unit_id, seen, open);
  if (!open.empty()) return open;
  for (std::string& above : directory.AncestorsOf(org_unit_id)) {
    if (!directory.FindUnit(above)->has_closed_on()) return {std::move(above)};
  }
  return {};
}

bool WasMovedAway(const Directory& directory, absl::string_view org_unit_id, absl::string_view ancestor_id) {
  if (directory.IsInOrBelow(org_unit_id, ancestor_id)) return false;
  std::set<std::string> seen;
  std::set<absl::CivilDay> days;
  AddLastDays(directory, org_unit_id, seen, days);
  return std::any_of(days.begin(), days.end(), [&](absl::CivilDay day) {
    return directory.IsInOrBelow(org_unit_id, ancestor_id, day);
  });
}

}  // namespace zhuqi
