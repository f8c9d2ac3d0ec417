#include "services/intake/directory/form_check.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/directory/date_message.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/form_rule_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::SummaryForm;
using directory::v1::SummaryIndicator;

constexpr int kMaxIndicators = 200;
constexpr int kMaxSections = 20;
constexpr int kMaxVersion = 10'000;
constexpr int64_t kGreatestCell = 1'000'000'000'000;
constexpr int kDefaultReturnDays = 3;
constexpr int kDefaultSectionCharacters = 2000;

void CheckRange(int64_t value, int64_t least, int64_t greatest, const std::string& path,
                rpc::Violations& violations) {
  if (value >= least && value <= greatest) return;
  violations.Add(path, "OUT_OF_RANGE", absl::StrCat(least, " to ", greatest),
                 absl::StrCat("须为 ", least, " 至 ", greatest));
}

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

void CheckTerms(SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  CheckRange(form.due_working_day(), 1, 15, path + ".due_working_day", violations);
  CheckRange(form.due_minute(), 0, 1439, path + ".due_minute", violations);
  if (form.lock_working_day() != 0) {
    CheckRange(form.lock_working_day(), std::max(1, form.due_working_day()), 22, path + ".lock_working_day",
               violations);
  }
  if (form.return_working_days() == 0) form.set_return_working_days(kDefaultReturnDays);
  CheckRange(form.return_working_days(), 1, 22, path + ".return_working_days", violations);
  CheckRange(form.remind_working_days(), 0, 15, path + ".remind_working_days", violations);
}

// The identities of a form's parts: their form, and that none is named twice.
class PartIds {
 public:
  explicit PartIds(rpc::Violations& violations) : violations_(violations) {}
  void Check(const std::string& id, const std::string& path) {
    if (!IsIdentifier(id, 64, "_")) {
      violations_.Add(path, "IDENTIFIER_INVALID", "must be 1 to 64 of a-z, 0-9 and '_'",
                      "须为 1 至 64 个小写字母、数字或下划线");
    } else if (!seen_.insert(id).second) {
      violations_.Add(path, "DUPLICATE", "the form has it twice", "重复");
    }
  }

 private:
  rpc::Violations& violations_;
  absl::flat_hash_set<std::string> seen_;
};

void CheckValues(const SummaryIndicator& indicator, const std::string& place, rpc::Violations& violations) {
  CheckRange(indicator.decimals(), 0, 4, place + ".decimals", violations);
  if (indicator.has_min_value()) {
    CheckRange(indicator.min_value(), -kGreatestCell, kGreatestCell, place + ".min_value", violations);
  }
  if (indicator.has_max_value()) {
    CheckRange(indicator.max_value(), -kGreatestCell, kGreatestCell, place + ".max_value", violations);
  }
  const int64_t least = indicator.has_min_value() ? indicator.min_value() : 0;
  const int64_t greatest = indicator.has_max_value() ? indicator.max_value() : 1'000'000'000;
  if (least <= greatest) return;
  violations.Add(place + (indicator.has_max_value() ? ".max_value" : ".min_value"), "VALUES_OUT_OF_ORDER",
                 "the greatest value must not be below the least", "最大值不能小于最小值");
}

void CheckIndicator(SummaryIndicator& indicator, const std::string& place, rpc::Violations& violations) {
  CheckText(*indicator.mutable_name(), place + ".name", 100, true, violations);
  if (!indicator.measure().empty() && !IsIdentifier(indicator.measure(), 64, "_")) {
    violations.Add(place + ".measure", "IDENTIFIER_INVALID", "must be the name of a measure, or empty",
                   "须为度量名称，或留空");
  }
  if (indicator.kind() == directory::v1::INDICATOR_KIND_UNSPECIFIED) {
    indicator.set_kind(directory::v1::INDICATOR_KIND_FLOW);
  } else if (!directory::v1::IndicatorKind_IsValid(indicator.kind())) {
    violations.Add(place + ".kind", "OUT_OF_RANGE", "no such kind", "没有该指标类型");
  }
  CheckText(*indicator.mutable_unit(), place + ".unit", 20, false, violations);
  CheckValues(indicator, place, violations);
}

void CheckIndicators(SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  if (form.indicators_size() < 1 || form.indicators_size() > kMaxIndicators) {
    violations.Add(path + ".indicators", "OUT_OF_RANGE", absl::StrCat("1 to ", kMaxIndicators, " indicators"),
                   absl::StrCat("须有 1 至 ", kMaxIndicators, " 项指标"));
  }
  PartIds ids(violations);
  for (int i = 0; i < form.indicators_size(); ++i) {
    const std::string place = absl::StrCat(path, ".indicators[", i, "]");
    ids.Check(form.indicators(i).indicator_id(), place + ".indicator_id");
    CheckIndicator(*form.mutable_indicators(i), place, violations);
  }
}

void CheckSections(SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  if (form.sections_size() > kMaxSections) {
    violations.Add(path + ".sections", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxSections, " sections"),
                   absl::StrCat("最多 ", kMaxSections, " 段"));
  }
  PartIds ids(violations);
  for (int i = 0; i < form.sections_size(); ++i) {
    directory::v1::NarrativeSection& section = *form.mutable_sections(i);
    const std::string place = absl::StrCat(path, ".sections[", i, "]");
    ids.Check(section.section_id(), place + ".section_id");
    CheckText(*section.mutable_name(), place + ".name", 100, true, violations);
    if (section.max_characters() == 0) section.set_max_characters(kDefaultSectionCharacters);
    CheckRange(section.max_characters(), 1, 8000, place + ".max_characters", violations);
  }
}

// An indicator of any version of the form: what is summed up in a month is the version of that month.
const SummaryIndicator* FindIndicator(const FormVersions& forms, const std::string& form_id,
                                      const std::string& indicator_id) {
  for (const auto& [key, form] : forms.all()) {
    if (key.first != form_id) continue;
    for (const SummaryIndicator& indicator : form.indicators()) {
      if (indicator.indicator_id() == indicator_id) return &indicator;
    }
  }
  return nullptr;
}

void CheckSummedIndicator(const SummaryIndicator& indicator, const SummaryForm& form,
                          const FormVersions& forms, const std::string& place, rpc::Violations& violations) {
  if (indicator.lower_indicator_id().empty()) return;
  const std::string path = place + ".lower_indicator_id";
  const SummaryIndicator* lower = FindIndicator(forms, form.lower_form_id(), indicator.lower_indicator_id());
  if (lower == nullptr) {
    violations.Add(path, "INDICATOR_UNKNOWN", "the lower form has no such indicator", "下级报表中没有该指标");
  } else if (indicator.kind() == directory::v1::INDICATOR_KIND_RATE ||
             lower->kind() == directory::v1::INDICATOR_KIND_RATE) {
    violations.Add(path, "RATE_NOT_ADDED", "a share adds over nothing", "比率不能相加");
  } else if (lower->decimals() != indicator.decimals()) {
    violations.Add(path, "DECIMALS_DIFFER", "both need the same digits after the point",
                   "两项指标的小数位数须相同");
  }
}

}  // namespace

void CheckForm(SummaryForm& form, const std::string& path, rpc::Violations& violations) {
  if (form.version() == 0) form.set_version(1);
  CheckRange(form.version(), 1, kMaxVersion, path + ".version", violations);
  CheckText(*form.mutable_name(), path + ".name", 100, true, violations);
  if (form.level() == directory::v1::ORG_UNIT_LEVEL_UNSPECIFIED ||
      !directory::v1::OrgUnitLevel_IsValid(form.level())) {
    violations.Add(path + ".level", "REQUIRED", "say which level owes the form", "须填写应报层级");
  }
  CheckMonths(form, path, violations);
  CheckTerms(form, path, violations);
  CheckIndicators(form, path, violations);
  CheckSections(form, path, violations);
  CheckFormRules(form, path, violations);
}

void CheckLowerForm(const SummaryForm& form, const FormVersions& forms, const std::string& path,
                    rpc::Violations& violations) {
  if (!form.lower_form_id().empty()) {
    const auto lower = forms.newest().find(form.lower_form_id());
    if (lower == forms.newest().end()) {
      violations.Add(path + ".lower_form_id", "FORM_UNKNOWN",
                     "neither the directory nor the request has this form", "目录和本次请求中都没有该报表");
      return;
    }
    if (lower->second.level() <= form.level()) {
      violations.Add(path + ".lower_form_id", "LOWER_FORM_NOT_BELOW", "must be owed by a level below",
                     "须为更低层级应报的报表");
    }
  }
  for (int i = 0; i < form.indicators_size(); ++i) {
    CheckSummedIndicator(form.indicators(i), form, forms, absl::StrCat(path, ".indicators[", i, "]"),
                         violations);
  }
  const auto has_lower = [&](const std::string& indicator_id) {
    return FindIndicator(forms, form.lower_form_id(), indicator_id) != nullptr;
  };
  CheckLowerTerms(form, has_lower, path, violations);
}

}  // namespace zhuqi::intake
