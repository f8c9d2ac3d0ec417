// What a review makes of a summary: accepted at the revision and digest that it names, sent back with a clock
// of its own, or commented on and left as it is. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_REVIEW_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_REVIEW_RULES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/intake/summaries/stored_summary.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

struct ReviewContext {
  const directory::v1::SummaryForm& form;
  const Directory& directory;
  std::string reviewer;
  absl::Time now;
};

// The summary after a checked review. What is returned to a unit that has closed is waived at once. Errors:
// FailedPrecondition REVISION_SUPERSEDED, DIGEST_MISMATCH, BASIS_SUPERSEDED for an acceptance,
// TOO_MANY_COMMENTS, and ILLEGAL_TRANSITION with metadata "state" and "allowed"; InvalidArgument for a
// revision that never was, a time before the revision was sent, or a cell that the form does not have.
absl::StatusOr<StoredSummary> Review(const StoredSummary& current, const v1::ReviewSummaryRequest& request,
                                     const ReviewContext& context);

// What is refused because of the state that the summary is in. What has a revision may also be commented on,
// in every state.
absl::Status IllegalTransition(const v1::MonthlySummary& summary, const std::string& allowed);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_REVIEW_RULES_H_
