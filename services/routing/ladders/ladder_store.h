// All SQL on the next steps of escalation ladders: one row a case, read by what is due alone.
#ifndef ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_STORE_H_
#define ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_STORE_H_

#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"

namespace zhuqi::routing {

// When the next step of each case fires; nullopt: none will.
using NextSteps = std::map<Uuid, std::optional<absl::Time>>;

absl::Status WriteNextSteps(db::Connection& connection, const NextSteps& next_steps);

struct DueCase {
  Uuid case_id;
  absl::Time next_at;
};

// The statement of ReadDueCases, for the test of its plan.
inline constexpr char kReadDueCases[] =
    "SELECT case_id, next_at FROM case_ladders WHERE next_at <= ? ORDER BY next_at, case_id LIMIT ?";

// Cases with a step that is due at `now`, longest due first, at most `limit`.
absl::StatusOr<std::vector<DueCase>> ReadDueCases(db::Connection& connection, absl::Time now, int limit);
// How many there are, counted up to `limit`.
absl::StatusOr<int64_t> CountDueCases(db::Connection& connection, absl::Time now, int64_t limit);

// True: this transaction has the case, and nobody else until it ends; its next step is to be written anew.
// False: the step was fired or moved meanwhile. Waits for a transaction that has the case. Claim in the order
// of case_id.
absl::StatusOr<bool> ClaimDueCase(db::Connection& connection, const DueCase& due);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_STORE_H_
