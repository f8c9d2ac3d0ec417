// Files that the command line names.
#ifndef ZHUQI_TOOLS_ZHUQICTL_FILES_H_
#define ZHUQI_TOOLS_ZHUQICTL_FILES_H_

#include <cstdint>
#include <fstream>
#include <functional>
#include <istream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zhuqi::ctl {

// An open file, or standard input for "-".
class InputFile {
 public:
  // NOT_FOUND when it can not be opened.
  static absl::StatusOr<std::unique_ptr<InputFile>> Open(const std::string& path);
  std::istream& stream();
  // In bytes; 0 for standard input.
  int64_t size() const { return size_; }

 private:
  std::ifstream file_;
  bool standard_input_ = false;
  int64_t size_ = 0;
};

// The whole content, at most 64 MiB.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Calls `each(number, line)` for every line that is not empty; numbers are those of an editor. Stops at the
// first error, to which file and line are added.
absl::Status ForEachLine(const std::string& path,
                         const std::function<absl::Status(int64_t number, absl::string_view line)>& each);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_FILES_H_
