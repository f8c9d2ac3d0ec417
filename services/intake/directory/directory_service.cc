#include "services/intake/directory/directory_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_rules.h"
#include "services/intake/directory/paging.h"

namespace zhuqi::intake {
namespace {

using namespace directory::v1;  // NOLINT: the contract of this very service

constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 1000;

void CheckUnitKnown(const Directory& directory, const std::string& org_unit_id, const char* field,
                    rpc::Violations& violations) {
  if (org_unit_id.empty() || directory.FindUnit(org_unit_id) != nullptr) return;
  violations.Add(field, "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
}

// The entries of `map` after the page before that `matches` takes, one page of them, and the identity at
// which the next page goes on; none on the last page.
template <typename Map, typename Matches, typename Add>
std::optional<std::string> TakePage(const Map& map, const PageQuery& page, Matches matches, Add add) {
  auto entry = page.after.has_value() ? map.upper_bound(page.after->front()) : map.begin();
  int taken = 0;
  std::string last;
  for (; entry != map.end(); ++entry) {
    if (!matches(entry->second)) continue;
    if (taken == page.size) return last;
    add(entry->second);
    last = entry->first;
    ++taken;
  }
  return std::nullopt;
}

}  // namespace

grpc::ServerUnaryReactor* DirectoryServer::ApplyDirectory(grpc::CallbackServerContext* context,
                                                          const ApplyDirectoryRequest* request,
                                                          ApplyDirectoryResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const ApplyDirectoryRequest& applied) { return Apply(call, applied); });
}

grpc::ServerUnaryReactor* DirectoryServer::GetOrgUnit(grpc::CallbackServerContext* context,
                                                      const GetOrgUnitRequest* request,
                                                      GetOrgUnitResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const GetOrgUnitRequest& wanted) { return Get(call, wanted); });
}

grpc::ServerUnaryReactor* DirectoryServer::ListOrgUnits(grpc::CallbackServerContext* context,
                                                        const ListOrgUnitsRequest* request,
                                                        ListOrgUnitsResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const ListOrgUnitsRequest& wanted) { return ListUnits(call, wanted); });
}

grpc::ServerUnaryReactor* DirectoryServer::ListDepartments(grpc::CallbackServerContext* context,
                                                           const ListDepartmentsRequest* request,
                                                           ListDepartmentsResponse* response) {
  return parts_.adaptor->Unary(context, request, response,
                               [this](rpc::CallContext& call, const ListDepartmentsRequest& wanted) {
                                 return ListDepartmentPage(call, wanted);
                               });
}

Task<absl::StatusOr<ApplyDirectoryResponse>> DirectoryServer::Apply(rpc::CallContext& call,
                                                                    const ApplyDirectoryRequest& request) {
  const std::optional<Uuid> request_id = Uuid::Parse(request.request_id());
  if (!request_id.has_value() && !(request.validate_only() && request.request_id().empty())) {
    rpc::Violations violations;
    violations.Add("request_id", "UUID_INVALID", "a UUID of 36 characters is required",
                   "须为 36 个字符的 UUID");
    co_return violations.ToStatus();
  }
  if (request.validate_only()) {
    auto preview = Preview(call, request);
    absl::StatusOr<ApplyDirectoryResponse> previewed = co_await preview;
    co_return previewed;
  }
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto write = parts_.sql->RunInTransaction<DirectoryWrite>(
      call.deadline, options, [this, &request, &request_id](db::Transaction& transaction) {
        return WriteDirectory(transaction, parts_.directory->Get(), request, *request_id,
                              parts_.clock->Now());
      });
  absl::StatusOr<DirectoryWrite> written = co_await write;
  if (!written.ok()) co_return written.status();
  parts_.directory->Advance(written->directory);
  parts_.tail->NotifyCommitted();
  ApplyDirectoryResponse response = std::move(written->response);
  if (parts_.after_apply != nullptr) {
    auto follow_up = parts_.after_apply(written->directory->sequence(), call.deadline);
    absl::StatusOr<std::vector<common::v1::FeedPosition>> made = co_await follow_up;
    if (made.ok()) {
      absl::StatusOr<std::string> token =
          feed::MergeTokens(response.consistency_token(), feed::MakeToken(*made));
      if (token.ok()) response.set_consistency_token(*std::move(token));
    }
  }
  co_return response;
}

Task<absl::StatusOr<ApplyDirectoryResponse>> DirectoryServer::Preview(rpc::CallContext& call,
                                                                      const ApplyDirectoryRequest& request) {
  auto run = parts_.sql->Run<ApplyDirectoryResponse>(
      call.deadline, [this, &request](db::Connection& connection) -> absl::StatusOr<ApplyDirectoryResponse> {
        ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, *parts_.directory));
        const DirectoryPlan plan = PlanDirectory(*parts_.directory->Get(), request);
        ZHUQI_RETURN_IF_ERROR(plan.violations.ToStatus());
        ApplyDirectoryResponse response;
        response.set_unchanged(plan.unchanged);
        for (const DirectoryChange& change : plan.changes) *response.add_changes() = change;
        return response;
      });
  absl::StatusOr<ApplyDirectoryResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<GetOrgUnitResponse>> DirectoryServer::Get(rpc::CallContext& call,
                                                              const GetOrgUnitRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const OrgUnit* unit = nullptr;
  switch (request.by_case()) {
    case GetOrgUnitRequest::kOrgUnitId:
      unit = directory->FindUnit(request.org_unit_id());
      break;
    case GetOrgUnitRequest::kCode:
      unit = directory->FindUnitByCode(request.code().system(), request.code().code());
      break;
    case GetOrgUnitRequest::BY_NOT_SET: {
      rpc::Violations violations;
      violations.Add("by", "REQUIRED", "one of org_unit_id and code is required", "须填写机构标识或代码");
      co_return violations.ToStatus();
    }
  }
  if (unit == nullptr) {
    co_return rpc::Error(absl::StatusCode::kNotFound, "ORG_UNIT_UNKNOWN", "the directory has no such unit",
                         "目录中没有该机构");
  }
  GetOrgUnitResponse response;
  *response.mutable_org_unit() = *unit;
  std::vector<std::string> ancestors = directory->AncestorsOf(unit->org_unit_id());
  std::reverse(ancestors.begin(), ancestors.end());
  for (const std::string& ancestor : ancestors) *response.add_ancestors() = *directory->FindUnit(ancestor);
  co_return response;
}

Task<absl::StatusOr<ListOrgUnitsResponse>> DirectoryServer::ListUnits(rpc::CallContext& call,
                                                                      const ListOrgUnitsRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  rpc::Violations violations;
  CheckUnitKnown(*directory, request.below(), "below", violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 1, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  ListOrgUnitsResponse response;
  const std::optional<std::string> last = TakePage(
      directory->units(), page,
      [&](const OrgUnit& unit) {
        return (request.level() == ORG_UNIT_LEVEL_UNSPECIFIED || unit.level() == request.level()) &&
               (request.below().empty() || directory->IsInOrBelow(unit.org_unit_id(), request.below()));
      },
      [&](const OrgUnit& unit) { *response.add_org_units() = unit; });
  if (last.has_value()) response.set_next_page_token(EncodePageToken(page.filter, {*last}));
  co_return response;
}

Task<absl::StatusOr<ListDepartmentsResponse>> DirectoryServer::ListDepartmentPage(
    rpc::CallContext& call, const ListDepartmentsRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  rpc::Violations violations;
  CheckUnitKnown(*directory, request.org_unit_id(), "org_unit_id", violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 1, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  ListDepartmentsResponse response;
  const std::optional<std::string> last = TakePage(
      directory->departments(), page,
      [&](const Department& department) {
        return (request.org_unit_id().empty() || department.org_unit_id() == request.org_unit_id()) &&
               (request.function().empty() || department.function() == request.function());
      },
      [&](const Department& department) { *response.add_departments() = department; });
  if (last.has_value()) response.set_next_page_token(EncodePageToken(page.filter, {*last}));
  co_return response;
}

}  // namespace zhuqi::intake
