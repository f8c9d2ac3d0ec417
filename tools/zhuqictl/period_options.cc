#include "tools/zhuqictl/period_options.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {

using reporting::v1::Period;

void AddPeriodOptions(CLI::App& command, PeriodOptions* options) {
  command.add_option("--month", options->months, "2024-05, or each of 2024-01..2024-12; may be repeated");
  command.add_option("--quarter", options->quarters, "2024Q2; may be repeated");
  command.add_option("--year", options->years, "2024; may be repeated. Without any period: this year");
  CLI::Option* from = command.add_option("--from", options->from, "first day, 2024-01-24");
  command.add_option("--to", options->to, "last day, included")->needs(from);
  from->needs(command.get_option("--to"));
}

absl::StatusOr<std::vector<Period>> PeriodsOf(const PeriodOptions& options, absl::CivilDay today) {
  std::vector<Period> periods;
  for (const std::string& text : options.months) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::YearMonth> months, ParseMonths(text));
    for (const common::v1::YearMonth& month : months) *periods.emplace_back().mutable_month() = month;
  }
  for (const std::string& text : options.quarters) {
    ZHUQI_ASSIGN_OR_RETURN(*periods.emplace_back().mutable_quarter(), ParseQuarter(text));
  }
  for (const int year : options.years) periods.emplace_back().set_year(year);
  if (!options.from.empty()) {
    common::v1::DateSpan* days = periods.emplace_back().mutable_days();
    ZHUQI_ASSIGN_OR_RETURN(*days->mutable_first(), ParseDate(options.from));
    ZHUQI_ASSIGN_OR_RETURN(*days->mutable_last(), ParseDate(options.to));
  }
  if (periods.empty()) periods.emplace_back().set_year(static_cast<int32_t>(today.year()));
  return periods;
}

std::string PeriodText(const Period& period) {
  switch (period.period_case()) {
    case Period::kMonth:
      return MonthText(period.month());
    case Period::kQuarter:
      return absl::StrCat(period.quarter().year(), "Q", period.quarter().quarter());
    case Period::kYear:
      return absl::StrCat(period.year());
    case Period::kDays:
      return absl::StrCat(DateText(period.days().first()), "..", DateText(period.days().last()));
    default:
      return "";
  }
}

}  // namespace zhuqi::ctl
