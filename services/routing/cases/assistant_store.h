// How many open cases assistants have.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_ASSISTANT_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CASES_ASSISTANT_STORE_H_

#include "absl/status/status.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "services/routing/cases/assistant_rules.h"
#include "services/routing/cases/case_batch.h"

namespace zhuqi::routing {

// Gives the case an assistant when `change`, which is not taken into `batch` yet, wants one. The loads are
// those that are stored and what the batch adds to them. Until the transaction ends nobody else chooses from
// the same unit, so two replicas never give two cases to one assistant on the same count. `refusal` is
// GiveAssistant's; an error is the transaction's.
absl::Status GiveWantedAssistant(db::Connection& connection, const CaseBatch& batch,
                                 const Directory& directory, CaseChange& change, absl::Status& refusal);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_ASSISTANT_STORE_H_
