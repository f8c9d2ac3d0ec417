#include "services/routing/special/special_store.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {
namespace {

constexpr int kDueDaysAtOnce = 500;

// Conditions of a list, and their values.
struct SpecialConditions {
  std::vector<std::string> texts = {"is_open = 1"};
  db::Values values;

  void Add(absl::string_view text, std::initializer_list<db::Value> bound) {
    texts.emplace_back(text);
    values.insert(values.end(), bound.begin(), bound.end());
  }
};

SpecialConditions ConditionsOf(const SpecialFilter& filter, const std::optional<SpecialPlace>& after,
                               absl::CivilDay today) {
  SpecialConditions conditions;
  if (!filter.follower_department_id.empty()) {
    conditions.Add("follower_department_id = ?", {filter.follower_department_id});
  }
  if (!filter.org_unit_ids.empty()) {
    const std::vector<absl::string_view> places(filter.org_unit_ids.size(), "?");
    conditions.Add(absl::StrCat("org_unit_id IN (", absl::StrJoin(places, ","), ")"), {});
    for (const std::string& id : filter.org_unit_ids) conditions.values.emplace_back(id);
  }
  if (filter.overdue) conditions.Add("due_on < ?", {today});
  if (filter.due.first.has_value()) conditions.Add("due_on >= ?", {*filter.due.first});
  if (filter.due.last.has_value()) conditions.Add("due_on <= ?", {*filter.due.last});
  if (after.has_value()) {
    conditions.Add("due_on >= ? AND (due_on > ? OR holder_id > ? OR (holder_id = ? AND number > ?))",
                   {after->due_on, after->due_on, after->holder, after->holder, after->number});
  }
  return conditions;
}

}  // namespace

absl::Status WriteSpecialItems(db::Connection& connection, const std::vector<SpecialRow>& rows) {
  db::MultiRowInsert insert(
      "special_items",
      {"holder_id", "number", "org_unit_id", "follower_department_id", "is_open", "counted_from",
       "working_days", "due_on", "calendar_version", "body"},
      "ON DUPLICATE KEY UPDATE org_unit_id = VALUES(org_unit_id), follower_department_id = "
      "VALUES(follower_department_id), is_open = VALUES(is_open), counted_from = VALUES(counted_from), "
      "working_days = VALUES(working_days), due_on = VALUES(due_on), calendar_version = "
      "VALUES(calendar_version), body = VALUES(body)");
  for (const SpecialRow& row : rows) {
    const v1::SpecialItem& special = row.row.special();
    const absl::CivilDay from = CivilDayFrom(special.counted_from()).value_or(absl::CivilDay());
    // What is followed no more stands with the day of its last report.
    const absl::CivilDay due = CivilDayFrom(special.next_report_due_on()).value_or(from);
    insert.Add({row.holder, row.number, row.row.org_unit_id(), special.follower_department_id(), row.open,
                from, special.report_every_working_days(), due, special.calendar_version(),
                row.row.SerializeAsString()});
  }
  return insert.Run(connection).status();
}

absl::StatusOr<std::vector<ListedSpecial>> SelectSpecialItems(db::Connection& connection,
                                                              const SpecialFilter& filter,
                                                              const std::optional<SpecialPlace>& after,
                                                              absl::CivilDay today, int limit) {
  SpecialConditions conditions = ConditionsOf(filter, after, today);
  conditions.values.emplace_back(limit);
  std::vector<ListedSpecial> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT body, due_on, holder_id, number FROM special_items WHERE ",
                   absl::StrJoin(conditions.texts, " AND "), " ORDER BY due_on, holder_id, number LIMIT ?"),
      conditions.values, [&](db::Row& row) {
        ListedSpecial& listed = found.emplace_back();
        if (!listed.row.ParseFromString(row.Text(0))) {
          return absl::DataLossError("a stored special item can not be read");
        }
        listed.place = {row.Day(1), row.ReadUuid(2), static_cast<int32_t>(row.Int64(3))};
        return absl::OkStatus();
      }));
  return found;
}

absl::Status RetimeDueDays(db::Connection& connection, const DueTable& table,
                           const calendar::WorkingCalendar& calendar) {
  struct Stale {
    Uuid key;
    int64_t number;
    absl::CivilDay due_on;
  };
  const std::string select =
      absl::StrCat("SELECT ", table.key, ", number, counted_from, working_days FROM ", table.name,
                   " WHERE is_open = 1 AND working_days IS NOT NULL AND calendar_version < ? LIMIT ?");
  // One that was settled meanwhile, or timed by a newer calendar, is left alone.
  const std::string update =
      absl::StrCat("UPDATE ", table.name, " SET due_on = ?, calendar_version = ? WHERE ", table.key,
                   " = ? AND number = ? AND is_open = 1 AND calendar_version < ?");
  std::vector<Stale> stale(kDueDaysAtOnce);
  while (stale.size() == static_cast<size_t>(kDueDaysAtOnce)) {
    stale.clear();
    ZHUQI_RETURN_IF_ERROR(connection.Query(select, {calendar.version(), kDueDaysAtOnce}, [&](db::Row& row) {
      const absl::CivilDay from = row.Day(2);
      stale.push_back(
          {row.ReadUuid(0), row.Int64(1), DueDayFrom(from, static_cast<int>(row.Int64(3)), calendar)});
      return absl::OkStatus();
    }));
    for (const Stale& each : stale) {
      ZHUQI_RETURN_IF_ERROR(
          connection
              .Execute(update, {each.due_on, calendar.version(), each.key, each.number, calendar.version()})
              .status());
    }
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
