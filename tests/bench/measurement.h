// What a load client counts, and how it is told.
#ifndef ZHUQI_TESTS_BENCH_MEASUREMENT_H_
#define ZHUQI_TESTS_BENCH_MEASUREMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace zhuqi::bench {

// The time that counts: after the warm-up. Work goes on until `end`.
struct Window {
  absl::Time begin;
  absl::Time end;
  static Window Starting(absl::Time now, absl::Duration warm_up, absl::Duration measured) {
    return {now + warm_up, now + warm_up + measured};
  }
};

struct Measured {
  int64_t items = 0;
  double items_per_second = 0;
  // Of calls, chunks or transactions; 0 when there was none.
  double p50_milliseconds = 0;
  double p99_milliseconds = 0;
};

// The operations of one thread or caller. Not thread-safe.
class Samples {
 public:
  explicit Samples(const Window& window) : window_(window) {}

  // Counts an operation that ended within the window.
  void Add(absl::Time started, absl::Time ended, int64_t items) {
    if (ended < window_.begin || ended >= window_.end) return;
    items_ += items;
    microseconds_.push_back(static_cast<uint32_t>(absl::ToInt64Microseconds(ended - started)));
  }

 private:
  friend class Report;
  const Window window_;
  int64_t items_ = 0;
  std::vector<uint32_t> microseconds_;
};

// Gathers the samples of all callers, and the first thing that went wrong: a run with an error measures
// nothing. Thread-safe.
class Report {
 public:
  explicit Report(const Window& window) : window_(window) {}

  void Take(const Samples& samples);
  void Fail(const absl::Status& error);
  bool failed() const;
  const Window& window() const { return window_; }

  // The first error; otherwise the figures. To be called when all callers have ended.
  absl::StatusOr<Measured> Finish();

 private:
  const Window window_;
  mutable absl::Mutex mutex_;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  int64_t items_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<uint32_t> microseconds_ ABSL_GUARDED_BY(mutex_);
};

// One line of JSON.
std::string ToJson(const std::string& mode, const Measured& measured);

}  // namespace zhuqi::bench

#endif  // ZHUQI_TESTS_BENCH_MEASUREMENT_H_
