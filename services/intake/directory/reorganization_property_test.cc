// What holds after any sequence of reorganizations, whether each was taken or refused.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/unit_code.h"
#include "common/directory/unit_history.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "services/intake/directory/reorganization_rules.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnit;
using directory::v1::OrgUnitOperation;
using directory::v1::ReorganizeOrgUnitsRequest;

constexpr absl::CivilDay kFirstDay(2025, 1, 1);
constexpr int kDays = 40;
constexpr absl::CivilDay kToday = kFirstDay + kDays;
const std::vector<std::string>& kCodes =
    *new std::vector<std::string>{"A", "B", "C", "D", "E", "F", "G", "H"};

std::string AnyOf(const std::vector<std::string>& ids) {
  return ids[*rc::gen::inRange<std::size_t>(0, ids.size())];
}

// A city of three districts with two townships each, a code and a department for each unit, and a team a
// district.
std::shared_ptr<const Directory> Start() {
  directory::v1::ApplyDirectoryRequest request =
      RequestFromText(R"(org_units { org_unit_id: "city" name: "市" level: ORG_UNIT_LEVEL_CITY })");
  const auto add = [&](const std::string& id, const std::string& parent, directory::v1::OrgUnitLevel level,
                       const std::string& code) {
    OrgUnit& unit = *request.add_org_units();
    unit.set_org_unit_id(id);
    unit.set_name(id);
    unit.set_level(level);
    unit.set_parent_id(parent);
    if (!code.empty()) {
      unit.add_codes()->set_system(directory::v1::CODE_SYSTEM_LOCAL);
      unit.mutable_codes(0)->set_code(code);
    }
    auto& department = *request.add_departments();
    department.set_department_id(id + ".planning");
    department.set_org_unit_id(id);
    department.set_function("planning");
    department.set_name("规划");
  };
  for (int i = 0; i < 3; ++i) {
    const std::string district = absl::StrCat("d", i);
    add(district, "city", directory::v1::ORG_UNIT_LEVEL_DISTRICT, kCodes[static_cast<std::size_t>(i)]);
    auto& team = *request.add_teams();
    team.set_team_id(district + ".team");
    team.set_org_unit_id(district);
    team.set_department_id(district + ".planning");
    team.set_name("队");
    for (int j = 0; j < 2; ++j) {
      add(absl::StrCat("t", i, j), district, directory::v1::ORG_UNIT_LEVEL_TOWNSHIP,
          j == 0 ? kCodes[static_cast<std::size_t>(3 + i)] : "");
    }
  }
  return After(Directory(), request, kToday);
}

std::vector<std::string> Units(const Directory& directory) {
  std::vector<std::string> ids;
  for (const auto& [id, unit] : directory.units()) ids.push_back(id);
  return ids;
}

// Mostly one that `fits`, sometimes any.
template <typename Fits>
std::string AnyUnit(const Directory& directory, Fits fits) {
  std::vector<std::string> fitting;
  for (const auto& [id, unit] : directory.units()) {
    if (!unit.has_closed_on() && fits(unit)) fitting.push_back(id);
  }
  return fitting.empty() || *rc::gen::inRange(0, 8) == 0 ? AnyOf(Units(directory)) : AnyOf(fitting);
}

// Shares out what stands below `id` among two heirs, as it stands now.
void ShareOut(const Directory& directory, const std::string& id, directory::v1::SplitOrgUnit& split) {
  split.set_org_unit_id(id);
  split.add_heirs();
  split.add_heirs();
  const auto heir = [&]() -> directory::v1::SplitHeir& {
    return *split.mutable_heirs(*rc::gen::inRange(0, 2));
  };
  for (const std::string& child : directory.ChildrenOf(id)) {
    if (!directory.FindUnit(child)->has_closed_on()) heir().add_child_unit_ids(child);
  }
  for (const auto* department : directory.DepartmentsOf(id)) {
    if (department->has_closed_on()) continue;
    auto& taker = heir();
    taker.add_department_ids(department->department_id());
    for (const auto& [team_id, team] : directory.teams()) {
      if (team.department_id() == department->department_id()) taker.add_team_ids(team_id);
    }
  }
}

OrgUnitOperation NewUnit(const std::string& id, const std::string& parent,
                         directory::v1::OrgUnitLevel level) {
  OrgUnitOperation operation;
  OrgUnit& unit = *operation.mutable_create();
  unit.set_org_unit_id(id);
  unit.set_name(id);
  unit.set_parent_id(parent);
  unit.set_level(level);
  if (*rc::gen::arbitrary<bool>()) {
    unit.add_codes()->set_system(directory::v1::CODE_SYSTEM_LOCAL);
    unit.mutable_codes(0)->set_code(AnyOf(kCodes));
  }
  return operation;
}

// One or a few operations; most of them make sense, some are refused.
void AddOperations(const Directory& directory, int number, ReorganizeOrgUnitsRequest& request) {
  const std::string id = AnyUnit(directory, [](const OrgUnit& any) { return !any.parent_id().empty(); });
  const OrgUnit& unit = *directory.FindUnit(id);
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      *request.add_operations() =
          NewUnit(absl::StrCat("n", number), id, directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
      break;
    case 1: {
      auto& rename = *request.add_operations()->mutable_rename();
      rename.set_org_unit_id(id);
      rename.set_name(absl::StrCat("名", *rc::gen::inRange(0, 5)));
      break;
    }
    case 2: {
      auto& recode = *request.add_operations()->mutable_recode();
      recode.set_org_unit_id(id);
      recode.mutable_code()->set_system(directory::v1::CODE_SYSTEM_LOCAL);
      recode.mutable_code()->set_code(AnyOf(kCodes));
      break;
    }
    case 3: {
      auto& move = *request.add_operations()->mutable_move();
      move.set_org_unit_id(id);
      move.set_parent_id(AnyUnit(directory, [&](const OrgUnit& any) {
        return any.level() < unit.level() && any.org_unit_id() != unit.parent_id();
      }));
      break;
    }
    case 4: {
      auto& merge = *request.add_operations()->mutable_merge();
      merge.add_org_unit_ids(id);
      merge.set_successor_id(AnyUnit(directory, [&](const OrgUnit& any) {
        return any.level() == unit.level() && any.org_unit_id() != id;
      }));
      break;
    }
    case 5: {
      directory::v1::SplitOrgUnit split;
      ShareOut(directory, id, split);
      for (int i = 0; i < 2; ++i) {
        const std::string heir = absl::StrCat("h", number, "-", i);
        *request.add_operations() = NewUnit(heir, unit.parent_id(), unit.level());
        split.mutable_heirs(i)->set_org_unit_id(heir);
      }
      *request.add_operations()->mutable_split() = split;
      break;
    }
    default:
      request.add_operations()->mutable_close()->set_org_unit_id(id);
  }
}

// `earliest`: the day of the newest change, on which or after which most requests take effect.
ReorganizeOrgUnitsRequest AnyRequest(const Directory& directory, int number, absl::CivilDay earliest) {
  ReorganizeOrgUnitsRequest request;
  const bool any_day = *rc::gen::inRange(0, 5) == 0;
  const absl::CivilDay day = any_day ? kFirstDay + *rc::gen::inRange(1, kDays + 1)
                                     : std::min(earliest + *rc::gen::inRange(0, 4), kToday);
  *request.mutable_effective_on() = DateMessage(day);
  request.set_reason("改革");
  AddOperations(directory, number, request);
  if (*rc::gen::inRange(0, 3) == 0) AddOperations(directory, number + 1000, request);
  return request;
}

// Units that have the code on the day.
std::vector<std::string> HoldersOn(const Directory& directory, const std::string& code, absl::CivilDay day) {
  std::vector<std::string> holders;
  for (const OrgUnit* unit : directory.HoldersOf(directory::v1::CODE_SYSTEM_LOCAL, code)) {
    for (const auto& held : unit->codes()) {
      if (held.code() == code && IsValidOn(held, day)) holders.push_back(unit->org_unit_id());
    }
  }
  return holders;
}

void CheckTree(const Directory& directory, absl::CivilDay day) {
  int roots = 0;
  for (const auto& [id, unit] : directory.units()) {
    const std::string& parent_id = ParentOn(unit, day);
    if (parent_id.empty()) {
      ++roots;
      continue;
    }
    const OrgUnit* parent = directory.FindUnit(parent_id);
    RC_ASSERT(parent != nullptr);
    RC_ASSERT(parent->level() < unit.level());  // so there is no circle
    if (ExistedOn(unit, day)) RC_ASSERT(ExistedOn(*parent, day));
  }
  RC_ASSERT(roots == 1);
}

// Each code is at most one unit's on the day, and finds it.
void CheckCodes(const Directory& directory, absl::CivilDay day) {
  for (const std::string& code : kCodes) {
    const std::vector<std::string> holders = HoldersOn(directory, code, day);
    RC_ASSERT(holders.size() <= 1u);
    const OrgUnit* found = FindUnitByCodeOn(directory, directory::v1::CODE_SYSTEM_LOCAL, code, day);
    if (!holders.empty()) RC_ASSERT(found != nullptr && found->org_unit_id() == holders.front());
  }
}

void CheckOffices(const Directory& directory) {
  std::set<std::pair<std::string, std::string>> taken;
  for (const auto& [id, department] : directory.departments()) {
    if (department.has_closed_on()) continue;
    RC_ASSERT(taken.emplace(department.org_unit_id(), department.function()).second);
    RC_ASSERT(!directory.FindUnit(department.org_unit_id())->has_closed_on());
  }
  for (const auto& [id, team] : directory.teams()) {
    if (team.has_closed_on()) continue;
    RC_ASSERT(!directory.FindUnit(team.org_unit_id())->has_closed_on());
    RC_ASSERT(directory.FindDepartment(team.department_id())->org_unit_id() == team.org_unit_id());
  }
}

// Departments of the unit on the day, each with the one above it then.
std::vector<std::string> DepartmentsOn(const Directory& directory, const std::string& org_unit_id,
                                       absl::CivilDay day) {
  std::vector<std::string> lines;
  for (const auto* department : directory.DepartmentsOf(org_unit_id, day)) {
    const auto* superior = directory.SuperiorOf(*department, day);
    lines.push_back(
        absl::StrCat(department->department_id(), " ", superior == nullptr ? "" : superior->department_id()));
  }
  return lines;
}

// All that can be asked of the days before `day` is answered as before. Of the days before a unit opened
// there is nothing to ask: one that is moved or renamed on its first day never stood elsewhere.
void CheckHistory(const Directory& before, const Directory& after, absl::CivilDay day) {
  for (absl::CivilDay then = kFirstDay - 1; then < day; ++then) {
    for (const auto& [id, unit] : before.units()) {
      const OrgUnit& now = *after.FindUnit(id);
      RC_ASSERT(ExistedOn(unit, then) == ExistedOn(now, then));
      if (!ExistedOn(unit, then)) continue;
      RC_ASSERT(ParentOn(unit, then) == ParentOn(now, then));
      RC_ASSERT(NameOn(unit, then) == NameOn(now, then));
    }
    for (const std::string& code : kCodes) {
      RC_ASSERT(HoldersOn(before, code, then) == HoldersOn(after, code, then));
    }
    RC_ASSERT(before.SelfAndBelow("city", then) == after.SelfAndBelow("city", then));
    for (const auto& [id, unit] : before.units()) {
      RC_ASSERT(DepartmentsOn(before, id, then) == DepartmentsOn(after, id, then));
    }
  }
}

// All of a directory as text.
std::string TextOf(const Directory& directory) {
  std::string text;
  for (const auto& change : directory.AsChanges()) absl::StrAppend(&text, change.SerializeAsString(), "\n");
  return text;
}

RC_GTEST_PROP(ReorganizationProperty, TreeCodesHistoryAndFollowersHold, ()) {
  const std::shared_ptr<const Directory> start = Start();
  std::shared_ptr<const Directory> directory = start;
  std::vector<feed::v1::DirectoryChanged> log;
  const int steps = *rc::gen::inRange(1, 13);
  int taken = 0;
  absl::CivilDay newest = kFirstDay + 1;
  for (int i = 0; i < steps; ++i) {
    const ReorganizeOrgUnitsRequest request = AnyRequest(*directory, i, newest);
    const auto plan =
        PlanReorganization(*directory, request, {absl::StrCat("r", i), "clerk", StartOfCityDay(kToday)});
    if (!plan.ok()) continue;
    ++taken;
    RC_LOG() << request.ShortDebugString() << "\n";  // what a failure came of
    // As the event is read back from the log.
    RC_ASSERT(log.emplace_back().ParseFromString(plan->event.SerializeAsString()));
    const std::shared_ptr<const Directory> after =
        directory->With(log.back(), directory->sequence() + 1).value();
    const absl::CivilDay day = *CivilDayFrom(request.effective_on());
    newest = std::max(newest, day);
    CheckHistory(*directory, *after, day);
    directory = after;
    CheckOffices(*directory);
    for (absl::CivilDay then = kFirstDay - 1; then <= kToday; ++then) {
      CheckTree(*directory, then);
      CheckCodes(*directory, then);
    }
  }
  // A follower that reads the whole log at once, and one that starts from a copy of it all.
  RC_ASSERT(TextOf(*start->With(log, directory->sequence()).value()) == TextOf(*directory));
  RC_ASSERT(TextOf(*Directory().With(directory->AsChanges(), directory->sequence()).value()) ==
            TextOf(*directory));
  RC_CLASSIFY(taken > 0);
  RC_CLASSIFY(taken > 4);
}

}  // namespace
}  // namespace zhuqi::intake
