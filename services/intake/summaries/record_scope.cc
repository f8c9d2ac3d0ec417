#include "services/intake/summaries/record_scope.h"

#include <algorithm>
#include <cstddef>

#include "common/directory/date_message.h"
#include "common/directory/unit_history.h"

namespace zhuqi::intake {
namespace {

std::vector<std::string> UnitsOn(const Directory& directory, absl::string_view org_unit_id,
                                 absl::CivilDay day, const std::set<std::string>& left_out) {
  std::vector<std::string> units;
  const directory::v1::OrgUnit* unit = directory.FindUnit(org_unit_id);
  if (unit == nullptr || !ExistedOn(*unit, day)) return units;
  units.emplace_back(org_unit_id);
  for (size_t next = 0; next < units.size(); ++next) {
    for (std::string& child : directory.ChildrenOf(units[next], day)) {
      if (!left_out.contains(child)) units.push_back(std::move(child));
    }
  }
  std::sort(units.begin(), units.end());
  return units;
}

}  // namespace

absl::CivilDay LastDayIn(const directory::v1::OrgUnit& unit, absl::CivilMonth month) {
  const absl::CivilDay end = absl::CivilDay(month + 1) - 1;
  if (!unit.has_closed_on()) return end;
  return std::min(end, CivilDayFrom(unit.closed_on()).value_or(end));
}

std::set<std::string> EverBelow(const Directory& directory, absl::string_view org_unit_id,
                                absl::CivilMonth month) {
  std::set<std::string> below;
  for (absl::CivilDay day(month); absl::CivilMonth(day) == month; ++day) {
    for (std::string& unit : directory.SelfAndBelow(org_unit_id, day)) below.insert(std::move(unit));
  }
  below.erase(std::string(org_unit_id));
  return below;
}

std::vector<ScopeSpan> RecordScope(const Directory& directory, absl::string_view org_unit_id,
                                   absl::CivilMonth month, const std::set<std::string>& left_out) {
  std::vector<ScopeSpan> spans;
  for (absl::CivilDay day(month); absl::CivilMonth(day) == month; ++day) {
    std::vector<std::string> units = UnitsOn(directory, org_unit_id, day, left_out);
    if (units.empty()) continue;
    if (!spans.empty() && spans.back().last == day - 1 && spans.back().org_unit_ids == units) {
      spans.back().last = day;
    } else {
      spans.push_back({day, day, std::move(units)});
    }
  }
  return spans;
}

std::vector<std::string> LowerUnits(const Directory& directory, absl::string_view org_unit_id,
                                    absl::CivilMonth month, directory::v1::OrgUnitLevel level) {
  std::vector<std::string> units;
  // Those that were below only in between moved twice within the month; the day of their end is what counts.
  for (const std::string& candidate : EverBelow(directory, org_unit_id, month)) {
    const directory::v1::OrgUnit* unit = directory.FindUnit(candidate);
    if (unit == nullptr || unit->level() != level) continue;
    if (directory.IsInOrBelow(candidate, org_unit_id, LastDayIn(*unit, month))) units.push_back(candidate);
  }
  return units;
}

}  // namespace zhuqi::intake
