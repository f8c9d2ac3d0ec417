#include "services/routing/taskforces/task_force_check.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/text.h"
#include "services/routing/special/special_rules.h"
#include "services/routing/taskforces/task_force_rules.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kForceName = 100;
constexpr size_t kForceProject = 200;
constexpr size_t kForceLongText = 2000;
constexpr size_t kForceReason = 500;
constexpr size_t kForceDuty = 200;
constexpr size_t kForceIdentifier = 64;
constexpr int kMostItemsAtOnce = 100;
constexpr int kMostTermDays = 250;
constexpr int kMostYearsAway = 10;

absl::CivilDay YearsFrom(absl::CivilDay day, int years) {
  return absl::CivilDay(day.year() + years, day.month(), day.day());
}

class TaskForceChecker {
 public:
  TaskForceChecker(const Directory& directory, absl::Time now, rpc::Violations& violations)
      : directory_(directory), today_(CityDay(now)), violations_(violations) {}

  void Check(v1::SetUpTaskForceRequest& request) {
    Text("name", 1, kForceName, *request.mutable_name());
    if (directory_.FindUnit(request.org_unit_id()) == nullptr) {
      violations_.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
    }
    Text("project", 1, kForceProject, *request.mutable_project());
    Text("reason", 1, kForceLongText, *request.mutable_reason());
    Department("lead_department_id", request.lead_department_id());
    Departments("departments", *request.mutable_departments(), 0, kMostTaskForceDepartments - 1,
                request.lead_department_id());
    Plan(request);
    Milestones(*request.mutable_milestones());
    CountOf("items", request.items_size(), 0, kMostItemsAtOnce);
    Items("items", *request.mutable_items());
    Template("template_id", request.template_id());
  }

  void Check(v1::ActOnTaskForceRequest& request) {
    if (request.has_task_force_id()) {
      Identity("task_force_id", *request.mutable_task_force_id());
    } else if (request.has_name()) {
      Text("name", 1, kForceName, *request.mutable_name());
    } else {
      violations_.Add("task_force_id", "TASK_FORCE_REQUIRED", "name the task force", "必须指定助企专班");
    }
    if (!request.acting_department_id().empty()) {
      Known("acting_department_id", request.acting_department_id());
    }
    Check(*request.mutable_action());
  }

 private:
  using Sent = v1::TaskForceAction;

  void Check(Sent& action) {
    switch (action.action_case()) {
      case Sent::kBegin:
        return Day("action.begin.on", action.begin().has_on(), action.begin().on(),
                   YearsFrom(today_, -kMostYearsAway), today_);
      case Sent::kAmend:
        return Check(*action.mutable_amend());
      case Sent::kAddDepartments:
        return Departments("action.add_departments.departments",
                           *action.mutable_add_departments()->mutable_departments(), 1,
                           kMostTaskForceDepartments, "");
      case Sent::kRemoveDepartment:
        Known("action.remove_department.department_id", action.remove_department().department_id());
        return Text("action.remove_department.reason", 1, kForceReason,
                    *action.mutable_remove_department()->mutable_reason());
      case Sent::kSetMilestone:
        Check("action.set_milestone.milestone", *action.mutable_set_milestone()->mutable_milestone());
        return Text("action.set_milestone.reason", 0, kForceReason,
                    *action.mutable_set_milestone()->mutable_reason());
      case Sent::kAddItems: {
        Sent::AddItems& add = *action.mutable_add_items();
        CountOf("action.add_items.items", add.items_size(), 1, kMostItemsAtOnce);
        Items("action.add_items.items", *add.mutable_items());
        return Template("action.add_items.template_id", add.template_id());
      }
      case Sent::ACTION_NOT_SET:
        violations_.Add("action", "ACTION_REQUIRED", "what to do is required", "必须填写操作");
        return;
      default:
        return CheckItemAction(action);
    }
  }

  // What is done to one item or visit, and the end.
  void CheckItemAction(Sent& action) {
    switch (action.action_case()) {
      case Sent::kCompleteItem: {
        Sent::CompleteItem& complete = *action.mutable_complete_item();
        Day("action.complete_item.done_on", complete.has_done_on(), complete.done_on(),
            YearsFrom(today_, -kMostYearsAway), today_);
        return Text("action.complete_item.outcome", 1, kForceLongText, *complete.mutable_outcome());
      }
      case Sent::kWaiveItem:
        return Text("action.waive_item.reason", 1, kForceLongText,
                    *action.mutable_waive_item()->mutable_reason());
      case Sent::kReopenItem:
        return Text("action.reopen_item.reason", 1, kForceReason,
                    *action.mutable_reopen_item()->mutable_reason());
      case Sent::kMarkItem:
        return Check(*action.mutable_mark_item()->mutable_special());
      case Sent::kReportItem:
        return Text("action.report_item.text", 1, kSpecialReport,
                    *action.mutable_report_item()->mutable_text());
      case Sent::kLinkVisit:
        return Identity("action.link_visit.record_id", *action.mutable_link_visit()->mutable_record_id());
      case Sent::kUnlinkVisit:
        Identity("action.unlink_visit.record_id", *action.mutable_unlink_visit()->mutable_record_id());
        return Text("action.unlink_visit.reason", 1, kForceReason,
                    *action.mutable_unlink_visit()->mutable_reason());
      case Sent::kDissolve: {
        Sent::Dissolve& dissolve = *action.mutable_dissolve();
        Day("action.dissolve.on", dissolve.has_on(), dissolve.on(), YearsFrom(today_, -kMostYearsAway),
            today_);
        return Text("action.dissolve.outcome", 1, kForceLongText, *dissolve.mutable_outcome());
      }
      default:
        return;
    }
  }

  void Check(Sent::Amend& amend) {
    if (amend.has_reason()) Text("action.amend.reason", 1, kForceLongText, *amend.mutable_reason());
    if (amend.has_lead_department_id()) {
      Department("action.amend.lead_department_id", amend.lead_department_id());
    }
    Day("action.amend.ends_on", amend.has_ends_on(), amend.ends_on(), YearsFrom(today_, -kMostYearsAway),
        YearsFrom(today_, kMostYearsAway));
    if (amend.has_reason() || amend.has_lead_department_id() || amend.has_ends_on()) return;
    violations_.Add("action.amend", "AMENDMENT_EMPTY", "nothing is amended", "未填写变更内容");
  }

  void Check(v1::MarkSpecial& mark) {
    const std::string path = "action.mark_item.special";
    Department(path + ".follower_department_id", mark.follower_department_id());
    Text(path + ".reason", 1, kSpecialReason, *mark.mutable_reason());
    Range(path + ".report_every_working_days", mark.report_every_working_days(), 1, kLongestReportEvery);
  }

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

  // The same for a UUID.
  void Identity(const std::string& path, std::string& text) {
    if (const auto id = rpc::ReadUuid(text, path, violations_)) text = id->ToString();
  }

  void Identifier(const std::string& path, const std::string& text) {
    const bool good =
        !text.empty() && text.size() <= kForceIdentifier && std::all_of(text.begin(), text.end(), [](char c) {
          return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                 absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
        });
    if (good) return;
    violations_.Add(path, "IDENTIFIER_INVALID",
                    absl::StrCat("1 to ", kForceIdentifier, " of a-z, 0-9 and '-'"),
                    absl::StrCat("须为1至", kForceIdentifier, "个小写字母、数字或连字符"));
  }
  void Template(const std::string& path, const std::string& template_id) {
    if (!template_id.empty()) Identifier(path, template_id);
  }

  void Range(const std::string& path, int value, int least, int most) {
    if (value >= least && value <= most) return;
    violations_.Add(path, "OUT_OF_RANGE", absl::StrCat(least, " to ", most),
                    absl::StrCat("须为", least, "至", most));
  }
  void CountOf(const std::string& path, int count, int least, int most) {
    if (count >= least && count <= most) return;
    violations_.Add(path, "OUT_OF_RANGE", absl::StrCat(least, " to ", most, " are required"),
                    absl::StrCat("须为", least, "至", most, "个"));
  }

  // The day, when there is one.
  std::optional<absl::CivilDay> Date(const std::string& path, const common::v1::Date& date) {
    const std::optional<absl::CivilDay> day = CivilDayFrom(date);
    if (!day.has_value()) violations_.Add(path, "DATE_INVALID", "there is no such day", "日期无效");
    return day;
  }
  void Day(const std::string& path, bool present, const common::v1::Date& date, absl::CivilDay first,
           absl::CivilDay last) {
    if (!present) return;
    const std::optional<absl::CivilDay> day = Date(path, date);
    if (!day.has_value() || (*day >= first && *day <= last)) return;
    violations_.Add(
        path, "DATE_OUT_OF_RANGE",
        absl::StrCat("from ", absl::FormatCivilTime(first), " to ", absl::FormatCivilTime(last)),
        absl::StrCat("须在", absl::FormatCivilTime(first), "至", absl::FormatCivilTime(last), "之间"));
  }

  // An absent day is no day: both are required.
  void Plan(const v1::SetUpTaskForceRequest& request) {
    Day("begins_on", true, request.begins_on(), YearsFrom(today_, -kMostYearsAway),
        YearsFrom(today_, kMostYearsAway));
    const std::optional<absl::CivilDay> begins = CivilDayFrom(request.begins_on());
    if (begins.has_value()) {
      Day("ends_on", true, request.ends_on(), *begins, YearsFrom(*begins, kMostYearsAway));
    } else {
      Date("ends_on", request.ends_on());
    }
  }

  const directory::v1::Department* Known(const std::string& path, const std::string& department_id) {
    const directory::v1::Department* department = directory_.FindDepartment(department_id);
    if (department == nullptr) {
      violations_.Add(path, "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
    }
    return department;
  }
  // One that is given something to do, so it must not have ended.
  void Department(const std::string& path, const std::string& department_id) {
    const directory::v1::Department* department = Known(path, department_id);
    if (department == nullptr || !department->has_closed_on()) return;
    violations_.Add(path, "DEPARTMENT_CLOSED", "the department was closed", "该部门已撤销");
  }

  void Departments(const std::string& path,
                   google::protobuf::RepeatedPtrField<v1::TaskForceDepartment>& departments, int least,
                   int most, const std::string& lead) {
    CountOf(path, departments.size(), least, most);
    std::set<std::string> seen = {lead};
    for (int i = 0; i < std::min(departments.size(), most); ++i) {
      const std::string place = absl::StrCat(path, "[", i, "]");
      v1::TaskForceDepartment& sent = departments[i];
      Department(place + ".department_id", sent.department_id());
      Text(place + ".duty", 0, kForceDuty, *sent.mutable_duty());
      if (sent.role() != v1::TASK_FORCE_ROLE_MEMBER && sent.role() != v1::TASK_FORCE_ROLE_SUPPORT) {
        violations_.Add(place + ".role", "ROLE_REQUIRED",
                        "member or support is required; one department leads",
                        "须为成员或配合部门，牵头部门只能有一个");
      }
      if (seen.insert(sent.department_id()).second) continue;
      violations_.Add(place + ".department_id", "DEPARTMENT_REPEATED", "this department is named twice",
                      "部门重复");
    }
  }

  void Check(const std::string& path, v1::Milestone& milestone) {
    Identifier(path + ".milestone_id", milestone.milestone_id());
    Text(path + ".name", 1, kForceName, *milestone.mutable_name());
    Date(path + ".on", milestone.on());
  }

  void Milestones(google::protobuf::RepeatedPtrField<v1::Milestone>& milestones) {
    CountOf("milestones", milestones.size(), 0, kMostMilestones);
    std::set<std::string> seen;
    for (int i = 0; i < std::min(milestones.size(), kMostMilestones); ++i) {
      const std::string place = absl::StrCat("milestones[", i, "]");
      Check(place, milestones[i]);
      if (seen.insert(milestones[i].milestone_id()).second) continue;
      violations_.Add(place + ".milestone_id", "MILESTONE_REPEATED", "this milestone is named twice",
                      "节点重复");
    }
  }

  void Items(const std::string& path, google::protobuf::RepeatedPtrField<v1::ChecklistDraft>& items) {
    for (int i = 0; i < std::min(items.size(), kMostItemsAtOnce); ++i) {
      Check(absl::StrCat(path, "[", i, "]"), items[i]);
    }
  }

  void Check(const std::string& path, v1::ChecklistDraft& draft) {
    Text(path + ".text", 1, kForceReason, *draft.mutable_text());
    if (draft.has_department_id()) {
      Department(path + ".department_id", draft.department_id());
    } else if (draft.has_function()) {
      if (!directory_.HasFunction(draft.function())) {
        violations_.Add(path + ".function", "FUNCTION_UNKNOWN", "no department has this function",
                        "没有该职能的部门");
      }
    } else {
      violations_.Add(path, "DEPARTMENT_REQUIRED", "department_id or function is required",
                      "必须指定责任部门");
    }
    if (draft.has_before()) {
      Identifier(path + ".before.milestone_id", draft.before().milestone_id());
      Range(path + ".before.working_days", draft.before().working_days(), 0, kMostTermDays);
    } else if (draft.has_working_days()) {
      Range(path + ".working_days", draft.working_days(), 1, kMostTermDays);
    } else if (draft.has_date()) {
      Date(path + ".date", draft.date());
    } else {
      violations_.Add(path, "TERM_REQUIRED", "before, working_days or date is required", "必须填写完成时限");
    }
  }

  const Directory& directory_;
  const absl::CivilDay today_;
  rpc::Violations& violations_;
};

}  // namespace

void CheckSetUp(v1::SetUpTaskForceRequest& request, const Directory& directory, absl::Time now,
                rpc::Violations& violations) {
  TaskForceChecker(directory, now, violations).Check(request);
}

void CheckTaskForceRequest(v1::ActOnTaskForceRequest& request, const Directory& directory, absl::Time now,
                           rpc::Violations& violations) {
  TaskForceChecker(directory, now, violations).Check(request);
}

}  // namespace zhuqi::routing
