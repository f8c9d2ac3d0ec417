#include "services/intake/directory/directory_service.h"

#include <optional>
#include <string>
#include <utility>

#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "common/rpc/uuid_field.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_lists.h"
#include "services/intake/directory/directory_rules.h"
#include "services/intake/directory/reorganization_rules.h"

namespace zhuqi::intake {

using namespace directory::v1;  // NOLINT: the contract of this very service

template <typename Request, typename Response, typename Write, typename WriteIt, typename Preview>
Task<absl::StatusOr<Response>> DirectoryServer::Mutate(rpc::CallContext& call, const Request& request,
                                                       WriteIt write, Preview preview) {
  rpc::Violations violations;
  std::optional<Uuid> request_id;
  if (!request.validate_only() || !request.request_id().empty()) {
    request_id = rpc::ReadUuid(request.request_id(), "request_id", violations);
  }
  if (!violations.empty()) co_return violations.ToStatus();
  if (request.validate_only()) {
    auto run = parts_.sql->Run<Response>(
        call.deadline, [this, &preview](db::Connection& connection) -> absl::StatusOr<Response> {
          ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, *parts_.directory));
          return preview(*parts_.directory->Get());
        });
    absl::StatusOr<Response> previewed = co_await run;
    co_return previewed;
  }
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto transaction = parts_.sql->RunInTransaction<Write>(
      call.deadline, options, [this, &write, &request_id](db::Transaction& begun) {
        return write(begun, parts_.directory->Get(), *request_id);
      });
  absl::StatusOr<Write> written = co_await transaction;
  if (!written.ok()) co_return written.status();
  parts_.directory->Advance(written->directory);
  parts_.tail->NotifyCommitted();
  Response response = std::move(written->response);
  if (parts_.after_apply != nullptr) {
    auto follow_up = parts_.after_apply(written->directory->sequence(), call);
    absl::StatusOr<std::vector<common::v1::FeedPosition>> made = co_await follow_up;
    if (made.ok()) {
      absl::StatusOr<std::string> token =
          feed::MergeTokens(response.consistency_token(), feed::MakeToken(*made));
      if (token.ok()) response.set_consistency_token(*std::move(token));
    }
  }
  co_return response;
}

Task<absl::StatusOr<ApplyDirectoryResponse>> DirectoryServer::Apply(rpc::CallContext& call,
                                                                    const ApplyDirectoryRequest& request) {
  const absl::Time now = parts_.clock->Now();
  auto mutation = Mutate<ApplyDirectoryRequest, ApplyDirectoryResponse, DirectoryWrite>(
      call, request,
      [&request, now](db::Transaction& transaction, std::shared_ptr<const Directory> known,
                      const Uuid& request_id) {
        return WriteDirectory(transaction, std::move(known), request, request_id, now);
      },
      [&request, now](const Directory& directory) -> absl::StatusOr<ApplyDirectoryResponse> {
        DirectoryPlan plan = PlanDirectory(directory, request, CityDay(now));
        ZHUQI_RETURN_IF_ERROR(plan.violations.ToStatus());
        ApplyDirectoryResponse response;
        response.set_unchanged(plan.unchanged);
        for (DirectoryChange& change : plan.changes) *response.add_changes() = std::move(change);
        return response;
      });
  absl::StatusOr<ApplyDirectoryResponse> response = co_await mutation;
  co_return response;
}

Task<absl::StatusOr<ReorganizeOrgUnitsResponse>> DirectoryServer::Reorganize(
    rpc::CallContext& call, const ReorganizeOrgUnitsRequest& request) {
  const absl::Time now = parts_.clock->Now();
  const ReorganizationRecord record{Uuid::NewV7(now).ToString(), call.principal.id, now};
  auto mutation = Mutate<ReorganizeOrgUnitsRequest, ReorganizeOrgUnitsResponse, ReorganizationWrite>(
      call, request,
      [&request, &record](db::Transaction& transaction, std::shared_ptr<const Directory> known,
                          const Uuid& request_id) {
        return WriteReorganization(transaction, std::move(known), request, request_id, record);
      },
      [&request, &record](const Directory& directory) -> absl::StatusOr<ReorganizeOrgUnitsResponse> {
        ZHUQI_ASSIGN_OR_RETURN(DirectoryPlan plan, PlanReorganization(directory, request, record));
        ReorganizeOrgUnitsResponse response;
        for (DirectoryChange& change : plan.changes) *response.add_changes() = std::move(change);
        return response;
      });
  absl::StatusOr<ReorganizeOrgUnitsResponse> response = co_await mutation;
  co_return response;
}

template <typename Request, typename Response>
Task<absl::StatusOr<Response>> DirectoryServer::Ask(rpc::CallContext& call, const Request& request,
                                                    absl::StatusOr<Response> (*answer)(const Directory&,
                                                                                       const Request&)) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  co_return answer(*directory, request);
}

template <typename Request, typename Response>
void DirectoryServer::BindQuestion(absl::StatusOr<Response> (*answer)(const Directory&, const Request&)) {
  BindUnary<Request, Response>([this, answer](rpc::CallContext& call, const Request& request) {
    return Ask<Request, Response>(call, request, answer);
  });
}

DirectoryServer::DirectoryServer(DirectoryServiceParts parts)
    : BoundService(*parts.adaptor), parts_(std::move(parts)) {
  Bind(this, &DirectoryServer::Apply, &DirectoryServer::Reorganize);
  BindQuestion(&intake::GetOrgUnit);
  BindQuestion(&intake::ListOrgUnits);
  BindQuestion(&intake::ListDepartments);
  BindQuestion(&intake::ListTeams);
  BindQuestion(&intake::ListPolicies);
  BindQuestion(&intake::ListCategories);
  BindQuestion(&intake::GetCalendar);
  BindQuestion(&intake::ListForms);
  BindQuestion(&intake::ListReorganizations);
}

}  // namespace zhuqi::intake
