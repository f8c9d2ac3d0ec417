// Which visits are needed most, and when a team can make them: the rule "visit-need 1". Pure.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_PROPOSAL_RULES_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_PROPOSAL_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/enterprise.pb.h"
#include "zhuqi/intake/v1/visit_plan.pb.h"

namespace zhuqi::intake {

// Named in every answer; another way to count points is another version.
inline constexpr char kVisitNeedRule[] = "visit-need 1";

// Issues count for this many days, and a cadence is shown as coming due this many days ahead.
inline constexpr int kRecentIssueDays = 90;
inline constexpr int kCadenceDueDays = 30;

// What is known of an enterprise that could be visited.
struct VisitCandidate {
  v1::Enterprise enterprise;            // with its last visit
  std::optional<int32_t> every_months;  // the tightest cadence that it falls under
  int32_t recent_issues = 0;            // of the last kRecentIssueDays, after the last visit
  int32_t unclaimed_policies = 0;       // that it may claim, and neither has nor applied for
  int32_t distance = 0;                 // steps in the tree from the team's unit
};

// The need for a visit as seen on `on`, each reason with its points:
//   never_visited       40
//   cadence_overdue     30, and 5 for each whole month over it, at most 60; 30 where there was no visit yet
//   cadence_due         15
//   recent_issues       10 each, at most 30
//   unclaimed_policies   5 each, at most 20
//   distance            -2 a step, at most -20
// Absent when nothing but the distance could be said. The day is not set.
std::optional<v1::VisitProposal> NeedOf(const VisitCandidate& candidate, absl::CivilDay on);

// The order of proposals: more points, then nearer, then the smaller credit code.
bool IsNeededMore(const v1::VisitProposal& left, const v1::VisitProposal& right);

// Leaves the `count` most needed ones, in their order. So it makes no difference in which order, and in how
// many portions, candidates were looked at.
void KeepMostNeeded(std::vector<v1::VisitProposal>& proposals, std::size_t count);

// The tightest cadence of `plans` that the enterprise falls under for this team on `on`; absent for none. A
// plan of another team or department is not this team's.
std::optional<int32_t> TightestCadence(const std::vector<v1::VisitPlan>& plans,
                                       const v1::Enterprise& enterprise, const directory::v1::Team& team,
                                       const Directory& directory, absl::CivilDay on);

// True when the cadence of `every_months` is broken on `on`. An enterprise that was never visited has until
// so long after its registration, where that is known.
bool IsOverdue(const v1::Enterprise& enterprise, int32_t every_months, absl::CivilDay on);

// The days of the next `visits` visits of the team from `from` on: working days, make-up workdays among them,
// less its own spans, as many visits on each as it makes. Fewer when it was dissolved meanwhile, or no day up
// to 2100 is left.
std::vector<absl::CivilDay> DaysOf(const directory::v1::Team& team, const calendar::WorkingCalendar& calendar,
                                   absl::CivilDay from, int visits);

// Steps in the tree from one unit to the other.
int32_t Distance(const Directory& directory, const std::string& from, const std::string& to);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_PROPOSAL_RULES_H_
