#include "services/routing/cases/recent_changes.h"

#include <algorithm>

namespace zhuqi::routing {
namespace {

size_t BytesOf(const WatchedChange& change) { return change.update.ByteSizeLong(); }

}  // namespace

void RecentChanges::Begin(const common::v1::FeedPosition& place) {
  absl::MutexLock lock(&mutex_);
  const auto [stretch, is_new] = stretches_.try_emplace(place.partition());
  if (!is_new) return;
  stretch->second.begin = place.sequence();
  stretch->second.end = place;
}

std::optional<common::v1::FeedPosition> RecentChanges::End(int32_t partition) const {
  absl::MutexLock lock(&mutex_);
  const auto found = stretches_.find(partition);
  if (found == stretches_.end()) return std::nullopt;
  return found->second.end;
}

void RecentChanges::Add(const common::v1::FeedPosition& place, const WatchStretch& read) {
  absl::MutexLock lock(&mutex_);
  const auto found = stretches_.find(place.partition());
  if (found == stretches_.end() || found->second.end.sequence() != place.sequence()) return;
  Stretch& stretch = found->second;
  for (const auto& change : read.changes) {
    stretch.changes.push_back(change);
    stretch.bytes += BytesOf(*change);
    bytes_ += BytesOf(*change);
  }
  stretch.end = read.last;
  while (bytes_ > most_bytes_) DropOldest();
}

void RecentChanges::DropOldest() {
  const auto largest = std::max_element(
      stretches_.begin(), stretches_.end(),
      [](const auto& left, const auto& right) { return left.second.bytes < right.second.bytes; });
  Stretch& stretch = largest->second;
  const WatchedChange& oldest = *stretch.changes.front();
  stretch.begin = oldest.place.sequence();
  stretch.bytes -= BytesOf(oldest);
  bytes_ -= BytesOf(oldest);
  stretch.changes.pop_front();
}

std::optional<WatchStretch> RecentChanges::After(const common::v1::FeedPosition& place, int limit) const {
  absl::MutexLock lock(&mutex_);
  const auto found = stretches_.find(place.partition());
  if (found == stretches_.end() || place.sequence() < found->second.begin) return std::nullopt;
  const Stretch& stretch = found->second;
  WatchStretch result;
  result.last = place;
  if (place.sequence() >= stretch.end.sequence()) return result;
  auto next = std::upper_bound(
      stretch.changes.begin(), stretch.changes.end(), place.sequence(),
      [](int64_t sequence, const auto& change) { return sequence < change->place.sequence(); });
  for (; next != stretch.changes.end() && static_cast<int>(result.changes.size()) < limit; ++next)
    result.changes.push_back(*next);
  result.last = next == stretch.changes.end() ? stretch.end : result.changes.back()->place;
  return result;
}

void RecentChanges::Clear() {
  absl::MutexLock lock(&mutex_);
  stretches_.clear();
  bytes_ = 0;
}

size_t RecentChanges::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace zhuqi::routing
