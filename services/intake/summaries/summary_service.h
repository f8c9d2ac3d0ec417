// The RPCs of monthly summaries.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_SERVICE_H_

#include <string>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/rpc/call_adaptor.h"
#include "services/intake/summaries/summary_writer.h"
#include "zhuqi/intake/v1/summary_service.grpc.pb.h"

namespace zhuqi::intake {

// All are required and must outlive the service.
struct SummaryServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  SummaryWriter* writer = nullptr;
  DirectoryHolder* directory = nullptr;
  const Clock* clock = nullptr;
  int32_t partitions = 8;
};

class SummaryServer final : public v1::SummaryService::CallbackService {
 public:
  explicit SummaryServer(SummaryServiceParts parts) : parts_(parts) {}

  grpc::ServerUnaryReactor* SubmitSummary(grpc::CallbackServerContext* context,
                                          const v1::SubmitSummaryRequest* request,
                                          v1::SubmitSummaryResponse* response) override;
  grpc::ServerUnaryReactor* ReviewSummary(grpc::CallbackServerContext* context,
                                          const v1::ReviewSummaryRequest* request,
                                          v1::ReviewSummaryResponse* response) override;
  grpc::ServerUnaryReactor* GetSummary(grpc::CallbackServerContext* context,
                                       const v1::GetSummaryRequest* request,
                                       v1::GetSummaryResponse* response) override;
  grpc::ServerUnaryReactor* ListSummaries(grpc::CallbackServerContext* context,
                                          const v1::ListSummariesRequest* request,
                                          v1::ListSummariesResponse* response) override;

 private:
  Task<absl::StatusOr<v1::SubmitSummaryResponse>> Submit(rpc::CallContext& call,
                                                         const v1::SubmitSummaryRequest& request);
  Task<absl::StatusOr<v1::ReviewSummaryResponse>> Review(rpc::CallContext& call,
                                                         const v1::ReviewSummaryRequest& request);
  Task<absl::StatusOr<v1::GetSummaryResponse>> Get(rpc::CallContext& call,
                                                   const v1::GetSummaryRequest& request);
  Task<absl::StatusOr<v1::ListSummariesResponse>> List(rpc::CallContext& call,
                                                       const v1::ListSummariesRequest& request);

  Task<absl::StatusOr<v1::SubmitSummaryResponse>> Preview(rpc::CallContext& call,
                                                          const v1::SubmitSummaryRequest& checked);
  // InvalidArgument ORG_UNIT_UNKNOWN when not even the newest directory has the unit.
  Task<absl::Status> RequireUnit(const std::string& org_unit_id, absl::Time deadline);
  Task<absl::StatusOr<v1::SubmitSummaryResponse>> Write(rpc::CallContext& call, SummaryItem item,
                                                        const std::string& org_unit_id);

  const SummaryServiceParts parts_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_SERVICE_H_
