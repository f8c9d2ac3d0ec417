#include "services/routing/cases/assistant_rules.h"

#include <algorithm>
#include <tuple>

#include "common/directory/date_message.h"
#include "services/routing/cases/case_actions.h"
#include "services/routing/cases/case_assignments.h"

namespace zhuqi::routing {
namespace {

using directory::v1::Department;
using directory::v1::Team;

constexpr int kCandidatesNamed = 20;

bool IsOpen(const Department* department) { return department != nullptr && !department->has_closed_on(); }

// Whether the directory marks it as giving assistance.
bool GivesAssistance(const Directory& directory, const Assistant& assistant) {
  const Department* department = directory.FindDepartment(assistant.department_id);
  if (!IsOpen(department)) return false;
  if (assistant.team_id.empty()) return department->gives_assistance();
  const Team* team = directory.FindTeam(assistant.team_id);
  return team != nullptr && team->gives_assistance() && !team->has_closed_on() &&
         team->department_id() == assistant.department_id;
}

std::vector<Assistant> AssistantsIn(const Directory& directory, const std::string& org_unit_id) {
  std::vector<Assistant> found;
  for (const Department* department : directory.DepartmentsOf(org_unit_id)) {
    const Assistant itself{department->department_id(), ""};
    if (GivesAssistance(directory, itself)) found.push_back(itself);
  }
  for (const auto& [id, team] : directory.teams()) {
    if (team.org_unit_id() != org_unit_id) continue;
    const Assistant of_team{team.department_id(), id};
    if (GivesAssistance(directory, of_team)) found.push_back(of_team);
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool IsAssistantNow(const v1::Assignment& part) {
  return part.role() == v1::ASSIGNMENT_ROLE_ASSISTANT && !part.has_until();
}

// A department has one part in a case; its teams have their own.
bool HasAnotherPart(const v1::Case& body, const Assistant& assistant) {
  if (!assistant.team_id.empty()) return false;
  const v1::Assignment* part = FindInForce(body, assistant.department_id);
  return part != nullptr && part->role() != v1::ASSIGNMENT_ROLE_ASSISTANT;
}

// The assistant becomes another one, and the decision says who it was.
void HandAssistanceTo(const Assistant& assistant, const calendar::WorkingCalendar& calendar, absl::Time at,
                      v1::Case& body, v1::AssistantDecision& decision) {
  for (v1::Assignment& part : *body.mutable_assignments()) {
    if (!IsAssistantNow(part)) continue;
    if (decision.former_department_id().empty()) {
      decision.set_former_department_id(part.department_id());
      decision.set_former_team_id(part.team_id());
    }
    EndAssignment(part, calendar, at);
  }
  AddAssignment(body, assistant.department_id, v1::ASSIGNMENT_ROLE_ASSISTANT, at);
  body.mutable_assignments()->rbegin()->set_team_id(assistant.team_id);
  decision.set_department_id(assistant.department_id);
  decision.set_team_id(assistant.team_id);
}

struct Candidate {
  int64_t open_cases;
  Assistant assistant;
};

// All members but the one that assists now and those that can not, fewest open cases first.
std::vector<Candidate> CandidatesIn(const AssistantPool& pool, const AssistantLoads& loads,
                                    const v1::Case& body) {
  const std::optional<Assistant> present = AssistantOf(body);
  std::vector<Candidate> candidates;
  for (const Assistant& member : pool.members) {
    if (member == present || HasAnotherPart(body, member)) continue;
    const auto load = loads.find(member);
    candidates.push_back({load == loads.end() ? 0 : load->second, member});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& left, const Candidate& right) {
    return std::tie(left.open_cases, left.assistant) < std::tie(right.open_cases, right.assistant);
  });
  return candidates;
}

}  // namespace

AssistantPool AssistantPoolFor(const Directory& directory, absl::string_view org_unit_id) {
  for (const directory::v1::OrgUnit* unit = directory.FindUnit(org_unit_id); unit != nullptr;
       unit = directory.FindUnit(unit->parent_id())) {
    AssistantPool pool{unit->org_unit_id(), AssistantsIn(directory, unit->org_unit_id())};
    if (!pool.members.empty()) return pool;
    if (unit->parent_id().empty()) break;
  }
  return {};
}

std::optional<Assistant> AssistantOf(const v1::Case& body) {
  const auto part = std::find_if(body.assignments().begin(), body.assignments().end(), IsAssistantNow);
  if (part == body.assignments().end()) return std::nullopt;
  return Assistant{part->department_id(), part->team_id()};
}

bool IsOpenPart(const v1::Assignment& part, const Directory& directory) {
  if (!IsOpen(directory.FindDepartment(part.department_id()))) return false;
  if (part.team_id().empty()) return true;
  const Team* team = directory.FindTeam(part.team_id());
  return team != nullptr && !team->has_closed_on();
}

bool IsAssisted(const v1::Case& body, const Directory& directory) {
  return std::any_of(body.assignments().begin(), body.assignments().end(), [&](const v1::Assignment& part) {
    return IsAssistantNow(part) && IsOpenPart(part, directory);
  });
}

bool AnotherCanAssist(const v1::Case& body, const Directory& directory) {
  return !CandidatesIn(AssistantPoolFor(directory, body.owner_org_unit_id()), {}, body).empty();
}

absl::Status GiveAssistant(const AssistantPool& pool, const AssistantLoads& loads, const Directory& directory,
                           CaseChange& change) {
  v1::Case& body = change.record.body;
  const std::vector<Candidate> candidates = CandidatesIn(pool, loads, body);
  if (candidates.empty() && change.event.action().has_hand_over_assistance()) {
    return Refuse("ASSISTANT_NOT_FOUND", "nobody else gives assistance in the accountable unit or above it",
                  "责任机构及上级没有其他可指派的帮办代办部门或队伍");
  }
  v1::AssistantDecision& decision = *change.event.mutable_assistant();
  decision.set_org_unit_id(pool.org_unit_id);
  decision.set_directory_sequence(directory.sequence());
  for (const Candidate& candidate : candidates) {
    if (decision.candidates_size() >= kCandidatesNamed) break;
    v1::AssistantCandidate& named = *decision.add_candidates();
    named.set_department_id(candidate.assistant.department_id);
    named.set_team_id(candidate.assistant.team_id);
    named.set_open_cases(static_cast<int32_t>(candidate.open_cases));
  }
  decision.set_omitted(static_cast<int32_t>(candidates.size()) - decision.candidates_size());
  change.wants_assistant = false;
  if (candidates.empty()) return absl::OkStatus();
  HandAssistanceTo(candidates.front().assistant, directory.calendar(), TimeFrom(change.event.occurred_at()),
                   body, decision);
  return absl::OkStatus();
}

absl::Status Apply(Step& step, const v1::HandOverAssistance& hand_over) {
  if (hand_over.department_id().empty()) {
    step.wants_assistant = true;
    return absl::OkStatus();
  }
  const Assistant named{hand_over.department_id(), hand_over.team_id()};
  if (!GivesAssistance(step.directory, named)) {
    return Refuse("NOT_AN_ASSISTANT", "the directory does not mark it as giving assistance",
                  "该部门或队伍不承担帮办代办");
  }
  if (AssistantOf(step.body()) == named || HasAnotherPart(step.body(), named)) {
    return Refuse("ALREADY_ASSIGNED", "it has a part in the case already", "该部门已承担此工单的职责");
  }
  v1::AssistantDecision& decision = step.assistant.emplace();
  decision.set_named(true);
  decision.set_directory_sequence(step.directory.sequence());
  HandAssistanceTo(named, step.calendar(), step.at(), step.body(), decision);
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
