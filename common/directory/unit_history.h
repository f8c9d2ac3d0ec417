// What a unit, department or team was on a day: parents, names and superiors have last days, so that a report
// can be asked as it was.
#ifndef ZHUQI_COMMON_DIRECTORY_UNIT_HISTORY_H_
#define ZHUQI_COMMON_DIRECTORY_UNIT_HISTORY_H_

#include <string>

#include "absl/time/civil_time.h"
#include "common/directory/date_message.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi {

// The unit above `unit` on `day`; empty when it stood at the top. References live as long as the message.
const std::string& ParentOn(const directory::v1::OrgUnit& unit, absl::CivilDay day);
// The name of `unit` on `day`.
const std::string& NameOn(const directory::v1::OrgUnit& unit, absl::CivilDay day);
// The unit that the department was of on `day`.
const std::string& UnitOn(const directory::v1::Department& department, absl::CivilDay day);
// The superior that the department named on `day`; empty: none of its own, see Directory::SuperiorOf.
const std::string& NamedSuperiorOn(const directory::v1::Department& department, absl::CivilDay day);

// Whether it had been closed before `day`. `Message`: OrgUnit, Department or Team.
template <typename Message>
bool IsClosedBefore(const Message& message, absl::CivilDay day) {
  return message.has_closed_on() && CivilDayFrom(message.closed_on()).value_or(absl::CivilDay::max()) < day;
}

// Whether it existed on `day`, first and last day included. `Message`: OrgUnit or Department.
template <typename Message>
bool ExistedOn(const Message& message, absl::CivilDay day) {
  return !IsClosedBefore(message, day) &&
         (!message.has_opened_on() ||
          CivilDayFrom(message.opened_on()).value_or(absl::CivilDay::min()) <= day);
}

// Whether `day` lies in the code's validity, first and last day included.
bool IsValidOn(const directory::v1::OrgUnitCode& code, absl::CivilDay day);
// Whether there is a day on which both are valid.
bool AreValidAtOnce(const directory::v1::OrgUnitCode& left, const directory::v1::OrgUnitCode& right);
// Whether issues of `day` are filed under it.
bool IsInUseOn(const directory::v1::IssueCategory& category, absl::CivilDay day);
// Whether `day` is one of its days of force.
bool IsInForceOn(const directory::v1::Policy& policy, absl::CivilDay day);

// `unit` as it was on `day`: with the name and parent of then, and of former ones only those that were former
// then. All else is as it is known now.
directory::v1::OrgUnit AsOf(const directory::v1::OrgUnit& unit, absl::CivilDay day);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_UNIT_HISTORY_H_
