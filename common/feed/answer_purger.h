// Forgets first answers after their time, so that the table of them stays bounded.
#ifndef ZHUQI_COMMON_FEED_ANSWER_PURGER_H_
#define ZHUQI_COMMON_FEED_ANSWER_PURGER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/db/pool.h"

namespace zhuqi::feed {

// Works on a thread of its own, in small bites. Replicas may all do it.
class AnswerPurger {
 public:
  // Answers older than `keep` go. All must outlive this.
  AnswerPurger(db::Pool& pool, const Clock& clock, absl::Duration keep,
               absl::Duration interval = absl::Minutes(5));
  ~AnswerPurger();
  void Stop();

 private:
  void Run();
  void PurgeOnce();
  bool stopping() const;

  db::Pool& pool_;
  const Clock& clock_;
  const absl::Duration keep_;
  const absl::Duration interval_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_ANSWER_PURGER_H_
