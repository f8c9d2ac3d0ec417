// The RPCs on cases.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "common/feed/token_service.h"
#include "common/telemetry/metrics.h"
#include "services/routing/cases/case_watcher.h"
#include "services/routing/cases/case_writer.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::routing {

// All are required and must outlive the service.
struct CaseServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  CaseWriter* writer = nullptr;
  const DirectoryHolder* directory = nullptr;
  feed::Positions* positions = nullptr;
  const Clock* clock = nullptr;
  telemetry::Metrics* metrics = nullptr;
  CaseWatcher* watcher = nullptr;
  // A tab is counted no further.
  int64_t most_counted = 10000;
  // Reads lists that may look through a large part of all cases, beside `sql` and with fewer threads: they
  // hold up each other and nobody else. Null: `sql` does.
  db::SqlExecutor* wide_sql = nullptr;
};

class CaseServer final : public feed::TokenService<v1::CaseService> {
 public:
  explicit CaseServer(CaseServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &CaseServer::Get, &CaseServer::List, &CaseServer::Count, &CaseServer::Watch, &CaseServer::Act,
         &CaseServer::ActAll);
  }

 private:
  Task<absl::StatusOr<v1::GetCaseResponse>> Get(rpc::CallContext& call, const v1::GetCaseRequest& request);
  Task<absl::StatusOr<v1::ListCasesResponse>> List(rpc::CallContext& call,
                                                   const v1::ListCasesRequest& request);
  Task<absl::StatusOr<v1::CountCasesResponse>> Count(rpc::CallContext& call,
                                                     const v1::CountCasesRequest& request);
  Task<absl::Status> Watch(rpc::CallContext& call, const v1::WatchCasesRequest& request,
                           rpc::ServerWriter<v1::WatchCasesResponse>& writer) {
    return parts_.watcher->Watch(call, request, writer);
  }
  Task<absl::StatusOr<v1::ActOnCaseResponse>> Act(rpc::CallContext& call,
                                                  const v1::ActOnCaseRequest& request);
  Task<absl::StatusOr<v1::ActOnCasesResponse>> ActAll(rpc::CallContext& call,
                                                      const v1::ActOnCasesRequest& request);
  void CountAction(const v1::CaseAction& action);

  const CaseServiceParts parts_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_SERVICE_H_
