// The RPCs on the outbox of notices.
#ifndef ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/feed/positions.h"
#include "common/feed/token_service.h"
#include "services/routing/notices/notice_store.h"
#include "zhuqi/routing/v1/notice_service.grpc.pb.h"

namespace zhuqi::routing {

// All pointers are required and must outlive the service.
struct NoticeServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  feed::Positions* positions = nullptr;
  const Clock* clock = nullptr;
  Outbox outbox = Outbox::kOff;
};

class NoticeServer final : public feed::TokenService<v1::NoticeService> {
 public:
  explicit NoticeServer(NoticeServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &NoticeServer::List, &NoticeServer::Replay);
  }

 private:
  Task<absl::StatusOr<v1::ListNoticesResponse>> List(rpc::CallContext& call,
                                                     const v1::ListNoticesRequest& request);
  Task<absl::StatusOr<v1::ReplayNoticesResponse>> Replay(rpc::CallContext& call,
                                                         const v1::ReplayNoticesRequest& request);

  const NoticeServiceParts parts_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_SERVICE_H_
