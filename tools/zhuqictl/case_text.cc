#include "tools/zhuqictl/case_text.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::Case;
using routing::v1::CaseAction;
using routing::v1::CaseEvent;

std::string MovedText(const google::protobuf::RepeatedPtrField<routing::v1::MovedDeadline>& deadlines) {
  std::string text;
  for (const routing::v1::MovedDeadline& moved : deadlines) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", EnumText(moved.kind()), " due ",
                    InstantText(moved.before()), " -> ", InstantText(moved.after()));
  }
  return text;
}

// "calendar 1 -> 2 (国庆节 2026): HANDLING due … -> …".
std::string CalendarText(const routing::v1::DeadlinesMoved& moved) {
  std::set<std::string> notices;
  for (const auto& day : moved.days()) notices.insert(absl::StrCat(day.holiday(), " ", day.notice_year()));
  return absl::StrCat("calendar ", moved.deadlines(0).calendar_version_before(), " -> ",
                      moved.deadlines(0).calendar_version(), notices.empty() ? "" : " (",
                      absl::StrJoin(notices, ", "), notices.empty() ? "" : ")", ": ",
                      MovedText(moved.deadlines()));
}

std::string EventText(const CaseEvent& event) {
  std::string text;
  switch (event.event_case()) {
    case CaseEvent::kReceived:
      text = absl::StrCat("received, routed to ", event.received().decision().lead_department_id());
      break;
    case CaseEvent::kAction:
      text = ActionText(event.action());
      break;
    case CaseEvent::kIssueWithdrawn:
      text = absl::StrCat("issue withdrawn: ", event.issue_withdrawn().reason());
      break;
    case CaseEvent::kIssueReturned:
      text = absl::StrCat("issue brought back ", absl::StrJoin(event.issue_returned().fields(), ", "),
                          event.issue_returned().deadlines().empty() ? "" : ": ",
                          MovedText(event.issue_returned().deadlines()));
      break;
    case CaseEvent::kIssueRevised:
      text = absl::StrCat("issue revised: ", absl::StrJoin(event.issue_revised().fields(), ", "),
                          event.issue_revised().deadlines().empty() ? "" : ": ",
                          MovedText(event.issue_revised().deadlines()));
      break;
    case CaseEvent::kDeadlinesMoved:
      text = CalendarText(event.deadlines_moved());
      break;
    case CaseEvent::kHandedOver: {
      const routing::v1::HandedOver& over = event.handed_over();
      text = absl::StrCat("handed over (", EnumText(over.cause()), "): ", over.former_owner_org_unit_id(),
                          " → ", over.owner_org_unit_id(), ", ", over.former_lead_department_id(), " → ",
                          over.lead_department_id(), over.reason().empty() ? "" : "; ", over.reason());
      break;
    }
    default:
      break;
  }
  return absl::StrCat(text, event.late() ? " (late)" : "", event.comment().empty() ? "" : "  — ",
                      event.comment());
}

std::string ClockText(const routing::v1::CaseClock& clock) {
  std::string text = absl::StrCat(EnumText(clock.kind()), " clock: due ", InstantText(clock.deadline()));
  if (!clock.has_deadline()) text = absl::StrCat(EnumText(clock.kind()), " clock: paused");
  if (clock.has_stopped_at()) absl::StrAppend(&text, ", met ", InstantText(clock.stopped_at()));
  absl::StrAppend(&text, clock.breached() ? ", breached" : "",
                  clock.deadline_provisional() ? ", provisional" : "", ", used ",
                  clock.used_working_minutes(), " working minutes");
  return text;
}

}  // namespace

std::string KeyText(const common::v1::SourceKey& key) {
  return absl::StrCat(key.source_system(), "/", key.external_id());
}

std::string ActionText(const CaseAction& action) {
  switch (action.action_case()) {
    case CaseAction::kAccept:
      return "accept";
    case CaseAction::kAssign:
      return absl::StrCat("assign ", action.assign().department_id(), " as ",
                          EnumText(action.assign().role()));
    case CaseAction::kReportProgress:
      return absl::StrCat("progress", action.report_progress().contacted() ? " (contacted)" : "", ": ",
                          action.report_progress().text());
    case CaseAction::kEscalate:
      return absl::StrCat("escalate: ", action.escalate().reason());
    case CaseAction::kConvene:
      return absl::StrCat("convene ", absl::StrJoin(action.convene().department_ids(), ", "), ": ",
                          action.convene().decision());
    case CaseAction::kDesignate:
      return absl::StrCat("designate", action.designate().green_channel() ? " green channel" : "",
                          action.designate().has_task_force() ? " task force " : "",
                          action.designate().task_force());
    case CaseAction::kResolve:
      return absl::StrCat("resolve: ", action.resolve().text());
    case CaseAction::kExplain:
      return absl::StrCat("explain: ", action.explain().text());
    case CaseAction::kCallBack:
      return absl::StrCat("call back: ",
                          !action.call_back().contacted() ? "not reached"
                          : action.call_back().resolved() ? "resolved"
                                                          : "not resolved",
                          action.call_back().satisfied() ? ", satisfied" : "");
    case CaseAction::kReopen:
      return absl::StrCat("reopen: ", action.reopen().reason());
    case CaseAction::kClose:
      return "close";
    default:
      return "";
  }
}

std::string DescribeDecision(const routing::v1::RouteDecision& decision) {
  std::string text =
      absl::StrCat("catalogue ", decision.catalogue_id(), " version ", decision.catalogue_version(),
                   ", rule ", decision.rule_id().empty() ? "(default)" : decision.rule_id(), "\n  lead ",
                   decision.lead_department_id(), ", accountable ", decision.owner_org_unit_id(), "\n");
  if (!decision.co_handler_department_ids().empty())
    absl::StrAppend(&text, "  co-handlers ", absl::StrJoin(decision.co_handler_department_ids(), ", "), "\n");
  absl::StrAppend(&text, "  clocks ", decision.target().response_policy_id(), ", ",
                  decision.target().handling_policy_id(),
                  decision.target().green_channel() ? ", green channel" : "", "\n");
  for (const routing::v1::NearMiss& miss : decision.near_misses())
    absl::StrAppend(&text, "  nearly: ", miss.rule_id(), " failed on ", miss.failed_condition(), "\n");
  return text;
}

std::string DescribeCase(const Case& item) {
  std::string text = absl::StrCat(
      item.issue().title(), "\n", KeyText(item.issue_key()), "  case ", item.case_id(), "\n",
      EnumText(item.state()), item.outcome() == 0 ? "" : ", ", EnumText(item.outcome()),
      item.green_channel() ? ", green channel" : "", item.task_force().empty() ? "" : ", task force ",
      item.task_force(), "\nraised in ", item.org_unit_id(), ", accountable ", item.owner_org_unit_id(),
      ", lead ", item.lead_department_id(), "\n");
  for (const routing::v1::CaseClock& clock : item.clocks()) absl::StrAppend(&text, ClockText(clock), "\n");
  Table assignments({{"department"}, {"role"}, {"since"}, {"until"}});
  for (const auto& a : item.assignments())
    assignments.AddRow(
        {a.department_id(), EnumText(a.role()), InstantText(a.since()), InstantText(a.until())});
  absl::StrAppend(&text, "\n", assignments.ToString());
  if (!item.decisions().empty()) absl::StrAppend(&text, "\n", DescribeDecision(item.decisions().rbegin()[0]));
  Table history({{"#", Align::kRight}, {"when"}, {"who"}, {"what", Align::kLeft, 100}, {"then"}});
  for (const CaseEvent& event : item.history()) {
    history.AddRow({absl::StrCat(event.sequence()), InstantText(event.occurred_at()), event.actor(),
                    EventText(event), EnumText(event.state_after())});
  }
  if (history.rows() > 0) absl::StrAppend(&text, "\n", history.ToString());
  return absl::StrCat(text, "\nallowed now: ", absl::StrJoin(item.allowed_actions(), ", "), "\netag ",
                      item.etag(), "\n");
}

}  // namespace zhuqi::ctl
