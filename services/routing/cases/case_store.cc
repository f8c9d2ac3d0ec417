#include "services/routing/cases/case_store.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/text.h"
#include "services/routing/special/special_rules.h"
#include "services/routing/special/special_store.h"

namespace zhuqi::routing {
namespace {

constexpr char kFromCases[] = "FROM cases c JOIN case_bodies b ON b.case_id = c.case_id ";
Uuid IdOf(const CaseRecord& record) { return Uuid::Parse(record.body.case_id()).value_or(Uuid()); }

// `condition` ends before the list of `ids`.
absl::StatusOr<CaseMap> ReadBy(db::Connection& connection, absl::string_view condition,
                               const std::vector<Uuid>& ids) {
  std::vector<db::Values> keys;
  for (const Uuid& id : std::set<Uuid>(ids.begin(), ids.end())) keys.push_back({id});
  CaseMap cases;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, absl::StrCat("SELECT ", kCaseColumns, kFromCases, "WHERE ", condition, " IN"), 1, keys,
      [&](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(CaseRecord record, CaseRecordFrom(row));
        const Uuid id = IdOf(record);
        cases.insert_or_assign(id, std::move(record));
        return absl::OkStatus();
      }));
  return cases;
}

std::optional<absl::CivilDay> DayOf(bool present, const google::protobuf::Timestamp& at) {
  if (!present) return std::nullopt;
  return CityDay(TimeFrom(at));
}

// The day at whose end, or on which, something is due: midnight belongs to the day that it ends, as in every
// figure.
std::optional<absl::CivilDay> DueDayOf(bool present, const google::protobuf::Timestamp& due) {
  if (!present) return std::nullopt;
  return CityDay(TimeFrom(due) - absl::Microseconds(1));
}

// What a list is searched in: title, external id and enterprise, folded.
std::string SearchTextOf(const v1::Case& body) {
  return vocabulary::FoldForSearch(absl::StrCat(body.issue().title(), "\n", body.issue_key().external_id(),
                                                "\n", body.issue().enterprise().name()))
      .value_or("");
}

absl::Time ListedDeadlineOf(const feed::v1::CaseFacts& facts) {
  return facts.has_handling_due_at() ? TimeFrom(facts.handling_due_at()) : NoDeadline();
}

db::Values RowOf(const Uuid& id, const CaseRecord& record, absl::Time changed_at) {
  const v1::Case& body = record.body;
  const feed::v1::CaseFacts& facts = record.facts;
  const bool answered = facts.has_call_back() && facts.call_back().contacted();
  return {id,
          Uuid::Parse(body.issue_record_id()).value_or(Uuid()),
          body.issue_key().source_system(),
          body.issue_key().external_id(),
          record.partition,
          body.parent().number(),
          body.sequence(),
          body.org_unit_id(),
          body.owner_org_unit_id(),
          body.lead_department_id(),
          facts.lead_function(),
          static_cast<int>(body.state()),
          static_cast<int>(body.outcome()),
          static_cast<int>(body.issue().kind()),
          body.issue().category_id(),
          TimeFrom(body.received_at()),
          DayOf(body.has_closed_at(), body.closed_at()),
          DayOf(facts.has_resolved_at(), facts.resolved_at()),
          DueDayOf(facts.has_response_due_at(), facts.response_due_at()),
          DueDayOf(facts.has_handling_due_at(), facts.handling_due_at()),
          answered ? CivilDayFrom(facts.call_back().on()) : std::optional<absl::CivilDay>(),
          record.latest_at,
          record.first_accepted_at,
          record.unanswered_call_backs,
          ListedDeadlineOf(facts),
          changed_at,
          body.green_channel(),
          body.issue().enterprise().uscc(),
          body.task_force(),
          body.issue().project(),
          static_cast<int>(body.priority()),
          SearchTextOf(body)};
}

// Columns in the order of RowOf. The first six never change.
const std::vector<std::string>& Columns() {
  static const std::vector<std::string>& columns =
      *new std::vector<std::string>{"case_id",           "issue_record_id",
                                    "source_system",     "external_id",
                                    "partition_number",  "child_number",
                                    "sequence",          "org_unit_id",
                                    "owner_org_unit_id", "lead_department_id",
                                    "lead_function",     "state",
                                    "outcome",           "issue_kind",
                                    "category_id",       "received_at",
                                    "closed_on",         "resolved_on",
                                    "response_due_on",   "handling_due_on",
                                    "called_back_on",    "latest_at",
                                    "first_accepted_at", "unanswered_call_backs",
                                    "handling_due_at",   "changed_at",
                                    "green_channel",     "enterprise_uscc",
                                    "task_force",        "project",
                                    "priority",          "search_text"};
  return columns;
}
constexpr size_t kFixedColumns = 6;

std::string UpdateSuffix() {
  std::string suffix = "ON DUPLICATE KEY UPDATE ";
  for (size_t i = kFixedColumns; i < Columns().size(); ++i) {
    absl::StrAppend(&suffix, i == kFixedColumns ? "" : ", ", Columns()[i], " = VALUES(", Columns()[i], ")");
  }
  return suffix;
}

absl::Status WriteEvents(db::Connection& connection,
                         const std::vector<std::pair<Uuid, v1::CaseEvent>>& events) {
  std::vector<const std::pair<Uuid, v1::CaseEvent>*> sorted;
  for (const auto& event : events) sorted.push_back(&event);
  std::sort(sorted.begin(), sorted.end(), [](const auto* left, const auto* right) {
    return std::make_pair(left->first, left->second.sequence()) <
           std::make_pair(right->first, right->second.sequence());
  });
  db::MultiRowInsert insert("case_events", {"case_id", "sequence", "body"});
  for (const auto* event : sorted) {
    insert.Add({event->first, event->second.sequence(), event->second.SerializeAsString()});
  }
  const absl::Status status = insert.Run(connection).status();
  // Another replica changed one of these cases after it was read here: the whole batch runs again on what is
  // there.
  if (db::DuplicateKey(status)) return absl::AbortedError("a case was changed at the same time");
  return status;
}

absl::Status WriteBodies(db::Connection& connection, const CaseMap& cases) {
  db::MultiRowInsert insert("case_bodies", {"case_id", "body", "facts"},
                            "ON DUPLICATE KEY UPDATE body = VALUES(body), facts = VALUES(facts)");
  for (const auto& [id, record] : cases) {
    insert.Add({id, record.body.SerializeAsString(), record.facts.SerializeAsString()});
  }
  return insert.Run(connection).status();
}

// The case as this transaction read it; null for a new one.
const CaseRecord* FindStored(const CaseMap& stored, const Uuid& id) {
  const auto found = stored.find(id);
  return found == stored.end() ? nullptr : &found->second;
}

// Kind and day of its rows of case_dates.
std::set<std::pair<int, absl::CivilDay>> DatesOf(const CaseRecord& record) {
  std::set<std::pair<int, absl::CivilDay>> dates;
  for (const auto& date : record.facts.escalated_on()) {
    if (const auto day = CivilDayFrom(date)) dates.emplace(kEscalatedDate, *day);
  }
  for (const auto& date : record.facts.consulted_on()) {
    if (const auto day = CivilDayFrom(date)) dates.emplace(kConsultedDate, *day);
  }
  if (record.body.ladder().has_bulletin_at()) {
    dates.emplace(kBulletinDate, CityDay(TimeFrom(record.body.ladder().bulletin_at())));
  }
  return dates;
}

absl::Status WriteDates(db::Connection& connection, const CaseMap& stored, const CaseMap& cases) {
  db::MultiRowInsert insert("case_dates", {"case_id", "kind", "on_date"},
                            "ON DUPLICATE KEY UPDATE on_date = on_date");
  for (const auto& [id, record] : cases) {
    const std::set<std::pair<int, absl::CivilDay>> dates = DatesOf(record);
    if (dates.empty()) continue;
    const CaseRecord* before = FindStored(stored, id);
    const auto there = before == nullptr ? std::set<std::pair<int, absl::CivilDay>>() : DatesOf(*before);
    for (const auto& date : dates) {
      if (!there.contains(date)) insert.Add({id, date.first, date.second});
    }
  }
  return insert.Run(connection).status();
}

// Standings by department, role and team.
using PartRows = std::map<std::tuple<std::string, int, std::string>, int>;

// Its rows of case_parts. Ended parts too: they were in force, and their rows are there.
PartRows PartsOf(const v1::Case& body) {
  const int in_force = body.state() == v1::PROCESS_STATE_CLOSED ? kPartInClosedCase : kPartInOpenCase;
  PartRows rows;
  for (const v1::Assignment& part : body.assignments()) {
    int& standing = rows[{part.department_id(), static_cast<int>(part.role()), part.team_id()}];
    if (!part.has_until()) standing = in_force;
  }
  return rows;
}

absl::Status WriteParts(db::Connection& connection, const CaseMap& stored, const CaseMap& cases) {
  db::MultiRowInsert insert("case_parts", {"case_id", "department_id", "role", "team_id", "standing"},
                            "ON DUPLICATE KEY UPDATE standing = VALUES(standing)");
  for (const auto& [id, record] : cases) {
    const CaseRecord* before = FindStored(stored, id);
    const PartRows there = before == nullptr ? PartRows() : PartsOf(before->body);
    for (const auto& [part, standing] : PartsOf(record.body)) {
      const auto found = there.find(part);
      if (found != there.end() && found->second == standing) continue;
      const auto& [department, role, team] = part;
      insert.Add({id, department, role, team, standing});
    }
  }
  return insert.Run(connection).status();
}

// Which cases a task force has or had: those that it has name it. Most cases have none, and cost nothing.
absl::Status WriteTaskForces(db::Connection& connection, const CaseMap& stored, const CaseMap& cases) {
  db::MultiRowInsert insert("task_force_cases", {"task_force_id", "case_id"},
                            "ON DUPLICATE KEY UPDATE case_id = VALUES(case_id)");
  std::set<std::pair<Uuid, Uuid>> rows;
  for (const auto& [id, record] : cases) {
    const CaseRecord* before = FindStored(stored, id);
    if (before != nullptr && before->body.task_force_id() == record.body.task_force_id()) continue;
    const std::optional<Uuid> task_force = Uuid::Parse(record.body.task_force_id());
    if (task_force.has_value()) rows.emplace(*task_force, id);
  }
  for (const auto& [task_force, id] : rows) insert.Add({task_force, id});
  return insert.Run(connection).status();
}

absl::Status WriteSpecial(db::Connection& connection, const CaseMap& cases) {
  std::vector<SpecialRow> rows;
  for (const auto& [id, record] : cases) {
    const v1::Case& body = record.body;
    if (!body.has_special()) continue;
    SpecialRow& row = rows.emplace_back();
    row.holder = id;
    row.open = IsFollowed(body.special()) && body.state() != v1::PROCESS_STATE_CLOSED;
    row.row.mutable_case_()->set_case_id(body.case_id());
    row.row.mutable_case_()->set_title(body.issue().title());
    row.row.set_org_unit_id(body.org_unit_id());
    *row.row.mutable_special() = body.special();
  }
  return WriteSpecialItems(connection, rows);
}

// When the last of each case's new events was recorded.
std::map<Uuid, absl::Time> ChangeTimes(const std::vector<std::pair<Uuid, v1::CaseEvent>>& events) {
  std::map<Uuid, absl::Time> times;
  for (const auto& [id, event] : events) {
    const auto [time, added] = times.try_emplace(id, TimeFrom(event.recorded_at()));
    if (!added) time->second = std::max(time->second, TimeFrom(event.recorded_at()));
  }
  return times;
}

}  // namespace

absl::Time NoDeadline() { return absl::FromCivil(absl::CivilDay(9999, 12, 31), absl::UTCTimeZone()); }

absl::StatusOr<CaseRecord> CaseRecordFrom(db::Row& row) {
  CaseRecord record;
  if (!record.body.ParseFromString(row.Text(0)) || !record.facts.ParseFromString(row.Text(1))) {
    return absl::DataLossError("a stored case can not be read");
  }
  record.latest_at = row.Time(2);
  record.first_accepted_at = row.OptionalTime(3);
  record.unanswered_call_backs = static_cast<int>(row.Int64(4));
  record.partition = static_cast<int32_t>(row.Int64(5));
  return record;
}

absl::StatusOr<CaseMap> ReadCases(db::Connection& connection, const std::vector<Uuid>& case_ids) {
  return ReadBy(connection, "c.case_id", case_ids);
}

absl::StatusOr<CaseMap> ReadCasesOfIssues(db::Connection& connection,
                                          const std::vector<Uuid>& issue_record_ids) {
  return ReadBy(connection, "c.child_number = 0 AND c.issue_record_id", issue_record_ids);
}

absl::StatusOr<std::vector<Uuid>> ReadOpenCaseIds(db::Connection& connection, const Uuid& after, int limit) {
  std::vector<Uuid> ids;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      // All pages together read the table once; an index by closed_on would be sorted for each page.
      "SELECT case_id FROM cases FORCE INDEX (PRIMARY) "
      "WHERE closed_on IS NULL AND case_id > ? ORDER BY case_id LIMIT ?",
      {after, limit}, [&](db::Row& row) {
        ids.push_back(row.ReadUuid(0));
        return absl::OkStatus();
      }));
  return ids;
}

absl::StatusOr<std::map<IssueKey, Uuid>> FindCases(db::Connection& connection,
                                                   const std::vector<IssueKey>& keys) {
  std::vector<db::Values> values;
  for (const IssueKey& key : std::set<IssueKey>(keys.begin(), keys.end()))
    values.push_back({key.first, key.second});
  std::map<IssueKey, Uuid> found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(connection,
                                         "SELECT source_system, external_id, case_id FROM cases WHERE "
                                         "child_number = 0 AND (source_system, external_id) IN",
                                         2, values, [&](db::Row& row) {
                                           const std::string system = row.Text(0);
                                           found[IssueKey(system, row.Text(1))] = row.ReadUuid(2);
                                           return absl::OkStatus();
                                         }));
  return found;
}

absl::StatusOr<HistoryPage> ReadHistory(db::Connection& connection, const Uuid& case_id, int64_t before,
                                        int limit) {
  HistoryPage page;
  size_t bytes = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT body FROM case_events WHERE case_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
      {case_id, before, limit + 1}, [&](db::Row& row) {
        const std::string body = row.Text(0);
        bytes += body.size();
        const bool full = page.events.size() == static_cast<size_t>(limit) || bytes > kMaxHistoryBytes;
        if (page.more || (full && !page.events.empty())) {
          page.more = true;
          return absl::OkStatus();
        }
        if (!page.events.emplace_back().ParseFromString(body)) {
          return absl::DataLossError("a stored event of a case can not be read");
        }
        return absl::OkStatus();
      }));
  std::reverse(page.events.begin(), page.events.end());
  std::stable_sort(page.events.begin(), page.events.end(),
                   [](const v1::CaseEvent& left, const v1::CaseEvent& right) {
                     return TimeFrom(left.occurred_at()) < TimeFrom(right.occurred_at());
                   });
  return page;
}

absl::StatusOr<std::map<EventKey, v1::CaseEvent>> ReadEvents(db::Connection& connection,
                                                             const std::vector<EventKey>& keys) {
  std::vector<db::Values> values;
  for (const EventKey& key : std::set<EventKey>(keys.begin(), keys.end()))
    values.push_back({key.first, key.second});
  std::map<EventKey, v1::CaseEvent> events;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, "SELECT case_id, sequence, body FROM case_events WHERE (case_id, sequence) IN", 2, values,
      [&](db::Row& row) {
        const Uuid id = row.ReadUuid(0);
        if (!events[EventKey(id, row.Int64(1))].ParseFromString(row.Text(2)))
          return absl::DataLossError("a stored event of a case can not be read");
        return absl::OkStatus();
      }));
  return events;
}

absl::Status WriteCases(db::Connection& connection, const CaseMap& stored, const CaseMap& cases,
                        const std::vector<std::pair<Uuid, v1::CaseEvent>>& events) {
  if (events.empty()) return absl::OkStatus();
  ZHUQI_RETURN_IF_ERROR(WriteEvents(connection, events));
  db::MultiRowInsert insert("cases", Columns(), UpdateSuffix());
  const std::map<Uuid, absl::Time> changed_at = ChangeTimes(events);
  for (const auto& [id, record] : cases) insert.Add(RowOf(id, record, changed_at.at(id)));
  ZHUQI_RETURN_IF_ERROR(insert.Run(connection).status());
  ZHUQI_RETURN_IF_ERROR(WriteBodies(connection, cases));
  ZHUQI_RETURN_IF_ERROR(WriteParts(connection, stored, cases));
  ZHUQI_RETURN_IF_ERROR(WriteTaskForces(connection, stored, cases));
  ZHUQI_RETURN_IF_ERROR(WriteSpecial(connection, cases));
  return WriteDates(connection, stored, cases);
}

}  // namespace zhuqi::routing
