// All SQL on issues that intake links as having the same cause.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SAME_CAUSE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SAME_CAUSE_STORE_H_

#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "zhuqi/feed/v1/feed_service.pb.h"

namespace zhuqi::routing {

// What `message` of intake's feed says of such links, also of issues that are no cases yet. Both issues of a
// new one are to be looked at for themes.
absl::Status StoreSameCauseLinks(db::Connection& connection, const feed::v1::FollowResponse& message);

// The issues that are linked to `record_id`, from one to the next, at most `limit`; without itself.
absl::StatusOr<std::set<Uuid>> ReadSameCause(db::Connection& connection, const Uuid& record_id, size_t limit);

// Issues that are to be looked at, at most `limit`.
absl::StatusOr<std::vector<Uuid>> ReadSameCauseSeeds(db::Connection& connection, int limit);
absl::Status RemoveSameCauseSeeds(db::Connection& connection, const std::vector<Uuid>& record_ids);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SAME_CAUSE_STORE_H_
