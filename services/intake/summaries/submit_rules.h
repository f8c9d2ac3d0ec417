// What a submission makes of a summary: an immutable revision. Pure: the time is an argument.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUBMIT_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUBMIT_RULES_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/intake/summaries/month_evidence.h"
#include "services/intake/summaries/stored_summary.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// Revisions that one summary may have.
inline constexpr int kMaxRevisions = 200;

// What a submission is judged by.
struct SubmitContext {
  const MonthEvidence& evidence;
  // Units of the request's basis that are not accepted at the revision and digest that it names.
  std::set<std::string> superseded;
  bool locked = false;
  std::string sender;
  absl::Time now;
};

// The summary after a checked submission, with all that a check finds, errors too (see RefuseErrors); the
// same `sequence` when it says what is in force already. A first revision may be sent in any state. Errors:
// InvalidArgument ETAG_REQUIRED, CORRECTION_REASON_REQUIRED, CORRECTION_REASON_NOT_ALLOWED, and for cells,
// sections and units that the form does not ask for; Aborted ETAG_MISMATCH; FailedPrecondition
// TOO_MANY_REVISIONS.
absl::StatusOr<StoredSummary> Submit(const StoredSummary& current, const v1::SubmitSummaryRequest& request,
                                     const SubmitContext& context);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUBMIT_RULES_H_
