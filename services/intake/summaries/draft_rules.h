// A draft of a summary: a cell for each indicator that the records and the accepted summaries below can give.
// Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_DRAFT_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_DRAFT_RULES_H_

#include "absl/time/time.h"
#include "services/intake/summaries/month_evidence.h"
#include "services/intake/summaries/stored_summary.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// A number is PROVISIONAL while the month runs, while summaries below are owed, or while one of theirs is
// missing or may still change. A count of zero that stands is NIL: whoever sends the draft says so. What
// nothing can give is MISSING.
v1::DraftSummaryResponse DraftOf(const StoredSummary& current, const MonthEvidence& evidence, absl::Time now);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_DRAFT_RULES_H_
