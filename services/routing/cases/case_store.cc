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

namespace zhuqi::routing {
namespace {

constexpr char kColumns[] =
    "SELECT b.body, b.facts, c.latest_at, c.first_accepted_at, c.unanswered_call_backs, c.partition_number ";
constexpr char kFromCases[] = "FROM cases c JOIN case_bodies b ON b.case_id = c.case_id ";
constexpr int kEscalated = 1;
constexpr int kConsulted = 2;

absl::StatusOr<CaseRecord> RecordFrom(db::Row& row) {
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

Uuid IdOf(const CaseRecord& record) { return Uuid::Parse(record.body.case_id()).value_or(Uuid()); }

absl::StatusOr<CaseMap> ReadBy(db::Connection& connection, absl::string_view column,
                               const std::vector<Uuid>& ids) {
  std::vector<db::Values> keys;
  for (const Uuid& id : std::set<Uuid>(ids.begin(), ids.end())) keys.push_back({id});
  CaseMap cases;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(connection,
                                         absl::StrCat(kColumns, kFromCases, "WHERE c.", column, " IN"), 1,
                                         keys, [&](db::Row& row) -> absl::Status {
                                           ZHUQI_ASSIGN_OR_RETURN(CaseRecord record, RecordFrom(row));
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

db::Values RowOf(const Uuid& id, const CaseRecord& record) {
  const v1::Case& body = record.body;
  const feed::v1::CaseFacts& facts = record.facts;
  const bool answered = facts.has_call_back() && facts.call_back().contacted();
  return {id,
          Uuid::Parse(body.issue_record_id()).value_or(Uuid()),
          body.issue_key().source_system(),
          body.issue_key().external_id(),
          record.partition,
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
          record.unanswered_call_backs};
}

// Columns in the order of RowOf. The first five never change.
const std::vector<std::string>& Columns() {
  static const std::vector<std::string>& columns = *new std::vector<std::string>{
      "case_id",   "issue_record_id",   "source_system",        "external_id",        "partition_number",
      "sequence",  "org_unit_id",       "owner_org_unit_id",    "lead_department_id", "lead_function",
      "state",     "outcome",           "issue_kind",           "category_id",        "received_at",
      "closed_on", "resolved_on",       "response_due_on",      "handling_due_on",    "called_back_on",
      "latest_at", "first_accepted_at", "unanswered_call_backs"};
  return columns;
}
constexpr size_t kFixedColumns = 5;

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

absl::Status WriteDates(db::Connection& connection, const CaseMap& cases) {
  db::MultiRowInsert insert("case_dates", {"case_id", "kind", "on_date"},
                            "ON DUPLICATE KEY UPDATE on_date = on_date");
  for (const auto& [id, record] : cases) {
    std::set<std::pair<int, absl::CivilDay>> dates;
    for (const auto& date : record.facts.escalated_on()) {
      if (const auto day = CivilDayFrom(date)) dates.emplace(kEscalated, *day);
    }
    for (const auto& date : record.facts.consulted_on()) {
      if (const auto day = CivilDayFrom(date)) dates.emplace(kConsulted, *day);
    }
    for (const auto& [kind, day] : dates) insert.Add({id, kind, day});
  }
  return insert.Run(connection).status();
}

}  // namespace

absl::StatusOr<CaseMap> ReadCases(db::Connection& connection, const std::vector<Uuid>& case_ids) {
  return ReadBy(connection, "case_id", case_ids);
}

absl::StatusOr<CaseMap> ReadCasesOfIssues(db::Connection& connection,
                                          const std::vector<Uuid>& issue_record_ids) {
  return ReadBy(connection, "issue_record_id", issue_record_ids);
}

absl::StatusOr<CaseMap> ReadOpenCases(db::Connection& connection, const Uuid& after, int limit) {
  CaseMap cases;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      // All pages together read the table once; an index by closed_on would be sorted for each page.
      absl::StrCat(kColumns,
                   "FROM cases c FORCE INDEX (PRIMARY) JOIN case_bodies b ON b.case_id = c.case_id ",
                   "WHERE c.closed_on IS NULL AND c.case_id > ? ORDER BY c.case_id LIMIT ?"),
      {after, limit}, [&](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(CaseRecord record, RecordFrom(row));
        const Uuid id = IdOf(record);
        cases.insert_or_assign(id, std::move(record));
        return absl::OkStatus();
      }));
  return cases;
}

absl::StatusOr<std::map<IssueKey, Uuid>> FindCases(db::Connection& connection,
                                                   const std::vector<IssueKey>& keys) {
  std::vector<db::Values> values;
  for (const IssueKey& key : std::set<IssueKey>(keys.begin(), keys.end()))
    values.push_back({key.first, key.second});
  std::map<IssueKey, Uuid> found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      "SELECT source_system, external_id, case_id FROM cases WHERE (source_system, external_id) IN", 2,
      values, [&](db::Row& row) {
        const std::string system = row.Text(0);
        found[IssueKey(system, row.Text(1))] = row.ReadUuid(2);
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<v1::CaseEvent>> ReadHistory(db::Connection& connection, const Uuid& case_id) {
  std::vector<v1::CaseEvent> history;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT body FROM case_events WHERE case_id = ? ORDER BY sequence", {case_id}, [&](db::Row& row) {
        if (!history.emplace_back().ParseFromString(row.Text(0))) {
          return absl::DataLossError("a stored event of a case can not be read");
        }
        return absl::OkStatus();
      }));
  std::stable_sort(history.begin(), history.end(), [](const v1::CaseEvent& left, const v1::CaseEvent& right) {
    return TimeFrom(left.occurred_at()) < TimeFrom(right.occurred_at());
  });
  return history;
}

absl::Status WriteCases(db::Connection& connection, const CaseMap& cases,
                        const std::vector<std::pair<Uuid, v1::CaseEvent>>& events) {
  if (events.empty()) return absl::OkStatus();
  ZHUQI_RETURN_IF_ERROR(WriteEvents(connection, events));
  db::MultiRowInsert insert("cases", Columns(), UpdateSuffix());
  for (const auto& [id, record] : cases) insert.Add(RowOf(id, record));
  ZHUQI_RETURN_IF_ERROR(insert.Run(connection).status());
  ZHUQI_RETURN_IF_ERROR(WriteBodies(connection, cases));
  return WriteDates(connection, cases);
}

namespace {

// Collects conditions and their values.
class WhereClause {
 public:
  void Add(absl::string_view condition, db::Values values) {
    absl::StrAppend(&text_, text_.empty() ? "WHERE " : " AND ", condition);
    for (db::Value& value : values) values_.push_back(std::move(value));
  }
  void Equals(absl::string_view column, const std::string& wanted) {
    if (!wanted.empty()) Add(absl::StrCat("c.", column, " = ?"), {wanted});
  }
  void Equals(absl::string_view column, const std::optional<std::string>& wanted) {
    if (wanted.has_value()) Add(absl::StrCat("c.", column, " = ?"), {*wanted});
  }
  void Equals(absl::string_view column, int wanted) {
    if (wanted != 0) Add(absl::StrCat("c.", column, " = ?"), {wanted});
  }
  void Within(absl::string_view column, const DayRange& range) {
    if (range.first.has_value()) Add(absl::StrCat("c.", column, " >= ?"), {*range.first});
    if (range.last.has_value()) Add(absl::StrCat("c.", column, " <= ?"), {*range.last});
  }
  // The same of an instant.
  void WithinDays(absl::string_view column, const DayRange& range) {
    if (range.first.has_value()) Add(absl::StrCat("c.", column, " >= ?"), {StartOfCityDay(*range.first)});
    if (range.last.has_value()) Add(absl::StrCat("c.", column, " < ?"), {StartOfCityDay(*range.last + 1)});
  }
  void HasDate(int kind, const DayRange& range) {
    if (!range.first.has_value() && !range.last.has_value()) return;
    Add("EXISTS (SELECT 1 FROM case_dates d WHERE d.case_id = c.case_id AND d.kind = ? AND d.on_date BETWEEN "
        "? AND ?)",
        {kind, range.first.value_or(absl::CivilDay(1, 1, 1)),
         range.last.value_or(absl::CivilDay(9999, 12, 31))});
  }
  void AnyOf(absl::string_view column, const std::vector<std::string>& wanted) {
    if (wanted.empty()) return;
    std::string condition = absl::StrCat("c.", column, " IN (");
    db::Values values;
    for (const std::string& value : wanted) {
      absl::StrAppend(&condition, values.empty() ? "?" : ",?");
      values.push_back(value);
    }
    Add(condition + ")", std::move(values));
  }

  const std::string& text() const { return text_; }
  const db::Values& values() const { return values_; }

 private:
  std::string text_;
  db::Values values_;
};

WhereClause WhereOf(const CaseFilter& filter) {
  WhereClause where;
  where.AnyOf("org_unit_id", filter.org_unit_ids);
  where.Equals("owner_org_unit_id", filter.owner_org_unit_id);
  where.Equals("lead_department_id", filter.lead_department_id);
  where.Equals("lead_function", filter.lead_function);
  where.Equals("state", filter.state);
  where.Equals("outcome", filter.outcome);
  // Cases of withdrawn issues count nowhere: they are listed when they are asked for, and behind no figure.
  if (filter.outcome == v1::OUTCOME_UNSPECIFIED)
    where.Add("c.outcome <> ?", {static_cast<int>(v1::OUTCOME_WITHDRAWN)});
  where.Equals("issue_kind", filter.issue_kind);
  where.Equals("category_id", filter.exact_category_id);
  if (!filter.category_id.empty()) {
    // '/' is the character after '.': all that begins with "land." lies between the two.
    where.Add("(c.category_id = ? OR (c.category_id > ? AND c.category_id < ?))",
              {filter.category_id, filter.category_id + ".", filter.category_id + "/"});
  }
  where.WithinDays("received_at", filter.received);
  where.Within("closed_on", filter.closed);
  where.Within("resolved_on", filter.resolved);
  where.Within("response_due_on", filter.response_due);
  where.Within("handling_due_on", filter.due);
  where.Within("called_back_on", filter.called_back);
  where.HasDate(kEscalated, filter.escalated);
  where.HasDate(kConsulted, filter.consulted);
  if (filter.open_at_end_of.has_value()) {
    where.WithinDays("received_at", {std::nullopt, filter.open_at_end_of});
    where.Add("(c.closed_on IS NULL OR c.closed_on > ?)", {*filter.open_at_end_of});
  }
  return where;
}

// The table with the index that bounds what is read, by what narrows most. Left to itself the optimizer takes
// the order of receipts for any page, hoping to meet enough cases soon: it reads the whole table for a span
// of last year. A span without a beginning bounds nothing.
std::string TableOf(const CaseFilter& filter) {
  const std::pair<bool, const char*> choices[] = {{!filter.lead_department_id.empty(), "by_lead"},
                                                  {filter.closed.first.has_value(), "by_closing"},
                                                  {filter.resolved.first.has_value(), "by_resolution"},
                                                  {filter.called_back.first.has_value(), "by_call_back"},
                                                  {filter.response_due.first.has_value(), "by_response_due"},
                                                  {filter.due.first.has_value(), "by_due"}};
  for (const auto& [given, index] : choices) {
    if (given) return absl::StrCat("cases c FORCE INDEX (", index, ") ");
  }
  return "cases c ";
}

}  // namespace

absl::StatusOr<std::vector<CaseRecord>> SelectCases(db::Connection& connection, const CaseFilter& filter,
                                                    const std::optional<ListPlace>& after, int limit) {
  WhereClause where = WhereOf(filter);
  if (after.has_value()) {
    where.Add("(c.received_at < ? OR (c.received_at = ? AND c.case_id > ?))",
              {after->received_at, after->received_at, after->case_id});
  }
  db::Values values = where.values();
  values.push_back(limit);
  std::vector<CaseRecord> cases;
  ZHUQI_RETURN_IF_ERROR(
      // First the page's keys, from an index where it has all that is asked; then its cases alone.
      connection.Query(
          absl::StrCat(kColumns, "FROM (SELECT c.case_id, c.received_at FROM ", TableOf(filter), where.text(),
                       " ORDER BY c.received_at DESC, c.case_id LIMIT ?) page JOIN cases c ON c.case_id = "
                       "page.case_id JOIN case_bodies b ON b.case_id = page.case_id ORDER BY "
                       "page.received_at DESC, page.case_id"),
          values, [&](db::Row& row) -> absl::Status {
            ZHUQI_ASSIGN_OR_RETURN(CaseRecord record, RecordFrom(row));
            cases.push_back(std::move(record));
            return absl::OkStatus();
          }));
  return cases;
}

absl::StatusOr<int64_t> CountCases(db::Connection& connection, const CaseFilter& filter) {
  const WhereClause where = WhereOf(filter);
  int64_t total = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT COUNT(*) FROM ", TableOf(filter), where.text()),
                                         where.values(), [&](db::Row& row) {
                                           total = row.Int64(0);
                                           return absl::OkStatus();
                                         }));
  return total;
}

}  // namespace zhuqi::routing
