#include "common/base/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"

namespace zhuqi {
namespace {
constexpr size_t kDigestBytes = 8;
constexpr size_t kMaxTokenBytes = 4096;

std::string FilterDigest(absl::string_view filter) { return Sha256(filter).substr(0, kDigestBytes); }
}  // namespace

std::string EncodePageToken(absl::string_view filter, const std::vector<std::string>& position) {
  std::string bytes = FilterDigest(filter);
  // Each part behind its length in two bytes; sort keys are short.
  for (const std::string& part : position) {
    bytes.push_back(static_cast<char>(part.size() >> 8));
    bytes.push_back(static_cast<char>(part.size() & 0xff));
    bytes += part;
  }
  return absl::WebSafeBase64Escape(bytes);
}

std::optional<std::vector<std::string>> DecodePageToken(absl::string_view token, absl::string_view filter,
                                                        std::size_t fields) {
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes)) return std::nullopt;
  absl::string_view rest = bytes;
  if (rest.substr(0, kDigestBytes) != FilterDigest(filter)) return std::nullopt;
  rest.remove_prefix(kDigestBytes);
  std::vector<std::string> position;
  while (rest.size() >= 2) {
    const size_t size = (static_cast<size_t>(static_cast<unsigned char>(rest[0])) << 8) |
                        static_cast<size_t>(static_cast<unsigned char>(rest[1]));
    rest.remove_prefix(2);
    if (size > rest.size()) return std::nullopt;
    position.emplace_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  if (!rest.empty() || position.size() != fields) return std::nullopt;
  return position;
}

}  // namespace zhuqi
