// The copy of the directory that routing keeps.
#ifndef ZHUQI_SERVICES_ROUTING_FOLLOW_FOLLOWED_DIRECTORY_H_
#define ZHUQI_SERVICES_ROUTING_FOLLOW_FOLLOWED_DIRECTORY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "zhuqi/feed/v1/feed_service.pb.h"

namespace zhuqi::routing {

// Writes the changes of a message of the directory's partition.
absl::Status StoreDirectoryChanges(db::Connection& connection, const feed::v1::FollowResponse& message);

// Brings `holder` up to what is stored, whoever stored it.
absl::Status RefreshDirectory(db::Connection& connection, DirectoryHolder& holder);

// The directory as it stands, `holder` brought up to it, and kept from changing until the transaction on
// `connection` ends: so that no case is ever written with a calendar that another replica has replaced.
// Called before cases are read, and before another cursor is moved.
absl::StatusOr<std::shared_ptr<const Directory>> DirectoryInForce(db::Connection& connection,
                                                                  DirectoryHolder& holder);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FOLLOW_FOLLOWED_DIRECTORY_H_
