// The aggregate in memory: what the facts in force add up to, by unit, day and component, rolled up along the
// tree.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_CUBE_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_CUBE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/directory/directory.h"
#include "services/reporting/cube/contributions.h"
#include "services/reporting/cube/distinct_series.h"
#include "services/reporting/cube/distribution_series.h"
#include "services/reporting/cube/series.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi::reporting {

// Cells of one group of one unit.
struct GroupCells {
  std::array<SparseSeries, kComponentCount> counts;
  DistributionSeries durations;
  bool empty() const;
};

// What summaries of one month report for one indicator.
struct ReportedSums {
  int64_t value = 0;
  int32_t cells = 0;
  int32_t cells_accepted = 0;
  int32_t due = 0;
  bool empty() const { return value == 0 && cells == 0 && cells_accepted == 0 && due == 0; }
  friend bool operator==(const ReportedSums&, const ReportedSums&) = default;
};

using GroupMap = std::map<std::string, GroupCells, std::less<>>;

// Cells of one unit: its own, or its own and those of all below it.
struct UnitCells {
  std::array<DaySeries, kComponentCount> counts;
  DistinctSeries reached;
  DistributionSeries durations;
  std::array<GroupMap, kGroupDimensions> groups;
  absl::flat_hash_map<int32_t, std::map<MonthNumber, ReportedSums>> reported;  // by Cube::FindReportedKey
};

// Month, unit, form: the order in which obligations are listed.
using ObligationKey = std::tuple<MonthNumber, std::string, std::string>;

// Not thread-safe; copyable. Equal logs give equal cells in whatever order the partitions are applied.
class Cube {
 public:
  using UnitIndex = int32_t;

  // Takes over the tree. New units extend the cube; when a known unit has another parent than before, all
  // that is rolled up is worked out again from the units' own cells.
  void SetDirectory(const Directory& directory);

  // Takes in what an event changes; events without facts change nothing.
  void Apply(const feed::v1::Event& event);

  // Nullopt for a unit that is neither in the directory nor in any event.
  std::optional<UnitIndex> FindUnit(absl::string_view org_unit_id) const;
  UnitIndex unit_count() const { return static_cast<UnitIndex>(unit_ids_.size()); }
  const std::string& unit_id(UnitIndex unit) const { return unit_ids_[static_cast<std::size_t>(unit)]; }
  const UnitCells& Own(UnitIndex unit) const { return own_[static_cast<std::size_t>(unit)]; }
  // The unit and all below it.
  const UnitCells& Rolled(UnitIndex unit) const { return rolled_[static_cast<std::size_t>(unit)]; }

  // The key of UnitCells::reported; nullopt when nothing of it was ever due or reported. The empty indicator
  // stands for what is due by the form.
  std::optional<int32_t> FindReportedKey(const std::string& form_id, const std::string& indicator_id) const;
  // Form and indicator of a key.
  const std::pair<std::string, std::string>& reported_key(int32_t key) const {
    return reported_names_[static_cast<std::size_t>(key)];
  }

  const std::map<ObligationKey, feed::v1::SummaryFacts>& obligations() const { return obligations_; }
  // Credit codes by their number in DistinctSeries.
  const std::vector<std::string>& enterprises() const { return enterprises_; }

  // For restoring a checkpoint: fill in the own cells of each unit (all but `reported`) and the obligations,
  // then roll up.
  UnitCells& RestoreOwn(absl::string_view org_unit_id);
  uint32_t RestoreEnterprise(const std::string& uscc) { return InternEnterprise(uscc); }
  void RestoreObligation(const feed::v1::SummaryFacts& facts);
  void RollUp();

 private:
  // Contributions with names resolved to numbers, once for the unit and all above it.
  struct Resolved;
  Resolved Resolve(const Contributions& contributions);
  static void AddTo(UnitCells& cells, const Resolved& resolved, int32_t sign);
  static void Merge(const UnitCells& from, UnitCells& to);
  void Add(const Contributions& contributions, int32_t sign);
  template <typename Changed>
  void ApplyChange(const Changed& changed);
  template <typename Each>
  void ForSelfAndAbove(UnitIndex unit, Each each);
  UnitIndex InternUnit(absl::string_view org_unit_id);
  uint32_t InternEnterprise(const std::string& uscc);
  int32_t InternReported(const std::string& form_id, const std::string& indicator_id);
  void StoreObligation(const feed::v1::SummaryFacts& facts);

  absl::flat_hash_map<std::string, UnitIndex> unit_index_;
  std::vector<std::string> unit_ids_;
  std::vector<UnitIndex> parents_;  // -1: none
  std::vector<UnitCells> own_;
  std::vector<UnitCells> rolled_;
  absl::flat_hash_map<std::string, uint32_t> enterprise_index_;
  std::vector<std::string> enterprises_;
  absl::flat_hash_map<std::pair<std::string, std::string>, int32_t> reported_index_;
  std::vector<std::pair<std::string, std::string>> reported_names_;
  std::map<ObligationKey, feed::v1::SummaryFacts> obligations_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_CUBE_H_
