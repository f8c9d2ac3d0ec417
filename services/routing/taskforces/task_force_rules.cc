#include "services/routing/taskforces/task_force_rules.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_guards.h"
#include "services/routing/special/special_rules.h"
#include "services/routing/taskforces/task_force_table.h"

namespace zhuqi::routing {
namespace {

using ForceAct = v1::TaskForceAction;

absl::Status RefuseForce(absl::string_view reason, absl::string_view english, absl::string_view chinese,
                         std::map<std::string, std::string> metadata = {}) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, english, chinese, std::move(metadata));
}

// The refusal of a condition that cases have too.
absl::Status RefuseByGuard(Guard guard) {
  const GuardText& text = TextOf(guard);
  return RefuseForce(text.reason, text.english, text.chinese);
}

absl::Status TooMany(absl::string_view reason, int most, absl::string_view english,
                     absl::string_view chinese) {
  return RefuseForce(reason, absl::StrCat("at most ", most, " ", english),
                     absl::StrCat(chinese, "不得超过", most, "个"));
}

// INVALID_ARGUMENT for a day that does not fit the task force.
absl::Status WrongDay(absl::string_view field, absl::string_view english, absl::string_view chinese) {
  rpc::Violations violations;
  violations.Add(std::string(field), "DATE_OUT_OF_RANGE", std::string(english), std::string(chinese));
  return violations.ToStatus();
}

absl::CivilDay DayIn(const common::v1::Date& date) { return CivilDayFrom(date).value_or(absl::CivilDay()); }

// ---- Departments ----

v1::TaskForceDepartment* FindForcePart(v1::TaskForce& body, absl::string_view department_id) {
  for (v1::TaskForceDepartment& part : *body.mutable_departments()) {
    if (part.department_id() == department_id) return &part;
  }
  return nullptr;
}

absl::Status NotInTaskForce(const std::string& department_id) {
  return RefuseForce("DEPARTMENT_NOT_IN_TASK_FORCE",
                     absl::StrCat(department_id, " is no department of this task force"),
                     "该部门不是专班成员", {{"department_id", department_id}});
}

absl::Status AddForceDepartment(v1::TaskForce& body, const v1::TaskForceDepartment& added) {
  v1::TaskForceDepartment* known = FindForcePart(body, added.department_id());
  if (known != nullptr && known->role() == v1::TASK_FORCE_ROLE_LEAD) {
    return RefuseForce("DEPARTMENT_LEADS",
                       absl::StrCat(added.department_id(), " leads: another one must lead first"),
                       "该部门为牵头部门，须先变更牵头部门", {{"department_id", added.department_id()}});
  }
  if (known == nullptr) {
    if (body.departments_size() >= kMostTaskForceDepartments) {
      return TooMany("TOO_MANY_DEPARTMENTS", kMostTaskForceDepartments, "departments", "专班部门");
    }
    known = body.add_departments();
  }
  *known = added;
  return absl::OkStatus();
}

// `department_id` leads, and stands first; the former lead is a member.
absl::Status ChangeForceLead(v1::TaskForce& body, const std::string& department_id) {
  if (FindForcePart(body, department_id) == nullptr) {
    v1::TaskForceDepartment added;
    added.set_department_id(department_id);
    added.set_role(v1::TASK_FORCE_ROLE_MEMBER);
    ZHUQI_RETURN_IF_ERROR(AddForceDepartment(body, added));
  }
  for (v1::TaskForceDepartment& part : *body.mutable_departments()) {
    if (part.department_id() == department_id) {
      part.set_role(v1::TASK_FORCE_ROLE_LEAD);
    } else if (part.role() == v1::TASK_FORCE_ROLE_LEAD) {
      part.set_role(v1::TASK_FORCE_ROLE_MEMBER);
    }
  }
  std::stable_partition(
      body.mutable_departments()->begin(), body.mutable_departments()->end(),
      [](const v1::TaskForceDepartment& part) { return part.role() == v1::TASK_FORCE_ROLE_LEAD; });
  return absl::OkStatus();
}

// ---- The checklist ----

const v1::Milestone* FindMilestone(const v1::TaskForce& body, absl::string_view milestone_id) {
  for (const v1::Milestone& milestone : body.milestones()) {
    if (milestone.milestone_id() == milestone_id) return &milestone;
  }
  return nullptr;
}

// The department of the task force with this function: that of the unit that set it up before others.
const directory::v1::Department* WithFunction(const v1::TaskForce& body, absl::string_view function,
                                              const Directory& directory) {
  const directory::v1::Department* found = nullptr;
  for (const v1::TaskForceDepartment& part : body.departments()) {
    const directory::v1::Department* department = directory.FindDepartment(part.department_id());
    if (department == nullptr || department->function() != function) continue;
    if (department->org_unit_id() == body.org_unit_id()) return department;
    if (found == nullptr) found = department;
  }
  return found;
}

absl::StatusOr<std::string> WhoDoes(const v1::ChecklistDraft& draft, v1::TaskForce& body,
                                    const Directory& directory) {
  if (draft.has_department_id()) {
    if (FindForcePart(body, draft.department_id()) == nullptr) return NotInTaskForce(draft.department_id());
    return draft.department_id();
  }
  const directory::v1::Department* department = WithFunction(body, draft.function(), directory);
  if (department != nullptr) return department->department_id();
  return RefuseForce("FUNCTION_NOT_IN_TASK_FORCE",
                     absl::StrCat("no department of this task force has the function ", draft.function()),
                     "专班中没有该职能的部门", {{"function", draft.function()}});
}

absl::Status AddChecklistItem(v1::TaskForce& body, const v1::ChecklistDraft& draft,
                              const std::string& template_id, const TaskForceInput& input) {
  if (body.items_size() >= kMostChecklistItems) {
    return TooMany("TOO_MANY_ITEMS", kMostChecklistItems, "items", "清单事项");
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::string department_id, WhoDoes(draft, body, input.directory));
  if (draft.has_before() && FindMilestone(body, draft.before().milestone_id()) == nullptr) {
    return RefuseForce("MILESTONE_UNKNOWN",
                       absl::StrCat("there is no milestone ", draft.before().milestone_id()), "节点不存在",
                       {{"milestone_id", draft.before().milestone_id()}});
  }
  v1::ChecklistItem& item = *body.add_items();
  item.set_number(body.items_size());
  item.set_text(draft.text());
  item.set_department_id(department_id);
  item.set_template_id(template_id);
  item.set_state(v1::CHECKLIST_ITEM_STATE_OPEN);
  *item.mutable_added_on() = DateMessage(CityDay(input.now));
  if (draft.has_before()) *item.mutable_before() = draft.before();
  if (draft.has_working_days()) item.set_working_days(draft.working_days());
  if (draft.has_date()) *item.mutable_date() = draft.date();
  return absl::OkStatus();
}

void TimeItems(v1::TaskForce& body, const calendar::WorkingCalendar& calendar) {
  for (v1::ChecklistItem& item : *body.mutable_items()) {
    TimeItem(item, body, calendar);
    if (item.has_special()) TimeSpecial(*item.mutable_special(), calendar);
  }
}

absl::StatusOr<v1::ChecklistItem*> FindItem(v1::TaskForce& body, int32_t number) {
  if (number >= 1 && number <= body.items_size()) return body.mutable_items(number - 1);
  return RefuseForce("ITEM_UNKNOWN", absl::StrCat("there is no item ", number),
                     absl::StrCat("没有第", number, "项清单事项"));
}

absl::StatusOr<v1::ChecklistItem*> FindOpenItem(v1::TaskForce& body, int32_t number) {
  ZHUQI_ASSIGN_OR_RETURN(v1::ChecklistItem * item, FindItem(body, number));
  if (item->state() == v1::CHECKLIST_ITEM_STATE_OPEN) return item;
  return RefuseForce("ITEM_SETTLED", absl::StrCat("item ", number, " is done or waived"),
                     absl::StrCat("第", number, "项清单事项已销号或免办"));
}

// The item is done or waived as of `on`.
absl::Status SettleItem(v1::TaskForce& body, int32_t number, v1::ChecklistItemState state, absl::CivilDay on,
                        const std::string& outcome, const TaskForceInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(v1::ChecklistItem * item, FindOpenItem(body, number));
  if (item->has_special() && IsFollowed(item->special())) return RefuseByGuard(Guard::kFinalReport);
  TimeItem(*item, body, input.directory.calendar());
  item->set_state(state);
  *item->mutable_settled_on() = DateMessage(on);
  *item->mutable_settled_at() = TimestampMessage(input.now);
  item->set_settled_by(input.actor);
  item->set_outcome(outcome);
  return absl::OkStatus();
}

// ---- What each action does ----

absl::Status Do(v1::TaskForce& body, const ForceAct::Begin& begin, const TaskForceInput& input) {
  body.set_state(v1::TASK_FORCE_STATE_ACTIVE);
  *body.mutable_begun_on() = begin.has_on() ? begin.on() : DateMessage(CityDay(input.now));
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::Amend& amend, const TaskForceInput& /*input*/) {
  if (amend.has_ends_on()) {
    if (DayIn(amend.ends_on()) < DayIn(body.begins_on())) {
      return WrongDay("action.amend.ends_on", "not before it is to begin", "结束日期不得早于开始日期");
    }
    *body.mutable_ends_on() = amend.ends_on();
  }
  if (amend.has_reason()) body.set_reason(amend.reason());
  if (amend.has_lead_department_id()) return ChangeForceLead(body, amend.lead_department_id());
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::AddDepartments& add, const TaskForceInput& /*input*/) {
  for (const v1::TaskForceDepartment& added : add.departments()) {
    ZHUQI_RETURN_IF_ERROR(AddForceDepartment(body, added));
  }
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::RemoveDepartment& remove,
                const TaskForceInput& /*input*/) {
  const std::string& id = remove.department_id();
  const v1::TaskForceDepartment* part = FindForcePart(body, id);
  if (part == nullptr) return NotInTaskForce(id);
  if (part->role() == v1::TASK_FORCE_ROLE_LEAD) {
    return RefuseForce("DEPARTMENT_LEADS", absl::StrCat(id, " leads: another one must lead first"),
                       "该部门为牵头部门，须先变更牵头部门", {{"department_id", id}});
  }
  const bool has_open = std::any_of(body.items().begin(), body.items().end(), [&](const auto& item) {
    return item.department_id() == id && item.state() == v1::CHECKLIST_ITEM_STATE_OPEN;
  });
  if (has_open) {
    return RefuseForce("DEPARTMENT_HAS_OPEN_ITEMS", absl::StrCat(id, " has open items on the checklist"),
                       "该部门尚有未销号的清单事项", {{"department_id", id}});
  }
  auto& departments = *body.mutable_departments();
  departments.erase(std::find_if(departments.begin(), departments.end(),
                                 [&](const auto& each) { return each.department_id() == id; }));
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::SetMilestone& set, const TaskForceInput& /*input*/) {
  for (v1::Milestone& known : *body.mutable_milestones()) {
    if (known.milestone_id() != set.milestone().milestone_id()) continue;
    known = set.milestone();
    return absl::OkStatus();
  }
  if (body.milestones_size() >= kMostMilestones) {
    return TooMany("TOO_MANY_MILESTONES", kMostMilestones, "milestones", "节点");
  }
  *body.add_milestones() = set.milestone();
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::AddItems& add, const TaskForceInput& input) {
  for (const v1::ChecklistDraft& draft : add.items()) {
    ZHUQI_RETURN_IF_ERROR(AddChecklistItem(body, draft, add.template_id(), input));
  }
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::CompleteItem& complete, const TaskForceInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(const v1::ChecklistItem* item, FindOpenItem(body, complete.number()));
  const std::string& acting = input.acting_department_id;
  if (!acting.empty() && acting != item->department_id() &&
      (TaskForcePartyOf(body, acting, input.directory) & kForceSteers) == 0) {
    return NotItsPart(acting);
  }
  const absl::CivilDay today = CityDay(input.now);
  const absl::CivilDay on = complete.has_done_on() ? DayIn(complete.done_on()) : today;
  if (on > today || (complete.has_done_on() && on < DayIn(body.begins_on()))) {
    return WrongDay("action.complete_item.done_on", "from the day on which its work is to begin to today",
                    "须在专班开始日期至今天之间");
  }
  return SettleItem(body, complete.number(), v1::CHECKLIST_ITEM_STATE_DONE, on, complete.outcome(), input);
}

absl::Status Do(v1::TaskForce& body, const ForceAct::WaiveItem& waive, const TaskForceInput& input) {
  return SettleItem(body, waive.number(), v1::CHECKLIST_ITEM_STATE_WAIVED, CityDay(input.now), waive.reason(),
                    input);
}

absl::Status Do(v1::TaskForce& body, const ForceAct::ReopenItem& reopen, const TaskForceInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(v1::ChecklistItem * item, FindItem(body, reopen.number()));
  if (item->state() == v1::CHECKLIST_ITEM_STATE_OPEN) {
    return RefuseForce("ITEM_OPEN", absl::StrCat("item ", reopen.number(), " is open"),
                       absl::StrCat("第", reopen.number(), "项清单事项未销号"));
  }
  if (FindForcePart(body, item->department_id()) == nullptr) return NotInTaskForce(item->department_id());
  item->set_state(v1::CHECKLIST_ITEM_STATE_OPEN);
  item->clear_settled_on();
  item->clear_settled_at();
  item->clear_settled_by();
  item->clear_outcome();
  if (item->has_special()) FollowAgain(input.now, *item->mutable_special());
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::MarkItem& mark, const TaskForceInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(v1::ChecklistItem * item, FindOpenItem(body, mark.number()));
  const std::string& follower = mark.special().follower_department_id();
  if (TaskForcePartyOf(body, follower, input.directory) == kForceNobody) return NotInTaskForce(follower);
  MarkAsSpecial(mark.special(), input.now, input.actor, *item->mutable_special());
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::ReportItem& report, const TaskForceInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(v1::ChecklistItem * item, FindOpenItem(body, report.number()));
  if (!item->has_special() || !IsFollowed(item->special())) return RefuseByGuard(Guard::kFollowed);
  const std::string& acting = input.acting_department_id;
  if (!acting.empty() && acting != item->special().follower_department_id()) return NotItsPart(acting);
  TakeReport(report.text(), report.final(), input.now, *item->mutable_special());
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::LinkVisit& link, const TaskForceInput& input) {
  const bool linked = std::any_of(body.visits().begin(), body.visits().end(),
                                  [&](const auto& visit) { return visit.record_id() == link.record_id(); });
  if (linked) return RefuseForce("VISIT_LINKED", "the visit is linked already", "该走访已关联");
  if (body.visits_size() >= kMostTaskForceVisits) {
    return TooMany("TOO_MANY_VISITS", kMostTaskForceVisits, "visits", "走访");
  }
  if (!input.visit.has_value()) {
    return rpc::Error(absl::StatusCode::kNotFound, "VISIT_UNKNOWN", "there is no such visit",
                      "走访记录不存在");
  }
  if (input.visit->withdrawn) {
    return RefuseForce("VISIT_WITHDRAWN", "the visit was withdrawn at intake", "该走访记录已撤回");
  }
  v1::TaskForceVisit& visit = *body.add_visits();
  visit.set_record_id(link.record_id());
  *visit.mutable_linked_at() = TimestampMessage(input.now);
  visit.set_linked_by(input.actor);
  *visit.mutable_visited_on() = DateMessage(input.visit->visited_on);
  visit.set_org_unit_id(input.visit->org_unit_id);
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::UnlinkVisit& unlink, const TaskForceInput& /*input*/) {
  auto& visits = *body.mutable_visits();
  const auto found = std::find_if(visits.begin(), visits.end(),
                                  [&](const auto& visit) { return visit.record_id() == unlink.record_id(); });
  if (found == visits.end()) {
    return RefuseForce("VISIT_NOT_LINKED", "the visit is not linked", "该走访未关联");
  }
  visits.erase(found);
  return absl::OkStatus();
}

absl::Status Do(v1::TaskForce& body, const ForceAct::Dissolve& dissolve, const TaskForceInput& input) {
  const auto open = std::count_if(body.items().begin(), body.items().end(), [](const auto& item) {
    return item.state() == v1::CHECKLIST_ITEM_STATE_OPEN;
  });
  if (open > 0) {
    return RefuseForce("ITEMS_OPEN", absl::StrCat(open, " items of the checklist are open"),
                       absl::StrCat("尚有", open, "项清单事项未销号"), {{"open", absl::StrCat(open)}});
  }
  if (input.open_cases > 0) {
    return RefuseForce("CASES_OPEN", absl::StrCat(input.open_cases, " of its cases are open"),
                       absl::StrCat("尚有", input.open_cases, "件工单未办结"),
                       {{"open", absl::StrCat(input.open_cases)}});
  }
  const absl::CivilDay today = CityDay(input.now);
  const absl::CivilDay on = dissolve.has_on() ? DayIn(dissolve.on()) : today;
  const absl::CivilDay first = body.has_begun_on() ? DayIn(body.begun_on()) : DayIn(body.begins_on());
  if (on > today || (dissolve.has_on() && on < first)) {
    return WrongDay("action.dissolve.on", "from the beginning of its work to today",
                    "须在专班开始工作之日至今天之间");
  }
  body.set_state(v1::TASK_FORCE_STATE_DISSOLVED);
  *body.mutable_dissolved_on() = DateMessage(on);
  body.set_outcome(dissolve.outcome());
  return absl::OkStatus();
}

absl::Status DoForceAction(v1::TaskForce& body, const ForceAct& action, const TaskForceInput& input) {
  switch (action.action_case()) {
    case ForceAct::kBegin:
      return Do(body, action.begin(), input);
    case ForceAct::kAmend:
      return Do(body, action.amend(), input);
    case ForceAct::kAddDepartments:
      return Do(body, action.add_departments(), input);
    case ForceAct::kRemoveDepartment:
      return Do(body, action.remove_department(), input);
    case ForceAct::kSetMilestone:
      return Do(body, action.set_milestone(), input);
    case ForceAct::kAddItems:
      return Do(body, action.add_items(), input);
    case ForceAct::kCompleteItem:
      return Do(body, action.complete_item(), input);
    case ForceAct::kWaiveItem:
      return Do(body, action.waive_item(), input);
    case ForceAct::kReopenItem:
      return Do(body, action.reopen_item(), input);
    case ForceAct::kMarkItem:
      return Do(body, action.mark_item(), input);
    case ForceAct::kReportItem:
      return Do(body, action.report_item(), input);
    case ForceAct::kLinkVisit:
      return Do(body, action.link_visit(), input);
    case ForceAct::kUnlinkVisit:
      return Do(body, action.unlink_visit(), input);
    case ForceAct::kDissolve:
      return Do(body, action.dissolve(), input);
    case ForceAct::ACTION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("no action");
}

// Counts `body` on and gives the entry with all but what happened.
v1::TaskForceEvent NextForceEntry(v1::TaskForce& body, const TaskForceInput& input) {
  body.set_sequence(body.sequence() + 1);
  body.set_etag(absl::StrCat("v", body.sequence()));
  v1::TaskForceEvent event;
  event.set_sequence(body.sequence());
  *event.mutable_recorded_at() = TimestampMessage(input.now);
  event.set_actor(input.actor);
  event.set_acting_department_id(input.acting_department_id);
  event.set_state_after(body.state());
  return event;
}

absl::Status CheckForceSize(const v1::TaskForce& body) {
  if (body.ByteSizeLong() <= kMaxTaskForceBytes) return absl::OkStatus();
  return RefuseForce("TASK_FORCE_FULL",
                     absl::StrCat("a task force holds at most ", kMaxTaskForceBytes, " bytes"),
                     "专班内容已达上限");
}

bool IsOverdue(const v1::ChecklistItem& item, absl::CivilDay today) {
  if (item.state() == v1::CHECKLIST_ITEM_STATE_WAIVED) return false;
  const bool done = item.state() == v1::CHECKLIST_ITEM_STATE_DONE;
  return (done ? DayIn(item.settled_on()) : today) > DayIn(item.due_on());
}

// Of items that are presented.
v1::TaskForceProgress ProgressOf(const v1::TaskForce& shown) {
  v1::TaskForceProgress progress;
  progress.set_item_count(shown.items_size());
  for (const v1::ChecklistItem& item : shown.items()) {
    const int late = item.overdue() ? 1 : 0;
    if (item.state() == v1::CHECKLIST_ITEM_STATE_OPEN) {
      progress.set_open_item_count(progress.open_item_count() + 1);
      progress.set_overdue_item_count(progress.overdue_item_count() + late);
    } else if (item.state() == v1::CHECKLIST_ITEM_STATE_DONE) {
      progress.set_done_item_count(progress.done_item_count() + 1);
      progress.set_late_item_count(progress.late_item_count() + late);
    } else {
      progress.set_waived_item_count(progress.waived_item_count() + 1);
    }
  }
  progress.set_visit_count(static_cast<int32_t>(std::count_if(
      shown.visits().begin(), shown.visits().end(), [](const auto& visit) { return !visit.withdrawn(); })));
  return progress;
}

}  // namespace

absl::StatusOr<TaskForceChange> SetUpTaskForce(const v1::SetUpTaskForceRequest& request,
                                               const std::string& task_force_id,
                                               const TaskForceInput& input) {
  TaskForceChange change;
  v1::TaskForce& body = change.body;
  body.set_task_force_id(task_force_id);
  body.set_name(request.name());
  body.set_org_unit_id(request.org_unit_id());
  body.set_project(request.project());
  body.set_reason(request.reason());
  v1::TaskForceDepartment& lead = *body.add_departments();
  lead.set_department_id(request.lead_department_id());
  lead.set_role(v1::TASK_FORCE_ROLE_LEAD);
  for (const v1::TaskForceDepartment& department : request.departments()) {
    ZHUQI_RETURN_IF_ERROR(AddForceDepartment(body, department));
  }
  *body.mutable_begins_on() = request.begins_on();
  *body.mutable_ends_on() = request.ends_on();
  *body.mutable_milestones() = request.milestones();
  body.set_state(v1::TASK_FORCE_STATE_SET_UP);
  *body.mutable_set_up_at() = TimestampMessage(input.now);
  body.set_set_up_by(input.actor);
  for (const v1::ChecklistDraft& draft : request.items()) {
    ZHUQI_RETURN_IF_ERROR(AddChecklistItem(body, draft, request.template_id(), input));
  }
  TimeItems(body, input.directory.calendar());
  change.event = NextForceEntry(body, input);
  change.event.mutable_set_up();
  return change;
}

absl::StatusOr<TaskForceChange> ChangeTaskForce(const v1::TaskForce& before, const ForceAct& action,
                                                const TaskForceInput& input) {
  ZHUQI_RETURN_IF_ERROR(
      CheckTaskForceAction(before, action.action_case(), input.acting_department_id, input.directory));
  TaskForceChange change;
  change.body = before;
  ZHUQI_RETURN_IF_ERROR(DoForceAction(change.body, action, input));
  TimeItems(change.body, input.directory.calendar());
  change.event = NextForceEntry(change.body, input);
  *change.event.mutable_action() = action;
  ZHUQI_RETURN_IF_ERROR(CheckForceSize(change.body));
  return change;
}

ItemTerm TermOf(const v1::ChecklistItem& item, const v1::TaskForce& body) {
  if (item.has_date()) return {DayIn(item.date()), std::nullopt};
  if (item.has_working_days()) return {DayIn(item.added_on()), item.working_days()};
  const v1::Milestone* milestone = FindMilestone(body, item.before().milestone_id());
  return {milestone == nullptr ? absl::CivilDay() : DayIn(milestone->on()), -item.before().working_days()};
}

void TimeItem(v1::ChecklistItem& item, const v1::TaskForce& body, const calendar::WorkingCalendar& calendar) {
  if (item.state() != v1::CHECKLIST_ITEM_STATE_OPEN) return;
  const ItemTerm term = TermOf(item, body);
  const absl::CivilDay due =
      term.working_days.has_value() ? DueDayFrom(term.from, *term.working_days, calendar) : term.from;
  *item.mutable_due_on() = DateMessage(due);
  item.set_due_provisional(term.working_days.has_value() &&
                           calendar.IsProvisional(std::min(term.from, due), std::max(term.from, due)));
  item.set_calendar_version(calendar.version());
}

v1::TaskForce PresentTaskForce(const v1::TaskForce& body, const Directory& directory, absl::CivilDay today) {
  v1::TaskForce shown = body;
  for (v1::ChecklistItem& item : *shown.mutable_items()) {
    TimeItem(item, shown, directory.calendar());
    item.set_overdue(IsOverdue(item, today));
    if (!item.has_special()) continue;
    PresentSpecial(*item.mutable_special(), directory.calendar(), today,
                   item.state() == v1::CHECKLIST_ITEM_STATE_OPEN);
  }
  *shown.mutable_progress() = ProgressOf(shown);
  for (std::string& name : TaskForceActionsIn(body.state())) shown.add_allowed_actions(std::move(name));
  return shown;
}

v1::TaskForceSummary TaskForceSummaryOf(const v1::TaskForce& body) {
  v1::TaskForceSummary summary;
  summary.set_task_force_id(body.task_force_id());
  summary.set_name(body.name());
  summary.set_org_unit_id(body.org_unit_id());
  summary.set_project(body.project());
  if (!body.departments().empty()) summary.set_lead_department_id(body.departments(0).department_id());
  summary.set_department_count(body.departments_size());
  *summary.mutable_begins_on() = body.begins_on();
  *summary.mutable_ends_on() = body.ends_on();
  summary.set_state(body.state());
  *summary.mutable_set_up_at() = body.set_up_at();
  summary.set_etag(body.etag());
  return summary;
}

}  // namespace zhuqi::routing
