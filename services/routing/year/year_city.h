// The city of the proof over a year: one city unit and fifteen districts, its calendar in three versions, its
// catalogue, and the instants at which something happens.
#ifndef ZHUQI_SERVICES_ROUTING_YEAR_YEAR_CITY_H_
#define ZHUQI_SERVICES_ROUTING_YEAR_YEAR_CITY_H_

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/testing.h"
#include "services/routing/year/naive_clock.h"
#include "zhuqi/feed/v1/event.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing::year {

inline constexpr int kDistricts = 15;
inline constexpr std::array<const char*, 3> kFunctions = {"planning", "fire", "office"};

inline absl::CivilDay FirstDay() { return absl::CivilDay(2024, 1, 1); }
inline absl::Time TimeAt(int minute) { return StartOfCityDay(FirstDay()) + absl::Minutes(minute); }
inline int MinuteOf(absl::Time time) {
  return static_cast<int>(absl::ToInt64Minutes(time - StartOfCityDay(FirstDay())));
}
inline int MinuteOf(const google::protobuf::Timestamp& time) { return MinuteOf(TimeFrom(time)); }
inline int At(int month, int day, int hour = 0) {
  return static_cast<int>(absl::CivilDay(2024, month, day) - FirstDay()) * kDay + hour * 60;
}

inline std::string District(int number) { return absl::StrFormat("d%02d", number); }

// ---- The calendar: the notice of the autumn holidays comes late, and the city decides days of its own ----

struct CalendarVersion {
  // When it becomes known.
  int since = 0;
  NaiveCalendar calendar;
};

inline std::vector<CalendarVersion> Calendars() {
  const auto days = [](std::set<int>& set, int month, int first, int last) {
    for (int day = first; day <= last; ++day) set.insert(At(month, day) / kDay);
  };
  NaiveCalendar first;
  days(first.off, 1, 1, 1);
  days(first.off, 2, 10, 17);
  days(first.off, 4, 4, 6);
  days(first.off, 5, 1, 5);
  for (const auto& [month, day] : {std::pair{2, 4}, {2, 18}, {4, 7}, {4, 28}, {5, 11}}) {
    days(first.worked, month, day, day);
  }
  NaiveCalendar second = first;
  days(second.off, 6, 10, 10);
  days(second.off, 6, 14, 14);
  NaiveCalendar third = second;
  days(third.off, 9, 15, 17);
  days(third.off, 10, 1, 7);
  for (const auto& [month, day] : {std::pair{9, 14}, {9, 29}, {10, 12}}) days(third.worked, month, day, day);
  return {{0, first}, {At(6, 5, 10), second}, {At(9, 10, 14), third}};
}

// The version in force at `minute`, from 0.
inline int VersionAt(const std::vector<CalendarVersion>& calendars, int minute) {
  int version = 0;
  for (size_t i = 0; i < calendars.size(); ++i) {
    if (calendars[i].since <= minute) version = static_cast<int>(i);
  }
  return version;
}

inline directory::v1::WorkingCalendar CalendarMessage(const NaiveCalendar& calendar, int version) {
  directory::v1::WorkingCalendar message;
  message.set_calendar_id("city");
  message.set_version(version);
  message.add_notice_years(2024);
  std::set<int> named = calendar.off;
  named.insert(calendar.worked.begin(), calendar.worked.end());
  for (const int day : named) {
    directory::v1::DateOverride& entry = *message.add_overrides();
    *entry.mutable_date() = DateMessage(FirstDay() + day);
    entry.set_working(calendar.worked.contains(day));
    entry.set_notice_year(2024);
  }
  return message;
}

// ---- Units and departments ----

inline void AddUnit(const std::string& unit, const std::string& parent, feed::v1::DirectoryChanged& change) {
  directory::v1::OrgUnit& added = *change.add_org_units();
  added.set_org_unit_id(unit);
  added.set_name(unit);
  added.set_parent_id(parent);
  added.set_level(parent.empty() ? directory::v1::ORG_UNIT_LEVEL_CITY
                                 : directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  for (const char* function : kFunctions) {
    directory::v1::Department& department = *change.add_departments();
    department.set_department_id(absl::StrCat(unit, ".", function));
    department.set_org_unit_id(unit);
    department.set_function(function);
    department.set_name(department.department_id());
  }
}

inline feed::v1::DirectoryChanged FirstDirectory() {
  feed::v1::DirectoryChanged change;
  AddUnit("zz", "", change);
  for (int i = 1; i <= kDistricts; ++i) AddUnit(District(i), "zz", change);
  for (const char* id : {"land", "fire", "tax"}) {
    directory::v1::IssueCategory& category = *change.add_categories();
    category.set_category_id(id);
    category.set_name(id);
  }
  *change.mutable_calendar() = CalendarMessage(Calendars()[0].calendar, 1);
  return change;
}

// The last district is merged into the one before.
inline constexpr int kMerger = 217 * kDay + 10 * 60;
inline feed::v1::DirectoryChanged Merger() {
  feed::v1::DirectoryChanged change;
  AddUnit(District(kDistricts), "zz", change);
  directory::v1::OrgUnit& unit = *change.mutable_org_units(0);
  *unit.mutable_closed_on() = DateMessage(FirstDay() + kMerger / kDay);
  unit.set_closing_reason("merged");
  unit.add_successor_ids(District(kDistricts - 1));
  for (directory::v1::Department& department : *change.mutable_departments()) {
    *department.mutable_closed_on() = unit.closed_on();
  }
  return change;
}

// ---- The catalogue ----

inline constexpr int kResponseMinutes = 60;
inline constexpr int kPlanMinutes = 24 * 60;
inline constexpr int kHandlingDays = 7;
inline constexpr int kEscalatedDays = 15;
inline constexpr int kReplyDays = 3;
inline constexpr int kObjectionDays = 1;
inline constexpr int kRulingDays = 1;

// The ladder "watch" of testing::LadderCatalogue, and a policy for every clock.
inline v1::Catalogue YearCatalogue() {
  v1::Catalogue catalogue = testing::LadderCatalogue();
  catalogue.mutable_clock_policies(1)->set_maximum_extensions(2);
  const auto add = [&](const char* id) {
    v1::ClockPolicy* policy = catalogue.add_clock_policies();
    policy->set_policy_id(id);
    policy->set_may_pause(true);
    return policy;
  };
  add("reply")->mutable_working_days()->set_count(kReplyDays);
  add("object")->mutable_working_days()->set_count(kObjectionDays);
  add("rule")->mutable_working_days()->set_count(kRulingDays);
  add("plan")->mutable_working_hours()->set_minutes(kPlanMinutes);
  v1::ClockPolicy* escalated = add("escalated");
  escalated->mutable_working_days()->set_count(kEscalatedDays);
  escalated->set_maximum_extensions(2);
  const auto fill = [](v1::RouteTarget& target) {
    target.set_plan_policy_id("plan");
    target.set_reply_policy_id("reply");
    target.set_objection_policy_id("object");
    target.set_ruling_policy_id("rule");
    target.set_escalated_policy_id("escalated");
  };
  for (v1::RoutingRule& rule : *catalogue.mutable_rules()) fill(*rule.mutable_target());
  fill(*catalogue.mutable_default_target());
  return catalogue;
}

// ---- When something happens ----

// The service is down in these: nothing is taken, done or fired.
inline bool IsDown(int minute) {
  return (minute >= At(3, 12, 8) && minute < At(3, 15, 9)) ||
         (minute >= At(11, 4, 14) && minute < At(11, 5, 11));
}

// The instants at which it runs and its clock stands.
inline std::vector<int> Ticks() {
  std::vector<int> ticks;
  for (int day = 0; day < 366; ++day) {
    for (const int hour : {8, 9, 10, 11, 13, 14, 16, 20}) {
      const int minute = day * kDay + hour * 60;
      if (!IsDown(minute)) ticks.push_back(minute);
    }
  }
  return ticks;
}

}  // namespace zhuqi::routing::year

#endif  // ZHUQI_SERVICES_ROUTING_YEAR_YEAR_CITY_H_
