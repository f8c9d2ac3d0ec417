// Whether the log still has what a reader has read of it.
#ifndef ZHUQI_COMMON_FEED_PLACE_CHECK_H_
#define ZHUQI_COMMON_FEED_PLACE_CHECK_H_

#include "absl/status/status.h"
#include "common/db/connection.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::feed {

// OUT_OF_RANGE CURSOR_AHEAD when the log ends before `after`, FAILED_PRECONDITION CURSOR_DIVERGED when
// another event stands there than the one with its commit_id (0: taken on trust). Asks the database and not
// the tail: another replica may have served events that this one's tail has not heard of yet.
absl::Status CheckPlace(db::Connection& connection, const common::v1::FeedPosition& after);

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_PLACE_CHECK_H_
