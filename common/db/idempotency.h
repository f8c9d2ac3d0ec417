// First answers of mutations, by request id. The table idempotency_keys is each service's own (README.md has
// its DDL).
#ifndef ZHUQI_COMMON_DB_IDEMPOTENCY_H_
#define ZHUQI_COMMON_DB_IDEMPOTENCY_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"

namespace zhuqi::db {

struct RememberedAnswer {
  // SHA-256 of the request's body, 32 bytes: another digest under the same id is a reused id.
  std::string digest;
  // The serialized response.
  std::string response;
};

struct AnswerToRemember {
  Uuid request_id;
  // At most 64 characters, "RecordService.SubmitVisits".
  std::string method;
  std::string digest;
  std::string response;
  absl::Time recorded_at;
};

// The answers given before to any of `request_ids`; absent ones are new.
absl::StatusOr<absl::flat_hash_map<Uuid, RememberedAnswer>> FindAnswers(Transaction& transaction,
                                                                        absl::Span<const Uuid> request_ids);

// Aborted when one of the ids has been stored meanwhile by another transaction: RunTransaction then runs the
// body again, which finds that answer. Ids must differ from each other.
absl::Status StoreAnswers(Transaction& transaction, absl::Span<const AnswerToRemember> answers);

// Deletes at most `limit` answers recorded before `before`; returns how many.
absl::StatusOr<int64_t> PurgeAnswers(Connection& connection, absl::Time before, int limit);

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_IDEMPOTENCY_H_
