// The RPCs of the directory.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_SERVICE_H_

#include <functional>
#include <vector>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/rpc/bound_service.h"
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

class DirectoryServer final : public rpc::BoundService<directory::v1::DirectoryService> {
 public:
  explicit DirectoryServer(DirectoryServiceParts parts);

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
  void BindQuestion(absl::StatusOr<Response> (*answer)(const Directory&, const Request&));

  const DirectoryServiceParts parts_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_SERVICE_H_
