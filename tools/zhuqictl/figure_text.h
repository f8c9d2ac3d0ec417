// Figures as text for people.
#ifndef ZHUQI_TOOLS_ZHUQICTL_FIGURE_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_FIGURE_TEXT_H_

#include <string>
#include <vector>

#include "zhuqi/common/v1/consistency.pb.h"
#include "zhuqi/reporting/v1/figure.pb.h"
#include "zhuqi/reporting/v1/report_service.pb.h"

namespace zhuqi::ctl {

// "1,720", "98.0 %", "3.5 h" (of working minutes), "–" for no data, which is not zero.
std::string FigureText(const reporting::v1::Figure& figure,
                       const reporting::v1::MeasureDefinition& definition);
// What summaries report: "170", with "?" when not all that was due has come; "" where no form asks.
std::string ReportedText(const reporting::v1::Figure& figure);

struct FigureTableOptions {
  bool chinese = true;
  // Adds what monthly summaries report beside each measure that has it.
  bool reported = false;
  // The names of the periods, by period_index.
  std::vector<std::string> periods;
};

// Units (children first, the whole last), periods and groups down, measures across.
std::string FigureTable(const reporting::v1::QueryFiguresResponse& response,
                        const std::vector<reporting::v1::MeasureDefinition>& measures,
                        const FigureTableOptions& options);

// "as of 2024-11-13 09:00, 0 events behind", with a line end.
std::string FreshnessText(const common::v1::Freshness& freshness);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_FIGURE_TEXT_H_
