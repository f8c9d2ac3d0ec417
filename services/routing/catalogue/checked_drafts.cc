#include "services/routing/catalogue/checked_drafts.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/catalogue/catalogue_store.h"

namespace zhuqi::routing {
namespace {

// Each may have a megabyte, and up to 64 of keywords.
constexpr size_t kMostDrafts = 4;

}  // namespace

CheckedDrafts::Draft CheckedDrafts::Find(const std::string& digest, int64_t directory_sequence) {
  absl::MutexLock lock(&mutex_);
  for (auto one = known_.begin(); one != known_.end(); ++one) {
    if (one->digest != digest || one->directory_sequence != directory_sequence) continue;
    Known found = std::move(*one);
    known_.erase(one);
    known_.push_front(std::move(found));
    return known_.front().draft;
  }
  ++checks_;
  return nullptr;
}

absl::StatusOr<CheckedDrafts::Draft> CheckedDrafts::Get(const v1::Catalogue& catalogue,
                                                        const Directory& directory) {
  const std::string digest = CatalogueDigest(catalogue);
  if (Draft known = Find(digest, directory.sequence()); known != nullptr) return known;
  // Not under the mutex: it takes long, and two callers with the same new draft only do it twice.
  ZHUQI_RETURN_IF_ERROR(CheckCatalogue(catalogue, directory));
  Draft draft = std::make_shared<const CompiledCatalogue>(catalogue);
  absl::MutexLock lock(&mutex_);
  known_.push_front({digest, directory.sequence(), draft});
  if (known_.size() > kMostDrafts) known_.pop_back();
  return draft;
}

int64_t CheckedDrafts::checks() const {
  absl::MutexLock lock(&mutex_);
  return checks_;
}

}  // namespace zhuqi::routing
