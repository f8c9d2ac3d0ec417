// Units by their codes, when a code was given to one unit after another.
#ifndef ZHUQI_COMMON_DIRECTORY_UNIT_CODE_H_
#define ZHUQI_COMMON_DIRECTORY_UNIT_CODE_H_

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi {

// The unit that had the code on `day`. When none had it then, the one that Directory::FindUnitByCode gives: a
// unit is found by any code that it ever had. Null when no unit ever had it.
const directory::v1::OrgUnit* FindUnitByCodeOn(const Directory& directory, directory::v1::CodeSystem system,
                                               absl::string_view code, absl::CivilDay day);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_UNIT_CODE_H_
