#include "services/routing/consultations/consultation_check.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/text.h"
#include "services/routing/cases/issue_key.h"

namespace zhuqi::routing {
namespace {

constexpr int kMostAtOnce = 50;  // cases, departments, decisions
constexpr int kLongestTerm = 250;
constexpr int kMostYearsAhead = 10;
constexpr absl::Duration kScheduleRange = absl::Hours(24 * 366);

class ConsultationChecker {
 public:
  ConsultationChecker(const Directory& directory, absl::Time now, rpc::Violations& violations)
      : directory_(directory), today_(CityDay(now)), now_(now), violations_(violations) {}

  void Check(v1::ConveneConsultationRequest& request) {
    Text("why", 1, 2000, *request.mutable_why());
    Text("place", 0, 200, *request.mutable_place());
    Cases(request);
    Departments("department_ids", request.department_ids());
    Department("chair_department_id", request.chair_department_id());
    if (request.level() == v1::CONSULTATION_LEVEL_UNSPECIFIED ||
        !v1::ConsultationLevel_IsValid(request.level())) {
      violations_.Add("level", "LEVEL_REQUIRED", "the level is required", "必须填写会商层级");
    }
    const absl::Time at = TimeFrom(request.scheduled_at());
    if (!IsPlausibleTime(request.scheduled_at()) || at < now_ - kScheduleRange ||
        at > now_ + kScheduleRange) {
      violations_.Add("scheduled_at", "TIME_OUT_OF_RANGE", "from one year ago to one year ahead",
                      "会商时间须在前后一年之内");
    }
    std::string& previous = *request.mutable_previous_consultation_id();
    if (!previous.empty()) Identity("previous_consultation_id", previous);
  }

  void Check(v1::ConsultationAction& action) {
    using Sent = v1::ConsultationAction;
    switch (action.action_case()) {
      case Sent::kInvite:
        return Departments("action.invite.department_ids", action.invite().department_ids());
      case Sent::kAnswer:
        return Check(*action.mutable_answer());
      case Sent::kRecordPosition:
        Department("action.record_position.department_id", action.record_position().department_id());
        Identity("action.record_position.case_id", *action.mutable_record_position()->mutable_case_id());
        return Text("action.record_position.text", 1, 1000,
                    *action.mutable_record_position()->mutable_text());
      case Sent::kDecide:
        return Check(*action.mutable_decide());
      case Sent::kRecordMinutes:
        return Text("action.record_minutes.text", 1, 20000, *action.mutable_record_minutes()->mutable_text());
      case Sent::kSignMinutes:
        Known("action.sign_minutes.department_id", action.sign_minutes().department_id());
        return;
      case Sent::kReportTask:
        return Text("action.report_task.text", 1, 1000, *action.mutable_report_task()->mutable_text());
      case Sent::kCompleteTask:
        return Text("action.complete_task.outcome", 1, 2000,
                    *action.mutable_complete_task()->mutable_outcome());
      case Sent::kCancel:
        return Text("action.cancel.reason", 1, 500, *action.mutable_cancel()->mutable_reason());
      case Sent::ACTION_NOT_SET:
        violations_.Add("action", "ACTION_REQUIRED", "what to do is required", "必须填写操作");
        return;
    }
  }

 private:
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
    const std::optional<Uuid> id = rpc::ReadUuid(text, path, violations_);
    if (id.has_value()) text = id->ToString();
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

  void CountOf(const std::string& path, int count) {
    if (count >= 1 && count <= kMostAtOnce) return;
    violations_.Add(path, "OUT_OF_RANGE", absl::StrCat("1 to ", kMostAtOnce, " are required"),
                    absl::StrCat("须为1至", kMostAtOnce, "个"));
  }

  void Departments(const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& ids) {
    CountOf(path, ids.size());
    std::set<std::string> seen;
    for (int i = 0; i < std::min(ids.size(), kMostAtOnce); ++i) {
      const std::string place = absl::StrCat(path, "[", i, "]");
      Department(place, ids[i]);
      if (seen.insert(ids[i]).second) continue;
      violations_.Add(place, "DEPARTMENT_REPEATED", "this department is named twice", "部门重复");
    }
  }

  void Cases(v1::ConveneConsultationRequest& request) {
    CountOf("cases", request.cases_size());
    for (int i = 0; i < std::min(request.cases_size(), kMostAtOnce); ++i) {
      auto& named = *request.mutable_cases(i);
      const std::string path = absl::StrCat("cases[", i, "]");
      if (named.has_case_id()) {
        Identity(path + ".case_id", *named.mutable_case_id());
      } else if (named.has_issue_key()) {
        ReadIssueKey(named.issue_key(), path + ".issue_key", violations_);
      } else {
        violations_.Add(path, "CASE_REQUIRED", "name the case", "必须指定工单");
      }
    }
  }

  void Check(v1::ConsultationAction::Answer& answer) {
    Known("action.answer.department_id", answer.department_id());
    if (answer.has_decline()) {
      Text("action.answer.decline.reason", 1, 500, *answer.mutable_decline()->mutable_reason());
    } else if (answer.has_send_substitute()) {
      Department("action.answer.send_substitute.department_id", answer.send_substitute().department_id());
    } else if (!answer.has_accept()) {
      violations_.Add("action.answer", "ANSWER_REQUIRED", "accept, decline or send_substitute is required",
                      "须选择参会、不参会或由其他部门代为参会");
    }
  }

  void Check(v1::ConsultationAction::Decide& decide) {
    CountOf("action.decide.decisions", decide.decisions_size());
    for (int i = 0; i < std::min(decide.decisions_size(), kMostAtOnce); ++i) {
      Check(absl::StrCat("action.decide.decisions[", i, "]"), *decide.mutable_decisions(i));
    }
  }

  void Check(const std::string& path, v1::ConsultationAction::Decision& decision) {
    Text(path + ".text", 1, 1000, *decision.mutable_text());
    Department(path + ".owner_department_id", decision.owner_department_id());
    std::set<std::string> seen;
    for (int i = 0; i < decision.case_ids_size(); ++i) {
      const std::string place = absl::StrCat(path, ".case_ids[", i, "]");
      if (i >= kMostAtOnce) {
        violations_.Add(place, "OUT_OF_RANGE", "there are too many", "数量过多");
        break;
      }
      Identity(place, *decision.mutable_case_ids(i));
      if (seen.insert(decision.case_ids(i)).second) continue;
      violations_.Add(place, "CASE_REPEATED", "this case is named twice", "工单重复");
    }
    Term(path, decision);
  }

  void Term(const std::string& path, const v1::ConsultationAction::Decision& decision) {
    if (decision.has_working_days()) {
      if (decision.working_days() >= 1 && decision.working_days() <= kLongestTerm) return;
      violations_.Add(path + ".working_days", "OUT_OF_RANGE", absl::StrCat("1 to ", kLongestTerm),
                      absl::StrCat("须为1至", kLongestTerm, "个工作日"));
      return;
    }
    if (!decision.has_date()) {
      violations_.Add(path, "TERM_REQUIRED", "working_days or date is required", "必须填写完成时限");
      return;
    }
    const std::optional<absl::CivilDay> day = CivilDayFrom(decision.date());
    const absl::CivilDay latest(today_.year() + kMostYearsAhead, today_.month(), today_.day());
    if (!day.has_value()) {
      violations_.Add(path + ".date", "DATE_INVALID", "there is no such day", "日期无效");
    } else if (*day < today_ || *day > latest) {
      violations_.Add(path + ".date", "DATE_OUT_OF_RANGE",
                      absl::StrCat("from today to ", kMostYearsAhead, " years from now"),
                      absl::StrCat("须在今天至", kMostYearsAhead, "年之内"));
    }
  }

  const Directory& directory_;
  const absl::CivilDay today_;
  const absl::Time now_;
  rpc::Violations& violations_;
};

}  // namespace

void CheckConvening(v1::ConveneConsultationRequest& request, const Directory& directory, absl::Time now,
                    rpc::Violations& violations) {
  ConsultationChecker(directory, now, violations).Check(request);
}

void CheckConsultationAction(v1::ConsultationAction& action, const Directory& directory, absl::Time now,
                             rpc::Violations& violations) {
  ConsultationChecker(directory, now, violations).Check(action);
}

}  // namespace zhuqi::routing
