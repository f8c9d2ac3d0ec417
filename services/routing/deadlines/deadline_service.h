// The RPC that explains deadlines.
#ifndef ZHUQI_SERVICES_ROUTING_DEADLINES_DEADLINE_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_DEADLINES_DEADLINE_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "common/feed/token_service.h"
#include "zhuqi/routing/v1/deadline_service.grpc.pb.h"

namespace zhuqi::routing {

// All are required and must outlive the service.
struct DeadlineServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  const DirectoryHolder* directory = nullptr;
  feed::Positions* positions = nullptr;
  const Clock* clock = nullptr;
};

class DeadlineServer final : public feed::TokenService<v1::DeadlineService> {
 public:
  explicit DeadlineServer(DeadlineServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &DeadlineServer::Explain);
  }

 private:
  Task<absl::StatusOr<v1::ExplainDeadlineResponse>> Explain(rpc::CallContext& call,
                                                            const v1::ExplainDeadlineRequest& request);

  const DeadlineServiceParts parts_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_DEADLINES_DEADLINE_SERVICE_H_
