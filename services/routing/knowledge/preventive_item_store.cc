#include "services/routing/knowledge/preventive_item_store.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "services/routing/knowledge/theme_store.h"

namespace zhuqi::routing {
namespace {

// Of a theme's enterprises: the first, by their codes.
constexpr int kMostEnterprisesAsked = 1000;

Uuid ItemThemeOf(const v1::PreventiveItem& item) { return Uuid::Parse(item.theme_id()).value_or(Uuid()); }

// The item's and its theme's body.
absl::Status ReadItemRow(db::Row& row, v1::PreventiveItem& item) {
  v1::Theme theme;
  if (!item.ParseFromString(row.Text(0)) || !theme.ParseFromString(row.Text(1))) {
    return absl::DataLossError("a stored preventive item can not be read");
  }
  item.set_theme_title(theme.content().title());
  return absl::OkStatus();
}

absl::Status ReadRaised(db::Row& row, std::vector<RaisedIssues>& raised) {
  RaisedIssues& issues = raised.emplace_back();
  issues.org_unit_id = row.Text(0);
  issues.uscc = row.Text(1);
  issues.cases = static_cast<int>(row.Int64(2));
  return absl::OkStatus();
}

absl::Status ReadUnits(db::Connection& connection, const std::string& sql, const db::Values& values,
                       std::set<std::string>& units) {
  return connection.Query(sql, values, [&](db::Row& row) {
    units.insert(row.Text(0));
    return absl::OkStatus();
  });
}

struct MemberPlace {
  std::string org_unit_id;
  absl::CivilDay received_on;
};

}  // namespace

absl::Status WriteItems(db::Connection& connection, const std::vector<v1::PreventiveItem>& items) {
  db::MultiRowInsert insert(
      "preventive_items", {"theme_id", "org_unit_id", "state", "due_on", "made_at", "body"},
      "ON DUPLICATE KEY UPDATE state = VALUES(state), due_on = VALUES(due_on), body = VALUES(body)");
  for (const v1::PreventiveItem& item : items) {
    insert.Add({ItemThemeOf(item), item.org_unit_id(), static_cast<int>(item.state()),
                CivilDayFrom(item.due_on()).value_or(absl::CivilDay()), TimeFrom(item.made_at()),
                item.SerializeAsString()});
  }
  return insert.Run(connection).status();
}

absl::StatusOr<std::vector<v1::PreventiveItem>> ReadItems(db::Connection& connection, const Uuid& theme_id) {
  std::vector<v1::PreventiveItem> items;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT i.body, t.body FROM preventive_items i JOIN themes t ON t.theme_id = i.theme_id WHERE "
      "i.theme_id = ? ORDER BY i.org_unit_id",
      {theme_id}, [&](db::Row& row) { return ReadItemRow(row, items.emplace_back()); }));
  return items;
}

absl::StatusOr<std::map<Uuid, int>> CountOpenItems(db::Connection& connection,
                                                   const std::vector<Uuid>& theme_ids) {
  std::vector<db::Values> keys;
  for (const Uuid& id : std::set<Uuid>(theme_ids.begin(), theme_ids.end())) keys.push_back({id});
  std::map<Uuid, int> counts;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      absl::StrCat("SELECT theme_id, COUNT(*) FROM preventive_items WHERE state = ",
                   static_cast<int>(v1::PREVENTIVE_ITEM_STATE_OPEN), " AND theme_id IN"),
      1, keys,
      [&](db::Row& row) {
        const Uuid theme_id = row.ReadUuid(0);
        counts[theme_id] = static_cast<int>(row.Int64(1));
        return absl::OkStatus();
      },
      " GROUP BY theme_id"));
  return counts;
}

absl::StatusOr<std::vector<v1::PreventiveItem>> SelectItems(db::Connection& connection,
                                                            const ItemFilter& filter,
                                                            const std::optional<ItemPlace>& after,
                                                            int limit) {
  std::string conditions = "WHERE TRUE";
  db::Values values;
  const auto add = [&](absl::string_view condition, const db::Values& more) {
    absl::StrAppend(&conditions, " AND ", condition);
    values.insert(values.end(), more.begin(), more.end());
  };
  if (filter.state != 0) add("i.state = ?", {filter.state});
  if (!filter.org_unit_ids.empty()) {
    add("i.org_unit_id " + InList(filter.org_unit_ids.size()),
        db::Values(filter.org_unit_ids.begin(), filter.org_unit_ids.end()));
  }
  if (filter.theme_id.has_value()) add("i.theme_id = ?", {*filter.theme_id});
  if (filter.overdue_on.has_value()) {
    add("i.state = ? AND i.due_on < ?",
        {static_cast<int>(v1::PREVENTIVE_ITEM_STATE_OPEN), *filter.overdue_on});
  }
  if (after.has_value()) {
    add("i.due_on >= ? AND (i.due_on > ? OR i.theme_id > ? OR (i.theme_id = ? AND i.org_unit_id > ?))",
        {after->due_on, after->due_on, after->theme_id, after->theme_id, after->org_unit_id});
  }
  values.emplace_back(limit);
  std::vector<v1::PreventiveItem> items;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT i.body, t.body FROM preventive_items i JOIN themes t ON t.theme_id = i.theme_id ",
                   conditions, " ORDER BY i.due_on, i.theme_id, i.org_unit_id LIMIT ?"),
      values, [&](db::Row& row) { return ReadItemRow(row, items.emplace_back()); }));
  return items;
}

absl::Status CountCasesSince(db::Connection& connection, const Directory& directory,
                             std::vector<v1::PreventiveItem>& items) {
  std::set<Uuid> themes;
  for (const v1::PreventiveItem& item : items) themes.insert(ItemThemeOf(item));
  std::vector<db::Values> keys;
  for (const Uuid& id : themes) keys.push_back({id});
  // Only what came after the first item of the theme was made, which is little.
  std::map<Uuid, std::vector<MemberPlace>> members;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      absl::StrCat("SELECT m.theme_id, c.org_unit_id, c.received_at FROM theme_cases m JOIN cases c ON "
                   "c.case_id = m.case_id WHERE m.standing = 1 AND c.outcome <> ",
                   static_cast<int>(v1::OUTCOME_WITHDRAWN),
                   " AND c.received_at > (SELECT MIN(i.made_at) FROM preventive_items i WHERE i.theme_id = "
                   "m.theme_id) AND m.theme_id IN"),
      1, keys, [&](db::Row& row) {
        const Uuid theme_id = row.ReadUuid(0);
        std::string unit = row.Text(1);
        members[theme_id].push_back({std::move(unit), CityDay(row.Time(2))});
        return absl::OkStatus();
      }));
  for (v1::PreventiveItem& item : items) {
    const absl::CivilDay made_on = CityDay(TimeFrom(item.made_at()));
    int since = 0;
    for (const MemberPlace& member : members[ItemThemeOf(item)]) {
      since += member.received_on > made_on && directory.IsInOrBelow(member.org_unit_id, item.org_unit_id());
    }
    item.set_cases_since(since);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::set<std::string>> ReadUnitsOfMembers(db::Connection& connection, const Uuid& theme_id) {
  std::set<std::string> units;
  ZHUQI_RETURN_IF_ERROR(ReadUnits(connection,
                                  "SELECT DISTINCT c.org_unit_id FROM theme_cases m JOIN cases c ON "
                                  "c.case_id = m.case_id WHERE m.theme_id = ? AND m.standing = 1 AND "
                                  "c.outcome <> ?",
                                  {theme_id, static_cast<int>(v1::OUTCOME_WITHDRAWN)}, units));
  return units;
}

absl::StatusOr<Concern> ReadConcern(db::Connection& connection, const v1::Theme& theme, absl::Time since) {
  const Uuid theme_id = Uuid::Parse(theme.theme_id()).value_or(Uuid());
  const int withdrawn = v1::OUTCOME_WITHDRAWN;
  std::vector<db::Values> enterprises;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT DISTINCT c.enterprise_uscc FROM theme_cases m JOIN cases c ON c.case_id = m.case_id WHERE "
      "m.theme_id = ? AND m.standing = 1 AND c.outcome <> ? AND c.enterprise_uscc <> '' ORDER BY "
      "c.enterprise_uscc LIMIT ?",
      {theme_id, withdrawn, kMostEnterprisesAsked}, [&](db::Row& row) {
        enterprises.push_back({row.Text(0)});
        return absl::OkStatus();
      }));
  // Children have their parent's issue, which counts once.
  const std::string raised = absl::StrCat(
      "SELECT org_unit_id, enterprise_uscc, COUNT(*) FROM cases WHERE child_number = 0 AND outcome <> ",
      withdrawn, " AND received_at >= '", absl::FormatTime("%Y-%m-%d %H:%M:%S", since, absl::UTCTimeZone()),
      "' AND ");
  constexpr char kByEnterprise[] = " GROUP BY org_unit_id, enterprise_uscc";
  Concern concern;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, raised + "enterprise_uscc IN", 1, enterprises,
      [&](db::Row& row) { return ReadRaised(row, concern.same_enterprise); }, kByEnterprise));
  const std::string& category = theme.content().category_id();
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat(raised, "(category_id = ? OR (category_id > ? AND category_id < ?))", kByEnterprise),
      {category, category + ".", category + "/"},
      [&](db::Row& row) { return ReadRaised(row, concern.same_category); }));
  return concern;
}

}  // namespace zhuqi::routing
