// All SQL on preventive work items, and on where issues were raised that a theme concerns.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEM_STORE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEM_STORE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "services/routing/knowledge/preventive_item_rules.h"
#include "zhuqi/routing/v1/preventive_item.pb.h"

namespace zhuqi::routing {

absl::Status WriteItems(db::Connection& connection, const std::vector<v1::PreventiveItem>& items);

// With the title of their theme. By district.
absl::StatusOr<std::vector<v1::PreventiveItem>> ReadItems(db::Connection& connection, const Uuid& theme_id);

// How many items of each theme are open. Themes without one are absent.
absl::StatusOr<std::map<Uuid, int>> CountOpenItems(db::Connection& connection,
                                                   const std::vector<Uuid>& theme_ids);

// Which items to list: what is absent or empty is not asked.
struct ItemFilter {
  int state = 0;
  std::vector<std::string> org_unit_ids;
  std::optional<Uuid> theme_id;
  // Open, and due before this day.
  std::optional<absl::CivilDay> overdue_on;
};
struct ItemPlace {
  absl::CivilDay due_on;
  Uuid theme_id;
  std::string org_unit_id;
};
// At most `limit` after `after`: by due day, theme and district; with the title of their theme.
absl::StatusOr<std::vector<v1::PreventiveItem>> SelectItems(db::Connection& connection,
                                                            const ItemFilter& filter,
                                                            const std::optional<ItemPlace>& after, int limit);

// Fills in cases_since of the items, for districts with all that is below them.
absl::Status CountCasesSince(db::Connection& connection, const Directory& directory,
                             std::vector<v1::PreventiveItem>& items);

// Where issues were raised: of a theme's members, by their enterprises, and in its category since `since`.
// Asks the cases by their day of receipt alone, for a second in a large city: somebody confirms a theme now
// and then, and an index by category would be paid for with every write of a case.
absl::StatusOr<std::set<std::string>> ReadUnitsOfMembers(db::Connection& connection, const Uuid& theme_id);
absl::StatusOr<Concern> ReadConcern(db::Connection& connection, const v1::Theme& theme, absl::Time since);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEM_STORE_H_
