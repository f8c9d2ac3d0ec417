#include "services/intake/summaries/decision_rules.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/obligation_rules.h"
#include "services/intake/summaries/review_rules.h"

namespace zhuqi::intake {
namespace {

using Decision = v1::ObligationDecision;

std::string AllowedNow(const v1::MonthlySummary& summary) {
  switch (summary.state()) {
    case v1::SUMMARY_STATE_OWED:
      return "SUBMIT, WAIVE, EXTEND";
    case v1::SUMMARY_STATE_RETURNED:
      return "SUBMIT, WAIVE";
    case v1::SUMMARY_STATE_WAIVED:
      return IsWaivedByHand(summary) ? "SUBMIT, UNWAIVE" : "SUBMIT";
    case v1::SUMMARY_STATE_SUBMITTED:
      return "SUBMIT, REVIEW";
    default:
      return "SUBMIT";
  }
}

bool IsAllowed(const v1::MonthlySummary& summary, Decision::Kind kind) {
  switch (kind) {
    case Decision::KIND_WAIVE:
      return IsOpen(summary.state());
    case Decision::KIND_UNWAIVE:
      return IsWaivedByHand(summary);
    case Decision::KIND_EXTEND:
      return summary.state() == v1::SUMMARY_STATE_OWED;
    default:
      return false;
  }
}

absl::Status CheckExtension(const v1::MonthlySummary& summary, absl::Time until) {
  const absl::Time due = TimeFrom(summary.due_at());
  rpc::Violations violations;
  if (until <= due) {
    violations.Add("decision.extended_until", "EXTENSION_BEFORE_DUE", "must be later than the due date",
                   "须晚于应报时间");
  } else if (until > due + absl::Hours(24 * kMaxExtensionDays)) {
    violations.Add("decision.extended_until", "OUT_OF_RANGE",
                   absl::StrCat("at most ", kMaxExtensionDays, " days after the due date"),
                   absl::StrCat("最多晚于应报时间 ", kMaxExtensionDays, " 天"));
  }
  return violations.ToStatus();
}

void TakeBack(v1::MonthlySummary& summary) {
  summary.set_state(summary.revision() == 0 ? v1::SUMMARY_STATE_OWED : v1::SUMMARY_STATE_RETURNED);
  summary.clear_waiver_reason();
}

}  // namespace

bool IsWaivedByHand(const v1::MonthlySummary& summary) {
  if (summary.state() != v1::SUMMARY_STATE_WAIVED) return false;
  for (auto decision = summary.decisions().rbegin(); decision != summary.decisions().rend(); ++decision) {
    if (decision->kind() == Decision::KIND_EXTEND) continue;
    return decision->kind() == Decision::KIND_WAIVE && decision->reason() == summary.waiver_reason();
  }
  return false;
}

absl::StatusOr<StoredSummary> Decide(const StoredSummary& current, const v1::DecideObligationRequest& request,
                                     const DecisionContext& context) {
  if (!request.etag().empty() && request.etag() != EtagOf(current)) return EtagMismatch(current);
  const Decision& asked = request.decision();
  if (!IsAllowed(current.summary, asked.kind())) {
    return IllegalTransition(current.summary, AllowedNow(current.summary));
  }
  if (current.summary.decisions_size() >= kMaxDecisions) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_DECISIONS",
                      absl::StrCat("the obligation has ", kMaxDecisions, " decisions"),
                      absl::StrCat("该应报事项已有 ", kMaxDecisions, " 项决定"));
  }
  if (asked.kind() == Decision::KIND_EXTEND) {
    ZHUQI_RETURN_IF_ERROR(CheckExtension(current.summary, TimeFrom(asked.extended_until())));
  }
  StoredSummary after = current;
  v1::MonthlySummary& summary = after.summary;
  Decision& decision = *summary.add_decisions();
  decision = asked;
  decision.set_approver(context.approver);
  *decision.mutable_decided_at() = TimestampMessage(context.now);
  if (asked.kind() == Decision::KIND_WAIVE) {
    summary.set_state(v1::SUMMARY_STATE_WAIVED);
    summary.set_waiver_reason(asked.reason());
  } else if (asked.kind() == Decision::KIND_UNWAIVE) {
    TakeBack(summary);
    // The directory may have a reason of its own.
    if (std::optional<StoredSummary> adjusted = Adjusted(after, context.directory))
      after = *std::move(adjusted);
  }
  after.sequence = current.sequence + 1;
  return after;
}

}  // namespace zhuqi::intake
