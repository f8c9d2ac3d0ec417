// The RPCs on the responsibility catalogue.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "common/feed/token_service.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/catalogue/checked_drafts.h"
#include "zhuqi/routing/v1/catalogue_service.grpc.pb.h"

namespace zhuqi::routing {

// All are required and must outlive the service.
struct CatalogueServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  CatalogueHolder* catalogue = nullptr;
  const DirectoryHolder* directory = nullptr;
  feed::Positions* positions = nullptr;
  const Clock* clock = nullptr;
};

class CatalogueServer final : public feed::TokenService<v1::CatalogueService> {
 public:
  explicit CatalogueServer(CatalogueServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &CatalogueServer::Apply, &CatalogueServer::Get, &CatalogueServer::Explain,
         &CatalogueServer::Diff, &CatalogueServer::Simulate);
  }

 private:
  Task<absl::StatusOr<v1::ApplyCatalogueResponse>> Apply(rpc::CallContext& call,
                                                         const v1::ApplyCatalogueRequest& request);
  Task<absl::StatusOr<v1::GetCatalogueResponse>> Get(rpc::CallContext& call,
                                                     const v1::GetCatalogueRequest& request);
  Task<absl::StatusOr<v1::ExplainRouteResponse>> Explain(rpc::CallContext& call,
                                                         const v1::ExplainRouteRequest& request);
  // In catalogue_draft_calls.cc: what may become of a draft.
  Task<absl::StatusOr<v1::DiffCatalogueResponse>> Diff(rpc::CallContext& call,
                                                       const v1::DiffCatalogueRequest& request);
  Task<absl::StatusOr<v1::SimulateCatalogueResponse>> Simulate(rpc::CallContext& call,
                                                               const v1::SimulateCatalogueRequest& request);

  const CatalogueServiceParts parts_;
  CheckedDrafts drafts_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_SERVICE_H_
