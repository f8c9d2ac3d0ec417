// Waiting for a service that is away, within bounds.
#ifndef ZHUQI_TOOLS_ZHUQICTL_PATIENCE_H_
#define ZHUQI_TOOLS_ZHUQICTL_PATIENCE_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zhuqi::ctl {

// One for each thing that is tried again and again. Not thread-safe.
class Patience {
 public:
  // `say` tells people that it takes longer; once when waiting begins and then every ten seconds.
  Patience(absl::Duration limit, std::function<void(absl::string_view)> say);

  // After a failure: true, after a pause, when another try is worth while; false for a failure that stays, or
  // when the limit is reached.
  bool TryAgain(const absl::Status& failure);
  // After something went well: the limit counts anew.
  void Reset();

 private:
  const absl::Duration limit_;
  const std::function<void(absl::string_view)> say_;
  absl::Time waiting_since_ = absl::InfinitePast();
  absl::Time said_ = absl::InfinitePast();
  absl::Duration pause_ = absl::ZeroDuration();
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_PATIENCE_H_
