// When a step of a ladder falls. Pure.
//
// A step before the deadline is measured back from it by the calendar; one after it goes on with the clock
// itself, so that what was paused after the deadline (a reopened case was closed meanwhile) is left out:
// "five working days overdue" are five that the clock ran. Both keep the deadline's time of day. So one
// working day before a deadline at the end of working hours leaves that whole day, and fires at its
// beginning.
#ifndef ZHUQI_SERVICES_ROUTING_LADDERS_STEP_INSTANT_H_
#define ZHUQI_SERVICES_ROUTING_LADDERS_STEP_INSTANT_H_

#include <optional>

#include "absl/time/time.h"
#include "common/calendar/clock_ledger.h"
#include "common/calendar/durations.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/routing/v1/ladder.pb.h"

namespace zhuqi::routing {

// The step's offset; absent: at the deadline.
std::optional<calendar::TimeLimit> OffsetOf(const v1::LadderStep& step);

// The instant of `step` for a clock with this ledger and deadline, by the wall clock: at night as it may be.
// Nullopt when it lies after the deadline and the clock has not come to it and is paused.
std::optional<absl::Time> StepInstant(const v1::LadderStep& step, const calendar::ClockLedger& ledger,
                                      absl::Time deadline, const calendar::WorkingCalendar& calendar);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_LADDERS_STEP_INSTANT_H_
