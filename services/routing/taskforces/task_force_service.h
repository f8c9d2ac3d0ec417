// The RPCs on task forces and on what is followed to the end.
#ifndef ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_SERVICE_H_

#include <atomic>
#include <cstdint>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "common/feed/token_service.h"
#include "common/telemetry/metrics.h"
#include "services/routing/taskforces/task_force_writer.h"
#include "zhuqi/routing/v1/task_force_service.grpc.pb.h"

namespace zhuqi::routing {

// All are required and must outlive the service.
struct TaskForceServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  DirectoryHolder* directory = nullptr;
  feed::Positions* positions = nullptr;
  const Clock* clock = nullptr;
  telemetry::Metrics* metrics = nullptr;
};

class TaskForceServer final : public feed::TokenService<v1::TaskForceService> {
 public:
  explicit TaskForceServer(TaskForceServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &TaskForceServer::SetUp, &TaskForceServer::Act, &TaskForceServer::Get, &TaskForceServer::List,
         &TaskForceServer::ListSpecial);
  }

 private:
  Task<absl::StatusOr<v1::SetUpTaskForceResponse>> SetUp(rpc::CallContext& call,
                                                         const v1::SetUpTaskForceRequest& request);
  Task<absl::StatusOr<v1::ActOnTaskForceResponse>> Act(rpc::CallContext& call,
                                                       const v1::ActOnTaskForceRequest& request);
  Task<absl::StatusOr<v1::GetTaskForceResponse>> Get(rpc::CallContext& call,
                                                     const v1::GetTaskForceRequest& request);
  Task<absl::StatusOr<v1::ListTaskForcesResponse>> List(rpc::CallContext& call,
                                                        const v1::ListTaskForcesRequest& request);
  Task<absl::StatusOr<v1::ListSpecialItemsResponse>> ListSpecial(rpc::CallContext& call,
                                                                 const v1::ListSpecialItemsRequest& request);

  // Counts one change that was made.
  void CountChange(const std::string& action);
  // Brings the due days that lists filter and order by up to the calendar of `directory`, once for each.
  absl::Status FollowCalendar(db::Connection& connection, const Directory& directory);

  const TaskForceServiceParts parts_;
  // The version of the calendar that the stored due days are not older than.
  std::atomic<int64_t> retimed_for_{-1};
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_SERVICE_H_
