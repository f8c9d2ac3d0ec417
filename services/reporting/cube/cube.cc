#include "services/reporting/cube/cube.h"

#include <algorithm>

#include "common/directory/date_message.h"

namespace zhuqi::reporting {
namespace {

constexpr DaySpan kAllDays{0, kLastDay};
// Deeper than any tree that the directory admits; a damaged one must not keep the writer for ever.
constexpr int kMaxDepth = 32;

ObligationKey KeyOf(const feed::v1::SummaryFacts& facts) {
  const auto month = CivilMonthFrom(facts.month());
  return {month.has_value() ? MonthNumberOf(*month) : 0, facts.org_unit_id(), facts.form_id()};
}

void AddReported(std::map<MonthNumber, ReportedSums>& months, MonthNumber month, const ReportedSums& sums,
                 int32_t sign) {
  ReportedSums& to = months[month];
  to.value += sign * sums.value;
  to.cells += sign * sums.cells;
  to.cells_accepted += sign * sums.cells_accepted;
  to.due += sign * sums.due;
  if (to.empty()) months.erase(month);
}

void MergeGroup(const GroupCells& from, GroupCells& to) {
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    from.counts[i].ForEach(
        kAllDays, [&](DayNumber day, int64_t value) { to.counts[i].Add(day, static_cast<int32_t>(value)); });
  }
  from.durations.ForEachValue(
      [&](DayNumber day, int32_t value, int32_t times) { to.durations.Add(day, value, times); });
}

}  // namespace

bool GroupCells::empty() const {
  return durations.empty() &&
         std::all_of(counts.begin(), counts.end(), [](const SparseSeries& series) { return series.empty(); });
}

struct Cube::Resolved {
  const Contributions& contributions;
  UnitIndex unit = 0;
  std::vector<uint32_t> reached;  // as contributions.reached
  std::vector<int32_t> reported;  // as contributions.reported
};

Cube::Resolved Cube::Resolve(const Contributions& contributions) {
  Resolved resolved{contributions, InternUnit(contributions.org_unit_id), {}, {}};
  resolved.reached.reserve(contributions.reached.size());
  for (const Reached& reached : contributions.reached)
    resolved.reached.push_back(InternEnterprise(reached.uscc));
  for (const ReportedCell& cell : contributions.reported) {
    resolved.reported.push_back(InternReported(cell.form_id, cell.indicator_id));
  }
  return resolved;
}

void Cube::AddTo(UnitCells& cells, const Resolved& resolved, int32_t sign) {
  const Contributions& from = resolved.contributions;
  for (const Count& count : from.counts) {
    cells.counts[static_cast<std::size_t>(count.component)].Add(count.day, sign * count.value);
  }
  for (std::size_t i = 0; i < from.reached.size(); ++i) {
    if (IsCountedDay(from.reached[i].day)) cells.reached.Add(from.reached[i].day, resolved.reached[i], sign);
  }
  for (const Duration& duration : from.durations) cells.durations.Add(duration.day, duration.minutes, sign);
  for (std::size_t dimension = 0; dimension < kGroupDimensions; ++dimension) {
    if (!from.groups[dimension].has_value()) continue;
    const auto group = cells.groups[dimension].try_emplace(*from.groups[dimension]).first;
    for (const Count& count : from.counts) {
      group->second.counts[static_cast<std::size_t>(count.component)].Add(count.day, sign * count.value);
    }
    for (const Duration& duration : from.durations) {
      group->second.durations.Add(duration.day, duration.minutes, sign);
    }
    if (sign < 0 && group->second.empty()) cells.groups[dimension].erase(group);
  }
  for (std::size_t i = 0; i < from.reported.size(); ++i) {
    const ReportedCell& cell = from.reported[i];
    AddReported(cells.reported[resolved.reported[i]], cell.month,
                {cell.value, cell.cells, cell.cells_accepted, cell.due}, sign);
  }
}

template <typename Each>
void Cube::ForSelfAndAbove(UnitIndex unit, Each each) {
  for (int depth = 0; unit >= 0 && depth < kMaxDepth; ++depth) {
    each(unit);
    unit = parents_[static_cast<std::size_t>(unit)];
  }
}

void Cube::Add(const Contributions& contributions, int32_t sign) {
  const Resolved resolved = Resolve(contributions);
  AddTo(own_[static_cast<std::size_t>(resolved.unit)], resolved, sign);
  ForSelfAndAbove(resolved.unit,
                  [&](UnitIndex unit) { AddTo(rolled_[static_cast<std::size_t>(unit)], resolved, sign); });
}

template <typename Changed>
void Cube::ApplyChange(const Changed& changed) {
  if (changed.has_before()) Add(ContributionsOf(changed.before()), -1);
  if (changed.has_after()) Add(ContributionsOf(changed.after()), 1);
}

void Cube::Apply(const feed::v1::Event& event) {
  switch (event.payload_case()) {
    case feed::v1::Event::kRecord:
      ApplyChange(event.record());
      break;
    case feed::v1::Event::kCaseChanged:
      ApplyChange(event.case_changed());
      break;
    case feed::v1::Event::kSummary:
      ApplyChange(event.summary());
      StoreObligation(event.summary().after());
      break;
    default:
      break;
  }
}

void Cube::StoreObligation(const feed::v1::SummaryFacts& facts) { obligations_[KeyOf(facts)] = facts; }

void Cube::RestoreObligation(const feed::v1::SummaryFacts& facts) {
  StoreObligation(facts);
  Contributions reported = ContributionsOf(facts);
  reported.counts.clear();
  const Resolved resolved = Resolve(reported);
  AddTo(own_[static_cast<std::size_t>(resolved.unit)], resolved, 1);
}

UnitCells& Cube::RestoreOwn(absl::string_view org_unit_id) {
  return own_[static_cast<std::size_t>(InternUnit(org_unit_id))];
}

void Cube::SetDirectory(const Directory& directory) {
  const UnitIndex known = unit_count();
  for (const auto& [id, unit] : directory.units()) InternUnit(id);
  bool moved = false;
  for (const auto& [id, unit] : directory.units()) {
    const UnitIndex index = InternUnit(id);
    const UnitIndex parent = unit.parent_id().empty() ? -1 : InternUnit(unit.parent_id());
    UnitIndex& stored = parents_[static_cast<std::size_t>(index)];
    moved = moved || (index < known && stored != parent);
    stored = parent;
  }
  if (moved) RollUp();
}

void Cube::RollUp() {
  rolled_.assign(own_.size(), UnitCells());
  for (UnitIndex unit = 0; unit < unit_count(); ++unit) {
    const UnitCells& own = Own(unit);
    ForSelfAndAbove(unit, [&](UnitIndex above) { Merge(own, rolled_[static_cast<std::size_t>(above)]); });
  }
}

void Cube::Merge(const UnitCells& from, UnitCells& to) {
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    from.counts[i].ForEach(
        kAllDays, [&](DayNumber day, int64_t value) { to.counts[i].Add(day, static_cast<int32_t>(value)); });
  }
  from.reached.ForEachKey(
      [&](DayNumber day, uint32_t key, int32_t times) { to.reached.Add(day, key, times); });
  from.durations.ForEachValue(
      [&](DayNumber day, int32_t value, int32_t times) { to.durations.Add(day, value, times); });
  for (std::size_t dimension = 0; dimension < kGroupDimensions; ++dimension) {
    for (const auto& [name, group] : from.groups[dimension]) MergeGroup(group, to.groups[dimension][name]);
  }
  for (const auto& [key, months] : from.reported) {
    for (const auto& [month, sums] : months) AddReported(to.reported[key], month, sums, 1);
  }
}

std::optional<Cube::UnitIndex> Cube::FindUnit(absl::string_view org_unit_id) const {
  const auto found = unit_index_.find(org_unit_id);
  if (found == unit_index_.end()) return std::nullopt;
  return found->second;
}

std::optional<int32_t> Cube::FindReportedKey(const std::string& form_id,
                                             const std::string& indicator_id) const {
  const auto found = reported_index_.find(std::make_pair(form_id, indicator_id));
  if (found == reported_index_.end()) return std::nullopt;
  return found->second;
}

Cube::UnitIndex Cube::InternUnit(absl::string_view org_unit_id) {
  const auto [found, added] = unit_index_.try_emplace(org_unit_id, unit_count());
  if (added) {
    unit_ids_.emplace_back(org_unit_id);
    parents_.push_back(-1);
    own_.emplace_back();
    rolled_.emplace_back();
  }
  return found->second;
}

uint32_t Cube::InternEnterprise(const std::string& uscc) {
  const auto [found, added] = enterprise_index_.try_emplace(uscc, static_cast<uint32_t>(enterprises_.size()));
  if (added) enterprises_.push_back(uscc);
  return found->second;
}

int32_t Cube::InternReported(const std::string& form_id, const std::string& indicator_id) {
  const auto [found, added] = reported_index_.try_emplace(std::make_pair(form_id, indicator_id),
                                                          static_cast<int32_t>(reported_names_.size()));
  if (added) reported_names_.emplace_back(form_id, indicator_id);
  return found->second;
}

}  // namespace zhuqi::reporting
