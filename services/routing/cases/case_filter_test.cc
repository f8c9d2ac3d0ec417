// Lists of cases through the service: pages, filters, and what they can not mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/testing.h"
#include "services/routing/testing/routing_fixture.h"

namespace zhuqi::routing {
namespace {

using testing::Accept;
using testing::Action;
using testing::At;
using ::testing::ElementsAre;
using testing::NumberedIssue;
using testing::RecordMessage;
using ::testing::UnorderedElementsAre;

using CaseFilterTest = testing::RoutingTest;

TEST_F(CaseFilterTest, PagesHoldEveryCaseOnceNewestFirst) {
  SetUpCity();
  std::vector<feed::v1::RecordChanged> records;
  for (int i = 0; i < 25; ++i) {
    records.push_back(NumberedIssue(i));
    // Several at one instant: the identity decides between them.
    *records.back().mutable_issue()->mutable_raised_at() =
        TimestampMessage(At("2024-05-06 09:00") + absl::Minutes(i / 4));
  }
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
  v1::ListCasesRequest request;
  request.set_page_size(7);
  request.set_include_total(true);
  std::set<std::string> seen;
  absl::Time newest = absl::InfiniteFuture();
  int pages = 0;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->total(), 25);
    for (const v1::Case& each : page->cases()) {
      EXPECT_TRUE(seen.insert(each.case_id()).second);
      EXPECT_LE(TimeFrom(each.received_at()), newest);
      EXPECT_EQ(each.history_size(), 0);
      newest = TimeFrom(each.received_at());
    }
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(pages, 4);
}

TEST_F(CaseFilterTest, PagesOfLongTextsFitIntoAMessageAndNoCaseIsLost) {
  constexpr int kCases = 400;  // with 12 KB each, more than the 4 MiB that a channel receives
  SetUpCity();
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "长";
  std::vector<feed::v1::RecordChanged> records;
  for (int i = 0; i < kCases; ++i) {
    records.push_back(NumberedIssue(i));
    records.back().mutable_issue()->set_text(text);
  }
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
  v1::ListCasesRequest request;
  request.set_page_size(500);
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->ByteSizeLong(), size_t{2 << 20} + 1024);
    EXPECT_GT(page->cases_size(), 0);
    for (const v1::Case& each : page->cases()) EXPECT_TRUE(seen.insert(each.case_id()).second);
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < kCases);
  EXPECT_EQ(seen.size(), static_cast<size_t>(kCases));
  EXPECT_EQ(pages, 3);
}

TEST_F(CaseFilterTest, PageTokenOfAnotherFilterIsRefused) {
  SetUpCases(3);
  v1::ListCasesRequest request;
  request.set_page_size(1);
  request.set_page_token(replica_->List(request)->next_page_token());
  EXPECT_TRUE(replica_->List(request).ok());
  request.set_org_unit_id("js");
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_SIZE_NEGATIVE");
}

common::v1::DateSpan Days(absl::CivilDay first, absl::CivilDay last) {
  common::v1::DateSpan span;
  *span.mutable_first() = DateMessage(first);
  *span.mutable_last() = DateMessage(last);
  return span;
}

class ListFilterTest : public testing::RoutingTest {
 protected:
  // issue-0: js land, escalated, convened, resolved and closed. issue-1: zm fire (led by the city). issue-2:
  // js-t tax, a need, in progress. issue-3: js land, reached and not resolved.
  ListFilterTest() {
    SetUpCity();
    std::vector<feed::v1::RecordChanged> records;
    for (int i = 0; i < 4; ++i) records.push_back(NumberedIssue(i));
    records[1].mutable_after()->set_org_unit_id("zm");
    records[1].mutable_after()->set_category_id("fire");
    records[2].mutable_after()->set_org_unit_id("js-t");
    records[2].mutable_after()->set_category_id("tax");
    records[2].mutable_after()->set_issue_kind(intake::v1::ISSUE_KIND_NEED);
    *records[2].mutable_issue()->mutable_raised_at() = TimestampMessage(At("2024-06-03 09:00"));
    EXPECT_EQ(replica_->follower().ApplyRecords(RecordMessage(1, records), 0), absl::OkStatus());
    Do("issue-0", "2024-05-07 10:00", [](v1::CaseAction& action) { action.mutable_accept(); });
    Do("issue-0", "2024-05-08 10:00",
       [](v1::CaseAction& action) { action.mutable_escalate()->set_reason("跨级"); });
    Do("issue-0", "2024-05-09 10:00", [](v1::CaseAction& action) {
      action.mutable_convene()->add_department_ids("zz.planning");
      action.mutable_convene()->set_decision("办理");
    });
    Do("issue-0", "2024-05-10 10:00",
       [](v1::CaseAction& action) { action.mutable_resolve()->set_text("已办"); });
    Do("issue-0", "2024-05-11 10:00", [](v1::CaseAction& action) {
      action.mutable_call_back()->set_contacted(true);
      action.mutable_call_back()->set_resolved(true);
    });
    Do("issue-0", "2024-05-12 10:00", [](v1::CaseAction& action) { action.mutable_close(); });
    Do("issue-2", "2024-06-03 10:00", [](v1::CaseAction& action) { action.mutable_accept(); });
    Do("issue-3", "2024-05-07 10:00", [](v1::CaseAction& action) { action.mutable_accept(); });
    Do("issue-3", "2024-05-08 10:00",
       [](v1::CaseAction& action) { action.mutable_resolve()->set_text("已办"); });
    Do("issue-3", "2024-05-20 10:00",
       [](v1::CaseAction& action) { action.mutable_call_back()->set_contacted(true); });
  }

  void Do(const std::string& external_id, absl::string_view at,
          const std::function<void(v1::CaseAction&)>& fill) {
    v1::ActOnCaseRequest request = Action(external_id);
    *request.mutable_occurred_at() = TimestampMessage(At(at));
    fill(*request.mutable_action());
    const auto answer = replica_->Act(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
  }

  std::vector<std::string> Find(const std::function<void(v1::ListCasesRequest&)>& fill) {
    v1::ListCasesRequest request;
    fill(request);
    request.set_include_total(true);
    const auto page = replica_->List(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> found;
    if (!page.ok()) return found;
    for (const v1::Case& each : page->cases()) found.push_back(each.issue_key().external_id());
    EXPECT_EQ(page->total(), static_cast<int64_t>(found.size()));
    return found;
  }
};

TEST_F(ListFilterTest, EveryFilterFindsWhatItNames) {
  using R = v1::ListCasesRequest;
  const auto day = [](int month, int number) { return absl::CivilDay(2024, month, number); };
  EXPECT_THAT(Find([](R&) {}), UnorderedElementsAre("issue-0", "issue-1", "issue-2", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("zz"); }),
              UnorderedElementsAre("issue-0", "issue-1", "issue-2", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js"); }),
              UnorderedElementsAre("issue-0", "issue-2", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js-t"); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([](R& r) { r.set_owner_org_unit_id("zz"); }), UnorderedElementsAre("issue-0", "issue-1"));
  EXPECT_THAT(Find([](R& r) { r.set_lead_department_id("js.planning"); }), ElementsAre("issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_lead_function("planning"); }),
              UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_lead_function(""); }), ElementsAre());
  EXPECT_THAT(Find([](R& r) { r.set_state(v1::PROCESS_STATE_AWAITING_ACCEPTANCE); }), ElementsAre("issue-1"));
  EXPECT_THAT(Find([](R& r) { r.set_outcome(v1::OUTCOME_NOT_RESOLVED); }), ElementsAre("issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_issue_kind(intake::v1::ISSUE_KIND_NEED); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([](R& r) { r.set_category_id("land"); }), UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_category_id("land.change-of-use"); }),
              UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([](R& r) { r.set_exact_category_id("land"); }), ElementsAre());
  EXPECT_THAT(Find([](R& r) { r.set_exact_category_id("tax"); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([](R& r) { r.set_exact_category_id(""); }), ElementsAre());
  EXPECT_THAT(Find([&](R& r) { *r.mutable_received() = Days(day(6, 1), day(6, 30)); }),
              ElementsAre("issue-2"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_closed() = Days(day(5, 12), day(5, 12)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_resolved() = Days(day(5, 11), day(5, 11)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_resolved() = Days(day(5, 12), day(5, 12)); }), ElementsAre());
  EXPECT_THAT(Find([&](R& r) { *r.mutable_escalated() = Days(day(5, 8), day(5, 8)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_consulted() = Days(day(5, 9), day(5, 9)); }),
              ElementsAre("issue-0"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_consulted() = Days(day(5, 8), day(5, 8)); }), ElementsAre());
  EXPECT_THAT(Find([&](R& r) { *r.mutable_called_back() = Days(day(5, 1), day(5, 31)); }),
              UnorderedElementsAre("issue-0", "issue-3"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_due() = Days(day(6, 1), day(6, 30)); }), ElementsAre("issue-2"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_response_due() = Days(day(6, 3), day(6, 3)); }),
              ElementsAre("issue-2"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_open_at_end_of() = DateMessage(day(5, 11)); }),
              UnorderedElementsAre("issue-0", "issue-1", "issue-3"));
  EXPECT_THAT(Find([&](R& r) { *r.mutable_open_at_end_of() = DateMessage(day(5, 12)); }),
              UnorderedElementsAre("issue-1", "issue-3"));
  EXPECT_THAT(Find([](R& r) {
                r.set_org_unit_id("js");
                r.set_state(v1::PROCESS_STATE_IN_PROGRESS);
                r.set_outcome(v1::OUTCOME_NOT_RESOLVED);
              }),
              ElementsAre("issue-3"));
}

TEST_F(ListFilterTest, WhatAFilterCanNotMeanIsRefused) {
  const auto reason = [this](const std::function<void(v1::ListCasesRequest&)>& fill) {
    v1::ListCasesRequest request;
    fill(request);
    return rpc::ReasonOf(replica_->List(request).status());
  };
  using R = v1::ListCasesRequest;
  EXPECT_EQ(reason([](R& r) { r.set_org_unit_id("nowhere"); }), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_lead_department_id("none"); }), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_category_id("none"); }), "CATEGORY_UNKNOWN");
  EXPECT_EQ(reason([](R& r) {
              *r.mutable_closed() = Days(absl::CivilDay(2024, 5, 2), absl::CivilDay(2024, 5, 1));
            }),
            "SPAN_REVERSED");
  EXPECT_EQ(reason([](R& r) { r.mutable_closed()->mutable_first()->set_year(1999); }), "DATE_INVALID");
}

// They are compared with columns that have ASCII alone: the database would refuse them as INTERNAL.
TEST_F(CaseFilterTest, KeysThatNoIssueCanHaveAreRefusedWithTheirField) {
  SetUpCases(1);
  const auto fields = [](const absl::Status& status) {
    std::vector<std::string> result;
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    const auto request = rpc::BadRequestOf(status);
    if (!request.has_value()) return result;
    for (const auto& violation : request->field_violations()) result.push_back(violation.field());
    return result;
  };
  EXPECT_THAT(fields(replica_->Get("诉求一").status()), ElementsAre("issue_key.external_id"));
  v1::ActOnCaseRequest act = Accept("诉求一");
  act.mutable_issue_key()->set_source_system("市长热线");
  EXPECT_THAT(fields(replica_->Act(act).status()),
              ElementsAre("issue_key.source_system", "issue_key.external_id"));
  v1::ListCasesRequest list;
  list.set_lead_function("规划");
  list.set_exact_category_id("用地");
  EXPECT_THAT(fields(replica_->List(list).status()), ElementsAre("lead_function", "exact_category_id"));
  list.set_lead_function("a-function-of-the-past");
  list.set_exact_category_id("a.category.of.the.past");
  EXPECT_EQ(replica_->List(list)->cases_size(), 0);
  EXPECT_EQ(rpc::ReasonOf(replica_->Get("unknown").status()), "CASE_UNKNOWN");
  // Numbers that are no value of their enumeration.
  v1::ListCasesRequest numbers;
  numbers.set_state(static_cast<v1::ProcessState>(77));
  numbers.set_outcome(static_cast<v1::Outcome>(77));
  numbers.set_issue_kind(static_cast<intake::v1::IssueKind>(77));
  numbers.set_at_least_priority(static_cast<v1::CasePriority>(77));
  EXPECT_THAT(fields(replica_->List(numbers).status()),
              ElementsAre("state", "outcome", "at_least_priority", "issue_kind"));
}

}  // namespace
}  // namespace zhuqi::routing
