// Makes checked records durable: idempotency, natural keys, revisions and feed events in one transaction per
// batch.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_WRITER_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/task.h"
#include "common/db/group_commit.h"
#include "common/directory/directory.h"
#include "common/encryption/key_ring.h"
#include "common/feed/tail.h"
#include "services/intake/records/record_plan.h"
#include "services/intake/records/record_rules.h"
#include "services/intake/records/record_store.h"

namespace zhuqi::intake {

// One request, or one chunk of an import.
struct RecordBatch {
  Uuid request_id;
  std::string method;  // for the idempotency row
  // Of the request's content: by each key when it has contacts, the first key's first (see CheckedRecord).
  std::vector<std::string> digests;
  std::vector<CheckedRecord> records;
  bool all_or_nothing = false;
  std::string actor;
  std::optional<ImportChunkKey> import_chunk;
  CheckedWith checked_with;
};

struct RecordWriterOptions {
  db::GroupCommitOptions group_commit;
  int32_t partitions = 8;
  const Clock* clock = nullptr;
  const DirectoryHolder* directory = nullptr;
  feed::FeedTail* tail = nullptr;
  // Null: contacts are refused before they come here.
  const encryption::KeyRing* contact_keys = nullptr;
};

// Thread-safe.
class RecordWriter {
 public:
  explicit RecordWriter(RecordWriterOptions options);

  // Waits until the batch is on disk and gives a result for each record. Batches in one lane keep their
  // order. A chunk of an import is written only after the one before it: an older version of a record must
  // not come after a newer one. Errors: ResourceExhausted (queue full), InvalidArgument REQUEST_ID_REUSED,
  // FailedPrecondition IMPORT_CHUNK_MISSING, DeadlineExceeded, Unavailable.
  Task<absl::StatusOr<v1::SubmitRecordsResponse>> Write(size_t lane, RecordBatch batch, absl::Time deadline);

  // The same; `done` is called once, as db::GroupCommit says.
  void Write(size_t lane, RecordBatch batch, absl::Time deadline,
             std::function<void(absl::StatusOr<v1::SubmitRecordsResponse>)> done);

  // The results that Write would give to a batch, were it written now (validate_only). Nothing is stored.
  absl::StatusOr<v1::SubmitRecordsResponse> Preview(db::Transaction& transaction, const RecordBatch& batch);

  db::GroupCommitStats stats() const { return writer_.stats(); }
  void Stop() { writer_.Stop(); }

 private:
  using Writer = db::GroupCommit<RecordBatch, v1::SubmitRecordsResponse>;
  absl::Status Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries);

  const RecordWriterOptions options_;
  Writer writer_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_WRITER_H_
