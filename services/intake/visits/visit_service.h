// The RPCs of visit plans, quotas and proposals.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_VISIT_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_VISIT_SERVICE_H_

#include <string>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/rpc/bound_service.h"
#include "zhuqi/intake/v1/visit_plan_service.grpc.pb.h"

namespace zhuqi::intake {

// All are required and must outlive the service.
struct VisitServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  DirectoryHolder* directory = nullptr;
  const Clock* clock = nullptr;
};

// Plans change rarely, so that their mutations are transactions of their own and not a batch's.
class VisitPlanServer final : public rpc::BoundService<v1::VisitPlanService> {
 public:
  explicit VisitPlanServer(VisitServiceParts parts) : BoundService(*parts.adaptor), parts_(parts) {
    using Self = VisitPlanServer;
    Bind(this, &Self::Apply, &Self::ListPlanPage, &Self::ListQuotaPage, &Self::Waive, &Self::ListOverdue,
         &Self::Propose);
  }

 private:
  Task<absl::StatusOr<v1::ApplyVisitPlansResponse>> Apply(rpc::CallContext& call,
                                                          const v1::ApplyVisitPlansRequest& request);
  Task<absl::StatusOr<v1::ListVisitPlansResponse>> ListPlanPage(rpc::CallContext& call,
                                                                const v1::ListVisitPlansRequest& request);
  Task<absl::StatusOr<v1::ListVisitQuotasResponse>> ListQuotaPage(rpc::CallContext& call,
                                                                  const v1::ListVisitQuotasRequest& request);
  Task<absl::StatusOr<v1::WaiveVisitQuotaResponse>> Waive(rpc::CallContext& call,
                                                          const v1::WaiveVisitQuotaRequest& request);
  Task<absl::StatusOr<v1::ListOverdueEnterprisesResponse>> ListOverdue(
      rpc::CallContext& call, const v1::ListOverdueEnterprisesRequest& request);
  Task<absl::StatusOr<v1::ProposeVisitsResponse>> Propose(rpc::CallContext& call,
                                                          const v1::ProposeVisitsRequest& request);

  // What another replica applied may be named by the plans: looks again with the newest directory.
  Task<absl::StatusOr<v1::ApplyVisitPlansRequest>> Check(rpc::CallContext& call,
                                                         const v1::ApplyVisitPlansRequest& request);

  const VisitServiceParts parts_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_VISIT_SERVICE_H_
