#include <CLI/CLI.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/task_force_command_line.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ChecklistDraft;
using routing::v1::ChecklistTemplate;
using routing::v1::TaskForceAction;

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
    ZHUQI_ASSIGN_OR_RETURN(const ChecklistTemplate checklist, LoadChecklist(options.template_file));
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

}  // namespace

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

}  // namespace zhuqi::ctl
