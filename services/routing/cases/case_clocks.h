// The two clocks of a case: RESPONSE, from receipt to the first contact, and HANDLING, from receipt to
// closing. What is stored is the ledger, and beside it what the deadline was when it was last worked out.
// A clock that runs is timed anew by every calendar; one that has stopped, or whose case is closed, stays as
// it was measured then.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/clock_ledger.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// Null when the case has no clock of that kind.
const v1::CaseClock* FindClock(const v1::Case& body, v1::ClockKind kind);
v1::CaseClock* FindClock(v1::Case& body, v1::ClockKind kind);

// Starts both clocks at `at` under the policies of `decision`'s target, as `catalogue` has them.
void OpenClocks(v1::Case& body, const v1::RouteDecision& decision, const v1::Catalogue& catalogue,
                const calendar::WorkingCalendar& calendar, absl::Time at);

// Stops a clock that runs, and measures it; one that has stopped stays as it is.
void StopClock(v1::Case& body, v1::ClockKind kind, const calendar::WorkingCalendar& calendar, absl::Time at);

// Starts a stopped clock again: the stretch since it stopped is a pause, so that what had been used stays
// used and nothing is added. TimeClocks then gives it its deadline.
void RestartClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                  absl::string_view by);

// Lets a clock that runs stand still until it is resumed: meanwhile it has no deadline. One that has stopped
// stays so.
void PauseClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                absl::string_view by);
void ResumeClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                 absl::string_view by);

// The clocks as if they had started at `at`. Every deadline is worked out anew, those of stopped clocks too:
// their ledger was wrong. What was measured stays: a clock that changed before `at` starts with that change.
void MoveStart(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time at);

// Works out the deadlines of the clocks that `calendar` still decides: none when the case is closed.
void TimeClocks(v1::Case& body, const calendar::WorkingCalendar& calendar);

// The deadlines that differ between two states of one case.
google::protobuf::RepeatedPtrField<v1::MovedDeadline> MovedDeadlines(const v1::Case& before,
                                                                     const v1::Case& after);

// The ledger as the calendar library knows it.
calendar::ClockLedger LedgerOf(const v1::CaseClock& clock);

// Working time that a clock ran in [from, to].
absl::Duration WorkedBetween(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar,
                             absl::Time from, absl::Time to);

// Fills in what a reader is shown at `now`: deadline, provisional, breached, used time.
void FillClocks(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_
