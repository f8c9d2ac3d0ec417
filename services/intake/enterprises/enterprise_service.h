// The RPCs of enterprises and of the policies that they may claim.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/rpc/bound_service.h"
#include "services/intake/enterprises/enterprise_writer.h"
#include "zhuqi/intake/v1/enterprise_service.grpc.pb.h"

namespace zhuqi::intake {

// All are required and must outlive the service.
struct EnterpriseServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  EnterpriseWriter* writer = nullptr;
  DirectoryHolder* directory = nullptr;
  const Clock* clock = nullptr;
};

class EnterpriseServer final : public rpc::BoundService<v1::EnterpriseService> {
 public:
  explicit EnterpriseServer(EnterpriseServiceParts parts) : BoundService(*parts.adaptor), parts_(parts) {
    using Self = EnterpriseServer;
    Bind(this, &Self::Apply, &Self::Get, &Self::List, &Self::ListMatches, &Self::Prepare);
  }

 private:
  Task<absl::StatusOr<v1::ApplyEnterprisesResponse>> Apply(rpc::CallContext& call,
                                                           const v1::ApplyEnterprisesRequest& request);
  Task<absl::StatusOr<v1::GetEnterpriseResponse>> Get(rpc::CallContext& call,
                                                      const v1::GetEnterpriseRequest& request);
  Task<absl::StatusOr<v1::ListEnterprisesResponse>> List(rpc::CallContext& call,
                                                         const v1::ListEnterprisesRequest& request);
  Task<absl::StatusOr<v1::ListPolicyMatchesResponse>> ListMatches(
      rpc::CallContext& call, const v1::ListPolicyMatchesRequest& request);
  Task<absl::StatusOr<v1::PrepareVisitResponse>> Prepare(rpc::CallContext& call,
                                                         const v1::PrepareVisitRequest& request);

  EnterpriseBatch CheckAll(const v1::ApplyEnterprisesRequest& request) const;
  // Looks again with the newest directory when a unit is not known to this replica yet.
  Task<absl::StatusOr<EnterpriseBatch>> CheckWithNewestDirectory(absl::Time deadline,
                                                                 const v1::ApplyEnterprisesRequest& request);

  const EnterpriseServiceParts parts_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_SERVICE_H_
