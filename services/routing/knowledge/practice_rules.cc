#include "services/routing/knowledge/practice_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/text.h"
#include "services/routing/knowledge/search_text_rules.h"

namespace zhuqi::routing {
namespace {

using PracticeCase = v1::PracticeAction::ActionCase;

constexpr size_t kPracticeTitle = 200;
constexpr size_t kPracticeBody = 5000;
constexpr size_t kPracticeConditions = 2000;
constexpr size_t kPracticeNote = 500;
constexpr int kMostDistricts = 500;

// The state machine: what is not here is refused.
struct PracticeTransition {
  PracticeCase action;
  v1::PracticeState from;
  v1::PracticeState to;
};
constexpr PracticeTransition kPracticeTransitions[] = {
    {PracticeCase::kRevise, v1::PRACTICE_STATE_DRAFT, v1::PRACTICE_STATE_DRAFT},
    {PracticeCase::kRevise, v1::PRACTICE_STATE_PUBLISHED, v1::PRACTICE_STATE_PUBLISHED},
    {PracticeCase::kPublish, v1::PRACTICE_STATE_DRAFT, v1::PRACTICE_STATE_PUBLISHED},
    {PracticeCase::kPublish, v1::PRACTICE_STATE_RETIRED, v1::PRACTICE_STATE_PUBLISHED},
    {PracticeCase::kRetire, v1::PRACTICE_STATE_DRAFT, v1::PRACTICE_STATE_RETIRED},
    {PracticeCase::kRetire, v1::PRACTICE_STATE_PUBLISHED, v1::PRACTICE_STATE_RETIRED},
    {PracticeCase::kAdopt, v1::PRACTICE_STATE_PUBLISHED, v1::PRACTICE_STATE_PUBLISHED},
    {PracticeCase::kRate, v1::PRACTICE_STATE_PUBLISHED, v1::PRACTICE_STATE_PUBLISHED},
};

const char* PracticeActionName(PracticeCase action) {
  switch (action) {
    case PracticeCase::kRevise:
      return "revise";
    case PracticeCase::kPublish:
      return "publish";
    case PracticeCase::kRetire:
      return "retire";
    case PracticeCase::kAdopt:
      return "adopt";
    case PracticeCase::kRate:
      return "rate";
    default:
      return "";
  }
}

const PracticeTransition* FindPracticeTransition(PracticeCase action, v1::PracticeState from) {
  const auto* found = std::find_if(std::begin(kPracticeTransitions), std::end(kPracticeTransitions),
                                   [&](const PracticeTransition& transition) {
                                     return transition.action == action && transition.from == from;
                                   });
  return found == std::end(kPracticeTransitions) ? nullptr : found;
}

void CheckPracticeText(const std::string& field, size_t least, size_t most, std::string& text,
                       rpc::Violations& violations) {
  vocabulary::TextCheck check = vocabulary::CheckText(text);
  if (check.problem.has_value()) {
    violations.Add(field, vocabulary::ReasonName(*check.problem), "the text holds what is no text",
                   "文本含有无效字符");
    return;
  }
  text = std::move(check.normalized);
  const size_t length = vocabulary::CharacterCount(text);
  if (length < least) {
    violations.Add(field, "TEXT_REQUIRED", "a text is required", "必须填写");
  } else if (length > most) {
    violations.Add(field, "TEXT_TOO_LONG", absl::StrCat("at most ", most, " characters"),
                   absl::StrCat("不得超过", most, "个字符"));
  }
}

// Once each, in the order in which they came.
void AddDistrict(const Directory& directory, const std::string& org_unit_id, v1::Practice& practice) {
  const std::string district = directory.DistrictOf(org_unit_id);
  const auto& known = practice.solved_in_district_ids();
  if (known.size() >= kMostDistricts || std::find(known.begin(), known.end(), district) != known.end())
    return;
  practice.add_solved_in_district_ids(district);
}

// "1", "2" …: counts changes of content and state.
std::string NextEtag(const std::string& etag) {
  int64_t revision = 0;
  if (!absl::SimpleAtoi(etag, &revision)) revision = 0;
  return absl::StrCat(revision + 1);
}

void ShowAllowed(v1::Practice& practice) {
  practice.clear_allowed_actions();
  for (const std::string& name : AllowedPracticeActions(practice.state())) practice.add_allowed_actions(name);
}

absl::Status CheckResolved(const v1::AdoptPractice& adopt, const v1::Case* resolved,
                           const Directory& directory) {
  if (adopt.case_id().empty()) return absl::OkStatus();
  if (resolved == nullptr) {
    return rpc::Error(absl::StatusCode::kNotFound, "CASE_UNKNOWN", "there is no such case", "工单不存在");
  }
  if (!directory.IsInOrBelow(resolved->org_unit_id(), adopt.org_unit_id())) {
    rpc::Violations violations;
    violations.Add("action.adopt.case_id", "CASE_OF_ANOTHER_UNIT", "the case was raised in another unit",
                   "该工单不属于此机构");
    return violations.ToStatus();
  }
  if (resolved->outcome() == v1::OUTCOME_RESOLVED) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "CASE_NOT_RESOLVED",
                    "the enterprise has not said that this case is resolved", "该工单尚未经企业确认解决");
}

absl::Status Adopt(const PracticeActionInput& input, const Directory& directory, PracticeChange& change) {
  const v1::AdoptPractice& adopt = input.action.adopt();
  ZHUQI_RETURN_IF_ERROR(CheckResolved(adopt, input.resolved, directory));
  v1::PracticeAdoption& adoption = change.adoption.emplace();
  if (input.earlier_adoption.has_value()) {
    adoption = *input.earlier_adoption;
  } else {
    adoption.set_org_unit_id(adopt.org_unit_id());
    *adoption.mutable_adopted_at() = TimestampMessage(input.now);
    change.practice.set_adoption_count(change.practice.adoption_count() + 1);
  }
  adoption.set_adopted_by(input.actor);
  adoption.set_note(adopt.note());
  // What it once resolved stays resolved.
  if (!adopt.case_id().empty()) {
    adoption.set_case_id(adopt.case_id());
    AddDistrict(directory, adopt.org_unit_id(), change.practice);
  }
  return absl::OkStatus();
}

void Rate(const PracticeActionInput& input, v1::Practice& practice) {
  if (!input.earlier_stars.has_value()) practice.set_rating_count(practice.rating_count() + 1);
  practice.set_rating_stars(practice.rating_stars() + input.action.rate().stars() -
                            input.earlier_stars.value_or(0));
}

}  // namespace

void CheckPracticeContent(const std::string& field, bool may_be_empty, v1::PracticeContent& content,
                          rpc::Violations& violations) {
  const size_t least = may_be_empty ? 0 : 1;
  CheckPracticeText(field + ".title", least, kPracticeTitle, *content.mutable_title(), violations);
  CheckPracticeText(field + ".problem", least, kPracticeBody, *content.mutable_problem(), violations);
  CheckPracticeText(field + ".solution", least, kPracticeBody, *content.mutable_solution(), violations);
  CheckPracticeText(field + ".conditions", 0, kPracticeConditions, *content.mutable_conditions(), violations);
}

void CheckPracticeAction(const Directory& directory, v1::PracticeAction& action,
                         rpc::Violations& violations) {
  switch (action.action_case()) {
    case PracticeCase::kRevise:
      CheckPracticeContent("action.revise.content", false, *action.mutable_revise()->mutable_content(),
                           violations);
      break;
    case PracticeCase::kPublish:
      break;
    case PracticeCase::kRetire:
      CheckPracticeText("action.retire.reason", 1, kPracticeNote, *action.mutable_retire()->mutable_reason(),
                        violations);
      break;
    case PracticeCase::kAdopt: {
      v1::AdoptPractice& adopt = *action.mutable_adopt();
      CheckPracticeText("action.adopt.note", 0, kPracticeNote, *adopt.mutable_note(), violations);
      if (directory.FindUnit(adopt.org_unit_id()) == nullptr) {
        violations.Add("action.adopt.org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
      }
      if (!adopt.case_id().empty()) rpc::ReadUuid(adopt.case_id(), "action.adopt.case_id", violations);
      break;
    }
    case PracticeCase::kRate:
      if (action.rate().stars() < 1 || action.rate().stars() > 5) {
        violations.Add("action.rate.stars", "OUT_OF_RANGE", "1 to 5 stars", "评分须为 1 至 5 星");
      }
      break;
    default:
      violations.Add("action", "ACTION_REQUIRED", "say what to do", "必须指定操作");
  }
}

absl::StatusOr<v1::Practice> WriteUp(const v1::Case& solved, const std::string& solution,
                                     v1::PracticeContent content, const std::string& practice_id,
                                     const std::string& actor, absl::Time now, const Directory& directory) {
  if (solved.outcome() != v1::OUTCOME_RESOLVED && solved.outcome() != v1::OUTCOME_EXPLAINED) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "CASE_NOT_SOLVED",
                      "only a case that is resolved or explained can be written up",
                      "只有已解决或已答复的工单可以总结为经验");
  }
  // A practice goes to all units: what nobody may have read for it is taken without numbers of persons, and
  // the enterprise's own words, in which names stand, are not taken at all.
  const std::string title = WithoutPersonalNumbers(solved.issue().title());
  if (content.title().empty()) content.set_title(title);
  if (content.problem().empty()) content.set_problem(title);
  if (content.solution().empty()) content.set_solution(WithoutPersonalNumbers(solution));
  rpc::Violations violations;
  CheckPracticeContent("content", false, content, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  v1::Practice practice;
  practice.set_practice_id(practice_id);
  practice.set_case_id(solved.case_id());
  *practice.mutable_issue_key() = solved.issue_key();
  practice.set_org_unit_id(solved.org_unit_id());
  practice.set_category_id(solved.issue().category_id());
  *practice.mutable_content() = std::move(content);
  practice.set_state(v1::PRACTICE_STATE_DRAFT);
  practice.set_written_by(actor);
  *practice.mutable_written_at() = TimestampMessage(now);
  practice.set_etag(NextEtag(""));
  AddDistrict(directory, solved.org_unit_id(), practice);
  ShowAllowed(practice);
  return practice;
}

absl::StatusOr<PracticeChange> ActOnPractice(const v1::Practice& before, const PracticeActionInput& input,
                                             const Directory& directory) {
  const PracticeCase action = input.action.action_case();
  const PracticeTransition* transition = FindPracticeTransition(action, before.state());
  if (transition == nullptr) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
                      "this can not be done to the practice now", "当前状态下不能进行该操作",
                      {{"allowed", absl::StrJoin(AllowedPracticeActions(before.state()), ",")}});
  }
  PracticeChange change{before, std::nullopt};
  v1::Practice& practice = change.practice;
  practice.set_state(transition->to);
  if (action == PracticeCase::kRevise) *practice.mutable_content() = input.action.revise().content();
  if (action == PracticeCase::kPublish) *practice.mutable_published_at() = TimestampMessage(input.now);
  practice.set_retirement_reason(action == PracticeCase::kRetire ? input.action.retire().reason() : "");
  if (action == PracticeCase::kAdopt) ZHUQI_RETURN_IF_ERROR(Adopt(input, directory, change));
  if (action == PracticeCase::kRate) Rate(input, practice);
  if (action != PracticeCase::kAdopt && action != PracticeCase::kRate)
    practice.set_etag(NextEtag(before.etag()));
  ShowAllowed(practice);
  return change;
}

std::vector<std::string> AllowedPracticeActions(v1::PracticeState state) {
  std::vector<std::string> names;
  for (const PracticeCase action : {PracticeCase::kRevise, PracticeCase::kPublish, PracticeCase::kRetire,
                                    PracticeCase::kAdopt, PracticeCase::kRate}) {
    if (FindPracticeTransition(action, state) != nullptr) names.emplace_back(PracticeActionName(action));
  }
  return names;
}

}  // namespace zhuqi::routing
