#include "services/routing/cases/case_clocks.h"

#include <algorithm>

#include "common/calendar/deadline.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

v1::ClockInterval* AddInterval(v1::CaseClock& clock, absl::Time start, bool paused, absl::string_view reason,
                               absl::string_view by) {
  v1::ClockInterval* interval = clock.add_intervals();
  *interval->mutable_start() = TimestampMessage(start);
  interval->set_paused(paused);
  interval->set_reason(std::string(reason));
  interval->set_by(std::string(by));
  return interval;
}

absl::StatusOr<calendar::Deadline> ComputeDeadline(const v1::CaseClock& clock,
                                                   const calendar::WorkingCalendar& calendar) {
  return calendar::ComputeDeadline(LedgerOf(clock), PolicyFrom(clock.policy(), clock.catalogue_version()),
                                   calendar);
}

void SetDeadline(v1::CaseClock& clock, const absl::StatusOr<calendar::Deadline>& deadline,
                 const calendar::WorkingCalendar& calendar) {
  clock.clear_deadline();
  clock.set_calendar_version(calendar.version());
  // Policies are checked when a catalogue is applied; a clock without a sound one has no deadline to show.
  clock.set_deadline_provisional(deadline.ok() && deadline->provisional);
  if (deadline.ok() && deadline->instant.has_value()) {
    *clock.mutable_deadline() = TimestampMessage(*deadline->instant);
  }
}

// Deadline, and what was used and whether it was missed at `at`.
void Measure(v1::CaseClock& clock, const calendar::WorkingCalendar& calendar, absl::Time at) {
  const absl::StatusOr<calendar::Deadline> deadline = ComputeDeadline(clock, calendar);
  SetDeadline(clock, deadline, calendar);
  clock.set_breached(deadline.ok() && calendar::IsBreached(*deadline, at));
  clock.set_used_working_minutes(
      absl::ToInt64Minutes(calendar::TimeUsedAt(LedgerOf(clock), calendar, at).working_time));
}

void OpenOne(v1::Case& body, v1::ClockKind kind, absl::string_view policy_id, const v1::Catalogue& catalogue,
             absl::Time at) {
  v1::CaseClock* clock = body.add_clocks();
  clock->set_kind(kind);
  clock->set_catalogue_version(catalogue.version());
  if (const v1::ClockPolicy* policy = FindPolicy(catalogue, policy_id)) *clock->mutable_policy() = *policy;
  AddInterval(*clock, at, false, "received", kBySystem);
}

}  // namespace

const v1::CaseClock* FindClock(const v1::Case& body, v1::ClockKind kind) {
  for (const v1::CaseClock& clock : body.clocks()) {
    if (clock.kind() == kind) return &clock;
  }
  return nullptr;
}

v1::CaseClock* FindClock(v1::Case& body, v1::ClockKind kind) {
  for (v1::CaseClock& clock : *body.mutable_clocks()) {
    if (clock.kind() == kind) return &clock;
  }
  return nullptr;
}

void OpenClocks(v1::Case& body, const v1::RouteDecision& decision, const v1::Catalogue& catalogue,
                const calendar::WorkingCalendar& calendar, absl::Time at) {
  OpenOne(body, v1::CLOCK_KIND_RESPONSE, decision.target().response_policy_id(), catalogue, at);
  OpenOne(body, v1::CLOCK_KIND_HANDLING, decision.target().handling_policy_id(), catalogue, at);
  TimeClocks(body, calendar);
}

void StopClock(v1::Case& body, v1::ClockKind kind, const calendar::WorkingCalendar& calendar, absl::Time at) {
  v1::CaseClock* clock = FindClock(body, kind);
  if (clock == nullptr || clock->has_stopped_at() || clock->intervals().empty()) return;
  *clock->mutable_intervals(clock->intervals_size() - 1)->mutable_end() = TimestampMessage(at);
  *clock->mutable_stopped_at() = TimestampMessage(at);
  Measure(*clock, calendar, at);
}

void RestartClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                  absl::string_view by) {
  v1::CaseClock* clock = FindClock(body, kind);
  if (clock == nullptr || !clock->has_stopped_at()) return;
  v1::ClockInterval* pause = AddInterval(*clock, TimeFrom(clock->stopped_at()), true, "closed", kBySystem);
  *pause->mutable_end() = TimestampMessage(at);
  AddInterval(*clock, at, false, reason, by);
  clock->clear_stopped_at();
  clock->clear_breached();
  clock->clear_used_working_minutes();
}

void MoveStart(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time at) {
  for (v1::CaseClock& clock : *body.mutable_clocks()) {
    if (clock.intervals().empty()) continue;
    v1::ClockInterval& first = *clock.mutable_intervals(0);
    const absl::Time start = first.has_end() ? std::min(at, TimeFrom(first.end())) : at;
    *first.mutable_start() = TimestampMessage(start);
    if (clock.has_stopped_at()) {
      Measure(clock, calendar, TimeFrom(clock.stopped_at()));
    } else {
      SetDeadline(clock, ComputeDeadline(clock, calendar), calendar);
    }
  }
}

void TimeClocks(v1::Case& body, const calendar::WorkingCalendar& calendar) {
  if (body.has_closed_at()) return;
  for (v1::CaseClock& clock : *body.mutable_clocks()) {
    if (!clock.has_stopped_at()) SetDeadline(clock, ComputeDeadline(clock, calendar), calendar);
  }
}

google::protobuf::RepeatedPtrField<v1::MovedDeadline> MovedDeadlines(const v1::Case& before,
                                                                     const v1::Case& after) {
  google::protobuf::RepeatedPtrField<v1::MovedDeadline> all;
  for (const v1::CaseClock& clock : after.clocks()) {
    const v1::CaseClock* former = FindClock(before, clock.kind());
    if (former == nullptr) continue;
    if (former->has_deadline() == clock.has_deadline() &&
        TimeFrom(former->deadline()) == TimeFrom(clock.deadline())) {
      continue;
    }
    v1::MovedDeadline& moved = *all.Add();
    moved.set_kind(clock.kind());
    if (former->has_deadline()) *moved.mutable_before() = former->deadline();
    if (clock.has_deadline()) *moved.mutable_after() = clock.deadline();
    moved.set_calendar_version_before(former->calendar_version());
    moved.set_calendar_version(clock.calendar_version());
  }
  return all;
}

namespace {

// Ends the last stretch and begins one that is `paused`; nothing when the clock has stopped or is so already.
void Turn(v1::Case& body, v1::ClockKind kind, absl::Time at, bool paused, absl::string_view reason,
          absl::string_view by) {
  v1::CaseClock* clock = FindClock(body, kind);
  if (clock == nullptr || clock->has_stopped_at() || clock->intervals().empty()) return;
  v1::ClockInterval& last = *clock->mutable_intervals(clock->intervals_size() - 1);
  if (last.paused() == paused) return;
  *last.mutable_end() = TimestampMessage(at);
  AddInterval(*clock, at, paused, reason, by);
}

}  // namespace

void PauseClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                absl::string_view by) {
  Turn(body, kind, at, true, reason, by);
}

void ResumeClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                 absl::string_view by) {
  Turn(body, kind, at, false, reason, by);
}

calendar::ClockLedger LedgerOf(const v1::CaseClock& clock) {
  calendar::ClockLedger ledger;
  for (const v1::ClockInterval& interval : clock.intervals()) {
    calendar::Interval& stretch = ledger.intervals.emplace_back();
    stretch.start = TimeFrom(interval.start());
    if (interval.has_end()) stretch.end = TimeFrom(interval.end());
    stretch.state =
        interval.paused() ? calendar::Interval::State::kPaused : calendar::Interval::State::kRunning;
    stretch.reason = interval.reason();
    stretch.by = interval.by();
  }
  return ledger;
}

absl::Duration WorkedBetween(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar,
                             absl::Time from, absl::Time to) {
  absl::Duration worked;
  for (const v1::ClockInterval& interval : clock.intervals()) {
    if (interval.paused()) continue;
    const absl::Time end = interval.has_end() ? std::min(TimeFrom(interval.end()), to) : to;
    worked += calendar.WorkingTimeBetween(std::max(TimeFrom(interval.start()), from), end);
  }
  return worked;
}

void FillClocks(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time now) {
  for (v1::CaseClock& clock : *body.mutable_clocks()) {
    if (clock.has_stopped_at()) continue;  // measured when it stopped
    const v1::CaseClock stored = clock;
    Measure(clock, calendar, now);
    if (!body.has_closed_at()) continue;
    // The case was closed without a first contact: the deadline is that of then.
    clock.clear_deadline();
    if (stored.has_deadline()) *clock.mutable_deadline() = stored.deadline();
    clock.set_deadline_provisional(stored.deadline_provisional());
    clock.set_calendar_version(stored.calendar_version());
    clock.set_breached(stored.has_deadline() && now > TimeFrom(stored.deadline()));
  }
}

}  // namespace zhuqi::routing
