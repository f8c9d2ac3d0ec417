#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/consultation_text.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"
#include "zhuqi/routing/v1/consultation_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CaseService;
using routing::v1::ConsultationAction;
using routing::v1::ConsultationService;

// ---- Convene ----

struct ConveneOptions {
  std::vector<std::string> cases;
  std::vector<std::string> departments;
  std::string chair;
  std::string level;
  std::string at;
  std::string place;
  std::string why;
  std::string previous;
};

absl::StatusOr<routing::v1::ConveneConsultationRequest> ConveneRequestOf(const Client& client,
                                                                         const ConveneOptions& options) {
  routing::v1::ConveneConsultationRequest request;
  request.set_request_id(NewRequestId());
  request.set_why(options.why);
  for (const std::string& text : options.cases) {
    ZHUQI_ASSIGN_OR_RETURN(const Target target, ParseTarget(text));
    if (target.id.empty()) {
      *request.add_cases()->mutable_issue_key() = target.key;
    } else {
      request.add_cases()->set_case_id(target.id);
    }
  }
  for (const std::string& department : options.departments) request.add_department_ids(department);
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<routing::v1::ConsultationLevel>(options.level, [&](auto level) { request.set_level(level); }));
  ZHUQI_ASSIGN_OR_RETURN(*request.mutable_scheduled_at(), ParseInstant(options.at));
  request.set_place(options.place);
  request.set_chair_department_id(options.chair);
  request.set_previous_consultation_id(options.previous);
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int ConveneDepartments(Client& client, const ConveneOptions& options) {
  const auto request = ConveneRequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  routing::v1::ConveneConsultationResponse response;
  const absl::Status status = client.Call<ConsultationService>(
      Service::kRouting, &ConsultationService::Stub::ConveneConsultation, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(DescribeConsultation(response.consultation()),
                        "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

// ---- Act ----

// What every action on a consultation has.
struct ConsultOptions {
  std::string id;
  std::string etag;
};

absl::StatusOr<routing::v1::GetConsultationResponse> GetNow(Client& client, const std::string& id) {
  routing::v1::GetConsultationRequest request;
  request.set_consultation_id(id);
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  routing::v1::GetConsultationResponse response;
  ZHUQI_RETURN_IF_ERROR(client.Call<ConsultationService>(
      Service::kRouting, &ConsultationService::Stub::GetConsultation, request, &response));
  return response;
}

int ActOnConsultation(Client& client, const ConsultOptions& options, const ConsultationAction& action) {
  routing::v1::ActOnConsultationRequest request;
  request.set_request_id(NewRequestId());
  request.set_consultation_id(options.id);
  request.set_etag(options.etag);
  *request.mutable_action() = action;
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  routing::v1::ActOnConsultationResponse response;
  const absl::Status status = client.Call<ConsultationService>(
      Service::kRouting, &ConsultationService::Stub::ActOnConsultation, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return DescribeConsultation(response.consultation()); });
  return kExitOk;
}

// The case's identity, also when it is named by its issue.
absl::StatusOr<std::string> CaseIdOf(Client& client, const std::string& text) {
  ZHUQI_ASSIGN_OR_RETURN(const Target target, ParseTarget(text));
  if (!target.id.empty()) return target.id;
  routing::v1::GetCaseRequest request;
  *request.mutable_issue_key() = target.key;
  routing::v1::GetCaseResponse response;
  ZHUQI_RETURN_IF_ERROR(
      client.Call<CaseService>(Service::kRouting, &CaseService::Stub::GetCase, request, &response));
  return response.case_().case_id();
}

struct InviteOptions : ConsultOptions {
  std::vector<std::string> departments;
};

int Invite(Client& client, const InviteOptions& options) {
  ConsultationAction action;
  for (const std::string& id : options.departments) action.mutable_invite()->add_department_ids(id);
  return ActOnConsultation(client, options, action);
}

struct AnswerOptions : ConsultOptions {
  std::string department;
  bool accept = false;
  std::string decline;
  std::string send;
};

int Answer(Client& client, const AnswerOptions& options) {
  if (int{options.accept} + int{!options.decline.empty()} + int{!options.send.empty()} != 1) {
    return client.FailUsage(
        absl::InvalidArgumentError("one of --accept, --decline REASON or --send DEPARTMENT is needed / "
                                   "须选择参会、不参会或由其他部门代会"));
  }
  ConsultationAction action;
  ConsultationAction::Answer& answer = *action.mutable_answer();
  answer.set_department_id(options.department);
  if (options.accept) answer.mutable_accept();
  if (!options.decline.empty()) answer.mutable_decline()->set_reason(options.decline);
  if (!options.send.empty()) answer.mutable_send_substitute()->set_department_id(options.send);
  return ActOnConsultation(client, options, action);
}

struct PositionOptions : ConsultOptions {
  std::string department;
  std::string case_name;
  std::string text;
};

int RecordPosition(Client& client, const PositionOptions& options) {
  const absl::StatusOr<std::string> case_id = CaseIdOf(client, options.case_name);
  if (!case_id.ok()) return client.Fail(case_id.status());
  ConsultationAction action;
  action.mutable_record_position()->set_department_id(options.department);
  action.mutable_record_position()->set_case_id(*case_id);
  action.mutable_record_position()->set_text(options.text);
  return ActOnConsultation(client, options, action);
}

struct DecideOptions : ConsultOptions {
  std::string owner;
  std::string text;
  int working_days = 0;
  std::string by;
  std::vector<std::string> cases;
};

int DecideTask(Client& client, const DecideOptions& options) {
  if ((options.working_days != 0) == !options.by.empty()) {
    return client.FailUsage(absl::InvalidArgumentError(
        "either --working-days or --by is needed / 须填写工作日数或完成日期，二者择一"));
  }
  ConsultationAction action;
  ConsultationAction::Decision& decision = *action.mutable_decide()->add_decisions();
  decision.set_owner_department_id(options.owner);
  decision.set_text(options.text);
  if (options.by.empty()) {
    decision.set_working_days(options.working_days);
  } else {
    const absl::StatusOr<common::v1::Date> by = ParseDate(options.by);
    if (!by.ok()) return client.FailUsage(by.status());
    *decision.mutable_date() = *by;
  }
  for (const std::string& name : options.cases) {
    const absl::StatusOr<std::string> case_id = CaseIdOf(client, name);
    if (!case_id.ok()) return client.Fail(case_id.status());
    decision.add_case_ids(*case_id);
  }
  return ActOnConsultation(client, options, action);
}

struct MinutesOptions : ConsultOptions {
  std::string text;
  std::string file;
};

int RecordMinutes(Client& client, const MinutesOptions& options) {
  if (options.text.empty() == options.file.empty()) {
    return client.FailUsage(
        absl::InvalidArgumentError("either --text or --file is needed / 须填写纪要文本或文件，二者择一"));
  }
  std::string text = options.text;
  if (!options.file.empty()) {
    absl::StatusOr<std::string> content = ReadFile(options.file);
    if (!content.ok()) return client.FailUsage(content.status());
    text = *std::move(content);
  }
  ConsultationAction action;
  action.mutable_record_minutes()->set_text(text);
  return ActOnConsultation(client, options, action);
}

struct SignOptions : ConsultOptions {
  std::string department;
  std::string digest;
};

int Sign(Client& client, const SignOptions& options) {
  const auto now = GetNow(client, options.id);
  if (!now.ok()) return client.Fail(now.status());
  const routing::v1::Minutes& minutes = now->consultation().minutes();
  if (const absl::Status read = CheckReadDigest(options.digest, minutes); !read.ok())
    return client.FailUsage(read);
  ConsultationAction action;
  action.mutable_sign_minutes()->set_department_id(options.department);
  action.mutable_sign_minutes()->set_revision(minutes.revision());
  action.mutable_sign_minutes()->set_digest(minutes.digest());
  return ActOnConsultation(client, options, action);
}

struct TaskOptions : ConsultOptions {
  int number = 0;
  std::string report;
  std::string complete;
};

int WorkOnTask(Client& client, const TaskOptions& options) {
  if (options.report.empty() == options.complete.empty()) {
    return client.FailUsage(absl::InvalidArgumentError(
        "either --report or --complete is needed / 须填写进展或办理结果，二者择一"));
  }
  ConsultationAction action;
  if (options.report.empty()) {
    action.mutable_complete_task()->set_number(options.number);
    action.mutable_complete_task()->set_outcome(options.complete);
  } else {
    action.mutable_report_task()->set_number(options.number);
    action.mutable_report_task()->set_text(options.report);
  }
  return ActOnConsultation(client, options, action);
}

struct CancelOptions : ConsultOptions {
  std::string reason;
};

int Cancel(Client& client, const CancelOptions& options) {
  ConsultationAction action;
  action.mutable_cancel()->set_reason(options.reason);
  return ActOnConsultation(client, options, action);
}

// ---- Read ----

int ShowConsultation(Client& client, const ConsultOptions& options) {
  const auto response = GetNow(client, options.id);
  if (!response.ok()) return client.Fail(response.status());
  client.Show(*response, [&] {
    return absl::StrCat(DescribeConsultation(response->consultation()), "\n", ConsultationHistory(*response));
  });
  return kExitOk;
}

struct ConsultListOptions {
  std::string unit;
  std::string department;
  std::string case_name;
  std::string state;
  std::string scheduled;
  bool overdue = false;
  PageOptions page;
};

absl::StatusOr<routing::v1::ListConsultationsRequest> ListRequestOf(Client& client,
                                                                    const ConsultListOptions& options) {
  routing::v1::ListConsultationsRequest request;
  request.set_org_unit_id(options.unit);
  request.set_department_id(options.department);
  if (!options.case_name.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::string case_id, CaseIdOf(client, options.case_name));
    request.set_case_id(case_id);
  }
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<routing::v1::ConsultationState>(options.state, [&](auto state) { request.set_state(state); }));
  if (!options.scheduled.empty()) {
    ZHUQI_RETURN_IF_ERROR(SetSpan(options.scheduled, request.mutable_scheduled()));
  }
  request.set_overdue_tasks(options.overdue);
  return request;
}

int ListConsultations(Client& client, const ConsultListOptions& options) {
  const auto request = ListRequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  routing::v1::ListConsultationsResponse merged;
  const absl::Status status = ReadPages<ConsultationService>(
      client, Service::kRouting, &ConsultationService::Stub::ListConsultations, *request, options.page,
      &merged, [](const routing::v1::ListConsultationsResponse& page) { return page.consultations_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return ConsultationTable(merged); });
  return kExitOk;
}

struct TaskListOptions {
  std::string department;
  std::string consultation;
  std::string due;
  bool overdue = false;
  bool done = false;
  PageOptions page;
};

int ListTasks(Client& client, const TaskListOptions& options) {
  routing::v1::ListConsultationTasksRequest request;
  request.set_owner_department_id(options.department);
  request.set_consultation_id(options.consultation);
  request.set_overdue(options.overdue);
  request.set_include_completed(options.done);
  if (!options.due.empty()) {
    if (const absl::Status span = SetSpan(options.due, request.mutable_due()); !span.ok()) {
      return client.FailUsage(span);
    }
  }
  routing::v1::ListConsultationTasksResponse merged;
  const absl::Status status = ReadPages<ConsultationService>(
      client, Service::kRouting, &ConsultationService::Stub::ListConsultationTasks, request, options.page,
      &merged, [](const routing::v1::ListConsultationTasksResponse& page) { return page.tasks_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return TaskTable(merged); });
  return kExitOk;
}

// ---- The command line ----

// A subcommand with options of its own that `run` is given.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddConsult(CLI::App& consult, Client& client, const char* name,
                                                          const char* help,
                                                          int (*run)(Client&, const Options&)) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = consult.add_subcommand(name, help);
  command->callback(
      [&client, options, run] { client.action = [&client, options, run] { return run(client, *options); }; });
  return {command, options};
}

// The same, for what acts on one consultation.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddConsultAction(CLI::App& consult, Client& client,
                                                                const char* name, const char* help,
                                                                int (*run)(Client&, const Options&)) {
  auto added = AddConsult<Options>(consult, client, name, help, run);
  added.first->add_option("ID", added.second->id, "the consultation, as `consult list` shows it")->required();
  added.first->add_option("--etag", added.second->etag, "refuse if it changed since");
  return added;
}

void AddConveneDepartments(CLI::App& consult, Client& client) {
  const auto [convene, options] = AddConsult<ConveneOptions>(
      consult, client, "convene", "召集: departments are convened on cases", &ConveneDepartments);
  convene
      ->add_option("--cases", options->cases, "UUIDs or SOURCE-SYSTEM/EXTERNAL-ID, separated by ','; 1 to 50")
      ->required()
      ->delimiter(',');
  convene->add_option("--departments", options->departments, "who is invited, separated by ','; 1 to 50")
      ->required()
      ->delimiter(',');
  convene->add_option("--chair", options->chair, "牵头部门: the department in the chair")->required();
  convene->add_option("--level", options->level, "district, city or joint_conference (区级, 市级, 联席会议)")
      ->required();
  convene->add_option("--at", options->at, "when they meet: '2024-05-08 14:30'")->required();
  convene->add_option("--place", options->place, "where");
  convene->add_option("--why", options->why, "what is to be settled")->required();
  convene->add_option("--previous", options->previous, "the round that this one goes on from");
  convene->footer(
      "  zhuqictl consult convene --cases jinshui-oa/I-17,jinshui-oa/I-18 --chair zhengzhou.office \\\n"
      "    --departments zhengzhou.planning,zhengzhou.fire --level city --at '2024-05-08 14:30' \\\n"
      "    --place 市政务中心301 --why '规划与消防意见不一'\n"
      "Each case says from now on that departments were convened on it, and the figure of consultations "
      "counts\n"
      "one for each. A second round is one more: --previous.");
}

void AddInvitations(CLI::App& consult, Client& client) {
  const auto [invite, more] = AddConsultAction<InviteOptions>(consult, client, "invite",
                                                              "增邀: more departments are invited", &Invite);
  invite->add_option("--departments", more->departments, "separated by ','")->required()->delimiter(',');

  const auto [answer, options] = AddConsultAction<AnswerOptions>(
      consult, client, "answer", "回复: a department answers its invitation", &Answer);
  answer->add_option("DEPARTMENT", options->department, "the one that answers")->required();
  answer->add_flag("--accept", options->accept, "it comes");
  answer->add_option("--decline", options->decline, "it does not come: why");
  answer->add_option("--send", options->send, "another department comes for it, and is invited");
  answer->footer(
      "  zhuqictl consult answer ID zhengzhou.planning --accept\n"
      "  zhuqictl consult answer ID zhengzhou.fire --decline 防汛值守\n"
      "  zhuqictl consult answer ID zhengzhou.fire --send jinshui.fire\n"
      "The last answer stands.");

  const auto [cancel, cancelled] = AddConsultAction<CancelOptions>(
      consult, client, "cancel", "取消: called off before anything was decided", &Cancel);
  cancel->add_option("REASON", cancelled->reason, "why")->required();
}

void AddMeeting(CLI::App& consult, Client& client) {
  const auto [position, said] = AddConsultAction<PositionOptions>(
      consult, client, "position", "部门意见: what a department says to a case", &RecordPosition);
  position->add_option("DEPARTMENT", said->department)->required();
  position->add_option("CASE", said->case_name, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID")->required();
  position->add_option("TEXT", said->text, "at most 1,000 characters")->required();
  position->footer(
      "  zhuqictl consult position ID zhengzhou.planning jinshui-oa/I-17 '同意按新规划条件办理'");

  const auto [decide, decided] = AddConsultAction<DecideOptions>(
      consult, client, "decide", "议定: a decision becomes a task with an owner and a date", &DecideTask);
  decide->add_option("OWNER", decided->owner, "the department that does it")->required();
  decide->add_option("TEXT", decided->text, "what it does, at most 1,000 characters")->required();
  decide->add_option("--working-days", decided->working_days,
                     "due on this working day after today, 1 to 250");
  decide->add_option("--by", decided->by, "due by the end of this day: 2024-05-31");
  decide->add_option("--cases", decided->cases, "for these alone, separated by ','")->delimiter(',');
  decide->footer(
      "  zhuqictl consult decide ID zhengzhou.planning '出具规划意见' --working-days 5\n"
      "  zhuqictl consult decide ID jinshui.fire '现场复核' --by 2024-05-31 --cases jinshui-oa/I-17\n"
      "Working days are those of the calendar in force: when a notice changes them, the due day moves.");

  const auto [minutes, written] = AddConsultAction<MinutesOptions>(
      consult, client, "minutes", "纪要: the minutes are written, or written anew", &RecordMinutes);
  minutes->add_option("--text", written->text, "the minutes");
  minutes->add_option("--file", written->file, "a file with them; - for standard input");

  const auto [sign, read] = AddConsultAction<SignOptions>(
      consult, client, "sign", "会签: a department stands by the minutes that it read", &Sign);
  sign->add_option("DEPARTMENT", read->department, "one that takes part")->required();
  sign->add_option("--digest", read->digest, "of what was read: its first 8 digits or more")->required();
  sign->footer(
      "  zhuqictl consult show ID          # read the minutes; they end with revision and digest\n"
      "  zhuqictl consult sign ID zhengzhou.planning --digest 3f9a11c2\n"
      "Whatever the minutes say changes later, the text, a position, a decision, who takes part, makes a "
      "new\n"
      "revision and voids what was signed; `show` says since when.");
}

void AddFollowUp(CLI::App& consult, Client& client) {
  const auto [task, options] = AddConsultAction<TaskOptions>(
      consult, client, "task", "落实: report on a task, or say what came of it", &WorkOnTask);
  task->add_option("NUMBER", options->number, "the task, as `consult show` numbers it")->required();
  task->add_option("--report", options->report, "what was done so far");
  task->add_option("--complete", options->complete, "it is done: what came of it");
  task->footer(
      "  zhuqictl consult task ID 1 --report 已约现场\n"
      "  zhuqictl consult task ID 1 --complete '已出具规划意见，企业已领取'\n"
      "The consultation is completed with its last task.");

  const auto [tasks, filter] = AddConsult<TaskListOptions>(
      consult, client, "tasks", "督办清单: what was decided and is not done, the first due first",
      &ListTasks);
  tasks->add_option("--department", filter->department, "owned by this department: mine");
  tasks->add_option("--consultation", filter->consultation, "of this consultation");
  tasks->add_option("--due", filter->due, "2024-05, 2024-05-09 or 2024-05-01..2024-06-15");
  tasks->add_flag("--overdue", filter->overdue, "past their due day");
  tasks->add_flag("--done", filter->done, "those that are done, too");
  AddPageOptions(*tasks, &filter->page);
  tasks->footer("  zhuqictl consult tasks --department jinshui.fire --overdue");
}

void AddConsultLists(CLI::App& consult, Client& client) {
  const auto [list, options] = AddConsult<ConsultListOptions>(
      consult, client, "list", "Consultations, the latest meeting first", &ListConsultations);
  list->add_option("--unit", options->unit, "convened by this unit or below it");
  list->add_option("--department", options->department, "it is invited, or in the chair");
  list->add_option("--case", options->case_name, "on this case: UUID or SOURCE-SYSTEM/EXTERNAL-ID");
  list->add_option("--state", options->state, "convened, in_follow_up, completed or cancelled");
  list->add_option("--scheduled", options->scheduled, "2024-05, 2024-05-09 or 2024-05-01..2024-06-15");
  list->add_flag("--overdue", options->overdue, "with an open task past its due day");
  AddPageOptions(*list, &options->page);
  list->footer("  zhuqictl consult list --department zhengzhou.planning --state in_follow_up");

  const auto [show, one] = AddConsult<ConsultOptions>(
      consult, client, "show", "One consultation: who comes, what they say, what is decided, its history",
      &ShowConsultation);
  show->add_option("ID", one->id, "as `consult list` shows it")->required();
}

}  // namespace

void AddConsultCommand(CLI::App& app, Client& client) {
  CLI::App* consult =
      app.add_subcommand("consult", "会商: convene departments on cases, and follow what they decide");
  consult->require_subcommand(1);
  consult->footer(
      "In order: convene, answer, position, decide, minutes, sign; then task until the last is done.\n"
      "  zhuqictl consult list --unit jinshui --overdue\n"
      "  zhuqictl consult tasks --department jinshui.fire");
  AddConveneDepartments(*consult, client);
  AddInvitations(*consult, client);
  AddMeeting(*consult, client);
  AddFollowUp(*consult, client);
  AddConsultLists(*consult, client);
}

}  // namespace zhuqi::ctl
