#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/task_force_command_line.h"
#include "tools/zhuqictl/task_force_play.h"
#include "tools/zhuqictl/task_force_text.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/routing/v1/task_force_service.grpc.pb.h"

namespace zhuqi::ctl {

using routing::v1::ChecklistTemplate;
using routing::v1::TaskForceAction;
using routing::v1::TaskForceService;

absl::StatusOr<ChecklistTemplate> LoadChecklist(const std::string& file) {
  return config::LoadTextproto<ChecklistTemplate>(file);
}

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

namespace {

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

}  // namespace

void AddForceActions(CLI::App& forces, Client& client) {
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

}  // namespace zhuqi::ctl
