#include "services/intake/directory/unit_check.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/division_code.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnit;
using directory::v1::OrgUnitCode;

constexpr size_t kMaxCodeLength = 32;

// A span of days without bounds where nothing is said.
struct Validity {
  absl::CivilDay first = absl::CivilDay::min();
  absl::CivilDay last = absl::CivilDay::max();
};

bool Overlap(const Validity& left, const Validity& right) {
  return left.first <= right.last && right.first <= left.last;
}

Validity ValidityOf(const OrgUnitCode& code) {
  Validity validity;
  if (code.has_valid_from()) validity.first = CivilDayFrom(code.valid_from()).value_or(validity.first);
  if (code.has_valid_to()) validity.last = CivilDayFrom(code.valid_to()).value_or(validity.last);
  return validity;
}

bool IsDivisionList(directory::v1::CodeSystem system) {
  return system == directory::v1::CODE_SYSTEM_GB_T_2260 || system == directory::v1::CODE_SYSTEM_NBS;
}

class UnitChecker {
 public:
  UnitChecker(const DesiredState& state, rpc::Violations& violations)
      : state_(state), violations_(violations) {
    for (const auto& [id, unit] : state.units()) {
      if (unit->parent_id().empty()) ++roots_;
      for (const OrgUnitCode& code : unit->codes()) {
        holders_[{static_cast<int>(code.system()), code.code()}].push_back({unit, ValidityOf(code)});
      }
    }
  }

  void Check(const OrgUnit& unit, const std::string& path) {
    if (unit.level() == directory::v1::ORG_UNIT_LEVEL_UNSPECIFIED ||
        !directory::v1::OrgUnitLevel_IsValid(unit.level())) {
      violations_.Add(path + ".level", "REQUIRED", "a level of the tree is required", "须填写区划层级");
    }
    CheckParent(unit, path);
    CheckChildren(unit, path);
    for (int i = 0; i < unit.codes_size(); ++i) CheckCode(unit, i, absl::StrCat(path, ".codes[", i, "]"));
    CheckSpan(unit.has_opened_on() ? &unit.opened_on() : nullptr, path + ".opened_on",
              unit.has_closed_on() ? &unit.closed_on() : nullptr, path + ".closed_on");
  }

 private:
  void CheckParent(const OrgUnit& unit, const std::string& path) {
    const std::string field = path + ".parent_id";
    if (unit.parent_id().empty()) {
      if (roots_ > 1) {
        violations_.Add(field, "SECOND_ROOT", "the tree has another root already; name the parent",
                        "目录已有根机构，须填写上级机构");
      }
      return;
    }
    const OrgUnit* parent = state_.FindUnit(unit.parent_id());
    if (parent == nullptr) {
      violations_.Add(field, "ORG_UNIT_UNKNOWN", "neither the directory nor the request has this unit",
                      "目录和本次请求中都没有该上级机构");
    } else if (IsInCircle(unit)) {
      violations_.Add(field, "CIRCLE", "the unit would be below itself", "该机构会成为自己的下级");
    } else if (parent->level() >= unit.level()) {
      violations_.Add(path + ".level", "LEVEL_NOT_BELOW_PARENT", "must be deeper than the parent's level",
                      "层级须低于上级机构的层级");
    }
  }

  bool IsInCircle(const OrgUnit& unit) const {
    const OrgUnit* above = &unit;
    // A path longer than the number of units runs in a circle somewhere above, which is that circle's fault.
    for (size_t steps = 0; steps <= state_.units().size(); ++steps) {
      above = above->parent_id().empty() ? nullptr : state_.FindUnit(above->parent_id());
      if (above == nullptr) return false;
      if (above->org_unit_id() == unit.org_unit_id()) return true;
    }
    return false;
  }

  // Units below that the request does not name: those that it names are checked themselves.
  void CheckChildren(const OrgUnit& unit, const std::string& path) {
    for (const std::string& child_id : state_.before().ChildrenOf(unit.org_unit_id())) {
      const OrgUnit* child = state_.FindUnit(child_id);
      if (child == state_.before().FindUnit(child_id) && child->level() <= unit.level()) {
        violations_.Add(path + ".level", "LEVEL_NOT_ABOVE_CHILD",
                        absl::StrCat("must be above the level of ", child_id, ", which is below it"),
                        absl::StrCat("层级须高于其下级机构 ", child_id));
        return;
      }
    }
  }

  void CheckCode(const OrgUnit& unit, int index, const std::string& path) {
    const OrgUnitCode& code = unit.codes(index);
    if (code.system() == directory::v1::CODE_SYSTEM_UNSPECIFIED ||
        !directory::v1::CodeSystem_IsValid(code.system())) {
      violations_.Add(path + ".system", "REQUIRED", "say who gave the code out", "须填写代码体系");
    }
    if (!CheckCodeForm(code, path)) return;
    if (code.edition().size() > kMaxCodeLength || !std::all_of(code.edition().begin(), code.edition().end(),
                                                               [](char c) { return c > ' ' && c <= '~'; })) {
      violations_.Add(path + ".edition", "EDITION_INVALID", "must be at most 32 printable ASCII characters",
                      "版本最多 32 个可见 ASCII 字符");
    } else if (code.edition().empty() && IsDivisionList(code.system())) {
      violations_.Add(path + ".edition", "REQUIRED", "say which edition of the list has the code",
                      "须填写代码表的版本");
    }
    CheckSpan(code.has_valid_from() ? &code.valid_from() : nullptr, path + ".valid_from",
              code.has_valid_to() ? &code.valid_to() : nullptr, path + ".valid_to");
    CheckHolders(unit, code, path);
    for (int i = 0; i < index; ++i) {
      const OrgUnitCode& earlier = unit.codes(i);
      if (earlier.system() == code.system() && earlier.code() == code.code() &&
          earlier.edition() == code.edition() && Overlap(ValidityOf(earlier), ValidityOf(code))) {
        violations_.Add(path + ".code", "DUPLICATE", "the unit has this code twice", "同一代码重复填写");
        return;
      }
    }
  }

  bool CheckCodeForm(const OrgUnitCode& code, const std::string& path) {
    if (IsDivisionList(code.system())) {
      const vocabulary::DivisionCodeCheck check = vocabulary::CheckDivisionCode(code.code());
      if (check.problem.has_value()) {
        violations_.Add(path + ".code", vocabulary::ReasonName(*check.problem),
                        "not a division code of 6, 9 or 12 digits", "不是 6、9 或 12 位的行政区划代码");
        return false;
      }
    }
    const bool well_formed = !code.code().empty() && code.code().size() <= kMaxCodeLength &&
                             std::all_of(code.code().begin(), code.code().end(), [](char c) {
                               return absl::ascii_isupper(static_cast<unsigned char>(c)) ||
                                      absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
                             });
    if (!well_formed) {
      violations_.Add(path + ".code", "CODE_INVALID", "must be 1 to 32 of 0-9, A-Z and '-'",
                      "代码须为 1 至 32 个数字、大写字母或连字符");
    }
    return well_formed;
  }

  // Two units may have had one code one after the other, never on one day.
  void CheckHolders(const OrgUnit& unit, const OrgUnitCode& code, const std::string& path) {
    const auto found = holders_.find({static_cast<int>(code.system()), code.code()});
    if (found == holders_.end()) return;
    for (const auto& [holder, validity] : found->second) {
      if (holder->org_unit_id() != unit.org_unit_id() && Overlap(validity, ValidityOf(code))) {
        violations_.Add(path + ".code", "CODE_IN_USE",
                        absl::StrCat("the code is in force for ", holder->org_unit_id(), " too"),
                        absl::StrCat("该代码同时属于机构 ", holder->org_unit_id()));
        return;
      }
    }
  }

  void CheckSpan(const common::v1::Date* first, const std::string& first_path, const common::v1::Date* last,
                 const std::string& last_path) {
    const std::optional<absl::CivilDay> from = CheckDay(first, first_path);
    const std::optional<absl::CivilDay> to = CheckDay(last, last_path);
    if (from.has_value() && to.has_value() && *to < *from) {
      violations_.Add(last_path, "DATES_OUT_OF_ORDER", "must not be before the first day",
                      "不能早于起始日期");
    }
  }

  std::optional<absl::CivilDay> CheckDay(const common::v1::Date* date, const std::string& path) {
    if (date == nullptr) return std::nullopt;
    const std::optional<absl::CivilDay> day = CivilDayFrom(*date);
    if (!day.has_value()) {
      violations_.Add(path, "DATE_INVALID", "must be a date that exists, 2000 to 2100",
                      "须为 2000 至 2100 年间存在的日期");
    }
    return day;
  }

  struct Holder {
    const OrgUnit* unit;
    Validity validity;
  };
  const DesiredState& state_;
  rpc::Violations& violations_;
  int roots_ = 0;
  absl::flat_hash_map<std::pair<int, std::string>, std::vector<Holder>> holders_;
};

}  // namespace

void CheckUnits(const directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                rpc::Violations& violations) {
  if (request.org_units().empty()) return;
  UnitChecker checker(state, violations);
  for (int i = 0; i < request.org_units_size(); ++i) {
    checker.Check(request.org_units(i), absl::StrCat("org_units[", i, "]"));
  }
}

}  // namespace zhuqi::intake
