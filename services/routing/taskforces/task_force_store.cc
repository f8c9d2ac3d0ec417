#include "services/routing/taskforces/task_force_store.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "services/routing/special/special_rules.h"
#include "services/routing/special/special_store.h"

namespace zhuqi::routing {
namespace {

absl::Status UnreadableForce(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("a stored ", what, " can not be read"));
}

Uuid ForceUuid(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }

absl::CivilDay ForceDay(const common::v1::Date& date) {
  return CivilDayFrom(date).value_or(absl::CivilDay());
}

// Its visits, in the order in which they were tied.
absl::Status ReadVisitsOf(db::Connection& connection, v1::TaskForce& body) {
  return connection.Query(
      "SELECT t.record_id, t.linked_at, t.linked_by, v.visited_on, v.org_unit_id, v.withdrawn FROM "
      "task_force_visits t JOIN visits v ON v.record_id = t.record_id WHERE t.task_force_id = ? ORDER BY "
      "t.linked_at, t.record_id",
      {ForceUuid(body.task_force_id())}, [&](db::Row& row) {
        v1::TaskForceVisit& visit = *body.add_visits();
        visit.set_record_id(row.ReadUuid(0).ToString());
        *visit.mutable_linked_at() = TimestampMessage(row.Time(1));
        visit.set_linked_by(row.Text(2));
        *visit.mutable_visited_on() = DateMessage(row.Day(3));
        visit.set_org_unit_id(row.Text(4));
        visit.set_withdrawn(row.Bool(5));
        return absl::OkStatus();
      });
}

absl::StatusOr<std::optional<v1::TaskForce>> ReadForce(db::Connection& connection, const TaskForceKey& key,
                                                       absl::string_view suffix) {
  std::optional<v1::TaskForce> found;
  const auto take = [&](db::Row& row) {
    return found.emplace().ParseFromString(row.Text(0)) ? absl::OkStatus() : UnreadableForce("task force");
  };
  const std::string column = key.id.has_value() ? "task_force_id" : "name";
  const db::Values values = key.id.has_value() ? db::Values{*key.id} : db::Values{key.name};
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT body FROM task_forces WHERE ", column, " = ?", suffix), values, take));
  if (found.has_value()) ZHUQI_RETURN_IF_ERROR(ReadVisitsOf(connection, *found));
  return found;
}

// ---- What is written ----

absl::Status WriteForceBody(db::Connection& connection, const v1::TaskForce* before,
                            const v1::TaskForce& body) {
  v1::TaskForce without_visits = body;
  without_visits.clear_visits();
  const std::string summary = TaskForceSummaryOf(body).SerializeAsString();
  if (before == nullptr) {
    // No update: another one may have the name.
    return connection
        .Execute(
            "INSERT INTO task_forces (task_force_id, name, sequence, org_unit_id, project, state, summary, "
            "body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            {ForceUuid(body.task_force_id()), body.name(), body.sequence(), body.org_unit_id(),
             body.project(), static_cast<int>(body.state()), summary, without_visits.SerializeAsString()})
        .status();
  }
  return connection
      .Execute(
          "UPDATE task_forces SET sequence = ?, state = ?, summary = ?, body = ? WHERE task_force_id = ?",
          {body.sequence(), static_cast<int>(body.state()), summary, without_visits.SerializeAsString(),
           ForceUuid(body.task_force_id())})
      .status();
}

std::set<std::string> DepartmentsIn(const v1::TaskForce* body) {
  std::set<std::string> ids;
  if (body == nullptr) return ids;
  for (const v1::TaskForceDepartment& part : body->departments()) ids.insert(part.department_id());
  return ids;
}

absl::Status WriteForceDepartments(db::Connection& connection, const v1::TaskForce* before,
                                   const v1::TaskForce& body) {
  const Uuid id = ForceUuid(body.task_force_id());
  const std::set<std::string> former = DepartmentsIn(before);
  const std::set<std::string> now = DepartmentsIn(&body);
  db::MultiRowInsert insert("task_force_departments", {"department_id", "task_force_id"});
  for (const std::string& department : now) {
    if (former.count(department) == 0) insert.Add({department, id});
  }
  for (const std::string& department : former) {
    if (now.count(department) != 0) continue;
    ZHUQI_RETURN_IF_ERROR(
        connection
            .Execute("DELETE FROM task_force_departments WHERE department_id = ? AND task_force_id = ?",
                     {department, id})
            .status());
  }
  return insert.Run(connection).status();
}

// Numbers of the items that differ from before.
std::vector<int> ChangedItems(const v1::TaskForce* before, const v1::TaskForce& body) {
  std::vector<int> changed;
  for (int i = 0; i < body.items_size(); ++i) {
    if (before != nullptr && i < before->items_size() &&
        before->items(i).SerializeAsString() == body.items(i).SerializeAsString()) {
      continue;
    }
    changed.push_back(i);
  }
  return changed;
}

absl::Status WriteForceItems(db::Connection& connection, const v1::TaskForce& body,
                             const std::vector<int>& changed) {
  db::MultiRowInsert insert(
      "task_force_items",
      {"task_force_id", "number", "state", "is_open", "counted_from", "working_days", "due_on",
       "calendar_version", "settled_on"},
      "ON DUPLICATE KEY UPDATE state = VALUES(state), is_open = VALUES(is_open), counted_from = "
      "VALUES(counted_from), working_days = VALUES(working_days), due_on = VALUES(due_on), calendar_version "
      "= VALUES(calendar_version), settled_on = VALUES(settled_on)");
  for (const int i : changed) {
    const v1::ChecklistItem& item = body.items(i);
    const ItemTerm term = TermOf(item, body);
    const std::optional<absl::CivilDay> settled =
        item.has_settled_on() ? CivilDayFrom(item.settled_on()) : std::nullopt;
    insert.Add({ForceUuid(body.task_force_id()), item.number(), static_cast<int>(item.state()),
                item.state() == v1::CHECKLIST_ITEM_STATE_OPEN, term.from, term.working_days,
                ForceDay(item.due_on()), item.calendar_version(), settled});
  }
  return insert.Run(connection).status();
}

absl::Status WriteForceSpecial(db::Connection& connection, const v1::TaskForce& body,
                               const std::vector<int>& changed) {
  std::vector<SpecialRow> rows;
  for (const int i : changed) {
    const v1::ChecklistItem& item = body.items(i);
    if (!item.has_special()) continue;
    SpecialRow& row = rows.emplace_back();
    row.holder = ForceUuid(body.task_force_id());
    row.number = item.number();
    row.open = IsFollowed(item.special()) && item.state() == v1::CHECKLIST_ITEM_STATE_OPEN;
    v1::SpecialItemRow::ItemReference& reference = *row.row.mutable_item();
    reference.set_task_force_id(body.task_force_id());
    reference.set_task_force(body.name());
    reference.set_number(item.number());
    reference.set_text(item.text());
    row.row.set_org_unit_id(body.org_unit_id());
    *row.row.mutable_special() = item.special();
  }
  return WriteSpecialItems(connection, rows);
}

std::map<Uuid, const v1::TaskForceVisit*> VisitsIn(const v1::TaskForce* body) {
  std::map<Uuid, const v1::TaskForceVisit*> visits;
  if (body == nullptr) return visits;
  for (const v1::TaskForceVisit& visit : body->visits()) visits[ForceUuid(visit.record_id())] = &visit;
  return visits;
}

absl::Status WriteForceVisits(db::Connection& connection, const v1::TaskForce* before,
                              const v1::TaskForce& body) {
  const Uuid id = ForceUuid(body.task_force_id());
  const auto former = VisitsIn(before);
  const auto now = VisitsIn(&body);
  db::MultiRowInsert insert("task_force_visits", {"task_force_id", "record_id", "linked_at", "linked_by"});
  for (const auto& [record_id, visit] : now) {
    if (former.count(record_id) != 0) continue;
    insert.Add({id, record_id, TimeFrom(visit->linked_at()), visit->linked_by()});
  }
  for (const auto& [record_id, visit] : former) {
    if (now.count(record_id) != 0) continue;
    ZHUQI_RETURN_IF_ERROR(
        connection
            .Execute("DELETE FROM task_force_visits WHERE task_force_id = ? AND record_id = ?",
                     {id, record_id})
            .status());
  }
  return insert.Run(connection).status();
}

// ---- Lists ----

struct ForceConditions {
  std::vector<std::string> texts;
  db::Values values;

  void Add(absl::string_view text, std::initializer_list<db::Value> bound) {
    texts.emplace_back(text);
    values.insert(values.end(), bound.begin(), bound.end());
  }
};

ForceConditions ConditionsOf(const TaskForceFilter& filter, const std::optional<Uuid>& after,
                             absl::CivilDay today) {
  ForceConditions conditions;
  if (!filter.org_unit_ids.empty()) {
    const std::vector<absl::string_view> places(filter.org_unit_ids.size(), "?");
    conditions.Add(absl::StrCat("f.org_unit_id IN (", absl::StrJoin(places, ","), ")"), {});
    for (const std::string& id : filter.org_unit_ids) conditions.values.emplace_back(id);
  }
  if (!filter.department_id.empty()) {
    conditions.Add(
        "EXISTS (SELECT 1 FROM task_force_departments d WHERE d.department_id = ? AND d.task_force_id = "
        "f.task_force_id)",
        {filter.department_id});
  }
  if (!filter.project.empty()) conditions.Add("f.project = ?", {filter.project});
  if (filter.state != 0) conditions.Add("f.state = ?", {filter.state});
  if (filter.overdue_items) {
    conditions.Add(
        "EXISTS (SELECT 1 FROM task_force_items i WHERE i.task_force_id = f.task_force_id AND i.is_open = 1 "
        "AND i.due_on < ?)",
        {today});
  }
  if (after.has_value()) conditions.Add("f.task_force_id < ?", {*after});
  return conditions;
}

using SummaryMap = std::map<Uuid, v1::TaskForceSummary*>;

// Runs `select`, which ends before the identities, and gives each row's counts to `take`.
template <typename Take>
absl::Status CountBy(db::Connection& connection, absl::string_view select, const SummaryMap& summaries,
                     absl::string_view group_by, Take take) {
  std::vector<db::Values> keys;
  for (const auto& [id, summary] : summaries) keys.push_back({id});
  return db::SelectByKeys(
      connection, select, 1, keys,
      [&](db::Row& row) {
        take(row, *summaries.at(row.ReadUuid(0))->mutable_progress());
        return absl::OkStatus();
      },
      absl::StrCat(" GROUP BY ", group_by));
}

int32_t CountIn(db::Row& row, int column) { return static_cast<int32_t>(row.Int64(column)); }

absl::Status CountItems(db::Connection& connection, absl::CivilDay today, const SummaryMap& summaries) {
  const std::string select = absl::StrCat(
      "SELECT task_force_id, COUNT(*), SUM(state = 1), SUM(state = 2), SUM(state = 3), SUM(state = 1 AND "
      "due_on "
      "< '",
      absl::FormatCivilTime(today),
      "'), SUM(state = 2 AND settled_on > due_on) FROM task_force_items WHERE task_force_id IN");
  return CountBy(connection, select, summaries, "task_force_id",
                 [](db::Row& row, v1::TaskForceProgress& progress) {
                   progress.set_item_count(CountIn(row, 1));
                   progress.set_open_item_count(CountIn(row, 2));
                   progress.set_done_item_count(CountIn(row, 3));
                   progress.set_waived_item_count(CountIn(row, 4));
                   progress.set_overdue_item_count(CountIn(row, 5));
                   progress.set_late_item_count(CountIn(row, 6));
                 });
}

// Cases that name the task force and are not withdrawn.
std::string FromItsCases() {
  return absl::StrCat(
      "FROM task_force_cases t JOIN task_forces f ON f.task_force_id = t.task_force_id JOIN cases c ON "
      "c.case_id = t.case_id AND c.task_force = f.name AND c.outcome <> ",
      static_cast<int>(v1::OUTCOME_WITHDRAWN), " ");
}

absl::Status CountItsCases(db::Connection& connection, const SummaryMap& summaries) {
  return CountBy(connection,
                 absl::StrCat("SELECT t.task_force_id, COUNT(*), SUM(c.closed_on IS NULL) ", FromItsCases(),
                              "WHERE t.task_force_id IN"),
                 summaries, "t.task_force_id", [](db::Row& row, v1::TaskForceProgress& progress) {
                   progress.set_case_count(CountIn(row, 1));
                   progress.set_open_case_count(CountIn(row, 2));
                 });
}

absl::Status CountItsVisits(db::Connection& connection, const SummaryMap& summaries) {
  return CountBy(
      connection,
      "SELECT t.task_force_id, SUM(v.withdrawn = 0) FROM task_force_visits t JOIN visits v ON v.record_id = "
      "t.record_id WHERE t.task_force_id IN",
      summaries, "t.task_force_id",
      [](db::Row& row, v1::TaskForceProgress& progress) { progress.set_visit_count(CountIn(row, 1)); });
}

}  // namespace

absl::StatusOr<TaskForceMap> HoldTaskForces(db::Connection& connection, const std::set<std::string>& names) {
  std::vector<db::Values> keys;
  for (const std::string& name : names) keys.push_back({name});
  TaskForceMap found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, "SELECT name, task_force_id, state FROM task_forces WHERE name IN", 1, keys,
      [&](db::Row& row) {
        TaskForceStanding& standing = found[row.Text(0)];
        standing.task_force_id = row.ReadUuid(1);
        standing.state = static_cast<v1::TaskForceState>(row.Int64(2));
        return absl::OkStatus();
      },
      " LOCK IN SHARE MODE"));
  return found;
}

absl::Status StoreVisits(db::Connection& connection, const feed::v1::FollowResponse& message) {
  // The last state of each, by key.
  std::map<Uuid, const feed::v1::RecordFacts*> visits;
  for (const feed::v1::Event& event : message.events()) {
    if (!event.has_record() || !event.record().has_after()) continue;
    const feed::v1::RecordFacts& facts = event.record().after();
    if (facts.kind() != intake::v1::RECORD_KIND_VISIT) continue;
    if (const auto id = Uuid::Parse(facts.record_id())) visits[*id] = &facts;
  }
  db::MultiRowInsert insert("visits", {"record_id", "org_unit_id", "visited_on", "withdrawn"},
                            "ON DUPLICATE KEY UPDATE org_unit_id = VALUES(org_unit_id), visited_on = "
                            "VALUES(visited_on), withdrawn = VALUES(withdrawn)");
  for (const auto& [id, facts] : visits) {
    insert.Add({id, facts->org_unit_id(), ForceDay(facts->on()), facts->withdrawn()});
  }
  return insert.Run(connection).status();
}

absl::StatusOr<std::optional<FollowedVisit>> ReadVisit(db::Connection& connection, const Uuid& record_id) {
  std::optional<FollowedVisit> visit;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT org_unit_id, visited_on, withdrawn FROM visits WHERE record_id = ?",
                       {record_id}, [&](db::Row& row) {
                         const std::string unit = row.Text(0);
                         visit = FollowedVisit{unit, row.Day(1), row.Bool(2)};
                         return absl::OkStatus();
                       }));
  return visit;
}

absl::StatusOr<std::optional<v1::TaskForce>> LockTaskForce(db::Transaction& transaction,
                                                           const TaskForceKey& key) {
  return ReadForce(transaction.connection(), key, " FOR UPDATE");
}

absl::StatusOr<std::optional<v1::TaskForce>> ReadTaskForce(db::Connection& connection,
                                                           const TaskForceKey& key) {
  return ReadForce(connection, key, "");
}

absl::StatusOr<std::vector<v1::TaskForceEvent>> ReadTaskForceHistory(db::Connection& connection,
                                                                     const Uuid& task_force_id, int limit) {
  std::vector<v1::TaskForceEvent> history;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT body FROM task_force_events WHERE task_force_id = ? ORDER BY sequence DESC LIMIT ?",
      {task_force_id, limit}, [&](db::Row& row) {
        return history.emplace_back().ParseFromString(row.Text(0)) ? absl::OkStatus()
                                                                   : UnreadableForce("entry");
      }));
  std::reverse(history.begin(), history.end());
  return history;
}

absl::StatusOr<std::vector<v1::TaskForceCase>> ReadTaskForceCases(db::Connection& connection,
                                                                  const Uuid& task_force_id, int limit) {
  std::vector<v1::TaskForceCase> cases;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT c.case_id, c.lead_department_id, c.state, c.outcome, b.body ", FromItsCases(),
                   "JOIN case_bodies b ON b.case_id = c.case_id WHERE t.task_force_id = ? ORDER BY "
                   "c.received_at DESC, c.case_id LIMIT ?"),
      {task_force_id, limit}, [&](db::Row& row) {
        v1::TaskForceCase& found = cases.emplace_back();
        found.set_case_id(row.ReadUuid(0).ToString());
        found.set_lead_department_id(row.Text(1));
        found.set_state(static_cast<v1::ProcessState>(row.Int64(2)));
        found.set_outcome(static_cast<v1::Outcome>(row.Int64(3)));
        v1::Case body;
        if (!body.ParseFromString(row.Text(4))) return UnreadableForce("case");
        found.set_title(body.issue().title());
        return absl::OkStatus();
      }));
  return cases;
}

absl::StatusOr<CaseCounts> CountTaskForceCases(db::Connection& connection, const Uuid& task_force_id) {
  v1::TaskForceSummary summary;
  ZHUQI_RETURN_IF_ERROR(CountItsCases(connection, {{task_force_id, &summary}}));
  return CaseCounts{summary.progress().case_count(), summary.progress().open_case_count()};
}

absl::Status WriteTaskForce(db::Transaction& transaction, const v1::TaskForce* before,
                            const TaskForceChange& change) {
  db::Connection& connection = transaction.connection();
  const v1::TaskForce& body = change.body;
  ZHUQI_RETURN_IF_ERROR(WriteForceBody(connection, before, body));
  ZHUQI_RETURN_IF_ERROR(WriteForceDepartments(connection, before, body));
  const std::vector<int> changed = ChangedItems(before, body);
  ZHUQI_RETURN_IF_ERROR(WriteForceItems(connection, body, changed));
  ZHUQI_RETURN_IF_ERROR(WriteForceSpecial(connection, body, changed));
  ZHUQI_RETURN_IF_ERROR(WriteForceVisits(connection, before, body));
  return transaction
      .Execute("INSERT INTO task_force_events (task_force_id, sequence, body) VALUES (?, ?, ?)",
               {ForceUuid(body.task_force_id()), change.event.sequence(), change.event.SerializeAsString()})
      .status();
}

absl::StatusOr<std::vector<v1::TaskForceSummary>> SelectTaskForces(db::Connection& connection,
                                                                   const TaskForceFilter& filter,
                                                                   const std::optional<Uuid>& after,
                                                                   absl::CivilDay today, int limit) {
  ForceConditions conditions = ConditionsOf(filter, after, today);
  const std::string where =
      conditions.texts.empty() ? "" : absl::StrCat(" WHERE ", absl::StrJoin(conditions.texts, " AND "));
  conditions.values.emplace_back(limit);
  std::vector<v1::TaskForceSummary> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT f.summary FROM task_forces f", where, " ORDER BY f.task_force_id DESC LIMIT ?"),
      conditions.values, [&](db::Row& row) {
        return found.emplace_back().ParseFromString(row.Text(0)) ? absl::OkStatus()
                                                                 : UnreadableForce("summary");
      }));
  SummaryMap by_id;
  for (v1::TaskForceSummary& summary : found) {
    summary.mutable_progress();
    by_id[ForceUuid(summary.task_force_id())] = &summary;
  }
  ZHUQI_RETURN_IF_ERROR(CountItems(connection, today, by_id));
  ZHUQI_RETURN_IF_ERROR(CountItsCases(connection, by_id));
  ZHUQI_RETURN_IF_ERROR(CountItsVisits(connection, by_id));
  return found;
}

}  // namespace zhuqi::routing
