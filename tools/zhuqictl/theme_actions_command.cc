#include <CLI/CLI.hpp>

#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/theme_target.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::PreventInDistricts;
using routing::v1::ThemeAction;

// What the options of one action on a theme write to.
struct ThemeActionOptions {
  ThemeToActOn target;
  ThemeAction action;
  std::vector<std::string> cases;
  std::string due;
  std::string fixed_on;
  std::string prevent_by;
  std::vector<std::string> prevent_units;
  std::string prevent_note;
};
using ThemeOptions = std::shared_ptr<ThemeActionOptions>;

// One action; the caller adds its options. `finish` takes over what is parsed once all options are read.
CLI::App* AddThemeAction(CLI::App& themes, Client& client, const char* name, const char* help,
                         const ThemeOptions& options,
                         std::function<absl::Status(ThemeActionOptions&)> finish = nullptr) {
  CLI::App* command = themes.add_subcommand(name, help);
  command->add_option("THEME", options->target.theme_id, "its UUID")->required();
  command->add_option("--etag", options->target.etag, "of what you saw: refused when it has changed since");
  command->callback([&client, options, finish = std::move(finish)] {
    client.action = [&client, options, finish] {
      if (finish) {
        if (const absl::Status status = finish(*options); !status.ok()) return client.FailUsage(status);
      }
      return ActOnTheme(client, options->target, options->action);
    };
  });
  return command;
}

absl::Status SetPrevention(const ThemeActionOptions& options, PreventInDistricts* prevent) {
  for (const std::string& unit : options.prevent_units) prevent->add_org_unit_ids(unit);
  prevent->set_note(options.prevent_note);
  return SetDay(options.prevent_by, &PreventInDistricts::mutable_due_on, prevent);
}

void AddPreventionOptions(CLI::App& command, ThemeActionOptions& options, const char* by, bool required) {
  command.add_option(by, options.prevent_by, "by when districts are to look into it: 2026-12-15")
      ->required(required);
  command.add_option(
      "--district", options.prevent_units,
      "only these; else all where an enterprise of its cases, or anybody in its category, raised an issue "
      "within a year");
  command.add_option("--note", options.prevent_note, "what they are to do");
}

void AddConfirm(CLI::App& themes, Client& client) {
  const auto options = std::make_shared<ThemeActionOptions>();
  routing::v1::ConfirmTheme& confirm = *options->action.mutable_confirm();
  CLI::App* command = AddThemeAction(
      themes, client, "confirm", "确认: the cases have one cause, and a department owns the fix", options,
      [](ThemeActionOptions& given) {
        routing::v1::ConfirmTheme& message = *given.action.mutable_confirm();
        if (!given.prevent_by.empty() || !given.prevent_units.empty()) {
          if (absl::Status status = SetPrevention(given, message.mutable_prevent()); !status.ok())
            return status;
        }
        return SetDay(given.due, &routing::v1::ConfirmTheme::mutable_due_on, &message);
      });
  command->add_option("--cause", *confirm.mutable_cause(), "成因: the one cause")->required();
  command->add_option("--fix", *confirm.mutable_fix(), "整改措施: what is to be done about it");
  command->add_option("--owner", *confirm.mutable_owner_department_id(), "责任部门: who owns the fix")
      ->required();
  command->add_option("--due", options->due, "by when the fix is to be in force: 2026-12-31")->required();
  AddPreventionOptions(*command, *options, "--prevent-by", false);
}

void AddAssignAndReject(CLI::App& themes, Client& client) {
  const auto assigned = std::make_shared<ThemeActionOptions>();
  CLI::App* assign = AddThemeAction(
      themes, client, "assign", "another owner or due day", assigned, [](ThemeActionOptions& given) {
        return SetDay(given.due, &routing::v1::AssignTheme::mutable_due_on, given.action.mutable_assign());
      });
  assign->add_option("--owner", *assigned->action.mutable_assign()->mutable_owner_department_id(),
                     "who owns the fix");
  assign->add_option("--due", assigned->due, "by when: 2026-12-31");
  const auto rejected = std::make_shared<ThemeActionOptions>();
  AddThemeAction(themes, client, "reject",
                 "不成立: the cases have no cause in common; the same ones are not proposed again", rejected)
      ->add_option("REASON", *rejected->action.mutable_reject()->mutable_reason(), "why")
      ->required();
}

void AddFixActions(CLI::App& themes, Client& client) {
  const auto begun = std::make_shared<ThemeActionOptions>();
  AddThemeAction(themes, client, "begin-fix", "整改中: the fix is being made", begun)
      ->add_option("--fix", *begun->action.mutable_begin_fix()->mutable_fix(), "what is being done");
  const auto completed = std::make_shared<ThemeActionOptions>();
  CLI::App* complete = AddThemeAction(
      themes, client, "complete-fix",
      "已整改: the fix is in force, or corrects what or when; recurrence counts from the day after",
      completed, [](ThemeActionOptions& given) {
        return SetDay(given.fixed_on, &routing::v1::CompleteFix::mutable_fixed_on,
                      given.action.mutable_complete_fix());
      });
  complete->add_option("--fix", *completed->action.mutable_complete_fix()->mutable_fix(), "what was done");
  complete->add_option("--on", completed->fixed_on, "since which day, today when none is given: 2026-12-20");
  const auto reopened = std::make_shared<ThemeActionOptions>();
  CLI::App* reopen = AddThemeAction(
      themes, client, "reopen", "the fix did not hold, or what was rejected is taken up again", reopened,
      [](ThemeActionOptions& given) {
        return SetDay(given.due, &routing::v1::ReopenTheme::mutable_due_on, given.action.mutable_reopen());
      });
  reopen->add_option("REASON", *reopened->action.mutable_reopen()->mutable_reason(), "why")->required();
  reopen->add_option("--due", reopened->due, "of a fix that did not hold: by when a better one");
}

void AddMembershipActions(CLI::App& themes, Client& client) {
  const char* which = "UUIDs, or the issues' SOURCE-SYSTEM/EXTERNAL-ID";
  const auto added = std::make_shared<ThemeActionOptions>();
  AddThemeAction(themes, client, "add", "纳入: cases have this cause, suggested ones or others", added,
                 [](ThemeActionOptions& given) {
                   return SetThemeCases(given.cases, given.action.mutable_add_cases()->mutable_cases());
                 })
      ->add_option("CASES", added->cases, which)
      ->required();
  const auto removed = std::make_shared<ThemeActionOptions>();
  CLI::App* remove = AddThemeAction(
      themes, client, "remove", "移出: cases have another cause, and are not suggested for it again", removed,
      [](ThemeActionOptions& given) {
        return SetThemeCases(given.cases, given.action.mutable_remove_cases()->mutable_cases());
      });
  remove->add_option("CASES", removed->cases, which)->required();
  remove->add_option("--reason", *removed->action.mutable_remove_cases()->mutable_reason(), "why")
      ->required();
  const auto merged = std::make_shared<ThemeActionOptions>();
  routing::v1::MergeTheme& merge = *merged->action.mutable_merge();
  CLI::App* into = AddThemeAction(themes, client, "merge", "并入: it is the same as another theme", merged);
  into->add_option("--into", *merge.mutable_into_theme_id(), "the other theme's UUID")->required();
  into->add_option("--reason", *merge.mutable_reason(), "why")->required();
}

}  // namespace

void AddThemeActions(CLI::App& themes, Client& client) {
  AddConfirm(themes, client);
  AddAssignAndReject(themes, client);
  AddFixActions(themes, client);
  AddMembershipActions(themes, client);
  const auto options = std::make_shared<ThemeActionOptions>();
  CLI::App* prevent = AddThemeAction(
      themes, client, "prevent", "未诉先办: asks districts that have not complained yet", options,
      [](ThemeActionOptions& given) { return SetPrevention(given, given.action.mutable_prevent()); });
  AddPreventionOptions(*prevent, *options, "--by", true);
}

}  // namespace zhuqi::ctl
