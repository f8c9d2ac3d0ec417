#include "services/routing/consultations/consultation_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"

namespace zhuqi::routing {
namespace {

constexpr int kRetimedAtOnce = 500;

absl::Status Unreadable(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("a stored ", what, " can not be read"));
}

Uuid UuidOf(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }

absl::CivilDay DueDay(const v1::ConsultationTask& task) {
  return CivilDayFrom(task.due_on()).value_or(absl::CivilDay());
}

// Its tasks stand in rows of their own.
absl::StatusOr<std::optional<v1::Consultation>> ReadWithTasks(db::Connection& connection, const Uuid& id,
                                                              absl::string_view suffix) {
  std::optional<v1::Consultation> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT body FROM consultations WHERE consultation_id = ?", suffix), {id},
      [&](db::Row& row) {
        return found.emplace().ParseFromString(row.Text(0)) ? absl::OkStatus() : Unreadable("consultation");
      }));
  if (!found.has_value()) return found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT body, progress FROM consultation_tasks WHERE consultation_id = ? ORDER BY number", {id},
      [&](db::Row& row) {
        v1::ConsultationTask& task = *found->add_tasks();
        return task.ParseFromString(row.Text(0)) && task.MergeFromString(row.Text(1)) ? absl::OkStatus()
                                                                                      : Unreadable("task");
      }));
  return found;
}

absl::Status WriteBody(db::Connection& connection, const v1::Consultation& body) {
  v1::Consultation without_tasks = body;
  without_tasks.clear_tasks();
  db::MultiRowInsert insert(
      "consultations",
      {"consultation_id", "sequence", "org_unit_id", "state", "scheduled_at", "summary", "body"},
      "ON DUPLICATE KEY UPDATE sequence = VALUES(sequence), state = VALUES(state), summary = "
      "VALUES(summary), body = VALUES(body)");
  insert.Add({UuidOf(body.consultation_id()), body.sequence(), body.org_unit_id(),
              static_cast<int>(body.state()), TimeFrom(body.scheduled_at()),
              ConsultationSummaryOf(body).SerializeAsString(), without_tasks.SerializeAsString()});
  return insert.Run(connection).status();
}

// Those that differ from before: a consultation may have many.
absl::Status WriteTasks(db::Connection& connection, const v1::Consultation* before,
                        const v1::Consultation& body) {
  db::MultiRowInsert insert(
      "consultation_tasks",
      {"consultation_id", "number", "owner_department_id", "is_open", "due_on", "calendar_version",
       "report_count", "body", "progress"},
      "ON DUPLICATE KEY UPDATE is_open = VALUES(is_open), due_on = VALUES(due_on), calendar_version = "
      "VALUES(calendar_version), report_count = VALUES(report_count), body = VALUES(body), progress = "
      "VALUES(progress)");
  for (int i = 0; i < body.tasks_size(); ++i) {
    v1::ConsultationTask task = body.tasks(i);
    if (before != nullptr && i < before->tasks_size() &&
        before->tasks(i).SerializeAsString() == task.SerializeAsString()) {
      continue;
    }
    v1::ConsultationTask progress;  // apart: lists do without it, and it may be long
    progress.mutable_progress()->Swap(task.mutable_progress());
    insert.Add({UuidOf(body.consultation_id()), task.number(), task.owner_department_id(),
                !task.has_completed_at(), DueDay(task), task.calendar_version(), progress.progress_size(),
                task.SerializeAsString(), progress.SerializeAsString()});
  }
  return insert.Run(connection).status();
}

absl::Status WriteCasesOf(db::Connection& connection, const v1::Consultation& body) {
  std::set<Uuid> ids;
  for (const std::string& id : body.case_ids()) ids.insert(UuidOf(id));
  db::MultiRowInsert insert("consultation_cases", {"case_id", "consultation_id"});
  for (const Uuid& id : ids) insert.Add({id, UuidOf(body.consultation_id())});
  return insert.Run(connection).status();
}

absl::Status WriteDepartmentsOf(db::Connection& connection, const v1::Consultation* before,
                                const v1::Consultation& body) {
  const std::vector<std::string> known =
      before == nullptr ? std::vector<std::string>() : DepartmentsOf(*before);
  db::MultiRowInsert insert("consultation_departments", {"department_id", "consultation_id"});
  for (const std::string& id : DepartmentsOf(body)) {
    if (std::binary_search(known.begin(), known.end(), id)) continue;
    insert.Add({id, UuidOf(body.consultation_id())});
  }
  return insert.Run(connection).status();
}

// ListConditions that a list asks for, and their values.
struct ListConditions {
  std::vector<std::string> texts;
  db::Values values;

  void Add(absl::string_view text, std::initializer_list<db::Value> bound) {
    texts.emplace_back(text);
    values.insert(values.end(), bound.begin(), bound.end());
  }
  std::string Where() const {
    return texts.empty() ? std::string() : absl::StrCat(" WHERE ", absl::StrJoin(texts, " AND "));
  }
};

void AddSpan(const ConsultationFilter& filter, ListConditions& conditions) {
  const DayRange& span = filter.scheduled;
  if (span.first.has_value()) conditions.Add("c.scheduled_at >= ?", {StartOfCityDay(*span.first)});
  if (span.last.has_value()) conditions.Add("c.scheduled_at < ?", {StartOfCityDay(*span.last + 1)});
}

ListConditions ConditionsOf(const ConsultationFilter& filter, const std::optional<ConsultationPlace>& after,
                            absl::CivilDay today) {
  ListConditions conditions;
  if (!filter.org_unit_ids.empty()) {
    const std::vector<absl::string_view> places(filter.org_unit_ids.size(), "?");
    conditions.Add(absl::StrCat("c.org_unit_id IN (", absl::StrJoin(places, ","), ")"), {});
    for (const std::string& id : filter.org_unit_ids) conditions.values.emplace_back(id);
  }
  if (!filter.department_id.empty()) {
    conditions.Add(
        "EXISTS (SELECT 1 FROM consultation_departments d WHERE d.department_id = ? AND d.consultation_id = "
        "c.consultation_id)",
        {filter.department_id});
  }
  if (filter.case_id.has_value()) {
    conditions.Add(
        "EXISTS (SELECT 1 FROM consultation_cases k WHERE k.case_id = ? AND k.consultation_id = "
        "c.consultation_id)",
        {*filter.case_id});
  }
  if (filter.state != 0) conditions.Add("c.state = ?", {filter.state});
  if (filter.overdue_tasks) {
    conditions.Add(
        "EXISTS (SELECT 1 FROM consultation_tasks t WHERE t.consultation_id = c.consultation_id AND "
        "t.is_open = 1 AND t.due_on < ?)",
        {today});
  }
  AddSpan(filter, conditions);
  if (after.has_value()) {
    conditions.Add("(c.scheduled_at < ? OR (c.scheduled_at = ? AND c.consultation_id > ?))",
                   {after->scheduled_at, after->scheduled_at, after->consultation_id});
  }
  return conditions;
}

// Fills in the counts of open tasks, and of those among them that are overdue.
absl::Status CountTasks(db::Connection& connection, absl::CivilDay today,
                        std::vector<v1::ConsultationSummary>& summaries) {
  std::map<Uuid, v1::ConsultationSummary*> by_id;
  std::vector<db::Values> keys;
  for (v1::ConsultationSummary& summary : summaries) {
    const Uuid id = UuidOf(summary.consultation_id());
    by_id[id] = &summary;
    keys.push_back({id});
  }
  return db::SelectByKeys(
      connection,
      absl::StrCat("SELECT consultation_id, COUNT(*), SUM(due_on < '", absl::FormatCivilTime(today),
                   "') FROM consultation_tasks WHERE is_open = 1 AND consultation_id IN"),
      1, keys,
      [&](db::Row& row) {
        v1::ConsultationSummary& summary = *by_id.at(row.ReadUuid(0));
        summary.set_open_task_count(static_cast<int32_t>(row.Int64(1)));
        summary.set_overdue_task_count(static_cast<int32_t>(row.Int64(2)));
        return absl::OkStatus();
      },
      " GROUP BY consultation_id");
}

ListConditions ConditionsOf(const TaskFilter& filter, const std::optional<TaskPlace>& after,
                            absl::CivilDay today) {
  ListConditions conditions;
  if (!filter.owner_department_id.empty()) {
    conditions.Add("owner_department_id = ?", {filter.owner_department_id});
  }
  if (filter.consultation_id.has_value()) conditions.Add("consultation_id = ?", {*filter.consultation_id});
  if (!filter.include_completed) conditions.Add("is_open = 1", {});
  if (filter.overdue) conditions.Add("due_on < ?", {today});
  if (filter.due.first.has_value()) conditions.Add("due_on >= ?", {*filter.due.first});
  if (filter.due.last.has_value()) conditions.Add("due_on <= ?", {*filter.due.last});
  if (after.has_value()) {
    conditions.Add(
        "due_on >= ? AND (due_on > ? OR consultation_id > ? OR (consultation_id = ? AND number > ?))",
        {after->due_on, after->due_on, after->consultation_id, after->consultation_id, after->number});
  }
  return conditions;
}

}  // namespace

absl::StatusOr<std::optional<v1::Consultation>> LockConsultation(db::Transaction& transaction,
                                                                 const Uuid& consultation_id) {
  return ReadWithTasks(transaction.connection(), consultation_id, " FOR UPDATE");
}

absl::StatusOr<std::optional<v1::Consultation>> ReadConsultation(db::Connection& connection,
                                                                 const Uuid& consultation_id) {
  return ReadWithTasks(connection, consultation_id, "");
}

absl::StatusOr<std::vector<v1::ConsultationEvent>> ReadConsultationHistory(db::Connection& connection,
                                                                           const Uuid& consultation_id,
                                                                           int limit) {
  std::vector<v1::ConsultationEvent> history;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT body FROM consultation_events WHERE consultation_id = ? ORDER BY sequence DESC LIMIT ?",
      {consultation_id, limit}, [&](db::Row& row) {
        return history.emplace_back().ParseFromString(row.Text(0)) ? absl::OkStatus() : Unreadable("entry");
      }));
  std::reverse(history.begin(), history.end());
  return history;
}

absl::Status WriteConsultation(db::Transaction& transaction, const v1::Consultation* before,
                               const ConsultationChange& change) {
  db::Connection& connection = transaction.connection();
  ZHUQI_RETURN_IF_ERROR(WriteBody(connection, change.body));
  ZHUQI_RETURN_IF_ERROR(WriteTasks(connection, before, change.body));
  if (before == nullptr) ZHUQI_RETURN_IF_ERROR(WriteCasesOf(connection, change.body));
  ZHUQI_RETURN_IF_ERROR(WriteDepartmentsOf(connection, before, change.body));
  return transaction
      .Execute(
          "INSERT INTO consultation_events (consultation_id, sequence, body) VALUES (?, ?, ?)",
          {UuidOf(change.body.consultation_id()), change.event.sequence(), change.event.SerializeAsString()})
      .status();
}

absl::StatusOr<std::vector<v1::ConsultationSummary>> SelectConsultations(
    db::Connection& connection, const ConsultationFilter& filter,
    const std::optional<ConsultationPlace>& after, absl::CivilDay today, int limit) {
  ListConditions conditions = ConditionsOf(filter, after, today);
  conditions.values.emplace_back(limit);
  std::vector<v1::ConsultationSummary> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT c.summary FROM consultations c", conditions.Where(),
                   " ORDER BY c.scheduled_at DESC, c.consultation_id LIMIT ?"),
      conditions.values, [&](db::Row& row) {
        return found.emplace_back().ParseFromString(row.Text(0)) ? absl::OkStatus() : Unreadable("summary");
      }));
  ZHUQI_RETURN_IF_ERROR(CountTasks(connection, today, found));
  return found;
}

absl::StatusOr<std::vector<v1::ConsultationTaskRow>> SelectTasks(db::Connection& connection,
                                                                 const TaskFilter& filter,
                                                                 const std::optional<TaskPlace>& after,
                                                                 absl::CivilDay today, int limit) {
  ListConditions conditions = ConditionsOf(filter, after, today);
  conditions.values.emplace_back(limit);
  std::vector<v1::ConsultationTaskRow> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT consultation_id, body, report_count, due_on FROM consultation_tasks",
                   conditions.Where(), " ORDER BY due_on, consultation_id, number LIMIT ?"),
      conditions.values, [&](db::Row& row) {
        v1::ConsultationTaskRow& task = found.emplace_back();
        task.set_consultation_id(row.ReadUuid(0).ToString());
        if (!task.mutable_task()->ParseFromString(row.Text(1))) return Unreadable("task");
        task.set_report_count(static_cast<int32_t>(row.Int64(2)));
        *task.mutable_task()->mutable_due_on() = DateMessage(row.Day(3));
        return absl::OkStatus();
      }));
  return found;
}

absl::Status RetimeTasks(db::Connection& connection, const calendar::WorkingCalendar& calendar) {
  struct Stale {
    Uuid consultation_id;
    v1::ConsultationTask task;
  };
  std::vector<Stale> stale(kRetimedAtOnce);
  while (stale.size() == static_cast<size_t>(kRetimedAtOnce)) {
    stale.clear();
    ZHUQI_RETURN_IF_ERROR(connection.Query(
        "SELECT consultation_id, body FROM consultation_tasks WHERE is_open = 1 AND calendar_version < ? "
        "LIMIT ?",
        {calendar.version(), kRetimedAtOnce}, [&](db::Row& row) {
          stale.push_back({row.ReadUuid(0), {}});
          return stale.back().task.ParseFromString(row.Text(1)) ? absl::OkStatus() : Unreadable("task");
        }));
    for (Stale& each : stale) {
      TimeTask(each.task, calendar);
      // One that was done meanwhile, or retimed by a newer calendar, is left alone.
      ZHUQI_RETURN_IF_ERROR(
          connection
              .Execute("UPDATE consultation_tasks SET due_on = ?, calendar_version = ? WHERE "
                       "consultation_id = ? AND number = ? AND is_open = 1 AND calendar_version < ?",
                       {DueDay(each.task), calendar.version(), each.consultation_id, each.task.number(),
                        calendar.version()})
              .status());
    }
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
