#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/routing/cases/case_transitions.h"
#include "services/routing/cases/case_words.h"

namespace zhuqi::routing {
namespace {

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

class ActionTeller {
 public:
  explicit ActionTeller(const DirectoryNames& names) : names_(names) {}

  BothLanguages Tell(const v1::CaseAction& action) const {
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
        return {absl::StrCat("会商（", names_.Departments(action.convene().department_ids(), "、"), "）：",
                             action.convene().decision()),
                absl::StrCat("convened ", names_.Departments(action.convene().department_ids(), ", "), ": ",
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

 private:
  BothLanguages Divided(const v1::Divide& divide) const {
    std::vector<std::string> departments;
    for (const v1::ChildQuestion& child : divide.children()) departments.push_back(child.department_id());
    return Said(absl::StrCat("分办给", names_.Departments(departments, "、")).c_str(),
                absl::StrCat("divided among ", names_.Departments(departments, ", ")).c_str(),
                divide.reason());
  }

  BothLanguages Assigned(const v1::Assign& assign) const {
    const std::string department = names_.Department(assign.department_id());
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
      const std::string follower = names_.Department(mark.follower_department_id());
      chinese.push_back(absl::StrCat("列为重点事项，由", follower, "跟进，每 ",
                                     mark.report_every_working_days(), " 个工作日报告：", mark.reason()));
      english.push_back(absl::StrCat("followed to the end by ", follower, ", a report every ",
                                     mark.report_every_working_days(), " working days: ", mark.reason()));
    }
    return {absl::StrJoin(chinese, "，"), absl::StrJoin(english, ", ")};
  }

  static BothLanguages CalledBack(const v1::CallBack& call) {
    if (!call.contacted()) return {"回访：未联系上", "called back: not reached"};
    return {absl::StrCat("回访：", call.resolved() ? "已解决" : "未解决",
                         call.satisfied() ? "，满意" : "，不满意"),
            absl::StrCat("called back: ", call.resolved() ? "resolved" : "not resolved",
                         call.satisfied() ? ", satisfied" : ", not satisfied")};
  }

  BothLanguages HandedTo(const v1::HandOver& over) const {
    const std::string department = names_.Department(over.department_id());
    return Said(absl::StrCat("移交", department, "主办").c_str(),
                absl::StrCat("handed over to ", department).c_str(), over.reason());
  }

  BothLanguages Objected(const v1::Object& object) const {
    if (object.suggested_department_id().empty()) return Said("退单异议", "objected", object.reason());
    const std::string department = names_.Department(object.suggested_department_id());
    return Said(absl::StrCat("退单异议，建议由", department, "主办").c_str(),
                absl::StrCat("objected, it is for ", department).c_str(), object.reason());
  }

  BothLanguages Ruled(const v1::RuleOnObjection& ruling) const {
    if (!ruling.upheld()) return Said("异议不成立", "the objection was rejected", ruling.reason());
    const std::string department = names_.Department(ruling.lead_department_id());
    return Said(absl::StrCat("异议成立，改由", department, "主办").c_str(),
                absl::StrCat("the objection was upheld, led by ", department).c_str(), ruling.reason());
  }

  static BothLanguages ExtensionAsked(const v1::RequestExtension& request) {
    const BothLanguages amount = AmountOf(request);
    return Said(absl::StrCat("申请延期 ", amount.chinese).c_str(),
                absl::StrCat("asked for ", amount.english, " more").c_str(), request.reason());
  }

  BothLanguages Replied(const v1::Reply& reply) const {
    const std::string department = names_.Department(reply.department_id());
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

  const DirectoryNames& names_;
};

}  // namespace

BothLanguages WordsOf(const v1::CaseAction& action, const DirectoryNames& names) {
  return ActionTeller(names).Tell(action);
}

}  // namespace zhuqi::routing
