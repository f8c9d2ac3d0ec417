// What a cube that is served and a tally that was counted again disagree on.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_CUBE_COMPARE_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_CUBE_COMPARE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/directory/directory.h"
#include "services/reporting/cube/cube.h"
#include "services/reporting/cube/tally.h"
#include "zhuqi/reporting/v1/report_service.pb.h"

namespace zhuqi::reporting {

struct Comparison {
  int64_t cells = 0;  // that either of them has
  int64_t found = 0;  // all that differ
  // The first of those that differ, at most as many as asked for.
  std::vector<v1::FigureDifference> differences;
};

// One unit of a cube that is served.
struct ServedUnit {
  std::string org_unit_id;
  std::string parent_id;
  UnitCells own;
  UnitCells rolled;
};

// Without cells for a unit that the cube does not know.
ServedUnit ServedUnitOf(const Cube& cube, const std::string& org_unit_id);

// Compares part by part, so that what is served need neither stand still nor be copied as a whole: between
// the parts both may move on, as long as they stand at the same place for each.
class CubeComparer {
 public:
  // `recounted` must outlive this. It also takes up the names of the served cube: parts are compared by its
  // numbers.
  CubeComparer(Tally& recounted, std::size_t max_differences)
      : recounted_(recounted), max_(max_differences) {}

  // Takes up at most so many names that are new; false when some are left. All names in a part must have been
  // taken up before the part is compared.
  bool TakeNames(const Tally& served, std::size_t at_most);

  // The unit's own cells, and what is rolled up with what all units in and below it by `directory` add up to.
  void CompareUnit(const ServedUnit& served, const Directory& directory);

  // All obligations of a month.
  void CompareObligations(MonthNumber month, const Obligations& served);

  Comparison& result() { return result_; }

 private:
  // Whose cells are compared, and which.
  struct Subject {
    std::string org_unit_id;
    v1::CellScope scope = v1::CELL_SCOPE_UNSPECIFIED;
    std::string component = {};
    v1::GroupBy group_by = v1::GROUP_BY_UNSPECIFIED;
    std::string group = {};
  };
  // When, and of what; see v1::FigureDifference.
  struct Place {
    Grain grain = Grain::kDay;
    int32_t bucket = 0;
    std::string item = {};
  };

  static void Write(const Place& place, v1::FigureDifference& difference);

  void CompareParent(const ServedUnit& served, const Directory& directory);
  void CompareCells(const Subject& subject, const UnitCells& served, const UnitCells& recounted);
  template <typename Cells>
  void CompareCounts(Subject subject, const Cells& served, const Cells& recounted);
  template <typename Series>
  void CompareDays(const Subject& subject, const Series& served, const Series& recounted);
  void CompareMonths(const Subject& subject, const DaySeries& served, const DaySeries& recounted);
  void CompareDurations(const Subject& subject, const DistributionSeries& served,
                        const DistributionSeries& recounted);
  void CompareGroups(Subject subject, const GroupMap& served, const GroupMap& recounted);
  void CompareReached(const Subject& subject, const DistinctSeries& served, const DistinctSeries& recounted);
  void CompareReported(Subject subject, const UnitCells& served, const UnitCells& recounted);
  void CompareObligation(const ObligationKey& key, const feed::v1::SummaryFacts& served,
                         const feed::v1::SummaryFacts& recounted);

  // Of the served cube's numbers.
  uint32_t EnterpriseOf(uint32_t served) const;
  std::string NameOf(uint32_t enterprise) const;

  // Counts a cell, and says whether both agree on it.
  bool Agree(int64_t served, int64_t recounted);
  void Report(const Subject& subject, const Place& place, int64_t served, int64_t recounted);
  // Counts a difference; where to write it down, or null when enough are.
  v1::FigureDifference* Found(const Subject& subject);

  Tally& recounted_;
  const std::size_t max_;
  std::vector<uint32_t> enterprises_;                                // served number -> recounted number
  std::vector<std::pair<std::string, std::string>> reported_names_;  // of the served cube
  Comparison result_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_CUBE_COMPARE_H_
