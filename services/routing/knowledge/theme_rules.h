// What may be done to a theme: pure functions from a theme with its cases and what is done to it to the theme
// afterwards. Time, directory and what was read for them are arguments.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_RULES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_RULES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/theme.pb.h"

namespace zhuqi::routing {

// Of all standings. GetTheme shows them all.
inline constexpr size_t kMostThemeCases = 1000;

struct ThemeMember {
  v1::ThemeCaseStanding standing = v1::THEME_CASE_STANDING_MEMBER;
  double similarity = 0;
  absl::Time since;
  std::string by;
  friend bool operator==(const ThemeMember&, const ThemeMember&) = default;
};
using ThemeMembers = std::map<Uuid, ThemeMember>;

// A theme as it is kept: without counts, allowed actions and what depends on the day.
struct ThemeRecord {
  v1::Theme body;
  ThemeMembers members;
  // Of the last entry of its history.
  int64_t sequence = 0;
};

struct ThemeActionInput {
  // Checked by CheckThemeAction.
  v1::ThemeAction action;
  // Of add_cases and remove_cases: the cases that it names, and why some of them can be no members
  // (CheckMember).
  std::vector<Uuid> case_ids;
  std::map<Uuid, absl::Status> barred;
  std::string actor;
  absl::Time now;
  // For how long recurrence is counted after a fix.
  int recurrence_days = 180;
};

// FAILED_PRECONDITION CASE_WITHDRAWN, and CHILD_CASE: an issue that several departments answer is one case of
// a theme, by the parent.
absl::Status CheckMember(const v1::Case& body);

// The theme after anything but a merge. FAILED_PRECONDITION ILLEGAL_TRANSITION (metadata `allowed`),
// THEME_HAS_NO_CASES, FIX_REQUIRED, CAUSE_REQUIRED, TOO_MANY_CASES, CASE_NOT_IN_THEME, DUE_DAY_REQUIRED; what
// bars a case that is added.
absl::StatusOr<ThemeRecord> ActOnTheme(const ThemeRecord& before, const ThemeActionInput& input);

struct Merged {
  ThemeRecord source;
  ThemeRecord target;
  // Those that the target did not have.
  std::vector<Uuid> came_over;
};
// FAILED_PRECONDITION ILLEGAL_TRANSITION, MERGE_TARGET_ENDED, MERGE_WITH_ITSELF, TOO_MANY_CASES.
absl::StatusOr<Merged> MergeThemes(const ThemeRecord& source, const ThemeRecord& target,
                                   const ThemeActionInput& input);

// A proposal. `cases` as far as there is room.
ThemeRecord NewTheme(const std::string& theme_id, const v1::ThemeContent& content, const ThemeMembers& cases,
                     const std::string& actor, absl::Time now);

// True for all but REJECTED and MERGED: it takes cases.
bool IsLive(v1::ThemeState state);

// Names of the actions that are legal in a state, in the order of ThemeAction.
std::vector<std::string> AllowedThemeActions(v1::ThemeState state);

// "1", "2" …: counts changes.
std::string NextRevision(const std::string& etag);

// Fills in what a reader is shown and depends on state and day.
void FillTheme(v1::Theme& theme, absl::CivilDay today);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_RULES_H_
