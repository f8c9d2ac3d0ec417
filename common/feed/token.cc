#include "common/feed/token.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/base/status_macros.h"
#include "common/rpc/errors.h"

namespace zhuqi::feed {
namespace {
constexpr size_t kMaxTokenBytes = 64 * 1024;
constexpr int kMaxPositions = 512;

absl::Status InvalidToken() {
  rpc::Violations violations;
  violations.Add("at_least_token", "TOKEN_INVALID", "this is not a consistency token of this system",
                 "不是本系统签发的一致性令牌");
  return violations.ToStatus();
}
}  // namespace

common::v1::FeedPosition Position(absl::string_view source, int32_t partition, int64_t sequence) {
  common::v1::FeedPosition position;
  position.set_source(std::string(source));
  position.set_partition(partition);
  position.set_sequence(sequence);
  return position;
}

std::string MakeToken(const std::vector<common::v1::FeedPosition>& positions) {
  if (positions.empty()) return "";
  std::map<std::pair<std::string, int32_t>, int64_t> highest;
  for (const auto& position : positions) {
    int64_t& sequence = highest[{position.source(), position.partition()}];
    sequence = std::max(sequence, position.sequence());
  }
  common::v1::ConsistencyToken token;
  for (const auto& [key, sequence] : highest)
    *token.add_positions() = Position(key.first, key.second, sequence);
  return absl::WebSafeBase64Escape(token.SerializeAsString());
}

absl::StatusOr<std::string> MergeTokens(absl::string_view first, absl::string_view second) {
  ZHUQI_ASSIGN_OR_RETURN(common::v1::ConsistencyToken merged, ParseToken(first));
  ZHUQI_ASSIGN_OR_RETURN(const common::v1::ConsistencyToken other, ParseToken(second));
  merged.MergeFrom(other);
  return MakeToken({merged.positions().begin(), merged.positions().end()});
}

absl::StatusOr<common::v1::ConsistencyToken> ParseToken(absl::string_view token) {
  common::v1::ConsistencyToken parsed;
  if (token.empty()) return parsed;
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes) ||
      !parsed.ParseFromString(bytes) || parsed.positions_size() > kMaxPositions) {
    return InvalidToken();
  }
  for (const auto& position : parsed.positions()) {
    if (position.source().empty() || position.partition() < 0 || position.sequence() < 0)
      return InvalidToken();
  }
  return parsed;
}

}  // namespace zhuqi::feed
