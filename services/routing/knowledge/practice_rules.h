// What may be done to a practice: pure functions from a practice and what is done to it to the practice
// afterwards. Time, directory and what was read for them are arguments.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICE_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/practice.pb.h"

namespace zhuqi::routing {

// Puts texts in their stored form and says what is wrong, below the path `field`. With `may_be_empty` what is
// left empty is filled in later.
void CheckPracticeContent(const std::string& field, bool may_be_empty, v1::PracticeContent& content,
                          rpc::Violations& violations);
// The same for an action, below "action".
void CheckPracticeAction(const Directory& directory, v1::PracticeAction& action, rpc::Violations& violations);

// The draft from a solved case. FAILED_PRECONDITION CASE_NOT_SOLVED; INVALID_ARGUMENT when a text is neither
// given nor in the case.
absl::StatusOr<v1::Practice> WriteUp(const v1::Case& solved, const std::string& solution,
                                     v1::PracticeContent content, const std::string& practice_id,
                                     const std::string& actor, absl::Time now, const Directory& directory);

// What an action needs to know beside the practice.
struct PracticeActionInput {
  // Checked by CheckPracticeAction.
  v1::PracticeAction action;
  std::string actor;
  absl::Time now;
  // Of adopt: the case that it names; null when there is none.
  const v1::Case* resolved = nullptr;
  // Of adopt: what the unit said before. Of rate: the stars that the actor gave before.
  std::optional<v1::PracticeAdoption> earlier_adoption;
  std::optional<int32_t> earlier_stars;
};

struct PracticeChange {
  v1::Practice practice;
  // Of adopt.
  std::optional<v1::PracticeAdoption> adoption;
};

// FAILED_PRECONDITION ILLEGAL_TRANSITION (metadata `allowed`), CASE_NOT_RESOLVED; NOT_FOUND CASE_UNKNOWN;
// INVALID_ARGUMENT CASE_OF_ANOTHER_UNIT.
absl::StatusOr<PracticeChange> ActOnPractice(const v1::Practice& before, const PracticeActionInput& input,
                                             const Directory& directory);

// Names of the actions that are legal in a state, in the order of PracticeAction.
std::vector<std::string> AllowedPracticeActions(v1::PracticeState state);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICE_RULES_H_
