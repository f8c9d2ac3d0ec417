#ifndef ZHUQI_COMMON_DIRECTORY_CALENDAR_MESSAGE_H_
#define ZHUQI_COMMON_DIRECTORY_CALENDAR_MESSAGE_H_

#include "absl/status/statusor.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi {

// The calendar that a message describes; InvalidArgument says what does not stand up. No spans stand for
// 09:00 to 12:00 and 13:00 to 17:00.
absl::StatusOr<calendar::WorkingCalendar> CalendarFromMessage(const directory::v1::WorkingCalendar& message);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_CALENDAR_MESSAGE_H_
