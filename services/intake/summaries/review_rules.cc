#include "services/intake/summaries/review_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/chain_rules.h"
#include "services/intake/summaries/month_evidence.h"
#include "services/intake/summaries/obligation_rules.h"

namespace zhuqi::intake {
namespace {

constexpr int kDefaultReturnDays = 3;
// Each may have 2,000 characters, and a summary with its reviews 1 MiB: comments must not use up the room for
// the revision or the decision that is still to come.
constexpr int kMaxComments = 50;

absl::Status RevisionUnknown(int64_t newest) {
  rpc::Violations violations;
  violations.Add("revision", "REVISION_UNKNOWN", absl::StrCat("the newest revision is ", newest),
                 absl::StrCat("最新修订号为 ", newest));
  return violations.ToStatus();
}

absl::Status CheckRoomForComment(const v1::MonthlySummary& summary) {
  const auto comments = std::count_if(
      summary.reviews().begin(), summary.reviews().end(),
      [](const v1::SummaryReview& review) { return review.decision() == v1::REVIEW_DECISION_COMMENT; });
  if (comments < kMaxComments) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_COMMENTS",
                    absl::StrCat("the summary has ", kMaxComments, " comments"),
                    absl::StrCat("该月报已有 ", kMaxComments, " 条意见"));
}

// Whether what the reviewer read is what stands, and may be reviewed so.
absl::Status CheckReviewed(const v1::MonthlySummary& summary, const v1::ReviewSummaryRequest& request) {
  if (summary.revision() == 0) return IllegalTransition(summary, "SUBMIT");
  if (request.revision() > summary.revision()) return RevisionUnknown(summary.revision());
  if (request.revision() < summary.revision()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "REVISION_SUPERSEDED",
                      "a newer revision has come; read it before deciding", "已有更新的修订，请审阅后再决定",
                      {{"revision", absl::StrCat(summary.revision())}});
  }
  if (request.digest() != summary.digest()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "DIGEST_MISMATCH",
                      "the digest is not that of the revision: what was read is not what was sent",
                      "摘要与该修订不符，所审阅的内容并非所报送的内容");
  }
  if (request.decision() == v1::REVIEW_DECISION_COMMENT) return CheckRoomForComment(summary);
  if (summary.state() != v1::SUMMARY_STATE_SUBMITTED) return IllegalTransition(summary, "SUBMIT");
  if (request.decision() == v1::REVIEW_DECISION_ACCEPT && BasisSuperseded(summary)) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "BASIS_SUPERSEDED",
                      "a summary that this one was made from has changed since; it is to be sent again",
                      "所依据的下级月报已变化，须重新汇总报送", {{"allowed", "SUBMIT, RETURN, COMMENT"}});
  }
  return absl::OkStatus();
}

absl::Status CheckContent(const v1::MonthlySummary& summary, const v1::ReviewSummaryRequest& request,
                          const directory::v1::SummaryForm& form, absl::Time reviewed_at) {
  rpc::Violations violations;
  if (request.has_occurred_at() && reviewed_at < TimeFrom(summary.submitted_at())) {
    violations.Add("occurred_at", "OCCURRED_BEFORE_SUBMISSION", "must not be before the revision was sent",
                   "不能早于该修订的报送时间");
  }
  for (int i = 0; i < request.remarks_size(); ++i) {
    if (FindIndicator(form, request.remarks(i).indicator_id()) != nullptr) continue;
    violations.Add(absl::StrCat("remarks[", i, "].indicator_id"), "INDICATOR_UNKNOWN",
                   absl::StrCat("the form ", form.form_id(), " has no such indicator"),
                   absl::StrCat("报表 ", form.form_id(), " 没有该指标"));
  }
  return violations.ToStatus();
}

// The end of the working day by which it is to be sent again.
absl::Time ReturnDue(const ReviewContext& context, absl::Time reviewed_at) {
  const int days =
      context.form.return_working_days() == 0 ? kDefaultReturnDays : context.form.return_working_days();
  return StartOfCityDay(context.directory.calendar().AddWorkingDays(CityDay(reviewed_at), days) + 1);
}

// Sent back, with a clock of its own.
void Return(StoredSummary& stored, const ReviewContext& context, absl::Time reviewed_at) {
  stored.summary.set_state(v1::SUMMARY_STATE_RETURNED);
  ++stored.returned_count;
  *stored.summary.mutable_return_due_at() = TimestampMessage(ReturnDue(context, reviewed_at));
  // Nobody may be there any more to send it again.
  if (std::optional<StoredSummary> adjusted = Adjusted(stored, context.directory))
    stored = *std::move(adjusted);
}

}  // namespace

absl::Status IllegalTransition(const v1::MonthlySummary& summary, const std::string& allowed) {
  const std::string& name = v1::SummaryState_Name(summary.state());
  const std::string all = summary.revision() == 0 ? allowed : absl::StrCat(allowed, ", COMMENT");
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
                    absl::StrCat("not possible while the summary is in state ", name, "; allowed now: ", all),
                    "该月报当前状态不允许此操作", {{"state", name}, {"allowed", all}});
}

absl::StatusOr<StoredSummary> Review(const StoredSummary& current, const v1::ReviewSummaryRequest& request,
                                     const ReviewContext& context) {
  ZHUQI_RETURN_IF_ERROR(CheckReviewed(current.summary, request));
  const absl::Time reviewed_at = request.has_occurred_at() ? TimeFrom(request.occurred_at()) : context.now;
  ZHUQI_RETURN_IF_ERROR(CheckContent(current.summary, request, context.form, reviewed_at));
  StoredSummary after = current;
  v1::SummaryReview& review = *after.summary.add_reviews();
  review.set_revision(request.revision());
  review.set_digest(request.digest());
  review.set_decision(request.decision());
  review.set_comment(request.comment());
  *review.mutable_reviewed_at() = TimestampMessage(reviewed_at);
  review.set_reviewer(context.reviewer);
  *review.mutable_remarks() = request.remarks();
  if (request.decision() == v1::REVIEW_DECISION_ACCEPT) after.summary.set_state(v1::SUMMARY_STATE_ACCEPTED);
  if (request.decision() == v1::REVIEW_DECISION_RETURN) Return(after, context, reviewed_at);
  after.sequence = current.sequence + 1;
  return after;
}

}  // namespace zhuqi::intake
