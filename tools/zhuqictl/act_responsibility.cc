// Actions that say who is responsible for a case.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/act_adder.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CaseAction;

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

void AddHandOver(ActionAdder& adder) {
  struct Options {
    std::string department;
    std::string reason;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("hand-over", "转办: another department of the accountable unit leads",
                                [options](CaseAction* action) {
                                  action->mutable_hand_over()->set_department_id(options->department);
                                  action->mutable_hand_over()->set_reason(options->reason);
                                  return absl::OkStatus();
                                });
  command->add_option("DEPARTMENT", options->department, "who leads then; it is to accept the case")
      ->required();
  command->add_option("REASON", options->reason)->required();
}

void AddObject(ActionAdder& adder) {
  struct Options {
    std::string reason;
    std::string suggested;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("object", "退单异议: \"not ours\", said by the lead before it accepts",
                                [options](CaseAction* action) {
                                  action->mutable_object()->set_reason(options->reason);
                                  action->mutable_object()->set_suggested_department_id(options->suggested);
                                  return absl::OkStatus();
                                });
  command->add_option("REASON", options->reason)->required();
  command->add_option("--belongs-to", options->suggested, "the department whose it is");
  command->footer(
      "The lead stays the lead until `rule` says otherwise, and the clocks run on. A department objects once "
      "in a "
      "case.\n"
      "  zhuqictl cases act jinshui-oa/I-17 object '不属于本部门职责' --belongs-to jinshui.fire");
}

void AddRule(ActionAdder& adder) {
  struct Options {
    std::string ruling;
    std::string reason;
    std::string lead;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("rule", "裁定: rules on the open objection, for good",
                                [options](CaseAction* action) -> absl::Status {
                                  routing::v1::RuleOnObjection* ruling = action->mutable_rule_on_objection();
                                  ruling->set_upheld(options->ruling == "upheld");
                                  ruling->set_reason(options->reason);
                                  ruling->set_lead_department_id(options->lead);
                                  if (ruling->upheld() && options->lead.empty()) {
                                    return absl::InvalidArgumentError("who leads then? --lead DEPARTMENT");
                                  }
                                  return absl::OkStatus();
                                });
  command->add_option("RULING", options->ruling, "upheld (成立) or rejected (不成立)")
      ->required()
      ->check(CLI::IsMember({"upheld", "rejected"}));
  command->add_option("REASON", options->reason)->required();
  command->add_option("--lead", options->lead, "with upheld: who leads then");
}

void AddHandOverAssistance(ActionAdder& adder) {
  struct Options {
    std::string reason;
    std::string department;
    std::string team;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      adder.Add("hand-over-assistance", "帮办代办移交: another assistant helps the enterprise",
                [options](CaseAction* action) {
                  routing::v1::HandOverAssistance* over = action->mutable_hand_over_assistance();
                  over->set_reason(options->reason);
                  over->set_department_id(options->department);
                  over->set_team_id(options->team);
                  return absl::OkStatus();
                });
  command->add_option("REASON", options->reason)->required();
  command->add_option("--to", options->department,
                      "the department; without it the one that has the fewest open cases of all others");
  command->add_option("--team", options->team, "with --to: a team of it");
  command->footer("  zhuqictl cases act jinshui-oa/I-17 hand-over-assistance '原帮办专员调离'");
}

void AddReply(ActionAdder& adder) {
  struct Options {
    std::string department;
    std::string text;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      adder.Add("reply", "协办回复: a co-handler's reply to the lead", [options](CaseAction* action) {
        action->mutable_reply()->set_department_id(options->department);
        action->mutable_reply()->set_text(options->text);
        return absl::OkStatus();
      });
  command->add_option("DEPARTMENT", options->department, "the co-handler")->required();
  command->add_option("TEXT", options->text)->required();
}

// "DEPARTMENT=QUESTION".
absl::Status AddChild(const std::string& text, routing::v1::Divide* divide) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.first.empty() || parts.second.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not DEPARTMENT=QUESTION"));
  }
  divide->add_children()->set_department_id(parts.first);
  divide->mutable_children()->rbegin()->set_question(parts.second);
  return absl::OkStatus();
}

void AddDivide(ActionAdder& adder) {
  struct Options {
    std::string reason;
    std::vector<std::string> to;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = adder.Add("divide", "分办: several departments answer it, each with a case of its own",
                                [options](CaseAction* action) -> absl::Status {
                                  action->mutable_divide()->set_reason(options->reason);
                                  for (const std::string& child : options->to) {
                                    ZHUQI_RETURN_IF_ERROR(AddChild(child, action->mutable_divide()));
                                  }
                                  return absl::OkStatus();
                                });
  command->add_option("REASON", options->reason)->required();
  command->add_option("--to", options->to, "DEPARTMENT=QUESTION; repeated, at most 20 in a case")->required();
  command->footer(
      "The case keeps its owner, clocks and the call-back, and goes on by itself when the last child is "
      "closed. A "
      "child\n"
      "is named by its UUID, which `cases show` gives.\n"
      "  zhuqictl cases act jinshui-oa/I-17 divide '涉及规划与消防' --to jinshui.planning='规划条件如何调整' "
      "--to\n"
      "    jinshui.fire='消防验收缺哪些材料'");
}

}  // namespace

void AddResponsibilityActions(ActionAdder& adder) {
  adder.Group("Who is responsible");
  adder.AddPlain("accept", "接单: the lead department takes it on",
                 [](CaseAction* action) { action->mutable_accept(); });
  AddAssign(adder);
  AddHandOver(adder);
  AddObject(adder);
  AddRule(adder);
  AddReply(adder);
  AddDivide(adder);
  AddHandOverAssistance(adder);
  adder.AddWithText(
      "escalate", "提级: accountability moves to the unit above", "why",
      [](CaseAction* action, const std::string& text) { action->mutable_escalate()->set_reason(text); });
  adder.AddWithText(
      "return", "退回: an escalated case goes back to the unit below", "why",
      [](CaseAction* action, const std::string& text) { action->mutable_return_case()->set_reason(text); });
}

}  // namespace zhuqi::ctl
