#include "services/routing/catalogue/catalogue_holder.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/routing/catalogue/catalogue_store.h"

namespace zhuqi::routing {

std::shared_ptr<const v1::Catalogue> CatalogueHolder::Get() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

void CatalogueHolder::Advance(v1::Catalogue catalogue) {
  const int64_t version = catalogue.version();
  {
    absl::MutexLock lock(&mutex_);
    if (current_ == nullptr || current_->version() < version) {
      current_ = std::make_shared<const v1::Catalogue>(std::move(catalogue));
    }
  }
  positions_.Advance(kCatalogueSource, 0, version);
}

absl::Status CatalogueHolder::Refresh(db::Pool& pool, absl::Time deadline) {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool.Acquire(deadline));
  ZHUQI_ASSIGN_OR_RETURN(const int64_t version, ReadCatalogueVersion(*lease));
  const std::shared_ptr<const v1::Catalogue> current = Get();
  if (version == (current == nullptr ? 0 : current->version())) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(std::optional<v1::Catalogue> catalogue, ReadCatalogue(*lease, version));
  if (catalogue.has_value()) Advance(*std::move(catalogue));
  return absl::OkStatus();
}

std::shared_ptr<const v1::Catalogue> CatalogueHolder::Wait(absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  const auto present = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return current_ != nullptr; };
  mutex_.AwaitWithTimeout(absl::Condition(&present), timeout);
  return current_;
}

}  // namespace zhuqi::routing
