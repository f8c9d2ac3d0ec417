#include "services/routing/knowledge/recurrence_store.h"

#include <utility>
#include <vector>

#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"

namespace zhuqi::routing {
namespace {

std::vector<db::Values> KeysOfCases(const std::set<Uuid>& case_ids) {
  std::vector<db::Values> keys;
  for (const Uuid& id : case_ids) keys.push_back({id});
  return keys;
}

}  // namespace

absl::Status WriteRecurrenceSpans(db::Connection& connection, const Uuid& theme_id,
                                  const RecurrenceSpans& spans) {
  ZHUQI_RETURN_IF_ERROR(
      connection.Execute("DELETE FROM theme_recurrence WHERE theme_id = ?", {theme_id}).status());
  db::MultiRowInsert insert("theme_recurrence", {"theme_id", "received_from", "received_before"});
  for (const RecurrenceSpan& span : spans) {
    insert.Add({theme_id, StartOfCityDay(span.first), StartOfCityDay(span.last + 1)});
  }
  return insert.Run(connection).status();
}

absl::Status LockStandings(db::Connection& connection, const std::set<Uuid>& case_ids) {
  return db::SelectByKeys(
      connection, "SELECT theme_id FROM theme_cases WHERE case_id IN", 1, KeysOfCases(case_ids),
      [](db::Row&) { return absl::OkStatus(); }, " FOR UPDATE");
}

absl::StatusOr<std::map<Uuid, RecurrenceSpans>> ReadRecurrenceSpans(db::Connection& connection,
                                                                    const std::set<Uuid>& case_ids) {
  std::map<Uuid, std::vector<RecurrenceSpan>> read;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      "SELECT m.case_id, s.received_from, s.received_before FROM theme_cases m JOIN theme_recurrence s ON "
      "s.theme_id = m.theme_id WHERE m.standing = 1 AND m.case_id IN",
      1, KeysOfCases(case_ids), [&](db::Row& row) {
        const Uuid case_id = row.ReadUuid(0);
        const absl::CivilDay first = CityDay(row.Time(1));
        read[case_id].push_back({first, CityDay(row.Time(2)) - 1});
        return absl::OkStatus();
      }));
  std::map<Uuid, RecurrenceSpans> spans;
  for (auto& [case_id, of_themes] : read) spans[case_id] = UnionOf(std::move(of_themes));
  return spans;
}

}  // namespace zhuqi::routing
