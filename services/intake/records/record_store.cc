#include "services/intake/records/record_store.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"

namespace zhuqi::intake {
namespace {

constexpr char kRecordColumns[] = "record_id, body, revision, created_at, updated_at";

// Another replica was first: run the whole transaction again, which then sees what the other wrote.
absl::Status AbortedIfDuplicate(const absl::Status& status) {
  return db::DuplicateKey(status) ? absl::AbortedError("another replica wrote this first") : status;
}

// In the order of the key, so that two writers lock in one order.
void SortById(std::vector<const RecordRow*>& rows) {
  std::sort(rows.begin(), rows.end(),
            [](const RecordRow* left, const RecordRow* right) { return left->record_id < right->record_id; });
}

absl::Status WriteRows(db::Transaction& transaction, const std::vector<const RecordRow*>& rows,
                       absl::string_view suffix) {
  db::MultiRowInsert insert(
      "records",
      {"record_id", "source_system", "external_id", "org_unit_id", "kind", "on_date", "issue_kind",
       "category_id", "revision", "digest", "partition_number", "created_at", "updated_at", "body"},
      suffix);
  for (const RecordRow* row : rows) {
    insert.Add({row->record_id, row->key.first, row->key.second, row->org_unit_id,
                static_cast<int>(row->kind), row->on, static_cast<int>(row->issue_kind), row->category_id,
                row->revision, row->digest, row->partition, row->created_at, row->updated_at, row->body});
  }
  return insert.Run(transaction.connection()).status();
}

absl::Status WriteEnterprises(db::Transaction& transaction, const std::vector<const RecordRow*>& rows) {
  std::vector<std::pair<std::string, Uuid>> pairs;
  for (const RecordRow* row : rows) {
    for (const std::string& uscc : row->enterprises) pairs.emplace_back(uscc, row->record_id);
  }
  std::sort(pairs.begin(), pairs.end());
  db::MultiRowInsert insert("record_enterprises", {"uscc", "record_id"});
  for (const auto& [uscc, record_id] : pairs) insert.Add({uscc, record_id});
  return insert.Run(transaction.connection()).status();
}

absl::Status DeleteEnterprises(db::Transaction& transaction, const std::vector<const RecordRow*>& rows) {
  // Revisions are rare beside new records, so one statement each is fast enough.
  for (const RecordRow* row : rows) {
    ZHUQI_RETURN_IF_ERROR(
        transaction.Execute("DELETE FROM record_enterprises WHERE record_id = ?", {row->record_id}).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Record> ToRecord(db::Row& row) {
  v1::Record record;
  record.set_record_id(row.ReadUuid(0).ToString());
  if (!record.mutable_submission()->ParseFromString(row.Text(1))) {
    return absl::DataLossError("a stored record can not be read");
  }
  record.set_revision(row.Int64(2));
  *record.mutable_created_at() = TimestampMessage(row.Time(3));
  *record.mutable_updated_at() = TimestampMessage(row.Time(4));
  record.set_etag(absl::StrCat("r", record.revision()));
  return record;
}

absl::StatusOr<std::optional<v1::Record>> ReadOne(db::Connection& connection, absl::string_view condition,
                                                  const db::Values& values) {
  std::optional<v1::Record> found;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query(absl::StrCat("SELECT ", kRecordColumns, " FROM records WHERE ", condition), values,
                       [&](db::Row& row) -> absl::Status {
                         ZHUQI_ASSIGN_OR_RETURN(found, ToRecord(row));
                         return absl::OkStatus();
                       }));
  return found;
}

// Conditions joined by AND, and their values in the same order.
class Where {
 public:
  void Add(std::string condition, std::initializer_list<db::Value> values) {
    conditions_.push_back(std::move(condition));
    values_.insert(values_.end(), values.begin(), values.end());
  }
  void AddIn(absl::string_view column, const std::vector<std::string>& list) {
    conditions_.push_back(absl::StrCat(
        column, " IN (", absl::StrJoin(std::vector<absl::string_view>(list.size(), "?"), ","), ")"));
    for (const std::string& value : list) values_.emplace_back(value);
  }
  std::string Text() const {
    return conditions_.empty() ? "" : absl::StrCat(" WHERE ", absl::StrJoin(conditions_, " AND "));
  }
  db::Values& values() { return values_; }

 private:
  std::vector<std::string> conditions_;
  db::Values values_;
};

Where WhereOf(const RecordFilter& filter) {
  Where where;
  if (!filter.org_unit_ids.empty()) where.AddIn("org_unit_id", filter.org_unit_ids);
  if (filter.kind != v1::RECORD_KIND_UNSPECIFIED) where.Add("kind = ?", {static_cast<int>(filter.kind)});
  if (filter.first.has_value()) where.Add("on_date >= ?", {*filter.first});
  if (filter.last.has_value()) where.Add("on_date <= ?", {*filter.last});
  if (filter.issue_kind != v1::ISSUE_KIND_UNSPECIFIED) {
    where.Add("issue_kind = ?", {static_cast<int>(filter.issue_kind)});
  }
  if (!filter.category_id.empty()) {
    // '.' separates the levels of a category and '/' follows it in ASCII: the range is everything below.
    where.Add("(category_id = ? OR (category_id >= ? AND category_id < ?))",
              {filter.category_id, filter.category_id + ".", filter.category_id + "/"});
  }
  if (!filter.enterprise_uscc.empty()) {
    where.Add("record_id IN (SELECT record_id FROM record_enterprises WHERE uscc = ?)",
              {filter.enterprise_uscc});
  }
  return where;
}

}  // namespace

absl::StatusOr<absl::flat_hash_map<NaturalKey, StoredRecord>> FindRecords(
    db::Transaction& transaction, const std::vector<NaturalKey>& keys) {
  std::vector<db::Values> values;
  values.reserve(keys.size());
  for (const NaturalKey& key : keys) values.push_back({key.first, key.second});
  absl::flat_hash_map<NaturalKey, StoredRecord> found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      transaction.connection(),
      "SELECT source_system, external_id, record_id, revision, digest, kind, partition_number FROM records "
      "WHERE (source_system, external_id) IN",
      2, values, [&](db::Row& row) {
        StoredRecord& record = found[NaturalKey(row.Text(0), row.Text(1))];
        record.record_id = row.ReadUuid(2);
        record.revision = row.Int64(3);
        record.digest = row.Text(4);
        record.kind = static_cast<v1::RecordKind>(row.Int64(5));
        record.partition = static_cast<int32_t>(row.Int64(6));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<absl::flat_hash_map<Uuid, std::string>> ReadBodies(db::Transaction& transaction,
                                                                  const std::vector<Uuid>& record_ids) {
  std::vector<db::Values> values;
  for (const Uuid& id : record_ids) values.push_back({id});
  absl::flat_hash_map<Uuid, std::string> bodies;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(transaction.connection(),
                                         "SELECT record_id, body FROM records WHERE record_id IN", 1, values,
                                         [&](db::Row& row) {
                                           bodies[row.ReadUuid(0)] = row.Text(1);
                                           return absl::OkStatus();
                                         }));
  return bodies;
}

absl::Status InsertRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows) {
  SortById(rows);
  ZHUQI_RETURN_IF_ERROR(AbortedIfDuplicate(WriteRows(transaction, rows, "")));
  return WriteEnterprises(transaction, rows);
}

absl::Status ReviseRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows,
                           std::vector<SupersededRevision> superseded) {
  if (rows.empty() && superseded.empty()) return absl::OkStatus();
  std::sort(superseded.begin(), superseded.end(), [](const auto& left, const auto& right) {
    return std::tie(left.record_id, left.revision) < std::tie(right.record_id, right.revision);
  });
  // The key (record_id, revision) is the compare-and-set: a revision is superseded once.
  db::MultiRowInsert insert("record_revisions",
                            {"record_id", "revision", "digest", "body", "recorded_at", "recorded_by"});
  for (const SupersededRevision& old : superseded) {
    insert.Add({old.record_id, old.revision, old.digest, old.body, old.recorded_at, old.superseded_by});
  }
  ZHUQI_RETURN_IF_ERROR(AbortedIfDuplicate(insert.Run(transaction.connection()).status()));
  SortById(rows);
  ZHUQI_RETURN_IF_ERROR(WriteRows(
      transaction, rows,
      "ON DUPLICATE KEY UPDATE org_unit_id = VALUES(org_unit_id), on_date = VALUES(on_date), issue_kind = "
      "VALUES(issue_kind), category_id = VALUES(category_id), revision = VALUES(revision), digest = "
      "VALUES(digest), "
      "updated_at = VALUES(updated_at), body = VALUES(body)"));
  ZHUQI_RETURN_IF_ERROR(DeleteEnterprises(transaction, rows));
  return WriteEnterprises(transaction, rows);
}

absl::Status InsertImportChunks(db::Transaction& transaction, const std::vector<ImportChunkKey>& chunks) {
  // A chunk that is known already was sent again after its first answer was forgotten: its records are known
  // too.
  db::MultiRowInsert insert("import_chunks", {"import_id", "chunk_number"},
                            "ON DUPLICATE KEY UPDATE chunk_number = VALUES(chunk_number)");
  for (const auto& [import_id, number] : chunks) insert.Add({import_id, number});
  return insert.Run(transaction.connection()).status();
}

absl::StatusOr<absl::flat_hash_set<ImportChunkKey>> FindImportChunks(
    db::Transaction& transaction, const std::vector<ImportChunkKey>& chunks) {
  std::vector<db::Values> keys;
  keys.reserve(chunks.size());
  for (const auto& [import_id, number] : chunks) keys.push_back({import_id, number});
  absl::flat_hash_set<ImportChunkKey> found;
  ZHUQI_RETURN_IF_ERROR(
      db::SelectByKeys(transaction.connection(),
                       "SELECT import_id, chunk_number FROM import_chunks WHERE (import_id, chunk_number) IN",
                       2, keys, [&](db::Row& row) {
                         found.emplace(row.ReadUuid(0), row.Int64(1));
                         return absl::OkStatus();
                       }));
  return found;
}

absl::StatusOr<int64_t> NextImportChunk(db::Connection& connection, const Uuid& import_id) {
  // Chunks are written in order, so there are gaps only after a chunk that failed alone. The first gap is
  // wanted.
  int64_t next = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT COALESCE(MIN(c.chunk_number) + 1, 0) FROM import_chunks c LEFT JOIN import_chunks n ON "
      "n.import_id = "
      "c.import_id AND n.chunk_number = c.chunk_number + 1 WHERE c.import_id = ? AND n.chunk_number IS NULL "
      "AND EXISTS "
      "(SELECT 1 FROM import_chunks z WHERE z.import_id = c.import_id AND z.chunk_number = 0)",
      {import_id}, [&](db::Row& row) {
        next = row.Int64(0);
        return absl::OkStatus();
      }));
  return next;
}

absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const Uuid& record_id) {
  return ReadOne(connection, "record_id = ?", {record_id});
}

absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const NaturalKey& key) {
  return ReadOne(connection, "source_system = ? AND external_id = ?", {key.first, key.second});
}

absl::StatusOr<std::vector<v1::Record>> ListRecords(db::Connection& connection, const RecordFilter& filter,
                                                    const std::optional<RecordPosition>& after, int limit) {
  Where where = WhereOf(filter);
  if (after.has_value()) {
    where.Add("on_date <= ? AND (on_date < ? OR record_id < ?)", {after->on, after->on, after->record_id});
  }
  where.values().emplace_back(limit);
  std::vector<v1::Record> records;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query(absl::StrCat("SELECT ", kRecordColumns, " FROM records", where.Text(),
                                    " ORDER BY on_date DESC, record_id DESC LIMIT ?"),
                       where.values(), [&](db::Row& row) -> absl::Status {
                         ZHUQI_ASSIGN_OR_RETURN(v1::Record record, ToRecord(row));
                         records.push_back(std::move(record));
                         return absl::OkStatus();
                       }));
  return records;
}

absl::StatusOr<int64_t> CountRecords(db::Connection& connection, const RecordFilter& filter) {
  Where where = WhereOf(filter);
  int64_t total = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT COUNT(*) FROM records", where.Text()),
                                         where.values(), [&](db::Row& row) {
                                           total = row.Int64(0);
                                           return absl::OkStatus();
                                         }));
  return total;
}

}  // namespace zhuqi::intake
