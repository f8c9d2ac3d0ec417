// Numbers that lie far from the unit's own last twelve months: warnings, never errors. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_OUTLIER_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_OUTLIER_RULES_H_

#include <optional>
#include <vector>

#include "services/intake/summaries/month_evidence.h"
#include "zhuqi/intake/v1/summary.pb.h"

namespace zhuqi::intake {

// Months with a number that are needed before anything is called unusual.
inline constexpr int kLeastMonths = 6;
inline constexpr int kPastMonths = 12;

struct UsualRange {
  double least = 0;
  double median = 0;
  double greatest = 0;
};

// The median of `values` and three times their usual distance from it to both sides. The distance is the
// median absolute deviation (as a standard deviation), but not below what chance alone makes of counts (the
// root of the median), and not below 1. Absent with fewer than kLeastMonths values.
std::optional<UsualRange> UsualRangeOf(std::vector<double> values);

// Adds a warning, with the figures that make it one, for each cell outside its usual range.
void AddOutliers(const v1::MonthlySummary& summary, const MonthEvidence& evidence,
                 std::vector<v1::SummaryFinding>& findings);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_OUTLIER_RULES_H_
