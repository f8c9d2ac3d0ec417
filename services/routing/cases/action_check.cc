#include "services/routing/cases/action_check.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/text.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kLongText = 2000;
constexpr size_t kReason = 500;
constexpr size_t kTaskForce = 100;
constexpr int kMaximumConvened = 50;

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

  void Check(v1::Convene& convene) {
    Text("action.convene.decision", 1, kLongText, *convene.mutable_decision());
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

  void Check(v1::Designate& designate) {
    if (designate.has_task_force()) {
      Text("action.designate.task_force", 0, kTaskForce, *designate.mutable_task_force());
    }
    if (!designate.has_green_channel() && !designate.has_task_force()) {
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
      case v1::CaseAction::kReportProgress:
        return Text("action.report_progress.text", 1, kLongText,
                    *action.mutable_report_progress()->mutable_text());
      case v1::CaseAction::kEscalate:
        return Text("action.escalate.reason", 1, kReason, *action.mutable_escalate()->mutable_reason());
      case v1::CaseAction::kConvene:
        return Check(*action.mutable_convene());
      case v1::CaseAction::kDesignate:
        return Check(*action.mutable_designate());
      case v1::CaseAction::kResolve:
        return Text("action.resolve.text", 1, kLongText, *action.mutable_resolve()->mutable_text());
      case v1::CaseAction::kExplain:
        return Text("action.explain.text", 1, kLongText, *action.mutable_explain()->mutable_text());
      case v1::CaseAction::kCallBack:
        return Check(action.call_back());
      case v1::CaseAction::kReopen:
        return Text("action.reopen.reason", 1, kReason, *action.mutable_reopen()->mutable_reason());
      case v1::CaseAction::kAccept:
      case v1::CaseAction::kClose:
        return;
      case v1::CaseAction::ACTION_NOT_SET:
        violations_.Add("action", "ACTION_REQUIRED", "what to do is required", "必须填写操作");
        return;
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
  checker.Check(*request.mutable_action());
}

}  // namespace zhuqi::routing
