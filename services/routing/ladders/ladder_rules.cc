#include "services/routing/ladders/ladder_rules.h"

#include <algorithm>
#include <utility>

#include "common/calendar/deadline.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_facts.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/ladders/ladder_steps.h"
#include "services/routing/ladders/step_instant.h"

namespace zhuqi::routing {
namespace {

using Steps = google::protobuf::RepeatedPtrField<v1::LadderStep>;

const Steps& StepsOf(const v1::EscalationLadder& ladder, v1::ClockKind clock) {
  return clock == v1::CLOCK_KIND_RESPONSE ? ladder.response_steps() : ladder.handling_steps();
}

int StepsOver(const v1::CaseLadder& ladder, v1::ClockKind clock) {
  return clock == v1::CLOCK_KIND_RESPONSE ? ladder.response_steps_over() : ladder.handling_steps_over();
}

void NoteOver(v1::CaseLadder& ladder, const NextStep& next) {
  if (next.clock == v1::CLOCK_KIND_RESPONSE) {
    ladder.set_response_steps_over(next.index + 1);
  } else {
    ladder.set_handling_steps_over(next.index + 1);
  }
}

std::optional<NextStep> NextOfClock(const v1::Case& body, v1::ClockKind kind,
                                    const calendar::WorkingCalendar& calendar) {
  const v1::CaseClock* clock = FindClock(body, kind);
  const Steps& steps = StepsOf(body.ladder().ladder(), kind);
  const int over = StepsOver(body.ladder(), kind);
  if (over >= steps.size() || clock == nullptr || clock->has_stopped_at()) return std::nullopt;
  const calendar::ClockLedger ledger = LedgerOf(*clock, calendar);
  const auto deadline =
      calendar::ComputeDeadline(ledger, PolicyFrom(clock->policy(), clock->catalogue_version()), calendar);
  if (!deadline.ok() || !deadline->instant.has_value()) return std::nullopt;  // paused
  const absl::Time since = std::max(TimeFrom(body.ladder().applies_from()), StartOf(*clock));
  for (int index = over; index < steps.size(); ++index) {
    const auto instant = StepInstant(steps.at(index), ledger, *deadline->instant, calendar);
    // Not over: when the deadline moves, it may lie ahead.
    if (!instant.has_value() || *instant <= since) continue;
    return NextStep{kind, index, calendar.NextWorkingTime(*instant), *deadline->instant};
  }
  return std::nullopt;
}

}  // namespace

const v1::EscalationLadder* FindLadder(const v1::Catalogue& catalogue, absl::string_view ladder_id) {
  for (const v1::EscalationLadder& ladder : catalogue.ladders()) {
    if (ladder.ladder_id() == ladder_id) return &ladder;
  }
  return nullptr;
}

void StartLadder(v1::Case& body, const v1::Catalogue& catalogue, absl::Time known_at) {
  if (body.decisions().empty()) return;
  const v1::RouteDecision& decision = *body.decisions().rbegin();
  const v1::EscalationLadder* ladder = FindLadder(catalogue, decision.target().ladder_id());
  if (ladder == nullptr) return;
  v1::CaseLadder& stands = *body.mutable_ladder();
  *stands.mutable_ladder() = *ladder;
  stands.mutable_ladder()->clear_description();
  for (v1::LadderStep& step : *stands.mutable_ladder()->mutable_response_steps()) step.clear_description();
  for (v1::LadderStep& step : *stands.mutable_ladder()->mutable_handling_steps()) step.clear_description();
  stands.set_catalogue_version(decision.catalogue_version());
  *stands.mutable_applies_from() = TimestampMessage(known_at);
}

std::optional<NextStep> NextStepOf(const v1::Case& body, const calendar::WorkingCalendar& calendar) {
  if (!body.has_ladder() || body.state() == v1::PROCESS_STATE_CLOSED) return std::nullopt;
  const std::optional<NextStep> response = NextOfClock(body, v1::CLOCK_KIND_RESPONSE, calendar);
  const std::optional<NextStep> handling = NextOfClock(body, v1::CLOCK_KIND_HANDLING, calendar);
  if (!response.has_value()) return handling;
  if (!handling.has_value() || response->at <= handling->at) return response;
  return handling;
}

const v1::LadderStep& StepAt(const v1::Case& body, const NextStep& next) {
  return StepsOf(body.ladder().ladder(), next.clock).at(next.index);
}

FiredStep FireStep(const CaseRecord& before, const NextStep& next, absl::Time recorded_at,
                   const Directory& directory, const CompiledCatalogue& catalogue) {
  FiredStep result;
  CaseChange& change = result.change;
  change.record = before;
  v1::CaseLadder& ladder = *change.record.body.mutable_ladder();
  NoteOver(ladder, next);
  v1::LadderStepFired fired;
  fired.set_ladder_id(ladder.ladder().ladder_id());
  fired.set_catalogue_version(ladder.catalogue_version());
  fired.set_clock(next.clock);
  *fired.mutable_step() = StepAt(before.body, next);
  *fired.mutable_deadline() = TimestampMessage(next.deadline);
  *fired.mutable_due_at() = TimestampMessage(next.at);
  // latest_at moves with an escalation alone: a reminder makes nothing late that departments did before it.
  const absl::Time at = std::max(recorded_at, before.latest_at);
  StepOutcome outcome = CarryOutStep({at, recorded_at, directory, catalogue}, change.record, fired);
  fired.set_refusal(std::move(outcome.refusal));
  result.convened = std::move(outcome.convened);
  change.wants_assistant = outcome.wants_assistant;
  fired.set_owner_org_unit_id(change.record.body.owner_org_unit_id());
  change.event = NextEvent(change.record, at, recorded_at, kBySystem);
  change.event.set_state_after(change.record.body.state());
  change.event.set_escalated(change.record.body.escalation_count() > before.body.escalation_count());
  *change.event.mutable_ladder_step() = std::move(fired);
  change.record.facts = FactsOf(change.record, directory);
  return result;
}

void FillNextStep(v1::Case& body, const calendar::WorkingCalendar& calendar) {
  const std::optional<NextStep> next = NextStepOf(body, calendar);
  if (!next.has_value()) return;
  v1::NextLadderStep& shown = *body.mutable_ladder()->mutable_next();
  shown.set_clock(next->clock);
  *shown.mutable_step() = StepAt(body, *next);
  *shown.mutable_at() = TimestampMessage(next->at);
  *shown.mutable_deadline() = TimestampMessage(next->deadline);
}

}  // namespace zhuqi::routing
