// Many calls from a file: in order where order matters, at once where it does not.
#ifndef ZHUQI_TOOLS_ZHUQICTL_BULK_H_
#define ZHUQI_TOOLS_ZHUQICTL_BULK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/zhuqictl/progress.h"

namespace zhuqi::ctl {

struct BulkItem {
  // Line of the file.
  int64_t line = 0;
  // Items of one lane run one after the other in the order of the file; lanes run side by side. After a
  // failure the rest of its lane is not tried: it was meant for what should have been by then.
  std::string lane;
  // Gives the consistency token. Called from any thread, and again after a failure that passes.
  std::function<absl::StatusOr<std::string>()> run;
};

struct BulkFailure {
  int64_t line = 0;
  absl::Status status;
  // Lines of the same lane that were not tried because of it.
  int64_t not_tried = 0;
};

struct BulkResult {
  int64_t done = 0;
  int64_t not_tried = 0;
  // In the order of the lines.
  std::vector<BulkFailure> failures;
  // Covers everything that was done.
  std::string token;
};

// `in_flight` lanes at once, at least 1. A service that is away is waited for up to two minutes for each
// item.
BulkResult RunBulk(std::vector<BulkItem> items, int in_flight, Progress& progress);

// The result for people or scripts on standard output, failures on standard error; gives the exit code.
int ShowBulkResult(const BulkResult& result, bool json);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_BULK_H_
