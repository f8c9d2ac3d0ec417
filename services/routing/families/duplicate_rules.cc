#include "services/routing/families/duplicate_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_actions.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_facts.h"
#include "services/routing/cases/case_guards.h"
#include "services/routing/families/child_rules.h"

namespace zhuqi::routing {
namespace {

using DuplicateCause = v1::DuplicateChanged::Cause;

bool HasEnded(const v1::Case& body) { return body.state() == v1::PROCESS_STATE_CLOSED; }
bool IsTakenBack(const v1::Case& body) { return body.outcome() == v1::OUTCOME_WITHDRAWN; }

bool WaitsByRule(const v1::Case& body) { return body.terms().duplicate_clocks() != v1::DUPLICATE_CLOCKS_RUN; }

// Whoever links and unlinks without end does not make a ledger grow without end.
bool HasRoomToStop(const v1::Case& body) { return StretchesOf(body) < kMaximumStretches; }

bool ShouldStandStill(const v1::Case& body) {
  return !HasEnded(body) && body.has_duplicate() && !body.duplicate().first_withdrawn() &&
         !body.duplicate().first_closed() && WaitsByRule(body) && OpenChildren(body) == 0 &&
         HasRoomToStop(body);
}

const char* LivesBecause(const v1::Case& body) {
  if (!body.has_duplicate()) return "no duplicate any more";
  if (body.duplicate().first_withdrawn()) return "the first case was withdrawn";
  if (body.duplicate().first_closed()) return "the first case was closed";
  return "goes on by itself";
}

// Stops the clocks of an open case or lets them live, as its standing asks.
void SettleStanding(CaseRecord& record, absl::Time at) {
  v1::Case& body = record.body;
  const bool still = ShouldStandStill(body);
  if (HasEnded(body) || still == body.stands_still()) return;
  if (still) {
    const v1::DuplicateOf& duplicate = body.duplicate();
    SuspendClocks(body, at,
                  absl::StrCat("duplicate of ", duplicate.first_issue_key().source_system(), "/",
                               duplicate.first_issue_key().external_id()),
                  duplicate.linked_by());
  } else {
    ReleaseClocks(body, at, LivesBecause(body), kBySystem);
  }
  body.set_stands_still(still);
  // What was done before and is told later is history: no stretch of a ledger ends before it begins.
  record.latest_at = std::max(record.latest_at, at);
}

// The first one was closed while this one stood still: its enterprise is asked, too.
void AskTheEnterprise(CaseRecord& record, v1::Outcome first_outcome, absl::Time at,
                      const calendar::WorkingCalendar& calendar) {
  const bool done = first_outcome == v1::OUTCOME_RESOLVED || first_outcome == v1::OUTCOME_UNCONFIRMED;
  const v1::ProcessState state = record.body.state();
  if (!done || (state != v1::PROCESS_STATE_AWAITING_ACCEPTANCE && state != v1::PROCESS_STATE_IN_PROGRESS))
    return;
  MoveToCallBack(record, at, calendar);
}

// Takes in what the first one is now.
void TakeFirst(CaseRecord& record, const v1::Case& first, absl::Time at,
               const calendar::WorkingCalendar& calendar) {
  v1::DuplicateOf& duplicate = *record.body.mutable_duplicate();
  duplicate.set_first_withdrawn(IsTakenBack(first));
  const bool closes = HasEnded(first) && !IsTakenBack(first) && !duplicate.first_closed();
  // One that was linked only now would have stood still.
  const bool waited = !HasEnded(record.body) && WaitsByRule(record.body) && OpenChildren(record.body) == 0;
  if (closes) duplicate.set_first_closed(true);
  SettleStanding(record, at);
  if (closes && waited) AskTheEnterprise(record, first.outcome(), at, calendar);
}

void NoteStanding(const CaseRecord& before, const v1::Case* first, DuplicateCause cause,
                  const FamilyMoment& moment, absl::Time at, const Directory& directory, CaseChange& change) {
  v1::Case& body = change.record.body;
  TimeClocks(body, directory.calendar());
  v1::DuplicateChanged& told = *change.event.mutable_duplicate_changed();
  const v1::DuplicateOf& of = body.has_duplicate() ? body.duplicate() : before.body.duplicate();
  told.set_cause(cause);
  told.set_first_case_id(of.first_case_id());
  *told.mutable_first_issue_key() = of.first_issue_key();
  if (first != nullptr) told.set_first_outcome(first->outcome());
  told.set_rule(WaitsByRule(body) ? v1::DUPLICATE_CLOCKS_STAND_STILL : v1::DUPLICATE_CLOCKS_RUN);
  told.set_stands_still(body.stands_still());
  *told.mutable_deadlines() = MovedDeadlines(before.body, body);
  change.event.MergeFrom(NextEvent(change.record, at, moment.recorded_at, kBySystem));
  change.event.set_state_after(body.state());
  change.record.facts = FactsOf(change.record, directory);
}

DuplicateCause StandingCauseOf(const v1::Case& before, const v1::Case& after) {
  const v1::DuplicateOf& old = before.duplicate();
  const v1::DuplicateOf& now = after.duplicate();
  if (!after.has_duplicate()) return v1::DuplicateChanged::CAUSE_UNLINKED;
  if (now.first_closed() && !old.first_closed()) return v1::DuplicateChanged::CAUSE_FIRST_CLOSED;
  if (now.first_withdrawn() != old.first_withdrawn()) {
    return now.first_withdrawn() ? v1::DuplicateChanged::CAUSE_FIRST_WITHDRAWN
                                 : v1::DuplicateChanged::CAUSE_FIRST_BROUGHT_BACK;
  }
  return v1::DuplicateChanged::CAUSE_WAITS_AGAIN;
}

absl::Time NotBeforeIt(const CaseRecord& record, const FamilyMoment& moment) {
  return std::max(moment.at, record.latest_at);
}

}  // namespace

CaseChange LinkDuplicate(const CaseRecord& before, const v1::Case& first, absl::Time linked_at,
                         const std::string& linked_by, const FamilyMoment& moment,
                         const Directory& directory) {
  CaseChange change;
  change.record = before;
  v1::DuplicateOf& duplicate = *change.record.body.mutable_duplicate();
  duplicate.Clear();
  duplicate.set_first_case_id(first.case_id());
  *duplicate.mutable_first_issue_key() = first.issue_key();
  *duplicate.mutable_linked_at() = TimestampMessage(linked_at);
  duplicate.set_linked_by(linked_by);
  const absl::Time at = NotBeforeIt(before, moment);
  TakeFirst(change.record, first, at, directory.calendar());
  NoteStanding(before, &first, v1::DuplicateChanged::CAUSE_LINKED, moment, at, directory, change);
  return change;
}

CaseChange UnlinkDuplicate(const CaseRecord& before, const FamilyMoment& moment, const Directory& directory) {
  CaseChange change;
  change.record = before;
  change.record.body.clear_duplicate();
  const absl::Time at = NotBeforeIt(before, moment);
  SettleStanding(change.record, at);
  NoteStanding(before, nullptr, v1::DuplicateChanged::CAUSE_UNLINKED, moment, at, directory, change);
  return change;
}

CaseChange NoteDuplicate(const CaseRecord& before, const v1::Case& duplicate, bool removed,
                         const FamilyMoment& moment, const Directory& directory) {
  CaseChange change;
  change.record = before;
  v1::Case& body = change.record.body;
  body.set_duplicate_count(std::max(0, body.duplicate_count() + (removed ? -1 : 1)));
  v1::DuplicatesChanged& told = *change.event.mutable_duplicates_changed();
  told.set_case_id(duplicate.case_id());
  *told.mutable_issue_key() = duplicate.issue_key();
  told.set_removed(removed);
  change.event.MergeFrom(
      NextEvent(change.record, NotBeforeIt(before, moment), moment.recorded_at, kBySystem));
  change.event.set_state_after(body.state());
  change.record.facts = FactsOf(change.record, directory);
  return change;
}

bool ConcernsDuplicates(const v1::Case& before, const v1::Case& after) {
  return after.duplicate_count() > 0 &&
         (HasEnded(before) != HasEnded(after) || IsTakenBack(before) != IsTakenBack(after));
}

bool ConcernsItsStanding(const v1::Case& before, const v1::Case& after) {
  if (!after.has_duplicate() && !after.stands_still()) return false;
  return HasEnded(before) != HasEnded(after) || (OpenChildren(before) > 0) != (OpenChildren(after) > 0);
}

std::optional<CaseChange> FollowFirst(const CaseRecord& before, const v1::Case* first,
                                      const FamilyMoment& moment, const Directory& directory) {
  CaseChange change;
  change.record = before;
  const absl::Time at = NotBeforeIt(before, moment);
  if (first == nullptr) {
    SettleStanding(change.record, at);
  } else {
    TakeFirst(change.record, *first, at, directory.calendar());
  }
  const v1::Case& now = change.record.body;
  const bool same = now.stands_still() == before.body.stands_still() &&
                    now.duplicate().first_closed() == before.body.duplicate().first_closed() &&
                    now.duplicate().first_withdrawn() == before.body.duplicate().first_withdrawn();
  if (same) return std::nullopt;
  NoteStanding(before, first, StandingCauseOf(before.body, now), moment, at, directory, change);
  return change;
}

}  // namespace zhuqi::routing
