#include "services/reporting/figures/report_service.h"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/civil_time.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/timer.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/reporting/follow/feeds.h"
#include "services/reporting/testing/compare.h"
#include "services/reporting/testing/fake_owners.h"

namespace zhuqi::reporting {
namespace {

using testing::At;
using testing::Change;
using testing::Date;
using ::testing::ElementsAre;

constexpr absl::Duration kTimeout = absl::Seconds(20);

// The service as a whole, following stand-ins of intake and routing.
class ReportServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    intake_feed_.log[0].push_back(testing::DirectoryEvent(testing::SmallCity()));
    intake_feed_.log[1].push_back(Visit("a", {"X"}));
    intake_feed_.log[2].push_back(Visit("b", {"X", "Y"}));
    auto late = testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_ACCEPTED);
    late.set_late(true);
    testing::AddCell(late, "visits", 4, intake::v1::CELL_STATUS_REPORTED);
    intake_feed_.log[1].push_back(Change(std::nullopt, late));
    intake_feed_.log[2].push_back(Change(
        std::nullopt, testing::Obligation("b", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_OWED)));
    intake_feed_.log[2].push_back(
        Change(std::nullopt,
               testing::Obligation("b", 2024, 2, At(2024, 3, 8, 17), intake::v1::SUMMARY_STATE_WAIVED)));
    auto facts = testing::OpenCase("a", Date(2024, 3, 1));
    *facts.mutable_closed_at() = At(2024, 3, 20, 9);
    facts.mutable_call_back()->set_contacted(true);
    facts.mutable_call_back()->set_resolved(true);
    *facts.mutable_call_back()->mutable_on() = Date(2024, 3, 19);
    routing_feed_.log[1].push_back(Change(std::nullopt, facts));
    Start();
  }

  void TearDown() override {
    feeds_->Stop();
    intake_feed_.Stop();
    routing_feed_.Stop();
  }

  static feed::v1::Event Visit(const std::string& unit, const std::vector<std::string>& enterprises) {
    return Change(std::nullopt, testing::Visit(unit, Date(2024, 3, 5), enterprises));
  }

  void Start() {
    intake_ =
        std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{&intake_feed_, &records_});
    routing_ =
        std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{&routing_feed_, &cases_});
    feeds_ = std::make_unique<Feeds>(FeedsOptions{intake_->channel(), routing_->channel(), &aggregate_,
                                                  &telemetry::Logger::Null(), &calls_.metrics()});
    owners_ = std::make_unique<Owners>(intake_->channel(), routing_->channel());
    verifier_ = std::make_unique<Verifier>(intake_->channel(), routing_->channel(), aggregate_, clock_);
    service_ = std::make_unique<ReportServer>(
        ReportServerOptions{.adaptor = &calls_.adaptor(),
                            .aggregate = &aggregate_,
                            .positions = &positions_,
                            .owners = owners_.get(),
                            .verifier = verifier_.get(),
                            .clock = &clock_,
                            .events_behind = [this] { return feeds_->events_behind(); }});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = v1::ReportService::NewStub(server_->channel());
    for (const auto& [source, partition, sequence] :
         {std::tuple(kIntake, 1, 2), std::tuple(kIntake, 2, 3), std::tuple(kRouting, 1, 1)}) {
      const absl::Status in =
          positions_.BlockUntil(feed::Position(source, partition, sequence), absl::Now() + kTimeout);
      ASSERT_TRUE(in.ok()) << in;
    }
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(grpc::Status (v1::ReportService::Stub::*method)(grpc::ClientContext*,
                                                                                const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    rpc::PrepareContext(context, absl::Now() + kTimeout);
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::QueryFiguresResponse> Query(const v1::QueryFiguresRequest& request) {
    return Call<v1::QueryFiguresResponse>(&v1::ReportService::Stub::QueryFigures, request);
  }
  absl::StatusOr<v1::ExplainFigureResponse> Explain(const v1::ExplainFigureRequest& request) {
    return Call<v1::ExplainFigureResponse>(&v1::ReportService::Stub::ExplainFigure, request);
  }

  static v1::QueryFiguresRequest MarchOf(const std::vector<std::string>& measures) {
    v1::QueryFiguresRequest request;
    for (const std::string& measure : measures) request.add_measures(measure);
    request.add_periods()->mutable_month()->set_year(2024);
    request.mutable_periods(0)->mutable_month()->set_month(3);
    return request;
  }
  static v1::ExplainFigureRequest Why(const std::string& measure) {
    v1::ExplainFigureRequest request;
    request.set_measure(measure);
    request.mutable_period()->set_year(2024);
    return request;
  }

  void ExpectViolation(const absl::Status& status, const std::string& field, const std::string& reason) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    const auto request = rpc::BadRequestOf(status);
    ASSERT_TRUE(request.has_value());
    ASSERT_GT(request->field_violations_size(), 0);
    EXPECT_EQ(request->field_violations(0).field(), field);
    EXPECT_THAT(request->field_violations(0).description(), ::testing::StartsWith(absl::StrCat(reason, ":")));
  }

  testing::FakeFeed intake_feed_{"intake"};
  testing::FakeFeed routing_feed_{"routing"};
  testing::FakeRecords records_;
  testing::FakeCases cases_;
  FakeClock clock_{CityTime(absl::CivilDay(2024, 6, 1), 12)};
  rpc::Timer timer_;
  feed::Positions positions_{timer_};
  Aggregate aggregate_{AggregateState(), positions_};
  ::zhuqi::testing::TestCalls calls_;
  std::unique_ptr<::zhuqi::testing::TestServer> intake_;
  std::unique_ptr<::zhuqi::testing::TestServer> routing_;
  std::unique_ptr<Feeds> feeds_;
  std::unique_ptr<Owners> owners_;
  std::unique_ptr<Verifier> verifier_;
  std::unique_ptr<ReportServer> service_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::ReportService::Stub> stub_;
};

TEST_F(ReportServiceTest, QueryGivesUnitThenChildrenInTheOrderOfTheContract) {
  v1::QueryFiguresRequest request = MarchOf({"visits", "enterprises_reached"});
  request.set_include_children(true);
  const auto response = Query(request);
  ASSERT_TRUE(response.ok()) << response.status();
  std::vector<std::string> figures;
  for (const v1::Figure& figure : response->figures()) {
    figures.push_back(absl::StrCat(figure.org_unit_id(), " ", figure.measure(), " ", figure.value()));
  }
  EXPECT_THAT(figures, ElementsAre("city visits 2", "city enterprises_reached 2", "a visits 1",
                                   "a enterprises_reached 1", "b visits 1", "b enterprises_reached 2"));
  EXPECT_EQ(response->figures(0).reported().value(), 4);
  EXPECT_EQ(response->figures(0).reported().cells(), 1);
  EXPECT_EQ(response->figures(0).reported().cells_due(), 2);
  ASSERT_EQ(response->units_size(), 3);
  EXPECT_EQ(response->units(1).org_unit_id(), "a");
  EXPECT_EQ(response->freshness().events_behind(), 0);
  EXPECT_EQ(response->freshness().positions_size(), 4);
}

TEST_F(ReportServiceTest, ARepeatedQueryIsAnsweredAnewOnceAnythingChanged) {
  const auto request = MarchOf({"visits"});
  EXPECT_EQ(Query(request)->figures(0).value(), 2);
  clock_.Advance(absl::Minutes(1));
  const auto again = Query(request);
  EXPECT_EQ(again->figures(0).value(), 2);
  EXPECT_EQ(TimeFrom(again->freshness().answered_at()), clock_.Now());
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(1, 2, {Visit("a", {"Z"})}), 2).ok());
  const auto changed = Query(request);
  EXPECT_EQ(changed->figures(0).value(), 3);
  EXPECT_EQ(changed->freshness().positions(1).sequence(), 3);
}

TEST_F(ReportServiceTest, NoMeasuresMeansAllThatCanBeGroupedSo) {
  v1::QueryFiguresRequest request = MarchOf({});
  EXPECT_EQ(Query(request)->figures_size(), static_cast<int>(AllMeasures().size()));
  request.set_group_by(v1::GROUP_BY_DEPARTMENT);
  const auto grouped = Query(request);
  ASSERT_TRUE(grouped.ok());
  for (const v1::Figure& figure : grouped->figures()) EXPECT_EQ(figure.group(), "planning");
}

TEST_F(ReportServiceTest, BadQueriesNameTheFieldAndTheReason) {
  ExpectViolation(Query(MarchOf({"visits", "nonsense"})).status(), "measures[1]", "MEASURE_UNKNOWN");
  ExpectViolation(Query(MarchOf({"visits", "visits"})).status(), "measures[1]", "MEASURE_REPEATED");
  auto request = MarchOf({"visits"});
  request.mutable_periods(0)->mutable_month()->set_month(13);
  ExpectViolation(Query(request).status(), "periods[0]", "PERIOD_INVALID");
  request.clear_periods();
  ExpectViolation(Query(request).status(), "periods", "REQUIRED");
  request = MarchOf({"visits"});
  request.set_group_by(v1::GROUP_BY_CATEGORY);
  ExpectViolation(Query(request).status(), "group_by", "GROUPING_NOT_AVAILABLE");
  request = MarchOf({"visits"});
  *request.mutable_hierarchy_as_of() = testing::Date(2024, 2, 28);
  request.mutable_hierarchy_as_of()->set_day(30);
  ExpectViolation(Query(request).status(), "hierarchy_as_of", "DATE_INVALID");
  request = MarchOf({"visits"});
  request.set_org_unit_id("nowhere");
  EXPECT_EQ(rpc::ReasonOf(Query(request).status()), "ORG_UNIT_UNKNOWN");
  EXPECT_TRUE(absl::IsNotFound(Query(request).status()));
  request = MarchOf({"visits"});
  request.set_at_least_token("not a token");
  ExpectViolation(Query(request).status(), "at_least_token", "TOKEN_INVALID");
}

TEST_F(ReportServiceTest, ATokenThatIsNotReachedEndsAtTheDeadline) {
  v1::QueryFiguresRequest request = MarchOf({"visits"});
  request.set_at_least_token(feed::MakeToken({feed::Position(kIntake, 1, 99)}));
  grpc::ClientContext context;
  rpc::PrepareContext(context, absl::Now() + absl::Milliseconds(50));
  v1::QueryFiguresResponse response;
  EXPECT_EQ(stub_->QueryFigures(&context, request, &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(ReportServiceTest, ACallThatWaitsEndsWhenItsCallerLeavesAndWhenTheServiceStops) {
  v1::QueryFiguresRequest request = MarchOf({"visits"});
  request.set_at_least_token(feed::MakeToken({feed::Position(kIntake, 1, 1000)}));
  const absl::Time deadline = absl::Now() + kTimeout;
  const auto await_calls = [&](int calls) {
    while (calls_.adaptor().calls_in_flight() != calls && absl::Now() < deadline) std::this_thread::yield();
  };
  grpc::ClientContext context;
  rpc::PrepareContext(context, deadline);
  std::thread leaves([&] {
    v1::QueryFiguresResponse response;
    EXPECT_EQ(stub_->QueryFigures(&context, request, &response).error_code(), grpc::StatusCode::CANCELLED);
  });
  await_calls(1);
  context.TryCancel();
  leaves.join();
  await_calls(0);  // the handler has noticed

  absl::Status stopped;
  std::thread waits([&] { stopped = Query(request).status(); });
  await_calls(1);
  positions_.Stop();
  waits.join();
  EXPECT_TRUE(absl::IsUnavailable(stopped)) << stopped;
  EXPECT_LT(absl::Now(), deadline);
}

TEST_F(ReportServiceTest, CompletenessListsWhatIsMissingAndWaived) {
  const auto response = Call<v1::GetCompletenessResponse>(&v1::ReportService::Stub::GetCompleteness,
                                                          v1::GetCompletenessRequest());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->due(), 2);
  EXPECT_EQ(response->met(), 1);
  EXPECT_EQ(response->met_on_time(), 0);
  EXPECT_EQ(response->waived(), 1);
  EXPECT_EQ(response->completeness(), 0.5);
  EXPECT_EQ(response->timeliness(), 0.0);
  ASSERT_EQ(response->obligations_size(), 3);
  EXPECT_EQ(response->obligations(0).state(), intake::v1::SUMMARY_STATE_WAIVED);
  EXPECT_FALSE(response->obligations(0).missing());
  EXPECT_TRUE(response->obligations(1).late());
  EXPECT_TRUE(response->obligations(2).missing());
}

TEST_F(ReportServiceTest, NothingDueHasNoCompletenessWhichIsNotZero) {
  v1::GetCompletenessRequest request;
  request.mutable_first_month()->set_year(2023);
  request.mutable_first_month()->set_month(1);
  request.mutable_last_month()->set_year(2023);
  request.mutable_last_month()->set_month(12);
  const auto response = Call<v1::GetCompletenessResponse>(&v1::ReportService::Stub::GetCompleteness, request);
  ASSERT_TRUE(response.ok());
  EXPECT_FALSE(response->has_completeness());
  EXPECT_FALSE(response->has_timeliness());
  request.mutable_last_month()->set_year(2022);
  ExpectViolation(
      Call<v1::GetCompletenessResponse>(&v1::ReportService::Stub::GetCompleteness, request).status(),
      "last_month", "SPAN_REVERSED");
}

TEST_F(ReportServiceTest, AVisitFigureIsExplainedByIntakesRecords) {
  intake::v1::Record& record = *records_.answer.add_records();
  record.set_record_id("r1");
  record.mutable_submission()->set_org_unit_id("a");
  *record.mutable_submission()->mutable_visit()->mutable_visited_on() = Date(2024, 3, 5);
  record.mutable_submission()->mutable_visit()->add_enterprises()->set_name("某厂");
  records_.answer.set_total(2);
  records_.answer.set_next_page_token("more");
  v1::ExplainFigureRequest request = Why("visits");
  request.set_page_size(1);
  const auto response = Explain(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->figure().value(), 2);
  EXPECT_EQ(response->definition().name_zh(), "走访次数");
  ASSERT_EQ(response->by_child_size(), 2);
  EXPECT_EQ(response->by_child(0).value(), 1);
  ASSERT_EQ(response->by_day_size(), 1);
  EXPECT_EQ(response->by_day(0).date().day(), 5);
  EXPECT_EQ(response->by_day(0).value(), 2);
  ASSERT_EQ(response->records_size(), 1);
  EXPECT_EQ(response->records(0).title(), "走访：某厂");
  EXPECT_EQ(response->records_total(), 2);
  EXPECT_EQ(records_.asked.kind(), intake::v1::RECORD_KIND_VISIT);
  EXPECT_EQ(records_.asked.org_unit_id(), "city");
  EXPECT_EQ(records_.asked.dates().first().month(), 1);
  request.set_page_token(response->next_page_token());
  ASSERT_TRUE(Explain(request).ok());
  EXPECT_EQ(records_.asked.page_token(), "more");
  request.set_measure("issues_received");
  ExpectViolation(Explain(request).status(), "page_token", "PAGE_TOKEN_INVALID");
  request = Why("visits");
  request.set_page_size(-1);
  ExpectViolation(Explain(request).status(), "page_size", "PAGE_SIZE_NEGATIVE");
}

TEST_F(ReportServiceTest, WhatHasNoDepartmentOrCategoryIsExplainedAsItIsListed) {
  auto led_by_nobody = testing::OpenCase("a", Date(2024, 3, 6));
  led_by_nobody.clear_lead_function();
  led_by_nobody.clear_category_id();
  ASSERT_TRUE(
      aggregate_.Apply(kRouting, testing::Message(1, 1, {Change(std::nullopt, led_by_nobody)}), 1).ok());
  for (const v1::GroupBy group_by : {v1::GROUP_BY_DEPARTMENT, v1::GROUP_BY_CATEGORY}) {
    auto query = MarchOf({"open_at_end"});
    query.set_group_by(group_by);
    const auto listed = Query(query);
    ASSERT_TRUE(listed.ok()) << listed.status();
    ASSERT_EQ(listed->figures_size(), 1);
    EXPECT_EQ(listed->figures(0).group(), "");
    v1::ExplainFigureRequest request = Why("open_at_end");
    request.set_group_by(group_by);
    request.set_group(listed->figures(0).group());
    const auto explained = Explain(request);
    ASSERT_TRUE(explained.ok()) << explained.status();
    EXPECT_EQ(explained->figure().value(), 1);
    ASSERT_EQ(explained->by_child_size(), 2);
    EXPECT_EQ(explained->by_child(0).value(), 1);
    EXPECT_EQ(explained->by_child(1).value(), 0);
    const bool by_department = group_by == v1::GROUP_BY_DEPARTMENT;
    EXPECT_EQ(cases_.asked.has_lead_function(), by_department);
    EXPECT_EQ(cases_.asked.has_exact_category_id(), !by_department);
    EXPECT_EQ(cases_.asked.lead_function(), "");
    EXPECT_TRUE(cases_.asked.without_children());
    EXPECT_EQ(cases_.asked.exact_category_id(), "");
  }
}

// What is below a category is counted in a group of its own, and is not behind the figure.
TEST_F(ReportServiceTest, ACategorysFigureIsExplainedByItsOwnRecordsAlone) {
  v1::ExplainFigureRequest request = Why("issues_received");
  request.set_group_by(v1::GROUP_BY_CATEGORY);
  request.set_group("land");
  ASSERT_TRUE(Explain(request).ok());
  EXPECT_EQ(records_.asked.exact_category_id(), "land");
  EXPECT_EQ(records_.asked.category_id(), "");
}

TEST_F(ReportServiceTest, AGroupThatNothingCanBeInHasNoRecords) {
  records_.answer.add_records()->set_record_id("r1");
  v1::ExplainFigureRequest request = Why("issues_received");
  request.set_group_by(v1::GROUP_BY_ISSUE_KIND);
  for (const char* group : {"", "WISH"}) {
    request.set_group(group);
    const auto explained = Explain(request);
    ASSERT_TRUE(explained.ok()) << explained.status();
    EXPECT_EQ(explained->figure().value(), 0);
    EXPECT_EQ(explained->records_size(), 0);
  }
}

TEST_F(ReportServiceTest, ACallBackRateIsExplainedByTheCasesHistories) {
  for (const bool resolved : {true, false}) {
    routing::v1::Case& item = cases_.cases.emplace_back();
    item.set_case_id(resolved ? "yes" : "no");
    item.mutable_issue()->set_title("诉求");
    routing::v1::CaseEvent& event = *item.add_history();
    *event.mutable_occurred_at() = At(2024, 3, 19, 10);
    event.mutable_action()->mutable_call_back()->set_contacted(true);
    event.mutable_action()->mutable_call_back()->set_resolved(resolved);
  }
  const auto response = Explain(Why("resolution_rate"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->figure().value(), 1.0);
  ASSERT_EQ(response->records_size(), 2);
  EXPECT_TRUE(response->records(0).in_numerator());
  EXPECT_FALSE(response->records(1).in_numerator());
  EXPECT_EQ(response->records(0).date().day(), 19);
  EXPECT_TRUE(cases_.asked.has_called_back());
}

TEST_F(ReportServiceTest, CompletenessIsExplainedByObligationsPageByPage) {
  v1::ExplainFigureRequest request = Why("completeness");
  request.set_page_size(1);
  const auto first = Explain(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->figure().numerator(), 1);
  EXPECT_EQ(first->figure().denominator(), 2);
  EXPECT_EQ(first->records_total(), 2);
  ASSERT_EQ(first->records_size(), 1);
  EXPECT_EQ(first->records(0).id(), "a/2024-03/monthly");
  EXPECT_TRUE(first->records(0).in_numerator());
  request.set_page_token(first->next_page_token());
  const auto second = Explain(request);
  ASSERT_EQ(second->records_size(), 1);
  EXPECT_EQ(second->records(0).id(), "b/2024-03/monthly");
  EXPECT_FALSE(second->records(0).in_numerator());
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(ReportServiceTest, ARecountOfBothLogsFindsNoDifference) {
  const auto response =
      Call<v1::VerifyFiguresResponse>(&v1::ReportService::Stub::VerifyFigures, v1::VerifyFiguresRequest());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->events(), 7);
  EXPECT_GT(response->cells(), 10);
  EXPECT_EQ(response->differences_size(), 0);
  EXPECT_EQ(response->differences_total(), 0);
}

TEST_F(ReportServiceTest, ARecountFindsWhatTheLogDoesNotHave) {
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(1, 2, {Visit("a", {"Z"})}), 2).ok());
  intake_feed_.Push(1, Visit("b", {"Z"}));
  const auto response =
      Call<v1::VerifyFiguresResponse>(&v1::ReportService::Stub::VerifyFigures, v1::VerifyFiguresRequest());
  ASSERT_TRUE(response.ok()) << response.status();
  std::vector<std::string> own;
  for (const auto& difference : response->differences()) {
    if (difference.scope() == v1::CELL_SCOPE_OWN) own.push_back(testing::LineOf(difference));
  }
  EXPECT_THAT(own,
              ElementsAre("a OWN visits DAY 2024-3-5 2 1", "a OWN visits MONTH 2024-3-1 2 1",
                          "a OWN enterprises_reached:Z DAY 2024-3-5 1 0",
                          "a OWN enterprises_reached:Z MONTH 2024-3-1 1 0",
                          "a OWN enterprises_reached:Z YEAR 2024-1-1 1 0", "b OWN visits DAY 2024-3-5 1 2",
                          "b OWN visits MONTH 2024-3-1 1 2", "b OWN enterprises_reached:Z DAY 2024-3-5 0 1",
                          "b OWN enterprises_reached:Z MONTH 2024-3-1 0 1",
                          "b OWN enterprises_reached:Z YEAR 2024-1-1 0 1"));
  // The same again rolled up; the city has both visits alike.
  EXPECT_EQ(response->differences_total(), 20);
  EXPECT_EQ(response->differences_size(), 20);
}

TEST_F(ReportServiceTest, ARecountFindsAnObligationThatStandsOtherwiseInTheLog) {
  auto met = testing::Obligation("a", 2024, 4, At(2024, 5, 10, 17), intake::v1::SUMMARY_STATE_ACCEPTED);
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(1, 2, {Change(std::nullopt, met)}), 2).ok());
  met.set_late(true);
  intake_feed_.Push(1, Change(std::nullopt, met));
  const auto response =
      Call<v1::VerifyFiguresResponse>(&v1::ReportService::Stub::VerifyFigures, v1::VerifyFiguresRequest());
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_GT(response->differences_size(), 0);
  EXPECT_EQ(testing::LineOf(*response->differences().rbegin()),
            "a OWN obligation/monthly:late MONTH 2024-4-1 false / true");
}

TEST_F(ReportServiceTest, ARecountFollowsFiguresThatGoOnMeanwhile) {
  std::atomic<bool> done = false;
  std::thread owner([&] {
    for (int64_t sequence = 3; !done; ++sequence) {
      intake_feed_.Push(1, Visit(sequence % 3 == 0 ? "a1" : "b", {"X", "Z"}));
      (void)positions_.BlockUntil(feed::Position(kIntake, 1, sequence), absl::Now() + kTimeout);
    }
  });
  for (int i = 0; i < 3; ++i) {
    const auto response =
        Call<v1::VerifyFiguresResponse>(&v1::ReportService::Stub::VerifyFigures, v1::VerifyFiguresRequest());
    EXPECT_EQ(response.status(), absl::OkStatus());
    EXPECT_EQ(response.ok() ? response->differences_total() : -1, 0);
  }
  done = true;
  owner.join();
}

TEST_F(ReportServiceTest, ARecountEndsWhenItsCallerIsGoneAndTheNextOneMayBegin) {
  // An event that the owner does not have: the recount waits for it.
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(1, 2, {Visit("a", {"Z"})}), 2).ok());
  grpc::ClientContext context;
  rpc::PrepareContext(context, absl::Now() + kTimeout);
  absl::Notification answered;
  v1::VerifyFiguresRequest request;
  v1::VerifyFiguresResponse response;
  grpc::Status status;
  stub_->async()->VerifyFigures(&context, &request, &response, [&](grpc::Status ended) {
    status = std::move(ended);
    answered.Notify();
  });
  const auto verify = [&] {
    return Call<v1::VerifyFiguresResponse>(&v1::ReportService::Stub::VerifyFigures, request).status();
  };
  context.TryCancel();
  answered.WaitForNotification();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  intake_feed_.Push(1, Visit("a", {"Z"}));
  absl::Status next = verify();
  while (rpc::ReasonOf(next) == "VERIFICATION_RUNNING") next = verify();
  EXPECT_TRUE(next.ok()) << next;
}

TEST_F(ReportServiceTest, AFigureWaitsForItsTokenAndForWhatRoutingMakesOfIt) {
  const auto before = MarchOf({"visits", "open_at_end"});
  EXPECT_EQ(Query(before)->figures(0).value(), 2);
  auto request = before;
  request.set_at_least_token(feed::MakeToken({feed::Position(kIntake, 1, 3)}));
  std::future<absl::StatusOr<v1::QueryFiguresResponse>> asked =
      std::async(std::launch::async, [&] { return Query(request); });
  intake_feed_.Push(1, Visit("a", {"Z"}));
  ASSERT_TRUE(positions_.BlockUntil(feed::Position(kIntake, 1, 3), absl::Now() + kTimeout).ok());
  EXPECT_EQ(asked.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  routing_feed_.Push(1, Change(std::nullopt, testing::OpenCase("a", Date(2024, 3, 6))));
  routing_feed_.NoteUpstream(1, 3);
  const auto response = asked.get();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->figures(0).value(), 3);
  EXPECT_EQ(response->figures(1).value(), 1);
}

TEST_F(ReportServiceTest, EveryKindOfEventAndANewDayMakeAnewWhatWasAnswered) {
  clock_.Set(CityTime(absl::CivilDay(2024, 4, 8), 12));
  v1::QueryFiguresRequest request;
  request.add_measures("open_at_end");
  request.add_measures("completeness");
  request.add_periods()->set_year(2024);
  request.set_include_children(true);
  const auto first = Query(request);
  EXPECT_EQ(first->figures(0).value(), 0);
  EXPECT_FALSE(first->figures(1).has_value());
  clock_.Set(CityTime(absl::CivilDay(2024, 4, 9), 0));  // what was due on the 8th is due now
  EXPECT_EQ(Query(request)->figures(1).value(), 0.5);
  ASSERT_TRUE(
      aggregate_
          .Apply(kRouting,
                 testing::Message(1, 1, {Change(std::nullopt, testing::OpenCase("a", Date(2024, 3, 6)))}), 1)
          .ok());
  EXPECT_EQ(Query(request)->figures(0).value(), 1);
  auto met = testing::Obligation("b", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_OWED);
  const auto owed = met;
  met.set_state(intake::v1::SUMMARY_STATE_SUBMITTED);
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(2, 3, {Change(owed, met)}), 3).ok());
  EXPECT_EQ(Query(request)->figures(1).value(), 1.0);
  feed::v1::DirectoryChanged change;
  *change.add_org_units() = testing::Unit("c", "city", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(0, 1, {testing::DirectoryEvent(change)}), 1).ok());
  EXPECT_EQ(Query(request)->units_size(), 4);
}

TEST_F(ReportServiceTest, ObligationsOfAUnitThatClosesOrMovesAgreeInFiguresAndList) {
  auto owed = testing::Obligation("a1", 2024, 4, At(2024, 5, 10, 17), intake::v1::SUMMARY_STATE_OWED);
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(1, 2, {Change(std::nullopt, owed)}), 2).ok());
  const auto due = [&](const std::string& unit) {
    v1::QueryFiguresRequest figures;
    figures.add_measures("completeness");
    figures.set_org_unit_id(unit);
    figures.add_periods()->set_year(2024);
    v1::GetCompletenessRequest list;
    list.set_org_unit_id(unit);
    const auto listed = Call<v1::GetCompletenessResponse>(&v1::ReportService::Stub::GetCompleteness, list);
    EXPECT_EQ(Query(figures)->figures(0).denominator(), listed->due());
    return std::make_pair(listed->due(), listed->waived());
  };
  EXPECT_EQ(due("a"), std::make_pair(int64_t{2}, int64_t{0}));
  EXPECT_EQ(due("b"), std::make_pair(int64_t{1}, int64_t{1}));
  feed::v1::DirectoryChanged move;
  *move.add_org_units() = testing::Unit("a1", "b", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(0, 1, {testing::DirectoryEvent(move)}), 1).ok());
  EXPECT_EQ(due("a"), std::make_pair(int64_t{1}, int64_t{0}));
  EXPECT_EQ(due("b"), std::make_pair(int64_t{2}, int64_t{1}));
  auto waived = owed;
  waived.set_state(intake::v1::SUMMARY_STATE_WAIVED);
  waived.set_waiver_reason("the unit closed on 2024-03-31");
  ASSERT_TRUE(aggregate_.Apply(kIntake, testing::Message(1, 3, {Change(owed, waived)}), 3).ok());
  EXPECT_EQ(due("b"), std::make_pair(int64_t{1}, int64_t{2}));
  EXPECT_EQ(due("a1"), std::make_pair(int64_t{0}, int64_t{1}));
  EXPECT_EQ(due("city"), std::make_pair(int64_t{2}, int64_t{2}));
}

TEST_F(ReportServiceTest, WithoutALastMonthTheListEndsWithTheUnitsOwnLastMonthThatIsDue) {
  // The city's other form is due earlier than a's next monthly summary.
  auto early = testing::Obligation("city", 2024, 5, At(2024, 5, 31, 17), intake::v1::SUMMARY_STATE_OWED);
  early.set_form_id("early");
  const auto next = testing::Obligation("a", 2024, 5, At(2024, 6, 10, 17), intake::v1::SUMMARY_STATE_OWED);
  ASSERT_TRUE(aggregate_
                  .Apply(kIntake,
                         testing::Message(1, 2, {Change(std::nullopt, early), Change(std::nullopt, next)}), 2)
                  .ok());
  v1::GetCompletenessRequest request;
  request.set_org_unit_id("a");
  const auto response = Call<v1::GetCompletenessResponse>(&v1::ReportService::Stub::GetCompleteness, request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->obligations_size(), 1);
  EXPECT_EQ(response->obligations(0).month().month(), 3);
}

TEST_F(ReportServiceTest, AllMeasuresAreDefinedInBothLanguages) {
  const auto response =
      Call<v1::ListMeasuresResponse>(&v1::ReportService::Stub::ListMeasures, v1::ListMeasuresRequest());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->measures_size(), 18);
  for (const v1::MeasureDefinition& measure : response->measures()) {
    EXPECT_NE(measure.name(), "");
    EXPECT_NE(measure.name_zh(), "");
    EXPECT_NE(measure.definition(), "");
    EXPECT_NE(measure.definition_zh(), "");
    EXPECT_NE(measure.unit(), "");
    EXPECT_EQ(measure.kind() == v1::MEASURE_KIND_RATE, !measure.denominator().empty()) << measure.measure();
  }
}

}  // namespace
}  // namespace zhuqi::reporting
