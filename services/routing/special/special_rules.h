// What is followed to the end, a case or an item of a checklist: who reports on it, and when the next report
// is due. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_SPECIAL_SPECIAL_RULES_H_
#define ZHUQI_SERVICES_ROUTING_SPECIAL_SPECIAL_RULES_H_

#include <cstddef>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/routing/v1/special_item.pb.h"

namespace zhuqi::routing {

// Limits of MarkSpecial and of reports.
inline constexpr int kLongestReportEvery = 60;
inline constexpr size_t kSpecialReason = 500;
inline constexpr size_t kSpecialReport = 2000;

// True until the final report.
bool IsFollowed(const v1::SpecialItem& special);

// Marks it. What is followed already goes on with another follower or cadence: what is due counts from where
// it counted, so that marking it again puts off no report.
void MarkAsSpecial(const v1::MarkSpecial& mark, absl::Time at, const std::string& by,
                   v1::SpecialItem& special);

// Takes a report on what is followed.
void TakeReport(const std::string& text, bool final, absl::Time at, v1::SpecialItem& special);

// It is taken up again: the final report, if there is one, was not the last word, and the next is counted
// from now.
void FollowAgain(absl::Time at, v1::SpecialItem& special);

// Works out when the next report is due.
void TimeSpecial(v1::SpecialItem& special, const calendar::WorkingCalendar& calendar);

// What a reader is shown on `today`. `open`: what is followed is not closed or settled; nothing is overdue of
// what is.
void PresentSpecial(v1::SpecialItem& special, const calendar::WorkingCalendar& calendar, absl::CivilDay today,
                    bool open);

// The day that is `working_days` away from `from`: after it when they are positive, else so many before it,
// 0 being the day itself or the last working day before it.
absl::CivilDay DueDayFrom(absl::CivilDay from, int working_days, const calendar::WorkingCalendar& calendar);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_SPECIAL_SPECIAL_RULES_H_
