// Whose records a summary counts, day by day: units move, open and close within a month. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_RECORD_SCOPE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_RECORD_SCOPE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/directory.h"

namespace zhuqi::intake {

// Days through which the same units count.
struct ScopeSpan {
  absl::CivilDay first;
  absl::CivilDay last;
  std::vector<std::string> org_unit_ids;  // in order, never empty
};

// The unit and all below it as the tree was on each day of the month, without the units of `left_out` and
// what is below those. Most months: one span.
std::vector<ScopeSpan> RecordScope(const Directory& directory, absl::string_view org_unit_id,
                                   absl::CivilMonth month, const std::set<std::string>& left_out);

// The last day of the month on which the unit existed.
absl::CivilDay LastDayIn(const directory::v1::OrgUnit& unit, absl::CivilMonth month);

// All that stood below the unit on any day of the month.
std::set<std::string> EverBelow(const Directory& directory, absl::string_view org_unit_id,
                                absl::CivilMonth month);

// Units whose summaries for the month `org_unit_id` may sum up: of the form's level, and below it at the end
// of the month or of their existence.
std::vector<std::string> LowerUnits(const Directory& directory, absl::string_view org_unit_id,
                                    absl::CivilMonth month, directory::v1::OrgUnitLevel level);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_RECORD_SCOPE_H_
