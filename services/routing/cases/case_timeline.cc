#include "services/routing/cases/case_timeline.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_transitions.h"

namespace zhuqi::routing {
namespace {

struct BothLanguages {
  std::string chinese;
  std::string english;
};

const char* ClockName(v1::ClockKind kind, bool chinese) {
  switch (kind) {
    case v1::CLOCK_KIND_RESPONSE:
      return chinese ? "首次联系" : "first contact";
    case v1::CLOCK_KIND_PLAN:
      return chinese ? "办理方案" : "the plan";
    case v1::CLOCK_KIND_REPLY:
      return chinese ? "协办回复" : "the co-handler's reply";
    case v1::CLOCK_KIND_OBJECTION:
      return chinese ? "接单或异议" : "acceptance or objection";
    case v1::CLOCK_KIND_RULING:
      return chinese ? "异议裁定" : "the ruling";
    default:
      return chinese ? "办结" : "closing";
  }
}

BothLanguages Said(const char* chinese, const char* english, const std::string& text) {
  if (text.empty()) return {chinese, english};
  return {absl::StrCat(chinese, "：", text), absl::StrCat(english, ": ", text)};
}

// How much more time is asked for.
BothLanguages AmountOf(const v1::RequestExtension& request) {
  if (request.has_working_days()) {
    const std::string days =
        absl::StrCat(request.working_days().count(), request.working_days().half() ? ".5" : "");
    return {absl::StrCat(days, " 个工作日"), absl::StrCat(days, " working days")};
  }
  if (request.has_working_hours()) {
    const int minutes = request.working_hours().minutes();
    return {absl::StrCat("工作时间 ", minutes, " 分钟"), absl::StrCat(minutes, " working minutes")};
  }
  const int minutes = request.calendar_hours().minutes();
  return {absl::StrCat(minutes, " 分钟"), absl::StrCat(minutes, " minutes")};
}

const char* PriorityName(v1::CasePriority priority, bool chinese) {
  switch (priority) {
    case v1::CASE_PRIORITY_URGENT:
      return chinese ? "紧急" : "urgent";
    case v1::CASE_PRIORITY_HIGH:
      return chinese ? "重要" : "high";
    default:
      return chinese ? "一般" : "normal";
  }
}

BothLanguages PriorityRaised(v1::CasePriority priority) {
  return {absl::StrCat("优先级提升为", PriorityName(priority, true)),
          absl::StrCat("priority raised to ", PriorityName(priority, false))};
}

// Why a step of a ladder could not be done: a reason of LadderStepFired.
BothLanguages WhyRefused(const std::string& reason) {
  struct Entry {
    const char* reason;
    const char* chinese;
    const char* english;
  };
  static constexpr Entry kReasons[] = {
      {"ESCALATION_AT_TOP", "已是最高层级", "no unit is above the accountable one"},
      {"ESCALATION_HAS_NO_LEAD", "上级没有可主办的部门", "no department above could lead the case"},
      {"AWAITS_CALL_BACK", "已办理完毕，待回访", "it is done and waits for the call-back"},
      {"SUPERVISOR_NOT_FOUND", "没有可督办的部门", "no department could supervise it"},
      {"ALREADY_ASSIGNED", "该部门已承担此工单的职责", "the department has a part in it already"},
      {"ALREADY_AS_URGENT", "优先级已不低于此", "it is as urgent already"},
      {"CHAIR_NOT_FOUND", "没有可牵头会商的部门", "no department could take the chair"},
      {"NOBODY_TO_INVITE", "没有可邀请的部门", "nobody could be invited"},
  };
  for (const Entry& entry : kReasons) {
    if (reason == entry.reason) return {entry.chinese, entry.english};
  }
  return {reason, reason};
}

std::string Moment(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M", TimeFrom(at), CityTimeZone());
}

// Says entries of the history with the directory's names.
class Teller {
 public:
  explicit Teller(const Directory& directory) : directory_(directory) {}

  BothLanguages Tell(const v1::CaseEvent& event) const {
    BothLanguages told = TellEvent(event);
    if (event.has_decision()) Add(HandedOut(event.decision()), told);
    if (event.has_assistant()) Add(Assistance(event.assistant()), told);
    return told;
  }

 private:
  static void Add(const BothLanguages& more, BothLanguages& told) {
    if (more.chinese.empty()) return;
    absl::StrAppend(&told.chinese, "；", more.chinese);
    absl::StrAppend(&told.english, "; ", more.english);
  }

  BothLanguages TellEvent(const v1::CaseEvent& event) const {
    switch (event.event_case()) {
      case v1::CaseEvent::kReceived:
        return Received(event.received().decision());
      case v1::CaseEvent::kAction:
        return Action(event.action());
      case v1::CaseEvent::kIssueRevised:
        return With(Revised(event.issue_revised().fields()), event.issue_revised().deadlines());
      case v1::CaseEvent::kDeadlinesMoved:
        return With({"工作日历调整", "the working calendar changed"}, event.deadlines_moved().deadlines());
      case v1::CaseEvent::kIssueWithdrawn:
        return {absl::StrCat("诉求撤回：", event.issue_withdrawn().reason()),
                absl::StrCat("the issue was withdrawn: ", event.issue_withdrawn().reason())};
      case v1::CaseEvent::kIssueReturned:
        return With({"诉求恢复", "the issue was brought back"}, event.issue_returned().deadlines());
      case v1::CaseEvent::kHandedOver:
        return HandedOver(event.handed_over());
      case v1::CaseEvent::kLadderStep:
        return LadderStep(event.ladder_step());
      case v1::CaseEvent::kDividedFrom:
        return DividedFrom(event.divided_from());
      case v1::CaseEvent::kParentChanged:
        return ParentChanged(event.parent_changed());
      case v1::CaseEvent::kChildChanged:
        return ChildChanged(event.child_changed());
      case v1::CaseEvent::kDuplicateChanged:
        return With(DuplicateChanged(event.duplicate_changed()), event.duplicate_changed().deadlines());
      case v1::CaseEvent::kDuplicatesChanged:
        return DuplicatesChanged(event.duplicates_changed());
      default:
        return {"其他", "something else"};
    }
  }

  std::string Department(const std::string& id) const {
    const directory::v1::Department* found = directory_.FindDepartment(id);
    return found == nullptr || found->name().empty() ? id : found->name();
  }

  std::string Unit(const std::string& id) const {
    const directory::v1::OrgUnit* found = directory_.FindUnit(id);
    return found == nullptr || found->name().empty() ? id : found->name();
  }

  // The team, or the department when it is no team's doing.
  std::string Assistant(const std::string& department_id, const std::string& team_id) const {
    if (team_id.empty()) return Department(department_id);
    const directory::v1::Team* found = directory_.FindTeam(team_id);
    return found == nullptr || found->name().empty() ? team_id : found->name();
  }

  template <class Ids>
  std::string Departments(const Ids& ids, const char* between) const {
    return absl::StrJoin(ids, between, [this](std::string* out, const std::string& id) {
      absl::StrAppend(out, Department(id));
    });
  }

  BothLanguages Received(const v1::RouteDecision& decision) const {
    const std::string lead = Department(decision.lead_department_id());
    const std::string rule = decision.rule_id().empty() ? "" : decision.rule_id();
    BothLanguages told{absl::StrCat("收到诉求，派给", lead, "主办"), absl::StrCat("received, led by ", lead)};
    if (!decision.co_handler_department_ids().empty()) {
      absl::StrAppend(&told.chinese, "，", Departments(decision.co_handler_department_ids(), "、"), "协办");
      absl::StrAppend(&told.english, ", with ", Departments(decision.co_handler_department_ids(), ", "));
    }
    absl::StrAppend(&told.chinese, rule.empty() ? "（按默认责任）" : absl::StrCat("（规则 ", rule, "）"));
    absl::StrAppend(&told.english, rule.empty() ? " (by default)" : absl::StrCat(" (rule ", rule, ")"));
    return told;
  }

  template <class Fields>
  static BothLanguages Revised(const Fields& fields) {
    return {absl::StrCat("诉求更正：", absl::StrJoin(fields, "、")),
            absl::StrCat("the issue was revised: ", absl::StrJoin(fields, ", "))};
  }

  // With the deadlines that moved by it.
  static BothLanguages With(BothLanguages told,
                            const google::protobuf::RepeatedPtrField<v1::MovedDeadline>& deadlines) {
    for (const v1::MovedDeadline& moved : deadlines) {
      const std::string before = moved.has_before() ? Moment(moved.before()) : "";
      const std::string after = moved.has_after() ? Moment(moved.after()) : "";
      absl::StrAppend(&told.chinese, "；", ClockName(moved.kind(), true), "期限 ",
                      before.empty() ? "无" : before, " → ", after.empty() ? "无" : after);
      absl::StrAppend(&told.english, "; ", ClockName(moved.kind(), false), " due ",
                      before.empty() ? "never" : before, " → ", after.empty() ? "never" : after);
    }
    return told;
  }

  BothLanguages HandedOver(const v1::HandedOver& over) const {
    BothLanguages told{"机构调整，移交", "reorganized, handed over"};
    const auto add = [&told](const char* chinese, const char* english, const std::string& from,
                             const std::string& to) {
      if (from == to) return;
      absl::StrAppend(&told.chinese, "；", chinese, " ", from, " → ", to);
      absl::StrAppend(&told.english, "; ", english, " ", from, " → ", to);
    };
    add("责任机构", "accountable", Unit(over.former_owner_org_unit_id()), Unit(over.owner_org_unit_id()));
    add("主办", "led by", Department(over.former_lead_department_id()),
        Department(over.lead_department_id()));
    if (over.reason().empty()) return told;
    return {absl::StrCat(told.chinese, "（", over.reason(), "）"),
            absl::StrCat(told.english, " (", over.reason(), ")")};
  }

  // What was done. A step that could not be has no department to name.
  BothLanguages StepDone(const v1::LadderStepFired& fired) const {
    const std::string department = Department(fired.department_id());
    switch (fired.step().action_case()) {
      case v1::LadderStep::kRemind:
        return {absl::StrCat("催办", department), absl::StrCat("reminded ", department)};
      case v1::LadderStep::kAddSupervisor:
        return {absl::StrCat("由", department, "督办"), absl::StrCat("supervised by ", department)};
      case v1::LadderStep::kEscalate:
        return {absl::StrCat("提级至", Unit(fired.owner_org_unit_id()), "，由", department, "主办"),
                absl::StrCat("escalated to ", Unit(fired.owner_org_unit_id()), ", led by ", department)};
      case v1::LadderStep::kBulletin:
        return {"列入通报", "published in the bulletin"};
      case v1::LadderStep::kRaisePriority:
        return PriorityRaised(fired.step().raise_priority().priority());
      case v1::LadderStep::kConvene:
        return {absl::StrCat("由", department, "召集会商：", fired.step().convene().why()),
                absl::StrCat("convened by ", department, ": ", fired.step().convene().why())};
      default:
        return {"其他措施", "something else"};
    }
  }

  static BothLanguages StepMeant(const v1::LadderStep& step) {
    switch (step.action_case()) {
      case v1::LadderStep::kAddSupervisor:
        return {"指派督办", "supervision"};
      case v1::LadderStep::kEscalate:
        return {"提级", "escalation"};
      case v1::LadderStep::kRaisePriority:
        return PriorityRaised(step.raise_priority().priority());
      case v1::LadderStep::kConvene:
        return {"召集会商", "a consultation"};
      default:
        return {"其他措施", "something else"};
    }
  }

  BothLanguages LadderStep(const v1::LadderStepFired& fired) const {
    BothLanguages told = fired.refusal().empty() ? StepDone(fired) : StepMeant(fired.step());
    if (!fired.refusal().empty()) {
      const BothLanguages why = WhyRefused(fired.refusal());
      absl::StrAppend(&told.chinese, "（未执行：", why.chinese, "）");
      absl::StrAppend(&told.english, " (not done: ", why.english, ")");
    }
    absl::StrAppend(&told.chinese, "；按升级规则 ", fired.ladder_id(), " 第 ", fired.catalogue_version(),
                    " 版 ", fired.step().step_id(), "，", ClockName(fired.clock(), true), "期限 ",
                    Moment(fired.deadline()));
    absl::StrAppend(&told.english, "; step ", fired.step().step_id(), " of ladder ", fired.ladder_id(),
                    " version ", fired.catalogue_version(), ", ", ClockName(fired.clock(), false), " due ",
                    Moment(fired.deadline()));
    return told;
  }

  static BothLanguages DividedFrom(const v1::DividedFrom& divided) {
    return Said(
        absl::StrCat("由主工单分办，为第 ", divided.number(), " 件子工单（", divided.reason(), "）").c_str(),
        absl::StrCat("divided from its parent as child ", divided.number(), " (", divided.reason(), ")")
            .c_str(),
        divided.question());
  }

  static BothLanguages ParentChanged(const v1::ParentChanged& changed) {
    switch (changed.cause()) {
      case v1::ParentChanged::CAUSE_WITHDRAWN:
        return {"主工单撤回，子工单随之撤回", "its parent was withdrawn, and this case with it"};
      case v1::ParentChanged::CAUSE_BROUGHT_BACK:
        return {"主工单恢复，子工单随之恢复", "its parent was brought back, and this case with it"};
      default:
        return Revised(changed.fields());
    }
  }

  static BothLanguages MoveOf(v1::ChildChanged::Move move) {
    switch (move) {
      case v1::ChildChanged::MOVE_TO_CALL_BACK:
        return {"全部子工单办结，主工单转待回访",
                "all children are closed: the enterprise is to be called back"};
      case v1::ChildChanged::MOVE_CLOSED:
        return {"全部子工单均已说明理由，主工单办结", "all children gave reasons: closed"};
      case v1::ChildChanged::MOVE_TO_ANSWER:
        return {
            "全部子工单均已说明理由，尚未联系企业，由主办部门答复",
            "all children gave reasons, and nobody has been in contact with the enterprise: the lead is to "
            "answer"};
      case v1::ChildChanged::MOVE_UNDIVIDED:
        return {"全部子工单撤回，主工单继续办理", "all children were withdrawn: it goes on undivided"};
      case v1::ChildChanged::MOVE_TAKEN_UP:
        return {"主工单恢复办理", "in progress again"};
      default:
        return {"", ""};
    }
  }

  static const char* OutcomeName(v1::Outcome outcome, bool chinese) {
    switch (outcome) {
      case v1::OUTCOME_RESOLVED:
        return chinese ? "已解决" : "resolved";
      case v1::OUTCOME_EXPLAINED:
        return chinese ? "已答复" : "explained";
      case v1::OUTCOME_UNCONFIRMED:
        return chinese ? "未确认" : "unconfirmed";
      case v1::OUTCOME_WITHDRAWN:
        return chinese ? "已撤回" : "withdrawn";
      case v1::OUTCOME_DECLINED:
        return chinese ? "不予受理" : "declined";
      case v1::OUTCOME_ANSWERED:
        return chinese ? "已办复" : "answered";
      default:
        return chinese ? "办理中" : "open";
    }
  }

  BothLanguages ChildChanged(const v1::ChildChanged& changed) const {
    const v1::ChildCase& child = changed.child();
    const std::string department = Department(child.department_id());
    BothLanguages told{absl::StrCat("第 ", child.number(), " 件子工单（", department, "）重新办理"),
                       absl::StrCat("child ", child.number(), " (", department, ") is open again")};
    if (child.has_closed_at()) {
      told = {absl::StrCat("第 ", child.number(), " 件子工单（", department, "）办结：",
                           OutcomeName(child.outcome(), true)),
              absl::StrCat("child ", child.number(), " (", department,
                           ") was closed: ", OutcomeName(child.outcome(), false))};
    }
    const BothLanguages move = MoveOf(changed.move());
    absl::StrAppend(&told.chinese, "；未办结子工单 ", changed.open_children(), " 件",
                    move.chinese.empty() ? "" : "；", move.chinese);
    absl::StrAppend(&told.english, "; ", changed.open_children(), " open", move.english.empty() ? "" : "; ",
                    move.english);
    return told;
  }

  static BothLanguages WhyAsDuplicate(const v1::DuplicateChanged& changed, const std::string& key) {
    switch (changed.cause()) {
      case v1::DuplicateChanged::CAUSE_LINKED:
        return {absl::StrCat("登记为 ", key, " 的重复件"), absl::StrCat("marked a duplicate of ", key)};
      case v1::DuplicateChanged::CAUSE_UNLINKED:
        return {absl::StrCat("不再是 ", key, " 的重复件"),
                absl::StrCat("no duplicate of ", key, " any more")};
      case v1::DuplicateChanged::CAUSE_FIRST_WITHDRAWN:
        return {absl::StrCat("首件 ", key, " 撤回"), absl::StrCat("the first case ", key, " was withdrawn")};
      case v1::DuplicateChanged::CAUSE_FIRST_BROUGHT_BACK:
        return {absl::StrCat("首件 ", key, " 恢复"),
                absl::StrCat("the first case ", key, " was brought back")};
      case v1::DuplicateChanged::CAUSE_FIRST_CLOSED:
        return {absl::StrCat("首件 ", key, " 办结：", OutcomeName(changed.first_outcome(), true)),
                absl::StrCat("the first case ", key,
                             " was closed: ", OutcomeName(changed.first_outcome(), false))};
      default:
        return {absl::StrCat("仍为 ", key, " 的重复件"), absl::StrCat("still a duplicate of ", key)};
    }
  }

  static BothLanguages DuplicateChanged(const v1::DuplicateChanged& changed) {
    const common::v1::SourceKey& key = changed.first_issue_key();
    BothLanguages told = WhyAsDuplicate(changed, absl::StrCat(key.source_system(), "/", key.external_id()));
    absl::StrAppend(&told.chinese, changed.stands_still() ? "；停止计时" : "；照常计时");
    absl::StrAppend(&told.english, changed.stands_still() ? "; its clocks stand still" : "; its clocks run");
    return told;
  }

  static BothLanguages DuplicatesChanged(const v1::DuplicatesChanged& changed) {
    const std::string key =
        absl::StrCat(changed.issue_key().source_system(), "/", changed.issue_key().external_id());
    if (changed.removed()) {
      return {absl::StrCat(key, " 不再是本件的重复件"), absl::StrCat(key, " is no duplicate of it any more")};
    }
    return {absl::StrCat(key, " 登记为本件的重复件"), absl::StrCat(key, " was marked a duplicate of it")};
  }

  BothLanguages Divided(const v1::Divide& divide) const {
    std::vector<std::string> departments;
    for (const v1::ChildQuestion& child : divide.children()) departments.push_back(child.department_id());
    return Said(absl::StrCat("分办给", Departments(departments, "、")).c_str(),
                absl::StrCat("divided among ", Departments(departments, ", ")).c_str(), divide.reason());
  }

  BothLanguages Assigned(const v1::Assign& assign) const {
    const std::string department = Department(assign.department_id());
    switch (assign.role()) {
      case v1::ASSIGNMENT_ROLE_LEAD:
        return {absl::StrCat("改由", department, "主办"), absl::StrCat("led by ", department)};
      case v1::ASSIGNMENT_ROLE_SUPERVISOR:
        return {absl::StrCat("由", department, "督办"), absl::StrCat("supervised by ", department)};
      case v1::ASSIGNMENT_ROLE_ASSISTANT:
        return {absl::StrCat("由", department, "帮办代办"), absl::StrCat("assisted by ", department)};
      default:
        return {absl::StrCat("由", department, "协办"), absl::StrCat("co-handled by ", department)};
    }
  }

  BothLanguages Designated(const v1::Designate& designate) const {
    std::vector<std::string> chinese;
    std::vector<std::string> english;
    if (designate.has_green_channel()) {
      chinese.emplace_back(designate.green_channel() ? "纳入绿色通道" : "退出绿色通道");
      english.emplace_back(designate.green_channel() ? "in the green channel" : "out of the green channel");
    }
    if (designate.priority() != v1::CASE_PRIORITY_UNSPECIFIED) {
      chinese.push_back(absl::StrCat("优先级定为", PriorityName(designate.priority(), true)));
      english.push_back(absl::StrCat("priority: ", PriorityName(designate.priority(), false)));
    }
    if (designate.has_task_force()) {
      const std::string& name = designate.task_force();
      chinese.push_back(name.empty() ? "专班跟进结束" : absl::StrCat("由专班跟进：", name));
      english.push_back(name.empty() ? "no task force any more" : absl::StrCat("task force: ", name));
    }
    if (designate.has_special()) {
      const v1::MarkSpecial& mark = designate.special();
      const std::string follower = Department(mark.follower_department_id());
      chinese.push_back(absl::StrCat("列为重点事项，由", follower, "跟进，每 ",
                                     mark.report_every_working_days(), " 个工作日报告：", mark.reason()));
      english.push_back(absl::StrCat("followed to the end by ", follower, ", a report every ",
                                     mark.report_every_working_days(), " working days: ", mark.reason()));
    }
    return {absl::StrJoin(chinese, "，"), absl::StrJoin(english, ", ")};
  }

  // The catalogue was asked again: said when it took the case elsewhere than where a person gave it.
  BothLanguages HandedOut(const v1::RouteDecision& decision) const {
    if (decision.named_leads()) return {};
    const int times = decision.inputs().hand_outs();
    const std::string lead = Department(decision.lead_department_id());
    const std::string owner = Unit(decision.owner_org_unit_id());
    return {absl::StrCat("已交办 ", times, " 次，按规则 ", decision.rule_id(), " 转", owner, "，由", lead,
                         "主办"),
            absl::StrCat("handed out ", times, " times, so by rule ", decision.rule_id(), " to ", owner,
                         ", led by ", lead)};
  }

  BothLanguages Assistance(const v1::AssistantDecision& decision) const {
    if (decision.department_id().empty()) {
      return {"需帮办代办，但没有可指派的部门或队伍", "an assistant is needed, and nobody gives assistance"};
    }
    const std::string chosen = Assistant(decision.department_id(), decision.team_id());
    BothLanguages told{absl::StrCat("由", chosen, "帮办代办"), absl::StrCat("assisted by ", chosen)};
    if (!decision.former_department_id().empty()) {
      const std::string former = Assistant(decision.former_department_id(), decision.former_team_id());
      absl::StrAppend(&told.chinese, "（原为", former, "）");
      absl::StrAppend(&told.english, " (before: ", former, ")");
    }
    if (decision.candidates().empty()) return told;
    std::vector<std::string> chinese;
    std::vector<std::string> english;
    for (const v1::AssistantCandidate& candidate : decision.candidates()) {
      const std::string name = Assistant(candidate.department_id(), candidate.team_id());
      chinese.push_back(absl::StrCat(name, " ", candidate.open_cases(), " 件"));
      english.push_back(absl::StrCat(name, " ", candidate.open_cases()));
    }
    absl::StrAppend(&told.chinese, "，在办最少：", absl::StrJoin(chinese, "、"),
                    decision.omitted() > 0 ? " 等" : "");
    absl::StrAppend(&told.english, ", with the fewest open cases: ", absl::StrJoin(english, ", "),
                    decision.omitted() > 0 ? " …" : "");
    return told;
  }

  static BothLanguages CalledBack(const v1::CallBack& call) {
    if (!call.contacted()) return {"回访：未联系上", "called back: not reached"};
    return {absl::StrCat("回访：", call.resolved() ? "已解决" : "未解决",
                         call.satisfied() ? "，满意" : "，不满意"),
            absl::StrCat("called back: ", call.resolved() ? "resolved" : "not resolved",
                         call.satisfied() ? ", satisfied" : ", not satisfied")};
  }

  BothLanguages HandedTo(const v1::HandOver& over) const {
    const std::string department = Department(over.department_id());
    return Said(absl::StrCat("移交", department, "主办").c_str(),
                absl::StrCat("handed over to ", department).c_str(), over.reason());
  }

  BothLanguages Objected(const v1::Object& object) const {
    if (object.suggested_department_id().empty()) return Said("退单异议", "objected", object.reason());
    const std::string department = Department(object.suggested_department_id());
    return Said(absl::StrCat("退单异议，建议由", department, "主办").c_str(),
                absl::StrCat("objected, it is for ", department).c_str(), object.reason());
  }

  BothLanguages Ruled(const v1::RuleOnObjection& ruling) const {
    if (!ruling.upheld()) return Said("异议不成立", "the objection was rejected", ruling.reason());
    const std::string department = Department(ruling.lead_department_id());
    return Said(absl::StrCat("异议成立，改由", department, "主办").c_str(),
                absl::StrCat("the objection was upheld, led by ", department).c_str(), ruling.reason());
  }

  static BothLanguages ExtensionAsked(const v1::RequestExtension& request) {
    const BothLanguages amount = AmountOf(request);
    return Said(absl::StrCat("申请延期 ", amount.chinese).c_str(),
                absl::StrCat("asked for ", amount.english, " more").c_str(), request.reason());
  }

  BothLanguages Replied(const v1::Reply& reply) const {
    const std::string department = Department(reply.department_id());
    return Said(absl::StrCat(department, "协办回复").c_str(), absl::StrCat(department, " replied").c_str(),
                reply.text());
  }

  static BothLanguages Excluded(const v1::ExcludeFromAppraisal& excluded) {
    return Said(absl::StrCat("不纳入考核（审核人 ", excluded.reviewer(), "）").c_str(),
                absl::StrCat("excluded from appraisal (reviewed by ", excluded.reviewer(), ")").c_str(),
                excluded.reason());
  }

  // Actions that ask, answer, or leave the work as it is.
  BothLanguages Answer(const v1::CaseAction& action) const {
    switch (action.action_case()) {
      case v1::CaseAction::kHandOver:
        return HandedTo(action.hand_over());
      case v1::CaseAction::kObject:
        return Objected(action.object());
      case v1::CaseAction::kRuleOnObjection:
        return Ruled(action.rule_on_objection());
      case v1::CaseAction::kRequestExtension:
        return ExtensionAsked(action.request_extension());
      case v1::CaseAction::kDecideExtension:
        return action.decide_extension().granted()
                   ? Said("同意延期", "the extension was granted", action.decide_extension().reason())
                   : Said("不同意延期", "the extension was refused", action.decide_extension().reason());
      case v1::CaseAction::kPause:
        return Said("暂停计时", "paused", action.pause().reason());
      case v1::CaseAction::kResume:
        return Said("恢复计时", "resumed", action.resume().reason());
      case v1::CaseAction::kReturnCase:
        return Said("退回下级", "returned to the unit below", action.return_case().reason());
      case v1::CaseAction::kDecline:
        return Said("不予受理", "declined", action.decline().reason());
      case v1::CaseAction::kWithdraw:
        return Said("企业撤回", "the enterprise took it back", action.withdraw().reason());
      case v1::CaseAction::kRemind:
        return Said("催办", "reminded", action.remind().text());
      case v1::CaseAction::kReply:
        return Replied(action.reply());
      case v1::CaseAction::kHandOverAssistance:
        return Said("帮办代办移交", "assistance handed over", action.hand_over_assistance().reason());
      case v1::CaseAction::kReportSpecial:
        return action.report_special().final()
                   ? Said("终结报告", "final report", action.report_special().text())
                   : Said("跟进报告", "report", action.report_special().text());
      case v1::CaseAction::kExcludeFromAppraisal:
        return Excluded(action.exclude_from_appraisal());
      case v1::CaseAction::kDivide:
        return Divided(action.divide());
      case v1::CaseAction::kIncludeInAppraisal:
        return Said("重新纳入考核", "appraised again", action.include_in_appraisal().reason());
      default:
        return {absl::StrCat("操作：", ActionName(action.action_case())), ActionName(action.action_case())};
    }
  }

  BothLanguages Action(const v1::CaseAction& action) const {
    switch (action.action_case()) {
      case v1::CaseAction::kAccept:
        return {"接单", "accepted"};
      case v1::CaseAction::kAssign:
        return Assigned(action.assign());
      case v1::CaseAction::kReportProgress:
        return action.report_progress().contacted()
                   ? Said("进展（已联系企业）", "progress (contacted)", action.report_progress().text())
                   : Said("进展", "progress", action.report_progress().text());
      case v1::CaseAction::kEscalate:
        return Said("提级", "escalated", action.escalate().reason());
      case v1::CaseAction::kConvene:
        return {absl::StrCat("会商（", Departments(action.convene().department_ids(), "、"), "）：",
                             action.convene().decision()),
                absl::StrCat("convened ", Departments(action.convene().department_ids(), ", "), ": ",
                             action.convene().decision())};
      case v1::CaseAction::kDesignate:
        return Designated(action.designate());
      case v1::CaseAction::kResolve:
        return Said("办理完毕，待回访", "done, to be called back", action.resolve().text());
      case v1::CaseAction::kExplain:
        return Said("答复说明", "explained", action.explain().text());
      case v1::CaseAction::kCallBack:
        return CalledBack(action.call_back());
      case v1::CaseAction::kReopen:
        return Said("重新办理", "reopened", action.reopen().reason());
      case v1::CaseAction::kClose:
        return {"办结", "closed"};
      default:
        return Answer(action);
    }
  }

  const Directory& directory_;
};

// The clock's deadline, when it passed unmet or is still to come.
std::optional<v1::TimelineEntry> DeadlineEntry(const v1::CaseClock& clock, bool closed,
                                               const Directory& directory, absl::Time now) {
  if (!clock.has_deadline()) return std::nullopt;
  const absl::Time deadline = TimeFrom(clock.deadline());
  const bool met = clock.has_stopped_at();
  const absl::Time until = met ? TimeFrom(clock.stopped_at()) : now;
  v1::TimelineEntry entry;
  *entry.mutable_at() = clock.deadline();
  entry.set_clock(clock.kind());
  const char* chinese = ClockName(clock.kind(), true);
  const char* english = ClockName(clock.kind(), false);
  if (until > deadline) {
    const int days = directory.calendar().WorkingDaysBetween(CityDay(deadline), CityDay(until));
    entry.set_kind(v1::TIMELINE_KIND_DEADLINE_PASSED);
    entry.set_text_zh(absl::StrCat(chinese, "期限已过，", met ? "超期 " : "至今超期 ", days, " 个工作日"));
    entry.set_text_en(
        absl::StrCat(english, " was due; ", days, met ? " working days late" : " working days ago"));
    return entry;
  }
  if (met || closed) return std::nullopt;
  const int days = directory.calendar().WorkingDaysBetween(CityDay(now), CityDay(deadline));
  entry.set_kind(v1::TIMELINE_KIND_DEADLINE_AHEAD);
  entry.set_text_zh(absl::StrCat(chinese, "期限，还有 ", days, " 个工作日",
                                 clock.deadline_provisional() ? "（暂定）" : ""));
  entry.set_text_en(absl::StrCat(english, " is due in ", days, " working days",
                                 clock.deadline_provisional() ? " (provisional)" : ""));
  return entry;
}

}  // namespace

v1::TimelineEntry EntryOf(const v1::CaseEvent& event, const Directory& directory) {
  BothLanguages told = Teller(directory).Tell(event);
  if (!event.comment().empty()) {
    absl::StrAppend(&told.chinese, "（备注：", event.comment(), "）");
    absl::StrAppend(&told.english, " (", event.comment(), ")");
  }
  v1::TimelineEntry entry;
  entry.set_kind(v1::TIMELINE_KIND_EVENT);
  *entry.mutable_at() = event.occurred_at();
  entry.set_actor(event.actor());
  entry.set_text_zh(std::move(told.chinese));
  entry.set_text_en(std::move(told.english));
  entry.set_sequence(event.sequence());
  entry.set_state_after(event.state_after());
  entry.set_late(event.late());
  return entry;
}

std::vector<v1::TimelineEntry> TimelineOf(const v1::Case& shown, const std::vector<v1::CaseEvent>& history,
                                          const Directory& directory, absl::Time now) {
  std::vector<v1::TimelineEntry> timeline;
  for (const v1::CaseEvent& event : history) timeline.push_back(EntryOf(event, directory));
  for (const v1::CaseClock& clock : shown.clocks()) {
    auto entry = DeadlineEntry(clock, shown.has_closed_at(), directory, now);
    if (entry.has_value()) timeline.push_back(*std::move(entry));
  }
  std::stable_sort(timeline.begin(), timeline.end(),
                   [](const v1::TimelineEntry& left, const v1::TimelineEntry& right) {
                     return TimeFrom(left.at()) < TimeFrom(right.at());
                   });
  return timeline;
}

}  // namespace zhuqi::routing
