#include "tools/zhuqictl/task_force_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ChecklistItem;
using routing::v1::SpecialItem;
using routing::v1::TaskForce;
using routing::v1::TaskForceAction;
using routing::v1::TaskForceProgress;

std::string DayText(const common::v1::Date& date, bool provisional) {
  return absl::StrCat(DateText(date), provisional ? "?" : "");
}

std::string ItemStateText(const ChecklistItem& item) {
  std::string text = EnumText(item.state());
  if (item.has_settled_on()) absl::StrAppend(&text, " ", DateText(item.settled_on()));
  if (item.overdue()) absl::StrAppend(&text, item.has_settled_on() ? ", late" : ", overdue");
  return text;
}

// "3/12": settled of all.
std::string SettledText(const TaskForceProgress& progress) {
  return absl::StrCat(progress.done_item_count() + progress.waived_item_count(), "/", progress.item_count());
}

std::string ProgressText(const TaskForceProgress& progress) {
  return absl::StrCat(progress.item_count(), " items: ", progress.done_item_count(), " done (",
                      progress.late_item_count(), " late), ", progress.waived_item_count(), " waived, ",
                      progress.open_item_count(), " open (", progress.overdue_item_count(), " overdue); ",
                      progress.case_count(), " cases, ", progress.open_case_count(), " open; ",
                      progress.visit_count(), " visits");
}

template <class Drafts>
std::string DraftsText(const Drafts& drafts) {
  return absl::StrJoin(drafts, "; ", [](std::string* out, const routing::v1::ChecklistDraft& draft) {
    absl::StrAppend(out, draft.has_function() ? draft.function() : draft.department_id(), " ", draft.text());
  });
}

std::string ItemActionText(const TaskForceAction& action) {
  switch (action.action_case()) {
    case TaskForceAction::kCompleteItem:
      return absl::StrCat("item ", action.complete_item().number(),
                          " done: ", action.complete_item().outcome());
    case TaskForceAction::kWaiveItem:
      return absl::StrCat("item ", action.waive_item().number(), " waived: ", action.waive_item().reason());
    case TaskForceAction::kReopenItem:
      return absl::StrCat("item ", action.reopen_item().number(),
                          " opened again: ", action.reopen_item().reason());
    case TaskForceAction::kMarkItem:
      return absl::StrCat("item ", action.mark_item().number(), " followed by ",
                          action.mark_item().special().follower_department_id(), ": ",
                          action.mark_item().special().reason());
    case TaskForceAction::kReportItem:
      return absl::StrCat(
          "item ", action.report_item().number(),
          action.report_item().final() ? " final report: " : " report: ", action.report_item().text());
    case TaskForceAction::kLinkVisit:
      return absl::StrCat("visit ", action.link_visit().record_id());
    case TaskForceAction::kUnlinkVisit:
      return absl::StrCat("no longer visit ", action.unlink_visit().record_id(), ": ",
                          action.unlink_visit().reason());
    case TaskForceAction::kDissolve:
      return absl::StrCat("dissolved: ", action.dissolve().outcome());
    default:
      return "";
  }
}

std::string TaskForceActionText(const TaskForceAction& action) {
  switch (action.action_case()) {
    case TaskForceAction::kBegin:
      return "its work begins";
    case TaskForceAction::kAmend: {
      std::vector<std::string> parts;
      if (action.amend().has_lead_department_id())
        parts.push_back(absl::StrCat("led by ", action.amend().lead_department_id()));
      if (action.amend().has_ends_on())
        parts.push_back(absl::StrCat("to end on ", DateText(action.amend().ends_on())));
      if (action.amend().has_reason()) parts.push_back(action.amend().reason());
      return absl::StrCat("amended: ", absl::StrJoin(parts, ", "));
    }
    case TaskForceAction::kAddDepartments:
      return absl::StrCat(
          "with ", absl::StrJoin(action.add_departments().departments(), ", ",
                                 [](std::string* out, const routing::v1::TaskForceDepartment& department) {
                                   absl::StrAppend(out, department.department_id());
                                 }));
    case TaskForceAction::kRemoveDepartment:
      return absl::StrCat("without ", action.remove_department().department_id(), ": ",
                          action.remove_department().reason());
    case TaskForceAction::kSetMilestone:
      return absl::StrCat(action.set_milestone().milestone().name(), " on ",
                          DateText(action.set_milestone().milestone().on()),
                          action.set_milestone().reason().empty() ? "" : ": ",
                          action.set_milestone().reason());
    case TaskForceAction::kAddItems:
      return absl::StrCat("items: ", DraftsText(action.add_items().items()));
    default:
      return ItemActionText(action);
  }
}

std::string CountText(int count, const std::string& next_page_token, const char* what) {
  return absl::StrCat(count, " ", what, next_page_token.empty() ? "\n" : " … and more: --limit or --all\n");
}

}  // namespace

std::string SpecialText(const SpecialItem& special) {
  std::string text = absl::StrCat("followed to the end by ", special.follower_department_id(), " (",
                                  special.reason(), "), ", special.report_count(), " reports");
  if (special.has_final_reported_at()) {
    return absl::StrCat(text, ", the final one at ", InstantText(special.final_reported_at()));
  }
  return absl::StrCat(text, ", next due ", DayText(special.next_report_due_on(), special.due_provisional()),
                      special.overdue() ? ", overdue" : "");
}

std::string TaskForceTable(const routing::v1::ListTaskForcesResponse& response) {
  Table table({{"name", Align::kLeft, 40},
               {"unit"},
               {"lead"},
               {"state"},
               {"to end"},
               {"settled", Align::kRight},
               {"overdue", Align::kRight},
               {"cases", Align::kRight},
               {"visits", Align::kRight},
               {"project", Align::kLeft, 40}});
  for (const auto& each : response.task_forces()) {
    const TaskForceProgress& progress = each.progress();
    table.AddRow(
        {each.name(), each.org_unit_id(), each.lead_department_id(), EnumText(each.state()),
         DateText(each.ends_on()), SettledText(progress), absl::StrCat(progress.overdue_item_count()),
         absl::StrCat(progress.case_count() - progress.open_case_count(), "/", progress.case_count()),
         absl::StrCat(progress.visit_count()), each.project()});
  }
  return absl::StrCat(table.ToString(),
                      CountText(response.task_forces_size(), response.next_page_token(), "task forces"));
}

std::string SpecialTable(const routing::v1::ListSpecialItemsResponse& response) {
  Table table({{"due"},
               {"followed by"},
               {"reports", Align::kRight},
               {"unit"},
               {"what", Align::kLeft, 60},
               {"where", Align::kLeft, 44}});
  for (const auto& row : response.items()) {
    const SpecialItem& special = row.special();
    table.AddRow({absl::StrCat(DayText(special.next_report_due_on(), special.due_provisional()),
                               special.overdue() ? " overdue" : ""),
                  special.follower_department_id(), absl::StrCat(special.report_count()), row.org_unit_id(),
                  row.has_item() ? row.item().text() : row.case_().title(),
                  row.has_item() ? absl::StrCat(row.item().task_force(), " #", row.item().number())
                                 : row.case_().case_id()});
  }
  return absl::StrCat(table.ToString(),
                      CountText(response.items_size(), response.next_page_token(), "special items"));
}

std::string DescribeTaskForce(const TaskForce& task_force) {
  std::string text = absl::StrCat(task_force.name(), "\n", task_force.project(), ", set up by ",
                                  task_force.org_unit_id(), ", ", EnumText(task_force.state()), ", ",
                                  DateText(task_force.begins_on()), " to ", DateText(task_force.ends_on()),
                                  "\n", task_force.reason(), "\n", ProgressText(task_force.progress()), "\n");
  if (task_force.has_dissolved_on()) {
    absl::StrAppend(&text, "dissolved on ", DateText(task_force.dissolved_on()), ": ", task_force.outcome(),
                    "\n");
  }
  for (const auto& milestone : task_force.milestones()) {
    absl::StrAppend(&text, milestone.name(), " (", milestone.milestone_id(), ") ", DateText(milestone.on()),
                    "\n");
  }
  Table departments({{"department"}, {"part"}, {"duty", Align::kLeft, 60}});
  for (const auto& part : task_force.departments())
    departments.AddRow({part.department_id(), EnumText(part.role()), part.duty()});
  absl::StrAppend(&text, "\n", departments.ToString());
  if (!task_force.items().empty()) {
    Table items({{"#", Align::kRight},
                 {"due"},
                 {"state"},
                 {"department"},
                 {"what", Align::kLeft, 60},
                 {"outcome", Align::kLeft, 40}});
    for (const ChecklistItem& item : task_force.items())
      items.AddRow({absl::StrCat(item.number()), DayText(item.due_on(), item.due_provisional()),
                    ItemStateText(item), item.department_id(), item.text(), item.outcome()});
    absl::StrAppend(&text, "\n", items.ToString());
  }
  for (const ChecklistItem& item : task_force.items()) {
    if (item.has_special())
      absl::StrAppend(&text, "#", item.number(), " ", SpecialText(item.special()), "\n");
  }
  for (const auto& visit : task_force.visits()) {
    absl::StrAppend(&text, "visit ", visit.record_id(), " on ", DateText(visit.visited_on()), " by ",
                    visit.org_unit_id(), visit.withdrawn() ? ", withdrawn" : "", "\n");
  }
  return absl::StrCat(text, "\ntask force ", task_force.task_force_id(),
                      "\nallowed now: ", absl::StrJoin(task_force.allowed_actions(), ", "), "\netag ",
                      task_force.etag(), "\n");
}

std::string TaskForceCases(const routing::v1::GetTaskForceResponse& response) {
  if (response.cases().empty()) return "";
  Table table({{"case"}, {"state"}, {"outcome"}, {"lead"}, {"title", Align::kLeft, 60}});
  for (const auto& each : response.cases())
    table.AddRow({each.case_id(), EnumText(each.state()), EnumText(each.outcome()), each.lead_department_id(),
                  each.title()});
  return table.ToString();
}

std::string TaskForceHistory(const routing::v1::GetTaskForceResponse& response) {
  Table table({{"at"}, {"who"}, {"for"}, {"what", Align::kLeft, 100}});
  for (const auto& event : response.history()) {
    table.AddRow({InstantText(event.recorded_at()), event.actor(), event.acting_department_id(),
                  event.has_set_up() ? "set up" : TaskForceActionText(event.action())});
  }
  return absl::StrCat(table.ToString(), response.history_cut() ? "… the history began earlier\n" : "");
}

}  // namespace zhuqi::ctl
