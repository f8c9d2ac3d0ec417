// What somebody decides of an obligation: waived, taken back, due later. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_DECISION_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_DECISION_RULES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/intake/summaries/stored_summary.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// Decisions that one obligation may have.
inline constexpr int kMaxDecisions = 100;
// An extension ends so many days after the due date at the latest.
inline constexpr int kMaxExtensionDays = 366;

struct DecisionContext {
  const Directory& directory;
  std::string approver;
  absl::Time now;
};

// The obligation after a checked decision. A waiver that is taken back stays if the directory has a reason of
// its own for it. Errors: Aborted ETAG_MISMATCH; FailedPrecondition ILLEGAL_TRANSITION, TOO_MANY_DECISIONS;
// InvalidArgument for an extension that ends before the due date, or more than kMaxExtensionDays after it.
absl::StatusOr<StoredSummary> Decide(const StoredSummary& current, const v1::DecideObligationRequest& request,
                                     const DecisionContext& context);

// Whether it is waived because somebody decided so, and not by the directory.
bool IsWaivedByHand(const v1::MonthlySummary& summary);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_DECISION_RULES_H_
