// Request ids for what is read from files: the same line gives the same id, so that playing a file again
// repeats nothing.
#ifndef ZHUQI_TOOLS_ZHUQICTL_REQUEST_IDS_H_
#define ZHUQI_TOOLS_ZHUQICTL_REQUEST_IDS_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zhuqi::ctl {

// A new id, for a call that somebody makes by hand.
std::string NewRequestId();

// Ids for the lines of one file. Two equal lines are two requests, so each gets an id of its own.
class LineIds {
 public:
  // `purpose` keeps the ids of different commands apart: "act". `at` is when the line's matter happened
  // (UnixEpoch when it does not say): ids that grow with time are cheaper to store.
  explicit LineIds(absl::string_view purpose) : purpose_(purpose) {}
  std::string Next(absl::string_view line, absl::Time at);

 private:
  const std::string purpose_;
  // By SHA-256 of the line.
  absl::flat_hash_map<std::string, int64_t> seen_;
};

// The id of an import: a pure function of the whole content of `input`, which is read to its end in constant
// memory, and of `variant` (what else decides how rows fall into chunks).
std::string ImportIdOf(std::istream& input, absl::string_view variant);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_REQUEST_IDS_H_
