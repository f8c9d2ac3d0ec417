#include "tools/zhuqictl/deadline_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ClockPolicy;
using routing::v1::DeadlineDay;
using routing::v1::ExplainDeadlineResponse;

// 450 as "7:30".
std::string HoursText(int64_t minutes) { return absl::StrFormat("%d:%02d", minutes / 60, minutes % 60); }

// "2", "2.5".
std::string DaysText(int64_t days, bool half) { return absl::StrCat(days, half ? ".5" : ""); }

bool InDays(const ClockPolicy& policy) { return policy.has_working_days(); }

std::string LimitText(const ClockPolicy& policy) {
  if (policy.has_working_hours()) {
    return absl::StrCat(HoursText(policy.working_hours().minutes()), " working hours");
  }
  if (policy.has_calendar_hours()) {
    return absl::StrCat(HoursText(policy.calendar_hours().minutes()), " hours by the wall clock");
  }
  return absl::StrCat(DaysText(policy.working_days().count(), policy.working_days().half()), " working days");
}

std::string DeadlineDueText(const ExplainDeadlineResponse& response) {
  std::string text;
  if (response.has_deadline()) {
    text = absl::StrCat("due ", InstantText(response.deadline()));
  } else if (response.has_missed_before_pause()) {
    text = absl::StrCat("paused, was due ", InstantText(response.missed_before_pause()), " before the pause");
  } else {
    text = "paused, has no deadline until it is resumed";
  }
  if (response.provisional()) absl::StrAppend(&text, ", provisional: no notice for the year yet");
  return absl::StrCat(text, response.breached() ? ", overdue" : "");
}

std::string WeekdayText(int weekday) {
  constexpr const char* kNames[] = {"", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return kNames[weekday >= 1 && weekday <= 7 ? weekday : 0];
}

// "10:00-24:00"; nothing for a whole day.
std::string PartOfDayText(const DeadlineDay& day) {
  const std::string from = InstantText(day.from()).substr(11);
  std::string to = InstantText(day.to()).substr(11);
  if (to == "00:00") to = "24:00";
  return from == "00:00" && to == "24:00" ? "" : absl::StrCat(from, "-", to);
}

std::string KindText(const DeadlineDay& day) {
  std::string text = EnumText(day.kind());
  std::replace(text.begin(), text.end(), '_', ' ');
  if (day.kind() == routing::v1::DAY_KIND_HOLIDAY || day.kind() == routing::v1::DAY_KIND_MAKE_UP_WORKDAY) {
    absl::StrAppend(
        &text, day.holiday().empty() ? "" : " ", day.holiday(),
        day.notice_year() == 0 ? " (local)" : absl::StrCat(" (notice of ", day.notice_year(), ")"));
  }
  return absl::StrCat(text, day.provisional() ? ", no notice yet" : "");
}

std::string CountingText(const DeadlineDay& day) {
  switch (day.counting()) {
    case routing::v1::DAY_COUNTING_DAY_OF_START:
      return "the day of the start does not count";
    case routing::v1::DAY_COUNTING_AT_CUT_OFF:
      return "counts at its cut-off";
    case routing::v1::DAY_COUNTING_NOT_WORKED:
      return "not worked";
    case routing::v1::DAY_COUNTING_OUTSIDE_HOURS:
      return "outside working hours";
    case routing::v1::DAY_COUNTING_PAUSED:
      return "paused";
    default:
      return "counts";
  }
}

std::string RemarkText(const DeadlineDay& day) {
  std::vector<std::string> remarks;
  for (const auto& pause : day.pauses()) {
    remarks.push_back(absl::StrCat("paused ", InstantText(pause.start()), " to ",
                                   pause.has_end() ? InstantText(pause.end()) : "now", " by ", pause.by(),
                                   ": ", pause.reason()));
  }
  if (day.put_off()) remarks.emplace_back("limit reached, but it can not run out at this cut-off");
  if (day.due()) remarks.emplace_back("DUE");
  if (day.late()) remarks.emplace_back("late");
  if (day.ahead()) remarks.emplace_back("ahead");
  return absl::StrJoin(remarks, "; ");
}

}  // namespace

std::string DescribeDeadline(const ExplainDeadlineResponse& response) {
  const ClockPolicy& policy = response.policy();
  const bool in_days = InDays(policy);
  std::string text = absl::StrCat(
      EnumText(response.clock()), " clock of case ", response.case_id(), ": ", DeadlineDueText(response),
      "\nlimit ", LimitText(policy), " (policy ", policy.policy_id(), " of catalogue version ",
      response.catalogue_version(), "), calendar ", response.calendar_id(), " version ",
      response.calendar_version(), "\nused by ", InstantText(response.measured_at()), ": ",
      response.used_days(), " days, ", HoursText(response.used_working_minutes()), " working hours, ",
      HoursText(response.used_calendar_minutes()), " hours by the wall clock\n");
  if (response.other_calendar()) {
    absl::StrAppend(&text, "settled with another version of the calendar, which is not known here\n");
  }
  const auto amount = [&](int64_t days, bool half_day, int64_t minutes) {
    return in_days ? DaysText(days, half_day) : HoursText(minutes);
  };
  if (response.brought_forward_days() > 0 || response.brought_forward_minutes() > 0) {
    absl::StrAppend(&text, "brought forward ",
                    amount(response.brought_forward_days(), false, response.brought_forward_minutes()), "\n");
  }
  Table days({{"date"},
              {"day"},
              {"part"},
              {"what"},
              {"why"},
              {in_days ? "days" : "hours", Align::kRight},
              {"sum", Align::kRight},
              {"worked", Align::kRight},
              {""}});
  for (const DeadlineDay& day : response.days()) {
    days.AddRow({DateText(day.date()), WeekdayText(day.weekday()), PartOfDayText(day), KindText(day),
                 CountingText(day), amount(day.days(), day.half_day(), day.minutes()),
                 amount(day.sum_days(), day.sum_half_day(), day.sum_minutes()),
                 in_days ? HoursText(day.minutes()) : "", RemarkText(day)});
  }
  absl::StrAppend(&text, days.ToString());
  if (!response.next_page_token().empty()) absl::StrAppend(&text, "… more days: raise --limit, or --all\n");
  return text;
}

}  // namespace zhuqi::ctl
