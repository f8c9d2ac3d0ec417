#include "services/routing/catalogue/catalogue_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/unit_succession.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {
namespace {

constexpr int kMaximumNearMisses = 10;

template <typename Values, typename Value>
bool Contains(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool HoldsCategory(const v1::RouteConditions& conditions, absl::string_view category_id) {
  if (conditions.category_ids().empty()) return true;
  return std::any_of(conditions.category_ids().begin(), conditions.category_ids().end(),
                     [&](const std::string& wanted) { return IsCategoryInOrBelow(category_id, wanted); });
}

bool HoldsUnit(const v1::RouteConditions& conditions, const Directory& directory,
               absl::string_view org_unit_id) {
  if (conditions.org_unit_ids().empty()) return true;
  return std::any_of(conditions.org_unit_ids().begin(), conditions.org_unit_ids().end(),
                     [&](const std::string& wanted) { return directory.IsInOrBelow(org_unit_id, wanted); });
}

bool HoldsFunctions(const v1::RouteConditions& conditions, const v1::RouteInputs& inputs) {
  if (conditions.department_functions().empty()) return true;
  return std::any_of(
      inputs.department_functions().begin(), inputs.department_functions().end(),
      [&](const std::string& named) { return Contains(conditions.department_functions(), named); });
}

// Names of the conditions that do not hold, as RouteConditions has them.
std::vector<absl::string_view> FailedConditions(const v1::RouteConditions& conditions,
                                                const Directory& directory, const v1::RouteInputs& inputs) {
  std::vector<absl::string_view> failed;
  if (!conditions.kinds().empty() && !Contains(conditions.kinds(), static_cast<int>(inputs.kind()))) {
    failed.push_back("kinds");
  }
  if (!HoldsCategory(conditions, inputs.category_id())) failed.push_back("category_ids");
  if (!HoldsUnit(conditions, directory, inputs.org_unit_id())) failed.push_back("org_unit_ids");
  if (inputs.department_functions_size() < conditions.min_departments()) failed.push_back("min_departments");
  if (!HoldsFunctions(conditions, inputs)) failed.push_back("department_functions");
  if (conditions.has_legacy() && conditions.legacy() != inputs.legacy()) failed.push_back("legacy");
  return failed;
}

v1::HandlingLevel LevelOf(const v1::RouteTarget& target) {
  return target.level() == v1::HANDLING_LEVEL_CITY ? v1::HANDLING_LEVEL_CITY : v1::HANDLING_LEVEL_UNIT;
}

// The unit at which departments are looked for. A unit above the cities stands for itself.
std::string StartingUnit(v1::HandlingLevel level, const Directory& directory, absl::string_view org_unit_id) {
  const directory::v1::OrgUnit* unit = directory.FindUnit(org_unit_id);
  while (level == v1::HANDLING_LEVEL_CITY && unit != nullptr &&
         unit->level() > directory::v1::ORG_UNIT_LEVEL_CITY && !unit->parent_id().empty()) {
    unit = directory.FindUnit(unit->parent_id());
  }
  return unit == nullptr ? std::string(org_unit_id) : unit->org_unit_id();
}

// The open unit that stands for `org_unit_id`: of several that took over, the first with the target's
// function.
std::string StandInOf(const v1::RouteTarget& target, const Directory& directory,
                      absl::string_view org_unit_id) {
  const directory::v1::OrgUnit* unit = directory.FindUnit(org_unit_id);
  if (unit == nullptr || !unit->has_closed_on()) return std::string(org_unit_id);
  const std::vector<std::string> open = OpenUnitsFor(directory, org_unit_id);
  const auto able = std::find_if(open.begin(), open.end(), [&](const std::string& id) {
    return directory.FindDepartment(id, target.lead_function()) != nullptr;
  });
  if (able != open.end()) return *able;
  return open.empty() ? std::string(org_unit_id) : open.front();
}

const directory::v1::Department* FindLead(const v1::RouteTarget& target, const Directory& directory,
                                          absl::string_view org_unit_id) {
  const std::string unit = StandInOf(target, directory, org_unit_id);
  return directory.FindDepartmentUpwards(StartingUnit(LevelOf(target), directory, unit),
                                         target.lead_function());
}

// Every function that co-handles, in the order in which it is named, none twice.
std::vector<std::string> CoHandlerFunctions(const v1::RouteTarget& target, const v1::RouteInputs& inputs) {
  std::vector<std::string> functions;
  const auto add = [&](const auto& named) {
    for (const std::string& function : named) {
      if (!Contains(functions, function)) functions.push_back(function);
    }
  };
  add(target.co_handler_functions());
  if (target.named_departments_co_handle()) add(inputs.department_functions());
  return functions;
}

void SetParties(const v1::RouteTarget& target, const Directory& directory,
                const directory::v1::Department& lead, v1::RouteDecision& decision) {
  const v1::RouteInputs& inputs = decision.inputs();
  *decision.mutable_target() = target;
  decision.mutable_target()->set_level(LevelOf(target));
  decision.set_lead_department_id(lead.department_id());
  decision.set_owner_org_unit_id(lead.org_unit_id());
  const std::string unit = StandInOf(target, directory, inputs.org_unit_id());
  if (unit != inputs.org_unit_id()) decision.set_stand_in_org_unit_id(unit);
  const std::string start = StartingUnit(LevelOf(target), directory, unit);
  for (const std::string& function : CoHandlerFunctions(target, inputs)) {
    const directory::v1::Department* department = directory.FindDepartmentUpwards(start, function);
    // An enterprise may name a function that no department here has: it is in the inputs for all to see, and
    // a case without that helper still has its lead.
    if (department == nullptr || department->department_id() == lead.department_id()) continue;
    decision.add_co_handler_department_ids(department->department_id());
  }
}

void AddNearMiss(absl::string_view rule_id, absl::string_view condition, v1::RouteDecision& decision) {
  if (decision.near_misses_size() >= kMaximumNearMisses) return;
  v1::NearMiss* near = decision.add_near_misses();
  near->set_rule_id(std::string(rule_id));
  near->set_failed_condition(std::string(condition));
}

}  // namespace

absl::Status CheckInputs(const v1::RouteInputs& inputs, const Directory& directory, absl::string_view path) {
  rpc::Violations violations;
  if (inputs.kind() == intake::v1::ISSUE_KIND_UNSPECIFIED || !intake::v1::IssueKind_IsValid(inputs.kind())) {
    violations.Add(absl::StrCat(path, ".kind"), "ISSUE_KIND_REQUIRED", "the kind of the issue is required",
                   "必须填写诉求类型");
  }
  if (!directory.HasCategory(inputs.category_id())) {
    violations.Add(absl::StrCat(path, ".category_id"), "CATEGORY_UNKNOWN", "there is no such category",
                   "诉求类别不存在");
  }
  if (directory.FindUnit(inputs.org_unit_id()) == nullptr) {
    violations.Add(absl::StrCat(path, ".org_unit_id"), "ORG_UNIT_UNKNOWN", "there is no such unit",
                   "机构不存在");
  }
  for (int i = 0; i < inputs.department_functions_size(); ++i) {
    if (directory.HasFunction(inputs.department_functions(i))) continue;
    violations.Add(absl::StrCat(path, ".department_functions[", i, "]"), "FUNCTION_UNKNOWN",
                   "no department has this function", "没有部门承担该职能");
  }
  return violations.ToStatus();
}

absl::StatusOr<v1::RouteDecision> DecideRoute(const v1::Catalogue& catalogue, const Directory& directory,
                                              const v1::RouteInputs& inputs) {
  v1::RouteDecision decision;
  decision.set_catalogue_id(catalogue.catalogue_id());
  decision.set_catalogue_version(catalogue.version());
  decision.set_directory_sequence(directory.sequence());
  *decision.mutable_inputs() = inputs;
  for (const v1::RoutingRule& rule : catalogue.rules()) {
    const std::vector<absl::string_view> failed = FailedConditions(rule.conditions(), directory, inputs);
    if (failed.size() > 1) continue;
    if (failed.size() == 1) {
      AddNearMiss(rule.rule_id(), failed.front(), decision);
      continue;
    }
    const directory::v1::Department* lead = FindLead(rule.target(), directory, inputs.org_unit_id());
    if (lead == nullptr) {
      AddNearMiss(rule.rule_id(), "lead_function", decision);
      continue;
    }
    decision.set_rule_id(rule.rule_id());
    SetParties(rule.target(), directory, *lead, decision);
    return decision;
  }
  const directory::v1::Department* lead =
      FindLead(catalogue.default_target(), directory, inputs.org_unit_id());
  if (lead == nullptr) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "ROUTE_HAS_NO_LEAD",
                      "neither a rule nor the default of the catalogue finds a department that leads",
                      "责任清单未能确定主办部门",
                      {{"org_unit_id", inputs.org_unit_id()}, {"category_id", inputs.category_id()}});
  }
  SetParties(catalogue.default_target(), directory, *lead, decision);
  return decision;
}

namespace {

bool AsksOnlyCategoryAndUnit(const v1::RouteConditions& conditions) {
  return conditions.kinds().empty() && conditions.min_departments() == 0 &&
         conditions.department_functions().empty() && !conditions.has_legacy();
}

bool HoldsPair(const v1::RouteConditions& conditions, const Directory& directory,
               absl::string_view category_id, absl::string_view org_unit_id) {
  return HoldsCategory(conditions, category_id) && HoldsUnit(conditions, directory, org_unit_id);
}

// Whether a rule before `index` takes every case of the pair, so that the rule at `index` never sees one.
bool IsShadowed(const v1::Catalogue& catalogue, const Directory& directory, int index,
                absl::string_view category_id, absl::string_view org_unit_id) {
  for (int i = 0; i < index; ++i) {
    const v1::RouteConditions& conditions = catalogue.rules(i).conditions();
    if (AsksOnlyCategoryAndUnit(conditions) && HoldsPair(conditions, directory, category_id, org_unit_id))
      return true;
  }
  return false;
}

// Units in whose cases `target` has no lead. Categories do not matter for it, so this is asked once a target
// and not once a pair: a nation of 45 thousand units is checked in seconds.
std::vector<std::string> UnitsWithoutLead(const v1::RouteTarget& target, const Directory& directory) {
  std::vector<std::string> units;
  for (const auto& [id, unit] : directory.units()) {
    if (unit.level() < directory::v1::ORG_UNIT_LEVEL_CITY) continue;  // intake takes no issues there
    if (FindLead(target, directory, id) == nullptr) units.push_back(id);
  }
  return units;
}

}  // namespace

std::vector<CatalogueHole> FindHoles(const v1::Catalogue& catalogue, const Directory& directory, int limit) {
  std::vector<CatalogueHole> holes;
  absl::flat_hash_map<std::pair<std::string, int>, std::vector<std::string>> without_lead;
  for (int index = 0; index <= catalogue.rules_size(); ++index) {
    const bool is_default = index == catalogue.rules_size();
    const v1::RouteTarget& target = is_default ? catalogue.default_target() : catalogue.rules(index).target();
    const auto [units, inserted] = without_lead.try_emplace({target.lead_function(), LevelOf(target)});
    if (inserted) units->second = UnitsWithoutLead(target, directory);
    for (const std::string& unit : units->second) {
      for (const auto& [category, unused] : directory.categories()) {
        if (!is_default && !HoldsPair(catalogue.rules(index).conditions(), directory, category, unit))
          continue;
        if (IsShadowed(catalogue, directory, index, category, unit)) continue;
        if (static_cast<int>(holes.size()) == limit) return holes;
        holes.push_back({.category_id = category,
                         .org_unit_id = unit,
                         .rule_id = is_default ? std::string() : catalogue.rules(index).rule_id(),
                         .lead_function = target.lead_function()});
      }
    }
  }
  return holes;
}

const v1::ClockPolicy* FindPolicy(const v1::Catalogue& catalogue, absl::string_view policy_id) {
  for (const v1::ClockPolicy& policy : catalogue.clock_policies()) {
    if (policy.policy_id() == policy_id) return &policy;
  }
  return nullptr;
}

calendar::ClockPolicy PolicyFrom(const v1::ClockPolicy& policy, int64_t catalogue_version) {
  calendar::ClockPolicy result;
  result.id = policy.policy_id();
  result.version = catalogue_version;
  result.cut_off_minute = policy.cut_off_minute();
  switch (policy.limit_case()) {
    case v1::ClockPolicy::kWorkingHours:
      result.limit = calendar::WorkingHours{policy.working_hours().minutes()};
      break;
    case v1::ClockPolicy::kCalendarHours:
      result.limit = calendar::CalendarHours{policy.calendar_hours().minutes()};
      break;
    case v1::ClockPolicy::kWorkingDays:
    case v1::ClockPolicy::LIMIT_NOT_SET:
      result.limit = calendar::WorkingDays{policy.working_days().count()};
      break;
  }
  return result;
}

}  // namespace zhuqi::routing
