#include "services/intake/records/record_reader.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"

namespace zhuqi::intake {
namespace {

constexpr char kRecordColumns[] =
    "r.record_id, r.body, r.revision, r.created_at, r.updated_at, r.contact, r.withdrawal_reason, "
    "r.category_tree_version";
constexpr char kRevisionColumns[] = "recorded_by, contact, withdrawal_reason, category_tree_version, body";

absl::StatusOr<v1::Record> ToRecord(db::Row& row) {
  v1::Record record;
  record.set_record_id(row.ReadUuid(0).ToString());
  if (!record.mutable_submission()->ParseFromString(row.Text(1))) {
    return absl::DataLossError("a stored record can not be read");
  }
  record.set_revision(row.Int64(2));
  *record.mutable_created_at() = TimestampMessage(row.Time(3));
  *record.mutable_updated_at() = TimestampMessage(row.Time(4));
  record.set_etag(EtagOf(record.revision()));
  record.set_has_contact(HasContact(static_cast<ContactNote>(row.Int64(5))));
  const std::optional<std::string> withdrawal = row.OptionalText(6);
  record.set_state(withdrawal.has_value() ? v1::RECORD_STATE_WITHDRAWN : v1::RECORD_STATE_ACTIVE);
  record.set_withdrawal_reason(withdrawal.value_or(""));
  record.set_category_tree_version(row.Int64(7));
  return record;
}

absl::StatusOr<std::vector<v1::Record>> ReadAll(db::Connection& connection, absl::string_view sql,
                                                const db::Values& values) {
  std::vector<v1::Record> records;
  ZHUQI_RETURN_IF_ERROR(connection.Query(sql, values, [&](db::Row& row) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(v1::Record record, ToRecord(row));
    records.push_back(std::move(record));
    return absl::OkStatus();
  }));
  return records;
}

absl::StatusOr<std::optional<v1::Record>> ReadOne(db::Connection& connection, absl::string_view condition,
                                                  const db::Values& values) {
  ZHUQI_ASSIGN_OR_RETURN(
      std::vector<v1::Record> found,
      ReadAll(connection, absl::StrCat("SELECT ", kRecordColumns, " FROM records r WHERE ", condition),
              values));
  if (found.empty()) return std::optional<v1::Record>();
  return std::optional<v1::Record>(std::move(found.front()));
}

// A FROM and WHERE, with their values in the order of the question marks.
class Where {
 public:
  void Join(absl::string_view table, std::initializer_list<db::Value> values) {
    absl::StrAppend(&from_, " JOIN ", table);
    values_.insert(values_.end(), values.begin(), values.end());
  }
  void Add(std::string condition, std::initializer_list<db::Value> values) {
    conditions_.push_back(std::move(condition));
    values_.insert(values_.end(), values.begin(), values.end());
  }
  // Lists have few lengths, so that a connection keeps few statements: the last entry is repeated.
  void AddIn(absl::string_view column, const std::vector<std::string>& list) {
    size_t places = 1;
    while (places < list.size()) places *= 2;
    conditions_.push_back(
        absl::StrCat(column, " IN (", absl::StrJoin(std::vector<absl::string_view>(places, "?"), ","), ")"));
    for (size_t i = 0; i < places; ++i) values_.emplace_back(i < list.size() ? list[i] : list.back());
  }
  std::string Text() const {
    return absl::StrCat(" FROM records r", from_, conditions_.empty() ? "" : " WHERE ",
                        absl::StrJoin(conditions_, " AND "));
  }
  db::Values& values() { return values_; }

 private:
  std::string from_;
  std::vector<std::string> conditions_;
  db::Values values_;
};

// Joins come first: their values do.
void AddJoins(const RecordFilter& filter, Where& where) {
  if (filter.counting == Counting::kWithdrawn) {
    where.Join("withdrawn_records w ON w.record_id = r.record_id", {});
  } else if (filter.counting == Counting::kBoth && !filter.enterprise_uscc.empty()) {
    // A withdrawn record stands beside no enterprise: all of them are given, and looked at.
    where.Join(
        "(SELECT record_id FROM record_enterprises WHERE uscc = ? UNION SELECT record_id FROM "
        "withdrawn_records) m "
        "ON m.record_id = r.record_id",
        {filter.enterprise_uscc});
  }
}

void AddActive(const RecordFilter& filter, Where& where) {
  where.Add("r.withdrawal_reason IS NULL", {});
  if (filter.enterprise_uscc.empty()) return;
  if (filter.kind == v1::RECORD_KIND_UNSPECIFIED) {
    where.Add("r.record_id IN (SELECT record_id FROM record_enterprises WHERE uscc = ?)",
              {filter.enterprise_uscc});
  } else {
    where.Add("r.record_id IN (SELECT record_id FROM record_enterprises WHERE uscc = ? AND kind = ?)",
              {filter.enterprise_uscc, static_cast<int>(filter.kind)});
  }
}

Where WhereOf(const RecordFilter& filter) {
  Where where;
  AddJoins(filter, where);
  if (!filter.org_unit_ids.empty()) where.AddIn("r.org_unit_id", filter.org_unit_ids);
  if (filter.kind != v1::RECORD_KIND_UNSPECIFIED) where.Add("r.kind = ?", {static_cast<int>(filter.kind)});
  if (filter.first.has_value()) where.Add("r.on_date >= ?", {*filter.first});
  if (filter.last.has_value()) where.Add("r.on_date <= ?", {*filter.last});
  if (filter.issue_kind != v1::ISSUE_KIND_UNSPECIFIED) {
    where.Add("r.issue_kind = ?", {static_cast<int>(filter.issue_kind)});
  }
  if (!filter.category_id.empty()) {
    // '.' separates the levels of a category and '/' follows it in ASCII: the range is everything below.
    where.Add("(r.category_id = ? OR (r.category_id >= ? AND r.category_id < ?))",
              {filter.category_id, filter.category_id + ".", filter.category_id + "/"});
  }
  if (filter.exact_category_id.has_value()) {
    // Visits and deliveries have none, and are not meant.
    where.Add("r.kind = ? AND r.category_id = ?",
              {static_cast<int>(v1::RECORD_KIND_ISSUE), *filter.exact_category_id});
  }
  if (!filter.source_system.empty()) where.Add("r.source_system = ?", {filter.source_system});
  if (filter.counting == Counting::kActive) AddActive(filter, where);
  return where;
}

absl::StatusOr<int64_t> Count(db::Connection& connection, const RecordFilter& filter) {
  Where where = WhereOf(filter);
  int64_t total = 0;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query(absl::StrCat("SELECT COUNT(*)", where.Text()), where.values(), [&](db::Row& row) {
        total = row.Int64(0);
        return absl::OkStatus();
      }));
  return total;
}

// Columns: revision, when, and kRevisionColumns.
StoredRevision ToRevision(db::Row& row) {
  StoredRevision revision;
  revision.revision = row.Int64(0);
  revision.content.recorded_at = row.Time(1);
  revision.content.recorded_by = row.Text(2);
  revision.content.contact = static_cast<ContactNote>(row.Int64(3));
  revision.content.withdrawal_reason = row.OptionalText(4);
  revision.content.category_tree_version = row.Int64(5);
  revision.content.body = row.Text(6);
  return revision;
}

}  // namespace

std::string EtagOf(int64_t revision) { return absl::StrCat("r", revision); }

absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const Uuid& record_id) {
  return ReadOne(connection, "r.record_id = ?", {record_id});
}

absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const NaturalKey& key) {
  return ReadOne(connection, "r.source_system = ? AND r.external_id = ?", {key.first, key.second});
}

absl::StatusOr<std::vector<v1::Record>> ListRecords(db::Connection& connection, const RecordFilter& filter,
                                                    const std::optional<RecordPosition>& after, int limit) {
  Where where = WhereOf(filter);
  if (after.has_value()) {
    where.Add("r.on_date <= ? AND (r.on_date < ? OR r.record_id < ?)",
              {after->on, after->on, after->record_id});
  }
  where.values().emplace_back(limit);
  return ReadAll(connection,
                 absl::StrCat("SELECT ", kRecordColumns, where.Text(),
                              " ORDER BY r.on_date DESC, r.record_id DESC LIMIT ?"),
                 where.values());
}

absl::StatusOr<int64_t> CountRecords(db::Connection& connection, const RecordFilter& filter) {
  if (filter.counting != Counting::kActive || !filter.enterprise_uscc.empty())
    return Count(connection, filter);
  // Indexes answer how many there are in all, and few are withdrawn: none of the rows need be read to see
  // whether it counts.
  RecordFilter all = filter;
  all.counting = Counting::kBoth;
  RecordFilter withdrawn = filter;
  withdrawn.counting = Counting::kWithdrawn;
  ZHUQI_ASSIGN_OR_RETURN(const int64_t total, Count(connection, all));
  ZHUQI_ASSIGN_OR_RETURN(const int64_t out, Count(connection, withdrawn));
  return total - out;
}

absl::StatusOr<std::vector<v1::Record>> ReadNewestRecords(db::Connection& connection, const std::string& uscc,
                                                          v1::RecordKind kind, int limit) {
  // Which ones is told by the key of record_enterprises alone, however many there are.
  return ReadAll(
      connection,
      absl::StrCat("SELECT ", kRecordColumns,
                   " FROM (SELECT record_id, on_date FROM record_enterprises WHERE uscc = ? AND kind = ? "
                   "ORDER BY on_date DESC, record_id DESC LIMIT ?) m JOIN records r ON r.record_id = "
                   "m.record_id ORDER BY m.on_date DESC, m.record_id DESC"),
      {uscc, static_cast<int>(kind), limit});
}

absl::StatusOr<std::vector<StoredRevision>> ReadRevisions(db::Connection& connection, const Uuid& record_id,
                                                          std::optional<int64_t> before, int limit) {
  std::vector<StoredRevision> revisions;
  const auto take = [&revisions](db::Row& row) {
    revisions.push_back(ToRevision(row));
    return absl::OkStatus();
  };
  if (!before.has_value()) {
    ZHUQI_RETURN_IF_ERROR(connection.Query(
        absl::StrCat("SELECT revision, updated_at, ", kRevisionColumns, " FROM records WHERE record_id = ?"),
        {record_id}, take));
    if (revisions.empty()) return revisions;
    before = revisions.front().revision;
  }
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat(
          "SELECT revision, recorded_at, ", kRevisionColumns,
          " FROM record_revisions WHERE record_id = ? AND revision < ? ORDER BY revision DESC LIMIT ?"),
      {record_id, *before, limit - static_cast<int>(revisions.size())}, take));
  return revisions;
}

}  // namespace zhuqi::intake
