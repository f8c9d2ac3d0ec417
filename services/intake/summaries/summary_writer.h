// Writes submissions, reviews and decisions: whole batches of them in one transaction.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_WRITER_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/task.h"
#include "common/base/uuid.h"
#include "common/db/group_commit.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "services/intake/summaries/summary_plan.h"

namespace zhuqi::intake {

// All are required and must outlive the writer.
struct SummaryWriterOptions {
  // The pool, the number of writer threads and the bounds.
  db::GroupCommitOptions group_commit;
  const DirectoryHolder* directory = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
};

// A checked request on its way to the database.
struct SummaryItem {
  Uuid request_id;
  std::string digest;  // 32 bytes over method and body
  std::string actor;
  SummaryRequest request;
};

class SummaryWriter {
 public:
  explicit SummaryWriter(SummaryWriterOptions options);

  // `lane`: the unit's partition. The answers to reviews and decisions have the same fields.
  Task<absl::StatusOr<v1::SubmitSummaryResponse>> Write(size_t lane, SummaryItem item, absl::Time deadline) {
    return writer_.Write(lane, std::move(item), 1, deadline);
  }

  // Writes what waits and takes no more.
  void Stop() { writer_.Stop(); }
  db::GroupCommitStats stats() const { return writer_.stats(); }

 private:
  using Writer = db::GroupCommit<SummaryItem, v1::SubmitSummaryResponse>;
  absl::Status Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries);

  const SummaryWriterOptions options_;
  Writer writer_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_WRITER_H_
