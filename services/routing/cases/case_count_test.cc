// Tabs of work lists: each counts what is listed with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "services/routing/cases/test_lists.h"

namespace zhuqi::routing {
namespace {

using testing::AddPart;
using testing::At;
using testing::CaseListTest;
using testing::Close;
using testing::DueAt;
using Request = testing::ListRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace zhuqi::routing
