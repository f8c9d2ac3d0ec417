#include "services/intake/records/record_store.h"

#include <algorithm>
#include <tuple>

#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"
#include "zhuqi/intake/v1/enterprise.pb.h"

namespace zhuqi::intake {
namespace {

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
       "category_id", "revision", "digest", "partition_number", "created_at", "updated_at", "recorded_by",
       "contact", "withdrawal_reason", "category_tree_version", "body"},
      suffix);
  for (const RecordRow* row : rows) {
    const RevisionContent& content = row->content;
    insert.Add({row->record_id, row->key.first, row->key.second, row->org_unit_id,
                static_cast<int>(row->kind), row->on, static_cast<int>(row->issue_kind), row->category_id,
                row->revision, row->digest, row->partition, row->created_at, content.recorded_at,
                content.recorded_by, static_cast<int>(content.contact), content.withdrawal_reason,
                content.category_tree_version, content.body});
  }
  return insert.Run(transaction.connection()).status();
}

bool MentionsChanged(const RecordRow& row) { return row.mentions != row.former_mentions; }

absl::Status InsertMentions(db::Transaction& transaction, const std::vector<const RecordRow*>& rows) {
  std::vector<std::pair<std::string, const RecordRow*>> by_enterprise;
  std::vector<const RecordRow*> visits;
  for (const RecordRow* row : rows) {
    if (!MentionsChanged(*row)) continue;
    for (const std::string& uscc : row->mentions.enterprises) by_enterprise.emplace_back(uscc, row);
    if (row->mentions.kind == v1::RECORD_KIND_VISIT) visits.push_back(row);
  }
  // In the order of each key, so that two writers lock in one order.
  std::sort(by_enterprise.begin(), by_enterprise.end(), [](const auto& left, const auto& right) {
    const RecordMentions& a = left.second->mentions;
    const RecordMentions& b = right.second->mentions;
    return std::tie(left.first, a.kind, a.on, left.second->record_id) <
           std::tie(right.first, b.kind, b.on, right.second->record_id);
  });
  db::MultiRowInsert insert("record_enterprises", {"uscc", "kind", "on_date", "record_id", "policy_id"});
  for (const auto& [uscc, row] : by_enterprise) {
    insert.Add({uscc, static_cast<int>(row->mentions.kind), row->mentions.on, row->record_id,
                row->mentions.policy_id});
  }
  ZHUQI_RETURN_IF_ERROR(insert.Run(transaction.connection()).status());
  std::sort(visits.begin(), visits.end(), [](const RecordRow* left, const RecordRow* right) {
    return std::tie(left->mentions.on, left->mentions.org_unit_id, left->record_id) <
           std::tie(right->mentions.on, right->mentions.org_unit_id, right->record_id);
  });
  db::MultiRowInsert visited("visited_enterprises",
                             {"on_date", "org_unit_id", "record_id", "uscc", "team_id", "department_id"});
  for (const RecordRow* visit : visits) {
    const RecordMentions& mentions = visit->mentions;
    for (const std::string& uscc : mentions.enterprises) {
      visited.Add({mentions.on, mentions.org_unit_id, visit->record_id, uscc, mentions.team_id,
                   mentions.department_id});
    }
  }
  return visited.Run(transaction.connection()).status();
}

absl::Status DeleteFormerMentions(db::Transaction& transaction, const std::vector<const RecordRow*>& rows) {
  // Revisions are rare beside new records, so a few statements each are fast enough.
  for (const RecordRow* row : rows) {
    const RecordMentions& former = row->former_mentions;
    if (!MentionsChanged(*row) || former.enterprises.empty()) continue;
    for (const std::string& uscc : former.enterprises) {
      ZHUQI_RETURN_IF_ERROR(
          transaction
              .Execute("DELETE FROM record_enterprises WHERE uscc = ? AND kind = ? AND on_date = ? AND "
                       "record_id = ?",
                       {uscc, static_cast<int>(former.kind), former.on, row->record_id})
              .status());
    }
    if (former.kind != v1::RECORD_KIND_VISIT) continue;
    ZHUQI_RETURN_IF_ERROR(
        transaction
            .Execute(
                "DELETE FROM visited_enterprises WHERE on_date = ? AND org_unit_id = ? AND record_id = ?",
                {former.on, former.org_unit_id, row->record_id})
            .status());
  }
  return absl::OkStatus();
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
      "SELECT source_system, external_id, record_id, revision, digest, kind, partition_number, contact, "
      "withdrawal_reason IS NOT NULL FROM records WHERE (source_system, external_id) IN",
      2, values, [&](db::Row& row) {
        StoredRecord& record = found[NaturalKey(row.Text(0), row.Text(1))];
        record.record_id = row.ReadUuid(2);
        record.revision = row.Int64(3);
        record.digest = row.Text(4);
        record.kind = static_cast<v1::RecordKind>(row.Int64(5));
        record.partition = static_cast<int32_t>(row.Int64(6));
        record.contact = static_cast<ContactNote>(row.Int64(7));
        record.withdrawn = row.Bool(8);
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<absl::flat_hash_map<std::string, std::vector<std::string>>> ReadEnterpriseTags(
    db::Transaction& transaction, const std::vector<std::string>& usccs) {
  absl::flat_hash_map<std::string, std::vector<std::string>> tags;
  std::vector<db::Values> keys;
  for (const std::string& uscc : usccs) keys.push_back({uscc});
  ZHUQI_RETURN_IF_ERROR(
      db::SelectByKeys(transaction.connection(), "SELECT uscc, body FROM enterprises WHERE uscc IN", 1, keys,
                       [&](db::Row& row) {
                         const std::string uscc = row.Text(0);
                         v1::Enterprise enterprise;
                         if (!enterprise.ParseFromString(row.Text(1)))
                           return absl::DataLossError("a stored enterprise can not be read");
                         if (!enterprise.tags().empty())
                           tags[uscc].assign(enterprise.tags().begin(), enterprise.tags().end());
                         return absl::OkStatus();
                       }));
  return tags;
}

absl::StatusOr<absl::flat_hash_map<Uuid, RevisionContent>> ReadContents(db::Transaction& transaction,
                                                                        const std::vector<Uuid>& record_ids) {
  std::vector<db::Values> values;
  values.reserve(record_ids.size());
  for (const Uuid& id : record_ids) values.push_back({id});
  absl::flat_hash_map<Uuid, RevisionContent> contents;
  ZHUQI_RETURN_IF_ERROR(
      db::SelectByKeys(transaction.connection(),
                       "SELECT record_id, updated_at, recorded_by, contact, withdrawal_reason, "
                       "category_tree_version, body FROM records WHERE record_id IN",
                       1, values, [&](db::Row& row) {
                         RevisionContent& content = contents[row.ReadUuid(0)];
                         content.recorded_at = row.Time(1);
                         content.recorded_by = row.Text(2);
                         content.contact = static_cast<ContactNote>(row.Int64(3));
                         content.withdrawal_reason = row.OptionalText(4);
                         content.category_tree_version = row.Int64(5);
                         content.body = row.Text(6);
                         return absl::OkStatus();
                       }));
  return contents;
}

absl::StatusOr<std::optional<StoredRow>> ReadStoredRow(db::Transaction& transaction, const Uuid& record_id) {
  std::optional<StoredRow> found;
  ZHUQI_RETURN_IF_ERROR(transaction.Query(
      "SELECT revision, digest, partition_number, created_at, updated_at, recorded_by, contact, "
      "withdrawal_reason, category_tree_version, body FROM records WHERE record_id = ?",
      {record_id}, [&](db::Row& row) {
        StoredRow& stored = found.emplace();
        stored.revision = row.Int64(0);
        stored.digest = row.Text(1);
        stored.partition = static_cast<int32_t>(row.Int64(2));
        stored.created_at = row.Time(3);
        stored.content.recorded_at = row.Time(4);
        stored.content.recorded_by = row.Text(5);
        stored.content.contact = static_cast<ContactNote>(row.Int64(6));
        stored.content.withdrawal_reason = row.OptionalText(7);
        stored.content.category_tree_version = row.Int64(8);
        stored.content.body = row.Text(9);
        return absl::OkStatus();
      }));
  return found;
}

absl::Status InsertRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows) {
  SortById(rows);
  ZHUQI_RETURN_IF_ERROR(AbortedIfDuplicate(WriteRows(transaction, rows, "")));
  return InsertMentions(transaction, rows);
}

absl::Status ReviseRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows,
                           std::vector<SupersededRevision> superseded) {
  if (rows.empty() && superseded.empty()) return absl::OkStatus();
  std::sort(superseded.begin(), superseded.end(), [](const auto& left, const auto& right) {
    return std::tie(left.record_id, left.revision) < std::tie(right.record_id, right.revision);
  });
  // The key (record_id, revision) is the compare-and-set: a revision is superseded once.
  db::MultiRowInsert insert("record_revisions",
                            {"record_id", "revision", "recorded_at", "recorded_by", "contact",
                             "withdrawal_reason", "category_tree_version", "body"});
  for (const SupersededRevision& old : superseded) {
    insert.Add({old.record_id, old.revision, old.content.recorded_at, old.content.recorded_by,
                static_cast<int>(old.content.contact), old.content.withdrawal_reason,
                old.content.category_tree_version, old.content.body});
  }
  ZHUQI_RETURN_IF_ERROR(AbortedIfDuplicate(insert.Run(transaction.connection()).status()));
  SortById(rows);
  ZHUQI_RETURN_IF_ERROR(WriteRows(
      transaction, rows,
      "ON DUPLICATE KEY UPDATE org_unit_id = VALUES(org_unit_id), on_date = VALUES(on_date), issue_kind = "
      "VALUES(issue_kind), category_id = VALUES(category_id), revision = VALUES(revision), digest = "
      "VALUES(digest), updated_at = VALUES(updated_at), recorded_by = VALUES(recorded_by), contact = "
      "VALUES(contact), withdrawal_reason = VALUES(withdrawal_reason), category_tree_version = "
      "VALUES(category_tree_version), body = VALUES(body)"));
  ZHUQI_RETURN_IF_ERROR(DeleteFormerMentions(transaction, rows));
  return InsertMentions(transaction, rows);
}

absl::Status NoteWithdrawn(db::Transaction& transaction, const Uuid& record_id) {
  return AbortedIfDuplicate(
      transaction.Execute("INSERT INTO withdrawn_records (record_id) VALUES (?)", {record_id}).status());
}

absl::Status NoteReturned(db::Transaction& transaction, std::vector<Uuid> record_ids) {
  std::sort(record_ids.begin(), record_ids.end());
  for (const Uuid& id : record_ids) {
    ZHUQI_RETURN_IF_ERROR(
        transaction.Execute("DELETE FROM withdrawn_records WHERE record_id = ?", {id}).status());
  }
  return absl::OkStatus();
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

}  // namespace zhuqi::intake
