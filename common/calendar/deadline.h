// When a clock runs out: a pure function of its ledger, its policy and the working calendar. Nothing stores
// the answer as the truth; it is worked out again whenever one of the three changes, and names the versions
// it came from.
//
// A limit in working days is a local date and a cut-off. Days that count are the working days that follow the
// day of the start, except those through whose working hours the clock was paused from beginning to end. So
// weekends and holidays within a pause change nothing, a pause over night or over noon does not either, and a
// pause from Tuesday 10:00 to Thursday 10:00 moves the deadline by one day, the Wednesday. The deadline is
// the cut-off of the first day that counts, that has the limit's number of counted days behind it (itself
// included), and at whose cut-off the clock is not paused: a clock can only run out while it runs.
//
// Half a day more is half of the day that follows: each half of a counted day has a cut-off of its own, the
// middle of working hours and their end, and the deadline is the first of these with the limit's half days
// behind it at which the clock runs. Carried days are whole ones, so a policy with half days and one without
// may take over from each other.
//
// A limit in hours is used up by running alone: what is left when a pause begins is left when it ends.
#ifndef ZHUQI_COMMON_CALENDAR_DEADLINE_H_
#define ZHUQI_COMMON_CALENDAR_DEADLINE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/clock_ledger.h"
#include "common/calendar/durations.h"
#include "common/calendar/working_calendar.h"

namespace zhuqi::calendar {

struct ClockPolicy {
  std::string id = {};
  std::int64_t version = 0;
  // Half a day to 1,000 days, or 1 to 600,000 minutes.
  TimeLimit limit = {};
  // For limits in whole working days: the minute of the last day, 1 to 1,440. 0: the end of working hours. A
  // limit with half a day has 0.
  int cut_off_minute = 0;
};

// INVALID_ARGUMENT unless the limit and the cut-off are within their ranges.
absl::Status CheckPolicy(const ClockPolicy& policy);

// An instant of a day at which a part of it counts.
struct CutOff {
  absl::Time at;
  // 2: the whole day. 1: half of it.
  int half_days = 2;
};

// The instants of `day` at which a limit in working days may end, in order: one, or two of a limit with half
// a day.
std::vector<CutOff> CutOffsOn(absl::CivilDay day, const ClockPolicy& policy, const WorkingCalendar& calendar);

// Whether `instant` lies in a pause, both of its ends included: a clock that stands still does not run out.
bool StandsStillAt(const ClockLedger& ledger, absl::Time instant);

struct Deadline {
  // The last instant that is in time. Absent while the clock is paused. Of a closed clock: as it would have
  // been had it run on.
  std::optional<absl::Time> instant;
  // Set only while the clock is paused: the deadline that had passed already before this pause began. Pausing
  // neither makes a breach nor hides one.
  std::optional<absl::Time> missed_before_pause;
  // The deadline rests on a day of a year whose notice is not published. Never for limits by the wall clock.
  bool provisional = false;
  // What the clock had used at the last instant that the ledger records (an end, else a beginning).
  TimeUsed used;
  // What it was worked out with.
  std::string policy_id;
  std::int64_t policy_version = 0;
  std::string calendar_id;
  std::int64_t calendar_version = 0;
};

// INVALID_ARGUMENT for a ledger or policy that CheckLedger or CheckPolicy refuses.
//
// Carried time counts against the limit. A limit that is spent already when the policy begins is due at the
// next cut-off (days), or when the clock first runs (hours): never before the policy applied.
absl::StatusOr<Deadline> ComputeDeadline(const ClockLedger& ledger, const ClockPolicy& policy,
                                         const WorkingCalendar& calendar);

// Whether the clock had been missed at `at`: the instant of the question for an open clock, the end for a
// closed one. The deadline itself is still in time.
bool IsBreached(const Deadline& deadline, absl::Time at);

}  // namespace zhuqi::calendar

#endif  // ZHUQI_COMMON_CALENDAR_DEADLINE_H_
