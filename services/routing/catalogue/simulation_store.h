// SQL of simulations: cases of the past, page by page.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_SIMULATION_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_SIMULATION_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// The place of a case among those replayed: newest receipt first, then by identity.
struct ReplayPlace {
  absl::Time received_at;
  Uuid case_id;
};

// Receipts from `first` until before `end`; an absent end does not bound.
struct ReplaySpan {
  std::optional<absl::Time> first;
  std::optional<absl::Time> end;
};

// Calls `take` with each of at most `limit` cases that follow `after`. A case whose issue is withdrawn is
// left out: it counts nowhere.
absl::Status ReadPastCases(db::Connection& connection, const ReplaySpan& span,
                           const std::optional<ReplayPlace>& after, int limit,
                           absl::FunctionRef<void(const ReplayPlace&, v1::Case)> take);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_SIMULATION_STORE_H_
