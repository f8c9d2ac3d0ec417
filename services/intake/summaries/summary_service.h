// The RPCs of monthly summaries.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_SERVICE_H_

#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/rpc/bound_service.h"
#include "services/intake/summaries/summary_writer.h"
#include "zhuqi/intake/v1/summary_service.grpc.pb.h"

namespace zhuqi::intake {

// All are required and must outlive the service.
struct SummaryServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  SummaryWriter* writer = nullptr;
  DirectoryHolder* directory = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  int32_t partitions = 8;
};

class SummaryServer final : public rpc::BoundService<v1::SummaryService> {
 public:
  explicit SummaryServer(SummaryServiceParts parts);

 private:
  Task<absl::StatusOr<v1::SubmitSummaryResponse>> Submit(rpc::CallContext& call,
                                                         const v1::SubmitSummaryRequest& request);
  Task<absl::StatusOr<v1::ReviewSummaryResponse>> Review(rpc::CallContext& call,
                                                         const v1::ReviewSummaryRequest& request);
  Task<absl::StatusOr<v1::GetSummaryResponse>> Get(rpc::CallContext& call,
                                                   const v1::GetSummaryRequest& request);
  Task<absl::StatusOr<v1::ListSummariesResponse>> List(rpc::CallContext& call,
                                                       const v1::ListSummariesRequest& request);
  Task<absl::StatusOr<v1::DraftSummaryResponse>> Draft(rpc::CallContext& call,
                                                       const v1::DraftSummaryRequest& request);
  Task<absl::StatusOr<v1::CompareRevisionsResponse>> CompareTwo(rpc::CallContext& call,
                                                                const v1::CompareRevisionsRequest& request);
  Task<absl::StatusOr<v1::ListObligationsResponse>> ListMatrix(rpc::CallContext& call,
                                                               const v1::ListObligationsRequest& request);
  Task<absl::StatusOr<v1::DecideObligationResponse>> DecideOne(rpc::CallContext& call,
                                                               const v1::DecideObligationRequest& request);
  Task<absl::StatusOr<v1::OpenPeriodResponse>> Open(rpc::CallContext& call,
                                                    const v1::OpenPeriodRequest& request);
  Task<absl::StatusOr<v1::LockPeriodResponse>> Lock(rpc::CallContext& call,
                                                    const v1::LockPeriodRequest& request);
  Task<absl::StatusOr<v1::ListPeriodsResponse>> ListPeriodPage(rpc::CallContext& call,
                                                               const v1::ListPeriodsRequest& request);

  // Waits for the token's directory; then `read` runs with a connection and the directory.
  template <typename Response>
  Task<absl::StatusOr<Response>> Read(
      rpc::CallContext& call, std::string at_least_token,
      std::function<absl::StatusOr<Response>(db::Connection&, std::shared_ptr<const Directory>)> read);
  // InvalidArgument ORG_UNIT_UNKNOWN when not even the newest directory has the unit.
  Task<absl::Status> RequireUnit(const std::string& org_unit_id, absl::Time deadline);
  Task<absl::Status> RefreshOwnDirectory(absl::Time deadline);
  Task<absl::StatusOr<v1::SubmitSummaryResponse>> Write(rpc::CallContext& call, SummaryItem item,
                                                        const std::string& org_unit_id);

  const SummaryServiceParts parts_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_SERVICE_H_
