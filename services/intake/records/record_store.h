// All SQL of records.
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
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// Source system and external identifier.
using NaturalKey = std::pair<std::string, std::string>;

// An import and the number of one of its chunks.
using ImportChunkKey = std::pair<Uuid, int64_t>;

// What a writer needs of a record that is stored.
struct StoredRecord {
  Uuid record_id;
  int64_t revision = 0;
  std::string digest;
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  int32_t partition = 0;
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
  absl::Time updated_at;
  std::string body;
  std::vector<std::string> enterprises;
};

// A revision that a newer one took the place of.
struct SupersededRevision {
  Uuid record_id;
  int64_t revision = 0;
  std::string digest;
  std::string body;
  absl::Time recorded_at;  // when it was superseded
  std::string superseded_by;
};

// Which records, in which order: newest date first, then by identity, downwards.
struct RecordFilter {
  std::vector<std::string> org_unit_ids;  // empty: all
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> last;
  v1::IssueKind issue_kind = v1::ISSUE_KIND_UNSPECIFIED;
  std::string category_id;  // and below
  std::string enterprise_uscc;
};

// Where a page ends.
struct RecordPosition {
  absl::CivilDay on;
  Uuid record_id;
};

absl::StatusOr<absl::flat_hash_map<NaturalKey, StoredRecord>> FindRecords(
    db::Transaction& transaction, const std::vector<NaturalKey>& keys);

// The newest revisions' bodies.
absl::StatusOr<absl::flat_hash_map<Uuid, std::string>> ReadBodies(db::Transaction& transaction,
                                                                  const std::vector<Uuid>& record_ids);

// New records. Aborted when another replica stored one of the keys first.
absl::Status InsertRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows);

// New revisions of known records. Aborted when another replica wrote a revision first.
absl::Status ReviseRecords(db::Transaction& transaction, std::vector<const RecordRow*> rows,
                           std::vector<SupersededRevision> superseded);

// Says that chunks of imports are on disk. Saying so again changes nothing.
absl::Status InsertImportChunks(db::Transaction& transaction, const std::vector<ImportChunkKey>& chunks);

// Those of `chunks` that are on disk.
absl::StatusOr<absl::flat_hash_set<ImportChunkKey>> FindImportChunks(
    db::Transaction& transaction, const std::vector<ImportChunkKey>& chunks);

// The first chunk of an import that is not on disk.
absl::StatusOr<int64_t> NextImportChunk(db::Connection& connection, const Uuid& import_id);

// Nullopt when there is none.
absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const Uuid& record_id);
absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const NaturalKey& key);

// At most `limit` records after `after` (absent: from the start).
absl::StatusOr<std::vector<v1::Record>> ListRecords(db::Connection& connection, const RecordFilter& filter,
                                                    const std::optional<RecordPosition>& after, int limit);
absl::StatusOr<int64_t> CountRecords(db::Connection& connection, const RecordFilter& filter);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_STORE_H_
