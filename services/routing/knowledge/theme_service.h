// The RPCs on themes and preventive work items.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "common/feed/tail.h"
#include "common/feed/token_service.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/knowledge/once.h"
#include "services/routing/notices/notice_store.h"
#include "zhuqi/routing/v1/theme_service.grpc.pb.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the service.
struct ThemeServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  feed::Positions* positions = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  Outbox outbox = Outbox::kOff;
  // For how long recurrence is counted after a fix.
  int recurrence_days = 180;
};

class ThemeServer final : public feed::TokenService<v1::ThemeService> {
 public:
  explicit ThemeServer(ThemeServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &ThemeServer::Propose, &ThemeServer::Act, &ThemeServer::Get, &ThemeServer::List,
         &ThemeServer::ActOnItem, &ThemeServer::ListItems);
  }

 private:
  Task<absl::StatusOr<v1::ProposeThemeResponse>> Propose(rpc::CallContext& call,
                                                         const v1::ProposeThemeRequest& request);
  Task<absl::StatusOr<v1::ActOnThemeResponse>> Act(rpc::CallContext& call,
                                                   const v1::ActOnThemeRequest& request);
  Task<absl::StatusOr<v1::GetThemeResponse>> Get(rpc::CallContext& call, const v1::GetThemeRequest& request);
  Task<absl::StatusOr<v1::ListThemesResponse>> List(rpc::CallContext& call,
                                                    const v1::ListThemesRequest& request);
  Task<absl::StatusOr<v1::ActOnPreventiveItemResponse>> ActOnItem(
      rpc::CallContext& call, const v1::ActOnPreventiveItemRequest& request);
  Task<absl::StatusOr<v1::ListPreventiveItemsResponse>> ListItems(
      rpc::CallContext& call, const v1::ListPreventiveItemsRequest& request);
  KnowledgeCall CallOf(const rpc::CallContext& call) const;

  const ThemeServiceParts parts_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_SERVICE_H_
