#include "services/intake/summaries/reporting_lines.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Reporting& Everybody() {
  static const auto& everybody = *new Reporting{{"huayuanlu", "township"},
                                                {"fengchan", "township"},
                                                {"jinshui", "district"},
                                                {"zhongmu", "district"},
                                                {"zhengzhou", "city"}};
  return everybody;
}

Reporting Without(Reporting reporting, const std::string& unit, const std::string& form) {
  reporting.erase({unit, form});
  return reporting;
}

std::set<std::string> Besides(const Directory& directory, const std::string& unit, const std::string& form,
                              const Reporting& reporting, const std::string& indicator = "visits") {
  const directory::v1::SummaryForm& of = *directory.FormFor(form, kJanuary);
  return ReportingLines(directory, unit, kJanuary, reporting).Besides(of, *FindIndicator(of, indicator));
}

// 金水 ended on the 19th; 花园路 went to its northern heir, 丰产路 to the southern one.
std::shared_ptr<const Directory> Split(const Directory& directory) {
  const absl::CivilDay last(2026, 1, 19);
  feed::v1::DirectoryChanged change;
  directory::v1::OrgUnit& closed = *change.add_org_units();
  closed = *directory.FindUnit("jinshui");
  *closed.mutable_closed_on() = DateMessage(last);
  for (const char* id : {"north", "south"}) {
    directory::v1::OrgUnit& heir = *change.add_org_units();
    heir.set_org_unit_id(id);
    heir.set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
    heir.set_parent_id("zhengzhou");
    *heir.mutable_opened_on() = DateMessage(last + 1);
  }
  MoveUnit(directory, "huayuanlu", "north", "jinshui", last, change);
  MoveUnit(directory, "fengchan", "south", "jinshui", last, change);
  return directory.With(change, 2).value();
}

Reporting AfterTheSplit() {
  Reporting reporting = Without(Everybody(), "jinshui", "district");
  reporting.insert({{"north", "district"}, {"south", "district"}});
  return reporting;
}

TEST(ReportingLines, AreAllBelowThatReport) {
  EXPECT_THAT(Besides(*Chain(), "jinshui", "district", Everybody()), ElementsAre("fengchan", "huayuanlu"));
  EXPECT_THAT(Besides(*Chain(), "zhongmu", "district", Everybody()), IsEmpty());
  EXPECT_THAT(Besides(*Chain(), "zhengzhou", "city", Everybody()),
              ElementsAre("fengchan", "huayuanlu", "jinshui", "zhongmu"));
  EXPECT_THAT(Besides(*Chain(), "huayuanlu", "township", Everybody()), IsEmpty());
}

TEST(ReportingLines, WhatIsNotSummedUpLeavesNobodyOut) {
  EXPECT_THAT(Besides(*Chain(), "jinshui", "district", Everybody(), "reached"), IsEmpty());
}

TEST(ReportingLines, WaivedUnitReportsNothing) {
  EXPECT_THAT(Besides(*Chain(), "jinshui", "district", Without(Everybody(), "fengchan", "township")),
              ElementsAre("huayuanlu"));
  // What the townships of a waived district report reaches nobody, so the city counts their records.
  EXPECT_THAT(Besides(*Chain(), "zhengzhou", "city", Without(Everybody(), "jinshui", "district")),
              ElementsAre("zhongmu"));
}

TEST(Traps, TownshipMovedWithinTheMonthIsLeftOutByBothDistricts) {
  EXPECT_THAT(Besides(*Moved(), "jinshui", "district", Everybody()), ElementsAre("fengchan", "huayuanlu"));
  EXPECT_THAT(Besides(*Moved(), "zhongmu", "district", Everybody()), ElementsAre("huayuanlu"));
  // Its new district is waived: what it reports is lost, so each counts the records of its own days.
  const Reporting waived = Without(Everybody(), "zhongmu", "district");
  EXPECT_THAT(Besides(*Moved(), "jinshui", "district", waived), ElementsAre("fengchan"));
  EXPECT_THAT(Besides(*Moved(), "zhengzhou", "city", waived), ElementsAre("fengchan", "jinshui"));
  // Nobody adds the districts up: then nothing is there twice.
  const Reporting apart = Without(Everybody(), "zhengzhou", "city");
  EXPECT_THAT(Besides(*Moved(), "jinshui", "district", apart), ElementsAre("fengchan"));
}

TEST(Traps, TownshipsOfADistrictThatWasSplitAreLeftOutByTheCity) {
  const auto split = Split(*Chain());
  EXPECT_THAT(Besides(*split, "zhengzhou", "city", AfterTheSplit()),
              ElementsAre("fengchan", "huayuanlu", "north", "south", "zhongmu"));
  EXPECT_THAT(Besides(*split, "north", "district", AfterTheSplit()), ElementsAre("huayuanlu"));
  EXPECT_THAT(Besides(*split, "south", "district", AfterTheSplit()), ElementsAre("fengchan"));
}

TEST(ReportingLines, LineEndsWhereANumberIsNotSummedUp) {
  // The city adds the districts' enterprises up, and a district counts them in the records of its own days:
  // those of the days before the split are the city's to count.
  directory::v1::ApplyDirectoryRequest request = ChainRequest();
  directory::v1::SummaryForm& city = *request.mutable_forms(2);
  directory::v1::SummaryIndicator& reached = *city.add_indicators();
  reached.set_indicator_id("reached");
  reached.set_name("走访企业家数");
  reached.set_measure("enterprises_reached");
  reached.set_lower_indicator_id("reached");
  const auto split = Split(*After(Directory(), request));
  EXPECT_THAT(Besides(*split, "zhengzhou", "city", AfterTheSplit(), "reached"),
              ElementsAre("north", "south", "zhongmu"));
}

}  // namespace
}  // namespace zhuqi::intake
