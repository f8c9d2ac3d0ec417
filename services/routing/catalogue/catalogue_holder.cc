#include "services/routing/catalogue/catalogue_holder.h"

#include <memory>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "services/routing/catalogue/catalogue_store.h"

namespace zhuqi::routing {

std::shared_ptr<const CompiledCatalogue> CatalogueHolder::GetCompiled() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

std::shared_ptr<const CompiledCatalogue> CatalogueHolder::GetOrEmpty() const {
  std::shared_ptr<const CompiledCatalogue> compiled = GetCompiled();
  return compiled != nullptr ? compiled : std::make_shared<const CompiledCatalogue>(v1::Catalogue());
}

std::shared_ptr<const v1::Catalogue> CatalogueHolder::Get() const {
  const std::shared_ptr<const CompiledCatalogue> compiled = GetCompiled();
  if (compiled == nullptr) return nullptr;
  return {compiled, &compiled->message()};
}

void CatalogueHolder::Take(int64_t highest, absl::CivilDay today,
                           std::shared_ptr<const CompiledCatalogue> in_force) {
  {
    absl::MutexLock lock(&mutex_);
    if (highest < highest_ || (highest == highest_ && today < today_)) return;
    highest_ = highest;
    today_ = today;
    current_ = std::move(in_force);
  }
  positions_.Advance(kCatalogueSource, 0, highest);
}

absl::Status CatalogueHolder::Refresh(db::Pool& pool, absl::CivilDay today, absl::Time deadline) {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool.Acquire(deadline));
  return Refresh(*lease, today);
}

absl::Status CatalogueHolder::Refresh(db::Connection& connection, absl::CivilDay today) {
  ZHUQI_ASSIGN_OR_RETURN(const CatalogueVersions versions, ReadCatalogueVersions(connection, today));
  std::shared_ptr<const CompiledCatalogue> in_force = GetCompiled();
  const int64_t here = in_force == nullptr ? 0 : in_force->message().version();
  if (versions.in_force == 0) {
    in_force = nullptr;
  } else if (versions.in_force != here) {
    ZHUQI_ASSIGN_OR_RETURN(std::optional<v1::Catalogue> catalogue,
                           ReadCatalogue(connection, versions.in_force));
    if (!catalogue.has_value()) return absl::DataLossError("the catalogue in force is gone");
    in_force = std::make_shared<const CompiledCatalogue>(*std::move(catalogue));
  }
  Take(versions.highest, today, std::move(in_force));
  return absl::OkStatus();
}

std::shared_ptr<const CompiledCatalogue> CatalogueHolder::Wait(absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  const auto present = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return current_ != nullptr; };
  mutex_.AwaitWithTimeout(absl::Condition(&present), timeout);
  return current_;
}

}  // namespace zhuqi::routing
