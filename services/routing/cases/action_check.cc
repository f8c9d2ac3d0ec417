#include "services/routing/cases/action_check.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/text.h"
#include "services/routing/families/child_rules.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kLongText = 2000;
constexpr size_t kReason = 500;
constexpr size_t kTaskForce = 100;
constexpr size_t kPrincipal = 255;
constexpr int kMaximumMore = 600'000;
constexpr int kMaximumConvened = 50;
constexpr size_t kQuestion = 2000;

class ActionChecker {
 public:
  ActionChecker(const Directory& directory, rpc::Violations& violations)
      : directory_(directory), violations_(violations) {}

  // Puts `text` in its stored form.
  void Text(const std::string& path, size_t minimum, size_t maximum, std::string& text) {
    vocabulary::TextCheck check = vocabulary::CheckText(text);
    if (check.problem.has_value()) {
      violations_.Add(path, vocabulary::ReasonName(*check.problem), "the text holds what is no text",
                      "文本含有无效字符");
      return;
    }
    text = std::move(check.normalized);
    const size_t length = vocabulary::CharacterCount(text);
    if (length < minimum) {
      violations_.Add(path, "TEXT_REQUIRED", "a text is required", "必须填写");
    } else if (length > maximum) {
      violations_.Add(path, "TEXT_TOO_LONG", absl::StrCat("at most ", maximum, " characters"),
                      absl::StrCat("不得超过", maximum, "个字符"));
    }
  }

  void Department(const std::string& path, const std::string& department_id) {
    if (directory_.FindDepartment(department_id) != nullptr) return;
    violations_.Add(path, "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
  }

  void Check(v1::Assign& assign) {
    Department("action.assign.department_id", assign.department_id());
    if (assign.role() == v1::ASSIGNMENT_ROLE_UNSPECIFIED || !v1::AssignmentRole_IsValid(assign.role())) {
      violations_.Add("action.assign.role", "ROLE_REQUIRED", "the department's part is required",
                      "必须填写部门的职责（主办、协办等）");
    }
  }

  void Check(v1::HandOver& hand_over) {
    Department("action.hand_over.department_id", hand_over.department_id());
    Text("action.hand_over.reason", 1, kReason, *hand_over.mutable_reason());
  }

  void Check(v1::Object& object) {
    Text("action.object.reason", 1, kReason, *object.mutable_reason());
    if (object.suggested_department_id().empty()) return;
    Department("action.object.suggested_department_id", object.suggested_department_id());
  }

  void Check(v1::RuleOnObjection& ruling) {
    Text("action.rule_on_objection.reason", 1, kReason, *ruling.mutable_reason());
    if (ruling.upheld()) {
      Department("action.rule_on_objection.lead_department_id", ruling.lead_department_id());
    } else if (!ruling.lead_department_id().empty()) {
      violations_.Add("action.rule_on_objection.lead_department_id", "LEAD_STAYS",
                      "an objection that is rejected changes no lead", "异议不成立时不得另行指定主办部门");
    }
  }

  void Check(v1::RequestExtension& request) {
    Text("action.request_extension.reason", 1, kReason, *request.mutable_reason());
    const bool half = request.working_days().half();
    const int more = request.has_working_days()    ? request.working_days().count()
                     : request.has_working_hours() ? request.working_hours().minutes()
                                                   : request.calendar_hours().minutes();
    if (more >= (half ? 0 : 1) && more <= kMaximumMore) return;
    violations_.Add("action.request_extension.amount", "AMOUNT_REQUIRED",
                    "how much more time: at least half a day or a minute", "须填写延期时长，至少半日或1分钟");
  }

  void Check(v1::DecideExtension& decision) {
    Text("action.decide_extension.reason", decision.granted() ? 0 : 1, kReason, *decision.mutable_reason());
  }

  void Check(v1::ExcludeFromAppraisal& exclude) {
    Text("action.exclude_from_appraisal.reason", 1, kReason, *exclude.mutable_reason());
    Text("action.exclude_from_appraisal.reviewer", 1, kPrincipal, *exclude.mutable_reviewer());
  }

  void Check(v1::Reply& reply) {
    Department("action.reply.department_id", reply.department_id());
    Text("action.reply.text", 1, kLongText, *reply.mutable_text());
  }

  void Check(v1::HandOverAssistance& hand_over) {
    Text("action.hand_over_assistance.reason", 1, kReason, *hand_over.mutable_reason());
    if (!hand_over.department_id().empty()) {
      Department("action.hand_over_assistance.department_id", hand_over.department_id());
    }
    if (hand_over.team_id().empty()) return;
    const directory::v1::Team* team = directory_.FindTeam(hand_over.team_id());
    if (team == nullptr) {
      violations_.Add("action.hand_over_assistance.team_id", "TEAM_UNKNOWN", "there is no such team",
                      "服务队不存在");
    } else if (hand_over.department_id() != team->department_id()) {
      violations_.Add("action.hand_over_assistance.department_id", "DEPARTMENT_OF_TEAM_REQUIRED",
                      "the department that the team belongs to", "须填写该服务队所属部门");
    }
  }

  void Check(v1::Convene& convene) {
    Text("action.convene.decision", 1, kLongText, *convene.mutable_decision());
    if (!convene.consultation_id().empty()) {
      violations_.Add("action.convene.consultation_id", "CONSULTATION_ID_NOT_EMPTY",
                      "consultations are convened by ConsultationService", "会商须通过会商服务召集");
    }
    if (convene.department_ids().empty() || convene.department_ids_size() > kMaximumConvened) {
      violations_.Add("action.convene.department_ids", "OUT_OF_RANGE",
                      absl::StrCat("1 to ", kMaximumConvened, " departments"),
                      absl::StrCat("参会部门须为1至", kMaximumConvened, "个"));
      return;
    }
    std::set<std::string> seen;
    for (int i = 0; i < convene.department_ids_size(); ++i) {
      const std::string path = absl::StrCat("action.convene.department_ids[", i, "]");
      Department(path, convene.department_ids(i));
      if (seen.insert(convene.department_ids(i)).second) continue;
      violations_.Add(path, "DEPARTMENT_REPEATED", "this department is named twice", "部门重复");
    }
    if (convene.has_held_on() && !CivilDayFrom(convene.held_on()).has_value()) {
      violations_.Add("action.convene.held_on", "DATE_INVALID", "there is no such day", "日期无效");
    }
  }

  void Check(v1::Divide& divide) {
    Text("action.divide.reason", 1, kReason, *divide.mutable_reason());
    if (divide.children().empty() || divide.children_size() > kMostChildren) {
      violations_.Add("action.divide.children", "OUT_OF_RANGE",
                      absl::StrCat("1 to ", kMostChildren, " children"),
                      absl::StrCat("子工单须为1至", kMostChildren, "件"));
      return;
    }
    std::set<std::string> seen;
    for (int i = 0; i < divide.children_size(); ++i) {
      v1::ChildQuestion& child = *divide.mutable_children(i);
      const std::string path = absl::StrCat("action.divide.children[", i, "]");
      Department(path + ".department_id", child.department_id());
      Text(path + ".question", 1, kQuestion, *child.mutable_question());
      if (seen.insert(child.department_id()).second) continue;
      violations_.Add(path + ".department_id", "DEPARTMENT_REPEATED", "this department is named twice",
                      "部门重复");
    }
  }

  void ReportEvery(const std::string& path, int working_days) {
    if (working_days >= 1 && working_days <= kLongestReportEvery) return;
    violations_.Add(path, "OUT_OF_RANGE", absl::StrCat("1 to ", kLongestReportEvery, " working days"),
                    absl::StrCat("须为1至", kLongestReportEvery, "个工作日"));
  }

  void Check(v1::Designate& designate) {
    if (designate.has_task_force()) {
      Text("action.designate.task_force", 0, kTaskForce, *designate.mutable_task_force());
    }
    if (!v1::CasePriority_IsValid(designate.priority())) {
      violations_.Add("action.designate.priority", "PRIORITY_UNKNOWN", "there is no such priority",
                      "优先级不存在");
    }
    if (designate.has_special()) {
      v1::MarkSpecial& mark = *designate.mutable_special();
      Department("action.designate.special.follower_department_id", mark.follower_department_id());
      Text("action.designate.special.reason", 1, kSpecialReason, *mark.mutable_reason());
      ReportEvery("action.designate.special.report_every_working_days", mark.report_every_working_days());
    }
    if (!designate.has_green_channel() && !designate.has_task_force() && !designate.has_special() &&
        designate.priority() == v1::CASE_PRIORITY_UNSPECIFIED) {
      violations_.Add("action.designate", "DESIGNATION_EMPTY", "nothing is designated", "未指定任何专项措施");
    }
  }

  void Check(const v1::CallBack& call_back) {
    if (call_back.contacted() || (!call_back.resolved() && !call_back.satisfied())) return;
    violations_.Add("action.call_back.contacted", "CALL_BACK_CONTRADICTORY",
                    "an enterprise that could not be reached says nothing", "未联系上企业时不得填写回访结果");
  }

  void Check(v1::CaseAction& action) {
    switch (action.action_case()) {
      case v1::CaseAction::kAssign:
        return Check(*action.mutable_assign());
      case v1::CaseAction::kHandOver:
        return Check(*action.mutable_hand_over());
      case v1::CaseAction::kObject:
        return Check(*action.mutable_object());
      case v1::CaseAction::kRuleOnObjection:
        return Check(*action.mutable_rule_on_objection());
      case v1::CaseAction::kRequestExtension:
        return Check(*action.mutable_request_extension());
      case v1::CaseAction::kDecideExtension:
        return Check(*action.mutable_decide_extension());
      case v1::CaseAction::kExcludeFromAppraisal:
        return Check(*action.mutable_exclude_from_appraisal());
      case v1::CaseAction::kReply:
        return Check(*action.mutable_reply());
      case v1::CaseAction::kHandOverAssistance:
        return Check(*action.mutable_hand_over_assistance());
      case v1::CaseAction::kConvene:
        return Check(*action.mutable_convene());
      case v1::CaseAction::kDesignate:
        return Check(*action.mutable_designate());
      case v1::CaseAction::kDivide:
        return Check(*action.mutable_divide());
      case v1::CaseAction::kCallBack:
        return Check(action.call_back());
      case v1::CaseAction::ACTION_NOT_SET:
        violations_.Add("action", "ACTION_REQUIRED", "what to do is required", "必须填写操作");
        return;
      default:
        return CheckText(action);
    }
  }

  // Actions that are one text at most.
  void CheckText(v1::CaseAction& action) {
    switch (action.action_case()) {
      case v1::CaseAction::kReportProgress:
        return Text("action.report_progress.text", 1, kLongText,
                    *action.mutable_report_progress()->mutable_text());
      case v1::CaseAction::kEscalate:
        return Text("action.escalate.reason", 1, kReason, *action.mutable_escalate()->mutable_reason());
      case v1::CaseAction::kReturnCase:
        return Text("action.return_case.reason", 1, kReason, *action.mutable_return_case()->mutable_reason());
      case v1::CaseAction::kPause:
        return Text("action.pause.reason", 1, kReason, *action.mutable_pause()->mutable_reason());
      case v1::CaseAction::kResume:
        return Text("action.resume.reason", 0, kReason, *action.mutable_resume()->mutable_reason());
      case v1::CaseAction::kResolve:
        return Text("action.resolve.text", 1, kLongText, *action.mutable_resolve()->mutable_text());
      case v1::CaseAction::kExplain:
        return Text("action.explain.text", 1, kLongText, *action.mutable_explain()->mutable_text());
      case v1::CaseAction::kDecline:
        return Text("action.decline.reason", 1, kLongText, *action.mutable_decline()->mutable_reason());
      case v1::CaseAction::kWithdraw:
        return Text("action.withdraw.reason", 1, kReason, *action.mutable_withdraw()->mutable_reason());
      case v1::CaseAction::kReportSpecial:
        return Text("action.report_special.text", 1, kSpecialReport,
                    *action.mutable_report_special()->mutable_text());
      case v1::CaseAction::kRemind:
        return Text("action.remind.text", 1, kReason, *action.mutable_remind()->mutable_text());
      case v1::CaseAction::kReopen:
        return Text("action.reopen.reason", 1, kReason, *action.mutable_reopen()->mutable_reason());
      case v1::CaseAction::kIncludeInAppraisal:
        return Text("action.include_in_appraisal.reason", 1, kReason,
                    *action.mutable_include_in_appraisal()->mutable_reason());
      default:
        return;  // accept, close
    }
  }

 private:
  const Directory& directory_;
  rpc::Violations& violations_;
};

}  // namespace

void CheckAction(v1::ActOnCaseRequest& request, const Directory& directory, rpc::Violations& violations) {
  ActionChecker checker(directory, violations);
  checker.Text("comment", 0, kLongText, *request.mutable_comment());
  if (request.has_occurred_at() && !IsPlausibleTime(request.occurred_at())) {
    violations.Add("occurred_at", "TIME_INVALID", "an instant from 2000 to 2100",
                   "时间须在2000年至2100年之间");
  }
  if (!request.acting_department_id().empty()) {
    checker.Department("acting_department_id", request.acting_department_id());
  }
  checker.Check(*request.mutable_action());
}

}  // namespace zhuqi::routing
