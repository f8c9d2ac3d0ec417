#include "common/db/idempotency.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"

namespace zhuqi::db {

absl::StatusOr<absl::flat_hash_map<Uuid, RememberedAnswer>> FindAnswers(Transaction& transaction,
                                                                        absl::Span<const Uuid> request_ids) {
  std::vector<Values> keys;
  keys.reserve(request_ids.size());
  for (const Uuid& id : request_ids) keys.push_back({id});
  absl::flat_hash_map<Uuid, RememberedAnswer> found;
  ZHUQI_RETURN_IF_ERROR(
      SelectByKeys(transaction.connection(),
                   "SELECT request_id, body_digest, response FROM idempotency_keys WHERE request_id IN", 1,
                   keys, [&found](Row& row) {
                     found.insert_or_assign(row.ReadUuid(0), RememberedAnswer{row.Text(1), row.Text(2)});
                     return absl::OkStatus();
                   }));
  return found;
}

absl::Status StoreAnswers(Transaction& transaction, absl::Span<const AnswerToRemember> answers) {
  std::vector<const AnswerToRemember*> sorted;
  sorted.reserve(answers.size());
  for (const AnswerToRemember& answer : answers) sorted.push_back(&answer);
  std::sort(sorted.begin(), sorted.end(), [](const AnswerToRemember* left, const AnswerToRemember* right) {
    return left->request_id < right->request_id;
  });
  MultiRowInsert insert("idempotency_keys",
                        {"request_id", "method", "body_digest", "response", "recorded_at"});
  for (const AnswerToRemember* answer : sorted) {
    insert.Add({answer->request_id, answer->method, answer->digest, answer->response, answer->recorded_at});
  }
  const absl::Status status = insert.Run(transaction.connection()).status();
  if (DuplicateKey(status)) return absl::AbortedError("a request id was answered by another transaction");
  return status;
}

absl::StatusOr<int64_t> PurgeAnswers(Connection& connection, absl::Time before, int limit) {
  return connection.Execute(
      "DELETE FROM idempotency_keys WHERE recorded_at < ? ORDER BY recorded_at, request_id LIMIT ?",
      {before, limit});
}

}  // namespace zhuqi::db
