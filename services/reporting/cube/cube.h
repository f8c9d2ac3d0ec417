// The aggregate in memory: what the facts in force add up to, by unit, day and component, rolled up along the
// tree.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_CUBE_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_CUBE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "services/reporting/cube/tally.h"
#include "services/reporting/cube/unit_cells.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi::reporting {

// Not thread-safe; copyable. Equal logs give equal cells in whatever order the partitions are applied.
class Cube {
 public:
  using UnitIndex = Tally::UnitIndex;

  // Takes over the tree. New units extend the cube; when a known unit has another parent than before, all
  // that is rolled up is worked out again from the units' own cells.
  void SetDirectory(const Directory& directory);

  // Takes in what an event changes; events without facts change nothing.
  void Apply(const feed::v1::Event& event);

  // The units' own cells, and all names.
  const Tally& tally() const { return tally_; }
  // Nullopt for a unit that is neither in the directory nor in any event.
  std::optional<UnitIndex> FindUnit(absl::string_view org_unit_id) const {
    return tally_.FindUnit(org_unit_id);
  }
  UnitIndex unit_count() const { return tally_.unit_count(); }
  const std::string& unit_id(UnitIndex unit) const { return tally_.unit_id(unit); }
  // The unit above; empty when there is none.
  const std::string& parent_id(UnitIndex unit) const;
  // The unit and all below it.
  const UnitCells& Rolled(UnitIndex unit) const { return rolled_[static_cast<std::size_t>(unit)]; }
  // As Rolled, of each of the units, along the tree as it was on `day`: every unit stands below the parent
  // that it had then, also one that did not exist yet or no more, so that nothing is left out. Costs as much
  // as there are cells.
  std::vector<UnitCells> RolledOn(const Directory& directory, absl::CivilDay day,
                                  const std::vector<std::string>& org_unit_ids) const;
  std::optional<int32_t> FindReportedKey(const std::string& form_id, const std::string& indicator_id) const {
    return tally_.FindReportedKey(form_id, indicator_id);
  }
  const Obligations& obligations() const { return tally_.obligations(); }

  // For restoring a checkpoint: SetDirectory, fill this in, then RollUp.
  Tally& Restore() { return tally_; }
  void RollUp();

 private:
  // Cells and parents for units that the tally has come to know.
  void Grow();
  template <typename Each>
  void ForSelfAndAbove(UnitIndex unit, Each each);

  Tally tally_;
  std::vector<UnitIndex> parents_;  // -1: none
  std::vector<UnitCells> rolled_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_CUBE_H_
