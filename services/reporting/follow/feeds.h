// Follows the feeds of intake and routing into the aggregate.
#ifndef ZHUQI_SERVICES_REPORTING_FOLLOW_FEEDS_H_
#define ZHUQI_SERVICES_REPORTING_FOLLOW_FEEDS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/feed/follower.h"
#include "common/telemetry/logger.h"
#include "common/telemetry/metrics.h"
#include "services/reporting/cube/aggregate.h"

namespace zhuqi::reporting {

// The pointers are required; what they point to must outlive the feeds.
struct FeedsOptions {
  std::shared_ptr<grpc::Channel> intake;
  std::shared_ptr<grpc::Channel> routing;
  Aggregate* aggregate = nullptr;
  telemetry::Logger* logger = nullptr;
  telemetry::Metrics* metrics = nullptr;
};

class Feeds {
 public:
  // Begins to follow; an owner that is away is tried again and again.
  explicit Feeds(const FeedsOptions& options);
  ~Feeds();
  // Ends both. Idempotent.
  void Stop();

  // Events that the owners had recorded and that are not in the aggregate yet, as last known.
  int64_t events_behind() const;
  // True once both are connected and nothing is behind.
  bool caught_up() const;

 private:
  std::unique_ptr<feed::Follower> Follow(const std::string& source, std::shared_ptr<grpc::Channel> channel,
                                         int32_t first_partition);

  const FeedsOptions options_;
  std::unique_ptr<feed::Follower> intake_;
  std::unique_ptr<feed::Follower> routing_;
  std::vector<std::shared_ptr<telemetry::Metrics::CallbackRegistration>> gauges_;
};

// `token` with what follows from it here: what was written to intake is in the figures when intake's event
// is, and what routing made of it too. InvalidArgument for a damaged token.
absl::StatusOr<std::string> WithRoutingsPart(absl::string_view token);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FOLLOW_FEEDS_H_
