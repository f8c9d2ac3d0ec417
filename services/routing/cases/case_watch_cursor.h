// The cursor of WatchCases: how far a reader has come in each partition of routing's log. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCH_CURSOR_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCH_CURSOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::routing {

// The last event read of each partition of districts, with its commit_id.
using WatchPlaces = std::map<int32_t, common::v1::FeedPosition>;

std::string EncodeWatchCursor(const WatchPlaces& places);

// Nullopt when it is damaged, or does not name exactly the partitions of `heads`, partition 0 apart.
std::optional<WatchPlaces> DecodeWatchCursor(absl::string_view cursor,
                                             const std::map<int32_t, int64_t>& heads);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_WATCH_CURSOR_H_
