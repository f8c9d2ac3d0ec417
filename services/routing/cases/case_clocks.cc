#include "services/routing/cases/case_clocks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/calendar/deadline.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/catalogue/catalogue_rules.h"

namespace zhuqi::routing {
namespace {

// A ledger's reason; the history has it as a whole.
constexpr int kLedgerReasonCharacters = 100;

std::string ShortReason(absl::string_view reason) {
  int characters = 0;
  for (size_t i = 0; i < reason.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(reason[i]) & 0xC0U) != 0x80U;
    if (begins && ++characters > kLedgerReasonCharacters) return std::string(reason.substr(0, i));
  }
  return std::string(reason);
}

v1::ClockInterval* AddInterval(v1::CaseClock& clock, absl::Time start, bool paused, absl::string_view reason,
                               absl::string_view by) {
  v1::ClockInterval* interval = clock.add_intervals();
  *interval->mutable_start() = TimestampMessage(start);
  interval->set_paused(paused);
  interval->set_reason(ShortReason(reason));
  interval->set_by(std::string(by));
  return interval;
}

absl::StatusOr<calendar::Deadline> ComputeDeadline(const v1::CaseClock& clock,
                                                   const calendar::WorkingCalendar& calendar) {
  return calendar::ComputeDeadline(LedgerOf(clock, calendar),
                                   PolicyFrom(clock.policy(), clock.catalogue_version()), calendar);
}

void SetDeadline(v1::CaseClock& clock, const absl::StatusOr<calendar::Deadline>& deadline,
                 const calendar::WorkingCalendar& calendar) {
  clock.clear_deadline();
  clock.set_calendar_version(calendar.version());
  // Policies are checked when a catalogue is applied; a clock without a sound one has no deadline to show.
  clock.set_deadline_provisional(deadline.ok() && deadline->provisional);
  if (!deadline.ok()) return;
  // A deadline that had passed before the pause stays missed: pausing is no way out of a breach.
  const std::optional<absl::Time>& due =
      deadline->instant.has_value() ? deadline->instant : deadline->missed_before_pause;
  if (due.has_value()) *clock.mutable_deadline() = TimestampMessage(*due);
}

// Deadline, and what was used and whether it was missed at `at`.
void Measure(v1::CaseClock& clock, const calendar::WorkingCalendar& calendar, absl::Time at) {
  const absl::StatusOr<calendar::Deadline> deadline = ComputeDeadline(clock, calendar);
  SetDeadline(clock, deadline, calendar);
  clock.set_breached(deadline.ok() && calendar::IsBreached(*deadline, at));
  clock.set_used_working_minutes(
      absl::ToInt64Minutes(calendar::TimeUsedAt(LedgerOf(clock, calendar), calendar, at).working_time));
}

void SetPolicy(const v1::Catalogue& catalogue, absl::string_view policy_id,
               v1::ClockPolicy* (v1::CaseTerms::*part)(), v1::CaseTerms& terms) {
  if (const v1::ClockPolicy* policy = FindPolicy(catalogue, policy_id)) *(terms.*part)() = *policy;
}

bool IsStill(const v1::CaseClock& clock) { return clock.intervals().rbegin()->paused(); }

// Ends the last stretch and begins the next.
void Turn(v1::CaseClock& clock, absl::Time at, bool paused, absl::string_view reason, absl::string_view by) {
  *clock.mutable_intervals(clock.intervals_size() - 1)->mutable_end() = TimestampMessage(at);
  AddInterval(clock, at, paused, reason, by);
}

bool HasStopped(const v1::CaseClock& clock) { return clock.has_stopped_at() || clock.intervals().empty(); }

// All clocks: of the case, of departments' parts, of objections.
template <typename Visit>
void ForEachClock(const v1::Case& body, Visit visit) {
  for (const v1::CaseClock& clock : body.clocks()) visit(clock);
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.has_clock()) visit(assignment.clock());
  }
  for (const v1::Objection& objection : body.objections()) {
    if (objection.has_ruling_clock()) visit(objection.ruling_clock());
  }
}

template <typename Visit>
void ForEachClock(v1::Case& body, Visit visit) {
  for (v1::CaseClock& clock : *body.mutable_clocks()) visit(clock);
  for (v1::Assignment& assignment : *body.mutable_assignments()) {
    if (assignment.has_clock()) visit(*assignment.mutable_clock());
  }
  for (v1::Objection& objection : *body.mutable_objections()) {
    if (objection.has_ruling_clock()) visit(*objection.mutable_ruling_clock());
  }
}

void NoteMoved(const v1::CaseClock& former, const v1::CaseClock& clock, absl::string_view department_id,
               google::protobuf::RepeatedPtrField<v1::MovedDeadline>& all) {
  if (former.has_deadline() == clock.has_deadline() &&
      TimeFrom(former.deadline()) == TimeFrom(clock.deadline())) {
    return;
  }
  v1::MovedDeadline& moved = *all.Add();
  moved.set_kind(clock.kind());
  if (former.has_deadline()) *moved.mutable_before() = former.deadline();
  if (clock.has_deadline()) *moved.mutable_after() = clock.deadline();
  moved.set_calendar_version_before(former.calendar_version());
  moved.set_calendar_version(clock.calendar_version());
  moved.set_department_id(std::string(department_id));
}

std::vector<calendar::Interval> IntervalsOf(
    const google::protobuf::RepeatedPtrField<v1::ClockInterval>& intervals) {
  std::vector<calendar::Interval> all;
  for (const v1::ClockInterval& interval : intervals) {
    calendar::Interval& stretch = all.emplace_back();
    stretch.start = TimeFrom(interval.start());
    if (interval.has_end()) stretch.end = TimeFrom(interval.end());
    stretch.state =
        interval.paused() ? calendar::Interval::State::kPaused : calendar::Interval::State::kRunning;
    stretch.reason = interval.reason();
    stretch.by = interval.by();
  }
  return all;
}

absl::Duration WorkedIn(const google::protobuf::RepeatedPtrField<v1::ClockInterval>& intervals,
                        const calendar::WorkingCalendar& calendar, absl::Time from, absl::Time to) {
  absl::Duration worked;
  for (const v1::ClockInterval& interval : intervals) {
    if (interval.paused()) continue;
    const absl::Time end = interval.has_end() ? std::min(TimeFrom(interval.end()), to) : to;
    worked += calendar.WorkingTimeBetween(std::max(TimeFrom(interval.start()), from), end);
  }
  return worked;
}

}  // namespace

const v1::CaseClock* FindClock(const v1::Case& body, v1::ClockKind kind, absl::string_view department_id) {
  for (const v1::CaseClock& clock : body.clocks()) {
    if (clock.kind() == kind) return &clock;
  }
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.has_clock() && assignment.clock().kind() == kind && !assignment.has_until() &&
        assignment.department_id() == department_id) {
      return &assignment.clock();
    }
  }
  const v1::Objection* objection = OpenObjection(body);
  const bool wanted = kind == v1::CLOCK_KIND_RULING && objection != nullptr && objection->has_ruling_clock();
  return wanted ? &objection->ruling_clock() : nullptr;
}

v1::CaseClock* FindClock(v1::Case& body, v1::ClockKind kind, absl::string_view department_id) {
  return const_cast<v1::CaseClock*>(  // NOLINT: `body` is not const
      FindClock(static_cast<const v1::Case&>(body), kind, department_id));
}

v1::CaseClock NewClockOfTerms(const v1::Case& body, v1::ClockKind kind, const v1::ClockPolicy& policy,
                              absl::Time at, absl::string_view reason) {
  v1::CaseClock clock;
  clock.set_kind(kind);
  clock.set_catalogue_version(body.terms().catalogue_version());
  *clock.mutable_policy() = policy;
  // The terms have it; a case may have many such clocks.
  clock.mutable_policy()->clear_description();
  AddInterval(clock, at, body.stands_still() || (body.paused() && policy.may_pause()), reason, kBySystem);
  return clock;
}

v1::CaseClock GoOnFrom(const v1::CaseClock& clock, absl::Time at, absl::string_view reason) {
  v1::CaseClock own = clock;
  if (!HasStopped(own)) Turn(own, at, IsStill(own), reason, kBySystem);
  return own;
}

v1::CaseTerms TermsOf(const v1::RouteTarget& target, const v1::Catalogue& catalogue) {
  v1::CaseTerms terms;
  terms.set_catalogue_version(catalogue.version());
  terms.set_dissatisfied_escalates(target.dissatisfied_escalates());
  SetPolicy(catalogue, target.reply_policy_id(), &v1::CaseTerms::mutable_reply_policy, terms);
  SetPolicy(catalogue, target.objection_policy_id(), &v1::CaseTerms::mutable_objection_policy, terms);
  SetPolicy(catalogue, target.ruling_policy_id(), &v1::CaseTerms::mutable_ruling_policy, terms);
  SetPolicy(catalogue, target.escalated_policy_id(), &v1::CaseTerms::mutable_escalated_policy, terms);
  SetPolicy(catalogue, target.child_policy_id(), &v1::CaseTerms::mutable_child_policy, terms);
  terms.set_duplicate_clocks(target.duplicate_clocks());
  return terms;
}

void OpenClocks(v1::Case& body, const v1::RouteDecision& decision, const v1::Catalogue& catalogue,
                absl::Time at) {
  const v1::RouteTarget& target = decision.target();
  *body.mutable_terms() = TermsOf(target, catalogue);
  const auto open = [&](v1::ClockKind kind, const std::string& policy_id) {
    v1::CaseClock& clock = *body.add_clocks();
    clock.set_kind(kind);
    clock.set_catalogue_version(catalogue.version());
    if (const v1::ClockPolicy* policy = FindPolicy(catalogue, policy_id)) *clock.mutable_policy() = *policy;
    AddInterval(clock, at, false, "received", kBySystem);
  };
  open(v1::CLOCK_KIND_RESPONSE, target.response_policy_id());
  open(v1::CLOCK_KIND_HANDLING, target.handling_policy_id());
  if (!target.plan_policy_id().empty()) open(v1::CLOCK_KIND_PLAN, target.plan_policy_id());
}

void StopClock(v1::CaseClock& clock, const calendar::WorkingCalendar& calendar, absl::Time at) {
  if (HasStopped(clock)) return;
  *clock.mutable_intervals(clock.intervals_size() - 1)->mutable_end() = TimestampMessage(at);
  *clock.mutable_stopped_at() = TimestampMessage(at);
  Measure(clock, calendar, at);
}

void StopClock(v1::Case& body, v1::ClockKind kind, const calendar::WorkingCalendar& calendar, absl::Time at) {
  if (v1::CaseClock* clock = FindClock(body, kind)) StopClock(*clock, calendar, at);
}

void StopForClosing(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time at) {
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (clock.kind() != v1::CLOCK_KIND_RESPONSE) StopClock(clock, calendar, at);
  });
}

void RestartClock(v1::CaseClock& clock, absl::Time at, absl::string_view reason, absl::string_view by) {
  if (!clock.has_stopped_at()) return;
  v1::ClockInterval* pause = AddInterval(clock, TimeFrom(clock.stopped_at()), true, "closed", kBySystem);
  *pause->mutable_end() = TimestampMessage(at);
  AddInterval(clock, at, false, reason, by);
  clock.clear_stopped_at();
  clock.clear_breached();
  clock.clear_used_working_minutes();
}

void RestartClock(v1::Case& body, v1::ClockKind kind, absl::Time at, absl::string_view reason,
                  absl::string_view by) {
  if (v1::CaseClock* clock = FindClock(body, kind)) RestartClock(*clock, at, reason, by);
}

void PauseClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by) {
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (!HasStopped(clock) && clock.policy().may_pause() && !IsStill(clock))
      Turn(clock, at, true, reason, by);
  });
}

void ResumeClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by) {
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (!HasStopped(clock) && IsStill(clock)) Turn(clock, at, false, reason, by);
  });
}

int StretchesOf(const v1::Case& body) {
  int stretches = 0;
  ForEachClock(body, [&](const v1::CaseClock& clock) {
    stretches += clock.intervals_size();
    for (const v1::FormerClock& former : clock.former()) stretches += former.intervals_size();
  });
  return stretches;
}

void SuspendClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by) {
  if (StretchesOf(body) >= kMostStretches) return;
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (!HasStopped(clock)) Turn(clock, at, true, reason, by);
  });
}

void ReviveClocks(v1::Case& body, absl::Time since, absl::Time at, absl::string_view reason,
                  absl::string_view by) {
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (HasStopped(clock) || !IsStill(clock)) return;
    if (TimeFrom(clock.intervals().rbegin()->start()) != since) return;
    const v1::ClockInterval before = clock.intervals(std::max(0, clock.intervals_size() - 2));
    Turn(clock, at, before.paused(), before.paused() ? before.reason() : reason,
         before.paused() ? before.by() : by);
  });
}

void ReleaseClocks(v1::Case& body, absl::Time at, absl::string_view reason, absl::string_view by) {
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (HasStopped(clock) || !IsStill(clock)) return;
    const bool held = body.paused() && clock.policy().may_pause();
    Turn(clock, at, held, held ? "paused" : reason, by);
  });
}

void ChangePolicy(v1::CaseClock& clock, const v1::ClockPolicy& policy, int64_t catalogue_version,
                  absl::Time at, absl::string_view reason, absl::string_view by) {
  if (HasStopped(clock)) return;
  const bool still = IsStill(clock);
  v1::FormerClock& former = *clock.add_former();
  *former.mutable_policy() = clock.policy();
  former.set_catalogue_version(clock.catalogue_version());
  former.mutable_intervals()->Swap(clock.mutable_intervals());
  *former.mutable_intervals(former.intervals_size() - 1)->mutable_end() = TimestampMessage(at);
  *clock.mutable_policy() = policy;
  clock.set_catalogue_version(catalogue_version);
  AddInterval(clock, at, still, reason, by);
}

absl::Time StartOf(const v1::CaseClock& clock) {
  const auto& first = clock.former().empty() ? clock.intervals() : clock.former(0).intervals();
  return first.empty() ? absl::InfiniteFuture() : TimeFrom(first.begin()->start());
}

void MoveStart(v1::CaseClock& clock, const calendar::WorkingCalendar& calendar, absl::Time at) {
  auto& intervals =
      clock.former().empty() ? *clock.mutable_intervals() : *clock.mutable_former(0)->mutable_intervals();
  if (intervals.empty()) return;
  v1::ClockInterval& first = *intervals.begin();
  const absl::Time start = first.has_end() ? std::min(at, TimeFrom(first.end())) : at;
  *first.mutable_start() = TimestampMessage(start);
  if (clock.has_stopped_at()) {
    Measure(clock, calendar, TimeFrom(clock.stopped_at()));
  } else {
    SetDeadline(clock, ComputeDeadline(clock, calendar), calendar);
  }
}

void TimeClocks(v1::Case& body, const calendar::WorkingCalendar& calendar) {
  if (body.has_closed_at()) return;
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (!clock.has_stopped_at()) SetDeadline(clock, ComputeDeadline(clock, calendar), calendar);
  });
}

bool AreTimedBy(const v1::Case& body, const calendar::WorkingCalendar& calendar) {
  if (body.has_closed_at()) return true;
  bool timed = true;
  ForEachClock(body, [&](const v1::CaseClock& clock) {
    timed = timed && (clock.has_stopped_at() || clock.calendar_version() == calendar.version());
  });
  return timed;
}

google::protobuf::RepeatedPtrField<v1::MovedDeadline> MovedDeadlines(const v1::Case& before,
                                                                     const v1::Case& after) {
  google::protobuf::RepeatedPtrField<v1::MovedDeadline> all;
  for (const v1::CaseClock& clock : after.clocks()) {
    if (const v1::CaseClock* former = FindClock(before, clock.kind())) NoteMoved(*former, clock, "", all);
  }
  for (int i = 0; i < std::min(before.assignments_size(), after.assignments_size()); ++i) {
    NoteMoved(before.assignments(i).clock(), after.assignments(i).clock(),
              after.assignments(i).department_id(), all);
  }
  for (int i = 0; i < std::min(before.objections_size(), after.objections_size()); ++i) {
    NoteMoved(before.objections(i).ruling_clock(), after.objections(i).ruling_clock(), "", all);
  }
  return all;
}

calendar::ClockLedger LedgerOf(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar) {
  calendar::ClockLedger ledger;
  for (const v1::FormerClock& former : clock.former()) {
    ledger.intervals = IntervalsOf(former.intervals());
    ledger.carried = calendar::TimeUsedAt(ledger, calendar, *ledger.intervals.back().end);
  }
  ledger.intervals = IntervalsOf(clock.intervals());
  return ledger;
}

absl::Duration WorkedBetween(const v1::CaseClock& clock, const calendar::WorkingCalendar& calendar,
                             absl::Time from, absl::Time to) {
  absl::Duration worked = WorkedIn(clock.intervals(), calendar, from, to);
  for (const v1::FormerClock& former : clock.former()) {
    worked += WorkedIn(former.intervals(), calendar, from, to);
  }
  return worked;
}

void FillClocks(v1::Case& body, const calendar::WorkingCalendar& calendar, absl::Time now) {
  const bool closed = body.has_closed_at();
  ForEachClock(body, [&](v1::CaseClock& clock) {
    if (clock.has_stopped_at()) return;  // measured when it stopped
    const v1::CaseClock stored = clock;
    Measure(clock, calendar, now);
    if (!closed) return;
    // The case was closed without a first contact: the deadline is that of then.
    clock.clear_deadline();
    if (stored.has_deadline()) *clock.mutable_deadline() = stored.deadline();
    clock.set_deadline_provisional(stored.deadline_provisional());
    clock.set_calendar_version(stored.calendar_version());
    clock.set_breached(stored.has_deadline() && now > TimeFrom(stored.deadline()));
  });
}

}  // namespace zhuqi::routing
