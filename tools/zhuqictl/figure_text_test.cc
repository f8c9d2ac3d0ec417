#include "tools/zhuqictl/figure_text.h"

#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using reporting::v1::Figure;
using reporting::v1::MeasureDefinition;
using reporting::v1::QueryFiguresResponse;

MeasureDefinition Measure(const std::string& id, reporting::v1::MeasureKind kind) {
  MeasureDefinition measure;
  measure.set_measure(id);
  measure.set_name(id);
  measure.set_kind(kind);
  return measure;
}

Figure& Add(QueryFiguresResponse& response, const std::string& unit, const std::string& measure,
            double value) {
  Figure* figure = response.add_figures();
  figure->set_org_unit_id(unit);
  figure->set_measure(measure);
  figure->set_value(value);
  return *figure;
}

TEST(FigureTextTest, NoDataIsNotZero) {
  const MeasureDefinition visits = Measure("visits", reporting::v1::MEASURE_KIND_FLOW);
  Figure figure;
  EXPECT_EQ(FigureText(figure, visits), "–");
  figure.set_value(0);
  EXPECT_EQ(FigureText(figure, visits), "0");
  figure.set_value(1720);
  EXPECT_EQ(FigureText(figure, visits), "1,720");
}

TEST(FigureTextTest, RatesAreShownAsPercentAndWorkingTimeAsHours) {
  Figure figure;
  figure.set_value(0.998);
  EXPECT_EQ(FigureText(figure, Measure("resolution_rate", reporting::v1::MEASURE_KIND_RATE)), "99.8 %");
  figure.set_value(90);
  figure.set_percentile_90(600);
  EXPECT_EQ(FigureText(figure, Measure("handling_time", reporting::v1::MEASURE_KIND_DISTRIBUTION)),
            "1.5 h / 10.0 h");
}

TEST(FigureTableTest, TheWholeStandsLastAndMeasuresKeepTheirCustomaryOrder) {
  QueryFiguresResponse response;
  Add(response, "city", "issues", 7);
  Add(response, "city", "visits", 3);
  Add(response, "north", "visits", 3);
  Add(response, "north", "issues", 7);
  FigureTableOptions options;
  options.chinese = false;
  EXPECT_EQ(FigureTable(response,
                        {Measure("visits", reporting::v1::MEASURE_KIND_FLOW),
                         Measure("issues", reporting::v1::MEASURE_KIND_FLOW)},
                        options),
            "unit   visits  issues\n"
            "─────  ──────  ──────\n"
            "north       3       7\n"
            "─────  ──────  ──────\n"
            "city        3       7\n");
}

TEST(FigureTableTest, ReportedStandsBesideAndSaysWhenSomeIsMissing) {
  QueryFiguresResponse response;
  Figure& figure = Add(response, "city", "visits", 172);
  figure.mutable_reported()->set_value(173);
  figure.mutable_reported()->set_cells(175);
  figure.mutable_reported()->set_cells_due(176);
  FigureTableOptions options;
  options.chinese = false;
  options.reported = true;
  EXPECT_EQ(FigureTable(response, {Measure("visits", reporting::v1::MEASURE_KIND_FLOW)}, options),
            "unit  visits  reported\n"
            "────  ──────  ────────\n"
            "city     172      173?\n");
}

}  // namespace
}  // namespace zhuqi::ctl
