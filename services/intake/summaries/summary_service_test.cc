#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/feed/token.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/summary_queries.h"
#include "services/intake/summaries/test_summary_replica.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;
using ::testing::ElementsAre;

v1::GetSummaryRequest January(const std::string& unit = "jinshui") {
  v1::GetSummaryRequest request;
  request.set_org_unit_id(unit);
  *request.mutable_month() = YearMonthMessage(absl::CivilMonth(2026, 1));
  return request;
}

v1::SubmitSummaryRequest Visits(int value, const std::string& etag = "",
                                const std::string& unit = "jinshui") {
  auto request = FromText<v1::SubmitSummaryRequest>(absl::StrCat(
      R"(month { year: 2026 month: 1 } cells { indicator_id: "visits" status: CELL_STATUS_REPORTED value: )",
      value, " }"));
  request.set_org_unit_id(unit);
  request.set_etag(etag);
  return request;
}

v1::ReviewSummaryRequest Decision(const v1::MonthlySummary& summary, v1::ReviewDecision decision) {
  v1::ReviewSummaryRequest request;
  request.set_org_unit_id(summary.org_unit_id());
  *request.mutable_month() = summary.month();
  request.set_revision(summary.revision());
  request.set_digest(summary.digest());
  request.set_decision(decision);
  request.set_comment("请核对");
  return request;
}

constexpr char kRevisions[] =
    "SELECT COUNT(DISTINCT org_unit_id, month, form_id, revision) FROM summary_history WHERE revision > 0";

// Every summary event, whatever its partition.
std::vector<feed::v1::SummaryChanged> SummaryEvents(IntakeDatabase& database) {
  std::vector<feed::v1::SummaryChanged> changes;
  for (int32_t partition = 1; partition <= kTestPartitions; ++partition) {
    for (const feed::v1::Event& event : database.Events(partition)) changes.push_back(event.summary());
  }
  return changes;
}

std::vector<std::string> Lines(const v1::ListSummariesResponse& page) {
  std::vector<std::string> lines;
  for (const auto& summary : page.summaries()) {
    lines.push_back(
        absl::StrCat(summary.month().year(), "-", summary.month().month(), " ", summary.org_unit_id()));
  }
  return lines;
}

TEST(ObligationKeeper, MakesEachMonthBegunForEachUnitOfTheLevel) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  const auto page = replica.List("");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(Lines(*page),
              ElementsAre("2026-1 jinshui", "2026-1 zhongmu", "2025-12 jinshui", "2025-12 zhongmu"));
  EXPECT_EQ(page->summaries(0).state(), v1::SUMMARY_STATE_OWED);
  EXPECT_EQ(TimeFrom(page->summaries(0).due_at()), CityTime(absl::CivilDay(2026, 2, 6), 17));
  const auto events = SummaryEvents(database);
  ASSERT_EQ(events.size(), 4u);
  for (const auto& event : events) EXPECT_FALSE(event.has_before());
  // Nothing is left to do.
  EXPECT_EQ(replica.keeper().RunOnce().value(), 0);
}

TEST(ObligationKeeper, MonthThatBeginsIsMadeThen) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  replica.clock().Set(StartOfCityDay(absl::CivilDay(2026, 2, 1)));
  EXPECT_EQ(replica.keeper().RunOnce().value(), 2);
  EXPECT_EQ(database.Count("SELECT COUNT(*) FROM obligations WHERE month = '2026-02-01'"), 2);
}

TEST(ObligationKeeper, TwoReplicasAtOnceMakeEachOnce) {
  constexpr int kUnits = 200;
  IntakeDatabase database;
  Replica writer(database);
  ApplyDirectoryRequest request = CityRequest();
  for (int i = 0; i < kUnits - 2; ++i) {
    auto& unit = *request.add_org_units();
    unit.set_org_unit_id(absl::StrCat("district-", i));
    unit.set_name("区");
    unit.set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
    unit.set_parent_id("zhengzhou");
  }
  const auto forms = request.forms();
  request.clear_forms();
  writer.Apply(request);
  Replica left(database, /*batch=*/7);
  Replica right(database, /*batch=*/7);
  request.Clear();
  *request.mutable_forms() = forms;
  request.set_request_id(NewRequestId());
  for (Replica* replica : {&left, &right}) {
    db::Lease lease = replica->parts().pool->Acquire(absl::InfiniteFuture()).value();
    ASSERT_TRUE(
        db::RunTransaction(*replica->parts().pool, {}, [&](db::Transaction& transaction) -> absl::Status {
          return WriteDirectory(transaction, replica->parts().directory.Get(), request,
                                *Uuid::Parse(request.request_id()), kInJanuary)
              .status();
        }).ok());
    ASSERT_TRUE(RefreshDirectory(*lease, replica->parts().directory).ok());
  }
  absl::StatusOr<int64_t> made_left;
  absl::StatusOr<int64_t> made_right;
  std::thread one([&] { made_left = left.keeper().RunOnce(); });
  std::thread two([&] { made_right = right.keeper().RunOnce(); });
  one.join();
  two.join();
  ASSERT_TRUE(made_left.ok()) << made_left.status();
  ASSERT_TRUE(made_right.ok()) << made_right.status();
  EXPECT_EQ(*made_left + *made_right, 2 * kUnits);
  EXPECT_EQ(database.Count("SELECT COUNT(*) FROM obligations"), 2 * kUnits);
  EXPECT_EQ(SummaryEvents(database).size(), 2u * kUnits);
}

TEST(ObligationKeeper, ApplyingAFormAnswersWhenItsObligationsAreThere) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Start();
  replica.Apply(CityRequest());
  EXPECT_EQ(database.Count("SELECT COUNT(*) FROM obligations"), 4);
  // The token stands for them too.
  const auto token = feed::ParseToken(replica.token());
  ASSERT_TRUE(token.ok());
  int64_t events = 0;
  for (const auto& position : token->positions())
    events += position.partition() == 0 ? 0 : position.sequence();
  EXPECT_EQ(events, 4);
}

TEST(Traps, UnitThatClosesIsWaivedAndStaysOnTheList) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  ApplyDirectoryRequest closing;
  *closing.add_org_units() = CityRequest().org_units(1);
  *closing.mutable_org_units(0)->mutable_closed_on() = DateMessage(absl::CivilDay(2026, 1, 15));
  replica.Apply(closing);
  const auto january = replica.Get(January());
  ASSERT_TRUE(january.ok()) << january.status();
  EXPECT_EQ(january->summary().state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_EQ(database.Count("SELECT COUNT(*) FROM obligations WHERE state = 5"), 1);
  // December's was due on the 8th, when the unit still was.
  EXPECT_EQ(replica.List("state: SUMMARY_STATE_OWED")->summaries_size(), 3);
  const auto events = SummaryEvents(database);
  EXPECT_EQ(events.size(), 5u);
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const auto& change) {
                            return change.before().state() == v1::SUMMARY_STATE_OWED &&
                                   change.after().state() == v1::SUMMARY_STATE_WAIVED;
                          }),
            1);
}

TEST(SubmitSummary, GoesThroughReturnToAcceptance) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  const auto first = replica.Submit(Visits(14));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->summary().revision(), 1);
  EXPECT_EQ(first->summary().form_id(), "monthly");
  EXPECT_NE(first->consistency_token(), "");
  const auto returned = replica.Review(Decision(first->summary(), v1::REVIEW_DECISION_RETURN));
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->summary().state(), v1::SUMMARY_STATE_RETURNED);
  EXPECT_EQ(returned->summary().reviews(0).reviewer(), "tester");
  const auto second = replica.Submit(Visits(15, returned->summary().etag()));
  ASSERT_TRUE(second.ok()) << second.status();
  const auto accepted = replica.Review(Decision(second->summary(), v1::REVIEW_DECISION_ACCEPT));
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(replica.Get(January())->summary().SerializeAsString(), accepted->summary().SerializeAsString());
  EXPECT_EQ(database.Count(kRevisions), 2);
  EXPECT_EQ(replica.Get(January())->summary().reviews_size(), 2);
  EXPECT_EQ(database.Count("SELECT returned_count FROM obligations WHERE revision = 2"), 1);
  EXPECT_EQ(SummaryEvents(database).size(), 8u);  // four obligations, and the four steps
}

TEST(ReviewSummary, ACommentIsKeptAndTheAcceptanceStands) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  const auto sent = replica.Submit(Visits(14));
  ASSERT_TRUE(sent.ok()) << sent.status();
  const auto accepted = replica.Review(Decision(sent->summary(), v1::REVIEW_DECISION_ACCEPT));
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  const absl::Time accepted_at = replica.clock().Now();
  replica.clock().Set(accepted_at + absl::Hours(1));
  v1::ReviewSummaryRequest comment = Decision(accepted->summary(), v1::REVIEW_DECISION_COMMENT);
  comment.set_request_id(NewRequestId());
  const auto commented = replica.Review(comment);
  ASSERT_TRUE(commented.ok()) << commented.status();
  EXPECT_NE(commented->consistency_token(), "");
  v1::GetSummaryRequest get = January();
  get.set_at_least_token(commented->consistency_token());
  const v1::MonthlySummary now = replica.Get(get)->summary();
  EXPECT_EQ(now.SerializeAsString(), commented->summary().SerializeAsString());
  EXPECT_EQ(now.state(), v1::SUMMARY_STATE_ACCEPTED);
  ASSERT_EQ(now.reviews_size(), 2);
  EXPECT_FALSE(now.reviews(0).voided());
  EXPECT_EQ(now.reviews(1).reviewer(), "tester");
  EXPECT_EQ(now.reviews(1).comment(), "请核对");
  EXPECT_EQ(now.reviews(1).revision(), 1);
  // Repeated it is the same comment, and before it was made it is not known.
  EXPECT_EQ(replica.Review(comment)->SerializeAsString(), commented->SerializeAsString());
  *get.mutable_as_of() = TimestampMessage(accepted_at);
  EXPECT_EQ(replica.Get(get)->summary().reviews_size(), 1);
  EXPECT_EQ(replica.Get(January())->summary().reviews_size(), 2);
}

TEST(SubmitSummary, RepeatedRequestGetsTheFirstAnswer) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  v1::SubmitSummaryRequest request = Visits(14);
  request.set_request_id(NewRequestId());
  const auto first = replica.Submit(request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = replica.Submit(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(database.Count(kRevisions), 1);
  request.mutable_cells(0)->set_value(15);
  EXPECT_EQ(rpc::ReasonOf(replica.Submit(request).status()), "REQUEST_ID_REUSED");
  // The same id for another method is another request too.
  v1::ReviewSummaryRequest review = Decision(first->summary(), v1::REVIEW_DECISION_ACCEPT);
  review.set_request_id(request.request_id());
  EXPECT_EQ(rpc::ReasonOf(replica.Review(review).status()), "REQUEST_ID_REUSED");
}

TEST(SubmitSummary, StaleEtagStoresNothing) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  const auto first = replica.Submit(Visits(14));
  ASSERT_TRUE(replica.Submit(Visits(15, first->summary().etag())).ok());
  v1::SubmitSummaryRequest stale = Visits(16, first->summary().etag());
  stale.set_request_id(NewRequestId());
  const auto refused = replica.Submit(stale);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "ETAG_MISMATCH");
  EXPECT_EQ(database.Count(kRevisions), 2);
  EXPECT_EQ(SummaryEvents(database).size(), 6u);
}

TEST(SubmitSummary, OfTwoReplicasWithOneEtagOneWins) {
  IntakeDatabase database;
  Replica left(database);
  left.Apply(CityRequest());
  Replica right(database);
  const std::string etag = left.Submit(Visits(1))->summary().etag();
  std::map<std::string, int> outcomes;
  absl::Mutex mutex;
  const auto submit = [&](Replica& replica, int value) {
    const auto answer = replica.Submit(Visits(value, etag));
    absl::MutexLock lock(&mutex);
    ++outcomes[answer.ok() ? "OK" : rpc::ReasonOf(answer.status())];
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { submit(i % 2 == 0 ? left : right, 100 + i); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(outcomes, (std::map<std::string, int>{{"OK", 1}, {"ETAG_MISMATCH", 7}}));
  EXPECT_EQ(left.Get(January())->summary().revision(), 2);
  EXPECT_EQ(database.Count(kRevisions), 2);
}

TEST(SubmitSummary, RefusesUnitsThatOweNothing) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  const auto city = replica.Submit(Visits(1, "", "zhengzhou"));
  EXPECT_EQ(city.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(city.status()), "NO_OBLIGATION");
  EXPECT_EQ(rpc::ReasonOf(replica.Submit(Visits(1, "", "nowhere")).status()), "ORG_UNIT_UNKNOWN");
  const auto of_city = replica.Get(January("zhengzhou"));
  EXPECT_EQ(of_city.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(rpc::ReasonOf(of_city.status()), "NO_OBLIGATION");
}

TEST(SubmitSummary, FormMustBeNamedWhenSeveralAreOwed) {
  IntakeDatabase database;
  Replica replica(database);
  ApplyDirectoryRequest request = CityRequest();
  *request.add_forms() = request.forms(0);
  request.mutable_forms(1)->set_form_id("parks");
  replica.Apply(request);
  v1::SubmitSummaryRequest summary = Visits(1);
  EXPECT_EQ(rpc::ReasonOf(replica.Submit(summary).status()), "FORM_AMBIGUOUS");
  summary.set_form_id("parks");
  EXPECT_EQ(replica.Submit(summary)->summary().form_id(), "parks");
  summary.set_form_id("other");
  EXPECT_EQ(rpc::ReasonOf(replica.Submit(summary).status()), "NO_OBLIGATION");
}

TEST(SubmitSummary, ValidateOnlyStoresNothing) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  v1::SubmitSummaryRequest request = Visits(14);
  request.set_validate_only(true);
  const auto preview = replica.Submit(request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->summary().state(), v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_EQ(preview->consistency_token(), "");
  EXPECT_EQ(replica.Get(January())->summary().state(), v1::SUMMARY_STATE_OWED);
}

TEST(ListSummaries, FiltersBelowAndPages) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityRequest());
  ASSERT_TRUE(replica.Submit(Visits(14)).ok());
  EXPECT_THAT(Lines(*replica.List(R"(org_unit_id: "zhongmu")")),
              ElementsAre("2026-1 zhongmu", "2025-12 zhongmu"));
  EXPECT_EQ(replica.List(R"(org_unit_id: "zhengzhou")")->summaries_size(), 4);
  EXPECT_THAT(Lines(*replica.List("state: SUMMARY_STATE_SUBMITTED")), ElementsAre("2026-1 jinshui"));
  EXPECT_THAT(Lines(*replica.List("last_month { year: 2025 month: 12 }")),
              ElementsAre("2025-12 jinshui", "2025-12 zhongmu"));
  std::vector<std::string> seen;
  std::string token;
  do {
    const auto page = replica.List(absl::StrCat("page_size: 1 page_token: \"", token, "\""));
    ASSERT_TRUE(page.ok()) << page.status();
    for (const std::string& line : Lines(*page)) seen.push_back(line);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(seen, ElementsAre("2026-1 jinshui", "2026-1 zhongmu", "2025-12 jinshui", "2025-12 zhongmu"));
  EXPECT_EQ(rpc::ReasonOf(replica.List("page_size: -1").status()), "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(rpc::ReasonOf(replica.List(R"(page_token: "x")").status()), "PAGE_TOKEN_INVALID");
}

// Each unit owes December and January.
ApplyDirectoryRequest CityWithDistricts(int districts) {
  ApplyDirectoryRequest request = CityRequest();
  for (int i = 0; i < districts - 2; ++i) {
    auto& unit = *request.add_org_units();
    unit.set_org_unit_id(absl::StrCat("district-", 100 + i));
    unit.set_name("区");
    unit.set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
    unit.set_parent_id("zhengzhou");
  }
  return request;
}

TEST(ListSummaries, GivesEachOnceHoweverManyAreReadAtOnce) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityWithDistricts(48));
  const auto whole = replica.List("page_size: 500");
  ASSERT_TRUE(whole.ok()) << whole.status();
  const std::vector<std::string> lines = Lines(*whole);
  EXPECT_EQ(lines.size(), 96u);
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 96u);
  EXPECT_EQ(lines[0], "2026-1 district-100");
  EXPECT_EQ(lines[95], "2025-12 zhongmu");
  EXPECT_EQ(whole->next_page_token(), "");
  // A page that ends where a step does: the next one is not empty, or there is none.
  for (const int size : {31, 32, 33, 64, 95, 96}) {
    std::vector<std::string> seen;
    std::string token;
    do {
      const auto page = replica.List(absl::StrCat("page_size: ", size, " page_token: \"", token, "\""));
      ASSERT_TRUE(page.ok()) << page.status();
      ASSERT_GT(page->summaries_size(), 0);
      for (const std::string& line : Lines(*page)) seen.push_back(line);
      token = page->next_page_token();
    } while (!token.empty());
    EXPECT_EQ(seen, lines) << size;
    v1::ListObligationsRequest request;
    request.set_page_size(size);
    const auto matrix = replica.Ask(&v1::SummaryService::Stub::ListObligations, request);
    ASSERT_TRUE(matrix.ok()) << matrix.status();
    EXPECT_EQ(matrix->obligations_size(), size);
    EXPECT_EQ(matrix->next_page_token().empty(), size == 96);
  }
}

// What the server sent on this connection so far.
int64_t BytesSent(db::Connection& connection) {
  int64_t bytes = 0;
  EXPECT_TRUE(connection
                  .Query("SELECT CAST(variable_value AS SIGNED) FROM information_schema.session_status WHERE "
                         "variable_name = 'BYTES_SENT'",
                         {},
                         [&](db::Row& row) {
                           bytes = row.Int64(0);
                           return absl::OkStatus();
                         })
                  .ok());
  return bytes;
}

TEST(ListSummaries, PageOfLargeOnesEndsEarlyAndReadsNoMore) {
  IntakeDatabase database;
  Replica replica(database);
  replica.Apply(CityWithDistricts(48));
  db::Lease lease = replica.parts().pool->Acquire(absl::InfiniteFuture()).value();
  const auto all = replica.List("page_size: 500");
  for (const v1::MonthlySummary& summary : all->summaries()) {
    v1::MonthlySummary large = summary;
    large.clear_etag();
    large.set_narrative(std::string(size_t{256} << 10, 'x'));
    ASSERT_TRUE(lease
                    ->Execute("UPDATE obligations SET body = ? WHERE org_unit_id = ? AND month = ?",
                              {large.SerializeAsString(), large.org_unit_id(),
                               absl::CivilDay(large.month().year(), large.month().month(), 1)})
                    .ok());
  }
  PageQuery page;
  page.size = 500;
  const int64_t before = BytesSent(*lease);
  const auto read = ReadSummaryPage(*lease, {}, page, std::nullopt);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->summaries_size(), 7);  // of 256 KiB and a little each, within 2 MiB
  EXPECT_NE(read->next_page_token(), "");
  EXPECT_LT(BytesSent(*lease) - before, int64_t{9} << 20);  // and not all 24 MiB
}

}  // namespace
}  // namespace zhuqi::intake
