#include "services/routing/knowledge/knowledge_service.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/routing/knowledge/similar_cases.h"

namespace zhuqi::routing {

Task<absl::StatusOr<v1::FindSimilarCasesResponse>> KnowledgeServer::FindSimilar(
    rpc::CallContext& call, const v1::FindSimilarCasesRequest& request) {
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  absl::StatusOr<SearchQuery> query = ReadSimilarRequest(request, *directory);
  if (!query.ok()) co_return query.status();
  // One that is being built is not waited for: a large city's takes minutes.
  if (!parts_.index->ready()) co_return IndexIsBeingBuilt();
  auto indexed = parts_.index_positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status is_indexed = co_await indexed;
  if (!is_indexed.ok()) co_return is_indexed;
  auto read = parts_.sql->Run<v1::FindSimilarCasesResponse>(
      call.deadline, [this, &request, &query](db::Connection& connection) {
        return routing::FindSimilar(connection, *parts_.index, request, *query);
      });
  absl::StatusOr<v1::FindSimilarCasesResponse> response = co_await read;
  co_return response;
}

KnowledgeCall KnowledgeServer::CallOf(const rpc::CallContext& call) const {
  return {call.principal.id, parts_.clock->Now(), parts_.directory->Get()};
}

Task<absl::StatusOr<v1::WritePracticeResponse>> KnowledgeServer::Write(
    rpc::CallContext& call, const v1::WritePracticeRequest& request) {
  v1::WritePracticeRequest wanted = request;
  const absl::StatusOr<OnceCommand> command = CheckWrite(wanted);
  if (!command.ok()) co_return command.status();
  const KnowledgeCall practice_call = CallOf(call);
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto run = parts_.sql->RunInTransaction<v1::WritePracticeResponse>(
      call.deadline, options, [&command, &wanted, &practice_call](db::Transaction& transaction) {
        return WriteOnce(transaction, *command, wanted, practice_call);
      });
  absl::StatusOr<v1::WritePracticeResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ActOnPracticeResponse>> KnowledgeServer::Act(
    rpc::CallContext& call, const v1::ActOnPracticeRequest& request) {
  const KnowledgeCall practice_call = CallOf(call);
  v1::ActOnPracticeRequest wanted = request;
  const absl::StatusOr<OnceCommand> command = CheckAct(wanted, *practice_call.directory);
  if (!command.ok()) co_return command.status();
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto run = parts_.sql->RunInTransaction<v1::ActOnPracticeResponse>(
      call.deadline, options, [&command, &wanted, &practice_call](db::Transaction& transaction) {
        return ActOnce(transaction, *command, wanted, practice_call);
      });
  absl::StatusOr<v1::ActOnPracticeResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::GetPracticeResponse>> KnowledgeServer::Get(rpc::CallContext& call,
                                                                   const v1::GetPracticeRequest& request) {
  const std::optional<Uuid> practice_id = Uuid::Parse(request.practice_id());
  if (!practice_id.has_value()) co_return UnknownPractice();
  auto read = parts_.sql->Run<v1::GetPracticeResponse>(
      call.deadline,
      [id = *practice_id](db::Connection& connection) { return routing::GetPractice(connection, id); });
  absl::StatusOr<v1::GetPracticeResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ListPracticesResponse>> KnowledgeServer::List(
    rpc::CallContext& call, const v1::ListPracticesRequest& request) {
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<PracticeList> list = CheckList(request, *directory);
  if (!list.ok()) co_return list.status();
  auto read = parts_.sql->Run<v1::ListPracticesResponse>(
      call.deadline, [&list](db::Connection& connection) { return ListPage(connection, *list); });
  absl::StatusOr<v1::ListPracticesResponse> response = co_await read;
  co_return response;
}

}  // namespace zhuqi::routing
