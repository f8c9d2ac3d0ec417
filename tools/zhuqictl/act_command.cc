#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/act_adder.h"
#include "tools/zhuqictl/act_play.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/table.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ActOnCaseRequest;
using routing::v1::ActOnCaseResponse;
using routing::v1::ActOnCasesRequest;
using routing::v1::ActOnCasesResponse;
using routing::v1::CaseAction;
using routing::v1::CaseService;

// The request without target and request id.
absl::StatusOr<ActOnCaseRequest> RequestOf(Client& client, const ActOptions& options,
                                           const FillAction& fill) {
  ActOnCaseRequest request;
  request.set_etag(options.etag);
  request.set_comment(options.comment);
  request.set_acting_department_id(options.acting_department);
  if (!options.occurred_at.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*request.mutable_occurred_at(), ParseInstant(options.occurred_at));
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  ZHUQI_RETURN_IF_ERROR(fill(request.mutable_action()));
  return request;
}

absl::Status SetTarget(const std::string& text, ActOnCaseRequest* request) {
  ZHUQI_ASSIGN_OR_RETURN(const Target target, ParseTarget(text));
  if (target.id.empty()) {
    *request->mutable_issue_key() = target.key;
  } else {
    request->set_case_id(target.id);
  }
  request->set_request_id(NewRequestId());
  return absl::OkStatus();
}

int ActOnOne(Client& client, const std::string& target, ActOnCaseRequest request) {
  const absl::Status named = target.empty()
                                 ? absl::InvalidArgumentError("which case? `zhuqictl cases act CASE ACTION`")
                                 : SetTarget(target, &request);
  if (!named.ok()) return client.FailUsage(named);
  ActOnCaseResponse response;
  const absl::Status status =
      client.Call<CaseService>(Service::kRouting, &CaseService::Stub::ActOnCase, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(DescribeCase(response.case_()), "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

// The most that one call takes.
constexpr int kActionsInCall = 200;

absl::StatusOr<std::vector<ActOnCasesRequest>> ReadCases(const std::string& file,
                                                         const ActOnCaseRequest& request) {
  std::vector<ActOnCasesRequest> calls;
  ZHUQI_RETURN_IF_ERROR(ForEachLine(file, [&](int64_t, absl::string_view line) -> absl::Status {
    if (calls.empty() || calls.back().actions_size() == kActionsInCall) calls.emplace_back();
    ActOnCaseRequest& action = *calls.back().add_actions() = request;
    return SetTarget(std::string(line), &action);
  }));
  return calls;
}

std::string TargetText(const ActOnCaseRequest& request) {
  return request.has_issue_key() ? KeyText(request.issue_key()) : request.case_id();
}

// One action on each case of a file.
int ActOnMany(Client& client, const std::string& file, const ActOnCaseRequest& request) {
  const absl::StatusOr<std::vector<ActOnCasesRequest>> calls = ReadCases(file, request);
  if (!calls.ok()) return client.FailUsage(calls.status());
  ActOnCasesResponse all;
  Table table({{"case"}, {"result"}, {"state"}, {"message", Align::kLeft, 80}});
  int refused = 0;
  for (const ActOnCasesRequest& call : *calls) {
    ActOnCasesResponse response;
    const absl::Status status =
        client.Call<CaseService>(Service::kRouting, &CaseService::Stub::ActOnCases, call, &response);
    if (!status.ok()) return client.Fail(status);
    for (routing::v1::ActOnCaseResult& result : *response.mutable_results()) {
      const routing::v1::ActionRefusal& refusal = result.refusal();
      table.AddRow({TargetText(call.actions(result.index())), result.has_done() ? "done" : refusal.reason(),
                    EnumText(result.done().event().state_after()), refusal.message()});
      if (!result.has_done()) ++refused;
      result.set_index(all.results_size());
      *all.add_results() = std::move(result);
    }
    // Of several calls each result has its own.
    if (calls->size() == 1) all.set_consistency_token(response.consistency_token());
  }
  client.Show(all, [&] {
    return absl::StrCat(table.ToString(), all.results_size() - refused, " done, ", refused, " refused\n");
  });
  return refused == 0 ? kExitOk : kExitPartlyRejected;
}

void AddProgress(ActionAdder& adder) {
  struct Options {
    std::string text;
    bool contacted = false;
    bool plan = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("progress", "进展: what was done so far", [options](CaseAction* action) {
    action->mutable_report_progress()->set_text(options->text);
    action->mutable_report_progress()->set_contacted(options->contacted);
    action->mutable_report_progress()->set_plan(options->plan);
    return absl::OkStatus();
  });
  command->add_option("TEXT", options->text)->required();
  command->add_flag("--contacted", options->contacted, "the enterprise was contacted");
  command->add_flag("--plan", options->plan, "this is the plan of how it will be handled (办理方案)");
}

void AddConvene(ActionAdder& adder) {
  struct Options {
    std::vector<std::string> departments;
    std::string decision;
    std::string held_on;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add(
      "convene", "会商: departments were convened on it", [options](CaseAction* action) -> absl::Status {
        routing::v1::Convene* convene = action->mutable_convene();
        for (const std::string& department : options->departments) convene->add_department_ids(department);
        convene->set_decision(options->decision);
        if (!options->held_on.empty()) {
          ZHUQI_ASSIGN_OR_RETURN(*convene->mutable_held_on(), ParseDate(options->held_on));
        }
        return absl::OkStatus();
      });
  command->add_option("--departments", options->departments, "who took part, separated by ','")
      ->required()
      ->delimiter(',');
  command->add_option("--decision", options->decision, "what was decided")->required();
  command->add_option("--held-on", options->held_on, "2024-05-09; without it the day of the action");
}

void AddDesignate(ActionAdder& adder) {
  struct Options {
    std::string green_channel;
    std::string task_force;
    bool end_task_force = false;
    std::string priority;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      adder.Add("designate", "绿色通道, 专班: special treatment", [options](CaseAction* action) {
        routing::v1::Designate* designate = action->mutable_designate();
        if (!options->green_channel.empty()) designate->set_green_channel(options->green_channel == "on");
        if (!options->task_force.empty() || options->end_task_force)
          designate->set_task_force(options->task_force);
        return SetEnum<routing::v1::CasePriority>(options->priority,
                                                  [&](auto priority) { designate->set_priority(priority); });
      });
  command->add_option("--green-channel", options->green_channel)->check(CLI::IsMember({"on", "off"}));
  command->add_option("--task-force", options->task_force,
                      "its name, as `zhuqictl task-forces list` shows it");
  command->add_flag("--end-task-force", options->end_task_force);
  command->add_option("--priority", options->priority, "normal, high or urgent (一般, 重要, 紧急)");
}

void AddFollow(ActionAdder& adder) {
  const auto mark = std::make_shared<routing::v1::MarkSpecial>();
  CLI::App* follow = adder.Add("follow", "重点事项: it is followed to the end, until a final report",
                               [mark](CaseAction* action) {
                                 *action->mutable_designate()->mutable_special() = *mark;
                                 return absl::OkStatus();
                               });
  follow->add_option("REASON", *mark->mutable_reason(), "why")->required();
  follow->add_option("--by", *mark->mutable_follower_department_id(), "the department that follows it")
      ->required();
  follow
      ->add_option_function<int>(
          "--every", [mark](int days) { mark->set_report_every_working_days(days); },
          "a report is due every so many working days")
      ->required();
  const auto report = std::make_shared<routing::v1::ReportSpecial>();
  const auto is_final = std::make_shared<bool>(false);
  CLI::App* command = adder.Add("follow-report", "a report of the department that follows it",
                                [report, is_final](CaseAction* action) {
                                  *action->mutable_report_special() = *report;
                                  action->mutable_report_special()->set_final(*is_final);
                                  return absl::OkStatus();
                                });
  command->add_option("TEXT", *report->mutable_text(), "what was seen")->required();
  command->add_flag("--final", *is_final, "the last one: the case may be closed then");
}

void AddCallBack(ActionAdder& adder) {
  struct Options {
    std::string answer;
    bool satisfied = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("call-back", "回访: the enterprise was asked", [options](CaseAction* action) {
    routing::v1::CallBack* call_back = action->mutable_call_back();
    call_back->set_contacted(options->answer != "not-reached");
    call_back->set_resolved(options->answer == "resolved");
    call_back->set_satisfied(options->satisfied);
    return absl::OkStatus();
  });
  command->add_option("ANSWER", options->answer, "resolved, not-resolved or not-reached")
      ->required()
      ->check(CLI::IsMember({"resolved", "not-resolved", "not-reached"}));
  command->add_flag("--satisfied", options->satisfied);
}

void AddExclude(ActionAdder& adder) {
  struct Options {
    std::string reason;
    std::string reviewer;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("exclude", "剔除考核: it is taken out of appraisals; figures stay",
                                [options](CaseAction* action) {
                                  action->mutable_exclude_from_appraisal()->set_reason(options->reason);
                                  action->mutable_exclude_from_appraisal()->set_reviewer(options->reviewer);
                                  return absl::OkStatus();
                                });
  command->add_option("REASON", options->reason)->required();
  command->add_option("--reviewer", options->reviewer, "who reviewed it: not the caller")->required();
}

void AddWorkActions(ActionAdder& adder) {
  adder.Group("The work");
  AddProgress(adder);
  AddConvene(adder);
  AddDesignate(adder);
  AddFollow(adder);
  adder.AddWithText(
      "resolve", "the lead says that it is done", "what was done",
      [](CaseAction* action, const std::string& text) { action->mutable_resolve()->set_text(text); });
  AddCallBack(adder);
}

void AddEndActions(ActionAdder& adder) {
  adder.Group("How it ends");
  adder.AddPlain("close", "办结: with the outcome that the call-back gave",
                 [](CaseAction* action) { action->mutable_close(); });
  adder.AddWithText(
      "explain", "答复: it can not be done, or is a suggestion", "the reasons",
      [](CaseAction* action, const std::string& text) { action->mutable_explain()->set_text(text); });
  adder.AddWithText(
      "decline", "不予受理: not taken on", "the reasons",
      [](CaseAction* action, const std::string& text) { action->mutable_decline()->set_reason(text); });
  adder.AddWithText(
      "withdraw", "撤回: the enterprise takes it back; it counts in no figure", "why",
      [](CaseAction* action, const std::string& text) { action->mutable_withdraw()->set_reason(text); });
  adder.AddWithText("reopen", "taken up again", "why", [](CaseAction* action, const std::string& text) {
    action->mutable_reopen()->set_reason(text);
  });
  AddExclude(adder);
  adder.AddWithText("include", "it is appraised again", "why",
                    [](CaseAction* action, const std::string& text) {
                      action->mutable_include_in_appraisal()->set_reason(text);
                    });
}

void AddCommonOptions(CLI::App& act, ActOptions& common) {
  act.add_option("CASE", common.target, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID");
  act.add_option("--cases", common.cases_file,
                 "instead of CASE: does it to each case of this file, one a line")
      ->check(CLI::ExistingFile);
  act.add_option("--as", common.acting_department,
                 "the department on whose behalf: what its part does not let it do is refused");
  act.add_option("--etag", common.etag, "refuse if the case changed since");
  act.add_option("--comment", common.comment);
  act.add_option("--occurred-at", common.occurred_at, "when it really happened, when it is entered later");
}

constexpr char kExamples[] =
    "  zhuqictl cases act jinshui-oa/I-17 accept\n"
    "  zhuqictl cases act jinshui-oa/I-17 progress '已现场勘查' --contacted\n"
    "  zhuqictl cases act jinshui-oa/I-17 object '不属于本部门职责' --belongs-to jinshui.fire\n"
    "  zhuqictl cases act jinshui-oa/I-17 --as jinshui.office rule upheld '按三定方案' --lead jinshui.fire\n"
    "  zhuqictl cases act jinshui-oa/I-17 ask-extension 3d '需现场检测'\n"
    "  zhuqictl cases act jinshui-oa/I-17 convene --departments zhengzhou.planning,zhengzhou.fire --decision "
    "'…'\n"
    "  zhuqictl cases act jinshui-oa/I-17 divide '涉及两个部门' --to jinshui.planning='…' --to "
    "jinshui.fire='…'\n"
    "  zhuqictl cases act jinshui-oa/I-17 call-back resolved --satisfied\n"
    "  zhuqictl cases act --cases overdue.txt remind '请尽快办理'\n"
    "  zhuqictl cases act --file actions.jsonl\n"
    "What can be done now stands at the end of `zhuqictl cases show CASE`; services/routing/cases/README.md "
    "draws "
    "it all.\n"
    "A file's actions are taken in order for each case, many cases at once. The same line has the same "
    "request\n"
    "id each time, so playing a file again repeats nothing. What is refused is reported by line.";

}  // namespace

int RunAction(Client& client, const ActOptions& options, const FillAction& fill) {
  absl::StatusOr<ActOnCaseRequest> request = RequestOf(client, options, fill);
  if (request.ok() && !options.cases_file.empty() && !options.target.empty()) {
    request = absl::InvalidArgumentError("name one case, or a file of them with --cases");
  }
  if (!request.ok()) return client.FailUsage(request.status());
  return options.cases_file.empty() ? ActOnOne(client, options.target, *std::move(request))
                                    : ActOnMany(client, options.cases_file, *request);
}

void AddActCommand(CLI::App& app, Client& client) {
  CLI::App* act = app.add_subcommand("act", "Do something to a case, or play a file of actions");
  const auto common = std::make_shared<ActOptions>();
  const auto play = std::make_shared<ActPlayOptions>();
  AddCommonOptions(*act, *common);
  act->add_option("--file", play->file, "JSON lines: an ActOnCaseRequest a line, without request_id")
      ->check(CLI::ExistingFile);
  act->add_option("--in-flight", play->in_flight, "with --file: cases worked on at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  act->footer(kExamples);
  act->require_subcommand(0, 1);
  act->fallthrough();
  act->callback([&client, act, play] {
    if (!act->get_subcommands().empty()) return;
    client.action = [&client, play] { return PlayActions(client, *play); };
  });
  ActionAdder adder(*act, client, common);
  AddResponsibilityActions(adder);
  AddTimeActions(adder);
  AddWorkActions(adder);
  AddEndActions(adder);
}

}  // namespace zhuqi::ctl
