// How zhuqictl tells people and scripts what went wrong.
#ifndef ZHUQI_TOOLS_ZHUQICTL_FAILURE_H_
#define ZHUQI_TOOLS_ZHUQICTL_FAILURE_H_

#include <string>

#include "absl/status/status.h"

namespace zhuqi::ctl {

// The exit code that `status` stands for: unreachable, or refused. OK is 0.
int ExitCodeOf(const absl::Status& status);

// For people: code, reason and message in English and Chinese, every field that is wrong, what is allowed
// now, when to try again. Ends with a line end.
std::string DescribeFailure(const absl::Status& status);
// For scripts: the google.rpc.Status on one line of JSON.
std::string FailureJson(const absl::Status& status);
// On one line, for lists of failures.
std::string FailureInShort(const absl::Status& status);

// True for what a later try may mend: the service is away, or has too much to do.
bool IsPassing(const absl::Status& status);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_FAILURE_H_
