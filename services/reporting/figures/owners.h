// Asks the owners of records, without blocking.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_OWNERS_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_OWNERS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/base/task.h"
#include "common/rpc/call_context.h"
#include "grpcpp/channel.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::reporting {

// Thread-safe. Each call ends at the caller's deadline, and bears its trace. `call` and `request` must
// outlive the task.
class Owners {
 public:
  Owners(const std::shared_ptr<grpc::Channel>& intake, const std::shared_ptr<grpc::Channel>& routing);

  Task<absl::StatusOr<intake::v1::ListRecordsResponse>> ListRecords(
      const rpc::CallContext& call, const intake::v1::ListRecordsRequest& request);
  Task<absl::StatusOr<routing::v1::ListCasesResponse>> ListCases(
      const rpc::CallContext& call, const routing::v1::ListCasesRequest& request);
  Task<absl::StatusOr<routing::v1::GetCaseResponse>> GetCase(const rpc::CallContext& call,
                                                             const routing::v1::GetCaseRequest& request);

 private:
  const std::unique_ptr<intake::v1::RecordService::Stub> records_;
  const std::unique_ptr<routing::v1::CaseService::Stub> cases_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_OWNERS_H_
