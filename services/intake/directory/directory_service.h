// The RPCs of the directory.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_SERVICE_H_

#include <functional>
#include <vector>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/rpc/call_adaptor.h"
#include "services/intake/directory/directory_store.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"

namespace zhuqi::intake {

// All but `after_apply` are required; all must outlive the service.
struct DirectoryServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  DirectoryHolder* directory = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  // Does what follows from a directory that was committed and stands in the holder (obligations of months
  // already begun), and gives the places of the events that it made. Its failure does not fail the call: the
  // change is committed, and what follows from it is made up for later.
  std::function<Task<absl::StatusOr<std::vector<common::v1::FeedPosition>>>(int64_t directory_sequence,
                                                                            rpc::CallContext& call)>
      after_apply;
};

class DirectoryServer final : public directory::v1::DirectoryService::CallbackService {
 public:
  explicit DirectoryServer(DirectoryServiceParts parts) : parts_(std::move(parts)) {}

  grpc::ServerUnaryReactor* ApplyDirectory(grpc::CallbackServerContext* context,
                                           const directory::v1::ApplyDirectoryRequest* request,
                                           directory::v1::ApplyDirectoryResponse* response) override;
  grpc::ServerUnaryReactor* ReorganizeOrgUnits(grpc::CallbackServerContext* context,
                                               const directory::v1::ReorganizeOrgUnitsRequest* request,
                                               directory::v1::ReorganizeOrgUnitsResponse* response) override;
  grpc::ServerUnaryReactor* ListReorganizations(
      grpc::CallbackServerContext* context, const directory::v1::ListReorganizationsRequest* request,
      directory::v1::ListReorganizationsResponse* response) override;
  grpc::ServerUnaryReactor* GetOrgUnit(grpc::CallbackServerContext* context,
                                       const directory::v1::GetOrgUnitRequest* request,
                                       directory::v1::GetOrgUnitResponse* response) override;
  grpc::ServerUnaryReactor* ListOrgUnits(grpc::CallbackServerContext* context,
                                         const directory::v1::ListOrgUnitsRequest* request,
                                         directory::v1::ListOrgUnitsResponse* response) override;
  grpc::ServerUnaryReactor* ListDepartments(grpc::CallbackServerContext* context,
                                            const directory::v1::ListDepartmentsRequest* request,
                                            directory::v1::ListDepartmentsResponse* response) override;
  grpc::ServerUnaryReactor* ListTeams(grpc::CallbackServerContext* context,
                                      const directory::v1::ListTeamsRequest* request,
                                      directory::v1::ListTeamsResponse* response) override;
  grpc::ServerUnaryReactor* ListPolicies(grpc::CallbackServerContext* context,
                                         const directory::v1::ListPoliciesRequest* request,
                                         directory::v1::ListPoliciesResponse* response) override;
  grpc::ServerUnaryReactor* ListCategories(grpc::CallbackServerContext* context,
                                           const directory::v1::ListCategoriesRequest* request,
                                           directory::v1::ListCategoriesResponse* response) override;
  grpc::ServerUnaryReactor* GetCalendar(grpc::CallbackServerContext* context,
                                        const directory::v1::GetCalendarRequest* request,
                                        directory::v1::GetCalendarResponse* response) override;
  grpc::ServerUnaryReactor* ListForms(grpc::CallbackServerContext* context,
                                      const directory::v1::ListFormsRequest* request,
                                      directory::v1::ListFormsResponse* response) override;

 private:
  // Runs a mutation that `write` makes (as WriteDirectory does), and what follows from it; with validate_only
  // `preview` gives the plan, and nothing is stored.
  template <typename Request, typename Response, typename Write, typename WriteIt, typename Preview>
  Task<absl::StatusOr<Response>> Mutate(rpc::CallContext& call, const Request& request, WriteIt write,
                                        Preview preview);
  Task<absl::StatusOr<directory::v1::ApplyDirectoryResponse>> Apply(
      rpc::CallContext& call, const directory::v1::ApplyDirectoryRequest& request);
  Task<absl::StatusOr<directory::v1::ReorganizeOrgUnitsResponse>> Reorganize(
      rpc::CallContext& call, const directory::v1::ReorganizeOrgUnitsRequest& request);
  // Answers a question out of the directory that has what the request's token stands for.
  template <typename Request, typename Response>
  Task<absl::StatusOr<Response>> Ask(rpc::CallContext& call, const Request& request,
                                     absl::StatusOr<Response> (*answer)(const Directory&, const Request&));
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response,
                                   absl::StatusOr<Response> (*answer)(const Directory&, const Request&));

  const DirectoryServiceParts parts_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_SERVICE_H_
