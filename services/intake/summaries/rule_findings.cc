#include "services/intake/summaries/rule_findings.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"

namespace zhuqi::intake {
namespace {

using directory::v1::LinearExpression;
using directory::v1::LinearTerm;
using directory::v1::SummaryIndicator;
using directory::v1::ValidationRule;

constexpr int64_t kOnce = 1000;

// Works out rules over one summary.
class RuleCheck {
 public:
  RuleCheck(const v1::MonthlySummary& summary, const MonthEvidence& evidence)
      : summary_(summary), evidence_(evidence) {}

  // Absent when a number that it needs is not there, which is then noted for people.
  std::optional<ExactNumber> Side(const LinearExpression& side) {
    ExactNumber sum = ExactNumber::FromWhole(side.constant());
    for (const LinearTerm& term : side.terms()) {
      const std::optional<ExactNumber> number = Term(term);
      if (!number.has_value()) {
        lacking_ = absl::StrCat(term.indicator_id(), Where(term.source()));
        return std::nullopt;
      }
      const int64_t factor = term.factor_thousandths() == 0 ? kOnce : term.factor_thousandths();
      sum += ExactNumber::TimesThousandths(*number, factor);
    }
    return sum;
  }
  const std::string& lacking() const { return lacking_; }

 private:
  std::optional<ExactNumber> Term(const LinearTerm& term) const {
    switch (term.source()) {
      case LinearTerm::SOURCE_LOWER_LEVEL:
        return Lower(term.indicator_id());
      case LinearTerm::SOURCE_RECORDS:
        return Records(term.indicator_id());
      case LinearTerm::SOURCE_MONTH_BEFORE:
        return MonthBefore(term.indicator_id());
      default:
        return NumberOf(summary_, *evidence_.form, term.indicator_id());
    }
  }

  std::optional<ExactNumber> Lower(const std::string& indicator_id) const {
    ExactNumber sum;
    bool any = false;
    for (const FormedSummary& lower : evidence_.lower) {
      const std::optional<ExactNumber> number = NumberOf(lower.summary, *lower.form, indicator_id);
      if (!number.has_value()) continue;
      sum += *number;
      any = true;
    }
    return any ? std::make_optional(sum) : std::nullopt;
  }

  std::optional<ExactNumber> Records(const std::string& indicator_id) const {
    const SummaryIndicator* indicator = FindIndicator(*evidence_.form, indicator_id);
    const auto counted = evidence_.own_records.find(indicator_id);
    if (indicator == nullptr || counted == evidence_.own_records.end()) return std::nullopt;
    return ExactNumber::FromCell(counted->second, indicator->decimals());
  }

  std::optional<ExactNumber> MonthBefore(const std::string& indicator_id) const {
    const auto month = absl::CivilMonth(summary_.month().year(), summary_.month().month()) - 1;
    for (const FormedSummary& past : evidence_.past) {
      if (absl::CivilMonth(past.summary.month().year(), past.summary.month().month()) != month) continue;
      return NumberOf(past.summary, *past.form, indicator_id);
    }
    return std::nullopt;
  }

  static const char* Where(LinearTerm::Source source) {
    switch (source) {
      case LinearTerm::SOURCE_LOWER_LEVEL:
        return " of the level below";
      case LinearTerm::SOURCE_RECORDS:
        return " of the records";
      case LinearTerm::SOURCE_MONTH_BEFORE:
        return " of the month before";
      default:
        return "";
    }
  }

  const v1::MonthlySummary& summary_;
  const MonthEvidence& evidence_;
  std::string lacking_;
};

bool Holds(ValidationRule::Comparison comparison, ExactNumber left, ExactNumber right) {
  switch (comparison) {
    case ValidationRule::COMPARISON_AT_MOST:
      return !(right < left);
    case ValidationRule::COMPARISON_AT_LEAST:
      return !(left < right);
    default:
      return left == right;
  }
}

// The one indicator that the rule looks at in this summary; empty when they are several.
std::string IndicatorOf(const ValidationRule& rule) {
  std::string found;
  for (const LinearExpression* side : {&rule.left(), &rule.right()}) {
    for (const LinearTerm& term : side->terms()) {
      const bool own =
          term.source() == LinearTerm::SOURCE_OWN || term.source() == LinearTerm::SOURCE_UNSPECIFIED;
      if (!own || term.indicator_id() == found) continue;
      if (!found.empty()) return "";
      found = term.indicator_id();
    }
  }
  return found;
}

std::optional<v1::SummaryFinding> Check(const ValidationRule& rule, RuleCheck check) {
  v1::SummaryFinding finding;
  finding.set_rule_id(rule.rule_id());
  finding.set_indicator_id(IndicatorOf(rule));
  const std::optional<ExactNumber> left = check.Side(rule.left());
  const std::optional<ExactNumber> right = left.has_value() ? check.Side(rule.right()) : std::nullopt;
  if (!right.has_value()) {
    finding.set_not_checked(true);
    finding.set_message(absl::StrCat("not checked: there is no ", check.lacking()));
    finding.set_message_zh(absl::StrCat("未校验：缺少 ", check.lacking()));
    return finding;
  }
  if (Holds(rule.comparison(), *left, *right)) return std::nullopt;
  finding.set_error(rule.severity() != ValidationRule::SEVERITY_WARNING);
  finding.set_message(rule.message().empty() ? absl::StrCat(rule.rule_id(), " does not hold")
                                             : rule.message());
  finding.set_message_zh(rule.message_zh().empty() ? absl::StrCat("不符合规则 ", rule.rule_id())
                                                   : rule.message_zh());
  finding.set_figures(absl::StrCat(left->ToString(),
                                   *left < *right   ? " < "
                                   : *right < *left ? " > "
                                                    : " = ",
                                   right->ToString()));
  return finding;
}

}  // namespace

void AddRuleFindings(const v1::MonthlySummary& summary, const MonthEvidence& evidence,
                     std::vector<v1::SummaryFinding>& findings) {
  for (const ValidationRule& rule : evidence.form->rules()) {
    std::optional<v1::SummaryFinding> finding = Check(rule, RuleCheck(summary, evidence));
    if (finding.has_value()) findings.push_back(*std::move(finding));
  }
}

}  // namespace zhuqi::intake
