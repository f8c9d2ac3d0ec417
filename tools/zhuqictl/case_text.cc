#include "tools/zhuqictl/case_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/task_force_text.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::Case;
// What a step does: a field of LadderStep, "add_supervisor".
std::string StepActionText(const routing::v1::LadderStep& step) {
  const auto* field = routing::v1::LadderStep::descriptor()->FindFieldByNumber(step.action_case());
  return field == nullptr ? std::string() : field->name();
}

// "ladder watch: next remind (remind) at …, HANDLING due …".
std::string LadderText(const routing::v1::CaseLadder& ladder) {
  std::string text = absl::StrCat("ladder ", ladder.ladder().ladder_id(), ": ");
  if (ladder.has_next()) {
    const routing::v1::NextLadderStep& next = ladder.next();
    absl::StrAppend(&text, "next ", next.step().step_id(), " (", StepActionText(next.step()), ") at ",
                    InstantText(next.at()), ", ", EnumText(next.clock()), " due ",
                    InstantText(next.deadline()));
  } else {
    absl::StrAppend(&text, "no step ahead");
  }
  return absl::StrCat(text, ladder.has_bulletin_at() ? ", published in the bulletin" : "", "\n");
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

// What stands out: one line, or nothing.
std::string MarksText(const Case& item) {
  std::vector<std::string> marks;
  if (item.paused()) marks.emplace_back("paused");
  if (item.has_parent()) {
    marks.push_back(absl::StrCat("child ", item.parent().number(), " of case ", item.parent().case_id()));
  }
  if (item.has_duplicate()) {
    marks.push_back(absl::StrCat("duplicate of ", KeyText(item.duplicate().first_issue_key()),
                                 item.stands_still() ? ", clocks stand still" : ""));
  }
  if (item.bounce_count() > 0) marks.push_back(absl::StrCat("refused ", item.bounce_count(), " times"));
  if (item.reminder_count() > 0) marks.push_back(absl::StrCat("reminded ", item.reminder_count(), " times"));
  for (const routing::v1::Objection& objection : item.objections()) {
    if (objection.ruling() == 0) {
      marks.push_back(absl::StrCat(objection.department_id(), " objects, ",
                                   objection.adjudicator_org_unit_id(), " is to rule"));
    }
  }
  for (const routing::v1::Extension& extension : item.extensions()) {
    if (extension.decision() == 0) marks.emplace_back("more time is asked for");
  }
  if (item.has_appraisal_exclusion()) {
    marks.push_back(absl::StrCat("excluded from appraisal: ", item.appraisal_exclusion().reason()));
  }
  return marks.empty() ? "" : absl::StrCat(absl::StrJoin(marks, "; "), "\n");
}

}  // namespace

std::string KeyText(const common::v1::SourceKey& key) {
  return absl::StrCat(key.source_system(), "/", key.external_id());
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
  if (decision.inputs().hand_outs() > 0) {
    absl::StrAppend(&text, "  handed out before: ", decision.inputs().hand_outs(), " times",
                    decision.named_leads()
                        ? absl::StrCat("; ", decision.named_department_id(), " leads, as it was named")
                        : "",
                    "\n");
  }
  for (const routing::v1::NearMiss& miss : decision.near_misses())
    absl::StrAppend(&text, "  nearly: ", miss.rule_id(), " failed on ", miss.failed_condition(), "\n");
  return text;
}

std::string DescribeCase(const Case& item) {
  std::string text = absl::StrCat(
      item.issue().title(), "\n", KeyText(item.issue_key()), "  case ", item.case_id(), "\n",
      EnumText(item.state()), item.outcome() == 0 ? "" : ", ", EnumText(item.outcome()),
      item.priority() > routing::v1::CASE_PRIORITY_NORMAL ? absl::StrCat(", ", EnumText(item.priority()))
                                                          : "",
      item.green_channel() ? ", green channel" : "", item.task_force().empty() ? "" : ", task force ",
      item.task_force(), "\nraised in ", item.org_unit_id(), ", accountable ", item.owner_org_unit_id(),
      ", lead ", item.lead_department_id(), "\n", MarksText(item));
  for (const routing::v1::CaseClock& clock : item.clocks()) absl::StrAppend(&text, ClockText(clock), "\n");
  for (const auto& part : item.assignments()) {
    if (part.has_clock() && !part.has_until()) {
      absl::StrAppend(&text, part.department_id(), " ", ClockText(part.clock()), "\n");
    }
  }
  if (item.has_ladder()) absl::StrAppend(&text, LadderText(item.ladder()));
  if (item.has_special()) absl::StrAppend(&text, SpecialText(item.special()), "\n");
  Table assignments({{"department"}, {"role"}, {"since"}, {"until"}});
  for (const auto& a : item.assignments())
    assignments.AddRow(
        {a.team_id().empty() ? a.department_id() : absl::StrCat(a.department_id(), " (", a.team_id(), ")"),
         EnumText(a.role()), InstantText(a.since()), InstantText(a.until())});
  absl::StrAppend(&text, "\n", assignments.ToString());
  if (!item.decisions().empty()) absl::StrAppend(&text, "\n", DescribeDecision(item.decisions().rbegin()[0]));
  return absl::StrCat(text, "\nallowed now: ", absl::StrJoin(item.allowed_actions(), ", "), "\netag ",
                      item.etag(), "\n");
}

}  // namespace zhuqi::ctl
