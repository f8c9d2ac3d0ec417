#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/task_force_command_line.h"
#include "tools/zhuqictl/task_force_play.h"
#include "tools/zhuqictl/task_force_text.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/routing/v1/task_force_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ChecklistTemplate;
using routing::v1::SetUpTaskForceRequest;
using routing::v1::TaskForceService;

// ---- Set up ----

struct SetUpOptions {
  std::string name;
  std::string unit;
  std::string project;
  std::string reason;
  std::string lead;
  std::vector<std::string> members;
  std::vector<std::string> support;
  std::string begins;
  std::string ends;
  std::string template_file;
  std::vector<std::string> milestones;
};

absl::StatusOr<SetUpTaskForceRequest> SetUpRequestOf(const Client& client, const SetUpOptions& options) {
  SetUpTaskForceRequest request;
  request.set_request_id(NewRequestId());
  request.set_name(options.name);
  request.set_org_unit_id(options.unit);
  request.set_project(options.project);
  request.set_reason(options.reason);
  request.set_lead_department_id(options.lead);
  AddParts(options.members, routing::v1::TASK_FORCE_ROLE_MEMBER, &request);
  AddParts(options.support, routing::v1::TASK_FORCE_ROLE_SUPPORT, &request);
  ZHUQI_ASSIGN_OR_RETURN(*request.mutable_begins_on(), ParseDate(options.begins));
  ZHUQI_ASSIGN_OR_RETURN(*request.mutable_ends_on(), ParseDate(options.ends));
  ChecklistTemplate checklist;
  if (!options.template_file.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(checklist, LoadChecklist(options.template_file));
    request.set_template_id(checklist.template_id());
    *request.mutable_items() = checklist.items();
  }
  for (const std::string& text : options.milestones) {
    ZHUQI_ASSIGN_OR_RETURN(*request.add_milestones(), ParseMilestone(text, checklist));
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int SetUpForce(Client& client, const SetUpOptions& options) {
  const auto request = SetUpRequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  routing::v1::SetUpTaskForceResponse response;
  const absl::Status status = client.Call<TaskForceService>(
      Service::kRouting, &TaskForceService::Stub::SetUpTaskForce, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return DescribeTaskForce(response.task_force()); });
  return kExitOk;
}

// ---- Read ----

int ShowForce(Client& client, const ForceOptions& options) {
  routing::v1::GetTaskForceRequest request;
  SetForce(options.target, &request);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  routing::v1::GetTaskForceResponse response;
  const absl::Status status = client.Call<TaskForceService>(
      Service::kRouting, &TaskForceService::Stub::GetTaskForce, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(DescribeTaskForce(response.task_force()), "\n", TaskForceCases(response), "\n",
                        TaskForceHistory(response));
  });
  return kExitOk;
}

struct ForceListOptions {
  std::string unit;
  std::string department;
  std::string project;
  std::string state;
  bool overdue = false;
  PageOptions page;
};

int ListForces(Client& client, const ForceListOptions& options) {
  routing::v1::ListTaskForcesRequest request;
  request.set_org_unit_id(options.unit);
  request.set_department_id(options.department);
  request.set_project(options.project);
  request.set_overdue_items(options.overdue);
  const absl::Status state =
      SetEnum<routing::v1::TaskForceState>(options.state, [&](auto wanted) { request.set_state(wanted); });
  if (!state.ok()) return client.FailUsage(state);
  routing::v1::ListTaskForcesResponse merged;
  const absl::Status status = ReadPages<TaskForceService>(
      client, Service::kRouting, &TaskForceService::Stub::ListTaskForces, request, options.page, &merged,
      [](const routing::v1::ListTaskForcesResponse& page) { return page.task_forces_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return TaskForceTable(merged); });
  return kExitOk;
}

struct SpecialListOptions {
  std::string unit;
  std::string department;
  std::string due;
  bool overdue = false;
  PageOptions page;
};

int ListSpecial(Client& client, const SpecialListOptions& options) {
  routing::v1::ListSpecialItemsRequest request;
  request.set_org_unit_id(options.unit);
  request.set_follower_department_id(options.department);
  request.set_overdue(options.overdue);
  if (!options.due.empty()) {
    if (const absl::Status span = SetSpan(options.due, request.mutable_due()); !span.ok()) {
      return client.FailUsage(span);
    }
  }
  routing::v1::ListSpecialItemsResponse merged;
  const absl::Status status = ReadPages<TaskForceService>(
      client, Service::kRouting, &TaskForceService::Stub::ListSpecialItems, request, options.page, &merged,
      [](const routing::v1::ListSpecialItemsResponse& page) { return page.items_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return SpecialTable(merged); });
  return kExitOk;
}

// ---- The command line ----

void AddForceReads(CLI::App& forces, Client& client) {
  const auto [list, filter] =
      AddForce<ForceListOptions>(forces, client, "list", "Task forces, the last set up first", &ListForces);
  list->add_option("--unit", filter->unit, "set up by this unit or below it");
  list->add_option("--department", filter->department, "this department is of it");
  list->add_option("--project", filter->project, "around this park or project");
  list->add_option("--state", filter->state, "set_up, active or dissolved");
  list->add_flag("--overdue", filter->overdue, "with an open item past its due day");
  AddPageOptions(*list, &filter->page);

  const auto [show, one] = AddForce<ForceOptions>(
      forces, client, "show", "One task force: checklist, visits, cases, history", &ShowForce);
  show->add_option("TASK-FORCE", one->target, "its name or its UUID")->required();
}

void AddForceSetUp(CLI::App& forces, Client& client) {
  const auto [command, options] = AddForce<SetUpOptions>(
      forces, client, "set-up", "成立: departments step in together around a park or project", &SetUpForce);
  command->add_option("NAME", options->name, "what it is called; cases name it so")->required();
  command->add_option("--unit", options->unit, "the unit that sets it up")->required();
  command->add_option("--project", options->project, "the park or project")->required();
  command->add_option("--reason", options->reason, "why")->required();
  command->add_option("--lead", options->lead, "牵头部门")->required();
  command->add_option("--departments", options->members, "成员部门, separated by ','")->delimiter(',');
  command->add_option("--support", options->support, "配合部门, separated by ','")->delimiter(',');
  command->add_option("--begins", options->begins, "2024-05-15")->required();
  command->add_option("--ends", options->ends, "2024-12-31")->required();
  command->add_option("--template", options->template_file,
                      "a checklist to begin with: a textproto of zhuqi.routing.v1.ChecklistTemplate");
  command->add_option("--milestone", options->milestones, "MILESTONE=2024-06-05; may be repeated");
  command->footer(
      "  zhuqictl task-forces set-up 数字印刷园专班 --unit zhongmu --project 中原数字印刷产业园 \\\n"
      "    --reason 竣工验收前提前介入 --lead zhongmu.approval --departments zhongmu.housing,zhongmu.fire "
      "\\\n"
      "    --begins 2024-05-15 --ends 2024-07-31 --milestone completion-acceptance=2024-06-04 \\\n"
      "    --template deploy/packs/taskforces/completion-acceptance.textproto\n"
      "Give it cases with `zhuqictl cases act CASE designate --task-force NAME`, and see them with\n"
      "`zhuqictl cases list --task-force NAME`.");

  const auto [play, played] = AddForce<TaskForcePlayOptions>(
      forces, client, "play", "Play a file of task forces: one JSON message a line, as in the practice",
      &PlayTaskForces);
  play->add_option("FILE", played->file)->required()->check(CLI::ExistingFile);
  play->add_option("--templates", played->templates, "the folder of the checklists that set-ups begin with")
      ->check(CLI::ExistingDirectory);
}

}  // namespace

void AddTaskForcesCommand(CLI::App& app, Client& client) {
  CLI::App* forces = app.add_subcommand(
      "task-forces", "助企专班: departments that step in together, their checklists, cases and visits");
  forces->require_subcommand(1);
  forces->footer(
      "  zhuqictl task-forces list --unit zhongmu --overdue\n"
      "  zhuqictl task-forces show 数字印刷园专班\n"
      "  zhuqictl task-forces done 数字印刷园专班 3 '消防预检已完成，整改两处'");
  AddForceReads(*forces, client);
  AddForceSetUp(*forces, client);
  AddForceActions(*forces, client);
  AddForceItems(*forces, client);
}

void AddSpecialCommand(CLI::App& app, Client& client) {
  const auto [special, options] = AddForce<SpecialListOptions>(
      app, client, "special", "重点事项: cases and items that are followed to the end, the next report first",
      &ListSpecial);
  special->add_option("--unit", options->unit, "of this unit or below it");
  special->add_option("--department", options->department, "followed by this department: mine");
  special->add_option("--due", options->due, "2024-05, 2024-05-09 or 2024-05-01..2024-06-15");
  special->add_flag("--overdue", options->overdue, "whose report is past its due day");
  AddPageOptions(*special, &options->page);
  special->footer(
      "A case is followed from `zhuqictl cases act CASE follow --by DEPARTMENT --every 5 WHY`, an item from\n"
      "`zhuqictl task-forces follow`, until the final report; before that it can not be closed.");
}

}  // namespace zhuqi::ctl
