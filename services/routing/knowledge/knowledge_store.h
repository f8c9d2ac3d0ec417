// All SQL on what is learned from cases.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_KNOWLEDGE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_KNOWLEDGE_STORE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// Cases whose identity is above `after`, in the order of identities, at most `limit`, without their history.
absl::StatusOr<std::vector<v1::Case>> ReadCasesAfter(db::Connection& connection, const Uuid& after,
                                                     int limit);

// What solved each of these cases: the text of its last resolve or explain. Cases without one are absent.
absl::StatusOr<std::map<Uuid, std::string>> ReadSolutions(db::Connection& connection,
                                                          const std::vector<Uuid>& case_ids);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_KNOWLEDGE_STORE_H_
