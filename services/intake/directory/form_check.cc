#include "services/intake/directory/form_check.h"

#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/directory/date_message.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::SummaryForm;

constexpr int kMaxIndicators = 200;

std::optional<absl::CivilMonth> CheckMonth(const common::v1::YearMonth& month, const std::string& path,
                                           rpc::Violations& violations) {
  const std::optional<absl::CivilMonth> civil = CivilMonthFrom(month);
  if (!civil.has_value()) {
    violations.Add(path, "MONTH_INVALID", "must be a month, 2000 to 2100", "须为 2000 至 2100 年间的月份");
  }
  return civil;
}

void CheckMonths(const SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  const auto first = CheckMonth(form.first_month(), path + ".first_month", violations);
  if (!form.has_last_month()) return;
  const auto last = CheckMonth(form.last_month(), path + ".last_month", violations);
  if (first.has_value() && last.has_value() && *last < *first) {
    violations.Add(path + ".last_month", "MONTHS_OUT_OF_ORDER", "must not be before the first month",
                   "不能早于起始月份");
  }
}

void CheckIndicators(SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  if (form.indicators_size() < 1 || form.indicators_size() > kMaxIndicators) {
    violations.Add(path + ".indicators", "OUT_OF_RANGE", absl::StrCat("1 to ", kMaxIndicators, " indicators"),
                   absl::StrCat("须有 1 至 ", kMaxIndicators, " 项指标"));
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < form.indicators_size(); ++i) {
    directory::v1::SummaryIndicator& indicator = *form.mutable_indicators(i);
    const std::string place = absl::StrCat(path, ".indicators[", i, "]");
    if (!IsIdentifier(indicator.indicator_id(), 64, "_")) {
      violations.Add(place + ".indicator_id", "IDENTIFIER_INVALID", "must be 1 to 64 of a-z, 0-9 and '_'",
                     "须为 1 至 64 个小写字母、数字或下划线");
    } else if (!seen.insert(indicator.indicator_id()).second) {
      violations.Add(place + ".indicator_id", "DUPLICATE", "the form has this indicator twice", "指标重复");
    }
    CheckText(*indicator.mutable_name(), place + ".name", 100, true, violations);
    if (!indicator.measure().empty() && !IsIdentifier(indicator.measure(), 64, "_")) {
      violations.Add(place + ".measure", "IDENTIFIER_INVALID", "must be the name of a measure, or empty",
                     "须为度量名称，或留空");
    }
  }
}

}  // namespace

void CheckForm(SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  CheckText(*form.mutable_name(), path + ".name", 100, true, violations);
  if (form.level() == directory::v1::ORG_UNIT_LEVEL_UNSPECIFIED ||
      !directory::v1::OrgUnitLevel_IsValid(form.level())) {
    violations.Add(path + ".level", "REQUIRED", "say which level owes the form", "须填写应报层级");
  }
  CheckMonths(form, path, violations);
  if (form.due_working_day() < 1 || form.due_working_day() > 15) {
    violations.Add(path + ".due_working_day", "OUT_OF_RANGE", "1 to 15", "须为 1 至 15");
  }
  if (form.due_minute() < 0 || form.due_minute() > 1439) {
    violations.Add(path + ".due_minute", "OUT_OF_RANGE", "0 to 1,439", "须为 0 至 1439");
  }
  CheckIndicators(form, path, violations);
}

}  // namespace zhuqi::intake
