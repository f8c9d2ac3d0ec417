// Hand-outs so far: a case that is handed out again asks the catalogue again.
#include <gtest/gtest.h>

#include "services/routing/cases/case_testing.h"
#include "services/routing/ladders/ladder_rules.h"

namespace zhuqi::routing {
namespace {

using testing::Accept;
using testing::At;
using testing::City;
using testing::DueAt;
using testing::HandOver;
using testing::kRecorded;
using testing::Object;
using testing::ReturnBelow;
using testing::RolesInForce;
using testing::Rule;

// After two hand-outs: the office of the city leads, the fire department co-handles, within 10 working days.
v1::Catalogue TwiceCatalogue() {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  v1::RoutingRule twice;
  twice.set_rule_id("two-hand-outs-failed");
  twice.mutable_conditions()->set_min_hand_outs(2);
  *twice.mutable_target() = catalogue.default_target();
  twice.mutable_target()->set_lead_function("office");
  twice.mutable_target()->add_co_handler_functions("fire");
  twice.mutable_target()->set_level(v1::HANDLING_LEVEL_CITY);
  twice.mutable_target()->set_handling_policy_id("upper");
  twice.mutable_target()->set_priority(v1::CASE_PRIORITY_URGENT);
  twice.mutable_target()->set_assistant_needed(true);
  catalogue.add_rules();
  for (int i = catalogue.rules_size() - 1; i > 0; --i) catalogue.mutable_rules()->SwapElements(i, i - 1);
  *catalogue.mutable_rules(0) = twice;
  v1::ClockPolicy& upper = *catalogue.add_clock_policies();
  upper.set_policy_id("upper");
  upper.mutable_working_days()->set_count(10);
  return catalogue;
}

CaseRecord Start(const v1::Catalogue& catalogue = TwiceCatalogue()) {
  CaseRecord record = ReceiveCase(testing::Issue(), At("2024-05-06 09:30"), *City(), catalogue, 1)->record;
  StartLadder(record.body, catalogue, At("2024-05-06 09:30"));
  return record;
}

CaseChange Done(const CaseRecord& record, const v1::CaseAction& action, absl::string_view at,
                const v1::Catalogue& catalogue = TwiceCatalogue()) {
  ActionInput input;
  input.action = action;
  input.occurred_at = At(at);
  input.recorded_at = kRecorded;
  input.actor = "tester";
  auto change = Act(record, input, *City(), catalogue);
  EXPECT_TRUE(change.ok()) << change.status();
  return change.ok() ? *std::move(change) : CaseChange{record, {}};
}

TEST(HandOut, TheFirstRoutingIsOneAndKeepsItsOccasion) {
  const CaseRecord record = Start();
  EXPECT_EQ(record.body.hand_out_count(), 1);
  ASSERT_EQ(record.body.decisions_size(), 1);
  EXPECT_EQ(record.body.decisions(0).rule_id(), "land");
  EXPECT_EQ(record.body.decisions(0).occasion(), v1::ROUTE_OCCASION_RECEIVED);
}

TEST(HandOut, TheSecondStaysWithTheDepartmentThatWasNamedAndIsDecidedAllTheSame) {
  const CaseChange change = Done(Start(), HandOver("js.fire"), "2024-05-07 10:00");
  EXPECT_EQ(change.record.body.lead_department_id(), "js.fire");
  EXPECT_EQ(change.record.body.hand_out_count(), 2);
  ASSERT_EQ(change.record.body.decisions_size(), 2);
  const v1::RouteDecision& decision = change.record.body.decisions(1);
  EXPECT_EQ(decision.occasion(), v1::ROUTE_OCCASION_HANDED_OVER);
  EXPECT_EQ(decision.inputs().hand_outs(), 1);
  EXPECT_EQ(decision.inputs().age_days(), 1);
  EXPECT_EQ(decision.named_department_id(), "js.fire");
  EXPECT_TRUE(decision.named_leads());
  EXPECT_TRUE(testing::Same(change.event.decision(), decision));
}

TEST(HandOut, WhenTwoFailedARuleThatAsksForThemTakesTheCaseUp) {
  const CaseRecord once = Done(Start(), HandOver("js.fire"), "2024-05-07 10:00").record;
  const CaseRecord objected = Done(once, Object(), "2024-05-07 11:00").record;
  const CaseChange change = Done(objected, Rule("js.office"), "2024-05-08 10:00");
  const v1::Case& body = change.record.body;
  EXPECT_EQ(body.owner_org_unit_id(), "zz");
  EXPECT_EQ(RolesInForce(body), "zz.office=LEAD zz.fire=CO_HANDLER");
  EXPECT_EQ(body.state(), v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  EXPECT_EQ(body.priority(), v1::CASE_PRIORITY_URGENT);
  EXPECT_EQ(body.escalation_count(), 1);
  EXPECT_EQ(change.record.facts.escalated_on_size(), 1);
  EXPECT_TRUE(change.event.escalated());
  EXPECT_TRUE(change.wants_assistant);
  EXPECT_EQ(body.decisions_size(), 3);
  EXPECT_EQ(body.decisions(2).rule_id(), "two-hand-outs-failed");
  EXPECT_EQ(body.decisions(2).occasion(), v1::ROUTE_OCCASION_OBJECTION_UPHELD);
  EXPECT_EQ(body.decisions(2).inputs().hand_outs(), 2);
  EXPECT_FALSE(body.decisions(2).named_leads());
  // Under the other policy, with the time used so far.
  EXPECT_EQ(DueAt(change.record, v1::CLOCK_KIND_HANDLING), At("2024-05-20 17:00"));
  EXPECT_EQ(body.terms().catalogue_version(), TwiceCatalogue().version());
}

TEST(HandOut, ARuleTakesACaseOnceAndWhatPeopleDoThenIsTheirs) {
  CaseRecord record = Done(Start(), HandOver("js.fire"), "2024-05-07 10:00").record;
  record = Done(record, HandOver("js.office"), "2024-05-08 10:00").record;
  ASSERT_EQ(record.body.lead_department_id(), "zz.office");
  const CaseChange within = Done(record, HandOver("zz.planning"), "2024-05-09 10:00");
  EXPECT_EQ(within.record.body.lead_department_id(), "zz.planning");
  EXPECT_TRUE(within.event.decision().named_leads());
  const CaseChange returned = Done(record, ReturnBelow(), "2024-05-09 10:00");
  EXPECT_EQ(returned.record.body.owner_org_unit_id(), "js");
  EXPECT_EQ(returned.event.decision().occasion(), v1::ROUTE_OCCASION_RETURNED);
}

TEST(HandOut, AReturnThatIsOneTooManyGoesUpAgain) {
  CaseRecord record = Done(Start(), testing::Escalate(), "2024-05-07 10:00").record;
  record = Done(record, HandOver("zz.fire"), "2024-05-07 11:00").record;
  const CaseChange change = Done(record, ReturnBelow(), "2024-05-08 10:00");
  EXPECT_EQ(change.record.body.owner_org_unit_id(), "zz");
  EXPECT_EQ(change.record.body.lead_department_id(), "zz.office");
  EXPECT_EQ(change.record.body.return_count(), 1);
  EXPECT_EQ(change.record.body.escalation_count(), 2);
}

TEST(HandOut, WithoutARuleThatAsksNothingChangesButTheLog) {
  CaseRecord record = Start(testing::LadderCatalogue());
  for (const char* department : {"js.fire", "js.office", "js.planning"}) {
    record = Done(record, HandOver(department), "2024-05-07 10:00", testing::LadderCatalogue()).record;
    EXPECT_EQ(record.body.lead_department_id(), department);
  }
  EXPECT_EQ(record.body.decisions_size(), 4);
  EXPECT_EQ(record.body.owner_org_unit_id(), "js");
}

TEST(HandOut, WithoutACatalogueAPersonDecides) {
  const CaseChange change = Done(Start(), HandOver("js.fire"), "2024-05-07 10:00", v1::Catalogue());
  EXPECT_EQ(change.record.body.lead_department_id(), "js.fire");
  EXPECT_FALSE(change.event.has_decision());
  EXPECT_EQ(change.record.body.hand_out_count(), 2);
}

TEST(HandOut, ALateEntryHandsNothingOut) {
  const CaseRecord record = Done(Start(), Accept(), "2024-05-07 10:00").record;
  const CaseChange change = Done(record, HandOver("js.fire"), "2024-05-06 10:00");
  EXPECT_TRUE(change.event.late());
  EXPECT_EQ(change.record.body.hand_out_count(), 1);
  EXPECT_EQ(change.record.body.decisions_size(), 1);
}

TEST(HandOut, ACaseThatGoesRoundAndRoundKeepsTheFirstAndTheLastDecisions) {
  CaseRecord record = Start(testing::LadderCatalogue());
  for (int i = 0; i < 30; ++i) {
    record = Done(record, HandOver(i % 2 == 0 ? "js.fire" : "js.planning"), "2024-05-07 10:00",
                  testing::LadderCatalogue())
                 .record;
  }
  EXPECT_EQ(record.body.decisions_size(), 20);
  EXPECT_EQ(record.body.decisions(0).occasion(), v1::ROUTE_OCCASION_RECEIVED);
  EXPECT_EQ(record.body.decisions(19).inputs().hand_outs(), 30);
}

}  // namespace
}  // namespace zhuqi::routing
