#include "tests/bench/measurement.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace zhuqi::bench {
namespace {

// `percent` of the values are at most this. Reorders them.
double Percentile(std::vector<uint32_t>& values, size_t percent) {
  if (values.empty()) return 0;
  const size_t rank = std::max<size_t>(1, (values.size() * percent + 99) / 100) - 1;
  const auto position = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), position, values.end());
  return *position / 1000.0;
}

}  // namespace

void Report::Take(const Samples& samples) {
  absl::MutexLock lock(&mutex_);
  items_ += samples.items_;
  microseconds_.insert(microseconds_.end(), samples.microseconds_.begin(), samples.microseconds_.end());
}

void Report::Fail(const absl::Status& error) {
  absl::MutexLock lock(&mutex_);
  error_.Update(error);
}

bool Report::failed() const {
  absl::MutexLock lock(&mutex_);
  return !error_.ok();
}

absl::StatusOr<Measured> Report::Finish() {
  absl::MutexLock lock(&mutex_);
  if (!error_.ok()) return error_;
  if (items_ == 0) return absl::UnavailableError("nothing was finished within the measured time");
  Measured measured;
  measured.items = items_;
  measured.items_per_second =
      static_cast<double>(items_) / absl::ToDoubleSeconds(window_.end - window_.begin);
  measured.p50_milliseconds = Percentile(microseconds_, 50);
  measured.p99_milliseconds = Percentile(microseconds_, 99);
  return measured;
}

std::string ToJson(const std::string& mode, const Measured& measured) {
  return absl::StrFormat(R"({"mode":"%s","items":%d,"items_per_second":%.1f,"p50_ms":%.3f,"p99_ms":%.3f})",
                         mode, measured.items, measured.items_per_second, measured.p50_milliseconds,
                         measured.p99_milliseconds);
}

}  // namespace zhuqi::bench
