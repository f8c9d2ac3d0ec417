#include "common/rpc/errors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace zhuqi::rpc {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";

template <class Detail>
std::string TypeUrl() {
  return absl::StrCat(kTypePrefix, Detail::descriptor()->full_name());
}

template <class Detail>
void SetDetail(const Detail& detail, absl::Status* status) {
  status->SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

template <class Detail>
std::optional<Detail> GetDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

// Bytes of the UTF-8 sequence at the begin of `text`, by its first byte and the presence of continuation
// bytes; 0 when it is none. Exact enough for text to be cut and shown.
std::size_t SequenceLength(absl::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  std::size_t length = 0;
  if (first < 0x80) length = 1;
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  if (first >= 0xe0 && first <= 0xef) length = 3;
  if (first >= 0xf0 && first <= 0xf4) length = 4;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0u) != 0x80u) return 0;
  }
  return length;
}

}  // namespace

std::string BoundedText(absl::string_view text, std::size_t max_bytes) {
  std::string bounded;
  bounded.reserve(std::min(text.size(), max_bytes));
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    if (bounded.size() + std::max<std::size_t>(length, 1) > max_bytes) break;
    if (length == 0) {
      bounded.push_back('?');
      text.remove_prefix(1);
    } else {
      bounded.append(text.data(), length);
      text.remove_prefix(length);
    }
  }
  return bounded;
}

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view english,
                   absl::string_view chinese, std::map<std::string, std::string> metadata) {
  absl::Status status(code, BoundedText(english));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("zhuqi");
  for (auto& [key, value] : metadata) (*info.mutable_metadata())[key] = BoundedText(value, 256);
  SetDetail(info, &status);
  if (!chinese.empty()) {
    google::rpc::LocalizedMessage localized;
    localized.set_locale("zh-CN");
    localized.set_message(BoundedText(chinese));
    SetDetail(localized, &status);
  }
  return status;
}

void Violations::Add(std::string field_path, absl::string_view reason, std::string english,
                     std::string chinese) {
  list_.push_back(
      Violation{std::move(field_path), std::string(reason), std::move(english), std::move(chinese)});
}

absl::Status Violations::ToStatus() const {
  if (list_.empty()) return absl::OkStatus();
  const Violation& first = list_.front();
  const std::size_t more = list_.size() - 1;
  std::string english = absl::StrCat(first.field_path, ": ", first.english);
  std::string chinese = first.chinese;
  if (more > 0) {
    absl::StrAppend(&english, " (and ", more, " more)");
    if (!chinese.empty()) absl::StrAppend(&chinese, "（另有 ", more, " 处错误）");
  }
  std::map<std::string, std::string> metadata;
  if (list_.size() > kMaxViolations)
    metadata["violations_omitted"] = absl::StrCat(list_.size() - kMaxViolations);
  absl::Status status =
      Error(absl::StatusCode::kInvalidArgument, first.reason, english, chinese, std::move(metadata));
  google::rpc::BadRequest bad_request;
  for (std::size_t i = 0; i < std::min(list_.size(), kMaxViolations); ++i) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(BoundedText(list_[i].field_path, 256));
    violation->set_description(BoundedText(absl::StrCat(list_[i].reason, ": ", list_[i].english), 512));
  }
  SetDetail(bad_request, &status);
  return status;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  const absl::Duration bounded = std::clamp(delay, absl::ZeroDuration(), absl::Hours(24));
  google::rpc::RetryInfo info;
  absl::Duration rest;
  info.mutable_retry_delay()->set_seconds(absl::IDivDuration(bounded, absl::Seconds(1), &rest));
  info.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(rest)));
  SetDetail(info, &status);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = ErrorInfoOf(status);
  return info.has_value() ? info->reason() : std::string();
}

std::optional<google::rpc::ErrorInfo> ErrorInfoOf(const absl::Status& status) {
  return GetDetail<google::rpc::ErrorInfo>(status);
}

std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status) {
  return GetDetail<google::rpc::BadRequest>(status);
}

std::optional<google::rpc::LocalizedMessage> LocalizedMessageOf(const absl::Status& status) {
  return GetDetail<google::rpc::LocalizedMessage>(status);
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto info = GetDetail<google::rpc::RetryInfo>(status);
  if (!info.has_value()) return std::nullopt;
  return absl::Seconds(info->retry_delay().seconds()) + absl::Nanoseconds(info->retry_delay().nanos());
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status result;
  result.set_code(static_cast<std::int32_t>(status.code()));
  result.set_message(BoundedText(status.message()));
  std::map<std::string, std::string> details;  // payloads have no order of their own
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    details[std::string(url)] = std::string(payload);
  });
  for (auto& [url, payload] : details) {
    auto* detail = result.add_details();
    detail->set_type_url(url);
    detail->set_value(std::move(payload));
  }
  return result;
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()), status.message());
  for (const auto& detail : status.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace zhuqi::rpc
