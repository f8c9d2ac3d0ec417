#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_words.h"

namespace zhuqi::routing {
namespace {

// A part other than the lead's.
const char* PartName(v1::AssignmentRole role, bool chinese) {
  switch (role) {
    case v1::ASSIGNMENT_ROLE_SUPERVISOR:
      return chinese ? "督办" : "supervised by";
    case v1::ASSIGNMENT_ROLE_ASSISTANT:
      return chinese ? "帮办代办" : "assisted by";
    default:
      return chinese ? "协办" : "co-handled by";
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

class EventTeller {
 public:
  explicit EventTeller(const DirectoryNames& names) : names_(names) {}

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
        return WordsOf(event.action(), names_);
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
      case v1::CaseEvent::kRecurrenceChanged:
        return RecurrenceChanged(event.recurrence_changed());
      default:
        return {"其他", "something else"};
    }
  }

  BothLanguages Received(const v1::RouteDecision& decision) const {
    const std::string lead = names_.Department(decision.lead_department_id());
    const std::string rule = decision.rule_id().empty() ? "" : decision.rule_id();
    BothLanguages told{absl::StrCat("收到诉求，派给", lead, "主办"), absl::StrCat("received, led by ", lead)};
    if (!decision.co_handler_department_ids().empty()) {
      absl::StrAppend(&told.chinese, "，", names_.Departments(decision.co_handler_department_ids(), "、"),
                      "协办");
      absl::StrAppend(&told.english, ", with ",
                      names_.Departments(decision.co_handler_department_ids(), ", "));
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
    add("责任机构", "accountable", names_.Unit(over.former_owner_org_unit_id()),
        names_.Unit(over.owner_org_unit_id()));
    add("主办", "led by", names_.Department(over.former_lead_department_id()),
        names_.Department(over.lead_department_id()));
    for (const v1::HandedOverPart& part : over.parts()) {
      const bool goes_on = !part.department_id().empty();
      add(PartName(part.role(), true), PartName(part.role(), false),
          names_.Assistant(part.former_department_id(), part.former_team_id()),
          goes_on ? names_.Department(part.department_id()) : "—");
    }
    if (over.reason().empty()) return told;
    return {absl::StrCat(told.chinese, "（", over.reason(), "）"),
            absl::StrCat(told.english, " (", over.reason(), ")")};
  }

  // What was done. A step that could not be has no department to name.
  BothLanguages StepDone(const v1::LadderStepFired& fired) const {
    const std::string department = names_.Department(fired.department_id());
    switch (fired.step().action_case()) {
      case v1::LadderStep::kRemind:
        return {absl::StrCat("催办", department), absl::StrCat("reminded ", department)};
      case v1::LadderStep::kAddSupervisor:
        return {absl::StrCat("由", department, "督办"), absl::StrCat("supervised by ", department)};
      case v1::LadderStep::kEscalate:
        return {
            absl::StrCat("提级至", names_.Unit(fired.owner_org_unit_id()), "，由", department, "主办"),
            absl::StrCat("escalated to ", names_.Unit(fired.owner_org_unit_id()), ", led by ", department)};
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

  static BothLanguages RecurrenceChanged(const v1::RecurrenceChanged& changed) {
    BothLanguages told{absl::StrCat("一类问题“", changed.theme_title(), "”："),
                       absl::StrCat("theme “", changed.theme_title(), "”: ")};
    if (changed.recurrence()) {
      absl::StrAppend(&told.chinese, "整改后再次发生，计为复发");
      absl::StrAppend(&told.english, "received after the fix, so it counts as recurrence");
    } else if (changed.spans().empty()) {
      absl::StrAppend(&told.chinese, "本件不再涉及整改，不计复发");
      absl::StrAppend(&told.english, "no fix concerns this case any more, and it is no recurrence");
    } else {
      absl::StrAppend(&told.chinese, "已有整改，本件不在复发统计期内，不计复发");
      absl::StrAppend(&told.english,
                      "was fixed; this case was received outside the days that count as recurrence");
    }
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
        return With(Revised(changed.fields()), changed.deadlines());
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
    const std::string department = names_.Department(child.department_id());
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

  // The catalogue was asked again: said when it took the case elsewhere than where a person gave it.
  BothLanguages HandedOut(const v1::RouteDecision& decision) const {
    if (decision.named_leads()) return {};
    const int times = decision.inputs().hand_outs();
    const std::string lead = names_.Department(decision.lead_department_id());
    const std::string owner = names_.Unit(decision.owner_org_unit_id());
    return {absl::StrCat("已交办 ", times, " 次，按规则 ", decision.rule_id(), " 转", owner, "，由", lead,
                         "主办"),
            absl::StrCat("handed out ", times, " times, so by rule ", decision.rule_id(), " to ", owner,
                         ", led by ", lead)};
  }

  BothLanguages Assistance(const v1::AssistantDecision& decision) const {
    if (decision.department_id().empty()) {
      return {"需帮办代办，但没有可指派的部门或队伍", "an assistant is needed, and nobody gives assistance"};
    }
    const std::string chosen = names_.Assistant(decision.department_id(), decision.team_id());
    BothLanguages told{absl::StrCat("由", chosen, "帮办代办"), absl::StrCat("assisted by ", chosen)};
    if (!decision.former_department_id().empty()) {
      const std::string former = names_.Assistant(decision.former_department_id(), decision.former_team_id());
      absl::StrAppend(&told.chinese, "（原为", former, "）");
      absl::StrAppend(&told.english, " (before: ", former, ")");
    }
    if (decision.candidates().empty()) return told;
    std::vector<std::string> chinese;
    std::vector<std::string> english;
    for (const v1::AssistantCandidate& candidate : decision.candidates()) {
      const std::string name = names_.Assistant(candidate.department_id(), candidate.team_id());
      chinese.push_back(absl::StrCat(name, " ", candidate.open_cases(), " 件"));
      english.push_back(absl::StrCat(name, " ", candidate.open_cases()));
    }
    absl::StrAppend(&told.chinese, "，在办最少：", absl::StrJoin(chinese, "、"),
                    decision.omitted() > 0 ? " 等" : "");
    absl::StrAppend(&told.english, ", with the fewest open cases: ", absl::StrJoin(english, ", "),
                    decision.omitted() > 0 ? " …" : "");
    return told;
  }

  const DirectoryNames& names_;
};

}  // namespace

BothLanguages WordsOf(const v1::CaseEvent& event, const DirectoryNames& names) {
  return EventTeller(names).Tell(event);
}

}  // namespace zhuqi::routing
