#include "tools/zhuqictl/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"

namespace zhuqi::ctl {
namespace {

constexpr int kBarWidth = 30;

std::string Bar(double share) {
  const int filled = static_cast<int>(share * kBarWidth);
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) absl::StrAppend(&bar, i < filled ? "█" : "░");
  return bar;
}

std::string TimeLeft(double share, absl::Duration elapsed) {
  if (share <= 0 || share >= 1 || elapsed < absl::Seconds(2)) return "";
  const double seconds = absl::ToDoubleSeconds(elapsed) * (1 - share) / share;
  return seconds < 90 ? absl::StrFormat("  about %.0f s left", seconds)
                      : absl::StrFormat("  about %.0f min left", seconds / 60);
}

}  // namespace

std::string WithSeparators(int64_t number) {
  const std::string digits = absl::StrCat(number < 0 ? -number : number);
  std::string text = number < 0 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

std::string ProgressLine(absl::string_view label, int64_t done, int64_t total, int64_t count,
                         absl::string_view unit, absl::Duration elapsed) {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  const int64_t rate = seconds > 0.1 ? static_cast<int64_t>(static_cast<double>(count) / seconds) : 0;
  std::string line = absl::StrCat(label, "  ");
  if (total > 0) {
    const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    absl::StrAppend(&line, Bar(share), absl::StrFormat(" %3.0f %%  ", share * 100));
  }
  absl::StrAppend(&line, WithSeparators(count), " ", unit);
  if (rate > 0) absl::StrAppend(&line, "  ", WithSeparators(rate), "/s");
  if (total > 0)
    absl::StrAppend(&line, TimeLeft(static_cast<double>(done) / static_cast<double>(total), elapsed));
  return line;
}

Progress::Progress(std::string label, std::string unit, int64_t total, bool quiet)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::System().Now()) {}

void Progress::Draw(bool last) {
  const absl::Time now = Clock::System().Now();
  const absl::Duration interval = terminal_ ? absl::Milliseconds(100) : absl::Seconds(10);
  // Elsewhere than on a terminal the first line comes after the interval: short runs need none in between.
  const absl::Time before = drawn_ == absl::InfinitePast() && !terminal_ ? start_ : drawn_;
  if (quiet_ || (!last && now - before < interval)) return;
  drawn_ = now;
  const std::string line = ProgressLine(label_, done_, total_, count_, unit_, now - start_);
  if (terminal_) {
    std::cerr << "\r\x1b[K" << line << (last ? "\n" : "") << std::flush;
  } else {
    std::cerr << line << std::endl;
  }
}

void Progress::Update(int64_t done, int64_t count) {
  absl::MutexLock lock(&mutex_);
  done_ = done;
  count_ = count;
  Draw(false);
}

void Progress::Say(absl::string_view message) {
  absl::MutexLock lock(&mutex_);
  if (terminal_ && !quiet_) std::cerr << "\r\x1b[K";
  std::cerr << message << std::endl;
}

void Progress::Finish() {
  absl::MutexLock lock(&mutex_);
  if (finished_) return;
  finished_ = true;
  Draw(true);
}

}  // namespace zhuqi::ctl
