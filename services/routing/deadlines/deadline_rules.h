// A clock of a case, explained day by day. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_DEADLINES_DEADLINE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_DEADLINES_DEADLINE_RULES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/calendar/deadline_explanation.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/deadline_service.pb.h"

namespace zhuqi::routing {

struct ExplainedDeadline {
  // Without next_page_token.
  v1::ExplainDeadlineResponse response;
  // The first day of the next page. Absent: this is the last one.
  std::optional<absl::CivilDay> next_day;
};

// Which clock of a case. `department_id`: of REPLY and OBJECTION, whose; of an OBJECTION without it the
// present lead's. Its last one of that kind, also when the part has ended; RULING: of the last objection.
struct WhichClock {
  v1::ClockKind kind = v1::CLOCK_KIND_HANDLING;
  std::string department_id = {};
};

// Null when there is none.
const v1::CaseClock* FindLastClock(const v1::Case& body, const WhichClock& which);

// A clock that was settled (stopped, or its case closed) is explained with the calendar that it was settled
// with. FAILED_PRECONDITION CLOCK_UNKNOWN, CLOCK_WITHOUT_POLICY.
absl::StatusOr<ExplainedDeadline> ExplainCaseDeadline(const v1::Case& body, const WhichClock& which,
                                                      const Directory& directory,
                                                      const calendar::ExplanationOptions& options);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_DEADLINES_DEADLINE_RULES_H_
