// Who helps an enterprise the whole way (帮办代办): of the departments and teams that the directory marks so,
// the one that has the fewest open cases. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_ASSISTANT_RULES_H_
#define ZHUQI_SERVICES_ROUTING_CASES_ASSISTANT_RULES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_rules.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

struct Assistant {
  std::string department_id;
  // Empty: the department itself.
  std::string team_id;
  friend bool operator==(const Assistant&, const Assistant&) = default;
  friend bool operator<(const Assistant& a, const Assistant& b) {
    return std::tie(a.department_id, a.team_id) < std::tie(b.department_id, b.team_id);
  }
};

// How many open cases each assists in; who is not named assists in none.
using AssistantLoads = std::map<Assistant, int64_t>;

// All that give assistance in one unit.
struct AssistantPool {
  // Empty: nobody does, there or above.
  std::string org_unit_id;
  // In the order of department and team.
  std::vector<Assistant> members;
};

// Those of the unit, or else of the nearest above it that has any.
AssistantPool AssistantPoolFor(const Directory& directory, absl::string_view org_unit_id);

// Who assists in the case now. Of several that people appointed, the first.
std::optional<Assistant> AssistantOf(const v1::Case& body);

// Whether the part's department, and its team if it is a team's, are there still.
bool IsOpenPart(const v1::Assignment& part, const Directory& directory);
// Whether somebody who is there still assists in the case.
bool IsAssisted(const v1::Case& body, const Directory& directory);
// Whether anybody but the one that assists now could be chosen.
bool AnotherCanAssist(const v1::Case& body, const Directory& directory);

// Gives the case that `change` leaves the member of `pool` with the fewest open cases; whoever assisted hands
// over. The entry says who could have been chosen and why it is this one. When there is nobody, the entry
// says so; an action that asked for another one is refused: FAILED_PRECONDITION ASSISTANT_NOT_FOUND.
absl::Status GiveAssistant(const AssistantPool& pool, const AssistantLoads& loads, const Directory& directory,
                           CaseChange& change);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_ASSISTANT_RULES_H_
