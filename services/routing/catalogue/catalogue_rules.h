// What a responsibility catalogue decides, and whether it may be put in force. Pure: catalogue, directory and
// inputs are arguments, and the same three give the same decision for ever.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/calendar/deadline.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// Whether `catalogue` may be put in force over `directory`. INVALID_ARGUMENT with one violation for each
// thing wrong (field paths begin with "catalogue."), or CATALOGUE_HAS_HOLES with one violation for each pair
// of category and unit whose cases would have no owner: 50 are named, and up to 950 more are counted.
absl::Status CheckCatalogue(const v1::Catalogue& catalogue, const Directory& directory);
// The first half of it: what is wrong with the catalogue in itself, without looking for holes.
absl::Status CheckContent(const v1::Catalogue& catalogue, const Directory& directory);

// A pair whose cases would go nowhere.
struct CatalogueHole {
  std::string category_id;
  std::string org_unit_id;
  // The rule that would take them. Empty: a default.
  std::string rule_id;
  // The unit whose default would take them. Empty with an empty rule_id: the default of the catalogue.
  std::string default_org_unit_id;
  // The function that no department has there or above.
  std::string lead_function;
};

// At most `limit` holes, over every category and every unit at level CITY or below. A pair is a hole when any
// inputs of that category and unit reach a target whose lead can not be found.
// INVALID_ARGUMENT CATALOGUE_TOO_COMPLEX: it would take too long to find out.
absl::StatusOr<std::vector<CatalogueHole>> FindHoles(const v1::Catalogue& catalogue,
                                                     const Directory& directory, int limit);

// What is wrong with the inputs of a decision; field paths begin with `path`, such as "inputs". OK when
// nothing is.
absl::Status CheckInputs(const v1::RouteInputs& inputs, const Directory& directory, absl::string_view path);

// The decision for `inputs`. The first rule whose conditions all hold decides, else the default of the
// nearest unit that has one, else that of the catalogue. Its lead is the department with lead_function at the
// target's level, or else the nearest above. The unit of that department is accountable. A rule or a unit's
// default whose lead is gone (the directory changed after the catalogue was applied) is passed over, with the
// near miss "lead_function". For a unit that has ended, those that took over are asked. FAILED_PRECONDITION
// ROUTE_HAS_NO_LEAD when the catalogue's default has no lead either.
absl::StatusOr<v1::RouteDecision> DecideRoute(const v1::Catalogue& catalogue, const Directory& directory,
                                              const v1::RouteInputs& inputs);

// Whether these conditions of a rule hold.
bool HoldsCategory(const v1::RouteConditions& conditions, absl::string_view category_id);
bool HoldsUnit(const v1::RouteConditions& conditions, const Directory& directory,
               absl::string_view org_unit_id);

// The level at which a target begins.
v1::HandlingLevel LevelOf(const v1::RouteTarget& target);
// The department that leads by `target` what is raised in the unit; null when there is none.
const directory::v1::Department* FindLead(const v1::RouteTarget& target, const Directory& directory,
                                          absl::string_view org_unit_id);
// The defaults of the unit and of those above it, the nearest first; of a unit that has ended, those of the
// first that took over. They live as long as `catalogue`.
std::vector<const v1::UnitDefault*> UnitDefaultsFor(const v1::Catalogue& catalogue,
                                                    const Directory& directory,
                                                    absl::string_view org_unit_id);

// The policy of that name; null when there is none. Lives as long as `catalogue`.
const v1::ClockPolicy* FindPolicy(const v1::Catalogue& catalogue, absl::string_view policy_id);

// The policy as the calendar library knows it.
calendar::ClockPolicy PolicyFrom(const v1::ClockPolicy& policy, int64_t catalogue_version);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_RULES_H_
