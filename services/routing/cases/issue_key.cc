#include "services/routing/cases/issue_key.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kLongestSourceSystem = 64;
constexpr size_t kLongestExternalId = 128;

}  // namespace

bool IsVisibleAscii(absl::string_view text, size_t most) {
  return text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

IssueKey ReadIssueKey(const common::v1::SourceKey& key, absl::string_view path, rpc::Violations& violations) {
  if (key.source_system().empty() || !IsVisibleAscii(key.source_system(), kLongestSourceSystem)) {
    violations.Add(absl::StrCat(path, ".source_system"), "SOURCE_SYSTEM_INVALID",
                   "source_system must be 1 to 64 of a-z, 0-9, '.', '_' and '-'",
                   "来源系统名须为 1 至 64 个小写字母、数字、点、下划线或连字符");
  }
  if (key.external_id().empty() || !IsVisibleAscii(key.external_id(), kLongestExternalId)) {
    violations.Add(absl::StrCat(path, ".external_id"), "EXTERNAL_ID_INVALID",
                   "external_id must be 1 to 128 printable ASCII characters without spaces",
                   "外部编号须为 1 至 128 个可见 ASCII 字符，不含空格");
  }
  return {key.source_system(), key.external_id()};
}

}  // namespace zhuqi::routing
