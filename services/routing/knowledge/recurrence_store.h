// All SQL on the days on which new cases of a theme are recurrence.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_STORE_H_

#include <map>
#include <set>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "services/routing/knowledge/recurrence_rules.h"

namespace zhuqi::routing {

// Replaces those of the theme.
absl::Status WriteRecurrenceSpans(db::Connection& connection, const Uuid& theme_id,
                                  const RecurrenceSpans& spans);

// Locks what the cases are in all themes until the transaction ends: of two themes that change at the same
// time for one case, the later one reads what the earlier one wrote. Call it with the themes locked, before
// anything of them is written.
absl::Status LockStandings(db::Connection& connection, const std::set<Uuid>& case_ids);

// The days of all themes that each case is a member of. Cases without any are absent.
absl::StatusOr<std::map<Uuid, RecurrenceSpans>> ReadRecurrenceSpans(db::Connection& connection,
                                                                    const std::set<Uuid>& case_ids);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_STORE_H_
