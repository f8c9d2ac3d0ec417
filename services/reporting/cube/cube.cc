#include "services/reporting/cube/cube.h"

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
