#include "services/reporting/cube/cube_compare.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "services/reporting/cube/message_fields.h"

namespace zhuqi::reporting {
namespace {

constexpr DaySpan kAllDays{0, kLastDay};
// A number of the served cube that no name belongs to is shown as it is.
constexpr uint32_t kNameless = uint32_t{1} << 31;

constexpr std::array<v1::GroupBy, kGroupDimensions> kDimensions = {
    v1::GROUP_BY_ISSUE_KIND, v1::GROUP_BY_CATEGORY, v1::GROUP_BY_DEPARTMENT};

v1::CellPeriod PeriodOf(Grain grain) {
  switch (grain) {
    case Grain::kYear:
      return v1::CELL_PERIOD_YEAR;
    case Grain::kMonth:
      return v1::CELL_PERIOD_MONTH;
    default:
      return v1::CELL_PERIOD_DAY;
  }
}

// Calls each(key, left, right) for every key that either has, with null for the one that does not have it.
// Both are in the order of their keys.
template <typename Pairs, typename Each>
void Walk(const Pairs& left, const Pairs& right, Each each) {
  auto l = left.begin();
  auto r = right.begin();
  while (l != left.end() || r != right.end()) {
    const bool in_left = r == right.end() || (l != left.end() && !(r->first < l->first));
    const bool in_right = l == left.end() || (r != right.end() && !(l->first < r->first));
    each(in_left ? l->first : r->first, in_left ? &l->second : nullptr, in_right ? &r->second : nullptr);
    if (in_left) ++l;
    if (in_right) ++r;
  }
}

template <typename Value>
const Value& OrEmpty(const Value* value) {
  static const Value& empty = *new Value();
  return value == nullptr ? empty : *value;
}

std::vector<int32_t> Union(const std::vector<int32_t>& left, const std::vector<int32_t>& right) {
  std::vector<int32_t> both;
  std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
  return both;
}

using Numbers = std::vector<std::pair<int32_t, int64_t>>;  // by day or month

template <typename Series>
Numbers DaysOf(const Series& series) {
  Numbers numbers;
  series.ForEach(kAllDays, [&](DayNumber day, int64_t value) { numbers.emplace_back(day, value); });
  return numbers;
}

Numbers MonthsOf(const DaySeries& series) {
  Numbers numbers;
  series.ForEachMonth([&](MonthNumber month, int64_t value) { numbers.emplace_back(month, value); });
  return numbers;
}

// What the unit and all below it add up to.
UnitCells RolledUp(const Tally& tally, const Directory& directory, const std::string& org_unit_id) {
  UnitCells cells;
  std::vector<std::string> units = {org_unit_id};
  // No more than there are, whatever a damaged tree says.
  for (std::size_t next = 0; next < units.size() && next <= directory.units().size(); ++next) {
    if (const auto unit = tally.FindUnit(units[next])) Merge(tally.Own(*unit), cells);
    const std::vector<std::string>& children = directory.ChildrenOf(units[next]);
    units.insert(units.end(), children.begin(), children.end());
  }
  return cells;
}

// By form, indicator and month.
using ReportedCells = std::map<std::pair<std::pair<std::string, std::string>, MonthNumber>, ReportedSums>;
ReportedCells ReportedOf(const UnitCells& unit,
                         const std::vector<std::pair<std::string, std::string>>& names) {
  ReportedCells cells;
  for (const auto& [key, months] : unit.reported) {
    const bool named = key >= 0 && static_cast<std::size_t>(key) < names.size();
    const auto name = named ? names[static_cast<std::size_t>(key)] : std::make_pair(absl::StrCat(key), "");
    for (const auto& [month, sums] : months) cells[{name, month}] = sums;
  }
  return cells;
}

}  // namespace

ServedUnit ServedUnitOf(const Cube& cube, const std::string& org_unit_id) {
  const auto unit = cube.FindUnit(org_unit_id);
  if (!unit.has_value()) return {org_unit_id, "", {}, {}};
  return {org_unit_id, cube.parent_id(*unit), cube.tally().Own(*unit), cube.Rolled(*unit)};
}

bool CubeComparer::TakeNames(const Tally& served, std::size_t at_most) {
  const std::vector<std::string>& names = served.enterprises();
  const std::size_t end =
      names.size() - enterprises_.size() > at_most ? enterprises_.size() + at_most : names.size();
  for (std::size_t i = enterprises_.size(); i < end; ++i) {
    enterprises_.push_back(recounted_.InternEnterprise(names[i]));
  }
  reported_names_ = served.reported_names();
  return end == names.size();
}

uint32_t CubeComparer::EnterpriseOf(uint32_t served) const {
  return served < enterprises_.size() ? enterprises_[served] : kNameless | served;
}

std::string CubeComparer::NameOf(uint32_t enterprise) const {
  const std::vector<std::string>& names = recounted_.enterprises();
  return enterprise < names.size() ? names[enterprise] : absl::StrCat("#", enterprise & ~kNameless);
}

void CubeComparer::CompareUnit(const ServedUnit& served, const Directory& directory) {
  const std::string& id = served.org_unit_id;
  CompareParent(served, directory);
  const auto index = recounted_.FindUnit(id);
  const UnitCells none;
  CompareCells({id, v1::CELL_SCOPE_OWN}, served.own, index.has_value() ? recounted_.Own(*index) : none);
  CompareCells({id, v1::CELL_SCOPE_ROLLED_UP}, served.rolled, RolledUp(recounted_, directory, id));
}

void CubeComparer::CompareParent(const ServedUnit& served, const Directory& directory) {
  ++result_.cells;
  const directory::v1::OrgUnit* unit = directory.FindUnit(served.org_unit_id);
  const std::string parent = unit == nullptr ? std::string() : unit->parent_id();
  if (served.parent_id == parent) return;
  v1::FigureDifference* difference = Found({served.org_unit_id, v1::CELL_SCOPE_OWN, "parent"});
  if (difference == nullptr) return;
  difference->set_served_text(served.parent_id);
  difference->set_recounted_text(parent);
}

void CubeComparer::CompareCells(const Subject& subject, const UnitCells& served, const UnitCells& recounted) {
  Subject named = subject;
  CompareCounts(named, served, recounted);
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    named.component = std::string(ComponentName(static_cast<Component>(i)));
    CompareMonths(named, served.counts[i], recounted.counts[i]);
  }
  named.component = "enterprises_reached";
  CompareReached(named, served.reached, recounted.reached);
  for (std::size_t dimension = 0; dimension < kGroupDimensions; ++dimension) {
    named.group_by = kDimensions[dimension];
    CompareGroups(named, served.groups[dimension], recounted.groups[dimension]);
  }
  CompareReported(subject, served, recounted);
}

// What units and groups have alike.
template <typename Cells>
void CubeComparer::CompareCounts(Subject subject, const Cells& served, const Cells& recounted) {
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    subject.component = std::string(ComponentName(static_cast<Component>(i)));
    CompareDays(subject, served.counts[i], recounted.counts[i]);
  }
  subject.component = "handling_time";
  CompareDurations(subject, served.durations, recounted.durations);
}

template <typename Series>
void CubeComparer::CompareDays(const Subject& subject, const Series& served, const Series& recounted) {
  Walk(DaysOf(served), DaysOf(recounted), [&](int32_t day, const int64_t* left, const int64_t* right) {
    if (Agree(OrEmpty(left), OrEmpty(right))) return;
    Report(subject, {Grain::kDay, day}, OrEmpty(left), OrEmpty(right));
  });
}

void CubeComparer::CompareMonths(const Subject& subject, const DaySeries& served,
                                 const DaySeries& recounted) {
  Walk(MonthsOf(served), MonthsOf(recounted), [&](int32_t month, const int64_t* left, const int64_t* right) {
    if (Agree(OrEmpty(left), OrEmpty(right))) return;
    Report(subject, {Grain::kMonth, month}, OrEmpty(left), OrEmpty(right));
  });
}

void CubeComparer::CompareDurations(const Subject& subject, const DistributionSeries& served,
                                    const DistributionSeries& recounted) {
  for (const Grain grain : kGrains) {
    for (const int32_t bucket : Union(served.Buckets(grain), recounted.Buckets(grain))) {
      Walk(served.At(grain, bucket), recounted.At(grain, bucket),
           [&](int32_t minutes, const int32_t* left, const int32_t* right) {
             if (Agree(OrEmpty(left), OrEmpty(right))) return;
             Report(subject, {grain, bucket, absl::StrCat(minutes)}, OrEmpty(left), OrEmpty(right));
           });
    }
  }
}

void CubeComparer::CompareGroups(Subject subject, const GroupMap& served, const GroupMap& recounted) {
  Walk(served, recounted, [&](const std::string& group, const GroupCells* left, const GroupCells* right) {
    subject.group = group;
    CompareCounts(subject, OrEmpty(left), OrEmpty(right));
  });
}

void CubeComparer::CompareReached(const Subject& subject, const DistinctSeries& served,
                                  const DistinctSeries& recounted) {
  for (const Grain grain : kGrains) {
    const DistinctSeries::View left = served.Of(grain);
    const DistinctSeries::View right = recounted.Of(grain);
    for (const int32_t bucket : Union(left.Buckets(), right.Buckets())) {
      DistinctSeries::Times renumbered = left.At(bucket);
      for (auto& [enterprise, times] : renumbered) enterprise = EnterpriseOf(enterprise);
      std::sort(renumbered.begin(), renumbered.end());
      Walk(renumbered, right.At(bucket), [&](uint32_t enterprise, const int32_t* one, const int32_t* other) {
        if (Agree(OrEmpty(one), OrEmpty(other))) return;
        Report(subject, {grain, bucket, NameOf(enterprise)}, OrEmpty(one), OrEmpty(other));
      });
    }
  }
}

void CubeComparer::CompareReported(Subject subject, const UnitCells& served, const UnitCells& recounted) {
  Walk(ReportedOf(served, reported_names_), ReportedOf(recounted, recounted_.reported_names()),
       [&](const auto& key, const ReportedSums* left, const ReportedSums* right) {
         const auto& [form, indicator] = key.first;
         subject.component = absl::StrCat("reported/", form, "/", indicator);
         const ReportedSums& one = OrEmpty(left);
         const ReportedSums& other = OrEmpty(right);
         const auto number = [&](const char* item, int64_t is, int64_t was) {
           if (!Agree(is, was)) Report(subject, {Grain::kMonth, key.second, item}, is, was);
         };
         number("value", one.value, other.value);
         number("cells", one.cells, other.cells);
         number("cells_accepted", one.cells_accepted, other.cells_accepted);
         number("cells_due", one.due, other.due);
       });
}

void CubeComparer::CompareObligations(MonthNumber month, const Obligations& served) {
  Walk(
      served, recounted_.ObligationsOf(month),
      [&](const ObligationKey& key, const feed::v1::SummaryFacts* left, const feed::v1::SummaryFacts* right) {
        if (left != nullptr && right != nullptr) return CompareObligation(key, *left, *right);
        const auto& [of_month, unit, form] = key;
        ++result_.cells;
        Report({unit, v1::CELL_SCOPE_OWN, absl::StrCat("obligation/", form)}, {Grain::kMonth, of_month},
               left == nullptr ? 0 : 1, right == nullptr ? 0 : 1);
      });
}

void CubeComparer::CompareObligation(const ObligationKey& key, const feed::v1::SummaryFacts& served,
                                     const feed::v1::SummaryFacts& recounted) {
  ++result_.cells;
  const auto& [month, unit, form] = key;
  const Subject subject{unit, v1::CELL_SCOPE_OWN, absl::StrCat("obligation/", form)};
  for (const FieldDifference& field : DifferentFields(served, recounted)) {
    v1::FigureDifference* difference = Found(subject);
    if (difference == nullptr) continue;
    Write({Grain::kMonth, month, field.path}, *difference);
    difference->set_served_text(field.left);
    difference->set_recounted_text(field.right);
  }
}

bool CubeComparer::Agree(int64_t served, int64_t recounted) {
  ++result_.cells;
  return served == recounted;
}

void CubeComparer::Report(const Subject& subject, const Place& place, int64_t served, int64_t recounted) {
  v1::FigureDifference* difference = Found(subject);
  if (difference == nullptr) return;
  Write(place, *difference);
  difference->set_served(served);
  difference->set_recounted(recounted);
}

void CubeComparer::Write(const Place& place, v1::FigureDifference& difference) {
  difference.set_period(PeriodOf(place.grain));
  *difference.mutable_date() = DateMessage(CivilDayOf(FirstDayOf(place.grain, place.bucket)));
  difference.set_item(place.item);
}

v1::FigureDifference* CubeComparer::Found(const Subject& subject) {
  ++result_.found;
  if (result_.differences.size() >= max_) return nullptr;
  v1::FigureDifference& difference = result_.differences.emplace_back();
  difference.set_component(subject.component);
  difference.set_org_unit_id(subject.org_unit_id);
  difference.set_scope(subject.scope);
  difference.set_group_by(subject.group_by);
  difference.set_group(subject.group);
  return &difference;
}

}  // namespace zhuqi::reporting
