#include "common/feed/service_metrics.h"

#include <utility>

namespace zhuqi::feed {

MetricRegistrations PoolMetrics(telemetry::Metrics& metrics, const db::Pool& pool) {
  const char* const connections = "zhuqi_db_pool_connections";
  const char* const help = "Connections of the pool by state.";
  return {
      metrics.CallbackGauge(connections, help, {{"state", "in_use"}},
                            [&pool] { return pool.stats().in_use; }),
      metrics.CallbackGauge(connections, help, {{"state", "idle"}}, [&pool] { return pool.stats().idle; }),
      metrics.CallbackGauge("zhuqi_db_pool_waits", "Check-outs that had to wait, since the start.", {},
                            [&pool] { return static_cast<double>(pool.stats().waits); }),
      metrics.CallbackGauge("zhuqi_db_pool_drops", "Connections dropped as broken, since the start.", {},
                            [&pool] { return static_cast<double>(pool.stats().drops); }),
  };
}

MetricRegistrations WriterMetrics(telemetry::Metrics& metrics, const std::string& name,
                                  std::function<db::GroupCommitStats()> stats) {
  const telemetry::Labels labels = {{"writer", name}};
  const auto gauge = [&](const std::string& what, const std::string& help,
                         std::function<double(const db::GroupCommitStats&)> read) {
    return metrics.CallbackGauge("zhuqi_writer_" + what, help, labels,
                                 [stats, read = std::move(read)] { return read(stats()); });
  };
  return {
      gauge("batches", "Transactions committed, since the start.",
            [](const auto& s) { return static_cast<double>(s.batches); }),
      gauge("items", "Requests in committed transactions, since the start.",
            [](const auto& s) { return static_cast<double>(s.items); }),
      gauge("splits", "Batches cut in two for the sake of one request, since the start.",
            [](const auto& s) { return static_cast<double>(s.splits); }),
      gauge("refused", "Requests refused because the queue was full, since the start.",
            [](const auto& s) { return static_cast<double>(s.refused); }),
      gauge("failed", "Requests whose transaction failed, since the start.",
            [](const auto& s) { return static_cast<double>(s.failed); }),
      gauge("queue_weight", "Rows that wait to be written.",
            [](const auto& s) { return static_cast<double>(s.queue_weight); }),
  };
}

}  // namespace zhuqi::feed
