// What the facts in force add up to, unit by unit and day by day: each unit's own cells, and every
// obligation. Nothing is rolled up along the tree here.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_TALLY_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_TALLY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "services/reporting/cube/contributions.h"
#include "services/reporting/cube/unit_cells.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi::reporting {

// Month, unit, form: the order in which obligations are listed.
using ObligationKey = std::tuple<MonthNumber, std::string, std::string>;
using Obligations = std::map<ObligationKey, feed::v1::SummaryFacts>;

// Not thread-safe; copyable. Equal logs give equal cells in whatever order the partitions are applied.
class Tally {
 public:
  using UnitIndex = int32_t;

  // Facts that are added (sign 1) or taken back (-1), with names resolved to numbers once for all the units
  // that they count for.
  struct Addition {
    const Contributions& contributions;
    UnitIndex unit = 0;
    int32_t sign = 1;
    std::vector<uint32_t> reached;  // as contributions.reached
    std::vector<int32_t> reported;  // as contributions.reported
    void To(UnitCells& cells) const;
  };

  // Takes in what an event changes, and tells `added` of each addition that this took; events without facts
  // change nothing.
  void Apply(const feed::v1::Event& event, absl::FunctionRef<void(const Addition&)> added);
  void Apply(const feed::v1::Event& event);

  // Numbers given to names. They stay, and each list only grows.
  UnitIndex InternUnit(absl::string_view org_unit_id);
  uint32_t InternEnterprise(const std::string& uscc);
  // Nullopt for a unit that was never named.
  std::optional<UnitIndex> FindUnit(absl::string_view org_unit_id) const;
  UnitIndex unit_count() const { return static_cast<UnitIndex>(unit_ids_.size()); }
  const std::string& unit_id(UnitIndex unit) const { return unit_ids_[static_cast<std::size_t>(unit)]; }
  // Credit codes by their number in DistinctSeries.
  const std::vector<std::string>& enterprises() const { return enterprises_; }
  // The key of UnitCells::reported; nullopt when nothing of it was ever due or reported. The empty indicator
  // stands for what is due by the form.
  std::optional<int32_t> FindReportedKey(const std::string& form_id, const std::string& indicator_id) const;
  // Form and indicator by their key.
  const std::vector<std::pair<std::string, std::string>>& reported_names() const { return reported_names_; }

  const UnitCells& Own(UnitIndex unit) const { return own_[static_cast<std::size_t>(unit)]; }
  const Obligations& obligations() const { return obligations_; }
  Obligations ObligationsOf(MonthNumber month) const;

  // For restoring a checkpoint: fill in the own cells of each unit (all but `reported`) and the obligations.
  UnitCells& RestoreOwn(absl::string_view org_unit_id);
  void RestoreObligation(const feed::v1::SummaryFacts& facts);

 private:
  Addition Resolve(const Contributions& contributions, int32_t sign);
  void Add(const Contributions& contributions, int32_t sign, absl::FunctionRef<void(const Addition&)> added);
  template <typename Changed>
  void ApplyChange(const Changed& changed, absl::FunctionRef<void(const Addition&)> added);
  int32_t InternReported(const std::string& form_id, const std::string& indicator_id);
  void StoreObligation(const feed::v1::SummaryFacts& facts);

  absl::flat_hash_map<std::string, UnitIndex> unit_index_;
  std::vector<std::string> unit_ids_;
  std::vector<UnitCells> own_;
  absl::flat_hash_map<std::string, uint32_t> enterprise_index_;
  std::vector<std::string> enterprises_;
  absl::flat_hash_map<std::pair<std::string, std::string>, int32_t> reported_index_;
  std::vector<std::pair<std::string, std::string>> reported_names_;
  Obligations obligations_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_TALLY_H_
