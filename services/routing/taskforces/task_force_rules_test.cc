#include "services/routing/taskforces/task_force_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "google/protobuf/text_format.h"
#include "services/routing/taskforces/task_force_check.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

constexpr char kForceId[] = "018f4a10-0000-7000-8000-00000000000b";
constexpr char kVisitId[] = "018f4a10-0000-7000-8000-00000000000c";
const absl::Time kMonday = At("2024-05-06 09:00");

v1::SetUpTaskForceRequest SetUpRequest() {
  v1::SetUpTaskForceRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(request_id: "018f4a10-0000-7000-8000-000000000001"
         name: "数字印刷园专班" org_unit_id: "js" project: "数字印刷园" reason: "验收前提前介入"
         lead_department_id: "js.office"
         departments { department_id: "js.planning" role: TASK_FORCE_ROLE_MEMBER duty: "规划核实" }
         departments { department_id: "js.fire" role: TASK_FORCE_ROLE_SUPPORT }
         begins_on { year: 2024 month: 5 day: 6 } ends_on { year: 2024 month: 7 day: 31 }
         milestones { milestone_id: "acceptance" name: "竣工验收" on { year: 2024 month: 6 day: 5 } }
         items { text: "规划核实" function: "planning" before { milestone_id: "acceptance" working_days: 5 } }
         items { text: "消防预检" department_id: "js.fire" working_days: 3 }
         items { text: "竣工资料" department_id: "js.office" date { year: 2024 month: 5 day: 31 } }
         template_id: "completion-acceptance")",
      &request));
  return request;
}

absl::StatusOr<TaskForceChange> TrySetUp(const v1::SetUpTaskForceRequest& request) {
  const auto city = testing::City();
  return SetUpTaskForce(request, kForceId, {kMonday, "wang", "", *city});
}
v1::TaskForce NewForce() { return TrySetUp(SetUpRequest())->body; }

v1::TaskForceAction ForceAction(const std::string& text) {
  v1::TaskForceAction action;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &action)) << text;
  return action;
}

absl::StatusOr<TaskForceChange> Try(const v1::TaskForce& before, const std::string& action,
                                    absl::Time now = kMonday, const std::string& acting = "",
                                    int64_t open_cases = 0) {
  const auto city = testing::City();
  TaskForceInput input{now, "wang", acting, *city, open_cases};
  input.visit = FollowedVisit{"js", absl::CivilDay(2024, 5, 3), false};
  return ChangeTaskForce(before, ForceAction(action), input);
}
v1::TaskForce After(const v1::TaskForce& before, const std::string& action, absl::Time now = kMonday) {
  const auto change = Try(before, action, now);
  EXPECT_TRUE(change.ok()) << action << change.status();
  return change.ok() ? change->body : before;
}
std::string Refused(const v1::TaskForce& before, const std::string& action, const std::string& acting = "") {
  return rpc::ReasonOf(Try(before, action, kMonday, acting).status());
}
v1::TaskForce Active() { return After(NewForce(), "begin {}"); }

std::vector<std::string> DueDays(const v1::TaskForce& body) {
  std::vector<std::string> days;
  for (const v1::ChecklistItem& item : body.items()) {
    days.push_back(absl::FormatCivilTime(*CivilDayFrom(item.due_on())));
  }
  return days;
}
v1::TaskForce Shown(const v1::TaskForce& body, absl::CivilDay today) {
  return PresentTaskForce(body, *testing::City(), today);
}
std::string Parts(const v1::TaskForce& body) {
  std::vector<std::string> parts;
  for (const v1::TaskForceDepartment& part : body.departments()) {
    parts.push_back(absl::StrCat(part.department_id(), "=", part.role()));
  }
  return absl::StrJoin(parts, " ");
}

// ---- The table ----

TEST(TaskForce, ReadmeShowsTheTable) {
  std::ifstream file(ZHUQI_TASK_FORCES_README);
  std::stringstream readme;
  readme << file.rdbuf();
  EXPECT_NE(readme.str().find(RenderTaskForceTable()), std::string::npos) << RenderTaskForceTable();
}

TEST(TaskForce, EveryActionHasARow) {
  const google::protobuf::OneofDescriptor& actions =
      *v1::TaskForceAction::descriptor()->FindOneofByName("action");
  const std::string table = RenderTaskForceTable();
  for (int i = 0; i < actions.field_count(); ++i) {
    EXPECT_NE(table.find(absl::StrCat("| ", actions.field(i)->name(), " |")), std::string::npos);
  }
}

TEST(TaskForce, BeginsWorksAndIsDissolvedForEver) {
  const v1::TaskForce set_up = NewForce();
  EXPECT_EQ(set_up.state(), v1::TASK_FORCE_STATE_SET_UP);
  EXPECT_EQ(Refused(set_up, "complete_item { number: 1 outcome: 'x' }"), "ILLEGAL_TRANSITION");
  v1::TaskForce body = After(set_up, "begin { on { year: 2024 month: 5 day: 6 } }");
  EXPECT_EQ(body.state(), v1::TASK_FORCE_STATE_ACTIVE);
  EXPECT_EQ(body.etag(), "v2");
  EXPECT_EQ(Refused(body, "begin {}"), "ILLEGAL_TRANSITION");
  for (int i = 1; i <= 3; ++i) {
    body = After(body, absl::StrCat("complete_item { number: ", i, " outcome: '完成' }"));
  }
  body = After(body, "dissolve { outcome: '验收一次通过' }");
  EXPECT_EQ(body.state(), v1::TASK_FORCE_STATE_DISSOLVED);
  EXPECT_EQ(CivilDayFrom(body.dissolved_on()), absl::CivilDay(2024, 5, 6));
  EXPECT_THAT(Shown(body, absl::CivilDay(2024, 5, 6)).allowed_actions(), IsEmpty());
  const auto refused =
      Try(body, "add_items { items { text: 'x' department_id: 'js.fire' working_days: 1 } }");
  EXPECT_EQ(rpc::ErrorInfoOf(refused.status())->metadata().at("state"), "TASK_FORCE_STATE_DISSOLVED");
}

TEST(TaskForce, EachPartMayDoWhatTheTableSays) {
  const v1::TaskForce body = Active();
  // js.office leads, js.planning is a member, zz.office is above, zm is another district.
  EXPECT_TRUE(Try(body, "waive_item { number: 1 reason: '不涉及' }", kMonday, "js.office").ok());
  EXPECT_TRUE(Try(body, "waive_item { number: 1 reason: '不涉及' }", kMonday, "zz.office").ok());
  EXPECT_EQ(Refused(body, "waive_item { number: 1 reason: '不涉及' }", "js.planning"), "NOT_ITS_PART");
  EXPECT_EQ(Refused(body, "link_visit { record_id: 'a' }", "zm.office"), "NOT_ITS_PART");
  // An item is done by its department, or by those that steer.
  EXPECT_TRUE(Try(body, "complete_item { number: 1 outcome: 'x' }", kMonday, "js.planning").ok());
  EXPECT_TRUE(Try(body, "complete_item { number: 1 outcome: 'x' }", kMonday, "js.office").ok());
  EXPECT_EQ(Refused(body, "complete_item { number: 1 outcome: 'x' }", "js.fire"), "NOT_ITS_PART");
  const auto change = Try(body, "complete_item { number: 1 outcome: 'x' }", kMonday, "js.planning");
  EXPECT_EQ(change->event.acting_department_id(), "js.planning");
  EXPECT_EQ(change->event.sequence(), 3);
  EXPECT_EQ(change->event.actor(), "wang");
}

// ---- The checklist ----

TEST(Checklist, ItemsAreDueByMilestoneByWorkingDaysOrByDate) {
  const v1::TaskForce body = NewForce();
  EXPECT_THAT(DueDays(body), ElementsAre("2024-05-29", "2024-05-09", "2024-05-31"));
  EXPECT_EQ(body.items(0).department_id(), "js.planning");
  EXPECT_EQ(body.items(0).template_id(), "completion-acceptance");
  EXPECT_EQ(body.items(0).state(), v1::CHECKLIST_ITEM_STATE_OPEN);
  EXPECT_FALSE(body.items(0).due_provisional());
}

TEST(Checklist, MilestoneThatMovesTakesItsOpenItemsAlong) {
  v1::TaskForce body = After(
      Active(),
      "add_items { items { text: '雨污' function: 'fire' before { milestone_id: 'acceptance' } } "
      "items { text: '环保' function: 'fire' before { milestone_id: 'acceptance' working_days: 1 } } }");
  body = After(body, "complete_item { number: 5 outcome: '已核' }");
  // A Sunday: what is due on the day itself is due on the last working day before it.
  body = After(
      body,
      "set_milestone { milestone { milestone_id: 'acceptance' name: '竣工验收' on { year: 2024 month: 6 "
      "day: 16 } } reason: '工期调整' }");
  EXPECT_THAT(DueDays(body),
              ElementsAre("2024-06-10", "2024-05-09", "2024-05-31", "2024-06-14", "2024-06-04"));
  EXPECT_EQ(body.milestones_size(), 1);
}

TEST(Checklist, NewCalendarMovesOpenItemsAndNoneThatIsDone) {
  v1::TaskForce body = After(Active(),
                             "add_items { items { text: 'x' function: 'fire' working_days: 6 } "
                             "items { text: 'y' function: 'fire' working_days: 6 } }");
  EXPECT_EQ(DueDays(body)[3], "2024-05-14");
  body = After(body, "complete_item { number: 5 outcome: '已核' }");
  // The 14th becomes a day off.
  const v1::TaskForce shown =
      PresentTaskForce(body, *testing::CityWithNewCalendar(), absl::CivilDay(2024, 5, 15));
  EXPECT_EQ(DueDays(shown)[3], "2024-05-15");
  EXPECT_FALSE(shown.items(3).overdue());
  EXPECT_EQ(DueDays(shown)[4], "2024-05-14");
  EXPECT_TRUE(Shown(body, absl::CivilDay(2024, 5, 15)).items(3).overdue());
}

TEST(Checklist, DaysOfAYearThatIsNotAnnouncedAreProvisional) {
  v1::SetUpTaskForceRequest request = SetUpRequest();
  *request.mutable_milestones(0)->mutable_on() = DateMessage(absl::CivilDay(2025, 1, 3));
  EXPECT_TRUE(TrySetUp(request)->body.items(0).due_provisional());
}

TEST(Checklist, ProgressIsCountedExactly) {
  v1::TaskForce body =
      After(Active(),
            "add_items { items { text: 'a' function: 'fire' working_days: 1 } items { text: 'b' function: "
            "'fire' working_days: 1 } items { text: 'c' function: 'fire' working_days: 1 } }");
  const absl::Time later = At("2024-05-13 09:00");
  // Due on the 7th: done in time, done late, and waived.
  body =
      After(body, "complete_item { number: 4 outcome: 'x' done_on { year: 2024 month: 5 day: 7 } }", later);
  body =
      After(body, "complete_item { number: 5 outcome: 'x' done_on { year: 2024 month: 5 day: 8 } }", later);
  body = After(body, "waive_item { number: 6 reason: '不涉及' }", later);
  body = After(body, absl::StrCat("link_visit { record_id: '", kVisitId, "' }"), later);
  const v1::TaskForce shown = Shown(body, absl::CivilDay(2024, 5, 13));
  const v1::TaskForceProgress& progress = shown.progress();
  EXPECT_EQ(progress.item_count(), 6);
  EXPECT_EQ(progress.open_item_count(), 3);
  EXPECT_EQ(progress.overdue_item_count(), 1);  // number 2, due on the 9th
  EXPECT_EQ(progress.done_item_count(), 2);
  EXPECT_EQ(progress.late_item_count(), 1);
  EXPECT_EQ(progress.waived_item_count(), 1);
  EXPECT_EQ(progress.visit_count(), 1);
  EXPECT_EQ(shown.items(5).outcome(), "不涉及");
  EXPECT_EQ(shown.items(5).settled_by(), "wang");
  EXPECT_FALSE(shown.items(5).overdue());
  body.mutable_visits(0)->set_withdrawn(true);
  EXPECT_EQ(Shown(body, absl::CivilDay(2024, 5, 13)).progress().visit_count(), 0);
}

TEST(Checklist, ItemIsSettledOnceAndMayBeOpenedAgain) {
  v1::TaskForce body = After(Active(), "complete_item { number: 1 outcome: 'x' }");
  EXPECT_EQ(Refused(body, "complete_item { number: 1 outcome: 'x' }"), "ITEM_SETTLED");
  EXPECT_EQ(Refused(body, "waive_item { number: 1 reason: 'x' }"), "ITEM_SETTLED");
  EXPECT_EQ(Refused(body, "reopen_item { number: 2 reason: 'x' }"), "ITEM_OPEN");
  EXPECT_EQ(Refused(body, "complete_item { number: 4 outcome: 'x' }"), "ITEM_UNKNOWN");
  EXPECT_EQ(Refused(body, "complete_item { number: 0 outcome: 'x' }"), "ITEM_UNKNOWN");
  body = After(body, "reopen_item { number: 1 reason: '整改未到位' }");
  EXPECT_EQ(body.items(0).state(), v1::CHECKLIST_ITEM_STATE_OPEN);
  EXPECT_FALSE(body.items(0).has_settled_on());
  EXPECT_EQ(body.items(0).outcome(), "");
}

TEST(Checklist, DayOfDoingLiesBetweenThePlanAndToday) {
  const auto done_on = [](int month, int day) {
    const auto change = Try(
        Active(), absl::StrCat("complete_item { number: 1 outcome: 'x' done_on { year: 2024 month: ", month,
                               " day: ", day, " } }"));
    return rpc::ReasonOf(change.status());
  };
  EXPECT_EQ(done_on(5, 6), "");
  EXPECT_EQ(done_on(5, 7), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(done_on(5, 5), "DATE_OUT_OF_RANGE");
}

TEST(Checklist, FunctionIsThatOfTheUnitBeforeOthers) {
  v1::TaskForce body = After(NewForce(),
                             "add_departments { departments { department_id: 'zz.tax' role: "
                             "TASK_FORCE_ROLE_SUPPORT } departments { department_id: 'zz.planning' role: "
                             "TASK_FORCE_ROLE_SUPPORT } }");
  body = After(body,
               "add_items { items { text: 'a' function: 'tax' working_days: 1 } items { text: 'b' function: "
               "'planning' working_days: 1 } }");
  EXPECT_EQ(body.items(3).department_id(), "zz.tax");
  EXPECT_EQ(body.items(4).department_id(), "js.planning");
  EXPECT_EQ(Refused(NewForce(), "add_items { items { text: 'a' function: 'tax' working_days: 1 } }"),
            "FUNCTION_NOT_IN_TASK_FORCE");
  EXPECT_EQ(Refused(NewForce(), "add_items { items { text: 'a' department_id: 'zz.tax' working_days: 1 } }"),
            "DEPARTMENT_NOT_IN_TASK_FORCE");
  EXPECT_EQ(Refused(NewForce(),
                    "add_items { items { text: 'a' function: 'fire' before { milestone_id: 'none' } } }"),
            "MILESTONE_UNKNOWN");
}

TEST(Checklist, OneItemThatIsRefusedRefusesAll) {
  const v1::TaskForce before = NewForce();
  EXPECT_EQ(Refused(before,
                    "add_items { items { text: 'a' function: 'fire' working_days: 1 } items { text: 'b' "
                    "function: 'tax' working_days: 1 } }"),
            "FUNCTION_NOT_IN_TASK_FORCE");
  EXPECT_EQ(before.items_size(), 3);
}

// ---- Followed to the end ----

TEST(Checklist, SpecialItemIsNotSettledBeforeTheFinalReport) {
  const std::string mark =
      "mark_item { number: 1 special { follower_department_id: 'js.office' "
      "report_every_working_days: 3 reason: '验收关键' } }";
  v1::TaskForce body = After(Active(), mark);
  EXPECT_EQ(CivilDayFrom(body.items(0).special().next_report_due_on()), absl::CivilDay(2024, 5, 9));
  EXPECT_EQ(Refused(body, "complete_item { number: 1 outcome: 'x' }"), "FINAL_REPORT_MISSING");
  EXPECT_EQ(Refused(body, "waive_item { number: 1 reason: 'x' }"), "FINAL_REPORT_MISSING");
  EXPECT_EQ(Refused(body, "report_item { number: 2 text: 'x' }"), "NOT_SPECIAL");
  EXPECT_EQ(Refused(body, "report_item { number: 1 text: 'x' }", "js.planning"), "NOT_ITS_PART");
  EXPECT_TRUE(Shown(body, absl::CivilDay(2024, 5, 10)).items(0).special().overdue());
  body = After(body, "report_item { number: 1 text: '推进中' }", At("2024-05-10 09:00"));
  EXPECT_EQ(CivilDayFrom(body.items(0).special().next_report_due_on()), absl::CivilDay(2024, 5, 15));
  body = After(body, "report_item { number: 1 text: '已办结' final: true }", At("2024-05-13 09:00"));
  EXPECT_EQ(Refused(body, "report_item { number: 1 text: 'x' }"), "NOT_SPECIAL");
  body = After(body, "complete_item { number: 1 outcome: 'x' }", At("2024-05-13 09:00"));
  EXPECT_EQ(body.items(0).special().report_count(), 2);
  body = After(body, "reopen_item { number: 1 reason: '反复' }", At("2024-05-20 09:00"));
  EXPECT_EQ(CivilDayFrom(body.items(0).special().next_report_due_on()), absl::CivilDay(2024, 5, 23));
  EXPECT_EQ(Refused(Active(),
                    "mark_item { number: 1 special { follower_department_id: 'zm.office' "
                    "report_every_working_days: 3 reason: 'x' } }"),
            "DEPARTMENT_NOT_IN_TASK_FORCE");
}

// ---- Departments, visits, the end ----

TEST(TaskForce, ExactlyOneLeadsAndStandsFirst) {
  EXPECT_EQ(Parts(NewForce()), "js.office=1 js.planning=2 js.fire=3");
  const v1::TaskForce fire = After(NewForce(), "amend { lead_department_id: 'js.fire' }");
  EXPECT_EQ(Parts(fire), "js.fire=1 js.office=2 js.planning=2");
  EXPECT_EQ(Parts(After(fire, "amend { lead_department_id: 'zz.tax' }")),
            "zz.tax=1 js.fire=2 js.office=2 js.planning=2");
  EXPECT_EQ(Refused(NewForce(),
                    "add_departments { departments { department_id: 'js.office' role: "
                    "TASK_FORCE_ROLE_SUPPORT } }"),
            "DEPARTMENT_LEADS");
  EXPECT_EQ(Refused(NewForce(), "remove_department { department_id: 'js.office' reason: 'x' }"),
            "DEPARTMENT_LEADS");
  EXPECT_EQ(Refused(NewForce(), "amend { ends_on { year: 2024 month: 5 day: 5 } }"), "DATE_OUT_OF_RANGE");
}

TEST(TaskForce, DepartmentLeavesWithoutOpenItemsAlone) {
  v1::TaskForce body = Active();
  EXPECT_EQ(Refused(body, "remove_department { department_id: 'js.fire' reason: 'x' }"),
            "DEPARTMENT_HAS_OPEN_ITEMS");
  EXPECT_EQ(Refused(body, "remove_department { department_id: 'zz.tax' reason: 'x' }"),
            "DEPARTMENT_NOT_IN_TASK_FORCE");
  body = After(body, "waive_item { number: 2 reason: '不涉及' }");
  body = After(body, "remove_department { department_id: 'js.fire' reason: '不涉及消防' }");
  EXPECT_EQ(Parts(body), "js.office=1 js.planning=2");
  // Nobody would do it.
  EXPECT_EQ(Refused(body, "reopen_item { number: 2 reason: 'x' }"), "DEPARTMENT_NOT_IN_TASK_FORCE");
}

TEST(TaskForce, NothingOpenIsLeftBehindWhenItIsDissolved) {
  v1::TaskForce body = Active();
  const auto items = Try(body, "dissolve { outcome: 'x' }");
  EXPECT_EQ(rpc::ReasonOf(items.status()), "ITEMS_OPEN");
  EXPECT_EQ(rpc::ErrorInfoOf(items.status())->metadata().at("open"), "3");
  for (int i = 1; i <= 3; ++i) body = After(body, absl::StrCat("waive_item { number: ", i, " reason: 'x' }"));
  const auto cases = Try(body, "dissolve { outcome: 'x' }", kMonday, "", 2);
  EXPECT_EQ(rpc::ReasonOf(cases.status()), "CASES_OPEN");
  EXPECT_EQ(rpc::ErrorInfoOf(cases.status())->metadata().at("open"), "2");
  EXPECT_EQ(Refused(body, "dissolve { outcome: 'x' on { year: 2024 month: 5 day: 7 } }"),
            "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Refused(body, "dissolve { outcome: 'x' on { year: 2024 month: 5 day: 5 } }"),
            "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Refused(body, "dissolve { outcome: 'x' on { year: 2024 month: 5 day: 6 } }"), "");
}

TEST(TaskForce, VisitIsTiedOnceAndMustStand) {
  const std::string link = absl::StrCat("link_visit { record_id: '", kVisitId, "' }");
  const v1::TaskForce body = After(Active(), link);
  EXPECT_EQ(CivilDayFrom(body.visits(0).visited_on()), absl::CivilDay(2024, 5, 3));
  EXPECT_EQ(Refused(body, link), "VISIT_LINKED");
  EXPECT_EQ(After(body, absl::StrCat("unlink_visit { record_id: '", kVisitId, "' reason: '误关联' }"))
                .visits_size(),
            0);
  EXPECT_EQ(Refused(Active(), "unlink_visit { record_id: 'a' reason: 'x' }"), "VISIT_NOT_LINKED");
  const auto city = testing::City();
  TaskForceInput unknown{kMonday, "wang", "", *city};
  EXPECT_EQ(rpc::ReasonOf(ChangeTaskForce(Active(), ForceAction(link), unknown).status()), "VISIT_UNKNOWN");
  unknown.visit = FollowedVisit{"js", absl::CivilDay(2024, 5, 3), true};
  EXPECT_EQ(rpc::ReasonOf(ChangeTaskForce(Active(), ForceAction(link), unknown).status()), "VISIT_WITHDRAWN");
}

// ---- Limits ----

TEST(TaskForce, LimitsHoldAtAndEndOnePast) {
  v1::TaskForce body = Active();
  const std::string department =
      "add_departments { departments { department_id: 'zz.tax' role: TASK_FORCE_ROLE_MEMBER } }";
  while (body.departments_size() < kMostTaskForceDepartments - 1) {
    body.add_departments()->set_department_id(absl::StrCat("d", body.departments_size()));
  }
  EXPECT_EQ(Refused(body, department), "");
  body.add_departments()->set_department_id("last");
  EXPECT_EQ(Refused(body, department), "TOO_MANY_DEPARTMENTS");

  const std::string milestone =
      "set_milestone { milestone { milestone_id: 'new' name: 'n' on { year: 2024 month: 6 day: 5 } } }";
  while (body.milestones_size() < kMostMilestones - 1) {
    body.add_milestones()->set_milestone_id(absl::StrCat("m", body.milestones_size()));
  }
  EXPECT_EQ(Refused(body, milestone), "");
  body.add_milestones()->set_milestone_id("last");
  EXPECT_EQ(Refused(body, milestone), "TOO_MANY_MILESTONES");

  const std::string item = "add_items { items { text: 'x' department_id: 'js.fire' working_days: 1 } }";
  while (body.items_size() < kMostChecklistItems - 1) *body.add_items() = body.items(1);
  EXPECT_EQ(Refused(body, item), "");
  *body.add_items() = body.items(1);
  EXPECT_EQ(Refused(body, item), "TOO_MANY_ITEMS");

  const std::string visit = absl::StrCat("link_visit { record_id: '", kVisitId, "' }");
  while (body.visits_size() < kMostTaskForceVisits - 1) body.add_visits()->set_record_id("r");
  EXPECT_EQ(Refused(body, visit), "");
  body.add_visits()->set_record_id("r");
  EXPECT_EQ(Refused(body, visit), "TOO_MANY_VISITS");

  body = Active();
  const std::string amend = "amend { reason: 'x' }";
  body.mutable_items(0)->set_outcome(std::string(kMaxTaskForceBytes - 5000, 'x'));
  EXPECT_EQ(Refused(body, amend), "");
  body.mutable_items(0)->set_outcome(std::string(kMaxTaskForceBytes, 'x'));
  EXPECT_EQ(Refused(body, amend), "TASK_FORCE_FULL");
}

// ---- What a request may say ----

template <typename Request, typename Check>
std::vector<std::string> ViolationsOf(Request request, Check check) {
  rpc::Violations violations;
  check(request, *testing::City(), kMonday, violations);
  std::vector<std::string> found;
  for (const rpc::Violation& violation : violations.list()) {
    EXPECT_NE(violation.english, "") << violation.field_path;
    EXPECT_NE(violation.chinese, "") << violation.field_path;
    found.push_back(absl::StrCat(violation.field_path, " ", violation.reason));
  }
  return found;
}
std::vector<std::string> WrongSetUp(const std::function<void(v1::SetUpTaskForceRequest&)>& change) {
  v1::SetUpTaskForceRequest request = SetUpRequest();
  change(request);
  return ViolationsOf(request, CheckSetUp);
}
std::vector<std::string> WrongAction(const std::string& action) {
  v1::ActOnTaskForceRequest request;
  request.set_name("数字印刷园专班");
  *request.mutable_action() = ForceAction(action);
  return ViolationsOf(request, CheckTaskForceRequest);
}
using Sent = v1::SetUpTaskForceRequest;

TEST(TaskForceCheck, NamesEveryFieldThatIsWrong) {
  EXPECT_THAT(WrongSetUp([](Sent&) {}), IsEmpty());
  EXPECT_THAT(ViolationsOf(Sent(), CheckSetUp),
              ElementsAre("name TEXT_REQUIRED", "org_unit_id ORG_UNIT_UNKNOWN", "project TEXT_REQUIRED",
                          "reason TEXT_REQUIRED", "lead_department_id DEPARTMENT_UNKNOWN",
                          "begins_on DATE_INVALID", "ends_on DATE_INVALID"));
  EXPECT_THAT(
      WrongSetUp([](Sent& r) {
        r.mutable_departments(0)->set_department_id("js.office");
        r.mutable_departments(1)->set_role(v1::TASK_FORCE_ROLE_LEAD);
      }),
      ElementsAre("departments[0].department_id DEPARTMENT_REPEATED", "departments[1].role ROLE_REQUIRED"));
  EXPECT_THAT(WrongSetUp([](Sent& r) {
                r.mutable_milestones(0)->set_milestone_id("Acceptance");
                r.mutable_items(0)->set_function("nothing");
                r.mutable_items(1)->set_working_days(0);
                r.mutable_items(2)->clear_date();
                r.set_template_id("x y");
              }),
              ElementsAre("milestones[0].milestone_id IDENTIFIER_INVALID",
                          "items[0].function FUNCTION_UNKNOWN", "items[1].working_days OUT_OF_RANGE",
                          "items[2] TERM_REQUIRED", "template_id IDENTIFIER_INVALID"));
  EXPECT_THAT(WrongSetUp([](Sent& r) { *r.add_milestones() = r.milestones(0); }),
              ElementsAre("milestones[1].milestone_id MILESTONE_REPEATED"));
  EXPECT_THAT(ViolationsOf(v1::ActOnTaskForceRequest(), CheckTaskForceRequest),
              ElementsAre("task_force_id TASK_FORCE_REQUIRED", "action ACTION_REQUIRED"));
  v1::ActOnTaskForceRequest request;
  request.set_task_force_id("x");
  request.set_acting_department_id("nobody");
  EXPECT_THAT(ViolationsOf(request, CheckTaskForceRequest),
              IsSupersetOf({"task_force_id UUID_INVALID", "acting_department_id DEPARTMENT_UNKNOWN"}));
}

TEST(TaskForceCheck, TextsHaveLimits) {
  const auto wrong = [](size_t length, const std::function<void(Sent&, const std::string&)>& set) {
    std::string text;
    for (size_t i = 0; i < length; ++i) text += "字";
    return WrongSetUp([&](Sent& r) { set(r, text); });
  };
  const auto name = [](Sent& r, const std::string& text) { r.set_name(text); };
  EXPECT_THAT(wrong(100, name), IsEmpty());
  EXPECT_THAT(wrong(101, name), ElementsAre("name TEXT_TOO_LONG"));
  const auto project = [](Sent& r, const std::string& text) { r.set_project(text); };
  EXPECT_THAT(wrong(200, project), IsEmpty());
  EXPECT_THAT(wrong(201, project), ElementsAre("project TEXT_TOO_LONG"));
  const auto reason = [](Sent& r, const std::string& text) { r.set_reason(text); };
  EXPECT_THAT(wrong(2000, reason), IsEmpty());
  EXPECT_THAT(wrong(2001, reason), ElementsAre("reason TEXT_TOO_LONG"));
  const auto duty = [](Sent& r, const std::string& text) { r.mutable_departments(1)->set_duty(text); };
  EXPECT_THAT(wrong(200, duty), IsEmpty());
  EXPECT_THAT(wrong(201, duty), ElementsAre("departments[1].duty TEXT_TOO_LONG"));
  const auto item = [](Sent& r, const std::string& text) { r.mutable_items(2)->set_text(text); };
  EXPECT_THAT(wrong(500, item), IsEmpty());
  EXPECT_THAT(wrong(501, item), ElementsAre("items[2].text TEXT_TOO_LONG"));
  EXPECT_THAT(WrongSetUp([](Sent& r) { r.set_name("a\xff"); }), ElementsAre("name TEXT_INVALID_UTF8"));
}

TEST(TaskForceCheck, CountsAndDaysHaveLimits) {
  const auto with_items = [](int count) {
    return WrongSetUp([count](Sent& r) {
      while (r.items_size() < count) *r.add_items() = r.items(2);
    });
  };
  EXPECT_THAT(with_items(100), IsEmpty());
  EXPECT_THAT(with_items(101), ElementsAre("items OUT_OF_RANGE"));
  const auto before = [](int days) {
    return WrongSetUp([days](Sent& r) { r.mutable_items(0)->mutable_before()->set_working_days(days); });
  };
  EXPECT_THAT(before(0), IsEmpty());
  EXPECT_THAT(before(250), IsEmpty());
  EXPECT_THAT(before(251), ElementsAre("items[0].before.working_days OUT_OF_RANGE"));
  EXPECT_THAT(before(-1), ElementsAre("items[0].before.working_days OUT_OF_RANGE"));
  const auto plan = [](absl::CivilDay begins, absl::CivilDay ends) {
    return WrongSetUp([&](Sent& r) {
      *r.mutable_begins_on() = DateMessage(begins);
      *r.mutable_ends_on() = DateMessage(ends);
    });
  };
  const absl::CivilDay earliest(2014, 5, 6);
  EXPECT_THAT(plan(earliest, absl::CivilDay(2024, 5, 6)), IsEmpty());
  EXPECT_THAT(plan(earliest, absl::CivilDay(2024, 5, 7)), ElementsAre("ends_on DATE_OUT_OF_RANGE"));
  EXPECT_THAT(plan(earliest, earliest - 1), ElementsAre("ends_on DATE_OUT_OF_RANGE"));
  EXPECT_THAT(plan(earliest - 1, earliest), ElementsAre("begins_on DATE_OUT_OF_RANGE"));
  EXPECT_THAT(plan(absl::CivilDay(2034, 5, 7), absl::CivilDay(2034, 5, 7)),
              ElementsAre("begins_on DATE_OUT_OF_RANGE"));
}

TEST(TaskForceCheck, EveryActionSaysWhatIsWrong) {
  EXPECT_THAT(WrongAction("begin { on { year: 2024 month: 5 day: 7 } }"),
              ElementsAre("action.begin.on DATE_OUT_OF_RANGE"));
  EXPECT_THAT(WrongAction("begin { on { year: 2024 month: 5 day: 6 } }"), IsEmpty());
  EXPECT_THAT(WrongAction("amend {}"), ElementsAre("action.amend AMENDMENT_EMPTY"));
  EXPECT_THAT(WrongAction("add_departments {}"),
              ElementsAre("action.add_departments.departments OUT_OF_RANGE"));
  EXPECT_THAT(WrongAction("remove_department {}"),
              ElementsAre("action.remove_department.department_id DEPARTMENT_UNKNOWN",
                          "action.remove_department.reason TEXT_REQUIRED"));
  EXPECT_THAT(WrongAction("set_milestone {}"),
              ElementsAre("action.set_milestone.milestone.milestone_id IDENTIFIER_INVALID",
                          "action.set_milestone.milestone.name TEXT_REQUIRED",
                          "action.set_milestone.milestone.on DATE_INVALID"));
  EXPECT_THAT(WrongAction("add_items {}"), ElementsAre("action.add_items.items OUT_OF_RANGE"));
  EXPECT_THAT(WrongAction("add_items { items {} }"),
              ElementsAre("action.add_items.items[0].text TEXT_REQUIRED",
                          "action.add_items.items[0] DEPARTMENT_REQUIRED",
                          "action.add_items.items[0] TERM_REQUIRED"));
  EXPECT_THAT(WrongAction("complete_item { number: 1 }"),
              ElementsAre("action.complete_item.outcome TEXT_REQUIRED"));
  EXPECT_THAT(WrongAction("waive_item { number: 1 }"), ElementsAre("action.waive_item.reason TEXT_REQUIRED"));
  EXPECT_THAT(WrongAction("reopen_item { number: 1 }"),
              ElementsAre("action.reopen_item.reason TEXT_REQUIRED"));
  EXPECT_THAT(WrongAction("mark_item { number: 1 }"),
              ElementsAre("action.mark_item.special.follower_department_id DEPARTMENT_UNKNOWN",
                          "action.mark_item.special.reason TEXT_REQUIRED",
                          "action.mark_item.special.report_every_working_days OUT_OF_RANGE"));
  EXPECT_THAT(WrongAction("report_item { number: 1 }"), ElementsAre("action.report_item.text TEXT_REQUIRED"));
  EXPECT_THAT(WrongAction("link_visit {}"), ElementsAre("action.link_visit.record_id UUID_INVALID"));
  EXPECT_THAT(WrongAction("unlink_visit {}"), ElementsAre("action.unlink_visit.record_id UUID_INVALID",
                                                          "action.unlink_visit.reason TEXT_REQUIRED"));
  EXPECT_THAT(WrongAction("dissolve {}"), ElementsAre("action.dissolve.outcome TEXT_REQUIRED"));
  EXPECT_THAT(WrongAction("dissolve { outcome: 'x' on { year: 2024 month: 13 day: 1 } }"),
              ElementsAre("action.dissolve.on DATE_INVALID"));
}

}  // namespace
}  // namespace zhuqi::routing
