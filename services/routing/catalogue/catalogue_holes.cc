// FindHoles: pairs of category and unit whose cases would go nowhere.
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/rpc/errors.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

// Whether every case of its categories and units matches: nothing else is asked.
bool AsksOnlyCategoryAndUnit(v1::RouteConditions conditions) {
  conditions.clear_category_ids();
  conditions.clear_org_unit_ids();
  return conditions.ByteSizeLong() == 0;
}

// Goes over the targets of one catalogue in the order in which they are tried.
class HoleFinder {
 public:
  HoleFinder(const v1::Catalogue& catalogue, const Directory& directory, size_t limit)
      : catalogue_(catalogue), directory_(directory), limit_(limit) {
    for (const v1::RoutingRule& rule : catalogue.rules())
      takes_all_.push_back(AsksOnlyCategoryAndUnit(rule.conditions()));
  }

  absl::StatusOr<std::vector<CatalogueHole>> Find() {
    for (int i = 0; i < catalogue_.rules_size(); ++i) LookAtRule(i);
    for (const v1::UnitDefault& unit : catalogue_.unit_defaults()) LookAtDefault(unit.target(), &unit);
    LookAtDefault(catalogue_.default_target(), nullptr);
    if (work_ > kMostWork) {
      return rpc::Error(
          absl::StatusCode::kInvalidArgument, "CATALOGUE_TOO_COMPLEX",
          "too many rules name units and categories one by one for what has no owner to be found: "
          "name what is above them, or split the catalogue",
          "规则逐一列举的机构和类别过多，无法核查是否有人主办，请改列其上级或拆分清单");
    }
    return std::move(holes_);
  }

 private:
  bool Full() const { return holes_.size() >= limit_ || work_ > kMostWork; }

  // Whether a rule before `end` takes every case of the pair, so that what follows never sees one.
  bool IsTaken(int end, absl::string_view category_id, absl::string_view org_unit_id) {
    for (int i = 0; i < end; ++i) {
      if (!takes_all_[static_cast<size_t>(i)]) continue;
      const v1::RouteConditions& conditions = catalogue_.rules(i).conditions();
      work_ += 1 + conditions.category_ids_size() + conditions.org_unit_ids_size();
      if (HoldsCategory(conditions, category_id) && HoldsUnit(conditions, directory_, org_unit_id))
        return true;
    }
    return false;
  }

  // Units in whose cases `target` has no lead. Categories do not matter for it, so this is asked once a
  // target and not once a pair: a nation of 45 thousand units is checked in seconds.
  const std::vector<std::string>& UnitsWithoutLead(const v1::RouteTarget& target) {
    const auto [units, inserted] = without_lead_.try_emplace({target.lead_function(), LevelOf(target)});
    if (!inserted) return units->second;
    for (const auto& [id, unit] : directory_.units()) {
      if (unit.level() < directory::v1::ORG_UNIT_LEVEL_CITY) continue;  // intake takes no issues there
      if (FindLead(target, directory_, id) == nullptr) units->second.push_back(id);
    }
    return units->second;
  }

  void LookAtRule(int index) {
    const v1::RoutingRule& rule = catalogue_.rules(index);
    for (const std::string& unit : UnitsWithoutLead(rule.target())) {
      if (!HoldsUnit(rule.conditions(), directory_, unit)) continue;
      for (const auto& [category, unused] : directory_.categories()) {
        if (Full()) return;
        if (!HoldsCategory(rule.conditions(), category) || IsTaken(index, category, unit)) continue;
        holes_.push_back({category, unit, rule.rule_id(), "", rule.target().lead_function()});
      }
    }
  }

  // `of` is null for the default of the catalogue.
  void LookAtDefault(const v1::RouteTarget& target, const v1::UnitDefault* of) {
    for (const std::string& unit : UnitsWithoutLead(target)) {
      if (Full()) return;
      const std::vector<const v1::UnitDefault*> defaults = UnitDefaultsFor(catalogue_, directory_, unit);
      if ((defaults.empty() ? nullptr : defaults.front()) != of) continue;
      for (const auto& [category, unused] : directory_.categories()) {
        if (Full()) return;
        if (IsTaken(catalogue_.rules_size(), category, unit)) continue;
        holes_.push_back(
            {category, unit, "", of == nullptr ? std::string() : of->org_unit_id(), target.lead_function()});
      }
    }
  }

  const v1::Catalogue& catalogue_;
  const Directory& directory_;
  const size_t limit_;
  // Conditions looked at. A second or so of it is the most: it is done within a call.
  static constexpr int64_t kMostWork = 50'000'000;
  int64_t work_ = 0;
  std::vector<bool> takes_all_;
  absl::flat_hash_map<std::pair<std::string, int>, std::vector<std::string>> without_lead_;
  std::vector<CatalogueHole> holes_;
};

}  // namespace

absl::StatusOr<std::vector<CatalogueHole>> FindHoles(const v1::Catalogue& catalogue,
                                                     const Directory& directory, int limit) {
  return HoleFinder(catalogue, directory, static_cast<size_t>(limit)).Find();
}

}  // namespace zhuqi::routing
