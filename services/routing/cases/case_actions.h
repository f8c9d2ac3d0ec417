// What each action does to a case beside the transition: one function an action, and what several share.
// Pure. case_actions.cc has the work and its end, case_responsibility.cc who is accountable and leads,
// case_time_actions.cc what is done to the clocks.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_ACTIONS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_ACTIONS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_transitions.h"

namespace zhuqi::routing {

// What one action needs, and the case that it changes.
struct Step {
  CaseRecord& record;
  const ActionInput& input;
  const Directory& directory;
  const CompiledCatalogue& compiled;
  absl::Time occurred_at;
  TransitionVariant variant;

  // What the entry in the history says beside the action.
  std::optional<v1::RouteDecision> decision = {};
  std::optional<v1::AssistantDecision> assistant = {};
  // See CaseChange.
  bool wants_assistant = false;

  const v1::Catalogue& catalogue() const { return compiled.message(); }
  v1::Case& body() const { return record.body; }
  absl::Time at() const { return occurred_at; }
  const calendar::WorkingCalendar& calendar() const { return directory.calendar(); }
};

// Does what the action does. The table has allowed it; refusals here are about what it names.
absl::Status ApplyAction(Step& step);

// FAILED_PRECONDITION.
absl::Status Refuse(absl::string_view reason, absl::string_view english, absl::string_view chinese);

// No outcome, and no call-back since the lead last said that it is done.
void ClearOutcome(CaseRecord& record);

// The day on which departments were convened.
absl::CivilDay HeldOn(const v1::Convene& convene, absl::Time occurred_at);

// Closes an open case as WITHDRAWN with its clocks standing still, so that OpenAgain lets them go on.
void CloseAsWithdrawn(CaseRecord& record, absl::Time at, absl::string_view reason, absl::string_view by,
                      const calendar::WorkingCalendar& calendar);
void OpenAgain(CaseRecord& record, absl::Time at, absl::string_view by,
               const calendar::WorkingCalendar& calendar);

// Closes an open case with `outcome`; the caller sets the state.
void CloseWith(CaseRecord& record, v1::Outcome outcome, absl::Time at,
               const calendar::WorkingCalendar& calendar);
// An open case awaits its call-back, by rule: a pause and an open objection end, and handling begins here if
// nobody has accepted it.
void MoveToCallBack(CaseRecord& record, absl::Time at, const calendar::WorkingCalendar& calendar);
// Takes a closed case up again; the caller sets the state.
void TakeUp(CaseRecord& record, absl::Time at, absl::string_view reason, absl::string_view by,
            const calendar::WorkingCalendar& calendar);

// Of families/child_rules.cc.
absl::Status Apply(Step& step, const v1::Divide& divide);

// Of case_responsibility.cc.
absl::Status Apply(Step& step, const v1::Accept& accept);
absl::Status Apply(Step& step, const v1::Assign& assign);
absl::Status Apply(Step& step, const v1::HandOver& hand_over);
absl::Status Apply(Step& step, const v1::Object& object);
absl::Status Apply(Step& step, const v1::RuleOnObjection& ruling);
absl::Status Apply(Step& step, const v1::Escalate& escalate);
absl::Status Apply(Step& step, const v1::ReturnCase& return_case);
// Moves accountability to the unit above.
absl::Status MoveUp(Step& step);
// Makes the department the lead. What was said of another lead's work is no outcome of the new one's.
void GiveTo(Step& step, const std::string& department_id);
// Handling goes on under another policy, with the time used so far. What was missed stays missed.
void GoOnUnder(Step& step, const v1::ClockPolicy& policy, int64_t catalogue_version,
               absl::string_view reason);

// Of case_hand_out.cc: the case is handed out again, so the catalogue is asked again with how often it was so
// far, and the decision is kept. True: a rule that asks for that number has taken the case elsewhere than to
// the department that a person names. False: that department is to lead.
bool HandOutAgain(Step& step, v1::RouteOccasion occasion, const std::string& named_department_id);

// Of assistant_rules.cc.
absl::Status Apply(Step& step, const v1::HandOverAssistance& hand_over);

// Of case_time_actions.cc.
absl::Status Apply(Step& step, const v1::RequestExtension& request);
absl::Status Apply(Step& step, const v1::DecideExtension& decision);
absl::Status Apply(Step& step, const v1::Pause& pause);
absl::Status Apply(Step& step, const v1::Resume& resume);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_ACTIONS_H_
