// Repeated requests within a batch of mutations: the first answer stands. Used at the start and the end of
// the body of a group commit, around the rules and the writes of its own.
//
//   ZHUQI_ASSIGN_OR_RETURN(FirstAnswers answers, FirstAnswers::Load(transaction, ids));
//   for (each entry) if (answers.IsNew(id)) { rules … }
//   … writes, feed::Append, tokens …
//   for (each new entry) answers.Remember(id, method, digest, response);
//   ZHUQI_RETURN_IF_ERROR(answers.Store(transaction, now));
//   for (each entry) entry.outcome = answers.Answer<Response>(id, digest);
#ifndef ZHUQI_COMMON_FEED_FIRST_ANSWERS_H_
#define ZHUQI_COMMON_FEED_FIRST_ANSWERS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/uuid.h"
#include "common/db/idempotency.h"
#include "google/protobuf/message_lite.h"

namespace zhuqi::feed {

class FirstAnswers {
 public:
  // Reads what was answered before to any of `request_ids`, which may repeat.
  static absl::StatusOr<FirstAnswers> Load(db::Transaction& transaction, absl::Span<const Uuid> request_ids);

  // True for the first entry of a request that was not answered before: its work is to be done now. False for
  // a repetition, within the batch or of an earlier one: only Answer is to be asked, at the end.
  bool IsNew(const Uuid& request_id);

  // The answer to a request whose work was done now.
  void Remember(const Uuid& request_id, absl::string_view method, absl::string_view digest,
                std::string response, absl::Time now);
  // Writes what was remembered. Aborted when another replica was first.
  absl::Status Store(db::Transaction& transaction);

  // The first answer to `request_id`; InvalidArgument REQUEST_ID_REUSED when that was to another body.
  template <typename Response>
  absl::StatusOr<Response> Answer(const Uuid& request_id, absl::string_view digest) const {
    Response response;
    const absl::Status status = Parse(request_id, digest, response);
    if (!status.ok()) return status;
    return response;
  }

 private:
  absl::Status Parse(const Uuid& request_id, absl::string_view digest,
                     google::protobuf::MessageLite& response) const;

  absl::flat_hash_map<Uuid, db::RememberedAnswer> answers_;
  absl::flat_hash_set<Uuid> begun_;
  std::vector<db::AnswerToRemember> new_answers_;
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_FIRST_ANSWERS_H_
