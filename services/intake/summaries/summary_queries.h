// What is read of summaries, obligations and periods, each on a connection of its caller.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_QUERIES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_QUERIES_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "services/intake/directory/paging.h"
#include "services/intake/summaries/period_store.h"
#include "services/intake/summaries/summary_plan.h"
#include "services/intake/summaries/summary_store.h"

namespace zhuqi::intake {

// Which summary a caller means.
struct SummaryName {
  UnitMonth key;
  std::string form_id;  // empty: the one that the unit owes
};

// `as_of` absent: now.
absl::StatusOr<v1::GetSummaryResponse> ReadSummary(db::Connection& connection, const SummaryName& name,
                                                   std::optional<absl::Time> as_of);

absl::StatusOr<v1::ListSummariesResponse> ReadSummaryPage(db::Connection& connection,
                                                          const SummaryFilter& filter, const PageQuery& page,
                                                          const std::optional<SummaryKey>& after);

absl::StatusOr<v1::ListObligationsResponse> ReadObligationPage(
    db::Connection& connection, const Directory& directory, const SummaryFilter& filter,
    const PageQuery& page, const std::optional<SummaryKey>& after, absl::Time now);

absl::StatusOr<v1::ListPeriodsResponse> ReadPeriodPage(db::Connection& connection, const std::string& form_id,
                                                       const PageQuery& page,
                                                       const std::optional<PeriodKey>& after, absl::Time now);

absl::StatusOr<v1::DraftSummaryResponse> ReadDraft(db::Connection& connection,
                                                   std::shared_ptr<const Directory> directory,
                                                   const SummaryName& name, absl::Time now);

absl::StatusOr<v1::CompareRevisionsResponse> ReadComparison(db::Connection& connection,
                                                            const SummaryName& name, int64_t left,
                                                            int64_t right);

// What a submission is held against.
absl::StatusOr<std::shared_ptr<const MonthEvidence>> ReadEvidenceFor(
    db::Connection& connection, std::shared_ptr<const Directory> directory,
    const v1::SubmitSummaryRequest& request);
// What it would come to; nothing is written.
absl::StatusOr<v1::SubmitSummaryResponse> ReadPreview(db::Connection& connection,
                                                      std::shared_ptr<const Directory> directory,
                                                      const v1::SubmitSummaryRequest& request,
                                                      const std::string& sender, absl::Time now);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_QUERIES_H_
