// Reads what happened to cases out of routing's own log.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCH_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCH_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_watch_cursor.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

// What is empty is not asked.
struct WatchFilter {
  std::string org_unit_id;
  std::string department_id;
};

// A change of a case with all that is asked of it, made once however many watch.
struct WatchedChange {
  common::v1::FeedPosition place;
  v1::CaseUpdate update;
  // Where the issue was raised before the change. Empty: the case is new.
  std::string former_org_unit_id;
  // Departments that have a part in the case, or had one until the change or longer.
  std::vector<std::string> department_ids;
};

// Before the change or after it: who loses a case is told, too.
bool LetsThrough(const WatchFilter& filter, const WatchedChange& change, const Directory& directory);

// The changes of cases in a stretch of one partition, and the last event of the stretch.
struct WatchStretch {
  std::vector<std::shared_ptr<const WatchedChange>> changes;
  common::v1::FeedPosition last;
};

// Where the log ends now. Asks the database and not the tail, which may be a moment behind.
absl::StatusOr<WatchPlaces> ReadWatchPlaces(db::Connection& connection);

// Of at most `limit` events after `after` up to `head`, of which there is at least one, those that `filter`
// lets through.
absl::StatusOr<WatchStretch> ReadWatchStretch(db::Connection& connection,
                                              const common::v1::FeedPosition& after, int64_t head, int limit,
                                              const WatchFilter& filter, const Directory& directory);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCH_STORE_H_
