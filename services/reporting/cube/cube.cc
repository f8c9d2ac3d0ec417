#include "services/reporting/cube/cube.h"

#include "absl/container/flat_hash_map.h"
#include "common/directory/unit_history.h"

namespace zhuqi::reporting {
namespace {
// Deeper than any tree that the directory admits; a damaged one must not keep the writer for ever.
constexpr int kMaxDepth = 32;
}  // namespace

template <typename Each>
void Cube::ForSelfAndAbove(UnitIndex unit, Each each) {
  for (int depth = 0; unit >= 0 && depth < kMaxDepth; ++depth) {
    each(rolled_[static_cast<std::size_t>(unit)]);
    unit = parents_[static_cast<std::size_t>(unit)];
  }
}

void Cube::Apply(const feed::v1::Event& event) {
  tally_.Apply(event, [this](const Tally::Addition& addition) {
    Grow();
    ForSelfAndAbove(addition.unit, [&](UnitCells& cells) { addition.To(cells); });
  });
}

void Cube::SetDirectory(const Directory& directory) {
  const UnitIndex known = unit_count();
  for (const auto& [id, unit] : directory.units()) tally_.InternUnit(id);
  bool moved = false;
  for (const auto& [id, unit] : directory.units()) {
    const UnitIndex index = tally_.InternUnit(id);
    const UnitIndex parent = unit.parent_id().empty() ? -1 : tally_.InternUnit(unit.parent_id());
    Grow();
    UnitIndex& stored = parents_[static_cast<std::size_t>(index)];
    moved = moved || (index < known && stored != parent);
    stored = parent;
  }
  if (moved) RollUp();
}

void Cube::RollUp() {
  Grow();
  rolled_.assign(rolled_.size(), UnitCells());
  for (UnitIndex unit = 0; unit < unit_count(); ++unit) {
    ForSelfAndAbove(unit, [&](UnitCells& cells) { Merge(tally_.Own(unit), cells); });
  }
}
std::vector<UnitCells> Cube::RolledOn(const Directory& directory, absl::CivilDay day,
                                      const std::vector<std::string>& org_unit_ids) const {
  std::vector<UnitCells> rolled(org_unit_ids.size());
  absl::flat_hash_map<absl::string_view, std::size_t> wanted;
  for (std::size_t i = 0; i < org_unit_ids.size(); ++i) wanted.emplace(org_unit_ids[i], i);
  for (UnitIndex unit = 0; unit < unit_count(); ++unit) {
    absl::string_view at = unit_id(unit);
    for (int depth = 0; !at.empty() && depth < kMaxDepth; ++depth) {
      if (const auto found = wanted.find(at); found != wanted.end())
        Merge(tally_.Own(unit), rolled[found->second]);
      const directory::v1::OrgUnit* known = directory.FindUnit(at);
      at = known == nullptr ? absl::string_view() : absl::string_view(ParentOn(*known, day));
    }
  }
  return rolled;
}

void Cube::Grow() {
  const auto count = static_cast<std::size_t>(unit_count());
  if (rolled_.size() == count) return;
  parents_.resize(count, -1);
  rolled_.resize(count);
}

const std::string& Cube::parent_id(UnitIndex unit) const {
  static const std::string& none = *new std::string();
  const UnitIndex parent = parents_[static_cast<std::size_t>(unit)];
  return parent < 0 ? none : unit_id(parent);
}

}  // namespace zhuqi::reporting
