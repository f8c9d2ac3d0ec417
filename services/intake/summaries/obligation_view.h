// The matrix of obligations that a chief clerk looks at: where each stands, how late, and who has to act.
// Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_VIEW_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_VIEW_H_

#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "services/intake/summaries/stored_summary.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// One cell of it, without `locked`: that is the period's to say.
v1::Obligation ObligationOf(const StoredSummary& stored, const directory::v1::SummaryForm& form,
                            const calendar::WorkingCalendar& calendar, absl::Time now);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_OBLIGATION_VIEW_H_
