#include "services/reporting/cube/aggregate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/token.h"

namespace zhuqi::reporting {
namespace {
// Events applied under one lock: readers wait no longer than these take.
constexpr int kEventsAtOnce = 64;
// How long routing's thread waits for the directory before it asks again, so that a stop is noticed.
constexpr absl::Duration kDirectoryWait = absl::Seconds(1);
}  // namespace

int64_t AggregateState::PlaceOf(absl::string_view source, int32_t partition) const {
  const auto found = places.find({std::string(source), partition});
  return found == places.end() ? 0 : found->second;
}

int64_t AggregateState::EventCount() const {
  int64_t events = 0;
  for (const auto& [key, sequence] : places) {
    if (key.first != kRoutingOfIntake) events += sequence;
  }
  return events;
}

common::v1::Freshness FreshnessOf(const AggregateState& state, absl::Time now) {
  common::v1::Freshness freshness;
  *freshness.mutable_answered_at() = TimestampMessage(now);
  if (state.newest_event_at > absl::InfinitePast()) {
    *freshness.mutable_newest_event_at() = TimestampMessage(state.newest_event_at);
  }
  for (const auto& [key, sequence] : state.places) {
    if (key.first != kRoutingOfIntake)
      *freshness.add_positions() = feed::Position(key.first, key.second, sequence);
  }
  return freshness;
}

Aggregate::Aggregate(AggregateState initial, feed::Positions& positions)
    : positions_(positions), state_(std::move(initial)) {
  for (const char* source : {kIntake, kRouting, kRoutingOfIntake}) positions_.Follows(source);
  for (const auto& [key, sequence] : state_.places) positions_.Advance(key.first, key.second, sequence);
}

absl::Status Aggregate::Apply(absl::string_view source, const feed::v1::FollowResponse& message,
                              int64_t after) {
  const int32_t partition = message.partition();
  const int64_t place = Read([&](const AggregateState& state) { return state.PlaceOf(source, partition); });
  if (place != after) {
    return absl::AbortedError(absl::StrCat("the aggregate stands at ", place, " of ", source, " partition ",
                                           partition, ", not at ", after));
  }
  int done = 0;
  while (done < message.events_size()) {
    ZHUQI_RETURN_IF_ERROR(WaitForDirectory(source, message.events(done)));
    if (message.events(done).has_directory()) {
      ZHUQI_RETURN_IF_ERROR(ApplyDirectory(source, partition, message.events(done)));
      ++done;
      continue;
    }
    // As many as follow without a change of the directory, all made with the directory that is in by now.
    const int64_t directory = message.events(done).directory_sequence();
    int end = done + 1;
    while (end < message.events_size() && end - done < kEventsAtOnce &&
           !message.events(end).has_directory() && message.events(end).directory_sequence() <= directory) {
      ++end;
    }
    ApplyFacts(source, partition, message.events(), done, end);
    done = end;
  }
  if (source == kRouting) NoteUpstream(message);
  return absl::OkStatus();
}

absl::Status Aggregate::WaitForDirectory(absl::string_view source, const feed::v1::Event& event) {
  if (event.directory_sequence() == 0 || event.has_directory()) return absl::OkStatus();
  const auto wanted = feed::Position(kIntake, feed::kDirectoryPartition, event.directory_sequence());
  if (positions_.Get(kIntake, feed::kDirectoryPartition) >= wanted.sequence()) return absl::OkStatus();
  // Intake's own thread must not wait for itself: it connects again, and then the directory comes first.
  if (source == kIntake) return absl::UnavailableError("the directory of an event has not come yet");
  return positions_.BlockUntil(wanted, absl::Now() + kDirectoryWait);
}

void Aggregate::MoveTo(absl::string_view source, int32_t partition, const feed::v1::Event& event) {
  state_.places[{std::string(source), partition}] = event.sequence();
  state_.commit_ids[{std::string(source), partition}] = event.commit_id();
  state_.newest_event_at = std::max(state_.newest_event_at, TimeFrom(event.recorded_at()));
}

absl::Status Aggregate::ApplyDirectory(absl::string_view source, int32_t partition,
                                       const feed::v1::Event& event) {
  const auto current = Read([](const AggregateState& state) { return state.directory; });
  // Outside of the lock: it copies the tree, and this thread alone changes it.
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> next,
                         current->With(event.directory(), event.sequence()));
  {
    absl::MutexLock lock(&mutex_);
    state_.directory = std::move(next);
    state_.cube.SetDirectory(*state_.directory);
    MoveTo(source, partition, event);
    ++state_.version;
  }
  positions_.Advance(source, partition, event.sequence());
  return absl::OkStatus();
}

void Aggregate::ApplyFacts(absl::string_view source, int32_t partition,
                           const google::protobuf::RepeatedPtrField<feed::v1::Event>& events, int first,
                           int last) {
  {
    absl::MutexLock lock(&mutex_);
    for (int i = first; i < last; ++i) {
      state_.cube.Apply(events[i]);
      MoveTo(source, partition, events[i]);
    }
    ++state_.version;
  }
  positions_.Advance(source, partition, events[last - 1].sequence());
}

// What routing made of intake's partition p is in its own partition p, so only that entry is proven by this
// message.
void Aggregate::NoteUpstream(const feed::v1::FollowResponse& message) {
  for (const auto& upstream : message.upstream()) {
    if (upstream.source() != kIntake || upstream.partition() != message.partition()) continue;
    {
      absl::MutexLock lock(&mutex_);
      int64_t& place = state_.places[{kRoutingOfIntake, upstream.partition()}];
      place = std::max(place, upstream.sequence());
    }
    positions_.Advance(kRoutingOfIntake, upstream.partition(), upstream.sequence());
  }
}

std::vector<common::v1::FeedPosition> Aggregate::PlacesOf(absl::string_view source, int32_t first_partition,
                                                          int32_t last_partition) const {
  std::vector<common::v1::FeedPosition> places;
  absl::ReaderMutexLock lock(&mutex_);
  for (int32_t partition = first_partition; partition <= last_partition; ++partition) {
    places.push_back(feed::Position(source, partition, state_.PlaceOf(source, partition)));
    const auto commit_id = state_.commit_ids.find({std::string(source), partition});
    if (commit_id != state_.commit_ids.end()) places.back().set_commit_id(commit_id->second);
  }
  return places;
}

}  // namespace zhuqi::reporting
