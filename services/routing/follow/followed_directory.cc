#include "services/routing/follow/followed_directory.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/feed/append.h"
#include "services/routing/follow/recount_store.h"

namespace zhuqi::routing {
namespace {

// Whether open cases may have other deadlines, another owner or lead, or others with a part in them by it. A
// department or team that is new may succeed one that was closed before. The first change of all meets no
// case.
bool ReachesOpenCases(const feed::v1::Event& event) {
  const feed::v1::DirectoryChanged& change = event.directory();
  if (event.sequence() == 1) return false;
  return change.has_calendar() || !change.departments().empty() || !change.teams().empty() ||
         std::any_of(change.org_units().begin(), change.org_units().end(),
                     [](const auto& unit) { return unit.has_closed_on() || !unit.former_parents().empty(); });
}

}  // namespace

absl::Status StoreDirectoryChanges(db::Connection& connection, const feed::v1::FollowResponse& message) {
  const bool reaches_cases = std::any_of(message.events().begin(), message.events().end(), ReachesOpenCases);
  if (reaches_cases) {
    ZHUQI_RETURN_IF_ERROR(AskForRecount(connection, message.events().rbegin()->sequence()));
  }
  db::MultiRowInsert insert("followed_directory", {"sequence", "payload"});
  // An event of a later kind is kept as a change of nothing: the copy stays as long as the log.
  for (const feed::v1::Event& event : message.events()) {
    insert.Add({event.sequence(), event.directory().SerializeAsString()});
  }
  return insert.Run(connection).status();
}

absl::Status RefreshDirectory(db::Connection& connection, DirectoryHolder& holder) {
  const std::shared_ptr<const Directory> current = holder.Get();
  // All changes at once: making a snapshot costs as much for one change as for all of them.
  std::vector<feed::v1::DirectoryChanged> changes;
  int64_t last = current->sequence();
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT sequence, payload FROM followed_directory WHERE sequence > ? ORDER BY sequence", {last},
      [&](db::Row& row) {
        if (!changes.emplace_back().ParseFromString(row.Text(1))) {
          return absl::DataLossError("a stored change of the directory can not be read");
        }
        last = row.Int64(0);
        return absl::OkStatus();
      }));
  if (last == current->sequence()) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> next, current->With(changes, last));
  holder.Advance(std::move(next));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Directory>> DirectoryInForce(db::Connection& connection,
                                                                  DirectoryHolder& holder) {
  // The cursor moves in the transaction that stores the changes, which waits for this lock; and what it moved
  // to is read past whatever snapshot of memory there is.
  int64_t stored = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT sequence FROM feed_cursors WHERE source = ? AND partition_number = ? LOCK IN SHARE MODE",
      {"intake", feed::kDirectoryPartition}, [&](db::Row& row) {
        stored = row.Int64(0);
        return absl::OkStatus();
      }));
  if (holder.Get()->sequence() < stored) ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, holder));
  return holder.Get();
}

}  // namespace zhuqi::routing
