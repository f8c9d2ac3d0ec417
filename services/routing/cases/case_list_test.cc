// Lists and counts of cases on a real database: what each filter and tab means, that pages of every order
// hold each case once, and which index the open ones are read from.
#include "services/routing/cases/case_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/testing/test_database.h"
#include "routing_schema.h"
#include "services/routing/cases/case_list_store.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Request = v1::ListCasesRequest;

// Monday, the last working day before the seven holidays.
const absl::Time kNow = At("2024-09-30 10:00");

std::string CaseId(int number) { return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number); }
std::string IssueId(int number) { return absl::StrCat("018f4a10-0000-7000-9000-", 100000000000 + number); }

void AddPart(v1::Case& body, const std::string& department, v1::AssignmentRole role, bool ended = false) {
  v1::Assignment& part = *body.add_assignments();
  part.set_department_id(department);
  part.set_role(role);
  *part.mutable_since() = body.received_at();
  if (ended) *part.mutable_until() = TimestampMessage(kNow);
}

// Case "issue-<number>" of js, led by js.planning, in progress, due in a month.
CaseRecord NumberedCase(int number) {
  CaseRecord record;
  v1::Case& body = record.body;
  body.set_case_id(CaseId(number));
  body.set_issue_record_id(IssueId(number));
  body.mutable_issue_key()->set_source_system("js-system");
  body.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
  body.set_org_unit_id("js");
  body.set_owner_org_unit_id("js");
  body.set_lead_department_id("js.planning");
  body.mutable_issue()->set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  body.mutable_issue()->set_category_id("land");
  body.mutable_issue()->set_title("地下空间变更用途");
  body.set_state(v1::PROCESS_STATE_IN_PROGRESS);
  body.set_sequence(1);
  *body.mutable_received_at() = TimestampMessage(At("2024-09-01 09:00"));
  AddPart(body, "js.planning", v1::ASSIGNMENT_ROLE_LEAD);
  record.facts.set_lead_function("planning");
  *record.facts.mutable_handling_due_at() = TimestampMessage(At("2024-10-30 17:00"));
  record.latest_at = At("2024-09-01 09:00");
  record.partition = 1;
  return record;
}

void Close(CaseRecord& record, absl::string_view at) {
  record.body.set_state(v1::PROCESS_STATE_CLOSED);
  record.body.set_outcome(v1::OUTCOME_RESOLVED);
  *record.body.mutable_closed_at() = TimestampMessage(At(at));
}

class CaseListTest : public ::testing::Test {
 protected:
  CaseListTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(2));
    lease_.emplace(*pool_->Acquire(absl::InfiniteFuture()));
  }

  db::Connection& connection() { return **lease_; }

  // Writes case `number` with one entry of its history, recorded at `recorded_at`.
  void Put(
      int number, const std::function<void(CaseRecord&)>& change = [](CaseRecord&) {},
      absl::Time recorded_at = kNow) {
    PutAll({NumberedWith(number, change)}, recorded_at);
  }
  static CaseRecord NumberedWith(int number, const std::function<void(CaseRecord&)>& change) {
    CaseRecord record = NumberedCase(number);
    change(record);
    return record;
  }
  void PutAll(const std::vector<CaseRecord>& records, absl::Time recorded_at = kNow) {
    CaseMap cases;
    std::vector<std::pair<Uuid, v1::CaseEvent>> events;
    for (const CaseRecord& record : records) {
      const Uuid id = *Uuid::Parse(record.body.case_id());
      v1::CaseEvent event;
      event.set_sequence(record.body.sequence());
      *event.mutable_recorded_at() = TimestampMessage(recorded_at);
      events.emplace_back(id, event);
      cases.emplace(id, record);
    }
    ASSERT_EQ(WriteCases(connection(), cases, events), absl::OkStatus());
  }

  absl::StatusOr<CaseList> Read(const std::function<void(Request&)>& fill) {
    Request request;
    fill(request);
    return ReadListRequest(request, *directory_, now_);
  }
  std::string ReasonOf(const std::function<void(Request&)>& fill) {
    return rpc::ReasonOf(Read(fill).status());
  }

  // External ids in the order of the list, which CountCases must agree with.
  std::vector<std::string> Find(const std::function<void(Request&)>& fill) {
    const auto list = Read(fill);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> found;
    if (!list.ok()) return found;
    const auto cases = SelectCases(connection(), list->filter, list->order, std::nullopt, 1000);
    EXPECT_TRUE(cases.ok()) << cases.status();
    for (const ListedCase& each : *cases) found.push_back(each.record.body.issue_key().external_id());
    EXPECT_EQ(CountCases(connection(), list->filter).value(), static_cast<int64_t>(found.size()));
    return found;
  }
  std::vector<std::string> InTab(v1::CaseTab tab) {
    return Find([tab](Request& r) { r.add_tabs(tab); });
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<db::Pool> pool_;
  std::optional<db::Lease> lease_;
  std::shared_ptr<const Directory> directory_ = testing::City();
  absl::Time now_ = kNow;
};

void DueAt(CaseRecord& record, absl::string_view at) {
  *record.facts.mutable_handling_due_at() = TimestampMessage(At(at));
}

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
    *r.facts.mutable_handling_due_at() = TimestampMessage(kNow - absl::Microseconds(1));
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
  const Uuid task_force = Uuid::NewV7(kNow);
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

TEST_F(CaseListTest, ClosedThisMonthIsTheMonthOfTheCallInTheCity) {
  Put(1, [](CaseRecord& r) { Close(r, "2024-08-31 23:59"); });
  Put(2, [](CaseRecord& r) { Close(r, "2024-09-01 00:00"); });
  Put(3, [](CaseRecord& r) {
    Close(r, "2024-09-02 10:00");
    r.body.set_outcome(v1::OUTCOME_WITHDRAWN);
  });
  Put(4);
  EXPECT_THAT(InTab(v1::CASE_TAB_CLOSED_THIS_MONTH), ElementsAre("issue-2"));
  now_ = At("2024-10-01 00:00");
  EXPECT_THAT(InTab(v1::CASE_TAB_CLOSED_THIS_MONTH), IsEmpty());
}

TEST_F(CaseListTest, EveryTabOfAScopeIsCountedAsItIsListed) {
  for (int i = 0; i < 12; ++i) {
    Put(i, [i](CaseRecord& r) {
      r.body.set_state(static_cast<v1::ProcessState>(1 + i % 3));
      if (i % 4 == 0) DueAt(r, "2024-09-20 17:00");
      if (i % 4 == 1) DueAt(r, "2024-10-08 17:00");
      if (i % 5 == 0) *r.facts.add_escalated_on() = DateMessage(absl::CivilDay(2024, 9, 5));
      r.body.set_green_channel(i % 6 == 0);
      if (i >= 10) Close(r, "2024-09-10 10:00");
      if (i % 2 == 0) r.body.set_org_unit_id("js-t");
      if (i % 3 == 0) r.body.set_owner_org_unit_id("zz");
      if (i % 2 == 1) AddPart(r.body, "js.fire", v1::ASSIGNMENT_ROLE_CO_HANDLER);
    });
  }
  using Count = v1::CountCasesRequest;
  const std::vector<std::pair<std::function<void(Count&)>, std::function<void(Request&)>>> scopes = {
      {[](Count& c) { c.set_org_unit_id("zz"); }, [](Request& r) { r.set_org_unit_id("zz"); }},
      {[](Count& c) { c.set_org_unit_id("js"); }, [](Request& r) { r.set_org_unit_id("js"); }},
      {[](Count& c) { c.set_org_unit_id("js-t"); }, [](Request& r) { r.set_org_unit_id("js-t"); }},
      {[](Count& c) { c.set_owner_org_unit_id("zz"); }, [](Request& r) { r.set_owner_org_unit_id("zz"); }},
      {[](Count& c) { c.set_department_id("js.fire"); }, [](Request& r) { r.set_department_id("js.fire"); }},
      {[](Count& c) { c.set_department_id("js.planning"); },
       [](Request& r) { r.set_department_id("js.planning"); }}};
  for (const auto& [count, list] : scopes) {
    Count request;
    count(request);
    const auto tabs = ReadCountRequest(request, *directory_, now_);
    ASSERT_TRUE(tabs.ok()) << tabs.status();
    EXPECT_EQ(tabs->size(), static_cast<size_t>(v1::CaseTab_ARRAYSIZE) - 1);
    for (const TabList& tab : *tabs) {
      const auto found = Find([&](Request& r) {
        list(r);
        r.add_tabs(tab.tab);
      });
      EXPECT_EQ(CountCases(connection(), tab.filter, 1000).value(), static_cast<int64_t>(found.size()))
          << request.ShortDebugString() << v1::CaseTab_Name(tab.tab);
    }
  }
  EXPECT_EQ(InTab(v1::CASE_TAB_OPEN).size(), 10u);
  EXPECT_EQ(InTab(v1::CASE_TAB_OVERDUE).size(), 3u);
  EXPECT_EQ(InTab(v1::CASE_TAB_DUE_SOON).size(), 3u);
}

TEST_F(CaseListTest, CountingEndsAtItsBound) {
  for (int i = 0; i < 4; ++i) Put(i);
  const CaseFilter all;
  EXPECT_EQ(CountCases(connection(), all, 3).value(), 3);
  EXPECT_EQ(CountCases(connection(), all, 4).value(), 4);
  EXPECT_EQ(CountCases(connection(), all, 5).value(), 4);
  EXPECT_EQ(rpc::ReasonOf(ReadCountRequest({}, *directory_, now_).status()), "SCOPE_REQUIRED");
}

// ---- Orders ----

class OrderTest : public CaseListTest, public ::testing::WithParamInterface<v1::CaseOrder> {
 protected:
  // What the order sorts by, of case `number`.
  absl::Time KeyOf(const CaseRecord& record, int number) const {
    switch (GetParam()) {
      case v1::CASE_ORDER_HANDLING_DEADLINE:
        return record.facts.has_handling_due_at() ? TimeFrom(record.facts.handling_due_at())
                                                  : absl::InfiniteFuture();
      case v1::CASE_ORDER_LAST_CHANGED:
        return Recorded(number);
      default:
        return TimeFrom(record.body.received_at());
    }
  }
  static absl::Time Recorded(int number) { return kNow - absl::Minutes(number * 7 % 11); }
};

TEST_P(OrderTest, PagesHoldEveryCaseOnceAndInOrder) {
  std::vector<std::pair<absl::Time, std::string>> expected;
  for (int i = 0; i < 23; ++i) {
    const CaseRecord record = NumberedWith(i, [i](CaseRecord& r) {
      *r.body.mutable_received_at() = TimestampMessage(At("2024-09-01 09:00") + absl::Hours(i * 5 % 7));
      *r.facts.mutable_handling_due_at() = TimestampMessage(At("2024-10-01 09:00") + absl::Hours(i * 3 % 8));
      if (i % 6 == 0) r.facts.clear_handling_due_at();
    });
    PutAll({record}, Recorded(i));
    expected.emplace_back(KeyOf(record, i), record.body.case_id());
  }
  const bool descending =
      GetParam() != v1::CASE_ORDER_HANDLING_DEADLINE && GetParam() != v1::CASE_ORDER_LONGEST_OPEN;
  std::sort(expected.begin(), expected.end(), [descending](const auto& left, const auto& right) {
    if (left.first != right.first) return descending ? left.first > right.first : left.first < right.first;
    return left.second < right.second;
  });
  Request request;
  request.set_order(GetParam());
  request.set_page_size(4);
  request.add_tabs(v1::CASE_TAB_OPEN);
  std::vector<std::string> seen;
  do {
    const auto list = ReadListRequest(request, *directory_, now_);
    ASSERT_TRUE(list.ok()) << list.status();
    const auto page = SelectCases(connection(), list->filter, list->order, list->after, list->page_size);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const ListedCase& each : *page) seen.push_back(each.record.body.case_id());
    request.set_page_token(page->empty() ? "" : NextPageToken(*list, page->back().place));
  } while (!request.page_token().empty());
  ASSERT_EQ(seen.size(), expected.size());
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], expected[i].second) << i;
}

INSTANTIATE_TEST_SUITE_P(Each, OrderTest,
                         ::testing::Values(v1::CASE_ORDER_UNSPECIFIED, v1::CASE_ORDER_NEWEST,
                                           v1::CASE_ORDER_HANDLING_DEADLINE, v1::CASE_ORDER_LONGEST_OPEN,
                                           v1::CASE_ORDER_LAST_CHANGED),
                         [](const auto& order) { return v1::CaseOrder_Name(order.param); });

TEST_F(CaseListTest, TokenBelongsToItsFilterAndOrder) {
  const auto list = Read([](Request& r) { r.set_order(v1::CASE_ORDER_LONGEST_OPEN); });
  ASSERT_TRUE(list.ok());
  const std::string token = NextPageToken(*list, ListPlace{kNow, *Uuid::Parse(CaseId(1))});
  EXPECT_TRUE(Read([&](Request& r) {
                r.set_order(v1::CASE_ORDER_LONGEST_OPEN);
                r.set_page_token(token);
              }).ok());
  EXPECT_EQ(ReasonOf([&](Request& r) { r.set_page_token(token); }), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf([&](Request& r) {
              r.set_order(v1::CASE_ORDER_LONGEST_OPEN);
              r.add_tabs(v1::CASE_TAB_OPEN);
              r.set_page_token(token);
            }),
            "PAGE_TOKEN_INVALID");
}

// ---- Query plans ----

// A table with far more closed cases than open ones.
class PlanTest : public CaseListTest {
 protected:
  PlanTest() {
    std::vector<CaseRecord> records;
    for (int i = 0; i < 3000; ++i) {
      records.push_back(NumberedWith(i, [i](CaseRecord& r) {
        *r.body.mutable_received_at() = TimestampMessage(At("2024-01-01 09:00") + absl::Hours(i));
        DueAt(r, i % 100 == 0 ? "2024-09-20 17:00" : "2024-10-30 17:00");
        if (i % 20 != 0) Close(r, "2024-09-10 10:00");
        if (i % 3 == 0) r.body.set_org_unit_id("zm");
      }));
    }
    PutAll(records);
    EXPECT_TRUE(connection()
                    .Query("ANALYZE TABLE cases, case_parts", {}, [](db::Row&) { return absl::OkStatus(); })
                    .ok());
  }

  struct Plan {
    std::string key;
    int64_t rows = 0;
  };
  // How table `alias` is read; of several of that name, the innermost.
  Plan PlanOf(const ListStatement& statement, const std::string& alias) {
    Plan plan;
    EXPECT_EQ(connection().Query("EXPLAIN " + statement.sql, statement.values,
                                 [&](db::Row& row) {
                                   if (row.OptionalText(2) != alias) return absl::OkStatus();
                                   plan.key = row.OptionalText(5).value_or("none");
                                   EXPECT_TRUE(absl::SimpleAtoi(row.Text(8), &plan.rows));
                                   return absl::OkStatus();
                                 }),
              absl::OkStatus());
    return plan;
  }
  Plan CountPlan(const std::function<void(Request&)>& fill, const std::string& alias = "c") {
    return PlanOf(CountStatement(Read(fill)->filter, 10001), alias);
  }
};

TEST_F(PlanTest, OpenCasesAreCountedFromAnIndexThatHoldsThemAlone) {
  const auto tab = [](v1::CaseTab wanted) { return [wanted](Request& r) { r.add_tabs(wanted); }; };
  const auto in = [](const char* unit, v1::CaseTab wanted) {
    return [unit, wanted](Request& r) {
      r.set_org_unit_id(unit);
      r.add_tabs(wanted);
    };
  };
  EXPECT_EQ(CountPlan(tab(v1::CASE_TAB_OPEN)).key, "by_closing");
  EXPECT_LE(CountPlan(tab(v1::CASE_TAB_OPEN)).rows, 300);  // of 3,000, of which 150 are open
  EXPECT_EQ(CountPlan(in("js", v1::CASE_TAB_IN_PROGRESS)).key, "by_closing");
  EXPECT_LE(CountPlan(in("js", v1::CASE_TAB_IN_PROGRESS)).rows, 200);
  EXPECT_EQ(CountPlan(in("js", v1::CASE_TAB_ESCALATED)).key, "by_closing");
  EXPECT_EQ(CountPlan([](Request& r) {
              r.set_owner_org_unit_id("js");
              r.add_tabs(v1::CASE_TAB_TO_ACCEPT);
            }).key,
            "by_owner");
}

TEST_F(PlanTest, WhatIsOverdueIsReadWithoutWhatIsNot) {
  const auto plan = CountPlan([](Request& r) { r.add_tabs(v1::CASE_TAB_OVERDUE); });
  EXPECT_EQ(plan.key, "by_deadline");
  EXPECT_LE(plan.rows, 60);  // 30 of 150
  const CaseFilter open = Read([](Request& r) { r.add_tabs(v1::CASE_TAB_OPEN); })->filter;
  EXPECT_EQ(PlanOf(SelectStatement(open, v1::CASE_ORDER_HANDLING_DEADLINE, std::nullopt, 51), "c").key,
            "by_deadline");
}

TEST_F(PlanTest, DepartmentsOpenCasesAreAStretchOfTheirIndex) {
  const auto parts = [](Request& r) {
    r.set_department_id("js.planning");
    r.add_tabs(v1::CASE_TAB_OPEN);
  };
  EXPECT_EQ(CountPlan(parts, "p").key, "by_department");
  EXPECT_LE(CountPlan(parts, "p").rows, 300);
  EXPECT_EQ(CountPlan(parts, "c").key, "PRIMARY");
}

TEST_F(PlanTest, NewestAndLastChangedOfAllAreReadInTheOrderOfTheirIndex) {
  const CaseFilter all = Read([](Request&) {})->filter;
  EXPECT_EQ(PlanOf(SelectStatement(all, v1::CASE_ORDER_NEWEST, std::nullopt, 51), "c").key, "by_receipt");
  EXPECT_EQ(PlanOf(SelectStatement(all, v1::CASE_ORDER_LAST_CHANGED, std::nullopt, 51), "c").key,
            "by_change");
  const CaseFilter enterprise = Read([](Request& r) { r.set_enterprise_uscc("914403001922038216"); })->filter;
  EXPECT_EQ(PlanOf(SelectStatement(enterprise, v1::CASE_ORDER_NEWEST, std::nullopt, 51), "c").key,
            "by_enterprise");
}

}  // namespace
}  // namespace zhuqi::routing
