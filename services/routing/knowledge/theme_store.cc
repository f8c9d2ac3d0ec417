#include "services/routing/knowledge/theme_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "services/routing/knowledge/recurrence_rules.h"
#include "services/routing/knowledge/recurrence_store.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kMostThemesOfACase = 50;

Uuid ThemeIdOf(const v1::Theme& theme) { return Uuid::Parse(theme.theme_id()).value_or(Uuid()); }

absl::Status UnreadableTheme() { return absl::DataLossError("a stored theme can not be read"); }

absl::Status ReadMembers(db::Connection& connection, const Uuid& theme_id, ThemeMembers& members) {
  return connection.Query(
      "SELECT case_id, standing, similarity, since, given_by FROM theme_cases WHERE theme_id = ?", {theme_id},
      [&](db::Row& row) {
        ThemeMember& member = members[row.ReadUuid(0)];
        member.standing = static_cast<v1::ThemeCaseStanding>(row.Int64(1));
        member.similarity = row.Double(2);
        member.since = row.Time(3);
        member.by = row.Text(4);
        return absl::OkStatus();
      });
}

absl::StatusOr<std::optional<ThemeRecord>> ReadWith(db::Connection& connection, const Uuid& theme_id,
                                                    absl::string_view suffix) {
  std::optional<ThemeRecord> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT body, version FROM themes WHERE theme_id = ?", suffix), {theme_id},
      [&](db::Row& row) {
        found.emplace().sequence = row.Int64(1);
        return found->body.ParseFromString(row.Text(0)) ? absl::OkStatus() : UnreadableTheme();
      }));
  if (found.has_value()) ZHUQI_RETURN_IF_ERROR(ReadMembers(connection, theme_id, found->members));
  return found;
}

absl::Status WriteThemeBody(db::Connection& connection, const ThemeRecord& record) {
  const v1::Theme& theme = record.body;
  return connection
      .Execute(
          "INSERT INTO themes (theme_id, state, category_id, owner_department_id, due_on, version, body) "
          "VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE state = VALUES(state), category_id = "
          "VALUES(category_id), owner_department_id = VALUES(owner_department_id), due_on = "
          "VALUES(due_on), version = VALUES(version), body = VALUES(body)",
          {ThemeIdOf(theme), static_cast<int>(theme.state()), theme.content().category_id(),
           theme.owner_department_id(), CivilDayFrom(theme.due_on()), record.sequence,
           theme.SerializeAsString()})
      .status();
}

absl::Status WriteMembers(db::Connection& connection, const ThemeRecord* before, const ThemeRecord& after) {
  db::MultiRowInsert insert(
      "theme_cases", {"theme_id", "case_id", "standing", "similarity", "since", "given_by"},
      "ON DUPLICATE KEY UPDATE standing = VALUES(standing), similarity = VALUES(similarity), since = "
      "VALUES(since), given_by = VALUES(given_by)");
  for (const auto& [case_id, member] : after.members) {
    if (before != nullptr) {
      const auto known = before->members.find(case_id);
      if (known != before->members.end() && known->second == member) continue;
    }
    insert.Add({ThemeIdOf(after.body), case_id, static_cast<int>(member.standing), member.similarity,
                member.since, member.by});
  }
  return insert.Run(connection).status();
}

std::vector<db::Values> KeysOf(const std::vector<Uuid>& ids) {
  std::vector<db::Values> keys;
  for (const Uuid& id : std::set<Uuid>(ids.begin(), ids.end())) keys.push_back({id});
  return keys;
}

}  // namespace

std::string InList(size_t count) {
  std::string list = "IN (?";
  for (size_t i = 1; i < count; ++i) list += ",?";
  return list + ")";
}

absl::StatusOr<std::optional<ThemeRecord>> LockTheme(db::Transaction& transaction, const Uuid& theme_id) {
  return ReadWith(transaction.connection(), theme_id, " FOR UPDATE");
}

absl::StatusOr<std::optional<ThemeRecord>> ReadTheme(db::Connection& connection, const Uuid& theme_id) {
  return ReadWith(connection, theme_id, "");
}

absl::Status WriteTheme(db::Transaction& transaction, const ThemeRecord* before, const ThemeRecord& after,
                        v1::ThemeEvent event) {
  db::Connection& connection = transaction.connection();
  ZHUQI_RETURN_IF_ERROR(WriteThemeBody(connection, after));
  ZHUQI_RETURN_IF_ERROR(WriteMembers(connection, before, after));
  const RecurrenceSpans spans = RecurrenceSpansOf(after.body);
  if (spans != (before == nullptr ? RecurrenceSpans() : RecurrenceSpansOf(before->body))) {
    ZHUQI_RETURN_IF_ERROR(WriteRecurrenceSpans(connection, ThemeIdOf(after.body), spans));
  }
  event.set_sequence(after.sequence);
  event.set_state_after(after.body.state());
  return transaction
      .Execute("INSERT INTO theme_events (theme_id, sequence, body) VALUES (?, ?, ?)",
               {ThemeIdOf(after.body), after.sequence, event.SerializeAsString()})
      .status();
}

absl::StatusOr<std::vector<v1::ThemeEvent>> ReadThemeHistory(db::Connection& connection, const Uuid& theme_id,
                                                             int limit) {
  std::vector<v1::ThemeEvent> history;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT body FROM theme_events WHERE theme_id = ? ORDER BY sequence DESC LIMIT ?", {theme_id, limit},
      [&](db::Row& row) {
        return history.emplace_back().ParseFromString(row.Text(0)) ? absl::OkStatus() : UnreadableTheme();
      }));
  std::reverse(history.begin(), history.end());
  return history;
}

absl::StatusOr<std::set<Uuid>> FindThemesOfCases(db::Connection& connection,
                                                 const std::vector<Uuid>& case_ids) {
  std::set<Uuid> themes;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      absl::StrCat("SELECT m.theme_id FROM theme_cases m JOIN themes t ON t.theme_id = m.theme_id AND "
                   "t.state <> ",
                   static_cast<int>(v1::THEME_STATE_MERGED), " WHERE m.case_id IN"),
      1, KeysOf(case_ids), [&](db::Row& row) {
        themes.insert(row.ReadUuid(0));
        return absl::OkStatus();
      }));
  return themes;
}

absl::StatusOr<std::map<Uuid, std::vector<v1::ThemeReference>>> ReadThemesOfCases(
    db::Connection& connection, const std::vector<Uuid>& case_ids, bool suggested) {
  std::map<Uuid, std::vector<v1::ThemeReference>> found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      "SELECT m.case_id, m.standing, t.body FROM theme_cases m JOIN themes t ON t.theme_id = m.theme_id "
      "WHERE m.case_id IN",
      1, KeysOf(case_ids), [&](db::Row& row) {
        const Uuid case_id = row.ReadUuid(0);
        const auto standing = static_cast<v1::ThemeCaseStanding>(row.Int64(1));
        v1::Theme theme;
        if (!theme.ParseFromString(row.Text(2))) return UnreadableTheme();
        if (!IsLive(theme.state()) || standing == v1::THEME_CASE_STANDING_REMOVED) return absl::OkStatus();
        if (standing == v1::THEME_CASE_STANDING_SUGGESTED && !suggested) return absl::OkStatus();
        v1::ThemeReference& reference = found[case_id].emplace_back();
        reference.set_theme_id(theme.theme_id());
        reference.set_title(theme.content().title());
        reference.set_state(theme.state());
        reference.set_fix(theme.content().fix());
        reference.set_standing(standing);
        return absl::OkStatus();
      }));
  for (auto& [case_id, references] : found) {
    // Identities grow with time.
    std::sort(references.begin(), references.end(),
              [](const auto& left, const auto& right) { return left.theme_id() > right.theme_id(); });
    if (references.size() > kMostThemesOfACase) references.resize(kMostThemesOfACase);
  }
  return found;
}

absl::StatusOr<std::map<Uuid, std::vector<ThemeUnitCount>>> CountThemeCases(
    db::Connection& connection, const std::vector<Uuid>& theme_ids) {
  std::map<Uuid, std::vector<ThemeUnitCount>> counts;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      absl::StrCat("SELECT m.theme_id, c.org_unit_id, SUM(m.standing = 1), SUM(m.standing = 2), "
                   "SUM(m.standing = 1 AND EXISTS (SELECT 1 FROM theme_recurrence s WHERE s.theme_id = "
                   "m.theme_id AND c.received_at >= s.received_from AND c.received_at < "
                   "s.received_before)) FROM theme_cases m JOIN cases c ON c.case_id = m.case_id WHERE "
                   "m.standing < 3 AND c.outcome <> ",
                   static_cast<int>(v1::OUTCOME_WITHDRAWN), " AND m.theme_id IN"),
      1, KeysOf(theme_ids),
      [&](db::Row& row) {
        ThemeUnitCount& count = counts[row.ReadUuid(0)].emplace_back();
        count.org_unit_id = row.Text(1);
        count.members = static_cast<int>(row.Int64(2));
        count.suggested = static_cast<int>(row.Int64(3));
        count.recurrence = static_cast<int>(row.Int64(4));
        return absl::OkStatus();
      },
      " GROUP BY m.theme_id, c.org_unit_id"));
  return counts;
}

absl::StatusOr<std::vector<v1::Theme>> SelectThemes(db::Connection& connection, const ThemeFilter& filter,
                                                    const std::optional<Uuid>& before, int limit) {
  std::string conditions = "WHERE TRUE";
  db::Values values;
  const auto add = [&](absl::string_view condition, const db::Values& more) {
    absl::StrAppend(&conditions, " AND ", condition);
    values.insert(values.end(), more.begin(), more.end());
  };
  if (filter.state != 0) add("t.state = ?", {filter.state});
  if (!filter.category_id.empty()) {
    // '/' is the character after '.': all that begins with "land." lies between the two.
    add("(t.category_id = ? OR (t.category_id > ? AND t.category_id < ?))",
        {filter.category_id, filter.category_id + ".", filter.category_id + "/"});
  }
  if (!filter.org_unit_ids.empty()) {
    const std::string units = InList(filter.org_unit_ids.size());
    const db::Values ids(filter.org_unit_ids.begin(), filter.org_unit_ids.end());
    db::Values twice = ids;
    twice.insert(twice.end(), ids.begin(), ids.end());
    add(absl::StrCat("(EXISTS (SELECT 1 FROM theme_cases m JOIN cases c ON c.case_id = m.case_id WHERE "
                     "m.theme_id = t.theme_id AND m.standing = 1 AND c.org_unit_id ",
                     units,
                     ") OR EXISTS (SELECT 1 FROM preventive_items i WHERE i.theme_id = t.theme_id AND "
                     "i.org_unit_id ",
                     units, "))"),
        twice);
  }
  if (!filter.owner_department_id.empty()) add("t.owner_department_id = ?", {filter.owner_department_id});
  if (filter.overdue_on.has_value()) {
    add("t.state IN (?, ?) AND t.due_on < ?",
        {static_cast<int>(v1::THEME_STATE_CONFIRMED), static_cast<int>(v1::THEME_STATE_FIX_UNDER_WAY),
         *filter.overdue_on});
  }
  // Identities grow with time.
  if (before.has_value()) add("t.theme_id < ?", {*before});
  values.emplace_back(limit);
  std::vector<v1::Theme> themes;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT t.body FROM themes t ", conditions, " ORDER BY t.theme_id DESC LIMIT ?"), values,
      [&](db::Row& row) {
        return themes.emplace_back().ParseFromString(row.Text(0)) ? absl::OkStatus() : UnreadableTheme();
      }));
  return themes;
}

}  // namespace zhuqi::routing
