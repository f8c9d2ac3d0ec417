#include "services/reporting/cube/cube_compare.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"

namespace zhuqi::reporting {
namespace {

constexpr DaySpan kAllDays{0, kLastDay};
using Cell = std::pair<std::string, DayNumber>;  // component, day
using Cells = std::map<Cell, int64_t>;
using EnterprisesByDay = std::map<DayNumber, std::set<std::string>>;

// A unit's cells with numbers turned back into names, so that two cubes can be compared.
struct Flat {
  Cells cells;
  EnterprisesByDay enterprises;
};

template <typename Series>
void FlattenSeries(const std::string& name, const Series& series, Cells& to) {
  series.ForEach(kAllDays, [&](DayNumber day, int64_t value) { to[{name, day}] += value; });
}

void FlattenDurations(const DistributionSeries& durations, const std::string& suffix, Cells& to) {
  durations.ForEachValue([&](DayNumber day, int32_t value, int32_t times) {
    to[{absl::StrCat("handling_time", suffix), day}] += times;
    to[{absl::StrCat("handling_time_minutes", suffix), day}] += int64_t{value} * times;
  });
}

void FlattenReported(const Cube& cube, const UnitCells& unit, Cells& to) {
  for (const auto& [key, months] : unit.reported) {
    const auto& [form, indicator] = cube.reported_key(key);
    const std::string name = absl::StrCat("reported/", form, "/", indicator);
    for (const auto& [month, sums] : months) {
      const DayNumber day = FirstDayOfMonth(month);
      if (sums.value != 0) to[{name, day}] = sums.value;
      if (sums.cells != 0) to[{absl::StrCat(name, "#cells"), day}] = sums.cells;
      if (sums.cells_accepted != 0) to[{absl::StrCat(name, "#accepted"), day}] = sums.cells_accepted;
      if (sums.due != 0) to[{absl::StrCat(name, "#due"), day}] = sums.due;
    }
  }
}

Flat Flatten(const Cube& cube, const std::string& org_unit_id) {
  Flat flat;
  const auto index = cube.FindUnit(org_unit_id);
  if (!index.has_value()) return flat;
  const UnitCells& unit = cube.Rolled(*index);
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    const std::string name(ComponentName(static_cast<Component>(i)));
    FlattenSeries(name, unit.counts[i], flat.cells);
    for (const GroupMap& groups : unit.groups) {
      for (const auto& [group, cells] : groups) {
        FlattenSeries(absl::StrCat(name, "/", group), cells.counts[i], flat.cells);
      }
    }
  }
  FlattenDurations(unit.durations, "", flat.cells);
  for (const GroupMap& groups : unit.groups) {
    for (const auto& [group, cells] : groups)
      FlattenDurations(cells.durations, absl::StrCat("/", group), flat.cells);
  }
  FlattenReported(cube, unit, flat.cells);
  unit.reached.ForEachKey(
      [&](DayNumber day, uint32_t key, int32_t) { flat.enterprises[day].insert(cube.enterprises()[key]); });
  return flat;
}

class Comparer {
 public:
  Comparer(std::size_t max_differences, Comparison& to) : max_(max_differences), to_(to) {}

  void Unit(const std::string& org_unit_id, const Flat& served, const Flat& recounted) {
    std::set<Cell> cells;
    for (const auto& [cell, value] : served.cells) cells.insert(cell);
    for (const auto& [cell, value] : recounted.cells) cells.insert(cell);
    for (const Cell& cell : cells) {
      ++to_.cells;
      const int64_t left = ValueOf(served.cells, cell);
      const int64_t right = ValueOf(recounted.cells, cell);
      if (left != right) Report(org_unit_id, cell, left, right);
    }
    Enterprises(org_unit_id, served.enterprises, recounted.enterprises);
  }

 private:
  static int64_t ValueOf(const Cells& cells, const Cell& cell) {
    const auto found = cells.find(cell);
    return found == cells.end() ? 0 : found->second;
  }

  void Enterprises(const std::string& org_unit_id, const EnterprisesByDay& served,
                   const EnterprisesByDay& recounted) {
    static const std::set<std::string>& none = *new std::set<std::string>();
    std::set<DayNumber> days;
    for (const auto& [day, set] : served) days.insert(day);
    for (const auto& [day, set] : recounted) days.insert(day);
    for (const DayNumber day : days) {
      ++to_.cells;
      const auto left = served.find(day);
      const auto right = recounted.find(day);
      const std::set<std::string>& one = left == served.end() ? none : left->second;
      const std::set<std::string>& other = right == recounted.end() ? none : right->second;
      if (one == other) continue;
      std::vector<std::string> common;
      std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(common));
      const std::size_t shown = one.size() == other.size() ? common.size() : other.size();
      Report(org_unit_id, {"enterprises_reached", day}, static_cast<int64_t>(one.size()),
             static_cast<int64_t>(shown));
    }
  }

  void Report(const std::string& org_unit_id, const Cell& cell, int64_t served, int64_t recounted) {
    if (to_.differences.size() >= max_) return;
    v1::FigureDifference& difference = to_.differences.emplace_back();
    difference.set_component(cell.first);
    difference.set_org_unit_id(org_unit_id);
    *difference.mutable_date() = DateMessage(CivilDayOf(cell.second));
    difference.set_served(served);
    difference.set_recounted(recounted);
  }

  const std::size_t max_;
  Comparison& to_;
};

}  // namespace

Comparison Compare(const Cube& served, const Cube& recounted, std::size_t max_differences) {
  std::set<std::string> units;
  for (Cube::UnitIndex unit = 0; unit < served.unit_count(); ++unit) units.insert(served.unit_id(unit));
  for (Cube::UnitIndex unit = 0; unit < recounted.unit_count(); ++unit) units.insert(recounted.unit_id(unit));
  Comparison comparison;
  Comparer comparer(max_differences, comparison);
  for (const std::string& unit : units) comparer.Unit(unit, Flatten(served, unit), Flatten(recounted, unit));
  return comparison;
}

}  // namespace zhuqi::reporting
