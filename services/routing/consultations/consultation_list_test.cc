// Lists of consultations and of their tasks on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "common/base/page_token.h"
#include "common/rpc/errors.h"
#include "services/routing/consultations/test_replica.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::ConsultationTest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kDecide;

class ConsultationListTest : public ConsultationTest {
 protected:
  // 0: js, on cases 0 and 1, two open tasks. 1: zz, on case 1, later, without decisions. 2: js, on case 2,
  // cancelled.
  ConsultationListTest() {
    ids_.push_back(Convened({0, 1}));
    v1::ConveneConsultationRequest city = Request({1});
    city.set_chair_department_id("zz.office");
    city.clear_department_ids();
    city.add_department_ids("zz.planning");
    *city.mutable_scheduled_at() = TimestampMessage(At("2024-05-20 09:00"));
    ids_.push_back(replica_->Convene(city)->consultation().consultation_id());
    ids_.push_back(Convened({2}));
    Do(ids_[2], "cancel { reason: '改期' }");
    Do(ids_[0], kDecide);
  }

  // Numbers of the consultations found, in the order of the list.
  std::vector<int> Find(const std::function<void(v1::ListConsultationsRequest&)>& fill) {
    v1::ListConsultationsRequest request;
    fill(request);
    const auto page = replica_->List(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<int> found;
    if (!page.ok()) return found;
    for (const auto& each : page->consultations()) {
      found.push_back(
          static_cast<int>(std::find(ids_.begin(), ids_.end(), each.consultation_id()) - ids_.begin()));
    }
    return found;
  }
  std::vector<std::string> FindTasks(const std::function<void(v1::ListConsultationTasksRequest&)>& fill) {
    v1::ListConsultationTasksRequest request;
    fill(request);
    const auto page = replica_->ListTasks(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> found;
    if (!page.ok()) return found;
    for (const auto& each : page->tasks()) found.push_back(each.task().text());
    return found;
  }

  std::vector<std::string> ids_;
};

TEST_F(ConsultationListTest, EveryFilterFindsWhatItNames) {
  using R = v1::ListConsultationsRequest;
  EXPECT_THAT(Find([](R&) {}), ElementsAre(1, 0, 2));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("zz"); }), ElementsAre(1, 0, 2));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js"); }), ElementsAre(0, 2));
  EXPECT_THAT(Find([](R& r) { r.set_department_id("zz.planning"); }), ElementsAre(1));
  EXPECT_THAT(Find([](R& r) { r.set_department_id("js.office"); }), ElementsAre(0, 2));
  EXPECT_THAT(Find([&](R& r) { r.set_case_id(cases_[1]); }), ElementsAre(1, 0));
  EXPECT_THAT(Find([](R& r) { r.set_state(v1::CONSULTATION_STATE_CANCELLED); }), ElementsAre(2));
  EXPECT_THAT(Find([](R& r) { r.set_state(v1::CONSULTATION_STATE_IN_FOLLOW_UP); }), ElementsAre(0));
  EXPECT_THAT(Find([](R& r) {
                *r.mutable_scheduled()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 9));
                *r.mutable_scheduled()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 20));
              }),
              ElementsAre(1));
  EXPECT_THAT(Find([](R& r) { r.set_overdue_tasks(true); }), IsEmpty());
  replica_->clock().Set(At("2024-05-11 09:00"));  // the day after task 2 was due
  EXPECT_THAT(Find([](R& r) { r.set_overdue_tasks(true); }), ElementsAre(0));
  const auto page = replica_->List({});
  EXPECT_EQ(page->consultations(1).task_count(), 2);
  EXPECT_EQ(page->consultations(1).open_task_count(), 2);
  EXPECT_EQ(page->consultations(1).overdue_task_count(), 1);
  EXPECT_EQ(page->consultations(1).unanswered_count(), 2);
  EXPECT_EQ(page->consultations(0).open_task_count(), 0);
}

TEST_F(ConsultationListTest, PagesHoldEveryOneOnce) {
  v1::ListConsultationsRequest request;
  request.set_page_size(1);
  std::vector<std::string> seen;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->consultations_size(), 1);
    seen.push_back(page->consultations(0).consultation_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ElementsAre(ids_[1], ids_[0], ids_[2]));
  request.set_page_token(replica_->List(request)->next_page_token());
  request.set_org_unit_id("js");
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_SIZE_NEGATIVE");
}

TEST_F(ConsultationListTest, PageEndsAtTwoMebibytesAndNothingIsLost) {
  constexpr int kMany = 40;  // with some 60 KB each
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "长";
  {
    db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
    for (int i = 0; i < kMany; ++i) {
      v1::ConsultationSummary summary = replica_->List({})->consultations(0);
      const Uuid id = Uuid::NewV7(At("2024-05-07 09:00") + absl::Milliseconds(i));
      summary.set_consultation_id(id.ToString());
      summary.set_why(text);
      ASSERT_TRUE(lease
                      ->Execute("INSERT INTO consultations (consultation_id, sequence, org_unit_id, state, "
                                "scheduled_at, summary, body) VALUES (?, 1, 'js', 1, ?, ?, '')",
                                {id, TimeFrom(summary.scheduled_at()), summary.SerializeAsString()})
                      .ok());
    }
  }
  v1::ListConsultationsRequest request;
  request.set_page_size(500);
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->ByteSizeLong(), kMaxPageBytes + 4096);
    for (const auto& each : page->consultations()) EXPECT_TRUE(seen.insert(each.consultation_id()).second);
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(seen.size(), size_t{kMany} + ids_.size());
  EXPECT_EQ(pages, 2);
}

TEST_F(ConsultationListTest, WhatAFilterCanNotMeanIsRefused) {
  const auto reason = [this](const std::function<void(v1::ListConsultationsRequest&)>& fill) {
    v1::ListConsultationsRequest request;
    fill(request);
    return rpc::ReasonOf(replica_->List(request).status());
  };
  using R = v1::ListConsultationsRequest;
  EXPECT_EQ(reason([](R& r) { r.set_org_unit_id("nowhere"); }), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_department_id("none"); }), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_case_id("x"); }), "UUID_INVALID");
  EXPECT_EQ(reason([](R& r) {
              *r.mutable_scheduled()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 2));
              *r.mutable_scheduled()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 1));
            }),
            "SPAN_REVERSED");
}

TEST_F(ConsultationListTest, TasksAreListedMineAndOverdueTheFirstDueFirst) {
  using R = v1::ListConsultationTasksRequest;
  EXPECT_THAT(FindTasks([](R&) {}), ElementsAre("消防复核", "出具规划意见"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_owner_department_id("js.planning"); }), ElementsAre("出具规划意见"));
  EXPECT_THAT(FindTasks([&](R& r) { r.set_consultation_id(ids_[1]); }), IsEmpty());
  EXPECT_THAT(
      FindTasks([](R& r) { *r.mutable_due()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 11)); }),
      ElementsAre("出具规划意见"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), IsEmpty());
  replica_->clock().Set(At("2024-05-11 09:00"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), ElementsAre("消防复核"));
  Do(ids_[0], "complete_task { number: 2 outcome: '已复核' }");
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), IsEmpty());
  EXPECT_THAT(FindTasks([](R& r) { r.set_include_completed(true); }),
              ElementsAre("消防复核", "出具规划意见"));
  R both;
  both.set_overdue(true);
  both.set_include_completed(true);
  EXPECT_EQ(rpc::ReasonOf(replica_->ListTasks(both).status()), "FILTER_CONTRADICTORY");
  R pages;
  pages.set_include_completed(true);
  pages.set_page_size(1);
  pages.set_page_token(replica_->ListTasks(pages)->next_page_token());
  const auto last = replica_->ListTasks(pages);
  ASSERT_EQ(last->tasks_size(), 1);
  EXPECT_EQ(last->tasks(0).task().text(), "出具规划意见");
  EXPECT_EQ(last->next_page_token(), "");
}

TEST_F(ConsultationListTest, NewCalendarMovesDueDaysAndListsFollowIt) {
  // "出具规划意见" was due on Tuesday the 14th, which becomes a day off.
  using R = v1::ListConsultationTasksRequest;
  const auto due_by_14th = [](R& r) {
    *r.mutable_due()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 14));
  };
  EXPECT_THAT(FindTasks(due_by_14th), ElementsAre("消防复核", "出具规划意见"));
  replica_->Apply(testing::CalendarChange(), 2);
  EXPECT_THAT(FindTasks(due_by_14th), ElementsAre("消防复核"));
  R request;
  request.set_owner_department_id("js.planning");
  EXPECT_EQ(CivilDayFrom(replica_->ListTasks(request)->tasks(0).task().due_on()),
            absl::CivilDay(2024, 5, 15));
  EXPECT_EQ(CivilDayFrom(replica_->Get(ids_[0])->consultation().tasks(0).due_on()),
            absl::CivilDay(2024, 5, 15));
  replica_->clock().Set(At("2024-05-15 09:00"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), ElementsAre("消防复核"));
}

}  // namespace
}  // namespace zhuqi::routing
