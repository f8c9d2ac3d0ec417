// What the body of a transaction comes to when it may refuse.
#ifndef ZHUQI_COMMON_DB_CHANGE_OUTCOME_H_
#define ZHUQI_COMMON_DB_CHANGE_OUTCOME_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zhuqi::db {

// The answer, or why the change is refused. Apart from the transaction's own status, by which it runs again:
// a refusal that is ABORTED to the caller (an etag that no longer stands) would be the same each time. Who
// refuses has written nothing.
template <typename Response>
struct ChangeOutcome {
  absl::Status refusal;
  Response response;

  static ChangeOutcome Of(absl::StatusOr<Response> answer) {
    if (!answer.ok()) return {std::move(answer).status(), Response()};
    return {absl::OkStatus(), *std::move(answer)};
  }

  absl::StatusOr<Response> ToStatusOr() && {
    if (!refusal.ok()) return std::move(refusal);
    return std::move(response);
  }
};

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_CHANGE_OUTCOME_H_
