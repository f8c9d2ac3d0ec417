// What is known about a unit's month beside the summary itself: its records, the summaries below, its own
// months before. Drafts are made of it, and a summary's numbers are held against it. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_MONTH_EVIDENCE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_MONTH_EVIDENCE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "services/intake/summaries/exact_number.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/summary.pb.h"

namespace zhuqi::intake {

// Units whose summaries one summary may sum up.
inline constexpr int kMaxLowerUnits = 1000;

// A summary with the version of the form that it was made by.
struct FormedSummary {
  v1::MonthlySummary summary;
  const directory::v1::SummaryForm* form = nullptr;
};

struct MonthEvidence {
  std::shared_ptr<const Directory> directory;  // `form` and those below point into it
  const directory::v1::SummaryForm* form = nullptr;
  // What the unit's own records show, by indicator, as cells give it. Absent: not counted.
  std::map<std::string, int64_t, std::less<>> own_records;
  std::vector<FormedSummary> lower;        // accepted, by unit
  std::vector<std::string> missing_units;  // below, owed and not accepted, in order
  std::vector<FormedSummary> past;         // of the unit's last twelve months those that count, newest first
};

const directory::v1::SummaryIndicator* FindIndicator(const directory::v1::SummaryForm& form,
                                                     absl::string_view indicator_id);
const v1::SummaryCell* FindCell(const v1::MonthlySummary& summary, absl::string_view indicator_id);

// Whether the status goes with a value other than nil.
bool HasValue(v1::CellStatus status);
// The number that a cell says, nil being zero; absent for one that is missing or not applicable: neither is
// zero.
std::optional<ExactNumber> NumberOf(const v1::SummaryCell& cell,
                                    const directory::v1::SummaryIndicator& indicator);
// The number of one indicator; absent when form or summary have none.
std::optional<ExactNumber> NumberOf(const v1::MonthlySummary& summary, const directory::v1::SummaryForm& form,
                                    absl::string_view indicator_id);

struct LowerSum {
  int64_t value = 0;    // in the indicator's digits
  int32_t units = 0;    // that had a number
  bool settled = true;  // none of the numbers is missing or may still change
};
// The sum of an indicator over the accepted summaries below. A number that is missing is not zero: it is not
// counted, and a sum without it does not stand. Where the question does not apply nothing is missing.
LowerSum SumOfLower(const MonthEvidence& evidence, absl::string_view lower_indicator_id, int decimals);

// The basis entry that an accepted summary is named by.
v1::SummaryBasis BasisOf(const v1::MonthlySummary& accepted);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_MONTH_EVIDENCE_H_
