#include "tools/zhuqictl/failure.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/json_text.h"

namespace zhuqi::ctl {
namespace {

std::string CodeName(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) return kExitUnreachable;
  return kExitRefused;
}

bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

std::string DescribeFailure(const absl::Status& status) {
  const std::string reason = rpc::ReasonOf(status);
  std::string text = absl::StrCat("zhuqictl: ", CodeName(status), reason.empty() ? "" : " ", reason, ": ",
                                  status.message(), "\n");
  if (const auto localized = rpc::LocalizedMessageOf(status))
    absl::StrAppend(&text, "  ", localized->message(), "\n");
  if (const auto request = rpc::BadRequestOf(status)) {
    for (const auto& violation : request->field_violations())
      absl::StrAppend(&text, "  ", violation.field(), "  ", violation.description(), "\n");
  }
  if (const auto info = rpc::ErrorInfoOf(status)) {
    for (const auto& [key, value] : info->metadata()) absl::StrAppend(&text, "  ", key, " = ", value, "\n");
  }
  if (const std::optional<absl::Duration> delay = rpc::RetryAfterOf(status))
    absl::StrAppend(&text, "  try again after ", absl::FormatDuration(*delay), "\n");
  return text;
}

std::string FailureJson(const absl::Status& status) { return ToJsonLine(rpc::ToRpcStatus(status)); }

std::string FailureInShort(const absl::Status& status) {
  const std::string reason = rpc::ReasonOf(status);
  std::string text = absl::StrCat(reason.empty() ? CodeName(status) : reason, ": ", status.message());
  if (const auto localized = rpc::LocalizedMessageOf(status))
    absl::StrAppend(&text, " / ", localized->message());
  if (const auto info = rpc::ErrorInfoOf(status)) {
    if (const auto allowed = info->metadata().find("allowed"); allowed != info->metadata().end())
      absl::StrAppend(&text, " (allowed now: ", allowed->second, ")");
  }
  return text;
}

}  // namespace zhuqi::ctl
