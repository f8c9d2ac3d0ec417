// Many actions in one call: a result each, and an answer of bounded size. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_BULK_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_BULK_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

inline constexpr int kMaximumActions = 200;

// INVALID_ARGUMENT ACTIONS_OUT_OF_RANGE, REQUEST_ID_REPEATED.
absl::Status CheckBulk(const v1::ActOnCasesRequest& request);

// The answer to the actions that came to these outcomes, in their order.
v1::ActOnCasesResponse BulkAnswer(std::vector<absl::StatusOr<v1::ActOnCaseResponse>> outcomes);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_BULK_H_
