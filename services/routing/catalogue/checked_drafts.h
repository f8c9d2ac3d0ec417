// Drafts that were found good, so that a replay of many pages checks and compiles its draft once.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CHECKED_DRAFTS_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CHECKED_DRAFTS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/directory/directory.h"
#include "services/routing/catalogue/compiled_catalogue.h"

namespace zhuqi::routing {

// Thread-safe. Keeps the few that were asked for last. A draft is known by the digest of its content and the
// place of the directory that it was checked with, so nothing that a caller says is taken on trust.
class CheckedDrafts {
 public:
  using Draft = std::shared_ptr<const CompiledCatalogue>;

  // The draft, compiled; refused as CheckCatalogue refuses it.
  absl::StatusOr<Draft> Get(const v1::Catalogue& catalogue, const Directory& directory);

  // How many checks that took.
  int64_t checks() const;

 private:
  struct Known {
    std::string digest;
    int64_t directory_sequence = 0;
    Draft draft;
  };
  Draft Find(const std::string& digest, int64_t directory_sequence);

  mutable absl::Mutex mutex_;
  std::deque<Known> known_ ABSL_GUARDED_BY(mutex_);  // the last one asked for first
  int64_t checks_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CHECKED_DRAFTS_H_
