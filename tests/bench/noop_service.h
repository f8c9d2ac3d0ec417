// Services that read a request, as gRPC does it, and answer at once with what they were given: what any
// service built on this gRPC could at best do with these messages.
#ifndef ZHUQI_TESTS_BENCH_NOOP_SERVICE_H_
#define ZHUQI_TESTS_BENCH_NOOP_SERVICE_H_

#include <string>

#include "grpcpp/support/byte_buffer.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"
#include "zhuqi/reporting/v1/report_service.grpc.pb.h"

namespace zhuqi::bench {

// Says of every record that it was created, in an answer of the size that the real one has.
class NoopRecordService final : public intake::v1::RecordService::CallbackService {
 public:
  NoopRecordService();
  grpc::ServerUnaryReactor* SubmitRecords(grpc::CallbackServerContext* context,
                                          const intake::v1::SubmitRecordsRequest* request,
                                          intake::v1::SubmitRecordsResponse* response) override;
  grpc::ServerBidiReactor<intake::v1::ImportRecordsRequest, intake::v1::ImportRecordsResponse>* ImportRecords(
      grpc::CallbackServerContext* context) override;

 private:
  intake::v1::RecordResult result_;
};

// Answers every query of figures with the same bytes: not even a message is made and serialised.
class NoopReportService final : public reporting::v1::ReportService::WithRawCallbackMethod_QueryFigures<
                                    reporting::v1::ReportService::Service> {
 public:
  explicit NoopReportService(const std::string& answer);
  grpc::ServerUnaryReactor* QueryFigures(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;

 private:
  const grpc::ByteBuffer answer_;
};

}  // namespace zhuqi::bench

#endif  // ZHUQI_TESTS_BENCH_NOOP_SERVICE_H_
