// The gauges that every service shows of its pool and its writers. Hold on to what they return: a gauge ends
// with its registration.
#ifndef ZHUQI_COMMON_FEED_SERVICE_METRICS_H_
#define ZHUQI_COMMON_FEED_SERVICE_METRICS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/db/group_commit.h"
#include "common/db/pool.h"
#include "common/telemetry/metrics.h"

namespace zhuqi::feed {

using MetricRegistrations = std::vector<std::shared_ptr<telemetry::Metrics::CallbackRegistration>>;

// zhuqi_db_pool_connections{state}, zhuqi_db_pool_waits, zhuqi_db_pool_drops. `pool` must outlive the
// registrations.
MetricRegistrations PoolMetrics(telemetry::Metrics& metrics, const db::Pool& pool);

// zhuqi_writer_{batches,items,splits,refused,failed,queue_weight}{writer=name}.
MetricRegistrations WriterMetrics(telemetry::Metrics& metrics, const std::string& name,
                                  std::function<db::GroupCommitStats()> stats);

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_SERVICE_METRICS_H_
