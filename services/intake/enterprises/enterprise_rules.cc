#include "services/intake/enterprises/enterprise_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/credit_code.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxTags = 20;
constexpr size_t kMaxShownCode = 64;
constexpr absl::Duration kClockTolerance = absl::Minutes(1);

// Looks at one enterprise, and brings it to its normal form as it goes.
class Checker {
 public:
  Checker(CheckedEnterprise& checked, const std::string& path, const Directory& directory, absl::Time now)
      : checked_(checked),
        enterprise_(checked.enterprise),
        path_(path),
        directory_(directory),
        today_(CityDay(now + kClockTolerance)) {}

  void Run() {
    CheckCode();
    CheckText(*enterprise_.mutable_name(), At("name"), 200, true, checked_.violations);
    CheckText(*enterprise_.mutable_address(), At("address"), 200, false, checked_.violations);
    if (!enterprise_.industry_section().empty() && !IsIndustrySection(enterprise_.industry_section())) {
      Refuse("industry_section", "INDUSTRY_SECTION_UNKNOWN", "must be a section of GB/T 4754, A to T",
             "须为国民经济行业分类（GB/T 4754）的门类 A 至 T");
    }
    if (!directory::v1::EnterpriseSize_IsValid(enterprise_.size())) {
      Refuse("size", "OUT_OF_RANGE", "no such size", "没有该企业规模");
    }
    CheckTags();
    CheckDates();
    CheckUnit();
  }

 private:
  std::string At(absl::string_view field) const { return absl::StrCat(path_, ".", field); }
  void Refuse(absl::string_view field, absl::string_view reason, std::string english, std::string chinese) {
    checked_.violations.Add(At(field), reason, std::move(english), std::move(chinese));
  }
  void Warn(absl::string_view field, absl::string_view reason, std::string english, std::string chinese) {
    checked_.warnings.Add(At(field), reason, std::move(english), std::move(chinese));
  }

  void CheckCode() {
    const vocabulary::CreditCodeCheck code = vocabulary::CheckCreditCode(enterprise_.uscc());
    if (code.problem.has_value()) {
      Refuse("uscc", vocabulary::ReasonName(*code.problem),
             "not a unified social credit code (GB 32100-2015)",
             "不是有效的统一社会信用代码（GB 32100-2015）");
      // It is shown as it was sent, and an answer has room for no more.
      enterprise_.set_uscc(FirstCharacters(enterprise_.uscc(), kMaxShownCode));
      return;
    }
    if (code.organisation_code_mismatch) {
      Warn("uscc", "USCC_ORGANISATION_CODE_MISMATCH",
           "the organisation code inside the credit code fails its own check",
           "信用代码中的组织机构代码校验位不符");
    }
    enterprise_.set_uscc(code.normalized);
  }

  void CheckTags() {
    if (enterprise_.tags_size() > kMaxTags) {
      // A request has room for a million of them: none is looked at.
      Refuse("tags", "OUT_OF_RANGE", "at most 20 entries", "最多 20 项");
      return;
    }
    CheckDistinct(enterprise_.tags(), kMaxTags, At("tags"), checked_.violations);
    for (int i = 0; i < enterprise_.tags_size(); ++i) {
      if (IsTag(enterprise_.tags(i))) continue;
      Refuse(absl::StrCat("tags[", i, "]"), "IDENTIFIER_INVALID", "must be 1 to 64 of a-z, 0-9 and '-'",
             "须为 1 至 64 个小写字母、数字或连字符");
    }
    // Their order says nothing, so it makes no difference between two enterprises either.
    std::sort(enterprise_.mutable_tags()->begin(), enterprise_.mutable_tags()->end());
  }

  std::optional<absl::CivilDay> CheckDate(const common::v1::Date& date, bool given, absl::string_view field) {
    const std::optional<absl::CivilDay> day = CheckDay(given, date, At(field), checked_.violations);
    if (day.has_value() && *day > today_) {
      Refuse(field, "DATE_IN_FUTURE", "must not be in the future", "日期不能晚于今天");
    }
    return day;
  }

  void CheckDates() {
    const auto registered =
        CheckDate(enterprise_.registered_on(), enterprise_.has_registered_on(), "registered_on");
    const auto closed = CheckDate(enterprise_.closed_on(), enterprise_.has_closed_on(), "closed_on");
    if (registered.has_value() && closed.has_value() && *closed < *registered) {
      Refuse("closed_on", "DATES_OUT_OF_ORDER", "it was struck off before it was registered",
             "注销日期早于登记日期");
    }
  }

  void CheckUnit() {
    const directory::v1::OrgUnit* unit = directory_.FindUnit(enterprise_.org_unit_id());
    if (unit == nullptr) {
      Refuse("org_unit_id", "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
    } else if (unit->has_closed_on() && CivilDayFrom(unit->closed_on()).value_or(today_) < today_) {
      // Refusing would keep the whole register out on the day after a merger.
      Warn("org_unit_id", "ORG_UNIT_CLOSED", "the unit is closed; name the one that took over from it",
           "该机构已撤销，请改为承接其职能的机构");
    }
  }

  CheckedEnterprise& checked_;
  v1::Enterprise& enterprise_;
  const std::string& path_;
  const Directory& directory_;
  const absl::CivilDay today_;
};

}  // namespace

CheckedEnterprise CheckEnterprise(const v1::Enterprise& enterprise, const std::string& path,
                                  const Directory& directory, absl::Time now) {
  CheckedEnterprise checked;
  checked.enterprise = enterprise;
  checked.enterprise.clear_revision();
  checked.enterprise.clear_updated_at();
  checked.enterprise.clear_last_visited_on();
  Checker(checked, path, directory, now).Run();
  if (checked.violations.empty()) {
    // No maps anywhere in it, so its serialised form is the same for the same content.
    checked.body = checked.enterprise.SerializeAsString();
  }
  return checked;
}

feed::v1::EnterpriseFacts FactsOf(const v1::Enterprise& enterprise) {
  feed::v1::EnterpriseFacts facts;
  facts.set_uscc(enterprise.uscc());
  facts.set_org_unit_id(enterprise.org_unit_id());
  facts.set_industry_section(enterprise.industry_section());
  facts.set_size(enterprise.size());
  *facts.mutable_tags() = enterprise.tags();
  facts.set_name(enterprise.name());
  return facts;
}

bool IsTag(absl::string_view text) { return IsIdentifier(text, 64, "-"); }

bool IsIndustrySection(absl::string_view text) {
  return text.size() == 1 && text[0] >= 'A' && text[0] <= 'T';
}

}  // namespace zhuqi::intake
