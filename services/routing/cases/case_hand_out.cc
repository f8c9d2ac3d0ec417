// A case that is handed out again: after an upheld objection, a return or a hand-over the catalogue is asked
// again, with how often the case was handed out so far.
#include <algorithm>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/assistant_rules.h"
#include "services/routing/cases/case_actions.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/ladders/ladder_rules.h"

namespace zhuqi::routing {
namespace {

// As many as a rule can ask for.
constexpr int kMostHandOuts = 100;
constexpr int kDecisionsKept = 20;

// The issue as it is now, with what only the first routing knew (amount, marks of the enterprise).
v1::RouteInputs InputsNow(const Step& step) {
  const v1::Case& body = step.body();
  v1::RouteInputs inputs;
  if (!body.decisions().empty()) inputs = body.decisions().rbegin()->inputs();
  inputs.set_kind(body.issue().kind());
  inputs.set_category_id(body.issue().category_id());
  inputs.set_org_unit_id(body.org_unit_id());
  *inputs.mutable_department_functions() = body.issue().department_functions();
  inputs.set_legacy(body.issue().legacy());
  const int64_t age = CityDay(step.at()) - CityDay(TimeFrom(body.received_at()));
  inputs.set_age_days(static_cast<int32_t>(std::max<int64_t>(0, age)));
  inputs.set_hand_outs(std::min(body.hand_out_count(), kMostHandOuts));
  return WithKeywords(std::move(inputs), body.issue().title(), body.issue().text(), step.compiled.keywords());
}

bool AsksForHandOuts(const v1::Catalogue& catalogue, const std::string& rule_id) {
  return std::any_of(catalogue.rules().begin(), catalogue.rules().end(), [&](const v1::RoutingRule& rule) {
    return rule.rule_id() == rule_id && rule.conditions().min_hand_outs() > 0;
  });
}

// A rule that asks how often it was handed out takes the case once, to somebody who did not just give it
// away, and never down. What people do with it then is theirs to decide.
bool TakesElsewhere(const Step& step, const v1::RouteDecision& decision) {
  const v1::Case& body = step.body();
  const bool decided_before =
      std::any_of(body.decisions().begin(), body.decisions().end(), [&](const v1::RouteDecision& earlier) {
        return earlier.rule_id() == decision.rule_id() && !earlier.named_leads();
      });
  return AsksForHandOuts(step.catalogue(), decision.rule_id()) && !decided_before &&
         decision.lead_department_id() != body.lead_department_id() &&
         step.directory.IsInOrBelow(body.owner_org_unit_id(), decision.owner_org_unit_id());
}

void Append(const v1::RouteDecision& decision, v1::Case& body) {
  if (body.decisions_size() >= kDecisionsKept) body.mutable_decisions()->DeleteSubrange(1, 1);
  *body.add_decisions() = decision;
}

void GoOnLadder(Step& step, const v1::RouteDecision& decision) {
  v1::Case& body = step.body();
  const std::string& ladder_id = decision.target().ladder_id();
  if (ladder_id.empty() || body.ladder().ladder().ladder_id() == ladder_id) return;
  const v1::CaseLadder former = body.ladder();
  body.clear_ladder();
  StartLadder(body, step.catalogue(), step.at());
  if (former.has_bulletin_at()) *body.mutable_ladder()->mutable_bulletin_at() = former.bulletin_at();
}

// The case goes where `decision`, its last one, says.
void CarryOut(Step& step, const v1::RouteDecision& decision) {
  v1::Case& body = step.body();
  const v1::RouteTarget& target = decision.target();
  if (decision.owner_org_unit_id() != body.owner_org_unit_id()) {
    body.set_owner_org_unit_id(decision.owner_org_unit_id());
    body.set_escalation_count(body.escalation_count() + 1);
    *step.record.facts.add_escalated_on() = DateMessage(CityDay(step.at()));
  }
  *body.mutable_terms() = TermsOf(target, step.catalogue());
  if (const v1::ClockPolicy* policy = FindPolicy(step.catalogue(), target.handling_policy_id())) {
    GoOnUnder(step, *policy, step.catalogue().version(), "handed out again");
  }
  GoOnLadder(step, decision);
  body.set_green_channel(body.green_channel() || target.green_channel());
  body.set_priority(std::max(body.priority(), target.priority()));
  GiveTo(step, decision.lead_department_id());
  for (const std::string& co_handler : decision.co_handler_department_ids()) {
    if (FindInForce(body, co_handler) != nullptr) continue;
    AddAssignment(body, co_handler, v1::ASSIGNMENT_ROLE_CO_HANDLER, step.at());
  }
  step.wants_assistant = target.assistant_needed() && !AssistantOf(body).has_value();
}

}  // namespace

bool HandOutAgain(Step& step, v1::RouteOccasion occasion, const std::string& named_department_id) {
  v1::Case& body = step.body();
  absl::StatusOr<v1::RouteDecision> decision = DecideRoute(step.catalogue(), step.directory, InputsNow(step));
  body.set_hand_out_count(body.hand_out_count() + 1);
  // No catalogue is in force, or it finds nobody: the person does.
  if (!decision.ok()) return false;
  decision->set_occasion(occasion);
  decision->set_named_department_id(named_department_id);
  const bool elsewhere = TakesElsewhere(step, *decision);
  decision->set_named_leads(!elsewhere);
  Append(*decision, body);
  step.decision = *decision;
  if (elsewhere) CarryOut(step, *decision);
  return elsewhere;
}

}  // namespace zhuqi::routing
