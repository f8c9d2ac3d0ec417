// How a unit and its codes end. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_UNIT_END_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_UNIT_END_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi::intake {

// Closes `unit` with `last_day` as its last day, or the day on which it opens when that is later. Its codes
// end with it, so that another unit may get them later.
void EndUnit(absl::CivilDay last_day, absl::string_view reason, directory::v1::OrgUnit& unit);

// Ends each code that `ends` picks and that would be valid after `last_day`. One that would have begun after
// it was never valid and is taken away.
void EndCodes(absl::CivilDay last_day, absl::FunctionRef<bool(const directory::v1::OrgUnitCode&)> ends,
              directory::v1::OrgUnit& unit);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_UNIT_END_H_
