// Filters of lists: what each means, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "services/routing/cases/test_lists.h"

namespace zhuqi::routing {
namespace {

using testing::AddPart;
using testing::At;
using testing::CaseListTest;
using testing::Close;
using testing::DueAt;
using testing::kListedAt;
using testing::NumberedCase;
using Request = testing::ListRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// ---- Departments ----

TEST_F(CaseListTest, DepartmentIsFoundInAnyRoleThatIsInForce) {
  Put(1);
  Put(2, [](CaseRecord& r) { AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER); });
  Put(3, [](CaseRecord& r) { AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_SUPERVISOR); });
  Put(4, [](CaseRecord& r) { AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER, /*ended=*/true); });
  Put(5, [](CaseRecord& r) {
    AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER);
    AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_ASSISTANT);
    Close(r, "2024-09-10 10:00");
  });
  const auto fire = [](Request& r) { r.set_department_id("js.fire"); };
  EXPECT_THAT(Find(fire), UnorderedElementsAre("issue-2", "issue-3", "issue-5"));
  EXPECT_THAT(Find([&](Request& r) {
                fire(r);
                r.add_department_roles(v1::ASSIGNMENT_ROLE_SUPERVISOR);
                r.add_department_roles(v1::ASSIGNMENT_ROLE_ASSISTANT);
              }),
              UnorderedElementsAre("issue-3", "issue-5"));
  EXPECT_THAT(Find([&](Request& r) {
                fire(r);
                r.add_tabs(v1::CASE_TAB_OPEN);
              }),
              UnorderedElementsAre("issue-2", "issue-3"));
}

TEST_F(CaseListTest, UrgentCasesAreFoundAndThoseThatATeamAssistsIn) {
  Put(1, [](CaseRecord& r) {
    r.body.set_priority(v1::CASE_PRIORITY_URGENT);
    AddPart(r.body, "js.office", v1::ASSIGNMENT_ROLE_ASSISTANT);
  });
  Put(2, [](CaseRecord& r) {
    r.body.set_priority(v1::CASE_PRIORITY_HIGH);
    AddPart(r.body, "js.office", v1::ASSIGNMENT_ROLE_ASSISTANT);
    r.body.mutable_assignments()->rbegin()->set_team_id("js.help");
  });
  Put(3, [](CaseRecord& r) { r.body.set_priority(v1::CASE_PRIORITY_NORMAL); });
  EXPECT_THAT(Find([](Request& r) { r.set_at_least_priority(v1::CASE_PRIORITY_HIGH); }),
              UnorderedElementsAre("issue-1", "issue-2"));
  EXPECT_THAT(Find([](Request& r) { r.set_at_least_priority(v1::CASE_PRIORITY_URGENT); }),
              ElementsAre("issue-1"));
  EXPECT_EQ(ReasonOf([](Request& r) { r.set_team_id("js.help"); }), "TEAM_UNKNOWN");
  feed::v1::DirectoryChanged change;
  directory::v1::Team& team = *change.add_teams();
  team.set_team_id("js.help");
  team.set_org_unit_id("js");
  team.set_department_id("js.office");
  directory_ = directory_->With(change, 2).value();
  EXPECT_THAT(Find([](Request& r) { r.set_team_id("js.help"); }), ElementsAre("issue-2"));
  EXPECT_EQ(ReasonOf([](Request& r) {
              r.set_team_id("js.help");
              r.set_department_id("js.fire");
            }),
            "TEAM_OF_ANOTHER_DEPARTMENT");
}

TEST_F(CaseListTest, DepartmentThatLostItsPartNoLongerHasTheCase) {
  Put(1, [](CaseRecord& r) { AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER); });
  CaseRecord after = NumberedCase(1);
  AddPart(after.body, "js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER, /*ended=*/true);
  after.body.set_sequence(2);
  PutAll({after});
  EXPECT_THAT(Find([](Request& r) { r.set_department_id("js.fire"); }), IsEmpty());
}

TEST_F(CaseListTest, OnlyTheLeadHasItToAccept) {
  Put(1, [](CaseRecord& r) {
    r.body.set_state(v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
    AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER);
  });
  const auto to_accept = [this](const char* department) {
    return Find([department](Request& r) {
      r.set_department_id(department);
      r.add_tabs(v1::CASE_TAB_TO_ACCEPT);
    });
  };
  EXPECT_THAT(to_accept("js.planning"), ElementsAre("issue-1"));
  EXPECT_THAT(to_accept("js.fire"), IsEmpty());
  EXPECT_THAT(InTab(v1::CASE_TAB_TO_ACCEPT), ElementsAre("issue-1"));
}

TEST_F(CaseListTest, RolesWithoutADepartmentOrTooManyAreRefused) {
  EXPECT_EQ(ReasonOf([](Request& r) { r.set_department_id("none"); }), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(ReasonOf([](Request& r) { r.add_department_roles(v1::ASSIGNMENT_ROLE_LEAD); }),
            "DEPARTMENT_REQUIRED");
  const auto with_roles = [](int count) {
    return [count](Request& r) {
      r.set_department_id("js.fire");
      for (int i = 0; i < count; ++i) r.add_department_roles(v1::ASSIGNMENT_ROLE_LEAD);
    };
  };
  EXPECT_TRUE(Read(with_roles(4)).ok());
  EXPECT_EQ(ReasonOf(with_roles(5)), "TOO_MANY");
}

// ---- Deadlines ----

class DueTest : public CaseListTest {
 protected:
  std::vector<std::string> Within(int days) {
    return Find([days](Request& r) { r.set_due_within_working_days(days); });
  }
};

TEST_F(DueTest, DueWithinCountsWorkingDaysAcrossTheHolidays) {
  Put(1, [](CaseRecord& r) { DueAt(r, "2024-09-30 17:00"); });
  Put(2, [](CaseRecord& r) { DueAt(r, "2024-10-08 17:00"); });  // the first working day after the seven
  Put(3, [](CaseRecord& r) { DueAt(r, "2024-10-10 17:00"); });
  Put(4, [](CaseRecord& r) { DueAt(r, "2024-10-11 17:00"); });
  EXPECT_THAT(Within(0), ElementsAre("issue-1"));
  EXPECT_THAT(Within(1), UnorderedElementsAre("issue-1", "issue-2"));
  EXPECT_THAT(Within(2), UnorderedElementsAre("issue-1", "issue-2"));
  EXPECT_THAT(Within(3), UnorderedElementsAre("issue-1", "issue-2", "issue-3"));
  EXPECT_THAT(InTab(v1::CASE_TAB_DUE_SOON), UnorderedElementsAre("issue-1", "issue-2", "issue-3"));
  // Without the holidays' notice the same days are counted as weekdays.
  directory_ = std::make_shared<const Directory>();
  EXPECT_THAT(Within(6), UnorderedElementsAre("issue-1", "issue-2"));
}

TEST_F(DueTest, MidnightBelongsToTheDayThatItEnds) {
  Put(1, [](CaseRecord& r) { DueAt(r, "2024-10-09 00:00"); });
  Put(2, [](CaseRecord& r) {
    *r.facts.mutable_handling_due_at() = TimestampMessage(At("2024-10-09 00:00") + absl::Microseconds(1));
  });
  EXPECT_THAT(Within(1), ElementsAre("issue-1"));
  EXPECT_THAT(Within(2), UnorderedElementsAre("issue-1", "issue-2"));
}

TEST_F(DueTest, WhatIsOverdueIsNotDueSoonAndTheDeadlineItselfIsInTime) {
  Put(1, [](CaseRecord& r) { DueAt(r, "2024-09-30 10:00"); });
  Put(2, [](CaseRecord& r) {
    *r.facts.mutable_handling_due_at() = TimestampMessage(kListedAt - absl::Microseconds(1));
  });
  Put(3, [](CaseRecord& r) { r.facts.clear_handling_due_at(); });  // its clock is paused
  Put(4, [](CaseRecord& r) {
    DueAt(r, "2024-09-20 17:00");
    Close(r, "2024-09-29 10:00");
  });
  EXPECT_THAT(Within(0), ElementsAre("issue-1"));
  EXPECT_THAT(InTab(v1::CASE_TAB_OVERDUE), ElementsAre("issue-2"));
  now_ += absl::Microseconds(1);
  EXPECT_THAT(Within(0), IsEmpty());
  EXPECT_THAT(InTab(v1::CASE_TAB_OVERDUE), UnorderedElementsAre("issue-1", "issue-2"));
}

TEST_F(DueTest, WorkingDaysHaveBounds) {
  const auto days = [](int count) { return [count](Request& r) { r.set_due_within_working_days(count); }; };
  EXPECT_TRUE(Read(days(250)).ok());
  EXPECT_EQ(ReasonOf(days(251)), "OUT_OF_RANGE");
  EXPECT_EQ(ReasonOf(days(-1)), "OUT_OF_RANGE");
}

// ---- The other filters, and the tabs ----

TEST_F(CaseListTest, TextIsFoundInTitleNumberAndEnterpriseWhateverItsWidthAndCase) {
  Put(1, [](CaseRecord& r) { r.body.mutable_issue()->set_title("ＥＲＰ系统100%无法_登录"); });
  Put(2, [](CaseRecord& r) { r.body.mutable_issue()->mutable_enterprise()->set_name("Erp 软件公司"); });
  Put(33);
  const auto with = [this](const char* text) { return Find([text](Request& r) { r.set_text(text); }); };
  EXPECT_THAT(with("erp"), UnorderedElementsAre("issue-1", "issue-2"));
  EXPECT_THAT(with("ISSUE-3"), ElementsAre("issue-33"));
  EXPECT_THAT(with("变更用途"), UnorderedElementsAre("issue-2", "issue-33"));
  // Nothing in it is a wildcard.
  EXPECT_THAT(with("0%无"), ElementsAre("issue-1"));
  EXPECT_THAT(with("0_无"), IsEmpty());
  EXPECT_THAT(with("%"), ElementsAre("issue-1"));
}

TEST_F(CaseListTest, ACorrectedTitleIsFoundAndTheFormerOneIsNot) {
  Put(1);
  CaseRecord after = NumberedCase(1);
  after.body.mutable_issue()->set_title("消防验收");
  after.body.set_sequence(2);
  PutAll({after});
  EXPECT_THAT(Find([](Request& r) { r.set_text("消防"); }), ElementsAre("issue-1"));
  EXPECT_THAT(Find([](Request& r) { r.set_text("用途"); }), IsEmpty());
}

TEST_F(CaseListTest, EnterpriseGreenChannelTaskForceAndProjectNarrow) {
  Put(1, [](CaseRecord& r) { r.body.mutable_issue()->mutable_enterprise()->set_uscc("914403001922038216"); });
  Put(2, [](CaseRecord& r) { r.body.set_green_channel(true); });
  const Uuid task_force = Uuid::NewV7(kListedAt);
  ASSERT_TRUE(
      connection()
          .Execute("INSERT INTO task_forces (task_force_id, name, sequence, org_unit_id, project, state, "
                   "summary, body) VALUES (?, '芯片园专班', 1, 'js', '芯片园', 2, '', '')",
                   {task_force})
          .ok());
  Put(3, [&](CaseRecord& r) {
    r.body.set_task_force("芯片园专班");
    r.body.set_task_force_id(task_force.ToString());
  });
  Put(4, [](CaseRecord& r) { r.body.mutable_issue()->set_project("芯片园"); });
  EXPECT_THAT(Find([](Request& r) { r.set_enterprise_uscc(" ９１4403001922038216"); }),
              ElementsAre("issue-1"));
  EXPECT_EQ(ReasonOf([](Request& r) { r.set_enterprise_uscc("914403001922038217"); }),
            "USCC_WRONG_CHECK_CHARACTER");
  EXPECT_THAT(Find([](Request& r) { r.set_green_channel(true); }), ElementsAre("issue-2"));
  EXPECT_THAT(InTab(v1::CASE_TAB_GREEN_CHANNEL), ElementsAre("issue-2"));
  EXPECT_THAT(Find([](Request& r) { r.set_task_force("芯片园专班"); }), ElementsAre("issue-3"));
  EXPECT_THAT(Find([](Request& r) { r.set_project("芯片园"); }), ElementsAre("issue-4"));
}

TEST_F(CaseListTest, TabsCombineAndTheirTextsHaveBounds) {
  Put(1, [](CaseRecord& r) {
    *r.facts.add_escalated_on() = DateMessage(absl::CivilDay(2024, 9, 5));
    DueAt(r, "2024-09-20 17:00");
  });
  Put(2, [](CaseRecord& r) { DueAt(r, "2024-09-20 17:00"); });
  Put(3, [](CaseRecord& r) { *r.facts.add_escalated_on() = DateMessage(absl::CivilDay(2024, 9, 5)); });
  Put(4, [](CaseRecord& r) {
    *r.facts.add_escalated_on() = DateMessage(absl::CivilDay(2024, 9, 5));
    Close(r, "2024-09-06 10:00");
  });
  EXPECT_THAT(InTab(v1::CASE_TAB_ESCALATED), UnorderedElementsAre("issue-1", "issue-3"));
  EXPECT_THAT(Find([](Request& r) {
                r.add_tabs(v1::CASE_TAB_ESCALATED);
                r.add_tabs(v1::CASE_TAB_OVERDUE);
              }),
              ElementsAre("issue-1"));
  EXPECT_THAT(Find([](Request& r) {
                r.add_tabs(v1::CASE_TAB_IN_PROGRESS);
                r.add_tabs(v1::CASE_TAB_AWAITING_CALL_BACK);
              }),
              IsEmpty());
  const auto tabs = [](int count) {
    return [count](Request& r) {
      for (int i = 0; i < count; ++i) r.add_tabs(v1::CASE_TAB_OPEN);
    };
  };
  EXPECT_TRUE(Read(tabs(9)).ok());
  EXPECT_EQ(ReasonOf(tabs(10)), "TOO_MANY");
  EXPECT_EQ(ReasonOf([](Request& r) { r.add_tabs(v1::CASE_TAB_UNSPECIFIED); }), "TAB_UNKNOWN");
  EXPECT_EQ(ReasonOf([](Request& r) { r.add_tabs(static_cast<v1::CaseTab>(77)); }), "TAB_UNKNOWN");
  EXPECT_EQ(ReasonOf([](Request& r) { r.set_order(static_cast<v1::CaseOrder>(77)); }), "ORDER_UNKNOWN");
}

std::string Characters(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "园";
  return text;
}

TEST_F(CaseListTest, TextsMayBeAsLongAsWhatTheyAreComparedWith) {
  EXPECT_TRUE(Read([](Request& r) { r.set_text(Characters(100)); }).ok());
  EXPECT_EQ(ReasonOf([](Request& r) { r.set_text(Characters(101)); }), "TEXT_TOO_LONG");
  EXPECT_TRUE(Read([](Request& r) { r.set_task_force(Characters(100)); }).ok());
  EXPECT_EQ(ReasonOf([](Request& r) { r.set_task_force(Characters(101)); }), "TEXT_TOO_LONG");
  EXPECT_TRUE(Read([](Request& r) { r.set_project(Characters(200)); }).ok());
  EXPECT_EQ(ReasonOf([](Request& r) { r.set_project(Characters(201)); }), "TEXT_TOO_LONG");
  // And what is as long as intake and the actions let it be can be stored.
  Put(1, [](CaseRecord& r) {
    r.body.mutable_issue()->set_title(Characters(200));
    r.body.mutable_issue()->set_project(Characters(200));
    r.body.mutable_issue()->mutable_enterprise()->set_name(Characters(200));
    r.body.set_task_force(Characters(100));
  });
  EXPECT_THAT(Find([](Request& r) { r.set_project(Characters(200)); }), ElementsAre("issue-1"));
}

}  // namespace
}  // namespace zhuqi::routing
