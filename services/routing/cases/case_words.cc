#include "services/routing/cases/case_words.h"

namespace zhuqi::routing {

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

BothLanguages Said(const char* chinese, const char* english, const std::string& text) {
  if (text.empty()) return {chinese, english};
  return {absl::StrCat(chinese, "：", text), absl::StrCat(english, ": ", text)};
}

std::string DirectoryNames::Department(const std::string& id) const {
  const directory::v1::Department* found = directory_.FindDepartment(id);
  return found == nullptr || found->name().empty() ? id : found->name();
}

std::string DirectoryNames::Unit(const std::string& id) const {
  const directory::v1::OrgUnit* found = directory_.FindUnit(id);
  return found == nullptr || found->name().empty() ? id : found->name();
}

std::string DirectoryNames::Assistant(const std::string& department_id, const std::string& team_id) const {
  if (team_id.empty()) return Department(department_id);
  const directory::v1::Team* found = directory_.FindTeam(team_id);
  return found == nullptr || found->name().empty() ? team_id : found->name();
}

}  // namespace zhuqi::routing
