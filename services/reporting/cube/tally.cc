#include "services/reporting/cube/tally.h"

#include "common/directory/date_message.h"

namespace zhuqi::reporting {
namespace {

ObligationKey KeyOf(const feed::v1::SummaryFacts& facts) {
  const auto month = CivilMonthFrom(facts.month());
  return {month.has_value() ? MonthNumberOf(*month) : 0, facts.org_unit_id(), facts.form_id()};
}

// `Cells`: UnitCells or GroupCells.
template <typename Cells>
void AddCounts(const Contributions& from, int32_t sign, Cells& cells) {
  for (const Count& count : from.counts) {
    cells.counts[static_cast<std::size_t>(count.component)].Add(count.day, sign * count.value);
  }
  for (const Duration& duration : from.durations) cells.durations.Add(duration.day, duration.minutes, sign);
}

}  // namespace

void Tally::Addition::To(UnitCells& cells) const {
  const Contributions& from = contributions;
  AddCounts(from, sign, cells);
  for (std::size_t i = 0; i < from.reached.size(); ++i) {
    if (IsCountedDay(from.reached[i].day)) cells.reached.Add(from.reached[i].day, reached[i], sign);
  }
  for (std::size_t dimension = 0; dimension < kGroupDimensions; ++dimension) {
    if (!from.groups[dimension].has_value()) continue;
    const auto group = cells.groups[dimension].try_emplace(*from.groups[dimension]).first;
    AddCounts(from, sign, group->second);
    if (sign < 0 && group->second.empty()) cells.groups[dimension].erase(group);
  }
  for (std::size_t i = 0; i < from.reported.size(); ++i) {
    const ReportedCell& cell = from.reported[i];
    AddReported(cells.reported[reported[i]], cell.month,
                {cell.value, cell.cells, cell.cells_accepted, cell.due}, sign);
  }
}

Tally::Addition Tally::Resolve(const Contributions& contributions, int32_t sign) {
  Addition addition{contributions, InternUnit(contributions.org_unit_id), sign, {}, {}};
  addition.reached.reserve(contributions.reached.size());
  for (const Reached& reached : contributions.reached)
    addition.reached.push_back(InternEnterprise(reached.uscc));
  for (const ReportedCell& cell : contributions.reported) {
    addition.reported.push_back(InternReported(cell.form_id, cell.indicator_id));
  }
  return addition;
}

void Tally::Add(const Contributions& contributions, int32_t sign,
                absl::FunctionRef<void(const Addition&)> added) {
  const Addition addition = Resolve(contributions, sign);
  addition.To(own_[static_cast<std::size_t>(addition.unit)]);
  added(addition);
}

template <typename Changed>
void Tally::ApplyChange(const Changed& changed, absl::FunctionRef<void(const Addition&)> added) {
  if (changed.has_before()) Add(ContributionsOf(changed.before()), -1, added);
  if (changed.has_after()) Add(ContributionsOf(changed.after()), 1, added);
}

void Tally::Apply(const feed::v1::Event& event, absl::FunctionRef<void(const Addition&)> added) {
  switch (event.payload_case()) {
    case feed::v1::Event::kRecord:
      ApplyChange(event.record(), added);
      break;
    case feed::v1::Event::kCaseChanged:
      ApplyChange(event.case_changed(), added);
      break;
    case feed::v1::Event::kSummary:
      ApplyChange(event.summary(), added);
      StoreObligation(event.summary().after());
      break;
    default:
      break;
  }
}

void Tally::Apply(const feed::v1::Event& event) {
  Apply(event, [](const Addition&) {});
}

void Tally::StoreObligation(const feed::v1::SummaryFacts& facts) { obligations_[KeyOf(facts)] = facts; }

void Tally::RestoreObligation(const feed::v1::SummaryFacts& facts) {
  StoreObligation(facts);
  Contributions reported = ContributionsOf(facts);
  reported.counts.clear();
  Add(reported, 1, [](const Addition&) {});
}

UnitCells& Tally::RestoreOwn(absl::string_view org_unit_id) {
  return own_[static_cast<std::size_t>(InternUnit(org_unit_id))];
}

std::optional<Tally::UnitIndex> Tally::FindUnit(absl::string_view org_unit_id) const {
  const auto found = unit_index_.find(org_unit_id);
  if (found == unit_index_.end()) return std::nullopt;
  return found->second;
}

std::optional<int32_t> Tally::FindReportedKey(const std::string& form_id,
                                              const std::string& indicator_id) const {
  const auto found = reported_index_.find(std::make_pair(form_id, indicator_id));
  if (found == reported_index_.end()) return std::nullopt;
  return found->second;
}

Obligations Tally::ObligationsOf(MonthNumber month) const {
  return {obligations_.lower_bound({month, "", ""}), obligations_.lower_bound({month + 1, "", ""})};
}

Tally::UnitIndex Tally::InternUnit(absl::string_view org_unit_id) {
  const auto [found, added] = unit_index_.try_emplace(org_unit_id, unit_count());
  if (added) {
    unit_ids_.emplace_back(org_unit_id);
    own_.emplace_back();
  }
  return found->second;
}

uint32_t Tally::InternEnterprise(const std::string& uscc) {
  const auto [found, added] = enterprise_index_.try_emplace(uscc, static_cast<uint32_t>(enterprises_.size()));
  if (added) enterprises_.push_back(uscc);
  return found->second;
}

int32_t Tally::InternReported(const std::string& form_id, const std::string& indicator_id) {
  const auto [found, added] = reported_index_.try_emplace(std::make_pair(form_id, indicator_id),
                                                          static_cast<int32_t>(reported_names_.size()));
  if (added) reported_names_.emplace_back(form_id, indicator_id);
  return found->second;
}

}  // namespace zhuqi::reporting
