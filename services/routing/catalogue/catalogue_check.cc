// CheckCatalogue and CheckInputs: everything that is wrong with them, named by its field.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/vocabulary/text.h"
#include "services/routing/catalogue/catalogue_keywords.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/ladders/ladder_check.h"

namespace zhuqi::routing {
namespace {

constexpr int kMaximumRules = 2000;
constexpr int kMaximumPolicies = 100;
constexpr int kMaximumUnitDefaults = 500;
constexpr int kMaximumHoles = 1000;
constexpr int kMaximumKinds = 3;
constexpr int kMaximumIdentities = 500;  // of categories and of units in one rule
constexpr int kMaximumFunctions = 100;
constexpr int kMaximumTags = 50;
constexpr int kMaximumRuleKeywords = 50;
constexpr int kMaximumCoHandlers = 20;
constexpr int kMaximumAgeDays = 36'500;
constexpr int kMaximumHandOuts = 100;
constexpr int64_t kMaximumFen = 100'000'000'000'000'000;
constexpr int kMaximumInputTags = 20;
constexpr int kMaximumInputFunctions = 20;
constexpr int kMaximumExtensions = 10;
constexpr int kMaximumNoticeDays = 30;
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
    Validity();
    Policies();
    CheckLadders(catalogue_, directory_, violations_);
    Rules();
    UnitDefaults();
    if (!catalogue_.has_default_target()) {
      violations_.Add("catalogue.default_target", "DEFAULT_TARGET_REQUIRED",
                      "a default target is required: nothing may go nowhere", "必须设置兜底的主办部门");
    } else {
      Target("catalogue.default_target", catalogue_.default_target());
    }
    if (violations_.empty()) AllKeywords();
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

  // Each by itself is good.
  void AllKeywords() {
    const std::vector<std::string> keywords = KeywordsOf(catalogue_);
    if (keywords.size() > kMaximumKeywords) {
      violations_.Add("catalogue.rules", "TOO_MANY_KEYWORDS",
                      absl::StrCat("at most ", kMaximumKeywords, " different keywords"),
                      absl::StrCat("不同的关键词不得超过", kMaximumKeywords, "个"));
    } else if (!KeywordSet(keywords).compiled()) {
      violations_.Add("catalogue.rules", "KEYWORDS_TOO_LARGE",
                      "the keywords are too large together: take simpler ones",
                      "全部关键词合计过于复杂，请简化");
    }
  }

  // Whether there are at most so many; what is beyond is not looked at.
  bool CountIsGood(const std::string& path, int count, int most) {
    if (count <= most) return true;
    violations_.Add(path, "TOO_MANY", absl::StrCat("at most ", most), absl::StrCat("不得超过", most, "项"));
    return false;
  }

  void Range(const std::string& path, int64_t value, int64_t most) {
    if (value >= 0 && value <= most) return;
    violations_.Add(path, "OUT_OF_RANGE", absl::StrCat("0 to ", most), absl::StrCat("须为0至", most));
  }

  void Order(const std::string& path, bool in_order) {
    if (in_order) return;
    violations_.Add(path, "RANGE_REVERSED", "the upper bound is below the lower one", "上限低于下限");
  }

  void Validity() {
    const auto day = [this](const char* path, bool present, const common::v1::Date& date) {
      const std::optional<absl::CivilDay> read = present ? CivilDayFrom(date) : std::nullopt;
      if (present && !read.has_value())
        violations_.Add(path, "DATE_INVALID", "there is no such day", "日期无效");
      return read;
    };
    const auto from = day("catalogue.valid_from", catalogue_.has_valid_from(), catalogue_.valid_from());
    const auto to = day("catalogue.valid_to", catalogue_.has_valid_to(), catalogue_.valid_to());
    if (from.has_value() && to.has_value() && *to < *from) {
      violations_.Add("catalogue.valid_to", "SPAN_REVERSED", "the last day is before the first",
                      "结束日期早于开始日期");
    }
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
        violations_.Add(
            path, "POLICY_LIMIT_INVALID",
            "one limit of half a day to 1,000 working days or 1 to 600,000 minutes, cut-off within a "
            "day, and none with half a day",
            "须设置一个时限：0.5至1000个工作日或1至600000分钟；截止时刻须在一日之内，含半日的不设");
      }
      Range(path + ".maximum_extensions", policy.maximum_extensions(), kMaximumExtensions);
      Range(path + ".extension_notice_days", policy.extension_notice_days(), kMaximumNoticeDays);
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
    if (!CountIsGood(path + ".kinds", conditions.kinds_size(), kMaximumKinds)) return;
    for (int i = 0; i < conditions.kinds_size(); ++i) {
      if (conditions.kinds(i) != intake::v1::ISSUE_KIND_UNSPECIFIED &&
          intake::v1::IssueKind_IsValid(conditions.kinds(i))) {
        continue;
      }
      violations_.Add(absl::StrCat(path, ".kinds[", i, "]"), "ISSUE_KIND_UNKNOWN", "there is no such kind",
                      "诉求类型不存在");
    }
    CategoriesAndUnits(path, conditions);
    Range(path + ".min_departments", conditions.min_departments(), kMaximumInputFunctions);
    Functions(path + ".department_functions", conditions.department_functions(), kMaximumFunctions);
    Tags(path + ".enterprise_tags", conditions.enterprise_tags());
    Keywords(path + ".keywords", conditions.keywords());
    Bounds(path, conditions);
  }

  void CategoriesAndUnits(const std::string& path, const v1::RouteConditions& conditions) {
    if (CountIsGood(path + ".category_ids", conditions.category_ids_size(), kMaximumIdentities)) {
      for (int i = 0; i < conditions.category_ids_size(); ++i) {
        if (directory_.HasCategory(conditions.category_ids(i))) continue;
        violations_.Add(absl::StrCat(path, ".category_ids[", i, "]"), "CATEGORY_UNKNOWN",
                        "there is no such category", "诉求类别不存在");
      }
    }
    if (CountIsGood(path + ".org_unit_ids", conditions.org_unit_ids_size(), kMaximumIdentities)) {
      for (int i = 0; i < conditions.org_unit_ids_size(); ++i)
        Unit(absl::StrCat(path, ".org_unit_ids[", i, "]"), conditions.org_unit_ids(i));
    }
  }

  void Unit(const std::string& path, const std::string& org_unit_id) {
    if (directory_.FindUnit(org_unit_id) != nullptr) return;
    violations_.Add(path, "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
  }

  using Texts = google::protobuf::RepeatedPtrField<std::string>;

  void Functions(const std::string& path, const Texts& functions, int most) {
    if (!CountIsGood(path, functions.size(), most)) return;
    for (int i = 0; i < functions.size(); ++i) Function(absl::StrCat(path, "[", i, "]"), functions[i]);
  }

  void Tags(const std::string& path, const Texts& tags) {
    if (!CountIsGood(path, tags.size(), kMaximumTags)) return;
    for (int i = 0; i < tags.size(); ++i) Identifier(absl::StrCat(path, "[", i, "]"), tags[i]);
  }

  void Keywords(const std::string& path, const Texts& keywords) {
    if (!CountIsGood(path, keywords.size(), kMaximumRuleKeywords)) return;
    for (int i = 0; i < keywords.size(); ++i) {
      const std::optional<KeywordProblem> problem = CheckKeyword(keywords[i]);
      if (problem.has_value()) Keyword(absl::StrCat(path, "[", i, "]"), *problem);
    }
  }

  void Keyword(const std::string& path, KeywordProblem problem) {
    switch (problem) {
      case KeywordProblem::kLength:
        return violations_.Add(path, "KEYWORD_LENGTH_INVALID", "1 to 200 characters",
                               "关键词须为1至200个字符");
      case KeywordProblem::kSyntax:
        return violations_.Add(path, "KEYWORD_INVALID",
                               "not a regular expression that RE2 takes, or one that is too large",
                               "关键词不是有效的正则表达式，或过于复杂");
      case KeywordProblem::kMatchesEmptyText:
        return violations_.Add(path, "KEYWORD_MATCHES_EVERYTHING", "it matches the empty text, and so any",
                               "关键词可匹配空文本，等于不设条件");
    }
  }

  void Bounds(const std::string& path, const v1::RouteConditions& conditions) {
    Range(path + ".min_amount_fen", conditions.min_amount_fen(), kMaximumFen);
    Range(path + ".max_amount_fen", conditions.max_amount_fen(), kMaximumFen);
    Order(path + ".max_amount_fen",
          !conditions.has_max_amount_fen() || conditions.max_amount_fen() >= conditions.min_amount_fen());
    Range(path + ".min_age_days", conditions.min_age_days(), kMaximumAgeDays);
    Range(path + ".max_age_days", conditions.max_age_days(), kMaximumAgeDays);
    Order(path + ".max_age_days",
          !conditions.has_max_age_days() || conditions.max_age_days() >= conditions.min_age_days());
    Range(path + ".min_hand_outs", conditions.min_hand_outs(), kMaximumHandOuts);
  }

  void UnitDefaults() {
    const std::string all = "catalogue.unit_defaults";
    if (!CountIsGood(all, catalogue_.unit_defaults_size(), kMaximumUnitDefaults)) return;
    std::set<std::string> seen;
    for (int i = 0; i < catalogue_.unit_defaults_size(); ++i) {
      const v1::UnitDefault& unit = catalogue_.unit_defaults(i);
      const std::string path = absl::StrCat(all, "[", i, "]");
      Unit(path + ".org_unit_id", unit.org_unit_id());
      if (!seen.insert(unit.org_unit_id()).second) {
        violations_.Add(path + ".org_unit_id", "ORG_UNIT_REPEATED", "this unit has a default already",
                        "该机构已有兜底设置");
      }
      Target(path + ".target", unit.target());
    }
  }

  void Policy(const std::string& path, const std::string& policy_id) {
    if (FindPolicy(catalogue_, policy_id) != nullptr) return;
    violations_.Add(path, "POLICY_UNKNOWN", "the catalogue has no policy of this name",
                    "责任清单中没有该时限规则");
  }

  void OptionalPolicy(const std::string& path, const std::string& policy_id) {
    if (!policy_id.empty()) Policy(path, policy_id);
  }

  void Target(const std::string& path, const v1::RouteTarget& target) {
    Function(path + ".lead_function", target.lead_function());
    Functions(path + ".co_handler_functions", target.co_handler_functions(), kMaximumCoHandlers);
    if (!v1::HandlingLevel_IsValid(target.level())) {
      violations_.Add(path + ".level", "LEVEL_UNKNOWN", "there is no such level", "办理层级不存在");
    }
    if (!v1::CasePriority_IsValid(target.priority())) {
      violations_.Add(path + ".priority", "PRIORITY_UNKNOWN", "there is no such priority", "优先级不存在");
    }
    Policy(path + ".response_policy_id", target.response_policy_id());
    Policy(path + ".handling_policy_id", target.handling_policy_id());
    OptionalPolicy(path + ".plan_policy_id", target.plan_policy_id());
    OptionalPolicy(path + ".reply_policy_id", target.reply_policy_id());
    OptionalPolicy(path + ".objection_policy_id", target.objection_policy_id());
    OptionalPolicy(path + ".ruling_policy_id", target.ruling_policy_id());
    OptionalPolicy(path + ".escalated_policy_id", target.escalated_policy_id());
    OptionalPolicy(path + ".child_policy_id", target.child_policy_id());
    if (!v1::DuplicateClocks_IsValid(target.duplicate_clocks())) {
      violations_.Add(path + ".duplicate_clocks", "DUPLICATE_CLOCKS_UNKNOWN",
                      "the clocks of a duplicate stand still or run", "重复件的计时规则不存在");
    }
  }

  const v1::Catalogue& catalogue_;
  const Directory& directory_;
  rpc::Violations violations_;
};

}  // namespace

absl::Status CheckContent(const v1::Catalogue& catalogue, const Directory& directory) {
  return CatalogueChecker(catalogue, directory).Check();
}

absl::Status CheckCatalogue(const v1::Catalogue& catalogue, const Directory& directory) {
  const absl::Status status = CheckContent(catalogue, directory);
  if (!status.ok()) return status;
  rpc::Violations holes;
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<CatalogueHole> found,
                         FindHoles(catalogue, directory, kMaximumHoles));
  for (const CatalogueHole& hole : found) {
    const std::string by = !hole.rule_id.empty() ? absl::StrCat("rule ", hole.rule_id)
                           : hole.default_org_unit_id.empty()
                               ? "the default target"
                               : absl::StrCat("the default of ", hole.default_org_unit_id);
    holes.Add(
        "catalogue", "CATALOGUE_HAS_HOLES",
        absl::StrCat(hole.category_id, " in ", hole.org_unit_id, " has no owner: ", by,
                     " names the function ", hole.lead_function, ", which no department has there or above"),
        absl::StrCat(hole.org_unit_id, "的", hole.category_id, "类诉求无人主办：本级及上级均无承担",
                     hole.lead_function, "职能的部门"));
  }
  return holes.ToStatus();
}

absl::Status CheckInputs(const v1::RouteInputs& inputs, const Directory& directory, absl::string_view path) {
  rpc::Violations violations;
  const auto refuse = [&](bool good, absl::string_view field, const char* reason, const char* english,
                          const char* chinese) {
    if (!good) violations.Add(absl::StrCat(path, ".", field), reason, english, chinese);
  };
  refuse(inputs.kind() != intake::v1::ISSUE_KIND_UNSPECIFIED && intake::v1::IssueKind_IsValid(inputs.kind()),
         "kind", "ISSUE_KIND_REQUIRED", "the kind of the issue is required", "必须填写诉求类型");
  refuse(directory.HasCategory(inputs.category_id()), "category_id", "CATEGORY_UNKNOWN",
         "there is no such category", "诉求类别不存在");
  refuse(directory.FindUnit(inputs.org_unit_id()) != nullptr, "org_unit_id", "ORG_UNIT_UNKNOWN",
         "there is no such unit", "机构不存在");
  refuse(inputs.department_functions_size() <= kMaximumInputFunctions, "department_functions", "TOO_MANY",
         "at most 20 departments", "部门不得超过20个");
  for (int i = 0; i < std::min(inputs.department_functions_size(), kMaximumInputFunctions); ++i) {
    refuse(directory.HasFunction(inputs.department_functions(i)),
           absl::StrCat("department_functions[", i, "]"), "FUNCTION_UNKNOWN",
           "no department has this function", "没有部门承担该职能");
  }
  refuse(inputs.enterprise_tags_size() <= kMaximumInputTags, "enterprise_tags", "TOO_MANY", "at most 20 tags",
         "标签不得超过20个");
  for (int i = 0; i < std::min(inputs.enterprise_tags_size(), kMaximumInputTags); ++i) {
    refuse(IsIdentifier(inputs.enterprise_tags(i)), absl::StrCat("enterprise_tags[", i, "]"),
           "IDENTIFIER_INVALID", "1 to 64 of a-z, 0-9 and '-'", "标识须为1至64个小写字母、数字或连字符");
  }
  refuse(inputs.amount_fen() >= 0 && inputs.amount_fen() <= kMaximumFen, "amount_fen", "OUT_OF_RANGE",
         "0 to 10^17 fen", "金额须为0至10^17分");
  refuse(inputs.age_days() >= 0 && inputs.age_days() <= kMaximumAgeDays, "age_days", "OUT_OF_RANGE",
         "0 to 36,500 days", "天数须为0至36500");
  refuse(inputs.hand_outs() >= 0 && inputs.hand_outs() <= kMaximumHandOuts, "hand_outs", "OUT_OF_RANGE",
         "0 to 100", "须为0至100");
  return violations.ToStatus();
}

}  // namespace zhuqi::routing
