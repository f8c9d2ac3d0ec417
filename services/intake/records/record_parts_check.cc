#include "services/intake/records/record_parts_check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxAttachments = 50;
constexpr size_t kMaxUri = 1000;
constexpr int64_t kMaxFen = 100'000'000'000'000'000;

// A scheme, a colon and something behind it, in visible ASCII as RFC 3986 has it.
bool IsAbsoluteUri(absl::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == absl::string_view::npos || colon == 0 || colon + 1 == uri.size() || uri.size() > kMaxUri) {
    return false;
  }
  const absl::string_view scheme = uri.substr(0, colon);
  const bool is_scheme =
      absl::ascii_isalpha(static_cast<unsigned char>(scheme[0])) &&
      std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
      });
  return is_scheme && std::all_of(uri.begin(), uri.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// User and password stand before an '@' in the authority, which lies between "//" and the path.
bool HasUserInfo(absl::string_view uri) {
  const absl::string_view rest = uri.substr(uri.find(':') + 1);
  if (rest.substr(0, 2) != "//") return false;
  const absl::string_view authority = rest.substr(2, rest.find_first_of("/?#", 2) - 2);
  return authority.find('@') != absl::string_view::npos;
}

bool IsLowerHexDigest(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

void CheckAttachment(v1::Attachment& attachment, const std::string& path, rpc::Violations& violations) {
  if (!IsAbsoluteUri(attachment.uri())) {
    violations.Add(
        path + ".uri", "URI_INVALID",
        absl::StrCat("must be an absolute URI of at most ", kMaxUri, " characters, percent-encoded"),
        absl::StrCat("须为不超过 ", kMaxUri, " 个字符的绝对 URI，非 ASCII 字符须经百分号编码"));
  } else if (HasUserInfo(attachment.uri())) {
    violations.Add(path + ".uri", "URI_HAS_CREDENTIALS", "must not hold a user or a password",
                   "URI 中不得含用户名或密码");
  }
  if (!IsLowerHexDigest(attachment.sha256())) {
    violations.Add(path + ".sha256", "DIGEST_INVALID",
                   "must be SHA-256 as 64 hexadecimal digits in lower case",
                   "须为 64 位小写十六进制的 SHA-256");
  }
  CheckText(*attachment.mutable_media_type(), path + ".media_type", 100, false, violations);
  if (attachment.size() < 0) {
    violations.Add(path + ".size", "OUT_OF_RANGE", "must not be negative", "不能为负数");
  }
}

bool IsPhone(absl::string_view phone) {
  return phone.size() >= 5 && phone.size() <= 20 && std::all_of(phone.begin(), phone.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == ' ';
         });
}

}  // namespace

void CheckAttachments(google::protobuf::RepeatedPtrField<v1::Attachment>& attachments,
                      const std::string& path, rpc::Violations& violations) {
  if (attachments.size() > kMaxAttachments) {
    violations.Add(path, "OUT_OF_RANGE", absl::StrCat("at most ", kMaxAttachments, " attachments"),
                   absl::StrCat("最多 ", kMaxAttachments, " 个附件"));
    return;
  }
  for (int i = 0; i < attachments.size(); ++i) {
    CheckAttachment(attachments[i], absl::StrCat(path, "[", i, "]"), violations);
  }
}

void CheckAmount(const v1::Amount& amount, const std::string& path, rpc::Violations& violations) {
  if (amount.fen() < 0 || amount.fen() > kMaxFen) {
    violations.Add(path + ".fen", "OUT_OF_RANGE", "must be 0 to 10^17", "须在 0 至 10^17 之间");
  }
}

void CheckContact(v1::Contact& contact, const std::string& path, rpc::Violations& violations) {
  CheckText(*contact.mutable_name(), path + ".name", 50, false, violations);
  contact.set_phone(std::string(absl::StripAsciiWhitespace(contact.phone())));
  if (!IsPhone(contact.phone())) {
    violations.Add(path + ".phone", "PHONE_INVALID", "must be 5 to 20 of 0-9, '+', '-' and spaces",
                   "须为 5 至 20 个数字、加号、连字符或空格");
  }
}

}  // namespace zhuqi::intake
