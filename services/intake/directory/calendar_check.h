// What makes a working calendar good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_CALENDAR_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_CALENDAR_CHECK_H_

#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi::intake {

// Sorts days, years and notices, so that the same calendar is the same however it was written down, and
// checks it. `current` is the one in force. Paths begin with "calendar."; they count places in the order
// given.
void CheckCalendar(directory::v1::WorkingCalendar& calendar, const directory::v1::WorkingCalendar& current,
                   rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_CALENDAR_CHECK_H_
