// Actions on a case of the small city, and cases in each state, for the tests of the rules.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_TESTING_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_TESTING_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/directory/date_message.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_transitions.h"
#include "services/routing/testing.h"

namespace zhuqi::routing::testing {

inline const absl::Time kRecorded = At("2024-12-31 12:00");

inline v1::CaseAction Accept() {
  v1::CaseAction action;
  action.mutable_accept();
  return action;
}
inline v1::CaseAction Assign(absl::string_view department, v1::AssignmentRole role) {
  v1::CaseAction action;
  action.mutable_assign()->set_department_id(std::string(department));
  action.mutable_assign()->set_role(role);
  return action;
}
inline v1::CaseAction Report(bool contacted) {
  v1::CaseAction action;
  action.mutable_report_progress()->set_text("已联系企业");
  action.mutable_report_progress()->set_contacted(contacted);
  return action;
}
inline v1::CaseAction Escalate() {
  v1::CaseAction action;
  action.mutable_escalate()->set_reason("跨部门");
  return action;
}
inline v1::CaseAction Convene() {
  v1::CaseAction action;
  action.mutable_convene()->add_department_ids("zz.planning");
  action.mutable_convene()->set_decision("按现行规划条件办理");
  return action;
}
inline v1::CaseAction Designate() {
  v1::CaseAction action;
  action.mutable_designate()->set_green_channel(true);
  action.mutable_designate()->set_task_force("助企专班");
  return action;
}
// Followed to the end by the city's office, which has to do with any case.
inline v1::CaseAction MarkFollowed() {
  v1::CaseAction action;
  v1::MarkSpecial& mark = *action.mutable_designate()->mutable_special();
  mark.set_follower_department_id("zz.office");
  mark.set_report_every_working_days(5);
  mark.set_reason("省重点项目");
  return action;
}
inline v1::CaseAction ReportFollowed(bool final) {
  v1::CaseAction action;
  action.mutable_report_special()->set_text("跟进情况");
  action.mutable_report_special()->set_final(final);
  return action;
}
inline v1::CaseAction Resolve() {
  v1::CaseAction action;
  action.mutable_resolve()->set_text("手续已办妥");
  return action;
}
inline v1::CaseAction Explain() {
  v1::CaseAction action;
  action.mutable_explain()->set_text("政策不适用");
  return action;
}
inline v1::CaseAction CallBack(bool contacted, bool resolved, bool satisfied = false) {
  v1::CaseAction action;
  action.mutable_call_back()->set_contacted(contacted);
  action.mutable_call_back()->set_resolved(resolved);
  action.mutable_call_back()->set_satisfied(satisfied);
  return action;
}
inline v1::CaseAction Reopen() {
  v1::CaseAction action;
  action.mutable_reopen()->set_reason("问题复发");
  return action;
}
inline v1::CaseAction Close() {
  v1::CaseAction action;
  action.mutable_close();
  return action;
}

inline v1::CaseAction HandOver(absl::string_view department) {
  v1::CaseAction action;
  action.mutable_hand_over()->set_department_id(std::string(department));
  action.mutable_hand_over()->set_reason("职责分工");
  return action;
}
inline v1::CaseAction Object(absl::string_view suggested = "") {
  v1::CaseAction action;
  action.mutable_object()->set_reason("不属于本部门职责");
  action.mutable_object()->set_suggested_department_id(std::string(suggested));
  return action;
}
// Upheld, `lead` leads; empty: rejected.
inline v1::CaseAction Rule(absl::string_view lead = "") {
  v1::CaseAction action;
  action.mutable_rule_on_objection()->set_upheld(!lead.empty());
  action.mutable_rule_on_objection()->set_lead_department_id(std::string(lead));
  action.mutable_rule_on_objection()->set_reason("按三定方案");
  return action;
}
inline v1::CaseAction AskForDays(int days) {
  v1::CaseAction action;
  action.mutable_request_extension()->mutable_working_days()->set_count(days);
  action.mutable_request_extension()->set_reason("需现场检测");
  return action;
}
inline v1::CaseAction Decide(bool granted) {
  v1::CaseAction action;
  action.mutable_decide_extension()->set_granted(granted);
  action.mutable_decide_extension()->set_reason("情况属实");
  return action;
}
inline v1::CaseAction Pause() {
  v1::CaseAction action;
  action.mutable_pause()->set_reason("等待企业补正材料");
  return action;
}
inline v1::CaseAction Resume() {
  v1::CaseAction action;
  action.mutable_resume();
  return action;
}
inline v1::CaseAction ReturnBelow() {
  v1::CaseAction action;
  action.mutable_return_case()->set_reason("区级可以办理");
  return action;
}
inline v1::CaseAction Decline() {
  v1::CaseAction action;
  action.mutable_decline()->set_reason("已进入诉讼程序");
  return action;
}
inline v1::CaseAction Withdraw() {
  v1::CaseAction action;
  action.mutable_withdraw()->set_reason("企业撤回诉求");
  return action;
}
inline v1::CaseAction Remind() {
  v1::CaseAction action;
  action.mutable_remind()->set_text("请尽快办理");
  return action;
}
inline v1::CaseAction Exclude(absl::string_view reviewer = "reviewer") {
  v1::CaseAction action;
  action.mutable_exclude_from_appraisal()->set_reason("不可抗力");
  action.mutable_exclude_from_appraisal()->set_reviewer(std::string(reviewer));
  return action;
}
inline v1::CaseAction Include() {
  v1::CaseAction action;
  action.mutable_include_in_appraisal()->set_reason("复核");
  return action;
}
inline v1::CaseAction Reply(absl::string_view department) {
  v1::CaseAction action;
  action.mutable_reply()->set_department_id(std::string(department));
  action.mutable_reply()->set_text("协办意见");
  return action;
}

inline CaseChange Received() { return *ReceiveCase(Issue(), kRecorded, *City(), CityCatalogue(), 3); }

inline absl::StatusOr<CaseChange> TryAct(const CaseRecord& record, const v1::CaseAction& action,
                                         absl::Time at) {
  ActionInput input;
  input.action = action;
  input.occurred_at = at;
  input.recorded_at = kRecorded;
  input.actor = "tester";
  return Act(record, input, *City(), CityCatalogue());
}

inline CaseRecord Do(const CaseRecord& record, const v1::CaseAction& action, absl::string_view at) {
  const auto change = TryAct(record, action, At(at));
  EXPECT_TRUE(change.ok()) << change.status();
  return change.ok() ? change->record : record;
}

inline CaseRecord InProgress() { return Do(Received().record, Accept(), "2024-05-06 10:00"); }
inline CaseRecord AwaitingCallBack() { return Do(InProgress(), Resolve(), "2024-05-08 10:00"); }
inline CaseRecord Resolved() {
  return Do(AwaitingCallBack(), CallBack(true, true, true), "2024-05-09 10:00");
}
inline CaseRecord Closed() { return Do(Resolved(), Close(), "2024-05-09 11:00"); }

inline int LeadsInForce(const v1::Case& body) {
  int leads = 0;
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.role() == v1::ASSIGNMENT_ROLE_LEAD && !assignment.has_until()) ++leads;
  }
  return leads;
}

inline std::string RolesInForce(const v1::Case& body) {
  std::vector<std::string> roles;
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.has_until()) continue;
    roles.push_back(
        absl::StrCat(assignment.department_id(), "=",
                     v1::AssignmentRole_Name(assignment.role()).substr(sizeof("ASSIGNMENT_ROLE"))));
  }
  return absl::StrJoin(roles, " ");
}

inline absl::Time DueAt(const CaseRecord& record, v1::ClockKind kind) {
  const v1::Case shown = Present(record, *City(), kRecorded);
  return TimeFrom(FindClock(shown, kind)->deadline());
}

inline bool Same(const google::protobuf::Message& left, const google::protobuf::Message& right) {
  return google::protobuf::util::MessageDifferencer::Equals(left, right);
}

inline std::vector<std::string> Allowed(const CaseRecord& record, absl::Time at = kRecorded) {
  return AllowedActions(record, *City(), at);
}

// The city's catalogue with a policy for everything: the handling clock (7 working days, 15 once escalated)
// may be paused and extended twice, asked for a working day before it is due; plan in 24 working hours; reply
// in 3 working days; objections within a working day, ruled on within one; what leaves the enterprise
// dissatisfied is done again one level up.
inline v1::Catalogue FullCatalogue() {
  v1::Catalogue catalogue = CityCatalogue();
  v1::ClockPolicy& handle = *catalogue.mutable_clock_policies(1);
  handle.set_may_pause(true);
  handle.set_maximum_extensions(2);
  handle.set_extension_notice_days(1);
  const auto days = [&](absl::string_view id, int count) {
    v1::ClockPolicy& policy = *catalogue.add_clock_policies();
    policy.set_policy_id(std::string(id));
    policy.mutable_working_days()->set_count(count);
    policy.set_may_pause(true);
  };
  days("reply", 3);
  days("object", 1);
  days("rule", 1);
  days("escalated", 15);
  v1::ClockPolicy& plan = *catalogue.add_clock_policies();
  plan.set_policy_id("plan");
  plan.mutable_working_hours()->set_minutes(24 * 60);
  const auto fill = [](v1::RouteTarget& target) {
    target.set_plan_policy_id("plan");
    target.set_reply_policy_id("reply");
    target.set_objection_policy_id("object");
    target.set_ruling_policy_id("rule");
    target.set_escalated_policy_id("escalated");
    target.set_dissatisfied_escalates(true);
  };
  for (v1::RoutingRule& rule : *catalogue.mutable_rules()) fill(*rule.mutable_target());
  fill(*catalogue.mutable_default_target());
  return catalogue;
}

inline CaseRecord ReceivedUnder(const v1::Catalogue& catalogue) {
  return ReceiveCase(Issue(), kRecorded, *City(), catalogue, 3)->record;
}
inline CaseRecord InProgressUnder(const v1::Catalogue& catalogue) {
  return Do(ReceivedUnder(catalogue), Accept(), "2024-05-06 10:00");
}

// The case with ledgers that have gathered `count` stretches: the handling clock stood still for a second
// again and again since it started.
inline CaseRecord WithStretches(CaseRecord record, int count) {
  v1::CaseClock& clock = *FindClock(record.body, v1::CLOCK_KIND_HANDLING);
  absl::Time at = StartOf(clock);
  const int wanted = count - StretchesOf(record.body) + clock.intervals_size();
  clock.clear_intervals();
  for (int i = 0; i < wanted; ++i) {
    v1::ClockInterval& interval = *clock.add_intervals();
    *interval.mutable_start() = TimestampMessage(at);
    interval.set_paused(i + 1 < wanted && i % 2 == 1);
    if (i + 1 < wanted) *interval.mutable_end() = TimestampMessage(at += absl::Seconds(1));
  }
  return record;
}

// What an action on behalf of `department` comes to.
inline absl::StatusOr<CaseChange> ActAs(absl::string_view department, const CaseRecord& record,
                                        const v1::CaseAction& action, absl::string_view at) {
  ActionInput input;
  input.action = action;
  input.occurred_at = At(at);
  input.recorded_at = kRecorded;
  input.actor = "tester";
  input.acting_department_id = std::string(department);
  return Act(record, input, *City(), CityCatalogue());
}

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_TESTING_H_
