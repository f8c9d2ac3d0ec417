// Errors as callers of the API see them: an absl::Status whose payloads are the google.rpc error details.
// Free of gRPC, so that rules and stores can make such errors. grpc_status.h turns them into grpc::Status.
//
//   return rpc::Error(absl::StatusCode::kNotFound, "CASE_NOT_FOUND", "no such case", "事项不存在",
//   {{"case_id", id}});
#ifndef ZHUQI_COMMON_RPC_ERRORS_H_
#define ZHUQI_COMMON_RPC_ERRORS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace zhuqi::rpc {

// The longest status message, in bytes. Longer ones are cut: a message of 20 KB does not reach the caller at
// all.
inline constexpr std::size_t kMaxStatusMessageBytes = 1000;
// The most field violations one status carries; the metadata "violations_omitted" counts the rest.
inline constexpr std::size_t kMaxViolations = 50;

// `text` cut to at most `max_bytes`, never inside a UTF-8 sequence. Invalid UTF-8 becomes '?'.
std::string BoundedText(absl::string_view text, std::size_t max_bytes = kMaxStatusMessageBytes);

// A status with ErrorInfo{reason, domain "zhuqi", metadata} and LocalizedMessage zh-CN. `reason` is
// UPPER_SNAKE and stable: clients branch on it. `chinese` may be empty: then there is no LocalizedMessage.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view english,
                   absl::string_view chinese, std::map<std::string, std::string> metadata = {});

// One thing wrong with one field of a request.
struct Violation {
  std::string field_path;  // the full path: "records[3].issue.enterprise.uscc"
  std::string reason;      // UPPER_SNAKE
  std::string english;
  std::string chinese;
};

// Collects everything that is wrong with a request, so that a caller can mend it in one go.
class Violations {
 public:
  void Add(std::string field_path, absl::string_view reason, std::string english, std::string chinese);
  bool empty() const { return list_.empty(); }
  const std::vector<Violation>& list() const { return list_; }
  // OK when empty. Else INVALID_ARGUMENT with the first violation's reason and a BadRequest of the first
  // kMaxViolations; each description reads "REASON: english".
  absl::Status ToStatus() const;

 private:
  std::vector<Violation> list_;
};

// `status` with RetryInfo: the caller may try again after `delay`. An OK status stays OK.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// ErrorInfo.reason, or "" when the status has none.
std::string ReasonOf(const absl::Status& status);
// The details a status carries; nullopt when it carries none of that kind.
std::optional<google::rpc::ErrorInfo> ErrorInfoOf(const absl::Status& status);
std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status);
std::optional<google::rpc::LocalizedMessage> LocalizedMessageOf(const absl::Status& status);
// RetryInfo's delay.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// The wire form, for rows of bulk answers and for grpc::Status; the message is bounded. And back: details of
// any type are kept.
google::rpc::Status ToRpcStatus(const absl::Status& status);
absl::Status FromRpcStatus(const google::rpc::Status& status);

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_ERRORS_H_
