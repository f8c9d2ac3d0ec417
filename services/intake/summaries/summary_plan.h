// What a batch of submissions, reviews and decisions does to the summaries that it read: in memory, before
// anything is written. Later items see what earlier ones did, and what changes is followed up the chain.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_PLAN_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_PLAN_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "common/feed/append.h"
#include "services/intake/summaries/month_evidence.h"
#include "services/intake/summaries/period_store.h"
#include "services/intake/summaries/summary_store.h"

namespace zhuqi::intake {

// The most bytes that a summary with its reviews, decisions and findings may have.
inline constexpr size_t kMaxSummaryBytes = size_t{1} << 20;

// A checked submission with what it is held against.
struct Submission {
  v1::SubmitSummaryRequest request;
  std::shared_ptr<const MonthEvidence> evidence;
};
using SummaryRequest = std::variant<Submission, v1::ReviewSummaryRequest, v1::DecideObligationRequest>;

// Whose and of which month.
UnitMonth UnitMonthOf(const SummaryRequest& request);
// What else is to be locked with it: the units that its basis names.
std::vector<UnitMonth> BasisUnitsOf(const SummaryRequest& request);

// The one obligation that a request means. NO_OBLIGATION with `code` when there is none; InvalidArgument
// FORM_AMBIGUOUS at form_id when the unit owes several forms and the request names none.
absl::StatusOr<const StoredSummary*> PickSummary(const Summaries& summaries, const UnitMonth& key,
                                                 const std::string& form_id, absl::StatusCode code);

class SummaryPlan {
 public:
  // `summaries`: all that the requests name, their bases, and all that was made from those, up the chain.
  SummaryPlan(Summaries summaries, Periods periods, std::shared_ptr<const Directory> directory,
              absl::Time now)
      : summaries_(std::move(summaries)),
        periods_(std::move(periods)),
        directory_(std::move(directory)),
        now_(now) {}

  // The summary after `request`, or why not; then nothing of it is in the plan.
  absl::StatusOr<v1::MonthlySummary> Take(const SummaryRequest& request, const std::string& actor);

  // What a submission would come to, with all findings, errors too.
  absl::StatusOr<v1::MonthlySummary> Preview(const Submission& submission, const std::string& actor) const;

  absl::Status Write(db::Transaction& transaction);
  std::vector<feed::OutgoingEvent>& events() { return events_; }
  // As they are after all that was taken.
  const Summaries& summaries() const { return summaries_; }

 private:
  absl::StatusOr<StoredSummary> After(const SummaryRequest& request, const std::string& actor) const;
  absl::StatusOr<StoredSummary> AfterSubmission(const Submission& submission, const std::string& actor) const;
  absl::StatusOr<StoredSummary> AfterReview(const v1::ReviewSummaryRequest& request,
                                            const std::string& actor) const;
  absl::StatusOr<StoredSummary> AfterDecision(const v1::DecideObligationRequest& request,
                                              const std::string& actor) const;
  void Note(const StoredSummary& after, const std::string& actor);

  Summaries summaries_;
  const Periods periods_;
  const std::shared_ptr<const Directory> directory_;
  const absl::Time now_;
  std::map<SummaryKey, StoredSummary> before_;  // of what changed, as it was read
  std::deque<std::pair<StoredSummary, std::string>> history_;
  std::vector<feed::OutgoingEvent> events_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_PLAN_H_
