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

// Locks the rows of those cases until the transaction ends: whoever changes a case writes this row first, so
// what is read of them after it stays as it is. Sorted by case_id.
absl::Status LockNextSteps(db::Connection& connection, const std::vector<Uuid>& case_ids);

// How long a case that could not be written waits for the next attempt: a minute, then twice as long each
// time, up to six hours.
absl::Duration PauseAfter(int64_t failures);

// In a transaction of its own: the case is to be looked at again after the pause that its failures have
// earned. `seen_at`: only if its row still says so; absent: whatever it says, and also when it has none.
absl::Status PutOff(db::Connection& connection, const Uuid& case_id, std::optional<absl::Time> seen_at,
                    absl::Time now);

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
