#include "services/routing/taskforces/task_force_table.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/rpc/errors.h"
#include "services/routing/taskforces/task_force_rules.h"

namespace zhuqi::routing {
namespace {

using ForceAction = v1::TaskForceAction;

constexpr std::array<v1::TaskForceState, 3> kForceStates = {
    v1::TASK_FORCE_STATE_SET_UP, v1::TASK_FORCE_STATE_ACTIVE, v1::TASK_FORCE_STATE_DISSOLVED};

constexpr unsigned kForceAll = kForceLead | kForceDepartment | kForceUnit;

struct ForceRow {
  ForceAction::ActionCase action;
  // In the order of kForceStates.
  std::array<bool, 3> allowed;
  // Set of TaskForceParty.
  unsigned parties;
};

constexpr ForceRow kForceRows[] = {
    {ForceAction::kBegin, {true, false, false}, kForceSteers},
    {ForceAction::kAmend, {true, true, false}, kForceSteers},
    {ForceAction::kAddDepartments, {true, true, false}, kForceSteers},
    {ForceAction::kRemoveDepartment, {true, true, false}, kForceSteers},
    {ForceAction::kSetMilestone, {true, true, false}, kForceSteers},
    {ForceAction::kAddItems, {true, true, false}, kForceAll},
    {ForceAction::kCompleteItem, {false, true, false}, kForceAll},
    {ForceAction::kWaiveItem, {true, true, false}, kForceSteers},
    {ForceAction::kReopenItem, {true, true, false}, kForceSteers},
    {ForceAction::kMarkItem, {true, true, false}, kForceSteers},
    {ForceAction::kReportItem, {true, true, false}, kForceAll},
    {ForceAction::kLinkVisit, {true, true, false}, kForceAll},
    {ForceAction::kUnlinkVisit, {true, true, false}, kForceAll},
    {ForceAction::kDissolve, {true, true, false}, kForceSteers},
};

const ForceRow* FindForceRow(ForceAction::ActionCase action) {
  for (const ForceRow& row : kForceRows) {
    if (row.action == action) return &row;
  }
  return nullptr;
}

bool IsAllowedIn(const ForceRow& row, v1::TaskForceState state) {
  for (size_t i = 0; i < kForceStates.size(); ++i) {
    if (kForceStates[i] == state) return row.allowed[i];
  }
  return false;
}

std::string PartiesText(unsigned parties) {
  if (parties == kForceAll) return "all";
  return "lead, unit";
}

}  // namespace

TaskForceParty TaskForcePartyOf(const v1::TaskForce& body, absl::string_view department_id,
                                const Directory& directory) {
  for (const v1::TaskForceDepartment& part : body.departments()) {
    if (part.department_id() != department_id) continue;
    return part.role() == v1::TASK_FORCE_ROLE_LEAD ? kForceLead : kForceDepartment;
  }
  const directory::v1::Department* department = directory.FindDepartment(department_id);
  if (department == nullptr) return kForceNobody;
  return directory.IsInOrBelow(body.org_unit_id(), department->org_unit_id()) ? kForceUnit : kForceNobody;
}

absl::Status NotItsPart(absl::string_view department_id) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "NOT_ITS_PART",
                    absl::StrCat("what ", department_id, " is to this task force does not let it do that"),
                    "该部门在专班中的职责不允许进行该操作");
}

absl::Status CheckTaskForceAction(const v1::TaskForce& body, ForceAction::ActionCase action,
                                  absl::string_view acting_department_id, const Directory& directory) {
  const ForceRow* row = FindForceRow(action);
  if (row == nullptr || !IsAllowedIn(*row, body.state())) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
                      absl::StrCat("\"", TaskForceActionName(action), "\" is not possible in state ",
                                   v1::TaskForceState_Name(body.state())),
                      "当前状态下不能进行该操作",
                      {{"allowed", absl::StrJoin(TaskForceActionsIn(body.state()), ",")},
                       {"state", v1::TaskForceState_Name(body.state())}});
  }
  if (acting_department_id.empty()) return absl::OkStatus();
  if ((row->parties & TaskForcePartyOf(body, acting_department_id, directory)) != 0) return absl::OkStatus();
  return NotItsPart(acting_department_id);
}

std::string TaskForceActionName(ForceAction::ActionCase action) {
  const auto* field = ForceAction::descriptor()->FindFieldByNumber(action);
  return field == nullptr ? std::string() : field->name();
}

std::vector<std::string> TaskForceActionsIn(v1::TaskForceState state) {
  std::vector<std::string> names;
  for (const ForceRow& row : kForceRows) {
    if (IsAllowedIn(row, state)) names.push_back(TaskForceActionName(row.action));
  }
  return names;
}

std::string RenderTaskForceTable() {
  std::string table = "| action \\ state |";
  for (const v1::TaskForceState state : kForceStates) {
    absl::StrAppend(&table, " ", absl::StripPrefix(v1::TaskForceState_Name(state), "TASK_FORCE_STATE_"),
                    " |");
  }
  absl::StrAppend(&table, " by |\n|---|---|---|---|---|\n");
  for (const ForceRow& row : kForceRows) {
    absl::StrAppend(&table, "| ", TaskForceActionName(row.action), " |");
    for (const bool allowed : row.allowed) absl::StrAppend(&table, allowed ? " yes |" : " – |");
    absl::StrAppend(&table, " ", PartiesText(row.parties), " |\n");
  }
  return table;
}

}  // namespace zhuqi::routing
