#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/config/config.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/task_force_play.h"
#include "tools/zhuqictl/task_force_text.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/routing/v1/task_force_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ChecklistDraft;
using routing::v1::ChecklistTemplate;
using routing::v1::SetUpTaskForceRequest;
using routing::v1::TaskForceAction;
using routing::v1::TaskForceService;

// ---- What is put on a checklist ----

absl::StatusOr<ChecklistTemplate> LoadTemplate(const std::string& file) {
  return config::LoadTextproto<ChecklistTemplate>(file);
}

// "acceptance=2024-06-05" for a milestone of the template; its name is the template's.
absl::StatusOr<routing::v1::Milestone> ParseMilestone(const std::string& text,
                                                      const ChecklistTemplate& checklist) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no MILESTONE=2024-06-05"));
  }
  routing::v1::Milestone milestone;
  milestone.set_milestone_id(parts[0]);
  milestone.set_name(parts[0]);
  for (const auto& known : checklist.milestones()) {
    if (known.milestone_id() == parts[0]) milestone.set_name(known.name());
  }
  ZHUQI_ASSIGN_OR_RETURN(*milestone.mutable_on(), ParseDate(parts[1]));
  return milestone;
}

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

template <class Request>
void AddParts(const std::vector<std::string>& ids, routing::v1::TaskForceRole role, Request* request) {
  for (const std::string& id : ids) {
    routing::v1::TaskForceDepartment* part = request->add_departments();
    part->set_department_id(id);
    part->set_role(role);
  }
}

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
    ZHUQI_ASSIGN_OR_RETURN(checklist, LoadTemplate(options.template_file));
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

// ---- Act ----

// What every action on a task force has.
struct ForceOptions {
  std::string target;
  std::string etag;
  std::string acting_department;
};

// Names the task force by its UUID, or else by its name.
template <class Request>
void SetForce(const std::string& text, Request* request) {
  if (Uuid::Parse(text).has_value()) {
    request->set_task_force_id(text);
  } else {
    request->set_name(text);
  }
}

int ActOnForce(Client& client, const ForceOptions& options, const TaskForceAction& action) {
  routing::v1::ActOnTaskForceRequest request;
  request.set_request_id(NewRequestId());
  SetForce(options.target, &request);
  request.set_etag(options.etag);
  request.set_acting_department_id(options.acting_department);
  *request.mutable_action() = action;
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  routing::v1::ActOnTaskForceResponse response;
  const absl::Status status = client.Call<TaskForceService>(
      Service::kRouting, &TaskForceService::Stub::ActOnTaskForce, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return DescribeTaskForce(response.task_force()); });
  return kExitOk;
}

struct DayOptions : ForceOptions {
  std::string on;
  std::string text;
};

int BeginWork(Client& client, const DayOptions& options) {
  TaskForceAction action;
  TaskForceAction::Begin& begin = *action.mutable_begin();
  if (!options.on.empty()) {
    const absl::StatusOr<common::v1::Date> on = ParseDate(options.on);
    if (!on.ok()) return client.FailUsage(on.status());
    *begin.mutable_on() = *on;
  }
  return ActOnForce(client, options, action);
}

int DissolveForce(Client& client, const DayOptions& options) {
  TaskForceAction action;
  TaskForceAction::Dissolve& dissolve = *action.mutable_dissolve();
  dissolve.set_outcome(options.text);
  if (!options.on.empty()) {
    const absl::StatusOr<common::v1::Date> on = ParseDate(options.on);
    if (!on.ok()) return client.FailUsage(on.status());
    *dissolve.mutable_on() = *on;
  }
  return ActOnForce(client, options, action);
}

struct AmendOptions : ForceOptions {
  std::string reason;
  std::string ends;
  std::string lead;
};

int AmendForce(Client& client, const AmendOptions& options) {
  TaskForceAction action;
  TaskForceAction::Amend& amend = *action.mutable_amend();
  if (!options.reason.empty()) amend.set_reason(options.reason);
  if (!options.lead.empty()) amend.set_lead_department_id(options.lead);
  if (!options.ends.empty()) {
    const absl::StatusOr<common::v1::Date> ends = ParseDate(options.ends);
    if (!ends.ok()) return client.FailUsage(ends.status());
    *amend.mutable_ends_on() = *ends;
  }
  return ActOnForce(client, options, action);
}

struct PartOptions : ForceOptions {
  std::vector<std::string> members;
  std::vector<std::string> support;
  std::string department;
  std::string reason;
};

int AddForceParts(Client& client, const PartOptions& options) {
  TaskForceAction action;
  AddParts(options.members, routing::v1::TASK_FORCE_ROLE_MEMBER, action.mutable_add_departments());
  AddParts(options.support, routing::v1::TASK_FORCE_ROLE_SUPPORT, action.mutable_add_departments());
  return ActOnForce(client, options, action);
}

int RemoveForcePart(Client& client, const PartOptions& options) {
  TaskForceAction action;
  action.mutable_remove_department()->set_department_id(options.department);
  action.mutable_remove_department()->set_reason(options.reason);
  return ActOnForce(client, options, action);
}

struct MilestoneOptions : ForceOptions {
  std::string milestone;
  std::string day;
  std::string name;
  std::string reason;
};

int SetForceMilestone(Client& client, const MilestoneOptions& options) {
  const absl::StatusOr<routing::v1::Milestone> milestone =
      ParseMilestone(absl::StrCat(options.milestone, "=", options.day), {});
  if (!milestone.ok()) return client.FailUsage(milestone.status());
  TaskForceAction action;
  TaskForceAction::SetMilestone& set = *action.mutable_set_milestone();
  *set.mutable_milestone() = *milestone;
  if (!options.name.empty()) set.mutable_milestone()->set_name(options.name);
  set.set_reason(options.reason);
  return ActOnForce(client, options, action);
}

struct CheckOptions : ForceOptions {
  std::string template_file;
  std::string item;
  std::string department;
  std::string before;
  int working_days = 0;
  std::string by;
};

// "acceptance:5": five working days before it.
absl::StatusOr<routing::v1::BeforeMilestone> ParseBefore(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  routing::v1::BeforeMilestone before;
  int32_t days = 0;
  if (parts.size() > 2 || (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &days))) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no MILESTONE:WORKING-DAYS"));
  }
  before.set_milestone_id(parts[0]);
  before.set_working_days(days);
  return before;
}

absl::StatusOr<TaskForceAction::AddItems> ItemsOf(const CheckOptions& options) {
  TaskForceAction::AddItems add;
  if (options.template_file.empty() == options.item.empty()) {
    return absl::InvalidArgumentError(
        "either --template or --item is needed / 须指定清单模板或事项，二者择一");
  }
  if (!options.template_file.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const ChecklistTemplate checklist, LoadTemplate(options.template_file));
    add.set_template_id(checklist.template_id());
    *add.mutable_items() = checklist.items();
    return add;
  }
  ChecklistDraft& draft = *add.add_items();
  draft.set_text(options.item);
  draft.set_department_id(options.department);
  if (!options.before.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*draft.mutable_before(), ParseBefore(options.before));
  }
  if (options.working_days != 0) draft.set_working_days(options.working_days);
  if (!options.by.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*draft.mutable_date(), ParseDate(options.by));
  }
  return add;
}

int AddToChecklist(Client& client, const CheckOptions& options) {
  const absl::StatusOr<TaskForceAction::AddItems> items = ItemsOf(options);
  if (!items.ok()) return client.FailUsage(items.status());
  TaskForceAction action;
  *action.mutable_add_items() = *items;
  return ActOnForce(client, options, action);
}

struct ItemOptions : ForceOptions {
  int number = 0;
  std::string text;
  std::string on;
  std::string follower;
  int every = 0;
  bool is_final = false;
};

int CompleteItem(Client& client, const ItemOptions& options) {
  TaskForceAction action;
  action.mutable_complete_item()->set_number(options.number);
  action.mutable_complete_item()->set_outcome(options.text);
  if (!options.on.empty()) {
    const absl::StatusOr<common::v1::Date> on = ParseDate(options.on);
    if (!on.ok()) return client.FailUsage(on.status());
    *action.mutable_complete_item()->mutable_done_on() = *on;
  }
  return ActOnForce(client, options, action);
}

int WaiveItem(Client& client, const ItemOptions& options) {
  TaskForceAction action;
  action.mutable_waive_item()->set_number(options.number);
  action.mutable_waive_item()->set_reason(options.text);
  return ActOnForce(client, options, action);
}

int ReopenItem(Client& client, const ItemOptions& options) {
  TaskForceAction action;
  action.mutable_reopen_item()->set_number(options.number);
  action.mutable_reopen_item()->set_reason(options.text);
  return ActOnForce(client, options, action);
}

int FollowItem(Client& client, const ItemOptions& options) {
  TaskForceAction action;
  action.mutable_mark_item()->set_number(options.number);
  routing::v1::MarkSpecial& mark = *action.mutable_mark_item()->mutable_special();
  mark.set_follower_department_id(options.follower);
  mark.set_report_every_working_days(options.every);
  mark.set_reason(options.text);
  return ActOnForce(client, options, action);
}

int ReportItem(Client& client, const ItemOptions& options) {
  TaskForceAction action;
  action.mutable_report_item()->set_number(options.number);
  action.mutable_report_item()->set_text(options.text);
  action.mutable_report_item()->set_final(options.is_final);
  return ActOnForce(client, options, action);
}

struct VisitOptions : ForceOptions {
  std::string visit;
  std::string unlink;
};

int TieVisit(Client& client, const VisitOptions& options) {
  const absl::StatusOr<Target> visit = ParseTarget(options.visit);
  if (!visit.ok()) return client.FailUsage(visit.status());
  std::string record_id = visit->id;
  if (record_id.empty()) {
    absl::StatusOr<std::string> found = VisitRecordId(client, visit->key);
    if (!found.ok()) return client.Fail(found.status());
    record_id = *std::move(found);
  }
  TaskForceAction action;
  if (options.unlink.empty()) {
    action.mutable_link_visit()->set_record_id(record_id);
  } else {
    action.mutable_unlink_visit()->set_record_id(record_id);
    action.mutable_unlink_visit()->set_reason(options.unlink);
  }
  return ActOnForce(client, options, action);
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
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
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
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  routing::v1::ListSpecialItemsResponse merged;
  const absl::Status status = ReadPages<TaskForceService>(
      client, Service::kRouting, &TaskForceService::Stub::ListSpecialItems, request, options.page, &merged,
      [](const routing::v1::ListSpecialItemsResponse& page) { return page.items_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return SpecialTable(merged); });
  return kExitOk;
}

// ---- The command line ----

// A subcommand with options of its own that `run` is given.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddForce(CLI::App& forces, Client& client, const char* name,
                                                        const char* help,
                                                        int (*run)(Client&, const Options&)) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = forces.add_subcommand(name, help);
  command->callback(
      [&client, options, run] { client.action = [&client, options, run] { return run(client, *options); }; });
  return {command, options};
}

// The same, for what acts on one task force.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddForceAction(CLI::App& forces, Client& client,
                                                              const char* name, const char* help,
                                                              int (*run)(Client&, const Options&)) {
  auto added = AddForce<Options>(forces, client, name, help, run);
  added.first->add_option("TASK-FORCE", added.second->target, "its name or its UUID")->required();
  added.first->add_option("--etag", added.second->etag, "refuse if it changed since");
  added.first->add_option("--as", added.second->acting_department,
                          "the department on whose behalf: what its part does not let it do is refused");
  return added;
}

// The same, for what acts on one item; the caller adds the text.
std::pair<CLI::App*, std::shared_ptr<ItemOptions>> AddItemAction(CLI::App& forces, Client& client,
                                                                 const char* name, const char* help,
                                                                 const char* text_help,
                                                                 int (*run)(Client&, const ItemOptions&)) {
  auto added = AddForceAction<ItemOptions>(forces, client, name, help, run);
  added.first->add_option("NUMBER", added.second->number, "the item, as `show` numbers it")->required();
  added.first->add_option("TEXT", added.second->text, text_help)->required();
  return added;
}

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

void AddForcePlans(CLI::App& forces, Client& client) {
  const auto [begin, begun] =
      AddForceAction<DayOptions>(forces, client, "begin", "启动: its work begins", &BeginWork);
  begin->add_option("--on", begun->on, "the day; without it today");

  const auto [amend, amended] =
      AddForceAction<AmendOptions>(forces, client, "amend", "调整: another lead, end or reason", &AmendForce);
  amend->add_option("--lead", amended->lead, "this department leads");
  amend->add_option("--ends", amended->ends, "when it is to end");
  amend->add_option("--reason", amended->reason, "why it is there");

  const auto [join, joined] = AddForceAction<PartOptions>(
      forces, client, "join", "增加部门: departments come in, or change their part", &AddForceParts);
  join->add_option("--departments", joined->members, "成员部门, separated by ','")->delimiter(',');
  join->add_option("--support", joined->support, "配合部门, separated by ','")->delimiter(',');

  const auto [leave, left] =
      AddForceAction<PartOptions>(forces, client, "leave", "退出: a department leaves", &RemoveForcePart);
  leave->add_option("DEPARTMENT", left->department)->required();
  leave->add_option("REASON", left->reason)->required();

  const auto [milestone, set] = AddForceAction<MilestoneOptions>(
      forces, client, "milestone",
      "节点: a milestone is set, or moved with the items that are measured from it", &SetForceMilestone);
  milestone->add_option("MILESTONE", set->milestone, "completion-acceptance")->required();
  milestone->add_option("DAY", set->day, "2024-06-05")->required();
  milestone->add_option("--name", set->name, "what it is called");
  milestone->add_option("--reason", set->reason, "why it moved");

  const auto [visit, tied] =
      AddForceAction<VisitOptions>(forces, client, "visit", "走访: a visit belongs to its work", &TieVisit);
  visit->add_option("VISIT", tied->visit, "the record's UUID, or SOURCE-SYSTEM/EXTERNAL-ID")->required();
  visit->add_option("--unlink", tied->unlink, "it does not: why");

  const auto [dissolve, dissolved] = AddForceAction<DayOptions>(
      forces, client, "dissolve", "撤销: its work is done; nothing open may be left", &DissolveForce);
  dissolve->add_option("OUTCOME", dissolved->text, "what came of it")->required();
  dissolve->add_option("--on", dissolved->on, "the day; without it today");
}

void AddForceItems(CLI::App& forces, Client& client) {
  const auto [check, items] = AddForceAction<CheckOptions>(
      forces, client, "check", "清单: items are put on the checklist", &AddToChecklist);
  check->add_option("--template", items->template_file,
                    "all of a template: a textproto of zhuqi.routing.v1.ChecklistTemplate");
  check->add_option("--item", items->item, "one item: what is to be done");
  check->add_option("--department", items->department, "who does it");
  check->add_option("--before", items->before, "due so many working days before a milestone: acceptance:5");
  check->add_option("--working-days", items->working_days, "due on this working day after today");
  check->add_option("--by", items->by, "due by the end of this day");
  check->footer(
      "  zhuqictl task-forces check 数字印刷园专班 --template "
      "deploy/packs/taskforces/completion-acceptance.textproto\n"
      "  zhuqictl task-forces check 数字印刷园专班 --item 消防预检 --department zhongmu.fire --before "
      "completion-acceptance:5");

  const auto done =
      AddItemAction(forces, client, "done", "销号: an item is done", "what came of it", &CompleteItem);
  done.first->add_option("--on", done.second->on, "the day; without it today");
  AddItemAction(forces, client, "waive", "免办: an item is not needed here", "why", &WaiveItem);
  AddItemAction(forces, client, "reopen", "an item is open again", "why", &ReopenItem);
  const auto follow =
      AddItemAction(forces, client, "follow", "重点事项: an item is followed to the end", "why", &FollowItem);
  follow.first->add_option("--by", follow.second->follower, "the department that follows it")->required();
  follow.first->add_option("--every", follow.second->every, "a report is due every so many working days")
      ->required();
  const auto report = AddItemAction(forces, client, "report", "报告: a report on an item that is followed",
                                    "what was seen", &ReportItem);
  report.first->add_flag("--final", report.second->is_final, "the last one: the item may be settled then");
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
  AddForcePlans(*forces, client);
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
