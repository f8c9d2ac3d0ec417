#include "services/reporting/reporting_app.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/config/database_options.h"
#include "common/config/validation.h"
#include "common/db/migrations.h"
#include "common/rpc/channel.h"
#include "reporting_schema.h"
#include "services/reporting/checkpoint/checkpointer.h"
#include "services/reporting/figures/report_service.h"
#include "services/reporting/follow/feeds.h"

namespace zhuqi::reporting {
namespace {

constexpr absl::Duration kSetUpTimeout = absl::Seconds(30);
// How long the start waits for the tail of the logs before it serves what it has.
constexpr absl::Duration kCatchUpWait = absl::Seconds(10);
constexpr absl::Duration kCatchUpPoll = absl::Milliseconds(10);

struct Channels {
  std::shared_ptr<grpc::Channel> intake;
  std::shared_ptr<grpc::Channel> routing;
};

// All parts, in the order in which they are built; they go in the reverse order.
class ReportingService final : public rpc::RunningService {
 public:
  ReportingService(const config::v1::ReportingConfig& config, rpc::ServiceEnvironment& environment,
                   std::unique_ptr<db::Pool> pool, LoadedAggregate loaded, const Channels& channels)
      : log_(environment.log),
        pool_(std::move(pool)),
        positions_(environment.timer),
        aggregate_(std::move(loaded.state), positions_),
        checkpointer_({.pool = pool_.get(),
                       .aggregate = &aggregate_,
                       .clock = &Clock::System(),
                       .logger = &environment.log,
                       .metrics = &environment.metrics,
                       .interval = config::ToDuration(config.checkpoint_interval()),
                       .unusable_version = loaded.unusable_version}),
        feeds_({.intake = channels.intake,
                .routing = channels.routing,
                .aggregate = &aggregate_,
                .logger = &environment.log,
                .metrics = &environment.metrics}),
        owners_(channels.intake, channels.routing),
        verifier_(channels.intake, channels.routing, aggregate_, Clock::System()),
        reports_({.adaptor = &environment.adaptor,
                  .aggregate = &aggregate_,
                  .positions = &positions_,
                  .owners = &owners_,
                  .verifier = &verifier_,
                  .clock = &Clock::System(),
                  .events_behind = [this] { return feeds_.events_behind(); }}) {
    checkpointer_.Start();
  }

  // An answer says how fresh it is, so serving late figures is right; serving none at all for long is not.
  void WaitUntilCaughtUp() {
    const absl::Time deadline = absl::Now() + kCatchUpWait;
    while (!feeds_.caught_up() && absl::Now() < deadline) absl::SleepFor(kCatchUpPoll);
    if (feeds_.caught_up()) return;
    log_.Warning("serving before all that the owners have is in the figures",
                 {{"events_behind", feeds_.events_behind()}});
  }

  std::vector<grpc::Service*> services() override { return {&reports_}; }

  void StopTakingWork() override {
    positions_.Stop();  // ends the calls that wait for what they wrote
    feeds_.Stop();
    verifier_.Stop();
  }

  void Close() override { checkpointer_.Stop(); }

 private:
  telemetry::Logger& log_;
  const std::unique_ptr<db::Pool> pool_;
  feed::Positions positions_;
  Aggregate aggregate_;
  Checkpointer checkpointer_;
  Feeds feeds_;
  Owners owners_;
  Verifier verifier_;
  ReportServer reports_;
};

absl::Status CheckDatabase(db::Pool& pool) {
  ZHUQI_ASSIGN_OR_RETURN(const db::Lease lease, pool.Acquire(absl::Now() + kSetUpTimeout));
  return db::CheckSchema(*lease, ReportingSchema());
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const config::v1::UpstreamConfig& config) {
  ZHUQI_ASSIGN_OR_RETURN(const rpc::ChannelOptions options, rpc::ChannelOptionsFrom(config));
  return rpc::MakeChannel(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::RunningService>> BuildReporting(const config::v1::ReportingConfig& config,
                                                                    rpc::ServiceEnvironment& environment) {
  ZHUQI_ASSIGN_OR_RETURN(const db::PoolOptions pool_options, config::PoolOptionsFrom(config.database()));
  ZHUQI_ASSIGN_OR_RETURN(std::unique_ptr<db::Pool> pool, db::Pool::Create(pool_options));
  ZHUQI_RETURN_IF_ERROR(CheckDatabase(*pool));
  Channels channels;
  ZHUQI_ASSIGN_OR_RETURN(channels.intake, ChannelTo(config.intake()));
  ZHUQI_ASSIGN_OR_RETURN(channels.routing, ChannelTo(config.routing()));
  ZHUQI_ASSIGN_OR_RETURN(LoadedAggregate loaded, LoadAggregate(*pool, environment.log));
  auto service =
      std::make_unique<ReportingService>(config, environment, std::move(pool), std::move(loaded), channels);
  service->WaitUntilCaughtUp();
  return std::unique_ptr<rpc::RunningService>(std::move(service));
}

}  // namespace zhuqi::reporting
