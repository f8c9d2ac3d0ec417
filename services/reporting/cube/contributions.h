// What facts add to the figures. Pure: the change that an event makes is what the facts after it contribute,
// less what the facts before it did. So what is revised, reopened or moved corrects itself, and nothing
// counts twice.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_CONTRIBUTIONS_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_CONTRIBUTIONS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/reporting/cube/day_number.h"
#include "services/reporting/measures/component.h"
#include "zhuqi/feed/v1/facts.pb.h"
#include "zhuqi/reporting/v1/figure.pb.h"

namespace zhuqi::reporting {

// `value` of a component on a day.
struct Count {
  Component component;
  DayNumber day;
  int32_t value;
  friend bool operator==(const Count&, const Count&) = default;
};

// A visit to an enterprise on a day.
struct Reached {
  DayNumber day;
  std::string uscc;
  friend bool operator==(const Reached&, const Reached&) = default;
};

// A working time, in minutes, of a case closed on a day.
struct Duration {
  DayNumber day;
  int32_t minutes;
  friend bool operator==(const Duration&, const Duration&) = default;
};

// What a summary reports for an indicator of its form in its month. The empty indicator says only that the
// form is due.
struct ReportedCell {
  std::string form_id;
  std::string indicator_id;
  MonthNumber month = 0;
  int64_t value = 0;
  int32_t cells = 0;
  int32_t cells_accepted = 0;
  int32_t due = 0;
  friend bool operator==(const ReportedCell&, const ReportedCell&) = default;
};

inline constexpr std::size_t kGroupDimensions = 3;
// 0 to 2 for a dimension; nullopt for GROUP_BY_UNSPECIFIED and values unknown here.
std::optional<std::size_t> DimensionOf(v1::GroupBy group_by);

// All that one set of facts contributes, to one unit (and so to all above it).
struct Contributions {
  std::string org_unit_id;
  // The groups that `counts` and `durations` belong to, by dimension: kind, category, function. Nullopt: what
  // has no such attribute and so is in no group at all.
  std::array<std::optional<std::string>, kGroupDimensions> groups;
  std::vector<Count> counts;
  std::vector<Reached> reached;
  std::vector<Duration> durations;
  std::vector<ReportedCell> reported;
  friend bool operator==(const Contributions&, const Contributions&) = default;
};

// Days outside 2000 to 2100 count nowhere, and neither does what is withdrawn.
Contributions ContributionsOf(const feed::v1::RecordFacts& facts);
Contributions ContributionsOf(const feed::v1::CaseFacts& facts);
Contributions ContributionsOf(const feed::v1::SummaryFacts& facts);

// The day at whose end a deadline has passed: a deadline at midnight belongs to the day that ends there.
DayNumber DeadlineDay(absl::Time deadline);

// Sent, and not standing returned.
bool IsMet(const feed::v1::SummaryFacts& facts);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_CONTRIBUTIONS_H_
