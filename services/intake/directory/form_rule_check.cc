#include "services/intake/directory/form_rule_check.h"

#include <algorithm>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::LinearExpression;
using directory::v1::LinearTerm;
using directory::v1::SummaryForm;
using directory::v1::SummaryIndicator;
using directory::v1::ValidationRule;

constexpr int kMaxRules = 200;
constexpr int kMaxTerms = 20;
constexpr int64_t kOnce = 1000;
// Twenty terms of the largest cells and factors still fit into 128 bits with room to spare.
constexpr int64_t kGreatestFactor = 1'000'000'000;
constexpr int64_t kGreatestConstant = 1'000'000'000'000;

using Indicators = absl::flat_hash_map<std::string, const SummaryIndicator*>;

void CheckBound(int64_t value, int64_t greatest, const std::string& path, rpc::Violations& violations) {
  if (value >= -greatest && value <= greatest) return;
  violations.Add(path, "OUT_OF_RANGE", absl::StrCat(-greatest, " to ", greatest),
                 absl::StrCat("须为 ", -greatest, " 至 ", greatest));
}

void CheckTerm(LinearTerm& term, const Indicators& indicators, const std::string& path,
               rpc::Violations& violations) {
  if (term.source() == LinearTerm::SOURCE_UNSPECIFIED) term.set_source(LinearTerm::SOURCE_OWN);
  if (!LinearTerm::Source_IsValid(term.source())) {
    violations.Add(path + ".source", "OUT_OF_RANGE", "no such source", "没有该取数来源");
    return;
  }
  if (term.factor_thousandths() == 0) term.set_factor_thousandths(kOnce);
  CheckBound(term.factor_thousandths(), kGreatestFactor, path + ".factor_thousandths", violations);
  if (term.source() == LinearTerm::SOURCE_LOWER_LEVEL) return;  // CheckLowerTerms
  const auto found = indicators.find(term.indicator_id());
  if (found == indicators.end()) {
    violations.Add(path + ".indicator_id", "INDICATOR_UNKNOWN", "the form has no such indicator",
                   "报表中没有该指标");
  } else if (term.source() == LinearTerm::SOURCE_RECORDS && found->second->measure().empty()) {
    violations.Add(path + ".indicator_id", "INDICATOR_WITHOUT_MEASURE",
                   "no measure is named for it, so records show nothing", "该指标未对应度量，无法由记录得出");
  }
}

void CheckSide(LinearExpression& side, const Indicators& indicators, const std::string& path,
               rpc::Violations& violations) {
  if (side.terms_size() > kMaxTerms) {
    violations.Add(path + ".terms", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxTerms, " terms"),
                   absl::StrCat("最多 ", kMaxTerms, " 项"));
    return;
  }
  for (int i = 0; i < side.terms_size(); ++i) {
    CheckTerm(*side.mutable_terms(i), indicators, absl::StrCat(path, ".terms[", i, "]"), violations);
  }
  CheckBound(side.constant(), kGreatestConstant, path + ".constant", violations);
}

void CheckRule(ValidationRule& rule, const Indicators& indicators, const std::string& path,
               rpc::Violations& violations) {
  if (rule.comparison() == ValidationRule::COMPARISON_UNSPECIFIED ||
      !ValidationRule::Comparison_IsValid(rule.comparison())) {
    violations.Add(path + ".comparison", "REQUIRED", "say how the sides compare", "须填写比较方式");
  }
  if (rule.severity() == ValidationRule::SEVERITY_UNSPECIFIED ||
      !ValidationRule::Severity_IsValid(rule.severity())) {
    violations.Add(path + ".severity", "REQUIRED", "say whether it is an error or a warning",
                   "须填写严重程度");
  }
  if (rule.left().terms().empty() && rule.right().terms().empty()) {
    violations.Add(path + ".left.terms", "REQUIRED", "one side at least needs a term", "至少一侧须有取数项");
  }
  CheckSide(*rule.mutable_left(), indicators, path + ".left", violations);
  CheckSide(*rule.mutable_right(), indicators, path + ".right", violations);
  CheckText(*rule.mutable_message(), path + ".message", 300, false, violations);
  CheckText(*rule.mutable_message_zh(), path + ".message_zh", 300, false, violations);
}

}  // namespace

void CheckFormRules(SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  if (form.rules_size() > kMaxRules) {
    violations.Add(path + ".rules", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxRules, " rules"),
                   absl::StrCat("最多 ", kMaxRules, " 条规则"));
    return;
  }
  Indicators indicators;
  for (const SummaryIndicator& indicator : form.indicators()) {
    indicators.try_emplace(indicator.indicator_id(), &indicator);
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < form.rules_size(); ++i) {
    const std::string place = absl::StrCat(path, ".rules[", i, "]");
    const std::string& id = form.rules(i).rule_id();
    if (!IsIdentifier(id, 64, "_-")) {
      violations.Add(place + ".rule_id", "IDENTIFIER_INVALID", "must be 1 to 64 of a-z, 0-9, '_' and '-'",
                     "须为 1 至 64 个小写字母、数字、下划线或连字符");
    } else if (!seen.insert(id).second) {
      violations.Add(place + ".rule_id", "DUPLICATE", "the form has it twice", "重复");
    }
    CheckRule(*form.mutable_rules(i), indicators, place, violations);
  }
}

void CheckLowerTerms(const SummaryForm& form, absl::FunctionRef<bool(const std::string&)> has_lower,
                     const std::string& path, rpc::Violations& violations) {
  const auto check = [&](const LinearExpression& side, const std::string& side_path) {
    for (int i = 0; i < std::min(side.terms_size(), kMaxTerms); ++i) {
      const LinearTerm& term = side.terms(i);
      if (term.source() != LinearTerm::SOURCE_LOWER_LEVEL || has_lower(term.indicator_id())) continue;
      violations.Add(absl::StrCat(side_path, ".terms[", i, "].indicator_id"), "INDICATOR_UNKNOWN",
                     "the lower form has no such indicator", "下级报表中没有该指标");
    }
  };
  for (int i = 0; i < std::min(form.rules_size(), kMaxRules); ++i) {
    const std::string place = absl::StrCat(path, ".rules[", i, "]");
    check(form.rules(i).left(), place + ".left");
    check(form.rules(i).right(), place + ".right");
  }
}

}  // namespace zhuqi::intake
