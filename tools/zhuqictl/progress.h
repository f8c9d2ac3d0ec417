// A progress bar on standard error. On a terminal it is drawn in place, at most ten times a second; elsewhere
// a line is written every ten seconds and at the end, so that logs stay readable.
#ifndef ZHUQI_TOOLS_ZHUQICTL_PROGRESS_H_
#define ZHUQI_TOOLS_ZHUQICTL_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace zhuqi::ctl {

// "importing  ███████░░░░░  58 %  12,400 rows  9,800/s  about 12 s left". `total` 0: not known, no bar.
std::string ProgressLine(absl::string_view label, int64_t done, int64_t total, int64_t count,
                         absl::string_view unit, absl::Duration elapsed);

// 12400 as "12,400".
std::string WithSeparators(int64_t number);

// Thread-safe.
class Progress {
 public:
  // `quiet`: nothing is shown.
  Progress(std::string label, std::string unit, int64_t total, bool quiet);
  ~Progress() { Finish(); }

  // `done` of the total (bytes, lines), and how many units that were.
  void Update(int64_t done, int64_t count);
  // A line above the bar.
  void Say(absl::string_view message);
  // Draws the bar a last time and ends its line. Once.
  void Finish();

 private:
  void Draw(bool last) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string label_;
  const std::string unit_;
  const int64_t total_;
  const bool quiet_;
  const bool terminal_;
  const absl::Time start_;
  absl::Mutex mutex_;
  int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time drawn_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_PROGRESS_H_
