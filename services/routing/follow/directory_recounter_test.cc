// What a changed directory does to open cases: reorganizations, and calendars that move deadlines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/directory/date_message.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/testing.h"
#include "services/routing/testing/routing_fixture.h"

namespace zhuqi::routing {
namespace {

using testing::Accept;
using testing::Action;
using testing::At;
using testing::DirectoryMessage;
using testing::kPartition;
using testing::kPatience;
using testing::NumberedIssue;
using testing::RecordMessage;
using testing::Report;
using testing::RoutingReplica;

using DirectoryRecounterTest = testing::RoutingTest;

// The directory's second event: "js" was merged into "zm", and its departments ended.
feed::v1::FollowResponse MergeMessage() {
  feed::v1::FollowResponse message;
  message.set_partition(0);
  message.set_head(2);
  feed::v1::Event* event = message.add_events();
  event->set_sequence(2);
  feed::v1::DirectoryChanged& change = *event->mutable_directory();
  const feed::v1::DirectoryChanged city = testing::CityChange();
  for (const auto& unit : city.org_units()) {
    if (unit.org_unit_id() == "js") *change.add_org_units() = unit;
  }
  directory::v1::OrgUnit& ended = *change.mutable_org_units(0);
  *ended.mutable_closed_on() = DateMessage(absl::CivilDay(2024, 5, 31));
  ended.set_closing_reason("merged into zm: 郑政〔2024〕8号");
  ended.add_successor_ids("zm");
  for (const auto& department : city.departments()) {
    if (department.org_unit_id() != "js") continue;
    *change.add_departments() = department;
    *change.mutable_departments(change.departments_size() - 1)->mutable_closed_on() = ended.closed_on();
  }
  return message;
}

// Brings what the directory changed to all open cases.
void TakeAllPages(RoutingReplica& replica) {
  absl::StatusOr<bool> worked = true;
  while (worked.ok() && *worked) worked = replica.recounter().RecountPage();
  EXPECT_EQ(worked.status(), absl::OkStatus());
}

TEST_F(DirectoryRecounterTest, OpenCasesOfAMergedUnitGoOverOnce) {
  SetUpCases(9);  // more than two pages of them
  TakeAllPages(*replica_);
  ASSERT_TRUE(replica_->Act(Accept("issue-0")).ok());
  v1::ActOnCaseRequest explain = Action("issue-0");
  explain.mutable_action()->mutable_explain()->set_text("已答复");
  ASSERT_TRUE(replica_->Act(explain).ok());
  const size_t events_before = replica_->Events(kPartition).size();
  ASSERT_EQ(replica_->follower().ApplyDirectory(MergeMessage(), 1), absl::OkStatus());
  TakeAllPages(*replica_);
  const auto found = replica_->Get("issue-1");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->owner_org_unit_id(), "zm");
  EXPECT_EQ(found->lead_department_id(), "zm.planning");
  ASSERT_EQ(found->history_size(), 2);
  EXPECT_EQ(found->history(1).handed_over().reason(), "merged into zm: 郑政〔2024〕8号");
  EXPECT_EQ(replica_->Get("issue-0")->owner_org_unit_id(), "js");  // closed: left as it ended
  EXPECT_EQ(replica_->Count("cases WHERE owner_org_unit_id = 'zm'"), 8);
  EXPECT_EQ(replica_->Events(kPartition).size(), events_before + 8);
  // What counts did not change, so figures stay with the unit where it happened.
  const auto event = replica_->Events(kPartition).back();
  EXPECT_EQ(event.case_changed().after().org_unit_id(), "js");
  EXPECT_EQ(event.directory_sequence(), 2);
  replica_ = std::make_unique<RoutingReplica>(database_);
  TakeAllPages(*replica_);
  EXPECT_EQ(replica_->Events(kPartition).size(), events_before + 8);
}

TEST_F(DirectoryRecounterTest, CaseThatIsActedOnBeforeItsPageGoesOverFirst) {
  SetUpCases(1);
  ASSERT_EQ(replica_->follower().ApplyDirectory(MergeMessage(), 1), absl::OkStatus());
  ASSERT_TRUE(replica_->Act(Accept("issue-0")).ok());
  const auto found = replica_->Get("issue-0");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->history_size(), 3);
  EXPECT_TRUE(found->history(1).has_handed_over());
  EXPECT_TRUE(found->history(2).action().has_accept());
  EXPECT_EQ(found->lead_department_id(), "zm.planning");
  EXPECT_EQ(found->state(), v1::PROCESS_STATE_IN_PROGRESS);
}

// Every case's facts in the feed form one unbroken chain. Returns the last facts of each case.
std::map<std::string, feed::v1::CaseFacts> FactsInTheFeed(RoutingReplica& replica) {
  std::map<std::string, feed::v1::CaseFacts> last;
  for (const feed::v1::Event& event : replica.Events(kPartition)) {
    const feed::v1::CaseChanged& change = event.case_changed();
    feed::v1::CaseFacts& facts = last[change.after().case_id()];
    EXPECT_EQ(change.before().SerializeAsString(), facts.SerializeAsString());
    facts = change.after();
  }
  return last;
}

int Moves(const v1::Case& item) {
  return static_cast<int>(
      std::count_if(item.history().begin(), item.history().end(),
                    [](const v1::CaseEvent& event) { return event.has_deadlines_moved(); }));
}

class CalendarTest : public testing::RoutingTest {
 protected:
  void ApplyCalendar() {
    EXPECT_EQ(replica_->follower().ApplyDirectory(DirectoryMessage(2, testing::CalendarChange()), 1),
              absl::OkStatus());
  }
  void ExpectEachMovedOnce(int cases) {
    for (int i = 0; i < cases; ++i) EXPECT_EQ(Moves(*replica_->Get(absl::StrCat("issue-", i))), 1) << i;
    const auto facts = FactsInTheFeed(*replica_);
    EXPECT_EQ(facts.size(), static_cast<size_t>(cases));
    for (const auto& [id, last] : facts) {
      EXPECT_EQ(TimeFrom(last.handling_due_at()), At("2024-05-16 17:00"));
    }
    EXPECT_EQ(replica_->Count("directory_recounts"), 0);
  }
};

TEST_F(CalendarTest, ANoticeThatMovesDeadlinesCorrectsTheFactsAndTheHistorySaysWhy) {
  SetUpCases(1);
  ApplyCalendar();
  TakeAllPages(*replica_);
  const auto found = replica_->Get("issue-0");
  ASSERT_EQ(found->history_size(), 2);
  const v1::DeadlinesMoved& moved = found->history(1).deadlines_moved();
  ASSERT_EQ(moved.deadlines_size(), 1);
  EXPECT_EQ(TimeFrom(moved.deadlines(0).before()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(moved.deadlines(0).after()), At("2024-05-16 17:00"));
  const auto events = replica_->Events(kPartition);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].directory_sequence(), 2);
  EXPECT_EQ(TimeFrom(events[1].case_changed().before().handling_due_at()), At("2024-05-15 17:00"));
  EXPECT_EQ(TimeFrom(events[1].case_changed().after().handling_due_at()), At("2024-05-16 17:00"));
  v1::ListCasesRequest due;
  *due.mutable_due()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 16));
  EXPECT_EQ(replica_->List(due)->cases_size(), 1);
}

TEST_F(CalendarTest, EveryCaseIsToldOnceThoughTheServiceDiesBetweenPages) {
  SetUpCases(11);
  ApplyCalendar();
  EXPECT_EQ(*replica_->recounter().RecountPage(), true);
  EXPECT_EQ(replica_->Events(kPartition).size(), 11u + 4u);
  replica_ = std::make_unique<RoutingReplica>(database_);
  EXPECT_EQ(*replica_->recounter().RecountPage(), true);
  replica_ = std::make_unique<RoutingReplica>(database_);
  TakeAllPages(*replica_);
  ExpectEachMovedOnce(11);
}

TEST_F(CalendarTest, TwoReplicasShareThePagesAndActionsGoOn) {
  constexpr int kCases = 40;
  SetUpCases(kCases);
  RoutingReplica other(database_);
  replica_->recounter().Start();
  other.recounter().Start();
  ApplyCalendar();
  // Meanwhile each replica acts on cases, before their page or after it.
  std::thread acts([&] {
    for (int i = kCases - 1; i >= 0; i -= 3) {
      EXPECT_EQ(other.Act(Accept(absl::StrCat("issue-", i))).status(), absl::OkStatus());
    }
  });
  for (int i = 0; i < kCases; i += 3) {
    EXPECT_EQ(replica_->Act(Report(absl::StrCat("issue-", i), "进展")).status(), absl::OkStatus());
  }
  acts.join();
  const absl::Time give_up = absl::Now() + kPatience;
  while (replica_->Count("directory_recounts") > 0 && absl::Now() < give_up) std::this_thread::yield();
  ExpectEachMovedOnce(kCases);
}

TEST_F(CalendarTest, AnActionBeforeItsPageMovesNoDeadlineInSilence) {
  SetUpCases(1);
  ApplyCalendar();
  v1::ActOnCaseRequest accept = Accept("issue-0");
  accept.set_etag(replica_->Get("issue-0")->etag());  // what the caller saw still stands
  ASSERT_EQ(replica_->Act(accept).status(), absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  ASSERT_EQ(found->sequence(), 3);
  EXPECT_EQ(Moves(*found), 1);
  TakeAllPages(*replica_);
  ExpectEachMovedOnce(1);
}

TEST_F(CalendarTest, ARevisionBeforeItsPageMovesNoDeadlineInSilence) {
  SetUpCases(1);
  ApplyCalendar();
  feed::v1::RecordChanged revised = NumberedIssue(0);
  *revised.mutable_before() = revised.after();
  revised.mutable_after()->set_revision(2);
  revised.mutable_issue()->set_title("改正后的标题");
  ASSERT_EQ(replica_->follower().ApplyRecords(RecordMessage(2, {revised}), 1), absl::OkStatus());
  const auto found = replica_->Get("issue-0");
  ASSERT_EQ(found->history_size(), 3);
  EXPECT_TRUE(found->history(1).has_deadlines_moved());
  EXPECT_TRUE(found->history(2).has_issue_revised());
  TakeAllPages(*replica_);
  ExpectEachMovedOnce(1);
}

TEST_F(CalendarTest, ClosedCasesStayAsTheyWereDecided) {
  SetUpCases(1);
  ASSERT_EQ(replica_->Act(Accept("issue-0")).status(), absl::OkStatus());
  v1::ActOnCaseRequest explain = Action("issue-0");
  explain.mutable_action()->mutable_explain()->set_text("政策不适用");
  ASSERT_EQ(replica_->Act(explain).status(), absl::OkStatus());
  ApplyCalendar();
  TakeAllPages(*replica_);
  const auto found = replica_->Get("issue-0");
  EXPECT_EQ(Moves(*found), 0);
  EXPECT_EQ(TimeFrom(found->clocks(1).deadline()), At("2024-05-15 17:00"));
}

TEST_F(CalendarTest, NothingIsWrittenWithACalendarThatAnotherReplicaReplaced) {
  SetUpCases(1);
  DirectoryHolder behind;
  db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
  ASSERT_EQ(RefreshDirectory(*lease, behind), absl::OkStatus());
  ApplyCalendar();
  EXPECT_EQ(behind.Get()->calendar_version(), 1);
  EXPECT_EQ((*DirectoryInForce(*lease, behind))->calendar_version(), 2);
}

}  // namespace
}  // namespace zhuqi::routing
