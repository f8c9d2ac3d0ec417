// Makes actions on cases durable: idempotency, history, state and feed events in one transaction per batch.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_WRITER_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_WRITER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/base/task.h"
#include "common/base/uuid.h"
#include "common/db/group_commit.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

// NotFound CASE_UNKNOWN.
absl::Status UnknownCase();

// One request, checked by CheckAction.
struct CaseCommand {
  Uuid request_id;
  std::string digest;  // of the request's content
  // Exactly one of the two names the case.
  std::optional<Uuid> case_id;
  IssueKey issue_key;
  std::string etag;
  v1::CaseAction action;
  std::optional<absl::Time> occurred_at;
  std::string actor;
  std::string comment;
  std::string acting_department_id;
};

struct CaseWriterOptions {
  db::GroupCommitOptions group_commit;
  const Clock* clock = nullptr;
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  feed::FeedTail* tail = nullptr;
  Outbox outbox = Outbox::kOff;
};

// Thread-safe.
class CaseWriter {
 public:
  explicit CaseWriter(CaseWriterOptions options);

  // Waits until the action is on disk. Errors: NotFound CASE_UNKNOWN, Aborted ETAG_MISMATCH, InvalidArgument
  // REQUEST_ID_REUSED, those of Act, and those of GroupCommit::Write.
  Task<absl::StatusOr<v1::ActOnCaseResponse>> Write(CaseCommand command, absl::Time deadline);

  // The same for several, in their order for each case; those that are errors already stay so. The outcomes
  // stand in the order of the commands.
  Task<std::vector<absl::StatusOr<v1::ActOnCaseResponse>>> WriteAll(
      std::vector<absl::StatusOr<CaseCommand>> commands, absl::Time deadline);

  db::GroupCommitStats stats() const { return writer_.stats(); }
  void Stop() { writer_.Stop(); }

 private:
  using Writer = db::GroupCommit<CaseCommand, v1::ActOnCaseResponse>;
  absl::Status Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries);

  const CaseWriterOptions options_;
  Writer writer_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_WRITER_H_
