#include "services/reporting/cube/cube_compare.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "services/reporting/testing/compare.h"
#include "services/reporting/testing/damage.h"
#include "services/reporting/testing/facts.h"
#include "services/reporting/testing/random_log.h"

namespace zhuqi::reporting {
namespace {

using testing::At;
using testing::Change;
using testing::CountsOf;
using testing::Date;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::LinesOf;
using testing::Own;
using testing::Rolled;
using testing::SeriesDamage;

constexpr MonthNumber kMarch = 24 * 12 + 2;
constexpr int32_t kYear = 24;
const ObligationKey kOfMarch{kMarch, "b", "monthly"};

// Two visits and a closed case in the township a1, and what b reports and owes.
std::vector<feed::v1::Event> Facts() {
  auto closed = testing::OpenCase("a1", Date(2024, 3, 1));
  *closed.mutable_closed_at() = At(2024, 3, 10, 9);
  closed.set_handling_minutes(480);
  auto reported = testing::Obligation("b", 2024, 3, At(2024, 4, 8, 17), intake::v1::SUMMARY_STATE_SUBMITTED);
  testing::AddCell(reported, "visits", 5, intake::v1::CELL_STATUS_REPORTED);
  return {Change(std::nullopt, testing::Visit("a1", Date(2024, 3, 1), {"X", "Y"})),
          Change(std::nullopt, testing::Visit("a1", Date(2024, 3, 20), {"X"})), Change(std::nullopt, closed),
          Change(std::nullopt, reported)};
}

class CubeCompareTest : public ::testing::Test {
 protected:
  CubeCompareTest() {
    served_.SetDirectory(*directory_);
    const std::vector<feed::v1::Event> facts = Facts();
    for (const feed::v1::Event& fact : facts) served_.Apply(fact);
    // The other way round: numbers of names differ.
    std::for_each(facts.rbegin(), facts.rend(), [this](const auto& fact) { recounted_.Apply(fact); });
  }
  Comparison Compared(std::size_t max = 1000) const {
    return testing::Compare(served_, recounted_, *directory_, max);
  }
  std::vector<std::string> Lines() const { return LinesOf(Compared()); }

  const std::shared_ptr<const Directory> directory_ = testing::SmallCityDirectory();
  Cube served_;
  Tally recounted_;
};

TEST_F(CubeCompareTest, TheSameFactsInAnotherOrderAgreeInEveryCell) {
  const Comparison comparison = Compared();
  EXPECT_THAT(LinesOf(comparison), IsEmpty());
  EXPECT_EQ(comparison.found, 0);
  EXPECT_GT(comparison.cells, 50);
}

TEST_F(CubeCompareTest, ADayOfAUnitsOwnCellsIsFoundThoughWhatIsRolledUpAgrees) {
  SeriesDamage::Day(CountsOf(Own(served_, "a1"), Component::kVisits), Day(2024, 3, 20)) = 7;
  EXPECT_THAT(Lines(), ElementsAre("a1 OWN visits DAY 2024-3-20 7 1"));
}

TEST_F(CubeCompareTest, AMonthsSumIsFoundThoughItsDaysAgree) {
  SeriesDamage::Month(CountsOf(Rolled(served_, "city"), Component::kVisits), kMarch) = 3;
  EXPECT_THAT(Lines(), ElementsAre("city ROLLED_UP visits MONTH 2024-3-1 3 2"));
}

TEST_F(CubeCompareTest, ADistrictThatLacksWhatItsTownshipHasIsFound) {
  SeriesDamage::Day(CountsOf(Rolled(served_, "a"), Component::kVisits), Day(2024, 3, 1)) = 0;
  EXPECT_THAT(Lines(), ElementsAre("a ROLLED_UP visits DAY 2024-3-1 0 1"));
}

TEST_F(CubeCompareTest, AnEnterpriseThatIsMissingFromAYearIsFoundThoughDaysAndMonthsHaveIt) {
  SeriesDamage::Keys(Rolled(served_, "city").reached, Grain::kYear, kYear).remove(1);  // Y
  EXPECT_THAT(Lines(), ElementsAre("city ROLLED_UP enterprises_reached:Y YEAR 2024-1-1 0 1"));
}

TEST_F(CubeCompareTest, VisitsCountedBesideABitmapAreFoundThoughTheNumberOfEnterprisesAgrees) {
  SeriesDamage::Surplus(Own(served_, "a1").reached, Grain::kMonth, kMarch, 0) = 4;  // X: 5 visits, not 2
  EXPECT_THAT(Lines(), ElementsAre("a1 OWN enterprises_reached:X MONTH 2024-3-1 5 2"));
}

TEST_F(CubeCompareTest, VisitsCountedForAnEnterpriseThatTheBitmapLacksAreFound) {
  // The bitmap alone says what is counted today; the visits beside it would come back with the next one.
  SeriesDamage::Keys(Rolled(served_, "a").reached, Grain::kMonth, kMarch).remove(0);
  EXPECT_THAT(Lines(), ElementsAre("a ROLLED_UP enterprises_reached:X MONTH 2024-3-1 -1 2"));
}

TEST_F(CubeCompareTest, ANumberThatNoEnterpriseHasIsFound) {
  SeriesDamage::Keys(Rolled(served_, "city").reached, Grain::kDay, Day(2024, 3, 1)).add(77);
  EXPECT_THAT(Lines(), ElementsAre("city ROLLED_UP enterprises_reached:#77 DAY 2024-3-1 1 0"));
}

TEST_F(CubeCompareTest, AHandlingTimeIsFoundThoughNumberAndSumAgree) {
  // 240 and 720 in place of 480 twice would have the same sum and the same number.
  const auto again = Facts()[2];
  served_.Apply(again);
  recounted_.Apply(again);
  SeriesDamage::Values(Rolled(served_, "city").durations, Grain::kYear, kYear) = {{240, 1}, {720, 1}};
  EXPECT_THAT(Lines(), ElementsAre("city ROLLED_UP handling_time:240 YEAR 2024-1-1 1 0",
                                   "city ROLLED_UP handling_time:480 YEAR 2024-1-1 0 2",
                                   "city ROLLED_UP handling_time:720 YEAR 2024-1-1 1 0"));
}

TEST_F(CubeCompareTest, AHandlingTimeOfAGroupIsFoundByMonth) {
  GroupCells& group = Rolled(served_, "a").groups[2].at("planning");
  SeriesDamage::Values(group.durations, Grain::kMonth, kMarch) = {{480, 2}};
  EXPECT_THAT(Lines(), ElementsAre("a ROLLED_UP handling_time/planning:480 MONTH 2024-3-1 2 1"));
}

TEST_F(CubeCompareTest, GroupsOfOneNameInTwoBreakdownsAreKeptApart) {
  auto facts = testing::OpenCase("b", Date(2024, 3, 1));
  facts.set_category_id("tax");
  facts.set_lead_function("tax");
  served_.Apply(Change(std::nullopt, facts));
  recounted_.Apply(Change(std::nullopt, facts));
  constexpr auto kOpen = static_cast<std::size_t>(Component::kOpenChange);
  Own(served_, "b").groups[1].at("tax").counts[kOpen].Add(Day(2024, 3, 1), 1);
  Own(served_, "b").groups[2].at("tax").counts[kOpen].Add(Day(2024, 3, 1), -1);
  const Comparison comparison = Compared();
  EXPECT_THAT(LinesOf(comparison), ElementsAre("b OWN open_change/tax DAY 2024-3-1 2 1",
                                               "b OWN open_change/tax DAY 2024-3-1 0 1"));
  EXPECT_EQ(comparison.differences[0].group_by(), v1::GROUP_BY_CATEGORY);
  EXPECT_EQ(comparison.differences[1].group_by(), v1::GROUP_BY_DEPARTMENT);
}

TEST_F(CubeCompareTest, WhatSummariesReportIsFoundFieldByField) {
  UnitCells& city = Rolled(served_, "city");
  city.reported.at(*served_.FindReportedKey("monthly", "visits")).at(kMarch).value = 6;
  city.reported.at(*served_.FindReportedKey("monthly", "")).at(kMarch).due = 2;
  EXPECT_THAT(Lines(), ElementsAre("city ROLLED_UP reported/monthly/:cells_due MONTH 2024-3-1 2 1",
                                   "city ROLLED_UP reported/monthly/visits:value MONTH 2024-3-1 6 5"));
}

TEST_F(CubeCompareTest, EachFieldOfAnObligationIsFound) {
  feed::v1::SummaryFacts& obligation = testing::ObligationIn(served_, kOfMarch);
  obligation.set_state(intake::v1::SUMMARY_STATE_WAIVED);
  obligation.set_waiver_reason("撤销");
  *obligation.mutable_due_at() = At(2024, 4, 8, 18);
  *obligation.mutable_first_submitted_at() = At(2024, 4, 9, 9);
  obligation.set_late(true);
  obligation.mutable_cells(0)->set_value(6);
  EXPECT_THAT(
      Lines(),
      ElementsAre(
          "b OWN obligation/monthly:state MONTH 2024-3-1 SUMMARY_STATE_WAIVED / SUMMARY_STATE_SUBMITTED",
          "b OWN obligation/monthly:due_at MONTH 2024-3-1 seconds: 1712570400 / seconds: 1712566800",
          "b OWN obligation/monthly:first_submitted_at MONTH 2024-3-1 seconds: 1712624400 / ",
          "b OWN obligation/monthly:late MONTH 2024-3-1 true / false",
          "b OWN obligation/monthly:cells[0] MONTH 2024-3-1 "
          "indicator_id: \"visits\" value: 6 status: CELL_STATUS_REPORTED / "
          "indicator_id: \"visits\" value: 5 status: CELL_STATUS_REPORTED",
          "b OWN obligation/monthly:waiver_reason MONTH 2024-3-1 \"撤销\" / \"\""));
}

TEST_F(CubeCompareTest, AnObligationThatIsLostIsFoundThoughItsCountsAgree) {
  const_cast<Obligations&>(served_.obligations()).erase(kOfMarch);
  EXPECT_THAT(Lines(), ElementsAre("b OWN obligation/monthly MONTH 2024-3-1 0 1"));
}

TEST_F(CubeCompareTest, AUnitUnderAnotherParentIsFoundBeforeItHasCells) {
  feed::v1::DirectoryChanged change;
  *change.add_org_units() = testing::Unit("b1", "b", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  const auto in_b = *directory_->With(change, 2);
  change.mutable_org_units(0)->set_parent_id("a");
  served_.SetDirectory(**directory_->With(change, 2));
  EXPECT_THAT(LinesOf(testing::Compare(served_, recounted_, *in_b)), ElementsAre("b1 OWN parent a / b"));
}

TEST_F(CubeCompareTest, AUnitThatOneOfThemDoesNotKnowIsComparedWithNothing) {
  served_.Apply(Change(std::nullopt, testing::Visit("former", Date(2024, 3, 1), {})));
  recounted_.Apply(Change(std::nullopt, testing::Visit("lost", Date(2024, 3, 2), {})));
  EXPECT_THAT(
      Lines(),
      ElementsAre("former OWN visits DAY 2024-3-1 1 0", "former OWN visits MONTH 2024-3-1 1 0",
                  "former ROLLED_UP visits DAY 2024-3-1 1 0", "former ROLLED_UP visits MONTH 2024-3-1 1 0",
                  "lost OWN visits DAY 2024-3-2 0 1", "lost OWN visits MONTH 2024-3-1 0 1",
                  "lost ROLLED_UP visits DAY 2024-3-2 0 1", "lost ROLLED_UP visits MONTH 2024-3-1 0 1"));
}

TEST_F(CubeCompareTest, AllDifferencesAreCountedAndTheFirstOnesAreListed) {
  served_.Apply(Change(std::nullopt, testing::Visit("a1", Date(2024, 3, 1), {})));
  const Comparison comparison = Compared(1);
  EXPECT_THAT(LinesOf(comparison), ElementsAre("a ROLLED_UP visits DAY 2024-3-1 2 1"));
  EXPECT_EQ(comparison.found, 8);  // day and month of a, a1 (twice) and the city
}

// Applies each event once, in a random order.
template <typename To>
void ApplyShuffled(std::vector<feed::v1::Event> events, To& to) {
  for (std::size_t i = events.size(); i > 1; --i) {
    std::swap(events[i - 1], events[*rc::gen::inRange<std::size_t>(0, i)]);
  }
  for (const feed::v1::Event& event : events) to.Apply(event);
}

// Facts of the same kind, for the same obligation.
feed::v1::Event AnotherLike(const feed::v1::Event& event) {
  if (event.has_record()) return Change(std::nullopt, testing::AnyRecord());
  if (event.has_case_changed()) return Change(std::nullopt, testing::AnyCase());
  const feed::v1::SummaryFacts& facts = event.summary().after();
  return Change(std::nullopt, testing::AnySummary(facts.org_unit_id(), facts.month().month()));
}

// What is withdrawn adds nothing, at whatever unit it stands.
bool AddTheSame(const Contributions& one, const Contributions& other) {
  const auto adds_nothing = [](const Contributions& contributions) {
    Contributions nothing;
    nothing.org_unit_id = contributions.org_unit_id;
    return contributions == nothing;
  };
  return one == other || (adds_nothing(one) && adds_nothing(other));
}

// True when the two say the same of all that is counted or listed.
bool SayTheSame(const feed::v1::Event& one, const feed::v1::Event& other) {
  if (one.has_record())
    return AddTheSame(ContributionsOf(one.record().after()), ContributionsOf(other.record().after()));
  if (one.has_case_changed()) {
    return AddTheSame(ContributionsOf(one.case_changed().after()),
                      ContributionsOf(other.case_changed().after()));
  }
  return one.summary().SerializeAsString() == other.summary().SerializeAsString();
}

RC_GTEST_PROP(CubeCompareProperty, TheOrderOfTheFactsIsNeverADifferenceAndASingleChangedFactAlwaysIs, ()) {
  const testing::RandomLog log = testing::RandomLog::Generate();
  std::vector<feed::v1::Event> facts = log.FactsInForce();
  Cube served;
  served.SetDirectory(*log.directory);
  ApplyShuffled(facts, served);
  Tally recounted;
  ApplyShuffled(facts, recounted);
  const Comparison same = testing::Compare(served, recounted, *log.directory);
  for (const std::string& line : LinesOf(same)) RC_LOG(line);
  RC_ASSERT(same.found == 0);
  if (facts.empty()) return;

  feed::v1::Event& changed = facts[*rc::gen::inRange<std::size_t>(0, facts.size())];
  const feed::v1::Event before = changed;
  changed = AnotherLike(before);
  const bool says_the_same = SayTheSame(before, changed);
  Tally other;
  ApplyShuffled(facts, other);
  RC_ASSERT((testing::Compare(served, other, *log.directory).found == 0) == says_the_same);
}

}  // namespace
}  // namespace zhuqi::reporting
