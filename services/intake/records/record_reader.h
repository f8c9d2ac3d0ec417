// All SQL of reading records for others.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_READER_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "services/intake/records/record_list_rules.h"
#include "services/intake/records/record_store.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// What a record's etag says of its revision.
std::string EtagOf(int64_t revision);

// Nullopt when there is none.
absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const Uuid& record_id);
absl::StatusOr<std::optional<v1::Record>> ReadRecord(db::Connection& connection, const NaturalKey& key);

// At most `limit` records after `after` (absent: from the start).
absl::StatusOr<std::vector<v1::Record>> ListRecords(db::Connection& connection, const RecordFilter& filter,
                                                    const std::optional<RecordPosition>& after, int limit);
absl::StatusOr<int64_t> CountRecords(db::Connection& connection, const RecordFilter& filter);

// The newest records of this kind that concern the enterprise and count, newest first, at most `limit`.
absl::StatusOr<std::vector<v1::Record>> ReadNewestRecords(db::Connection& connection, const std::string& uscc,
                                                          v1::RecordKind kind, int limit);

struct StoredRevision {
  int64_t revision = 0;
  RevisionContent content;
};
// Revisions below `before` (absent: from the newest), newest first, at most `limit`. Empty when there is no
// such record.
absl::StatusOr<std::vector<StoredRevision>> ReadRevisions(db::Connection& connection, const Uuid& record_id,
                                                          std::optional<int64_t> before, int limit);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_READER_H_
