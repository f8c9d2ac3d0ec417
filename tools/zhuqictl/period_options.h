// Periods of figures from the command line.
#ifndef ZHUQI_TOOLS_ZHUQICTL_PERIOD_OPTIONS_H_
#define ZHUQI_TOOLS_ZHUQICTL_PERIOD_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "zhuqi/reporting/v1/figure.pb.h"

namespace zhuqi::ctl {

struct PeriodOptions {
  std::vector<std::string> months;
  std::vector<std::string> quarters;
  std::vector<int> years;
  std::string from;
  std::string to;
};

void AddPeriodOptions(CLI::App& command, PeriodOptions* options);

// The periods, in the order months, quarters, years, span of days. None given: the year of `today`.
absl::StatusOr<std::vector<reporting::v1::Period>> PeriodsOf(const PeriodOptions& options,
                                                             absl::CivilDay today);

// "2024-05", "2024Q2", "2024", "2024-01-24..2024-11-12".
std::string PeriodText(const reporting::v1::Period& period);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_PERIOD_OPTIONS_H_
