#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/proto_buffer_writer.h"
#include "tests/bench/closed_loop.h"
#include "zhuqi/reporting/v1/report_service.grpc.pb.h"

namespace zhuqi::bench {
namespace {

using reporting::v1::QueryFiguresRequest;
using reporting::v1::QueryFiguresResponse;
using reporting::v1::ReportService;

QueryFiguresRequest Overview(int year) {
  QueryFiguresRequest request;
  request.set_include_children(true);
  request.add_periods()->set_year(year);
  return request;
}

// Takes the answer as bytes: reading some hundred figures costs the client about as much as making them costs
// the server, and here client and server share the processors.
class FiguresCaller final : public Caller {
 public:
  FiguresCaller(const Target* target, Report* report, const grpc::ByteBuffer* request,
                const std::shared_ptr<grpc::Channel>& channel)
      : Caller(target, report), stub_(channel), request_(request) {}

 private:
  void Start(grpc::ClientContext* context) override {
    stub_.UnaryCall(context, "/zhuqi.reporting.v1.ReportService/QueryFigures", grpc::StubOptions(), request_,
                    &response_, [this](grpc::Status status) { Done(status); });
  }

  absl::Status Check() override {
    return response_.Length() > 0 ? absl::OkStatus() : absl::InternalError("an empty answer");
  }

  grpc::GenericStub stub_;
  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer response_;
};

}  // namespace

void FiguresLoad(const Target& target, int year, Report& report) {
  grpc::ByteBuffer request;
  bool own_buffer = false;
  grpc::SerializationTraits<QueryFiguresRequest>::Serialize(Overview(year), &request, &own_buffer);
  RunCallers(target, [&](const std::shared_ptr<grpc::Channel>& channel) {
    return std::make_unique<FiguresCaller>(&target, &report, &request, channel);
  });
}

absl::Status SaveFigures(const Target& target, int year, const std::string& path) {
  const auto stub = ReportService::NewStub(Connect(target).front());
  grpc::ClientContext context;
  Prepare(context, target);
  QueryFiguresResponse response;
  const grpc::Status status = stub->QueryFigures(&context, Overview(year), &response);
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  if (response.figures().empty()) return absl::FailedPreconditionError("the answer has no figures");
  std::ofstream file(path, std::ios::binary);
  if (!response.SerializeToOstream(&file))
    return absl::UnavailableError(absl::StrCat("can not write ", path));
  return absl::OkStatus();
}

}  // namespace zhuqi::bench
