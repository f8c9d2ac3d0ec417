// Prometheus metrics: a registry of its own for each process (or test), and the page /metrics.
//
// Hold on to the references: finding a child by its labels takes a lock, counting does not.
//   prometheus::Counter& commits = metrics.Counter("zhuqi_db_commits_total", "Transactions committed.");
//   commits.Increment();
#ifndef ZHUQI_COMMON_TELEMETRY_METRICS_H_
#define ZHUQI_COMMON_TELEMETRY_METRICS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"

namespace zhuqi::telemetry {

using Labels = std::map<std::string, std::string>;

// Seconds, 0.5 ms to 30 s.
const std::vector<double>& LatencyBuckets();

// Thread-safe.
class Metrics {
 public:
  // The most children (sets of label values) of one family. Beyond it all share the child whose label values
  // are "other": an unbounded label can not take the process down.
  static constexpr std::size_t kMaxChildren = 200;

  // Every metric carries service="<service>".
  explicit Metrics(std::string service);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The child with these labels, made at its first use; the same one each time. Lives as long as this object.
  // Names follow Prometheus: zhuqi_<area>_<what>_<unit>, counters end in _total. A name that is not valid, or
  // is already used by another kind of metric, gives a child that is not exported.
  prometheus::Counter& Counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // The buckets of a family are those of its first child.
  prometheus::Histogram& Histogram(const std::string& name, const std::string& help,
                                   const Labels& labels = {},
                                   const std::vector<double>& buckets = LatencyBuckets());

  // A gauge whose value is asked for at each scrape: pool sizes, lag. `read` is thread-safe and quick. Once
  // the returned registration is gone, `read` does not run and never will again: its end waits for a scrape
  // that reads just now, so it must not come while a lock is held that `read` takes, nor in `read` itself.
  // Whoever is read keeps the registration as its last member, or ends it before anything that is read.
  class CallbackRegistration;
  [[nodiscard]] std::shared_ptr<CallbackRegistration> CallbackGauge(const std::string& name,
                                                                    const std::string& help,
                                                                    const Labels& labels,
                                                                    std::function<double()> read);

  // Serves /metrics on `address` ("127.0.0.1:9401"; port 0 takes a free one) until destruction. UNAVAILABLE
  // when the port is taken.
  absl::Status Expose(const std::string& address);
  // The port of /metrics; 0 before Expose.
  int port() const;
  // What /metrics answers.
  std::string Render() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace zhuqi::telemetry

#endif  // ZHUQI_COMMON_TELEMETRY_METRICS_H_
