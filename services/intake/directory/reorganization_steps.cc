#include "services/intake/directory/reorganization_steps.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/directory/date_message.h"
#include "common/directory/unit_history.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/unit_end.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnit;
using directory::v1::OrgUnitCode;

constexpr int kMaxMerged = 50;
constexpr int kMaxHeirs = 50;
constexpr std::size_t kMaxClosingReason = 500;

constexpr char kUnits[] = "org_units";
constexpr char kDepartments[] = "departments";
constexpr char kTeams[] = "teams";

// `Message`: OrgUnit or Department.
template <typename Message>
absl::CivilDay OpenedOn(const Message& message) {
  return message.has_opened_on() ? CivilDayFrom(message.opened_on()).value_or(absl::CivilDay::min())
                                 : absl::CivilDay::min();
}

// The day after the last one of `former`, which is in order.
template <typename Former>
absl::CivilDay DayAfter(const google::protobuf::RepeatedPtrField<Former>& former) {
  const auto last = former.empty() ? std::nullopt : CivilDayFrom(former.rbegin()->until());
  return last.has_value() ? *last + 1 : absl::CivilDay::min();
}

// The first day on which the unit's newest change held.
absl::CivilDay LastChange(const OrgUnit& unit) {
  const auto closed = unit.has_closed_on() ? CivilDayFrom(unit.closed_on()) : std::nullopt;
  return std::max({OpenedOn(unit), DayAfter(unit.former_parents()), DayAfter(unit.former_names()),
                   closed.has_value() ? *closed + 1 : absl::CivilDay::min()});
}

absl::CivilDay LastChange(const directory::v1::Department& department) {
  return std::max(
      {OpenedOn(department), DayAfter(department.former_superiors()), DayAfter(department.former_units())});
}

bool IsSameList(const OrgUnitCode& left, const OrgUnitCode& right) {
  return left.system() == right.system() && left.edition() == right.edition();
}

}  // namespace

const OrgUnit* ReorganizationSteps::Usable(const std::string& org_unit_id, const std::string& path) {
  const OrgUnit* unit = state_.FindUnit(org_unit_id);
  if (unit == nullptr) {
    violations_.Add(path, "ORG_UNIT_UNKNOWN", "neither the directory nor an operation before has this unit",
                    "目录和之前的操作中都没有该机构");
    return nullptr;
  }
  if (IsClosedBefore(*unit, state_.day())) {
    const std::string day = absl::FormatCivilTime(*CivilDayFrom(unit->closed_on()));
    if (closed_.ok()) {
      closed_ = rpc::Error(absl::StatusCode::kFailedPrecondition, "UNIT_CLOSED",
                           absl::StrCat(org_unit_id, " was closed on ", day),
                           absl::StrCat("机构 ", org_unit_id, " 已于 ", day, " 撤销"),
                           {{"org_unit_id", org_unit_id}, {"field", path}});
    }
    return nullptr;
  }
  if (LastChange(*unit) > state_.day()) {
    AddTooEarly(org_unit_id);
    return nullptr;
  }
  return unit;
}

const OrgUnit* ReorganizationSteps::Ending(const std::string& org_unit_id, const std::string& path) {
  const OrgUnit* unit = Usable(org_unit_id, path);
  if (unit == nullptr) return nullptr;
  if (unit->parent_id().empty()) {
    violations_.Add(path, "ROOT_ENDS", "the root of the tree can not end", "根机构不能终止");
    return nullptr;
  }
  if (OpenedOn(*unit) >= state_.day()) {
    AddTooEarly(org_unit_id);
    return nullptr;
  }
  const std::vector<std::string> left = state_.LeftSince(org_unit_id);
  for (const std::string& id : left) AddTooEarly(id);
  return left.empty() ? unit : nullptr;
}

void ReorganizationSteps::AddTooEarly(const std::string& id) {
  if (!too_early_.insert(id).second) return;
  violations_.Add("effective_on", "EFFECTIVE_ON_TOO_EARLY",
                  absl::StrCat(id, " opened, changed or ends later than that"),
                  absl::StrCat("机构 ", id, " 在此之后才成立，或已有变更"));
}

bool ReorganizationSteps::CheckParent(directory::v1::OrgUnitLevel level, const std::string& parent_id,
                                      const std::string& path) {
  const OrgUnit* parent = Usable(parent_id, path);
  if (parent == nullptr) return false;
  if (parent->level() < level) return true;
  violations_.Add(path, "LEVEL_NOT_BELOW_PARENT", "must be of a level above the unit's",
                  "上级机构的层级须高于该机构");
  return false;
}

void ReorganizationSteps::Create(const OrgUnit& unit, const std::string& path) {
  if (state_.FindUnit(unit.org_unit_id()) != nullptr) {
    violations_.Add(path + ".org_unit_id", "ORG_UNIT_EXISTS", "there is such a unit already", "该机构已存在");
    return;
  }
  if (unit.has_opened_on() && CivilDayFrom(unit.opened_on()) != state_.day()) {
    violations_.Add(path + ".opened_on", "NOT_EFFECTIVE_ON", "must be effective_on or left out",
                    "须与 effective_on 相同，或留空");
  }
  if (!unit.former_parents().empty() || !unit.former_names().empty() || unit.has_closed_on() ||
      !unit.closing_reason().empty() || !unit.successor_ids().empty()) {
    violations_.Add(path, "NEW_UNIT_HAS_PAST",
                    "a new unit has no former parents and names, and has not ended",
                    "新机构不能有曾用上级、曾用名或撤销信息");
  }
  if (unit.parent_id().empty()) {
    violations_.Add(path + ".parent_id", "SECOND_ROOT", "name the unit above", "须填写上级机构");
  } else {
    CheckParent(unit.level(), unit.parent_id(), path + ".parent_id");
  }
  OrgUnit& created = state_.Unit(unit.org_unit_id());
  created = unit;
  *created.mutable_opened_on() = DateMessage(state_.day());
  for (OrgUnitCode& code : *created.mutable_codes()) {
    if (!code.has_valid_from()) *code.mutable_valid_from() = DateMessage(state_.day());
  }
  paths_.Made(kUnits, unit.org_unit_id(), path);
}

void ReorganizationSteps::Rename(const directory::v1::RenameOrgUnit& rename, const std::string& path) {
  const OrgUnit* unit = Usable(rename.org_unit_id(), path + ".org_unit_id");
  std::string name = rename.name();
  CheckText(name, path + ".name", 100, true, violations_);
  if (unit == nullptr) return;
  if (unit->name() == name) {
    violations_.Add(path + ".name", "NAME_UNCHANGED", "the unit has this name", "名称未变");
    return;
  }
  OrgUnit& renamed = state_.Unit(rename.org_unit_id());
  NoteFormer(*renamed.mutable_former_names(), OpenedOn(renamed) == state_.day(), state_.last_day(),
             [&](auto& former) { former.set_name(renamed.name()); });
  renamed.set_name(name);
  paths_.Wrote(kUnits, rename.org_unit_id(), "name", path + ".name");
}

void ReorganizationSteps::Recode(const directory::v1::RecodeOrgUnit& recode, const std::string& path) {
  const OrgUnit* unit = Usable(recode.org_unit_id(), path + ".org_unit_id");
  if (unit == nullptr) return;
  OrgUnitCode code = recode.code();
  if (!code.has_valid_from()) *code.mutable_valid_from() = DateMessage(state_.day());
  if (CivilDayFrom(code.valid_from()) != state_.day()) {
    violations_.Add(path + ".code.valid_from", "NOT_EFFECTIVE_ON", "must be effective_on or left out",
                    "须与 effective_on 相同，或留空");
  }
  for (const OrgUnitCode& held : unit->codes()) {
    if (!IsSameList(held, code)) continue;
    if (held.code() == code.code() && !held.has_valid_to()) {
      violations_.Add(path + ".code.code", "CODE_UNCHANGED", "the unit has this code", "代码未变");
    }
    if (held.has_valid_from() && CivilDayFrom(held.valid_from()).value_or(state_.day()) > state_.day()) {
      AddTooEarly(recode.org_unit_id());
    }
  }
  OrgUnit& recoded = state_.Unit(recode.org_unit_id());
  EndCodes(
      state_.last_day(), [&](const OrgUnitCode& held) { return IsSameList(held, code); }, recoded);
  *recoded.add_codes() = code;
  paths_.Wrote(kUnits, recode.org_unit_id(), "codes", path + ".code");
}

void ReorganizationSteps::PutBelow(const std::string& child_id, const std::string& parent_id,
                                   const std::string& path) {
  if (LastChange(*state_.FindUnit(child_id)) > state_.day()) return AddTooEarly(child_id);
  OrgUnit& child = state_.Unit(child_id);
  NoteFormer(*child.mutable_former_parents(), OpenedOn(child) == state_.day(), state_.last_day(),
             [&](auto& former) { former.set_parent_id(child.parent_id()); });
  child.set_parent_id(parent_id);
  paths_.Wrote(kUnits, child_id, "parent_id", path);
}

void ReorganizationSteps::HandOverDepartment(const std::string& department_id, const std::string& to_unit,
                                             const std::string& path) {
  if (LastChange(state_.FindDepartment(department_id)) > state_.day()) return AddTooEarly(department_id);
  state_.HandOverDepartment(department_id, to_unit);
  paths_.Changed(kDepartments, department_id, path);
}

void ReorganizationSteps::Move(const directory::v1::MoveOrgUnit& move, const std::string& path) {
  const OrgUnit* unit = Usable(move.org_unit_id(), path + ".org_unit_id");
  if (unit == nullptr) return;
  if (unit->parent_id() == move.parent_id()) {
    violations_.Add(path + ".parent_id", "PARENT_UNCHANGED", "the unit stands there", "上级机构未变");
    return;
  }
  if (!CheckParent(unit->level(), move.parent_id(), path + ".parent_id")) return;
  if (unit->parent_id().empty()) {
    violations_.Add(path + ".org_unit_id", "ROOT_MOVES", "the root of the tree can not be moved",
                    "根机构不能变更隶属");
    return;
  }
  PutBelow(move.org_unit_id(), move.parent_id(), path + ".parent_id");
}

bool ReorganizationSteps::CheckSuccessor(const OrgUnit& ending, const std::string& successor_id,
                                         const std::string& path) {
  if (successor_id == ending.org_unit_id()) {
    violations_.Add(path, "SUCCESSOR_ENDS", "a unit that ends does not take over",
                    "终止的机构不能作为承接机构");
    return false;
  }
  const OrgUnit* successor = Usable(successor_id, path);
  if (successor == nullptr) return false;
  if (successor->level() == ending.level()) return true;
  violations_.Add(path, "LEVEL_DIFFERS", absl::StrCat("must be of the level of ", ending.org_unit_id()),
                  absl::StrCat("层级须与 ", ending.org_unit_id(), " 相同"));
  return false;
}

void ReorganizationSteps::End(const std::string& org_unit_id, const std::string& how,
                              const std::vector<std::string>& successors, const std::string& path) {
  OrgUnit& unit = state_.Unit(org_unit_id);
  EndUnit(state_.last_day(), FirstCharacters(absl::StrCat(how, reason_), kMaxClosingReason), unit);
  for (const std::string& successor : successors) unit.add_successor_ids(successor);
  paths_.Changed(kUnits, org_unit_id, path);
}

void ReorganizationSteps::Merge(const directory::v1::MergeOrgUnits& merge, const std::string& path) {
  if (merge.org_unit_ids().empty()) {
    violations_.Add(path + ".org_unit_ids", "REQUIRED", "say which units end", "须填写终止的机构");
  }
  CheckDistinct(merge.org_unit_ids(), kMaxMerged, path + ".org_unit_ids", violations_);
  absl::flat_hash_set<std::string> done;
  for (int i = 0; i < std::min(merge.org_unit_ids_size(), kMaxMerged); ++i) {
    const std::string& id = merge.org_unit_ids(i);
    const std::string place = absl::StrCat(path, ".org_unit_ids[", i, "]");
    if (!done.insert(id).second) continue;
    const OrgUnit* unit = Ending(id, place);
    if (unit == nullptr || !CheckSuccessor(*unit, merge.successor_id(), path + ".successor_id")) continue;
    for (const std::string& child : state_.OpenChildren(id)) PutBelow(child, merge.successor_id(), place);
    for (const std::string& department : state_.OpenDepartments(id)) {
      HandOverDepartment(department, merge.successor_id(), place);
    }
    for (const std::string& team : state_.OpenTeams(id)) {
      state_.HandOverTeam(team, merge.successor_id());
      paths_.Changed(kTeams, team, place);
    }
    End(id, absl::StrCat("merged into ", merge.successor_id(), ": "), {merge.successor_id()}, place);
  }
}

bool ReorganizationSteps::CheckHeirs(const OrgUnit& ending, const directory::v1::SplitOrgUnit& split,
                                     const std::string& path) {
  bool good = split.heirs_size() >= 2 && split.heirs_size() <= kMaxHeirs;
  if (!good) {
    violations_.Add(path + ".heirs", "OUT_OF_RANGE", absl::StrCat("2 to ", kMaxHeirs, " heirs"),
                    absl::StrCat("须有 2 至 ", kMaxHeirs, " 个承接机构"));
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < split.heirs_size(); ++i) {
    const std::string field = absl::StrCat(path, ".heirs[", i, "].org_unit_id");
    const std::string& heir = split.heirs(i).org_unit_id();
    if (!seen.insert(heir).second) {
      violations_.Add(field, "DUPLICATE", "the heir is named twice", "承接机构重复");
      good = false;
    } else {
      good = CheckSuccessor(ending, heir, field) && good;
    }
  }
  return good;
}

ReorganizationSteps::Shared ReorganizationSteps::ShareOut(
    const directory::v1::SplitOrgUnit& split, const std::vector<std::string>& open,
    const google::protobuf::RepeatedPtrField<std::string>& (directory::v1::SplitHeir::*named)() const,
    const char* field, const char* unassigned, const std::string& path) {
  Shared shared;
  const absl::flat_hash_set<std::string> there(open.begin(), open.end());
  for (int i = 0; i < split.heirs_size(); ++i) {
    const auto& ids = (split.heirs(i).*named)();
    for (int j = 0; j < ids.size(); ++j) {
      const std::string place = absl::StrCat(path, ".heirs[", i, "].", field, "[", j, "]");
      if (!there.contains(ids[j])) {
        violations_.Add(place, "NOT_OF_UNIT",
                        absl::StrCat("is not open and directly of ", split.org_unit_id()),
                        absl::StrCat("不是 ", split.org_unit_id(), " 直属且未终止的条目"));
      } else if (!shared.emplace(ids[j], split.heirs(i).org_unit_id()).second) {
        violations_.Add(place, "DUPLICATE", "another heir, or this one, has it already", "已分给承接机构");
      }
    }
  }
  for (const std::string& id : open) {
    if (shared.contains(id)) continue;
    violations_.Add(path + ".heirs", unassigned, absl::StrCat("no heir takes over ", id),
                    absl::StrCat("没有承接机构接收 ", id));
  }
  return shared;
}

bool ReorganizationSteps::CheckFunctions(const Shared& departments, const std::string& path) {
  bool good = true;
  for (const auto& [department, heir] : departments) {
    if (!state_.HasFunctionOf(heir, department)) continue;
    violations_.Add(path + ".heirs", "FUNCTION_TAKEN",
                    absl::StrCat(heir, " has a department with the function of ", department),
                    absl::StrCat("机构 ", heir, " 已有与 ", department, " 职能相同的部门"));
    good = false;
  }
  return good;
}

void ReorganizationSteps::Split(const directory::v1::SplitOrgUnit& split, const std::string& path) {
  const OrgUnit* unit = Ending(split.org_unit_id(), path + ".org_unit_id");
  if (unit == nullptr || !CheckHeirs(*unit, split, path)) return;
  using Heir = directory::v1::SplitHeir;
  const std::string& id = split.org_unit_id();
  const Shared children = ShareOut(split, state_.OpenChildren(id), &Heir::child_unit_ids, "child_unit_ids",
                                   "CHILD_UNASSIGNED", path);
  const Shared departments = ShareOut(split, state_.OpenDepartments(id), &Heir::department_ids,
                                      "department_ids", "DEPARTMENT_UNASSIGNED", path);
  const Shared teams =
      ShareOut(split, state_.OpenTeams(id), &Heir::team_ids, "team_ids", "TEAM_UNASSIGNED", path);
  if (!CheckFunctions(departments, path)) return;
  const std::string heirs_path = path + ".heirs";
  for (const auto& [child, heir] : children) PutBelow(child, heir, heirs_path);
  for (const auto& [department, heir] : departments) HandOverDepartment(department, heir, heirs_path);
  for (const auto& [team, heir] : teams) {
    state_.HandOverTeam(team, heir);
    paths_.Changed(kTeams, team, heirs_path);
  }
  std::vector<std::string> heirs;
  for (const Heir& heir : split.heirs()) heirs.push_back(heir.org_unit_id());
  End(id, absl::StrCat("split into ", absl::StrJoin(heirs, ", "), ": "), heirs, path + ".org_unit_id");
}

void ReorganizationSteps::Close(const directory::v1::CloseOrgUnit& close, const std::string& path) {
  const std::string& id = close.org_unit_id();
  if (Ending(id, path + ".org_unit_id") == nullptr) return;
  const std::vector<std::string> below = state_.OpenChildren(id);
  if (!below.empty()) {
    violations_.Add(path + ".org_unit_id", "OPEN_UNIT_BELOW",
                    absl::StrCat(below.front(), " below it is open; ", below.size(), " in all"),
                    absl::StrCat("下级机构 ", below.front(), " 未终止，共 ", below.size(), " 个"));
    return;
  }
  for (const std::string& department : state_.OpenDepartments(id)) {
    if (LastChange(state_.FindDepartment(department)) > state_.day()) AddTooEarly(department);
    paths_.Changed(kDepartments, department, path);
  }
  for (const std::string& team : state_.OpenTeams(id)) paths_.Changed(kTeams, team, path);
  state_.EndOfficesOf(id);
  End(id, "", {}, path + ".org_unit_id");
}

}  // namespace zhuqi::intake
