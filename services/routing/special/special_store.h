// All SQL on what is followed to the end. The rows stand beside the cases and checklist items that they are
// of, to be listed; the truth is in those.
#ifndef ZHUQI_SERVICES_ROUTING_SPECIAL_SPECIAL_STORE_H_
#define ZHUQI_SERVICES_ROUTING_SPECIAL_SPECIAL_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "common/calendar/working_calendar.h"
#include "common/db/connection.h"
#include "services/routing/cases/day_range.h"
#include "zhuqi/routing/v1/special_item.pb.h"

namespace zhuqi::routing {

// One row; ordered by its key.
struct SpecialRow {
  // The case, with number 0, or the task force, with the item's number.
  Uuid holder;
  int32_t number = 0;
  // Followed, and neither closed nor settled.
  bool open = false;
  // Its special item is timed by the calendar in force.
  v1::SpecialItemRow row;
};
absl::Status WriteSpecialItems(db::Connection& connection, const std::vector<SpecialRow>& rows);

// Which of those that are still followed: what is absent or empty is not asked.
struct SpecialFilter {
  std::vector<std::string> org_unit_ids;  // any of these
  std::string follower_department_id;
  bool overdue = false;
  DayRange due;
};
// The place in the order of lists: the next report due first, then by key.
struct SpecialPlace {
  absl::CivilDay due_on;
  Uuid holder;
  int32_t number = 0;
};
struct ListedSpecial {
  v1::SpecialItemRow row;
  SpecialPlace place;
};
// At most `limit` that follow `after`.
absl::StatusOr<std::vector<ListedSpecial>> SelectSpecialItems(db::Connection& connection,
                                                              const SpecialFilter& filter,
                                                              const std::optional<SpecialPlace>& after,
                                                              absl::CivilDay today, int limit);

// Tables that keep due days beside their open rows, to filter and order by them; both have the columns
// is_open, counted_from, working_days (null: a fixed day), due_on, calendar_version and number.
struct DueTable {
  const char* name;
  const char* key;  // its first column
};
inline constexpr DueTable kSpecialItems = {"special_items", "holder_id"};
inline constexpr DueTable kChecklistItems = {"task_force_items", "task_force_id"};
// Works those due days out anew that are of an older calendar than `calendar`.
absl::Status RetimeDueDays(db::Connection& connection, const DueTable& table,
                           const calendar::WorkingCalendar& calendar);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_SPECIAL_SPECIAL_STORE_H_
