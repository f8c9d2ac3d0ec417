#include "common/feed/first_answers.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/errors.h"

namespace zhuqi::feed {

absl::StatusOr<FirstAnswers> FirstAnswers::Load(db::Transaction& transaction,
                                                absl::Span<const Uuid> request_ids) {
  FirstAnswers answers;
  ZHUQI_ASSIGN_OR_RETURN(answers.answers_, db::FindAnswers(transaction, request_ids));
  return answers;
}

bool FirstAnswers::IsNew(const Uuid& request_id) {
  return !answers_.contains(request_id) && begun_.insert(request_id).second;
}

void FirstAnswers::Remember(const Uuid& request_id, absl::string_view method, absl::string_view digest,
                            std::string response, absl::Time now) {
  answers_[request_id] = {std::string(digest), response};
  new_answers_.push_back({request_id, std::string(method), std::string(digest), std::move(response), now});
}

absl::Status FirstAnswers::Store(db::Transaction& transaction) {
  std::sort(new_answers_.begin(), new_answers_.end(),
            [](const auto& left, const auto& right) { return left.request_id < right.request_id; });
  return db::StoreAnswers(transaction, new_answers_);
}

absl::Status FirstAnswers::Parse(const Uuid& request_id, absl::string_view digest,
                                 google::protobuf::MessageLite& response) const {
  const auto found = answers_.find(request_id);
  if (found == answers_.end()) {
    // The first entry with this id was refused for its own sake, and so is its repetition.
    return absl::AbortedError("the first request with this id was refused; send it again");
  }
  if (found->second.digest != digest) {
    rpc::Violations violations;
    violations.Add("request_id", "REQUEST_ID_REUSED",
                   "this request_id was used for a request with another content",
                   "该 request_id 已用于内容不同的请求");
    return violations.ToStatus();
  }
  if (!response.ParseFromString(found->second.response)) {
    return absl::DataLossError("a remembered answer can not be read");
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::feed
