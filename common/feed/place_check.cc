#include "common/feed/place_check.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/rpc/errors.h"

namespace zhuqi::feed {
namespace {

absl::Status CursorAhead(int32_t partition, int64_t head) {
  return rpc::Error(
      absl::StatusCode::kOutOfRange, "CURSOR_AHEAD",
      "the follower is ahead of the log: the log was restored from an older backup; rebuild the follower",
      "跟随者的位置超前于日志：日志可能从较早的备份恢复，请重建跟随者",
      {{"partition", absl::StrCat(partition)}, {"head", absl::StrCat(head)}});
}

absl::Status CursorDiverged(int32_t partition, int64_t sequence) {
  return rpc::Error(
      absl::StatusCode::kFailedPrecondition, "CURSOR_DIVERGED",
      absl::StrCat(
          "the event that the follower applied at ", sequence, " of partition ", partition,
          " is another one now: the log was restored from an older backup and has grown since; rebuild "
          "the follower"),
      absl::StrCat("分区 ", partition, " 序号 ", sequence,
                   " 处的事件已不是跟随者应用过的事件：日志可能从较早的备份恢复后又继续增长，请重建跟随者"),
      {{"partition", absl::StrCat(partition)}, {"sequence", absl::StrCat(sequence)}});
}

}  // namespace

absl::Status CheckPlace(db::Connection& connection, const common::v1::FeedPosition& after) {
  if (after.sequence() == 0) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<feed::v1::Event> event,
                         FindEvent(connection, after.partition(), after.sequence()));
  if (event.has_value()) {
    const bool same = after.commit_id() == 0 || after.commit_id() == event->commit_id();
    return same ? absl::OkStatus() : CursorDiverged(after.partition(), after.sequence());
  }
  ZHUQI_ASSIGN_OR_RETURN(const auto heads, ReadHeads(connection));
  for (const auto& head : heads) {
    if (head.partition() == after.partition() && head.sequence() < after.sequence())
      return CursorAhead(head.partition(), head.sequence());
  }
  return absl::OkStatus();  // removed since it was applied; what the follower has yet to read is what counts
}

}  // namespace zhuqi::feed
