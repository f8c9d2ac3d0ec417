// What the RPCs on preventive work items do.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEMS_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEMS_H_

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "services/routing/knowledge/once.h"
#include "zhuqi/routing/v1/theme_service.pb.h"

namespace zhuqi::routing {

// INVALID_ARGUMENT with all that is wrong; texts are put in their stored form.
absl::StatusOr<OnceCommand> CheckActOnItem(v1::ActOnPreventiveItemRequest& request,
                                           const KnowledgeCall& call);

// In one transaction that may run again; a repeated request gets its first answer.
absl::StatusOr<v1::ActOnPreventiveItemResponse> ActOnItemOnce(db::Transaction& transaction,
                                                              const OnceCommand& command,
                                                              const v1::ActOnPreventiveItemRequest& request,
                                                              const KnowledgeCall& call);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PREVENTIVE_ITEMS_H_
