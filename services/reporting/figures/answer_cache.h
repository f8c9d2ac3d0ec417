// Answers that were given, for as long as nothing has changed.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_ANSWER_CACHE_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_ANSWER_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/slice.h"
#include "services/reporting/cube/day_number.h"

namespace zhuqi::reporting {

// Thread-safe. An answer is good for one version of the aggregate and one day; its freshness is left empty,
// because that is made anew for each caller. It is kept as bytes, which all callers share: copying some
// hundred figures, serialising and freeing them cost four times as much as all the rest of a call.
class AnswerCache {
 public:
  // Keeps at most so many bytes of requests and answers in all; the answers least recently used go first.
  explicit AnswerCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // The serialised answer. Nullopt when there is none for exactly this version and day.
  std::optional<grpc::Slice> Find(const std::string& request, uint64_t version, DayNumber today);
  void Put(const std::string& request, uint64_t version, DayNumber today, const grpc::Slice& answer);

 private:
  struct Entry {
    std::string request;
    uint64_t version = 0;
    DayNumber today = 0;
    grpc::Slice answer;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  void Remove(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::size_t max_bytes_;
  absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<absl::string_view, Entries::iterator> by_request_ ABSL_GUARDED_BY(mutex_);
  std::size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_ANSWER_CACHE_H_
