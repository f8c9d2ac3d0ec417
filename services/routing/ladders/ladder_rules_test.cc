#include "services/routing/ladders/ladder_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/ladders/step_instant.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::City;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::LadderCatalogue;

// ---- StepInstant ----

calendar::ClockLedger Running(absl::string_view since) {
  return calendar::OpenClock(At(since), "received", "zhuqi");
}

v1::LadderStep DaysStep(int count, bool before) {
  v1::LadderStep step;
  step.mutable_working_days()->set_count(count);
  step.set_before_deadline(before);
  return step;
}

v1::LadderStep HoursStep(int minutes, bool before) {
  v1::LadderStep step;
  step.mutable_working_hours()->set_minutes(minutes);
  step.set_before_deadline(before);
  return step;
}

std::optional<absl::Time> InstantOf(const v1::LadderStep& step, const calendar::ClockLedger& ledger,
                                    absl::string_view deadline) {
  return StepInstant(step, ledger, At(deadline), City()->calendar());
}

TEST(StepInstant, WithoutAnOffsetIsTheDeadline) {
  EXPECT_EQ(InstantOf(v1::LadderStep(), Running("2024-05-06 09:30"), "2024-05-15 17:00"),
            At("2024-05-15 17:00"));
}

TEST(StepInstant, WorkingDaysKeepTheTimeOfDayAndPassOverDaysOff) {
  const auto ledger = Running("2024-09-20 09:30");
  EXPECT_EQ(InstantOf(DaysStep(1, true), ledger, "2024-10-09 15:00"), At("2024-10-08 15:00"));
  EXPECT_EQ(InstantOf(DaysStep(3, true), ledger, "2024-10-09 15:00"), At("2024-09-27 15:00"));
  EXPECT_EQ(InstantOf(DaysStep(1, false), ledger, "2024-09-30 15:00"), At("2024-10-08 15:00"));
}

TEST(StepInstant, MidnightBelongsToTheDayThatItEnds) {
  const auto ledger = Running("2024-05-06 09:30");
  EXPECT_EQ(InstantOf(DaysStep(1, true), ledger, "2024-05-16 00:00"), At("2024-05-15 00:00"));
  EXPECT_EQ(InstantOf(DaysStep(1, false), ledger, "2024-05-16 00:00"), At("2024-05-17 00:00"));
}

TEST(Traps, OneWorkingDayIsNot24WorkingHours) {
  const auto ledger = Running("2024-05-06 09:30");
  EXPECT_EQ(InstantOf(HoursStep(24 * 60, true), ledger, "2024-05-15 17:00"), At("2024-05-10 14:00"));
  EXPECT_EQ(InstantOf(DaysStep(1, true), ledger, "2024-05-15 17:00"), At("2024-05-14 17:00"));
  EXPECT_EQ(InstantOf(HoursStep(90, true), ledger, "2024-05-15 13:30"), At("2024-05-15 11:00"));
  EXPECT_EQ(InstantOf(HoursStep(120, false), ledger, "2024-05-15 17:00"), At("2024-05-16 11:00"));
}

TEST(StepInstant, AfterTheDeadlineWhatIsPausedIsLeftOut) {
  auto ledger = calendar::PauseClock(Running("2024-05-06 09:30"), At("2024-05-16 12:00"), "等待材料", "x");
  ASSERT_TRUE(ledger.ok());
  EXPECT_EQ(InstantOf(DaysStep(2, false), *ledger, "2024-05-15 17:00"), std::nullopt);
  ledger = calendar::ResumeClock(*ledger, At("2024-05-20 12:00"), "材料已齐", "x");
  ASSERT_TRUE(ledger.ok());
  // The 16th and the 20th were worked in part, the 17th was paused.
  EXPECT_EQ(InstantOf(DaysStep(2, false), *ledger, "2024-05-15 17:00"), At("2024-05-20 17:00"));
  EXPECT_EQ(InstantOf(HoursStep(240, false), *ledger, "2024-05-15 17:00"), At("2024-05-20 14:00"));
}

// ---- Cases on a ladder ----

CaseRecord CaseKnownAt(absl::string_view known_at, const v1::Catalogue& catalogue = LadderCatalogue(),
                       const feed::v1::RecordChanged& issue = testing::Issue(),
                       const Directory& directory = *City()) {
  CaseRecord record = ReceiveCase(issue, At(known_at), directory, catalogue, 1)->record;
  StartLadder(record.body, catalogue, At(known_at));
  return record;
}

CaseRecord Fresh() { return CaseKnownAt("2024-05-06 09:40"); }

std::string Shown(const v1::Case& body, const std::optional<NextStep>& next) {
  if (!next.has_value()) return "none";
  return absl::StrCat(StepAt(body, *next).step_id(), " ",
                      absl::FormatTime("%Y-%m-%d %H:%M", next->at, CityTimeZone()));
}

std::string NextShown(const CaseRecord& record, const Directory& directory = *City()) {
  return Shown(record.body, NextStepOf(record.body, directory.calendar()));
}

// All that fires by `now`, in order; `record` afterwards.
std::vector<v1::CaseEvent> FireUntil(CaseRecord& record, absl::Time now, const Directory& directory = *City(),
                                     const v1::Catalogue& catalogue = LadderCatalogue()) {
  std::vector<v1::CaseEvent> events;
  while (const auto next = NextStepOf(record.body, directory.calendar())) {
    if (next->at > now) break;
    FiredStep step = FireStep(record, *next, now, directory, catalogue);
    events.push_back(step.change.event);
    record = std::move(step.change.record);
  }
  return events;
}

std::vector<std::string> FireUntil(CaseRecord& record, absl::string_view now,
                                   const Directory& directory = *City(),
                                   const v1::Catalogue& catalogue = LadderCatalogue()) {
  std::vector<std::string> ids;
  for (const v1::CaseEvent& event : FireUntil(record, At(now), directory, catalogue)) {
    ids.push_back(event.ladder_step().step().step_id());
  }
  return ids;
}

CaseRecord ActAt(const CaseRecord& record, const v1::CaseAction& action, absl::string_view at) {
  ActionInput input;
  input.action = action;
  input.occurred_at = At(at);
  input.recorded_at = At(at);
  input.actor = "tester";
  const auto change = Act(record, input, *City(), LadderCatalogue());
  EXPECT_TRUE(change.ok()) << change.status();
  return change.ok() ? change->record : record;
}

CaseRecord Contacted(const CaseRecord& record, absl::string_view at) {
  v1::CaseAction action;
  action.mutable_report_progress()->set_text("已联系企业");
  action.mutable_report_progress()->set_contacted(true);
  return ActAt(record, action, at);
}

CaseRecord ClosedWithReasons(const CaseRecord& record, absl::string_view accepted, absl::string_view at) {
  v1::CaseAction accept;
  accept.mutable_accept();
  v1::CaseAction explain;
  explain.mutable_explain()->set_text("政策不适用");
  return ActAt(ActAt(record, accept, accepted), explain, at);
}

TEST(Ladder, EveryStepComesAtItsTimeAndDoesWhatItSays) {
  CaseRecord record = Fresh();
  EXPECT_EQ(NextShown(record), "response-remind 2024-05-06 10:00");
  EXPECT_THAT(FireUntil(record, "2024-05-06 10:00"), ElementsAre("response-remind"));
  EXPECT_EQ(NextShown(record), "response-supervise 2024-05-06 10:30");
  EXPECT_THAT(FireUntil(record, "2024-05-06 10:30"), ElementsAre("response-supervise"));
  ASSERT_EQ(record.body.assignments_size(), 2);
  EXPECT_EQ(record.body.assignments(1).department_id(), "js.office");
  EXPECT_EQ(record.body.assignments(1).role(), v1::ASSIGNMENT_ROLE_SUPERVISOR);
  // Three working days are left at the end of the 10th, a Friday: at the beginning of the 13th.
  EXPECT_EQ(NextShown(record), "remind 2024-05-13 09:00");
  EXPECT_THAT(FireUntil(record, "2024-05-13 09:00"), ElementsAre("remind"));
  EXPECT_EQ(NextShown(record), "supervise 2024-05-16 09:00");
  EXPECT_THAT(FireUntil(record, "2024-05-16 09:00"), ElementsAre("supervise"));
  EXPECT_EQ(record.body.assignments(2).department_id(), "zz.planning");
  EXPECT_EQ(NextShown(record), "escalate 2024-05-17 09:00");
  EXPECT_THAT(FireUntil(record, "2024-05-17 09:00"), ElementsAre("escalate"));
  EXPECT_EQ(record.body.owner_org_unit_id(), "zz");
  EXPECT_EQ(record.body.lead_department_id(), "zz.planning");
  EXPECT_EQ(record.body.escalation_count(), 1);
  EXPECT_EQ(record.facts.escalated_on_size(), 1);
  EXPECT_EQ(NextShown(record), "bulletin 2024-05-23 09:00");
  EXPECT_THAT(FireUntil(record, "2024-05-23 09:00"), ElementsAre("bulletin"));
  EXPECT_EQ(TimeFrom(record.body.ladder().bulletin_at()), At("2024-05-23 09:00"));
  EXPECT_EQ(NextShown(record), "none");
}

TEST(Ladder, TheHistorySaysLadderStepVersionAndTheDeadlineThatItWasMeasuredFrom) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  const int64_t before = record.body.sequence();
  const auto events = FireUntil(record, At("2024-05-20 10:00"));
  ASSERT_EQ(events.size(), 3u);
  const v1::CaseEvent& escalated = events[2];
  EXPECT_EQ(escalated.sequence(), before + 3);
  EXPECT_EQ(record.body.sequence(), before + 3);
  EXPECT_EQ(record.body.etag(), absl::StrCat("v", before + 3));
  EXPECT_EQ(record.facts.sequence(), before + 3);
  EXPECT_EQ(escalated.actor(), "zhuqi");
  EXPECT_EQ(TimeFrom(escalated.occurred_at()), At("2024-05-20 10:00"));
  const v1::LadderStepFired& fired = escalated.ladder_step();
  EXPECT_EQ(fired.ladder_id(), "watch");
  EXPECT_EQ(fired.catalogue_version(), 2);
  EXPECT_EQ(fired.clock(), v1::CLOCK_KIND_HANDLING);
  EXPECT_EQ(fired.step().step_id(), "escalate");
  EXPECT_EQ(TimeFrom(fired.deadline()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(fired.due_at()), At("2024-05-17 09:00"));
  EXPECT_EQ(fired.department_id(), "zz.planning");
  EXPECT_EQ(fired.owner_org_unit_id(), "zz");
  EXPECT_EQ(fired.refusal(), "");
}

TEST(Traps, EscalationFiresInsideWorkingHoursAndNotAtMidnight) {
  feed::v1::RecordChanged issue = testing::Issue();
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-05-10 23:10"));  // a Friday
  EXPECT_EQ(NextShown(CaseKnownAt("2024-05-10 23:10", LadderCatalogue(), issue)),
            "response-remind 2024-05-13 09:00");
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-09-30 23:10"));
  EXPECT_EQ(NextShown(CaseKnownAt("2024-09-30 23:10", LadderCatalogue(), issue)),
            "response-remind 2024-10-08 09:00");
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-05-10 11:40"));
  EXPECT_EQ(NextShown(CaseKnownAt("2024-05-10 11:40", LadderCatalogue(), issue)),
            "response-remind 2024-05-10 13:00");
}

TEST(Traps, NothingFiresAtCreation) {
  v1::Catalogue catalogue = LadderCatalogue();
  catalogue.mutable_ladders(0)->mutable_response_steps(0)->mutable_calendar_hours()->set_minutes(60);
  catalogue.mutable_clock_policies(1)->mutable_working_days()->set_count(2);
  CaseRecord record = CaseKnownAt("2024-05-06 09:30", catalogue);
  EXPECT_THAT(FireUntil(record, "2024-05-06 09:30"), IsEmpty());
  // Reminders that fall before the clocks began are passed over.
  EXPECT_EQ(NextShown(record), "response-supervise 2024-05-06 10:30");
  EXPECT_THAT(FireUntil(record, "2024-05-09 09:00"), ElementsAre("response-supervise", "supervise"));
}

TEST(Traps, NotOnlyTheFirstLevelEscalates) {
  feed::v1::DirectoryChanged more;
  directory::v1::Department* department = more.add_departments();
  department->set_department_id("js-t.planning");
  department->set_org_unit_id("js-t");
  department->set_function("planning");
  department->set_name("js-t.planning");
  const auto directory = City()->With(more, 2).value();
  v1::Catalogue catalogue = LadderCatalogue();
  auto& steps = *catalogue.mutable_ladders(0)->mutable_handling_steps();
  for (int i = 0; i < 3; ++i) {
    steps.at(i + 1) = DaysStep(i + 1, false);
    steps.at(i + 1).set_step_id(absl::StrCat("escalate-", i + 1));
    steps.at(i + 1).mutable_escalate();
  }
  feed::v1::RecordChanged issue = testing::Issue();
  issue.mutable_after()->set_org_unit_id("js-t");
  CaseRecord record = CaseKnownAt("2024-05-06 09:30", catalogue, issue, *directory);
  record = Contacted(record, "2024-05-06 09:50");
  EXPECT_EQ(record.body.owner_org_unit_id(), "js-t");
  EXPECT_THAT(FireUntil(record, "2024-05-17 09:00", *directory, catalogue),
              ElementsAre("remind", "escalate-1"));
  EXPECT_EQ(record.body.owner_org_unit_id(), "js");
  EXPECT_THAT(FireUntil(record, "2024-05-20 09:00", *directory, catalogue), ElementsAre("escalate-2"));
  EXPECT_EQ(record.body.owner_org_unit_id(), "zz");
  // What can not be done is over, and the history says why.
  const auto last = FireUntil(record, At("2024-05-21 09:00"), *directory, catalogue);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].ladder_step().refusal(), "ESCALATION_AT_TOP");
  EXPECT_EQ(record.body.escalation_count(), 2);
  EXPECT_EQ(NextShown(record, *directory), "none");
}

TEST(Ladder, WhatWaitsForItsCallBackIsNotEscalated) {
  v1::CaseAction accept;
  accept.mutable_accept();
  v1::CaseAction resolve;
  resolve.mutable_resolve()->set_text("已办理");
  v1::CaseAction call_back;
  call_back.mutable_call_back()->set_contacted(true);
  call_back.mutable_call_back()->set_resolved(true);
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  record = ActAt(ActAt(record, accept, "2024-05-06 10:00"), resolve, "2024-05-07 10:00");
  record = ActAt(record, call_back, "2024-05-08 10:00");
  ASSERT_EQ(record.body.outcome(), v1::OUTCOME_RESOLVED);
  // Nobody closes it: the lead is watched, and what the enterprise confirmed stands.
  EXPECT_THAT(FireUntil(record, "2024-05-16 09:00"), ElementsAre("remind", "supervise"));
  const auto events = FireUntil(record, At("2024-05-17 09:00"));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].ladder_step().refusal(), "AWAITS_CALL_BACK");
  EXPECT_EQ(record.body.outcome(), v1::OUTCOME_RESOLVED);
  EXPECT_EQ(record.body.owner_org_unit_id(), "js");
}

TEST(Ladder, WhatWasDueBeforeThePolicyChangedFiresAfterIt) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  const std::string before = NextShown(record);
  v1::CaseClock& clock = *FindClock(record.body, v1::CLOCK_KIND_HANDLING);
  const v1::ClockPolicy policy = clock.policy();
  // Missed in a downtime, and the policy changes to one with the same limit.
  ChangePolicy(clock, policy, clock.catalogue_version(), At("2024-05-14 20:00"), "escalated", "tester");
  TimeClocks(record.body, City()->calendar());
  EXPECT_EQ(NextShown(record), before);
}

TEST(Traps, WhatWasMissedInADowntimeFiresInOrderAfterIt) {
  CaseRecord record = Fresh();
  EXPECT_THAT(
      FireUntil(record, "2024-06-03 09:00"),
      ElementsAre("response-remind", "response-supervise", "remind", "supervise", "escalate", "bulletin"));
  EXPECT_THAT(FireUntil(record, "2024-12-31 09:00"), IsEmpty());
}

TEST(Traps, AClosedOrWithdrawnCaseDoesNotGoOnEscalating) {
  CaseRecord closed = ClosedWithReasons(Fresh(), "2024-05-06 09:50", "2024-05-06 09:55");
  EXPECT_EQ(NextShown(closed), "none");
  CaseRecord withdrawn = Fresh();
  feed::v1::RecordChanged issue = testing::Issue();
  *issue.mutable_before() = issue.after();
  issue.mutable_after()->set_withdrawn(true);
  withdrawn = ReviseIssue(withdrawn, issue, At("2024-05-06 09:50"), *City()).record;
  EXPECT_EQ(NextShown(withdrawn), "none");
  EXPECT_THAT(FireUntil(withdrawn, "2024-06-03 09:00"), IsEmpty());
  // Brought back, it goes on where it stood.
  issue.mutable_before()->set_withdrawn(true);
  issue.mutable_after()->set_withdrawn(false);
  withdrawn = ReviseIssue(withdrawn, issue, At("2024-06-03 09:00"), *City()).record;
  EXPECT_EQ(NextShown(withdrawn), "response-remind 2024-06-03 09:10");
}

TEST(Traps, APausedClockShowsNoBreachAndFiresNothing) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  FireUntil(record, "2024-05-13 09:00");
  PauseClocks(record.body, At("2024-05-14 10:00"), "等待企业补充材料", "js.planning");
  EXPECT_FALSE(Present(record, *City(), At("2024-06-03 10:00")).clocks(1).breached());
  EXPECT_EQ(NextShown(record), "none");
  ResumeClocks(record.body, At("2024-06-03 10:00"), "材料已齐", "js.planning");
  // The 14th was worked in part, and so was the 3rd of June: the seventh day.
  EXPECT_EQ(NextShown(record), "supervise 2024-06-04 09:00");
  // A pause that begins after the deadline holds the later steps up, too.
  FireUntil(record, "2024-06-04 09:00");
  PauseClocks(record.body, At("2024-06-04 12:00"), "等待企业补充材料", "js.planning");
  EXPECT_EQ(NextShown(record), "none");
  ResumeClocks(record.body, At("2024-06-24 09:30"), "材料已齐", "js.planning");
  // The 4th would have been the day; its end was in the pause.
  EXPECT_EQ(NextShown(record), "escalate 2024-06-25 09:00");
}

TEST(Ladder, AStoppedClockFiresNoMoreOfItsSteps) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  EXPECT_EQ(NextShown(record), "remind 2024-05-13 09:00");
}

TEST(Ladder, AMovedDeadlineMovesWhatHasNotFired) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  FireUntil(record, "2024-05-13 09:00");
  // Tuesday the 14th becomes a day off.
  EXPECT_EQ(NextShown(record, *testing::CityWithNewCalendar()), "supervise 2024-05-17 09:00");
  // The issue had been raised a day later.
  feed::v1::RecordChanged issue = testing::Issue();
  *issue.mutable_before() = issue.after();
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-05-07 09:30"));
  record = ReviseIssue(record, issue, At("2024-05-13 10:00"), *City()).record;
  EXPECT_EQ(NextShown(record), "supervise 2024-05-17 09:00");
}

TEST(Ladder, AReopenedCaseGoesOnWithWhatHasNotFired) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  EXPECT_THAT(FireUntil(record, "2024-05-13 09:00"), ElementsAre("remind"));
  record = ClosedWithReasons(record, "2024-05-13 10:00", "2024-05-14 11:00");
  EXPECT_EQ(NextShown(record), "none");
  v1::CaseAction reopen;
  reopen.mutable_reopen()->set_reason("问题复发");
  record = ActAt(record, reopen, "2024-06-03 10:00");
  EXPECT_EQ(NextShown(record), "supervise 2024-06-04 09:00");
  EXPECT_THAT(FireUntil(record, "2024-12-31 09:00"), ElementsAre("supervise", "escalate", "bulletin"));
}

TEST(Ladder, HistoryThatIsEnteredLateSetsNothingOffForWhatIsPast) {
  EXPECT_EQ(NextShown(CaseKnownAt("2024-12-31 12:00")), "none");
  EXPECT_EQ(NextShown(CaseKnownAt("2024-05-16 12:00")), "escalate 2024-05-17 09:00");
}

TEST(Ladder, ACaseStaysOnTheLadderThatItWasRoutedWith) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  v1::Catalogue later = LadderCatalogue();
  later.set_version(3);
  later.mutable_ladders(0)->clear_handling_steps();
  EXPECT_THAT(FireUntil(record, "2024-05-16 09:00", *City(), later), ElementsAre("remind", "supervise"));
  EXPECT_EQ(record.body.ladder().catalogue_version(), 2);
  EXPECT_EQ(record.body.ladder().ladder().description(), "");
}

TEST(Ladder, WithoutOneNothingFires) {
  const CaseRecord record = CaseKnownAt("2024-05-06 09:40", testing::CityCatalogue());
  EXPECT_FALSE(record.body.has_ladder());
  EXPECT_EQ(NextShown(record), "none");
  EXPECT_FALSE(Present(record, *City(), At("2024-05-06 09:40")).has_ladder());
}

TEST(Ladder, AReaderIsShownTheNextStepAndWhen) {
  const v1::Case shown = Present(Fresh(), *City(), At("2024-05-06 09:45"));
  const v1::NextLadderStep& next = shown.ladder().next();
  EXPECT_EQ(next.step().step_id(), "response-remind");
  EXPECT_EQ(next.clock(), v1::CLOCK_KIND_RESPONSE);
  EXPECT_EQ(TimeFrom(next.at()), At("2024-05-06 10:00"));
  EXPECT_EQ(TimeFrom(next.deadline()), At("2024-05-06 10:30"));
}

TEST(Ladder, AReminderMakesNothingLateThatHappenedBeforeItAndAnEscalationDoes) {
  CaseRecord record = Contacted(Fresh(), "2024-05-06 09:50");
  FireUntil(record, "2024-05-16 09:00");
  EXPECT_EQ(record.latest_at, At("2024-05-06 09:50"));
  FireUntil(record, "2024-05-17 09:00");
  EXPECT_EQ(record.latest_at, At("2024-05-17 09:00"));
}

TEST(Ladder, ADepartmentThatHasAPartAlreadyKeepsIt) {
  CaseRecord record = Fresh();
  v1::CaseAction assign;
  assign.mutable_assign()->set_department_id("js.office");
  assign.mutable_assign()->set_role(v1::ASSIGNMENT_ROLE_CO_HANDLER);
  record = ActAt(record, assign, "2024-05-06 09:45");
  const auto events = FireUntil(record, At("2024-05-06 10:30"));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].ladder_step().refusal(), "ALREADY_ASSIGNED");
  EXPECT_EQ(record.body.assignments_size(), 2);
}

// The city's ladder with one step of the handling clock, at the deadline.
v1::Catalogue OneStepCatalogue(const v1::LadderStep& step) {
  v1::Catalogue catalogue = LadderCatalogue();
  catalogue.mutable_ladders(0)->clear_response_steps();
  catalogue.mutable_ladders(0)->clear_handling_steps();
  *catalogue.mutable_ladders(0)->add_handling_steps() = step;
  return catalogue;
}

v1::LadderStep ConveneStepOf(const char* chair_function) {
  v1::LadderStep step;
  step.set_step_id("convene");
  v1::ConveneStep& convene = *step.mutable_convene();
  convene.set_chair_function(chair_function);
  convene.set_from_unit_above(true);
  convene.add_department_functions("fire");
  convene.add_department_functions("tax");
  convene.set_level(v1::CONSULTATION_LEVEL_CITY);
  convene.set_in_working_days(2);
  convene.set_why("逾期未办结");
  return step;
}

// The first step of `record` fires at `now`.
FiredStep FireFirst(const CaseRecord& record, absl::string_view now, const v1::Catalogue& catalogue) {
  return FireStep(record, NextStepOf(record.body, City()->calendar()).value(), At(now), *City(), catalogue);
}

TEST(Ladder, AStepMakesACaseMoreUrgentAndNeverLess) {
  v1::LadderStep step;
  step.set_step_id("urgent");
  step.mutable_raise_priority()->set_priority(v1::CASE_PRIORITY_HIGH);
  const v1::Catalogue catalogue = OneStepCatalogue(step);
  CaseRecord record = CaseKnownAt("2024-05-06 09:40", catalogue);
  EXPECT_EQ(record.body.priority(), v1::CASE_PRIORITY_NORMAL);
  const FiredStep fired = FireFirst(record, "2024-05-16 09:00", catalogue);
  EXPECT_EQ(fired.change.record.body.priority(), v1::CASE_PRIORITY_HIGH);
  EXPECT_EQ(fired.change.event.ladder_step().refusal(), "");
  record.body.set_priority(v1::CASE_PRIORITY_URGENT);
  const FiredStep again = FireFirst(record, "2024-05-16 09:00", catalogue);
  EXPECT_EQ(again.change.record.body.priority(), v1::CASE_PRIORITY_URGENT);
  EXPECT_EQ(again.change.event.ladder_step().refusal(), "ALREADY_AS_URGENT");
}

TEST(Ladder, AStepConvenesTheLeadTheCoHandlersAndWhomItNames) {
  const v1::Catalogue catalogue = OneStepCatalogue(ConveneStepOf("planning"));
  CaseRecord record = CaseKnownAt("2024-05-06 09:40", catalogue);
  v1::CaseAction assign;
  assign.mutable_assign()->set_department_id("js.office");
  assign.mutable_assign()->set_role(v1::ASSIGNMENT_ROLE_CO_HANDLER);
  record = ActAt(record, assign, "2024-05-06 09:45");
  const FiredStep fired = FireFirst(record, "2024-05-16 09:00", catalogue);
  ASSERT_TRUE(fired.convened.has_value());
  const v1::Consultation& convened = fired.convened->body;
  EXPECT_EQ(convened.chair_department_id(), "zz.planning");
  EXPECT_EQ(convened.org_unit_id(), "zz");
  EXPECT_EQ(convened.level(), v1::CONSULTATION_LEVEL_CITY);
  EXPECT_EQ(convened.why(), "逾期未办结");
  EXPECT_EQ(convened.convened_by(), "zhuqi");
  // Thursday the 16th and two working days more, when work begins.
  EXPECT_EQ(TimeFrom(convened.scheduled_at()), At("2024-05-20 09:00"));
  std::vector<std::string> invited;
  for (const v1::Invitation& one : convened.invitations()) invited.push_back(one.department_id());
  EXPECT_THAT(invited, ElementsAre("js.planning", "zz.fire", "zz.tax", "js.office"));
  ASSERT_EQ(convened.case_ids_size(), 1);
  EXPECT_EQ(convened.case_ids(0), record.body.case_id());
  const v1::LadderStepFired& step = fired.change.event.ladder_step();
  EXPECT_EQ(step.consultation_id(), convened.consultation_id());
  EXPECT_EQ(step.department_id(), "zz.planning");
  EXPECT_EQ(step.refusal(), "");
  // One entry, that counts as one consultation on the day, and makes nothing late that was done before it.
  EXPECT_EQ(fired.change.event.sequence(), record.body.sequence() + 1);
  EXPECT_EQ(fired.change.record.body.consultation_count(), 1);
  ASSERT_EQ(fired.change.record.facts.consulted_on_size(), 1);
  EXPECT_EQ(fired.change.record.facts.consulted_on(0).day(), 16);
  EXPECT_EQ(fired.change.record.latest_at, record.latest_at);
  // The same entry makes the same consultation.
  EXPECT_EQ(FireFirst(record, "2024-05-16 09:00", catalogue).convened->body.consultation_id(),
            convened.consultation_id());
}

TEST(Ladder, AStepThatFindsNobodyForTheChairConvenesNobodyAndSaysSo) {
  v1::LadderStep step = ConveneStepOf("tax");
  step.mutable_convene()->set_from_unit_above(false);
  EXPECT_TRUE(FireFirst(CaseKnownAt("2024-05-06 09:40", OneStepCatalogue(step)), "2024-05-16 09:00",
                        OneStepCatalogue(step))
                  .convened.has_value());
  step.mutable_convene()->set_chair_function("circus");
  const v1::Catalogue catalogue = OneStepCatalogue(step);
  const FiredStep fired =
      FireFirst(CaseKnownAt("2024-05-06 09:40", catalogue), "2024-05-16 09:00", catalogue);
  EXPECT_FALSE(fired.convened.has_value());
  EXPECT_EQ(fired.change.event.ladder_step().refusal(), "CHAIR_NOT_FOUND");
  EXPECT_EQ(fired.change.record.body.consultation_count(), 0);
}

// A runner that looks at random instants, and is down in between.
RC_GTEST_PROP(LadderProperty, EveryStepFiresOnceInOrderInsideWorkingTimeAndNeverEarly, ()) {
  const auto city = City();
  feed::v1::RecordChanged issue = testing::Issue();
  const absl::Time raised = At("2024-04-01 00:00") + absl::Minutes(*rc::gen::inRange(0, 200 * 24 * 60));
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(raised);
  CaseRecord record = ReceiveCase(issue, raised, *city, LadderCatalogue(), 1)->record;
  StartLadder(record.body, LadderCatalogue(), raised);
  std::vector<std::string> fired;
  const absl::Time end = city->calendar().NextWorkingTime(raised + absl::Hours(24 * 60));
  absl::Time now = raised;
  while (now < end) {
    now = std::min(now + absl::Minutes(*rc::gen::inRange(1, 4 * 24 * 60)), end);
    if (!city->calendar().IsWorkingTime(now)) continue;  // as the runner
    for (const v1::CaseEvent& event : FireUntil(record, now)) {
      const v1::LadderStepFired& step = event.ladder_step();
      fired.push_back(step.step().step_id());
      RC_ASSERT(TimeFrom(step.due_at()) > raised);
      RC_ASSERT(TimeFrom(step.due_at()) <= now);
      RC_ASSERT(city->calendar().IsWorkingTime(TimeFrom(step.due_at())));
    }
  }
  const auto place = [&](const char* id) { return std::find(fired.begin(), fired.end(), id); };
  RC_ASSERT(fired.size() == 6u);
  for (const char* id :
       {"response-remind", "response-supervise", "remind", "supervise", "escalate", "bulletin"}) {
    RC_ASSERT(std::count(fired.begin(), fired.end(), id) == 1);
  }
  RC_ASSERT(place("response-remind") < place("response-supervise"));
  RC_ASSERT(place("remind") < place("supervise"));
  RC_ASSERT(place("supervise") < place("escalate"));
  RC_ASSERT(place("escalate") < place("bulletin"));
}

}  // namespace
}  // namespace zhuqi::routing
