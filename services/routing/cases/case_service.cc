#include "services/routing/cases/case_service.h"

#include <utility>

#include "common/base/page_token.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/action_check.h"
#include "services/routing/cases/case_list.h"
#include "services/routing/cases/case_transitions.h"

namespace zhuqi::routing {
namespace {

std::optional<Uuid> ReadUuid(const std::string& text, const char* field, rpc::Violations& violations) {
  const std::optional<Uuid> parsed = Uuid::Parse(text);
  if (!parsed.has_value()) {
    violations.Add(field, "UUID_INVALID", "a UUID of 36 characters is required", "须为 36 个字符的 UUID");
  }
  return parsed;
}

void TargetRequired(const char* field, rpc::Violations& violations) {
  violations.Add(field, "CASE_REQUIRED", "name the case", "必须指定工单");
}

IssueKey KeyOf(const common::v1::SourceKey& key) { return {key.source_system(), key.external_id()}; }

// The one case of `found`.
absl::StatusOr<CaseRecord> Only(absl::StatusOr<CaseMap> found) {
  if (!found.ok()) return found.status();
  if (found->empty()) return UnknownCase();
  return std::move(found->begin()->second);
}

absl::StatusOr<CaseRecord> ReadTarget(db::Connection& connection, const v1::GetCaseRequest& request) {
  if (request.has_case_id()) return Only(ReadCases(connection, {*Uuid::Parse(request.case_id())}));
  if (request.has_issue_record_id()) {
    return Only(ReadCasesOfIssues(connection, {*Uuid::Parse(request.issue_record_id())}));
  }
  ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, {KeyOf(request.issue_key())}));
  if (found.empty()) return UnknownCase();
  return Only(ReadCases(connection, {found.begin()->second}));
}

struct CaseAndHistory {
  CaseRecord record;
  std::vector<v1::CaseEvent> history;
};

absl::StatusOr<CaseAndHistory> ReadWhole(db::Connection& connection, const v1::GetCaseRequest& request) {
  CaseAndHistory whole;
  ZHUQI_ASSIGN_OR_RETURN(whole.record, ReadTarget(connection, request));
  ZHUQI_ASSIGN_OR_RETURN(whole.history,
                         ReadHistory(connection, Uuid::Parse(whole.record.body.case_id()).value_or(Uuid())));
  // An action may have been recorded between the two reads: the history shown ends where the case stands.
  std::erase_if(whole.history, [last = whole.record.body.sequence()](const v1::CaseEvent& event) {
    return event.sequence() > last;
  });
  return whole;
}

struct Page {
  std::vector<CaseRecord> cases;
  std::optional<int64_t> total;
};

// As many of `cases` as the page holds; where more follow, with the token of the next one.
v1::ListCasesResponse ShowPage(const CaseList& list, const std::vector<CaseRecord>& cases,
                               const Directory& directory, absl::Time now) {
  v1::ListCasesResponse response;
  size_t bytes = 0;
  for (const CaseRecord& record : cases) {
    v1::Case shown = Present(record, directory, now);
    bytes += shown.ByteSizeLong();
    if (response.cases_size() == list.page_size || (bytes > kMaxPageBytes && response.cases_size() > 0)) {
      response.set_next_page_token(
          NextPageToken(list, cases[static_cast<size_t>(response.cases_size()) - 1]));
      break;
    }
    *response.add_cases() = std::move(shown);
  }
  return response;
}

absl::Status CheckGet(const v1::GetCaseRequest& request) {
  rpc::Violations violations;
  if (request.has_case_id()) ReadUuid(request.case_id(), "case_id", violations);
  if (request.has_issue_record_id()) ReadUuid(request.issue_record_id(), "issue_record_id", violations);
  if (request.by_case() == v1::GetCaseRequest::BY_NOT_SET) TargetRequired("case_id", violations);
  return violations.ToStatus();
}

std::string ContentDigest(v1::ActOnCaseRequest request) {
  request.clear_request_id();
  request.clear_at_least_token();
  return Sha256(request.SerializeAsString());
}

absl::StatusOr<CaseCommand> ReadCommand(v1::ActOnCaseRequest request, const std::string& actor,
                                        const Directory& directory) {
  rpc::Violations violations;
  CaseCommand command;
  command.digest = ContentDigest(request);
  if (const auto id = ReadUuid(request.request_id(), "request_id", violations)) command.request_id = *id;
  if (request.has_case_id()) command.case_id = ReadUuid(request.case_id(), "case_id", violations);
  if (request.has_issue_key()) command.issue_key = KeyOf(request.issue_key());
  if (request.target_case() == v1::ActOnCaseRequest::TARGET_NOT_SET) TargetRequired("case_id", violations);
  CheckAction(request, directory, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  command.etag = request.etag();
  command.action = std::move(*request.mutable_action());
  if (request.has_occurred_at()) command.occurred_at = TimeFrom(request.occurred_at());
  command.actor = actor;
  command.comment = request.comment();
  return command;
}

}  // namespace

grpc::ServerUnaryReactor* CaseServer::GetCase(grpc::CallbackServerContext* context,
                                              const v1::GetCaseRequest* request,
                                              v1::GetCaseResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::GetCaseRequest& wanted) { return Get(call, wanted); });
}

grpc::ServerUnaryReactor* CaseServer::ListCases(grpc::CallbackServerContext* context,
                                                const v1::ListCasesRequest* request,
                                                v1::ListCasesResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::ListCasesRequest& wanted) { return List(call, wanted); });
}

grpc::ServerUnaryReactor* CaseServer::ActOnCase(grpc::CallbackServerContext* context,
                                                const v1::ActOnCaseRequest* request,
                                                v1::ActOnCaseResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::ActOnCaseRequest& wanted) { return Act(call, wanted); });
}

Task<absl::StatusOr<v1::GetCaseResponse>> CaseServer::Get(rpc::CallContext& call,
                                                          const v1::GetCaseRequest& request) {
  ZHUQI_CO_RETURN_IF_ERROR(CheckGet(request));
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  auto read = parts_.sql->Run<CaseAndHistory>(
      call.deadline, [&request](db::Connection& connection) { return ReadWhole(connection, request); });
  absl::StatusOr<CaseAndHistory> whole = co_await read;
  if (!whole.ok()) co_return whole.status();
  v1::GetCaseResponse response;
  *response.mutable_case_() = Present(whole->record, *parts_.directory->Get(), parts_.clock->Now());
  for (v1::CaseEvent& event : whole->history) *response.mutable_case_()->add_history() = std::move(event);
  co_return response;
}

Task<absl::StatusOr<v1::ListCasesResponse>> CaseServer::List(rpc::CallContext& call,
                                                             const v1::ListCasesRequest& request) {
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<CaseList> list = ReadListRequest(request, *directory);
  if (!list.ok()) co_return list.status();
  const bool count = request.include_total();
  auto read = parts_.sql->Run<Page>(
      call.deadline, [&list, count](db::Connection& connection) -> absl::StatusOr<Page> {
        Page page;
        // One more than the page holds says whether another follows.
        ZHUQI_ASSIGN_OR_RETURN(page.cases,
                               SelectCases(connection, list->filter, list->after, list->page_size + 1));
        if (count) {
          ZHUQI_ASSIGN_OR_RETURN(page.total, CountCases(connection, list->filter));
        }
        return page;
      });
  absl::StatusOr<Page> page = co_await read;
  if (!page.ok()) co_return page.status();
  v1::ListCasesResponse response = ShowPage(*list, page->cases, *directory, parts_.clock->Now());
  if (page->total.has_value()) response.set_total(*page->total);
  co_return response;
}

Task<absl::StatusOr<v1::ActOnCaseResponse>> CaseServer::Act(rpc::CallContext& call,
                                                            const v1::ActOnCaseRequest& request) {
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  absl::StatusOr<CaseCommand> command = ReadCommand(request, call.principal.id, *parts_.directory->Get());
  if (!command.ok()) co_return command.status();
  const std::string action = ActionName(command->action.action_case());
  auto write = parts_.writer->Write(*std::move(command), call.deadline);
  absl::StatusOr<v1::ActOnCaseResponse> response = co_await write;
  if (response.ok()) {
    parts_.metrics->Counter("zhuqi_routing_actions_total", "Actions on cases.", {{"action", action}})
        .Increment();
  }
  co_return response;
}

}  // namespace zhuqi::routing
