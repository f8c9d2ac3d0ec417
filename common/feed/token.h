// Consistency tokens: what a caller wrote, said as places in feeds.
#ifndef ZHUQI_COMMON_FEED_TOKEN_H_
#define ZHUQI_COMMON_FEED_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::feed {

// Opaque text for `positions`; of several in one partition the highest is kept. Empty for none.
std::string MakeToken(const std::vector<common::v1::FeedPosition>& positions);

// One token that stands for both.
absl::StatusOr<std::string> MergeTokens(absl::string_view first, absl::string_view second);

// The places that a token stands for; none for an empty one. InvalidArgument TOKEN_INVALID at field
// "at_least_token" when it is none of ours.
absl::StatusOr<common::v1::ConsistencyToken> ParseToken(absl::string_view token);

// A FeedPosition in one expression.
common::v1::FeedPosition Position(absl::string_view source, int32_t partition, int64_t sequence);

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_TOKEN_H_
