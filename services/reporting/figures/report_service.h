// The RPCs of reporting.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_REPORT_SERVICE_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_REPORT_SERVICE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/feed/positions.h"
#include "common/rpc/bound_service.h"
#include "services/reporting/cube/aggregate.h"
#include "services/reporting/figures/answer_cache.h"
#include "services/reporting/figures/owners.h"
#include "services/reporting/figures/request_rules.h"
#include "services/reporting/figures/verifier.h"
#include "zhuqi/reporting/v1/report_service.grpc.pb.h"

namespace zhuqi::reporting {

// All are required; what they point to must outlive the service.
struct ReportServerOptions {
  rpc::CallAdaptor* adaptor = nullptr;
  const Aggregate* aggregate = nullptr;
  feed::Positions* positions = nullptr;
  Owners* owners = nullptr;
  Verifier* verifier = nullptr;
  const Clock* clock = nullptr;
  // Events that the owners had recorded and that are not in the aggregate, as last known. Thread-safe.
  std::function<int64_t()> events_behind;
};

// The answers of QueryFigures are at hand as bytes, so that it is marked raw.
class ReportServer final
    : public rpc::BoundService<v1::ReportService, v1::ReportService::WithRawCallbackMethod_QueryFigures<
                                                      v1::ReportService::CallbackService>> {
 public:
  explicit ReportServer(const ReportServerOptions& options);

  grpc::ServerUnaryReactor* QueryFigures(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;

 private:
  Task<absl::StatusOr<v1::ListMeasuresResponse>> HandleListMeasures(rpc::CallContext& call,
                                                                    const v1::ListMeasuresRequest& request);
  Task<absl::StatusOr<grpc::ByteBuffer>> HandleQueryFigures(rpc::CallContext& call,
                                                            const v1::QueryFiguresRequest& request);
  Task<absl::StatusOr<v1::ExplainFigureResponse>> HandleExplainFigure(
      rpc::CallContext& call, const v1::ExplainFigureRequest& request);
  Task<absl::StatusOr<v1::GetCompletenessResponse>> HandleGetCompleteness(
      rpc::CallContext& call, const v1::GetCompletenessRequest& request);
  Task<absl::StatusOr<v1::VerifyFiguresResponse>> HandleVerifyFigures(
      rpc::CallContext& call, const v1::VerifyFiguresRequest& request);

  // Until what the token stands for is in the figures, cases that routing makes of it included.
  Task<absl::Status> WaitFor(rpc::CallContext& call, const std::string& token);
  common::v1::Freshness FreshnessNow(const AggregateState& state) const;
  DayNumber Today() const;

  // A QueryFiguresResponse.
  absl::StatusOr<grpc::ByteBuffer> Answer(const v1::QueryFiguresRequest& request);
  // All but the records.
  absl::StatusOr<v1::ExplainFigureResponse> Explain(const Explanation& explanation,
                                                    const std::string& org_unit_id, DayNumber today,
                                                    std::string& unit);
  // Adds the page of records behind the figure.
  Task<absl::Status> AddRecords(rpc::CallContext& call, const Explanation& explanation,
                                const std::string& unit, DayNumber today,
                                v1::ExplainFigureResponse& response);
  Task<absl::Status> AddIntakeRecords(rpc::CallContext& call, const Explanation& explanation,
                                      const std::string& unit, v1::ExplainFigureResponse& response);
  Task<absl::Status> AddCases(rpc::CallContext& call, const Explanation& explanation, const std::string& unit,
                              DayNumber today, v1::ExplainFigureResponse& response);
  void AddObligations(const Explanation& explanation, const std::string& unit, DayNumber today,
                      v1::ExplainFigureResponse& response);

  const ReportServerOptions options_;
  AnswerCache cache_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_REPORT_SERVICE_H_
