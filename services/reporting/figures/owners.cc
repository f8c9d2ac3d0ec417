#include "services/reporting/figures/owners.h"

#include <functional>
#include <utility>

#include "common/rpc/channel.h"

namespace zhuqi::reporting {
namespace {

// `start` begins the call with (context, request, response, callback).
template <typename Response, typename Request, typename Start>
Task<absl::StatusOr<Response>> Ask(const rpc::CallContext& call, const Request& request, Start start) {
  grpc::ClientContext context;
  rpc::PrepareContext(context, call.deadline, call.trace);
  Response response;
  auto finished = AwaitCallback<grpc::Status>([&](AwaitCallback<grpc::Status>::Resume resume) {
    start(&context, &request, &response, std::move(resume));
  });
  const grpc::Status status = co_await finished;
  if (!status.ok()) co_return rpc::FromGrpcStatus(status);
  co_return std::move(response);
}

}  // namespace

Owners::Owners(const std::shared_ptr<grpc::Channel>& intake, const std::shared_ptr<grpc::Channel>& routing)
    : records_(intake::v1::RecordService::NewStub(intake)),
      cases_(routing::v1::CaseService::NewStub(routing)) {}

Task<absl::StatusOr<intake::v1::ListRecordsResponse>> Owners::ListRecords(
    const rpc::CallContext& call, const intake::v1::ListRecordsRequest& request) {
  return Ask<intake::v1::ListRecordsResponse>(
      call, request, [this](grpc::ClientContext* context, const auto* asked, auto* response, auto resume) {
        records_->async()->ListRecords(context, asked, response, std::move(resume));
      });
}

Task<absl::StatusOr<routing::v1::ListCasesResponse>> Owners::ListCases(
    const rpc::CallContext& call, const routing::v1::ListCasesRequest& request) {
  return Ask<routing::v1::ListCasesResponse>(
      call, request, [this](grpc::ClientContext* context, const auto* asked, auto* response, auto resume) {
        cases_->async()->ListCases(context, asked, response, std::move(resume));
      });
}

Task<absl::StatusOr<routing::v1::GetCaseResponse>> Owners::GetCase(
    const rpc::CallContext& call, const routing::v1::GetCaseRequest& request) {
  return Ask<routing::v1::GetCaseResponse>(
      call, request, [this](grpc::ClientContext* context, const auto* asked, auto* response, auto resume) {
        cases_->async()->GetCase(context, asked, response, std::move(resume));
      });
}

}  // namespace zhuqi::reporting
