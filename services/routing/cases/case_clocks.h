// The two clocks of a case: RESPONSE, from receipt to the first contact, and HANDLING, from receipt to
// closing. What is stored is the ledger; everything else is worked out when it is read.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
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
                absl::Time at);

// Stops a clock that runs; one that has stopped stays as it is.
void StopClock(v1::Case& body, v1::ClockKind kind, absl::Time at);

// Starts a stopped clock again: the stretch since it stopped is a pause, so that what had been used stays
// used and nothing is added.
void RestartClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                  absl::string_view by);

// The ledger as the calendar library knows it.
calendar::ClockLedger LedgerOf(const v1::CaseClock& clock);

// The deadline; absent while the clock is paused. Of a clock that stopped: as it would have been.
std::optional<absl::Time> DeadlineOf(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar);

// Working time that a clock ran in [from, to].
absl::Duration WorkedBetween(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar,
                             absl::Time from, absl::Time to);

// Fills in what depends on calendar and time: deadline, provisional, breached, used time.
void FillClocks(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_CLOCKS_H_
