#include "services/routing/cases/case_list_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "services/routing/cases/case_store.h"

namespace zhuqi::routing {
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
  template <typename T>
  void AnyOf(absl::string_view column, const std::vector<T>& wanted) {
    if (wanted.empty()) return;
    std::string condition = absl::StrCat(column, " IN (");
    db::Values values;
    for (const T& value : wanted) {
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

bool OpenAlone(const CaseFilter& filter) { return (filter.states & ~kOpenStates) == 0; }

void AddStates(const CaseFilter& filter, WhereClause& where) {
  if (filter.states == kAllStates) return;
  // The same said twice: each of the two is what one of the indices begins with.
  if (OpenAlone(filter)) where.Add("c.closed_on IS NULL", {});
  std::vector<int> states;
  for (int state = 0; state < v1::ProcessState_ARRAYSIZE; ++state) {
    if ((filter.states & (1U << static_cast<unsigned>(state))) != 0) states.push_back(state);
  }
  if (states.empty()) where.Add("FALSE", {});
  where.AnyOf("c.state", states);
}

// What work lists add to the filters of figures.
void AddWorkList(const CaseFilter& filter, WhereClause& where) {
  if (filter.department_leads) where.Equals("lead_department_id", filter.department_id);
  if (filter.overdue_at.has_value()) where.Add("c.handling_due_at < ?", {*filter.overdue_at});
  if (filter.not_overdue_at.has_value()) where.Add("c.handling_due_at >= ?", {*filter.not_overdue_at});
  if (filter.due_through.has_value()) {
    // Midnight belongs to the day that it ends.
    where.Add("c.handling_due_at <= ?", {StartOfCityDay(*filter.due_through + 1)});
  }
  if (filter.escalated_ever) {
    where.Add("EXISTS (SELECT 1 FROM case_dates d WHERE d.case_id = c.case_id AND d.kind = ?)",
              {kEscalatedDate});
  }
  if (!filter.text.empty()) where.Add("LOCATE(?, c.search_text) > 0", {filter.text});
  where.Equals("enterprise_uscc", filter.enterprise_uscc);
  if (filter.at_least_priority > 0) where.Add("c.priority >= ?", {filter.at_least_priority});
  where.Equals("green_channel", static_cast<int>(filter.green_channel));
  where.Equals("task_force", filter.task_force);
  where.Equals("project", filter.project);
  if (filter.parent.has_value()) {
    where.Add(
        "c.child_number > 0 AND c.issue_record_id = (SELECT p.issue_record_id FROM cases p WHERE "
        "p.case_id = ? AND p.child_number = 0)",
        {*filter.parent});
  }
  if (filter.without_children) where.Add("c.child_number = 0", {});
  if (filter.special) {
    where.Add(
        "EXISTS (SELECT 1 FROM special_items s WHERE s.holder_id = c.case_id AND s.number = 0 AND s.is_open "
        "= 1)",
        {});
  }
}

WhereClause WhereOf(const CaseFilter& filter) {
  WhereClause where;
  where.AnyOf("c.org_unit_id", filter.org_unit_ids);
  where.Equals("owner_org_unit_id", filter.owner_org_unit_id);
  where.Equals("lead_department_id", filter.lead_department_id);
  where.Equals("lead_function", filter.lead_function);
  AddStates(filter, where);
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
  where.HasDate(kEscalatedDate, filter.escalated);
  where.HasDate(kConsultedDate, filter.consulted);
  where.HasDate(kBulletinDate, filter.bulletin);
  if (filter.open_at_end_of.has_value()) {
    where.WithinDays("received_at", {std::nullopt, filter.open_at_end_of});
    where.Add("(c.closed_on IS NULL OR c.closed_on > ?)", {*filter.open_at_end_of});
  }
  AddWorkList(filter, where);
  return where;
}

// What an order sorts by.
struct OrderColumn {
  const char* name;
  bool descending;
};

OrderColumn ColumnOf(v1::CaseOrder order) {
  switch (order) {
    case v1::CASE_ORDER_HANDLING_DEADLINE:
      return {"handling_due_at", false};
    case v1::CASE_ORDER_LONGEST_OPEN:
      return {"received_at", false};
    case v1::CASE_ORDER_LAST_CHANGED:
      return {"changed_at", true};
    default:
      return {"received_at", true};
  }
}

// The table with the index that bounds what is read, by what narrows most. Left to itself the optimizer takes
// the order of receipts for any page, hoping to meet enough cases soon: it reads the whole table for a span
// of last year. A span without a beginning bounds nothing. Without an order: for counting.
const char* IndexOf(const CaseFilter& filter, std::optional<v1::CaseOrder> order) {
  const bool newest_first = order.has_value() && ColumnOf(*order).descending;
  const bool by_deadline = filter.overdue_at.has_value() || filter.due_through.has_value() ||
                           order == v1::CASE_ORDER_HANDLING_DEADLINE;
  const bool open = OpenAlone(filter);
  const std::pair<bool, const char*> choices[] = {
      {filter.parent.has_value(), "by_issue"},
      {!filter.enterprise_uscc.empty(), "by_enterprise"},
      {!filter.lead_department_id.empty(), "by_lead"},
      {filter.closed.first.has_value() && !filter.owner_org_unit_id.empty(), "by_owner_closing"},
      {filter.closed.first.has_value(), "by_closing"},
      {filter.resolved.first.has_value(), "by_resolution"},
      {filter.called_back.first.has_value(), "by_call_back"},
      {filter.response_due.first.has_value(), "by_response_due"},
      {filter.due.first.has_value(), "by_due"},
      {!filter.owner_org_unit_id.empty() && open, "by_owner"},
      {open && by_deadline, "by_deadline"},
      // The open ones of some units, and all of them where they must be counted or sorted. Of all, those that
      // came or changed last are met soon, since most of them are open.
      {open && (!filter.org_unit_ids.empty() || !newest_first), "by_closing"}};
  for (const auto& [given, index] : choices) {
    if (given) return index;
  }
  return nullptr;
}

// Where the cases are read from.
struct Source {
  std::string text;
  db::Values values;
};

// The few cases that `select` gives first, then each of them.
Source FewOf(absl::string_view select, db::Values values) {
  return {absl::StrCat("(", select, ") mine STRAIGHT_JOIN cases c ON c.case_id = mine.case_id "),
          std::move(values)};
}

Source SourceOf(const CaseFilter& filter, std::optional<v1::CaseOrder> order) {
  if (!filter.department_id.empty()) {
    // The department's own index first: its parts are few, and its open ones fewer.
    WhereClause parts;
    parts.Add("p.department_id = ?", {filter.department_id});
    parts.AnyOf("p.standing", OpenAlone(filter) ? std::vector<int>{kPartInOpenCase}
                                                : std::vector<int>{kPartInClosedCase, kPartInOpenCase});
    parts.AnyOf("p.role", filter.department_roles);
    if (!filter.team_id.empty()) parts.Add("p.team_id = ?", {filter.team_id});
    return FewOf(absl::StrCat("SELECT DISTINCT p.case_id FROM case_parts p FORCE INDEX (by_department) ",
                              parts.text()),
                 parts.values());
  }
  if (!filter.task_force.empty()) {
    return FewOf(
        "SELECT t.case_id FROM task_forces f STRAIGHT_JOIN task_force_cases t ON t.task_force_id = "
        "f.task_force_id WHERE f.name = ?",
        {filter.task_force});
  }
  if (filter.special) {
    return FewOf("SELECT s.holder_id AS case_id FROM special_items s WHERE s.is_open = 1 AND s.number = 0",
                 {});
  }
  const char* index = IndexOf(filter, order);
  if (index == nullptr) return {"cases c ", {}};
  return {absl::StrCat("cases c FORCE INDEX (", index, ") "), {}};
}

constexpr int kMonth = 31;  // days

bool IsWithinAMonth(const DayRange& range) {
  return range.first.has_value() && range.last.has_value() && *range.last - *range.first < kMonth;
}

// Whether what is read is a small stretch of an index, whatever else is asked.
bool IsNarrow(const CaseFilter& filter) {
  if (!filter.department_id.empty() || !filter.enterprise_uscc.empty() || !filter.task_force.empty() ||
      filter.special || filter.parent.has_value()) {
    return true;
  }
  if (OpenAlone(filter) && (!filter.owner_org_unit_id.empty() || !filter.lead_department_id.empty() ||
                            filter.overdue_at.has_value() || filter.due_through.has_value())) {
    return true;
  }
  for (const DayRange* range :
       {&filter.closed, &filter.resolved, &filter.response_due, &filter.due, &filter.called_back}) {
    if (IsWithinAMonth(*range)) return true;
  }
  return false;
}

// Whether what an index gives must be thinned out. What most cases are (open, not withdrawn) is met soon.
bool IsThinnedOut(const CaseFilter& filter) {
  return !filter.text.empty() || !filter.project.empty() || filter.green_channel ||
         filter.at_least_priority > 0 || filter.escalated_ever || filter.lead_function.has_value() ||
         filter.exact_category_id.has_value() || !filter.category_id.empty() || filter.outcome != 0 ||
         filter.issue_kind != 0 || filter.open_at_end_of.has_value() || filter.escalated.first.has_value() ||
         filter.escalated.last.has_value() || filter.consulted.first.has_value() ||
         filter.consulted.last.has_value() || filter.bulletin.first.has_value() ||
         filter.bulletin.last.has_value();
}

}  // namespace

bool ReadsWidely(const CaseFilter& filter, v1::CaseOrder order, bool count) {
  if (IsNarrow(filter)) return false;
  // Closed cases by deadline or the oldest first: no index has these orders.
  const bool unsorted = !OpenAlone(filter) &&
                        (order == v1::CASE_ORDER_HANDLING_DEADLINE || order == v1::CASE_ORDER_LONGEST_OPEN);
  return count || unsorted || IsThinnedOut(filter);
}

ListStatement SelectStatement(const CaseFilter& filter, v1::CaseOrder order,
                              const std::optional<ListPlace>& after, int limit) {
  const OrderColumn by = ColumnOf(order);
  WhereClause where = WhereOf(filter);
  if (after.has_value()) {
    where.Add(absl::StrCat("(c.", by.name, by.descending ? " < ?" : " > ?", " OR (c.", by.name,
                           " = ? AND c.case_id > ?))"),
              {after->at, after->at, after->case_id});
  }
  Source source = SourceOf(filter, order);
  const std::string sorted =
      absl::StrCat("ORDER BY c.", by.name, by.descending ? " DESC" : "", ", c.case_id");
  // First the page's keys, from an index where it has all that is asked; then its cases alone.
  ListStatement statement{
      absl::StrCat(
          "SELECT ", kCaseColumns, ", c.", by.name, " FROM (SELECT c.case_id FROM ", source.text,
          where.text(), " ", sorted,
          " LIMIT ?) page JOIN cases c ON c.case_id = page.case_id JOIN case_bodies b ON b.case_id = "
          "page.case_id ",
          sorted),
      std::move(source.values)};
  statement.values.insert(statement.values.end(), where.values().begin(), where.values().end());
  statement.values.emplace_back(limit);
  return statement;
}

ListStatement CountStatement(const CaseFilter& filter, std::optional<int64_t> most) {
  const WhereClause where = WhereOf(filter);
  Source source = SourceOf(filter, std::nullopt);
  ListStatement statement{absl::StrCat("SELECT COUNT(*) FROM ", source.text, where.text()),
                          std::move(source.values)};
  statement.values.insert(statement.values.end(), where.values().begin(), where.values().end());
  if (!most.has_value()) return statement;
  statement.sql =
      absl::StrCat("SELECT COUNT(*) FROM (SELECT 1 FROM ", source.text, where.text(), " LIMIT ?) counted");
  statement.values.emplace_back(*most);
  return statement;
}

absl::StatusOr<std::vector<ListedCase>> SelectCases(db::Connection& connection, const CaseFilter& filter,
                                                    v1::CaseOrder order,
                                                    const std::optional<ListPlace>& after, int limit) {
  const ListStatement select = SelectStatement(filter, order, after, limit);
  std::vector<ListedCase> cases;
  ZHUQI_RETURN_IF_ERROR(connection.Query(select.sql, select.values, [&](db::Row& row) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(CaseRecord record, CaseRecordFrom(row));
    const Uuid id = Uuid::Parse(record.body.case_id()).value_or(Uuid());
    cases.push_back({std::move(record), {row.Time(6), id}});
    return absl::OkStatus();
  }));
  return cases;
}

absl::StatusOr<int64_t> CountCases(db::Connection& connection, const CaseFilter& filter,
                                   std::optional<int64_t> most) {
  const ListStatement count = CountStatement(filter, most);
  int64_t total = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query(count.sql, count.values, [&](db::Row& row) {
    total = row.Int64(0);
    return absl::OkStatus();
  }));
  return total;
}

}  // namespace zhuqi::routing
