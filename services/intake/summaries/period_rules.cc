#include "services/intake/summaries/period_rules.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/directory/form_versions.h"
#include "common/rpc/errors.h"

namespace zhuqi::intake {
namespace {

// Absent: never by itself.
void SetLock(StoredPeriod& stored, const directory::v1::SummaryForm& form, absl::CivilMonth month,
             const calendar::WorkingCalendar& calendar) {
  stored.lock_provisional = false;
  stored.period.clear_locks_at();
  if (form.lock_working_day() == 0) return;
  const absl::CivilMonth next = month + 1;
  const absl::CivilDay day =
      calendar.NthWorkingDayOfMonth(next.year(), next.month(), form.lock_working_day());
  *stored.period.mutable_locks_at() = TimestampMessage(StartOfCityDay(day + 1));
  stored.lock_provisional = calendar.IsProvisional(absl::CivilDay(next), day);
}

}  // namespace

PeriodKey KeyOf(const StoredPeriod& stored) {
  return {stored.period.form_id(), CivilMonthFrom(stored.period.month()).value_or(absl::CivilMonth())};
}

StoredPeriod NewPeriod(const directory::v1::SummaryForm& form, absl::CivilMonth month,
                       const calendar::WorkingCalendar& calendar, absl::Time now) {
  StoredPeriod stored;
  stored.period.set_form_id(form.form_id());
  *stored.period.mutable_month() = YearMonthMessage(month);
  stored.period.set_form_version(VersionOf(form));
  *stored.period.mutable_opened_at() = TimestampMessage(now);
  SetLock(stored, form, month, calendar);
  return stored;
}

std::optional<StoredPeriod> SettledLock(const StoredPeriod& current, const directory::v1::SummaryForm& form,
                                        const calendar::WorkingCalendar& calendar, absl::Time now) {
  if (!current.lock_provisional) return std::nullopt;
  StoredPeriod after = current;
  SetLock(after, form, KeyOf(current).second, calendar);
  const bool same_date = TimeFrom(after.period.locks_at()) == TimeFrom(current.period.locks_at());
  if (same_date && after.lock_provisional) return std::nullopt;
  if (!same_date) {
    v1::ReplacedLockDate& replaced = *after.period.add_replaced_lock_dates();
    *replaced.mutable_locks_at() = current.period.locks_at();
    *replaced.mutable_replaced_at() = TimestampMessage(now);
  }
  return after;
}

std::optional<v1::Period> KnownAt(const v1::Period& period, absl::Time as_of) {
  if (TimeFrom(period.opened_at()) > as_of) return std::nullopt;
  v1::Period known = period;
  while (!known.decisions().empty() && TimeFrom(known.decisions().rbegin()->decided_at()) > as_of) {
    known.mutable_decisions()->RemoveLast();
  }
  auto& replaced = *known.mutable_replaced_lock_dates();
  while (!replaced.empty() && TimeFrom(replaced.rbegin()->replaced_at()) > as_of) {
    *known.mutable_locks_at() = replaced.rbegin()->locks_at();
    replaced.RemoveLast();
  }
  return known;
}

std::optional<absl::Time> LockTime(const v1::Period& period) {
  const auto by_form = period.has_locks_at() ? std::make_optional(TimeFrom(period.locks_at())) : std::nullopt;
  if (period.decisions().empty()) return by_form;
  const v1::PeriodDecision& last = period.decisions(period.decisions_size() - 1);
  const absl::Time decided = TimeFrom(last.decided_at());
  if (last.locked()) return decided;
  // Who unlocks after the date means it to stay open; before the date, the date still comes.
  return by_form.has_value() && *by_form > decided ? by_form : std::nullopt;
}

bool IsLocked(const v1::Period& period, absl::Time now) {
  const std::optional<absl::Time> since = LockTime(period);
  return since.has_value() && *since <= now;
}

absl::StatusOr<StoredPeriod> DecideLock(const StoredPeriod& current, const v1::LockPeriodRequest& request,
                                        absl::string_view actor, absl::Time now) {
  const bool locked = !request.unlock();
  if (IsLocked(current.period, now) == locked) return current;
  if (current.period.decisions_size() >= kMaxPeriodDecisions) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_DECISIONS",
                      absl::StrCat("the period was locked and unlocked ", kMaxPeriodDecisions, " times"),
                      absl::StrCat("该报告期已锁定、解锁 ", kMaxPeriodDecisions, " 次"));
  }
  StoredPeriod after = current;
  v1::PeriodDecision& decision = *after.period.add_decisions();
  decision.set_locked(locked);
  decision.set_reason(request.reason());
  decision.set_actor(std::string(actor));
  *decision.mutable_decided_at() = TimestampMessage(now);
  return after;
}

v1::Period Shown(const StoredPeriod& stored, int32_t obligations, absl::Time now) {
  v1::Period period = stored.period;
  period.set_locked(IsLocked(period, now));
  period.set_obligations(obligations);
  return period;
}

}  // namespace zhuqi::intake
