// The RPCs of enterprises and of the policies that they may claim.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/rpc/call_adaptor.h"
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

class EnterpriseServer final : public v1::EnterpriseService::CallbackService {
 public:
  explicit EnterpriseServer(EnterpriseServiceParts parts) : parts_(parts) {}

  grpc::ServerUnaryReactor* ApplyEnterprises(grpc::CallbackServerContext* context,
                                             const v1::ApplyEnterprisesRequest* request,
                                             v1::ApplyEnterprisesResponse* response) override;
  grpc::ServerUnaryReactor* GetEnterprise(grpc::CallbackServerContext* context,
                                          const v1::GetEnterpriseRequest* request,
                                          v1::GetEnterpriseResponse* response) override;
  grpc::ServerUnaryReactor* ListEnterprises(grpc::CallbackServerContext* context,
                                            const v1::ListEnterprisesRequest* request,
                                            v1::ListEnterprisesResponse* response) override;
  grpc::ServerUnaryReactor* ListPolicyMatches(grpc::CallbackServerContext* context,
                                              const v1::ListPolicyMatchesRequest* request,
                                              v1::ListPolicyMatchesResponse* response) override;
  grpc::ServerUnaryReactor* PrepareVisit(grpc::CallbackServerContext* context,
                                         const v1::PrepareVisitRequest* request,
                                         v1::PrepareVisitResponse* response) override;

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
