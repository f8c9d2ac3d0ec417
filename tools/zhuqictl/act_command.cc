#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/act_play.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/request_ids.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ActOnCaseRequest;
using routing::v1::ActOnCaseResponse;
using routing::v1::CaseAction;
using routing::v1::CaseService;

struct CommonOptions {
  std::string target;
  std::string etag;
  std::string comment;
  std::string occurred_at;
};

// What the options of one action make of it.
using FillAction = std::function<absl::Status(CaseAction*)>;

int Act(Client& client, const CommonOptions& options, const FillAction& fill) {
  ActOnCaseRequest request;
  const absl::Status filled = [&]() -> absl::Status {
    if (options.target.empty()) return absl::InvalidArgumentError("which case? `zhuqictl act CASE ACTION`");
    ZHUQI_ASSIGN_OR_RETURN(const Target target, ParseTarget(options.target));
    if (target.id.empty()) {
      *request.mutable_issue_key() = target.key;
    } else {
      request.set_case_id(target.id);
    }
    if (!options.occurred_at.empty()) {
      ZHUQI_ASSIGN_OR_RETURN(*request.mutable_occurred_at(), ParseInstant(options.occurred_at));
    }
    ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
    request.set_at_least_token(token);
    return fill(request.mutable_action());
  }();
  if (!filled.ok()) return client.FailUsage(filled);
  request.set_request_id(NewRequestId());
  request.set_etag(options.etag);
  request.set_comment(options.comment);
  ActOnCaseResponse response;
  const absl::Status status =
      client.Call<CaseService>(Service::kRouting, &CaseService::Stub::ActOnCase, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(DescribeCase(response.case_()), "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

class ActionAdder {
 public:
  ActionAdder(CLI::App& act, Client& client, std::shared_ptr<CommonOptions> common)
      : act_(act), client_(client), common_(std::move(common)) {}

  CLI::App* Add(const char* name, const char* help, FillAction fill) {
    CLI::App* command = act_.add_subcommand(name, help);
    command->callback([&client = client_, common = common_, fill = std::move(fill)] {
      client.action = [&client, common, fill] { return Act(client, *common, fill); };
    });
    return command;
  }

  // An action with one text.
  template <class Message>
  void AddWithText(const char* name, const char* help, const char* text_help, Message* (CaseAction::*part)(),
                   void (*set)(Message*, const std::string&)) {
    const auto text = std::make_shared<std::string>();
    Add(name, help,
        [text, part, set](CaseAction* action) {
          set((action->*part)(), *text);
          return absl::OkStatus();
        })
        ->add_option("TEXT", *text, text_help)
        ->required();
  }

 private:
  CLI::App& act_;
  Client& client_;
  const std::shared_ptr<CommonOptions> common_;
};

void AddPlainActions(ActionAdder& adder) {
  adder.Add("accept", "接单: the lead department takes it on", [](CaseAction* action) {
    action->mutable_accept();
    return absl::OkStatus();
  });
  adder.Add("close", "办结: with the outcome that the call-back gave", [](CaseAction* action) {
    action->mutable_close();
    return absl::OkStatus();
  });
  adder.AddWithText<routing::v1::Escalate>(
      "escalate", "提级: accountability moves to the unit above", "why", &CaseAction::mutable_escalate,
      [](auto* part, const std::string& text) { part->set_reason(text); });
  adder.AddWithText<routing::v1::Resolve>("resolve", "the lead says that it is done", "what was done",
                                          &CaseAction::mutable_resolve,
                                          [](auto* part, const std::string& text) { part->set_text(text); });
  adder.AddWithText<routing::v1::Explain>("explain", "答复: it can not be done, or is a suggestion",
                                          "the reasons", &CaseAction::mutable_explain,
                                          [](auto* part, const std::string& text) { part->set_text(text); });
  adder.AddWithText<routing::v1::Reopen>("reopen", "taken up again", "why", &CaseAction::mutable_reopen,
                                         [](auto* part, const std::string& text) { part->set_reason(text); });
}

void AddAssign(ActionAdder& adder) {
  struct Options {
    std::string department;
    std::string role;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add(
      "assign", "A department gets a part in it, or the lead changes", [options](CaseAction* action) {
        action->mutable_assign()->set_department_id(options->department);
        return SetEnum<routing::v1::AssignmentRole>(
            options->role, [&](auto role) { action->mutable_assign()->set_role(role); });
      });
  command->add_option("DEPARTMENT", options->department)->required();
  command
      ->add_option("ROLE", options->role,
                   "lead, co_handler, supervisor or assistant (主办, 协办, 督办, 帮办代办)")
      ->required();
}

void AddProgress(ActionAdder& adder) {
  struct Options {
    std::string text;
    bool contacted = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("progress", "进展: what was done so far", [options](CaseAction* action) {
    action->mutable_report_progress()->set_text(options->text);
    action->mutable_report_progress()->set_contacted(options->contacted);
    return absl::OkStatus();
  });
  command->add_option("TEXT", options->text)->required();
  command->add_flag("--contacted", options->contacted, "the enterprise was contacted");
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
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      adder.Add("designate", "绿色通道, 专班: special treatment", [options](CaseAction* action) {
        routing::v1::Designate* designate = action->mutable_designate();
        if (!options->green_channel.empty()) designate->set_green_channel(options->green_channel == "on");
        if (!options->task_force.empty() || options->end_task_force)
          designate->set_task_force(options->task_force);
        return absl::OkStatus();
      });
  command->add_option("--green-channel", options->green_channel)->check(CLI::IsMember({"on", "off"}));
  command->add_option("--task-force", options->task_force, "its name");
  command->add_flag("--end-task-force", options->end_task_force);
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

}  // namespace

void AddActCommand(CLI::App& app, Client& client) {
  CLI::App* act = app.add_subcommand("act", "Do something to a case, or play a file of actions");
  const auto common = std::make_shared<CommonOptions>();
  const auto play = std::make_shared<ActPlayOptions>();
  act->add_option("CASE", common->target, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID");
  act->add_option("--etag", common->etag, "refuse if the case changed since");
  act->add_option("--comment", common->comment);
  act->add_option("--occurred-at", common->occurred_at, "when it really happened, when it is entered later");
  act->add_option("--file", play->file, "JSON lines: an ActOnCaseRequest a line, without request_id")
      ->check(CLI::ExistingFile);
  act->add_option("--in-flight", play->in_flight, "with --file: cases worked on at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  act->footer(
      "  zhuqictl act jinshui-oa/I-17 accept\n"
      "  zhuqictl act jinshui-oa/I-17 progress '已现场勘查' --contacted\n"
      "  zhuqictl act jinshui-oa/I-17 convene --departments zhengzhou.planning,zhengzhou.fire --decision "
      "'…'\n"
      "  zhuqictl act jinshui-oa/I-17 call-back resolved --satisfied\n"
      "  zhuqictl act --file actions.jsonl\n"
      "A file's actions are taken in order for each case, many cases at once. The same line has the same "
      "request\n"
      "id each time, so playing a file again repeats nothing. What is refused is reported by line.");
  act->require_subcommand(0, 1);
  act->fallthrough();
  act->callback([&client, act, play] {
    if (!act->get_subcommands().empty()) return;
    client.action = [&client, play] { return PlayActions(client, *play); };
  });
  ActionAdder adder(*act, client, common);
  AddPlainActions(adder);
  AddAssign(adder);
  AddProgress(adder);
  AddConvene(adder);
  AddDesignate(adder);
  AddCallBack(adder);
}

}  // namespace zhuqi::ctl
