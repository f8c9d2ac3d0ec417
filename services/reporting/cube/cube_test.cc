#include "services/reporting/cube/cube.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "services/reporting/cube/figure_query.h"
#include "services/reporting/testing/compare.h"
#include "services/reporting/testing/facts.h"
#include "services/reporting/testing/random_log.h"

namespace zhuqi::reporting {
namespace {

using testing::At;
using testing::Change;
using testing::Date;
using testing::Day;
using testing::Month;
using testing::Year;

constexpr DayNumber kToday = 9200;  // 2025-03-10, after all that the tests tell of

class CubeTest : public ::testing::Test {
 protected:
  CubeTest() : directory_(testing::SmallCityDirectory()) { cube_.SetDirectory(*directory_); }

  v1::Figure Figure(const std::string& measure, const std::string& unit, const ReportSpan& span,
                    DayNumber today = kToday) {
    return OneFigure(cube_, *directory_, *FindMeasure(measure), unit, span, v1::GROUP_BY_UNSPECIFIED,
                     std::nullopt, today);
  }
  double Value(const std::string& measure, const std::string& unit, const ReportSpan& span,
               DayNumber today = kToday) {
    return Figure(measure, unit, span, today).value();
  }

  Cube cube_;
  std::shared_ptr<const Directory> directory_;
};

TEST_F(CubeTest, WhatATownshipDoesCountsForItsDistrictAndTheCity) {
  cube_.Apply(Change(std::nullopt, testing::Visit("a1", Date(2024, 3, 1), {"X"})));
  cube_.Apply(Change(std::nullopt, testing::Visit("b", Date(2024, 3, 2), {"X", "Y"})));
  EXPECT_EQ(Value("visits", "a1", Year(2024)), 1);
  EXPECT_EQ(Value("visits", "a", Year(2024)), 1);
  EXPECT_EQ(Value("visits", "b", Year(2024)), 1);
  EXPECT_EQ(Value("visits", "city", Year(2024)), 2);
  EXPECT_EQ(Value("enterprises_reached", "a", Year(2024)), 1);
  EXPECT_EQ(Value("enterprises_reached", "b", Year(2024)), 2);
  EXPECT_EQ(Value("enterprises_reached", "city", Year(2024)), 2);
  EXPECT_EQ(Value("visits", "city", Month(2024, 2)), 0);
}

TEST_F(CubeTest, FiguresCanBeAskedAlongTheTreeAsItWas) {
  cube_.Apply(Change(std::nullopt, testing::Visit("a1", Date(2024, 3, 1), {"X"})));
  cube_.Apply(Change(std::nullopt, testing::Visit("a", Date(2024, 3, 2), {"X", "Y"})));
  // On the first of July a1 came below b, and b2 opened there.
  feed::v1::DirectoryChanged change;
  *change.add_org_units() = testing::Unit("a1", "b", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  auto& former = *change.mutable_org_units(0)->add_former_parents();
  former.set_parent_id("a");
  *former.mutable_until() = Date(2024, 6, 30);
  *change.add_org_units() = testing::Unit("b2", "b", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  *change.mutable_org_units(1)->mutable_opened_on() = Date(2024, 7, 1);
  directory_ = directory_->With(change, 2).value();
  cube_.SetDirectory(*directory_);
  cube_.Apply(Change(std::nullopt, testing::Visit("b2", Date(2024, 8, 1), {"Z"})));
  FigureQuery query;
  query.measures = {FindMeasure("visits"), FindMeasure("enterprises_reached")};
  query.org_unit_ids = {"city", "a", "b"};
  query.spans = {Year(2024)};
  const auto values = [&](std::optional<absl::CivilDay> day) {
    query.hierarchy_as_of = day;
    google::protobuf::RepeatedPtrField<v1::Figure> figures;
    EXPECT_TRUE(AppendFigures(cube_, *directory_, query, kToday, 100, &figures));
    std::vector<double> found;
    for (const v1::Figure& figure : figures) found.push_back(figure.value());
    return found;
  };
  EXPECT_THAT(values(std::nullopt), ::testing::ElementsAre(3, 3, 1, 2, 2, 2));
  EXPECT_THAT(values(absl::CivilDay(2024, 7, 1)), ::testing::ElementsAre(3, 3, 1, 2, 2, 2));
  EXPECT_THAT(values(absl::CivilDay(2024, 6, 30)), ::testing::ElementsAre(3, 3, 2, 2, 1, 1));
}

TEST_F(CubeTest, MergedUnitsFactsStayItsOwnAndCountInTheCity) {
  cube_.Apply(Change(std::nullopt, testing::Visit("a", Date(2024, 3, 1), {"X"})));
  cube_.Apply(Change(std::nullopt, testing::Visit("a1", Date(2024, 3, 1), {"X"})));
  feed::v1::DirectoryChanged change;
  *change.add_org_units() = testing::Unit("a", "city", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  *change.mutable_org_units(0)->mutable_closed_on() = Date(2024, 6, 30);
  change.mutable_org_units(0)->add_successor_ids("b");
  *change.add_org_units() = testing::Unit("a1", "b", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  auto& former = *change.mutable_org_units(1)->add_former_parents();
  former.set_parent_id("a");
  *former.mutable_until() = Date(2024, 6, 30);
  directory_ = directory_->With(change, 2).value();
  cube_.SetDirectory(*directory_);
  EXPECT_EQ(Value("visits", "a", Year(2024)), 1);
  EXPECT_EQ(Value("visits", "b", Year(2024)), 1);  // the township that is below it now
  EXPECT_EQ(Value("visits", "city", Year(2024)), 2);
}

TEST_F(CubeTest, ARevisedRecordLeavesItsOldPlaceAndNothingCountsTwice) {
  const auto first = testing::Visit("a", Date(2024, 3, 1), {"X"});
  const auto second = testing::Visit("b", Date(2024, 4, 1), {"Y"});
  cube_.Apply(Change(std::nullopt, first));
  cube_.Apply(Change(first, second));
  EXPECT_EQ(Value("visits", "city", Year(2024)), 1);
  EXPECT_EQ(Value("visits", "a", Year(2024)), 0);
  EXPECT_EQ(Value("visits", "b", Month(2024, 4)), 1);
  EXPECT_EQ(Value("enterprises_reached", "a", Year(2024)), 0);
  EXPECT_EQ(Value("enterprises_reached", "b", Year(2024)), 1);
}

TEST_F(CubeTest, EventsOfKindsThatAreNotKnownOrNotNeededArePassedOver) {
  cube_.Apply(Change(std::nullopt, testing::Visit("a", Date(2024, 3, 1), {"X"})));
  feed::v1::Event enterprise;
  enterprise.mutable_enterprise()->mutable_after()->set_uscc("X");
  enterprise.mutable_enterprise()->mutable_after()->set_org_unit_id("b");
  cube_.Apply(enterprise);
  cube_.Apply(feed::v1::Event());  // as one of a later version looks
  EXPECT_EQ(Value("visits", "city", Year(2024)), 1);
  EXPECT_EQ(Value("enterprises_reached", "city", Year(2024)), 1);
  EXPECT_EQ(Value("visits", "b", Year(2024)), 0);
}

TEST_F(CubeTest, AReopenedCaseIsOpenAgainAndNoLongerClosed) {
  const auto open = testing::OpenCase("a", Date(2024, 3, 1));
  auto closed = open;
  *closed.mutable_closed_at() = At(2024, 3, 10, 9);
  *closed.mutable_resolved_at() = At(2024, 3, 10, 9);
  closed.set_handling_minutes(480);
  cube_.Apply(Change(std::nullopt, open));
  cube_.Apply(Change(open, closed));
  EXPECT_EQ(Value("open_at_end", "city", Month(2024, 3)), 0);
  EXPECT_EQ(Value("cases_closed", "city", Month(2024, 3)), 1);
  EXPECT_EQ(Value("cases_resolved", "city", Month(2024, 3)), 1);
  EXPECT_EQ(Value("handling_time", "city", Month(2024, 3)), 480);
  EXPECT_EQ(Value("open_at_end", "city", testing::Days(Day(2024, 3, 5), Day(2024, 3, 9))), 1);
  cube_.Apply(Change(closed, open));
  EXPECT_EQ(Value("open_at_end", "city", Month(2024, 3)), 1);
  EXPECT_EQ(Value("cases_closed", "city", Year(2024)), 0);
  EXPECT_FALSE(Figure("handling_time", "city", Year(2024)).has_value());
}

TEST_F(CubeTest, AStockIsTheLevelAtTheEndAndNotTheSumOfDays) {
  cube_.Apply(Change(std::nullopt, testing::OpenCase("a", Date(2023, 11, 1))));
  cube_.Apply(Change(std::nullopt, testing::OpenCase("b", Date(2024, 2, 1))));
  EXPECT_EQ(Value("open_at_end", "city", Month(2024, 1)), 1);
  EXPECT_EQ(Value("open_at_end", "city", Year(2024)), 2);
  EXPECT_EQ(Value("open_at_end", "city", Year(2022)), 0);
}

TEST_F(CubeTest, OverdueAtTheEndOfADayHasADeadlineByThenAndNoClosing) {
  auto facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_handling_due_at() = At(2024, 3, 8, 17);
  cube_.Apply(Change(std::nullopt, facts));
  const auto at_end_of = [&](int day) {
    return Value("overdue_at_end", "city", testing::Days(Day(2024, 3, 1), Day(2024, 3, day)));
  };
  EXPECT_EQ(at_end_of(7), 0);
  EXPECT_EQ(at_end_of(8), 1);
  auto closed = facts;
  *closed.mutable_closed_at() = At(2024, 3, 11, 9);
  cube_.Apply(Change(facts, closed));
  EXPECT_EQ(at_end_of(10), 1);
  EXPECT_EQ(at_end_of(11), 0);
}

TEST_F(CubeTest, WhatFallsDueInTheFutureIsNotOverdueAndNotDueYet) {
  auto facts = testing::OpenCase("a", Date(2024, 3, 1));
  *facts.mutable_handling_due_at() = At(2024, 3, 8, 17);
  *facts.mutable_response_due_at() = At(2024, 3, 8, 17);
  cube_.Apply(Change(std::nullopt, facts));
  EXPECT_EQ(Value("overdue_at_end", "city", Month(2024, 3), Day(2024, 3, 8)), 0);
  EXPECT_EQ(Value("overdue_at_end", "city", Month(2024, 3), Day(2024, 3, 9)), 1);
  EXPECT_FALSE(Figure("response_rate", "city", Month(2024, 3), Day(2024, 3, 8)).has_value());
  EXPECT_EQ(Figure("response_rate", "city", Month(2024, 3), Day(2024, 3, 9)).value(), 0);
}

TEST_F(CubeTest, ARateWithoutDataHasNoValueWhichIsNotZero) {
  const v1::Figure rate = Figure("on_time_rate", "city", Year(2024));
  EXPECT_FALSE(rate.has_value());
  EXPECT_EQ(rate.denominator(), 0);
  EXPECT_TRUE(Figure("visits", "city", Year(2024)).has_value());
  EXPECT_EQ(Value("visits", "city", Year(2024)), 0);
}

TEST_F(CubeTest, ReportingRateNeverExceedsOneHundredPercent) {
  // Today's tree has two districts; three have reported in the past, one of which closed since: rates count
  // obligations, so the number of today's units is in neither part.
  for (const char* unit : {"a", "b", "former"}) {
    cube_.Apply(Change(std::nullopt, testing::Obligation(unit, 2024, 3, At(2024, 4, 8, 17),
                                                         intake::v1::SUMMARY_STATE_ACCEPTED)));
  }
  const v1::Figure a = Figure("completeness", "a", Year(2024));
  EXPECT_EQ(a.numerator(), 1);
  EXPECT_EQ(a.denominator(), 1);
  EXPECT_EQ(Value("completeness", "city", Year(2024)), 1.0);
}

TEST_F(CubeTest, CompletenessAndTimelinessAreCountedByDueDate) {
  auto late = testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_SUBMITTED);
  late.set_late(true);
  cube_.Apply(Change(std::nullopt, late));
  cube_.Apply(Change(std::nullopt,
                     testing::Obligation("b", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_OWED)));
  EXPECT_FALSE(Figure("completeness", "city", Month(2024, 3)).has_value());
  EXPECT_EQ(Value("completeness", "city", Month(2024, 4)), 0.5);
  EXPECT_EQ(Value("timeliness", "city", Month(2024, 4)), 0.0);
  EXPECT_TRUE(Figure("timeliness", "city", Month(2024, 4)).has_value());
}

TEST_F(CubeTest, ReportedStandsBesideObservedAndZeroIsNotMissing) {
  auto a = testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_ACCEPTED);
  testing::AddCell(a, "visits", 5, intake::v1::CELL_STATUS_REPORTED);
  auto b = testing::Obligation("b", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_SUBMITTED);
  testing::AddCell(b, "visits", 0, intake::v1::CELL_STATUS_NIL);
  testing::AddCell(b, "issues", 0, intake::v1::CELL_STATUS_MISSING);
  cube_.Apply(Change(std::nullopt, a));
  cube_.Apply(Change(std::nullopt, b));
  cube_.Apply(Change(std::nullopt, testing::Visit("a", Date(2024, 3, 1), {"X"})));
  const v1::Figure visits = Figure("visits", "city", Month(2024, 3));
  EXPECT_EQ(visits.value(), 1);
  EXPECT_EQ(visits.reported().value(), 5);
  EXPECT_EQ(visits.reported().cells(), 2);
  EXPECT_EQ(visits.reported().cells_due(), 2);
  EXPECT_EQ(visits.reported().cells_accepted(), 1);
  const v1::Figure issues = Figure("issues_received", "city", Month(2024, 3));
  EXPECT_EQ(issues.reported().cells(), 0);
  EXPECT_EQ(issues.reported().cells_due(), 2);
  EXPECT_FALSE(Figure("visits", "city", testing::Days(Day(2024, 3, 1), Day(2024, 3, 30))).has_reported());
  EXPECT_FALSE(Figure("escalations", "city", Month(2024, 3)).has_reported());
  EXPECT_FALSE(Figure("visits", "city", Month(2024, 2)).has_reported());
}

TEST_F(CubeTest, AVoidedReportIsTakenBackWithItsCells) {
  auto sent = testing::Obligation("a", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_ACCEPTED);
  testing::AddCell(sent, "visits", 5, intake::v1::CELL_STATUS_REPORTED);
  auto returned = sent;
  returned.set_state(intake::v1::SUMMARY_STATE_RETURNED);
  cube_.Apply(Change(std::nullopt, sent));
  cube_.Apply(Change(sent, returned));
  const v1::Figure visits = Figure("visits", "city", Month(2024, 3));
  EXPECT_EQ(visits.reported().value(), 0);
  EXPECT_EQ(visits.reported().cells(), 0);
  EXPECT_EQ(visits.reported().cells_due(), 1);
  EXPECT_EQ(Figure("completeness", "city", Month(2024, 4)).numerator(), 0);
  EXPECT_EQ(cube_.obligations().size(), 1u);
}

TEST_F(CubeTest, AUnitThatMovesTakesItsFiguresAlongAsTheTreeIs) {
  cube_.Apply(Change(std::nullopt, testing::Visit("a1", Date(2024, 3, 1), {"X"})));
  feed::v1::DirectoryChanged move;
  *move.add_org_units() = testing::Unit("a1", "b", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  directory_ = *directory_->With(move, 2);
  cube_.SetDirectory(*directory_);
  EXPECT_EQ(Value("visits", "a", Year(2024)), 0);
  EXPECT_EQ(Value("visits", "b", Year(2024)), 1);
  EXPECT_EQ(Value("enterprises_reached", "b", Year(2024)), 1);
  EXPECT_EQ(Value("visits", "city", Year(2024)), 1);
}

TEST_F(CubeTest, GroupsGiveOnlyWhatHasDataAndFollowARevision) {
  const auto land = testing::Issue("a", Date(2024, 3, 1), intake::v1::ISSUE_KIND_NEED, "land");
  auto tax = land;
  tax.set_category_id("tax");
  cube_.Apply(Change(std::nullopt, land));
  cube_.Apply(Change(land, tax));
  FigureQuery query{
      {FindMeasure("issues_received")}, {"city", "a", "b"}, {Year(2024)}, v1::GROUP_BY_CATEGORY, {}};
  google::protobuf::RepeatedPtrField<v1::Figure> figures;
  ASSERT_TRUE(AppendFigures(cube_, *directory_, query, kToday, 100, &figures));
  ASSERT_EQ(figures.size(), 2);
  EXPECT_EQ(figures[0].org_unit_id(), "city");
  EXPECT_EQ(figures[0].group(), "tax");
  EXPECT_EQ(figures[0].value(), 1);
  EXPECT_EQ(figures[1].org_unit_id(), "a");
}

TEST_F(CubeTest, AppendFiguresStopsAtTheMost) {
  FigureQuery query{{FindMeasure("visits")}, {"city", "a", "b"}, {Year(2024), Year(2023)}, {}, {}};
  google::protobuf::RepeatedPtrField<v1::Figure> figures;
  EXPECT_FALSE(AppendFigures(cube_, *directory_, query, kToday, 5, &figures));
  figures.Clear();
  EXPECT_TRUE(AppendFigures(cube_, *directory_, query, kToday, 6, &figures));
}

TEST(SpanOfTest, PeriodsAreCheckedAndWholeMonthsAreKnown) {
  v1::Period period;
  EXPECT_FALSE(SpanOf(period).has_value());
  period.mutable_quarter()->set_year(2024);
  period.mutable_quarter()->set_quarter(5);
  EXPECT_FALSE(SpanOf(period).has_value());
  period.mutable_quarter()->set_quarter(2);
  EXPECT_EQ(SpanOf(period)->days, (DaySpan{Day(2024, 4, 1), Day(2024, 6, 30)}));
  period.set_year(1999);
  EXPECT_FALSE(SpanOf(period).has_value());
  *period.mutable_days()->mutable_first() = Date(2024, 2, 1);
  EXPECT_FALSE(SpanOf(period).has_value());
  *period.mutable_days()->mutable_last() = Date(2024, 2, 29);
  EXPECT_TRUE(SpanOf(period)->months.has_value());
  *period.mutable_days()->mutable_last() = Date(2024, 2, 28);
  EXPECT_FALSE(SpanOf(period)->months.has_value());
  *period.mutable_days()->mutable_last() = Date(2024, 1, 31);
  EXPECT_FALSE(SpanOf(period).has_value());
  *period.mutable_days()->mutable_last() = Date(2034, 3, 19);  // 3,700 days
  EXPECT_TRUE(SpanOf(period).has_value());
  *period.mutable_days()->mutable_last() = Date(2034, 3, 20);
  EXPECT_FALSE(SpanOf(period).has_value());
}

RC_GTEST_PROP(CubeProperty, AnIncrementalCubeEqualsARecountOfTheFactsInForce, ()) {
  testing::RandomLog log = testing::RandomLog::Generate();
  Cube incremental;
  for (const testing::LogEntry& entry : log.entries) testing::Apply(entry, incremental);
  // The recount knows nothing of how it came to be: the last tree, and each fact once.
  Tally recount;
  for (const feed::v1::Event& event : log.FactsInForce()) recount.Apply(event);
  const Comparison comparison = testing::Compare(incremental, recount, *log.directory);
  for (const std::string& line : testing::LinesOf(comparison)) RC_LOG(line);
  RC_ASSERT(comparison.found == 0);
}

RC_GTEST_PROP(CubeProperty, TheCityIsTheSumOfItsDistrictsForWhatAdds, ()) {
  testing::RandomLog log = testing::RandomLog::Generate();
  Cube cube;
  for (const testing::LogEntry& entry : log.entries) testing::Apply(entry, cube);
  for (const Measure& measure : AllMeasures()) {
    if (measure.kind() == v1::MEASURE_KIND_DISTINCT || measure.kind() == v1::MEASURE_KIND_DISTRIBUTION)
      continue;
    const auto parts = [&](const std::string& unit) {
      const v1::Figure figure = OneFigure(cube, *log.directory, measure, unit, Month(2024, 3),
                                          v1::GROUP_BY_UNSPECIFIED, std::nullopt, kToday);
      return measure.kind() == v1::MEASURE_KIND_RATE
                 ? std::make_pair(figure.numerator(), figure.denominator())
                 : std::make_pair(static_cast<int64_t>(figure.value()), int64_t{0});
    };
    std::pair<int64_t, int64_t> sum{0, 0};
    for (const std::string& child : log.directory->ChildrenOf("city")) {
      sum.first += parts(child).first;
      sum.second += parts(child).second;
    }
    const auto own = parts("city");  // random facts are given to townships and districts alone
    RC_ASSERT(own == sum);
  }
}

}  // namespace
}  // namespace zhuqi::reporting
