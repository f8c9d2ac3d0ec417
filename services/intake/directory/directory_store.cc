#include "services/intake/directory/directory_store.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::ApplyDirectoryResponse;

constexpr int kEventsAtOnce = 500;

absl::StatusOr<int64_t> ReadHead(db::Connection& connection, bool lock) {
  std::optional<int64_t> head;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT sequence FROM feed_heads WHERE partition_number = ?", lock ? " FOR UPDATE" : ""),
      {feed::kDirectoryPartition}, [&](db::Row& row) {
        head = row.Int64(0);
        return absl::OkStatus();
      }));
  if (!head.has_value()) return absl::FailedPreconditionError("the feed was never set up");
  return *head;
}

// What several changes in a row come to: of entries with one identity the last counts, as Directory::With
// takes them.
feed::v1::DirectoryChanged Merged(std::vector<feed::v1::Event> events) {
  feed::v1::DirectoryChanged merged;
  for (feed::v1::Event& event : events) {
    feed::v1::DirectoryChanged& change = *event.mutable_directory();
    if (change.has_calendar()) {
      // A calendar replaces the one before; merging would add up their days.
      merged.mutable_calendar()->Swap(change.mutable_calendar());
      change.clear_calendar();
    }
    merged.MergeFrom(change);
  }
  return merged;
}

absl::StatusOr<std::shared_ptr<const Directory>> CatchUpTo(db::Connection& connection,
                                                           std::shared_ptr<const Directory> directory,
                                                           int64_t head) {
  if (directory->sequence() > head) {
    return absl::FailedPreconditionError("the directory's log ends before what this process has read of it");
  }
  while (directory->sequence() < head) {
    ZHUQI_ASSIGN_OR_RETURN(
        std::vector<feed::v1::Event> events,
        feed::ReadEvents(connection, feed::kDirectoryPartition, directory->sequence(), head, kEventsAtOnce));
    const int64_t last = events.back().sequence();
    ZHUQI_ASSIGN_OR_RETURN(directory, directory->With(Merged(std::move(events)), last));
  }
  return directory;
}

// What a repeated request must be the same in.
std::string ContentDigest(ApplyDirectoryRequest request) {
  request.clear_request_id();
  return Sha256("DirectoryService.ApplyDirectory" + request.SerializeAsString());
}

// Writes the change, if there is any, and gives the directory after it.
absl::StatusOr<DirectoryWrite> WriteChange(db::Transaction& transaction,
                                           std::shared_ptr<const Directory> directory, DirectoryPlan plan,
                                           absl::Time now) {
  DirectoryWrite write;
  write.response.set_unchanged(plan.unchanged);
  for (auto& change : plan.changes) *write.response.add_changes() = std::move(change);
  write.directory = std::move(directory);
  if (!write.response.changes().empty()) {
    std::vector<feed::OutgoingEvent> events(1);
    events[0].partition = feed::kDirectoryPartition;
    events[0].event.set_directory_sequence(write.directory->sequence());
    *events[0].event.mutable_directory() = std::move(plan.event);
    ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, now, events));
    ZHUQI_ASSIGN_OR_RETURN(write.directory,
                           write.directory->With(events[0].event.directory(), events[0].event.sequence()));
  }
  // Also when nothing changed: what the request describes may just have been written by another call.
  write.response.set_consistency_token(
      feed::MakeToken({feed::Position("intake", feed::kDirectoryPartition, write.directory->sequence())}));
  return write;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Directory>> CatchUp(db::Connection& connection,
                                                         std::shared_ptr<const Directory> from) {
  ZHUQI_ASSIGN_OR_RETURN(const int64_t head, ReadHead(connection, /*lock=*/false));
  return CatchUpTo(connection, std::move(from), head);
}

absl::StatusOr<std::shared_ptr<const Directory>> LoadDirectory(db::Connection& connection) {
  return CatchUp(connection, std::make_shared<const Directory>());
}

absl::Status RefreshDirectory(db::Connection& connection, DirectoryHolder& holder) {
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> newest, CatchUp(connection, holder.Get()));
  holder.Advance(std::move(newest));
  return absl::OkStatus();
}

absl::StatusOr<DirectoryWrite> WriteDirectory(db::Transaction& transaction,
                                              std::shared_ptr<const Directory> known,
                                              const ApplyDirectoryRequest& request, const Uuid& request_id,
                                              absl::Time now) {
  // Locked before anything is read: what is read below can not change until this transaction ends.
  ZHUQI_ASSIGN_OR_RETURN(const int64_t head, ReadHead(transaction.connection(), /*lock=*/true));
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> directory,
                         CatchUpTo(transaction.connection(), std::move(known), head));
  const std::string digest = ContentDigest(request);
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, {request_id}));
  DirectoryWrite write;
  write.directory = directory;
  if (answers.IsNew(request_id)) {
    DirectoryPlan plan = PlanDirectory(*directory, request);
    ZHUQI_RETURN_IF_ERROR(plan.violations.ToStatus());
    ZHUQI_ASSIGN_OR_RETURN(write, WriteChange(transaction, std::move(directory), std::move(plan), now));
    answers.Remember(request_id, "DirectoryService.ApplyDirectory", digest,
                     write.response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  ZHUQI_ASSIGN_OR_RETURN(write.response, answers.Answer<ApplyDirectoryResponse>(request_id, digest));
  return write;
}

}  // namespace zhuqi::intake
