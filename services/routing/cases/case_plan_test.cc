// How lists are read: which index, and which ones look through many cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/numbers.h"
#include "services/routing/cases/test_lists.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::CaseListTest;
using testing::Close;
using testing::DueAt;
using Request = testing::ListRequest;

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

TEST_F(PlanTest, WhatAnOwnerClosedThisMonthIsReadWithoutWhatTheCityDid) {
  const auto closed_by = [](const char* owner) {
    return [owner](Request& r) {
      r.set_owner_org_unit_id(owner);
      r.add_tabs(v1::CASE_TAB_CLOSED_THIS_MONTH);
    };
  };
  EXPECT_EQ(CountPlan(closed_by("zz")).key, "by_owner_closing");
  EXPECT_LE(CountPlan(closed_by("zz")).rows, 10);  // of 2,850, all of which js closed
}

// Every order with every filter: from an index, or among the lists that are read beside the others.
TEST_F(PlanTest, ListsThatNoIndexNarrowsAreKnownAsWide) {
  const std::pair<const char*, std::function<void(Request&)>> filters[] = {
      {"all", [](Request&) {}},
      {"city", [](Request& r) { r.set_org_unit_id("zz"); }},
      {"district", [](Request& r) { r.set_org_unit_id("js"); }},
      {"township", [](Request& r) { r.set_org_unit_id("js-t"); }},
      {"owner", [](Request& r) { r.set_owner_org_unit_id("js"); }},
      {"lead", [](Request& r) { r.set_lead_department_id("js.planning"); }},
      {"department", [](Request& r) { r.set_department_id("js.planning"); }},
      {"enterprise", [](Request& r) { r.set_enterprise_uscc("914403001922038216"); }},
      {"closed",
       [](Request& r) { *r.mutable_closed()->mutable_first() = DateMessage(absl::CivilDay(2024, 9, 1)); }},
      {"due",
       [](Request& r) { *r.mutable_due()->mutable_first() = DateMessage(absl::CivilDay(2024, 9, 1)); }},
      {"open", [](Request& r) { r.add_tabs(v1::CASE_TAB_OPEN); }},
      {"overdue", [](Request& r) { r.add_tabs(v1::CASE_TAB_OVERDUE); }},
      {"text", [](Request& r) { r.set_text("消防"); }},
      {"task force", [](Request& r) { r.set_task_force("芯片园专班"); }},
      {"project", [](Request& r) { r.set_project("芯片园"); }},
      {"category", [](Request& r) { r.set_category_id("land"); }}};
  for (int order = 1; order < v1::CaseOrder_ARRAYSIZE; ++order) {
    for (const auto& [name, fill] : filters) {
      const auto list = Read([&, order](Request& r) {
        fill(r);
        r.set_order(static_cast<v1::CaseOrder>(order));
      });
      ASSERT_TRUE(list.ok()) << list.status();
      const Plan plan = PlanOf(SelectStatement(list->filter, list->order, std::nullopt, 51), "c");
      EXPECT_TRUE(plan.key != "none" || ReadsWidely(list->filter, list->order, false))
          << name << " " << v1::CaseOrder_Name(list->order) << " " << plan.rows;
    }
  }
}

TEST_F(CaseListTest, WideIsWhatLooksThroughManyAndIsNarrowedByNothing) {
  const auto wide = [this](const std::function<void(Request&)>& fill, bool count = false) {
    const auto list = Read(fill);
    EXPECT_TRUE(list.ok()) << list.status();
    return ReadsWidely(list->filter, list->order, count);
  };
  EXPECT_FALSE(wide([](Request&) {}));
  EXPECT_TRUE(wide([](Request&) {}, true));
  EXPECT_TRUE(wide([](Request& r) { r.set_text("消防"); }));
  EXPECT_TRUE(wide([](Request& r) { r.set_project("芯片园"); }));
  EXPECT_TRUE(wide([](Request& r) { r.set_at_least_priority(v1::CASE_PRIORITY_URGENT); }));
  EXPECT_TRUE(wide(
      [](Request& r) { *r.mutable_bulletin()->mutable_first() = DateMessage(absl::CivilDay(2024, 1, 1)); }));
  // Few cases are read first, and what else is asked thins those out.
  EXPECT_FALSE(wide([](Request& r) { r.set_task_force("芯片园专班"); }));
  EXPECT_FALSE(wide([](Request& r) { r.set_special(true); }));
  EXPECT_FALSE(wide([](Request& r) {
    r.set_text("消防");
    r.set_parent_case_id(testing::CaseId(1));
  }));
  EXPECT_TRUE(wide([](Request& r) {
    r.set_text("消防");
    r.add_tabs(v1::CASE_TAB_OPEN);
  }));
  EXPECT_TRUE(wide([](Request& r) { r.set_order(v1::CASE_ORDER_HANDLING_DEADLINE); }));
  EXPECT_FALSE(wide([](Request& r) {
    r.set_order(v1::CASE_ORDER_HANDLING_DEADLINE);
    r.add_tabs(v1::CASE_TAB_OPEN);
  }));
  const auto text_in = [](const std::function<void(Request&)>& fill) {
    return [fill](Request& r) {
      r.set_text("消防");
      fill(r);
    };
  };
  EXPECT_FALSE(wide(text_in([](Request& r) { r.set_department_id("js.fire"); }), true));
  EXPECT_FALSE(wide(text_in([](Request& r) { r.set_enterprise_uscc("914403001922038216"); })));
  EXPECT_FALSE(wide(text_in([](Request& r) { r.add_tabs(v1::CASE_TAB_OVERDUE); })));
  EXPECT_FALSE(wide(text_in([](Request& r) {
    r.set_owner_org_unit_id("js");
    r.add_tabs(v1::CASE_TAB_OPEN);
  })));
  EXPECT_TRUE(wide(text_in([](Request& r) { r.set_owner_org_unit_id("js"); })));
  const auto closed = [](int days) {
    return [days](Request& r) {
      *r.mutable_closed()->mutable_first() = DateMessage(absl::CivilDay(2024, 9, 1));
      *r.mutable_closed()->mutable_last() = DateMessage(absl::CivilDay(2024, 9, 1) + days - 1);
    };
  };
  EXPECT_FALSE(wide(text_in(closed(31))));
  EXPECT_TRUE(wide(text_in(closed(32))));
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
