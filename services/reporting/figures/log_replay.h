// Reads an owner's log from its beginning, as far as is wanted and no further.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_LOG_REPLAY_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_LOG_REPLAY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/cancellation.h"
#include "services/reporting/cube/aggregate.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"

namespace zhuqi::reporting {

// Blocks: for a thread of its own. Each partition is a stream of its own, so that one that is wanted only so
// far holds up its owner and not this service's memory: at most a message of each waits here.
class LogReplay {
 public:
  using Take = absl::FunctionRef<absl::Status(const feed::v1::Event&)>;

  // `stub` and `stop` must outlive this; `stop` ends a read that waits.
  LogReplay(feed::v1::FeedService::Stub& stub, std::string source, absl::Time deadline,
            rpc::Cancellation& stop);
  ~LogReplay();

  // Gives `take` what lies between where this stands and the places of this log; events of one partition in
  // their order. DataLoss for a gap.
  absl::Status ReadTo(const AggregateState::Places& places, Take take);

  int64_t events() const { return events_; }

 private:
  class Partition;

  feed::v1::FeedService::Stub& stub_;
  const std::string source_;
  const absl::Time deadline_;
  rpc::Cancellation& stop_;
  std::map<int32_t, std::unique_ptr<Partition>> partitions_;
  int64_t events_ = 0;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_LOG_REPLAY_H_
