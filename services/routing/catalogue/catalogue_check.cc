// CheckCatalogue: everything that is wrong with a catalogue, named by its field.
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "common/vocabulary/text.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

constexpr int kMaximumRules = 2000;
constexpr int kMaximumPolicies = 100;
constexpr int kMaximumHoles = 50;
constexpr size_t kMaximumDescription = 2000;

bool IsIdentifier(absl::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text) {
    if (!absl::ascii_islower(static_cast<unsigned char>(c)) &&
        !absl::ascii_isdigit(static_cast<unsigned char>(c)) && c != '-') {
      return false;
    }
  }
  return true;
}

// Goes over one catalogue and collects what it finds.
class CatalogueChecker {
 public:
  CatalogueChecker(const v1::Catalogue& catalogue, const Directory& directory)
      : catalogue_(catalogue), directory_(directory) {}

  absl::Status Check() {
    Identifier("catalogue.catalogue_id", catalogue_.catalogue_id());
    Description("catalogue.description", catalogue_.description());
    if (catalogue_.rules_size() > kMaximumRules) {
      violations_.Add("catalogue.rules", "TOO_MANY_RULES", absl::StrCat("at most ", kMaximumRules, " rules"),
                      absl::StrCat("规则不得超过", kMaximumRules, "条"));
      return violations_.ToStatus();
    }
    Policies();
    Rules();
    if (!catalogue_.has_default_target()) {
      violations_.Add("catalogue.default_target", "DEFAULT_TARGET_REQUIRED",
                      "a default target is required: nothing may go nowhere", "必须设置兜底的主办部门");
    } else {
      Target("catalogue.default_target", catalogue_.default_target());
    }
    return violations_.ToStatus();
  }

 private:
  void Identifier(const std::string& path, absl::string_view id) {
    if (IsIdentifier(id)) return;
    violations_.Add(path, "IDENTIFIER_INVALID", "1 to 64 of a-z, 0-9 and '-'",
                    "标识须为1至64个小写字母、数字或连字符");
  }

  void UniqueIdentifier(const std::string& path, const std::string& id, std::set<std::string>& seen) {
    Identifier(path, id);
    if (seen.insert(id).second) return;
    violations_.Add(path, "IDENTIFIER_REPEATED", "this identifier occurs twice", "标识重复");
  }

  void Description(const std::string& path, absl::string_view text) {
    if (vocabulary::CharacterCount(text) <= kMaximumDescription) return;
    violations_.Add(path, "TEXT_TOO_LONG", absl::StrCat("at most ", kMaximumDescription, " characters"),
                    absl::StrCat("不得超过", kMaximumDescription, "个字符"));
  }

  void Function(const std::string& path, const std::string& function) {
    if (directory_.HasFunction(function)) return;
    violations_.Add(path, "FUNCTION_UNKNOWN", "no department has this function", "没有部门承担该职能");
  }

  void Policies() {
    std::set<std::string> seen;
    if (catalogue_.clock_policies_size() > kMaximumPolicies) {
      violations_.Add("catalogue.clock_policies", "TOO_MANY_POLICIES",
                      absl::StrCat("at most ", kMaximumPolicies, " policies"),
                      absl::StrCat("时限规则不得超过", kMaximumPolicies, "条"));
    }
    for (int i = 0; i < catalogue_.clock_policies_size(); ++i) {
      const v1::ClockPolicy& policy = catalogue_.clock_policies(i);
      const std::string path = absl::StrCat("catalogue.clock_policies[", i, "]");
      UniqueIdentifier(path + ".policy_id", policy.policy_id(), seen);
      Description(path + ".description", policy.description());
      if (policy.limit_case() == v1::ClockPolicy::LIMIT_NOT_SET ||
          !calendar::CheckPolicy(PolicyFrom(policy, 0)).ok()) {
        violations_.Add(path, "POLICY_LIMIT_INVALID",
                        "one limit of 1 to 1,000 working days or 1 to 600,000 minutes, cut-off within a day",
                        "须设置一个时限：1至1000个工作日或1至600000分钟，截止时刻须在一日之内");
      }
    }
  }

  void Rules() {
    std::set<std::string> seen;
    for (int i = 0; i < catalogue_.rules_size(); ++i) {
      const v1::RoutingRule& rule = catalogue_.rules(i);
      const std::string path = absl::StrCat("catalogue.rules[", i, "]");
      UniqueIdentifier(path + ".rule_id", rule.rule_id(), seen);
      Description(path + ".description", rule.description());
      Conditions(path + ".conditions", rule.conditions());
      Target(path + ".target", rule.target());
    }
  }

  void Conditions(const std::string& path, const v1::RouteConditions& conditions) {
    for (int i = 0; i < conditions.kinds_size(); ++i) {
      if (conditions.kinds(i) != intake::v1::ISSUE_KIND_UNSPECIFIED &&
          intake::v1::IssueKind_IsValid(conditions.kinds(i))) {
        continue;
      }
      violations_.Add(absl::StrCat(path, ".kinds[", i, "]"), "ISSUE_KIND_UNKNOWN", "there is no such kind",
                      "诉求类型不存在");
    }
    for (int i = 0; i < conditions.category_ids_size(); ++i) {
      if (directory_.HasCategory(conditions.category_ids(i))) continue;
      violations_.Add(absl::StrCat(path, ".category_ids[", i, "]"), "CATEGORY_UNKNOWN",
                      "there is no such category", "诉求类别不存在");
    }
    for (int i = 0; i < conditions.org_unit_ids_size(); ++i) {
      if (directory_.FindUnit(conditions.org_unit_ids(i)) != nullptr) continue;
      violations_.Add(absl::StrCat(path, ".org_unit_ids[", i, "]"), "ORG_UNIT_UNKNOWN",
                      "there is no such unit", "机构不存在");
    }
    if (conditions.min_departments() < 0 || conditions.min_departments() > 20) {
      violations_.Add(path + ".min_departments", "OUT_OF_RANGE", "0 to 20", "须为0至20");
    }
    for (int i = 0; i < conditions.department_functions_size(); ++i) {
      Function(absl::StrCat(path, ".department_functions[", i, "]"), conditions.department_functions(i));
    }
  }

  void Policy(const std::string& path, const std::string& policy_id) {
    if (FindPolicy(catalogue_, policy_id) != nullptr) return;
    violations_.Add(path, "POLICY_UNKNOWN", "the catalogue has no policy of this name",
                    "责任清单中没有该时限规则");
  }

  void Target(const std::string& path, const v1::RouteTarget& target) {
    Function(path + ".lead_function", target.lead_function());
    for (int i = 0; i < target.co_handler_functions_size(); ++i) {
      Function(absl::StrCat(path, ".co_handler_functions[", i, "]"), target.co_handler_functions(i));
    }
    if (!v1::HandlingLevel_IsValid(target.level())) {
      violations_.Add(path + ".level", "LEVEL_UNKNOWN", "there is no such level", "办理层级不存在");
    }
    Policy(path + ".response_policy_id", target.response_policy_id());
    Policy(path + ".handling_policy_id", target.handling_policy_id());
  }

  const v1::Catalogue& catalogue_;
  const Directory& directory_;
  rpc::Violations violations_;
};

}  // namespace

absl::Status CheckCatalogue(const v1::Catalogue& catalogue, const Directory& directory) {
  const absl::Status status = CatalogueChecker(catalogue, directory).Check();
  if (!status.ok()) return status;
  rpc::Violations holes;
  for (const CatalogueHole& hole : FindHoles(catalogue, directory, kMaximumHoles)) {
    const std::string by = hole.rule_id.empty() ? "the default target" : absl::StrCat("rule ", hole.rule_id);
    holes.Add(
        "catalogue", "CATALOGUE_HAS_HOLES",
        absl::StrCat(hole.category_id, " in ", hole.org_unit_id, " has no owner: ", by,
                     " names the function ", hole.lead_function, ", which no department has there or above"),
        absl::StrCat(hole.org_unit_id, "的", hole.category_id, "类诉求无人主办：本级及上级均无承担",
                     hole.lead_function, "职能的部门"));
  }
  return holes.ToStatus();
}

}  // namespace zhuqi::routing
