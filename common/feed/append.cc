#include "common/feed/append.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "common/feed/token.h"

namespace zhuqi::feed {
namespace {

using Sequences = std::map<int32_t, int64_t>;

// Locks the head rows in the order of their key, in one statement.
absl::StatusOr<Sequences> LockHeads(db::Transaction& transaction, const std::set<int32_t>& partitions) {
  db::Values values;
  std::string placeholders;
  for (const int32_t partition : partitions) {
    absl::StrAppend(&placeholders, placeholders.empty() ? "?" : ",?");
    values.push_back(partition);
  }
  Sequences heads;
  ZHUQI_RETURN_IF_ERROR(transaction.Query(
      absl::StrCat("SELECT partition_number, sequence FROM feed_heads WHERE partition_number IN (",
                   placeholders, ") ORDER BY partition_number FOR UPDATE"),
      values, [&](db::Row& row) {
        heads[static_cast<int32_t>(row.Int64(0))] = row.Int64(1);
        return absl::OkStatus();
      }));
  if (heads.size() != partitions.size()) {
    return absl::FailedPreconditionError("a feed partition was never set up");
  }
  return heads;
}

int64_t NewCommitId() {
  thread_local absl::BitGen random;
  return absl::Uniform<int64_t>(absl::IntervalClosed, random, 1, std::numeric_limits<int64_t>::max());
}

absl::StatusOr<feed::v1::Event> ReadEvent(db::Row& row, int column) {
  feed::v1::Event event;
  if (!event.ParseFromString(row.Text(column))) return absl::DataLossError("a feed event can not be read");
  return event;
}

absl::Status StoreHeads(db::Transaction& transaction, const Sequences& heads) {
  db::MultiRowInsert insert("feed_heads", {"partition_number", "sequence"},
                            "ON DUPLICATE KEY UPDATE sequence = VALUES(sequence)");
  for (const auto& [partition, sequence] : heads) insert.Add({partition, sequence});
  return insert.Run(transaction.connection()).status();
}

}  // namespace

absl::Status Append(db::Transaction& transaction, absl::Time recorded_at,
                    std::vector<OutgoingEvent>& events) {
  if (events.empty()) return absl::OkStatus();
  std::set<int32_t> partitions;
  for (const OutgoingEvent& outgoing : events) partitions.insert(outgoing.partition);
  ZHUQI_ASSIGN_OR_RETURN(Sequences heads, LockHeads(transaction, partitions));
  const google::protobuf::Timestamp now = TimestampMessage(recorded_at);
  const int64_t commit_id = NewCommitId();
  for (OutgoingEvent& outgoing : events) {
    outgoing.event.set_sequence(++heads[outgoing.partition]);
    *outgoing.event.mutable_recorded_at() = now;
    outgoing.event.set_commit_id(commit_id);
  }
  ZHUQI_RETURN_IF_ERROR(StoreHeads(transaction, heads));
  // In the order of the key: pages are filled one after the other.
  std::vector<const OutgoingEvent*> sorted;
  sorted.reserve(events.size());
  for (const OutgoingEvent& outgoing : events) sorted.push_back(&outgoing);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* left, const auto* right) { return left->partition < right->partition; });
  db::MultiRowInsert insert("feed_events", {"partition_number", "sequence", "payload"});
  for (const OutgoingEvent* outgoing : sorted) {
    insert.Add({outgoing->partition, outgoing->event.sequence(), outgoing->event.SerializeAsString()});
  }
  return insert.Run(transaction.connection()).status();
}

absl::Status SetUpPartitions(db::Connection& connection, int32_t partitions) {
  int64_t existing = 0;
  ZHUQI_RETURN_IF_ERROR(connection.Query("SELECT COUNT(*) FROM feed_heads", {}, [&](db::Row& row) {
    existing = row.Int64(0);
    return absl::OkStatus();
  }));
  if (existing == partitions + 1) return absl::OkStatus();
  if (existing != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the database was set up with ", existing - 1, " feed partitions and the configuration says ",
        partitions, "; the number is fixed at set-up: put feed.partitions back to ", existing - 1));
  }
  // One statement, which MultiRowInsert does not promise: another replica that starts at the same time, or a
  // crash in between, must never meet a part of the rows.
  std::string insert = "INSERT INTO feed_heads (partition_number, sequence) VALUES (0, 0)";
  for (int32_t partition = 1; partition <= partitions; ++partition)
    absl::StrAppend(&insert, ", (", partition, ", 0)");
  absl::StrAppend(&insert, " ON DUPLICATE KEY UPDATE sequence = sequence");
  return connection.Execute(insert, {}).status();
}

absl::StatusOr<std::vector<common::v1::FeedPosition>> ReadHeads(db::Connection& connection) {
  std::vector<common::v1::FeedPosition> heads;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT partition_number, sequence FROM feed_heads ORDER BY partition_number", {}, [&](db::Row& row) {
        heads.push_back(Position("", static_cast<int32_t>(row.Int64(0)), row.Int64(1)));
        return absl::OkStatus();
      }));
  return heads;
}

absl::StatusOr<std::optional<feed::v1::Event>> FindEvent(db::Connection& connection, int32_t partition,
                                                         int64_t sequence) {
  std::optional<feed::v1::Event> found;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT payload FROM feed_events WHERE partition_number = ? AND sequence = ?",
                       {partition, sequence}, [&](db::Row& row) -> absl::Status {
                         ZHUQI_ASSIGN_OR_RETURN(found, ReadEvent(row, 0));
                         return absl::OkStatus();
                       }));
  return found;
}

absl::StatusOr<std::vector<feed::v1::Event>> ReadEvents(db::Connection& connection, int32_t partition,
                                                        int64_t after, int64_t until, int limit) {
  std::vector<feed::v1::Event> events;
  const int64_t last = std::min(until, after + limit);  // sequences have no gaps
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT payload FROM feed_events WHERE partition_number = ? AND sequence > ? AND "
                       "sequence <= ? ORDER BY sequence",
                       {partition, after, last}, [&](db::Row& row) -> absl::Status {
                         ZHUQI_ASSIGN_OR_RETURN(feed::v1::Event event, ReadEvent(row, 0));
                         events.push_back(std::move(event));
                         return absl::OkStatus();
                       }));
  if (static_cast<int64_t>(events.size()) != last - after) {
    return absl::DataLossError(absl::StrCat("partition ", partition, " of the feed has a gap after ", after));
  }
  return events;
}

}  // namespace zhuqi::feed
