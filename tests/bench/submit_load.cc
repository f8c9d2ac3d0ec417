#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/uuid.h"
#include "tests/bench/closed_loop.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::bench {
namespace {

using intake::v1::RecordResult;
using intake::v1::RecordService;

class SubmitCaller final : public Caller {
 public:
  SubmitCaller(const Target* target, Report* report, IssueSource* issues,
               const std::shared_ptr<grpc::Channel>& channel)
      : Caller(target, report), issues_(issues), stub_(RecordService::NewStub(channel)) {
    request_.add_records();
  }

 private:
  void Start(grpc::ClientContext* context) override {
    request_.set_request_id(Uuid::NewV7(absl::Now()).ToString());
    issues_->Fill(request_.mutable_records(0));
    stub_->async()->SubmitRecords(context, &request_, &response_,
                                  [this](grpc::Status status) { Done(status); });
  }

  absl::Status Check() override {
    if (response_.results_size() != 1) return absl::InternalError("not one result");
    if (response_.results(0).disposition() == RecordResult::DISPOSITION_CREATED) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("not created: ", response_.results(0).ShortDebugString()));
  }

  IssueSource* const issues_;
  const std::unique_ptr<RecordService::Stub> stub_;
  intake::v1::SubmitRecordsRequest request_;
  intake::v1::SubmitRecordsResponse response_;
};

}  // namespace

void SubmitLoad(const Target& target, IssueSource& issues, Report& report) {
  RunCallers(target, [&](const std::shared_ptr<grpc::Channel>& channel) {
    return std::make_unique<SubmitCaller>(&target, &report, &issues, channel);
  });
}

}  // namespace zhuqi::bench
