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
constexpr int kKeywordsKept = 50;

template <typename Values, typename Value>
bool Contains(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Whether nothing is asked, or one of what there is.
template <typename Wanted, typename Present>
bool HoldsAny(const Wanted& wanted, const Present& present) {
  return wanted.empty() || std::any_of(present.begin(), present.end(),
                                       [&](const std::string& one) { return Contains(wanted, one); });
}

// The fields of RouteConditions that ask for the amount and do not hold.
void AddFailedAmounts(const v1::RouteConditions& conditions, int64_t fen,
                      std::vector<absl::string_view>& failed) {
  if (conditions.min_amount_fen() > fen) failed.push_back("min_amount_fen");
  // 0 stands for none named, of which nobody can say that it is small.
  if (conditions.has_max_amount_fen() && (fen == 0 || fen > conditions.max_amount_fen()))
    failed.push_back("max_amount_fen");
}

void AddFailedAges(const v1::RouteConditions& conditions, int days, std::vector<absl::string_view>& failed) {
  if (days < conditions.min_age_days()) failed.push_back("min_age_days");
  if (conditions.has_max_age_days() && days > conditions.max_age_days()) failed.push_back("max_age_days");
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
  if (!HoldsAny(conditions.department_functions(), inputs.department_functions()))
    failed.push_back("department_functions");
  if (conditions.has_legacy() && conditions.legacy() != inputs.legacy()) failed.push_back("legacy");
  if (!HoldsAny(conditions.enterprise_tags(), inputs.enterprise_tags())) failed.push_back("enterprise_tags");
  AddFailedAmounts(conditions, inputs.amount_fen(), failed);
  if (!HoldsAny(conditions.keywords(), inputs.keywords())) failed.push_back("keywords");
  AddFailedAges(conditions, inputs.age_days(), failed);
  if (inputs.hand_outs() < conditions.min_hand_outs()) failed.push_back("min_hand_outs");
  return failed;
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
  if (target.priority() == v1::CASE_PRIORITY_UNSPECIFIED)
    decision.mutable_target()->set_priority(v1::CASE_PRIORITY_NORMAL);
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

void AddNearMiss(absl::string_view rule_id, absl::string_view org_unit_id, absl::string_view condition,
                 v1::RouteDecision& decision) {
  if (decision.near_misses_size() >= kMaximumNearMisses) return;
  v1::NearMiss* near = decision.add_near_misses();
  near->set_rule_id(std::string(rule_id));
  near->set_failed_condition(std::string(condition));
  near->set_org_unit_id(std::string(org_unit_id));
}

// Fills the decision when a department leads by `target`.
bool TakeTarget(const v1::RouteTarget& target, const Directory& directory, v1::RouteDecision& decision) {
  const directory::v1::Department* lead = FindLead(target, directory, decision.inputs().org_unit_id());
  if (lead == nullptr) return false;
  SetParties(target, directory, *lead, decision);
  return true;
}

// Whether a rule decides. `inputs` has all keywords that were found, not only those that the decision keeps.
bool DecideByRule(const v1::Catalogue& catalogue, const Directory& directory, const v1::RouteInputs& inputs,
                  v1::RouteDecision& decision) {
  for (const v1::RoutingRule& rule : catalogue.rules()) {
    const std::vector<absl::string_view> failed = FailedConditions(rule.conditions(), directory, inputs);
    if (failed.size() > 1) continue;
    if (failed.size() == 1) {
      AddNearMiss(rule.rule_id(), "", failed.front(), decision);
    } else if (TakeTarget(rule.target(), directory, decision)) {
      decision.set_rule_id(rule.rule_id());
      return true;
    } else {
      AddNearMiss(rule.rule_id(), "", "lead_function", decision);
    }
  }
  return false;
}

bool DecideByDefault(const v1::Catalogue& catalogue, const Directory& directory,
                     v1::RouteDecision& decision) {
  for (const v1::UnitDefault* unit : UnitDefaultsFor(catalogue, directory, decision.inputs().org_unit_id())) {
    if (TakeTarget(unit->target(), directory, decision)) {
      decision.set_default_org_unit_id(unit->org_unit_id());
      return true;
    }
    AddNearMiss("", unit->org_unit_id(), "lead_function", decision);
  }
  return TakeTarget(catalogue.default_target(), directory, decision);
}

}  // namespace

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

v1::HandlingLevel LevelOf(const v1::RouteTarget& target) {
  return target.level() == v1::HANDLING_LEVEL_CITY ? v1::HANDLING_LEVEL_CITY : v1::HANDLING_LEVEL_UNIT;
}

const directory::v1::Department* FindLead(const v1::RouteTarget& target, const Directory& directory,
                                          absl::string_view org_unit_id) {
  const std::string unit = StandInOf(target, directory, org_unit_id);
  return directory.FindDepartmentUpwards(StartingUnit(LevelOf(target), directory, unit),
                                         target.lead_function());
}

std::vector<const v1::UnitDefault*> UnitDefaultsFor(const v1::Catalogue& catalogue,
                                                    const Directory& directory,
                                                    absl::string_view org_unit_id) {
  std::vector<const v1::UnitDefault*> found;
  if (catalogue.unit_defaults().empty()) return found;
  const std::vector<std::string> open = OpenUnitsFor(directory, org_unit_id);
  std::vector<std::string> upwards{open.empty() ? std::string(org_unit_id) : open.front()};
  for (std::string& above : directory.AncestorsOf(upwards.front())) upwards.push_back(std::move(above));
  for (const std::string& unit : upwards) {
    const auto own = std::find_if(catalogue.unit_defaults().begin(), catalogue.unit_defaults().end(),
                                  [&](const v1::UnitDefault& one) { return one.org_unit_id() == unit; });
    if (own != catalogue.unit_defaults().end()) found.push_back(&*own);
  }
  return found;
}

absl::StatusOr<v1::RouteDecision> DecideRoute(const v1::Catalogue& catalogue, const Directory& directory,
                                              const v1::RouteInputs& inputs) {
  v1::RouteDecision decision;
  decision.set_catalogue_id(catalogue.catalogue_id());
  decision.set_catalogue_version(catalogue.version());
  decision.set_directory_sequence(directory.sequence());
  *decision.mutable_inputs() = inputs;
  auto& keywords = *decision.mutable_inputs()->mutable_keywords();
  if (keywords.size() > kKeywordsKept)
    keywords.DeleteSubrange(kKeywordsKept, keywords.size() - kKeywordsKept);
  if (DecideByRule(catalogue, directory, inputs, decision) || DecideByDefault(catalogue, directory, decision))
    return decision;
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "ROUTE_HAS_NO_LEAD",
                    "neither a rule nor a default of the catalogue finds a department that leads",
                    "责任清单未能确定主办部门",
                    {{"org_unit_id", inputs.org_unit_id()}, {"category_id", inputs.category_id()}});
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
      result.limit = calendar::WorkingDays{policy.working_days().count(), policy.working_days().half()};
      break;
  }
  return result;
}

}  // namespace zhuqi::routing
