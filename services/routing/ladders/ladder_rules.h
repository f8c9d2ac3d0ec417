// Which step of its escalation ladder a case comes to next, when, and what firing it does. Pure.
//
// What always holds: a step fires at most once, and no step of a clock fires after a later one of the same
// clock. What has not fired moves with the deadline (a pause, a calendar, a corrected receipt, a reopening);
// what has fired stays fired, for a reopened case goes on with the same clock.
#ifndef ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_RULES_H_
#define ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_RULES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/consultations/consultation_rules.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// Null when the catalogue has none of this name.
const v1::EscalationLadder* FindLadder(const v1::Catalogue& catalogue, absl::string_view ladder_id);

// Puts a case that was just routed on the ladder that its decision names. `known_at`: when the issue became
// known, which for history is long after it was raised. Steps that fall before it are passed over.
void StartLadder(v1::Case& body, const v1::Catalogue& catalogue, absl::Time known_at);

struct NextStep {
  v1::ClockKind clock;
  // Its place among the steps of its clock.
  int index;
  // When it fires: inside working time.
  absl::Time at;
  absl::Time deadline;
};

// Of both clocks the step that fires first if nothing changes. Nullopt: none will. A closed case (also one
// that was withdrawn), a stopped clock and a paused one fire none.
std::optional<NextStep> NextStepOf(const v1::Case& body, const calendar::WorkingCalendar& calendar);

// The step in the case's ladder.
const v1::LadderStep& StepAt(const v1::Case& body, const NextStep& next);

struct FiredStep {
  CaseChange change;
  // What the step convened: to be written with the change, for neither says anything without the other.
  std::optional<ConsultationChange> convened;
};

// The case after the step that NextStepOf gave has fired. What can not be done (an escalation at the top) is
// over all the same, and its entry says why.
FiredStep FireStep(const CaseRecord& before, const NextStep& next, absl::Time recorded_at,
                   const Directory& directory, const CompiledCatalogue& catalogue);

// Fills in what a reader is shown.
void FillNextStep(v1::Case& body, const calendar::WorkingCalendar& calendar);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_RULES_H_
