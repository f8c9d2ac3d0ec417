#include "services/intake/directory/directory_store.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"

namespace zhuqi::intake {
namespace {

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
    std::vector<feed::v1::DirectoryChanged> changes;
    for (feed::v1::Event& event : events) changes.push_back(std::move(*event.mutable_directory()));
    ZHUQI_ASSIGN_OR_RETURN(directory, directory->With(changes, events.back().sequence()));
  }
  return directory;
}

// What a repeated request must be the same in.
template <typename Request>
std::string ContentDigest(const char* method, Request request) {
  request.clear_request_id();
  return Sha256(method + request.SerializeAsString());
}

// Writes what the plan changes, if it does, and fills in the answer's changes and token.
template <typename Write>
absl::Status WriteChange(db::Transaction& transaction, DirectoryPlan plan, absl::Time now, Write& write) {
  for (auto& change : plan.changes) *write.response.add_changes() = std::move(change);
  if (plan.event.ByteSizeLong() > 0) {
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
  return absl::OkStatus();
}

// Plans on top of all that was committed, writes, and remembers the answer; a repeated request gets the first
// one. `plan`: StatusOr<DirectoryPlan>(const Directory&). `fill` adds to the response what is its own.
template <typename Write, typename Request, typename Plan, typename Fill>
absl::StatusOr<Write> WriteOnce(db::Transaction& transaction, std::shared_ptr<const Directory> known,
                                const char* method, const Request& request, const Uuid& request_id,
                                absl::Time now, Plan plan, Fill fill) {
  // Locked before anything is read: what is read below can not change until this transaction ends.
  ZHUQI_ASSIGN_OR_RETURN(const int64_t head, ReadHead(transaction.connection(), /*lock=*/true));
  Write write;
  ZHUQI_ASSIGN_OR_RETURN(write.directory, CatchUpTo(transaction.connection(), std::move(known), head));
  const std::string digest = ContentDigest(method, request);
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, {request_id}));
  if (answers.IsNew(request_id)) {
    ZHUQI_ASSIGN_OR_RETURN(DirectoryPlan planned, plan(*write.directory));
    fill(planned, write.response);
    ZHUQI_RETURN_IF_ERROR(WriteChange(transaction, std::move(planned), now, write));
    answers.Remember(request_id, method, digest, write.response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  using Response = decltype(write.response);
  ZHUQI_ASSIGN_OR_RETURN(write.response, answers.Answer<Response>(request_id, digest));
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
                                              const directory::v1::ApplyDirectoryRequest& request,
                                              const Uuid& request_id, absl::Time now) {
  return WriteOnce<DirectoryWrite>(
      transaction, std::move(known), "DirectoryService.ApplyDirectory", request, request_id, now,
      [&](const Directory& directory) -> absl::StatusOr<DirectoryPlan> {
        DirectoryPlan plan = PlanDirectory(directory, request, CityDay(now));
        ZHUQI_RETURN_IF_ERROR(plan.violations.ToStatus());
        return plan;
      },
      [](const DirectoryPlan& plan, auto& response) { response.set_unchanged(plan.unchanged); });
}

absl::StatusOr<ReorganizationWrite> WriteReorganization(
    db::Transaction& transaction, std::shared_ptr<const Directory> known,
    const directory::v1::ReorganizeOrgUnitsRequest& request, const Uuid& request_id,
    const ReorganizationRecord& record) {
  return WriteOnce<ReorganizationWrite>(
      transaction, std::move(known), "DirectoryService.ReorganizeOrgUnits", request, request_id, record.now,
      [&](const Directory& directory) { return PlanReorganization(directory, request, record); },
      [&](const DirectoryPlan&, auto& response) {
        response.set_reorganization_id(record.reorganization_id);
      });
}

}  // namespace zhuqi::intake
