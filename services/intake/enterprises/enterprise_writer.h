// Makes checked enterprises durable: idempotency, upsert by credit code and feed events in one transaction
// per batch.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_WRITER_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_WRITER_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/task.h"
#include "common/base/uuid.h"
#include "common/db/group_commit.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "services/intake/enterprises/enterprise_rules.h"
#include "zhuqi/intake/v1/enterprise_service.pb.h"

namespace zhuqi::intake {

// One request.
struct EnterpriseBatch {
  Uuid request_id;
  std::string digest;  // of the request's content
  std::vector<CheckedEnterprise> enterprises;
  std::vector<std::string> row_keys;  // empty, or one for each enterprise
  bool all_or_nothing = false;
  int64_t directory_sequence = 0;  // of the directory that they were checked with
};

// All are required and must outlive the writer.
struct EnterpriseWriterOptions {
  db::GroupCommitOptions group_commit;
  int32_t partitions = 8;
  const DirectoryHolder* directory = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
};

// Thread-safe.
class EnterpriseWriter {
 public:
  explicit EnterpriseWriter(EnterpriseWriterOptions options);

  // Waits until the batch is on disk and gives a result for each enterprise. Errors: ResourceExhausted (queue
  // full), InvalidArgument REQUEST_ID_REUSED, DeadlineExceeded, Unavailable.
  Task<absl::StatusOr<v1::ApplyEnterprisesResponse>> Write(EnterpriseBatch batch, absl::Time deadline) {
    const size_t weight = std::max<size_t>(1, batch.enterprises.size());
    return writer_.Write(0, std::move(batch), weight, deadline);
  }

  // The results that Write would give, were the batch written now (validate_only). Nothing is stored.
  absl::StatusOr<v1::ApplyEnterprisesResponse> Preview(db::Connection& connection,
                                                       const EnterpriseBatch& batch) const;

  db::GroupCommitStats stats() const { return writer_.stats(); }
  void Stop() { writer_.Stop(); }

 private:
  using Writer = db::GroupCommit<EnterpriseBatch, v1::ApplyEnterprisesResponse>;
  absl::Status Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries);

  const EnterpriseWriterOptions options_;
  Writer writer_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_WRITER_H_
