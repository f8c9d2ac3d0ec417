// What the RPCs on practices do: checked requests, transactions, pages.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/routing/knowledge/once.h"
#include "services/routing/knowledge/practice_store.h"
#include "zhuqi/routing/v1/knowledge_service.pb.h"

namespace zhuqi::routing {

// INVALID_ARGUMENT with all that is wrong; texts are put in their stored form, and the digest is that of the
// request as it was sent.
absl::StatusOr<OnceCommand> CheckWrite(v1::WritePracticeRequest& request);
absl::StatusOr<OnceCommand> CheckAct(v1::ActOnPracticeRequest& request, const Directory& directory);

// Each in one transaction that may run again; a repeated request gets its first answer.
absl::StatusOr<v1::WritePracticeResponse> WriteOnce(db::Transaction& transaction, const OnceCommand& command,
                                                    const v1::WritePracticeRequest& request,
                                                    const KnowledgeCall& call);
absl::StatusOr<v1::ActOnPracticeResponse> ActOnce(db::Transaction& transaction, const OnceCommand& command,
                                                  const v1::ActOnPracticeRequest& request,
                                                  const KnowledgeCall& call);

absl::StatusOr<v1::GetPracticeResponse> GetPractice(db::Connection& connection, const Uuid& practice_id);

struct PracticeList {
  PracticeFilter filter;
  int page_size = 0;
  std::optional<Uuid> before;
  // What page tokens of this list are bound to.
  std::string filter_text;
};
absl::StatusOr<PracticeList> CheckList(const v1::ListPracticesRequest& request, const Directory& directory);
absl::StatusOr<v1::ListPracticesResponse> ListPage(db::Connection& connection, const PracticeList& list);

// NotFound PRACTICE_UNKNOWN.
absl::Status UnknownPractice();

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICES_H_
