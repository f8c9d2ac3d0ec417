#include "services/intake/summaries/outlier_rules.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/intake/summaries/form_findings.h"

namespace zhuqi::intake {
namespace {

// A median absolute deviation times this is the standard deviation of numbers that vary by chance.
constexpr double kDeviations = 1.4826;
constexpr double kDistances = 3;

double MedianOf(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string Text(double number) { return absl::StrFormat("%.6g", number); }

v1::SummaryFinding Outlier(const directory::v1::SummaryIndicator& indicator, const std::string& value,
                           bool above, const UsualRange& usual, std::vector<double> past) {
  std::sort(past.begin(), past.end());
  v1::SummaryFinding finding;
  finding.set_rule_id(kOutlier);
  finding.set_indicator_id(indicator.indicator_id());
  finding.set_message(
      absl::StrFormat("%s is %s, outside the unit's usual %s to %s: of its last %d months the median is %s, "
                      "the least %s, the greatest %s",
                      indicator.indicator_id(), value, Text(usual.least), Text(usual.greatest), past.size(),
                      Text(usual.median), Text(past.front()), Text(past.back())));
  finding.set_message_zh(
      absl::StrFormat("“%s”为 %s，超出本单位通常的 %s 至 %s：近 %d 个月中位数 %s，最低 %s，最高 %s",
                      indicator.name(), value, Text(usual.least), Text(usual.greatest), past.size(),
                      Text(usual.median), Text(past.front()), Text(past.back())));
  finding.set_figures(above ? absl::StrCat(value, " > ", Text(usual.greatest))
                            : absl::StrCat(value, " < ", Text(usual.least)));
  return finding;
}

}  // namespace

std::optional<UsualRange> UsualRangeOf(std::vector<double> values) {
  if (values.size() < static_cast<size_t>(kLeastMonths)) return std::nullopt;
  UsualRange usual;
  usual.median = MedianOf(values);
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values) distances.push_back(std::abs(value - usual.median));
  const double chance = std::sqrt(std::abs(usual.median));
  const double distance = kDistances * std::max({kDeviations * MedianOf(distances), chance, 1.0});
  usual.least = usual.median - distance;
  usual.greatest = usual.median + distance;
  // What never was negative is not expected to be.
  if (values.front() >= 0) usual.least = std::max(usual.least, 0.0);
  return usual;
}

void AddOutliers(const v1::MonthlySummary& summary, const MonthEvidence& evidence,
                 std::vector<v1::SummaryFinding>& findings) {
  for (const directory::v1::SummaryIndicator& indicator : evidence.form->indicators()) {
    const std::optional<ExactNumber> number = NumberOf(summary, *evidence.form, indicator.indicator_id());
    if (!number.has_value()) continue;
    std::vector<double> past;
    for (const FormedSummary& month : evidence.past) {
      const std::optional<ExactNumber> before =
          NumberOf(month.summary, *month.form, indicator.indicator_id());
      if (before.has_value()) past.push_back(before->AsDouble());
    }
    const std::optional<UsualRange> usual = UsualRangeOf(past);
    const double value = number->AsDouble();
    if (!usual.has_value() || (value >= usual->least && value <= usual->greatest)) continue;
    findings.push_back(Outlier(indicator, number->ToString(), value > usual->greatest, *usual, past));
  }
}

}  // namespace zhuqi::intake
