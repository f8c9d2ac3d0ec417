#include "services/intake/summaries/summary_plan.h"

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/chain_rules.h"
#include "services/intake/summaries/decision_rules.h"
#include "services/intake/summaries/form_findings.h"
#include "services/intake/summaries/obligation_rules.h"
#include "services/intake/summaries/reminder_rules.h"
#include "services/intake/summaries/review_rules.h"
#include "services/intake/summaries/submit_rules.h"

namespace zhuqi::intake {
namespace {

template <typename Request>
UnitMonth KeyOfRequest(const Request& request) {
  return {request.org_unit_id(), CivilMonthFrom(request.month()).value_or(absl::CivilMonth())};
}
UnitMonth KeyOfRequest(const Submission& submission) { return KeyOfRequest(submission.request); }

absl::Status CheckSize(const v1::MonthlySummary& summary) {
  if (summary.ByteSizeLong() <= kMaxSummaryBytes) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "SUMMARY_TOO_LARGE",
                    "the summary with its reviews and findings would have more than 1 MiB",
                    "该月报连同审阅意见和校验结果超过 1 MiB");
}

}  // namespace

UnitMonth UnitMonthOf(const SummaryRequest& request) {
  return std::visit([](const auto& one) { return KeyOfRequest(one); }, request);
}

std::vector<UnitMonth> BasisUnitsOf(const SummaryRequest& request) {
  std::vector<UnitMonth> basis;
  const auto* submission = std::get_if<Submission>(&request);
  if (submission == nullptr) return basis;
  const absl::CivilMonth month = KeyOfRequest(*submission).second;
  for (const v1::SummaryBasis& lower : submission->request.basis())
    basis.emplace_back(lower.org_unit_id(), month);
  return basis;
}

absl::StatusOr<const StoredSummary*> PickSummary(const Summaries& summaries, const UnitMonth& key,
                                                 const std::string& form_id, absl::StatusCode code) {
  const StoredSummary* picked = nullptr;
  for (auto found = summaries.lower_bound({key.first, key.second, form_id}); found != summaries.end();
       ++found) {
    const SummaryKey& at = found->first;
    if (at.org_unit_id != key.first || at.month != key.second) break;
    if (!form_id.empty() && at.form_id != form_id) break;
    if (picked != nullptr) {
      rpc::Violations violations;
      violations.Add("form_id", "FORM_AMBIGUOUS", "the unit owes several forms for the month; name one",
                     "该机构当月应报多种报表，须指明其一");
      return violations.ToStatus();
    }
    picked = &found->second;
  }
  if (picked == nullptr) {
    return rpc::Error(code, "NO_OBLIGATION", "the unit owes no such summary for the month",
                      "该机构当月没有应报的此类月报");
  }
  return picked;
}

absl::StatusOr<StoredSummary> SummaryPlan::AfterSubmission(const Submission& submission,
                                                           const std::string& actor) const {
  const v1::SubmitSummaryRequest& request = submission.request;
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary* current,
                         PickSummary(summaries_, KeyOfRequest(request), request.form_id(),
                                     absl::StatusCode::kFailedPrecondition));
  const SummaryKey key = KeyOf(*current);
  SubmitContext context{*submission.evidence, {}, false, actor, now_};
  for (const v1::SummaryBasis& basis : request.basis()) {
    const auto lower = summaries_.find({basis.org_unit_id(), key.month, basis.form_id()});
    if (lower == summaries_.end() || !Stands(basis, lower->second.summary)) {
      context.superseded.insert(basis.org_unit_id());
    }
  }
  const v1::Period* period = FindPeriod(periods_, key);
  context.locked = period != nullptr && IsLocked(*period, now_);
  return Submit(*current, request, context);
}

absl::StatusOr<StoredSummary> SummaryPlan::AfterReview(const v1::ReviewSummaryRequest& request,
                                                       const std::string& actor) const {
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary* current,
                         PickSummary(summaries_, KeyOfRequest(request), request.form_id(),
                                     absl::StatusCode::kFailedPrecondition));
  ZHUQI_ASSIGN_OR_RETURN(const directory::v1::SummaryForm* form, FormOf(*directory_, current->summary));
  return Review(*current, request, {*form, *directory_, actor, now_});
}

absl::StatusOr<StoredSummary> SummaryPlan::AfterDecision(const v1::DecideObligationRequest& request,
                                                         const std::string& actor) const {
  ZHUQI_ASSIGN_OR_RETURN(
      const StoredSummary* current,
      PickSummary(summaries_, KeyOfRequest(request), request.form_id(), absl::StatusCode::kNotFound));
  return Decide(*current, request, {*directory_, actor, now_});
}

absl::StatusOr<StoredSummary> SummaryPlan::After(const SummaryRequest& request,
                                                 const std::string& actor) const {
  if (const auto* submission = std::get_if<Submission>(&request)) {
    ZHUQI_ASSIGN_OR_RETURN(StoredSummary after, AfterSubmission(*submission, actor));
    const StoredSummary& current = summaries_.at(KeyOf(after));
    if (after.sequence == current.sequence)
      return after;  // it was taken before, whatever a check finds by now
    ZHUQI_RETURN_IF_ERROR(RefuseErrors(after.summary.findings(), submission->request));
    return after;
  }
  if (const auto* review = std::get_if<v1::ReviewSummaryRequest>(&request))
    return AfterReview(*review, actor);
  return AfterDecision(std::get<v1::DecideObligationRequest>(request), actor);
}

absl::StatusOr<v1::MonthlySummary> SummaryPlan::Take(const SummaryRequest& request,
                                                     const std::string& actor) {
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary after, After(request, actor));
  ZHUQI_RETURN_IF_ERROR(CheckSize(after.summary));
  Note(after, actor);
  return Shown(after, FindPeriod(periods_, KeyOf(after)));
}

absl::StatusOr<v1::MonthlySummary> SummaryPlan::Preview(const Submission& submission,
                                                        const std::string& actor) const {
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary after, AfterSubmission(submission, actor));
  ZHUQI_RETURN_IF_ERROR(CheckSize(after.summary));
  return Shown(after, FindPeriod(periods_, KeyOf(after)));
}

void SummaryPlan::Note(const StoredSummary& after, const std::string& actor) {
  const SummaryKey key = KeyOf(after);
  StoredSummary& current = summaries_.at(key);
  if (current.sequence == after.sequence) return;  // nothing changed
  before_.try_emplace(key, current);
  events_.push_back(EventOf(&current, after, directory_->sequence()));
  history_.emplace_back(after, actor);
  const bool stood = current.summary.state() == v1::SUMMARY_STATE_ACCEPTED;
  current = after;
  if (!stood) return;  // nothing above rests on it
  for (auto& [above, upper] : summaries_) {
    if (above.month != key.month) continue;
    const std::optional<StoredSummary> next = AfterLowerChanged(upper, after.summary);
    if (next.has_value()) Note(*next, actor);
  }
}

absl::Status SummaryPlan::Write(db::Transaction& transaction) {
  std::vector<const StoredSummary*> newest;
  for (const auto& [key, before] : before_) {
    StoredSummary& after = summaries_.at(key);
    after.remind_at = NextReminderAt(after.summary, *directory_);
    newest.push_back(&after);
    ZHUQI_RETURN_IF_ERROR(ReplaceBasis(transaction, before.summary, after.summary));
  }
  std::vector<SummaryChange> history;
  history.reserve(history_.size());
  for (const auto& [after, actor] : history_) history.push_back({&after, actor});
  ZHUQI_RETURN_IF_ERROR(UpdateSummaries(transaction, newest, history, now_));
  return feed::Append(transaction, now_, events_);
}

}  // namespace zhuqi::intake
