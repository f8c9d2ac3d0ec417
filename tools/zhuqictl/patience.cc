#include "tools/zhuqictl/patience.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/rpc/errors.h"
#include "tools/zhuqictl/failure.h"

namespace zhuqi::ctl {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
constexpr absl::Duration kBetweenMessages = absl::Seconds(10);

}  // namespace

Patience::Patience(absl::Duration limit, std::function<void(absl::string_view)> say)
    : limit_(limit), say_(std::move(say)) {}

void Patience::Reset() {
  waiting_since_ = absl::InfinitePast();
  said_ = absl::InfinitePast();
  pause_ = absl::ZeroDuration();
}

bool Patience::TryAgain(const absl::Status& failure) {
  if (!IsPassing(failure)) return false;
  const absl::Time now = Clock::System().Now();
  if (waiting_since_ == absl::InfinitePast()) waiting_since_ = now;
  const absl::Duration waited = now - waiting_since_;
  if (waited >= limit_) return false;
  // The first tries are silent: a service under load asks for a moment now and then.
  if (waited > absl::Seconds(1) && now - said_ >= kBetweenMessages) {
    said_ = now;
    say_(absl::StrCat("The service is away or busy (", failure.message(), "); trying again for up to ",
                      absl::FormatDuration(absl::Trunc(limit_ - waited, absl::Seconds(1))),
                      ". / 服务暂不可用，正在重试。"));
  }
  pause_ = pause_ == absl::ZeroDuration() ? kFirstPause : std::min(pause_ * 2, kLongestPause);
  absl::SleepFor(std::max(pause_, rpc::RetryAfterOf(failure).value_or(absl::ZeroDuration())));
  return true;
}

}  // namespace zhuqi::ctl
