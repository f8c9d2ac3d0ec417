#include "services/routing/knowledge/theme_check.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/text.h"
#include "services/routing/cases/issue_key.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kThemeTitle = 200;
constexpr size_t kThemeText = 2000;
constexpr size_t kThemeNote = 500;
constexpr int kMostCasesAtOnce = 100;
constexpr int kMostDistrictsNamed = 500;

class ThemeChecker {
 public:
  ThemeChecker(const Directory* directory, absl::CivilDay today, rpc::Violations& violations)
      : directory_(directory), today_(today), violations_(violations) {}

  void Text(const std::string& path, size_t least, size_t most, std::string& text) {
    vocabulary::TextCheck check = vocabulary::CheckText(text);
    if (check.problem.has_value()) {
      violations_.Add(path, vocabulary::ReasonName(*check.problem), "the text holds what is no text",
                      "文本含有无效字符");
      return;
    }
    text = std::move(check.normalized);
    const size_t length = vocabulary::CharacterCount(text);
    if (length < least) {
      violations_.Add(path, "TEXT_REQUIRED", "a text is required", "必须填写");
    } else if (length > most) {
      violations_.Add(path, "TEXT_TOO_LONG", absl::StrCat("at most ", most, " characters"),
                      absl::StrCat("不得超过", most, "个字符"));
    }
  }

  void Content(const std::string& path, v1::ThemeContent& content) {
    Text(path + ".title", 1, kThemeTitle, *content.mutable_title());
    Text(path + ".cause", 0, kThemeText, *content.mutable_cause());
    Text(path + ".fix", 0, kThemeText, *content.mutable_fix());
    if (!directory_->HasCategory(content.category_id())) {
      violations_.Add(path + ".category_id", "CATEGORY_UNKNOWN", "there is no such category",
                      "诉求类别不存在");
    }
  }

  void Owner(const std::string& path, const std::string& department_id) {
    const directory::v1::Department* department = directory_->FindDepartment(department_id);
    if (department == nullptr) {
      violations_.Add(path, "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
    } else if (department->has_closed_on()) {
      violations_.Add(path, "DEPARTMENT_CLOSED", "the department was closed", "该部门已撤销");
    }
  }

  std::optional<absl::CivilDay> Day(const std::string& path, bool present, const common::v1::Date& date) {
    if (!present) {
      violations_.Add(path, "DATE_REQUIRED", "a day is required", "必须填写日期");
      return std::nullopt;
    }
    const std::optional<absl::CivilDay> day = CivilDayFrom(date);
    if (!day.has_value()) violations_.Add(path, "DATE_INVALID", "there is no such day", "日期无效");
    return day;
  }

  void Due(const std::string& path, bool present, const common::v1::Date& date) {
    const auto day = Day(path, present, date);
    if (!day.has_value() || *day >= today_) return;
    violations_.Add(path, "DUE_DAY_PAST", "the day is past", "期限不得早于今日");
  }

  void NotAhead(const std::string& path, const common::v1::Date& date) {
    const auto day = Day(path, true, date);
    if (!day.has_value() || *day <= today_) return;
    violations_.Add(path, "DATE_IN_FUTURE", "the day is still to come", "日期不得晚于今日");
  }

  void Cases(const std::string& path, const google::protobuf::RepeatedPtrField<v1::ThemeCaseKey>& cases) {
    if (cases.empty()) violations_.Add(path, "CASE_REQUIRED", "name the cases", "必须指定工单");
    if (cases.size() > kMostCasesAtOnce) {
      violations_.Add(path, "TOO_MANY_CASES", absl::StrCat("at most ", kMostCasesAtOnce, " at once"),
                      absl::StrCat("一次最多", kMostCasesAtOnce, "件"));
      return;
    }
    std::set<std::string> seen;
    for (int i = 0; i < cases.size(); ++i) {
      const std::string item = absl::StrCat(path, "[", i, "]");
      Case(item, cases[i]);
      if (!seen.insert(cases[i].SerializeAsString()).second) {
        violations_.Add(item, "DUPLICATE_VALUE", "the case is named twice", "工单重复");
      }
    }
  }

  void Prevent(const std::string& path, v1::PreventInDistricts& prevent) {
    Due(path + ".due_on", prevent.has_due_on(), prevent.due_on());
    Text(path + ".note", 0, kThemeNote, *prevent.mutable_note());
    if (prevent.org_unit_ids_size() > kMostDistrictsNamed) {
      violations_.Add(path + ".org_unit_ids", "TOO_MANY_UNITS",
                      absl::StrCat("at most ", kMostDistrictsNamed, " units"),
                      absl::StrCat("最多", kMostDistrictsNamed, "个机构"));
      return;
    }
    std::set<std::string> seen;
    for (int i = 0; i < prevent.org_unit_ids_size(); ++i) {
      const std::string item = absl::StrCat(path, ".org_unit_ids[", i, "]");
      District(item, prevent.org_unit_ids(i));
      if (!seen.insert(prevent.org_unit_ids(i)).second) {
        violations_.Add(item, "DUPLICATE_VALUE", "the unit is named twice", "机构重复");
      }
    }
  }

  void Nothing() { violations_.Add("action", "ACTION_REQUIRED", "say what to do", "必须指定操作"); }

  void Identity(const std::string& path, const std::string& text) { rpc::ReadUuid(text, path, violations_); }

 private:
  void Case(const std::string& path, const v1::ThemeCaseKey& key) {
    if (key.by_case() == v1::ThemeCaseKey::BY_NOT_SET) {
      violations_.Add(path, "CASE_REQUIRED", "name the case", "必须指定工单");
    }
    if (key.has_case_id()) Identity(path + ".case_id", key.case_id());
    if (key.has_issue_key()) ReadIssueKey(key.issue_key(), path + ".issue_key", violations_);
  }

  void District(const std::string& path, const std::string& org_unit_id) {
    const directory::v1::OrgUnit* unit = directory_->FindUnit(org_unit_id);
    if (unit == nullptr) {
      violations_.Add(path, "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
    } else if (unit->level() != directory::v1::ORG_UNIT_LEVEL_DISTRICT) {
      violations_.Add(path, "UNIT_NOT_A_DISTRICT", "the unit is no district", "该机构不是区县");
    } else if (unit->has_closed_on()) {
      violations_.Add(path, "ORG_UNIT_CLOSED", "the unit was closed", "该机构已撤销");
    }
  }

  const Directory* directory_;
  const absl::CivilDay today_;
  rpc::Violations& violations_;
};

void CheckConfirm(v1::ConfirmTheme& confirm, ThemeChecker& checker) {
  checker.Text("action.confirm.cause", 1, kThemeText, *confirm.mutable_cause());
  checker.Text("action.confirm.fix", 0, kThemeText, *confirm.mutable_fix());
  checker.Owner("action.confirm.owner_department_id", confirm.owner_department_id());
  checker.Due("action.confirm.due_on", confirm.has_due_on(), confirm.due_on());
  if (confirm.has_prevent()) checker.Prevent("action.confirm.prevent", *confirm.mutable_prevent());
}

void CheckAssign(const v1::AssignTheme& assign, rpc::Violations& violations, ThemeChecker& checker) {
  if (assign.owner_department_id().empty() && !assign.has_due_on()) {
    violations.Add("action.assign.owner_department_id", "DEPARTMENT_REQUIRED",
                   "name another owner or another due day", "须指定新的责任部门或期限");
  }
  if (!assign.owner_department_id().empty()) {
    checker.Owner("action.assign.owner_department_id", assign.owner_department_id());
  }
  if (assign.has_due_on()) checker.Due("action.assign.due_on", true, assign.due_on());
}

void CheckComplete(v1::CompleteFix& complete, ThemeChecker& checker) {
  checker.Text("action.complete_fix.fix", 0, kThemeText, *complete.mutable_fix());
  if (complete.has_fixed_on()) checker.NotAhead("action.complete_fix.fixed_on", complete.fixed_on());
}

}  // namespace

void CheckProposal(const Directory& directory, v1::ProposeThemeRequest& request,
                   rpc::Violations& violations) {
  ThemeChecker checker(&directory, absl::CivilDay(), violations);
  checker.Content("content", *request.mutable_content());
  checker.Cases("cases", request.cases());
}

void CheckThemeAction(const Directory& directory, absl::CivilDay today, v1::ThemeAction& action,
                      rpc::Violations& violations) {
  ThemeChecker checker(&directory, today, violations);
  switch (action.action_case()) {
    case v1::ThemeAction::kRevise:
      return checker.Content("action.revise.content", *action.mutable_revise()->mutable_content());
    case v1::ThemeAction::kConfirm:
      return CheckConfirm(*action.mutable_confirm(), checker);
    case v1::ThemeAction::kAssign:
      return CheckAssign(action.assign(), violations, checker);
    case v1::ThemeAction::kReject:
      return checker.Text("action.reject.reason", 1, kThemeNote, *action.mutable_reject()->mutable_reason());
    case v1::ThemeAction::kBeginFix:
      return checker.Text("action.begin_fix.fix", 0, kThemeText, *action.mutable_begin_fix()->mutable_fix());
    case v1::ThemeAction::kCompleteFix:
      return CheckComplete(*action.mutable_complete_fix(), checker);
    case v1::ThemeAction::kReopen:
      checker.Text("action.reopen.reason", 1, kThemeNote, *action.mutable_reopen()->mutable_reason());
      if (action.reopen().has_due_on()) checker.Due("action.reopen.due_on", true, action.reopen().due_on());
      return;
    case v1::ThemeAction::kAddCases:
      return checker.Cases("action.add_cases.cases", action.add_cases().cases());
    case v1::ThemeAction::kRemoveCases:
      checker.Cases("action.remove_cases.cases", action.remove_cases().cases());
      return checker.Text("action.remove_cases.reason", 1, kThemeNote,
                          *action.mutable_remove_cases()->mutable_reason());
    case v1::ThemeAction::kMerge:
      checker.Identity("action.merge.into_theme_id", action.merge().into_theme_id());
      return checker.Text("action.merge.reason", 1, kThemeNote, *action.mutable_merge()->mutable_reason());
    case v1::ThemeAction::kPrevent:
      return checker.Prevent("action.prevent", *action.mutable_prevent());
    default:
      return checker.Nothing();
  }
}

void CheckPreventiveItemAction(absl::CivilDay today, v1::PreventiveItemAction& action,
                               rpc::Violations& violations) {
  ThemeChecker checker(nullptr, today, violations);
  switch (action.action_case()) {
    case v1::PreventiveItemAction::kReport:
      return checker.Text("action.report.note", 1, kThemeNote, *action.mutable_report()->mutable_note());
    case v1::PreventiveItemAction::kComplete:
      return checker.Text("action.complete.note", 1, kThemeNote, *action.mutable_complete()->mutable_note());
    case v1::PreventiveItemAction::kDecline:
      return checker.Text("action.decline.note", 1, kThemeNote, *action.mutable_decline()->mutable_note());
    case v1::PreventiveItemAction::kReopen:
      checker.Text("action.reopen.note", 1, kThemeNote, *action.mutable_reopen()->mutable_note());
      return checker.Due("action.reopen.due_on", action.reopen().has_due_on(), action.reopen().due_on());
    case v1::PreventiveItemAction::kPostpone:
      checker.Text("action.postpone.note", 1, kThemeNote, *action.mutable_postpone()->mutable_note());
      return checker.Due("action.postpone.due_on", action.postpone().has_due_on(),
                         action.postpone().due_on());
    default:
      return checker.Nothing();
  }
}

}  // namespace zhuqi::routing
