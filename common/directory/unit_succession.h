// Who stands for a unit after it was merged, split or closed.
#ifndef ZHUQI_COMMON_DIRECTORY_UNIT_SUCCESSION_H_
#define ZHUQI_COMMON_DIRECTORY_UNIT_SUCCESSION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/directory/directory.h"

namespace zhuqi {

// The open units that stand for a unit now: itself while it is open; after that those that took over from it,
// and from them in turn, in the order in which they were named; when nobody did, the nearest open unit above.
// None twice. Empty for an unknown unit.
std::vector<std::string> OpenUnitsFor(const Directory& directory, absl::string_view org_unit_id);

// Whether `ancestor_id` stood above the unit on some day and does so no more: the unit, or one above it, was
// moved.
bool WasMovedAway(const Directory& directory, absl::string_view org_unit_id, absl::string_view ancestor_id);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_UNIT_SUCCESSION_H_
