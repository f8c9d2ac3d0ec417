#include "services/reporting/follow/feeds.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/feed/token.h"

namespace zhuqi::reporting {

Feeds::Feeds(const FeedsOptions& options)
    : options_(options),
      intake_(Follow(kIntake, options.intake, feed::kDirectoryPartition)),
      routing_(Follow(kRouting, options.routing, feed::kDirectoryPartition + 1)) {
  const auto lag = [&](const char* source, const feed::Follower& follower) {
    gauges_.push_back(options_.metrics->CallbackGauge(
        "zhuqi_reporting_feed_lag_events", "Events recorded by the owner and not in the figures yet.",
        {{"source", source}}, [&follower] { return static_cast<double>(follower.events_behind()); }));
  };
  lag(kIntake, *intake_);
  lag(kRouting, *routing_);
}

Feeds::~Feeds() {
  gauges_.clear();
  Stop();
}

void Feeds::Stop() {
  intake_->Stop();
  routing_->Stop();
}

int64_t Feeds::events_behind() const { return intake_->events_behind() + routing_->events_behind(); }

bool Feeds::caught_up() const {
  return intake_->connected() && routing_->connected() && events_behind() == 0;
}

std::unique_ptr<feed::Follower> Feeds::Follow(const std::string& source,
                                              std::shared_ptr<grpc::Channel> channel,
                                              int32_t first_partition) {
  prometheus::Counter& applied = options_.metrics->Counter(
      "zhuqi_reporting_events_applied_total", "Events taken into the figures.", {{"source", source}});
  feed::FollowerOptions follow;
  follow.source = source;
  follow.channel = std::move(channel);
  follow.load_positions = [aggregate = options_.aggregate, source, first_partition](int32_t partitions) {
    return absl::StatusOr<std::vector<common::v1::FeedPosition>>(
        aggregate->PlacesOf(source, first_partition, partitions));
  };
  follow.apply = [aggregate = options_.aggregate, source, &applied](const feed::v1::FollowResponse& message,
                                                                    int64_t after) {
    const absl::Status status = aggregate->Apply(source, message, after);
    if (status.ok()) applied.Increment(message.events_size());
    return status;
  };
  follow.logger = options_.logger;
  return std::make_unique<feed::Follower>(std::move(follow));
}

absl::StatusOr<std::string> WithRoutingsPart(absl::string_view token) {
  if (token.empty()) return std::string();
  ZHUQI_ASSIGN_OR_RETURN(const common::v1::ConsistencyToken parsed, feed::ParseToken(token));
  std::vector<common::v1::FeedPosition> positions(parsed.positions().begin(), parsed.positions().end());
  for (const auto& position : parsed.positions()) {
    // The directory makes no cases.
    if (position.source() != kIntake || position.partition() == feed::kDirectoryPartition) continue;
    positions.push_back(feed::Position(kRoutingOfIntake, position.partition(), position.sequence()));
  }
  return feed::MakeToken(positions);
}

}  // namespace zhuqi::reporting
