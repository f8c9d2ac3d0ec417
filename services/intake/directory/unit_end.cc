#include "services/intake/directory/unit_end.h"

#include <algorithm>
#include <string>

#include "common/directory/date_message.h"

namespace zhuqi::intake {

using directory::v1::OrgUnitCode;

void EndUnit(absl::CivilDay last_day, absl::string_view reason, directory::v1::OrgUnit& unit) {
  if (unit.has_opened_on()) last_day = std::max(last_day, CivilDayFrom(unit.opened_on()).value_or(last_day));
  *unit.mutable_closed_on() = DateMessage(last_day);
  unit.set_closing_reason(std::string(reason));
  EndCodes(
      last_day, [](const OrgUnitCode&) { return true; }, unit);
}

void EndCodes(absl::CivilDay last_day, absl::FunctionRef<bool(const OrgUnitCode&)> ends,
              directory::v1::OrgUnit& unit) {
  google::protobuf::RepeatedPtrField<OrgUnitCode> codes;
  for (OrgUnitCode& code : *unit.mutable_codes()) {
    const bool goes_on =
        !code.has_valid_to() || CivilDayFrom(code.valid_to()).value_or(absl::CivilDay::max()) > last_day;
    if (goes_on && ends(code)) {
      if (code.has_valid_from() && CivilDayFrom(code.valid_from()).value_or(last_day) > last_day) continue;
      *code.mutable_valid_to() = DateMessage(last_day);
    }
    codes.Add()->Swap(&code);
  }
  unit.mutable_codes()->Swap(&codes);
}

}  // namespace zhuqi::intake
