#include "services/intake/directory/unit_check.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/directory/unit_history.h"
#include "common/vocabulary/division_code.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnit;
using directory::v1::OrgUnitCode;

constexpr size_t kMaxCodeLength = 32;
constexpr int kMaxCodes = 100;
constexpr int kMaxSuccessors = 50;

bool IsDivisionList(directory::v1::CodeSystem system) {
  return system == directory::v1::CODE_SYSTEM_GB_T_2260 || system == directory::v1::CODE_SYSTEM_NBS;
}

class UnitChecker {
 public:
  UnitChecker(const DesiredState& state, rpc::Violations& violations)
      : state_(state), violations_(violations) {}

  void Check(const OrgUnit& unit, const std::string& path) {
    if (unit.level() == directory::v1::ORG_UNIT_LEVEL_UNSPECIFIED ||
        !directory::v1::OrgUnitLevel_IsValid(unit.level())) {
      violations_.Add(path + ".level", "REQUIRED", "a level of the tree is required", "须填写区划层级");
    }
    CheckParent(unit, path);
    CheckChildren(unit, path);
    CheckCodes(unit, path + ".codes");
    const auto opened = CheckDay(unit.has_opened_on(), unit.opened_on(), path + ".opened_on", violations_);
    const auto closed = CheckDay(unit.has_closed_on(), unit.closed_on(), path + ".closed_on", violations_);
    CheckDays(opened, closed, path + ".closed_on", violations_);
    CheckEndHasCome(closed, state_.today(), path + ".closed_on", violations_);
    CheckFormer(unit.former_parents(), opened, state_.today(), path + ".former_parents", violations_);
    CheckFormer(unit.former_names(), opened, state_.today(), path + ".former_names", violations_);
    CheckFormerParents(unit, path);
    CheckEnd(unit, path);
  }

 private:
  void CheckParent(const OrgUnit& unit, const std::string& path) {
    const std::string field = path + ".parent_id";
    if (unit.parent_id().empty()) {
      if (state_.HasRootBeside(unit.org_unit_id())) {
        violations_.Add(field, "SECOND_ROOT", "the tree has another root already; name the parent",
                        "目录已有根机构，须填写上级机构");
      }
      return;
    }
    const OrgUnit* parent = state_.FindUnit(unit.parent_id());
    if (parent == nullptr) {
      AddUnknownUnit(field);
    } else if (IsInCircle(unit)) {
      violations_.Add(field, "CIRCLE", "the unit would be below itself", "该机构会成为自己的下级");
    } else if (parent->level() >= unit.level()) {
      violations_.Add(path + ".level", "LEVEL_NOT_BELOW_PARENT", "must be deeper than the parent's level",
                      "层级须低于上级机构的层级");
    }
  }

  void AddUnknownUnit(const std::string& field) {
    violations_.Add(field, "ORG_UNIT_UNKNOWN", "neither the directory nor the request has this unit",
                    "目录和本次请求中都没有该机构");
  }

  bool IsInCircle(const OrgUnit& unit) const {
    // There are six levels. A longer way up leads through levels that do not grow, which is said where they
    // stand.
    constexpr int kLongestWayUp = 100;
    const OrgUnit* above = &unit;
    for (int steps = 0; steps < kLongestWayUp; ++steps) {
      above = above->parent_id().empty() ? nullptr : state_.FindUnit(above->parent_id());
      if (above == nullptr) return false;
      if (above->org_unit_id() == unit.org_unit_id()) return true;
    }
    return false;
  }

  // Units below, now or formerly, that the request does not name: those that it names are checked themselves.
  void CheckChildren(const OrgUnit& unit, const std::string& path) {
    const Directory& before = state_.before();
    for (const std::vector<std::string>* children :
         {&before.ChildrenOf(unit.org_unit_id()), &before.FormerChildrenOf(unit.org_unit_id())}) {
      for (const std::string& child_id : *children) {
        const OrgUnit* child = state_.FindUnit(child_id);
        if (child != before.FindUnit(child_id) || child->level() > unit.level()) continue;
        violations_.Add(path + ".level", "LEVEL_NOT_ABOVE_CHILD",
                        absl::StrCat("must be above the level of ", child_id, ", which is or was below it"),
                        absl::StrCat("层级须高于其现在或曾经的下级机构 ", child_id));
        return;
      }
    }
  }

  // Levels grow along former edges too, so the tree of no day has a circle.
  void CheckFormerParents(const OrgUnit& unit, const std::string& path) {
    for (int i = 0; i < std::min(unit.former_parents_size(), kMaxFormer); ++i) {
      const std::string& parent_id = unit.former_parents(i).parent_id();
      if (parent_id.empty()) continue;
      const std::string field = absl::StrCat(path, ".former_parents[", i, "].parent_id");
      const OrgUnit* parent = state_.FindUnit(parent_id);
      if (parent == nullptr) {
        AddUnknownUnit(field);
      } else if (parent->level() >= unit.level()) {
        violations_.Add(field, "LEVEL_NOT_BELOW_PARENT", "must be of a level above the unit's",
                        "曾经的上级机构的层级须高于该机构");
      }
    }
  }

  // What is said of a unit that ended.
  void CheckEnd(const OrgUnit& unit, const std::string& path) {
    if (!unit.has_closed_on() && !unit.closing_reason().empty()) {
      violations_.Add(path + ".closing_reason", "UNIT_OPEN", "the unit is not closed", "该机构未撤销");
    }
    if (!unit.has_closed_on() && !unit.successor_ids().empty()) {
      violations_.Add(path + ".successor_ids", "UNIT_OPEN", "the unit is not closed", "该机构未撤销");
    }
    CheckDistinct(unit.successor_ids(), kMaxSuccessors, path + ".successor_ids", violations_);
    for (int i = 0; i < std::min(unit.successor_ids_size(), kMaxSuccessors); ++i) {
      const std::string field = absl::StrCat(path, ".successor_ids[", i, "]");
      if (unit.successor_ids(i) == unit.org_unit_id()) {
        violations_.Add(field, "CIRCLE", "a unit does not take over from itself", "机构不能承接自身");
      } else if (state_.FindUnit(unit.successor_ids(i)) == nullptr) {
        AddUnknownUnit(field);
      }
    }
  }

  void CheckCodes(const OrgUnit& unit, const std::string& path) {
    if (unit.codes_size() > kMaxCodes) {
      violations_.Add(path, "OUT_OF_RANGE", absl::StrCat("at most ", kMaxCodes, " entries"),
                      absl::StrCat("最多 ", kMaxCodes, " 项"));
      return;
    }
    for (int i = 0; i < unit.codes_size(); ++i) CheckCode(unit, i, absl::StrCat(path, "[", i, "]"));
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
    const auto from = CheckDay(code.has_valid_from(), code.valid_from(), path + ".valid_from", violations_);
    const auto to = CheckDay(code.has_valid_to(), code.valid_to(), path + ".valid_to", violations_);
    CheckDays(from, to, path + ".valid_to", violations_);
    CheckHolders(unit, code, path);
    for (int i = 0; i < index; ++i) {
      const OrgUnitCode& earlier = unit.codes(i);
      if (earlier.system() == code.system() && earlier.code() == code.code() &&
          earlier.edition() == code.edition() && AreValidAtOnce(earlier, code)) {
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
    for (const OrgUnit* holder : state_.HoldersOf(code.system(), code.code())) {
      if (holder->org_unit_id() == unit.org_unit_id()) continue;
      for (const OrgUnitCode& held : holder->codes()) {
        if (held.system() != code.system() || held.code() != code.code() || !AreValidAtOnce(held, code)) {
          continue;
        }
        violations_.Add(path + ".code", "CODE_IN_USE",
                        absl::StrCat("the code is in force for ", holder->org_unit_id(), " too"),
                        absl::StrCat("该代码同时属于机构 ", holder->org_unit_id()));
        return;
      }
    }
  }

  const DesiredState& state_;
  rpc::Violations& violations_;
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
