#include "services/intake/directory/field_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/vocabulary/text.h"

namespace zhuqi::intake {

bool IsIdentifier(absl::string_view text, std::size_t max, absl::string_view others, bool digits) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || (digits && absl::ascii_isdigit(byte)) ||
           others.find(c) != absl::string_view::npos;
  });
}

void CheckText(std::string& text, const std::string& path, std::size_t max, bool required,
               rpc::Violations& violations) {
  vocabulary::TextCheck check = vocabulary::CheckText(text);
  if (check.problem.has_value()) {
    violations.Add(path, vocabulary::ReasonName(*check.problem),
                   "the text is not valid UTF-8 or holds control characters",
                   "文本不是有效的 UTF-8，或含有控制字符");
    return;
  }
  text = std::move(check.normalized);
  if (required && text.empty()) violations.Add(path, "REQUIRED", "must not be empty", "不能为空");
  if (text.size() > max && vocabulary::CharacterCount(text) > max) {
    violations.Add(path, "TEXT_TOO_LONG", absl::StrCat("must be at most ", max, " characters"),
                   absl::StrCat("最多 ", max, " 个字"));
  }
}

}  // namespace zhuqi::intake
