// The clocks of a case: of the case itself (RESPONSE, to the first contact; PLAN; HANDLING, to closing), of
// departments' parts (a co-handler's REPLY, a lead's time for an OBJECTION) and of the RULING on an
// objection. What is stored is the ledger, and beside it what the deadline was when it was last worked out. A
// clock that runs is timed anew by every calendar; one that has stopped, or whose case is closed, stays as it
// was measured then.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/clock_ledger.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// Null when the case has no clock of that kind. REPLY and OBJECTION are those of the department's part in
// force, RULING that of the open objection.
const v1::CaseClock* FindClock(const v1::Case& body, v1::ClockKind kind,
                               absl::string_view department_id = "");
v1::CaseClock* FindClock(v1::Case& body, v1::ClockKind kind, absl::string_view department_id = "");

// A clock under a policy of the case's terms that starts at `at`; standing still when the case does as a
// duplicate, or is paused and the policy allows it.
v1::CaseClock NewClockOfTerms(const v1::Case& body, v1::ClockKind kind, const v1::ClockPolicy& policy,
                              absl::Time at, absl::string_view reason);

// A clock of its own from `at` on that has used what `clock` has until then, under the same version of its
// policy: due when that is, as it stands.
v1::CaseClock GoOnFrom(const v1::CaseClock& clock, absl::Time at, absl::string_view reason);

// What `catalogue` says of a case that goes to `target`, beside the policies of its clocks.
v1::CaseTerms TermsOf(const v1::RouteTarget& target, const v1::Catalogue& catalogue);

// Takes over the terms of `decision`'s target, as `catalogue` has them, and starts the clocks of the case at
// `at`.
void OpenClocks(v1::Case& body, const v1::RouteDecision& decision, const v1::Catalogue& catalogue,
                absl::Time at);

// Stops a clock that runs or is paused, and measures it; one that has stopped stays as it is.
void StopClock(v1::CaseClock& clock, const calendar::WorkingCalendar& calendar, absl::Time at);
void StopClock(v1::Case& body, v1::ClockKind kind, const calendar::WorkingCalendar& calendar, absl::Time at);

// Stops all clocks but RESPONSE: the case is closed, and nobody owes anything but the first contact.
void StopForClosing(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time at);

// Starts a stopped clock again: the stretch since it stopped is a pause, so that what had been used stays
// used and nothing is added. TimeClocks then gives it its deadline. No effect on one that has not stopped.
void RestartClock(v1::CaseClock& clock, absl::Time at, absl::string_view reason, absl::string_view by);
void RestartClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                  absl::string_view by);

// Lets the clocks whose policies allow it stand still until they are resumed.
void PauseClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by);
void ResumeClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by);

// Lets every clock that has not stopped stand still, whatever its policy: the case is withdrawn. ReviveClocks
// lets each that stands still since `since` go on as it was, so that a clock that was paused before is paused
// again. Nobody can be told that an issue is withdrawn too often: where the ledgers have kMostStretches, they
// are left as they are, and the clocks run on.
void SuspendClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by);
void ReviveClocks(v1::Case& body, absl::Time since, absl::Time at, absl::string_view reason,
                  absl::string_view by);

// What the ledgers of a case can gather: it is read and written as a whole. Above kMaximumStretches nobody
// pauses, withdraws or reopens it by hand.
inline constexpr int kMaximumStretches = 1000;
inline constexpr int kMostStretches = 2000;
// Stretches of all clocks, under former policies too.
int StretchesOf(const v1::Case& body);

// Ends a stretch in which all clocks stood still: each runs again, but those that a pause of the case holds.
void ReleaseClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by);

// Ends the clock's time under its policy and goes on under another one, in the same state and with the time
// that it has used.
void ChangePolicy(v1::CaseClock& clock, const v1::ClockPolicy& policy, int64_t catalogue_version,
                  absl::Time at, absl::string_view reason, absl::string_view by);

// The clock as if it had started at `at`. Its deadline is worked out anew, that of a stopped one too: its
// ledger was wrong. What was measured stays: a clock that changed before `at` starts with that change.
void MoveStart(v1::CaseClock& clock, const calendar::WorkingCalendar& calendar, absl::Time at);

// Works out the deadlines of the clocks that `calendar` still decides: none when the case is closed. Whoever
// changes a ledger does so before the case is stored.
void TimeClocks(v1::Case& body, const calendar::WorkingCalendar& calendar);

// Whether all of those were worked out by this version of the calendar: in a stored case TimeClocks then
// changes nothing.
bool AreTimedBy(const v1::Case& body, const calendar::WorkingCalendar& calendar);

// The deadlines that differ between two states of one case with the same parts.
google::protobuf::RepeatedPtrField<v1::MovedDeadline> MovedDeadlines(const v1::Case& before,
                                                                     const v1::Case& after);

// The ledger as the calendar library knows it, with what former policies used, by `calendar`.
calendar::ClockLedger LedgerOf(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar);

// When the clock first started, under whichever policy.
absl::Time StartOf(const v1::CaseClock& clock);

// Working time that a clock ran in [from, to].
absl::Duration WorkedBetween(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar,
                             absl::Time from, absl::Time to);

// Fills in what a reader is shown at `now`: deadline, provisional, breached, used time.
void FillClocks(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_
