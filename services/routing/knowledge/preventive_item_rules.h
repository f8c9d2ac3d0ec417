// Work in districts that have not complained yet: who gets it, and what may be done to it. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEM_RULES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEM_RULES_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/preventive_item.pb.h"
#include "zhuqi/routing/v1/theme.pb.h"

namespace zhuqi::routing {

// So many issues of an enterprise (empty: not known) in a unit.
struct RaisedIssues {
  std::string org_unit_id;
  std::string uscc;
  int cases = 0;
};
// Where issues were raised that concern a theme.
struct Concern {
  // By an enterprise that raised a member.
  std::vector<RaisedIssues> same_enterprise;
  // In the theme's category or below it.
  std::vector<RaisedIssues> same_category;
};

struct PreventionInput {
  v1::PreventInDistricts request;
  // Units in which members were raised.
  std::set<std::string> complained;
  // Districts that have an item already.
  std::set<std::string> asked;
  // When the request names no district.
  Concern concern;
  std::string actor;
  absl::Time now;
};

// The new items, by district. A closed district gets none.
std::vector<v1::PreventiveItem> NewItems(const v1::Theme& theme, const PreventionInput& input,
                                         const Directory& directory);

// `theme_ended`: the theme is rejected or merged. FAILED_PRECONDITION ILLEGAL_TRANSITION (metadata
// `allowed`), THEME_ENDED.
absl::StatusOr<v1::PreventiveItem> ActOnItem(const v1::PreventiveItem& before,
                                             const v1::PreventiveItemAction& action, bool theme_ended,
                                             const std::string& actor, absl::Time now);

// An item that is open, when its theme ends.
v1::PreventiveItem EndItem(const v1::PreventiveItem& before, const std::string& why, const std::string& actor,
                           absl::Time now);

std::vector<std::string> AllowedItemActions(v1::PreventiveItemState state);

// Fills in what a reader is shown and depends on state and day.
void FillItem(v1::PreventiveItem& item, absl::CivilDay today);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEM_RULES_H_
