// The state machine: the table, its drawing in the README, and what holds whatever is done.
#include "services/routing/cases/case_transitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_guards.h"
#include "services/routing/cases/case_testing.h"

namespace zhuqi::routing::testing {
namespace {

using ::testing::ElementsAre;

// ---- The table ----

TEST(Transitions, EveryStateAndActionDoesWhatTheTableSays) {
  const std::vector<CaseRecord> states = {Received().record, InProgress(), AwaitingCallBack(), Closed()};
  const std::vector<v1::CaseAction> actions = {Accept(),
                                               Assign("zz.tax", v1::ASSIGNMENT_ROLE_CO_HANDLER),
                                               HandOver("js.office"),
                                               Object(),
                                               Report(false),
                                               Remind(),
                                               Escalate(),
                                               Convene(),
                                               Designate(),
                                               Resolve(),
                                               Explain(),
                                               Decline(),
                                               Withdraw(),
                                               CallBack(false, false),
                                               CallBack(true, false),
                                               Reopen(),
                                               Exclude(),
                                               Assign("js.office", v1::ASSIGNMENT_ROLE_LEAD)};
  const absl::Time at = At("2024-06-03 10:00");
  for (const CaseRecord& record : states) {
    for (const v1::CaseAction& action : actions) {
      const v1::ProcessState next =
          NextState(record.body.state(), action.action_case(), VariantOf(action, record, *City()));
      const auto change = TryAct(record, action, at);
      if (next == v1::PROCESS_STATE_UNSPECIFIED) {
        EXPECT_EQ(rpc::ReasonOf(change.status()), "ILLEGAL_TRANSITION") << ActionName(action.action_case());
        EXPECT_EQ(rpc::ErrorInfoOf(change.status())->metadata().at("allowed"),
                  absl::StrJoin(Allowed(record, at), ","));
      } else {
        ASSERT_TRUE(change.ok()) << change.status();
        EXPECT_EQ(change->record.body.state(), next) << ActionName(action.action_case());
        EXPECT_EQ(change->event.state_after(), next);
      }
    }
  }
}

TEST(Transitions, AllowedActionsSayWhatCanBeDoneNow) {
  EXPECT_THAT(Allowed(Received().record),
              ElementsAre("accept", "assign", "hand_over", "object", "report_progress", "remind", "escalate",
                          "convene", "hand_over_assistance", "designate", "decline", "withdraw",
                          "exclude_from_appraisal"));
  EXPECT_THAT(
      Allowed(AwaitingCallBack()),
      ElementsAre("assign", "hand_over", "report_progress", "remind", "escalate", "convene",
                  "hand_over_assistance", "designate", "withdraw", "call_back", "exclude_from_appraisal"));
  EXPECT_THAT(Allowed(Resolved()), ElementsAre("assign", "hand_over", "report_progress", "remind", "escalate",
                                               "convene", "hand_over_assistance", "designate", "withdraw",
                                               "call_back", "close", "exclude_from_appraisal"));
  EXPECT_THAT(Allowed(Closed()), ElementsAre("reopen", "exclude_from_appraisal"));
}

TEST(Transitions, EveryActionHasARowAndEveryGuardSaysWhy) {
  const google::protobuf::Descriptor& actions = *v1::CaseAction::descriptor();
  for (int i = 0; i < actions.field_count(); ++i) {
    const auto action = static_cast<v1::CaseAction::ActionCase>(actions.field(i)->number());
    EXPECT_NE(FindTransition(action, TransitionVariant::kPlain), nullptr) << actions.field(i)->name();
  }
  for (const TransitionRow& row : Transitions()) {
    for (const Guard guard : row.guards) {
      if (guard != Guard::kNone) {
        EXPECT_STRNE(TextOf(guard).reason, "") << static_cast<int>(guard);
      }
    }
  }
}

// ---- Who may do it ----

TEST(Parties, AreTheAssignmentElseThePlaceInTheTree) {
  CaseRecord record = Do(InProgress(), Assign("js.fire", v1::ASSIGNMENT_ROLE_SUPERVISOR), "2024-05-07 09:00");
  EXPECT_EQ(PartyOf(record.body, "js.planning", *City()), kLead);
  EXPECT_EQ(PartyOf(record.body, "js.fire", *City()), kSupervisor);
  EXPECT_EQ(PartyOf(record.body, "js.office", *City()), kOwner);
  EXPECT_EQ(PartyOf(record.body, "zz.office", *City()), kAbove);
  EXPECT_EQ(PartyOf(record.body, "zm.office", *City()), kNobody);
  record = Do(record, Escalate(), "2024-05-07 10:00");
  EXPECT_EQ(PartyOf(record.body, "js.planning", *City()), kCoHandler);
  EXPECT_EQ(PartyOf(record.body, "js.office", *City()), kBelow);
}

// Trap: the closing rate is gamed by whoever is measured by it.
TEST(Traps, WhoeverIsMeasuredDoesNotConfirmWithdrawOrExclude) {
  const auto reason = [](const CaseRecord& record, const v1::CaseAction& action) {
    return rpc::ReasonOf(ActAs("js.planning", record, action, "2024-06-03 10:00").status());
  };
  EXPECT_EQ(reason(AwaitingCallBack(), CallBack(true, true, true)), "NOT_ITS_PART");
  EXPECT_EQ(reason(InProgress(), Withdraw()), "NOT_ITS_PART");
  EXPECT_EQ(reason(Received().record, Decline()), "NOT_ITS_PART");
  EXPECT_EQ(reason(InProgress(), Exclude()), "NOT_ITS_PART");
  EXPECT_TRUE(ActAs("js.office", AwaitingCallBack(), CallBack(true, true, true), "2024-06-03 10:00").ok());
  // Nothing is asked of a caller that does not say for whom it acts; the history keeps what it does say.
  EXPECT_TRUE(TryAct(InProgress(), Withdraw(), At("2024-06-03 10:00")).ok());
  EXPECT_EQ(ActAs("js.office", InProgress(), Remind(), "2024-06-03 10:00")->event.acting_department_id(),
            "js.office");
}

// ---- The drawing ----

std::string StateName(v1::ProcessState state) {
  return state == v1::PROCESS_STATE_UNSPECIFIED
             ? std::string("–")
             : v1::ProcessState_Name(state).substr(sizeof("PROCESS_STATE"));
}

std::string RowName(const TransitionRow& row) {
  static const auto& variants = *new std::map<TransitionVariant, std::string>{
      {TransitionVariant::kPlain, ""},
      {TransitionVariant::kOtherLead, " (another lead)"},
      {TransitionVariant::kNotResolved, " (not resolved)"},
      {TransitionVariant::kDissatisfied, " (again, one level up)"},
      {TransitionVariant::kUpheld, " (upheld)"},
      {TransitionVariant::kNeverAccepted, " (never accepted)"},
      {TransitionVariant::kOfChild, " (of a child)"}};
  return absl::StrCat(ActionName(row.action), variants.at(row.variant));
}

std::string Conditions(const TransitionRow& row) {
  std::vector<std::string> texts;
  for (const Guard guard : row.guards) {
    if (guard != Guard::kNone) texts.emplace_back(TextOf(guard).condition);
  }
  return absl::StrJoin(texts, "; ");
}

std::string PartyNames(unsigned parties) {
  static constexpr std::pair<Party, const char*> kNames[] = {
      {kLead, "lead"},           {kCoHandler, "co-handler"}, {kSupervisor, "supervisor"},
      {kAssistant, "assistant"}, {kOwner, "owner"},          {kAbove, "above"},
      {kBelow, "below"}};
  std::vector<std::string> with;
  std::vector<std::string> without;
  for (const auto& [party, name] : kNames) ((parties & party) != 0 ? with : without).emplace_back(name);
  if (without.empty()) return "all";
  return without.size() < 3 ? "all but " + absl::StrJoin(without, ", ") : absl::StrJoin(with, ", ");
}

// The table as Markdown.
std::string RenderTable() {
  std::string table = "| action \\ state |";
  for (const v1::ProcessState state : kStates) absl::StrAppend(&table, " ", StateName(state), " |");
  absl::StrAppend(&table, " only if | by |\n|---|---|---|---|---|---|---|\n");
  for (const TransitionRow& row : Transitions()) {
    absl::StrAppend(&table, "| ", RowName(row));
    for (const v1::ProcessState next : row.next) absl::StrAppend(&table, " | ", StateName(next));
    absl::StrAppend(&table, " | ", Conditions(row), " | ", PartyNames(row.parties), " |\n");
  }
  return table;
}

// The moves from state to state as a Mermaid diagram, in the order of the states.
std::string RenderDiagram() {
  std::string diagram = "stateDiagram-v2\n  [*] --> AWAITING_ACCEPTANCE: issue received\n";
  for (size_t from = 0; from < kStates.size(); ++from) {
    for (const v1::ProcessState to : kStates) {
      std::vector<std::string> names;
      for (const TransitionRow& row : Transitions()) {
        if (row.next[from] == to && kStates[from] != to) names.push_back(RowName(row));
      }
      if (names.empty()) continue;
      absl::StrAppend(&diagram, "  ", StateName(kStates[from]), " --> ", StateName(to), ": ",
                      absl::StrJoin(names, ", "), "\n");
    }
  }
  return diagram;
}

// When this fails, what the README has to show stands in the failure.
TEST(Transitions, ReadmeShowsThisTable) {
  std::ifstream file(ZHUQI_CASES_README);
  std::stringstream readme;
  readme << file.rdbuf();
  EXPECT_NE(readme.str().find(RenderTable()), std::string::npos) << RenderTable();
  EXPECT_NE(readme.str().find(RenderDiagram()), std::string::npos) << RenderDiagram();
}

// ---- Whatever is done ----

std::string AnyDepartment() {
  static const std::vector<std::string>& departments =
      *new std::vector<std::string>{"js.planning", "js.fire", "js.office", "zz.planning", "zm.office"};
  return *rc::gen::elementOf(departments);
}

v1::CaseAction AnyAction() {
  switch (*rc::gen::inRange(0, 29)) {
    case 0:
    case 1:
      return Accept();
    case 2:
      return Assign(AnyDepartment(), static_cast<v1::AssignmentRole>(*rc::gen::inRange(1, 5)));
    case 3:
      return Report(*rc::gen::arbitrary<bool>());
    case 4:
      return Escalate();
    case 5:
      return Convene();
    case 6:
      return Designate();
    case 7:
    case 8:
      return Resolve();
    case 9:
      return Explain();
    case 10:
      return Reopen();
    case 11:
      return Close();
    case 12:
      return HandOver(AnyDepartment());
    case 13:
    case 14:
      return Object();
    case 15:
      return Rule(*rc::gen::arbitrary<bool>() ? AnyDepartment() : "");
    case 16:
      return AskForDays(*rc::gen::inRange(1, 5));
    case 17:
      return Decide(*rc::gen::arbitrary<bool>());
    case 18:
      return Pause();
    case 19:
      return Resume();
    case 20:
      return ReturnBelow();
    case 21:
      return Decline();
    case 22:
      return Withdraw();
    case 23:
      return Remind();
    case 24:
      return *rc::gen::arbitrary<bool>() ? Exclude() : Include();
    case 25:
      return Reply(AnyDepartment());
    case 26:
      return MarkFollowed();
    case 27:
      return ReportFollowed(*rc::gen::arbitrary<bool>());
    default: {
      const bool contacted = *rc::gen::arbitrary<bool>();
      const bool resolved = contacted && *rc::gen::arbitrary<bool>();
      return CallBack(contacted, resolved, resolved && *rc::gen::arbitrary<bool>());
    }
  }
}

void CheckResponsibility(const CaseRecord& record) {
  const v1::Case& body = record.body;
  RC_ASSERT(LeadsInForce(body) == 1);
  RC_ASSERT(!body.owner_org_unit_id().empty());
  for (const v1::Assignment& assignment : body.assignments()) {
    if (assignment.role() == v1::ASSIGNMENT_ROLE_LEAD && !assignment.has_until()) {
      RC_ASSERT(assignment.department_id() == body.lead_department_id());
    }
    RC_ASSERT(!assignment.has_until() || !assignment.has_clock() || assignment.clock().has_stopped_at());
  }
  // Nobody works on what its lead has not taken on, and only one that is to accept it may object.
  if (body.state() == v1::PROCESS_STATE_IN_PROGRESS) RC_ASSERT(LeadHasAccepted(body));
  const v1::CaseClock* to_object = FindClock(body, v1::CLOCK_KIND_OBJECTION, body.lead_department_id());
  const bool awaits = body.state() == v1::PROCESS_STATE_AWAITING_ACCEPTANCE;
  if (awaits) RC_ASSERT(!LeadHasAccepted(body));
  const bool closed = body.state() == v1::PROCESS_STATE_CLOSED;
  if (!closed) {
    RC_ASSERT((awaits && !LeadHasObjected(body)) == (to_object != nullptr && !to_object->has_stopped_at()));
  }
  // While an objection is open, the department that objected leads.
  if (const v1::Objection* objection = OpenObjection(body)) {
    RC_ASSERT(objection->department_id() == body.lead_department_id());
    RC_ASSERT(body.state() == v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  }
}

void CheckEnd(const CaseRecord& record) {
  const v1::Case& body = record.body;
  const v1::CaseClock& handling = *FindClock(body, v1::CLOCK_KIND_HANDLING);
  const bool closed = body.state() == v1::PROCESS_STATE_CLOSED;
  const bool withdrawn = body.outcome() == v1::OUTCOME_WITHDRAWN;
  // Nothing here withdraws the issue at intake.
  RC_ASSERT(!closed || !body.has_special() || body.special().has_final_reported_at());
  RC_ASSERT(closed == body.has_closed_at());
  RC_ASSERT(closed == record.facts.has_closed_at());
  RC_ASSERT((closed && !withdrawn) == handling.has_stopped_at());
  RC_ASSERT(!closed || body.outcome() != v1::OUTCOME_UNSPECIFIED);
  RC_ASSERT((body.outcome() == v1::OUTCOME_RESOLVED) == record.facts.has_resolved_at());
  RC_ASSERT(record.facts.escalated_on_size() == body.escalation_count());
  if (!closed) RC_ASSERT(body.paused() == handling.intervals().rbegin()->paused());
}

void CheckLedgers(const CaseRecord& record) {
  const auto sound = [](const v1::CaseClock& clock) {
    const calendar::ClockLedger ledger = LedgerOf(clock, City()->calendar());
    RC_ASSERT(calendar::CheckLedger(ledger).ok());
    if (!clock.former().empty()) {
      const v1::ClockInterval& last = *clock.former().rbegin()->intervals().rbegin();
      RC_ASSERT(TimeFrom(last.end()) == ledger.intervals.front().start);
    }
  };
  for (const v1::CaseClock& clock : record.body.clocks()) sound(clock);
  for (const v1::Assignment& assignment : record.body.assignments()) {
    if (assignment.has_clock()) sound(assignment.clock());
  }
}

RC_GTEST_PROP(Property, AnySequenceOfActionsKeepsOneLeadAndLateOnesMoveNothing, ()) {
  CaseRecord record = ReceivedUnder(FullCatalogue());
  absl::Time now = At("2024-05-06 09:30");
  for (int i = 0; i < 40; ++i) {
    const bool late = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
    now += absl::Minutes(*rc::gen::inRange(0, 1500));
    const absl::Time at = late ? At("2024-05-06 09:30") : now;
    const auto change = TryAct(record, AnyAction(), at);
    if (!change.ok()) {
      RC_ASSERT(change.status().code() == absl::StatusCode::kFailedPrecondition);
      continue;
    }
    if (change->event.late()) {
      RC_ASSERT(change->record.body.state() == record.body.state());
      RC_ASSERT(RolesInForce(change->record.body) == RolesInForce(record.body));
      RC_ASSERT(change->record.latest_at == record.latest_at);
    }
    RC_ASSERT(change->record.body.sequence() == record.body.sequence() + 1);
    record = change->record;
    CheckResponsibility(record);
    CheckEnd(record);
    CheckLedgers(record);
  }
}

// A department of the accountable unit that has no part in the case; "zz.tax" when all have.
std::string FreeDepartment(const v1::Case& body) {
  const std::shared_ptr<const Directory> city = City();
  for (const char* function : {"fire", "office", "planning", "tax"}) {
    const auto* department = city->FindDepartment(body.owner_org_unit_id(), function);
    if (department == nullptr) continue;
    if (PartyOf(body, department->department_id(), *city) == kOwner) return department->department_id();
  }
  return "zz.tax";
}

std::string AnyCoHandler(const v1::Case& body) {
  for (const v1::Assignment& part : body.assignments()) {
    if (part.role() == v1::ASSIGNMENT_ROLE_CO_HANDLER && !part.has_until()) return part.department_id();
  }
  return "js.fire";
}

v1::CaseAction Divided(const std::string& department) {
  v1::CaseAction action;
  action.mutable_divide()->set_reason("涉及多个部门");
  action.mutable_divide()->add_children()->set_department_id(department);
  action.mutable_divide()->mutable_children(0)->set_question("请答复");
  return action;
}

// One of each action that names only what it may name.
std::vector<v1::CaseAction> OneOfEach(const v1::Case& body) {
  const std::string free = FreeDepartment(body);
  return {Accept(),
          Assign(free, v1::ASSIGNMENT_ROLE_ASSISTANT),
          Object(),
          Rule(),
          Rule(free),
          Report(true),
          Escalate(),
          ReturnBelow(),
          Convene(),
          Designate(),
          Divided(free),
          MarkFollowed(),
          ReportFollowed(true),
          Resolve(),
          Explain(),
          Decline(),
          Withdraw(),
          Remind(),
          Reply(AnyCoHandler(body)),
          Reopen(),
          Close(),
          Exclude(),
          Include(),
          Pause(),
          Resume(),
          Decide(true),
          AskForDays(1),
          CallBack(false, false),
          CallBack(true, false),
          CallBack(true, true, true)};
}

RC_GTEST_PROP(Property, AllowedActionsAreExactlyWhatIsAccepted, ()) {
  CaseRecord record = ReceivedUnder(FullCatalogue());
  absl::Time now = At("2024-05-06 09:30");
  for (int i = 0; i < 25; ++i) {
    now += absl::Minutes(*rc::gen::inRange(0, 1500));
    const v1::Case shown = Present(record, *City(), now);
    for (const v1::CaseAction& action : OneOfEach(record.body)) {
      const bool named = std::find(shown.allowed_actions().begin(), shown.allowed_actions().end(),
                                   ActionName(action.action_case())) != shown.allowed_actions().end();
      const auto change = TryAct(record, action, now);
      if (change.ok() != named) {
        RC_LOG() << ActionName(action.action_case()) << " " << change.status() << "\n"
                 << record.body.ShortDebugString();
      }
      RC_ASSERT(change.ok() == named);
    }
    const auto change = TryAct(record, AnyAction(), now);
    if (change.ok()) record = change->record;
  }
}

}  // namespace
}  // namespace zhuqi::routing::testing
