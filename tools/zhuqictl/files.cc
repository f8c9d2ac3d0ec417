#include "tools/zhuqictl/files.h"

#include <filesystem>
#include <iostream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace zhuqi::ctl {
namespace {

constexpr int64_t kMaxWholeFileBytes = 64 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  auto input = std::make_unique<InputFile>();
  if (path == "-") {
    input->standard_input_ = true;
    return input;
  }
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  input->file_.open(path, std::ios::binary);
  if (error || !input->file_) return absl::NotFoundError(absl::StrCat("can not read ", path));
  input->size_ = static_cast<int64_t>(size);
  return input;
}

std::istream& InputFile::stream() { return standard_input_ ? std::cin : file_; }

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(path));
  if (input->size() > kMaxWholeFileBytes)
    return absl::InvalidArgumentError(absl::StrCat(path, " is over 64 MiB"));
  std::ostringstream content;
  content << input->stream().rdbuf();
  return std::move(content).str();
}

absl::Status ForEachLine(const std::string& path,
                         const std::function<absl::Status(int64_t number, absl::string_view line)>& each) {
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(path));
  std::string line;
  for (int64_t number = 1; std::getline(input->stream(), line); ++number) {
    absl::string_view text = absl::StripAsciiWhitespace(line);
    if (number == 1) absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
    if (text.empty()) continue;
    if (const absl::Status status = each(number, text); !status.ok())
      return absl::Status(status.code(), absl::StrCat(path, ":", number, ": ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::ctl
