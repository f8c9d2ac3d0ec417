// Mutations whose repeated requests get their first answer, each in a transaction of its own.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_ONCE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_ONCE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "common/feed/first_answers.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"

namespace zhuqi::routing {

// Who asks, and what the rules are given.
struct KnowledgeCall {
  std::string actor;
  absl::Time now;
  std::shared_ptr<const Directory> directory;
};

// The request's name, and the digest of the request as it was sent.
struct OnceCommand {
  Uuid request_id;
  std::string digest;
};

// Before texts are put in their stored form.
template <class Request>
OnceCommand ReadOnceCommand(Request request, rpc::Violations& violations) {
  OnceCommand command;
  if (const auto id = rpc::ReadUuid(request.request_id(), "request_id", violations)) command.request_id = *id;
  request.clear_request_id();
  request.clear_at_least_token();
  command.digest = Sha256(request.SerializeAsString());
  return command;
}

// Does `work` unless the request was answered before; its first answer. The transaction may run again.
template <class Response, class Work>
absl::StatusOr<Response> AnswerOnce(db::Transaction& transaction, const OnceCommand& command,
                                    const char* method, absl::Time now, Work work) {
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {&command.request_id, 1}));
  if (answers.IsNew(command.request_id)) {
    ZHUQI_ASSIGN_OR_RETURN(const Response response, work());
    answers.Remember(command.request_id, method, command.digest, response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return answers.Answer<Response>(command.request_id, command.digest);
}

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_ONCE_H_
