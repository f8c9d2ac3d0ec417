#include "services/routing/cases/case_watch_cursor.h"

#include "absl/strings/escaping.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kMostCursorBytes = 64 * 1024;

}  // namespace

std::string EncodeWatchCursor(const WatchPlaces& places) {
  common::v1::ConsistencyToken token;
  for (const auto& [partition, place] : places) {
    *token.add_positions() = place;
    token.mutable_positions()->rbegin()->set_source("routing");
  }
  return absl::WebSafeBase64Escape(token.SerializeAsString());
}

std::optional<WatchPlaces> DecodeWatchCursor(absl::string_view cursor,
                                             const std::map<int32_t, int64_t>& heads) {
  common::v1::ConsistencyToken token;
  std::string bytes;
  if (cursor.size() > kMostCursorBytes || !absl::WebSafeBase64Unescape(cursor, &bytes) ||
      !token.ParseFromString(bytes)) {
    return std::nullopt;
  }
  WatchPlaces places;
  for (const common::v1::FeedPosition& place : token.positions()) {
    const bool sound = place.source() == "routing" && place.partition() > 0 && place.sequence() >= 0 &&
                       heads.contains(place.partition());
    if (!sound || !places.try_emplace(place.partition(), place).second) return std::nullopt;
  }
  for (const auto& [partition, head] : heads) {
    if (partition > 0 && !places.contains(partition)) return std::nullopt;
  }
  return places;
}

}  // namespace zhuqi::routing
