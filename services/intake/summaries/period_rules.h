// A form's month: opened with its obligations, locked on a date of its own or by hand. Late and locked are
// two things: a lock makes nothing late, and what is late may still be sent before the lock. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_RULES_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

using PeriodKey = std::pair<std::string, absl::CivilMonth>;  // form and month

struct StoredPeriod {
  v1::Period period;  // without `locked`, which depends on the time, and `obligations`, which are counted
  // The lock date rests on a year whose holidays are not announced, and follows the notice.
  bool lock_provisional = false;
};

PeriodKey KeyOf(const StoredPeriod& stored);

// Locks by hand and their ends that one period may have.
inline constexpr int kMaxPeriodDecisions = 100;

StoredPeriod NewPeriod(const directory::v1::SummaryForm& form, absl::CivilMonth month,
                       const calendar::WorkingCalendar& calendar, absl::Time now);

// With the lock date that a notice settled; absent when there is nothing to settle.
std::optional<StoredPeriod> SettledLock(const StoredPeriod& current, const directory::v1::SummaryForm& form,
                                        const calendar::WorkingCalendar& calendar, absl::Time now);

// The period as it was known then, without what was decided and settled later; absent before it was opened.
std::optional<v1::Period> KnownAt(const v1::Period& period, absl::Time as_of);

bool IsLocked(const v1::Period& period, absl::Time now);
// Since when it is locked, or when it will be by itself. Absent: it is open and stays so.
std::optional<absl::Time> LockTime(const v1::Period& period);

// Locks or unlocks by hand. The same when it stands so already. FailedPrecondition TOO_MANY_DECISIONS.
absl::StatusOr<StoredPeriod> DecideLock(const StoredPeriod& current, const v1::LockPeriodRequest& request,
                                        absl::string_view actor, absl::Time now);

// As the contract shows it.
v1::Period Shown(const StoredPeriod& stored, int32_t obligations, absl::Time now);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_RULES_H_
