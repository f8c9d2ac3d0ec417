// Writing to the service's own feed, inside the caller's transaction.
//
// Tables (each owner's schema has them):
//   feed_heads (partition_number INT PRIMARY KEY, sequence BIGINT)           one row a partition, made at
//   set-up feed_events (partition_number INT, sequence BIGINT, payload MEDIUMBLOB,  PRIMARY KEY
//   (partition_number, sequence))
// The sequence comes from the head row, which stays locked until the transaction ends: order of sequence is
// order of commit, and a reader with a cursor can not lose an event. So append LAST, to hold the lock
// briefly.
#ifndef ZHUQI_COMMON_FEED_APPEND_H_
#define ZHUQI_COMMON_FEED_APPEND_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "zhuqi/common/v1/consistency.pb.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi::feed {

// The directory's partition. Districts' partitions count from 1.
inline constexpr int32_t kDirectoryPartition = 0;

// An event on its way into a partition. Append fills in sequence, recorded_at and commit_id.
struct OutgoingEvent {
  int32_t partition = 0;
  feed::v1::Event event;
};

// Appends `events` (order within a partition is kept) and sets the sequence of each. Locks the heads in
// ascending order of partition, so writers of several partitions can not deadlock.
absl::Status Append(db::Transaction& transaction, absl::Time recorded_at, std::vector<OutgoingEvent>& events);

// Makes the head rows of partitions 0 to `partitions`. Called by a service at start. FailedPrecondition when
// the database was set up with another number: it is fixed for ever, or records would change their partition.
absl::Status SetUpPartitions(db::Connection& connection, int32_t partitions);

// The last sequence of every partition, at one moment.
absl::StatusOr<std::vector<common::v1::FeedPosition>> ReadHeads(db::Connection& connection);

// The event at one place. Absent when there is none: it is not written yet, or its row was removed.
absl::StatusOr<std::optional<feed::v1::Event>> FindEvent(db::Connection& connection, int32_t partition,
                                                         int64_t sequence);

// Events of one partition after `after`, up to `until` (included) and at most `limit`.
absl::StatusOr<std::vector<feed::v1::Event>> ReadEvents(db::Connection& connection, int32_t partition,
                                                        int64_t after, int64_t until, int limit);

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_APPEND_H_
