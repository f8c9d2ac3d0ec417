#include "common/directory/unit_code.h"

#include <algorithm>

#include "common/directory/unit_history.h"

namespace zhuqi {

const directory::v1::OrgUnit* FindUnitByCodeOn(const Directory& directory, directory::v1::CodeSystem system,
                                               absl::string_view code, absl::CivilDay day) {
  for (const directory::v1::OrgUnit* unit : directory.HoldersOf(system, code)) {
    const bool had_it = std::any_of(unit->codes().begin(), unit->codes().end(), [&](const auto& held) {
      return held.system() == system && held.code() == code && IsValidOn(held, day);
    });
    if (had_it) return unit;
  }
  return directory.FindUnitByCode(system, code);
}

}  // namespace zhuqi
