// The conditions of the state machine beside the state. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_GUARDS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_GUARDS_H_

#include <string>

#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/cases/case_transitions.h"

namespace zhuqi::routing {

// So many call-backs that reached nobody let a case be closed as UNCONFIRMED.
inline constexpr int kUnansweredCallBacksToClose = 2;

struct GuardInput {
  const CaseRecord& record;
  const Directory& directory;
  absl::Time at;
};

// kNone always holds.
bool Holds(Guard guard, const GuardInput& input);

struct GuardText {
  // UPPER_SNAKE: the reason of the refusal.
  const char* reason;
  const char* english;
  const char* chinese;
  // For the drawing: what must be so.
  const char* condition;
};
const GuardText& TextOf(Guard guard);

// No unit is above the accountable one.
bool IsAtTop(const v1::Case& body, const Directory& directory);

// The unit that an escalated case came from: below the accountable one, on the way to where the issue was
// raised. Empty when it was not escalated, or has been returned.
std::string UnitToReturnTo(const v1::Case& body, const Directory& directory);

// The latest instant at which more time may be asked for on a clock that is due at `due`.
absl::Time LatestToAskForMore(const v1::ClockPolicy& policy, absl::Time due,
                              const calendar::WorkingCalendar& calendar);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_GUARDS_H_
