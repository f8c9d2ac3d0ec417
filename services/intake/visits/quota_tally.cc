#include "services/intake/visits/quota_tally.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/base/status_macros.h"
#include "services/intake/visits/visit_store.h"

namespace zhuqi::intake {
namespace {

// More units than this are no condition: the whole month is read, which is faster then.
constexpr size_t kMaxUnits = 500;

// Counts for one quota. Rows of one visit follow each other.
struct Counter {
  const v1::VisitPlan* plan = nullptr;
  VisitTally* tally = nullptr;
  Uuid last_visit;
  absl::flat_hash_set<std::string> enterprises;

  bool Wants(const VisitedEnterprise& row) const {
    return (plan->team_id().empty() || plan->team_id() == row.team_id) &&
           (plan->department_id().empty() || plan->department_id() == row.department_id);
  }
  void Take(const VisitedEnterprise& row) {
    if (tally->visits == 0 || row.record_id != last_visit) ++tally->visits;
    last_visit = row.record_id;
    if (enterprises.insert(row.uscc).second) ++tally->enterprises;
  }
};

class MonthCount {
 public:
  MonthCount(const Directory& directory, absl::CivilMonth month) : directory_(directory), month_(month) {}

  void Add(const StoredQuota& quota, VisitTally& tally) {
    counters_[quota.plan.org_unit_id()].push_back({&quota.plan, &tally, Uuid(), {}});
  }

  absl::Status Run(db::Connection& connection) {
    const absl::CivilDay first(month_);
    const absl::CivilDay last = absl::CivilDay(month_ + 1) - 1;
    return ForEachVisited(connection, first, last, Units(first, last),
                          [this](const VisitedEnterprise& row) { Take(row); });
  }

 private:
  // All units whose visits may count; empty for all there are.
  std::vector<std::string> Units(absl::CivilDay first, absl::CivilDay last) const {
    std::set<std::string> units;
    for (const auto& [unit, counters] : counters_) {
      for (const std::vector<std::string>& below :
           {directory_.SelfAndBelow(unit), directory_.SelfAndBelow(unit, first),
            directory_.SelfAndBelow(unit, last)}) {
        units.insert(below.begin(), below.end());
      }
      if (units.size() > kMaxUnits) return {};
    }
    return {units.begin(), units.end()};
  }

  void Take(const VisitedEnterprise& row) {
    if (row.on != day_) {
      day_ = row.on;
      counters_of_.clear();
    }
    const auto [found, is_new] = counters_of_.try_emplace(row.org_unit_id);
    if (is_new) found->second = CountersOf(row.org_unit_id);
    for (Counter* counter : found->second) {
      if (counter->Wants(row)) counter->Take(row);
    }
  }

  // Those of the unit and of what was above it on the day.
  std::vector<Counter*> CountersOf(const std::string& org_unit_id) {
    std::vector<std::string> units = directory_.AncestorsOf(org_unit_id, day_);
    units.push_back(org_unit_id);
    std::vector<Counter*> counters;
    for (const std::string& unit : units) {
      const auto found = counters_.find(unit);
      if (found == counters_.end()) continue;
      for (Counter& counter : found->second) counters.push_back(&counter);
    }
    return counters;
  }

  const Directory& directory_;
  const absl::CivilMonth month_;
  std::map<std::string, std::vector<Counter>> counters_;  // by the plan's unit
  absl::CivilDay day_;
  absl::flat_hash_map<std::string, std::vector<Counter*>> counters_of_;  // by the visit's unit, on day_
};

}  // namespace

absl::StatusOr<std::vector<VisitTally>> CountVisits(db::Connection& connection, const Directory& directory,
                                                    const std::vector<StoredQuota>& quotas) {
  std::vector<VisitTally> tallies(quotas.size());
  std::map<absl::CivilMonth, MonthCount> months;
  for (size_t i = 0; i < quotas.size(); ++i) {
    months.try_emplace(quotas[i].month, directory, quotas[i].month).first->second.Add(quotas[i], tallies[i]);
  }
  for (auto& [month, count] : months) ZHUQI_RETURN_IF_ERROR(count.Run(connection));
  return tallies;
}

}  // namespace zhuqi::intake
