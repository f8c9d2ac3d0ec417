// All SQL of writing records, and of what a writer must know of them. Reading them for others is
// record_reader.h's.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_STORE_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "services/intake/records/record_mentions.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// Source system and external identifier.
using NaturalKey = std::pair<std::string, std::string>;

// An import and the number of one of its chunks.
using ImportChunkKey = std::pair<Uuid, int64_t>;

// What a revision did to the record's contact. The numbers are stored.
enum class ContactNote {
  kNone = 0,
  kAsBefore = 1,  // there, as in the revision before
  kGiven = 2,     // there, and another one than before, if there was any
  kTaken = 3,     // there no more
};
inline bool HasContact(ContactNote note) {
  return note == ContactNote::kAsBefore || note == ContactNote::kGiven;
}

// What a writer needs of a record that is stored.
struct StoredRecord {
  Uuid record_id;
  int64_t revision = 0;
  std::string digest;
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  int32_t partition = 0;
  ContactNote contact = ContactNote::kNone;
  bool withdrawn = false;
};

// A revision as it is kept, beside its identity.
struct RevisionContent {
  absl::Time recorded_at;
  std::string recorded_by;
  ContactNote contact = ContactNote::kNone;
  std::optional<std::string> withdrawal_reason;  // absent: it counts
  int64_t category_tree_version = 0;             // of an issue; 0: none was declared
  std::string body;
};

// A record at a revision, ready to be written.
struct RecordRow {
  Uuid record_id;
  NaturalKey key;
  std::string org_unit_id;
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  absl::CivilDay on;
  v1::IssueKind issue_kind = v1::ISSUE_KIND_UNSPECIFIED;
  std::string category_id;
  int64_t revision = 1;
  std::string digest;
  int32_t partition = 0;
  absl::Time created_at;
  RevisionContent content;
  RecordMentions mentions;         // of a withdrawn record: none
  RecordMentions former_mentions;  // that are stored; of a new record: none
};

// A revision that a newer one took the place of.
struct SupersededRevision {
  Uuid record_id;
  int64_t revision = 0;
  RevisionContent content;
};

absl::StatusOr<absl::flat_hash_map<NaturalKey, StoredRecord>> FindRecords(
    db::Transaction& transaction, const std::vector<NaturalKey>& keys);

// The newest revisions of records.
absl::StatusOr<absl::flat_hash_map<Uuid, RevisionContent>> ReadContents(db::Transaction& transaction,
                                                                        const std::vector<Uuid>& record_ids);

// What those enterprises are marked with, by credit code; those that are not known, or have no mark, are
// absent.
absl::StatusOr<absl::flat_hash_map<std::string, std::vector<std::string>>> ReadEnterpriseTags(
    db::Transaction& transaction, const std::vector<std::string>& usccs);

// A record as it is kept, beside its identity and what follows from its body.
struct StoredRow {
  int64_t revision = 0;
  std::string digest;
  int32_t partition = 0;
  absl::Time created_at;
  RevisionContent content;
};
absl::StatusOr<std::optional<StoredRow>> ReadStoredRow(db::Transaction& transaction, const Uuid& record_id);

// New records. Aborted when another replica stored one of the keys first.
absl::Status InsertRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows);

// New revisions of known records. Aborted when another replica wrote a revision first.
absl::Status ReviseRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows,
                           std::vector<SupersededRevision> superseded);

// Says which records are withdrawn now, and which are no more.
absl::Status NoteWithdrawn(db::Transaction& transaction, const Uuid& record_id);
absl::Status NoteReturned(db::Transaction& transaction, std::vector<Uuid> record_ids);

// Says that chunks of imports are on disk. Saying so again changes nothing.
absl::Status InsertImportChunks(db::Transaction& transaction, const std::vector<ImportChunkKey>& chunks);

// Those of `chunks` that are on disk.
absl::StatusOr<absl::flat_hash_set<ImportChunkKey>> FindImportChunks(
    db::Transaction& transaction, const std::vector<ImportChunkKey>& chunks);

// The first chunk of an import that is not on disk.
absl::StatusOr<int64_t> NextImportChunk(db::Connection& connection, const Uuid& import_id);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_STORE_H_
