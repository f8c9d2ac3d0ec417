#include "common/telemetry/metrics.h"

#include <exception>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/check_names.h"
#include "prometheus/exposer.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace zhuqi::telemetry {
namespace {

Labels OverflowLabels(const Labels& labels) {
  Labels overflow;
  for (const auto& [name, value] : labels) overflow[name] = "other";
  return overflow;
}

}  // namespace

const std::vector<double>& LatencyBuckets() {
  static const auto* const buckets = new std::vector<double>{
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  return *buckets;
}

namespace {

// One gauge that is asked for at each scrape, until it is ended. A scrape may hold on to it longer than its
// owner lives.
class CallbackGaugeSource {
 public:
  CallbackGaugeSource(std::string name, std::string help, Labels labels, std::function<double()> read)
      : name_(std::move(name)), help_(std::move(help)), labels_(std::move(labels)), read_(std::move(read)) {}

  // Nothing once it has ended.
  void AddTo(std::map<std::string, prometheus::MetricFamily>& families) {
    absl::MutexLock lock(&mutex_);
    if (read_ == nullptr) return;
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : labels_) metric.label.push_back({name, value});
    metric.gauge.value = read_();
    prometheus::MetricFamily& family = families[name_];
    family.name = name_;
    family.help = help_;
    family.type = prometheus::MetricType::Gauge;
    family.metric.push_back(std::move(metric));
  }

  // Waits for a read that runs.
  void End() {
    absl::MutexLock lock(&mutex_);
    read_ = nullptr;
  }

 private:
  const std::string name_;
  const std::string help_;
  const Labels labels_;
  absl::Mutex mutex_;
  std::function<double()> read_ ABSL_GUARDED_BY(mutex_);
};

// Callback gauges of one name are one family on the page, as the format demands.
class CallbackGauges final : public prometheus::Collectable {
 public:
  void Add(const std::shared_ptr<CallbackGaugeSource>& source) {
    absl::MutexLock lock(&mutex_);
    std::erase_if(sources_, [](const auto& entry) { return entry.expired(); });
    sources_.push_back(source);
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<std::shared_ptr<CallbackGaugeSource>> live;
    {
      absl::MutexLock lock(&mutex_);
      for (const auto& entry : sources_) {
        if (auto source = entry.lock()) live.push_back(std::move(source));
      }
    }
    std::map<std::string, prometheus::MetricFamily> families;
    for (const auto& source : live) source->AddTo(families);
    std::vector<prometheus::MetricFamily> result;
    for (auto& [name, family] : families) result.push_back(std::move(family));
    return result;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::weak_ptr<CallbackGaugeSource>> sources_ ABSL_GUARDED_BY(mutex_);
};

// The children of one kind of metric, family by family, each made once.
template <class Metric>
class Children {
 public:
  template <class Build>
  Metric& Child(const std::string& name, const Labels& labels, Build build,
                std::vector<double> buckets = {}) {
    absl::MutexLock lock(&mutex_);
    Family& family = families_[name];
    if (family.family == nullptr && !family.broken) {
      family.buckets = std::move(buckets);
      family.family = build();
      family.broken = family.family == nullptr;
    }
    const bool full = family.children.size() >= Metrics::kMaxChildren && !family.children.contains(labels);
    const Labels& used = full ? (family.overflow = OverflowLabels(labels)) : labels;
    if (auto found = family.children.find(used); found != family.children.end()) return *found->second;
    Metric* child = Make(family, used);
    family.children.emplace(used, child);
    return *child;
  }

 private:
  struct Family {
    prometheus::Family<Metric>* family = nullptr;
    bool broken = false;
    std::vector<double> buckets;
    Labels overflow;
    std::map<Labels, Metric*> children;
    std::vector<std::unique_ptr<Metric>> unexported;
  };

  static std::unique_ptr<Metric> New(const Family& family) {
    if constexpr (std::is_constructible_v<Metric, std::vector<double>>) {
      return std::make_unique<Metric>(family.buckets);
    } else {
      return std::make_unique<Metric>();
    }
  }
  static Metric& Add(Family& family, const Labels& labels) {
    if constexpr (std::is_constructible_v<Metric, std::vector<double>>) {
      return family.family->Add(labels, family.buckets);
    } else {
      return family.family->Add(labels);
    }
  }
  // prometheus-cpp throws on a label name that is not valid.
  static Metric* Make(Family& family, const Labels& labels) {
    if (family.family != nullptr) {
      try {
        return &Add(family, labels);
      } catch (const std::exception&) {
      }
    }
    family.unexported.push_back(New(family));
    return family.unexported.back().get();
  }

  absl::Mutex mutex_;
  std::unordered_map<std::string, Family> families_ ABSL_GUARDED_BY(mutex_);
};

// Runs `build` and turns its exception (a bad or a used name) into null.
template <class Build>
auto NullWhenItThrows(Build build) -> decltype(&build()) {
  try {
    return &build();
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

class Metrics::CallbackRegistration {
 public:
  explicit CallbackRegistration(std::shared_ptr<CallbackGaugeSource> source) : source_(std::move(source)) {}
  ~CallbackRegistration() { source_->End(); }
  CallbackRegistration(const CallbackRegistration&) = delete;
  CallbackRegistration& operator=(const CallbackRegistration&) = delete;

 private:
  const std::shared_ptr<CallbackGaugeSource> source_;
};

struct Metrics::State {
  explicit State(std::string service_name) : service(std::move(service_name)) {}
  const std::string service;
  const std::shared_ptr<prometheus::Registry> registry =
      std::make_shared<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge);
  const std::shared_ptr<CallbackGauges> callbacks = std::make_shared<CallbackGauges>();
  Children<prometheus::Counter> counters;
  Children<prometheus::Gauge> gauges;
  Children<prometheus::Histogram> histograms;
  std::unique_ptr<prometheus::Exposer> exposer;  // last: it reads the others from its own threads

  Labels ServiceLabels() const { return {{"service", service}}; }
};

Metrics::Metrics(std::string service) : state_(std::make_unique<State>(std::move(service))) {}
Metrics::~Metrics() = default;

prometheus::Counter& Metrics::Counter(const std::string& name, const std::string& help,
                                      const Labels& labels) {
  return state_->counters.Child(name, labels, [&] {
    return NullWhenItThrows([&]() -> prometheus::Family<prometheus::Counter>& {
      return prometheus::BuildCounter()
          .Name(name)
          .Help(help)
          .Labels(state_->ServiceLabels())
          .Register(*state_->registry);
    });
  });
}

prometheus::Gauge& Metrics::Gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return state_->gauges.Child(name, labels, [&] {
    return NullWhenItThrows([&]() -> prometheus::Family<prometheus::Gauge>& {
      return prometheus::BuildGauge()
          .Name(name)
          .Help(help)
          .Labels(state_->ServiceLabels())
          .Register(*state_->registry);
    });
  });
}

prometheus::Histogram& Metrics::Histogram(const std::string& name, const std::string& help,
                                          const Labels& labels, const std::vector<double>& buckets) {
  return state_->histograms.Child(
      name, labels,
      [&] {
        return NullWhenItThrows([&]() -> prometheus::Family<prometheus::Histogram>& {
          return prometheus::BuildHistogram()
              .Name(name)
              .Help(help)
              .Labels(state_->ServiceLabels())
              .Register(*state_->registry);
        });
      },
      buckets);
}

std::shared_ptr<Metrics::CallbackRegistration> Metrics::CallbackGauge(const std::string& name,
                                                                      const std::string& help,
                                                                      const Labels& labels,
                                                                      std::function<double()> read) {
  Labels all = labels;
  all["service"] = state_->service;
  auto source = std::make_shared<CallbackGaugeSource>(name, help, std::move(all), std::move(read));
  state_->callbacks->Add(source);
  return std::make_shared<CallbackRegistration>(std::move(source));
}

absl::Status Metrics::Expose(const std::string& address) {
  try {
    state_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception&) {
    return absl::UnavailableError(absl::StrCat("metrics address ", address, " is taken or can not be bound"));
  }
  state_->exposer->RegisterCollectable(state_->registry);
  state_->exposer->RegisterCollectable(state_->callbacks);
  return absl::OkStatus();
}

int Metrics::port() const {
  if (state_->exposer == nullptr) return 0;
  const std::vector<int> ports = state_->exposer->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

std::string Metrics::Render() const {
  std::vector<prometheus::MetricFamily> families = state_->registry->Collect();
  for (prometheus::MetricFamily& family : state_->callbacks->Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace zhuqi::telemetry
