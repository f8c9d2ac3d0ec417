// The copy of the directory that routing keeps.
#ifndef ZHUQI_SERVICES_ROUTING_FOLLOW_FOLLOWED_DIRECTORY_H_
#define ZHUQI_SERVICES_ROUTING_FOLLOW_FOLLOWED_DIRECTORY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "zhuqi/feed/v1/feed_service.pb.h"

namespace zhuqi::routing {

// Writes the changes of a message of the directory's partition.
absl::Status StoreDirectoryChanges(db::Connection& connection, const feed::v1::FollowResponse& message);

// Brings `holder` up to what is stored, whoever stored it.
absl::Status RefreshDirectory(db::Connection& connection, DirectoryHolder& holder);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FOLLOW_FOLLOWED_DIRECTORY_H_
