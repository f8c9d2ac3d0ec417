#include "services/routing/cases/case_clocks.h"

#include <algorithm>

#include "common/calendar/deadline.h"
#include "common/directory/date_message.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

constexpr char kBySystem[] = "zhuqi";

v1::ClockInterval* AddInterval(v1::CaseClock& clock, absl::Time start, bool paused, absl::string_view reason,
                               absl::string_view by) {
  v1::ClockInterval* interval = clock.add_intervals();
  *interval->mutable_start() = TimestampMessage(start);
  interval->set_paused(paused);
  interval->set_reason(std::string(reason));
  interval->set_by(std::string(by));
  return interval;
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
                absl::Time at) {
  OpenOne(body, v1::CLOCK_KIND_RESPONSE, decision.target().response_policy_id(), catalogue, at);
  OpenOne(body, v1::CLOCK_KIND_HANDLING, decision.target().handling_policy_id(), catalogue, at);
}

void StopClock(v1::Case& body, v1::ClockKind kind, absl::Time at) {
  v1::CaseClock* clock = FindClock(body, kind);
  if (clock == nullptr || clock->has_stopped_at() || clock->intervals().empty()) return;
  *clock->mutable_intervals(clock->intervals_size() - 1)->mutable_end() = TimestampMessage(at);
  *clock->mutable_stopped_at() = TimestampMessage(at);
}

void RestartClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                  absl::string_view by) {
  v1::CaseClock* clock = FindClock(body, kind);
  if (clock == nullptr || !clock->has_stopped_at()) return;
  v1::ClockInterval* pause = AddInterval(*clock, TimeFrom(clock->stopped_at()), true, "closed", kBySystem);
  *pause->mutable_end() = TimestampMessage(at);
  AddInterval(*clock, at, false, reason, by);
  clock->clear_stopped_at();
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

std::optional<absl::Time> DeadlineOf(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar) {
  const absl::StatusOr<calendar::Deadline> deadline = calendar::ComputeDeadline(
      LedgerOf(clock), PolicyFrom(clock.policy(), clock.catalogue_version()), calendar);
  return deadline.ok() ? deadline->instant : std::nullopt;
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
    const calendar::ClockLedger ledger = LedgerOf(clock);
    const absl::StatusOr<calendar::Deadline> deadline =
        calendar::ComputeDeadline(ledger, PolicyFrom(clock.policy(), clock.catalogue_version()), calendar);
    clock.clear_deadline();
    clock.set_calendar_version(calendar.version());
    // Policies are checked when a catalogue is applied; a clock without a sound one has no deadline to show.
    if (!deadline.ok()) continue;
    if (deadline->instant.has_value()) *clock.mutable_deadline() = TimestampMessage(*deadline->instant);
    clock.set_deadline_provisional(deadline->provisional);
    const absl::Time measured = clock.has_stopped_at() ? TimeFrom(clock.stopped_at()) : now;
    clock.set_breached(calendar::IsBreached(*deadline, measured));
    clock.set_used_working_minutes(
        absl::ToInt64Minutes(calendar::TimeUsedAt(ledger, calendar, measured).working_time));
  }
}

}  // namespace zhuqi::routing
