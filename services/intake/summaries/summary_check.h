// What is wrong with a request about summaries, whatever stands already. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_CHECK_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/rpc/errors.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// Each gives the request with its texts in their stored form, or InvalidArgument with all that is wrong with
// it whatever the form asks for. The month has begun, and nothing is dated later than `now`.
absl::StatusOr<v1::SubmitSummaryRequest> CheckSubmission(const v1::SubmitSummaryRequest& request,
                                                         absl::Time now);
absl::StatusOr<v1::ReviewSummaryRequest> CheckReview(const v1::ReviewSummaryRequest& request, absl::Time now);
absl::StatusOr<v1::DecideObligationRequest> CheckDecision(const v1::DecideObligationRequest& request,
                                                          absl::Time now);
absl::StatusOr<v1::LockPeriodRequest> CheckLock(const v1::LockPeriodRequest& request);

// The month that a request names; noted when there is no such month.
std::optional<absl::CivilMonth> CheckMonth(const common::v1::YearMonth& message, const std::string& path,
                                           rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_CHECK_H_
