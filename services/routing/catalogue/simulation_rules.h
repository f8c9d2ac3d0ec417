// What a draft would make of cases of the past. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_SIMULATION_RULES_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_SIMULATION_RULES_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/directory/directory.h"
#include "services/routing/catalogue/compiled_catalogue.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/catalogue_comparison.pb.h"

namespace zhuqi::routing {

// A catalogue and what it decides. Absent: nobody leads.
struct DecisionBy {
  const v1::Catalogue& catalogue;
  const std::optional<v1::RouteDecision>& decision;
};

// Fields of RouteDecision that say where a case goes and under which clocks, and differ; a clock policy or
// a ladder of the same name that asks for something else differs, too.
std::vector<std::string> RouteDifferences(const DecisionBy& before, const DecisionBy& after);

// Decides one case after the other by two catalogues, and counts. All arguments must outlive it.
class Simulation {
 public:
  Simulation(const CompiledCatalogue& in_force, const CompiledCatalogue& draft, const Directory& directory)
      : in_force_(in_force), draft_(draft), directory_(directory) {}

  // The case, if it would go elsewhere by the draft.
  std::optional<v1::SimulatedCase> Replay(const v1::Case& body);

  v1::SimulationSums Sums() const;

 private:
  using Flows = std::map<std::pair<std::string, std::string>, int64_t>;

  std::optional<v1::RouteDecision> Decide(const CompiledCatalogue& catalogue, const v1::Case& body) const;
  void Count(const v1::SimulatedCase& simulated);

  const CompiledCatalogue& in_force_;
  const CompiledCatalogue& draft_;
  const Directory& directory_;
  int64_t replayed_ = 0;
  int64_t changed_ = 0;
  std::map<std::string, int64_t> fields_;
  Flows rules_;
  Flows owners_;
  Flows lead_functions_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_SIMULATION_RULES_H_
