#include "services/intake/directory/department_check.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::Department;
using directory::v1::Team;

constexpr int kMaxMembers = 100;
constexpr int kMaxUnavailable = 366;
constexpr int kDefaultVisitsADay = 2;
constexpr int kMaxVisitsADay = 50;

void CheckUnit(const std::string& org_unit_id, const DesiredState& state, const std::string& path,
               rpc::Violations& violations) {
  if (state.FindUnit(org_unit_id) != nullptr) return;
  violations.Add(path, "ORG_UNIT_UNKNOWN", "neither the directory nor the request has this unit",
                 "目录和本次请求中都没有该机构");
}

void AddUnknownDepartment(const std::string& path, rpc::Violations& violations) {
  violations.Add(path, "DEPARTMENT_UNKNOWN", "neither the directory nor the request has this department",
                 "目录和本次请求中都没有该部门");
}

void CheckFunction(const Department& department, const DesiredState& state, const std::string& path,
                   rpc::Violations& violations) {
  if (!IsIdentifier(department.function(), 32, "-", /*digits=*/false)) {
    violations.Add(path, "IDENTIFIER_INVALID", "must be 1 to 32 of a-z and '-'",
                   "须为 1 至 32 个小写字母或连字符");
    return;
  }
  if (department.has_closed_on()) return;
  for (const Department* other : state.OpenDepartments(department.org_unit_id(), department.function())) {
    if (other->department_id() == department.department_id()) continue;
    violations.Add(path, "FUNCTION_TAKEN",
                   absl::StrCat("the unit has ", other->department_id(), " for this function"),
                   absl::StrCat("该机构的此项职能已由部门 ", other->department_id(), " 承担"));
    return;
  }
}

// Lines of departments lead up the levels, so none is a circle.
void CheckSuperior(const Department& department, const DesiredState& state, const std::string& path,
                   rpc::Violations& violations) {
  if (department.superior_department_id().empty()) return;
  const Department* superior = state.FindDepartment(department.superior_department_id());
  if (superior == nullptr) return AddUnknownDepartment(path, violations);
  const directory::v1::OrgUnit* unit = state.FindUnit(department.org_unit_id());
  const directory::v1::OrgUnit* above = state.FindUnit(superior->org_unit_id());
  if (unit == nullptr || above == nullptr || above->level() < unit->level()) return;
  violations.Add(path, "SUPERIOR_NOT_ABOVE", "must be a department of a unit of a higher level",
                 "主管部门须属于层级更高的机构");
}

void CheckFormerSuperiors(const Department& department, const DesiredState& state, const std::string& path,
                          rpc::Violations& violations) {
  for (int i = 0; i < std::min(department.former_superiors_size(), kMaxFormer); ++i) {
    const std::string& superior = department.former_superiors(i).parent_id();
    if (superior.empty()) continue;
    const std::string field = absl::StrCat(path, "[", i, "].parent_id");
    if (superior == department.department_id()) {
      violations.Add(field, "CIRCLE", "a department is not above itself", "部门不能是自己的主管部门");
    } else if (state.FindDepartment(superior) == nullptr) {
      AddUnknownDepartment(field, violations);
    }
  }
}

void CheckFormerUnits(const Department& department, const DesiredState& state, const std::string& path,
                      rpc::Violations& violations) {
  for (int i = 0; i < std::min(department.former_units_size(), kMaxFormer); ++i) {
    CheckUnit(department.former_units(i).parent_id(), state, absl::StrCat(path, "[", i, "].parent_id"),
              violations);
  }
}

void CheckDepartment(const Department& department, const DesiredState& state, const std::string& path,
                     rpc::Violations& violations) {
  CheckUnit(department.org_unit_id(), state, path + ".org_unit_id", violations);
  CheckFunction(department, state, path + ".function", violations);
  CheckSuperior(department, state, path + ".superior_department_id", violations);
  const auto opened =
      CheckDay(department.has_opened_on(), department.opened_on(), path + ".opened_on", violations);
  const auto closed =
      CheckDay(department.has_closed_on(), department.closed_on(), path + ".closed_on", violations);
  CheckDays(opened, closed, path + ".closed_on", violations);
  CheckEndHasCome(closed, state.today(), path + ".closed_on", violations);
  CheckFormer(department.former_superiors(), opened, state.today(), path + ".former_superiors", violations);
  CheckFormerSuperiors(department, state, path + ".former_superiors", violations);
  CheckFormer(department.former_units(), opened, state.today(), path + ".former_units", violations);
  CheckFormerUnits(department, state, path + ".former_units", violations);
}

void CheckTeamDepartment(const Team& team, const DesiredState& state, const std::string& path,
                         rpc::Violations& violations) {
  if (team.department_id().empty()) {
    if (!team.gives_assistance()) return;
    violations.Add(path, "DEPARTMENT_REQUIRED", "a team that gives assistance belongs to a department",
                   "承担帮办代办的服务队须隶属于部门");
    return;
  }
  const Department* department = state.FindDepartment(team.department_id());
  if (department == nullptr) {
    AddUnknownDepartment(path, violations);
  } else if (department->org_unit_id() != team.org_unit_id()) {
    violations.Add(path, "DEPARTMENT_OF_ANOTHER_UNIT", "must be a department of the team's unit",
                   "须为服务队所属机构的部门");
  }
}

// As identities of principals are written: "district-system:310115".
bool IsPrincipal(const std::string& id) {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void CheckMembers(const Team& team, const std::string& path, rpc::Violations& violations) {
  CheckDistinct(team.member_principal_ids(), kMaxMembers, path, violations);
  for (int i = 0; i < std::min(team.member_principal_ids_size(), kMaxMembers); ++i) {
    if (IsPrincipal(team.member_principal_ids(i))) continue;
    violations.Add(absl::StrCat(path, "[", i, "]"), "IDENTIFIER_INVALID",
                   "must be 1 to 128 printable ASCII characters without spaces",
                   "须为 1 至 128 个可见 ASCII 字符，不含空格");
  }
}

void CheckUnavailable(const Team& team, const std::string& path, rpc::Violations& violations) {
  if (team.unavailable_size() > kMaxUnavailable) {
    violations.Add(path, "OUT_OF_RANGE", absl::StrCat("at most ", kMaxUnavailable, " spans"),
                   absl::StrCat("最多 ", kMaxUnavailable, " 段"));
    return;
  }
  std::optional<absl::CivilDay> before;
  for (int i = 0; i < team.unavailable_size(); ++i) {
    const std::string place = absl::StrCat(path, "[", i, "]");
    const auto first = CheckDay(true, team.unavailable(i).first(), place + ".first", violations);
    const auto last = CheckDay(true, team.unavailable(i).last(), place + ".last", violations);
    CheckDays(first, last, place + ".last", violations);
    if (before.has_value() && first.has_value() && *first <= *before) {
      violations.Add(place + ".first", "SPANS_OUT_OF_ORDER", "spans must be in order and must not overlap",
                     "时段须按顺序且不重叠");
    }
    before = last;
  }
}

void CheckTeam(Team& team, const DesiredState& state, const std::string& path, rpc::Violations& violations) {
  CheckUnit(team.org_unit_id(), state, path + ".org_unit_id", violations);
  CheckTeamDepartment(team, state, path + ".department_id", violations);
  CheckMembers(team, path + ".member_principal_ids", violations);
  CheckUnavailable(team, path + ".unavailable", violations);
  if (team.visits_a_day() == 0) team.set_visits_a_day(kDefaultVisitsADay);
  if (team.visits_a_day() < 1 || team.visits_a_day() > kMaxVisitsADay) {
    violations.Add(path + ".visits_a_day", "OUT_OF_RANGE", absl::StrCat("1 to ", kMaxVisitsADay),
                   absl::StrCat("须为 1 至 ", kMaxVisitsADay));
  }
  const auto closed = CheckDay(team.has_closed_on(), team.closed_on(), path + ".closed_on", violations);
  CheckEndHasCome(closed, state.today(), path + ".closed_on", violations);
}

}  // namespace

void CheckDepartments(const directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                      rpc::Violations& violations) {
  for (int i = 0; i < request.departments_size(); ++i) {
    CheckDepartment(request.departments(i), state, absl::StrCat("departments[", i, "]"), violations);
  }
}

void CheckTeams(directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                rpc::Violations& violations) {
  for (int i = 0; i < request.teams_size(); ++i) {
    CheckTeam(*request.mutable_teams(i), state, absl::StrCat("teams[", i, "]"), violations);
  }
}

}  // namespace zhuqi::intake
